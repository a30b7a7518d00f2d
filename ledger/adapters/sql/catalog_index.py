"""The catalog's projection and its change feed, written in the transaction of the step that lists or takes back a product.

``put`` and ``remove`` hold the head row of the feed until that transaction ends, so sequences have no gaps, a reader never sees a
later row before an earlier one, and the counters of the facets need no lock of their own. A step calls them after it has locked its
objects and before it records its event, so that no two steps wait for each other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import orjson
from sqlalchemy import Connection, RowMapping, text

from ledger.adapters.sql.bounded_pages import ROWS_AT_ONCE, fill_page
from ledger.bundle.catalog_feed import PUT, REMOVED, FeedPosition, chain_digest
from ledger.domain.catalog import LISTED, CatalogEntry
from ledger.domain.catalog_query import FACETS, facet_values
from ledger.domain.search_terms import QueryTerm
from ledger.errors import NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services.catalog import entry_value

NO_PRICE: Final = 2**63 - 1
"""In ``unit_price``: the price rule has no single price, so the entry comes last by price and is in no price range."""

TITLE_MARK: Final = "^"
FACET_MARK: Final = "="
"""First characters of lexemes that are no terms of the text: terms consist of letters and digits."""

_COLUMNS: Final = (
    *("product_code", "version", "state", "title", "currency", "unit_price", "modified"),
    *FACETS,
    *("terms", "entry"),
)
_PUT: Final = text(
    f"INSERT INTO catalog_entries ({', '.join(_COLUMNS)}) VALUES "  # noqa: S608  column names of our own
    f"({', '.join('array_to_tsvector(:terms)' if name == 'terms' else ':' + name for name in _COLUMNS)}) "
    "ON CONFLICT (product_code) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "product_code")
)
_COUNT: Final = text(
    "INSERT INTO catalog_facet_counts (facet, value, entries) "
    "SELECT * FROM unnest(CAST(:facets AS text[]), CAST(:names AS text[]), CAST(:numbers AS bigint[])) "
    "ON CONFLICT (facet, value) DO UPDATE SET entries = catalog_facet_counts.entries + excluded.entries"
)
_CHANGE_COLUMNS: Final = (
    *("sequence", "change", "product_code", "version", "reason", "recorded_at"),
    *("entry_digest", "entry", "previous_digest", "chain_digest"),
)
_CHANGE: Final = text(
    f"INSERT INTO catalog_changes ({', '.join(_CHANGE_COLUMNS)}) "  # noqa: S608  column names of our own
    f"VALUES ({', '.join(':' + name for name in _CHANGE_COLUMNS)})"
)
PAGE_BYTES_MAX: Final = 4 << 20
"""Of the entries in a page of the feed; one that is larger is a page of its own."""

TOTAL: Final = ("all", "")
"""Facet and value under which all listed entries are counted."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Rows of the feed in order, as ``ledger.bundle.catalog_feed`` verifies them, and how far the feed goes now."""

    rows: list[dict[str, Any]]
    head: FeedPosition


@dataclass(frozen=True, slots=True)
class _Change:
    """What a row of the feed says; ``entry`` is the canonical JSON of a put."""

    change: str
    product_code: str
    version: int
    reason: str | None
    entry: bytes | None


def put(connection: Connection, entry: CatalogEntry, *, at: datetime | None = None) -> FeedPosition:
    """Puts an entry into the catalog, in place of what stood under its product code.

    Returns the position of its change in the feed, for the step's event. What stands there already is not put again:
    the position is that of the change that put it.

    Args:
        connection: in the transaction of the step.
        entry: what is on offer from now on.
        at: when; the transaction's time unless told.
    """
    put_many(connection, [entry], at=at)
    return _newest_change_of(connection, entry.product_code)


def put_many(connection: Connection, entries: Sequence[CatalogEntry], *, at: datetime | None = None) -> None:
    """As ``put``, for any number of entries of different products."""
    head = _lock_head(connection)
    stored = _stored(connection, [entry.product_code for entry in entries])
    values = [(entry, entry_value(entry)) for entry in entries]
    new = [(entry, value) for entry, value in values if stored.get(entry.product_code) != value]
    if not new:
        return
    old = [stored[entry.product_code] for entry, _ in new if entry.product_code in stored]
    connection.execute(_PUT, [row_of(entry, value) for entry, value in new])
    _count(connection, old, [value for _, value in new])
    _append(
        connection,
        head,
        [_Change(PUT, entry.product_code, entry.version, None, encode_jcs(value)) for entry, value in new],
        at,
    )


def remove(connection: Connection, product_code: str, reason: str, *, at: datetime | None = None) -> FeedPosition:
    """Takes an entry out of the catalog; the feed keeps what it was, and says why it went.

    Raises:
        NotFoundError: the catalog has no such product.
    """
    head = _lock_head(connection)
    stored = entry_of(connection, product_code)
    if stored is None:
        raise NotFoundError("The catalog has no such product.")
    _count(connection, [stored], [])
    connection.execute(text("DELETE FROM catalog_entries WHERE product_code = :code"), {"code": product_code})
    return _append(connection, head, [_Change(REMOVED, product_code, stored["version"], reason, None)], at)


def changes(connection: Connection, after: int, limit: int) -> FeedPage:
    """Up to ``limit`` rows of the feed after a sequence, fewer when their entries are large, and the newest position.

    There is one row at least until the newest is reached.
    """
    statement = text("SELECT * FROM catalog_changes WHERE sequence > :after ORDER BY sequence LIMIT :limit")
    found = connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE), {"after": after, "limit": limit})
    rows, _ = fill_page(found.mappings(), limit, PAGE_BYTES_MAX, lambda row: len(row["entry"] or b""))
    found.close()
    head = FeedPosition(*connection.execute(text("SELECT sequence, chain_digest FROM catalog_head")).one())
    return FeedPage([feed_row(row) for row in rows], head)


def entry_of(connection: Connection, product_code: str) -> dict[str, Any] | None:
    """The entry's JSON form, in whatever state; None when the catalog has none."""
    return _stored(connection, [product_code]).get(product_code)


def lexemes(entry: CatalogEntry) -> list[str]:
    """Everything that an entry is found by, in the one index: its terms, those of its title once more, its facets."""
    found = {*entry.terms, *(TITLE_MARK + term for term in entry.title_terms)}
    found.update(facet_lexeme(name, value) for name, value in facet_values(entry).items())
    return sorted(found)


def facet_lexeme(name: str, value: str) -> str:
    """The lexeme of one facet's value."""
    return f"{FACET_MARK}{name}:{value}"


def term_query(term: QueryTerm, mark: str = "") -> str:
    """A term as the text form of a ``tsquery``."""
    return quoted(mark + term.text) + (":*" if term.is_beginning else "")


def quoted(lexeme: str) -> str:
    """A lexeme as the text form of a ``tsquery``, whatever characters it has."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _lock_head(connection: Connection) -> FeedPosition:
    return FeedPosition(*connection.execute(text("SELECT sequence, chain_digest FROM catalog_head FOR UPDATE")).one())


def _stored(connection: Connection, product_codes: list[str]) -> dict[str, dict[str, Any]]:
    rows = connection.execute(
        text("SELECT product_code, entry FROM catalog_entries WHERE product_code = ANY(:codes)"),
        {"codes": product_codes},
    )
    return {code: orjson.loads(raw) for code, raw in rows}


def row_of(entry: CatalogEntry, value: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an entry; ``terms`` as the list of its lexemes."""
    own = {
        "product_code": entry.product_code,
        "version": entry.version,
        "state": entry.state,
        "title": entry.title,
        "currency": entry.price.currency,
        "unit_price": NO_PRICE if entry.price.unit_price is None else entry.price.unit_price,
        "modified": entry.modified,
        "terms": lexemes(entry),
        "entry": encode_jcs(value),
    }
    return own | facet_values(entry)


def _count(connection: Connection, gone: Iterable[Mapping[str, Any]], come: Iterable[Mapping[str, Any]]) -> None:
    by = Counter[tuple[str, str]]()
    for sign, values in ((-1, gone), (1, come)):
        for value in values:
            for pair in counted(value):
                by[pair] += sign
    changed = [(facet, value, change) for (facet, value), change in by.items() if change]
    if changed:
        facets, names, numbers = zip(*changed, strict=True)
        connection.execute(_COUNT, {"facets": list(facets), "names": list(names), "numbers": list(numbers)})


def counted(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facets and values under which an entry, in its JSON form, is counted; none unless it is listed."""
    if value["state"] != LISTED:
        return []
    own = {"public_data": "yes" if value["weights"]["public"] else "no", "price_kind": value["price"]["kind"]}
    return [TOTAL, *((name, own.get(name) or value[name]) for name in FACETS)]


def _newest_change_of(connection: Connection, product_code: str) -> FeedPosition:
    statement = (
        "SELECT sequence, chain_digest FROM catalog_changes WHERE product_code = :code ORDER BY sequence DESC LIMIT 1"
    )
    return FeedPosition(*connection.execute(text(statement), {"code": product_code}).one())


def _append(connection: Connection, head: FeedPosition, new: Sequence[_Change], at: datetime | None) -> FeedPosition:
    moment = at or connection.execute(text("SELECT transaction_timestamp()")).scalar_one()
    rows = []
    for change in new:
        digest = None if change.entry is None else sha256(change.entry).digest()
        stated = {
            "sequence": head.sequence + 1,
            "change": change.change,
            "product_code": change.product_code,
            "version": change.version,
            "reason": change.reason,
            "recorded_at": format_time(moment),
            "entry_digest": None if digest is None else digest.hex(),
            "previous_digest": head.chain_digest.hex(),
        }
        previous, head = head, FeedPosition(head.sequence + 1, chain_digest(stated))
        own = {"entry_digest": digest, "entry": change.entry, "previous_digest": previous.chain_digest}
        rows.append(stated | own | {"recorded_at": moment, "chain_digest": head.chain_digest})
    connection.execute(_CHANGE, rows)
    connection.execute(
        text("UPDATE catalog_head SET sequence = :sequence, chain_digest = :digest"),
        {"sequence": head.sequence, "digest": head.chain_digest},
    )
    return head


def feed_row(row: RowMapping) -> dict[str, Any]:
    """A row of ``catalog_changes`` as a change of the feed."""
    return dict(row) | {
        "recorded_at": format_time(row["recorded_at"]),
        "entry_digest": None if row["entry_digest"] is None else row["entry_digest"].hex(),
        "entry": None if row["entry"] is None else orjson.loads(row["entry"]),
        "previous_digest": row["previous_digest"].hex(),
        "chain_digest": row["chain_digest"].hex(),
    }
