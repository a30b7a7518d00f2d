"""The checkpoint journal: the embedded second store (design section 4, Publishing).

An append-only file, one JSON string (a checkpoint note) per line, meant to lie on other media than the database. It is written
before a checkpoint leaves the process, so a head that anybody has seen is always here. A line without its newline was torn by a
crash before the record call returned; nobody has seen that checkpoint, and the next record cuts it off.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.adapters.files.durable import fsync_folder, make_folder
from ledger.errors import IntegrityError


class FileCheckpointJournal:
    """``CheckpointJournal`` over one file; a lock on the file makes the compare-and-swap atomic across processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        make_folder(path.parent)

    def last(self) -> str | None:
        """See ``CheckpointJournal.last``."""
        with self._locked() as descriptor:
            return self._scan(descriptor)[0]

    def record(self, previous: str | None, note: str) -> None:
        """See ``CheckpointJournal.record``."""
        with self._locked() as descriptor:
            last, end = self._scan(descriptor)
            if last == note:
                return
            if last != previous:
                raise IntegrityError(
                    "The checkpoint journal holds another last checkpoint than this process; nothing was published.",
                    journal=last,
                    expected=previous,
                    refused=note,
                )
            os.ftruncate(descriptor, end)  # cuts a torn line off, see above
            line = json.dumps(note).encode() + b"\n"
            if os.pwrite(descriptor, line, end) != len(line):
                raise IntegrityError("The checkpoint journal took only part of a line; nothing was published.")
            os.fsync(descriptor)

    def notes(self) -> list[str]:
        """Every recorded note, oldest first: what ``fsck`` compares with the database."""
        with self._locked() as descriptor:
            data = _read_all(descriptor)
        return [json.loads(line) for line in data.split(b"\n")[:-1]]

    @contextmanager
    def _locked(self) -> Iterator[int]:
        created = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if created:
                fsync_folder(self._path.parent)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _scan(self, descriptor: int) -> tuple[str | None, int]:
        """The last whole note and the offset after it; reads the tail only."""
        size = os.fstat(descriptor).st_size
        start = max(0, size - 65_536)
        tail = os.pread(descriptor, size - start, start)
        end = tail.rfind(b"\n") + 1
        if end == 0:
            if start > 0:
                raise IntegrityError("The checkpoint journal ends in something that is not a journal line.")
            return None, 0
        begin = tail.rfind(b"\n", 0, end - 1) + 1
        try:
            note = json.loads(tail[begin:end])
        except ValueError as error:
            raise IntegrityError("The last line of the checkpoint journal is not a checkpoint.") from error
        if not isinstance(note, str):
            raise IntegrityError("The last line of the checkpoint journal is not a checkpoint.")
        return note, start + end


def _read_all(descriptor: int) -> bytes:
    chunks = []
    offset = 0
    while chunk := os.pread(descriptor, 1 << 20, offset):
        chunks.append(chunk)
        offset += len(chunk)
    return b"".join(chunks)
