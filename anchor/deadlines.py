"""Deadlines: a duty that was not done in time becomes evidence, once, in the transaction that marks it as breached; so does a term for bids.

What a body offers that may offer nothing any more is suspended here too, version by version (``stopped_offers``); agreements end whose last
day is over, or whose own condition came true (``agreement_endings``); and counts of refused attempts become events when their hour is over.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, Engine

from anchor.lease import LeaderLease
from anchor.passing_over import PassingOver
from ledger.adapters.sql import access_evidence, deadlines, idempotency, outbox
from ledger.adapters.sql.engine import database_errors
from ledger.log.timestamps import format_time
from ledger.services.agreement_endings import end_when_due
from ledger.services.demands import BIDS_CLOSED, BIDS_TERM
from ledger.services.preparation import Preparer
from ledger.services.product_objects import version_id
from ledger.services.stopped_offers import note_offers_stopped, stop_offer_of

logger = structlog.get_logger(__name__)

BREACHED_TYPE = "org.cityledger.deadline.breached.v1"
PASSED_TYPES = frozenset({BREACHED_TYPE, BIDS_CLOSED})
"""Events of deadlines that have passed: a duty that was not done, or a term that is simply over."""

FORGET_EVERY = timedelta(hours=1)
ANSWERS_A_CYCLE = 1_000
"""Most kept answers let go of in one transaction."""

BREACHES_A_CYCLE = 100
"""Most breaches recorded in one transaction."""

BODIES_A_CYCLE = 10
OFFERS_A_CYCLE = 100
"""Most bodies, and most offers of each, that are suspended in one cycle; every offer in a transaction of its own."""


AGREEMENTS_A_CYCLE = 100
"""Most agreements that end in one cycle, each in a transaction of its own."""


class Deadlines:
    """Records breaches, suspends what a stopped body offers, and lets go of what has had its time. Used by one thread of the leader.

    Args:
        engine: of the database.
        preparer: of the log that the events go to.
        lease: without which nothing is written.
        contracts: name -> address of the suite; empty for none.
    """

    def __init__(self, engine: Engine, preparer: Preparer, lease: LeaderLease, contracts: Mapping[str, bytes]) -> None:
        self._engine = engine
        self._preparer = preparer
        self._lease = lease
        self._forgotten_at: datetime | None = None
        self._steps = PassingOver(engine, preparer, lease, contracts)

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
                    BIDS_CLOSED if one.duty == BIDS_TERM else BREACHED_TYPE,
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
            logger.warning("deadline_passed", kind=one.kind, object_id=one.object_id, duty=one.duty)
        return len(overdue)

    def stop_offers(self) -> int:
        """Suspends what bodies offer that may offer nothing any more, a bounded number; returns how many versions.

        CRASH between two offers: the next cycle finds those that are left, because they are still listed.

        Raises:
            Exception: what hindered the first that could not be suspended; the others were, and each is logged by name.
            LeaseLostError, IntegrityError, UnavailableError: at once.
        """
        now, passed_over = self._preparer.clock.now(), self._steps.names

        def find(connection: Connection) -> list[tuple[str, Sequence[tuple[str, int]]]]:
            codes = deadlines.bodies_to_stop(connection, now, BODIES_A_CYCLE, passed_over)
            return [(code, deadlines.offers_of(connection, code, OFFERS_A_CYCLE, passed_over)) for code in codes]

        errors: list[Exception] = []
        done = sum(self._stop_offers_of(provider, offers, errors) for provider, offers in self._steps.read(find))
        self._steps.end_cycle(passed_over, done, errors)
        return done

    def end_agreements(self) -> int:
        """Ends the agreements whose term is over, a bounded number; returns how many.

        CRASH between two: the next cycle finds those that are left, because their terms are not met.

        Raises:
            As ``stop_offers``.
        """
        now, passed_over = self._preparer.clock.now(), self._steps.names
        found = self._steps.read(
            lambda connection: deadlines.agreements_to_end(connection, now, AGREEMENTS_A_CYCLE, passed_over)
        )
        errors: list[Exception] = []
        done = 0
        for agreement_id, duty in found:
            end = partial(end_when_due, agreement_id=agreement_id, duty=duty)
            if self._steps.attempt(agreement_id, end, errors) is not None:
                logger.info("agreement_ended", agreement=agreement_id, term=duty)
                done += 1
        if errors:
            raise errors[0]
        return done

    def _stop_offers_of(self, provider: str, offers: Sequence[tuple[str, int]], errors: list[Exception]) -> int:
        """Of one body; where all that it has left is hindered, its place is another's until the others are done."""
        before = len(errors)
        done = 0
        for code, version in offers:
            stop = partial(stop_offer_of, provider=provider, product_code=code, version=version)
            stopped = self._steps.attempt(version_id(code, version), stop, errors, participant=provider)
            done += stopped is not None
        if done:
            logger.warning("offers_stopped", participant=provider, versions=done)
        elif len(errors) > before:
            if len(offers) < OFFERS_A_CYCLE:  # otherwise it has more, which may not be hindered
                self._steps.add(provider)
        else:
            note = partial(note_offers_stopped, provider=provider)
            if not self._steps.attempt(provider, note, errors, participant=provider):
                self._steps.add(provider)  # what it still has on offer was passed over
        return done

    def count_refusals(self) -> None:
        """Ends the hours that are over of refused attempts: their counts become events, a bounded number at a time.

        CRASH before the commit: the next cycle finds the same counts; after it: the events are there and the counts are not.
        """
        now = self._preparer.clock.now()
        with database_errors(), self._engine.connect() as connection:
            if not access_evidence.is_any_hour_over(connection, now):
                return
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            access_evidence.close_hours(connection, self._preparer)

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
