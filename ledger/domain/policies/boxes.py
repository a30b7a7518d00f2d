"""Rules as sets of uses: for each fact the representatives for which the rule holds, and together the box of all uses that it is about. Pure.

Which fields a use has beside the one that is judged is a fact of its own for each field that a rule asks about.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.policies.model import Constraint, Duty, PolicySet
from ledger.domain.policies.points import points_of
from ledger.domain.policies.values import Scalar, all_of
from ledger.domain.policies.vocabulary import LeftOperand, Operator

Box = Mapping[str, frozenset[Scalar]]
"""Fact -> the representatives that it may be; a fact that is not there may be anything."""

BOXES_MAX: Final = 2_000
"""Pieces into which a set of uses is cut at most; a policy so tangled is not judged, and never called contradictory."""

_WITH: Final = "dataField+"
_HAS: Final = frozenset({1})
_HAS_OR_NOT: Final = frozenset({0, 1})
_WHOLE_USE: Final = frozenset({Operator.IS_ALL_OF, Operator.HAS_PART})


class Space:
    """The representatives of every fact that a policy set asks about."""

    def __init__(self, policy: PolicySet) -> None:
        self._points: dict[str, dict[Scalar, Any]] = {}
        self._whole: dict[str, frozenset[Scalar]] = {}
        by_fact: dict[str, list[Constraint]] = {}
        for _, duty in policy.places():
            for _, constraint in duty.tests:
                if _is_of_whole_use(constraint):
                    self._whole |= {f"{_WITH}{name}": _HAS_OR_NOT for name in constraint.values}
                else:
                    by_fact.setdefault(duty.fact_name(constraint), []).append(constraint)
        for fact, constraints in by_fact.items():
            self._points[fact] = points_of(constraints[0].left_operand, constraints)
            self._whole[fact] = frozenset(self._points[fact])

    def all_of(self, fact: str) -> frozenset[Scalar]:
        """Every representative of a fact."""
        return self._whole[fact]

    def box(self, duty: Duty, *, maybe: bool = False) -> Box:
        """The uses for which every constraint of a rule holds.

        Args:
            duty: the rule.
            maybe: also those for which one cannot be excluded.
        """
        fitting = (True, None) if maybe else (True,)
        by_fact: dict[str, list[Constraint]] = {}
        box: dict[str, frozenset[Scalar]] = {}
        for _, constraint in duty.tests:
            if _is_of_whole_use(constraint):
                box |= {f"{_WITH}{name}": _HAS for name in constraint.values}
            else:
                by_fact.setdefault(duty.fact_name(constraint), []).append(constraint)
        for fact, constraints in by_fact.items():
            box[fact] = frozenset(
                stated
                for stated, point in self._points[fact].items()
                if all_of(constraint.is_true_of(point) for constraint in constraints) in fitting
            )
        return box

    def minus(self, box: Box, others: Iterable[Box]) -> list[Box] | None:
        """What of a box is in none of the others, in disjoint pieces; None if that takes too many pieces."""
        left = [] if is_empty(box) else [box]
        for other in others:
            left = [piece for one in left for piece in self._cut(one, other)]
            if len(left) > BOXES_MAX:
                return None
        return left

    def facts_of(self, box: Box) -> dict[str, Any]:
        """One use of a box that is not empty, as facts are stated: every fact that any rule asks about, so that none is missing."""
        filled = {name: box.get(name, whole) for name, whole in self._whole.items()}
        first = {name: min(among, key=str) for name, among in filled.items()}
        facts: dict[str, Any] = {name: value for name, value in first.items() if not name.startswith(_WITH)}
        beside = [name.removeprefix(_WITH) for name, value in first.items() if name.startswith(_WITH) and value == 1]
        if beside:
            judged = facts.get(LeftOperand.FIELD, beside[0])
            facts[LeftOperand.FIELD.value] = [judged, *(name for name in beside if name != judged)]
        return facts

    def _cut(self, box: Box, other: Box) -> list[Box]:
        pieces: list[Box] = []
        within = dict(box)
        for fact, taken in other.items():
            whole = within.get(fact, self._whole[fact])
            if not whole & taken:
                return [box]
            if whole - taken:
                pieces.append({**within, fact: whole - taken})
            within[fact] = whole & taken
        return pieces


def are_apart(box: Box, other: Box) -> bool:
    """Whether no use is in both."""
    return any(not box[fact] & other[fact] for fact in box.keys() & other.keys())


def is_empty(box: Box) -> bool:
    """Whether no use is in it."""
    return not all(box.values())


def _is_of_whole_use(constraint: Constraint) -> bool:
    return constraint.left_operand is LeftOperand.FIELD and constraint.operator in _WHOLE_USE
