"""Labels of the catalog follow from what was stated: techniques, sharing scope, and what the offer allows."""

from typing import Any

import pytest
from support.catalog_entries import an_entry

from ledger.domain.catalog import Distribution
from ledger.domain.catalog_dcat import preview_value
from ledger.domain.catalog_labels import ENVIRONMENTS, METHODS, sharing_scope_of, techniques_of, terms_of
from ledger.services.catalog import entry_value


def permission(**members: Any) -> dict[str, Any]:
    return {"permission": [{"action": "read", **members}]}


def environment(operator: str, value: Any) -> dict[str, Any]:
    return permission(constraint=[{"leftOperand": "executionEnv", "operator": operator, "rightOperand": value}])


def entry(**members: Any) -> dict[str, Any]:
    return entry_value(an_entry(**members))


@pytest.mark.parametrize("method", METHODS)
def test_way_of_delivery_is_a_technique(method: str) -> None:
    assert techniques_of(entry(distributions=(Distribution("x", None, method),))) == [METHODS[method]]


@pytest.mark.parametrize("code", ENVIRONMENTS)
def test_environment_that_the_policy_asks_for_is_a_technique(code: str) -> None:
    found = techniques_of(entry(policy=environment("eq", code)))

    assert found == sorted(["file", ENVIRONMENTS[code]])


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("isAnyOf", ["03", "05"], ["secure_multi_party_computation", "trusted_execution_environment"]),
        ("isNoneOf", ["03", "05"], []),
        ("neq", "03", []),
        ("eq", "07", []),
    ],
)
def test_environment_that_is_excluded_or_unnamed_is_none(operator: str, value: Any, found: list[str]) -> None:
    assert techniques_of(entry(policy=environment(operator, value))) == sorted(["file", *found])


@pytest.mark.parametrize(
    ("level", "policy", "scope"),
    [
        ("001", permission(), "unconditional"),
        ("002", permission(), "conditional"),
        ("001", environment("eq", "01"), "conditional"),
        ("001", permission(duty=[{"action": "logRecordSend"}]), "conditional"),
        ("001", permission() | {"obligation": [{"action": "delete"}]}, "conditional"),
    ],
)
def test_sharing_is_unconditional_only_without_any_condition(level: str, policy: Any, scope: str) -> None:
    assert sharing_scope_of(entry(security_level=level, policy=policy)) == scope


def test_terms_name_what_is_permitted_and_prohibited() -> None:
    policy = {"permission": [{"action": "read"}, {"action": "compute"}], "prohibition": [{"action": "sell"}]}

    assert terms_of(entry(policy=policy)) == {"permits": ["compute", "read"], "prohibits": ["sell"]}


def test_preview_begins_with_code_and_filing_number() -> None:
    shown = preview_value(entry())

    assert list(shown)[:4] == ["@id", "@type", "identifier", "filingNumber"]
