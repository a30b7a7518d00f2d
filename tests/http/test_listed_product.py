"""What a provider stated, seen from the market: the same facts in registry and catalog, never before the reviews, one code for ever."""

from typing import Any

import pytest
from support.a_service import Service
from support.openapi_document import kept_document
from support.product_http import FULL, LETTER, OWN, REVIEW, Bodies, HttpLife
from support.product_world import CODES, DIGEST, content, public_content

from ledger.bundle.catalog_feed import verify_changes
from ledger.domain.catalogue_codes import DeliveryForm
from ledger.domain.codes import CodeKind, generate_national_code, parse_national_code, random_part

DOCUMENT = kept_document()
RESOURCE = generate_national_code(CodeKind.RESOURCE, CODES["provider"], "3101", random_part(1))
STATED = public_content(resources=[{"resource_code": RESOURCE, "title": "施工许可办理库"}])
RIGHT = {
    "right": "product_operation",
    "holder": "市大数据运营有限公司",
    "basis": "公共数据授权运营协议 2026-7",
    "digest": DIGEST,
    "confirmed_on": "2026-03-01",
}
VALUATION = {
    "method": "cost",
    "currency": "CNY",
    "amount_minor": 120_000_000,
    "assessor": "评估机构",
    "digest": DIGEST,
    "valued_on": "2026-06-30",
}
FEE = {
    "currency": "CNY",
    "amount_minor": 600_000,
    "period": "P1Y",
    "factors": {name: f"{name}: 见定价说明" for name in ("coverage", "timeliness", "granularity", "value", "cost")},
}
FORMS: dict[str, dict[str, Any]] = {
    DeliveryForm.DATASET.value: {"transfer_format": "HttpData-PUSH", "delivery_method": "01", "media_type": "text/csv"},
    DeliveryForm.API_PRODUCT.value: {"transfer_format": "HttpData-PULL", "delivery_method": "03"},
    DeliveryForm.APPLICATION.value: {"transfer_format": "HttpData-PULL", "delivery_method": "03"},
    DeliveryForm.REPORT.value: {
        "transfer_format": "HttpData-PUSH",
        "delivery_method": "01",
        "media_type": "application/pdf",
    },
    DeliveryForm.OBJECT.value: {"transfer_format": "S3-PUSH", "delivery_method": "01"},
    DeliveryForm.OTHER.value: {"transfer_format": "Kafka-PULL", "delivery_method": "02"},
}


@pytest.fixture
def life(market: tuple[Service, Bodies]) -> HttpLife:
    service, bodies = market
    return HttpLife(service.client, bodies, public=True)


@pytest.fixture(scope="module")
def listed(market: tuple[Service, Bodies]) -> HttpLife:
    """A product on sale that has all that a market shows; tests of it leave it as they found it."""
    service, bodies = market
    made = HttpLife(service.client, bodies, public=True)
    draft(made, STATED)
    until_listed(made, base_fee=FEE)
    return made


def draft(life: HttpLife, stated: dict[str, Any]) -> None:
    answer = life.ask("provider", "POST", "/v1/products", {"region": "3101", "content": stated})
    assert answer.status_code == 201, answer.text
    life.code = answer.json()["product_code"]


def until_listed(life: HttpLife, **filed: Any) -> None:
    """All steps of a product with public data after its draft; between them nobody finds it in the catalog."""
    steps: list[tuple[str, str, Any, bool]] = [
        ("provider", "registration", FULL, True),
        ("trading", "first-review", REVIEW, False),
        ("authorisation", "final-review", REVIEW, True),
        ("trading", "letter", LETTER, False),
        ("authorisation", "letter", LETTER, False),
        ("price", "filing", life.filing | filed, True),
        ("provider", "listing", {}, True),
    ]
    for name, step, body, chain in steps:
        assert life.ask("bank", "GET", f"/v1/catalog/{life.code}").status_code == 404, step
        life.step(name, step, body, chain=chain)


def seen(life: HttpLife, name: str, path: str) -> Any:
    answer = life.ask(name, "GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(life: HttpLife, **params: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in {"limit": "100", "sort": "newest", **params}.items())
    return [one for one in seen(life, "bank", f"/v1/catalog?{query}")["items"] if one["identifier"] == life.code]


def test_market_shows_what_was_stated_reviewed_and_filed(listed: HttpLife) -> None:
    whole = seen(listed, "bank", f"/v1/catalog/{listed.code}")
    for shown, said in {
        "title": "title",
        "description": "description",
        "keyword": "keywords",
        "theme": "topic",
        "scene": "scene",
        "deliveryForm": "delivery_form",
        "dataSource": "source",
        "accrualPeriodicity": "frequency",
        "quality": "quality",
        "securityLevel": "security_level",
        "sensitivityGrade": "sensitivity_grade",
        "spatial": "spatial",
        "weights": "weights",
        "referenceSplit": "reference_split",
    }.items():
        assert whole[shown] == STATED[said], shown
    assert whole["state"] == "listed" and whole["issued"] <= whole["modified"]
    assert whole["publisher"]["identifier"] == seen(listed, "provider", listed.path)["provider"]
    assert [rule["action"] for rule in whole["hasPolicy"][0]["permission"]] == ["read"]
    assert (whole["price"]["kind"], whole["price"]["unitPrice"]) == ("per_call", 50_000_000)
    assert whole["price"]["ceilingSource"] == listed.filing["ceiling"]["source"]
    assert [one["identifier"] for one in whole["wasDerivedFrom"]] == [RESOURCE]
    [preview] = found(listed, q="许可")
    assert (preview["technique"], preview["sharingScope"]) == (["api"], "conditional")
    assert (preview["permits"], preview["prohibits"]) == (["read"], ["distribute"])
    same = ("title", "scene", "deliveryForm", "dataSource", "accrualPeriodicity", "quality", "referenceSplit", "price")
    assert {name: preview[name] for name in same} == {name: whole[name] for name in same}


def test_filing_number_is_at_the_head_of_every_view(listed: HttpLife) -> None:
    number = listed.filing["number"]

    versions = seen(listed, "provider", "/v1/products?state=listed&limit=200")["items"]
    [shown] = [one for one in versions if one["product_code"] == listed.code]
    for value in (shown, seen(listed, "provider", listed.path)):
        assert list(value)[:2] == ["product_code", "filing_number"] and value["filing_number"] == number
    for value in (found(listed)[0], seen(listed, "bank", f"/v1/catalog/{listed.code}")):
        assert list(value)[2:4] == ["identifier", "filingNumber"] and value["filingNumber"] == number


def test_list_of_public_data_is_current_from_step_to_step(listed: HttpLife) -> None:
    assert found(listed, public_data="yes") and not found(listed, public_data="no")

    listed.step("provider", "suspension", OWN, chain=True)
    assert not found(listed, public_data="yes")
    listed.step("provider", "resumption", {"text": "恢复"}, chain=True)
    assert found(listed, public_data="yes")


def test_both_platforms_follow_the_catalog_as_it_changes(listed: HttpLife) -> None:
    feeds = {}
    for name in ("trading", "authorisation"):
        answer = seen(listed, name, "/v1/catalog/changes?limit=1000")
        verify_changes(answer["changes"])
        feeds[name] = answer

    assert feeds["trading"] == feeds["authorisation"]
    newest = feeds["trading"]["changes"][-1]
    assert (newest["change"], newest["product_code"], newest["sequence"]) == (
        "put",
        listed.code,
        feeds["trading"]["head"]["sequence"],
    )


@pytest.mark.parametrize("form", FORMS)
def test_product_of_every_form_is_packaged_and_registered(life: HttpLife, form: str) -> None:
    life.public = False
    way = {"description": "见接口说明", **FORMS[form]}
    draft(life, content(delivery_form=form, interfaces=[way]))
    life.step("provider", "registration", {"trading_platform": FULL["trading_platform"]}, chain=True)

    registered = seen(life, "trading", life.path)
    assert (registered["state"], registered["content"]["delivery_form"]) == ("registered", form)
    assert registered["content"]["interfaces"] == [{"media_type": None, **way}]
    assert set(FORMS) == {one.value for one in DeliveryForm}


def test_base_fee_and_its_factors_are_read_at_both_platforms(listed: HttpLife) -> None:
    for name in ("trading", "authorisation", "price", "provider", "regulator"):
        assert seen(listed, name, listed.path)["filing"]["base_fee"] == FEE, name
    assert listed.ask("other_trading", "GET", listed.path).status_code == 404


def test_rights_and_value_are_on_record_with_their_changes(life: HttpLife) -> None:
    draft(life, public_content(rights=[RIGHT], valuation=VALUATION))
    life.step("provider", "registration", FULL, chain=True)
    later = VALUATION | {"method": "market", "amount_minor": 150_000_000}
    made = life.ask(
        "provider",
        "POST",
        f"/v1/products/{life.code}/versions",
        {"content": public_content(rights=[RIGHT, RIGHT | {"right": "holding"}], valuation=later)},
    )

    first, second = (
        seen(life, "provider", f"/v1/products/{life.code}/versions/{number}")["content"] for number in (1, 2)
    )
    assert made.status_code == 201, made.text
    assert [one["right"] for one in first["rights"]] == ["product_operation"]
    assert [one["right"] for one in second["rights"]] == ["product_operation", "holding"]
    assert (first["valuation"], second["valuation"]) == (VALUATION, later)
    history = seen(life, "provider", f"{life.path}/history")["items"]
    assert all(one["content"]["valuation"] == VALUATION for one in history)


def test_product_keeps_its_code_through_every_state_and_version(life: HttpLife, market: tuple[Service, Bodies]) -> None:
    draft(life, public_content())
    code = parse_national_code(life.code, CodeKind.PRODUCT)
    until_listed(life)
    for step in ("suspension", "delisting"):
        life.step("provider", step, OWN, chain=True)
    made = life.ask("provider", "POST", f"/v1/products/{life.code}/versions", {})

    assert (made.json()["product_code"], made.json()["version"]) == (life.code, 2)
    assert code.subject == seen(life, "provider", life.path)["provider"]
    service, _ = market
    service.settled()
    params = {"tag_kind": "case", "tag_value": life.code, "limit": "1000"}
    items = service.get("/v1/events/search", role="auditor", params=params).json()["items"]
    kinds = {item["type"].split(".")[3] for item in items if item["type"].startswith("org.cityledger.product.")}
    assert {"drafted", "registered", "reviewed", "filed", "listed", "suspended", "delisted"} <= kinds


def members_of(name: str) -> set[str]:
    """Every member that a request body may have, at any depth."""
    schema = DOCUMENT["components"]["schemas"][name]
    inner = {ref.rpartition("/")[2] for ref in _references(schema)}
    return set(schema.get("properties", {})).union(*(members_of(one) for one in inner))


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(one) for one in value.values()))
    return set().union(*(_references(one) for one in value)) if isinstance(value, list) else set()


def test_no_route_on_an_object_takes_another_code_for_it() -> None:
    """A code is given with the first request alone: no later body has a member for it, and no body has unknown members."""
    checked = 0
    for path, methods in DOCUMENT["paths"].items():
        if not path.startswith(("/v1/products/{product_code}", "/v1/participants/{code}")):
            continue
        for method, operation in methods.items():
            if method == "get":
                continue
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for name in {ref.rpartition("/")[2] for ref in _references(schema)}:
                assert not members_of(name) & {"product_code", "code", "region", "extension", "organisation"}, path
                assert DOCUMENT["components"]["schemas"][name]["additionalProperties"] is False
                checked += 1
    assert checked >= 30
