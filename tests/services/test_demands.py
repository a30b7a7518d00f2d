"""The demand hall on the unit of work in memory: the whole way, and everything that is refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from support.demand_world import CONTACT, DEMAND_ID, demand
from support.fake_unit_of_work import World
from support.product_steps import Life
from support.product_world import CODES, a_world, acting

from ledger.domain.demand import InvalidDemandError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, NotFoundError
from ledger.services import demands, product_listing
from ledger.services.bodies import BodyNotAbleError
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.demand_matching import (
    MATCHINGS_MAX,
    MATCHINGS_WITHIN,
    SEARCHES_MAX,
    find_matches,
    look_for_matches,
    match_demand,
)
from ledger.services.demands import Bid, Contact
from ledger.services.product_listing import Reason

BID = Bid("按次调用, 首月免费试用", "CNY", 500_000)


@pytest.fixture
def world() -> World:
    return a_world()


def do(world: World, name: str, use_case: Callable[..., StoredObject], *arguments: Any) -> StoredObject:
    with acting(world, name) as uow:
        return use_case(uow, DEMAND_ID, *arguments)


def publish(world: World, **members: Any) -> StoredObject:
    return do(world, "bank", demands.publish_demand, demand(**members), CONTACT)


def events(world: World) -> list[str]:
    return [kind.split(".")[3] for kind, _, _ in world.events if ".demand." in kind]


def match(uow: UnitOfWork, demand_id: str) -> StoredObject:
    """Looks for offers and keeps them, as two steps one after the other."""
    stored = uow.peek("demand", demand_id)
    found = None if stored is None else find_matches(uow, stored, uow.now)
    return match_demand(uow, demand_id, found)


STEP: dict[str, Callable[..., StoredObject]] = {"match": match} | {
    name: getattr(demands, name)
    for name in ("bid_for_demand", "select_bid", "follow_up_demand", "close_demand", "withdraw_demand")
}
STEPS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("bank", "match", ()),
    ("provider", "bid_for_demand", (BID,)),
    ("stranger", "bid_for_demand", (BID,)),
    ("bank", "select_bid", (CODES["provider"],)),
    ("provider", "follow_up_demand", ("接口已联调",)),
    ("bank", "follow_up_demand", ("测试通过",)),
    ("bank", "close_demand", (5, "符合需求")),
)


def test_demand_goes_from_publication_to_feedback(world: World) -> None:
    life = Life(world).until("listed")
    publish(world)
    for name, step, arguments in STEPS:
        do(world, name, STEP[step], *arguments)

    stored = world.objects["demand", DEMAND_ID]
    assert stored.state == "closed"
    assert stored.document["matches"][0]["product_code"] == life.code
    assert stored.document["matches"][0]["score"] == 100
    assert {reason["reason"] for reason in stored.document["matches"][0]["reasons"]} >= {"topic", "words", "budget"}
    assert [note["by"] for note in stored.document["follow_ups"]] == [CODES["provider"], CODES["bank"]]
    assert events(world) == [
        *("published", "matched", "bid_received", "bid_received", "bid_selected", "followed_up", "followed_up"),
        "closed",
    ]


def test_match_is_pushed_to_the_provider_once_and_renewed(world: World) -> None:
    life = Life(world).until("listed")
    publish(world)
    do(world, "bank", match)
    do(world, "bank", match)

    [notice] = [stored for (kind, _), stored in world.objects.items() if kind == "demand_notice"]
    assert (notice.parties, notice.revision) == ((CODES["provider"],), 2)
    assert notice.document["matches"][0]["product_code"] == life.code
    assert world.events[-1][1]["told"] == [CODES["provider"]]


def test_own_offers_and_stopped_ones_are_no_match(world: World) -> None:
    life = Life(world).until("listed")
    with acting(world, "provider", roles=("provider", "consumer")) as uow:
        demands.publish_demand(uow, "dem-own", demand(), CONTACT)
        assert match(uow, "dem-own").document["matches"] == []
    life.do("trading", product_listing.suspend_product, Reason("complaint", "x"))
    publish(world)

    assert do(world, "bank", match).document["matches"] == []


def test_matching_again_is_bounded_for_a_day(world: World) -> None:
    Life(world).until("listed")
    publish(world)
    for _ in range(MATCHINGS_MAX):
        do(world, "bank", match)

    with pytest.raises(ConflictError, match="24 hours"):
        do(world, "bank", match)
    with acting(world, "bank") as uow:
        assert find_matches(uow, uow.get("demand", DEMAND_ID), uow.now) is None, "not even looked for"
    world.now += MATCHINGS_WITHIN
    assert len(do(world, "bank", match).document["matchings"]) == 1


def test_one_matching_searches_so_often_only(world: World) -> None:
    items = [{"name": f"许可 {number}", "fields": ["状态"]} for number in range(50)]
    publish(world, items=items)
    searches: list[str] = []

    class Catalog:
        def offers(self, *, choices: Any, text: str, limit: int) -> list[Any]:
            searches.append(text)
            return []

    found = find_matches(Catalog(), world.objects["demand", DEMAND_ID], world.now)

    assert (found, len(searches)) == ((), SEARCHES_MAX)


def test_matches_that_were_found_before_a_bid_came_are_not_kept(world: World) -> None:
    Life(world).until("listed")
    stored = publish(world)
    with acting(world, "bank") as uow:
        found = find_matches(uow, stored, uow.now)
    do(world, "provider", demands.bid_for_demand, BID)

    with pytest.raises(IllegalTransitionError), acting(world, "bank") as uow:
        match_demand(uow, DEMAND_ID, found)


def test_body_has_so_many_open_demands_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demands, "OPEN_DEMANDS_MAX", 2)
    publish(world)
    with acting(world, "bank") as uow:
        demands.publish_demand(uow, "dem-2", demand(), CONTACT)
        with pytest.raises(ConflictError, match="open demands"):
            demands.publish_demand(uow, "dem-3", demand(), CONTACT)
    do(world, "bank", demands.withdraw_demand)
    with acting(world, "bank") as uow:
        assert demands.publish_demand(uow, "dem-3", demand(), CONTACT).state == "published"


def test_bids_of_a_withdrawn_demand_are_closed(world: World) -> None:
    publish(world)
    for name in ("provider", "stranger"):
        do(world, name, demands.bid_for_demand, BID)

    do(world, "bank", demands.withdraw_demand)

    assert [stored.state for (kind, _), stored in world.objects.items() if kind == "bid"] == ["closed", "closed"]


def test_contact_is_sealed_and_in_no_event(world: World) -> None:
    stored = publish(world)

    assert "王某" not in str(stored.document) and "王某" not in str(world.events)
    with acting(world, "bank") as uow:
        assert uow.private(stored)["name"] == "王某"


def test_selected_bidder_becomes_a_party_and_the_others_are_passed_over(world: World) -> None:
    publish(world)
    for name, step, arguments in STEPS[:4]:
        do(world, name, STEP[step], *arguments)

    with acting(world, "provider") as uow:
        assert uow.get("demand", DEMAND_ID).state == "selected"
    with acting(world, "stranger") as uow, pytest.raises(NotFoundError):
        uow.get("demand", DEMAND_ID)
    states = {name.rpartition("/")[2]: stored.state for (kind, name), stored in world.objects.items() if kind == "bid"}
    assert states == {CODES["provider"]: "selected", CODES["stranger"]: "passed_over"}


def test_bid_with_a_product_names_one_of_its_own_on_sale(world: World) -> None:
    life = Life(world).until("reviewed")
    publish(world)
    offered = Bid("按次调用", "CNY", 1, life.code, 1)
    for name in ("provider", "stranger"):
        with pytest.raises(InvalidDemandError, match="on sale"):
            do(world, name, demands.bid_for_demand, offered)
    life.list()
    with pytest.raises(InvalidDemandError, match="on sale"):
        do(world, "stranger", demands.bid_for_demand, offered)

    assert do(world, "provider", demands.bid_for_demand, offered).document["product_code"] == life.code


# steps done before, who, step, arguments, error, part of the message
REFUSED: dict[str, tuple[int, str, str, tuple[Any, ...], type[Exception], str]] = {
    "matching after a bid": (2, "bank", "match", (), IllegalTransitionError, "Allowed now"),
    "matching another's": (0, "provider", "match", (), NotFoundError, "no such"),
    "bidding for one's own": (0, "bank", "bid_for_demand", (BID,), AccessError, "as provider"),
    "bidding twice": (2, "provider", "bid_for_demand", (BID,), ConflictError, "already a bid"),
    "bidding without a text": (0, "provider", "bid_for_demand", (Bid(" ", "CNY", 1),), InvalidDemandError, "text"),
    "bidding a negative": (0, "provider", "bid_for_demand", (Bid("x", "CNY", -1),), InvalidDemandError, "amount"),
    "bidding half a product": (
        0,
        "provider",
        "bid_for_demand",
        (Bid("x", "CNY", 1, "6"),),
        InvalidDemandError,
        "together",
    ),
    "bidding after selection": (4, "stranger", "bid_for_demand", (BID,), NotFoundError, "no such"),
    "bidding as selected": (4, "provider", "bid_for_demand", (BID,), IllegalTransitionError, "Allowed now"),
    "selecting without bids": (0, "bank", "select_bid", (CODES["provider"],), IllegalTransitionError, "Allowed now"),
    "selecting who did not bid": (2, "bank", "select_bid", (CODES["stranger"],), NotFoundError, "no bid"),
    "selecting for others": (2, "provider", "select_bid", (CODES["provider"],), NotFoundError, "no such"),
    "following up unselected": (3, "bank", "follow_up_demand", ("x",), IllegalTransitionError, "Allowed now"),
    "following up as passed over": (4, "stranger", "follow_up_demand", ("x",), NotFoundError, "no such"),
    "following up without a text": (4, "bank", "follow_up_demand", ("",), InvalidDemandError, "text"),
    "closing at once": (4, "bank", "close_demand", (5, "x"), IllegalTransitionError, "Allowed now"),
    "closing as the bidder": (5, "provider", "close_demand", (5, "x"), AccessError, "owner"),
    "closing without a rating": (5, "bank", "close_demand", (0, "x"), InvalidDemandError, "rating"),
    "withdrawing what is selected": (4, "bank", "withdraw_demand", (), IllegalTransitionError, "Allowed now"),
    "withdrawing another's": (0, "provider", "withdraw_demand", (), NotFoundError, "no such"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_step_that_may_not_be_is_refused_and_changes_nothing(world: World, name: str) -> None:
    steps, who, step, arguments, error, message = REFUSED[name]
    publish(world)
    for by, done, given in STEPS[:steps]:
        do(world, by, STEP[done], *given)
    before = {key: stored.revision for key, stored in world.objects.items()}, len(world.events)

    with pytest.raises(error, match=message):
        do(world, who, STEP[step], *arguments)

    assert ({key: stored.revision for key, stored in world.objects.items()}, len(world.events)) == before


def test_own_demand_takes_no_bid_of_ones_own(world: World) -> None:
    with acting(world, "stranger") as uow:
        demands.publish_demand(uow, DEMAND_ID, demand(), CONTACT)
    with pytest.raises(ConflictError, match="its own"):
        do(world, "stranger", demands.bid_for_demand, BID)


@pytest.mark.parametrize(
    ("members", "contact"),
    [({"deadline": "2026-11-01"}, CONTACT), ({}, Contact("", "1", "x")), ({}, Contact("x", "1", "x" * 257))],
)
def test_demand_that_is_late_or_has_no_contact_is_refused(
    world: World, members: dict[str, Any], contact: Contact
) -> None:
    with pytest.raises(InvalidDemandError):
        do(world, "bank", demands.publish_demand, demand(**members), contact)


def test_bid_after_the_deadline_is_refused(world: World) -> None:
    publish(world, deadline="2026-11-02")
    world.now = world.now.replace(day=3)

    with pytest.raises(ConflictError, match="deadline"):
        do(world, "provider", demands.bid_for_demand, BID)


def test_last_day_for_bids_is_a_deadline_until_a_bid_is_selected_or_the_demand_withdrawn(world: World) -> None:
    term = ("demand", DEMAND_ID, demands.BIDS_TERM)
    publish(world, deadline="2027-03-31")
    assert world.deadlines[term].due_at == datetime(2027, 3, 31, 16, tzinfo=UTC), "24:00 in Shanghai"
    do(world, "provider", demands.bid_for_demand, BID)
    assert world.deadlines[term].met_at is None
    do(world, "bank", demands.select_bid, CODES["provider"])
    assert world.deadlines[term].met_at is not None

    with acting(world, "bank") as uow:
        demands.publish_demand(uow, "dem-other", demand(), CONTACT)
        demands.withdraw_demand(uow, "dem-other")
    assert world.deadlines["demand", "dem-other", demands.BIDS_TERM].met_at is not None


def test_demand_is_not_matched_after_its_deadline_and_is_withdrawn_still(world: World) -> None:
    Life(world).until("listed")
    stored = publish(world, deadline="2026-11-02")
    world.now = world.now.replace(day=3)

    with acting(world, "bank") as uow:
        assert find_matches(uow, stored, uow.now) is None, "not even looked for"
    with pytest.raises(ConflictError, match="deadline"):
        do(world, "bank", match)
    assert [kind for kind, _ in world.objects if kind == "demand_notice"] == []
    assert do(world, "bank", demands.withdraw_demand).state == "withdrawn"


def test_platform_publishes_no_demand(world: World) -> None:
    with pytest.raises(AccessError):
        do(world, "trading", demands.publish_demand, demand(), CONTACT)


def test_withdrawn_demand_is_over(world: World) -> None:
    publish(world)

    assert do(world, "bank", demands.withdraw_demand).state == "withdrawn"
    with pytest.raises(NotFoundError):
        do(world, "provider", demands.bid_for_demand, BID)


def suspend(world: World, name: str) -> None:
    with world.begin() as uow:
        body = uow.get("participant", CODES[name])
        uow.change(body, act="suspend", state="suspended")


def test_contact_goes_to_no_suspended_bidder(world: World) -> None:
    publish(world)
    do(world, "provider", demands.bid_for_demand, BID)
    suspend(world, "provider")

    with pytest.raises(BodyNotAbleError):
        do(world, "bank", demands.select_bid, CODES["provider"])
    assert world.objects["demand", DEMAND_ID].parties == (CODES["bank"],)


def test_bid_goes_to_no_suspended_owner(world: World) -> None:
    publish(world)
    suspend(world, "bank")

    with pytest.raises(BodyNotAbleError):
        do(world, "provider", demands.bid_for_demand, BID)


def test_nothing_is_looked_for_for_others_than_an_owner_in_good_standing(world: World) -> None:
    Life(world).until("listed")
    publish(world)
    with acting(world, "bank") as uow:
        assert look_for_matches(uow, DEMAND_ID)
    for name, demand_id in (("provider", DEMAND_ID), ("bank", "dem-none")):
        with acting(world, name) as uow:
            assert look_for_matches(uow, demand_id) is None

    suspend(world, "bank")
    with acting(world, "bank") as uow, pytest.raises(BodyNotAbleError):
        look_for_matches(uow, DEMAND_ID)
