"""Leaving out rounds over a chain on which nothing happens: two small questions instead of some thirty.

A round over the chain asks about jobs, heads, blocks and the suite's events, twice a second. What it finds follows from the newest block
and from how far the log's heads have come; when both are as they were before a round that left nothing to do, another finds the same.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine

from anchor.ports import AnchorChain
from ledger.adapters.sql import reading
from ledger.adapters.sql.engine import database_errors
from ledger.services.ports import Watermarks

WHOLE_ROUND_S: Final = 5.0
"""A whole round is made this often all the same: for what neither of the two shows, such as rows that somebody altered."""


@dataclass(frozen=True, slots=True)
class _Seen:
    number: int
    block_hash: bytes | None
    marks: Watermarks


class IdleChain:
    """Says which rounds may be left out. Used by one thread of the leader.

    Args:
        engine: of the database.
        chain: that the heads are anchored on.
        monotonic: seconds that never go back.
    """

    def __init__(self, engine: Engine, chain: AnchorChain, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._chain = chain
        self._monotonic = monotonic
        self._seen: _Seen | None = None  # before the round that comes, or came last
        self._idle_until: float | None = None

    def may_leave_out(self) -> bool:
        """Whether a round now would find what the last one found, which left nothing to do; after False make the round.

        Raises:
            ChainUnavailableError, UnavailableError: repeat later.
        """
        idle_until, self._idle_until = self._idle_until, None
        number = self._chain.block_number()
        seen = _Seen(number, self._chain.block_hash_at(number), self._marks())
        is_same, self._seen = seen == self._seen, seen
        if idle_until is None or not is_same or self._monotonic() >= idle_until:
            return False
        self._idle_until = idle_until
        return True

    def round_made(self, *, left_work: bool) -> None:
        """Call it after a round that raised nothing; ``left_work``: whether it said that there is more to do."""
        marks = self._seen.marks if self._seen else None
        is_done = marks is not None and marks.published == marks.anchored == marks.final
        self._idle_until = self._monotonic() + WHOLE_ROUND_S if is_done and not left_work else None

    def _marks(self) -> Watermarks:
        with database_errors(), self._engine.connect() as connection:
            return reading.watermarks(connection)
