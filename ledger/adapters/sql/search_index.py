"""The search index follows the log, behind it: derived from envelopes, rebuilt from them at any time.

It is kept out of the append, where two more index writes per event would cost a third of the rate; rows are inserted sorted,
which keeps the B-tree's pages warm.
"""

from datetime import datetime

import orjson
from sqlalchemy import Connection, Engine, text

from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.log_store import driver_connection
from ledger.errors import IntegrityError


def index_next(engine: Engine, limit: int) -> int:
    """Indexes up to ``limit`` further leaves in one transaction; returns how many. Two callers at once queue."""
    with database_errors(), engine.begin() as connection:
        start = connection.execute(
            text("SELECT tree_size FROM projections WHERE name = 'search' FOR UPDATE")
        ).scalar_one()
        end = connection.execute(text("SELECT coalesce(max(tree_size), 0) FROM log_head")).scalar_one()
        end = min(end, start + limit)
        if start == end:
            return 0
        _index(connection, start, end)
        connection.execute(text("UPDATE projections SET tree_size = :end WHERE name = 'search'"), {"end": end})
        return int(end - start)


def rebuild(engine: Engine) -> None:
    """Empties the index; the follower fills it again."""
    with database_errors(), engine.begin() as connection:
        connection.execute(text("UPDATE projections SET tree_size = 0 WHERE name = 'search'"))
        connection.execute(text("TRUNCATE event_index, stream_index"))


def _index(connection: Connection, start: int, end: int) -> None:
    query = "SELECT leaf_index, received_at, envelope FROM entries WHERE leaf_index >= :start AND leaf_index < :end ORDER BY 1"
    rows = connection.execute(text(query), {"start": start, "end": end}).all()
    if len(rows) != end - start:
        raise IntegrityError(f"Of the leaves [{start}, {end}) only {len(rows)} are in the database; run fsck.")
    events: list[tuple[int, datetime, str, str]] = []
    tags: set[tuple[bytes, int]] = set()
    for leaf_index, received_at, envelope in rows:
        # Read without the strict parser: these bytes were made by the append, and fsck holds them to their form.
        facts = orjson.loads(envelope)
        events.append((leaf_index, received_at, facts["type"], facts["submitter"]))
        for _, tag in facts["tags"]:
            tags.add((bytes.fromhex(tag), leaf_index))
    raw = driver_connection(connection)
    with raw.cursor() as cursor:
        with cursor.copy(
            "COPY event_index (leaf_index, received_at, type, submitter) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(("int8", "timestamptz", "text", "text"))
            for event in events:
                copy.write_row(event)
        with cursor.copy("COPY stream_index (tag, leaf_index) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(("bytea", "int8"))
            for tag_row in sorted(tags):
                copy.write_row(tag_row)
