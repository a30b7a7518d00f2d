"""Rights, valuation and base fee: what is taken, and what is refused by which error."""

from typing import Any

import pytest
from support.product_world import content

from ledger.domain.price import InvalidPriceRuleError
from ledger.domain.product import InvalidProductError, ProductContent
from ledger.domain.product_value import METHODS, RIGHTS, BaseFee, InvalidProductValueError
from ledger.domain.records import from_json, to_json
from ledger.errors import InputError

DIGEST = "ab" * 32
RIGHT: dict[str, Any] = {
    "right": "product_operation",
    "holder": "市大数据运营有限公司",
    "basis": "公共数据授权运营协议 2026-7",
    "digest": DIGEST,
    "confirmed_on": "2026-03-01",
    "valid_until": "2029-02-28",
}
VALUATION: dict[str, Any] = {
    "method": "income",
    "currency": "CNY",
    "amount_minor": 120_000_000,
    "assessor": "评估机构",
    "digest": DIGEST,
    "valued_on": "2026-06-30",
}
FACTORS = {name: f"{name}: as assessed" for name in ("coverage", "timeliness", "granularity", "value", "cost")}
FEE: dict[str, Any] = {"currency": "CNY", "amount_minor": 600_000, "period": "P1Y", "factors": FACTORS}


def test_rights_and_valuation_are_the_same_after_json() -> None:
    stated = from_json(
        ProductContent, content(rights=[RIGHT | {"right": right} for right in RIGHTS], valuation=VALUATION)
    )

    assert from_json(ProductContent, to_json(stated)) == stated
    assert [right.right for right in stated.rights] == list(RIGHTS)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_valuation_is_taken(method: str) -> None:
    assert from_json(ProductContent, content(valuation=VALUATION | {"method": method})).valuation is not None


@pytest.mark.parametrize(
    "change",
    [
        {"right": "ownership"},
        {"holder": " "},
        {"basis": ""},
        {"digest": "no"},
        {"confirmed_on": "2026-02-30"},
        {"confirmed_on": "20260301"},
        {"valid_until": "2026-02-28"},
    ],
)
def test_right_that_is_none_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidProductValueError):
        from_json(ProductContent, content(rights=[RIGHT | change]))


@pytest.mark.parametrize(
    "change",
    [
        {"method": "guess"},
        {"currency": "yuan"},
        {"amount_minor": -1},
        {"assessor": ""},
        {"digest": ""},
        {"valued_on": "x"},
    ],
)
def test_valuation_that_is_none_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidProductValueError):
        from_json(ProductContent, content(valuation=VALUATION | change))


def test_rights_are_bounded() -> None:
    with pytest.raises(InvalidProductError, match="rights"):
        from_json(ProductContent, content(rights=[RIGHT] * 21))


@pytest.mark.parametrize("factor", FACTORS)
def test_base_fee_states_every_factor(factor: str) -> None:
    with pytest.raises(InvalidPriceRuleError, match=factor):
        from_json(BaseFee, FEE | {"factors": FACTORS | {factor: " "}})
    with pytest.raises(InputError, match=factor):
        from_json(BaseFee, FEE | {"factors": {name: text for name, text in FACTORS.items() if name != factor}})


@pytest.mark.parametrize("change", [{"currency": "CN"}, {"amount_minor": -1}, {"period": "P2M"}])
def test_base_fee_that_is_none_is_refused(change: dict[str, Any]) -> None:
    assert to_json(from_json(BaseFee, FEE)) == FEE
    with pytest.raises(InvalidPriceRuleError):
        from_json(BaseFee, FEE | change)
