"""The search index follows the log, behind it: derived from envelopes, rebuilt from them at any time.

It is kept out of the append, where two more index writes per event would cost a third of the rate; rows are inserted sorted,
which keeps the B-tree's pages warm.
"""

from sqlalchemy import Connection, Engine, text

from ledger.adapters.sql.engine import database_errors
from ledger.errors import IntegrityError

# The envelopes' JSON is read here without the strict parser: the append made these bytes, and fsck holds them to their form.
_INDEX = """
WITH e AS MATERIALIZED (
    SELECT leaf_index, received_at, convert_from(envelope, 'UTF8')::jsonb AS envelope
    FROM entries WHERE leaf_index >= :start AND leaf_index < :end
), events AS (
    INSERT INTO event_index (leaf_index, received_at, type, submitter)
    SELECT leaf_index, received_at, envelope->>'type', envelope->>'submitter' FROM e ORDER BY leaf_index
    RETURNING 1
), streams AS (
    INSERT INTO stream_index (tag, leaf_index)
    SELECT DISTINCT decode(pair->>1, 'hex') AS tag, leaf_index FROM e, jsonb_array_elements(envelope->'tags') AS pair
    ORDER BY tag, leaf_index
)
SELECT count(*) FROM events
"""


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
    """Empties the index, and puts its position back should it be gone; the follower fills it again."""
    with database_errors(), engine.begin() as connection:
        connection.execute(
            text("INSERT INTO projections VALUES ('search', 0) ON CONFLICT (name) DO UPDATE SET tree_size = 0")
        )
        connection.execute(text("TRUNCATE event_index, stream_index"))


def _index(connection: Connection, start: int, end: int) -> None:
    done = connection.execute(text(_INDEX), {"start": start, "end": end}).scalar_one()
    if done != end - start:
        raise IntegrityError(f"Of the leaves [{start}, {end}) only {done} are in the database; run fsck.")
