"""The counts that acts on products name, when a body relays acts of its own: followed on the chain, not only counted here."""

from typing import Any

import pytest
from support.fake_unit_of_work import World
from support.product_steps import DEFECT, Life
from support.product_world import PLACE, a_world, acting, open_act, settle

from ledger.domain.chain_counts import FollowedChange
from ledger.services import product_freeze, product_listing
from ledger.services.product_listing import Reason
from ledger.services.product_objects import chain_id_of

FIRST: Any = PLACE["block_number"]
OUTDATED = 'ProductRegistryWrongNonce {"expected":"3","nonce":"1"}'


@pytest.fixture
def world() -> World:
    return a_world()


def follow(life: Life, *events: str, to: int, registered: bool = True) -> None:
    """What the follower recorded: the registration in the block of ``PLACE``, then these events, one a block."""
    product = "0x" + chain_id_of(life.product).hex()
    names = (("ProductRegistered",) if registered else ()) + events
    life.world.followed = [
        (
            "ProductRegistry",
            FollowedChange(
                name,
                "product" if "Freeze" in name else "product_version",
                product if "Freeze" in name else f"{product}/1",
                FIRST + number,
                0,
                {},
            ),
        )
        for number, name in enumerate(names)
    ]
    life.world.followed_to = to


def nonce(world: World) -> Any:
    return open_act(world).document["message"]["nonce"]


def test_act_names_what_a_body_relayed_by_itself_too(world: World) -> None:
    life = Life(world).until("listed")
    follow(life, *["ProductStatusChanged"] * 3, to=FIRST + 3)

    life.do("trading", product_listing.suspend_product, DEFECT)

    assert nonce(world) == 3
    settle(world)
    assert (life.stored.document["chain_revision"], life.stored.document["chain_block"]) == (4, FIRST)


def test_refusal_for_an_old_count_says_so_and_the_next_one_is_right(world: World) -> None:
    life = Life(world).until("listed")
    life.do("trading", product_listing.suspend_product, DEFECT)
    assert nonce(world) == 1
    follow(life, *["ProductStatusChanged"] * 3, to=FIRST + 3)

    settle(world, refused=OUTDATED)

    assert life.stored.document["refused"]["is_outdated"] is True
    life.do("trading", product_listing.suspend_product, DEFECT)
    assert nonce(world) == 3
    settle(world, refused="ProductRegistryWrongStatus {}")
    assert life.stored.document["refused"]["is_outdated"] is False


@pytest.mark.parametrize(
    ("to", "registered"),
    [(FIRST - 1, True), (FIRST + 9, False)],
    ids=["follower is behind", "its beginning is unknown"],
)
def test_own_count_holds_where_the_chain_is_not_followed_so_far(world: World, to: int, *, registered: bool) -> None:
    life = Life(world).until("listed")
    follow(life, to=to, registered=registered)

    life.do("trading", product_listing.suspend_product, DEFECT)

    assert nonce(world) == 1


def test_freeze_names_what_a_regulator_relayed_by_itself_too(world: World) -> None:
    life = Life(world).until("listed")
    follow(life, "ProductFreezeChanged", "ProductStatusChanged", "ProductFreezeChanged", to=FIRST + 3)

    with acting(world, "regulator") as uow:
        product_freeze.freeze_product(uow, life.code, Reason("dispute", "核查"))
    assert nonce(world) == 2
    settle(world)

    assert (life.product.document["freeze_revision"], life.product.document["freeze_block"]) == (3, FIRST)
