"""Deadlines: a duty that was not done in time becomes evidence, once, in the transaction that marks it as breached; so does a term for bids.

What a body offers that may offer nothing any more is suspended here too, version by version (``stopped_offers``); agreements end whose last
day is over, or whose own condition came true (``agreement_endings``); and counts of refused attempts become events when their hour is over.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from anchor.call_rows import ACTOR
from anchor.lease import LeaderLease
from ledger.adapters.sql import access_evidence, deadlines, idempotency, outbox
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import IntegrityError, LedgerError, UnavailableError
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
        self._contracts = contracts
        self._engine = engine
        self._preparer = preparer
        self._lease = lease
        self._forgotten_at: datetime | None = None
        self._hindered: set[str] = set()  # offers and bodies that are passed over until the others are done

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
        now, passed_over = self._preparer.clock.now(), sorted(self._hindered)
        with database_errors(), self._engine.connect() as connection:
            codes = deadlines.bodies_to_stop(connection, now, BODIES_A_CYCLE, passed_over)
            found = [(code, deadlines.offers_of(connection, code, OFFERS_A_CYCLE, passed_over)) for code in codes]
        errors: list[Exception] = []
        done = sum(self._stop_offers_of(provider, offers, errors) for provider, offers in found)
        if not done and len(self._hindered) == len(passed_over):
            self._hindered.clear()  # the others are done: those are tried again
        if errors:
            raise errors[0]
        return done

    def end_agreements(self) -> int:
        """Ends the agreements whose term is over, a bounded number; returns how many.

        CRASH between two: the next cycle finds those that are left, because their terms are not met.

        Raises:
            As ``stop_offers``.
        """
        now, passed_over = self._preparer.clock.now(), sorted(self._hindered)
        with database_errors(), self._engine.connect() as connection:
            found = deadlines.agreements_to_end(connection, now, AGREEMENTS_A_CYCLE, passed_over)
        errors: list[Exception] = []
        done = 0
        for agreement_id, duty in found:
            with self._passing_over(agreement_id, "", errors):
                done += self._end_agreement(agreement_id, duty)
        if errors:
            raise errors[0]
        return done

    def _end_agreement(self, agreement_id: str, duty: str) -> bool:
        with database_errors(), self._engine.begin() as connection:
            is_ended = end_when_due(self._begin(connection), agreement_id, duty) is not None
        if is_ended:
            logger.info("agreement_ended", agreement=agreement_id, term=duty)
        return is_ended

    def _stop_offers_of(self, provider: str, offers: Sequence[tuple[str, int]], errors: list[Exception]) -> int:
        """Of one body; where all that it has left is hindered, its place is another's until the others are done."""
        before = len(errors)
        done = 0
        for offer in offers:
            with self._passing_over(version_id(*offer), provider, errors):
                done += self._stop_offer(provider, *offer)
        if done:
            logger.warning("offers_stopped", participant=provider, versions=done)
        elif len(errors) > before:
            if len(offers) < OFFERS_A_CYCLE:  # otherwise it has more, which may not be hindered
                self._hindered.add(provider)
        else:
            with self._passing_over(provider, provider, errors):
                self._note_stopped(provider)
        return done

    @contextmanager
    def _passing_over(self, name: str, provider: str, errors: list[Exception]) -> Iterator[None]:
        """Whatever hinders one offer, or one body, is told with its name and holds up no other; also what is a defect of ours.

        Raises:
            LeaseLostError, IntegrityError, UnavailableError: what concerns the others as well; nothing else is tried.
        """
        try:
            yield
        except (LeaseLostError, IntegrityError):
            raise
        except UnavailableError:
            self._hindered.add(name)  # it may be this one that takes too long: the next cycle begins with another
            raise
        except LedgerError as error:
            logger.warning("stop_hindered", participant=provider, name=name, error=error.code, detail=error.detail)
            self._hindered.add(name)
            errors.append(error)
        except Exception as error:
            logger.exception("stop_hindered", participant=provider, name=name, error=type(error).__name__)
            self._hindered.add(name)
            errors.append(error)

    def _stop_offer(self, provider: str, code: str, version: int) -> bool:
        with database_errors(), self._engine.begin() as connection:
            return stop_offer_of(self._begin(connection), provider, code, version) is not None

    def _note_stopped(self, provider: str) -> None:
        with database_errors(), self._engine.begin() as connection:
            is_stopped = note_offers_stopped(self._begin(connection), provider)
        if not is_stopped:  # what it still has on offer was passed over
            self._hindered.add(provider)

    def _begin(self, connection: Connection) -> SqlUnitOfWork:
        self._lease.check(connection)
        return SqlUnitOfWork(connection, self._preparer, ACTOR, contracts=self._contracts)

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
