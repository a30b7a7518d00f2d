"""The catalog's projection and its change feed, written in the transaction of the step that lists or takes back a product.

``put`` and ``remove`` hold the head row of the feed until that transaction ends, so sequences have no gaps, a reader never sees a
later row before an earlier one, and the counters of the facets need no lock of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, RowMapping, text

from ledger.bundle.catalog_feed import PUT, REMOVED, FeedPosition, chain_digest, entry_digest
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
    "INSERT INTO catalog_facet_counts (facet, value, entries) VALUES (:facet, :value, :by) "
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
TOTAL: Final = ("all", "")
"""Facet and value under which all listed entries are counted."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Rows of the feed in order, as ``ledger.bundle.catalog_feed`` verifies them, and how far the feed goes now."""

    rows: list[dict[str, Any]]
    head: FeedPosition


def put(connection: Connection, entry: CatalogEntry, *, at: datetime | None = None) -> FeedPosition:
    """Puts an entry into the catalog, in place of what stood under its product code.

    Returns the position of its change in the feed, for the step's event. What stands there already is not put again:
    the position is that of the change that put it.

    Args:
        connection: in the transaction of the step.
        entry: what is on offer from now on.
        at: when; the transaction's time unless told.
    """
    head = _lock_head(connection)
    value = entry_value(entry)
    digest = entry_digest(value)
    stored = _stored(connection, entry.product_code)
    if stored is not None and entry_digest(stored) == digest:
        return _newest_change_of(connection, entry.product_code)
    if stored is not None:
        _count(connection, stored, -1)
    raw = encode_jcs(value)
    facets = facet_values(entry)
    row = {
        "product_code": entry.product_code,
        "version": entry.version,
        "state": entry.state,
        "title": entry.title,
        "currency": entry.price.currency,
        "unit_price": NO_PRICE if entry.price.unit_price is None else entry.price.unit_price,
        "modified": entry.modified,
        "terms": lexemes(entry),
        "entry": raw,
    }
    connection.execute(_PUT, row | facets)
    _count(connection, value, 1)
    change = {"change": PUT, "product_code": entry.product_code, "version": entry.version, "reason": None}
    return _append(connection, head, change, at, (digest, raw))


def remove(connection: Connection, product_code: str, reason: str, *, at: datetime | None = None) -> FeedPosition:
    """Takes an entry out of the catalog; the feed keeps what it was, and says why it went.

    Raises:
        NotFoundError: the catalog has no such product.
    """
    head = _lock_head(connection)
    stored = _stored(connection, product_code)
    if stored is None:
        raise NotFoundError("The catalog has no such product.")
    _count(connection, stored, -1)
    connection.execute(text("DELETE FROM catalog_entries WHERE product_code = :code"), {"code": product_code})
    change = {"change": REMOVED, "product_code": product_code, "version": stored["version"], "reason": reason}
    return _append(connection, head, change, at, (None, None))


def changes(connection: Connection, after: int, limit: int) -> FeedPage:
    """Up to ``limit`` rows of the feed after a sequence, and the newest position."""
    found = connection.execute(
        text("SELECT * FROM catalog_changes WHERE sequence > :after ORDER BY sequence LIMIT :limit"),
        {"after": after, "limit": limit},
    ).mappings()
    rows = [_feed_row(row) for row in found]
    head = FeedPosition(*connection.execute(text("SELECT sequence, chain_digest FROM catalog_head")).one())
    return FeedPage(rows, head)


def entry_of(connection: Connection, product_code: str) -> dict[str, Any] | None:
    """The entry's JSON form, in whatever state; None when the catalog has none."""
    return _stored(connection, product_code)


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


def _stored(connection: Connection, product_code: str) -> dict[str, Any] | None:
    raw = connection.execute(
        text("SELECT entry FROM catalog_entries WHERE product_code = :code"), {"code": product_code}
    ).scalar()
    return None if raw is None else orjson.loads(raw)


def _count(connection: Connection, value: Mapping[str, Any], by: int) -> None:
    if value["state"] != LISTED:
        return
    own = {"public_data": "yes" if value["weights"]["public"] else "no", "price_kind": value["price"]["kind"]}
    counted = [(name, own.get(name) or value[name]) for name in FACETS]
    connection.execute(_COUNT, [{"facet": facet, "value": of, "by": by} for facet, of in [TOTAL, *counted]])


def _newest_change_of(connection: Connection, product_code: str) -> FeedPosition:
    statement = (
        "SELECT sequence, chain_digest FROM catalog_changes WHERE product_code = :code ORDER BY sequence DESC LIMIT 1"
    )
    return FeedPosition(*connection.execute(text(statement), {"code": product_code}).one())


def _append(
    connection: Connection,
    head: FeedPosition,
    change: dict[str, Any],
    at: datetime | None,
    content: tuple[bytes | None, bytes | None],
) -> FeedPosition:
    digest, raw = content
    moment = at or connection.execute(text("SELECT transaction_timestamp()")).scalar_one()
    sequence = head.sequence + 1
    stated = change | {
        "sequence": sequence,
        "recorded_at": format_time(moment),
        "entry_digest": None if digest is None else digest.hex(),
        "previous_digest": head.chain_digest.hex(),
    }
    new = FeedPosition(sequence, chain_digest(stated))
    connection.execute(
        _CHANGE,
        stated
        | {
            "recorded_at": moment,
            "entry_digest": digest,
            "entry": raw,
            "previous_digest": head.chain_digest,
            "chain_digest": new.chain_digest,
        },
    )
    connection.execute(
        text("UPDATE catalog_head SET sequence = :sequence, chain_digest = :digest"),
        {"sequence": sequence, "digest": new.chain_digest},
    )
    return new


def _feed_row(row: RowMapping) -> dict[str, Any]:
    return dict(row) | {
        "recorded_at": format_time(row["recorded_at"]),
        "entry_digest": None if row["entry_digest"] is None else row["entry_digest"].hex(),
        "entry": None if row["entry"] is None else orjson.loads(row["entry"]),
        "previous_digest": row["previous_digest"].hex(),
        "chain_digest": row["chain_digest"].hex(),
    }
