"""Orders whose time is over: they lapse, or are closed, by themselves. Used by one thread of the leader, as ``anchor.deadlines``."""

from collections.abc import Callable, Mapping
from functools import partial

import structlog
from sqlalchemy import Connection, Engine

from anchor.call_rows import ACTOR
from anchor.lease import LeaderLease
from ledger.adapters.sql import order_terms
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import IntegrityError, UnavailableError
from ledger.services.order_terms import close_in_time, lapse_in_time, note_orders_closed
from ledger.services.preparation import Preparer

logger = structlog.get_logger(__name__)

ORDERS_A_CYCLE = 100
AGREEMENTS_A_CYCLE = 10
"""Most that are looked at in one cycle; each order in a transaction of its own."""


class OrderTerms:
    """Ends what the clock has ended.

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
        self._hindered: set[str] = set()  # passed over until the others are done

    def end_orders(self) -> int:
        """Lapses and closes a bounded number of orders; returns how many.

        CRASH between two of them: the next cycle finds those that are left, because they are still offered or in force.

        Raises:
            Exception: what hindered the first that could not be ended; the others were, and each is logged by name.
            LeaseLostError, IntegrityError, UnavailableError: at once.
        """
        errors: list[Exception] = []
        before = len(self._hindered)
        done = self._lapse(errors) + self._wind_up(errors)
        if not done and len(self._hindered) == before:
            self._hindered.clear()  # the others are done: those are tried again
        if errors:
            raise errors[0]
        return done

    def _lapse(self, errors: list[Exception]) -> int:
        now = self._preparer.clock.now()
        found = self._found(lambda at: order_terms.orders_to_lapse(at, now, ORDERS_A_CYCLE, sorted(self._hindered)))
        return sum(self._try(name, partial(lapse_in_time, order_id=name), errors) for name in found)

    def _wind_up(self, errors: list[Exception]) -> int:
        now = self._preparer.clock.now()
        agreements = self._found(
            lambda at: order_terms.agreements_to_wind_up(at, now, AGREEMENTS_A_CYCLE, sorted(self._hindered))
        )
        return sum(self._wind_up_one(agreement, errors) for agreement in agreements)

    def _wind_up_one(self, agreement: str, errors: list[Exception]) -> int:
        orders = self._found(
            lambda at: order_terms.orders_in_force(at, agreement, ORDERS_A_CYCLE, sorted(self._hindered))
        )
        before = len(errors)
        done = sum(
            self._try(name, partial(close_in_time, agreement_id=agreement, order_id=name), errors) for name in orders
        )
        if len(errors) > before:
            self._hindered.add(agreement)
            return done
        is_noted = len(orders) == ORDERS_A_CYCLE or self._try(
            agreement, partial(note_orders_closed, agreement_id=agreement), errors
        )
        if not is_noted:
            self._hindered.add(agreement)
        return done

    def _found(self, query: Callable[[Connection], list[str]]) -> list[str]:
        with database_errors(), self._engine.connect() as connection:
            return query(connection)

    def _try(self, name: str, step: Callable[[SqlUnitOfWork], object], errors: list[Exception]) -> int:
        """1 when it was done; whatever hinders one is told with its name and holds up no other, also what is a defect of ours."""
        try:
            with database_errors(), self._engine.begin() as connection:
                self._lease.check(connection)
                uow = SqlUnitOfWork(connection, self._preparer, ACTOR, contracts=self._contracts)
                return int(step(uow) is not None)
        except (LeaseLostError, IntegrityError):
            raise
        except UnavailableError:
            self._hindered.add(name)  # it may be this one that takes too long: the next cycle begins with another
            raise
        except Exception as error:
            logger.exception("order_end_hindered", name=name, error=type(error).__name__)
            self._hindered.add(name)
            errors.append(error)
            return 0
