"""The outbox: an event written by a business transaction, in the same commit, reaches the log by the same append.

Rows are numbered without gaps under the lock of ``outbox_head`` and are never deleted, so a missing number is evidence of
tampering. A sequenced row has its number in the log as well (the event's id), so cutting the newest rows off together with the
count shows too, as far as they were sequenced; rows still pending that are cut off at the end with the count leave no trace. A pending row holds the sealed event; once it is sequenced the entry holds it and the row keeps only its leaf index.
Lock order everywhere: head row first, then ``outbox_head``.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.head_row import head_row_in_turn
from ledger.adapters.sql.log_store import append_in
from ledger.errors import IntegrityError
from ledger.log.event import Event, event_from_value, parse_event
from ledger.log.timestamps import format_time
from ledger.services.ports import AppendOutcome, Promise, SealedBody
from ledger.services.preparation import Preparer

RESERVED_SOURCE_PREFIX = "urn:cityledger:"
"""Sources of the ledger's own events; no API key may use them."""

OPERATOR = "operator"
"""Submitter code of the ledger's own events."""

CONFLICT_TYPE = "org.cityledger.event.conflicted.v1"


def ledger_source(origin: str) -> str:
    """The source of the ledger's own events about a log."""
    return f"{RESERVED_SOURCE_PREFIX}log:{origin}"


def row_number(event: Event, origin: str) -> int | None:
    """The number of the row through which an event of the ledger's own came, None for any other event."""
    prefix, _, number = event.id.partition(":")
    is_own = event.source == ledger_source(origin) and prefix == "outbox"
    return int(number) if is_own and number.isascii() and number.isdecimal() else None


def build_ledger_event(
    preparer: Preparer, event_type: str, event_id: str, data: dict[str, Any], *, subject: str | None = None
) -> Event:
    """One of the ledger's own events."""
    return event_from_value(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": ledger_source(preparer.identity.origin),
            "type": event_type,
            "subject": subject,
            "time": format_time(preparer.clock.now()),
            "datacontenttype": "application/json",
            "data": data,
        }
    )


def add(
    connection: Connection, preparer: Preparer, event_type: str, data: dict[str, Any], *, subject: str | None = None
) -> int:
    """Writes one event into the outbox of the caller's transaction; returns its number, which is also in its id."""
    return add_all(connection, preparer, event_type, [data], subject=subject)[0]


def add_all(
    connection: Connection,
    preparer: Preparer,
    event_type: str,
    contents: Sequence[dict[str, Any]],
    *,
    subject: str | None = None,
) -> list[int]:
    """As ``add``, for events of one type; ``contents`` is their data and not empty."""
    last = connection.execute(
        text("UPDATE outbox_head SET count = count + :added RETURNING count"), {"added": len(contents)}
    ).scalar_one()
    numbers = list(range(last - len(contents) + 1, last + 1))
    rows = [
        _row(preparer, number, build_ledger_event(preparer, event_type, f"outbox:{number}", data, subject=subject))
        for number, data in zip(numbers, contents, strict=True)
    ]
    connection.execute(
        text(
            "INSERT INTO outbox (number, identity, event_mac, sealed_month, sealed_generation, sealed_event, created_at) "
            "VALUES (:number, :identity, :event_mac, :month, :generation, :blob, :created_at)"
        ),
        rows,
    )
    return numbers


def _row(preparer: Preparer, number: int, event: Event) -> dict[str, Any]:
    identity = preparer.identity_of(event.source, event.id)
    now = preparer.clock.now()
    sealed = preparer.sealer.seal(identity, now, event.canonical)
    return {
        "number": number,
        "identity": identity,
        "event_mac": preparer.event_mac(event.canonical),
        "month": sealed.month,
        "generation": sealed.generation,
        "blob": sealed.blob,
        "created_at": now,
    }


def record_conflicts(engine: Engine, preparer: Preparer, submitter: str, conflicts: Sequence[tuple[Event, int]]) -> int:
    """Records that identities were sent again with other bytes; at most once per identity and hour.

    One transaction for all, because each submitter decides how many it sends. Each record names the refused bytes by their
    SHA-256, inside the sealed body.

    Args:
        engine: the database.
        preparer: of the log.
        submitter: who sent them.
        conflicts: the refused events, and the leaf index of what stays. Of several with one identity the first is recorded.

    Returns:
        How many new records were made.
    """
    hour = preparer.clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    refused: dict[bytes, dict[str, Any]] = {}
    for event, first_leaf_index in conflicts:
        content = {
            "id": event.id,
            "source": event.source,
            "submitter": submitter,
            "first_leaf_index": first_leaf_index,
            "refused_event_sha256": _sha256_hex(event.canonical),
        }
        refused.setdefault(preparer.identity_of(event.source, event.id), content)
    with database_errors(), engine.begin() as connection:
        # Sorted, so that two requests with the same conflicts wait for each other and do not deadlock.
        marked = connection.execute(
            text(
                "INSERT INTO conflict_marks SELECT unnest(CAST(:identities AS bytea[])), :hour "
                "ON CONFLICT DO NOTHING RETURNING identity"
            ),
            {"identities": sorted(refused), "hour": hour},
        ).scalars()
        new = set(marked)
        contents = [content for identity, content in refused.items() if identity in new]
        if contents:
            add_all(connection, preparer, CONFLICT_TYPE, contents)
        return len(contents)


def pending_count(connection: Connection) -> int:
    """How many rows wait for their leaf index."""
    return int(connection.execute(text("SELECT count(*) FROM outbox WHERE leaf_index IS NULL")).scalar_one())


def drain(engine: Engine, preparer: Preparer, promise: Promise, limit: int) -> int:
    """Sequences up to ``limit`` pending rows in order, in one transaction; returns how many.

    A crash leaves all of them pending or all of them sequenced. Two drains at once queue on the head row, and the second finds
    nothing pending.
    """
    with database_errors(), head_row_in_turn(engine), engine.begin() as connection:
        connection.execute(text("SELECT 1 FROM log_head FOR UPDATE"))
        rows = (
            connection.execute(
                text("SELECT * FROM outbox WHERE leaf_index IS NULL ORDER BY number LIMIT :limit"), {"limit": limit}
            )
            .mappings()
            .all()
        )
        if not rows:
            return 0
        prepared = []
        for row in rows:
            sealed = SealedBody(row["sealed_month"], row["sealed_generation"], row["sealed_event"])
            event = parse_event(preparer.sealer.unseal(row["identity"], sealed))
            if preparer.event_mac(event.canonical) != row["event_mac"]:
                raise IntegrityError(f"Outbox row {row['number']} does not match its own mark; it was altered.")
            prepared.append(preparer.prepare(event, OPERATOR))
        results = append_in(connection, prepared, promise)
        for row, result in zip(rows, results, strict=True):
            if result.outcome not in (AppendOutcome.NEW, AppendOutcome.REPEATED):
                raise IntegrityError(f"Outbox row {row['number']} contradicts an event that is already in the log.")
            connection.execute(
                text(
                    "UPDATE outbox SET leaf_index = :leaf_index, sealed_event = NULL, sealed_month = NULL, "
                    "sealed_generation = NULL WHERE number = :number"
                ),
                {"leaf_index": result.event.leaf_index, "number": row["number"]},
            )
        return len(rows)


def _sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stale_since(connection: Connection) -> datetime | None:
    """When the oldest pending row was written, or None when nothing is pending."""
    found: datetime | None = connection.execute(
        text("SELECT min(created_at) FROM outbox WHERE leaf_index IS NULL")
    ).scalar()
    return found
