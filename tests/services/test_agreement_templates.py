"""An agreement against the bans of its contract template, whichever way its policy came about."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from support.negotiation_world import Play
from support.product_world import a_world
from support.trade_steps import Trade

from ledger.domain.agreement import TemplateBanError
from ledger.domain.negotiation.life import Act, Side

USE = {"permission": [{"action": "use"}]}


@pytest.fixture(scope="module")
def listed() -> Trade:
    """Made once; every test goes on from a copy."""
    return Trade(a_world())


@pytest.fixture
def trade(listed: Trade) -> Trade:
    return copy.deepcopy(listed)


def state_policy(trade: Trade, *forbidden: str, **members: Any) -> None:
    """The product's version permits all use but this."""
    key = ("product_version", f"{trade.life.code}/1")
    stored = trade.world.objects[key]
    bans = [{"action": action} for action in forbidden]
    policy = {"@type": "Offer", **USE, "prohibition": bans} | members
    content = {**stored.document["content"], "policy": policy}
    trade.world.objects[key] = replace(stored, document={**stored.document, "content": content})


def refused(trade: Trade, make: Any, action: str, place: str) -> None:
    before = copy.deepcopy(trade.world)
    with pytest.raises(TemplateBanError) as raised:
        make()
    assert raised.value.detail.startswith(f"permission[0] permits {action}, which the contract template ")
    assert f"({place} there)" in raised.value.detail
    assert raised.value.facts["places"][0] == "permission[0]"
    assert trade.world == before


@pytest.mark.parametrize(
    ("forbidden", "action", "place"),
    [(["distribute"], "grantUse", "prohibition[1]"), (["grantUse"], "distribute", "prohibition[0]")],
)
def test_order_of_a_product_that_permits_what_the_template_forbids_has_no_agreement(
    trade: Trade, forbidden: list[str], action: str, place: str
) -> None:
    trade.draft().offered().confirmed()
    state_policy(trade, *forbidden)
    refused(trade, trade.generated, action, place)
    state_policy(trade, "distribute", "grantUse")
    assert trade.generated().agreement.state == "generated"


def test_ban_of_the_template_that_holds_somewhere_only_is_not_enough(trade: Trade) -> None:
    somewhere = {
        "action": "grantUse",
        "constraint": [{"leftOperand": "region", "operator": "eq", "rightOperand": "CN"}],
    }
    state_policy(trade, prohibition=[{"action": "distribute"}, somewhere])
    refused(trade, trade.framework, "grantUse", "prohibition[1]")
    state_policy(trade, prohibition=[{"action": "distribute"}, somewhere, {"action": "grantUse"}])
    assert trade.framework().agreement.state == "generated"


def test_negotiation_permits_nothing_that_the_template_forbids(trade: Trade) -> None:
    play = Play(trade.world, Side.PROVIDER, trade.life.code)
    play.act("request")
    play.issue(Act.OFFER, USE)
    play.arrive()
    for act in ("accept", "agree", "verify", "finalize"):
        play.act(act)
    refused(trade, lambda: trade.framework(negotiation_id=play.pid), "grantUse", "prohibition[1]")
