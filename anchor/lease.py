"""The leader lease: at most one anchor service works on a log; a second one waits as a standby."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from ledger.adapters.sql import leases
from ledger.adapters.sql.engine import database_errors
from ledger.errors import IntegrityError

LEASE_NAME = "anchor"


def holder_name() -> str:
    """Who asks for the lease, for a person who reads the row."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def _release_of_the_dead(connection: Connection) -> None:
    query = text("SELECT holder, token FROM leases WHERE name = :name AND expires_at > clock_timestamp()")
    row = connection.execute(query, {"name": LEASE_NAME}).one_or_none()
    if row is None:
        return
    host, _, rest = str(row[0]).partition(":")
    pid = rest.partition(":")[0]
    if host == socket.gethostname() and pid.isdigit() and not _is_alive(int(pid)):
        leases.release_lease(connection, LEASE_NAME, row[1])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class LeaderLease:
    """A lease that was taken. Its token fences every write: a leader that was overtaken while it slept writes nothing."""

    def __init__(self, engine: Engine, token: int, ttl_s: float) -> None:
        self._engine = engine
        self._token = token
        self._ttl_s = ttl_s

    @classmethod
    def acquire(cls, engine: Engine, holder: str, ttl_s: float) -> "LeaderLease | None":
        """Takes the lease when it is free or has lapsed by the database's clock; None while another holds it.

        A holder of this very machine whose process is gone is not waited for, so that a restart after a kill is quick. Should
        that judgement be wrong, the token still keeps the old holder from writing.
        """
        with database_errors(), engine.begin() as connection:
            _release_of_the_dead(connection)
            token = leases.acquire_lease(connection, LEASE_NAME, holder, ttl_s)
        return None if token is None else cls(engine, token, ttl_s)

    def check(self, connection: Connection) -> None:
        """Fences the caller's transaction until it ends, or until it has slept as long as a lease lasts.

        Raises ``LeaseLostError``.
        """
        leases.check_lease(connection, LEASE_NAME, self._token, self._ttl_s)

    @contextmanager
    def lost_before_contradicted(self) -> Iterator[None]:
        """For a step that a sleeper may take after its session was ended: what its successor did meanwhile is no contradiction.

        Raises ``LeaseLostError`` instead of an ``IntegrityError`` of the step when the lease was lost.
        """
        try:
            yield
        except IntegrityError:
            with database_errors(), self._engine.connect() as connection:
                self.check(connection)
            raise

    def renew(self) -> bool:
        """Extends the lease; False when another has taken it."""
        with database_errors(), self._engine.begin() as connection:
            return leases.renew_lease(connection, LEASE_NAME, self._token, self._ttl_s)

    def release(self) -> None:
        """Gives the lease back at once, so that a standby or a restart need not wait for it to lapse."""
        with database_errors(), self._engine.begin() as connection:
            leases.release_lease(connection, LEASE_NAME, self._token)
