"""Rows of the contract suite: blocks, events, and the read model; recorded (``contract_recording``) and undone block by block.

Everything here runs inside the caller's transaction. ``contract_objects`` is at every commit what ``contract_changes`` laid over each
other give: recording lays the new ones on, undoing takes a block's away and lays the remaining ones over each other again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from ledger.domain.chain_counts import Followed, FollowedChange


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the suite is followed: the newest recorded block. ``block_hash`` is None before the first.

    ``final_number`` is the highest block that is final; ``undone_blocks`` counts what reorganisations took away.
    """

    suite: bytes
    first_block: int
    number: int
    block_hash: bytes | None
    final_number: int
    undone_blocks: int
    followed_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedBlock:
    """A block of the chain that was recorded, with or without events."""

    number: int
    block_hash: bytes


def read_cursor(connection: Connection) -> Cursor | None:
    """The position, or None when nothing was followed yet."""
    row = connection.execute(
        text(
            "SELECT suite, first_block, number, block_hash, final_number, undone_blocks, followed_at FROM contract_cursor"
        )
    ).one_or_none()
    return None if row is None else Cursor(*row)


def begin(connection: Connection, suite: bytes, first_block: int, at: datetime) -> None:
    """Forgets everything and stands before the first block of this suite."""
    for table in ("contract_changes", "contract_objects", "contract_events", "contract_blocks", "contract_cursor"):
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608  names of this module
    connection.execute(
        text("INSERT INTO contract_cursor VALUES (1, :suite, :first, :number, NULL, :number, 0, :at)"),
        {"suite": suite, "first": first_block, "number": first_block - 1, "at": at},
    )


def last_block(connection: Connection) -> RecordedBlock | None:
    """The newest recorded block."""
    row = connection.execute(
        text("SELECT number, block_hash FROM contract_blocks ORDER BY number DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else RecordedBlock(*row)


def undo_last_block(connection: Connection, at: datetime) -> RecordedBlock | None:
    """Takes the newest recorded block away with its events, and gives the objects the state they had before it.

    Returns the block that is the newest now; blocks between the two, if any, had no events and are read again.
    """
    gone = last_block(connection)
    if gone is None:
        return None
    touched = connection.execute(
        text("SELECT DISTINCT address, kind, object_id FROM contract_changes WHERE block_hash = :block_hash"),
        {"block_hash": gone.block_hash},
    ).all()
    connection.execute(text("DELETE FROM contract_blocks WHERE block_hash = :hash"), {"hash": gone.block_hash})
    for address, kind, object_id in touched:
        _fold_again(connection, address, kind, object_id)
    before = last_block(connection)
    connection.execute(
        text(
            "UPDATE contract_cursor SET number = coalesce(CAST(:number AS bigint), first_block - 1), "
            "block_hash = :block_hash, undone_blocks = undone_blocks + 1, followed_at = :at, "
            "final_number = least(final_number, coalesce(CAST(:number AS bigint), first_block - 1))"
        ),
        {
            "number": None if before is None else before.number,
            "block_hash": None if before is None else before.block_hash,
            "at": at,
        },
    )
    return before


def set_final(connection: Connection, number: int) -> None:
    """Records the highest final block; it falls only by undoing."""
    connection.execute(
        text("UPDATE contract_cursor SET final_number = greatest(final_number, :number)"), {"number": number}
    )


def forget_empty_blocks(connection: Connection, below: int) -> int:
    """Lets go of blocks below this number that logged nothing; returns how many."""
    statement = text(
        "DELETE FROM contract_blocks b WHERE number < :below AND NOT EXISTS "
        "(SELECT 1 FROM contract_events e WHERE e.block_hash = b.block_hash)"
    )
    return int(connection.execute(statement, {"below": below}).rowcount)


def state_of(connection: Connection, address: bytes, kind: str, object_id: str) -> dict[str, Any] | None:
    """The present state of one object."""
    found: dict[str, Any] | None = connection.execute(
        text("SELECT state FROM contract_objects WHERE address = :address AND kind = :kind AND object_id = :object_id"),
        {"address": address, "kind": kind, "object_id": object_id},
    ).scalar()
    return found


def followed_changes(connection: Connection, address: bytes, kinds: Sequence[str], object_id: str) -> Followed:
    """Changes of the objects of these kinds with this id, or one below it, in the order of the chain, and how far it is followed."""
    query = text(
        "SELECT e.name, c.kind, c.object_id, c.block_number, c.log_index, c.members FROM contract_changes c "
        "JOIN contract_events e USING (block_hash, log_index) WHERE c.address = :address AND c.kind = ANY(:kinds) "
        "AND (c.object_id = :object_id OR c.object_id LIKE :below) ORDER BY c.block_number, c.log_index, c.place"
    )
    names = {"object_id": object_id, "below": f"{object_id}/%"}
    cursor = read_cursor(connection)  # first: what is followed meanwhile must not look as if it were not there
    rows = connection.execute(query, {"address": address, "kinds": list(kinds), **names})
    return Followed(None if cursor is None else cursor.number, tuple(FollowedChange(*row) for row in rows))


def _fold_again(connection: Connection, address: bytes, kind: str, object_id: str) -> None:
    names = {"address": address, "kind": kind, "object_id": object_id}
    where = "WHERE address = :address AND kind = :kind AND object_id = :object_id"
    rows = connection.execute(
        text(f"SELECT block_number, members FROM contract_changes {where} ORDER BY block_number, log_index, place"),  # noqa: S608  fixed text
        names,
    ).all()
    if not rows:
        connection.execute(text(f"DELETE FROM contract_objects {where}"), names)  # noqa: S608  fixed text
        return
    connection.execute(
        text(f"UPDATE contract_objects SET state = :state, block_number = :block_number {where}").bindparams(  # noqa: S608  fixed text
            bindparam("state", type_=JSONB)
        ),
        {**names, "state": folded(row[1] for row in rows), "block_number": rows[-1][0]},
    )


def folded(changes: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Changes laid over each other, in order."""
    state: dict[str, Any] = {}
    for members in changes:
        state |= members
    return state
