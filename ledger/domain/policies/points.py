"""Facts that stand for all facts: for each operand finitely many, such that every other decides a policy's constraints as one of them does. Pure.

With them, sets of facts become finite sets and the search for contradictions becomes set inclusion, decided by the same comparison that decides
uses. Sizes: each stated value and its two neighbours. Words: each stated one and one that is not. Places: of each stated set an
inner place that is in no smaller stated one, and one outside; of address ranges the ends and their neighbours.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from ledger.domain.policies.measures import Amount, show_amount, show_time
from ledger.domain.policies.model import Constraint
from ledger.domain.policies.places import CHINA, Range, show_address
from ledger.domain.policies.values import KINDS, Fields, Scalar
from ledger.domain.policies.vocabulary import CODED, LeftOperand

_REGION_DIGITS: Final = 9
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OUTSIDE: Final = "x"


def points_of(operand: LeftOperand, constraints: Iterable[Constraint]) -> dict[Scalar, Any]:
    """The representative facts of an operand, as they would be stated -> the points that they are.

    Args:
        operand: whose facts.
        constraints: all constraints on this operand that are looked at together.
    """
    measures = {measure for constraint in constraints for measure in constraint.measures}
    read = KINDS[operand].read_fact
    found: dict[Scalar, Any] = {}
    for stated in _MAKERS.get(operand, _words)(operand, measures):
        try:
            point = read(stated)
        except ValueError:
            continue  # a neighbour beyond the edge of what there is, such as the zeroth use
        found[stated] = Fields(str(point), frozenset([point])) if operand is LeftOperand.FIELD else point
    return found


def _sizes(show: Callable[[int], Scalar]) -> Callable[[LeftOperand, set[Any]], Iterator[Scalar]]:
    def make(_: LeftOperand, measures: set[Any]) -> Iterator[Scalar]:
        # with nothing stated any fact will do: one that every operand of this kind can have
        for near in sorted({measure + step for measure in measures for step in (-1, 0, 1)}):
            if near >= 0:
                yield show(near)

    return make


def _amounts(_: LeftOperand, measures: set[Amount]) -> Iterator[Scalar]:
    for currency, number in sorted(measures):
        for near in (number - 1, number, number + 1):
            if near >= 0:
                yield show_amount(Amount(currency, near))
    currencies = {currency for currency, _ in measures}
    yield show_amount(Amount(next(one for one in _three_letters() if one not in currencies), 0))


def _three_letters() -> Iterator[str]:
    return (f"X{second}{third}" for second in _LETTERS for third in _LETTERS)


def _words(_: LeftOperand, measures: set[str]) -> Iterator[Scalar]:
    yield from sorted(measures)
    number = next(number for number in range(len(measures) + 1) if f"{_OUTSIDE}{number}" not in measures)
    yield f"{_OUTSIDE}{number}"


def _codes(operand: LeftOperand, _: set[str]) -> Iterator[Scalar]:
    yield from (str(code) for code in CODED[operand])


def _regions(_: LeftOperand, measures: set[str]) -> Iterator[Scalar]:
    for region in sorted({*measures, CHINA}):
        yield _inner_region(region, measures)
    countries = (first + second for first in "XQZ" for second in _LETTERS)
    yield next((country for country in countries if country not in measures), "AQ")


def _inner_region(region: str, measures: set[str]) -> str:
    """A place of the finest level in a region, and in none of the stated regions inside it if there is such a place."""
    if region != CHINA and not region.isdigit():
        return region
    prefix = "" if region == CHINA else region
    inside = {other for other in measures if other.isdigit() and other != region and other.startswith(prefix)}
    return _free_place(prefix, inside) or prefix.ljust(_REGION_DIGITS, "9")


def _free_place(prefix: str, inside: set[str]) -> str | None:
    if len(prefix) == _REGION_DIGITS:
        return prefix
    digits = 2 if len(prefix) < 6 else 3
    children = [f"{prefix}{number:0{digits}}" for number in range(10**digits - 1, 0, -1)]
    for child in children:
        if not any(other.startswith(child) for other in inside):
            return child.ljust(_REGION_DIGITS, "9")
    deeper = (
        _free_place(child, {one for one in inside if one.startswith(child)})
        for child in children
        if child not in inside
    )
    return next((found for found in deeper if found is not None), None)


def _networks(_: LeftOperand, measures: set[Range | str]) -> Iterator[Scalar]:
    ranges = {one for one in measures if isinstance(one, Range)}
    names = {one for one in measures if isinstance(one, str)}
    ends = {(one.version, end + step) for one in ranges for end in (one.first, one.last) for step in (-1, 0, 1)}
    addresses = {show_address(version, number) for version, number in ends} | {"0.0.0.0", "::"}  # noqa: S104 - no socket
    yield from sorted(address for address in addresses if address is not None)
    yield from sorted(name for name in names if not name.startswith("*."))
    yield _inner_name("", names)
    yield from (_inner_name(name[1:], names) for name in sorted(names) if name.startswith("*."))


def _inner_name(suffix: str, names: set[str]) -> str:
    numbers = range(len(names) + 1)
    fresh = next(number for number in numbers if not any(f"{_OUTSIDE}{number}." in f"{name}." for name in names))
    return f"{_OUTSIDE}{fresh}{suffix}"


_MAKERS: Final[dict[LeftOperand, Callable[[LeftOperand, set[Any]], Iterator[Scalar]]]] = {
    LeftOperand.TIME: _sizes(show_time),
    LeftOperand.TIME_WINDOW: _sizes(lambda seconds: f"PT{seconds}S"),
    LeftOperand.COUNT: _sizes(int),
    LeftOperand.FREQUENCY: _sizes(int),
    LeftOperand.RECORDS: _sizes(int),
    LeftOperand.DATA_SIZE: _sizes(lambda size: f"{size}B"),
    LeftOperand.AMOUNT: _amounts,
    LeftOperand.REGION: _regions,
    LeftOperand.NETWORK_ADDRESS: _networks,
    **dict.fromkeys(CODED, _codes),
}
