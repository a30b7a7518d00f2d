"""An order's way to its confirmation and to each of its ends, on the unit of work in memory."""

import copy
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from coincurve import PrivateKey
from support import product_world
from support.demand_world import demand
from support.fake_unit_of_work import World
from support.product_world import CODES, a_world, acting, address, open_act, settle, sign_as, sign_open_act
from support.trade_steps import ORDER_SALT, Trade, suspend

from ledger.bundle.order_digest import order_chain_id, voucher_digest
from ledger.domain.act_json import act_from_json, act_to_json
from ledger.domain.acts.orders import Order
from ledger.domain.order import InvalidOrderError, OrderExpiredError
from ledger.errors import (
    AccessError,
    ActDeadlineError,
    ConflictError,
    IllegalTransitionError,
    InputError,
    InvalidActSignatureError,
    NotFoundError,
    RevisionMismatchError,
    SignerKeyEndedError,
)
from ledger.services import order_closing, orders, product_freeze
from ledger.services.acts import act_of, sign_act
from ledger.services.bodies import BodyNotAbleError
from ledger.services.demands import Bid, Contact, bid_for_demand, publish_demand, select_bid
from ledger.services.order_objects import OriginNotMetError, ProductNotOfferedError, moves_of
from ledger.services.product_listing import Reason
from ledger.services.trade_chain import SIGN_WITHIN

EVENT = re.compile(r"org\.cityledger\.order\.[a-z_]+\.v1")


@pytest.fixture(scope="module")
def listed() -> Trade:
    """Made once; every test goes on from a copy."""
    return Trade(a_world())


@pytest.fixture
def trade(listed: Trade) -> Trade:
    return copy.deepcopy(listed)


def events(world: World) -> list[str]:
    return [kind.split(".")[3] for kind, _, _ in world.events if EVENT.fullmatch(kind)]


def test_order_is_placed_and_confirmed_by_both_signatures(trade: Trade) -> None:
    trade.draft().offered().confirmed()

    assert trade.order.state == "confirmed"
    assert events(trade.world) == ["drafted", "placing_asked", "placed", "confirmation_asked", "confirmed"]
    acts = [
        act for (kind, _), act in trade.world.objects.items() if kind == "act" and act.document["act"] == "Orders.Order"
    ]
    assert [act.document["function"] for act in acts] == ["place", "confirm"]
    assert act_of(acts[0]) == act_of(acts[1]), "both sign the same order"
    assert [call.contract for call in trade.world.calls[-2:]] == ["Orders", "Orders"]


def test_act_holds_the_voucher_by_its_digest(trade: Trade) -> None:
    trade.draft().offered()

    document = trade.order.document
    act = act_from_json("Orders.Order", document["order"])
    assert isinstance(act, Order)
    assert act.content_digest == voucher_digest(ORDER_SALT, document["voucher"])
    assert act.order_id == order_chain_id(ORDER_SALT, trade.order_id)
    assert (act.quantity, act.agreement_id) == (1_000, bytes(32))
    assert document["voucher"]["price"]["total_minor"] == 50_000


def test_use_for_the_public_costs_nothing(trade: Trade) -> None:
    free = Trade(a_world(), public=True).draft(use="public_benefit").offered()
    price = free.order.document["voucher"]["price"]
    assert (price["is_free"], price["total_minor"], price["rule"]["unit_price"]) == (True, 0, 0)
    assert free.order.document["platforms"] == [CODES["trading"], CODES["authorisation"]]
    with pytest.raises(InvalidOrderError):
        trade.draft(use="public_benefit")


def test_events_of_orders_hold_ids_and_digests_only(trade: Trade) -> None:
    trade.draft().offered()
    trade.do("provider", order_closing.reject_order, "容量不足")
    settle(trade.world)

    for kind, data, subject in trade.world.events:
        if EVENT.fullmatch(kind):
            assert subject == trade.order_id
            assert "贷后" not in str(data) and "容量" not in str(data)


def test_draft_is_the_consumers_alone(trade: Trade) -> None:
    trade.draft()
    for name in ("provider", "trading", "stranger"):
        with acting(trade.world, name) as uow, pytest.raises(NotFoundError):
            uow.get("order", trade.order_id)
    trade.offered()
    for name in ("provider", "trading"):
        with acting(trade.world, name) as uow:
            assert uow.get("order", trade.order_id).state == "offered"
    with acting(trade.world, "stranger") as uow, pytest.raises(NotFoundError):
        uow.get("order", trade.order_id)
    assert moves_of(trade.order, CODES["provider"]) == ("accept", "lapse", "reject")
    assert moves_of(trade.order, CODES["trading"]) == ()


def test_matched_demand_leads_to_an_order(trade: Trade) -> None:
    world = trade.world
    with acting(world, "bank") as uow:
        publish_demand(uow, "dem-1", demand(), Contact("王某", "021", "a@bank.example"))
    with acting(world, "provider") as uow:
        bid_for_demand(uow, "dem-1", Bid("按次调用", "CNY", 500_000, trade.life.code, 1))
    origin = {"kind": "demand", "reference": "dem-1"}
    with pytest.raises(OriginNotMetError):
        trade.draft(origin=origin)
    with acting(world, "bank") as uow:
        select_bid(uow, "dem-1", CODES["provider"])
    assert trade.draft(origin=origin).offered().order.state == "offered"


@pytest.mark.parametrize("change", [{"state": "submitted"}, {"product_code": "another"}, {"version": 2}])
def test_application_must_be_approved_for_this_product(trade: Trade, change: dict[str, Any]) -> None:
    trade.draft()
    trade.approve(**change)
    with pytest.raises(OriginNotMetError):
        trade.do("bank", orders.place_order)
    assert trade.order.state == "drafted"


def test_order_of_anothers_application_is_refused(trade: Trade) -> None:
    command = orders.DraftOrder("order-000002", trade.content(), ORDER_SALT)
    with acting(trade.world, "stranger") as uow, pytest.raises(OriginNotMetError):
        orders.draft_order(uow, command)
    with acting(trade.world, "provider") as uow, pytest.raises(AccessError):
        orders.draft_order(uow, command)


@pytest.mark.parametrize("step", ["draft", "place", "accept"])
def test_product_off_the_market_is_not_ordered(trade: Trade, step: str) -> None:
    if step != "draft":
        trade.draft()
    if step == "accept":
        trade.offered()
    with acting(trade.world, "regulator") as uow:
        product_freeze.freeze_product(uow, trade.life.code, Reason("dispute", "核查"))
    with pytest.raises(ProductNotOfferedError):
        {
            "draft": trade.draft,
            "place": lambda: trade.do("bank", orders.place_order),
            "accept": lambda: trade.do("provider", orders.accept_order),
        }[step]()


def test_edit_and_placing_are_based_on_what_was_read(trade: Trade) -> None:
    trade.draft()
    revision = trade.order.revision
    trade.do("bank", orders.edit_order, trade.content(quantity=7))
    for use_case, arguments in ((orders.place_order, ()), (orders.edit_order, (trade.content(),))):
        with acting(trade.world, "bank", revision=revision) as uow, pytest.raises(RevisionMismatchError):
            use_case(uow, trade.order_id, *arguments)  # type: ignore[operator]
    assert trade.offered().order.document["voucher"]["quantity"] == 7


def test_draft_is_discarded_by_its_consumer(trade: Trade) -> None:
    trade.draft()
    trade.do("bank", orders.discard_order)
    assert trade.order.state == "discarded"
    with pytest.raises(IllegalTransitionError):
        trade.do("bank", orders.place_order)


@pytest.mark.parametrize(("seconds"), [60, 400 * 86_400])
def test_order_that_nobody_could_confirm_is_not_placed(trade: Trade, seconds: int) -> None:
    trade.draft(valid_until=int(trade.world.now.timestamp()) + seconds)
    with pytest.raises(InvalidOrderError, match="valid_until"):
        trade.do("bank", orders.place_order)


def test_confirmation_after_its_last_second_is_refused_and_the_order_lapses(trade: Trade) -> None:
    trade.draft().offered()
    with pytest.raises(ConflictError, match="can still be confirmed"):
        trade.do("provider", order_closing.lapse_order)
    trade.world.now += timedelta(days=10, seconds=1)
    with pytest.raises(OrderExpiredError):
        trade.do("provider", orders.accept_order)
    trade.do("bank", order_closing.lapse_order)
    assert trade.order.state == "lapsed"


@pytest.mark.parametrize(
    ("name", "step", "use_case", "end"),
    [
        ("provider", "offered", order_closing.reject_order, "rejected"),
        ("bank", "offered", order_closing.withdraw_order, "withdrawn"),
        ("bank", "confirmed", order_closing.cancel_order, "cancelled"),
        ("provider", "confirmed", order_closing.cancel_order, "cancelled"),
    ],
)
def test_order_ends_by_the_signature_of_whose_decision_it_is(
    trade: Trade, name: str, step: str, use_case: Any, end: str
) -> None:
    trade.draft().offered()
    if step == "confirmed":
        trade.confirmed()
    other = "bank" if name == "provider" else "provider"
    if end != "cancelled":
        with pytest.raises(AccessError):
            trade.do(other, use_case, "不需要")
    with pytest.raises(InputError):
        trade.do(name, use_case, " ")
    suspend(trade.world, name)  # what a suspended body has, it still ends
    trade.do(name, use_case, "不需要")
    [signer] = open_act(trade.world).document["signers"]
    assert signer["participant"] == CODES[name]
    settle(trade.world, refused="OrdersWrongClosing")
    assert trade.order.state == step and trade.order.document["refused"]["reason"] == "OrdersWrongClosing"
    trade.do(name, use_case, "不需要")
    settle(trade.world)
    assert trade.order.state == end


@pytest.mark.parametrize(("step", "back"), [("place", "drafted"), ("accept", "offered")])
def test_step_that_the_chain_refuses_goes_back_and_is_asked_anew(trade: Trade, step: str, back: str) -> None:
    name, use_case = ("bank", orders.place_order) if step == "place" else ("provider", orders.accept_order)
    trade.draft()
    if step == "accept":
        trade.offered()
    trade.do(name, use_case)
    settle(trade.world, refused="OrdersExpired")
    assert trade.order.state == back
    trade.do(name, use_case)
    settle(trade.world)
    assert trade.order.document["refused"] is None
    assert trade.order.state == {"place": "offered", "accept": "confirmed"}[step]


def test_step_is_taken_back_by_who_asked_and_later_by_any_party(trade: Trade) -> None:
    trade.draft().offered()
    trade.do("provider", orders.accept_order)
    act_id = open_act(trade.world).object_id
    with pytest.raises(AccessError):
        trade.do("bank", order_closing.withdraw_order_step)
    trade.world.now += SIGN_WITHIN + timedelta(seconds=1)
    trade.do("bank", order_closing.withdraw_order_step)
    assert (trade.order.state, trade.world.objects["act", act_id].state) == ("offered", "withdrawn")
    trade.confirmed()
    assert trade.order.state == "confirmed"
    with pytest.raises(ConflictError, match="No step waits"):
        trade.do("bank", order_closing.withdraw_order_step)


def test_suspended_body_neither_orders_nor_confirms_nor_signs(trade: Trade) -> None:
    trade.draft().offered()
    trade.do("provider", orders.accept_order)
    act = open_act(trade.world)
    suspend(trade.world, "provider")
    with acting(trade.world, "provider") as uow, pytest.raises(BodyNotAbleError):
        sign_as(uow, act, 0, "provider")
    trade.do("provider", order_closing.withdraw_order_step)
    with pytest.raises(BodyNotAbleError):
        trade.do("provider", orders.accept_order)
    with pytest.raises(BodyNotAbleError):
        trade.draft(order_id="order-000009")
    suspend(trade.world, "bank")
    with pytest.raises(BodyNotAbleError):
        trade.draft(order_id="order-000009")


def test_key_that_was_rotated_meanwhile_is_refused_by_name(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    trade.draft()
    trade.do("bank", orders.place_order)
    with trade.world.begin() as uow:
        body = uow.find("participant", CODES["bank"])
        assert body is not None
        new = PrivateKey(b"\x77" * 32)
        monkeypatch.setitem(product_world.KEYS, "fresh", new)
        fresh = {"address": "0x" + address("fresh").hex(), "purposes": ["business"], "state": "valid"}
        keys = [{**body.document["keys"][0], "state": "revoked"}, fresh]
        uow.change(body, act="rotate", document={**body.document, "keys": keys})
    act = open_act(trade.world)
    with acting(trade.world, "bank") as uow, pytest.raises(SignerKeyEndedError):
        sign_as(uow, act, 0, "bank")
    trade.do("bank", order_closing.withdraw_order_step)
    trade.do("bank", orders.place_order)
    monkeypatch.setitem(product_world.KEYS, "bank", new)
    settle(trade.world)
    assert trade.order.state == "offered"


def test_deadline_of_a_signature_that_is_over_is_refused_by_name(trade: Trade) -> None:
    trade.draft()
    trade.do("bank", orders.place_order)
    act_id = open_act(trade.world).object_id
    over = int(trade.world.now.timestamp()) - 1
    with acting(trade.world, "bank") as uow, pytest.raises(ActDeadlineError):
        sign_act(uow, act_id, place=0, key=address("bank"), deadline=over, signature=bytes(65))


def test_signature_over_another_version_of_the_order_is_refused(trade: Trade) -> None:
    trade.draft()
    trade.do("bank", orders.place_order)
    first = open_act(trade.world)
    trade.do("bank", order_closing.withdraw_order_step)
    trade.do("bank", orders.edit_order, trade.content(quantity=2_000))
    trade.do("bank", orders.place_order)
    second = open_act(trade.world)
    assert act_to_json(act_of(first)) != act_to_json(act_of(second))
    with acting(trade.world, "bank") as uow, pytest.raises(IllegalTransitionError):
        sign_as(uow, first, 0, "bank")
    mixed = replace(first, object_id=second.object_id)  # what was signed is the first, what it is sent for the second
    with acting(trade.world, "bank") as uow, pytest.raises(InvalidActSignatureError, match="another message"):
        sign_as(uow, mixed, 0, "bank")
    sign_open_act(trade.world)
