"""Reading participants: bodies by role, the public list, and how far a step is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.adapters.sql.objects import ChainCall
from ledger.domain.participant import ACTIVE, KIND
from ledger.services.business import StoredObject


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
