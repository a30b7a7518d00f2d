"""What a product version may state: content, price rules, ceilings; and documents as JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.product_world import content, public_content

from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.price import (
    KINDS,
    MEMBERS,
    Ceiling,
    InvalidPriceRuleError,
    PriceAboveCeilingError,
    PriceRule,
    Tier,
    check_ceiling,
)
from ledger.domain.product import InvalidProductError, ProductContent, Weights
from ledger.domain.records import from_json, to_json
from ledger.domain.subject_code import generate_subject_code
from ledger.errors import InputError

VALUES: dict[str, Any] = {
    "unit_price": 5,
    "tiers": (Tier(1, 9), Tier(1_000, 7)),
    "amount_minor": 100,
    "period": "P1M",
    "share": 30_000,
}


def rule(kind: str, **members: Any) -> PriceRule:
    return PriceRule(kind, "CNY", **({name: VALUES[name] for name in MEMBERS.get(kind, ())} | members))


@pytest.mark.parametrize("make", [content, public_content])
def test_content_is_the_same_after_json(make: Any) -> None:
    read = from_json(ProductContent, make())

    assert from_json(ProductContent, to_json(read)) == read


@pytest.mark.parametrize("kind", KINDS)
def test_price_rule_of_every_kind_is_taken_and_kept(kind: str) -> None:
    made = rule(kind)

    assert from_json(PriceRule, to_json(made)) == made
    assert made.unit_price_on_chain == {"per_call": 5, "volume_tier": 9}.get(kind, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("member", VALUES)
def test_price_rule_states_exactly_what_its_kind_has(kind: str, member: str) -> None:
    changed = (() if member == "tiers" else None) if member in MEMBERS[kind] else VALUES[member]

    with pytest.raises(InvalidPriceRuleError):
        rule(kind, **{member: changed})


@pytest.mark.parametrize(
    "make",
    [
        lambda: PriceRule("gift", "CNY"),
        lambda: PriceRule("per_call", "Yuan", unit_price=1),
        lambda: rule("per_call", unit_price=-1),
        lambda: rule("per_call", unit_price=2**53),
        lambda: rule("subscription", period="P2M"),
        lambda: rule("share", share=0),
        lambda: rule("share", share=1_000_001),
        lambda: rule("volume_tier", tiers=(Tier(2, 9),)),
        lambda: rule("volume_tier", tiers=(Tier(1, 9), Tier(1, 8))),
        lambda: Ceiling(-1, "x"),
        lambda: Ceiling(1, ""),
    ],
)
def test_price_or_ceiling_that_is_none_is_refused(make: Any) -> None:
    with pytest.raises(InvalidPriceRuleError):
        make()


@pytest.mark.parametrize(
    ("price", "error"),
    [
        (rule("per_call", unit_price=11), PriceAboveCeilingError),
        (rule("volume_tier", tiers=(Tier(1, 11), Tier(5, 1))), PriceAboveCeilingError),
        (rule("subscription", amount_minor=101), PriceAboveCeilingError),
        (rule("share"), InvalidPriceRuleError),
        (rule("base_fee_plus_share"), InvalidPriceRuleError),
    ],
)
def test_price_that_a_ceiling_does_not_allow_is_refused(price: PriceRule, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_ceiling(price, Ceiling(10, "source", amount_minor=100))


def test_price_at_the_ceiling_is_allowed_and_a_period_needs_one_of_its_own() -> None:
    check_ceiling(rule("per_call", unit_price=10), Ceiling(10, "source"))
    check_ceiling(rule("subscription"), Ceiling(10, "source", amount_minor=100))
    with pytest.raises(PriceAboveCeilingError):
        check_ceiling(rule("subscription"), Ceiling(10, "source"))


@given(st.tuples(*[st.integers(-1_000_000, 2_000_000)] * 3))
def test_weights_are_parts_of_a_million(parts: tuple[int, int, int]) -> None:
    if min(parts) >= 0 and sum(parts) == 1_000_000:
        Weights(*parts)
    else:
        with pytest.raises(InvalidProductError):
            Weights(*parts)


RESOURCE = generate_national_code(CodeKind.RESOURCE, generate_subject_code("310000", "MA0000010"), "3101", "0" * 8)
BAD = {
    "empty title": content(title=" "),
    "long title": content(title="x" * 257),
    "no function": content(function=""),
    "null character": content(description="a\x00"),
    "unlisted topic": content(topic="Z0100"),
    "unlisted scene": content(scene="A0100"),
    "unlisted form": content(delivery_form="007"),
    "core data": content(sensitivity_grade="core"),
    "another grade": content(sensitivity_grade="mild"),
    "confidential data": content(security_level="004"),
    "no interface": content(interfaces=[]),
    "interface by no method": content(
        interfaces=[{"transfer_format": "x", "delivery_method": "9", "description": "y"}]
    ),
    "weights that are no whole": content(weights={"public": 0, "enterprise": 1, "personal": 0}),
    "weight as truth": content(weights={"public": False, "enterprise": 1_000_000, "personal": 0}),
    "no responsible unit": content(responsible_party={"unit": "", "update_procedure": "daily"}),
    "two responsible units": content(responsible_party=[{"unit": "a", "update_procedure": "b"}]),
    "digest that is none": content(contract_template={"name": "x", "digest": "AB" * 32}),
    "shares that are no whole": content(reference_split=[{"role": "x", "share": 1}]),
    "region that is none": content(spatial="Shanghai"),
    "resource with a product's code": content(
        resources=[{"resource_code": "691310000MA0000007L3101000000015", "title": "x"}]
    ),
    "resource that is named twice": content(resources=[{"resource_code": RESOURCE, "title": name} for name in "ab"]),
    "public data without certificate": public_content(certificate=None),
    "public data without ceiling": public_content(ceiling=None),
    "ceiling over other data": content(ceiling={"unit_price": 80_000_000, "source": "x"}),
    "price above its ceiling": public_content(ceiling={"unit_price": 1, "source": "x"}, certificate=None),
    "certificate of no day": public_content(certificate={"number": "1", "digest": "ab" * 32, "issued_on": "20261001"}),
    "unknown member": content(owner="x"),
    "missing member": {name: value for name, value in content().items() if name != "policy"},
    "text as a list": content(keywords="permit"),
    "no object": [],
}


@pytest.mark.parametrize("name", BAD)
def test_content_that_is_wrong_is_refused(name: str) -> None:
    with pytest.raises((InputError, PriceAboveCeilingError)):
        from_json(ProductContent, BAD[name])
