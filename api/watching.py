"""Waiting for publication: one query serves all who wait, and nobody waiting means no query."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from ledger.errors import UnavailableError
from ledger.services.ports import Watermarks

_logger = structlog.get_logger("api")

POLL_INTERVAL_S: Final = 0.02
"""A tenth of the default publish interval: late enough to be cheap, early enough not to be felt."""


@dataclass(frozen=True, slots=True)
class LogView:
    """How far the log is, and its newest published checkpoint."""

    watermarks: Watermarks
    checkpoint: str | None
    checkpoint_size: int


class PublicationWatcher:
    """Tells requests when their events are published. Lives on one event loop.

    Args:
        read: reads the view from the database; runs on a thread of its own.
    """

    def __init__(self, read: Callable[[], LogView]) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, "watcher")
        self._waiting: list[tuple[int, int, asyncio.Future[LogView]]] = []
        self._numbers = itertools.count()
        self._poller: asyncio.Task[None] | None = None
        self._refresh: asyncio.Task[LogView] | None = None

    async def view(self) -> LogView:
        """The view now; callers at the same time share one query.

        Raises:
            UnavailableError: the database is away.
        """
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._query())
        return await asyncio.shield(self._refresh)

    async def published(self, tree_size: int, within_s: float) -> LogView | None:
        """The first view in which ``tree_size`` leaves are published, or None when the time is over."""
        future: asyncio.Future[LogView] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (tree_size, next(self._numbers), future))
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            return None

    def close(self) -> None:
        """Stops polling."""
        if self._poller is not None:
            self._poller.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _query(self) -> LogView:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read)

    async def _poll(self) -> None:
        while True:
            while self._waiting and self._waiting[0][2].done():
                heapq.heappop(self._waiting)  # gave up
            if not self._waiting:
                return
            try:
                view = await self.view()
            except Exception as error:
                if not isinstance(error, UnavailableError):
                    _logger.exception("watching_failed", error=type(error).__name__)
                await asyncio.sleep(POLL_INTERVAL_S * 10)
                continue
            while self._waiting and self._waiting[0][0] <= view.checkpoint_size:
                future = heapq.heappop(self._waiting)[2]
                if not future.done():
                    future.set_result(view)
            await asyncio.sleep(POLL_INTERVAL_S)
