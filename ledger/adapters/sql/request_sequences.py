"""Sequence numbers of signed requests that were taken: each is used once by one account."""

from datetime import datetime

from sqlalchemy import Connection, text

PRUNED_AT_ONCE = 20
"""More than one a request, so that the table does not grow with time."""


def use(connection: Connection, account: str, sequence_num: str, now: datetime, forget_before: datetime) -> bool:
    """Uses the number up in the caller's transaction; False when it was used before.

    Numbers from before ``forget_before`` are forgotten: their requests are refused by their time.
    """
    connection.execute(
        text(
            "DELETE FROM request_sequences WHERE ctid IN (SELECT ctid FROM request_sequences WHERE at < :before ORDER BY at "
            "LIMIT :many FOR UPDATE SKIP LOCKED)"
        ),
        {"before": forget_before, "many": PRUNED_AT_ONCE},
    )
    made = connection.execute(
        text(
            "INSERT INTO request_sequences VALUES (:account, :sequence_num, :now) ON CONFLICT DO NOTHING RETURNING account"
        ),
        {"account": account, "sequence_num": sequence_num, "now": now},
    )
    return made.scalar() is not None
