"""Lists of orders and agreements in PostgreSQL: for every asker and every question they are what a plain filter of all objects gives."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from support.embedded import DatabaseFactory
from support.trade_rows import (
    AGREEMENT_STATES,
    CONSUMERS,
    ORDER_STATES,
    PLATFORM,
    SECOND,
    fill,
)

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql.agreements import (
    LISTED_MEMBERS,
    agreements_asked_for,
    find_agreement,
    page_of_agreements,
    read_agreement,
)
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.object_rows import OBJECT_QUERY, stored_object
from ledger.adapters.sql.trade_lists import TradeQuestion, page_of_trade
from ledger.errors import InputError, NotFoundError
from ledger.services.business import Actor, StoredObject

ROWS = 400
DAY = "2025-06-01"


@pytest.fixture(scope="module")
def connection(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Connection]:
    factory = DatabaseFactory(postgres_server)
    engine = create_engine(factory(template=migrated_template), pool_size=2)
    fill(engine, ROWS, ROWS)
    with engine.connect() as made:
        yield made
    engine.dispose()
    factory.close()


@pytest.fixture(scope="module")
def every(connection: Connection) -> dict[str, list[StoredObject]]:
    """Kind -> all of its objects in their order."""
    query = text(f"{OBJECT_QUERY} WHERE kind = :kind ORDER BY created_at, object_id")
    return {
        kind: [stored_object(row) for row in connection.execute(query, {"kind": kind}).mappings()]
        for kind in ("order", "agreement")
    }


def askers(some: list[StoredObject]) -> list[Actor]:
    """The largest consumer, a provider, both platforms, somebody who has nothing, and a reader of everything."""
    provider = some[0].document["provider"]
    return [
        Actor("consumer", CONSUMERS[0], frozenset({"consumer"})),
        Actor("provider", provider, frozenset({"provider"})),
        Actor("platform", PLATFORM, frozenset({"trading_platform"})),
        Actor("second", SECOND, frozenset({"authorisation_platform"})),
        Actor("nobody", "9" * 18, frozenset({"consumer"})),
        Actor("key", None, frozenset({"consumer"})),
        Actor("regulator", None, frozenset({"regulator"})),
    ]


def product_of(stored: StoredObject) -> str:
    document = stored.document
    return str(document["content"]["product_code"] if stored.kind == "order" else document["product_code"])


def fits(stored: StoredObject, actor: Actor, asked: dict[str, Any]) -> bool:
    """What the question means, told anew."""
    parties = {"consumer": stored.parties[0], "provider": stored.parties[1] if len(stored.parties) > 1 else None}
    side, other, own = asked["side"], asked["counterparty"], actor.participant
    own_sides = [name for name, party in parties.items() if own is not None and party == own]
    others = [party for name, party in parties.items() if name not in own_sides]
    return (
        actor.may_see(stored.parties)
        and asked["state"] in (None, stored.state)
        and asked["product_code"] in (None, product_of(stored))
        and (side is None or side in own_sides)
        and (other is None or other in others)
    )


def whole(connection: Connection, actor: Actor, asked: TradeQuestion, limit: int) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = page_of_trade(connection, actor, asked, cursor=cursor, limit=limit)
        assert len(page.items) <= limit and (page.items or not found)
        found += [item.object_id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize(("kind", "states"), [("order", ORDER_STATES), ("agreement", AGREEMENT_STATES)])
def test_list_is_what_a_plain_filter_gives(
    connection: Connection, every: dict[str, list[StoredObject]], kind: str, states: dict[str, int]
) -> None:
    some = every[kind]
    choices = {
        "state": (None, max(states, key=lambda name: states[name])),
        "side": (None, "consumer", "provider"),
        "counterparty": (None, CONSUMERS[0], some[0].document["provider"]),
        "product_code": (None, product_of(some[0])),
    }
    seen = 0
    for actor, values in product(askers(some), product(*choices.values())):
        asked = dict(zip(choices, values, strict=True))
        expected = [one.object_id for one in some if fits(one, actor, asked)]
        assert whole(connection, actor, TradeQuestion(kind, **asked), 97) == expected, (actor.account_id, asked)
        seen += bool(expected)
    assert seen > 25


def test_pages_of_any_size_are_the_same_list(connection: Connection, every: dict[str, list[StoredObject]]) -> None:
    for actor in askers(every["order"])[:4]:
        lists = [whole(connection, actor, TradeQuestion("order"), limit) for limit in (7, 50, 200)]
        assert lists[0] == lists[1] == lists[2] != []


def test_cursor_that_no_list_gave_is_refused(connection: Connection) -> None:
    with pytest.raises(InputError, match="cursor"):
        page_of_trade(connection, Actor("r", None, frozenset({"regulator"})), TradeQuestion("order"), cursor="x")


def test_agreements_are_found_by_hash_beginning_and_day(
    connection: Connection, every: dict[str, list[StoredObject]]
) -> None:
    reader = Actor("regulator", None, frozenset({"regulator"}))
    for known in every["agreement"][::50]:
        contract_hash = known.document["contract_hash"]
        assert find_agreement(connection, contract_hash) == find_agreement(connection, known.object_id) == known
        for beginning in (contract_hash[:8], contract_hash, known.object_id[:38], known.object_id):
            asked = agreements_asked_for(beginning=beginning)
            page = page_of_agreements(connection, reader, asked, cursor=None, limit=10)
            assert known.object_id in [item.object_id for item in page.items], beginning
        consumer = Actor("consumer", known.parties[0], frozenset({"consumer"}))
        asked = agreements_asked_for(valid_on=DAY)
        page = page_of_agreements(connection, consumer, asked, cursor=None, limit=200)
        own = [one for one in every["agreement"] if one.parties[0] == known.parties[0]]
        terms = {one.object_id: one.document["disclosed"] for one in own}
        valid = [name for name, term in terms.items() if term["valid_from"] <= DAY <= term["valid_until"]]
        assert [item.object_id for item in page.items] == valid


@pytest.mark.parametrize("is_of_changes", [False, True])
def test_list_reads_of_agreements_what_it_has_of_them(
    connection: Connection, every: dict[str, list[StoredObject]], is_of_changes: bool
) -> None:
    reader = Actor("regulator", None, frozenset({"regulator"}))
    asked = agreements_asked_for(changed_since=every["agreement"][0].changed_at if is_of_changes else None)
    page = page_of_agreements(connection, reader, asked, cursor=None, limit=20)
    whole_ones = {one.object_id: one.document for one in every["agreement"]}
    for item in page.items:
        document = whole_ones[item.object_id]
        assert item.document == {name: document[name] for name in LISTED_MEMBERS} != document
    assert len(page.items) == 20


def test_agreement_of_others_is_not_found(connection: Connection, every: dict[str, list[StoredObject]]) -> None:
    stranger = Actor("nobody", "9" * 18, frozenset({"consumer"}))
    known = every["agreement"][0]
    for name in (known.object_id, known.document["contract_hash"], "0" * 64):
        with pytest.raises(NotFoundError):
            read_agreement(connection, stranger, name)


@pytest.mark.parametrize("who", ["platform", "second", "regulator"])
def test_day_is_asked_of_one_party_or_one_product(
    connection: Connection, every: dict[str, list[StoredObject]], who: str
) -> None:
    [actor] = [one for one in askers(every["agreement"]) if one.account_id == who]
    with pytest.raises(InputError, match="valid_on"):
        page_of_agreements(connection, actor, agreements_asked_for(valid_on=DAY), cursor=None, limit=1)
    asked = agreements_asked_for(valid_on=DAY, counterparty=CONSUMERS[0])
    assert page_of_agreements(connection, actor, asked, cursor=None, limit=1).items


@pytest.mark.parametrize("kind", ["order", "agreement"])
@pytest.mark.parametrize(("code", "index"), [(PLATFORM, "platform"), (SECOND, "second_platform")])
def test_platform_finds_what_there_is_of_a_product_by_one_index(
    connection: Connection, every: dict[str, list[StoredObject]], kind: str, code: str, index: str
) -> None:
    asked = TradeQuestion(kind, product_code=product_of(every[kind][0]))
    [ran] = statements_of(connection, Actor("t", code, frozenset({"trading_platform"})), asked)
    plan = plan_of(connection, ran)
    assert any(f"using objects_{kind}_{index}_product " in line for line in plan), plan


@pytest.mark.parametrize("kind", ["order", "agreement"])
def test_changes_are_what_a_plain_filter_gives(
    connection: Connection, every: dict[str, list[StoredObject]], kind: str
) -> None:
    some = sorted(every[kind], key=lambda one: (one.changed_at, one.object_id))
    for actor, at in product(askers(every[kind]), (0, len(some) // 2, len(some) - 1)):
        since = some[at].changed_at
        expected = [one.object_id for one in some if one.changed_at >= since and actor.may_see(one.parties)]
        for limit in (7, 97):
            assert whole(connection, actor, TradeQuestion(kind, changed_since=since), limit) == expected, actor


@pytest.mark.parametrize("kind", ["order", "agreement"])
@pytest.mark.parametrize("who", ["consumer", "platform", "regulator"])
def test_changes_are_found_in_their_order_by_indexes_of_their_own(
    connection: Connection, every: dict[str, list[StoredObject]], kind: str, who: str
) -> None:
    [actor] = [one for one in askers(every[kind]) if one.account_id == who]
    asked = TradeQuestion(kind, changed_since=every[kind][ROWS // 2].changed_at)
    [ran] = statements_of(connection, actor, asked)
    plan = plan_of(connection, ran)
    names = ("consumer_", "provider_", "platform_", "second_platform_") if actor.participant else ("",)
    for name in names:
        assert any(f"using objects_{kind}_{name}changed " in line for line in plan), (name, plan)


def plan_of(connection: Connection, ran: tuple[str, Any]) -> list[str]:
    for setting in ("seqscan", "bitmapscan", "sort"):  # a table of 400 rows is read whole otherwise
        connection.execute(text(f"SET LOCAL enable_{setting} = off"))
    plan = connection.exec_driver_sql("EXPLAIN (COSTS OFF) " + ran[0], ran[1]).scalars().all()
    connection.rollback()
    return list(plan)


def statements_of(connection: Connection, actor: Actor, asked: TradeQuestion) -> list[tuple[str, Any]]:
    """What is run to find the names on a page."""
    seen: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if " AS found " in statement:
            seen.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", remember)
    page_of_trade(connection, actor, asked, limit=20)
    event.remove(connection, "before_cursor_execute", remember)
    return seen
