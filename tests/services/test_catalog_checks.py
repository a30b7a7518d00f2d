"""A regulator's check of metadata on the unit of work in memory: one object, one event, seen by the provider and by readers of all."""

from datetime import timedelta

import pytest
from support.catalog_entries import an_entry, provider_code
from support.fake_unit_of_work import Deadline, World
from support.product_steps import OWN, Life
from support.product_world import CODES, a_world, acting, settle

from ledger.bundle.catalog_feed import entry_digest
from ledger.errors import NotFoundError
from ledger.services import product_listing
from ledger.services.bodies import BodyNotAbleError
from ledger.services.business import Actor
from ledger.services.catalog import entry_value
from ledger.services.catalog_checks import CHECK_DAYS, CHECK_DUTY, KIND, RECORDED_TYPE, MetadataCheck, record_check

REGULATOR = Actor("acc-1", None, frozenset({"regulator"}))
CHECK_ID = "chk-" + "0" * 32


def test_check_is_recorded_with_what_was_looked_at_and_says_so_in_one_event() -> None:
    entry = entry_value(an_entry())
    uow = World().begin(REGULATOR)

    stored = record_check(uow, CHECK_ID, entry, entry_digest(entry), MetadataCheck("deviates", ("title", "price")))

    assert stored.document["entry_digest"] == entry_digest(entry).hex()
    assert uow.world.events == [(RECORDED_TYPE, {"check_id": CHECK_ID, **stored.document}, CHECK_ID)]


def test_check_of_a_body_that_is_not_in_good_standing_is_refused() -> None:
    world, entry = a_world(), entry_value(an_entry())
    with world.begin() as uow:
        uow.change(uow.get("participant", CODES["regulator"]), act="confirm_suspension", state="suspended")

    with acting(world, "regulator") as uow, pytest.raises(BodyNotAbleError):
        record_check(uow, CHECK_ID, entry, entry_digest(entry), MetadataCheck("conforms", ("title",)))
    assert (KIND, CHECK_ID) not in world.objects


def test_check_is_seen_by_the_provider_and_not_by_another() -> None:
    entry = entry_value(an_entry())
    uow = World().begin(REGULATOR)
    record_check(uow, CHECK_ID, entry, entry_digest(entry), MetadataCheck("conforms", ("title",)))
    uow.commit()

    roles = frozenset({"provider"})
    assert uow.world.begin(Actor("a", provider_code(1), roles)).get(KIND, CHECK_ID).state == "recorded"
    with pytest.raises(NotFoundError):
        uow.world.begin(Actor("b", provider_code(2), roles)).get(KIND, CHECK_ID)


def due(world: World, code: str) -> Deadline:
    return world.deadlines["product", code, CHECK_DUTY]


def test_listed_product_is_to_be_checked_at_intervals() -> None:
    world = a_world()
    life = Life(world).until("listed")
    listed_at = world.now
    assert (due(world, life.code).due_at, due(world, life.code).met_at) == (
        listed_at + timedelta(days=CHECK_DAYS),
        None,
    )

    world.now += timedelta(days=100)
    entry = world.catalog[life.code]
    with world.begin(REGULATOR) as uow:
        record_check(uow, CHECK_ID, entry, entry_digest(entry), MetadataCheck("conforms", ("title",)))
    assert (due(world, life.code).due_at, due(world, life.code).met_at) == (
        world.now + timedelta(days=CHECK_DAYS),
        None,
    )

    life.do("provider", product_listing.suspend_product, OWN)
    settle(world)
    assert due(world, life.code).met_at is None, "a suspended product is in the catalog still"
    life.do("provider", product_listing.delist_product, OWN)
    settle(world)
    assert due(world, life.code).met_at is not None
