"""Reading participants: bodies by role, the public list, how far a step is, and what the chain is said to hold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from ledger.adapters.sql import contract_events
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.adapters.sql.objects import ChainCall
from ledger.domain.participant import ACTIVE, KIND
from ledger.services.business import StoredObject
from ledger.services.participant_comparison import ChainBody, Comparison, compare

REGISTRY = "ParticipantRegistry"


@dataclass(frozen=True, slots=True)
class StepPlace:
    """State of the act of an open step, and of its contract call once there is one."""

    act_state: str
    call: ChainCall | None


class SqlBodies:
    """``ledger.services.participant_records.Bodies`` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def with_role(self, role: str) -> Sequence[StoredObject]:
        """See the port."""
        query = text(
            f"{OBJECT_QUERY} WHERE kind = :kind AND state = :state AND document->'roles' ? :role "
            "ORDER BY created_at, object_id"
        )
        values = {"kind": KIND, "state": ACTIVE, "role": role}
        return [stored_object(row) for row in self._connection.execute(query, values).mappings()]


def whitelist(connection: Connection, *, role: str | None, after: str, limit: int) -> list[StoredObject]:
    """Active participants by subject code, those after ``after``; with this role if one is named."""
    query = f"{OBJECT_QUERY} WHERE kind = :kind AND state = :state AND object_id > :after"
    query += "" if role is None else " AND document->'roles' ? :role"
    values = {"kind": KIND, "state": ACTIVE, "after": after, "limit": limit} | ({} if role is None else {"role": role})
    found = connection.execute(text(f"{query} ORDER BY object_id LIMIT :limit"), values).mappings()
    return [stored_object(row) for row in found]


def step_place(connection: Connection, act_id: str) -> StepPlace:
    """Where the act of an open step is."""
    row = connection.execute(
        text(
            "SELECT o.state AS act_state, c.call_id, c.step, c.contract, c.state, c.tx_hash, c.block_number, c.reason "
            "FROM objects o LEFT JOIN chain_calls c ON c.kind = o.kind AND c.object_id = o.object_id "
            "WHERE o.kind = 'act' AND o.object_id = :act_id ORDER BY c.call_id DESC LIMIT 1"
        ),
        {"act_id": act_id},
    ).one()
    return StepPlace(row[0], None if row[1] is None else ChainCall(*row[1:]))


def compare_with_chain(connection: Connection, registry: bytes) -> Comparison:
    """Every participant against the read model of the registry contract at this address (20 bytes)."""
    here = connection.execute(text(f"{OBJECT_QUERY} WHERE kind = :kind ORDER BY object_id"), {"kind": KIND}).mappings()
    states = connection.execute(
        text(
            "SELECT kind, object_id, state FROM contract_objects WHERE address = :registry "
            "AND kind IN ('body', 'key', 'act_count')"
        ),
        {"registry": registry},
    ).all()
    keys: dict[str, dict[str, dict[str, Any]]] = {}
    acts: Counter[str] = Counter()
    for kind, object_id, state in states:
        body_id, _, rest = object_id.partition("/")
        if kind == "key":
            keys.setdefault(body_id, {})[rest] = state
        elif kind == "act_count":
            acts[body_id] += int(state["count"])
    bodies = [
        ChainBody(body_id, state, keys.get(body_id, {}), acts[body_id])
        for kind, body_id, state in states
        if kind == "body"
    ]
    cursor = contract_events.read_cursor(connection)
    return compare([stored_object(row) for row in here], bodies, None if cursor is None else cursor.number)
