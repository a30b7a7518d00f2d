"""The usage policy of a data product: an ODRL ``Offer`` of the profile in ``ledger.domain.policies``, with less freedom. Pure.

It names no target, no assigner and no id, because the product that carries it says them; it permits something; a rule has one action; and its
duties are what an execution node can be made to do (TC609-6-2025-14, table 4, rows 1 to 3, 14 and 17 to 20).
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.policies.defects import InvalidPolicyError, UnknownActionError, UnknownMemberError, WrongValueError
from ledger.domain.policies.model import PolicyKind, Scope
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.vocabulary import DUTIES, Action, RuleKind

ACTIONS: Final = frozenset(action.value for action in Action)
"""What a rule may be about."""

__all__ = ["ACTIONS", "InvalidPolicyError", "check_policy", "permitted_actions"]


def check_policy(policy: Mapping[str, Any]) -> None:
    """Refuses what is no ``Offer`` of this form.

    Args:
        policy: ``{"@type": "Offer", "permission": [...], "prohibition": [...], "obligation": [...]}``: at least one permission. A permission
            may carry the duties under which it holds, a prohibition its remedies; ``obligation`` holds the duties of the policy as a whole.

    Raises:
        InvalidPolicyError: names the place, never what stands there.
    """
    try:
        _check(policy)
    except InvalidPolicyError as error:
        # a product's problem document has had no word for the defect, only the place and what could stand there
        raise InvalidPolicyError(error.place, error.says) from None


def _check(policy: Mapping[str, Any]) -> None:
    read = parse_odrl(policy)
    if read.kind is not PolicyKind.OFFER:
        raise WrongValueError("policy.@type", "is Offer.")
    if read.scope != Scope() or read.uid:
        raise UnknownMemberError(
            "policy", "has an id, target or party of its own; the product that carries it says them."
        )
    if not read.permissions:
        raise WrongValueError("policy.permission", "has at least one rule: an offer of nothing is none.")
    for place, rule in read.places():
        if len(rule.actions) > 1:
            raise WrongValueError(f"policy.{place}.action", "is one action.")
        is_duty = "." in place or place.startswith(RuleKind.OBLIGATION)
        if is_duty and rule.actions[0] not in DUTIES:
            raise UnknownActionError(f"policy.{place}.action", f"is one of {', '.join(sorted(DUTIES))}.")


def permitted_actions(policy: Mapping[str, Any]) -> frozenset[str]:
    """The actions that a checked policy permits, on whatever conditions."""
    return frozenset(rule["action"] for rule in policy.get("permission", ()))
