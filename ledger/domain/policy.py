"""Usage policies: the part of ODRL 2.2 that a data product's ``Offer`` may use here, read strictly. Pure.

Words are ODRL's (``permission``, ``prohibition``, ``duty``, ``constraint`` with ``leftOperand``, ``operator``, ``rightOperand``); actions,
left operands and operators are those of TC609-6-2025-14 (tables 4, 5.1, 5.2; the spellings ``plicyTransmit`` and ``dateRecord`` are its
own). ODRL's root action ``use`` and its operand ``purpose`` are taken as well: that list has no word for either. A policy names no
target and no assigner, because the product that carries it says both.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.errors import InputError

OFFER: Final = "Offer"
ACTIONS: Final = frozenset(
    {
        *("transform", "anonymize", "desensitize", "access", "read", "reproduce", "storage", "download", "process"),
        *("jointDevelop", "distribute", "compute", "grantUse", "plicyTransmit", "delivery", "sell", "logRecordSend"),
        *("delete", "alert", "compensate", "use"),
    }
)
DUTIES: Final = frozenset(
    {"anonymize", "desensitize", "transform", "plicyTransmit", "logRecordSend", "delete", "alert", "compensate"}
)
"""What an execution node can be made to do (table 4, rows 1 to 3, 14 and 17 to 20)."""

OPERATORS: Final = frozenset(
    {"eq", "gt", "gteq", "hasPart", "isA", "isAllOf", "isAnyOf", "isNoneOf", "isPartOf", "lt", "lteq", "neq"}
)
ORDERED: Final = frozenset({"gt", "gteq", "lt", "lteq"})
OF_SETS: Final = frozenset({"isAllOf", "isAnyOf", "isNoneOf"})

NUMBERS: Final = frozenset({"count", "frequency", "dateRecord"})
"""Operands whose value is a positive integer of at most 16 digits."""

_TEXTS: Final[Mapping[str, int]] = {
    "region": 10,
    "networkAddress": 45,
    "physicalAddress": 20,
    "dataSize": 64,
    "dataField": 128,
    "valueExpression": 128,
    "application": 1024,
    "algorithm": 1024,
    "machineLearningModels": 1024,
    "payAmount": 128,
    "purpose": 256,
}
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"),
    "timeWindow": re.compile(
        r"P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)?"
    ),
    "executionEnv": re.compile(r"0[1-7]"),
    "encryptMode": re.compile(r"0[1-3]"),
    "deliveryMethod": re.compile(r"0[1-4]"),
}
LEFT_OPERANDS: Final = frozenset({*NUMBERS, *_TEXTS, *_PATTERNS})
_MAY_BE_ORDERED: Final = frozenset({*NUMBERS, "time", "timeWindow", "dataSize", "payAmount"})

RULES_MAX: Final = 100
CONSTRAINTS_MAX: Final = 50
_TIME_WINDOW_CHARACTERS_MAX: Final = 10
_NUMBER_MAX: Final = 10**16 - 1
_SAFE: Final = 2**53 - 1


class InvalidPolicyError(InputError):
    """A usage policy is not one: names the place, never what stands there."""

    code = "invalid_policy"
    title = "Invalid usage policy"


def check_policy(policy: Mapping[str, Any]) -> None:
    """Refuses what is no ``Offer`` of this form.

    Args:
        policy: ``{"@type": "Offer", "permission": [...], "prohibition": [...], "obligation": [...]}``: at least one permission. A
            permission may carry the duties under which it holds; ``obligation`` holds those of the policy as a whole.

    Raises:
        InvalidPolicyError: names the place.
    """
    _only(policy, {"@type", "permission", "prohibition", "obligation"}, "policy")
    if policy.get("@type") != OFFER:
        raise InvalidPolicyError("policy.@type is Offer.")
    for place, rule in _rules(policy, "permission", "policy"):
        _only(rule, {"action", "constraint", "duty"}, place)
        _check_rule(rule, ACTIONS, place)
        for inner, duty in _rules(rule, "duty", place):
            _check_duty(duty, inner)
    for place, rule in _rules(policy, "prohibition", "policy"):
        _only(rule, {"action", "constraint"}, place)
        _check_rule(rule, ACTIONS, place)
    for place, rule in _rules(policy, "obligation", "policy"):
        _check_duty(rule, place)
    if not policy.get("permission"):
        raise InvalidPolicyError("policy.permission has at least one rule: an offer of nothing is none.")


def permitted_actions(policy: Mapping[str, Any]) -> frozenset[str]:
    """The actions that a checked policy permits, on whatever conditions."""
    return frozenset(rule["action"] for rule in policy.get("permission", ()))


def _check_duty(rule: Mapping[str, Any], place: str) -> None:
    _only(rule, {"action", "constraint"}, place)
    _check_rule(rule, DUTIES, place)


def _check_rule(rule: Mapping[str, Any], actions: frozenset[str], place: str) -> None:
    if not isinstance(rule.get("action"), str) or rule["action"] not in actions:
        raise InvalidPolicyError(f"{place}.action is one of {', '.join(sorted(actions))}.")
    for inner, constraint in _rules(rule, "constraint", place, CONSTRAINTS_MAX):
        _check_constraint(constraint, inner)


def _check_constraint(constraint: Mapping[str, Any], place: str) -> None:
    _only(constraint, {"leftOperand", "operator", "rightOperand"}, place)
    operand, operator = constraint.get("leftOperand"), constraint.get("operator")
    if not isinstance(operand, str) or operand not in LEFT_OPERANDS:
        raise InvalidPolicyError(f"{place}.leftOperand is one of {', '.join(sorted(LEFT_OPERANDS))}.")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise InvalidPolicyError(f"{place}.operator is one of {', '.join(sorted(OPERATORS))}.")
    if operator in ORDERED and operand not in _MAY_BE_ORDERED:
        raise InvalidPolicyError(f"{place}.operator compares sizes, and this operand has none.")
    value = constraint.get("rightOperand")
    if isinstance(value, list):
        if not value or len(value) > CONSTRAINTS_MAX or operator in ORDERED:
            raise InvalidPolicyError(
                f"{place}.rightOperand has 1 to {CONSTRAINTS_MAX} values, and one where sizes are compared."
            )
        for one in value:
            _check_value(operand, one, place)
    elif operator in OF_SETS:
        raise InvalidPolicyError(f"{place}.rightOperand is an array, because the operator asks about several values.")
    else:
        _check_value(operand, value, place)


def _check_value(operand: str, value: Any, place: str) -> None:
    if operand in NUMBERS:
        if type(value) is not int or not 1 <= value <= min(_NUMBER_MAX, _SAFE):
            raise InvalidPolicyError(f"{place}.rightOperand is a positive integer.")
        return
    if not isinstance(value, str) or not value:
        raise InvalidPolicyError(f"{place}.rightOperand is a text.")
    pattern = _PATTERNS.get(operand)
    if pattern is not None and pattern.fullmatch(value) is None:
        raise InvalidPolicyError(f"{place}.rightOperand is not what {operand} takes.")
    longest = _TEXTS.get(operand, _TIME_WINDOW_CHARACTERS_MAX if operand == "timeWindow" else 64)
    if len(value) > longest:
        raise InvalidPolicyError(f"{place}.rightOperand has at most {longest} characters.")


def _rules(
    holder: Mapping[str, Any], name: str, place: str, most: int = RULES_MAX
) -> list[tuple[str, Mapping[str, Any]]]:
    found = holder.get(name, [])
    if not isinstance(found, list) or len(found) > most or not all(isinstance(one, Mapping) for one in found):
        raise InvalidPolicyError(f"{place}.{name} is an array of at most {most} objects.")
    return [(f"{place}.{name}[{number}]", one) for number, one in enumerate(found)]


def _only(holder: Mapping[str, Any], names: set[str], place: str) -> None:
    if set(holder) - names:
        raise InvalidPolicyError(f"{place} has a member that is none of {', '.join(sorted(names))}.")
