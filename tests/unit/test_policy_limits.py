"""The limits that TC609-6-2025-01, clause 5.2.2.5 a asks policy templates for: each can be written, and decides."""

from typing import Any

import pytest
from support.policies import policy, rule, that, use

from ledger.domain.policies.analysis import find_contradictions
from ledger.domain.policies.evaluation import DutyState, Result, evaluate
from ledger.domain.policies.facts import Request
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.national import encode_national, parse_national

UNSEEN = that("executionEnv", "isAnyOf", ["02", "03", "05"])
NODES = {"target": "product-1", "assigner": "node-1", "assignee": "node-2"}

# what is allowed, and what is beyond the limit
LIMITS: dict[str, tuple[PolicySet, Request, Request]] = {
    "content": (
        policy(rule("read", that("dataField", "isAnyOf", ["permit_no", "status"]))),
        use("read", dataField=["permit_no"]),
        use("read", dataField=["permit_no", "owner"]),
    ),
    "connector and user": (
        policy(rule("read"), **NODES),
        use("read", target="product-1", assignee="node-2"),
        use("read", target="product-1", assignee="node-3"),
    ),
    "way of delivery": (
        policy(rule("read", that("deliveryMethod", "eq", "03"))),
        use("read", deliveryMethod="03"),
        use("read", deliveryMethod="01"),
    ),
    "operation": (policy(rule("read"), prohibits=[rule("download")]), use("read"), use("download")),
    "number of uses": (policy(rule("read", that("count", "lteq", 2))), use("read", count=2), use("read", count=3)),
    "duration": (
        policy(rule("read", that("timeWindow", "lteq", "P30D"))),
        use("read", timeWindow="P30D"),
        use("read", timeWindow="P31D"),
    ),
    "visibility": (
        policy(rule("compute", UNSEEN), prohibits=[rule("distribute")]),
        use("compute", executionEnv="05"),
        use("compute", executionEnv="01"),
    ),
}


def is_kept_in_the_national_form(asked: PolicySet) -> bool:
    read = parse_national(encode_national(asked))
    rules = (read.permissions, read.prohibitions, read.obligations)
    return rules == (asked.permissions, asked.prohibitions, asked.obligations)


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_limit_of_every_kind_is_written_and_decides(name: str) -> None:
    asked, within, beyond = LIMITS[name]

    assert find_contradictions(asked) == () and is_kept_in_the_national_form(asked)
    assert evaluate(asked, within).result is Result.ALLOWED
    assert evaluate(asked, beyond).result in {Result.DENIED, Result.DENIED_BY_DEFAULT}


def test_use_goes_on_once_its_notice_was_sent() -> None:
    asked = policy(rule("read", duty=[rule("logRecordSend")]))

    assert is_kept_in_the_national_form(asked)
    assert evaluate(asked, use("read")).result is Result.CONDITIONAL
    assert evaluate(asked, use("read", after=[("logRecordSend", {})])).result is Result.ALLOWED


@pytest.mark.parametrize(
    ("after", "state"),
    [
        ([], DutyState.BREACHED),
        ([("delete", {"time": "2027-01-20T00:00:00Z"})], DutyState.FULFILLED),
        ([("delete", {"time": "2027-02-05T00:00:00Z"})], DutyState.BREACHED),
    ],
)
def test_destruction_after_use_is_owed_until_its_day(after: list[Any], state: DutyState) -> None:
    until = that("time", "lteq", "2027-01-31T23:59:59+08:00")
    asked = policy(rule("read"), obliges=[rule("delete", until, consequence=[rule("compensate")])])

    assert is_kept_in_the_national_form(asked)
    [standing] = evaluate(asked, use("read", time="2027-02-10T00:00:00Z", after=after)).obligations
    assert (standing.state, bool(standing.liabilities)) == (state, state is DutyState.BREACHED)
