"""The checkpoint journal: the embedded second store (design section 4, Publishing).

An append-only file, one JSON string (a checkpoint note) per line, meant to lie on other media than the database. It is written
before a checkpoint leaves the process, so a head that anybody has seen is always here. A line without its newline was torn by a
crash before the record call returned; nobody has seen that checkpoint, and the next record cuts it off.

A line that can be read need not be durable: the fsync after it may have failed, or its writer may have died before it. So whoever
is told of a last line gets it fsynced first.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.adapters.files.durable import fsync_folder, make_folder
from ledger.errors import IntegrityError, UnavailableError

LOCK_WAIT_S = 10.0
_LOCK_POLL_S = 0.005


class FileCheckpointJournal:
    """``CheckpointJournal`` over one file; a lock on the file makes the compare-and-swap atomic across processes.

    The first record makes file and folder. Reading makes neither: a start that is refused and ``fsck`` leave no empty journal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def last(self) -> str | None:
        """See ``CheckpointJournal.last``."""
        if not self._path.exists():
            return None
        with self._locked() as descriptor:
            last = _scan(descriptor)[0]
            if last is not None:
                _sync(descriptor)  # the caller is about to act on it, see above
            return last

    def record(self, previous: str | None, note: str, confirm: Callable[[], None] | None = None) -> None:
        """See ``CheckpointJournal.record``."""
        make_folder(self._path.parent)
        with self._locked() as descriptor:
            last, end = _scan(descriptor)
            if last == note:
                _sync(descriptor)  # the call that wrote it may have failed here
                return
            if last != previous:
                raise IntegrityError(
                    "The checkpoint journal holds another last checkpoint than this process; nothing was published.",
                    journal=last,
                    expected=previous,
                    refused=note,
                )
            if confirm is not None:
                confirm()
            _append(descriptor, json.dumps(note).encode() + b"\n", end)
            _sync(descriptor)

    def notes(self) -> list[str]:
        """Every recorded note, oldest first: what ``fsck`` compares with the database.

        Raises:
            IntegrityError: a line is no note.
            OSError: the file cannot be read.
        """
        if not self._path.exists():
            return []
        with self._locked() as descriptor:
            data = _read_all(descriptor)
        return [_note(line) for line in data.split(b"\n")[:-1]]

    @contextmanager
    def _locked(self) -> Iterator[int]:
        created = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if created:
                fsync_folder(self._path.parent)
            _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)


def read_last_note(path: Path) -> str | None:
    """The last whole note, for readers who act on nothing: takes no lock, and neither creates nor syncs anything.

    None when there is no journal here. A line that is being written meanwhile has no newline yet and is not seen.

    Raises:
        IntegrityError: the last line is no note.
        OSError: the file cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        return _scan(descriptor)[0]
    finally:
        os.close(descriptor)


def _scan(descriptor: int) -> tuple[str | None, int]:
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
    return _note(tail[begin:end]), start + end


def _note(line: bytes) -> str:
    """What one line records. Nothing but a string is parsed: lists in lists without end would overrun the parser's stack."""
    try:
        note = json.loads(line) if line.startswith(b'"') else None
    except ValueError:
        note = None
    if not isinstance(note, str):
        raise IntegrityError("A line of the checkpoint journal is not a checkpoint.")
    return note


def _lock(descriptor: int) -> None:
    """A holder works for milliseconds, unless it is frozen: then whoever waits says so and does not freeze with it."""
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"The checkpoint journal was held by another process for {LOCK_WAIT_S:.0f} s; nothing was published. If a"
                    " process is stopped, let it go on or kill it."
                ) from error
            time.sleep(_LOCK_POLL_S)
        else:
            return


def _append(descriptor: int, line: bytes, end: int) -> None:
    """Puts the line at offset ``end``; raises ``UnavailableError`` when the disk does not take it: a torn line is no line."""
    try:
        os.ftruncate(descriptor, end)  # cuts a torn line off
        written = 0
        while written < len(line):
            taken = os.pwrite(descriptor, line[written:], end + written)
            if taken == 0:
                raise UnavailableError("The checkpoint journal takes no bytes; nothing was published. Retry later.")
            written += taken
    except OSError as error:
        raise UnavailableError(
            "The checkpoint journal cannot be written; nothing was published. Retry later."
        ) from error


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise UnavailableError("The checkpoint journal cannot be made durable; nothing was published.") from error


def _read_all(descriptor: int) -> bytes:
    chunks = []
    offset = 0
    while chunk := os.pread(descriptor, 1 << 20, offset):
        chunks.append(chunk)
        offset += len(chunk)
    return b"".join(chunks)
