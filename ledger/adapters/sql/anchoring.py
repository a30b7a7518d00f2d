"""Rows of anchoring: status, anchor jobs, anchored heads, stored blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True, slots=True)
class AnchorJob:
    """One transaction that anchors a head: its signed bytes are stored before they are sent."""

    job_id: int
    tree_size_1: int
    tree_size_2: int
    root_hash: bytes
    sender: bytes
    nonce: int
    raw_transaction: bytes
    tx_hash: bytes
    state: str
    created_at: datetime
    changed_at: datetime
    block_number: int | None
    block_hash: bytes | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnchoredHead:
    """A head that the chain holds; ``state`` is mined or final."""

    tree_size: int
    root_hash: bytes
    tx_hash: bytes
    block_number: int
    block_hash: bytes
    state: str
    mined_at: datetime
    final_at: datetime | None


# --- status -------------------------------------------------------------------------------------------------------


def set_anchored(connection: Connection, *, anchored: int, final: int) -> None:
    """Sets the marks of the chain; they fall when a chain lost blocks."""
    connection.execute(
        text("UPDATE log_status SET anchored = :anchored, final = :final"), {"anchored": anchored, "final": final}
    )


def halt(connection: Connection, reason: str, exhibit: Mapping[str, Any]) -> None:
    """Stops anchoring until a council act, keeping both sides of the contradiction. The first reason stays."""
    statement = text("UPDATE log_status SET halted = :reason, exhibit = :exhibit WHERE halted IS NULL").bindparams(
        bindparam("exhibit", type_=JSONB)
    )
    connection.execute(statement, {"reason": reason, "exhibit": dict(exhibit)})


def halted(connection: Connection) -> str | None:
    """Why anchoring is stopped, or None."""
    reason: str | None = connection.execute(text("SELECT halted FROM log_status")).scalar()
    return reason


# --- anchor jobs --------------------------------------------------------------------------------------------------


def _job(row: RowMapping) -> AnchorJob:
    return AnchorJob(**row)


def create_job(
    connection: Connection,
    *,
    tree_size_1: int,
    tree_size_2: int,
    root_hash: bytes,
    sender: bytes,
    nonce: int,
    raw_transaction: bytes,
    tx_hash: bytes,
    at: datetime,
) -> AnchorJob:
    """Stores a signed transaction in state ``staged``, before it is sent."""
    row = (
        connection.execute(
            text(
                "INSERT INTO anchor_jobs (tree_size_1, tree_size_2, root_hash, sender, nonce, raw_transaction, tx_hash, state, "
                "created_at, changed_at) VALUES (:tree_size_1, :tree_size_2, :root_hash, :sender, :nonce, :raw_transaction, "
                ":tx_hash, 'staged', :at, :at) RETURNING *"
            ),
            {
                "tree_size_1": tree_size_1,
                "tree_size_2": tree_size_2,
                "root_hash": root_hash,
                "sender": sender,
                "nonce": nonce,
                "raw_transaction": raw_transaction,
                "tx_hash": tx_hash,
                "at": at,
            },
        )
        .mappings()
        .one()
    )
    return _job(row)


def jobs_in(connection: Connection, *states: str) -> list[AnchorJob]:
    """The jobs in any of these states, oldest first."""
    rows = connection.execute(
        text("SELECT * FROM anchor_jobs WHERE state = ANY(:states) ORDER BY job_id"), {"states": list(states)}
    ).mappings()
    return [_job(row) for row in rows]


def job_by_hash(connection: Connection, tx_hash: bytes) -> AnchorJob | None:
    """The job of this transaction, whatever its state."""
    query = text("SELECT * FROM anchor_jobs WHERE tx_hash = :tx_hash")
    row = connection.execute(query, {"tx_hash": tx_hash}).mappings().one_or_none()
    return None if row is None else _job(row)


def set_job_state(
    connection: Connection,
    job_id: int,
    state: str,
    at: datetime,
    *,
    block_number: int | None = None,
    block_hash: bytes | None = None,
    reason: str | None = None,
) -> None:
    """Moves a job; whether the move is legal was decided by ``anchor.state``."""
    connection.execute(
        text(
            "UPDATE anchor_jobs SET state = :state, changed_at = :at, block_number = :block_number, block_hash = :block_hash, "
            "reason = :reason WHERE job_id = :job_id"
        ),
        {
            "state": state,
            "at": at,
            "block_number": block_number,
            "block_hash": block_hash,
            "reason": reason,
            "job_id": job_id,
        },
    )


# --- anchored heads and blocks ------------------------------------------------------------------------------------

_ANCHORED = "SELECT tree_size, root_hash, tx_hash, block_number, block_hash, state, mined_at, final_at FROM anchors "


def record_anchor(connection: Connection, anchored: AnchoredHead) -> None:
    """Records a head that the chain holds; a head seen again in another block replaces the old block's facts."""
    connection.execute(
        text(
            "INSERT INTO anchors VALUES (:tree_size, :root_hash, :tx_hash, :block_number, :block_hash, :state, :mined_at, "
            ":final_at) ON CONFLICT (tree_size) DO UPDATE SET root_hash = excluded.root_hash, tx_hash = excluded.tx_hash, "
            "block_number = excluded.block_number, block_hash = excluded.block_hash, state = excluded.state, "
            "mined_at = excluded.mined_at, final_at = excluded.final_at"
        ),
        {
            "tree_size": anchored.tree_size,
            "root_hash": anchored.root_hash,
            "tx_hash": anchored.tx_hash,
            "block_number": anchored.block_number,
            "block_hash": anchored.block_hash,
            "state": anchored.state,
            "mined_at": anchored.mined_at,
            "final_at": anchored.final_at,
        },
    )


def _heads(connection: Connection, condition: str, values: Mapping[str, Any]) -> list[AnchoredHead]:
    return [AnchoredHead(*row) for row in connection.execute(text(_ANCHORED + condition), values)]


def anchored_heads(connection: Connection, *, after_tree_size: int = 0, limit: int = 100) -> list[AnchoredHead]:
    """Anchored heads by size."""
    condition = "WHERE tree_size > :after ORDER BY tree_size LIMIT :limit"
    return _heads(connection, condition, {"after": after_tree_size, "limit": limit})


def anchored_head_covering(connection: Connection, tree_size: int) -> AnchoredHead | None:
    """The smallest anchored head of at least this size."""
    found = anchored_heads(connection, after_tree_size=tree_size - 1, limit=1)
    return found[0] if found else None


def last_anchored_head(connection: Connection, *, state: str | None = None) -> AnchoredHead | None:
    """The largest anchored head, of any state or of one."""
    condition = "WHERE CAST(:state AS text) IS NULL OR state = :state ORDER BY tree_size DESC LIMIT 1"
    found = _heads(connection, condition, {"state": state})
    return found[0] if found else None


def anchored_heads_in_state(connection: Connection, state: str) -> list[AnchoredHead]:
    """All heads in a state, by size."""
    return _heads(connection, "WHERE state = :state ORDER BY tree_size", {"state": state})


def remove_anchors_from_block(connection: Connection, block_number: int) -> int:
    """Forgets heads anchored in this block or later, because the chain no longer has it; returns how many."""
    statement = text("DELETE FROM anchors WHERE block_number >= :block_number")
    return int(connection.execute(statement, {"block_number": block_number}).rowcount)


def store_chain_block(
    connection: Connection,
    *,
    block_hash: bytes,
    number: int,
    profile: str,
    header: Mapping[str, Any],
    transactions: list[Any],
    tx_receipts: list[Any],
    at: datetime,
) -> None:
    """Keeps a block's header, transactions and transaction receipts as the node gave them, because nodes prune."""
    statement = text(
        "INSERT INTO chain_blocks VALUES (:block_hash, :number, :profile, :header, :transactions, :tx_receipts, :at) "
        "ON CONFLICT (block_hash) DO NOTHING"
    ).bindparams(
        bindparam("header", type_=JSONB), bindparam("transactions", type_=JSONB), bindparam("tx_receipts", type_=JSONB)
    )
    connection.execute(
        statement,
        {
            "block_hash": block_hash,
            "number": number,
            "profile": profile,
            "header": dict(header),
            "transactions": transactions,
            "tx_receipts": tx_receipts,
            "at": at,
        },
    )
