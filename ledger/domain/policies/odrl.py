"""A policy set in ODRL 2.2's compact JSON-LD form, as the Dataspace Protocol and a product's ``Offer`` carry it. Pure.

Members are ODRL's; a permission has ``duty``, a prohibition ``remedy``, an obligation ``consequence``. ``parse_odrl`` and ``encode_odrl`` are
inverses: an absent array is the same as an empty one and is not written, ``action`` is an array only where it names several.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.policies.defects import WrongValueError
from ledger.domain.policies.forms import read_array, read_object, read_text, read_word, standing_at
from ledger.domain.policies.model import (
    CONSTRAINTS_MAX,
    RULES_MAX,
    Constraint,
    Duty,
    PolicyKind,
    PolicySet,
    Rule,
    Scope,
)
from ledger.domain.policies.vocabulary import Action, LeftOperand, Operator, RuleKind

SCOPE_MEMBERS: Final = {
    "product_id": "target",
    "provider_node": "assigner",
    "consumer_node": "assignee",
    "product_owner": "dataProductEntityId",
    "product_name": "dataProductName",
    "provider_node_name": "providerNodeName",
    "consumer_node_name": "consumerNodeName",
}
"""Where the parts of the scope stand: ODRL's names for ids, the standard's for what ODRL has no word for."""

_MEMBERS: Final = {"@type", "@id", *(kind.value for kind in RuleKind), *SCOPE_MEMBERS.values()}
_KINDS: Final = {kind.value: kind for kind in PolicyKind}


def parse_odrl(document: Any, place: str = "policy") -> PolicySet:
    """The policy set of a compact form without ``@context``.

    Args:
        document: parsed JSON.
        place: what the document is called in messages.

    Raises:
        InvalidPolicyError: a subclass for each kind of defect; names the place.
    """
    holder = read_object(document, _MEMBERS, place)
    kind = holder.get("@type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise WrongValueError(f"{place}.@type", f"is one of {', '.join(sorted(_KINDS))}.")
    with standing_at(place):
        scope = Scope(**{name: read_text(holder, member, "scope") for name, member in SCOPE_MEMBERS.items()})
    rules = {kind: _rules(holder, kind, place) for kind in RuleKind}
    with standing_at(place):
        return PolicySet(
            permissions=rules[RuleKind.PERMISSION],
            prohibitions=rules[RuleKind.PROHIBITION],
            obligations=rules[RuleKind.OBLIGATION],
            scope=scope,
            kind=_KINDS[kind],
            uid=read_text(holder, "@id", "policy"),
        )


def encode_odrl(policy: PolicySet) -> dict[str, Any]:
    """The compact form; the inverse of ``parse_odrl``."""
    scope = {member: getattr(policy.scope, name) for name, member in SCOPE_MEMBERS.items()}
    named = {"@type": policy.kind.value, "@id": policy.uid, **scope}
    rules = {kind.value: [_encode_rule(rule, kind.consequence) for rule in policy.rules(kind)] for kind in RuleKind}
    return {name: value for name, value in {**named, **rules}.items() if value}


def _rules(holder: Mapping[str, Any], kind: RuleKind, place: str) -> tuple[Rule, ...]:
    return tuple(_rule(one, kind, inner) for inner, one in read_array(holder, kind.value, place, RULES_MAX))


def _rule(value: Any, kind: RuleKind, place: str) -> Rule:
    holder = read_object(value, {"action", "constraint", kind.consequence}, place)
    consequences = tuple(_duty(one, inner) for inner, one in read_array(holder, kind.consequence, place, RULES_MAX))
    actions, constraints = _actions(holder, place), _constraints(holder, place)
    with standing_at(place):
        return Rule(actions, constraints, consequences)


def _duty(value: Any, place: str) -> Duty:
    holder = read_object(value, {"action", "constraint"}, place)
    actions, constraints = _actions(holder, place), _constraints(holder, place)
    with standing_at(place):
        return Duty(actions, constraints)


def _actions(holder: Mapping[str, Any], place: str) -> tuple[Action, ...]:
    stated = holder.get("action")
    if not isinstance(stated, list):
        return (read_word(Action, stated, f"{place}.action"),)
    if len(stated) < 2:
        raise WrongValueError(f"{place}.action", "is an array only of several actions.")
    return tuple(read_word(Action, one, f"{place}.action") for one in stated)


def _constraints(holder: Mapping[str, Any], place: str) -> tuple[Constraint, ...]:
    return tuple(_constraint(one, inner) for inner, one in read_array(holder, "constraint", place, CONSTRAINTS_MAX))


def _constraint(value: Any, place: str) -> Constraint:
    holder = read_object(value, {"leftOperand", "operator", "rightOperand"}, place)
    operand = read_word(LeftOperand, holder.get("leftOperand"), f"{place}.leftOperand")
    operator = read_word(Operator, holder.get("operator"), f"{place}.operator")
    stated = holder.get("rightOperand")
    values: tuple[Any, ...] = tuple(stated) if isinstance(stated, list) else (stated,)
    with standing_at(place):
        return Constraint(operand, operator, values, isinstance(stated, list))


def _encode_rule(rule: Rule, consequence: str) -> dict[str, Any]:
    inner = [_encode_duty(one) for one in rule.consequences]
    return {**_encode_duty(rule), **({consequence: inner} if inner else {})}


def _encode_duty(duty: Duty) -> dict[str, Any]:
    actions = [str(action) for action in duty.actions]
    shown: dict[str, Any] = {"action": actions if len(actions) > 1 else actions[0]}
    if duty.constraints:
        shown["constraint"] = [_encode_constraint(one) for one in duty.constraints]
    return shown


def _encode_constraint(constraint: Constraint) -> dict[str, Any]:
    return {
        "leftOperand": str(constraint.left_operand),
        "operator": str(constraint.operator),
        "rightOperand": list(constraint.values) if constraint.is_array else constraint.values[0],
    }
