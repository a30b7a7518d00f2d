"""The preset contract templates, and the check that finds what is wrong with one."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from support.policies import use

from ledger.bundle.template_digest import template_answer, template_digest, template_of_digest
from ledger.domain.contract_templates import (
    CLAUSES,
    LIBRARY,
    ContractTemplate,
    check_template,
    template_value,
    templates,
)
from ledger.domain.policies.evaluation import Result, evaluate
from ledger.domain.policies.national import parse_national
from ledger.domain.policies.odrl import parse_odrl
from ledger.errors import NotFoundError
from ledger.log.canonical import encode_jcs

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
        (changed_policy(prohibition=[{"action": "grantUse"}]), "Passing the data on to others is not forbidden."),
        (changed_policy(prohibition=[{"action": "distribute"}]), "Letting others use the data is not forbidden."),
    ],
)
def test_what_is_wrong_with_a_template_is_found(template: ContractTemplate, finding: str) -> None:
    assert check_template(template) == (finding,)


def test_template_that_contradicts_itself_or_has_no_policy_is_found() -> None:
    found = check_template(changed_policy(prohibition=[*ONE.policy["prohibition"], {"action": "read"}]))
    assert found
    assert all(one.startswith("The policy contradicts itself") for one in found)
    [none] = check_template(replace(ONE, policy={"@type": "Offer"}))
    assert none.startswith("The policy is none")


@pytest.mark.parametrize("template", PRESETS, ids=lambda one: one.name)
def test_nobody_passes_on_what_a_contract_gives_it(template: ContractTemplate) -> None:
    policy = parse_odrl(template.policy)
    for action in ("grantUse", "distribute"):
        assert evaluate(policy, use(action)).result is Result.DENIED, action


def test_contract_with_a_service_party_says_security_compliance_and_confidentiality() -> None:
    [template] = [one for one in PRESETS if one.name == "数据服务委托合约"]
    assert "受控环境" in template.clauses["security"]
    assert "不得将受托事项转委托或者转授权" in template.clauses["compliance"]
    assert "具备资质的入驻主体" in template.clauses["compliance"], "others are let in by a contract of their own"
    assert "保密义务不因合约终止而消灭" in template.clauses["confidentiality"]
    for clause in ("security", "compliance", "confidentiality"):
        silent = replace(template, clauses={**template.clauses, clause: ""})
        assert check_template(silent) == (f"The clause {clause} is missing.",)


def test_templates_are_found_by_id_or_all_of_them() -> None:
    assert templates() == tuple(PRESETS)
    assert templates(ONE.template_id) == (ONE,)
    with pytest.raises(NotFoundError):
        templates("5f0c1f4e-2d0e-5c1b-9a57-000000000000")


def test_template_is_found_by_the_digest_that_connectors_compute() -> None:
    answered = template_answer(ONE)
    digest = answered.pop("templateDigest")
    assert sha256(encode_jcs(answered)).hexdigest() == digest
    assert template_of_digest(digest) is ONE
    assert template_of_digest(template_digest(changed_policy(obligation=None))) is None
