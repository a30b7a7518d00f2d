"""Deadlines: a duty that was not done in time becomes evidence, once, in the transaction that marks it as breached.

One breach has a consequence beside: when a qualification was not renewed, what the body offers is suspended.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from anchor.call_rows import ACTOR
from anchor.lease import LeaderLease
from ledger.adapters.sql import deadlines, idempotency, outbox
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import LedgerError
from ledger.log.timestamps import format_time
from ledger.services.preparation import Preparer
from ledger.services.product_expiry import DUTY, suspend_unqualified

logger = structlog.get_logger(__name__)

BREACHED_TYPE = "org.cityledger.deadline.breached.v1"

FORGET_EVERY = timedelta(hours=1)
ANSWERS_A_CYCLE = 1_000
"""Most kept answers let go of in one transaction."""

BREACHES_A_CYCLE = 100
"""Most breaches recorded in one transaction."""

PROVIDERS_A_CYCLE = 10
"""Most bodies whose offers are suspended in one cycle, each in a transaction of its own."""


class Deadlines:
    """Records breaches, suspends what an expired body offers, and lets go of what has had its time. Used by one thread of the leader.

    Args:
        engine: of the database.
        preparer: of the log that the events go to.
        lease: without which nothing is written.
        contracts: name -> address of the suite; empty for none.
    """

    def __init__(self, engine: Engine, preparer: Preparer, lease: LeaderLease, contracts: Mapping[str, bytes]) -> None:
        self._contracts = contracts
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

    def suspend_unqualified(self) -> int:
        """Suspends what bodies offer whose qualification is over and not renewed, of a bounded number of them; returns of how many.

        CRASH between two bodies: the next cycle finds those that are left, because their versions are still listed.

        Raises:
            LedgerError: what hindered the first that could not be suspended; the others were.
        """
        now = self._preparer.clock.now()
        with database_errors(), self._engine.connect() as connection:
            codes = deadlines.unqualified_providers(connection, now, DUTY, PROVIDERS_A_CYCLE)
        done, hindered = 0, None
        for code in codes:
            try:
                with database_errors(), self._engine.begin() as connection:
                    self._lease.check(connection)
                    uow = SqlUnitOfWork(connection, self._preparer, ACTOR, contracts=self._contracts)
                    stopped = suspend_unqualified(uow, code)
            except LeaseLostError:
                raise
            except LedgerError as error:
                hindered = hindered or error
            else:
                done += bool(stopped)
                logger.warning("unqualified_suspended", participant=code, versions=len(stopped))
        if hindered is not None:
            raise hindered
        return done

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
