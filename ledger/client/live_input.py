"""Input that comes as it comes, from a pipe or a terminal: lines wait only a moment for others to travel with.

A thread of its own reads, because a read may block for ever while a part of a batch is waiting. It reads in a way that it can be
ended from outside: a thread that is still inside Python's standard input when the process ends would crash it.
"""

import io
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from ledger.client.lines import Batch, Line

LINGER_S = 1.0
"""Longest time that a line waits for its batch to fill."""

PULSE_S = 0.25
"""After this much silence an empty batch is given, so that whoever sends can look at what is under way."""

READY_MAX = 2
"""Full batches that are read ahead."""


class LiveInput(io.RawIOBase):
    """A descriptor whose reading ``end`` ends, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ended, self._ending = socket.socketpair()
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._poll.register(self._ended, select.POLLIN)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Waits for bytes; 0 at the end of the input, and after ``end``."""
        ready = {descriptor for descriptor, _ in self._poll.poll()}
        if self._ended.fileno() in ready:
            return 0
        view = memoryview(buffer).cast("B")
        found = os.read(self._descriptor, len(view))
        view[: len(found)] = found
        return len(found)

    def end(self) -> None:
        """Makes the reader see the end of the input."""
        with suppress(OSError):  # closed: the reader has seen the end already
            self._ending.send(b"\0")

    def close(self) -> None:
        """Leaves the descriptor open, which is somebody else's."""
        self._ended.close()
        self._ending.close()
        super().close()


class LiveBatches:
    """Batches of lines that a thread reads: full ones at once, part-filled ones when their first line has waited long enough.

    Args:
        lines: what is read; may block, and may raise.
        new_batch: an empty batch.
        lines_max: most lines of a batch.
        bytes_max: about the most bytes of a batch.
        linger_s: longest time that a line waits for others.
    """

    def __init__(
        self,
        lines: "Iterable[Line]",
        new_batch: "Callable[[], Batch]",
        lines_max: int,
        bytes_max: int,
        linger_s: float = LINGER_S,
    ) -> None:
        self._lines, self._new_batch = lines, new_batch
        self._lines_max, self._bytes_max, self._linger_s = lines_max, bytes_max, linger_s
        self._changed = Condition()
        self._ready: deque[Batch] = deque()
        self._batch, self._since = new_batch(), 0.0
        self._is_at_end, self._failure = False, list[Exception]()

    def __iter__(self) -> "Iterator[Batch]":
        """The batches, empty ones while nothing comes, and then what the lines raised, if anything."""
        Thread(target=self._read, name="live input", daemon=True).start()
        while (batch := self._next()) is not None:
            yield batch
        for failure in self._failure:
            raise failure

    def _read(self) -> None:
        try:
            for line in self._lines:
                self._add(line)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the thread that asked for the lines
            self._failure.append(error)
        with self._changed:
            self._is_at_end = True
            self._changed.notify_all()

    def _add(self, line: "Line") -> None:
        with self._changed:
            if self._batch.lines and self._batch.byte_count + len(line.raw) + 1 > self._bytes_max:
                self._finish_batch()
            if not self._batch.lines:
                self._since = time.monotonic()
            self._batch.add(line)
            if len(self._batch.lines) >= self._lines_max:
                self._finish_batch()
            self._changed.notify_all()
            while len(self._ready) >= READY_MAX:
                self._changed.wait()

    def _finish_batch(self) -> None:
        self._ready.append(self._batch)
        self._batch = self._new_batch()

    def _next(self) -> "Batch | None":
        with self._changed:
            while not self._ready:
                wait_s = self._since + self._linger_s - time.monotonic() if self._batch.lines else None
                if self._batch.lines and (self._is_at_end or (wait_s is not None and wait_s <= 0)):
                    self._finish_batch()
                elif self._is_at_end:
                    return None
                elif not self._changed.wait(PULSE_S if wait_s is None else wait_s) and wait_s is None:
                    return self._new_batch()
            self._changed.notify_all()
            return self._ready.popleft()
