"""Whatever is split sums up, nobody is a unit away from the exact share, and what cannot be split is refused."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.split import (
    MAX_GROSS,
    MAX_TOTAL,
    MAX_TOTAL_WEIGHT,
    WHOLE,
    Part,
    Recipient,
    flatten,
    split,
    split_correction,
)
from ledger.errors import SplitError

LINE = bytes(31) + b"\x01"
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any)


def body(number: int) -> bytes:
    return number.to_bytes(32, "big")


def bodies(count: int) -> list[bytes]:
    return [body(number) for number in range(1, count + 1)]


@given(st.integers(0, MAX_TOTAL), WEIGHTS)
def test_split_of_anything_sums_up_and_is_fair_to_one_unit(total, weights):
    parts = split(total, weights, LINE, bodies(len(weights)))
    assert sum(parts) == total
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(st.integers(0, MAX_GROSS), st.integers(0, MAX_GROSS), WEIGHTS)
def test_correction_there_and_back_moves_nothing(gross, base_gross, weights):
    there = split_correction(gross, base_gross, weights, LINE, bodies(len(weights)))
    back = split_correction(base_gross, gross, weights, LINE, bodies(len(weights)))
    assert sum(there) == gross - base_gross
    assert [-amount for amount in back] == there


def test_equal_remainders_fall_by_hash_and_the_same_body_by_place():
    first, second = split(1, [1, 1], LINE, [body(1), body(2)])
    assert (first, second) == split_in_other_order()
    assert split(1, [1, 1], LINE, [body(1), body(1)]) == [1, 0]


def split_in_other_order() -> tuple[int, int]:
    second, first = split(1, [1, 1], LINE, [body(2), body(1)])
    return first, second


@pytest.mark.parametrize(
    ("total", "weights", "line_id", "recipients"),
    [
        (1, [], LINE, []),
        (1, [1] * 251, LINE, bodies(251)),
        (1, [1], LINE, bodies(2)),
        (1, [1], LINE[1:], bodies(1)),
        (1, [1], LINE, [b"short"]),
        (-1, [1], LINE, bodies(1)),
        (MAX_TOTAL + 1, [1], LINE, bodies(1)),
        (1, [0, 0], LINE, bodies(2)),
        (1, [2, -1], LINE, bodies(2)),
        (1, [MAX_TOTAL_WEIGHT, 1], LINE, bodies(2)),
    ],
)
def test_split_of_what_the_contract_refuses_is_refused(total, weights, line_id, recipients):
    with pytest.raises(SplitError):
        split(total, weights, line_id, recipients)


def test_correction_beyond_what_amounts_hold_is_refused():
    with pytest.raises(SplitError, match="at most"):
        split_correction(MAX_GROSS + 1, 0, [1], LINE, bodies(1))


MIXED = [
    Recipient(body(1), Part.PUBLIC, 250_000, 200_000, 300_000),
    Recipient(body(2), Part.PUBLIC, 750_000),
    Recipient(body(1), Part.ENTERPRISE, WHOLE),
]


def test_flatten_multiplies_parts_and_shares_of_the_period():
    assert flatten((600_000, 400_000, 0), MIXED) == [150 * 10**9, 450 * 10**9, 400 * 10**9]
    assert flatten((600_000, 400_000, 0), MIXED, [300_000, 700_000, WHOLE]) == [180 * 10**9, 420 * 10**9, 400 * 10**9]


@pytest.mark.parametrize(
    ("part_weights", "entries", "shares", "message"),
    [
        ((600_000, 400_000, 1), MIXED, (), "part weights"),
        ((WHOLE + 1, -1, 0), MIXED, (), "part weights"),
        ((600_000, 400_000, 0), MIXED, [1], "shares for"),
        ((600_000, 400_000, 0), [MIXED[1], MIXED[0], MIXED[2]], (), "ascending"),
        ((600_000, 400_000, 0), [MIXED[0], MIXED[0], MIXED[2]], (), "ascending"),
        ((600_000, 400_000, 0), MIXED, [300_001, 699_999, WHOLE], "outside"),
        ((600_000, 300_000, 100_000), MIXED, (), "PERSONAL"),
    ],
)
def test_flatten_of_what_the_contract_refuses_is_refused(part_weights, entries, shares, message):
    with pytest.raises(SplitError, match=message):
        flatten(part_weights, entries, shares)
