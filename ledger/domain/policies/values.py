"""What each constraint name compares: how its value and a fact are read, and when a fact is one of what the value stands for. Pure.

``None`` is the third answer everywhere: the facts do not decide. It is never taken for yes or no.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger.domain.policies import measures, places
from ledger.domain.policies.vocabulary import CODED, LeftOperand, Operator

Scalar = str | int
"""A value as it stands in a policy or a fact."""


class Fields(NamedTuple):
    """One data field of a use, beside all fields of the same use."""

    one: str
    every: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one constraint name compares.

    Args:
        read: a value of a policy -> what it stands for; raises ValueError.
        read_fact: a fact -> the point that it is; raises ValueError.
        is_among: whether the point is one of what the value stands for.
        difference: a number below, at or above zero as the point is below, at or above the value; absent where there are no sizes.
        takes: what a value is, for messages.
    """

    read: Callable[[Any], Any]
    read_fact: Callable[[Any], Any]
    is_among: Callable[[Any, Any], bool | None]
    difference: Callable[[Any, Any], int | None] | None
    takes: str


def _text(characters_max: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= characters_max:
            raise ValueError
        return value

    return read


def _is_same(point: Any, value: Any) -> bool:
    return bool(point == value)


def _numbers(read: Callable[[Any], int], read_fact: Callable[[Any], int], takes: str) -> Kind:
    return Kind(read, read_fact, _is_same, lambda point, value: int(point - value), takes)


def _named(characters_max: int) -> Kind:
    takes = f"a text of 1 to {characters_max} characters"
    return Kind(_text(characters_max), _text(characters_max), _is_same, None, takes)


def _coded(operand: LeftOperand) -> Kind:
    codes = list(CODED[operand])

    def read(value: Any) -> str:
        return str(codes[codes.index(value)])

    return Kind(read, read, _is_same, None, f"one of {', '.join(codes)}")


def _amount_difference(point: measures.Amount, value: measures.Amount) -> int | None:
    """Amounts of two currencies have no order without a rate, which no policy states."""
    return point.ten_thousandths - value.ten_thousandths if point.currency == value.currency else None


def _is_same_amount(point: measures.Amount, value: measures.Amount) -> bool | None:
    difference = _amount_difference(point, value)
    return None if difference is None else difference == 0


def _is_field(point: Fields, value: str) -> bool:
    return point.one == value


KINDS: Final[dict[LeftOperand, Kind]] = {
    LeftOperand.TIME: _numbers(
        measures.read_time,
        measures.read_time,
        "an ISO 8601 time with a zone, in whole seconds, of the years 2000 to 2999",
    ),
    LeftOperand.TIME_WINDOW: _numbers(
        measures.read_duration, measures.read_elapsed, "an ISO 8601 duration of at most 10 characters"
    ),
    LeftOperand.COUNT: _numbers(measures.read_positive, measures.read_ordinal, "a positive integer"),
    LeftOperand.FREQUENCY: _numbers(measures.read_positive, measures.read_ordinal, "a positive integer"),
    LeftOperand.RECORDS: _numbers(measures.read_positive, measures.read_number, "a positive integer"),
    LeftOperand.DATA_SIZE: _numbers(
        measures.read_size,
        measures.read_size,
        "a number with B or one of K, M, G, T, P, Ki, Mi, Gi, Ti, Pi, such as 10G",
    ),
    LeftOperand.AMOUNT: Kind(
        measures.read_amount, measures.read_amount, _is_same_amount, _amount_difference, "an amount such as 100.00 CNY"
    ),
    LeftOperand.REGION: Kind(
        places.read_region,
        places.read_region,
        places.is_in_region,
        None,
        "a region of 2, 4, 6 or 9 digits or a country of two letters",
    ),
    LeftOperand.NETWORK_ADDRESS: Kind(
        places.read_network,
        places.read_host,
        places.is_in_network,
        None,
        "an IP address, a network, a range first-last or a name in lower case, of at most 45 characters",
    ),
    LeftOperand.FIELD: Kind(_text(128), _text(128), _is_field, None, "a text of 1 to 128 characters"),
    LeftOperand.PHYSICAL_ADDRESS: _named(20),
    LeftOperand.FIELD_VALUE: _named(128),
    LeftOperand.APPLICATION: _named(1_024),
    LeftOperand.ALGORITHM: _named(1_024),
    LeftOperand.MODEL: _named(1_024),
    LeftOperand.PURPOSE: _named(256),
    **{operand: _coded(operand) for operand in CODED},
}
"""By constraint name; lengths are those of table C.6."""

_SIZES: Final[dict[Operator, Callable[[int], bool]]] = {
    Operator.GREATER: lambda difference: difference > 0,
    Operator.GREATER_OR_EQUAL: lambda difference: difference >= 0,
    Operator.LESS: lambda difference: difference < 0,
    Operator.LESS_OR_EQUAL: lambda difference: difference <= 0,
}


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Yes if one is yes; else not decided if one is not; else no."""
    seen = set(answers)
    return True if True in seen else None if None in seen else False


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """No if one is no; else not decided if one is not; else yes."""
    seen = set(answers)
    return False if False in seen else None if None in seen else True


def is_true_of(operand: LeftOperand, operator: Operator, values: Iterable[Any], point: Any) -> bool | None:
    """Whether a constraint holds at a point (table 5.2).

    A use has one value of each operand, and a value of a policy stands for a set (itself, a region, a network). ``eq``, ``isA``, ``isPartOf`` and
    ``isAnyOf`` ask whether the use's value is in one of the sets, ``neq`` and ``isNoneOf`` whether it is in none, ``isAllOf`` and ``hasPart``
    whether it is in all. Only data fields come several to a use: there these last two ask whether the use has all the fields.

    Args:
        operand: what is compared.
        operator: how.
        values: of the policy, read by the operand's kind.
        point: the fact, read by the operand's kind.
    """
    kind = KINDS[operand]
    if operator in _SIZES:
        (value,) = values
        difference = kind.difference(point, value) if kind.difference else None
        return None if difference is None else _SIZES[operator](difference)
    if operator in (Operator.IS_ALL_OF, Operator.HAS_PART):
        if isinstance(point, Fields):
            return point.every.issuperset(values)
        return all_of(kind.is_among(point, value) for value in values)
    found = any_of(kind.is_among(point, value) for value in values)
    if operator in (Operator.NOT_EQUAL, Operator.IS_NONE_OF):
        return None if found is None else not found
    return found
