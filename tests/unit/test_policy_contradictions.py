# ruff: noqa: RUF001 - Chinese sentences have Chinese punctuation
"""Contradictions found before signing: which rules, and why; and what is none."""

from typing import Any

import pytest
from support.policies import policy, rule, that, use

from ledger.domain.policies.analysis import Defect, example_use, find_contradictions
from ledger.domain.policies.evaluation import Result, evaluate
from ledger.domain.policies.explanation import explain_finding
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.vocabulary import Action

READ = rule("read")


def found(asked: PolicySet) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.defect.value, one.places) for one in find_contradictions(asked)]


EMPTY = {
    "from later than until": (
        that("time", "gteq", "2027-01-02T00:00:00Z"),
        that("time", "lt", "2027-01-02T08:00:00+08:00"),
    ),
    "fewer than one use": (that("count", "lt", 1), that("count", "gteq", 1)),
    "more than at most": (that("dataSize", "gt", "1K"), that("dataSize", "lteq", "1000B")),
    "disjoint lists": (that("application", "isAnyOf", ["a", "b"]), that("application", "isA", "c")),
    "every code excluded": (that("encryptMode", "neq", "01"), that("encryptMode", "isNoneOf", ["02", "03"])),
    "region in another": (that("region", "isA", "310000"), that("region", "isA", "320000")),
    "city outside its own country": (that("region", "isA", "310101"), that("region", "neq", "CN")),
    "network outside itself": (
        that("networkAddress", "isA", "192.0.2.7"),
        that("networkAddress", "neq", "192.0.2.0/24"),
    ),
    "network of two halves": (
        that("networkAddress", "isA", "10.0.0.0/8"),
        that("networkAddress", "isNoneOf", ["10.0.0.0/9", "10.128.0.0/9"]),
    ),
    "name below and not below": (
        that("networkAddress", "isA", "a.b.example"),
        that("networkAddress", "neq", "*.b.example"),
    ),
    "two currencies": (that("payAmount", "gteq", "1 CNY"), that("payAmount", "gteq", "1 USD")),
    "a field and not the field": (that("dataField", "eq", "status"), that("dataField", "isNoneOf", ["status"])),
}


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_conditions_that_leave_nothing_are_found_with_both_constraints(name: str) -> None:
    asked = policy(READ, rule("read", *EMPTY[name]))
    places = ("permission[1]", "permission[1].constraint[0]", "permission[1].constraint[1]")
    assert found(asked) == [("empty", places)]


def test_single_condition_that_nothing_meets_is_found() -> None:
    assert found(policy(READ, rule("read", that("count", "lt", 1)))) == [
        ("empty", ("permission[1]", "permission[1].constraint[0]"))
    ]


@pytest.mark.parametrize(
    ("constraints", "prohibited"),
    [
        ([], [rule("read")]),
        ([], [rule("use")]),
        ([that("count", "lteq", 5)], [rule("read", that("count", "lt", 6))]),
        ([that("region", "isA", "310000")], [rule("read", that("region", "isPartOf", ["CN", "US"]))]),
        (
            [],
            [
                rule("read", that("deliveryMethod", "isAnyOf", ["01", "02"])),
                rule("read", that("deliveryMethod", "isNoneOf", ["01", "02"])),
            ],
        ),
        ([that("count", "lteq", 9)], [rule("read", that("count", "lteq", 5)), rule("read", that("count", "gt", 5))]),
    ],
)
def test_permission_that_prohibitions_cover_is_found(constraints: Any, prohibited: Any) -> None:
    asked = policy(rule("read", *constraints), rule("storage", that("count", "lteq", 3)), prohibits=prohibited)
    defects = [one for one in found(asked) if one[1][0] == "permission[0]" and one[0] != "nothing_permitted"]
    covering = tuple(f"prohibition[{number}]" for number in range(len(prohibited)))
    assert defects == [("permission_forbidden", ("permission[0]", *covering))]


def test_permission_with_an_exception_is_no_contradiction() -> None:
    asked = policy(
        rule("read", that("region", "isA", "310000"), that("count", "lteq", 10)),
        prohibits=[rule("read", that("region", "isA", "310101")), rule("read", that("count", "eq", 5)), rule("sell")],
    )
    assert found(asked) == []
    example = example_use(asked, "permission[0]", Action.READ)
    assert example is not None and evaluate(asked, example).result is Result.ALLOWED


def test_use_that_nothing_is_left_of_is_forbidden_action_by_action() -> None:
    all_but_one = [rule(action.value) for action in Action if action not in (Action.USE, Action.SELL, Action.READ)]
    assert found(policy(rule("use"), prohibits=all_but_one)) == []
    all_of_them = [*all_but_one, rule("read")]
    assert found(policy(rule("use"), prohibits=[*all_of_them, rule("use")]))[0][0] == "permission_forbidden"


def test_prohibition_that_can_never_be_excluded_is_found() -> None:
    asked = policy(
        rule("sell", that("payAmount", "lteq", "9 CNY")), prohibits=[rule("sell", that("payAmount", "gt", "9 USD"))]
    )
    assert found(asked) == [
        ("permission_undecidable", ("permission[0]", "prohibition[0]")),
        ("nothing_permitted", ("permission[0]",)),
    ]
    assert evaluate(asked, use("sell", payAmount="1 CNY")).missing == ("payAmount",)


def test_duty_that_is_forbidden_or_not_permitted_is_found() -> None:
    asked = policy(
        rule("read", duty=[rule("anonymize")]),
        rule("download", that("region", "isA", "310000")),
        prohibits=[rule("anonymize"), rule("delete", remedy=[rule("delete")])],
        obliges=[rule("download", that("region", "isA", "320000")), rule("logRecordSend", consequence=[rule("sell")])],
    )
    assert found(asked) == [
        ("duty_forbidden", ("permission[0].duty[0]", "prohibition[0]")),
        ("duty_forbidden", ("prohibition[1].remedy[0]", "prohibition[1]")),
        ("duty_not_permitted", ("obligation[0]",)),
        ("duty_not_permitted", ("obligation[1].consequence[0]",)),
    ]


def test_permission_whose_duty_is_impossible_is_blocked() -> None:
    impossible = rule("compensate", that("payAmount", "gt", "2 CNY"), that("payAmount", "lt", "1 CNY"))
    assert [one[0] for one in found(policy(rule("read", duty=[impossible])))] == [
        *("empty", "permission_blocked", "nothing_permitted"),
    ]


def test_permission_that_ends_before_its_duty_can_be_fulfilled_is_blocked() -> None:
    late = rule("desensitize", that("time", "gteq", "2027-02-01T00:00:00Z"))
    ending = rule("read", that("time", "lt", "2027-02-01T00:00:00Z"), duty=[late])
    assert found(policy(ending, READ)) == [("permission_blocked", ("permission[0]", "permission[0].duty[0]"))]

    in_time = rule("read", that("time", "lteq", "2027-02-01T00:00:00Z"), duty=[late])
    assert found(policy(in_time, READ)) == []


def test_policy_that_only_forbids_permits_nothing() -> None:
    assert found(policy(prohibits=[rule("sell")])) == [("nothing_permitted", ("policy",))]


def test_what_can_be_signed_but_hardly_be_meant_is_a_caution() -> None:
    asked = policy(
        rule("read", that("timeWindow", "eq", "P1D")),
        rule("compute", that("frequency", "lteq", 10)),
        prohibits=[rule("read", that("count", "eq", 1), that("count", "eq", 2))],
    )
    findings = find_contradictions(asked)
    assert [one.defect for one in findings] == [
        Defect.CYCLE_IDLE,
        Defect.FREQUENCY_WITHOUT_CYCLE,
        Defect.PROHIBITION_IDLE,
    ]
    assert not any(one.is_contradiction for one in findings)


def test_counts_of_two_cycles_do_not_contradict_each_other() -> None:
    asked = policy(
        rule("read", that("count", "lteq", 10), that("timeWindow", "eq", "P1D")),
        prohibits=[rule("read", that("count", "lteq", 10), that("timeWindow", "eq", "P30D"))],
    )
    assert found(asked) == []


def test_finding_tells_itself_in_both_languages() -> None:
    (finding, _) = find_contradictions(policy(READ, prohibits=[rule("read")]))
    told = explain_finding(finding)
    assert told.english == 'permission[0], prohibition[0]: prohibitions forbid every permitted "read".'
    assert told.chinese == "permission[0], prohibition[0]：允许的“读取”被禁止条款完全覆盖。"


def test_tangled_policy_is_not_judged_rather_than_cut_into_ever_more_pieces() -> None:
    operands = [*("application", "algorithm", "machineLearningModels", "valueExpression", "physicalAddress", "purpose")]

    def all_forbidden(names: list[str]) -> list[Any]:
        # a use can avoid one prohibition by one of its facts, and there is one prohibition more than facts
        return [rule("read", *(that(name, "neq", f"{number}") for name in names)) for number in range(len(names) + 1)]

    assert found(policy(READ, prohibits=all_forbidden(operands[:4])))[0][0] == "permission_forbidden"
    tangle = all_forbidden([*operands, "dataField"])
    many = [rule("read", that("count", "lteq", number)) for number in range(1, 60)]
    assert found(policy(READ, *many, prohibits=tangle)) == []
