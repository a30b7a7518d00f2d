"""The leader lease: at most one anchor service works on a log; a second one waits as a standby."""

import hashlib
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from ledger.adapters.sql import leases
from ledger.adapters.sql.engine import database_errors
from ledger.errors import IntegrityError

LEASE_NAME = "anchor"
PROC = Path("/proc")
_NAME = re.compile(r"[^:]*:([0-9]+):([0-9a-f]{16}):([0-9]+):[0-9a-f]{8}")


def holder_name() -> str:
    """Who asks for the lease: ``host:pid:space:begun:random``. Host and pid are for a person who reads the row.

    ``space`` says whose process ids they are (machine, boot and namespace): two containers may share a host name, and each has a
    process 1. ``begun`` is when the process began, since ids are given again. The random part tells holders in one process apart.
    """
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_process_space() or '-'}:{_begun(pid) or '-'}:{secrets.token_hex(4)}"


def _process_space() -> str | None:
    """The same for processes that see each other's ids and for no others; None where the system does not tell."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (PROC / "self/ns/pid").readlink()
    except OSError:
        return None
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:16]


def _begun(pid: int) -> int | None:
    """When the process of this id began, in clock ticks since the machine did; None where the system does not tell."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
        return int(stat.rpartition(")")[2].split()[19])  # field 22 of proc(5); the name before it may hold anything
    except (OSError, ValueError, IndexError):
        return None


def _is_gone(holder: str) -> bool:
    """Whether that is certain: the name is of a process that would be seen here, and is not."""
    named = _NAME.fullmatch(holder)
    if named is None or named[2] != _process_space():
        return False
    pid, begun = int(named[1]), _begun(int(named[1]))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return begun is not None and begun != int(named[3])


def _release_of_the_gone(connection: Connection) -> None:
    query = text("SELECT holder, token FROM leases WHERE name = :name AND expires_at > clock_timestamp()")
    row = connection.execute(query, {"name": LEASE_NAME}).one_or_none()
    if row is not None and _is_gone(str(row[0])):
        leases.release_lease(connection, LEASE_NAME, row[1])


class LeaderLease:
    """A lease that was taken. Its token fences every write: a leader that was overtaken while it slept writes nothing."""

    def __init__(self, engine: Engine, token: int, ttl_s: float) -> None:
        self._engine = engine
        self._token = token
        self._ttl_s = ttl_s

    @classmethod
    def acquire(cls, engine: Engine, holder: str, ttl_s: float) -> "LeaderLease | None":
        """Takes the lease when it is free or has lapsed by the database's clock; None while another holds it.

        A holder whose process would be seen here and is gone is not waited for, so that a restart after a kill is quick. Should
        that judgement be wrong, the token still keeps the old holder from writing.
        """
        with database_errors(), engine.begin() as connection:
            _release_of_the_gone(connection)
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
