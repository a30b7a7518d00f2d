"""Group commit: many requests, one SQL transaction.

Handlers submit small groups of events and wait; one thread takes what has come together meanwhile, up to a limit, and
appends it. While that transaction waits for the disk the next group gathers, so the rate grows with the load and a lone
request does not wait for others. Nothing is acknowledged before the transaction is committed; if it fails, every waiter of
the group gets the same error, and repeating is safe because the append checks identities again.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from ledger.adapters.sql.log_store import KeysChangedError
from ledger.errors import OverloadedError
from ledger.services.ports import AppendResult, PreparedEvent, Promise


class AppendFunction(Protocol):
    """``SqlLogStore.append``."""

    def __call__(
        self, batch: Sequence[PreparedEvent], promise: Promise, *, expect_keys_version: int | None = None
    ) -> list[AppendResult]:
        """Appends a batch; raises ``KeysChangedError`` when the version of the API keys is another."""
        ...


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of one submitted group; both lists in its order."""

    prepared: list[PreparedEvent]
    results: list[AppendResult]


@dataclass(slots=True)
class _Ticket:
    count: int
    prepare: Callable[[], list[PreparedEvent]]
    keys_version: int
    future: "asyncio.Future[Appended]"


class GroupCommitter:
    """The one committer of a worker process.

    Args:
        append: the durable append.
        promise: the promise given with every acknowledgement.
        events_max: most events in one transaction.
        outstanding_max: most events accepted and not yet sequenced; above it ``OverloadedError``.
    """

    def __init__(self, append: AppendFunction, promise: Promise, *, events_max: int, outstanding_max: int) -> None:
        self._append = append
        self._promise = promise
        self._events_max = events_max
        self._outstanding_max = outstanding_max
        self._outstanding = 0
        self._queue: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    @property
    def outstanding(self) -> int:
        """Events admitted and not yet answered."""
        return self._outstanding

    def start(self) -> None:
        """Starts the thread; call it on the event loop that will submit."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def close(self) -> None:
        """Commits what is queued and stops the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    @contextmanager
    def admit(self, count: int) -> Iterator[None]:
        """Counts ``count`` events as outstanding while the block runs; used on the event loop only.

        Raises:
            OverloadedError: too many are outstanding. A lone request is always admitted.
        """
        if self._outstanding and self._outstanding + count > self._outstanding_max:
            raise OverloadedError(
                "Too many events wait to be sequenced; nothing of this request was written. Send it again later.",
                limit=self._outstanding_max,
            )
        self._outstanding += count
        try:
            yield
        finally:
            self._outstanding -= count

    async def submit(self, count: int, prepare: Callable[[], list[PreparedEvent]], keys_version: int) -> Appended:
        """Appends one group and returns when it is durable.

        Args:
            count: how many events ``prepare`` gives.
            prepare: gives the prepared events; runs on the committer's thread.
            keys_version: version of the API keys that the caller was authorised by.

        Raises:
            KeysChangedError: authorise again and repeat.
            UnavailableError: the database is away; whether the group was written is unknown, repeating it is safe.
        """
        assert self._loop is not None
        future: asyncio.Future[Appended] = self._loop.create_future()
        self._queue.put(_Ticket(count, prepare, keys_version, future))
        return await future

    def _run(self) -> None:
        held: _Ticket | None = None
        while True:
            ticket = held or self._queue.get()
            held = None
            if ticket is None:
                return
            group = [ticket]
            count = ticket.count
            while count < self._events_max:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None or count + following.count > self._events_max:
                    held = following
                    if following is None:
                        self._queue.put(None)
                    break
                group.append(following)
                count += following.count
            self._resolve(self._commit(group))

    def _commit(self, group: Sequence[_Ticket]) -> list[tuple["asyncio.Future[Appended]", Appended | Exception]]:
        outcomes: list[tuple[asyncio.Future[Appended], Appended | Exception]] = []
        newest = max(ticket.keys_version for ticket in group)
        ready: list[tuple[_Ticket, list[PreparedEvent]]] = []
        for ticket in group:
            if ticket.keys_version != newest:
                outcomes.append((ticket.future, KeysChangedError()))
                continue
            try:
                ready.append((ticket, ticket.prepare()))
            except Exception as error:  # noqa: BLE001  whatever it is belongs to this waiter and must not stop the thread
                outcomes.append((ticket.future, error))
        if not ready:
            return outcomes
        events = [event for _, prepared in ready for event in prepared]
        try:
            results = self._append(events, self._promise, expect_keys_version=newest)
        except Exception as error:  # noqa: BLE001  every waiter gets it; the thread goes on with the next group
            outcomes.extend((ticket.future, error) for ticket, _ in ready)
            return outcomes
        start = 0
        for ticket, prepared in ready:
            end = start + len(prepared)
            outcomes.append((ticket.future, Appended(prepared, results[start:end])))
            start = end
        return outcomes

    def _resolve(self, outcomes: list[tuple["asyncio.Future[Appended]", Appended | Exception]]) -> None:
        assert self._loop is not None
        # One wake-up of the loop for the whole group.
        self._loop.call_soon_threadsafe(_set_outcomes, outcomes)


def _set_outcomes(outcomes: list[tuple["asyncio.Future[Appended]", Appended | Exception]]) -> None:
    for future, outcome in outcomes:
        if future.done():  # its request was cancelled; the events are durable all the same
            continue
        if isinstance(outcome, Appended):
            future.set_result(outcome)
        else:
            future.set_exception(outcome)
