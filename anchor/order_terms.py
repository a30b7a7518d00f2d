"""Orders whose time is over: they lapse, or are closed, by themselves. Used by one thread of the leader, as ``anchor.deadlines``."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import Engine

from anchor.lease import LeaderLease
from anchor.passing_over import PassingOver
from ledger.adapters.sql import order_terms
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.services.order_terms import close_in_time, lapse_in_time, note_orders_closed
from ledger.services.preparation import Preparer

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
        self._clock = preparer.clock
        self._steps = PassingOver(engine, preparer, lease, contracts)

    def end_orders(self) -> int:
        """Lapses and closes a bounded number of orders; returns how many.

        CRASH between two of them: the next cycle finds those that are left, because they are still offered or in force.

        Raises:
            Exception: what hindered the first that could not be ended; the others were, and each is logged by name.
            LeaseLostError, IntegrityError, UnavailableError: at once.
        """
        errors: list[Exception] = []
        before = self._steps.names
        done = self._lapse(errors) + self._wind_up(errors)
        self._steps.end_cycle(before, done, errors)
        return done

    def _lapse(self, errors: list[Exception]) -> int:
        now, passed_over = self._clock.now(), self._steps.names
        found = self._steps.read(lambda at: order_terms.orders_to_lapse(at, now, ORDERS_A_CYCLE, passed_over))
        return sum(self._try(name, partial(lapse_in_time, order_id=name), errors) for name in found)

    def _wind_up(self, errors: list[Exception]) -> int:
        now, passed_over = self._clock.now(), self._steps.names
        found = self._steps.read(lambda at: order_terms.agreements_to_wind_up(at, now, AGREEMENTS_A_CYCLE, passed_over))
        return sum(self._wind_up_one(agreement, errors) for agreement in found)

    def _wind_up_one(self, agreement: str, errors: list[Exception]) -> int:
        passed_over = self._steps.names
        orders = self._steps.read(lambda at: order_terms.orders_in_force(at, agreement, ORDERS_A_CYCLE, passed_over))
        before = len(errors)
        done = sum(
            self._try(name, partial(close_in_time, agreement_id=agreement, order_id=name), errors) for name in orders
        )
        if len(errors) > before:
            self._steps.add(agreement)
            return done
        is_noted = len(orders) == ORDERS_A_CYCLE or self._try(
            agreement, partial(note_orders_closed, agreement_id=agreement), errors
        )
        if not is_noted:
            self._steps.add(agreement)
        return done

    def _try(self, name: str, step: Callable[[SqlUnitOfWork], object], errors: list[Exception]) -> int:
        """1 when it was done."""
        return int(self._steps.attempt(name, step, errors) is not None)
