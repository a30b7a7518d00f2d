"""The leader's lease, by the database's clock, with a fencing token that every write of the leader checks."""

from sqlalchemy import Connection, text

from ledger.errors import UnavailableError

_IDLE_MS_MAX = 2**31 - 1


class LeaseLostError(UnavailableError):
    """Another process holds the lease now; whatever this one was doing must not be written."""

    code = "lease_lost"
    title = "Lease lost"


def acquire_lease(connection: Connection, name: str, holder: str, ttl_s: float) -> int | None:
    """Takes the lease if it is free or expired (by the database's clock); the fencing token, or None."""
    token: int | None = connection.execute(
        text(
            "INSERT INTO leases VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :ttl)) "
            "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = leases.token + 1, "
            "expires_at = excluded.expires_at WHERE leases.expires_at <= clock_timestamp() RETURNING token"
        ),
        {"name": name, "holder": holder, "ttl": ttl_s},
    ).scalar()
    return token


def renew_lease(connection: Connection, name: str, token: int, ttl_s: float) -> bool:
    """Extends the lease; False when it was lost."""
    renewed = connection.execute(
        text(
            "UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => :ttl) "
            "WHERE name = :name AND token = :token RETURNING 1"
        ),
        {"name": name, "token": token, "ttl": ttl_s},
    ).scalar()
    return renewed is not None


def release_lease(connection: Connection, name: str, token: int) -> None:
    """Gives the lease back at once, for a clean stop."""
    connection.execute(
        text("UPDATE leases SET expires_at = clock_timestamp() WHERE name = :name AND token = :token"),
        {"name": name, "token": token},
    )


def check_lease(connection: Connection, name: str, token: int, idle_s: float) -> None:
    """Fences the caller's transaction: holds the lease row until commit, or raises ``LeaseLostError``.

    Should the caller fall asleep inside this transaction for more than ``idle_s``, the server ends its session: a frozen holder
    must not keep the row from its successor for ever.
    """
    row = connection.execute(
        text(
            "SELECT set_config('idle_in_transaction_session_timeout', :idle, true) FROM leases "
            "WHERE name = :name AND token = :token FOR SHARE"
        ),
        {"name": name, "token": token, "idle": f"{min(int(idle_s * 1000) or 1, _IDLE_MS_MAX)}ms"},
    ).scalar()
    if row is None:
        raise LeaseLostError("Another anchor service leads now; this one wrote nothing.")
