"""POST /v1/events after the transport: unpack, judge, append, wait, acknowledge.

One request goes through these steps, and what runs where is decided by its size. Small requests are parsed on the event loop
(tens of microseconds) and prepared on the committer's thread; large ones are parsed and prepared on a lane of their own, in
slices, so that the loop keeps answering and the next slice is prepared while the one before is committed.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection

from api import metrics
from api.authentication import Caller
from api.bodies import gunzip
from api.container import Container, OpenLog
from api.group_commit import Appended
from api.negotiation import ContentMode, Preference
from api.watching import LogView
from ledger.adapters.sql import outbox, reading
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.log_store import KeysChangedError
from ledger.errors import (
    EventConflictError,
    EventErasedError,
    LedgerError,
    UnavailableError,
)
from ledger.log.event import Event, event_from_binary, parse_event
from ledger.services.batches import Item, parse_batch, parse_ndjson
from ledger.services.events import judge_events
from ledger.services.ports import AppendOutcome, PreparedEvent, SequencedEvent
from ledger.services.proofs import open_event

INLINE_BYTES_MAX: Final = 32_768
"""Bodies up to this size are parsed on the event loop; a hop to a thread would cost more than the work."""

SLICE_EVENTS: Final = 1_000
"""Events prepared at a time on the bulk lane: about 40 ms of work."""

_AUTHORISE_TRIES: Final = 3
_GAP_READ_OVER: Final = 8

_CONFLICT: Final = (
    "This source and id are in the log with other content; the first stays. Another spelling of a time or of any other string "
    "is other content; only JSON's own freedom (order of members, white space, escapes) is not."
)

T = TypeVar("T")


class Accepted(NamedTuple):
    """An event that is in the log. ``prepared`` is what was stored for it; None for a repeat, whose first form counts."""

    event: Event
    outcome: AppendOutcome
    sequenced: SequencedEvent
    prepared: PreparedEvent | None


Outcome = Accepted | LedgerError


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The items of a request, in its order."""

    items: list[Item]
    size: int


class Ingest:
    """The steps of one worker process, over its container."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._lane = ThreadPoolExecutor(1, "bulk")

    def close(self) -> None:
        """Waits for what is under way on the bulk lane."""
        self._lane.shutdown()

    async def unpack(
        self, mode: ContentMode, encoding: str, headers: Sequence[tuple[str, str]], raw: bytes, bytes_max: int
    ) -> Unpacked:
        """The events in a body, each parsed or refused; ``bytes_max`` limits the body after decompression.

        Raises:
            InputError: the whole cannot be taken apart.
        """
        if encoding == "gzip":
            raw = await self._run(len(raw) <= INLINE_BYTES_MAX // 8, lambda: gunzip(raw, bytes_max))
        items_max = self._container.settings.batch_events_max
        items = await self._run(len(raw) <= INLINE_BYTES_MAX, lambda: _parse(mode, headers, raw, items_max))
        return Unpacked(items, len(raw))

    async def append(self, log: OpenLog, caller: Caller, unpacked: Unpacked) -> list[Outcome]:
        """Judges and appends; on return every accepted event is durable and has its leaf index.

        Raises:
            OverloadedError: too much is outstanding; nothing was written.
            UnauthenticatedError: the key was revoked meanwhile; nothing was written.
            UnavailableError: the database is away; sending the same again is safe.
        """
        settings = self._container.settings
        inline = unpacked.size <= INLINE_BYTES_MAX
        with self._container.committer.admit(len(unpacked.items)):
            judged = await self._run(
                inline,
                lambda: judge_events(
                    unpacked.items,
                    caller.require_key(),
                    origin=log.identity.origin,
                    event_bytes_max=settings.event_bytes_max,
                ),
            )
            events = [item for item in judged if isinstance(item, Event)]
            if not events:
                # No append will check that the key is still valid.
                await self._authorise_again(caller)
                refused: list[Outcome] = [item for item in judged if isinstance(item, LedgerError)]
                _count(refused)
                return refused
            appended = await self._append_events(log, caller, events, inline=inline)
        placed = iter(zip(events, appended.prepared, appended.results, strict=True))
        outcomes: list[Outcome] = []
        conflicts: list[tuple[Event, int]] = []
        for item in judged:
            if isinstance(item, LedgerError):
                outcomes.append(item)
                continue
            event, prepared, result = next(placed)
            if result.outcome is AppendOutcome.ERASED:
                outcomes.append(EventErasedError("This event was erased; it is not taken again."))
            elif result.outcome is AppendOutcome.CONFLICT:
                conflicts.append((event, result.event.leaf_index))
                outcomes.append(EventConflictError(_CONFLICT, leaf_index=result.event.leaf_index))
            else:
                stored = prepared if result.outcome is AppendOutcome.NEW else None
                outcomes.append(Accepted(event, result.outcome, result.event, stored))
        if conflicts:
            # Beside the bulk lane: what one submitter sends twice must not hold up the others' requests.
            await self._container.run(lambda: self._record_conflicts(log, caller, conflicts))
        _count(outcomes)
        return outcomes

    async def wait(self, accepted: Sequence[Accepted], preference: Preference) -> LogView | None:
        """Waits, as long as the server and the client allow, until all are published; then how far the log is.

        None means that nothing is known beyond that they are sequenced.
        """
        if not accepted:
            return None
        watcher = self._container.watcher
        view = None
        if not preference.respond_async:
            within_s = self._container.settings.wait_published_s
            if preference.wait_s is not None:
                within_s = min(within_s, preference.wait_s)
            view = await watcher.published(max(item.sequenced.leaf_index for item in accepted) + 1, within_s)
        elif all(item.outcome is AppendOutcome.NEW for item in accepted):
            return None
        if view is None:
            try:
                view = await watcher.view()
            except UnavailableError:
                return None  # durable and sequenced; that much can be promised without the database
        return view

    async def openings(self, log: OpenLog, accepted: Sequence[Accepted]) -> list[dict[str, Any]]:
        """The opening of each event; of a repeat, the first one's."""
        return await self._run(False, lambda: self._read_openings(log, accepted))

    async def in_lane(self, work: Callable[[], T]) -> T:
        """Runs CPU work of a large request beside the event loop."""
        return await self._run(False, work)

    async def _run(self, inline: bool, work: Callable[[], T]) -> T:  # noqa: FBT001  says where, not what
        if inline:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._lane, work)

    async def _append_events(self, log: OpenLog, caller: Caller, events: Sequence[Event], *, inline: bool) -> Appended:
        if inline:
            prepare = partial(_prepare, log, events, caller.require_key().submitter)
            return await self._submit(caller, len(events), prepare)
        parts = [events[start : start + SLICE_EVENTS] for start in range(0, len(events), SLICE_EVENTS)]
        done = await asyncio.gather(*(self._append_part(log, caller, part) for part in parts), return_exceptions=True)
        whole = Appended([], [])
        for outcome in done:
            if isinstance(outcome, BaseException):
                raise outcome  # nothing is acknowledged; what other slices wrote is found again by a repeat
            whole.prepared.extend(outcome.prepared)
            whole.results.extend(outcome.results)
        return whole

    async def _append_part(self, log: OpenLog, caller: Caller, events: Sequence[Event]) -> Appended:
        prepared = await self.in_lane(partial(_prepare, log, events, caller.require_key().submitter))
        return await self._submit(caller, len(events), lambda: prepared)

    async def _submit(self, caller: Caller, count: int, prepare: Callable[[], list[PreparedEvent]]) -> Appended:
        for _ in range(_AUTHORISE_TRIES):
            try:
                return await self._container.committer.submit(count, prepare, caller.keys_version)
            except KeysChangedError:
                caller = await self._authorise_again(caller)
        raise UnavailableError("API keys are changing too fast; send the request again.")

    async def _authorise_again(self, caller: Caller) -> Caller:
        container = self._container
        return await container.read(lambda connection: container.authenticator.check(connection, caller.credential))

    def _record_conflicts(self, log: OpenLog, caller: Caller, conflicts: Sequence[tuple[Event, int]]) -> None:
        outbox.record_conflicts(self._container.engine, log.preparer, caller.require_key().submitter, conflicts)

    def _read_openings(self, log: OpenLog, accepted: Sequence[Accepted]) -> list[dict[str, Any]]:
        repeats = sorted({item.sequenced.leaf_index for item in accepted if item.prepared is None})
        with database_errors(), self._container.engine.connect() as connection:
            stored = _events_at(connection, repeats)
        openings: list[dict[str, Any]] = []
        for item in accepted:
            first = item.prepared or stored[item.sequenced.leaf_index]
            openings.append(open_event(first, log.preparer.sealer).value())
        return openings


def _prepare(log: OpenLog, events: Sequence[Event], submitter: str) -> list[PreparedEvent]:
    return log.preparer.prepare_all(events, submitter)


def _parse(mode: ContentMode, headers: Sequence[tuple[str, str]], raw: bytes, items_max: int) -> list[Item]:
    if mode is ContentMode.STRUCTURED:
        return [parse_event(raw)]
    if mode is ContentMode.BINARY:
        return [event_from_binary(headers, raw)]
    if mode is ContentMode.NDJSON:
        return parse_ndjson(raw, items_max)
    return parse_batch(raw, items_max)


def _events_at(connection: Connection, indexes: Sequence[int]) -> dict[int, reading.StoredEvent]:
    """The events at sorted leaf indexes, neighbours read together."""
    found: dict[int, reading.StoredEvent] = {}
    start = 0
    while start < len(indexes):
        end = start + 1
        while end < len(indexes) and indexes[end] - indexes[end - 1] <= _GAP_READ_OVER and end - start < SLICE_EVENTS:
            end += 1
        between = reading.events_between(connection, indexes[start], indexes[end - 1] + 1)
        found.update((event.leaf_index, event) for event in between)
        start = end
    return found


def _count(outcomes: Sequence[Outcome]) -> None:
    labels = Counter(item.outcome.value if isinstance(item, Accepted) else item.code for item in outcomes)
    for label, count in labels.items():
        metrics.EVENTS.labels(label).inc(count)
