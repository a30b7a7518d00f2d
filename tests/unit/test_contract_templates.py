"""The preset contract templates, and the check that finds what is wrong with one."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.contract_templates import (
    CLAUSES,
    LIBRARY,
    ContractTemplate,
    check_template,
    template_value,
    templates,
)
from ledger.domain.policies.national import parse_national
from ledger.domain.policies.odrl import parse_odrl
from ledger.errors import NotFoundError

PRESETS = list(LIBRARY.values())
ONE = PRESETS[0]


@pytest.mark.parametrize("template", PRESETS, ids=lambda one: one.name)
def test_preset_passes_its_own_check_and_says_every_clause(template: ContractTemplate) -> None:
    assert check_template(template) == ()
    assert len(template.template_id) == 36
    value = template_value(template)
    assert [clause["code"] for clause in value["clauses"]] == list(CLAUSES)
    national, odrl = parse_national(value["contractPolicies"]), parse_odrl(value["policy"])
    assert (national.permissions, national.prohibitions, national.obligations) == (
        odrl.permissions,
        odrl.prohibitions,
        odrl.obligations,
    )


def changed_policy(**members: Any) -> ContractTemplate:
    return replace(
        ONE, policy={name: value for name, value in ({**ONE.policy, **members}).items() if value is not None}
    )


@pytest.mark.parametrize(
    ("template", "finding"),
    [
        (replace(ONE, clauses={**ONE.clauses, "security": " "}), "The clause security is missing."),
        (replace(ONE, clauses={**ONE.clauses, "marketing": "x"}), "The clause marketing is none that contracts have."),
        (
            replace(ONE, clauses={**ONE.clauses, "breach": "x" * 5_001}),
            "The clause breach has more than 5000 characters.",
        ),
        (changed_policy(permission=[{"action": "read"}]), "No permission is bounded by a number of uses or by time."),
        (changed_policy(obligation=None), "Nobody is obliged to delete the data after their use."),
        (changed_policy(prohibition=None), "Passing the data on to others is not forbidden."),
    ],
)
def test_what_is_wrong_with_a_template_is_found(template: ContractTemplate, finding: str) -> None:
    assert check_template(template) == (finding,)


def test_template_that_contradicts_itself_or_has_no_policy_is_found() -> None:
    found = check_template(changed_policy(prohibition=[{"action": "distribute"}, {"action": "read"}]))
    assert found
    assert all(one.startswith("The policy contradicts itself") for one in found)
    [none] = check_template(replace(ONE, policy={"@type": "Offer"}))
    assert none.startswith("The policy is none")


def test_templates_are_found_by_id_or_all_of_them() -> None:
    assert templates() == tuple(PRESETS)
    assert templates(ONE.template_id) == (ONE,)
    with pytest.raises(NotFoundError):
        templates("5f0c1f4e-2d0e-5c1b-9a57-000000000000")
