"""Usage policies: what is an offer, and what is refused where."""

from typing import Any

import pytest
from support.product_world import content

from ledger.domain.policy import ACTIONS, InvalidPolicyError, check_policy, permitted_actions

POLICY: dict[str, Any] = content()["policy"]


def offer(*constraints: Any, **members: Any) -> dict[str, Any]:
    permission = {"action": "read", "constraint": list(constraints)}
    return {"@type": "Offer", "permission": [permission]} | members


def constraint(operand: Any, operator: Any, value: Any) -> dict[str, Any]:
    return {"leftOperand": operand, "operator": operator, "rightOperand": value}


GOOD = [
    constraint("count", "lteq", 10_000),
    constraint("timeWindow", "eq", "P1D"),
    constraint("timeWindow", "lteq", "P365D"),
    constraint("networkAddress", "isA", "192.0.2.0/24"),
    constraint("dataField", "isAnyOf", ["permit_no", "status"]),
    constraint("executionEnv", "isA", "02"),
    constraint("deliveryMethod", "eq", "03"),
    constraint("encryptMode", "neq", "01"),
    constraint("time", "lteq", "2027-03-20T23:59:59+08:00"),
    constraint("payAmount", "eq", "100.00 CNY"),
    constraint("purpose", "eq", "信贷审批"),
]

BAD = {
    "no type": {"permission": [{"action": "read"}]},
    "an agreement": offer() | {"@type": "Agreement"},
    "nothing permitted": {"@type": "Offer", "prohibition": [{"action": "sell"}]},
    "a target": offer(target="x"),
    "unknown action": {"@type": "Offer", "permission": [{"action": "eat"}]},
    "action of another type": {"@type": "Offer", "permission": [{"action": ["read"]}]},
    "rules that are none": {"@type": "Offer", "permission": {"action": "read"}},
    "too many rules": {"@type": "Offer", "permission": [{"action": "read"}] * 101},
    "duty that nobody can be made to do": {
        "@type": "Offer",
        "permission": [{"action": "read", "duty": [{"action": "sell"}]}],
    },
    "duty under a prohibition": offer(prohibition=[{"action": "sell", "duty": []}]),
    "obligation that is a right": offer(obligation=[{"action": "download"}]),
    "unknown operand": offer(constraint("mood", "eq", "x")),
    "unknown operator": offer(constraint("region", "like", "31")),
    "size of what has none": offer(constraint("region", "lt", "31")),
    "number as text": offer(constraint("count", "lteq", "10")),
    "truth as number": offer(constraint("count", "lteq", True)),
    "zero uses": offer(constraint("count", "lteq", 0)),
    "several values compared by size": offer(constraint("count", "lteq", [1, 2])),
    "one value for a set": offer(constraint("dataField", "isAllOf", "a")),
    "no values": offer(constraint("dataField", "isAllOf", [])),
    "no duration": offer(constraint("timeWindow", "eq", "1 day")),
    "empty duration": offer(constraint("timeWindow", "eq", "P")),
    "duration without a time": offer(constraint("timeWindow", "eq", "PT")),
    "long duration": offer(constraint("timeWindow", "eq", "P123456789D")),
    "time without zone": offer(constraint("time", "lteq", "2027-03-20T23:59:59")),
    "environment that is not listed": offer(constraint("executionEnv", "eq", "08")),
    "long text": offer(constraint("region", "eq", "x" * 11)),
    "empty text": offer(constraint("region", "eq", "")),
    "member too many": offer({**constraint("region", "eq", "31"), "unit": "x"}),
}


@pytest.mark.parametrize("one", GOOD)
def test_constraint_of_the_tables_is_taken(one: dict[str, Any]) -> None:
    check_policy(offer(one))


def test_every_action_of_the_table_can_be_permitted() -> None:
    policy = {"@type": "Offer", "permission": [{"action": action} for action in sorted(ACTIONS)]}

    check_policy(policy)
    assert permitted_actions(policy) == ACTIONS
    assert len(ACTIONS) == 21, "rows 1 to 20 of table 4, and use"


def test_policy_with_duty_and_prohibition_is_taken() -> None:
    check_policy(POLICY | {"obligation": [{"action": "delete", "constraint": [GOOD[8]]}]})


@pytest.mark.parametrize("name", BAD)
def test_policy_that_is_none_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(InvalidPolicyError, match=r"^policy") as refused:
        check_policy(BAD[name])
    assert "defect" not in refused.value.facts, "a product's problem document names the place only"
    assert "mood" not in refused.value.detail and "eat" not in refused.value.detail.split()
