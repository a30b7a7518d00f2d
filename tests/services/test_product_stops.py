"""What becomes of a product's step that the chain refuses or nobody signs: what must stop stays stopped, and nothing waits for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.fake_unit_of_work import OPERATOR, World
from support.product_steps import DEFECT, OWN, SIMPLE, Life
from support.product_world import (
    CODES,
    PLACE,
    a_world,
    acting,
    content,
    findings,
    open_act,
    settle,
    sign_as,
    sign_open_act,
)

from ledger.bundle.catalog_feed import verify_changes
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, MisuseError
from ledger.services import (
    product_freeze,
    product_listing,
    product_reviews,
    product_withdrawal,
    products,
    steps,
)
from ledger.services.acts import SIGN_DUTY
from ledger.services.product_chain import SIGN_WITHIN
from ledger.services.product_listing import Reason

DISPUTE = Reason("dispute", "投诉核查")


@pytest.fixture
def world() -> World:
    return a_world()


def shown(life: Life) -> str | None:
    """As what the catalog shows the product."""
    entry = life.world.catalog.get(life.code)
    return None if entry is None else str(entry["state"])


def freeze(world: World, life: Life) -> None:
    with acting(world, "regulator") as uow:
        product_freeze.freeze_product(uow, life.code, DISPUTE)


@pytest.mark.parametrize("stop", [product_listing.suspend_product, product_listing.delist_product])
def test_stop_of_a_platform_that_the_chain_refuses_gives_no_offer_back(world: World, stop: Any) -> None:
    life = Life(world).until("listed")
    reason = DEFECT if stop is product_listing.suspend_product else Reason("legal_order", "判决")
    life.do("trading", stop, reason)

    settle(world, refused="ProductRegistryWrongNonce")

    assert (life.state, shown(life)) == ("withheld", "suspended")
    assert life.stored.document["suspension"]["by"] == CODES["trading"]
    assert life.stored.document["refused"]["reason"] == "ProductRegistryWrongNonce"
    with pytest.raises(AccessError, match="withholds"):
        life.do("provider", product_listing.suspend_product, OWN)
    with pytest.raises(AccessError, match="body that suspended"):
        life.do("provider", product_listing.resume_product, "x")
    life.do("trading", product_listing.suspend_product, DEFECT)
    settle(world)
    assert (life.state, shown(life)) == ("suspended", "suspended")


def test_offer_that_stops_and_goes_on_is_no_newer_for_it(world: World) -> None:
    life = Life(world).until("listed")
    listed = world.catalog[life.code]
    assert listed["modified"] == listed["issued"] == life.stored.document["listed_at"]
    for step in (product_listing.suspend_product, product_withdrawal.withdraw_step):
        world.now += timedelta(days=1)
        life.do("provider", step, *((OWN,) if step is product_listing.suspend_product else ()))

    assert world.catalog[life.code] == listed
    assert [row["entry"]["state"] for row in world.feed] == ["listed", "suspended", "listed"]


def test_withheld_offer_that_the_chain_had_suspended_is_resumed(world: World) -> None:
    life = Life(world).until("listed")
    life.do("trading", product_listing.suspend_product, DEFECT)
    settle(world, refused="ProductRegistryWrongStatus")

    life.do("trading", product_listing.resume_product, "已修复")
    assert shown(life) == "suspended"
    settle(world)

    assert (life.state, shown(life)) == ("listed", "listed")


def test_delisting_of_a_withheld_offer_leaves_it_to_who_withholds_it(world: World) -> None:
    life = Life(world).until("listed")
    life.do("trading", product_listing.suspend_product, DEFECT)
    settle(world, refused="x")
    life.do("provider", product_listing.delist_product, OWN)
    life.do("provider", product_withdrawal.withdraw_step)

    assert (life.state, shown(life)) == ("withheld", "suspended")
    assert life.stored.document["suspension"]["by"] == CODES["trading"]


def test_refused_freeze_keeps_the_offer_down_until_the_regulator_decides(world: World) -> None:
    life = Life(world).until("listed")
    freeze(world, life)

    settle(world, refused="ProductRegistryFreezeUnchanged")

    assert (life.product.state, shown(life)) == ("withheld", "frozen")
    assert life.product.document["refused"]["reason"] == "ProductRegistryFreezeUnchanged"
    with acting(world, "regulator") as uow:
        product_freeze.thaw_product(uow, life.code, "核查结束")
    settle(world)
    assert (life.product.state, shown(life)) == ("active", "listed")


@pytest.mark.parametrize("decide", ["complete", "refuse"])
@pytest.mark.parametrize("step", ["suspend", "freeze"])
def test_act_that_a_product_does_not_wait_for_decides_nothing(world: World, decide: str, step: str) -> None:
    life = Life(world).until("listed")
    if step == "suspend":
        life.do("trading", product_listing.suspend_product, DEFECT)
    else:
        freeze(world, life)
    act = sign_open_act(world)
    holder = life.stored if step == "suspend" else life.product
    with world.begin(OPERATOR) as uow:  # a row that another step has written meanwhile
        waiting = {**holder.document["waiting"], "act_id": "0" * 40}
        uow.change(holder, act="forged", document={**holder.document, "waiting": waiting})
    before = (life.state, life.product.state, shown(life))

    call, arguments = (steps.complete, PLACE) if decide == "complete" else (steps.refuse, {"reason": "x"})
    with world.begin(OPERATOR) as uow, pytest.raises(MisuseError, match="does not wait"):
        call(uow, act.object_id, **arguments)  # type: ignore[operator]

    assert (life.state, life.product.state, shown(life)) == before


def test_step_is_taken_back_by_who_asked_for_it(world: World) -> None:
    life = Life(world)
    life.do("provider", products.register_product, SIMPLE)
    act = open_act(world)
    assert life.stored.document["waiting"]["by"] == CODES["provider"]
    with pytest.raises(AccessError, match="time to be signed"):
        life.do("trading", product_withdrawal.withdraw_step)

    life.do("provider", product_withdrawal.withdraw_step)

    assert (life.state, life.stored.document["waiting"]) == ("draft", None)
    assert life.stored.parties == (CODES["provider"],), "a draft is its provider's alone"
    assert world.objects["act", act.object_id].state == "withdrawn"
    assert world.deadlines["act", act.object_id, SIGN_DUTY].met_at is not None
    life.do("provider", products.register_product, SIMPLE)
    assert life.state == "registering", "the same act is asked for anew"


def test_product_is_its_providers_alone_after_a_registration_that_came_to_nothing(world: World) -> None:
    life = Life(world)
    for refused in (True, False):
        life.do("provider", products.register_product, SIMPLE)
        assert life.product.parties == (CODES["provider"], CODES["trading"])
        if refused:
            settle(world, refused="ProductRegistryWrongVersion")
        else:
            life.do("provider", product_withdrawal.withdraw_step)
        assert (life.state, life.product.parties) == ("draft", (CODES["provider"],))

    life.do("provider", products.register_product, products.Reviewers(CODES["other_trading"]))
    settle(world)
    assert life.product.parties == (CODES["provider"], CODES["other_trading"])


def test_second_registration_that_came_to_nothing_leaves_the_reviewers_of_the_first(world: World) -> None:
    life = Life(world).until("registered")
    with acting(world, "provider") as uow:
        products.new_version(uow, life.code, b"\x07" * 32, None)
    life.version = 2
    life.do("provider", products.register_product, products.Reviewers(CODES["other_trading"]))
    settle(world, refused="ProductRegistryWrongVersion")

    assert life.product.parties == (CODES["provider"], CODES["trading"])


def test_step_that_nobody_signed_in_time_is_taken_back_by_any_party(world: World) -> None:
    life = Life(world, public=True).until("first_reviewed")
    life.do("authorisation", product_reviews.pass_final_review, findings(), account="2")
    act = open_act(world)
    assert world.deadlines["act", act.object_id, SIGN_DUTY].due_at == world.now + SIGN_WITHIN
    world.now += SIGN_WITHIN + timedelta(seconds=1)

    life.do("provider", product_withdrawal.withdraw_step)

    assert life.state == "first_reviewed"


def test_all_signatures_in_time_meet_the_duty_and_end_the_way_back(world: World) -> None:
    life = Life(world)
    life.do("provider", products.register_product, SIMPLE)
    act = sign_open_act(world)

    assert world.deadlines["act", act.object_id, SIGN_DUTY].met_at == world.now
    with pytest.raises(ConflictError, match="all its signatures"):
        life.do("provider", product_withdrawal.withdraw_step)
    settle_signed(world, act.object_id)
    with pytest.raises(ConflictError, match="No step"):
        life.do("provider", product_withdrawal.withdraw_step)


@pytest.mark.parametrize("stop", [product_listing.suspend_product, product_listing.delist_product])
def test_own_stop_that_is_taken_back_gives_the_offer_back(world: World, stop: Any) -> None:
    life = Life(world).until("listed")
    life.do("provider", stop, OWN)

    life.do("provider", product_withdrawal.withdraw_step)

    assert (life.state, shown(life)) == ("listed", "listed")
    assert (life.stored.document["suspension"], life.stored.document["delisting"]) == (None, None)


def test_stop_that_another_takes_back_when_it_is_overdue_gives_no_offer_back(world: World) -> None:
    life = Life(world).until("listed")
    life.do("trading", product_listing.suspend_product, DEFECT)
    world.now += SIGN_WITHIN + timedelta(seconds=1)

    life.do("provider", product_withdrawal.withdraw_step)

    assert (life.state, shown(life)) == ("withheld", "suspended")


def test_stop_without_anybodys_decision_gives_no_offer_back(world: World) -> None:
    life = Life(world).until("listed")
    _suspend_provider(world)
    life.stop()

    life.do("trading", product_withdrawal.withdraw_step)

    assert (life.state, shown(life)) == ("withheld", "suspended")


def test_end_of_a_qualification_stops_the_offers_and_gives_none_back(world: World) -> None:
    life = Life(world).until("listed")
    assert life.stop() is None, "it is qualified"
    world.now = datetime.fromtimestamp(2_000_000_001, UTC)

    stopped = life.stop()

    assert (stopped is not None, life.state, life.stop()) == (True, "suspending", None)
    assert life.stored.document["suspension"]["trigger"] == "qualification_expired"
    life.do("trading", product_withdrawal.withdraw_step)
    assert (life.state, shown(life)) == ("withheld", "suspended")


def test_stop_taken_back_for_a_provider_that_is_suspended_gives_no_offer_back(world: World) -> None:
    life = Life(world).until("listed")
    life.do("trading", product_listing.suspend_product, DEFECT)
    _suspend_provider(world)

    life.do("trading", product_withdrawal.withdraw_step)

    assert (life.state, shown(life)) == ("withheld", "suspended")


def test_listing_that_the_chain_holds_after_its_provider_was_suspended_is_withheld(world: World) -> None:
    life = Life(world).until("reviewed")
    life.do("provider", product_listing.list_product)
    act = sign_open_act(world)
    _suspend_provider(world)

    settle_signed(world, act.object_id)

    assert (life.state, shown(life)) == ("withheld", "suspended")
    assert life.stored.document["suspension"]["trigger"] == "provider_suspended"


def test_freeze_that_waits_for_its_signature_is_taken_back_by_a_regulator(world: World) -> None:
    life = Life(world).until("listed")
    with acting(world, "regulator") as uow, pytest.raises(ConflictError, match="No step"):
        product_freeze.withdraw_freeze_step(uow, life.code)
    freeze(world, life)
    with acting(world, "provider") as uow, pytest.raises(AccessError):
        product_freeze.withdraw_freeze_step(uow, life.code)

    with acting(world, "regulator") as uow:
        product_freeze.withdraw_freeze_step(uow, life.code)

    assert (life.product.state, shown(life)) == ("active", "listed")
    freeze(world, life)
    settle(world)
    with pytest.raises(IllegalTransitionError), acting(world, "regulator") as uow:
        product_freeze.freeze_product(uow, life.code, DISPUTE)


def test_signature_that_lapsed_before_the_others_came_is_named_and_asked_for_anew(world: World) -> None:
    life = Life(world, public=True).until("first_reviewed")
    life.do("authorisation", product_reviews.pass_final_review, findings(), account="2")
    with acting(world, "trading") as uow:
        sign_as(uow, open_act(world), 0, "trading")
    world.now += timedelta(days=1)

    with acting(world, "authorisation") as uow:
        act = sign_as(uow, open_act(world), 1, "authorisation")

    assert (act.state, sorted(act.document["signatures"])) == ("open", ["1"])
    assert world.events[-1][1]["lapsed"] == [0]
    with acting(world, "trading") as uow:
        assert sign_as(uow, open_act(world), 0, "trading").state == "calling"
    assert "lapsed" not in world.events[-1][1]


def test_events_name_every_change_of_the_catalogs_feed(world: World) -> None:
    life = Life(world, public=True).until("listed")
    life.do("provider", product_listing.suspend_product, OWN)
    settle(world)
    life.do("provider", product_listing.resume_product, "x")
    settle(world)
    freeze(world, life)
    with acting(world, "regulator") as uow:
        product_freeze.withdraw_freeze_step(uow, life.code)
    with acting(world, "provider") as uow:
        products.new_version(uow, life.code, b"\x06" * 32, content(title="第二版"))
    life.do("provider", product_listing.delist_product, OWN)
    life.do("provider", product_withdrawal.withdraw_step)
    life.do("provider", product_listing.delist_product, OWN)
    settle(world)

    end = verify_changes(world.feed)
    named = {data["feed_sequence"]: data["feed_chain_digest"] for _, data, _ in world.events if "feed_sequence" in data}
    assert named == {row["sequence"]: row["chain_digest"] for row in world.feed}
    assert (end.sequence, end.chain_digest.hex()) == max(named.items())
    assert world.feed[-1]["change"] == "removed"


def settle_signed(world: World, act_id: str) -> None:
    with world.begin(OPERATOR) as uow:
        steps.complete(uow, act_id, **PLACE)  # type: ignore[arg-type]


def _suspend_provider(world: World) -> None:
    with world.begin() as uow:
        body = uow.find("participant", CODES["provider"])
        assert body is not None
        uow.change(body, act="confirm_suspension", state="suspended")
