"""The business half of ``fsck``: every object is as its newest history row says, its history is whole, its sealed part opens.

Objects are the service's working state; what happened to them is evidence as events. Here their two copies are held against each
other, so that a row which was changed past the service shows.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from anchor.fsck_tree import Finding
from ledger.adapters.sql.sealed_parts import object_bucket
from ledger.errors import LedgerError
from ledger.services.ports import SealedBody
from ledger.services.preparation import Preparer

_ROWS_AT_ONCE = 500

_UNLIKE_HISTORY = """
SELECT o.kind, o.object_id,
       CASE WHEN h.revision IS NULL THEN 'its history has no row of its revision'
            ELSE 'state, parties, content or time are not those of its newest history row' END AS what
FROM objects o LEFT JOIN object_history h USING (kind, object_id, revision)
WHERE h.revision IS NULL OR o.state <> h.state OR o.parties <> h.parties OR o.document <> h.document
   OR o.changed_at <> h.changed_at
ORDER BY o.kind, o.object_id"""

_BROKEN_HISTORY = """
SELECT h.kind, h.object_id,
       CASE WHEN o.revision IS NULL THEN 'its history is there and it is not'
            WHEN max(h.revision) > o.revision THEN 'its history has revisions that it never had'
            WHEN count(*) <> o.revision THEN 'revisions are missing in its history'
            ELSE 'it was not made when its first revision was' END AS what
FROM object_history h LEFT JOIN objects o USING (kind, object_id)
GROUP BY h.kind, h.object_id, o.revision, o.created_at
HAVING o.revision IS NULL OR max(h.revision) > o.revision OR count(*) <> o.revision
    OR o.created_at IS DISTINCT FROM min(h.changed_at) FILTER (WHERE h.revision = 1)
ORDER BY h.kind, h.object_id"""

_SEALED = """
SELECT kind, object_id, sealed_month, sealed_generation, sealed_private FROM objects
WHERE sealed_month IS NOT NULL OR sealed_generation IS NOT NULL OR sealed_private IS NOT NULL ORDER BY kind, object_id"""


def check_objects(connection: Connection, preparer: Preparer) -> Iterator[Finding]:
    """Each object against its history, and its sealed part against the keyring."""
    for query in (_UNLIKE_HISTORY, _BROKEN_HISTORY):
        for kind, object_id, what in connection.execute(text(query)):
            yield Finding("object_altered", f"Object {kind} {object_id}: {what}.", {"where": f"{kind} {object_id}"})
    rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_SEALED))
    for kind, object_id, month, generation, blob in rows:
        where = {"where": f"{kind} {object_id}"}
        if month is None or generation is None or blob is None:
            yield Finding("private_unreadable", f"A part of what is sealed of {kind} {object_id} is gone.", where)
            continue
        try:
            preparer.sealer.unseal(object_bucket(preparer, kind, object_id), SealedBody(month, generation, bytes(blob)))
        except LedgerError as error:
            yield Finding(
                "private_unreadable", f"What is sealed of {kind} {object_id} does not open: {error.detail}", where
            )
