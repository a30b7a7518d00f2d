"""Messages of negotiations that wait to be delivered, and how often each was tried. Everything runs inside the caller's transaction.

That a message waits is said by its object alone; a row of attempts only puts its next try off, and losing one loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_DUE = """
SELECT o.object_id AS message_id, o.document->>'url' AS url, o.document->'message' AS message, o.created_at, coalesce(a.attempts, 0) AS attempts
FROM objects_negotiation_message o LEFT JOIN message_attempts a ON a.message_id = o.object_id
WHERE o.state = 'waiting' AND (a.next_at IS NULL OR a.next_at <= :now)
ORDER BY coalesce(a.next_at, o.created_at), o.object_id LIMIT :limit"""

_PUT_OFF = """
INSERT INTO message_attempts (message_id, attempts, next_at, reason) VALUES (:message_id, 1, :next_at, :reason)
ON CONFLICT (message_id) DO UPDATE SET attempts = message_attempts.attempts + 1, next_at = excluded.next_at, reason = excluded.reason"""


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent now: its object's name, where, what, since when it waits, how often it was tried."""

    message_id: str
    url: str
    message: dict[str, Any]
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often a message was tried in vain, when it is tried next, and why it did not arrive, as one word."""

    attempts: int
    next_at: datetime
    reason: str


def due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """Messages whose time has come, those that wait longest first."""
    rows = connection.execute(text(_DUE), {"now": now, "limit": limit}).mappings()
    return [Due(**row) for row in rows]


def put_off(connection: Connection, message_id: str, next_at: datetime, reason: str) -> None:
    """A try was in vain; the next is not before ``next_at``."""
    connection.execute(text(_PUT_OFF), {"message_id": message_id, "next_at": next_at, "reason": reason})


def forget(connection: Connection, message_id: str) -> None:
    """The message waits no more."""
    connection.execute(text("DELETE FROM message_attempts WHERE message_id = :id"), {"id": message_id})


def attempts_of(connection: Connection, message_ids: Sequence[str]) -> dict[str, Attempts]:
    """Name of a message -> its tries; those that were not tried in vain are not in it."""
    query = text("SELECT message_id, attempts, next_at, reason FROM message_attempts WHERE message_id = ANY(:ids)")
    rows = connection.execute(query, {"ids": list(message_ids)})
    return {name: Attempts(*others) for name, *others in rows}
