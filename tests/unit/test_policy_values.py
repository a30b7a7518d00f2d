# ruff: noqa: RUF001 - digits of other scripts are what is refused
"""What constraints compare: readings of the standard's value formats, and each of the twelve operators."""

from typing import Any

import pytest
from support.policies import policy, rule, that, use

from ledger.domain.policies.defects import InvalidFactsError, InvalidPolicyError
from ledger.domain.policies.evaluation import Result, evaluate
from ledger.domain.policies.measures import (
    Amount,
    read_amount,
    read_elapsed,
    read_size,
    read_time,
    show_amount,
    show_time,
)
from ledger.domain.policies.places import is_in_network, is_in_region, read_host, read_network, read_region
from ledger.domain.policies.vocabulary import ORDERED, LeftOperand, Operator

SIZES = {"10G": 10_000_000_000, "1.5K": 1_500, "1Ki": 1_024, "0B": 0, "7": 7, "2 MB": 2_000_000, "1PiB": 2**50}
NO_SIZES = ["", "G", "01", "1.", "1.0005K", "1 000", "-1", "1e3", "1k", "1KK", "９"]
AMOUNTS = {"100.00 CNY": Amount("CNY", 1_000_000), "0 CNY": Amount("CNY", 0), "0.0001 USD": Amount("USD", 1)}
NO_AMOUNTS = ["100", "100.00CNY", "1,000 CNY", "-1 CNY", "01 CNY", "1.00001 CNY", "1 cny", "1. CNY"]
DURATIONS = {"P1D": 86_400, "PT1H30M": 5_400, "P1W": 604_800, "P1M": 2_592_000, "P1Y": 31_536_000, "PT0S": 0}
NO_TIMES = [
    "2027-02-29T00:00:00Z",
    "2027-01-01T00:00:00",
    "1999-12-31T23:59:59Z",
    "3000-01-01T00:00:00Z",
    "20270101000000",
]
NO_REGIONS = ["", "3", "310", "00", "China", "cn", "3101011", "３１"]
NO_NETWORKS = [
    "",
    "192.0.2.1/24",
    "192.0.2.9-192.0.2.1",
    "192.0.2.1-::1",
    "Bank.example",
    "*.",
    "a..b",
    "fe80::1%eth0",
    "1.2.3",
]


@pytest.mark.parametrize(("text", "size"), SIZES.items())
def test_data_size_is_read_in_bytes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize(("text", "amount"), AMOUNTS.items())
def test_amount_is_read_exactly_and_shown_again(text: str, amount: Amount) -> None:
    assert read_amount(text) == amount
    assert read_amount(show_amount(amount)) == amount


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items())
def test_duration_is_read_in_nominal_seconds(text: str, seconds: int) -> None:
    assert read_elapsed(text) == seconds


def test_time_is_the_same_moment_in_every_zone() -> None:
    assert read_time("2027-03-20T23:59:59+08:00") == read_time("2027-03-20T15:59:59Z")
    assert show_time(read_time("2027-03-20T23:59:59+08:00")) == "2027-03-20T15:59:59Z"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((read_size, text) for text in NO_SIZES),
        *((read_amount, text) for text in NO_AMOUNTS),
        *((read_time, text) for text in NO_TIMES),
        *((read_region, text) for text in NO_REGIONS),
        *((read_network, text) for text in NO_NETWORKS),
        *((read_host, text) for text in ("192.0.2.0/24", "*.bank.example")),
    ],
)
def test_text_that_is_no_value_is_refused(read: Any, text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


@pytest.mark.parametrize(
    ("place", "region", "is_inside"),
    [
        ("310101", "310000", True),
        ("310101001", "3101", True),
        ("320000", "31", False),
        ("31", "CN", True),
        ("US", "CN", False),
        ("HK", "CN", True),
        ("HK", "810000", True),
        ("CN", "31", None),
        ("310000", "310101", None),
        ("CN", "US", False),
    ],
)
def test_place_lies_in_a_region_or_is_too_coarse_to_tell(place: str, region: str, is_inside: bool | None) -> None:
    assert is_in_region(read_region(place), read_region(region)) is is_inside


@pytest.mark.parametrize(
    ("host", "network", "is_inside"),
    [
        ("192.0.2.7", "192.0.2.0/24", True),
        ("192.0.2.9", "192.0.2.0-192.0.2.8", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("2001:db8::1", "192.0.2.0/24", False),
        ("2001:db8::1", "2001:db8::/32", True),
        ("a.bank.example", "*.bank.example", True),
        ("bank.example", "*.bank.example", False),
        ("evilbank.example", "*.bank.example", False),
        ("192.0.2.7", "bank.example", None),
    ],
)
def test_host_lies_in_a_network_or_cannot_be_compared(host: str, network: str, is_inside: bool | None) -> None:
    assert is_in_network(read_host(host), read_network(network)) is is_inside


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("eq", 5, (False, True, False)),
        ("gt", 5, (False, False, True)),
        ("gteq", 5, (False, True, True)),
        ("hasPart", 5, (False, True, False)),
        ("isA", [4, 5], (True, True, False)),
        ("isAllOf", [5], (False, True, False)),
        ("isAnyOf", [5, 6], (False, True, True)),
        ("isNoneOf", [5, 6], (True, False, False)),
        ("isPartOf", [4, 6], (True, False, True)),
        ("lt", 5, (True, False, False)),
        ("lteq", 5, (True, True, False)),
        ("neq", 5, (True, False, True)),
    ],
)
def test_operator_holds_as_table_5_2_says(operator: str, value: Any, holds: tuple[bool, ...]) -> None:
    asked = policy(rule("read", that("count", operator, value)))
    answers = [evaluate(asked, use("read", count=count)).result is Result.ALLOWED for count in (4, 5, 6)]
    assert tuple(answers) == holds


def test_every_operator_is_asked_above() -> None:
    marks = test_operator_holds_as_table_5_2_says.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == {operator.value for operator in Operator}


@pytest.mark.parametrize(
    "operand",
    sorted(set(LeftOperand) - {*("time", "timeWindow", "count", "frequency", "dataSize", "dateRecord", "payAmount")}),
)
def test_operand_without_sizes_is_not_compared_by_size(operand: str) -> None:
    value = "01" if operand in ("executionEnv", "encryptMode", "deliveryMethod") else "31"
    for operator in sorted(ORDERED):
        with pytest.raises(InvalidPolicyError) as refused:
            policy(rule("read", that(operand, operator, value)))
        assert refused.value.facts["defect"] == "operator_mismatch"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 0),
        ("count", True),
        ("count", "1"),
        ("mood", "x"),
        ("region/P1D", "31"),
        ("count/daily", 1),
        ("networkAddress", "192.0.2.0/24"),
        ("dataField", []),
        ("dataField", ["a", 1]),
        ("target", ""),
        ("executionEnv", "08"),
    ],
)
def test_fact_that_is_none_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidFactsError):
        use("read", **{name: value})
