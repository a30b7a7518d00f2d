"""The leader lease: at most one anchor service works on a log; a second one waits as a standby."""

import os
import secrets
import socket

from sqlalchemy import Connection, Engine

from ledger.adapters.sql import anchoring
from ledger.adapters.sql.engine import database_errors

LEASE_NAME = "anchor"


def holder_name() -> str:
    """Who asks for the lease, for a person who reads the row."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


class LeaderLease:
    """A lease that was taken. Its token fences every write: a leader that was overtaken while it slept writes nothing."""

    def __init__(self, engine: Engine, token: int, ttl_s: float) -> None:
        self._engine = engine
        self._token = token
        self._ttl_s = ttl_s

    @classmethod
    def acquire(cls, engine: Engine, holder: str, ttl_s: float) -> "LeaderLease | None":
        """Takes the lease when it is free or has lapsed by the database's clock; None while another holds it."""
        with database_errors(), engine.begin() as connection:
            token = anchoring.acquire_lease(connection, LEASE_NAME, holder, ttl_s)
        return None if token is None else cls(engine, token, ttl_s)

    def check(self, connection: Connection) -> None:
        """Fences the caller's transaction until it ends. Raises ``LeaseLostError``."""
        anchoring.check_lease(connection, LEASE_NAME, self._token)

    def renew(self) -> bool:
        """Extends the lease; False when another has taken it."""
        with database_errors(), self._engine.begin() as connection:
            return anchoring.renew_lease(connection, LEASE_NAME, self._token, self._ttl_s)

    def release(self) -> None:
        """Gives the lease back at once, so that a standby or a restart need not wait for it to lapse."""
        with database_errors(), self._engine.begin() as connection:
            anchoring.release_lease(connection, LEASE_NAME, self._token)
