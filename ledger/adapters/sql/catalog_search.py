"""Searching the catalog: pages in a total order by keyset, and counts of facets.

Every question costs a bounded piece of work, whatever the planner guesses. A page is first looked for by walking
``WALK_ROWS`` rows along the index of the order: what is common is found there at once. Only if that finds too few is
everything that matches collected by the one GIN index, and sorted: then it is rare, or at least is rare among the first. Facets of
the whole catalog are counters that ``put`` and ``remove`` keep; any other question counts at most ``COUNTED_MAX`` entries, and
says when there were more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, text

from ledger.adapters.sql.catalog_index import NO_PRICE, TITLE_MARK, TOTAL, facet_lexeme, quoted, term_query
from ledger.domain.catalog_query import FACETS, CatalogQuery, Sort

WALK_ROWS: Final = 2_000
WALK_TEXTS: Final = 400
"""Rows whose terms are looked at, which lie outside of the row, cost several times as much."""
COUNTED_MAX: Final = 5_000
VALUES_MAX: Final = 50
"""Values of a facet that are told, those with the most entries first."""

COUNTED_TOGETHER: Final = (
    ("topic", "scene"),
    ("delivery_form", "source", "frequency"),
    ("security_level", "quality", "price_kind", "public_data"),
    ("provider_code",),
)
"""Facets whose values go together in few ways: the database groups by a set of them at once, which costs it less than half of
one by one, and each is the sum over the others."""
_SETS: Final = ", ".join(f"({', '.join(together)})" for together in COUNTED_TOGETHER)

_LISTED: Final = "state = 'listed'"
_TERMS: Final = "terms @@ CAST(:terms AS tsquery)"
_TIMES: Final = ("modified >= :modified_from", "modified <= :modified_to")
_PRICES: Final = ("currency = :currency", "unit_price >= :price_from", "unit_price <= :price_to")
_ORDERS: Final[Mapping[Sort, tuple[tuple[str, ...], str]]] = {
    Sort.NEWEST: (("modified", "product_code"), "DESC"),
    Sort.PRICE: (("currency", "unit_price", "product_code"), "ASC"),
    Sort.TITLE: (("title", "product_code"), "ASC"),
}

Key = tuple[str | int | datetime, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after this key, among those found in this tier (0, or 1 after all titles by relevance)."""

    tier: int
    key: Key | None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, in their JSON form; ``next`` is where the following page begins, None after the last."""

    entries: list[dict[str, Any]]
    next: Position | None
    first_key: Key | None


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """How many entries there are, and of which values; unless ``is_exact`` there are at least so many."""

    entries: int
    is_exact: bool
    facets: dict[str, list[tuple[str, int]]]


def search(
    connection: Connection, query: CatalogQuery, sort: Sort, limit: int, after: Position = Position(0, None)
) -> Page:
    """A page of at most ``limit`` entries."""
    tiers = _tiers(query, sort)
    order = Sort.NEWEST if sort is Sort.RELEVANCE else sort
    rows: list[tuple[int, Row[Any]]] = []
    position = after
    for tier in range(after.tier, len(tiers)):
        rows += [
            (tier, row) for row in _find(connection, query, tiers[tier], order, position, limit=limit + 1 - len(rows))
        ]
        if len(rows) > limit:
            break
        position = Position(tier + 1, None)
    more = len(rows) > limit
    rows = rows[:limit]
    codes = [row.product_code for _, row in rows]
    keys = [(tier, _key(row, order)) for tier, row in rows]
    following = Position(*keys[-1]) if more else None
    return Page(_entries(connection, codes), following, keys[0][1] if keys else None)


def start_of_previous(connection: Connection, first_key: Key, limit: int) -> Position | None:
    """Where the page of all entries by ``NEWEST`` begins that ends before ``first_key``; None if that is the first page."""
    columns, _ = _ORDERS[Sort.NEWEST]
    rows = _run(
        connection,
        f"SELECT {', '.join(columns)} FROM catalog_entries WHERE {_LISTED} AND {_beyond(columns, '>')} "  # noqa: S608
        f"ORDER BY {', '.join(columns)} LIMIT :limit",
        _key_values(columns, first_key) | {"limit": limit + 1},
    )
    return Position(0, _key(rows[limit], Sort.NEWEST)) if len(rows) > limit else None


def count_facets(connection: Connection, query: CatalogQuery) -> FacetCounts:
    """Counts of every facet among the entries that the query finds."""
    if query.is_everything:
        return _all_counts(connection)
    where, values = _conditions(query)
    terms = _and(*(term_query(term) for term in query.terms), _choices(query))
    if terms:
        where.append(_TERMS)
    use_indexes(connection, collecting=True)
    rows = _run(
        connection,
        f"SELECT {', '.join(FACETS)}, count(*) AS entries FROM (SELECT {', '.join(FACETS)} FROM catalog_entries "  # noqa: S608  names of our own
        f"WHERE {' AND '.join(where)} LIMIT :limit) AS hits GROUP BY GROUPING SETS ({_SETS})",
        values | {"terms": terms, "limit": COUNTED_MAX + 1},
    )
    *columns, numbers = zip(*rows, strict=True) if rows else ([()] * (len(FACETS) + 1))
    facets = {name: _sums(column, numbers) for name, column in zip(FACETS, columns, strict=True)}
    total = sum(facets[FACETS[0]].values())
    told = {name: _most(counted.items()) for name, counted in facets.items()}
    return FacetCounts(min(total, COUNTED_MAX), total <= COUNTED_MAX, told)


def _sums(values: Sequence[str | None], numbers: Sequence[int]) -> dict[str, int]:
    """How many of each value; None is in the rows of another set."""
    found = defaultdict[str, int](int)
    for value, number in zip(values, numbers, strict=True):
        if value is not None:
            found[value] += number
    return found


def _all_counts(connection: Connection) -> FacetCounts:
    facet, value = TOTAL
    statement = "SELECT coalesce(sum(entries), 0) FROM catalog_facet_counts WHERE facet = :facet AND value = :value"
    total = connection.execute(text(statement), {"facet": facet, "value": value}).scalar_one()
    rows = _run(
        connection,
        "SELECT f.facet, c.value, c.entries FROM unnest(CAST(:facets AS text[])) AS f(facet), LATERAL "
        "(SELECT value, entries FROM catalog_facet_counts c WHERE c.facet = f.facet AND c.entries > 0 "
        "ORDER BY c.entries DESC, c.value LIMIT :limit) c",
        {"facets": list(FACETS), "limit": VALUES_MAX},
    )
    facets: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for row in rows:
        facets[row.facet].append((row.value, row.entries))
    return FacetCounts(int(total), is_exact=True, facets={name: _most(counted) for name, counted in facets.items()})


def _most(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:VALUES_MAX]


def _tiers(query: CatalogQuery, sort: Sort) -> list[str]:
    """The text conditions of a page, one after the other: together they find everything once."""
    anywhere = _and(*(term_query(term) for term in query.terms))
    if sort is not Sort.RELEVANCE or not anywhere:
        return [anywhere]
    title = _and(*(term_query(term, TITLE_MARK) for term in query.terms))
    return [title, f"{anywhere} & !({title})"]


def _choices(query: CatalogQuery) -> str:
    """What is asked of the facets, by lexeme, as the text form of a ``tsquery``; empty when nothing is."""
    wanted = [(name, values) for name, values in query.choices.items() if values]
    return _and(*(f"({' | '.join(quoted(facet_lexeme(name, value)) for value in values)})" for name, values in wanted))


def _and(*parts: str) -> str:
    return " & ".join(part for part in parts if part)


def _find(
    connection: Connection, query: CatalogQuery, terms: str, order: Sort, after: Position, *, limit: int
) -> Sequence[Row[Any]]:
    columns, direction = _ORDERS[order]
    where, values = _conditions(query)
    if after.key is not None:
        where.append(_beyond(columns, "<" if direction == "DESC" else ">"))
        values |= _key_values(columns, after.key)
    # What the order itself runs along bounds the walk; the rest is looked at row by row.
    along = [one for one in where if one.startswith((*columns, "state", "("))]
    across = [one for one in where if one not in along]
    chosen, values_chosen = _columns_of(query)
    looked_at = [*across, *chosen, *([_TERMS] if terms else [])]
    rows = f"SELECT {', '.join(columns)} FROM"
    ordered = f"ORDER BY {', '.join(f'{name} {direction}' for name in columns)}"
    use_indexes(connection, collecting=False)
    if not looked_at:
        everything = f"{rows} catalog_entries WHERE {' AND '.join(along)} {ordered} LIMIT :limit"
        return _run(connection, everything, values | {"limit": limit})
    walked = WALK_TEXTS if terms else WALK_ROWS
    found = _run(
        connection,
        f"WITH walked AS MATERIALIZED (SELECT {', '.join(columns)}, ({' AND '.join(looked_at)}) AS found "  # noqa: S608
        f"FROM catalog_entries WHERE {' AND '.join(along)} {ordered} LIMIT :walked) "
        f"SELECT {', '.join(columns)}, (SELECT count(*) FROM walked) AS walked FROM walked WHERE found {ordered} "
        "LIMIT :limit",
        values | values_chosen | {"terms": terms, "walked": walked, "limit": limit},
    )
    if len(found) == limit or (found and found[0].walked < walked):
        return found
    indexed = _and(terms, _choices(query))
    collected = [*where, *([_TERMS] if indexed else [])]
    use_indexes(connection, collecting=True)
    return _run(
        connection,
        f"WITH hits AS MATERIALIZED ({rows} catalog_entries WHERE {' AND '.join(collected)}) "  # noqa: S608
        f"SELECT * FROM hits {ordered} LIMIT :limit",
        values | {"terms": indexed, "limit": limit},
    )


def _conditions(query: CatalogQuery) -> tuple[list[str], dict[str, Any]]:
    """What is asked of the ranges, and that an entry is listed."""
    where, values = [_LISTED], dict[str, Any]()
    for condition in (*_TIMES, *_PRICES):
        name = condition.rpartition(":")[2]
        if (bound := getattr(query, name)) is not None:
            where.append(condition)
            values[name] = bound
    if query.price_from is not None and query.price_to is None:
        where.append(f"unit_price < {NO_PRICE}")  # which is in no range
    return where, values


def _columns_of(query: CatalogQuery) -> tuple[list[str], dict[str, Any]]:
    """What is asked of the facets, by column: these lie in the row itself, so they are quickly looked at."""
    wanted = {name: list(values) for name, values in query.choices.items() if values}
    return [f"{name} = ANY(:in_{name})" for name in wanted], {f"in_{name}": codes for name, codes in wanted.items()}


def _beyond(columns: Sequence[str], operator: str) -> str:
    return f"({', '.join(columns)}) {operator} ({', '.join(f':after_{name}' for name in columns)})"


def _key_values(columns: Sequence[str], key: Key) -> dict[str, Any]:
    return {f"after_{name}": value for name, value in zip(columns, key, strict=True)}


def _key(row: Row[Any], order: Sort) -> Key:
    return tuple(getattr(row, name) for name in _ORDERS[order][0])


def _entries(connection: Connection, codes: list[str]) -> list[dict[str, Any]]:
    if not codes:
        return []
    rows = _run(
        connection,
        "SELECT product_code, entry FROM catalog_entries WHERE product_code = ANY(:codes)",
        {"codes": codes},
    )
    found = {row.product_code: row.entry for row in rows}
    return [orjson.loads(found[code]) for code in codes if code in found]  # one may have been taken back meanwhile


def use_indexes(connection: Connection, *, collecting: bool) -> None:
    """Leaves the planner the one kind of plan that is bounded, until the transaction ends or this is called again.

    A walk goes along the index of its order; collecting goes by bitmaps, which look at no row's terms. Statistics cannot tell
    the two apart, because they do not know how often neighbouring pairs of characters go together; a scan of the whole table is
    never the answer.
    """
    connection.execute(
        text("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', :walk, true)"),
        {"walk": "off" if collecting else "on"},
    )


def _run(connection: Connection, statement: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    return connection.execute(text(statement), dict(values)).all()
