"""A bound on the interpreter's time for work that anybody may ask for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self


class CpuShare:
    """Lets one thread work at a time, and after it nobody for as long as it computed.

    So all that is done under one share takes at most half of the interpreter's time, however much is asked for; the event loop
    and the committer have the rest. Enter it around work, and give it up around waiting (for a network, say).
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._began = 0.0  # the thread's own CPU time
        self._rests_until = 0.0

    def __enter__(self) -> Self:
        self._turn.acquire()
        time.sleep(max(0.0, self._rests_until - time.monotonic()))
        self._began = time.thread_time()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Lets others work while the block waits."""
        self._leave()
        try:
            yield
        finally:
            self.__enter__()

    def _leave(self) -> None:
        self._rests_until = time.monotonic() + (time.thread_time() - self._began)
        self._turn.release()
