"""The half of ``fsck`` for the catalog: every entry is the one of its feed and of its product, and is found and counted as what it is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import Connection, RowMapping, text

from anchor.fsck_tree import Finding
from ledger.adapters.sql.catalog_index import counted, row_of
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.domain.catalog import Price
from ledger.errors import LedgerError
from ledger.services.business import StoredObject
from ledger.services.catalog import entry_from_value, entry_value
from ledger.services.product_catalog import catalog_entry, shown_of
from ledger.services.product_objects import PRODUCT, VERSION

_ROWS_AT_ONCE: Final = 500
_CAUSES: Final = (LedgerError, ValueError, TypeError, KeyError)
_TEMPLATE: Final = "contract_template"
_LATER_OF_PRICE: Final = frozenset(member.name for member in fields(Price) if member.default is not MISSING)

_ENTRIES = "SELECT *, tsvector_to_array(terms) AS lexemes FROM catalog_entries ORDER BY product_code"
_PRODUCTS = f"{OBJECT_QUERY} WHERE kind = :kind ORDER BY object_id"
_VERSIONS = f"{OBJECT_QUERY} WHERE kind = :kind AND object_id = ANY(:names)"
_OF_PRODUCTS = "SELECT product_code, entry FROM catalog_entries WHERE product_code = ANY(:codes)"


def check_catalog(connection: Connection, shown: Mapping[str, str]) -> Iterator[Finding]:
    """The entries against the feed, the facets against the entries, and both against the products.

    Args:
        connection: on the snapshot.
        shown: what the feed says that the catalog shows, product code -> digest of its entry in hex.
    """
    left, facets = dict(shown), Counter[tuple[str, str]]()
    query = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_ENTRIES))
    for row in query.mappings():
        code = row["product_code"]
        if left.pop(code, None) != sha256(bytes(row["entry"])).hexdigest():
            yield _altered(code, "its entry is not the one that the feed put last")
        what = _columns_fault(row, facets)
        if what is not None:
            yield _altered(code, what)
    for code in sorted(left):
        yield _altered(code, "the feed put it into the catalog, which has it not")
    yield from _check_facets(connection, facets)
    yield from _check_products(connection)


def _columns_fault(row: RowMapping, facets: Counter[tuple[str, str]]) -> str | None:
    try:
        value = orjson.loads(row["entry"])
        stated = row_of(entry_from_value(value), value)
        facets.update(counted(value))
    except _CAUSES as error:
        return f"its entry is none ({type(error).__name__})"
    if sorted(stated.pop("terms")) != sorted(row["lexemes"]) or any(row[name] != stated[name] for name in stated):
        return "its columns are not those of its entry"
    return None


def _check_facets(connection: Connection, facets: Counter[tuple[str, str]]) -> Iterator[Finding]:
    rows = connection.execute(text("SELECT facet, value, entries FROM catalog_facet_counts WHERE entries <> 0"))
    held = {(facet, value): entries for facet, value, entries in rows}
    for facet, value in sorted(held.keys() | facets.keys()):
        if held.get((facet, value), 0) != facets[facet, value]:
            detail = f"The catalog counts {held.get((facet, value), 0)} entries as {facet} {value}, it has {facets[facet, value]}."
            yield Finding("catalog_altered", detail, {"where": f"facet {facet} {value}"})


def _check_products(connection: Connection) -> Iterator[Finding]:
    rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(text(_PRODUCTS), {"kind": PRODUCT})
    for part in rows.mappings().partitions(_ROWS_AT_ONCE):
        yield from _check_some(connection, [stored_object(row) for row in part])
    orphans = (
        "SELECT product_code FROM catalog_entries e WHERE NOT EXISTS "
        "(SELECT 1 FROM objects o WHERE o.kind = :kind AND o.object_id = e.product_code) ORDER BY 1"
    )
    for code in connection.execute(text(orphans), {"kind": PRODUCT}).scalars():
        yield _altered(code, "it is in the catalog and there is no such product")


def _check_some(connection: Connection, products: Sequence[StoredObject]) -> Iterator[Finding]:
    wanted = {product.object_id: _place_of(product) for product in products}
    names = [place[0] for place in wanted.values() if place is not None]
    found = connection.execute(text(_VERSIONS), {"kind": VERSION, "names": names}).mappings()
    versions = {row["object_id"]: stored_object(row) for row in found}
    entries = connection.execute(text(_OF_PRODUCTS), {"codes": list(wanted)})
    held = {code: bytes(entry) for code, entry in entries}
    for product in products:
        place, entry = wanted.get(product.object_id), held.get(product.object_id)
        if place is None and entry is not None:
            yield _altered(product.object_id, "it is in the catalog and no version of it is on sale")
        elif place is not None and not _is_of(product, versions.get(place[0]), place[1], entry):
            yield _altered(product.object_id, "its entry is not what the product and its version say")


def _place_of(product: StoredObject) -> tuple[str, str] | None:
    try:
        return shown_of(product)
    except (*_CAUSES, AttributeError):  # no document of a product: nothing of it is on sale
        return None


def _is_of(product: StoredObject, version: StoredObject | None, state: str, entry: bytes | None) -> bool:
    if version is None or entry is None:
        return False
    try:
        stated = entry_value(entry_from_value(catalog_entry(product, version, state)))
        shown = orjson.loads(entry)
        return bool(_of_its_time(stated, shown) == shown)
    except _CAUSES:
        return False


def _of_its_time(stated: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """What was stated, in the form of the time: an entry that was put before it had its later members gets them with its next step."""
    if _TEMPLATE in shown:
        return stated
    price = {name: value for name, value in stated["price"].items() if name not in _LATER_OF_PRICE}
    return {name: value for name, value in stated.items() if name != _TEMPLATE} | {"price": price}


def _altered(code: str, what: str) -> Finding:
    return Finding("catalog_altered", f"Product {code}: {what}.", {"where": f"catalog {code}"})
