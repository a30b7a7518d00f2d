"""Contradictions of a policy set, found before anybody signs it. Pure.

Each operand is reasoned about over its representative facts (``points``), rules as boxes over them (``boxes``), so a finding is exact about what
``evaluate`` answers: no use whatever is allowed by a permission that is reported, no doing fulfils a duty that is reported impossible.
Reported is only what is proven; a set of rules that is too tangled to judge is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.policies.boxes import Box, Space, are_apart, begins_after, is_empty
from ledger.domain.policies.evaluation import Result, evaluate, is_about
from ledger.domain.policies.facts import ASSIGNEE, TARGET, Facts, Request
from ledger.domain.policies.model import COUNTED, Duty, PolicySet, Rule, consequences
from ledger.domain.policies.vocabulary import DUTIES, Action, LeftOperand, RuleKind, includes


class Defect(StrEnum):
    """What is wrong; those of ``CAUTIONS`` can be signed, the others cannot be meant."""

    EMPTY = "empty"
    """Constraints of one rule leave no value of a fact: from later than until, disjoint lists, fewer than one use."""
    PERMISSION_FORBIDDEN = "permission_forbidden"
    """Prohibitions cover a permission wholly."""
    PERMISSION_UNDECIDABLE = "permission_undecidable"
    """Prohibitions can never be excluded where a permission holds: amounts in two currencies, names against addresses."""
    PERMISSION_BLOCKED = "permission_blocked"
    """A permission waits for a duty that cannot be fulfilled, or not before the permission ends."""
    NOTHING_PERMITTED = "nothing_permitted"
    """No permission can ever hold."""
    DUTY_FORBIDDEN = "duty_forbidden"
    """A duty demands what prohibitions forbid in every case."""
    DUTY_NOT_PERMITTED = "duty_not_permitted"
    """A duty demands what no permission allows where the duty is."""
    PROHIBITION_IDLE = "prohibition_idle"
    """A prohibition can never apply."""
    CYCLE_IDLE = "cycle_idle"
    """A time window in a rule that counts nothing."""
    FREQUENCY_WITHOUT_CYCLE = "frequency_without_cycle"
    """A frequency without the time window that says per what."""


CAUTIONS: Final = frozenset({Defect.PROHIBITION_IDLE, Defect.CYCLE_IDLE, Defect.FREQUENCY_WITHOUT_CYCLE})


@dataclass(frozen=True)
class Finding:
    """One contradiction or caution.

    Args:
        defect: which.
        places: of the rules or constraints that make it together, the one that cannot hold first.
        fact: name of the fact that nothing is left of; empty otherwise.
        action: the action that cannot be done; None otherwise.
    """

    defect: Defect
    places: tuple[str, ...]
    fact: str = ""
    action: Action | None = None

    @property
    def is_contradiction(self) -> bool:
        """Whether a policy that has it must not be signed."""
        return self.defect not in CAUTIONS


def find_contradictions(policy: PolicySet) -> tuple[Finding, ...]:
    """Everything that contradicts itself, in the order of the rules, then of the defects."""
    return tuple(_Search(policy).findings())


def example_use(policy: PolicySet, place: str, action: Action) -> Request | None:
    """A use that a permission allows, at once or after its duties; None if there is none or none was found.

    Args:
        policy: to be shown to somebody before signing.
        place: of the permission, such as ``permission[0]``.
        action: one that the permission is about.
    """
    search = _Search(policy)
    rule = dict(policy.numbered(RuleKind.PERMISSION))[place]
    left = search.left_of(rule, action) or []
    scope = {TARGET: policy.scope.product_id, ASSIGNEE: policy.scope.consumer_node}
    stated = {name: value for name, value in scope.items() if value}
    for piece in left:
        request = Request(action, Facts({**search.space.facts_of(piece), **stated}))
        decision = evaluate(policy, request)
        if decision.result in (Result.ALLOWED, Result.CONDITIONAL):
            return request
    return None


class _Search:
    """One search; it keeps what it found out about which prohibitions cover which rule."""

    def __init__(self, policy: PolicySet) -> None:
        self.policy = policy
        self.space = Space(policy)
        self.prohibitions = tuple(policy.numbered(RuleKind.PROHIBITION))
        self._covered: dict[tuple[int, tuple[str, ...], bool], bool] = {}

    def findings(self) -> Iterator[Finding]:
        """All of them."""
        for place, duty in self.policy.places():
            yield from self._empty(place, duty)
            yield from _cautions(place, duty)
        dead: set[str] = set()
        for place, rule in self.policy.numbered(RuleKind.PERMISSION):
            found = [*self._forbidden(place, rule), *self._blocked(place, rule)]
            yield from found
            blocked = any(one.defect is Defect.PERMISSION_BLOCKED for one in found)
            if self._is_impossible(rule) or blocked or {one.action for one in found} >= set(rule.actions):
                dead.add(place)
        if len(dead) == len(self.policy.permissions):
            yield Finding(Defect.NOTHING_PERMITTED, tuple(sorted(dead)) or ("policy",))
        for place, duty in self.policy.places():
            if place.count(".") or place.startswith(RuleKind.OBLIGATION):
                yield from self._duty(place, duty, dead)

    def left_of(self, duty: Duty, action: Action) -> list[Box] | None:
        """What the prohibitions surely leave of a rule for one action; None if that was not found out."""
        about = (self.space.box(rule, maybe=True) for _, rule in self.prohibitions if is_about(rule, action))
        return self.space.minus(self.space.box(duty), about)

    def _is_impossible(self, duty: Duty) -> bool:
        return is_empty(self.space.box(duty))

    def _empty(self, place: str, duty: Duty) -> Iterator[Finding]:
        is_prohibition = place.startswith(RuleKind.PROHIBITION) and "." not in place
        defect = Defect.PROHIBITION_IDLE if is_prohibition else Defect.EMPTY
        for fact, among in self.space.box(duty).items():
            if not among:
                own = [f"{place}.constraint[{number}]" for number, one in duty.tests if duty.fact_name(one) == fact]
                yield Finding(defect, (place, *own), fact)

    def _forbidden(self, place: str, rule: Duty) -> Iterator[Finding]:
        if self._is_impossible(rule):
            return
        for action in rule.actions:
            for defect, maybe in ((Defect.PERMISSION_FORBIDDEN, False), (Defect.PERMISSION_UNDECIDABLE, True)):
                covered = [self._coverers(rule, narrow, maybe=maybe) for narrow in _narrowed(action)]
                if all(covered):
                    places = dict.fromkeys(where for one in covered for where in one)
                    yield Finding(defect, (place, *places), action=action)
                    break

    def _coverers(self, duty: Duty, action: Action, *, maybe: bool) -> tuple[str, ...]:
        """Places of the prohibitions that together cover a rule for an action; empty if they do not."""
        own = self.space.box(duty)
        boxes = {
            place: self.space.box(rule, maybe=maybe) for place, rule in self.prohibitions if is_about(rule, action)
        }
        about = {place: box for place, box in boxes.items() if not are_apart(own, box)}
        for place, box in about.items():
            if self.space.is_within(own, box):
                return (place,)
        asked = (id(duty), tuple(about), maybe)
        if asked not in self._covered:
            self._covered[asked] = self.space.minus(own, about.values()) == []
        return tuple(about) if self._covered[asked] else ()

    def _blocked(self, place: str, rule: Rule) -> Iterator[Finding]:
        own = self.space.box(rule)
        for where, duty in consequences(RuleKind.PERMISSION, place, rule):
            if self._is_impossible(duty) or begins_after(self.space.box(duty), own, LeftOperand.TIME):
                yield Finding(Defect.PERMISSION_BLOCKED, (place, where))

    def _duty(self, place: str, duty: Duty, dead: set[str]) -> Iterator[Finding]:
        if self._is_impossible(duty):
            return
        for action in duty.actions:
            covering = self._coverers(duty, action, maybe=False)
            if covering:
                yield Finding(Defect.DUTY_FORBIDDEN, (place, *covering), action=action)
            elif action not in DUTIES and not self._is_permitted_somewhere(duty, action, dead):
                yield Finding(Defect.DUTY_NOT_PERMITTED, (place,), action=action)

    def _is_permitted_somewhere(self, duty: Duty, action: Action, dead: set[str]) -> bool:
        own = self.space.box(duty)
        alive = (rule for place, rule in self.policy.numbered(RuleKind.PERMISSION) if place not in dead)
        return any(not are_apart(own, self.space.box(rule)) for rule in alive if is_about(rule, action))


def _narrowed(action: Action) -> list[Action]:
    return [narrow for narrow in Action if includes(action, narrow)]


def _cautions(place: str, duty: Duty) -> Iterator[Finding]:
    operands = {one.left_operand for one in duty.constraints}
    is_use = "." not in place and not place.startswith(RuleKind.OBLIGATION)
    if is_use and duty.cycle is not None and not operands & COUNTED:
        yield Finding(Defect.CYCLE_IDLE, (place,))
    if duty.cycle is None:
        for number, one in enumerate(duty.constraints):
            if one.left_operand is LeftOperand.FREQUENCY:
                yield Finding(Defect.FREQUENCY_WITHOUT_CYCLE, (f"{place}.constraint[{number}]",))
