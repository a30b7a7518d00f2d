"""Rows of ``objects`` as stored objects."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import RowMapping

from ledger.services.business import StoredObject

OBJECT_QUERY: Final = "SELECT kind, object_id, revision, state, parties, document, created_at, changed_at FROM objects"


def object_query(members: Sequence[str] = ()) -> str:
    """``OBJECT_QUERY``, with these members of the document alone; empty for the whole document.

    A document is unpacked once, however many of its members are taken.
    """
    if not members:
        return OBJECT_QUERY
    columns = ", ".join(f"{name} jsonb" for name in members)
    taken = f"(SELECT to_jsonb(taken) FROM jsonb_to_record(document) AS taken({columns})) AS document"  # noqa: S608  words of our own
    return OBJECT_QUERY.replace("document", taken)


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
