"""Draining the outbox: events that business transactions wrote in their own commit become entries by the same append."""

from sqlalchemy import Engine

from ledger.adapters.sql import outbox
from ledger.adapters.sql.engine import database_errors
from ledger.services.ports import Promise
from ledger.services.preparation import Preparer

DRAIN_EVENTS_MAX = 1_000
"""Rows sequenced in one transaction; the rest waits for the next round, so that direct events are not held up."""


class OutboxDrain:
    """Sequences pending rows in their order. Safe beside a second one: both queue on the head row."""

    def __init__(self, engine: Engine, preparer: Preparer, promise: Promise) -> None:
        self._engine = engine
        self._preparer = preparer
        self._promise = promise

    def drain(self) -> int:
        """Sequences what is pending, at most :data:`DRAIN_EVENTS_MAX`; returns how many.

        CRASH anywhere: all of the batch is pending still, or all of it is sequenced.

        Raises:
            IntegrityError: a row was altered, or contradicts an event in the log.
            UnavailableError: the database is away.
        """
        with database_errors(), self._engine.connect() as connection:
            if outbox.stale_since(connection) is None:
                return 0  # the drain itself takes the head row, which the append wants
        return outbox.drain(self._engine, self._preparer, self._promise, DRAIN_EVENTS_MAX)
