"""Steps that the clock asks for, each in a transaction of its own: what hinders one of them holds up no other."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine

from anchor.call_rows import ACTOR
from anchor.lease import LeaderLease
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import IntegrityError, LedgerError, UnavailableError
from ledger.services.preparation import Preparer

T = TypeVar("T")

logger = structlog.get_logger(__name__)


class PassingOver:
    """Names of what is passed over until the others are done. Used by one thread of the leader.

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
        self._contracts = contracts
        self._names: set[str] = set()

    @property
    def names(self) -> list[str]:
        """What the next query leaves out, sorted."""
        return sorted(self._names)

    def add(self, name: str) -> None:
        """Leaves it out until the others are done."""
        self._names.add(name)

    def end_cycle(self, before: list[str], done: int, errors: list[Exception]) -> None:
        """After a cycle that did so many, and began with these names: when the others are done, those are tried again.

        Raises:
            Exception: the first of ``errors``.
        """
        if not done and len(self._names) == len(before):
            self._names.clear()
        if errors:
            raise errors[0]

    def read(self, query: Callable[[Connection], T]) -> T:
        """What a query finds, on a connection of its own."""
        with database_errors(), self._engine.connect() as connection:
            return query(connection)

    def attempt(self, name: str, step: Callable[[SqlUnitOfWork], T], errors: list[Exception], **said: str) -> T | None:
        """Runs a use case as the service itself, in a transaction that holds the lease; None when something hinders it.

        That is told with its name, and with ``said``, and added to ``errors``; also what is a defect of ours.

        Raises:
            LeaseLostError, IntegrityError, UnavailableError: what concerns the others as well; nothing else is tried.
        """
        try:
            return self._write(step)
        except (LeaseLostError, IntegrityError):
            raise
        except UnavailableError:
            self.add(name)  # it may be this one that takes too long: the next cycle begins with another
            raise
        except Exception as error:
            if isinstance(error, LedgerError):
                logger.warning("step_hindered", name=name, error=error.code, detail=error.detail, **said)
            else:
                logger.exception("step_hindered", name=name, error=type(error).__name__, **said)
            self.add(name)
            errors.append(error)
            return None

    def _write(self, step: Callable[[SqlUnitOfWork], T]) -> T:
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            return step(SqlUnitOfWork(connection, self._preparer, ACTOR, contracts=self._contracts))
