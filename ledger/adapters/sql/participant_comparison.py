"""A page of participants against the read model of the registry contract: bounded work, however many there are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from ledger.adapters.sql import contract_events
from ledger.adapters.sql.bounded_pages import ROWS_AT_ONCE, fill_page
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.domain.participant import KIND
from ledger.services.business import StoredObject
from ledger.services.participant_comparison import ChainBody, Comparison, compare

REGISTRY: Final = "ParticipantRegistry"
PAGE_BYTES_MAX: Final = 16 << 20
"""Of the documents that are read for a page."""

_PARTICIPANTS = f"{OBJECT_QUERY} WHERE kind = :kind AND object_id > :after ORDER BY object_id LIMIT :limit"
_OF_BODIES = (
    "SELECT kind, object_id, state FROM contract_objects WHERE address = :address "
    "AND kind IN ('body', 'key', 'act_count') AND split_part(object_id, '/', 1) = ANY(:bodies)"
)
_ONLY_THERE = (
    "SELECT object_id, state, EXISTS (SELECT 1 FROM objects p WHERE p.kind = 'participant' "
    "AND p.document->'chain'->>'body_id' = c.object_id) AS is_known "
    "FROM contract_objects c WHERE address = :address AND kind = 'body' AND object_id > :after ORDER BY object_id LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class ComparedParticipants:
    """What was compared, and the cursor of the next page; None at the end."""

    comparison: Comparison
    next_cursor: str | None


def compare_participants(connection: Connection, registry: bytes, *, after: str, limit: int) -> ComparedParticipants:
    """Participants by subject code against the contract at this address (20 bytes), and behind the last one the bodies of the contract.

    Args:
        connection: to read on.
        registry: address of the contract.
        after: ``next_cursor`` of the page before; empty for the first.
        limit: most participants, or bodies of the contract, that are looked at.
    """
    cursor = contract_events.read_cursor(connection)
    number = None if cursor is None else cursor.number
    if after.startswith("0x"):
        return _page_of_bodies(connection, registry, number, after, limit)
    rows = connection.execute(
        text(_PARTICIPANTS).execution_options(yield_per=ROWS_AT_ONCE),
        {"kind": KIND, "after": after, "limit": limit + 1},
    )
    found, more = fill_page(
        map(stored_object, rows.mappings()), limit, PAGE_BYTES_MAX, lambda one: len(orjson.dumps(one.document))
    )
    rows.close()
    compared = compare(found, _bodies_of(connection, registry, found), number)
    return ComparedParticipants(compared, found[-1].object_id if more else "0x")


def _bodies_of(connection: Connection, registry: bytes, participants: Sequence[StoredObject]) -> list[ChainBody]:
    chains = [stored.document["chain"] for stored in participants]
    bodies = sorted({chain["body_id"] for chain in chains if chain is not None})
    states = connection.execute(text(_OF_BODIES), {"address": registry, "bodies": bodies}).all()
    keys: dict[str, dict[str, dict[str, Any]]] = {}
    acts: Counter[str] = Counter()
    for kind, object_id, state in states:
        body_id, _, rest = object_id.partition("/")
        if kind == "key":
            keys.setdefault(body_id, {})[rest] = state
        elif kind == "act_count":
            acts[body_id] += int(state["count"])
    return [
        ChainBody(body_id, state, keys.get(body_id, {}), acts[body_id])
        for kind, body_id, state in states
        if kind == "body"
    ]


def _page_of_bodies(
    connection: Connection, registry: bytes, number: int | None, after: str, limit: int
) -> ComparedParticipants:
    rows = connection.execute(text(_ONLY_THERE), {"address": registry, "after": after, "limit": limit + 1}).all()
    looked_at = rows[:limit]
    unknown = [ChainBody(body_id, state, {}, None) for body_id, state, is_known in looked_at if not is_known]
    return ComparedParticipants(compare([], unknown, number), looked_at[-1][0] if len(rows) > limit else None)
