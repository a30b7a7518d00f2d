"""The catalog over HTTP: search, filters, facets, pages, one product, the change feed, the data map."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from support.a_service import Service, running_service
from support.agreements import BANK, PROVIDER, agreement_document
from support.catalog_entries import an_entry, generated_entries, product_code, provider_code
from support.embedded import DatabaseFactory
from support.fake_unit_of_work import OPERATOR

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import catalog_index
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.catalog_feed import BrokenFeedError, FeedPosition, verify_changes
from ledger.domain.catalog_dcat import CONTEXT, EXCERPT_CHARACTERS
from ledger.domain.catalog_query import CatalogQuery, matches
from ledger.services.catalog import entry_value

ENTRIES = [*generated_entries(120), an_entry(900), an_entry(901, title="企业信用报告", keywords=(), state="suspended")]


@pytest.fixture(scope="module")
def catalog(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service of its own, so that what is counted is what was put; no test of this module adds anything."""
    factory = DatabaseFactory(postgres_server)
    with running_service(factory(template=migrated_template), tmp_path_factory.mktemp("catalog")) as running:
        with running.log.engine.begin() as connection:
            for entry in ENTRIES:
                catalog_index.put(connection, entry)
            catalog_index.put(connection, an_entry(902))
            catalog_index.remove(connection, product_code(902), "contains personal data without consent")
            SqlUnitOfWork(connection, running.log.preparer, OPERATOR, contracts={}).create(
                "agreement",
                "agreement-1",
                state="filed",
                parties=(BANK, PROVIDER),
                document=agreement_document(product_code(900)),
                act="generate",
            )
        yield running
    factory.close()


def get(catalog: Service, path: str = "/v1/catalog", **params: Any) -> Any:
    answer = catalog.get(path, role="auditor", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes_found(catalog: Service, **params: Any) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(catalog, **params, **cursor)
        found += [item["identifier"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_preview_shows_what_a_buyer_chooses_by(catalog: Service) -> None:
    (shown,) = [item for item in get(catalog, q="按许可证号")["items"] if item["identifier"] == product_code(900)]

    assert shown["title"] == "施工许可状态服务 Permit status"
    assert shown["filingNumber"] == "备2026-000900"
    assert shown["publisher"] == {
        "@type": "Agent",
        "identifier": provider_code(1),
        "name": "市大数据运营有限公司",
    }
    assert shown["price"]["ceilingSource"] == "价格主管部门 2026-12"
    assert (shown["accrualPeriodicity"], shown["format"]) == ("002", ["HttpData-PULL"])
    assert all(len(item["description"]) <= EXCERPT_CHARACTERS + 1 for item in get(catalog, limit=100)["items"])


@pytest.mark.parametrize("sort", ["relevance", "newest", "price", "title"])
@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({}, CatalogQuery()),
        ({"q": "许可"}, CatalogQuery(text="许可")),
        ({"q": "统计数据", "public_data": "yes"}, CatalogQuery("统计数据", {"public_data": ("yes",)})),
        ({"topic": ["A0100", "A0200"]}, CatalogQuery(choices={"topic": ("A0100", "A0200")})),
        (
            {"currency": "CNY", "price_from": 10**9, "price_to": 3 * 10**9},
            CatalogQuery(currency="CNY", price_from=10**9, price_to=3 * 10**9),
        ),
    ],
)
def test_pages_give_every_product_on_offer_once(
    catalog: Service, sort: str, params: dict[str, Any], query: CatalogQuery
) -> None:
    found = codes_found(catalog, **params, sort=sort, limit=13)

    expected = {entry.product_code for entry in ENTRIES if matches(entry, query)}
    assert len(found) > 1
    assert sorted(found) == sorted(expected)


def test_relevance_shows_titles_before_descriptions(catalog: Service) -> None:
    found = codes_found(catalog, q="风险报告")
    titled = {entry.product_code for entry in ENTRIES if "风险报告" in entry.title}
    place = [code in titled for code in found]
    assert place == sorted(place, reverse=True) and True in place


@pytest.mark.parametrize(
    "params",
    [
        {"cursor": "AAAA"},
        {"cursor": "W10"},
        {"price_from": "1"},
        {"currency": "cny"},
        {"sort": "cheapest"},
        {"limit": "101"},
        {"modified_from": "yesterday"},
        {"topic": "x" * 65},
        {"colour": "red"},
    ],
)
def test_question_that_cannot_be_asked_is_refused(catalog: Service, params: dict[str, str]) -> None:
    answer = catalog.get("/v1/catalog", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_cursor_of_another_question_is_refused(catalog: Service) -> None:
    cursor = get(catalog, limit=3)["next_cursor"]
    for other in ({"q": "许可"}, {"sort": "price"}, {"topic": "A0100"}):
        answer = catalog.get("/v1/catalog", params={"cursor": cursor, **other})
        assert answer.status_code == 400
        assert cursor not in answer.text


def test_facets_count_what_is_on_offer(catalog: Service) -> None:
    listed = [entry for entry in ENTRIES if entry.state == "listed"]
    everything = get(catalog, "/v1/catalog/facets")
    some = get(catalog, "/v1/catalog/facets", topic="A0100")

    assert (everything["entries"], everything["exact"]) == (len(listed), True)
    by_topic = {each["value"]: each["entries"] for each in everything["facets"]["topic"]}
    assert by_topic["A0100"] == some["entries"] == sum(entry.topic == "A0100" for entry in listed)
    assert some["facets"]["topic"] == [{"value": "A0100", "entries": some["entries"]}]


def test_product_is_answered_whole_and_as_json_ld(catalog: Service) -> None:
    path = f"/v1/catalog/{product_code(900)}"
    plain = get(catalog, path)
    linked = catalog.client.get(path, headers=catalog.auth() | {"Accept": "text/html;q=0.1, application/ld+json"})

    assert linked.headers["content-type"] == "application/ld+json"
    assert linked.json() == {"@context": CONTEXT, **plain}
    assert plain["hasPolicy"][0]["@type"] == "Offer"
    assert plain["referenceSplit"] == entry_value(an_entry(900))["reference_split"]
    assert plain["distribution"][0]["accessService"]["endpointURL"] == f"{catalog.url}/dsp/2025-1"
    refused = catalog.client.get(path, headers=catalog.auth() | {"Accept": "application/ld+json;q=0"})
    assert refused.headers["content-type"] == "application/json"


def test_json_ld_pages_link_to_the_next(catalog: Service) -> None:
    headers = catalog.auth() | {"Accept": "application/ld+json"}
    found, path = list[str](), "/v1/catalog?sort=newest&limit=50"
    while path:
        answer = catalog.client.get(path, headers=headers)
        assert answer.json()["@type"] == "Catalog"
        found += [dataset["identifier"] for dataset in answer.json()["dataset"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert found == codes_found(catalog, sort="newest")


def test_suspended_product_is_answered_but_not_offered(catalog: Service) -> None:
    assert get(catalog, f"/v1/catalog/{product_code(901)}")["state"] == "suspended"
    assert product_code(901) not in codes_found(catalog)


@pytest.mark.parametrize("code", ["nothing", "x" * 200, "%00", product_code(902), "facet%73x"])
def test_unknown_or_withdrawn_product_is_not_found(catalog: Service, code: str) -> None:
    answer = catalog.get(f"/v1/catalog/{code}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def follow(catalog: Service, limit: int) -> tuple[list[dict[str, Any]], FeedPosition]:
    rows: list[dict[str, Any]] = []
    position = FeedPosition()
    while True:
        answer = get(catalog, "/v1/catalog/changes", after=position.sequence, limit=limit)
        position = verify_changes(answer["changes"], position)
        rows += answer["changes"]
        if position.sequence == answer["head"]["sequence"]:
            assert answer["head"]["chain_digest"] == position.chain_digest.hex()
            return rows, position


def test_late_follower_has_everything_and_can_prove_it(catalog: Service) -> None:
    rows, position = follow(catalog, 50)

    assert follow(catalog, 7) == (rows, position)
    kept = {row["product_code"]: row["entry"] for row in rows if row["change"] == "put"}
    for row in rows:
        if row["change"] == "removed":
            assert row["reason"] == "contains personal data without consent"
            del kept[row["product_code"]]
    assert kept == {entry.product_code: entry_value(entry) for entry in ENTRIES}


@pytest.mark.parametrize("place", [0, 5, -1])
def test_feed_with_a_row_missing_or_altered_is_found_out(catalog: Service, place: int) -> None:
    rows, position = follow(catalog, 1_000)
    for name, value in (("reason", "other"), ("version", 7), ("sequence", 1_000), ("chain_digest", "00" * 32)):
        changed = copy.deepcopy(rows)
        changed[place][name] = value
        with pytest.raises(BrokenFeedError):
            verify_changes(changed)
    changed = copy.deepcopy(rows)
    if changed[place]["entry"] is not None:
        changed[place]["entry"]["title"] += "!"
        with pytest.raises(BrokenFeedError):
            verify_changes(changed)
    shorter = [row for row in rows if row is not rows[place]]
    if place == -1:  # the head tells it
        assert verify_changes(shorter) != position
    else:
        with pytest.raises(BrokenFeedError):
            verify_changes(shorter)


def test_map_leads_from_sources_to_products_and_on_to_who_uses_them(catalog: Service) -> None:
    found = get(catalog, "/v1/catalog/map", q="按许可证号")

    nodes = {node["id"]: node for node in found["nodes"]}
    product = f"urn:cityledger:product:{product_code(900)}"
    sources = {nodes[edge["origin"]]["kind"] for edge in found["edges"] if edge["target"] == product}
    assert sources == {"resource", "provider"}
    assert nodes[product]["title"] == "施工许可状态服务 Permit status"
    [flow] = found["flows"]
    assert [nodes[flow[end]]["code"] for end in ("origin", "target", "product")] == [PROVIDER, BANK, product_code(900)]
    assert (flow["agreement_id"], flow["state"], flow["since"]) == ("agreement-1", "filed", "2026-11-21T08:00:00Z")
    assert found["flow_counts"] == [{"product": product, "agreements": 1, "exact": True}]


def test_map_tells_an_outsider_how_many_flows_there_are_and_not_between_whom(catalog: Service) -> None:
    answer = catalog.get("/v1/catalog/map", role="consumer", params={"q": "按许可证号"})

    assert answer.json()["flows"] == [] and "may read" in answer.json()["flows_state"]
    assert [one["agreements"] for one in answer.json()["flow_counts"]] == [1]
    assert not [word for word in (BANK, PROVIDER, "agreement-1", "银行") if word in answer.text]
