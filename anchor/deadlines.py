"""Deadlines: a duty that was not done in time becomes evidence, once, in the transaction that marks it as breached."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from anchor.lease import LeaderLease
from ledger.adapters.sql import deadlines, idempotency, outbox
from ledger.adapters.sql.engine import database_errors
from ledger.log.timestamps import format_time
from ledger.services.preparation import Preparer

logger = structlog.get_logger(__name__)

BREACHED_TYPE = "org.cityledger.deadline.breached.v1"

FORGET_EVERY = timedelta(hours=1)
ANSWERS_A_CYCLE = 1_000
"""Most kept answers let go of in one transaction."""

BREACHES_A_CYCLE = 100
"""Most breaches recorded in one transaction."""


class Deadlines:
    """Records breaches, and lets go of what has had its time. Used by one thread of the leader."""

    def __init__(self, engine: Engine, preparer: Preparer, lease: LeaderLease) -> None:
        self._engine = engine
        self._preparer = preparer
        self._lease = lease
        self._forgotten_at: datetime | None = None

    def record_breaches(self) -> int:
        """Marks the oldest deadlines that have passed unmet and records an event for each; returns how many.

        CRASH before the commit: the next cycle finds the same ones; after it: marks and events are both there.
        """
        now = self._preparer.clock.now()
        with database_errors(), self._engine.connect() as connection:
            if not deadlines.is_any_overdue(connection, now):
                return 0
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            overdue = deadlines.take_overdue(connection, now, BREACHES_A_CYCLE)
            numbers = [
                outbox.add(
                    connection,
                    self._preparer,
                    BREACHED_TYPE,
                    {
                        "kind": one.kind,
                        "object_id": one.object_id,
                        "duty": one.duty,
                        "due_at": format_time(one.due_at),
                    },
                    subject=one.object_id,
                )
                for one in overdue
            ]
            if overdue:
                deadlines.set_breached(connection, list(zip(overdue, numbers, strict=True)), now)
        for one in overdue:
            logger.warning("deadline_breached", kind=one.kind, object_id=one.object_id, duty=one.duty)
        return len(overdue)

    def forget_answers(self) -> int:
        """Lets go of answers of writes whose time is over, a bounded number and once an hour when that is all; returns how many."""
        now = self._preparer.clock.now()
        if self._forgotten_at is not None and timedelta() <= now - self._forgotten_at < FORGET_EVERY:
            return 0
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            forgotten = idempotency.forget_answers(connection, now - idempotency.KEPT_FOR, ANSWERS_A_CYCLE)
        self._forgotten_at = now if forgotten < ANSWERS_A_CYCLE else None
        return forgotten
