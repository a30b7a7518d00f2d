"""Event files as numbered lines and batches: NDJSON, plain or gzip, from files or standard input; streaming."""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ledger.client.live_input import LiveBatches, LiveInput
from ledger.errors import InputError

GZIP_MAGIC = b"\x1f\x8b"
GZIP_SUFFIX = ".gz"
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it stands in its file. ``fault`` says why it cannot even be sent; then ``raw`` is empty."""

    file: str
    number: int
    raw: bytes
    fault: tuple[str, str] | None = None


@dataclass(slots=True)
class Batch:
    """Lines that are sent in one request."""

    lines: list[Line] = field(default_factory=list)
    byte_count: int = 0

    def add(self, line: Line) -> None:
        """Appends a line."""
        self.lines.append(line)
        self.byte_count += len(line.raw) + 1


class EventFile:
    """One named source of lines; knows how much of it has been read, in bytes as they lie on disk.

    Args:
        name: a path, or ``-`` for ``standard_input``.
        standard_input: binary stream used for ``-``.
        line_bytes_max: a longer line is not read into memory but reported.

    Raises:
        InputError: the file cannot be opened.
    """

    def __init__(self, name: str, standard_input: BinaryIO, line_bytes_max: int) -> None:
        self.name = "stdin" if name == STANDARD_INPUT else name
        self._line_bytes_max = line_bytes_max
        self._is_standard_input = name == STANDARD_INPUT
        try:
            self._raw = standard_input if self._is_standard_input else Path(name).open("rb")  # noqa: SIM115 - close()
            self._live = _live_input(self._raw)
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}") from error
        is_file = not self._is_standard_input and self._live is None
        self.size = os.fstat(self._raw.fileno()).st_size if is_file else None

    @property
    def is_live(self) -> bool:
        """Whether it is a pipe or a terminal, whose next line may take any time."""
        return self._live is not None

    @property
    def position(self) -> int:
        """Bytes read so far; 0 where nobody knows how many there will be."""
        return 0 if self.size is None else self._raw.tell()

    def close(self) -> None:
        """Ends the reading and closes the file; standard input stays open."""
        if self._live is not None:
            self._live.end()
        if not self._is_standard_input:
            self._raw.close()

    def lines(self) -> Iterator[Line]:
        """The lines that are not blank, numbered from 1.

        Raises:
            InputError: a damaged gzip stream or a read error; the lines before it were given.
        """
        number = 0
        try:
            stream = self._stream()
            while chunk := stream.readline(self._line_bytes_max + 1):
                number += 1
                if len(chunk) > self._line_bytes_max and not chunk.endswith(b"\n"):
                    while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
                        pass
                    detail = f"a line is at most {self._line_bytes_max} bytes"
                    yield Line(self.name, number, b"", ("too_large", detail))
                    continue
                raw = chunk.strip(b" \t\r\n")
                if raw:
                    yield self._checked(number, raw)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputError(f"{self.name} is damaged after line {number}: its gzip data cannot be read") from None
        except OSError as error:
            raise InputError(f"{self.name} cannot be read after line {number}: {error.strerror or error}") from error

    def _stream(self) -> BinaryIO:
        source = self._raw if self._live is None else io.BufferedReader(self._live)
        peek: Callable[[int], bytes] | None = getattr(source, "peek", None)
        head = b"" if peek is None else peek(2)[:2]
        if head and GZIP_MAGIC.startswith(head):  # a slow pipe may show one byte, which no JSON begins with
            return gzip.open(source if self._live is None else _AsItComes(source))  # type: ignore[arg-type,return-value]  # GzipFile reads like any binary file
        if self.name.endswith(GZIP_SUFFIX):
            raise InputError(
                f"{self.name} is no gzip file although it is named {GZIP_SUFFIX}: rename it if it is plain NDJSON"
            )
        return source

    def _checked(self, number: int, raw: bytes) -> Line:
        """One line that is not UTF-8 would make the service refuse its whole batch, so it is caught here."""
        try:
            raw.decode()
        except UnicodeDecodeError:
            return Line(self.name, number, b"", ("malformed_json", "the line is not UTF-8"))
        return Line(self.name, number, raw)


class _AsItComes:
    """A stream whose ``read`` gives what is there; gzip would otherwise wait for a whole block."""

    def __init__(self, source: BinaryIO) -> None:
        self.read = source.read1  # type: ignore[attr-defined]  # a BufferedReader


def _live_input(stream: BinaryIO) -> LiveInput | None:
    """A reader of the same descriptor when it is a pipe, a socket or a terminal; None for files, and for what is no descriptor."""
    try:
        descriptor = stream.fileno()
    except (OSError, AttributeError):
        return None
    return None if stat.S_ISREG(os.fstat(descriptor).st_mode) else LiveInput(descriptor)


def batches(files: Sequence[EventFile], lines_max: int, bytes_max: int) -> Iterator[Batch]:
    """The lines of all files in order, cut into batches of at most ``lines_max`` lines and about ``bytes_max`` bytes.

    With a pipe or a terminal among them no line waits long for its batch to fill, and empty batches come while it is silent.
    """
    if any(file.is_live for file in files):
        yield from LiveBatches(chain.from_iterable(file.lines() for file in files), Batch, lines_max, bytes_max)
        return
    batch = Batch()
    try:
        for file in files:
            for line in file.lines():
                if batch.lines and batch.byte_count + len(line.raw) + 1 > bytes_max:
                    yield batch
                    batch = Batch()
                batch.add(line)
                if len(batch.lines) >= lines_max:
                    yield batch
                    batch = Batch()
    except InputError:
        if batch.lines:  # what could be read before the damage is sent all the same
            yield batch
        raise
    if batch.lines:
        yield batch
