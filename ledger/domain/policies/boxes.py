"""Rules as sets of uses: for each fact the representatives for which the rule holds, and together the box of all uses that it is about. Pure.

A set of representatives is an integer whose bits are theirs, in the order of their texts. Which fields a use has beside the one that is
judged is a fact of its own for each field that a rule asks about.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.policies.model import Constraint, Duty, PolicySet
from ledger.domain.policies.points import points_of
from ledger.domain.policies.values import Scalar, all_of
from ledger.domain.policies.vocabulary import LeftOperand, Operator

Box = Mapping[str, int]
"""Fact -> the representatives that it may be; a fact that is not there may be anything."""

PIECES_MAX: Final = 2_000
"""Pieces into which one set of uses is cut at most."""

CUTS_MAX: Final = 100_000
"""Cuts in one search. A policy that takes more is not judged any further, and never called contradictory for that."""

_WITH: Final = "dataField+"
_HAS_NOT_OR_HAS: Final = (0, 1)
_HAS: Final = 0b10
_WHOLE_USE: Final = frozenset({Operator.IS_ALL_OF, Operator.HAS_PART})


class Space:
    """The representatives of every fact that a policy set asks about, and the boxes of its rules."""

    def __init__(self, policy: PolicySet) -> None:
        self._cuts_left = CUTS_MAX
        self._stated: dict[str, tuple[Scalar, ...]] = {}
        self._points: dict[str, tuple[Any, ...]] = {}
        self._boxes: dict[int, tuple[Box, Box]] = {}
        duties = [duty for _, duty in policy.places()]
        for fact, constraints in _by_fact(duties).items():
            points = sorted(points_of(constraints[0].left_operand, constraints).items(), key=lambda pair: str(pair[0]))
            self._stated[fact] = tuple(stated for stated, _ in points)
            self._points[fact] = tuple(point for _, point in points)
        for duty in duties:
            self._stated |= dict.fromkeys(_asked_beside(duty), _HAS_NOT_OR_HAS)
            # by identity: the policy holds its rules as long as the search lasts, and hashing them whole takes longer
            self._boxes[id(duty)] = self._both_boxes(duty)

    def box(self, duty: Duty, *, maybe: bool = False) -> Box:
        """The uses for which every constraint of a rule of the policy holds.

        Args:
            duty: the rule.
            maybe: also those for which one cannot be excluded.
        """
        return self._boxes[id(duty)][1 if maybe else 0]

    def is_within(self, box: Box, other: Box) -> bool:
        """Whether every use of a box is in another."""
        return all(not box.get(fact, self._whole(fact)) & ~taken for fact, taken in other.items())

    def minus(self, box: Box, others: Iterable[Box]) -> list[Box] | None:
        """What of a box is in none of the others, in disjoint pieces; None if that takes too many of them."""
        left = [] if is_empty(box) else [box]
        for other in others:
            self._cuts_left -= len(left)
            if self._cuts_left < 0:
                return None
            left = [piece for one in left for piece in self._cut(one, other)]
            if len(left) > PIECES_MAX:
                return None
        return left

    def facts_of(self, box: Box) -> dict[str, Any]:
        """One use of a box that is not empty, as facts are stated: every fact that any rule asks about, so that none is missing."""
        first = {fact: stated[_lowest(box.get(fact, self._whole(fact)))] for fact, stated in self._stated.items()}
        facts: dict[str, Any] = {fact: value for fact, value in first.items() if not fact.startswith(_WITH)}
        beside = [fact.removeprefix(_WITH) for fact, value in first.items() if fact.startswith(_WITH) and value]
        if beside:
            judged = facts.get(LeftOperand.FIELD, beside[0])
            facts[LeftOperand.FIELD.value] = [judged, *(name for name in beside if name != judged)]
        return facts

    def _whole(self, fact: str) -> int:
        return (1 << len(self._stated[fact])) - 1

    def _both_boxes(self, duty: Duty) -> tuple[Box, Box]:
        sure = dict.fromkeys(_asked_beside(duty), _HAS)
        maybe = dict(sure)
        for fact, constraints in _by_fact([duty]).items():
            answers = [all_of(one.is_true_of(point) for one in constraints) for point in self._points[fact]]
            sure[fact] = sum(1 << number for number, answer in enumerate(answers) if answer)
            maybe[fact] = sum(1 << number for number, answer in enumerate(answers) if answer is not False)
        return sure, maybe

    def _cut(self, box: Box, other: Box) -> list[Box]:
        pieces: list[Box] = []
        within = dict(box)
        for fact, taken in other.items():
            whole = within.get(fact, self._whole(fact))
            if not whole & taken:
                return [box]
            if whole & ~taken:
                pieces.append({**within, fact: whole & ~taken})
            within[fact] = whole & taken
        return pieces


def are_apart(box: Box, other: Box) -> bool:
    """Whether no use is in both."""
    return any(not taken & other[fact] for fact, taken in box.items() if fact in other)


def is_empty(box: Box) -> bool:
    """Whether no use is in it."""
    return not all(box.values())


def begins_after(box: Box, other: Box, fact: str) -> bool:
    """Whether every value of a fact in a box comes after every one in another; only of facts whose texts sort as they do."""
    first, last = box.get(fact), other.get(fact)
    return bool(first and last and _lowest(first) >= last.bit_length())


def _lowest(among: int) -> int:
    return (among & -among).bit_length() - 1


def _by_fact(duties: Iterable[Duty]) -> dict[str, list[Constraint]]:
    found: dict[str, list[Constraint]] = {}
    for duty in duties:
        for _, constraint in duty.tests:
            if not _is_of_whole_use(constraint):
                found.setdefault(duty.fact_name(constraint), []).append(constraint)
    return found


def _asked_beside(duty: Duty) -> list[str]:
    return [f"{_WITH}{name}" for _, one in duty.tests if _is_of_whole_use(one) for name in one.values]


def _is_of_whole_use(constraint: Constraint) -> bool:
    return constraint.left_operand is LeftOperand.FIELD and constraint.operator in _WHOLE_USE
