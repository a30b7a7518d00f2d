"""The search half of ``fsck``: the index rows of each leaf are what its envelope says, and there are no others."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, text

from anchor.fsck_tree import Finding
from ledger.adapters.sql.reading import StoredEvent
from ledger.log.envelope import parse_envelope

_REMEDY = "Rebuild the index"


class IndexPass:
    """Takes the leaves chunk by chunk, then counts what is left over.

    ``stream_index`` is keyed by tag first, so its rows are looked up by key and superfluous ones show in the count of all.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        query = text("SELECT tree_size FROM projections WHERE name = 'search'")
        position: int | None = connection.execute(query).scalar()
        self.tree_size = position or 0
        self._is_gone = position is None
        self._events = 0  # rows that were met, of both tables
        self._tags = 0
        self._skipped = False

    def take(self, start: int, end: int, sound: Sequence[StoredEvent]) -> Iterator[Finding]:
        """The leaves [start, end); ``sound`` are those whose envelope is the committed one, the others are not compared."""
        end = min(end, self.tree_size)
        if start >= end:
            return
        events = [event for event in sound if event.leaf_index < end]
        self._skipped |= len(events) != end - start
        query = text(
            "SELECT leaf_index, received_at, type, submitter FROM event_index WHERE leaf_index >= :start AND leaf_index < :end"
        )
        rows = {row[0]: tuple(row[1:]) for row in self._connection.execute(query, {"start": start, "end": end})}
        self._events += len(rows)
        envelopes = {event.leaf_index: parse_envelope(event.envelope) for event in events}
        tags = {(bytes.fromhex(tag), index) for index, envelope in envelopes.items() for _, tag in envelope.tags}
        found = self._found(tags)
        self._tags += len(found)
        untagged = {index for _, index in tags - found}
        for event in events:
            envelope = envelopes[event.leaf_index]
            expected = (event.received_at, envelope.type, envelope.submitter)
            if rows.get(event.leaf_index) != expected or event.leaf_index in untagged:
                detail = f"Leaf {event.leaf_index}: the search index does not say what its envelope says. {_REMEDY}."
                yield Finding("index_altered", detail, {"leaf_index": event.leaf_index})

    def _found(self, tags: set[tuple[bytes, int]]) -> set[tuple[bytes, int]]:
        query = text(
            "SELECT s.tag, s.leaf_index FROM unnest(CAST(:tags AS bytea[]), CAST(:leaves AS bigint[])) AS k (tag, leaf_index) "
            "JOIN stream_index s USING (tag, leaf_index)"
        )
        pairs = list(tags)
        values = {"tags": [tag for tag, _ in pairs], "leaves": [index for _, index in pairs]}
        return {(bytes(tag), index) for tag, index in self._connection.execute(query, values)}

    def finish(self, head_size: int) -> Iterator[Finding]:
        """Once, after the last leaf. ``head_size`` is the size of the head row, which the index never passes."""
        if self._is_gone:
            detail = f"The position of the search index is gone, without which no search is answered. {_REMEDY}."
            yield Finding("index_altered", detail, {"where": "projections"})
        elif self.tree_size > head_size:
            detail = f"The search index claims {self.tree_size} leaves, the log has {head_size}. {_REMEDY}."
            yield Finding("index_altered", detail, {"where": "projections"})
        elif not self._skipped:
            for table, met in (("event_index", self._events), ("stream_index", self._tags)):
                count = self._connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - constants
                if count > met:
                    detail = f"{table} holds {count - met} rows that no leaf below {self.tree_size} has. {_REMEDY}."
                    yield Finding("index_altered", detail, {"where": table})
