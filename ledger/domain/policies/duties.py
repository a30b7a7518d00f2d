"""Where a duty stands: fulfilled, not yet to be done, due, or past. Pure.

The constraints of a duty say which doing of its action counts: masked *these fields*, paid *this amount*, deleted *by this time*. So a duty is
fulfilled when each of its actions was performed with facts for which every constraint holds; in every cycle anew if the duty has a time
window: then the last doing must be younger than one window. A doing whose facts do not decide does not fulfil.
"""

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.policies.facts import Facts, Performed, Request
from ledger.domain.policies.measures import read_elapsed
from ledger.domain.policies.model import Constraint, Duty, Rule, consequences
from ledger.domain.policies.values import all_of, any_of
from ledger.domain.policies.vocabulary import Action, LeftOperand, RuleKind, includes


class DutyState(StrEnum):
    """States of a duty."""

    FULFILLED = "fulfilled"
    PENDING = "pending"
    """Not before a time that has not come."""
    DUE = "due"
    BREACHED = "breached"
    """No time is left in which it could be fulfilled."""


@dataclass(frozen=True)
class Standing:
    """Where one duty stands.

    Args:
        place: of the duty.
        duty: what must be done.
        state: where it stands.
        missing: names of facts that would decide, sorted.
        liabilities: what follows from the breach, by place; empty before it.
    """

    place: str
    duty: Duty
    state: DutyState
    missing: tuple[str, ...] = ()
    liabilities: tuple[tuple[str, Duty], ...] = ()


def stand_of(place: str, duty: Duty, request: Request) -> Standing:
    """Where a duty stands at the moment of a request, after what was performed before."""
    missing: set[str] = set()
    done = all_of(_is_done(action, duty, request, missing) for action in duty.actions)
    if done:
        return Standing(place, duty, DutyState.FULFILLED)
    state = _state_in_time(duty, request, missing)
    liabilities: tuple[tuple[str, Duty], ...] = ()
    if state is DutyState.BREACHED and isinstance(duty, Rule):
        liabilities = tuple(consequences(RuleKind.OBLIGATION, place, duty))
    return Standing(place, duty, state, tuple(sorted(missing)), liabilities)


def _is_done(action: Action, duty: Duty, request: Request, missing: set[str]) -> bool | None:
    acts = [act for act in request.performed if includes(action, act.action)]
    return any_of([_counts(act, duty, request, missing) for act in acts])


def _counts(act: Performed, duty: Duty, request: Request, missing: set[str]) -> bool | None:
    answers = [_is_in_time(act, duty, request, missing)]
    for data_field in act.facts.fields or (None,):
        for _, constraint in duty.tests:
            answers.append(_answer(duty, constraint, act.facts, data_field, missing))
    return all_of(answers)


def _answer(duty: Duty, constraint: Constraint, facts: Facts, data_field: str | None, missing: set[str]) -> bool | None:
    fact = duty.fact_name(constraint)
    point = facts.point(fact, data_field)
    answer = None if point is None else constraint.is_true_of(point)
    if answer is None:
        missing.add(fact)
    return answer


def _is_in_time(act: Performed, duty: Duty, request: Request, missing: set[str]) -> bool | None:
    """Whether an act lies before the request, and in the duty's cycle if it has one."""
    now, then = _time(request.facts), _time(act.facts)
    if now is None or then is None:
        if duty.cycle is None:
            return True
        missing.add(LeftOperand.TIME)
        return None
    return then <= now and (duty.cycle is None or now - then < read_elapsed(duty.cycle))


def _state_in_time(duty: Duty, request: Request, missing: set[str]) -> DutyState:
    """The state of a duty that is not fulfilled, by its constraints on the time."""
    limits = [constraint for _, constraint in duty.tests if constraint.left_operand is LeftOperand.TIME]
    now = _time(request.facts)
    if not limits:
        return DutyState.DUE
    if now is None:
        missing.add(LeftOperand.TIME)
        return DutyState.DUE
    # between two values of the constraints nothing changes, so these moments stand for all that are left
    stated = [moment for constraint in limits for moment in constraint.measures]
    moments = {now, *(near for moment in stated for near in (moment - 1, moment, moment + 1) if near >= now)}
    fit = {moment for moment in moments if all(constraint.is_true_of(moment) for constraint in limits)}
    if not fit:
        return DutyState.BREACHED
    return DutyState.DUE if now in fit else DutyState.PENDING


def _time(facts: Facts) -> int | None:
    found = facts.point(LeftOperand.TIME, None)
    return found if isinstance(found, int) else None
