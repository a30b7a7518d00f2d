"""The catalog's index in PostgreSQL: it finds what the pure meaning of a question says, page by page, and counts it."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from support.catalog_entries import START, TOPICS, an_entry, generated_entries, product_code, provider_code
from support.embedded import DatabaseFactory

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import catalog_index, catalog_search
from ledger.adapters.sql.catalog_search import Position
from ledger.adapters.sql.engine import create_engine
from ledger.bundle.catalog_feed import verify_changes
from ledger.domain.catalog import LISTED, CatalogEntry, Price
from ledger.domain.catalog_query import FACETS, CatalogQuery, Sort, facet_values, has_terms, matches
from ledger.errors import NotFoundError
from ledger.services.catalog import entry_from_value, entry_value

ENTRIES = 300


@dataclass(frozen=True, repr=False)
class Filled:
    """A catalog and what must be in it."""

    connection: Connection
    entries: list[CatalogEntry]


@pytest.fixture(scope="module")
def filled(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Filled]:
    """A catalog of generated entries: some were put twice, some were taken back, some are suspended."""
    factory = DatabaseFactory(postgres_server)
    engine = create_engine(factory(template=migrated_template), pool_size=2)
    rng = random.Random(5)
    entries = {entry.product_code: entry for entry in generated_entries(ENTRIES)}
    with engine.begin() as connection:
        for code, entry in list(entries.items()):
            catalog_index.put(connection, entry)
            if rng.random() < 0.1:
                changed = entry_from_value(entry_value(entry) | {"version": 2, "topic": "D0500", "state": "suspended"})
                entries[code] = changed
                catalog_index.put(connection, changed)
            elif rng.random() < 0.1:
                catalog_index.remove(connection, code, "delisted")
                del entries[code]
    connection = engine.connect()
    yield Filled(connection, list(entries.values()))
    connection.close()
    engine.dispose()
    factory.close()


@pytest.fixture
def connection(migrated_url: str) -> Iterator[Connection]:
    engine = create_engine(migrated_url, pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def all_pages(connection: Connection, query: CatalogQuery, sort: Sort, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    position: Position | None = Position(0, None)
    while position is not None:
        page = catalog_search.search(connection, query, sort, limit, position)
        assert len(page.entries) == limit or page.next is None
        found += page.entries
        position = page.next
    connection.rollback()
    return found


WORDS = st.sampled_from(
    ["许可", "施工许可", "统计数据", "数据", "桥", "permit", "PERMIT risk", "专题3期", "全市 credit", "没有", "-"]
)
QUERIES = st.builds(
    CatalogQuery,
    text=st.one_of(st.just(""), WORDS),
    choices=st.fixed_dictionaries(
        {},
        optional={
            "topic": st.lists(st.sampled_from(TOPICS[:6]), min_size=1, max_size=3).map(tuple),
            "delivery_form": st.sampled_from([("001",), ("002", "003")]),
            "public_data": st.sampled_from([("yes",), ("no",)]),
            "provider_code": st.integers(0, 200).map(lambda number: (provider_code(number),)),
            "quality": st.just(("it's \\ no code",)),
        },
    ),
    currency=st.sampled_from([None, "CNY", "EUR"]),
    price_from=st.sampled_from([None, 0, 2_000_000_000]),
    price_to=st.sampled_from([None, 3_000_000_000]),
    modified_from=st.sampled_from([None, START + timedelta(days=60)]),
    modified_to=st.sampled_from([None, START + timedelta(days=180)]),
)


def order_key(entry: CatalogEntry, sort: Sort, query: CatalogQuery) -> tuple[Any, ...]:
    """The place of an entry, ascending."""
    if sort is Sort.TITLE:
        return (entry.title.encode(), entry.product_code)
    if sort is Sort.PRICE:
        unpriced = entry.price.unit_price is None
        return (entry.price.currency, unpriced, entry.price.unit_price or 0, entry.product_code)
    below = sort is Sort.RELEVANCE and not has_terms(entry.title_terms, query.terms)
    return (below, -entry.modified.timestamp(), [-ord(character) for character in entry.product_code])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(query=QUERIES, sort=st.sampled_from(Sort), limit=st.sampled_from([3, 20, 100]))
def test_paging_gives_every_entry_once_in_order(filled: Filled, query: CatalogQuery, sort: Sort, limit: int) -> None:
    connection, entries = filled.connection, filled.entries
    expected = sorted(
        (entry for entry in entries if matches(entry, query)), key=lambda entry: order_key(entry, sort, query)
    )

    limit = limit if len(expected) < 60 else max(limit, 20)
    found = all_pages(connection, query, sort, limit)

    assert [entry["product_code"] for entry in found] == [entry.product_code for entry in expected]
    assert found == [entry_value(entry) for entry in expected]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(query=QUERIES)
def test_facets_count_what_the_question_finds(filled: Filled, query: CatalogQuery) -> None:
    connection, entries = filled.connection, filled.entries
    found = [entry for entry in entries if matches(entry, query)]

    counts = catalog_search.count_facets(connection, query)
    connection.rollback()

    assert (counts.entries, counts.is_exact) == (len(found), True)
    for name in FACETS:
        values = [facet_values(entry)[name] for entry in found]
        expected = sorted(((value, values.count(value)) for value in set(values)), key=lambda pair: (-pair[1], pair[0]))
        assert counts.facets[name] == expected[: catalog_search.VALUES_MAX], name


def test_every_facet_is_counted_in_one_set() -> None:
    together = [name for names in catalog_search.COUNTED_TOGETHER for name in names]
    assert sorted(together) == sorted(FACETS)


def test_counters_of_everything_equal_a_count_of_everything(filled: Filled) -> None:
    connection, entries = filled.connection, filled.entries
    listed = [entry for entry in entries if entry.state == LISTED]
    assert 0 < len(listed) < len(entries) < ENTRIES

    counts = catalog_search.count_facets(connection, CatalogQuery())
    counted = catalog_search.count_facets(connection, CatalogQuery(currency="CNY"))

    assert counts == counted
    assert counts.entries == len(listed)


def test_counts_above_the_bound_say_at_least(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = filled.connection
    monkeypatch.setattr(catalog_search, "COUNTED_MAX", 10)

    counts = catalog_search.count_facets(connection, CatalogQuery(currency="CNY"))

    assert (counts.entries, counts.is_exact) == (10, False)
    assert sum(entries for _, entries in counts.facets["quality"]) == 11


def test_pages_go_back_as_they_came(filled: Filled) -> None:
    connection = filled.connection
    query, starts, position = CatalogQuery(), list[Position](), Position(0, None)
    while True:
        page = catalog_search.search(connection, query, Sort.NEWEST, 50, position)
        assert page.first_key is not None
        previous = catalog_search.start_of_previous(connection, page.first_key, 50)
        assert previous == (starts[-1] if len(starts) > 1 else None)
        starts.append(position)
        if page.next is None:
            break
        position = page.next
    assert len(starts) > 3


def test_feed_replayed_from_the_beginning_is_the_catalog(filled: Filled) -> None:
    connection, entries = filled.connection, filled.entries
    followed: dict[str, Any] = {}
    position = verify_changes([])
    while page := catalog_index.changes(connection, position.sequence, 64):
        if not page.rows:
            break
        position = verify_changes(page.rows, position)
        for row in page.rows:
            if row["change"] == "put":
                followed[row["product_code"]] = row["entry"]
            else:
                del followed[row["product_code"]]
    assert position == page.head
    assert followed == {entry.product_code: entry_value(entry) for entry in entries}


def test_entry_put_again_unchanged_makes_no_change(connection: Connection) -> None:
    first = catalog_index.put(connection, an_entry())
    catalog_index.put(connection, an_entry(2))

    assert catalog_index.put(connection, an_entry()) == first
    assert len(catalog_index.changes(connection, 0, 10).rows) == 2


def test_removed_entry_is_not_found_and_the_feed_says_why(connection: Connection) -> None:
    catalog_index.put(connection, an_entry())
    catalog_index.remove(connection, product_code(1), "price above the ceiling")

    assert catalog_index.entry_of(connection, product_code(1)) is None
    assert all_pages(connection, CatalogQuery(), Sort.NEWEST, 5) == []
    with pytest.raises(NotFoundError):
        catalog_index.remove(connection, product_code(1), "again")


def test_removal_of_a_rolled_back_step_leaves_nothing(connection: Connection) -> None:
    catalog_index.put(connection, an_entry())
    connection.commit()
    catalog_index.remove(connection, product_code(1), "delisted")
    connection.rollback()

    page = catalog_index.changes(connection, 0, 10)
    assert [row["change"] for row in page.rows] == ["put"]
    assert verify_changes(page.rows) == page.head
    assert catalog_search.count_facets(connection, CatalogQuery()).entries == 1


@pytest.mark.parametrize("statement", ["UPDATE catalog_changes SET reason = 'other'", "DELETE FROM catalog_changes"])
def test_feed_is_append_only_in_the_database(connection: Connection, statement: str) -> None:
    catalog_index.put(connection, an_entry())

    with pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))


def test_writers_at_once_leave_a_feed_without_gaps(migrated_url: str) -> None:
    engine = create_engine(migrated_url, pool_size=5)

    def list_and_take_back(number: int) -> None:
        for _ in range(5):
            with engine.begin() as connection:
                catalog_index.put(connection, an_entry(number), at=START)
            with engine.begin() as connection:
                catalog_index.remove(connection, product_code(number), "again", at=START)

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(list_and_take_back, range(1, 5)))
    with engine.connect() as connection:
        page = catalog_index.changes(connection, 0, 100)
        assert (len(page.rows), verify_changes(page.rows)) == (40, page.head)
        assert catalog_search.count_facets(connection, CatalogQuery()).entries == 0
    engine.dispose()


def test_prices_sort_by_currency_and_the_unpriced_last(connection: Connection) -> None:
    prices = [("EUR", 5), ("CNY", None), ("CNY", 7), ("CNY", 3)]
    for number, (currency, unit_price) in enumerate(prices, 1):
        price = Price("per_call", currency, unit_price, 9_000, "authority")
        catalog_index.put(connection, an_entry(number, price=price))

    found = all_pages(connection, CatalogQuery(), Sort.PRICE, 2)

    assert [(entry["price"]["currency"], entry["price"]["unit_price"]) for entry in found] == [
        ("CNY", 3),
        ("CNY", 7),
        ("CNY", None),
        ("EUR", 5),
    ]
