"""Recording a block of the contract suite: its events, and what they change in the read model (``contract_events``).

Apart from the reads, because it needs the class of every event: whoever only reads does not wait for them at its start.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from ledger.adapters.chain.abi import to_json
from ledger.adapters.chain.contract_objects import changes_of
from ledger.adapters.chain.suite_events import SuiteEvent, UnknownEvent


def record_block(
    connection: Connection,
    *,
    number: int,
    block_hash: bytes,
    parent_hash: bytes,
    events: Sequence[SuiteEvent],
    at: datetime,
) -> None:
    """Records a block, its events and what they change, and moves the cursor to it.

    Raises:
        sqlalchemy.exc.IntegrityError: the block or another one of its number is recorded already.
    """
    connection.execute(
        text("INSERT INTO contract_blocks VALUES (:block_hash, :number, :parent_hash)"),
        {"block_hash": block_hash, "number": number, "parent_hash": parent_hash},
    )
    for event in sorted(events, key=lambda event: event.log_index):
        _record_event(connection, event)
    connection.execute(
        text("UPDATE contract_cursor SET number = :number, block_hash = :block_hash, followed_at = :at"),
        {"number": number, "block_hash": block_hash, "at": at},
    )


def _record_event(connection: Connection, event: SuiteEvent) -> None:
    connection.execute(
        text(
            "INSERT INTO contract_events VALUES (:block_hash, :log_index, :block_number, :tx_hash, :contract, :address, "
            ":name, :members)"
        ).bindparams(bindparam("members", type_=JSONB)),
        {
            "block_hash": event.block_hash,
            "log_index": event.log_index,
            "block_number": event.block_number,
            "tx_hash": event.tx_hash,
            "contract": event.contract,
            "address": event.address,
            "name": event.name,
            "members": _members(event),
        },
    )
    for change in changes_of(event):
        names = {"address": event.address, "kind": change.kind, "object_id": change.object_id}
        connection.execute(
            text(
                "INSERT INTO contract_changes VALUES (:address, :kind, :object_id, :block_number, :log_index, :place, "
                ":block_hash, :members)"
            ).bindparams(bindparam("members", type_=JSONB)),
            {
                **names,
                "block_number": event.block_number,
                "log_index": event.log_index,
                "place": change.place,
                "block_hash": event.block_hash,
                "members": dict(change.members),
            },
        )
        connection.execute(
            text(
                "INSERT INTO contract_objects VALUES (:address, :kind, :object_id, :block_number, :members) "
                "ON CONFLICT (address, kind, object_id) DO UPDATE SET state = contract_objects.state || excluded.state, "
                "block_number = excluded.block_number"
            ).bindparams(bindparam("members", type_=JSONB)),
            {**names, "block_number": event.block_number, "members": dict(change.members)},
        )


def _members(event: SuiteEvent) -> Any:
    if isinstance(event.event, UnknownEvent):
        topics = ["0x" + topic.hex() for topic in event.event.topics]
        return {"topics": topics, "data": "0x" + event.event.data.hex()}
    return to_json(event.event)
