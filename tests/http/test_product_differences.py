"""``GET /v1/products/differences`` over a read model of the registry contract that the test writes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from support.a_service import Service, running_service
from support.embedded import DatabaseFactory
from support.product_http import CONTRACTS, Bodies, HttpLife

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import participant_comparison, product_comparison
from ledger.adapters.sql.objects import read_object
from ledger.adapters.sql.product_comparison import REGISTRY
from ledger.client.service import ServiceClient
from ledger.services.business import Actor
from ledger.services.product_comparison import chain_name

PATH = "/v1/products/differences"
ALL = Actor("test", None, frozenset({"operator"}))
UNKNOWN = [f"0x{number:064x}/1" for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def market(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, list[HttpLife]]]:
    """One product with public data and one without, listed; the read model holds nothing."""
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path_factory.mktemp("market")) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        lives = [HttpLife(service.client, bodies, public=public) for public in (True, False)]
        for life in lives:
            life.until_listed()
        yield service, lives
    databases.close()


@pytest.fixture
def followed(market: tuple[Service, list[HttpLife]], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service works with a suite, whose contract has everything as it is here, and three versions of strangers."""
    service, lives = market
    monkeypatch.setitem(service.container.__dict__, "contracts", CONTRACTS)
    with service.log.engine.begin() as connection:
        for life in lives:
            version = read_object(connection, ALL, "product_version", f"{life.code}/1")
            product = read_object(connection, ALL, "product", life.code)
            hold(connection, chain_name(product, 1), {"status": version.state})
        for name in UNKNOWN:
            hold(connection, name, {"status": "registered", "is_approved": True})
    yield
    with service.log.engine.begin() as connection:
        connection.execute(text("DELETE FROM contract_objects"))


def hold(connection: Any, name: str, state: dict[str, Any]) -> None:
    connection.execute(
        text("INSERT INTO contract_objects VALUES (:address, 'product_version', :name, 7, CAST(:state AS jsonb))"),
        {"address": CONTRACTS[REGISTRY], "name": name, "state": json.dumps(state)},
    )


def pages(life: HttpLife, who: str, limit: int) -> list[dict[str, Any]]:
    """All pages, from the first to the one that says that it is the last."""
    found: list[dict[str, Any]] = []
    query = f"?limit={limit}"
    while True:
        answer = life.ask(who, "GET", PATH + query)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        if found[-1]["next_cursor"] is None:
            return found
        query = f"?limit={limit}&cursor={found[-1]['next_cursor']}"


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize("end", ["*", "0", "Z", "*•v-2"])
def test_cursor_may_end_in_any_check_character(market: tuple[Service, list[HttpLife]], end: str) -> None:
    code = f"691310000MA00000100310129KGML6V{end}"
    answer = market[1][0].ask("regulator", "GET", f"{PATH}?cursor={code}/1")
    assert answer.status_code == 200, answer.text


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize("limit", [1, 2, 1_000])
def test_every_version_is_compared_once_and_what_only_the_chain_has_comes_last(
    market: tuple[Service, list[HttpLife]], limit: int
) -> None:
    found = pages(market[1][0], "regulator", limit)

    assert sum(page["compared"] for page in found) == 2
    names = [f"{one['product_id']}/{one['version']}" for page in found for one in page["items"]]
    assert names == UNKNOWN
    assert {one["kind"] for page in found for one in page["items"]} == {"version_unknown_here"}


@pytest.mark.usefixtures("followed")
def test_what_differs_is_told_to_those_who_have_to_do_with_it(market: tuple[Service, list[HttpLife]]) -> None:
    service, (public, other) = market
    with service.log.engine.begin() as connection:
        connection.execute(
            text("UPDATE contract_objects SET state = '{\"status\": \"suspended\"}' WHERE state->>'status' = 'listed'")
        )

    def differing(who: str) -> list[tuple[str, str, str]]:
        items = [one for page in pages(public, who, 1_000) for one in page["items"] if one["product_code"]]
        assert {(one["kind"], one["version"], one["waiting"]) for one in items} <= {("status", 1, None)}
        return sorted((one["product_code"], one["here"], one["on_chain"]) for one in items)

    both = sorted((life.code, "listed", "suspended") for life in (public, other))
    assert differing("regulator") == both
    assert differing("authorisation") == [(public.code, "listed", "suspended")], "the other one is none of its business"
    for who in ("provider", "trading", "price", "bank"):
        assert public.ask(who, "GET", PATH).status_code == 403


@pytest.mark.usefixtures("followed")
def test_status_counts_over_all_pages(market: tuple[Service, list[HttpLife]]) -> None:
    service, _ = market
    with ServiceClient(service.url, service.keys["operator"]) as client:
        found = client.product_differences()
        assert found is not None
        assert (found["compared"], len(found["items"]), found["is_whole"]) == (2, len(UNKNOWN), True)
        first = client.product_differences(pages_max=1)
        assert first is not None
        assert (first["compared"], first["items"], first["is_whole"]) == (2, [], False)


def test_service_without_contracts_has_nothing_to_compare_with(market: tuple[Service, list[HttpLife]]) -> None:
    life = market[1][0]
    assert life.ask("regulator", "GET", PATH).status_code == 404
    assert life.ask("regulator", "GET", PATH + "?cursor=nothing").status_code == 400


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        (product_comparison._ONLY_THERE, {"objects_product_chain_id"}),
        (participant_comparison._ONLY_THERE, {"objects_participant_body"}),
        (participant_comparison._OF_BODIES, {"contract_objects_owner"}),
    ],
    ids=["products of the chain", "bodies of the chain", "what belongs to bodies"],
)
def test_comparing_finds_each_side_of_the_other_by_an_index(
    market: tuple[Service, list[HttpLife]], query: str, indexes: set[str]
) -> None:
    values = {"address": CONTRACTS[REGISTRY], "after": "0x", "limit": 1_000, "bodies": ["0x11"]}
    with market[0].log.engine.begin() as connection:
        for kind in (
            "seqscan",
            "bitmapscan",
            "hashjoin",
            "mergejoin",
            "sort",
        ):  # on tables of three rows the planner scans
            connection.execute(text(f"SET LOCAL enable_{kind} = off"))
        plan = "\n".join(connection.execute(text(f"EXPLAIN {query}"), values).scalars())
    assert {name for name in indexes if name in plan} == indexes, plan
    assert "Seq Scan" not in plan
