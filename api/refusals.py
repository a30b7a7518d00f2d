"""Refused attempts: every one is counted in the database before it is answered, in groups, so that a flood costs one transaction at a time.

While the database or the log takes nothing, the counts are kept, on disk before the answer, and given again: the refusal stands, and a
process that is killed loses none. What goes beyond ``ATTEMPTS_KEPT`` different ones is lost. A commit whose outcome is unknown is given
again, and so is one after which the process was killed before it took the counts off the disk: an attempt may be counted twice and never
not at all. Network addresses do not go to disk, so what another process gives again names none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import structlog

from api.owed_list import OwedList
from ledger.adapters.files.owed_records import OwedRecords
from ledger.adapters.sql.access_evidence import Attempt
from ledger.errors import LedgerError
from ledger.log.timestamps import format_time, parse_time

ATTEMPTS_KEPT: Final = 10_000
WAIT_S: Final = 5.0
"""Longest that an answer waits for its attempt to be committed: a database that hangs holds no refusal up for longer."""

Record = Callable[[Mapping[Attempt, int], Mapping[Attempt, str | None]], Awaitable[None]]
"""Commits how often each attempt was made, and from which network address the first of them came."""

_logger = structlog.get_logger("api")


class Refusals:
    """What one worker process has not committed yet. Lives on one event loop.

    Args:
        record: commits a group.
        records: where what cannot be committed is kept; None for nowhere.
    """

    NAME: Final = "refusals"

    def __init__(self, record: Record, records: OwedRecords | None = None) -> None:
        self._record = record
        self._kept = OwedList(records, self.NAME, self._owed)
        self._counts: dict[Attempt, int] = {}
        self._under_way: Mapping[Attempt, int] = {}
        self._networks: dict[Attempt, str | None] = {}
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[bool] | None = None

    @property
    def is_any_kept(self) -> bool:
        """Whether attempts wait to be committed."""
        return bool(self._counts)

    async def note(self, attempt: Attempt, network: str | None) -> None:
        """Counts one attempt, from a network address; returns when it is committed, or kept because that cannot be now."""
        if attempt not in self._counts and len(self._counts) >= ATTEMPTS_KEPT:
            _logger.error("refusal_not_counted", route=attempt.route, code=attempt.code, kept=len(self._counts))
            return
        self._add(attempt, 1, network)
        await self.settle()

    async def settle(self) -> None:
        """Commits what is owed, waiting for ``WAIT_S`` at most; whoever calls while a group is under way shares the next one.

        What is not committed then is on disk.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._commit())
        group = self._next
        await asyncio.wait({group}, timeout=WAIT_S)
        if not (group.done() and group.result()):
            await self._kept.save()

    def restore(self, values: Iterable[Any]) -> None:
        """Takes in what processes before this one owed, as it was on disk."""

        def add(value: Mapping[str, Any]) -> None:
            hour = parse_time(value["hour"])
            attempt = Attempt(value["account"], value["method"], value["route"], value["code"], hour)
            self._add(attempt, int(value["times"]), None)

        self._kept.restore(values, add)

    async def _commit(self) -> bool:
        async with self._turn:
            self._next = None  # whoever comes from now on is in the next group
            counts, networks = self._counts, self._networks
            self._counts, self._networks = {}, {}
            self._under_way = counts
            try:
                if counts:
                    await self._record(counts, networks)
            except LedgerError as failure:
                self._take_back(counts, networks)
                _logger.warning("refusals_not_recorded", attempts=sum(counts.values()), reason=failure.code)
                return False
            except Exception:  # a defect of ours must not become the answer to a refusal
                self._take_back(counts, networks)
                _logger.exception("refusals_not_recorded", attempts=sum(counts.values()))
                return False
            self._under_way = {}
            await self._kept.settle()
            return True

    def _owed(self) -> list[dict[str, Any]]:
        times = dict(self._counts)
        for attempt, more in self._under_way.items():
            times[attempt] = times.get(attempt, 0) + more
        return [
            {
                "account": attempt.account,
                "method": attempt.method,
                "route": attempt.route,
                "code": attempt.code,
                "hour": format_time(attempt.hour),
                "times": number,
            }
            for attempt, number in times.items()
        ]

    def _take_back(self, counts: Mapping[Attempt, int], networks: Mapping[Attempt, str | None]) -> None:
        self._under_way = {}
        for attempt, times in counts.items():
            self._add(attempt, times, networks[attempt])

    def _add(self, attempt: Attempt, times: int, network: str | None) -> None:
        self._counts[attempt] = self._counts.get(attempt, 0) + times
        self._networks.setdefault(attempt, network)
