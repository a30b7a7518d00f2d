"""An agreement made from an order: its disclosed part, who is paid, and what the chain is told."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agreements import BANK, BANK_NODE, PRODUCT, PROVIDER, PROVIDER_NODE
from support.product_world import content
from support.trade_steps import terms

from ledger.bundle.agreement_chain import agreement_chain_id, agreement_reason_digest, filing_digest
from ledger.bundle.agreement_digest import (
    CONFIDENTIAL,
    AgreementSalts,
    agreement_digest,
    agreement_leaves,
    disclosed_leaves,
    withhold,
)
from ledger.domain.acts.kinds import Component, Part, PayBasis
from ledger.domain.agreement import ContradictoryPolicyError, InvalidAgreementError
from ledger.domain.agreement_terms import (
    AgreementSubject,
    AgreementTerms,
    ChainFacts,
    PayShare,
    answer_seconds,
    build_agreement_act,
    build_disclosed,
    full_shares,
)
from ledger.domain.price import PriceRule
from ledger.domain.product import Weights
from ledger.domain.records import to_json
from ledger.errors import MisuseError

PRICE = PriceRule("per_call", "CNY", unit_price=50_000_000)
SUBJECT = AgreementSubject(
    (PROVIDER, "数据公司"), (BANK, "银行"), PRODUCT, 1, content()["policy"], PRICE, Weights(700_000, 300_000, 0)
)
HOLDER = "holder"
FACTS = ChainFacts(
    *(bytes([number]) * 32 for number in range(1, 8)),
    {PROVIDER: b"\x21" * 32, BANK: b"\x22" * 32, HOLDER: b"\x11" * 32},
)


def stated(**members: Any) -> AgreementTerms:
    return terms(**{"provider_node": PROVIDER_NODE, "consumer_node": BANK_NODE} | members)


def test_disclosed_part_has_what_order_product_and_parties_state() -> None:
    part = build_disclosed(SUBJECT, stated())

    assert [(party.entity_id, party.party_type) for party in part.parties] == [(PROVIDER, "01"), (BANK, "02")]
    assert (part.items[0].product_id, part.items[0].owner_id, part.items[0].fields) == (
        PRODUCT,
        PROVIDER,
        ("permit_no", "status"),
    )
    assert (part.price, part.valid_until, part.silence_accepts, part.pay_basis) == (
        PRICE,
        "2027-12-31",
        True,
        "collected",
    )
    [policy] = part.read_policies()
    assert (policy.scope.product_id, policy.scope.provider_node, policy.scope.consumer_node) == (
        PRODUCT,
        PROVIDER_NODE,
        BANK_NODE,
    )
    assert len(policy.permissions) == len(policy.prohibitions) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_until": "2026-10-31"},
        {"rule_version": "xyz"},
        {"answer_working_days": 0},
        {"pay_basis": "later"},
        {"breach_liability": ""},
        {"name": ""},
    ],
)
def test_terms_that_do_not_go_together_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidAgreementError):
        build_disclosed(SUBJECT, stated(**wrong))


def test_contradictory_offer_makes_no_agreement() -> None:
    policy = {"@type": "Offer", "permission": [{"action": "read"}], "prohibition": [{"action": "read"}]}
    with pytest.raises(ContradictoryPolicyError):
        build_disclosed(replace(SUBJECT, policy=policy), stated())


def test_provider_is_paid_all_unless_stated_otherwise() -> None:
    assert full_shares(SUBJECT, stated()) == (
        PayShare(PROVIDER, "enterprise", 1_000_000),
        PayShare(PROVIDER, "public", 1_000_000),
    )
    shares = (
        PayShare(HOLDER, "public", 1_000_000),
        PayShare(PROVIDER, "enterprise", 600_000),
        PayShare(HOLDER, "enterprise", 400_000),
    )
    assert full_shares(SUBJECT, stated(shares=shares)) == shares


@pytest.mark.parametrize(
    "shares",
    [
        (("public", 1_000_000),),
        (("public", 1_000_000), ("enterprise", 999_999)),
        (("public", 1_000_000), ("enterprise", 1_000_000), ("personal", 1_000_000)),
        (("public", 500_000), ("public", 500_000), ("enterprise", 1_000_000)),
    ],
)
def test_shares_that_are_no_whole_are_refused(shares: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(InvalidAgreementError):
        full_shares(SUBJECT, stated(shares=tuple(PayShare(PROVIDER, part, share) for part, share in shares)))


@pytest.mark.parametrize(
    ("part", "least", "greatest"), [("all", 0, 1), ("Public", 0, 1), ("public", 6, 1_000_000), ("public", 0, 4)]
)
def test_share_outside_its_bounds_is_refused(part: str, least: int, greatest: int) -> None:
    with pytest.raises(InvalidAgreementError):
        PayShare(PROVIDER, part, 5, least, greatest)


def test_act_says_what_the_disclosed_part_says() -> None:
    part = build_disclosed(SUBJECT, stated(pay_basis="accrued"))
    shares = (
        PayShare(PROVIDER, "enterprise", 1_000_000),
        PayShare(PROVIDER, "public", 400_000),
        PayShare(HOLDER, "public", 600_000),
    )
    act = build_agreement_act(part, shares, FACTS)

    assert (act.agreement_id, act.order_id, act.parties) == (
        FACTS.agreement_id,
        FACTS.order_id,
        (FACTS.provider, FACTS.consumer),
    )
    assert (act.valid_from, act.valid_until) == (1_793_462_400, 1_830_268_799), (
        "2026-11-01 00:00 to 2027-12-31 23:59:59, Shanghai"
    )
    assert act.pay_basis is PayBasis.ACCRUED and act.rule_version.hex() == part.rule_version
    [component] = act.components
    assert (component.component, component.max_unit_price, component.fixed_amount) == (
        Component.USAGE_SHARE,
        50_000_000,
        0,
    )
    assert (component.first_period, component.last_period, component.bases) == (202_611, 202_712, 0b1011)
    named = [(one.part, one.recipient[:1], one.share) for one in component.recipients]
    assert named == [
        (Part.PUBLIC, b"\x11", 600_000),
        (Part.PUBLIC, b"\x21", 400_000),
        (Part.ENTERPRISE, b"\x21", 1_000_000),
    ]


def test_monthly_price_is_charged_by_schedule() -> None:
    price = PriceRule("subscription", "CNY", amount_minor=120_000, period="P1M")
    act = build_agreement_act(build_disclosed(replace(SUBJECT, price=price), stated()), (), FACTS)
    [component] = act.components
    assert (component.component, component.fixed_amount, component.bases) == (Component.SUBSCRIPTION, 120_000, 0b1110)


@pytest.mark.parametrize(
    "price",
    [
        PriceRule("subscription", "CNY", amount_minor=1, period="P1Y"),
        PriceRule("share", "CNY", share=1),
        PriceRule("base_fee_plus_share", "CNY", amount_minor=1, share=1),
    ],
)
def test_price_that_no_line_can_be_booked_by_makes_no_agreement(price: PriceRule) -> None:
    part = build_disclosed(replace(SUBJECT, price=price), stated())
    with pytest.raises(InvalidAgreementError, match="no component"):
        build_agreement_act(part, (), FACTS)


@settings(max_examples=30, deadline=None)
@given(days=st.integers(1, 60))
def test_time_to_answer_outlasts_weekends_and_the_longest_holidays(days: int) -> None:
    weekends, holidays = 2 * -(-days // 5), 8 * -(-days // 45)
    assert answer_seconds(days) >= (days + weekends + holidays) * 86_400


def test_disclosed_leaves_are_those_of_the_whole() -> None:
    salts, disclosed = AgreementSalts(b"\x01" * 32, b"\x02" * 32), to_json(build_disclosed(SUBJECT, stated()))
    whole = agreement_leaves(disclosed, {"discount": "八折"}, salts)
    hidden = [field for field in withhold(whole, CONFIDENTIAL) if isinstance(field, bytes)]

    assert agreement_digest([*hidden, *disclosed_leaves(disclosed, salts.disclosed)]) == agreement_digest(whole)
    with pytest.raises(MisuseError):
        disclosed_leaves({}, salts.disclosed)
    with pytest.raises(MisuseError):
        disclosed_leaves(disclosed, b"")


def test_digests_on_the_chain_differ_by_kind_and_salt() -> None:
    said = {"a": 1}
    made = {
        function(salt, value)  # type: ignore[operator]
        for salt in (b"\x01" * 32, b"\x02" * 32)
        for function, value in ((agreement_chain_id, '{"a":1}'), (filing_digest, said), (agreement_reason_digest, said))
    }
    assert len(made) == 6
    salt = bytes(range(32))
    for name, digest, signed in (
        (b"agreement-id", agreement_chain_id(salt, "8"), b"8"),
        (b"agreement-filing", filing_digest(salt, said), b'{"a":1}'),
        (b"agreement-reason", agreement_reason_digest(salt, said), b'{"a":1}'),
    ):
        assert digest == hashlib.sha256(b"cityledger/v1/" + name + b"\n" + salt + signed).digest()
    with pytest.raises(MisuseError):
        filing_digest(b"", said)
