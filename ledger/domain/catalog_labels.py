"""Labels of a catalog entry that follow from what its provider stated: who may get it, by which techniques, and what the offer allows.

They are computed and never stated, so that a label cannot promise what the policy refuses. Execution environments are those of
TC609-6-2025-14 (table 5.1, row 15), delivery methods those of its row 17.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.policy import permitted_actions

METHODS: Final = {"01": "file", "02": "data_stream", "03": "api"}
ENVIRONMENTS: Final = {
    "01": "usage_control",
    "02": "data_sandbox",
    "03": "secure_multi_party_computation",
    "04": "federated_learning",
    "05": "trusted_execution_environment",
    "06": "encrypted_computation",
}
UNCONDITIONAL: Final = "unconditional"
CONDITIONAL: Final = "conditional"
_PUBLIC: Final = "001"
_NAMES_VALUES: Final = frozenset({"eq", "isA", "isAnyOf", "isAllOf", "hasPart"})
"""Operators after which the values stated are those that are meant, not those that are excluded."""


def techniques_of(entry: Mapping[str, Any]) -> list[str]:
    """How the product can be used, sorted: its ways of delivery, and the environments in which its policy lets it be used."""
    methods = {METHODS[one["delivery_method"]] for one in entry["distributions"] if one["delivery_method"] in METHODS}
    return sorted(methods | {ENVIRONMENTS[code] for code in _environments(entry["policy"]) if code in ENVIRONMENTS})


def sharing_scope_of(entry: Mapping[str, Any]) -> str:
    """``unconditional`` for public data whose every permission is without constraint and duty, else ``conditional``."""
    bound = any(rule.get("constraint") or rule.get("duty") for rule in entry["policy"].get("permission", ()))
    is_open = entry["security_level"] == _PUBLIC and not bound and not entry["policy"].get("obligation")
    return UNCONDITIONAL if is_open else CONDITIONAL


def terms_of(entry: Mapping[str, Any]) -> dict[str, list[str]]:
    """The terms of use in short: the actions that are permitted and prohibited; the offer itself has their conditions."""
    prohibited = {rule["action"] for rule in entry["policy"].get("prohibition", ())}
    return {"permits": sorted(permitted_actions(entry["policy"])), "prohibits": sorted(prohibited)}


def _environments(policy: Mapping[str, Any]) -> Iterable[str]:
    for rule in policy.get("permission", ()):
        for constraint in rule.get("constraint", ()):
            if constraint.get("leftOperand") == "executionEnv" and constraint.get("operator") in _NAMES_VALUES:
                stated = constraint["rightOperand"]
                yield from stated if isinstance(stated, list) else [stated]
