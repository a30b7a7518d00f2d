"""Rows of ``objects`` as stored objects."""

from typing import Final

from sqlalchemy import RowMapping

from ledger.services.business import StoredObject

OBJECT_QUERY: Final = "SELECT kind, object_id, revision, state, parties, document, created_at, changed_at FROM objects"


def stored_object(row: RowMapping) -> StoredObject:
    """A row of ``objects``."""
    return StoredObject(
        row["kind"],
        row["object_id"],
        row["revision"],
        row["state"],
        tuple(row["parties"]),
        row["document"],
        row["created_at"],
        row["changed_at"],
    )
