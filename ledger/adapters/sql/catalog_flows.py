"""The flows of the data map: agreements in force about products, as far as the caller may read them, and how many there are."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from ledger.adapters.sql.catalog_search import use_indexes
from ledger.domain.catalog_map import FLOWING, FLOWS_COUNTED, FLOWS_TOLD, Flow, Flows
from ledger.services.agreement_objects import KIND
from ledger.services.business import Actor

_OF_PRODUCT: Final = (
    "kind = :kind AND document->>'product_code' = asked.code "
    # in the words of the index, so that the planner sees that it fits
    f"AND state IN ({', '.join(repr(state) for state in FLOWING)})"
)
_ASKED: Final = "unnest(CAST(:codes AS text[])) AS asked(code)"
NUMBERS: Final = text(
    f"SELECT asked.code, found.number FROM {_ASKED}, LATERAL (SELECT count(*) AS number FROM "  # noqa: S608  words of our own
    f"(SELECT 1 FROM objects WHERE {_OF_PRODUCT} LIMIT :counted) AS counted) AS found WHERE found.number > 0"
)
SEEN: Final = text(
    f"SELECT found.* FROM {_ASKED}, LATERAL (SELECT object_id, state, document FROM objects WHERE {_OF_PRODUCT} "  # noqa: S608  words of our own
    "AND (:reads_all OR parties && CAST(:parties AS text[])) "
    "ORDER BY created_at DESC, object_id DESC LIMIT :told) AS found"
)


def flows_of(connection: Connection, actor: Actor, product_codes: Sequence[str]) -> Flows:
    """The flows of products: those of each that the actor may read, the newest first, and the numbers of all."""
    codes = {"kind": KIND, "codes": list(product_codes)}
    use_indexes(connection, collecting=False)
    numbers = connection.execute(NUMBERS, {**codes, "counted": FLOWS_COUNTED + 1})
    found = {row.code: row.number for row in numbers}
    seen = connection.execute(
        SEEN,
        {
            **codes,
            "codes": list(found),
            "reads_all": actor.reads_all,
            "parties": [name for name in (actor.participant, actor.account_id) if name is not None],
            "told": FLOWS_TOLD,
        },
    )
    return Flows([_flow(row) for row in seen.mappings()], found)


def _flow(row: RowMapping) -> Flow:
    document = row["document"]
    names = {party["entity_id"]: party["entity_name"] for party in document["disclosed"]["parties"]}
    return Flow(
        agreement_id=row["object_id"],
        product_code=document["product_code"],
        product_version=document["product_version"],
        provider=_body(names, document["provider"]),
        consumer=_body(names, document["consumer"]),
        state=row["state"],
        since=document["concluded"]["at"],
    )


def _body(names: dict[str, Any], code: str) -> tuple[str, str]:
    return code, names.get(code) or code
