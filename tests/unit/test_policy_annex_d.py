"""The five scenes of TC609-6-2025-14 annex D as policies, and a use of each that is allowed.

The annex is informative and breaks its own dictionary: what it prints as constraints but are actions stands here as duties, its ``export`` as
``download``, a range of dates as two times, an operator on a code as that on a name.
"""

from typing import Any

import pytest
from support.policies import policy, rule, that, use

from ledger.domain.policies.analysis import find_contradictions
from ledger.domain.policies.evaluation import Result, evaluate
from ledger.domain.policies.facts import Request
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.national import encode_national, parse_national

GIVEN_IP = that("networkAddress", "isA", "192.0.2.7")
FIELDS = that("dataField", "isA", ["field 1", "field 2", "field 3"])
SENT = [("logRecordSend", {})]

SCENES: dict[str, tuple[PolicySet, Request]] = {
    "1 API call on public data": (
        policy(rule("read", that("count", "lteq", 10_000), that("timeWindow", "eq", "P1D"), GIVEN_IP)),
        use("read", count_P1D=10_000, networkAddress="192.0.2.7"),
    ),
    "2 joint computing": (
        policy(
            rule("read", FIELDS, GIVEN_IP),
            rule("jointDevelop", that("executionEnv", "isA", "02"), duty=[rule("logRecordSend")]),
            rule("download"),
        ),
        use("jointDevelop", executionEnv="02", after=SENT),
    ),
    "3 sharing across bodies": (
        policy(rule("distribute", that("deliveryMethod", "eq", "01"), duty=[rule("logRecordSend")])),
        use("distribute", deliveryMethod="01", after=SENT),
    ),
    "4 purchase": (
        policy(
            rule("sell", that("payAmount", "eq", "100.00 CNY"), that("timeWindow", "lteq", "P365D")),
            obliges=[rule("compensate", that("payAmount", "eq", "10.00 CNY"))],
        ),
        use("sell", payAmount="100.00 CNY", timeWindow="P30D"),
    ),
    "5 processing in encrypted state": (
        policy(
            rule(
                "process",
                *(
                    that("encryptMode", "eq", "02"),
                    FIELDS,
                    that("count", "lteq", 1_000),
                    that("executionEnv", "isA", "06"),
                ),
                that("time", "gteq", "2024-03-20T23:59:59+08:00"),
                that("time", "lteq", "2025-03-20T23:59:59+08:00"),
            )
        ),
        use(
            "process", encryptMode="02", dataField=["field 1"], count=1, executionEnv="06", time="2025-03-20T15:59:59Z"
        ),
    ),
}


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_scene_can_be_written_decided_and_signed(scene: str) -> None:
    asked, request = SCENES[scene]

    assert parse_national(encode_national(asked)) == asked
    assert find_contradictions(asked) == ()
    assert evaluate(asked, request).result is Result.ALLOWED


@pytest.mark.parametrize(
    ("scene", "changed"),
    [
        ("1 API call on public data", {"count/P1D": 10_001}),
        ("1 API call on public data", {"networkAddress": "192.0.2.8"}),
        ("2 joint computing", {"executionEnv": "05"}),
        ("3 sharing across bodies", {"deliveryMethod": "03"}),
        ("4 purchase", {"payAmount": "99.99 CNY"}),
        ("4 purchase", {"timeWindow": "P366D"}),
        ("5 processing in encrypted state", {"dataField": ["field 1", "field 4"]}),
        ("5 processing in encrypted state", {"time": "2025-03-20T16:00:00Z"}),
    ],
)
def test_scene_denies_what_is_beyond_it(scene: str, changed: dict[str, Any]) -> None:
    asked, request = SCENES[scene]
    beyond = use(request.action.value, **{**request.facts.stated, **changed})
    decision = evaluate(asked, Request(beyond.action, beyond.facts, request.performed))
    assert decision.result is Result.DENIED
    assert changed.keys() & {reason.fact for reason in decision.reasons}
