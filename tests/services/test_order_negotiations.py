"""From a finalized negotiation to the order and its agreement: what is carried on, and what leads to no order."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from support.negotiation_world import Play
from support.policies import use
from support.product_world import CODES, a_world, acting
from support.trade_steps import ORDER_ID, ORDER_SALT, Trade

from ledger.bundle.negotiation_record import policy_digest
from ledger.domain.agreement import ContradictoryPolicyError
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.policies.evaluation import Result, evaluate
from ledger.domain.policies.odrl import parse_odrl
from ledger.services import agreement_filing, orders
from ledger.services.negotiation_records import KIND
from ledger.services.order_negotiations import (
    NegotiationNotFinalError,
    NegotiationOfAnotherProductError,
    NegotiationUsedError,
)
from ledger.services.order_objects import OriginNotMetError

NARROW: dict[str, Any] = {
    "permission": [
        {"action": "read", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 100}]}
    ]
}


class Negotiated(Trade):
    """A trade whose order comes of a negotiation of the provider's side."""

    def __init__(self) -> None:
        super().__init__(a_world())
        self.play = Play(self.world, Side.PROVIDER, self.life.code)

    def negotiate(self, *last: str, rules: dict[str, Any] = NARROW) -> "Negotiated":
        self.play.act("request")
        self.play.issue(Act.OFFER, rules)
        self.play.arrive()
        self.play.act("accept")
        for word in last or ("agree",):
            if word == "agree":
                self.play.issue(Act.AGREE)
                self.play.arrive()
        return self

    def finalize(self, rules: dict[str, Any] = NARROW) -> "Negotiated":
        self.negotiate(rules=rules)
        for act in ("verify", "finalize"):
            self.play.act(act)
        return self

    def origin(self) -> dict[str, Any]:
        return {"origin": {"kind": "negotiation", "reference": self.play.pid}}

    def refused(self, error: type[Exception], *, order_id: str = ORDER_ID, **members: Any) -> None:
        before = copy.deepcopy(self.world)
        command = orders.DraftOrder(order_id, self.content(**(self.origin() | members)), ORDER_SALT)
        with acting(self.world, "bank") as uow, pytest.raises(error) as raised:
            orders.draft_order(uow, command)
        assert type(raised.value) is error
        assert self.world == before


@pytest.fixture(scope="module")
def finalized() -> Negotiated:
    return Negotiated().finalize()


@pytest.fixture
def trade(finalized: Negotiated) -> Negotiated:
    return copy.deepcopy(finalized)


def test_agreement_has_the_negotiated_policy_and_every_message_for_evidence(trade: Negotiated) -> None:
    trade.draft(**trade.origin()).offered().confirmed().generated()

    negotiation = trade.world.objects[KIND, trade.play.pid]
    steps = negotiation.document["steps"]
    said = next(
        one.document["message"]["agreement"] for one in trade.play.messages if "agreement" in one.document["message"]
    )
    [policy] = trade.agreement.document["disclosed"]["policies"]
    assert policy["permission"] == NARROW["permission"] == said["permission"]
    assert policy["prohibition"] == [{"action": "distribute"}], "what the listed product forbids stays forbidden"
    assert "prohibition" not in trade.agreement.document["negotiated"]["policy"], (
        "what was agreed is kept as it was said"
    )
    for kept in (trade.order.document["negotiated"], trade.agreement.document["negotiated"]):
        assert kept["policy_digest"] == policy_digest(said).hex()
        assert kept["messages"] == [step["digest"] for step in steps]
        assert (kept["negotiation_id"], kept["rounds"]) == (trade.play.pid, 2)
    assert negotiation.document["order_id"] == trade.order_id
    assert trade.order.document["voucher"]["origin"]["reference"] == trade.play.pid
    told = {kind.split(".")[2:4][0] + "." + kind.split(".")[3]: data for kind, data, _ in trade.world.events}
    for name in ("order.drafted", "order.placing_asked", "agreement.generated"):
        assert told[name]["negotiation_id"] == trade.play.pid, name
        assert told[name]["policy_digest"] == policy_digest(said).hex(), name


WIDE: dict[str, Any] = {"permission": [{"action": "use"}], "prohibition": [{"action": "grantUse"}]}


def test_agreement_about_all_use_does_not_permit_what_the_product_forbids() -> None:
    trade = Negotiated().finalize(WIDE)
    trade.draft(**trade.origin()).offered().confirmed().generated()
    [policy] = trade.agreement.document["disclosed"]["policies"]
    assert policy["permission"] == [{"action": "use"}]
    assert policy["prohibition"] == [{"action": "grantUse"}, {"action": "distribute"}]
    said, parties = parse_odrl(policy), {name: policy[name] for name in ("target", "assignee")}
    assert evaluate(said, use("read", **parties)).result is Result.ALLOWED
    assert evaluate(said, use("distribute", **parties)).result is Result.DENIED


def test_agreement_has_what_the_product_obliges_to(trade: Negotiated) -> None:
    oblige(trade, {"action": "delete"})
    trade.draft(**trade.origin()).offered().confirmed().generated()
    [policy] = trade.agreement.document["disclosed"]["policies"]
    assert policy["obligation"] == [{"action": "delete"}]


def test_what_the_product_obliges_to_by_now_and_the_terms_forbid_is_not_ordered() -> None:
    trade = Negotiated().finalize({**NARROW, "prohibition": [{"action": "delete"}]})
    oblige(trade, {"action": "delete"})
    trade.refused(ContradictoryPolicyError)


def test_order_from_elsewhere_has_the_products_policy(trade: Negotiated) -> None:
    trade.draft().offered().confirmed().generated()
    assert trade.order.document["negotiated"] is trade.agreement.document["negotiated"] is None
    assert trade.agreement.document["disclosed"]["policies"][0]["prohibition"] == [{"action": "distribute"}]


def test_negotiation_leads_to_one_order_unless_that_one_is_given_up(trade: Negotiated) -> None:
    trade.draft(**trade.origin())
    trade.refused(NegotiationUsedError, order_id="order-000002")
    trade.do("bank", orders.discard_order)
    trade.draft(order_id="order-000002", **trade.origin()).offered().confirmed().generated()
    trade.refused(NegotiationUsedError, order_id="order-000003")


def test_draft_that_is_edited_to_come_from_elsewhere_gives_the_negotiation_free(trade: Negotiated) -> None:
    trade.draft(**trade.origin())
    trade.do("bank", orders.edit_order, trade.content(**trade.origin(), quantity=5))
    assert trade.order.document["negotiated"]["negotiation_id"] == trade.play.pid
    trade.do("bank", orders.edit_order, trade.content())
    assert trade.order.document["negotiated"] is None
    first = trade.order_id
    trade.draft(order_id="order-000002", **trade.origin())
    trade.order_id = first
    with pytest.raises(NegotiationUsedError):
        trade.do("bank", orders.edit_order, trade.content(**trade.origin()))


@pytest.mark.parametrize("last", [["none"], ["agree"]])
def test_negotiation_that_is_not_final_leads_to_no_order(last: list[str]) -> None:
    trade = Negotiated().negotiate(*last)
    trade.refused(NegotiationNotFinalError)
    trade.play.act("terminate(consumer)")
    trade.refused(NegotiationNotFinalError)


def change(trade: Negotiated, **members: Any) -> None:
    key = (KIND, trade.play.pid)
    stored = trade.world.objects[key]
    trade.world.objects[key] = replace(stored, document={**stored.document, **members})


@pytest.mark.parametrize(
    ("altered", "error"),
    [
        ({"dataset": "urn:cityledger:product:another"}, NegotiationOfAnotherProductError),
        ({"consumer": CODES["stranger"]}, OriginNotMetError),
        ({"provider": CODES["stranger"]}, OriginNotMetError),
    ],
)
def test_negotiation_of_others_or_of_something_else_leads_to_no_order(
    trade: Negotiated, altered: dict[str, Any], error: type[Exception]
) -> None:
    change(trade, **altered)
    trade.refused(error)


def framework(trade: Negotiated, random: str = "0000000F") -> Any:
    trade.framework(random=random, negotiation_id=trade.play.pid)
    return trade.agreement


def test_framework_has_the_negotiated_policy_and_every_message_for_evidence(trade: Negotiated) -> None:
    made = framework(trade)
    negotiation = trade.world.objects[KIND, trade.play.pid]
    [policy] = made.document["disclosed"]["policies"]
    assert policy["permission"] == NARROW["permission"]
    assert policy["prohibition"] == [{"action": "distribute"}], "what the listed product forbids stays forbidden"
    assert made.document["negotiated"]["messages"] == [step["digest"] for step in negotiation.document["steps"]]
    assert (negotiation.document["agreement_id"], negotiation.document["order_id"]) == (made.object_id, None)
    [told] = [data for kind, data, _ in trade.world.events if kind == "org.cityledger.agreement.generated.v1"]
    assert told["negotiation_id"] == trade.play.pid
    trade.signed().filed()
    origin = {"kind": "agreement", "reference": made.object_id}
    trade.draft(order_id="call-off-1", kind="call_off", origin=origin).offered().confirmed()
    assert trade.order.state == "in_force"


def test_negotiation_leads_to_a_framework_or_an_order_and_to_another_once_that_is_given_up(trade: Negotiated) -> None:
    framework(trade)
    trade.refused(NegotiationUsedError)
    with pytest.raises(NegotiationUsedError):
        framework(trade, "0000000G")
    trade.agree("bank", agreement_filing.abandon_agreement, "条款不符")
    trade.draft(**trade.origin())
    with pytest.raises(NegotiationUsedError):
        framework(trade, "0000000H")
    trade.do("bank", orders.discard_order)
    assert framework(trade, "0000000J").state == "generated"


def test_negotiation_that_is_not_final_or_of_others_leads_to_no_framework(trade: Negotiated) -> None:
    with pytest.raises(NegotiationNotFinalError):
        framework(Negotiated().negotiate("none"))
    change(trade, consumer=CODES["stranger"])
    with pytest.raises(OriginNotMetError):
        framework(trade)
    assert not [name for name in trade.world.objects if name[0] == "agreement"]


def test_negotiation_that_is_not_there_leads_to_no_order(trade: Negotiated) -> None:
    trade.refused(OriginNotMetError, origin={"kind": "negotiation", "reference": "neg-" + "0" * 32})


def test_what_the_product_forbids_by_now_is_not_ordered(trade: Negotiated) -> None:
    forbid_reading(trade)
    trade.refused(ContradictoryPolicyError)


def test_what_the_product_forbids_by_now_is_not_agreed_to(trade: Negotiated) -> None:
    trade.draft(**trade.origin()).offered().confirmed()
    forbid_reading(trade)
    with pytest.raises(ContradictoryPolicyError):
        trade.generated()


def state_policy(trade: Negotiated, **members: Any) -> None:
    """The product's version states these rules from now on."""
    key = ("product_version", f"{trade.life.code}/1")
    stored = trade.world.objects[key]
    content = stored.document["content"]
    content = {**content, "policy": {**content["policy"], **members}}
    trade.world.objects[key] = replace(stored, document={**stored.document, "content": content})


def forbid_reading(trade: Negotiated) -> None:
    state_policy(trade, prohibition=[{"action": "read"}], permission=[{"action": "use"}])


def oblige(trade: Negotiated, *rules: dict[str, Any]) -> None:
    state_policy(trade, obligation=list(rules))


def consumers_record(trade: Negotiated) -> str:
    """The same negotiation as its consumer keeps it in the same space; returns its name."""
    stored = trade.world.objects[KIND, trade.play.pid]
    name = stored.document["consumer_pid"]
    document = {**stored.document, "side": "consumer", "order_id": None}
    trade.world.objects[KIND, name] = replace(stored, object_id=name, document=document)
    return str(name)


@pytest.mark.parametrize("first", ["provider", "consumer"])
def test_two_records_of_one_negotiation_lead_to_one_order(trade: Negotiated, first: str) -> None:
    twin = {"origin": {"kind": "negotiation", "reference": consumers_record(trade)}}
    ways: list[dict[str, Any]] = [trade.origin(), twin]
    ways = ways if first == "provider" else ways[::-1]
    trade.draft(**ways[0])
    assert trade.order.document["negotiated"]["negotiation_id"] == trade.play.pid
    trade.refused(NegotiationUsedError, order_id="order-000002", **ways[1])
    assert trade.world.objects[KIND, trade.play.pid].document["dataset"] == product_urn(trade.life.code)
