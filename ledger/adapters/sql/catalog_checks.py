"""Reading the regulators' checks of a product's metadata."""

from sqlalchemy import Connection, text

from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.services.business import Actor, StoredObject
from ledger.services.catalog_checks import KIND


def checks_of(connection: Connection, actor: Actor, product_code: str, limit: int) -> list[StoredObject]:
    """The newest checks of a product that the actor may see, the newest first."""
    query = (
        f"{OBJECT_QUERY} WHERE kind = :kind AND document->>'product_code' = :product_code "
        "AND (:reads_all OR parties && CAST(:parties AS text[])) ORDER BY created_at DESC, object_id DESC LIMIT :limit"
    )
    values = {
        "kind": KIND,
        "product_code": product_code,
        "reads_all": actor.reads_all,
        "parties": [name for name in (actor.participant, actor.account_id) if name is not None],
        "limit": limit,
    }
    return [stored_object(row) for row in connection.execute(text(query), values).mappings()]
