"""Trying a policy before it binds: the same decision over a supposed course of events. Pure.

A course is steps in their order. Facts that a step states stay until a later step states them anew; what was performed stays performed. Uses
are not counted here: a course that is to reach its quota states the count, as whoever enforces would.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.policies.defects import InvalidFactsError
from ledger.domain.policies.evaluation import Decision, evaluate
from ledger.domain.policies.facts import Facts, Performed, Request
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.vocabulary import Action

STEPS_MAX: Final = 200


@dataclass(frozen=True)
class Step:
    """One step of a supposed course.

    Args:
        action: that is tried.
        changes: facts that are new or other from here on; None takes a fact away.
        performs: acts done just before the try; the facts of each are its own.
    """

    action: Action
    changes: Mapping[str, Any] = field(default_factory=dict)
    performs: tuple[Performed, ...] = ()


def rehearse(policy: PolicySet, steps: Iterable[Step]) -> tuple[Decision, ...]:
    """The decision at each step.

    Raises:
        InvalidFactsError: a fact is not what its name means, or there are too many steps.
    """
    facts: dict[str, Any] = {}
    performed: tuple[Performed, ...] = ()
    decisions: list[Decision] = []
    for number, step in enumerate(steps):
        if number == STEPS_MAX:
            raise InvalidFactsError("steps", f"are at most {STEPS_MAX}.")
        facts = {name: value for name, value in {**facts, **step.changes}.items() if value is not None}
        performed += step.performs
        decisions.append(evaluate(policy, Request(step.action, Facts(facts), performed)))
    return tuple(decisions)
