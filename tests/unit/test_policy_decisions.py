# ruff: noqa: RUF001 - Chinese sentences have Chinese punctuation
"""Decisions: which rule decided by which constraint, what is missing, what must be done before and after."""

from typing import Any

import pytest
from support.policies import policy, rule, that, use

from ledger.domain.policies.defects import InvalidFactsError
from ledger.domain.policies.duties import DutyState
from ledger.domain.policies.evaluation import Result, Why, evaluate
from ledger.domain.policies.explanation import explain_decision
from ledger.domain.policies.facts import Facts, Performed
from ledger.domain.policies.sandbox import STEPS_MAX, Step, rehearse
from ledger.domain.policies.vocabulary import Action

DAILY = rule(
    "read",
    that("count", "lteq", 10_000),
    that("timeWindow", "eq", "P1D"),
    that("networkAddress", "isA", "192.0.2.0/24"),
)
"""Annex D, scene 1: one API call on public data, 10,000 a day from a given network."""

MASKED = rule("read", duty=[rule("desensitize", that("dataField", "isAllOf", ["name", "phone"]))])
MONTH_END = "2027-01-31T23:59:59+08:00"


def why(decision: Any) -> list[tuple[str, str]]:
    return [(reason.why.value, reason.place) for reason in decision.reasons]


def test_use_within_every_limit_is_allowed_and_says_by_what() -> None:
    decision = evaluate(policy(DAILY), use("read", count_P1D=10_000, networkAddress="192.0.2.7"))

    assert decision.result is Result.ALLOWED
    assert why(decision) == [
        ("permitted", "permission[0]"),
        ("constraint_met", "permission[0].constraint[0]"),
        ("constraint_met", "permission[0].constraint[2]"),
    ]


def test_use_beyond_the_quota_is_denied_with_the_value_that_broke_it() -> None:
    decision = evaluate(policy(DAILY), use("read", count_P1D=10_001, networkAddress="192.0.2.7"))

    (reason,) = decision.reasons
    assert decision.result is Result.DENIED
    assert (reason.why, reason.place, reason.fact, reason.value) == (
        Why.CONSTRAINT_FAILED,
        "permission[0].constraint[0]",
        "count/P1D",
        10_001,
    )


def test_count_of_another_cycle_is_no_answer() -> None:
    decision = evaluate(policy(DAILY), use("read", count=1, networkAddress="192.0.2.7"))

    assert decision.result is Result.DENIED_BY_DEFAULT
    assert decision.missing == ("count/P1D",)


def test_what_nothing_permits_is_denied_by_default() -> None:
    decision = evaluate(policy(DAILY), use("sell"))

    assert decision.result is Result.DENIED_BY_DEFAULT and decision.missing == ()
    assert why(decision) == [("not_permitted", "")]
    assert decision.result.feedback == "denied", "table 3 of TC609-6-2025-15 has no value for the default"


def test_prohibition_wins_over_permission_and_names_its_remedies() -> None:
    asked = policy(rule("use"), prohibits=[rule("distribute", remedy=[rule("delete"), rule("alert")])])

    decision = evaluate(asked, use("distribute"))
    assert decision.result is Result.DENIED
    assert [place for place, _ in decision.remedies] == ["prohibition[0].remedy[0]", "prohibition[0].remedy[1]"]
    assert evaluate(asked, use("read")).result is Result.ALLOWED


def test_prohibition_that_cannot_be_excluded_stops_the_use_and_says_what_is_missing() -> None:
    asked = policy(rule("read"), prohibits=[rule("read", that("region", "isNoneOf", ["310000"]))])

    assert evaluate(asked, use("read")).missing == ("region",)
    assert evaluate(asked, use("read", region="CN")).missing == ("region",), "too coarse to tell"
    assert evaluate(asked, use("read", region="310101")).result is Result.ALLOWED


def test_who_may_use_may_not_therefore_sell() -> None:
    assert evaluate(policy(rule("use")), use("sell")).result is Result.DENIED_BY_DEFAULT


def test_use_of_several_fields_is_judged_field_by_field() -> None:
    asked = policy(
        rule("read", that("dataField", "isAnyOf", ["permit_no", "status", "id_card"])),
        prohibits=[rule("read", that("dataField", "eq", "id_card"))],
    )

    assert evaluate(asked, use("read", dataField=["permit_no", "status"])).result is Result.ALLOWED
    denied = evaluate(asked, use("read", dataField=["permit_no", "id_card"]))
    assert denied.result is Result.DENIED
    assert {reason.data_field for reason in denied.reasons if reason.why is Why.PROHIBITED} == {"id_card"}
    assert evaluate(asked, use("read", dataField=["permit_no", "owner"])).result is Result.DENIED


def test_permission_with_duty_is_conditional_until_the_duty_is_fulfilled() -> None:
    asked = policy(MASKED)
    half = ("desensitize", {"dataField": ["name"]})
    whole = ("desensitize", {"dataField": ["name", "phone", "address"]})

    conditional = evaluate(asked, use("read"))
    assert conditional.result is Result.CONDITIONAL
    assert [place for place, _ in conditional.duties] == ["permission[0].duty[0]"]
    assert evaluate(asked, use("read", after=[half])).result is Result.CONDITIONAL
    assert evaluate(asked, use("read", after=[whole])).result is Result.ALLOWED


def test_permission_whose_duty_can_no_longer_be_fulfilled_is_denied() -> None:
    asked = policy(rule("read", duty=[rule("desensitize", that("time", "lteq", MONTH_END))]))

    late = evaluate(asked, use("read", time="2027-02-01T00:00:00+08:00"))
    assert late.result is Result.DENIED
    assert why(late) == [("duty_lapsed", "permission[0].duty[0]")]


@pytest.mark.parametrize(
    ("now", "after", "state"),
    [
        ("2026-12-31T00:00:00Z", [], DutyState.PENDING),
        ("2027-01-10T00:00:00Z", [], DutyState.DUE),
        ("2027-02-10T00:00:00Z", [("delete", {"time": "2027-01-20T00:00:00Z"})], DutyState.FULFILLED),
        ("2027-02-10T00:00:00Z", [("delete", {"time": "2027-02-05T00:00:00Z"})], DutyState.BREACHED),
        ("2027-02-10T00:00:00Z", [("alert", {"time": "2027-01-20T00:00:00Z"})], DutyState.BREACHED),
        ("2027-01-10T00:00:00Z", [("delete", {"time": "2027-01-20T00:00:00Z"})], DutyState.DUE),
    ],
)
def test_obligation_stands_where_the_acts_and_the_time_put_it(now: str, after: Any, state: DutyState) -> None:
    limits = (that("time", "gteq", "2027-01-01T00:00:00+08:00"), that("time", "lteq", MONTH_END))
    asked = policy(rule("read"), obliges=[rule("delete", *limits, consequence=[rule("compensate")])])

    decision = evaluate(asked, use("read", time=now, after=after))
    (standing,) = decision.obligations
    assert standing.state is state
    assert bool(standing.liabilities) == (state is DutyState.BREACHED)
    assert decision.result is Result.ALLOWED, "an obligation stops nothing"


def test_obligation_of_every_day_is_due_again_the_next_day() -> None:
    asked = policy(rule("read"), obliges=[rule("logRecordSend", that("timeWindow", "eq", "P1D"))])
    sent = [("logRecordSend", {"time": "2027-01-01T12:00:00Z"})]

    def state(**facts: Any) -> tuple[DutyState, tuple[str, ...]]:
        (standing,) = evaluate(asked, use("read", after=sent, **facts)).obligations
        return standing.state, standing.missing

    assert state(time="2027-01-02T11:59:59Z") == (DutyState.FULFILLED, ())
    assert state(time="2027-01-02T12:00:00Z") == (DutyState.DUE, ())
    assert state() == (DutyState.DUE, ("time",))


def test_policy_of_one_object_and_user_says_nothing_of_others() -> None:
    asked = policy(rule("read"), target="product-1", assignee="node-2")

    assert evaluate(asked, use("read")).missing == ("target",)
    assert evaluate(asked, use("read", target="product-1", assignee="node-2")).result is Result.ALLOWED
    other = evaluate(asked, use("read", target="product-1", assignee="node-3"))
    assert other.result is Result.DENIED_BY_DEFAULT and why(other) == [("out_of_scope", "")]


def test_amount_of_another_currency_is_no_answer() -> None:
    asked = policy(rule("sell", that("payAmount", "gteq", "100.00 CNY")))

    assert evaluate(asked, use("sell", payAmount="100 CNY")).result is Result.ALLOWED
    assert evaluate(asked, use("sell", payAmount="99.9999 CNY")).result is Result.DENIED
    assert evaluate(asked, use("sell", payAmount="500 USD")).missing == ("payAmount",)


def test_rehearsal_keeps_what_was_said_and_done() -> None:
    until = rule("read", that("count", "lteq", 2), that("time", "lteq", MONTH_END), duty=[rule("desensitize")])
    decisions = rehearse(
        policy(until),
        [
            Step(Action.READ, {"time": "2027-01-01T00:00:00Z"}),
            Step(Action.READ, {"count": 1}),
            Step(Action.READ, performs=(Performed(Action.MASK),)),
            Step(Action.READ, {"count": 2}),
            Step(Action.READ, {"count": 3}),
            Step(Action.READ, {"count": 2, "time": "2027-02-01T00:00:00Z"}),
            Step(Action.READ, {"time": None}),
        ],
    )

    assert [decision.result.value for decision in decisions] == [
        *("denied_by_default", "conditional", "allowed", "allowed", "denied", "denied", "denied_by_default"),
    ]


def test_rehearsal_has_an_end() -> None:
    with pytest.raises(InvalidFactsError):
        rehearse(policy(rule("read")), [Step(Action.READ)] * (STEPS_MAX + 1))


def test_decision_tells_itself_in_both_languages() -> None:
    told = explain_decision(evaluate(policy(DAILY), use("read", count_P1D=10_001, networkAddress="192.0.2.7")))

    assert [one.english for one in told] == [
        "Denied.",
        "permission[0].constraint[0]: it does not hold that the number of uses is at most 10000 in every 1 day (it is 10001).",
    ]
    assert told[1].chinese == "permission[0].constraint[0]：条件不满足：每1天内使用次数不超过10000（实际为10001）。"


def test_facts_are_read_once_and_refused_early() -> None:
    with pytest.raises(InvalidFactsError, match="at most 200"):
        Facts({f"count/P{days}D": 1 for days in range(1, 202)})
