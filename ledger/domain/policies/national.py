"""A policy set in the form of TC609-6-2025-14: the three groups of table C.2, each policy a ``strategy`` of annex B. Pure.

Readings where the standard is silent or differs with itself:

- ``strategy`` has no member for the kind of policy, so the groups of table C.2 carry it; object and nodes stand in every strategy.
- ``constraintValue`` is always a string: a number in decimals; several values as the text of a JSON array. Where an operator takes one value
  or several, one value that begins like JSON is written as a JSON string.
- ``policyExpansion`` is the text of a JSON array of ``{"actions", "constraints"}``: pre-duties, remedies or liabilities.
- Read but never written: times as ``YYYYMMDDHHMMSS`` (Asia/Shanghai) and the spellings ``policyTransmit`` and ``dataRecord``.

``encode_national`` is the inverse of ``parse_national`` up to these three, and to the class and ``@id`` that ODRL has and this form has not.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.policies.defects import ExtensionError, InvalidPolicyError, UnknownOperatorError, WrongValueError
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
from ledger.domain.policies.values import Scalar
from ledger.domain.policies.vocabulary import OF_SETS, SINGLE, Action, LeftOperand, Operator, RuleKind

_SPELLINGS: Final = {"policyTransmit": Action.PASS_POLICY_ON.value, "dataRecord": LeftOperand.RECORDS.value}
_NUMBERS: Final = frozenset({LeftOperand.COUNT, LeftOperand.FREQUENCY, LeftOperand.RECORDS})
_DECIMALS: Final = re.compile(r"[1-9][0-9]{0,15}")
_FOURTEEN: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})")
_PIECES: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
"""A string, which an end of the text closes too so that nothing is read twice, or a bracket outside of one."""

_DEPTH_MAX: Final = 4
"""An array of duties, each an object with an array of constraints, each an object."""

_EXPANSION_CHARACTERS_MAX: Final = 100_000
_VALUE_CHARACTERS_MAX: Final = 200_000
"""Of a ``constraintValue``: as many values as there may be, each as long as it may be and escaped, take less."""

_SUBJECT: Final = {
    "product_id": "dataProductId",
    "product_name": "dataProductName",
    "product_owner": "dataProductEntityId",
}
_NODES: Final = {
    "provider_node": "providerNodeId",
    "provider_node_name": "providerNodeName",
    "consumer_node": "consumerNodeId",
    "consumer_node_name": "consumerNodeName",
}
_OPERATORS: Final = {operator.keyword: operator for operator in Operator}
_MODEL_NAMES: Final = {"rightOperand": "constraintValue", "operator": "constraintOperator", "action": "actions"}


def parse_national(document: Any, kind: PolicyKind = PolicyKind.SET, uid: str = "") -> PolicySet:
    """The policy set of ``contractPolicies``.

    Args:
        document: parsed JSON of the three groups.
        kind: ODRL's class, which the form cannot say.
        uid: ODRL's ``@id``, likewise.

    Raises:
        InvalidPolicyError: a subclass for each kind of defect; names the place.
    """
    place = "contractPolicies"
    holder = read_object(document, {kind.national for kind in RuleKind}, place)
    read = {
        group: [parse_strategy(one, inner) for inner, one in read_array(holder, group.national, place, RULES_MAX)]
        for group in RuleKind
    }
    scopes = {scope for group in read.values() for _, scope in group}
    if len(scopes) > 1:
        raise WrongValueError(place, "is about one object and one pair of nodes in all its policies.")
    rules = {group: tuple(rule for rule, _ in found) for group, found in read.items()}
    with standing_at(place):
        return PolicySet(
            permissions=rules[RuleKind.PERMISSION],
            prohibitions=rules[RuleKind.PROHIBITION],
            obligations=rules[RuleKind.OBLIGATION],
            scope=scopes.pop() if scopes else Scope(),
            kind=kind,
            uid=uid,
        )


def encode_national(policy: PolicySet) -> dict[str, Any]:
    """``contractPolicies``; the inverse of ``parse_national``."""
    groups = {kind.national: [encode_strategy(rule, policy.scope) for rule in policy.rules(kind)] for kind in RuleKind}
    return {name: group for name, group in groups.items() if group}


def parse_strategy(value: Any, place: str = "strategy") -> tuple[Rule, Scope]:
    """One ``strategy`` of tables B.4 to B.6: the rule, of whatever kind, and what it is about.

    Raises:
        InvalidPolicyError: names the place.
    """
    members = {"subjectInfo", "executionNodeInfo", "actions", "constraints", "policyExpansion"}
    holder = read_object(value, members, place)
    parts = {
        **_scope_part(holder, "subjectInfo", _SUBJECT, place),
        **_scope_part(holder, "executionNodeInfo", _NODES, place),
    }
    consequences = _consequences(read_text(holder, "policyExpansion", place), f"{place}.policyExpansion")
    duty = _duty({name: holder[name] for name in ("actions", "constraints") if name in holder}, place)
    with standing_at(place):
        return Rule(duty.actions, duty.constraints, consequences), Scope(**parts)


def encode_strategy(rule: Rule, scope: Scope) -> dict[str, Any]:
    """One ``strategy``; the inverse of ``parse_strategy``."""
    shown: dict[str, Any] = {}
    for name, members in (("subjectInfo", _SUBJECT), ("executionNodeInfo", _NODES)):
        part = {member: getattr(scope, attribute) for attribute, member in members.items()}
        if any(part.values()):
            shown[name] = {member: value for member, value in part.items() if value}
    shown |= _encode_duty(rule)
    if rule.consequences:
        shown["policyExpansion"] = _json([_encode_duty(one) for one in rule.consequences])
    return shown


def _scope_part(holder: Mapping[str, Any], name: str, members: Mapping[str, str], place: str) -> dict[str, str]:
    inner = f"{place}.{name}"
    part = read_object(holder.get(name, {}), set(members.values()), inner)
    return {attribute: read_text(part, member, inner) for attribute, member in members.items()}


def _consequences(text: str, place: str) -> tuple[Duty, ...]:
    if not text:
        return ()
    try:
        found = _from_json(text) if len(text) <= _EXPANSION_CHARACTERS_MAX else None
    except ValueError:
        found = None
    if not isinstance(found, list) or not 1 <= len(found) <= RULES_MAX:
        raise ExtensionError(
            place, 'is the text of a JSON array of {"actions", "constraints"}; nothing else can be decided.'
        )
    return tuple(_duty(one, f"{place}[{number}]") for number, one in enumerate(found))


def _duty(value: Any, place: str) -> Duty:
    holder = read_object(value, {"actions", "constraints"}, place)
    actions = tuple(
        read_word(Action, _printed(one), inner) for inner, one in read_array(holder, "actions", place, len(Action))
    )
    constraints = tuple(
        _constraint(one, inner) for inner, one in read_array(holder, "constraints", place, CONSTRAINTS_MAX)
    )
    try:
        return Duty(actions, constraints)
    except InvalidPolicyError as error:
        raise _renamed(error).at(place) from None


def _encode_duty(duty: Duty) -> dict[str, Any]:
    shown: dict[str, Any] = {"actions": [str(action) for action in duty.actions]}
    if duty.constraints:
        shown["constraints"] = [_encode_constraint(one) for one in duty.constraints]
    return shown


def _constraint(value: Any, place: str) -> Constraint:
    holder = read_object(value, {"constraintName", "constraintOperator", "constraintValue"}, place)
    operand = read_word(LeftOperand, _printed(holder.get("constraintName")), f"{place}.constraintName")
    code = holder.get("constraintOperator")
    operator = _OPERATORS.get(code) if isinstance(code, str) else None
    if operator is None:
        raise UnknownOperatorError(f"{place}.constraintOperator", f"is one of {', '.join(sorted(_OPERATORS))}.")
    stated = holder.get("constraintValue")
    if isinstance(stated, str) and len(stated) > _VALUE_CHARACTERS_MAX:
        raise WrongValueError(f"{place}.constraintValue", f"has at most {_VALUE_CHARACTERS_MAX} characters.")
    values = _values(operand, operator, stated) if isinstance(stated, str) else None
    if values is None:
        raise WrongValueError(f"{place}.constraintValue", "is a text that says one value, or several as a JSON array.")
    is_array = isinstance(values, list)
    try:
        return Constraint(operand, operator, tuple(values) if isinstance(values, list) else (values,), is_array)
    except InvalidPolicyError as error:
        raise _renamed(error).at(place) from None


def _encode_constraint(constraint: Constraint) -> dict[str, str]:
    first = constraint.values[0]
    text = first if isinstance(first, str) else str(first)
    if constraint.is_array:
        text = _json(list(constraint.values))
    elif constraint.operator not in SINGLE and text.startswith(("[", '"')):
        text = _json(text)
    return {
        "constraintName": str(constraint.left_operand),
        "constraintOperator": constraint.operator.keyword,
        "constraintValue": text,
    }


def _values(operand: LeftOperand, operator: Operator, text: str) -> Scalar | list[Scalar] | None:
    """What a ``constraintValue`` says; None if it is neither a value nor the canonical text of several."""
    if operator in SINGLE or (operator not in OF_SETS and not text.startswith(("[", '"'))):
        return _value(operand, text)
    try:
        found = _from_json(text)
    except ValueError:
        return None
    if isinstance(found, str):
        return found if text.startswith('"') else None
    return found if isinstance(found, list) and _json(found) == text else None


def _value(operand: LeftOperand, text: str) -> Scalar | None:
    if operand in _NUMBERS:
        return int(text) if _DECIMALS.fullmatch(text) else None
    fourteen = _FOURTEEN.fullmatch(text) if operand is LeftOperand.TIME else None
    return "{}-{}-{}T{}:{}:{}+08:00".format(*fourteen.groups()) if fourteen else text


def _printed(word: Any) -> Any:
    """The spelling that the standard prints."""
    return _SPELLINGS.get(word, word) if isinstance(word, str) else word


def _renamed(error: InvalidPolicyError) -> InvalidPolicyError:
    """The defect under this form's name of the member."""
    object_name, _, member = error.place.partition(".")
    return type(error)(f"{object_name}.{_MODEL_NAMES.get(member, member)}", error.says)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _from_json(text: str) -> Any:
    if _depth(text) > _DEPTH_MAX:
        raise ValueError
    return json.loads(text, object_pairs_hook=_without_duplicates)


def _depth(text: str) -> int:
    """How deep brackets nest outside strings: asked before the recursive reader sees a text from outside, which could exhaust the stack."""
    depth = deepest = 0
    for piece in _PIECES.findall(text):
        if piece.startswith('"'):
            continue
        depth += 1 if piece in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
