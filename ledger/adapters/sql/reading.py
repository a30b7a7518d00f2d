"""Reads of the log's rows: plain functions over a connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from ledger.adapters.sql.engine import driver_connection
from ledger.errors import IntegrityError
from ledger.log.entry import Entry
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import Promise, SealedBody, SequencedEvent, Watermarks

_EVENT_COLUMNS = (
    "e.leaf_index, e.identity, e.leaf_hash, e.body_commitment, e.envelope_commitment, e.sm3_commitment, e.envelope_salt, "
    "e.envelope, e.sealed_month, e.sealed_generation, e.sealed_body, e.received_at, p.publish_within_s, p.anchor_within_s"
)
_EVENTS = f"SELECT {_EVENT_COLUMNS} FROM entries e JOIN promises p USING (promise)"  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One row of ``entries``. ``sealed`` is None after erasure."""

    leaf_index: int
    identity: bytes
    leaf_hash: bytes
    body_commitment: bytes
    envelope_commitment: bytes
    sm3_commitment: bytes
    envelope_salt: bytes
    envelope: bytes
    sealed: SealedBody | None
    received_at: datetime
    promise: Promise

    @property
    def entry(self) -> Entry:
        """The public entry."""
        return Entry(body=self.body_commitment, envelope=self.envelope_commitment, sm3=self.sm3_commitment)

    @property
    def sequenced(self) -> SequencedEvent:
        """The facts that a log receipt states."""
        return SequencedEvent(self.leaf_index, self.leaf_hash, self.received_at, self.promise)


@dataclass(frozen=True, slots=True)
class Shard:
    """The log that this database holds."""

    identity: LogIdentity
    receipt_key: bytes
    rule_version: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The head as the append left it."""

    tree_size: int
    compact_range: bytes
    root_hash: bytes


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Filters of a search; all given ones must hold. Times are of receipt, [from, to)."""

    received_from: datetime | None = None
    received_to: datetime | None = None
    type: str | None = None
    submitter: str | None = None
    tag: bytes | None = None
    after_leaf_index: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page in leaf order. ``complete_to`` is the tree size up to which the index, and so the answer, is complete."""

    events: list[StoredEvent]
    next_after: int | None
    complete_to: int


def _stored_event(row: RowMapping) -> StoredEvent:
    sealed = row["sealed_body"]
    return StoredEvent(
        leaf_index=row["leaf_index"],
        identity=row["identity"],
        leaf_hash=row["leaf_hash"],
        body_commitment=row["body_commitment"],
        envelope_commitment=row["envelope_commitment"],
        sm3_commitment=row["sm3_commitment"],
        envelope_salt=row["envelope_salt"],
        envelope=row["envelope"],
        sealed=None if sealed is None else SealedBody(row["sealed_month"], row["sealed_generation"], sealed),
        received_at=row["received_at"],
        promise=Promise(row["publish_within_s"], row["anchor_within_s"]),
    )


def _events(connection: Connection, condition: str, values: dict[str, Any]) -> list[StoredEvent]:
    return [_stored_event(row) for row in connection.execute(text(f"{_EVENTS} {condition}"), values).mappings()]


def shard(connection: Connection) -> Shard | None:
    """The log of this database, or None before it is opened."""
    row = connection.execute(text("SELECT * FROM log_shard")).mappings().one_or_none()
    if row is None:
        return None
    identity = LogIdentity(
        chain_id=row["chain_id"],
        evidence_log=row["evidence_log"],
        origin=row["origin"],
        checkpoint_key=row["checkpoint_key"],
        anchor_address=row["anchor_address"],
    )
    return Shard(identity, row["receipt_key"], row["rule_version"], row["opened_at"])


def head(connection: Connection) -> StoredHead | None:
    """The head row, or None before the log is opened."""
    row = connection.execute(text("SELECT tree_size, compact_range, root_hash FROM log_head")).one_or_none()
    return None if row is None else StoredHead(*row)


def watermarks(connection: Connection) -> Watermarks:
    """How far every stage has come."""
    query = "SELECT coalesce((SELECT tree_size FROM log_head), 0), published, anchored, final FROM log_status"
    row = connection.execute(text(query)).one()
    return Watermarks(*row)


def keys_version(connection: Connection) -> int:
    """Grows with every change of API keys."""
    return int(connection.execute(text("SELECT version FROM keys_epoch")).scalar_one())


def find_event(connection: Connection, identity: bytes) -> StoredEvent | None:
    """The event of a keyed identity."""
    row = connection.execute(
        text("SELECT leaf_index FROM identities WHERE identity = :identity"), {"identity": identity}
    ).scalar()
    if row is None:
        return None
    event = event_at(connection, row)
    if event is None:
        raise IntegrityError("A recorded identity points to an entry that is not there; run fsck.", leaf_index=row)
    return event


def event_at(connection: Connection, leaf_index: int) -> StoredEvent | None:
    """The event at a leaf index."""
    found = _events(connection, "WHERE e.leaf_index = :leaf_index", {"leaf_index": leaf_index})
    return found[0] if found else None


def events_between(connection: Connection, start: int, end: int) -> list[StoredEvent]:
    """The events of leaves [start, end), in order; shorter when rows are missing."""
    condition = "WHERE e.leaf_index >= :start AND e.leaf_index < :end ORDER BY e.leaf_index"
    return _events(connection, condition, {"start": start, "end": end})


def leaf_hashes(connection: Connection, start: int, end: int) -> list[bytes]:
    """The stored leaf hashes [start, end), in order. Raises ``IntegrityError`` when one is missing."""
    query = "SELECT leaf_hash FROM entries WHERE leaf_index >= :start AND leaf_index < :end ORDER BY leaf_index"
    found = list(connection.execute(text(query), {"start": start, "end": end}).scalars())
    if len(found) != end - start:
        raise IntegrityError(f"Of the leaves [{start}, {end}) only {len(found)} are in the database; run fsck.")
    return found


def public_entries(connection: Connection, start: int, end: int) -> list[tuple[bytes, Entry]]:
    """Leaf hash and public entry of the leaves [start, end). Raises ``IntegrityError`` when one is missing."""
    # By the driver, in binary: the publisher reads every entry once, and text would double its price.
    rows = (
        driver_connection(connection)
        .execute(
            "SELECT leaf_hash, body_commitment, envelope_commitment, sm3_commitment FROM entries "
            "WHERE leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index",
            (start, end),
            binary=True,
        )
        .fetchall()
    )
    if len(rows) != end - start:
        raise IntegrityError(f"Of the leaves [{start}, {end}) only {len(rows)} are in the database; run fsck.")
    return [(leaf_hash, Entry(body, envelope, sm3)) for leaf_hash, body, envelope, sm3 in rows]


def search(connection: Connection, query: SearchQuery) -> SearchPage:
    """Events by receipt time, type, submitter and stream tag, in leaf order, complete up to the index's position."""
    complete_to = int(connection.execute(text("SELECT tree_size FROM projections WHERE name = 'search'")).scalar_one())
    conditions = ["i.leaf_index < :complete_to"]
    values: dict[str, Any] = {"complete_to": complete_to, "limit": query.limit + 1}
    joined = ""
    if query.tag is not None:
        joined = "JOIN stream_index s ON s.leaf_index = i.leaf_index AND s.tag = :tag"
        values["tag"] = query.tag
    for column, operator, value in (
        ("received_at", ">=", query.received_from),
        ("received_at", "<", query.received_to),
        ("type", "=", query.type),
        ("submitter", "=", query.submitter),
        ("leaf_index", ">", query.after_leaf_index),
    ):
        if value is not None:
            name = f"v{len(values)}"
            conditions.append(f"i.{column} {operator} :{name}")
            values[name] = value
    if query.type is not None:
        conditions.append("left(i.type, 200) = left(CAST(:type AS text), 200)")  # the form that the index has
        values["type"] = query.type
    where = " AND ".join(conditions)
    # Column names and operators come from the table above; every value is bound.
    statement = f"SELECT i.leaf_index FROM event_index i {joined} WHERE {where} ORDER BY i.leaf_index LIMIT :limit"  # noqa: S608
    indexes = list(connection.execute(text(statement), values).scalars())
    more = len(indexes) > query.limit
    indexes = indexes[: query.limit]
    return SearchPage(_events_at(connection, indexes), indexes[-1] if more else None, complete_to)


def _events_at(connection: Connection, indexes: Sequence[int]) -> list[StoredEvent]:
    if not indexes:
        return []
    found = _events(connection, "WHERE e.leaf_index = ANY(:indexes) ORDER BY e.leaf_index", {"indexes": list(indexes)})
    if len(found) != len(indexes):
        raise IntegrityError("The search index points to entries that are not there; run fsck.")
    return found
