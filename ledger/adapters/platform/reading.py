"""What the authorisation platform's own API shows of its books: differences, copies, acts, and how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from ledger.adapters.platform.rows import ACT_COLUMNS, DIFFERENCE_COLUMNS, act_of, difference_of
from ledger.domain.platform_differences import Difference
from ledger.errors import IdempotencyKeyReusedError, NotFoundError
from ledger.services.platform_ports import Act

DIFFERING: Final = "differing"
UNDER_WAY: Final = "under_way"
OPEN: Final = "open"
ENDED: Final = "ended"
PHASES: Final[Mapping[str, str]] = {
    DIFFERING: "ended_at IS NULL AND first_seen <= :begun",
    UNDER_WAY: "ended_at IS NULL AND first_seen > :begun",
    OPEN: "ended_at IS NULL",
    ENDED: "ended_at IS NOT NULL AND ended_at - first_seen >= :tolerance",
}
"""Which differences are wanted -> the rows; ``begun`` is now less the tolerance. What ended within it was under way, and no difference."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A difference with its number, by which lists go on."""

    number: int
    difference: Difference


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which differences are asked for; None for all."""

    phase: str
    kind: str | None = None
    cause: str | None = None
    owner: str | None = None
    object_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeptRevision:
    """One revision as it was seen first; the digest is SHA-256, 32 bytes."""

    revision: int
    state: str
    digest: bytes
    document: Mapping[str, Any]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A copy with its revisions' places: newest first, documents of the newest alone."""

    kind: str
    object_id: str
    first_seen: datetime
    last_seen: datetime
    newest: KeptRevision
    revisions: Sequence[tuple[int, str, bytes, datetime]]


def page_of_differences(
    connection: Connection, wanted: Wanted, now: datetime, tolerance: timedelta, *, after: int, limit: int
) -> list[Numbered]:
    """Up to ``limit`` of them in the order of their numbers, behind ``after``."""
    values: dict[str, Any] = {"begun": now - tolerance, "tolerance": tolerance, "after": after, "limit": limit}
    clauses = [PHASES[wanted.phase], "difference_id > :after"]
    for name in ("kind", "cause", "owner", "object_id"):
        value = getattr(wanted, name)
        if value is not None:
            clauses.append(f"{name} = :{name}")
            values[name] = value
    query = (
        f"SELECT difference_id, {DIFFERENCE_COLUMNS} FROM differences WHERE {' AND '.join(clauses)} "  # noqa: S608  words of our own
        "ORDER BY difference_id LIMIT :limit"
    )
    rows = connection.execute(text(query), values).mappings()
    return [Numbered(row["difference_id"], difference_of(row)) for row in rows]


def copy_of(connection: Connection, kind: str, object_id: str) -> KeptCopy:
    """A copy. Raises ``NotFoundError`` when none was ever seen."""
    names = {"kind": kind, "object_id": object_id}
    query = "SELECT revision, first_seen, last_seen FROM copies WHERE kind = :kind AND object_id = :object_id"
    row = connection.execute(text(query), names).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"No copy of such a {kind.replace('_', ' ')} is here.")
    rows = connection.execute(
        text(
            "SELECT revision, state, digest, seen_at FROM copy_revisions WHERE kind = :kind AND object_id = :object_id "
            "ORDER BY revision DESC LIMIT 200"
        ),
        names,
    ).all()
    newest = connection.execute(
        text(
            "SELECT revision, state, digest, document, seen_at FROM copy_revisions "
            "WHERE kind = :kind AND object_id = :object_id AND revision = :revision"
        ),
        {**names, "revision": row["revision"]},
    ).one()
    places = [(found[0], found[1], bytes(found[2]), found[3]) for found in rows]
    return KeptCopy(kind, object_id, row["first_seen"], row["last_seen"], KeptRevision(*newest), places)


def read_act(connection: Connection, act_id: str) -> Act:
    """One act. Raises ``NotFoundError`` when there is none."""
    query = f"SELECT {ACT_COLUMNS} FROM acts WHERE act_id = :act_id"  # noqa: S608  columns of our own
    row = connection.execute(text(query), {"act_id": act_id}).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such act.")
    return act_of(row)


def page_of_acts(connection: Connection, state: str | None, *, after: int, limit: int) -> list[tuple[int, Act]]:
    """Up to ``limit`` acts in their order with their numbers, behind ``after``."""
    values: dict[str, Any] = {"after": after, "limit": limit, "state": state}
    query = (
        f"SELECT number, {ACT_COLUMNS} FROM acts WHERE number > :after AND (CAST(:state AS text) IS NULL OR state = :state) "  # noqa: S608  columns of our own
        "ORDER BY number LIMIT :limit"
    )
    return [(row["number"], act_of(row)) for row in connection.execute(text(query), values).mappings()]


def kept_answer(connection: Connection, account: str, key: str, digest: bytes) -> tuple[str, bytes | None] | None:
    """The act that an earlier copy of the request asked for, and its answer; whoever asks at the same moment waits here.

    Returns:
        None when there was none before. The answer is None where it was not kept yet, before there was a place for it.

    Raises:
        IdempotencyKeyReusedError: the key was used for another request.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"{account} {key}"})
    query = "SELECT request_digest, act_id, answer FROM kept_answers WHERE account = :account AND key = :key"
    row = connection.execute(text(query), {"account": account, "key": key}).one_or_none()
    if row is None:
        return None
    if bytes(row[0]) != digest:
        raise IdempotencyKeyReusedError("This Idempotency-Key was used for another request. Nothing was written.")
    return row[1], None if row[2] is None else bytes(row[2])


def keep_answer(connection: Connection, name: tuple[str, str], digest: bytes, act_id: str, answer: bytes) -> None:
    """Keeps what the next copy of this request is answered; ``name`` is account and key."""
    account, key = name
    connection.execute(
        text(
            "INSERT INTO kept_answers (account, key, request_digest, act_id, answer) "
            "VALUES (:account, :key, :digest, :act_id, :answer)"
        ),
        {"account": account, "key": key, "digest": digest, "act_id": act_id, "answer": answer},
    )


def counts(connection: Connection, now: datetime, tolerance: timedelta) -> dict[str, Any]:
    """Differences by cause and owner, what is under way, and the acts that wait."""
    begun = now - tolerance
    rows = connection.execute(
        text(
            "SELECT cause, owner, count(*) AS found, min(first_seen) AS oldest FROM differences "
            "WHERE ended_at IS NULL AND first_seen <= :begun GROUP BY cause, owner ORDER BY cause, owner"
        ),
        {"begun": begun},
    ).mappings()
    under_way = text("SELECT count(*) FROM differences WHERE ended_at IS NULL AND first_seen > :begun")
    waiting = connection.execute(
        text(
            "SELECT count(*) AS found, min(created_at) AS oldest, "
            "(array_agg(last_error ORDER BY number))[1] AS last_error FROM acts WHERE state = 'intended'"
        )
    ).mappings()
    return {
        "differing": [dict(row) for row in rows],
        "under_way": int(connection.execute(under_way, {"begun": begun}).scalar_one()),
        "acts_waiting": dict(waiting.one()),
    }


def positions(connection: Connection) -> dict[str, RowMapping]:
    """Kind -> how far its copies are, and how many there are."""
    rows = connection.execute(
        text(
            "SELECT p.kind, p.sweep_started_at, p.swept_at, p.succeeded_at, p.failure, "
            "(SELECT count(*) FROM copies c WHERE c.kind = p.kind) AS copies FROM positions p ORDER BY p.kind"
        )
    ).mappings()
    return {row["kind"]: row for row in rows}
