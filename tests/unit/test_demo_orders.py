"""No party of the story signs an order that it did not check: its voucher is what was ordered, and the act holds the digest computed from it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support import product_world, trade_steps
from support.demo_play import TODAY, PlayedCity, PlayedService
from support.demo_trade import KEYS, Trade

from api.trade_answers import order_value
from ledger.demo import dealings
from ledger.demo.agreement import check_order, confirm_order
from ledger.demo.offices import BANK, DATA_COMPANY, Papers
from ledger.domain.act_json import act_to_json
from ledger.domain.order import NEGOTIATION
from ledger.domain.order_life import SINGLE
from ledger.errors import ConflictError
from ledger.services import orders
from ledger.services.acts import act_of

ORDERED = dealings.order(Papers(TODAY), "P1", kind=SINGLE, origin=NEGOTIATION, reference="negotiation", calls=1_000)


class Altered:
    """A service that shows something else than what it has.

    Args:
        asked: what is answered otherwise, by its beginning.
        altered: gives the other answer.
    """

    def __init__(self, asked: str, **altered: Mapping[str, Any]) -> None:
        self.trade, self._asked, self._altered = Trade(), asked, altered

    def __call__(self, who: str, asked: str, sent: Any) -> Any:
        answer = self.trade(who, asked, sent)
        if not asked.startswith(self._asked):
            return answer
        return answer | {name: {**answer[name], **other} for name, other in self._altered.items() if answer[name]}


def place(service: Any, folder: Path) -> str:
    city = PlayedCity(PlayedService(service), folder, contracts={"Orders": bytes(20)})
    for office in (BANK, DATA_COMPANY):
        city.take_seat(office.name, office.code, KEYS[office.code])
    return confirm_order(city, "order", ORDERED)


def test_order_that_was_placed_is_signed_by_both(tmp_path: Path) -> None:
    trade = Trade()
    assert trade.things[place(trade, tmp_path)].state == "confirmed"


@pytest.mark.parametrize(
    "other",
    [
        {"contentDigest": "0x" + "09" * 32},
        {"orderId": "0x" + "09" * 32},
        {"priceRuleDigest": "0x" + "09" * 32},
        {"quantity": 2_000},
        {"productVersion": 2},
        {"validUntil": ORDERED["valid_until"] + 1},
        {"kind": 1},
    ],
    ids=lambda other: next(iter(other)),
)
def test_act_that_says_something_else_of_the_order_is_not_signed(tmp_path: Path, other: Mapping[str, Any]) -> None:
    service = Altered("GET /v1/acts/", message=other)
    with pytest.raises(ConflictError, match=f"computed {next(iter(other))} .* does not sign"):
        place(service, tmp_path)
    waiting = service.trade.things["orders-1"].waiting
    assert waiting is not None and not waiting.signed


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": 2_000},
        {"purpose": "another purpose"},
        {"origin": {"kind": NEGOTIATION, "reference": "another"}},
        {"consumer": {"code": DATA_COMPANY.code}},
        {"subject": {"product_code": "P2", "product_version": 1}},
        {"order_id": "orders-2"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_order_whose_voucher_is_not_what_was_ordered_is_not_signed(tmp_path: Path, other: Mapping[str, Any]) -> None:
    service = Altered("GET /v1/orders/", voucher=other)
    with pytest.raises(ConflictError, match=f"{BANK.name} is shown differs .*; it does not sign"):
        place(service, tmp_path)
    waiting = service.trade.things["orders-1"].waiting
    assert waiting is not None and not waiting.signed


def test_voucher_that_was_changed_where_nobody_stated_anything_has_another_digest(tmp_path: Path) -> None:
    service = Altered("GET /v1/orders/", voucher={"price": {"price_rule_digest": "05" * 32, "total_minor": 1}})
    with pytest.raises(ConflictError, match="computed contentDigest"):
        place(service, tmp_path)


def test_order_that_the_service_asks_to_sign_says_what_its_parties_compute(tmp_path: Path) -> None:
    world = product_world.a_world()
    trade = trade_steps.Trade(world).draft()
    trade.do("bank", orders.place_order)
    message = act_to_json(act_of(product_world.open_act(world)))
    answer = order_value(trade.order, product_world.actor("bank"))
    bank = PlayedCity(PlayedService(lambda *_: answer), tmp_path).take_seat("bank", product_world.CODES["bank"])

    parties = {"consumer": product_world.CODES["bank"], "provider": product_world.CODES["provider"]}
    computed = check_order(bank, trade.order_id, trade.content(), parties)
    assert computed == {name: message[name] for name in computed}
