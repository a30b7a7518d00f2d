"""What a product costs is told wherever it is on offer: the number of every kind of price, in page, dataset, the protocol's dataset and feed."""

from typing import Any, Final

import pytest
from support.a_service import Service
from support.product_http import FULL, LETTER, REVIEW, SIMPLE, Bodies, HttpLife
from support.product_world import TEMPLATE, content, public_content

from ledger.bundle.catalog_feed import verify_changes
from ledger.bundle.template_digest import template_digest
from ledger.domain.catalog_dcat import CONTEXT
from ledger.domain.price import KINDS

TIERS: Final = [{"from_units": 1, "unit_price": 9_000_000}, {"from_units": 1_001, "unit_price": 7_000_000}]
RULES: Final[dict[str, dict[str, Any]]] = {
    "per_call": {"unit_price": 50_000_000},
    "volume_tier": {"tiers": TIERS},
    "subscription": {"amount_minor": 120_000, "period": "P1M"},
    "share": {"share": 150_000},
    "base_fee_plus_share": {"amount_minor": 300_000, "share": 20_000},
    "commission": {"share": 5_000},
    "membership": {"amount_minor": 980_000, "period": "P1Y"},
}
SHOWN: Final[dict[str, dict[str, Any]]] = {
    "per_call": {"unitPrice": 50_000_000},
    "volume_tier": {
        "unitPrice": 9_000_000,
        "tiers": [{"fromUnits": 1, "unitPrice": 9_000_000}, {"fromUnits": 1_001, "unitPrice": 7_000_000}],
    },
    "subscription": {"amountMinor": 120_000, "period": "P1M"},
    "share": {"share": 150_000},
    "base_fee_plus_share": {"amountMinor": 300_000, "share": 20_000},
    "commission": {"share": 5_000},
    "membership": {"amountMinor": 980_000, "period": "P1Y"},
}
"""What a reader is shown of each: every number that was stated, and nothing else."""

OWN: Final = CONTEXT["cityledger"]


def draft(market: tuple[Service, Bodies], stated: dict[str, Any], *, public: bool = False) -> HttpLife:
    service, bodies = market
    life = HttpLife(service.client, bodies, public=public)
    answer = life.ask("provider", "POST", "/v1/products", {"region": "3101", "content": stated})
    assert answer.status_code == 201, answer.text
    life.code = answer.json()["product_code"]
    return life


def seen(life: HttpLife, path: str) -> Any:
    answer = life.ask("bank", "GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def newest_entry(life: HttpLife) -> dict[str, Any]:
    rows = seen(life, "/v1/catalog/changes?limit=1000")["changes"]
    verify_changes(rows)
    [entry] = [row["entry"] for row in rows if row["product_code"] == life.code]
    assert isinstance(entry, dict)
    return entry


@pytest.mark.parametrize("kind", KINDS)
def test_number_of_every_kind_of_price_is_in_page_dataset_and_feed(market: tuple[Service, Bodies], kind: str) -> None:
    rule = {"kind": kind, "currency": "CNY", **RULES[kind]}
    life = draft(market, content(price=rule))
    life.step("provider", "registration", SIMPLE, chain=True)
    life.step("trading", "first-review", REVIEW)
    life.step("trading_2", "final-review", REVIEW, chain=True)
    life.step("trading", "letter", LETTER)
    life.step("provider", "listing", {}, chain=True)

    told = {"kind": kind, "currency": "CNY", **SHOWN[kind]}
    page = seen(life, "/v1/catalog?limit=100&sort=newest")["items"]
    assert [one["price"] for one in page if one["identifier"] == life.code] == [told]
    assert seen(life, f"/v1/catalog/{life.code}")["price"] == told
    in_full = seen(life, f"/dsp/2025-1/catalog/datasets/urn:cityledger:product:{life.code}")[f"{OWN}price"]
    assert in_full.pop(f"{OWN}priceKind") == kind
    assert in_full.keys() == {f"{OWN}{name}" for name in told if name != "kind"}
    assert numbers_of(in_full) == numbers_of(told)
    entry = newest_entry(life)
    assert {name: entry["price"][name] for name in rule} == rule


def numbers_of(value: Any) -> list[int]:
    """Every number in it, however deep, sorted."""
    if isinstance(value, int):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return sorted(number for one in inner for number in numbers_of(one))


def test_ceiling_of_a_period_and_the_contract_template_are_shown(market: tuple[Service, Bodies]) -> None:
    ceiling = {"unit_price": 80_000_000, "amount_minor": 200_000, "source": "价格主管部门 2026-12"}
    rule = {"kind": "subscription", "currency": "CNY", **RULES["subscription"]}
    life = draft(market, public_content(price=rule, ceiling=ceiling), public=True)
    life.step("provider", "registration", FULL, chain=True)
    life.step("trading", "first-review", REVIEW)
    life.step("authorisation", "final-review", REVIEW, chain=True)
    for name in ("trading", "authorisation"):
        life.step(name, "letter", LETTER)
    life.step("price", "filing", life.filing | {"ceiling": ceiling}, chain=True)
    life.step("provider", "listing", {}, chain=True)

    whole = seen(life, f"/v1/catalog/{life.code}")
    limits = {"ceilingUnitPrice": 80_000_000, "ceilingAmountMinor": 200_000, "ceilingSource": ceiling["source"]}
    assert whole["price"] == {"kind": "subscription", "currency": "CNY", **SHOWN["subscription"], **limits}
    template = {"name": TEMPLATE.name, "digest": template_digest(TEMPLATE)}
    [preview] = [one for one in seen(life, "/v1/catalog?limit=100")["items"] if one["identifier"] == life.code]
    assert (whole["contractTemplate"], preview["contractTemplate"]) == (template, template)
    assert newest_entry(life)["contract_template"] == template
