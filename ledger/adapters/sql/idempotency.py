"""Idempotency keys: the answer of a write is kept in its own transaction, sealed, and given again to a repeat.

A repeat that comes while the first is under way waits for it: both take the same advisory lock. Refusals are not kept, because nothing
was written: a repeat is judged anew.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from ledger.errors import IdempotencyKeyReusedError
from ledger.services.ports import SealedBody
from ledger.services.preparation import Preparer

KEPT_FOR: Final = timedelta(days=90)
"""So long a repeat gets the first answer. After it the key is free again; what it wrote is protected by its revision and its state."""

KEY_SOURCE = "urn:cityledger:idempotency-key"
"""Names a key's sealing bucket; no event has this source."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a write."""

    status: int
    headers: dict[str, str]
    content: bytes


def request_digest(method: str, target: str, if_match: str | None, content: bytes) -> bytes:
    """SHA-256 over what makes a request another one: method, path with query, If-Match and body, each with its length."""
    digest = hashlib.sha256()
    for part in (method.encode(), target.encode(), (if_match or "").encode(), content):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def find_answer(connection: Connection, preparer: Preparer, account: str, key: str, digest: bytes) -> KeptAnswer | None:
    """The answer that was given to this request before; None when it is new, and then nobody else can begin it until we end.

    Raises:
        IdempotencyKeyReusedError: the key was used for another request.
    """
    # Two keys with one hash only wait for each other.
    lock = int.from_bytes(hashlib.sha256(f"{account}\n{key}".encode()).digest()[:8], "big", signed=True)
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    return kept_answer(connection, preparer, account, key, digest)


def kept_answer(connection: Connection, preparer: Preparer, account: str, key: str, digest: bytes) -> KeptAnswer | None:
    """As ``find_answer``, locking nothing: the request may be answered in the next moment.

    Raises:
        IdempotencyKeyReusedError: the key was used for another request.
    """
    row = connection.execute(
        text("SELECT * FROM idempotency_keys WHERE account = :account AND key = :key"), {"account": account, "key": key}
    ).one_or_none()
    if row is None:
        return None
    if row.request_digest != digest:
        raise IdempotencyKeyReusedError(
            "This Idempotency-Key was used for another request. Nothing was written; use a new key for a new request."
        )
    sealed = SealedBody(row.sealed_month, row.sealed_generation, row.sealed_answer)
    return KeptAnswer(row.status, dict(row.headers), preparer.sealer.unseal(_bucket(preparer, account, key), sealed))


def keep_answer(
    connection: Connection, preparer: Preparer, *, account: str, key: str, digest: bytes, answer: KeptAnswer
) -> None:
    """Keeps the answer of the write that this transaction makes. It may name persons, or carry a new key: it is sealed."""
    now = preparer.clock.now()
    sealed = preparer.sealer.seal(_bucket(preparer, account, key), now, answer.content)
    statement = text(
        "INSERT INTO idempotency_keys (account, key, request_digest, status, headers, sealed_month, sealed_generation, "
        "sealed_answer, created_at) VALUES (:account, :key, :digest, :status, :headers, :month, :generation, :blob, :now)"
    ).bindparams(bindparam("headers", type_=JSONB))
    connection.execute(
        statement,
        {
            "account": account,
            "key": key,
            "digest": digest,
            "status": answer.status,
            "headers": answer.headers,
            "now": now,
            **sealed._asdict(),
        },
    )


def forget_answers(connection: Connection, before: datetime, limit: int) -> int:
    """Lets go of the oldest answers that were kept before this time, at most ``limit``; returns how many."""
    statement = text(
        "DELETE FROM idempotency_keys WHERE (account, key) IN (SELECT account, key FROM idempotency_keys "
        "WHERE created_at < :before ORDER BY created_at LIMIT :limit)"
    )
    return int(connection.execute(statement, {"before": before, "limit": limit}).rowcount)


def _bucket(preparer: Preparer, account: str, key: str) -> bytes:
    return preparer.identity_of(KEY_SOURCE, f"{account}\n{key}")
