"""A page of product versions against the read model of the registry contract: bounded work, however many products there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, text

from ledger.adapters.sql import contract_events
from ledger.adapters.sql.bounded_pages import ROWS_AT_ONCE, fill_page
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.services.business import Actor, StoredObject
from ledger.services.product_comparison import (
    ChainVersion,
    ProductDifference,
    chain_name,
    compare_products,
    unknown_here,
)
from ledger.services.product_counts import ACTED, REGISTERED, REGISTRY
from ledger.services.product_objects import PRODUCT, VERSION, Both

__all__ = ["REGISTRY", "ComparedPage", "compare_page"]

PAGE_BYTES_MAX = 16 << 20
"""Of the documents that are read for a page."""

_VERSIONS = (
    f"{OBJECT_QUERY} WHERE kind = :kind AND object_id > :after "  # words of our own
    "AND (CAST(:party AS text) IS NULL OR parties @> ARRAY[CAST(:party AS text)]) ORDER BY object_id LIMIT :limit"
)
_ACTS = (
    "SELECT c.object_id, count(*) FILTER (WHERE e.name = :registered), count(*) FILTER (WHERE e.name = :acted) "
    "FROM contract_changes c JOIN contract_events e USING (block_hash, log_index) "
    "WHERE c.address = :address AND c.kind = 'product_version' AND c.object_id = ANY(:names) GROUP BY c.object_id"
)
_ONLY_THERE = (
    "SELECT object_id, state->>'status', EXISTS (SELECT 1 FROM objects p WHERE p.kind = 'product' "
    "AND product_chain_id(p.document->>'salt', p.object_id) = split_part(c.object_id, '/', 1) "
    "AND CAST(split_part(c.object_id, '/', 2) AS bigint) <= CAST(p.document->>'versions' AS bigint)) AS is_known "
    "FROM contract_objects c WHERE address = :address AND kind = 'product_version' AND object_id > :after "
    "ORDER BY object_id LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """What was compared: how many versions here, against the chain up to which block; None as the cursor at the end."""

    block_number: int | None
    compared: int
    differences: list[ProductDifference]
    next_cursor: str | None


def compare_page(connection: Connection, actor: Actor, registry: bytes, *, after: str, limit: int) -> ComparedPage:
    """Versions by name against the contract at this address (20 bytes), and behind the last one what only the contract has.

    Of the contract too ``limit`` versions are looked at for a page, most of which are known here: their pages are empty.

    Args:
        connection: to read on.
        actor: who asks: of versions that it may see.
        registry: address of the contract.
        after: ``next_cursor`` of the page before; empty for the first.
        limit: most versions, here or on the chain.
    """
    cursor = contract_events.read_cursor(connection)
    number = None if cursor is None else cursor.number
    if after.startswith("0x"):
        return _page_of_unknown(connection, registry, number, after, limit)
    versions, more = _page_of_versions(connection, actor, after, limit)
    there, frozen = _on_chain(connection, registry, versions)
    differences = compare_products(versions, there, frozen)
    following = versions[-1].version.object_id if more else "0x"
    return ComparedPage(number, len(versions), differences, following)


def _page_of_versions(connection: Connection, actor: Actor, after: str, limit: int) -> tuple[list[Both], bool]:
    party = None if actor.reads_all else actor.participant or actor.account_id
    values = {"kind": VERSION, "after": after, "limit": limit + 1, "party": party}
    rows = connection.execute(text(_VERSIONS).execution_options(yield_per=ROWS_AT_ONCE), values)
    found, more = fill_page(
        map(stored_object, rows.mappings()), limit, PAGE_BYTES_MAX, lambda one: len(orjson.dumps(one.document))
    )
    rows.close()
    return _with_products(connection, found), more


def _with_products(connection: Connection, versions: Sequence[StoredObject]) -> list[Both]:
    codes = sorted({version.object_id.rpartition("/")[0] for version in versions})
    rows = connection.execute(
        text(f"{OBJECT_QUERY} WHERE kind = :kind AND object_id = ANY(:codes)"), {"kind": PRODUCT, "codes": codes}
    )
    products = {row["object_id"]: stored_object(row) for row in rows.mappings()}
    return [Both(products[version.object_id.rpartition("/")[0]], version) for version in versions]


def _on_chain(
    connection: Connection, registry: bytes, versions: Sequence[Both]
) -> tuple[dict[str, ChainVersion], dict[str, bool]]:
    names = [chain_name(both.product, both.number) for both in versions]
    ids = sorted({name.partition("/")[0] for name in names})
    named = {"address": registry, "names": [*names, *ids]}
    states = connection.execute(
        text(
            "SELECT kind, object_id, state FROM contract_objects WHERE address = :address "
            "AND kind IN ('product', 'product_version') AND object_id = ANY(:names)"
        ),
        named,
    ).all()
    counted = connection.execute(text(_ACTS), {**named, "registered": REGISTERED, "acted": ACTED})
    acts = {name: count if begun else None for name, begun, count in counted}
    there = {name: ChainVersion(state, acts.get(name)) for kind, name, state in states if kind == "product_version"}
    return there, {name: bool(state["is_frozen"]) for kind, name, state in states if kind == "product"}


def _page_of_unknown(
    connection: Connection, registry: bytes, number: int | None, after: str, limit: int
) -> ComparedPage:
    values = {"address": registry, "after": after, "limit": limit + 1}
    rows = connection.execute(text(_ONLY_THERE), values).all()
    looked_at = rows[:limit]
    found = unknown_here([(name, status) for name, status, is_known in looked_at if not is_known])
    return ComparedPage(number, 0, found, looked_at[-1][0] if len(rows) > limit else None)
