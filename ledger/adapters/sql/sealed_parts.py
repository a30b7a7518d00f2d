"""The sealed part of a business object: personal data under keys outside of the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from ledger.services.business import StoredObject
from ledger.services.ports import SealedBody
from ledger.services.preparation import Preparer

OBJECT_SOURCE: Final = "urn:cityledger:object:"
"""Names an object's sealing bucket; no event has this source."""


def object_bucket(preparer: Preparer, kind: str, object_id: str) -> bytes:
    """Under which identity the private part of an object is sealed."""
    return preparer.identity_of(OBJECT_SOURCE + kind, object_id)


def put(
    connection: Connection, preparer: Preparer, stored: StoredObject, content: Mapping[str, Any], at: datetime
) -> None:
    """Seals the content under the key of this month; replaces what was there."""
    bucket = object_bucket(preparer, stored.kind, stored.object_id)
    sealed = preparer.sealer.seal(bucket, at, orjson.dumps(content))
    connection.execute(
        text(
            "UPDATE objects SET sealed_month = :month, sealed_generation = :generation, sealed_private = :blob "
            "WHERE kind = :kind AND object_id = :object_id"
        ),
        {**sealed._asdict(), "kind": stored.kind, "object_id": stored.object_id},
    )


def read(connection: Connection, preparer: Preparer, stored: StoredObject) -> dict[str, Any]:
    """What ``put`` sealed; empty when nothing was. Raises ``SealBrokenError`` when the key is gone."""
    query = text(
        "SELECT sealed_month, sealed_generation, sealed_private FROM objects WHERE kind = :kind AND object_id = :object_id"
    )
    row = connection.execute(query, {"kind": stored.kind, "object_id": stored.object_id}).one()
    if row.sealed_private is None:
        return {}
    sealed = SealedBody(row.sealed_month, row.sealed_generation, row.sealed_private)
    bucket = object_bucket(preparer, stored.kind, stored.object_id)
    content: dict[str, Any] = orjson.loads(preparer.sealer.unseal(bucket, sealed))
    return content
