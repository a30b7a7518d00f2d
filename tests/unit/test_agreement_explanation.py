"""Key terms of an agreement in words: each of them is told, with its numbers, in both languages."""

from dataclasses import fields
from typing import Any

import pytest
from support.agreements import disclosed

from ledger.domain.agreement import DisclosedPart
from ledger.domain.agreement_explanation import explain_agreement
from ledger.domain.policies.explanation import Sentence
from ledger.domain.price import KINDS
from ledger.domain.records import from_json

UNTOLD = {"name", "abstract", "sign_mode", "rule_version", "valid_from", "answer_working_days"}
"""Words of the parties' own, what signs and settles it, and what another member's sentence holds."""

PRICES = {
    "per_call": ({"unit_price": 50_000_000}, "Price: 0.50 CNY for each call or record."),
    "volume_tier": (
        {"tiers": [{"from_units": 1, "unit_price": 50_000_000}, {"from_units": 1001, "unit_price": 20_000_000}]},
        "Price: By tiers within a period: from the 1. unit on 0.50 CNY each; from the 1,001. unit on 0.20 CNY each.",
    ),
    "subscription": (
        {"amount_minor": 120_000, "period": "P3M"},
        "Price: 1,200.00 CNY a quarter, however much is used.",
    ),
    "share": ({"share": 25_000}, "Price: 2.5 % of the consumer's revenue from it."),
    "base_fee_plus_share": (
        {"amount_minor": 100, "share": 1},
        "Price: A base fee of 1.00 CNY, and 0.0001 % of the consumer's revenue from it.",
    ),
    "commission": ({"share": 1_000_000}, "Price: 100 % of the trade's value."),
    "membership": ({"amount_minor": 5, "period": "P1Y"}, "Price: 0.05 CNY a year, however much is used."),
}


def told(**members: Any) -> dict[str, Sentence]:
    found = explain_agreement(from_json(DisclosedPart, disclosed(**members)))
    by_place = {one.place: one for one in found}
    assert len(by_place) == len(found), "one sentence a place"
    return by_place


def test_every_member_of_the_disclosed_part_is_told() -> None:
    limits = [{"kind": "not_in_force", "limit": 30}, {"kind": "breach_reports", "limit": 2}]
    places = {place.split()[0].split("/")[1] for place in told(end_conditions=limits)}
    assert places == {field.name for field in fields(DisclosedPart)} - UNTOLD


@pytest.mark.parametrize("kind", KINDS)
def test_price_of_every_kind_is_told_with_its_numbers(kind: str) -> None:
    members, english = PRICES[kind]
    rule = dict.fromkeys(("unit_price", "amount_minor", "period", "share")) | {"tiers": []}
    sentence = told(price=rule | {"kind": kind, "currency": "CNY"} | members)["/price"]
    assert sentence.english == english
    assert sentence.chinese.startswith("价格")


@pytest.mark.parametrize(
    ("unit_price", "currency", "text"),
    [
        (1_234_567, "CNY", "0.01234567 CNY"),
        (0, "CNY", "0.00 CNY"),
        (100_000_000, "JPY", "100 JPY"),
        (1_500_000, "JPY", "1.5 JPY"),
        (1, "XAU", "1 百万分之一最小货币单位 millionths of a minor unit XAU"),
    ],
)
def test_unit_price_is_exact_in_every_currency(unit_price: int, currency: str, text: str) -> None:
    price = dict.fromkeys(("amount_minor", "period", "share")) | {"kind": "per_call", "tiers": []}
    told_price = told(price=price | {"currency": currency, "unit_price": unit_price})["/price"].english
    assert told_price == f"Price: {text} for each call or record."


@pytest.mark.parametrize(
    ("members", "place", "english"),
    [
        ({"silence_accepts": True}, "/silence_accepts", "without an answer it counts as accepted"),
        ({"silence_accepts": False}, "/silence_accepts", "without an answer it is not accepted"),
        ({"answer_working_days": 7}, "/silence_accepts", "within 7 working days"),
        ({"pay_basis": "collected"}, "/pay_basis", "once it has been received"),
        ({"pay_basis": "accrued"}, "/pay_basis", "whether or not it has been received"),
        ({"data_after_end": "destroy"}, "/data_after_end", "destroys the data"),
        ({"data_after_end": "anonymise"}, "/data_after_end", "makes the data anonymous"),
        ({"breach_liability": "赔偿损失"}, "/breach_liability", "赔偿损失"),
        ({"end_conditions": [{"kind": "not_in_force", "limit": 30}]}, "/end_conditions/0", "within 30 days"),
        ({"end_conditions": [{"kind": "breach_reports", "limit": 2}]}, "/end_conditions/0", "reported 2 breaches"),
    ],
)
def test_term_is_told_as_it_is_stated(members: dict[str, Any], place: str, english: str) -> None:
    assert english in told(**members)[place].english


def test_parties_items_days_and_policies_are_told() -> None:
    part, sentences = disclosed(), told()
    for number, party in enumerate(part["parties"]):
        assert party["entity_id"] in sentences[f"/parties/{number}"].english
    for field in part["items"][0]["fields"]:
        assert field in sentences["/items/0"].chinese
    assert part["valid_from"] in sentences["/valid_until"].english
    assert part["valid_until"] in sentences["/valid_until"].english
    assert sentences["/policies/0 permission[0]"].english.startswith("You may")
    assert sentences["/policies/0"].english == "Every other use is denied."


def test_item_without_named_fields_is_told_to_be_whole() -> None:
    [item] = disclosed()["items"]
    assert "fields that may be used: all" in told(items=[item | {"fields": []}])["/items/0"].english
