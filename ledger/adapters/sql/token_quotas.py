"""Counters of usage tokens in PostgreSQL (``ledger.services.token_quotas`` says what each part does)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from ledger.errors import ConflictError, MisuseError
from ledger.services.token_quotas import Quota


class SqlTokenQuotas:
    """The counters in the transaction of ``connection``, at read committed: a spend that waited sees what the others took."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, token_id: str, authorisation: str, quota: int, valid_from: datetime, valid_until: datetime) -> None:
        """See the port."""
        made = self._connection.execute(
            text(
                "INSERT INTO token_quotas (token_id, authorisation, quota, valid_from, valid_until) "
                "VALUES (:token_id, :authorisation, :quota, :valid_from, :valid_until) ON CONFLICT DO NOTHING RETURNING token_id"
            ),
            {
                "token_id": token_id,
                "authorisation": authorisation,
                "quota": quota,
                "valid_from": valid_from,
                "valid_until": valid_until,
            },
        )
        if made.scalar() is None:
            raise ConflictError(f"There is already a usage token {token_id}. Nothing was changed.")

    def spend(self, token_id: str, calls: int, now: datetime) -> int | None:
        """See the port."""
        done = self._connection.execute(
            text(
                "UPDATE token_quotas SET spent = spent + :calls WHERE token_id = :token_id AND spent + :calls <= quota "
                "AND :calls > 0 AND valid_from <= :now AND :now < valid_until AND NOT is_stopped AND NOT is_ended "
                "RETURNING spent"
            ),
            {"token_id": token_id, "calls": calls, "now": now},
        )
        spent = done.scalar()
        return None if spent is None else int(spent)

    def find(self, token_id: str) -> Quota | None:
        """See the port."""
        row = self._connection.execute(
            text(
                "SELECT quota, spent, valid_from, valid_until, is_stopped, is_ended FROM token_quotas "
                "WHERE token_id = :token_id"
            ),
            {"token_id": token_id},
        ).one_or_none()
        return None if row is None else Quota(*row)

    def set_stopped(self, authorisation: str, *, is_stopped: bool) -> None:
        """See the port."""
        self._connection.execute(
            text(
                "UPDATE token_quotas SET is_stopped = :is_stopped WHERE authorisation = :authorisation AND NOT is_ended"
            ),
            {"authorisation": authorisation, "is_stopped": is_stopped},
        )

    def end(self, token_id: str) -> int:
        """See the port."""
        spent = self._connection.execute(
            text("UPDATE token_quotas SET is_ended = true WHERE token_id = :token_id RETURNING spent"),
            {"token_id": token_id},
        ).scalar()
        if spent is None:
            raise MisuseError(f"there is no counter of the usage token {token_id}")
        return int(spent)

    def end_all(self, authorisation: str) -> int:
        """See the port."""
        done = self._connection.execute(
            text("UPDATE token_quotas SET is_ended = true WHERE authorisation = :authorisation AND NOT is_ended"),
            {"authorisation": authorisation},
        )
        return done.rowcount


def quotas_of(connection: Connection, token_ids: Sequence[str]) -> dict[str, Quota]:
    """The counters of these tokens by name, not locked, in one query: for a page of tokens."""
    rows = connection.execute(
        text(
            "SELECT token_id, quota, spent, valid_from, valid_until, is_stopped, is_ended FROM token_quotas "
            "WHERE token_id = ANY(:token_ids)"
        ),
        {"token_ids": list(token_ids)},
    )
    return {row[0]: Quota(*row[1:]) for row in rows}
