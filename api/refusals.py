"""Refused attempts: every one is counted in the database before it is answered, in groups, so that a flood costs one transaction at a time.

While the database or the log takes nothing, the counts are kept here and given again: the refusal stands and its answer does not wait.
Such counts are lost with the process; so is what goes beyond ``ATTEMPTS_KEPT`` different ones. A commit whose outcome is unknown is
given again, so it may be counted twice and never not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from ledger.adapters.sql.access_evidence import Attempt
from ledger.errors import LedgerError

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
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._counts: dict[Attempt, int] = {}
        self._networks: dict[Attempt, str | None] = {}
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    @property
    def is_any_kept(self) -> bool:
        """Whether attempts wait to be committed."""
        return bool(self._counts)

    async def note(self, attempt: Attempt, network: str | None) -> None:
        """Counts one attempt, from a network address; returns when it is committed, or cannot be now."""
        if attempt not in self._counts and len(self._counts) >= ATTEMPTS_KEPT:
            _logger.error("refusal_not_counted", route=attempt.route, code=attempt.code, kept=len(self._counts))
            return
        self._add(attempt, 1, network)
        await self.settle()

    async def settle(self) -> None:
        """Commits what is kept, waiting for ``WAIT_S`` at most; whoever calls while a group is under way shares the next one."""
        if self._next is None:
            self._next = asyncio.create_task(self._commit())
        await asyncio.wait({self._next}, timeout=WAIT_S)

    async def _commit(self) -> None:
        async with self._turn:
            self._next = None  # whoever comes from now on is in the next group
            counts, networks = self._counts, self._networks
            self._counts, self._networks = {}, {}
            try:
                if counts:
                    await self._record(counts, networks)
            except LedgerError as failure:
                self._take_back(counts, networks)
                _logger.warning("refusals_not_recorded", attempts=sum(counts.values()), reason=failure.code)
            except Exception:  # a defect of ours must not become the answer to a refusal
                self._take_back(counts, networks)
                _logger.exception("refusals_not_recorded", attempts=sum(counts.values()))

    def _take_back(self, counts: Mapping[Attempt, int], networks: Mapping[Attempt, str | None]) -> None:
        for attempt, times in counts.items():
            self._add(attempt, times, networks[attempt])

    def _add(self, attempt: Attempt, times: int, network: str | None) -> None:
        self._counts[attempt] = self._counts.get(attempt, 0) + times
        self._networks.setdefault(attempt, network)
