"""Published checkpoints: at most one of each size, for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from ledger.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A published checkpoint."""

    tree_size: int
    root_hash: bytes
    note: str
    published_at: datetime


_CHECKPOINT = "SELECT tree_size, root_hash, note, published_at FROM checkpoints "


def record_checkpoint(connection: Connection, tree_size: int, root_hash: bytes, note: str, at: datetime) -> None:
    """Records a published checkpoint and moves the published mark. The same one again changes nothing."""
    connection.execute(
        text("INSERT INTO checkpoints VALUES (:tree_size, :root_hash, :note, :at) ON CONFLICT (tree_size) DO NOTHING"),
        {"tree_size": tree_size, "root_hash": root_hash, "note": note, "at": at},
    )
    stored = checkpoint_at(connection, tree_size)
    if stored is None or stored.root_hash != root_hash:
        raise IntegrityError(
            "Another checkpoint of the same size is already recorded; nothing was published.",
            recorded=None if stored is None else stored.note,
            refused=note,
        )
    connection.execute(
        text("UPDATE log_status SET published = greatest(published, :tree_size)"), {"tree_size": tree_size}
    )


def _checkpoint(connection: Connection, condition: str, values: Mapping[str, Any]) -> StoredCheckpoint | None:
    row = connection.execute(text(_CHECKPOINT + condition), values).one_or_none()
    return None if row is None else StoredCheckpoint(*row)


def checkpoint_at(connection: Connection, tree_size: int) -> StoredCheckpoint | None:
    """The checkpoint of exactly this size."""
    return _checkpoint(connection, "WHERE tree_size = :tree_size", {"tree_size": tree_size})


def last_checkpoint(connection: Connection) -> StoredCheckpoint | None:
    """The largest published checkpoint."""
    return _checkpoint(connection, "ORDER BY tree_size DESC LIMIT 1", {})


def last_checkpoint_up_to(connection: Connection, tree_size: int) -> StoredCheckpoint | None:
    """The largest published checkpoint of at most this size."""
    return _checkpoint(
        connection, "WHERE tree_size <= :tree_size ORDER BY tree_size DESC LIMIT 1", {"tree_size": tree_size}
    )


def checkpoint_covering(connection: Connection, tree_size: int) -> StoredCheckpoint | None:
    """The smallest published checkpoint of at least this size."""
    condition = "WHERE tree_size >= :tree_size ORDER BY tree_size LIMIT 1"
    return _checkpoint(connection, condition, {"tree_size": tree_size})
