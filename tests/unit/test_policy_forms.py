"""The written forms: the national one of annex B, ODRL's, the document that stands alone; and what each refuses by name."""

import json
import time
from importlib.resources import files
from typing import Any

import pytest
from support.policies import policy, rule, that

from ledger.domain.policies.defects import InvalidPolicyError
from ledger.domain.policies.model import PolicyKind, Scope
from ledger.domain.policies.national import encode_national, parse_national, parse_strategy
from ledger.domain.policies.odrl import encode_odrl, parse_odrl
from ledger.domain.policies.profile import PROFILE, build_profile, encode_document, iri_of, parse_document
from ledger.domain.policies.vocabulary import Action, LeftOperand, Operator

ENCRYPTED = {
    "permissionPolicies": [
        {
            "subjectInfo": {"dataProductId": "product-1", "dataProductName": "施工许可"},
            "executionNodeInfo": {"providerNodeId": "node-1", "consumerNodeId": "node-2"},
            "actions": ["process"],
            "constraints": [
                {"constraintName": "encryptMode", "constraintOperator": "01", "constraintValue": "02"},
                {"constraintName": "time", "constraintOperator": "11", "constraintValue": "2025-03-20T23:59:59+08:00"},
                {
                    "constraintName": "dataField",
                    "constraintOperator": "05",
                    "constraintValue": '["permit_no","status"]',
                },
                {"constraintName": "count", "constraintOperator": "11", "constraintValue": "1000"},
                {"constraintName": "executionEnv", "constraintOperator": "05", "constraintValue": "06"},
            ],
            "policyExpansion": '[{"actions":["anonymize"]}]',
        }
    ]
}
"""Annex D, scene 5 (processing in encrypted state), with its slips put right: dates as a time, codes as operators."""


def changed(**members: Any) -> dict[str, Any]:
    (strategy,) = ENCRYPTED["permissionPolicies"]
    return {**strategy, **members}


def constraint(name: Any, operator: Any, value: Any) -> dict[str, Any]:
    return changed(constraints=[{"constraintName": name, "constraintOperator": operator, "constraintValue": value}])


def test_national_form_is_read_and_written_back() -> None:
    read = parse_national(ENCRYPTED, PolicyKind.AGREEMENT, "urn:uuid:1")

    assert encode_national(read) == ENCRYPTED
    assert read.scope == Scope("product-1", "node-1", "node-2", product_name="施工许可")
    assert read.permissions[0].constraints[2].values == ("permit_no", "status")
    assert read.permissions[0].consequences[0].actions == (Action.ANONYMIZE,)


def test_both_forms_are_one_policy() -> None:
    read = parse_national(ENCRYPTED, PolicyKind.AGREEMENT, "urn:uuid:1")
    document = encode_odrl(read)

    assert {name: document[name] for name in ("@type", "@id", "target", "assigner", "assignee")} == {
        "@type": "Agreement",
        "@id": "urn:uuid:1",
        "target": "product-1",
        "assigner": "node-1",
        "assignee": "node-2",
    }
    assert parse_odrl(document) == read
    assert parse_document(encode_document(read)) == read


@pytest.mark.parametrize(
    ("stated", "name", "value"),
    [
        (constraint("time", "11", "20250320235959"), "time", "2025-03-20T23:59:59+08:00"),
        (constraint("dataRecord", "11", "5"), "dateRecord", 5),
    ],
)
def test_other_spellings_are_read_as_the_printed_one(stated: dict[str, Any], name: str, value: Any) -> None:
    rule_read, _ = parse_strategy(stated)
    assert (rule_read.constraints[0].left_operand, rule_read.constraints[0].values) == (name, (value,))


def test_corrected_spelling_of_the_action_is_read_as_the_printed_one() -> None:
    read, _ = parse_strategy(changed(actions=["policyTransmit"]))
    assert read.actions == (Action.PASS_POLICY_ON,)


NATIONAL_DEFECTS = {
    "unknown action": (changed(actions=["export"]), "unknown_action", "strategy.actions[0]"),
    "extension as action": (changed(actions=["expansionItem"]), "extension", "strategy.actions[0]"),
    "no action": (changed(actions=[]), "wrong_value", "strategy.actions"),
    "action of annex D as constraint": (
        constraint("logRecordSend", "01", "x"),
        "unknown_left_operand",
        "strategy.constraints[0].constraintName",
    ),
    "extension as constraint": (
        constraint("expansionItem", "01", "x"),
        "extension",
        "strategy.constraints[0].constraintName",
    ),
    "name for a code": (
        constraint("count", "eq", "1"),
        "unknown_operator",
        "strategy.constraints[0].constraintOperator",
    ),
    "thirteenth code": (
        constraint("count", "13", "1"),
        "unknown_operator",
        "strategy.constraints[0].constraintOperator",
    ),
    "number": (constraint("count", "01", 1), "wrong_value", "strategy.constraints[0].constraintValue"),
    "leading zero": (constraint("count", "01", "01"), "wrong_value", "strategy.constraints[0].constraintValue"),
    "array with spaces": (
        constraint("dataField", "07", '["a", "b"]'),
        "wrong_value",
        "strategy.constraints[0].constraintValue",
    ),
    "deep array": (
        constraint("dataField", "07", "[" * 100_000),
        "wrong_value",
        "strategy.constraints[0].constraintValue",
    ),
    "size of what has none": (
        constraint("region", "02", "31"),
        "operator_mismatch",
        "strategy.constraints[0].constraintOperator",
    ),
    "day that is none": (
        constraint("time", "11", "20250230000000"),
        "wrong_value",
        "strategy.constraints[0].constraintValue",
    ),
    "pre-duty in prose": (changed(policyExpansion="事先脱敏"), "extension", "strategy.policyExpansion"),
    "pre-duty twice": (
        changed(policyExpansion='[{"actions":["delete"],"actions":["sell"]}]'),
        "extension",
        "strategy.policyExpansion",
    ),
    "member too many": (changed(priority=1), "unknown_member", "strategy"),
}


@pytest.mark.parametrize("name", sorted(NATIONAL_DEFECTS))
def test_strategy_that_is_none_is_refused_by_name(name: str) -> None:
    strategy, defect, place = NATIONAL_DEFECTS[name]
    with pytest.raises(InvalidPolicyError) as refused:
        parse_strategy(strategy)
    assert (refused.value.facts["defect"], refused.value.facts["place"]) == (defect, place)
    assert refused.value.code == "invalid_policy"


def test_open_string_is_read_once_and_not_from_each_quote_anew() -> None:
    text = '["' + '\\"' * 49_990
    started = time.process_time()

    for strategy in (changed(policyExpansion=text), constraint("application", "07", text)):
        with pytest.raises(InvalidPolicyError):
            parse_strategy(strategy)

    assert time.process_time() - started < 5, "reading it from each quote to the end takes far longer"


def test_value_longer_than_any_that_is_allowed_is_not_read() -> None:
    most = json.dumps(['"' * 1_024] * 50, separators=(",", ":"))
    rule_of, _ = parse_strategy(constraint("application", "07", most))
    assert len(rule_of.constraints[0].values) == 50

    with pytest.raises(InvalidPolicyError, match="constraintValue has at most 200000 characters"):
        parse_strategy(constraint("application", "07", most + " " * 200_000))


def test_policies_about_two_objects_are_refused() -> None:
    other = changed(subjectInfo={"dataProductId": "product-2"})
    with pytest.raises(InvalidPolicyError, match="one object"):
        parse_national({"permissionPolicies": [changed()], "obligationPolicies": [other]})


ODRL_DEFECTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "logical constraint": (rule("read", {"and": []}), "unknown_member", "policy.permission[0].constraint[0]"),
    "refinement": ({"action": {"rdf:value": "read"}}, "unknown_action", "policy.permission[0].action"),
    "corrected spelling": (rule("policyTransmit"), "unknown_action", "policy.permission[0].action"),
    "same action twice": (rule(["read", "read"]), "wrong_value", "policy.permission[0].action"),
    "remedy of a permission": (rule("read", remedy=[]), "unknown_member", "policy.permission[0]"),
    "several values for eq": (
        rule("read", that("dataField", "eq", ["a"])),
        "wrong_value",
        "policy.permission[0].constraint[0].rightOperand",
    ),
    "two cycles": (
        rule("read", that("timeWindow", "eq", "P1D"), that("timeWindow", "eq", "P7D")),
        "two_cycles",
        "policy.permission[0].constraint",
    ),
    "cycle of no length": (
        rule("read", that("timeWindow", "eq", "P0D")),
        "wrong_value",
        "policy.permission[0].constraint[0].rightOperand",
    ),
    "too many constraints": (
        rule("read", *[that("count", "eq", 1)] * 51),
        "too_large",
        "policy.permission[0].constraint",
    ),
}


@pytest.mark.parametrize("name", sorted(ODRL_DEFECTS))
def test_odrl_rule_that_is_none_is_refused_by_name(name: str) -> None:
    stated, defect, place = ODRL_DEFECTS[name]
    with pytest.raises(InvalidPolicyError) as refused:
        parse_odrl({"@type": "Set", "permission": [stated]})
    assert (refused.value.facts["defect"], refused.value.facts["place"]) == (defect, place)


@pytest.mark.parametrize(
    "document", [None, [], "x", {}, {"@type": "Set"}, {"@type": ["Set"], "permission": [rule("read")]}]
)
def test_what_is_no_policy_set_is_refused(document: Any) -> None:
    with pytest.raises(InvalidPolicyError):
        parse_odrl(document)


def test_agreement_names_its_object_and_nodes() -> None:
    with pytest.raises(InvalidPolicyError, match="target, assigner and assignee"):
        parse_odrl({"@type": "Agreement", "permission": [rule("read")], "target": "product-1"})


def test_policy_that_nobody_could_read_is_refused() -> None:
    values = [f"v{number}" for number in range(50)]
    with pytest.raises(InvalidPolicyError, match="at most 500 values"):
        policy(*[rule("read", that("application", "isAnyOf", values))] * 11)


def test_policy_of_too_many_duties_is_refused() -> None:
    with pytest.raises(InvalidPolicyError, match="at most 500 rules"):
        policy(*[rule("read", duty=[rule("delete")] * 99)] * 6)


@pytest.mark.parametrize("change", [{"profile": "urn:other"}, {"@context": ["http://www.w3.org/ns/odrl.jsonld"]}])
def test_document_of_another_profile_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicyError):
        parse_document(encode_document(policy(rule("read"))) | change)


def test_profile_file_is_what_the_vocabulary_says() -> None:
    text = files("ledger.domain.policies").joinpath("profile.jsonld").read_text(encoding="utf-8")
    assert text == json.dumps(build_profile(), ensure_ascii=False, indent=2) + "\n", (
        "write it again from build_profile()"
    )


def test_profile_has_a_term_for_every_word_and_odrls_for_odrls() -> None:
    document = build_profile()
    members = [each["@id"] for each in document["skos:member"]]
    described = {each["@id"] for each in document["@included"]}
    words = [*Action, *LeftOperand, *Operator]

    assert members == [iri_of(word) for word in words] and len(set(members)) == len(words)
    assert {name for name in members if not name.startswith("http://www.w3.org/ns/odrl/2/")} <= described
    assert iri_of(Action.READ).startswith("http://www.w3.org/ns/odrl/2/")
    assert iri_of(Action.MASK) == "urn:cityledger:policy:desensitize"


def test_page_for_strangers_names_every_word_and_the_profile() -> None:
    page = files("ledger.domain.policies").joinpath("PROFILE.md").read_text(encoding="utf-8")
    assert PROFILE in page
    for word in (*Action, *LeftOperand, *Operator):
        assert f"`{word}`" in page, word
        assert word.chinese in page, word
