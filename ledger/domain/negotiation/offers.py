"""Offers and agreements in messages: the shape that the protocol's schema gives them, and whether two of them say the same. Pure.

Sources: ``contract-schema.json`` of the Dataspace Protocol 2025-1 and the text of ``contract.negotiation.protocol``. Members beyond the schema
are left alone, as it has no ``additionalProperties``. Wider than the schema in two places, because the policies of our own catalog have them:
``action`` may be an array of names, ``rightOperand`` a number or a boolean.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.negotiation.defects import InvalidNegotiationMessageError
from ledger.domain.policies.defects import WrongValueError
from ledger.domain.policies.model import RULES_MAX, PolicySet
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.profile import PROFILE

ID_CHARACTERS_MAX: Final = 256
_RULES: Final = ("permission", "prohibition", "obligation")
_LOGICAL: Final = ("and", "andSequence", "or", "xone")
_OPERATORS: Final = frozenset(
    "eq gt gteq lteq hasPart isA isAllOf isAnyOf isNoneOf isPartOf lt term-lteq neq".split()  # noqa: SIM905  one line of the schema
)
_UNORDERED: Final = frozenset({*_RULES, "duty", "remedy", "consequence", "constraint", "and", "or", "xone", "profile"})
# the schema's pattern, anchored: without its ends any text with a time in it would do
_DATE_TIME: Final = re.compile(
    r"-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|(24:00:00(\.0+)?))(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)


def check_offer(value: Any, place: str = "offer") -> Mapping[str, Any]:
    """The offer of a message, unchanged (schema ``MessageOffer``, with the ``@id`` and ``target`` that the text demands).

    Raises:
        InvalidNegotiationMessageError: names the place.
    """
    return _check_policy(value, place, "Offer", ("@id", "target"))


def check_agreement(value: Any, place: str = "agreement") -> Mapping[str, Any]:
    """The agreement of a message, unchanged (schema ``Agreement``, with the ``timestamp`` that the text demands).

    Raises:
        InvalidNegotiationMessageError: names the place.
    """
    found = _check_policy(value, place, "Agreement", ("@id", "target", "assigner", "assignee", "timestamp"))
    if not _DATE_TIME.fullmatch(found["timestamp"]):
        raise InvalidNegotiationMessageError(f"{place}.timestamp", "is an XSD dateTime.")
    return found


def policy_of(policy: Mapping[str, Any]) -> PolicySet:
    """What an offer or agreement about a product of this catalog says, in the project's profile.

    Args:
        policy: a checked one; its ``profile``, if it names any, is this profile.

    Raises:
        InvalidPolicyError: it follows another profile, or says something that nothing here could decide.
    """
    if policy.get("profile", PROFILE) not in (PROFILE, [PROFILE]):
        raise WrongValueError("policy.profile", f"is {PROFILE}.")
    return parse_odrl({name: value for name, value in policy.items() if name not in ("profile", "timestamp")})


def terms_text(policy: Mapping[str, Any]) -> str:
    """What two policies are compared by: object, profile and rules, whatever the order of arrays that have none.

    Who they are between, when, and by which name is not in it.
    """
    shown = {name: policy[name] for name in ("target", "profile", *_RULES) if policy.get(name)}
    profile = shown.get("profile")
    return value_text(_ordered(shown | ({"profile": [profile]} if isinstance(profile, str) else {})))


def value_text(value: Any) -> str:
    """One text for each JSON value, so that values are compared by kind too: in Python, ``True == 1``."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _ordered(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _ordered(one, key) for key, one in value.items() if not (key == "constraint" and one == [])}
    if isinstance(value, list):
        items = [_ordered(one) for one in value]
        return sorted(items, key=value_text) if name in _UNORDERED else items
    return value


def _check_policy(value: Any, place: str, kind: str, texts: tuple[str, ...]) -> Mapping[str, Any]:
    found = _object(value, place)
    if found.get("@type") != kind:
        raise InvalidNegotiationMessageError(f"{place}.@type", f"is {kind}.")
    for name in ("assigner", "assignee", *texts):
        if name in found or name in texts:
            _text(found.get(name), f"{place}.{name}")
    profile = found.get("profile", [])
    if not isinstance(profile, str) and not (
        isinstance(profile, list) and all(isinstance(one, str) for one in profile)
    ):
        raise InvalidNegotiationMessageError(f"{place}.profile", "is a text or an array of texts.")
    if not {"permission", "prohibition"} & found.keys():
        raise InvalidNegotiationMessageError(place, "has a permission or a prohibition.")
    for name in _RULES:
        if name in found:
            rules = found[name]
            if not isinstance(rules, list) or not 1 <= len(rules) <= RULES_MAX:
                raise InvalidNegotiationMessageError(f"{place}.{name}", f"is an array of 1 to {RULES_MAX} rules.")
            for number, rule in enumerate(rules):
                _check_rule(rule, f"{place}.{name}[{number}]")
    return found


def _check_rule(value: Any, place: str) -> None:
    rule = _object(value, place)
    if "target" in rule:
        raise InvalidNegotiationMessageError(f"{place}.target", "stands with the policy, never with a rule.")
    stated = rule.get("action")
    actions = stated if isinstance(stated, list) and stated else [stated]
    for action in actions:
        _text(action, f"{place}.action")
    _check_constraints(rule.get("constraint", []), f"{place}.constraint")


def _check_constraints(value: Any, place: str) -> None:
    if not isinstance(value, list):
        raise InvalidNegotiationMessageError(place, "is an array.")
    for number, one in enumerate(value):
        inner = f"{place}[{number}]"
        constraint = _object(one, inner)
        logical = [name for name in _LOGICAL if name in constraint]
        atomic = all(name in constraint for name in ("leftOperand", "operator", "rightOperand"))
        if len(logical) + atomic != 1:
            raise InvalidNegotiationMessageError(inner, "is one comparison, or one of and, andSequence, or, xone.")
        if logical:
            _check_constraints(
                constraint[logical[0]], f"{inner}.{logical[0]}"
            )  # no deeper than the reader lets JSON be
            continue
        _text(constraint["leftOperand"], f"{inner}.leftOperand")
        operator = constraint["operator"]
        if not isinstance(operator, str) or operator not in _OPERATORS:
            raise InvalidNegotiationMessageError(f"{inner}.operator", "is an operator of the protocol.")
        if constraint["rightOperand"] is None:
            raise InvalidNegotiationMessageError(f"{inner}.rightOperand", "is not null.")


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidNegotiationMessageError(place, "is an object.")
    return value


def _text(value: Any, place: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= ID_CHARACTERS_MAX:
        raise InvalidNegotiationMessageError(place, f"is a text of 1 to {ID_CHARACTERS_MAX} characters.")
