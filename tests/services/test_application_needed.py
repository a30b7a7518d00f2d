"""Public data: neither a negotiation nor a framework agreement takes the place of an approved application or a matched demand."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from support.negotiation_world import Play
from support.product_world import CODES, a_world, acting
from support.trade_steps import APPLICATION_ID, ORDER_ID, ORDER_SALT, Trade, new_agreement

from ledger.domain.demand import BID, bid_id
from ledger.domain.negotiation.life import Side
from ledger.services import agreements, orders
from ledger.services.order_objects import ApplicationNeededError

DEMAND_ID = "demand-0001"


class Talked(Trade):
    """A trade whose parties have negotiated to the end."""

    def __init__(self, *, public: bool) -> None:
        super().__init__(a_world(), public=public)
        self.play = Play(self.world, Side.PROVIDER, self.life.code)
        for act in ("request", "offer", "accept", "agree", "verify", "finalize"):
            self.play.act(act)

    @property
    def origin(self) -> dict[str, Any]:
        return {"origin": {"kind": "negotiation", "reference": self.play.pid}}

    def match(self, state: str = "selected", **members: Any) -> None:
        """A demand of the bank's that found the provider; members are the bid's."""
        bid = {"product_code": None, "version": None} | members
        parties = (CODES["bank"],)
        with self.world.begin() as uow:
            about = {"owner": CODES["bank"], "selected": CODES["provider"]}
            uow.create("demand", DEMAND_ID, state=state, parties=parties, document=about, act="x")
            name = bid_id(DEMAND_ID, CODES["provider"])
            uow.create(BID, name, state="placed", parties=(CODES["provider"],), document=bid, act="x")


@pytest.fixture(scope="module")
def talked() -> Talked:
    """Made once; every test goes on from a copy."""
    return Talked(public=True)


@pytest.fixture
def trade(talked: Talked) -> Talked:
    return copy.deepcopy(talked)


def order(trade: Talked) -> None:
    with acting(trade.world, "bank") as uow:
        orders.draft_order(uow, orders.DraftOrder(ORDER_ID, trade.content(**trade.origin), ORDER_SALT))


def framework(trade: Talked) -> None:
    with acting(trade.world, "provider") as uow:
        agreements.generate_framework(uow, trade.life.code, 1, CODES["bank"], new_agreement())


def negotiated_framework(trade: Talked) -> None:
    trade.framework(negotiation_id=trade.play.pid)


Way = Callable[[Talked], None]
WAYS = pytest.mark.parametrize("way", [order, framework, negotiated_framework])


def refused(trade: Talked, way: Way) -> None:
    before = copy.deepcopy(trade.world)
    with pytest.raises(ApplicationNeededError) as raised:
        way(trade)
    assert "POST /v1/applications" in raised.value.detail
    assert trade.world == before


@WAYS
def test_public_data_without_an_approved_application_lead_to_no_agreement(trade: Talked, way: Way) -> None:
    for state in ("first_reviewed", "refused", "withdrawn"):
        trade.approve(state)
        refused(trade, way)
    trade.approve()
    way(trade)


@WAYS
@pytest.mark.parametrize("members", [{"version": 2}, {"product_code": "another"}])
def test_application_for_something_else_is_none_for_this(trade: Talked, way: Way, members: dict[str, Any]) -> None:
    trade.approve(**members)
    refused(trade, way)


@WAYS
def test_application_of_another_body_is_none_of_the_consumers(trade: Talked, way: Way) -> None:
    trade.approve("withdrawn")
    document = {"applicant": CODES["stranger"], "product_code": trade.life.code, "version": 1}
    with trade.world.begin() as uow:
        uow.create(
            "application", "app-stranger", state="approved", parties=(CODES["stranger"],), document=document, act="x"
        )
    refused(trade, way)


@WAYS
@pytest.mark.parametrize("state", ["selected", "followed_up"])
def test_demand_that_found_its_provider_takes_the_place_of_an_application(trade: Talked, way: Way, state: str) -> None:
    trade.approve("refused")
    trade.match(state)
    way(trade)


@WAYS
@pytest.mark.parametrize(
    ("state", "bid"), [("bidding", {}), ("closed", {}), ("selected", {"product_code": "another", "version": 1})]
)
def test_demand_that_is_open_or_over_or_about_something_else_is_not_enough(
    trade: Talked, way: Way, state: str, bid: dict[str, Any]
) -> None:
    trade.approve("refused")
    trade.match(state, **bid)
    refused(trade, way)


def test_data_of_enterprises_alone_need_no_application() -> None:
    trade = Talked(public=False)
    trade.approve("refused")
    trade.draft(**trade.origin)
    assert trade.order.document["negotiated"]["negotiation_id"] == trade.play.pid
    framework(trade)


def test_call_off_needs_none_of_its_own_once_its_framework_had_one(trade: Talked) -> None:
    trade.framework().signed().filed()
    with trade.world.begin() as uow:
        found = uow.find("application", APPLICATION_ID)
        assert found is not None
        uow.change(found, act="x", state="withdrawn")
    origin = {"kind": "agreement", "reference": trade.agreement_id}
    trade.draft(order_id="call-off-1", kind="call_off", origin=origin)
    assert trade.order.state == "drafted"
