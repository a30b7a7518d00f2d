"""Whether the keyring holds the keys under which the database's rows are sealed, asked before anything new is sealed.

A keyring makes the keys of a month that it does not have. Were that done for a month that has sealed rows, new rows would open and old
ones not, and the loss of the keys would look like a change of the rows.
"""

from collections.abc import Callable

from sqlalchemy import Connection, text

from ledger.errors import IntegrityError


class KeyringIncompleteError(IntegrityError):
    """Rows are sealed under a month whose keys are not in the keyring; nothing was sealed anew."""

    code = "keyring_incomplete"
    title = "Keyring incomplete"


def check_keyring(connection: Connection, holds: Callable[[int], bool], month: int) -> None:
    """Compares the months under which rows in use are sealed with the keyring.

    These are the month (YYYYMM) of the newest entry, those of pending events, every month of the private parts of objects and of the
    kept answers of writes and, if its keys would be made now, this month.

    Asks by key only. Keys of an older month of entries are never made again, so ``fsck`` may be the one to miss them.

    Raises:
        KeyringIncompleteError: names the months.
    """
    newest = connection.execute(text("SELECT sealed_month FROM entries ORDER BY leaf_index DESC LIMIT 1")).scalar()
    pending = connection.execute(text("SELECT DISTINCT sealed_month FROM outbox WHERE leaf_index IS NULL")).scalars()
    kept = (month for table in ("objects", "idempotency_keys") for month in _months_of(connection, table))
    sealed = {int(found) for found in (newest, *pending, *kept) if found is not None}
    # Only a clock that was set back makes this month older than the newest entry's: then the log is searched for it.
    if not holds(month) and newest is not None and month < newest:
        query = text("SELECT 1 FROM entries WHERE sealed_month = :month LIMIT 1")
        sealed |= {month} if connection.execute(query, {"month": month}).scalar() is not None else set()
    missing = sorted(found for found in sealed if not holds(found))
    if missing:
        months = ", ".join(str(found) for found in missing)
        raise KeyringIncompleteError(
            f"The keyring has no keys of {months}, under which rows in the database are sealed. Nothing was changed, and no new"
            " keys were made for it. Put the keyring folder back: without it what these rows hold is lost.",
            finding="keyring_incomplete",
            months=missing,
        )


def _months_of(connection: Connection, table: str) -> list[int]:
    """Every month under which rows of a table are sealed: one look into the index for each."""
    query = text(
        f"WITH RECURSIVE months (month) AS (SELECT min(sealed_month) FROM {table} UNION ALL "  # noqa: S608  names of this module
        f"SELECT (SELECT min(sealed_month) FROM {table} WHERE sealed_month > month) FROM months WHERE month IS NOT NULL) "
        "SELECT month FROM months WHERE month IS NOT NULL"
    )
    return list(connection.execute(query).scalars())
