"""Deciding: policy set and facts -> decision with its reasons. A pure function; whoever enforces calls it and acts on the answer.

How it decides, for each data field of a use by itself:

1. A policy that names its object or its user speaks only of that one (``target``, ``assignee``).
2. Every prohibition of the action is tested first, and one that applies wins over every permission (ODRL 2.2, ``conflict: prohibit``, which this
   profile fixes; TC609-6-2025-14 states no rule).
3. A prohibition that the facts do not decide stops the use as well: what is missing is named, never guessed.
4. A permission all of whose constraints hold allows: at once if its pre-duties are fulfilled, on condition if they are not.
5. What no permission allows is denied by default (TC609-6-2025-15, 7.1.2.3 c).

Obligations stop nothing. Each is told apart as fulfilled, due or breached, the last with its liability.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.domain.policies.duties import DutyState, Standing, stand_of
from ledger.domain.policies.facts import ASSIGNEE, TARGET, Request
from ledger.domain.policies.model import Constraint, Duty, PolicySet, Rule, consequences
from ledger.domain.policies.values import all_of
from ledger.domain.policies.vocabulary import Action, LeftOperand, RuleKind, includes


class Result(StrEnum):
    """The four results of a check (TC609-6-2025-15, 7.1.2.3 c), from best to worst."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    DENIED_BY_DEFAULT = "denied_by_default"
    DENIED = "denied"

    @property
    def feedback(self) -> str:
        """The ``result`` of ``/executionFeedback`` (table 3), which has no value for the default."""
        return "denied" if self is Result.DENIED_BY_DEFAULT else self.value


_ORDER: Final = list(Result)


class Why(StrEnum):
    """What a reason says of its rule."""

    PROHIBITED = "prohibited"
    """The prohibition applies."""
    PERMITTED = "permitted"
    """The permission holds, and its pre-duties are fulfilled."""
    PERMITTED_AFTER_DUTY = "permitted_after_duty"
    """The permission holds once its pre-duties are fulfilled."""
    CONSTRAINT_MET = "constraint_met"
    """A constraint of the rule that decided holds."""
    DUTY_LAPSED = "duty_lapsed"
    """A pre-duty of the permission can no longer be fulfilled."""
    CONSTRAINT_FAILED = "constraint_failed"
    """A constraint of the permission does not hold."""
    FACT_MISSING = "fact_missing"
    """A fact that decides is not stated, or not exactly enough."""
    OUT_OF_SCOPE = "out_of_scope"
    """The policy is about another object or another user."""
    NOT_PERMITTED = "not_permitted"
    """No permission is about the action."""


@dataclass(frozen=True)
class Reason:
    """One step of a decision.

    Args:
        why: what happened.
        place: of the rule or constraint, such as ``permission[0].constraint[1]``; empty for the policy as a whole.
        fact: name of the fact that counted; empty if none did.
        constraint: the constraint that counted.
        value: the fact's value as it was stated; None if it was not.
        data_field: the field that was judged; None if the use named none.
    """

    why: Why
    place: str
    fact: str = ""
    constraint: Constraint | None = None
    value: str | int | None = None
    data_field: str | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided and why.

    Args:
        result: of the four.
        reasons: in the order in which they were found.
        missing: names of the facts that would decide, sorted; empty unless something was left undecided.
        duties: pre-duties to fulfil before the use may begin, by place; only where the result is conditional.
        remedies: what the execution node must do if the use happens although it is prohibited, by place.
        obligations: where each obligation stands, by place.
    """

    result: Result
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    duties: tuple[tuple[str, Duty], ...]
    remedies: tuple[tuple[str, Duty], ...]
    obligations: tuple[Standing, ...]


@dataclass(frozen=True)
class _Part:
    """The decision on one data field."""

    result: Result
    reasons: tuple[Reason, ...] = ()
    duties: tuple[tuple[str, Duty], ...] = ()
    remedies: tuple[tuple[str, Duty], ...] = ()


def evaluate(policy: PolicySet, request: Request) -> Decision:
    """The decision on one use."""
    parts = [_out_of_scope(policy, request) or _decide(policy, request, one) for one in request.each_field()]
    reasons = tuple(dict.fromkeys(reason for part in parts for reason in part.reasons))
    missing = {reason.fact for reason in reasons if reason.why is Why.FACT_MISSING}
    result = max((part.result for part in parts), key=_ORDER.index)
    duties = dict(pair for part in parts for pair in part.duties)
    return Decision(
        result=result,
        reasons=reasons,
        missing=tuple(sorted(missing)),
        duties=tuple(duties.items()) if result is Result.CONDITIONAL else (),
        remedies=tuple(dict(pair for part in parts for pair in part.remedies).items()),
        obligations=tuple(stand_of(place, rule, request) for place, rule in policy.numbered(RuleKind.OBLIGATION)),
    )


def _out_of_scope(policy: PolicySet, request: Request) -> _Part | None:
    for fact, named in ((TARGET, policy.scope.product_id), (ASSIGNEE, policy.scope.consumer_node)):
        stated = request.facts.point(fact, None)
        if named and stated != named:
            why = Why.FACT_MISSING if stated is None else Why.OUT_OF_SCOPE
            return _Part(Result.DENIED_BY_DEFAULT, (Reason(why, "", fact, value=stated),))
    return None


def _decide(policy: PolicySet, request: Request, data_field: str | None) -> _Part:
    forbidding = _prohibited(policy, request, data_field)
    if forbidding is not None:
        return forbidding
    reasons: list[Reason] = []
    after_duty: _Part | None = None
    for place, rule in policy.numbered(RuleKind.PERMISSION):
        if not is_about(rule, request.action):
            continue
        holds, tested = _test(place, rule, request, data_field)
        standings = _open_duties(place, rule, request) if holds else ()
        lapsed = [one.place for one in standings if one.state is DutyState.BREACHED]
        if not holds or lapsed:
            reasons += [Reason(Why.DUTY_LAPSED, at, data_field=data_field) for at in lapsed] or tested
        elif not standings:
            return _Part(Result.ALLOWED, (Reason(Why.PERMITTED, place, data_field=data_field), *tested))
        elif after_duty is None:
            reason = Reason(Why.PERMITTED_AFTER_DUTY, place, data_field=data_field)
            after_duty = _Part(Result.CONDITIONAL, (reason, *tested), tuple((one.place, one.duty) for one in standings))
    if after_duty is not None:
        return after_duty
    if not reasons:
        return _Part(Result.DENIED_BY_DEFAULT, (Reason(Why.NOT_PERMITTED, "", data_field=data_field),))
    is_undecided = any(reason.why is Why.FACT_MISSING for reason in reasons)
    return _Part(Result.DENIED_BY_DEFAULT if is_undecided else Result.DENIED, tuple(reasons))


def _prohibited(policy: PolicySet, request: Request, data_field: str | None) -> _Part | None:
    """The part's decision if a prohibition applies or cannot be excluded."""
    undecided: list[Reason] = []
    for place, rule in policy.numbered(RuleKind.PROHIBITION):
        if not is_about(rule, request.action):
            continue
        applies, tested = _test(place, rule, request, data_field)
        if applies:
            reason = Reason(Why.PROHIBITED, place, data_field=data_field)
            return _Part(
                Result.DENIED, (reason, *tested), remedies=tuple(consequences(RuleKind.PROHIBITION, place, rule))
            )
        if applies is None:
            undecided += tested
    return _Part(Result.DENIED_BY_DEFAULT, tuple(undecided)) if undecided else None


def is_about(rule: Duty, action: Action) -> bool:
    """Whether a rule speaks of an action."""
    return any(includes(own, action) for own in rule.actions)


def _test(place: str, rule: Rule, request: Request, data_field: str | None) -> tuple[bool | None, list[Reason]]:
    """Whether all constraints hold, and why: those that hold, or those that fail, or those that are undecided."""
    sorted_by_answer: dict[bool | None, list[Reason]] = {True: [], False: [], None: []}
    for number, constraint in rule.tests:
        fact = rule.fact_name(constraint)
        point = request.facts.point(fact, data_field)
        answer = None if point is None else constraint.is_true_of(point)
        value = _stated(request, fact, data_field)
        reason = Reason(_WHY[answer], f"{place}.constraint[{number}]", fact, constraint, value, data_field)
        sorted_by_answer[answer].append(reason)
    answer = all_of(answer for answer, reasons in sorted_by_answer.items() if reasons)
    return answer, sorted_by_answer[answer]


_WHY: Final = {True: Why.CONSTRAINT_MET, False: Why.CONSTRAINT_FAILED, None: Why.FACT_MISSING}


def _stated(request: Request, fact: str, data_field: str | None) -> str | int | None:
    if fact == LeftOperand.FIELD:
        return data_field
    found = request.facts.stated.get(fact)
    return found if isinstance(found, str | int) else None


def _open_duties(place: str, rule: Rule, request: Request) -> tuple[Standing, ...]:
    standings = (stand_of(at, duty, request) for at, duty in consequences(RuleKind.PERMISSION, place, rule))
    return tuple(one for one in standings if one.state is not DutyState.FULFILLED)
