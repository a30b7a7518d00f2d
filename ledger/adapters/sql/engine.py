"""Connections to PostgreSQL, and the one place where its failures become our errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy.exc import DBAPIError

from ledger.errors import MisuseError, UnavailableError

# Classes of SQLSTATE that say "not now" (connection, resources, operator intervention, system) and not "wrong".
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")


# Not now either: the session slept too long inside a transaction, or somebody holds a lock for too long.
_UNAVAILABLE_STATES = ("25P03", "55P03")


def create_engine(
    database_url: str, *, pool_size: int = 10, idle_in_transaction_s: int = 0, lock_wait_s: int = 0
) -> sqlalchemy.Engine:
    """An engine for a libpq URL (``postgresql://...``), the form that ``connection.json`` holds.

    Connections are checked before use, so a restarted server costs one retry and no error. READ COMMITTED, so that after
    waiting for the head row every statement sees what the previous holder committed. Errors name the statement and never its
    parameters: a log line must not carry an event's content.

    A process that is stopped inside a transaction keeps its locks: with ``idle_in_transaction_s`` the server ends such a session.
    With ``lock_wait_s`` a statement that waits longer for a lock fails. 0 is without bound.
    """
    url = sqlalchemy.make_url(database_url).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_timeout=5,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": "cityledger"},
    )
    bounds = {"idle_in_transaction_session_timeout": idle_in_transaction_s, "lock_timeout": lock_wait_s}
    if any(bounds.values()):

        @sqlalchemy.event.listens_for(engine, "connect")
        def _bound(connection: "psycopg.Connection[Any]", _record: object) -> None:
            for name, seconds in bounds.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds}s"))
            connection.commit()

    return engine


def driver_connection(connection: sqlalchemy.Connection) -> "psycopg.Connection[Any]":
    """The psycopg connection underneath, in the same transaction: for COPY, and for bulk reads in binary."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise MisuseError("bulk statements need psycopg 3 underneath")
    return raw


def is_unavailable(error: BaseException) -> bool:
    """Whether a driver error means that the database is away or out of resources, so that a retry may succeed."""
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return True
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return False
    state = original.sqlstate
    if state is None:
        return isinstance(original, psycopg.OperationalError | psycopg.InterfaceError)
    return state[:2] in _UNAVAILABLE_CLASSES or state in _UNAVAILABLE_STATES


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns "the database is away" into ``UnavailableError``; every other driver error passes unchanged."""
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, psycopg.Error) as error:
        if is_unavailable(error):
            raise UnavailableError("The database does not answer; nothing was recorded. Retry later.") from error
        raise
