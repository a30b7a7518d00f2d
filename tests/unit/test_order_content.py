"""What an order states, what it costs, and its voucher."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agreements import BANK, PRODUCT, PROVIDER

from ledger.bundle.order_digest import encode_voucher, order_chain_id, order_reason_digest, voucher_digest
from ledger.domain.order import (
    InvalidOrderError,
    OrderContent,
    OrderExpiredError,
    price_of,
    require_confirmable,
)
from ledger.domain.order_voucher import FORM, VoucherSubject, build_voucher, voucher_lines
from ledger.domain.price import PriceRule, Tier
from ledger.domain.records import from_json, to_json
from ledger.errors import InputError, MisuseError

PER_CALL = PriceRule("per_call", "CNY", unit_price=50_000_000)
TIERS = PriceRule("volume_tier", "CNY", tiers=(Tier(1, 3_000_000), Tier(101, 2_000_000), Tier(1_001, 1_000_000)))
MONTHLY = PriceRule("subscription", "CNY", amount_minor=120_000, period="P1M")
BASE = PriceRule("base_fee_plus_share", "CNY", amount_minor=5_000, share=10_000)
SHARE = PriceRule("share", "CNY", share=10_000)


def stated(**members: Any) -> dict[str, Any]:
    return {
        "kind": "single",
        "origin": {"kind": "application", "reference": "app-1"},
        "product_code": PRODUCT,
        "product_version": 1,
        "purpose": "贷后管理",
        "use": "commercial",
        "quantity": 1_000,
        "periods": 0,
        "valid_until": 1_800_000_000,
    } | members


def order(**members: Any) -> OrderContent:
    return from_json(OrderContent, stated(**members))


def cost(rule: PriceRule, **members: Any) -> tuple[int, int | None, int | None]:
    price = price_of(order(**members), rule, has_public_data=False)
    return price.fixed_minor, price.usage_minor, price.total_minor


def test_order_is_read_and_written_back() -> None:
    assert from_json(OrderContent, to_json(order())) == order()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "standing"},
        {"kind": "call_off"},
        {"origin": {"kind": "agreement", "reference": "8" * 47}},
        {"origin": {"kind": "wish", "reference": "x"}},
        {"origin": {"kind": "demand", "reference": " "}},
        {"product_code": PRODUCT[:-1] + ("0" if PRODUCT[-1] != "0" else "1")},
        {"product_version": 0},
        {"purpose": ""},
        {"use": "private"},
        {"quantity": -1},
        {"quantity": 2**53},
        {"periods": 1_201},
        {"valid_until": 0},
    ],
)
def test_order_that_contradicts_itself_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        order(**wrong)


@pytest.mark.parametrize(
    ("rule", "members", "expected"),
    [
        (PER_CALL, {}, (0, 50_000, 50_000)),
        (PER_CALL, {"quantity": 0}, (0, None, None)),
        (PriceRule("per_call", "CNY", unit_price=1_999), {"quantity": 999}, (0, 1, 1)),
        (PriceRule("per_call", "CNY", unit_price=0), {"quantity": 0}, (0, 0, 0)),
        (TIERS, {"quantity": 100}, (0, 300, 300)),
        (TIERS, {"quantity": 1_001}, (0, 300 + 1_800 + 1, 2_101)),
        (MONTHLY, {"periods": 12}, (1_440_000, 0, 1_440_000)),
        (BASE, {}, (5_000, 0, None)),
        (SHARE, {}, (0, 0, None)),
    ],
)
def test_price_follows_from_the_rule(rule: PriceRule, members: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert cost(rule, **members) == expected


@settings(max_examples=60, deadline=None)
@given(quantity=st.integers(1, 3_000))
def test_tiers_cost_what_their_units_cost_one_by_one(quantity: int) -> None:
    prices = [
        next(tier.unit_price for tier in reversed(TIERS.tiers) if unit >= tier.from_units)
        for unit in range(1, quantity + 1)
    ]
    assert cost(TIERS, quantity=quantity)[1] == sum(prices) // 1_000_000


@pytest.mark.parametrize(("rule", "periods"), [(MONTHLY, 0), (PER_CALL, 1), (BASE, 1)])
def test_periods_go_with_a_price_by_period_alone(rule: PriceRule, periods: int) -> None:
    with pytest.raises(InvalidOrderError, match="periods"):
        cost(rule, periods=periods)


def test_price_beyond_what_json_holds_is_refused() -> None:
    with pytest.raises(InvalidOrderError, match="at most"):
        cost(PriceRule("per_call", "CNY", unit_price=2**53 - 1), quantity=2**53 - 1)


@pytest.mark.parametrize("use", ["public_benefit", "public_governance"])
def test_public_data_cost_nothing_for_the_public(use: str) -> None:
    price = price_of(order(use=use, quantity=0), PER_CALL, has_public_data=True)
    assert (price.is_free, price.fixed_minor, price.usage_minor, price.total_minor) == (True, 0, 0, 0)
    assert price.rule == PriceRule("per_call", "CNY", unit_price=0)
    with pytest.raises(InvalidOrderError, match="Only public data"):
        price_of(order(use=use), PER_CALL, has_public_data=False)


def test_order_is_confirmable_up_to_its_last_second() -> None:
    require_confirmable(order(), 1_800_000_000)
    with pytest.raises(OrderExpiredError):
        require_confirmable(order(), 1_800_000_000.001)


def voucher(**members: Any) -> dict[str, Any]:
    content = order(**members)
    subject = VoucherSubject("order-1", (BANK, "银行"), (PROVIDER, "数据公司"), "许可状态", "002", "ab" * 32, "cd" * 32)
    return build_voucher(subject, content, price_of(content, PER_CALL, has_public_data=False))


def test_voucher_gathers_parties_subject_and_price() -> None:
    made = voucher()
    assert made["form"] == FORM
    assert (made["consumer"]["code"], made["provider"]["code"]) == (BANK, PROVIDER)
    assert made["subject"]["product_digest"] == "ab" * 32
    assert made["price"]["total_minor"] == 50_000
    assert encode_voucher(made) == encode_voucher(dict(reversed(made.items())))


def test_printed_voucher_says_amounts_with_their_currency() -> None:
    shown = {line.words.english: line.value for line in voucher_lines(voucher())}
    assert shown["total"] == "500.00 CNY"
    assert shown["consumer"] == f"银行 {BANK}"
    assert shown["to be confirmed by"] == "2027-01-15 16:00:00 Asia/Shanghai"
    assert "periods" not in shown
    open_ended = {line.words.english: line.value for line in voucher_lines(voucher(quantity=0))}
    assert (open_ended["quantity"], open_ended["total"]) == ("不限 no limit", "按计量结算 by metering")


def test_digests_are_those_of_the_written_rule() -> None:
    salt, made = bytes(range(32)), voucher()
    canonical = json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    reason = {"text": "不需要"}
    for digest, name, content in (
        (voucher_digest(salt, made), b"order-voucher", canonical),
        (order_chain_id(salt, "order-1"), b"order", b"order-1"),
        (order_reason_digest(salt, reason), b"order-reason", '{"text":"不需要"}'.encode()),
    ):
        assert digest == hashlib.sha256(b"cityledger/v1/" + name + b"\n" + salt + content).digest()


def test_every_member_of_a_voucher_moves_its_digest() -> None:
    salt, made = b"\x01" * 32, voucher()
    digests = {voucher_digest(salt, {**made, name: "x"}) for name in made} | {voucher_digest(salt, made)}
    assert len(digests) == len(made) + 1
    assert voucher_digest(b"\x02" * 32, made) not in digests
    assert order_chain_id(salt, "order-1") not in digests
    with pytest.raises(MisuseError):
        voucher_digest(b"", made)
