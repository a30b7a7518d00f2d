"""Whoever's credit file says "no new orders" is refused in every use case that leads to an order, and is able again when that is lifted."""

import ast
import copy
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, Final

import pytest
from support.authorisation_world import Bank
from support.contract_steps import create, negotiate, strategy
from support.negotiation_plays import a_play
from support.product_world import CODES, DIGEST, a_world, acting
from support.trade_ends import put_keys_on_file
from support.trade_steps import Trade, new_agreement

import ledger.services
from ledger.domain.credit import NO_NEW_ORDERS, CreditFile, Violation
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.records import to_json
from ledger.services import agreements, orders
from ledger.services.bodies import BodyNotAbleError

GRAVE = Violation(1, "scope_exceeded", "grave", "rule 7", DIGEST, "account-1", "2026-11-01T00:00:00Z")
LIMITED: Final = to_json(CreditFile(violations=(GRAVE, replace(GRAVE, number=2))))
LIFTED: Final = to_json(CreditFile(violations=(GRAVE, replace(GRAVE, number=2, state="lifted"))))

Call = Callable[[], object]


@pytest.fixture(scope="module")
def listed() -> Trade:
    """Made once; every test goes on from a copy."""
    trade = Trade(a_world())
    put_keys_on_file(trade)
    return trade


def application(_trade: Trade) -> tuple[Any, Call]:
    bank = Bank()
    return bank.world, bank.submit


def order(trade: Trade) -> tuple[Any, Call]:
    return trade.world, trade.draft


def edit(trade: Trade) -> tuple[Any, Call]:
    trade.draft()
    return trade.world, lambda: trade.do("bank", orders.edit_order, trade.content(quantity=7))


def placing(trade: Trade) -> tuple[Any, Call]:
    trade.draft()
    return trade.world, lambda: trade.do("bank", orders.place_order)


def confirmation(trade: Trade) -> tuple[Any, Call]:
    trade.draft().offered()
    return trade.world, lambda: trade.do("provider", orders.accept_order)


def framework(trade: Trade) -> tuple[Any, Call]:
    def call() -> object:
        with acting(trade.world, "bank") as uow:
            return agreements.generate_framework(uow, trade.life.code, 1, CODES["bank"], new_agreement())

    return trade.world, call


def request(_trade: Trade) -> tuple[Any, Call]:
    play = a_play(Side.CONSUMER)
    return play.world, lambda: (setattr(play, "pid", ""), play.issue(Act.REQUEST))


def offer(_trade: Trade) -> tuple[Any, Call]:
    play = a_play(Side.PROVIDER)
    return play.world, lambda: (setattr(play, "pid", ""), play.issue(Act.OFFER))


def contract(trade: Trade) -> tuple[Any, Call]:
    return trade.world, lambda: create(trade)


def proposal(trade: Trade) -> tuple[Any, Call]:
    contract_id = create(trade).object_id
    return trade.world, lambda: negotiate(trade, "bank", contract_id, strategy(trade))


CASES: Final[list[tuple[Callable[[Trade], tuple[Any, Call]], str]]] = [
    (application, "bank"),
    (order, "bank"),
    (edit, "bank"),
    (placing, "bank"),
    (confirmation, "provider"),
    (framework, "bank"),
    (framework, "provider"),
    (request, "bank"),
    (offer, "provider"),
    (contract, "bank"),
    (proposal, "bank"),
]


def give_credit(world: Any, name: str, credit: Any) -> None:
    with world.begin() as uow:
        stored = uow.find("participant", CODES[name])
        uow.change(stored, act="test", document={**stored.document, "credit": credit})


@pytest.mark.parametrize(("step", "limited"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_body_of_limited_credit_begins_nothing_that_leads_to_an_order(
    listed: Trade, step: Callable[[Trade], tuple[Any, Call]], limited: str
) -> None:
    world, call = step(copy.deepcopy(listed))
    give_credit(world, limited, LIMITED)
    before, told = copy.deepcopy(world.objects), len(world.events)

    with pytest.raises(BodyNotAbleError, match=NO_NEW_ORDERS):
        call()
    assert (world.objects, len(world.events)) == (before, told)

    give_credit(world, limited, LIFTED)
    call()


def test_what_stands_already_is_carried_out(listed: Trade) -> None:
    trade = copy.deepcopy(listed).draft().offered().confirmed()
    for name in ("bank", "provider"):
        give_credit(trade.world, name, LIMITED)
    assert trade.generated().signed().agreement.state == "signed"


ASKING: Final = {
    "agreements.generate_framework",
    "applications.submit_application",
    "contract_drafts._round",
    "contract_drafts.create_contract",
    "demands.bid_for_demand",
    "demands.publish_demand",
    "demands.select_bid",
    "negotiation_openings.check_pair",
    "orders._consumer",
    "orders.accept_order",
}
"""Where the limit is asked: each has its case above, those of demands in ``test_standing_binds``."""


def test_every_place_that_asks_has_a_case() -> None:
    found = set()
    for module in pkgutil.iter_modules(ledger.services.__path__):
        source = inspect.getsource(import_module(f"ledger.services.{module.name}"))
        for function in (one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)):
            said = ast.unparse(function)
            if "ordering_body(" in said or "require_unlimited(NO_NEW_ORDERS)" in said:
                found.add(f"{module.name}.{function.name}")
    assert found - {"bodies.ordering_body"} == ASKING
