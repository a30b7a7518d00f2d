"""A product's way to the market and off it, on the unit of work in memory."""

import re

import pytest
from support.fake_unit_of_work import World
from support.product_steps import DEFECT, FULL, OWN, SIMPLE, Life
from support.product_world import CODES, DIGEST, a_world, acting, content, findings, open_act, public_content, settle

from ledger.domain.product import InvalidProductError, ProductContent
from ledger.domain.records import from_json, to_json
from ledger.errors import NotFoundError
from ledger.services import product_freeze, product_listing, product_reviews, products
from ledger.services.product_listing import Reason

EVENT = re.compile(r"org\.cityledger\.product\.[a-z_]+\.v1")


@pytest.fixture
def world() -> World:
    return a_world()


def events(world: World) -> list[str]:
    return [kind.split(".")[3] for kind, _, _ in world.events if EVENT.fullmatch(kind)]


def test_public_product_goes_all_the_way_to_the_catalog(world: World) -> None:
    life = Life(world, public=True).until("listed")

    entry = world.catalog[life.code]
    assert (entry["filing_number"], entry["state"], entry["version"]) == ("备2026-000001", "listed", 1)
    assert entry["price"]["ceiling_unit_price"] == 80_000_000
    assert entry["provider_name"] == "provider 有限公司"
    assert events(world) == [
        *("drafted", "registration_asked", "registered", "first_reviewed", "final_reviewed", "reviewed"),
        *("letter_issued", "letter_issued", "filing_asked", "filed", "listing_asked", "listed"),
    ]
    assert len(life.code) == 32 and life.code[0] == "6"


def test_product_without_public_data_is_listed_without_filing(world: World) -> None:
    life = Life(world).until("listed")

    assert "filed" not in events(world)
    assert world.catalog[life.code]["filing_number"] is None


def test_events_of_products_hold_ids_and_digests_only(world: World) -> None:
    life = Life(world, public=True).until("listed")

    for kind, data, subject in world.events:
        if EVENT.fullmatch(kind):
            assert subject == life.code
            assert "许可" not in str(data) and "looked at" not in str(data)


def test_step_that_waits_for_the_chain_is_visible_as_such(world: World) -> None:
    life = Life(world)
    life.do("provider", products.register_product, SIMPLE)

    assert life.state == "registering"
    assert life.stored.document["waiting"]["act_id"] == open_act(world).object_id
    settle(world)
    assert (life.state, life.stored.document["waiting"]) == ("registered", None)


@pytest.mark.parametrize(
    ("state", "step", "back"),
    [
        ("draft", ("provider", products.register_product, SIMPLE), "draft"),
        ("registered", ("trading", product_reviews.reject_product, findings(failed="risk")), "registered"),
        ("registered", ("provider", product_listing.delist_product, OWN), "registered"),
    ],
)
def test_step_that_the_chain_refuses_goes_back_and_can_be_asked_again(
    world: World, state: str, step: tuple[object, ...], back: str
) -> None:
    life = Life(world).until(state)
    shown = dict(world.catalog)
    name, use_case, argument = step
    life.do(str(name), use_case, argument)

    settle(world, refused="ProductRegistryWrongStatus")

    assert life.state == back
    assert life.stored.document["refused"]["reason"] == "ProductRegistryWrongStatus"
    assert {code: entry["state"] for code, entry in world.catalog.items()} == {
        code: entry["state"] for code, entry in shown.items()
    }
    life.do(str(name), use_case, argument)
    settle(world)
    assert life.stored.document["refused"] is None


def test_final_review_without_public_data_is_by_another_account(world: World) -> None:
    life = Life(world).until("first_reviewed")
    life.final_review()

    assert life.state == "reviewed"
    assert life.stored.document["first_review"]["account"] != life.stored.document["final_review"]["account"]


def test_rejected_version_ends_and_the_next_begins_as_its_copy(world: World) -> None:
    life = Life(world).until("registered")
    life.do("trading", product_reviews.reject_product, findings(failed="quality"))
    settle(world)
    assert life.state == "rejected"

    with acting(world, "provider") as uow:
        made = products.new_version(uow, life.code, b"\x06" * 32, None)

    assert made.object_id == f"{life.code}/2"
    assert made.state == "draft"
    assert made.document["content"] == life.stored.document["content"]
    assert made.document["first_review"] is None


def test_suspension_takes_effect_before_the_chain_agrees(world: World) -> None:
    life = Life(world).until("listed")

    life.do("trading", product_listing.suspend_product, DEFECT)

    assert (life.state, world.catalog[life.code]["state"]) == ("suspending", "suspended")
    settle(world)
    life.do("trading", product_listing.resume_product, "已修复")
    assert world.catalog[life.code]["state"] == "suspended"
    settle(world)
    assert (life.state, world.catalog[life.code]["state"]) == ("listed", "listed")
    assert life.stored.document["chain_revision"] == 3


def test_delisted_product_leaves_the_catalog(world: World) -> None:
    life = Life(world).until("listed")
    life.do("provider", product_listing.delist_product, OWN)
    assert world.catalog[life.code]["state"] == "suspended"
    settle(world)

    assert (life.state, world.catalog) == ("delisted", {})
    destruction = products.Destruction("覆写三次", DIGEST, "2026-11-01")
    life.do("provider", products.withdraw_product, destruction)
    assert life.state == "withdrawn"
    assert world.events[-1][1]["destruction_digest"] == DIGEST


def test_newer_version_takes_the_place_in_the_catalog_and_gives_it_back(world: World) -> None:
    life = Life(world).until("listed")
    with acting(world, "provider") as uow:
        products.new_version(uow, life.code, b"\x06" * 32, content(title="第二版"))
    life.version = 2
    life.until("listed")
    assert (world.catalog[life.code]["version"], world.catalog[life.code]["title"]) == (2, "第二版")

    life.do("provider", product_listing.delist_product, OWN)
    settle(world)

    assert world.catalog[life.code]["version"] == 1, "the first is on sale still"


def test_freeze_lies_over_all_versions_until_its_end_is_final(world: World) -> None:
    life = Life(world).until("listed")
    with acting(world, "regulator") as uow:
        product_freeze.freeze_product(uow, life.code, Reason("dispute", "投诉核查"))
    assert (life.product.state, world.catalog[life.code]["state"]) == ("freezing", "frozen")
    settle(world)
    with acting(world, "regulator") as uow:
        product_freeze.thaw_product(uow, life.code, "核查结束")
    assert world.catalog[life.code]["state"] == "frozen"
    settle(world)

    assert (life.product.state, world.catalog[life.code]["state"]) == ("active", "listed")
    assert life.product.document["freeze_revision"] == 2


def test_suspended_provider_loses_every_offer(world: World) -> None:
    lives = [Life(world, number=number).until("listed") for number in (1, 2)]
    draft = Life(world, number=3)

    with world.begin() as uow:
        body = uow.find("participant", CODES["provider"])
        assert body is not None
        uow.change(body, act="confirm_suspension", state="suspended")
    done = [life.stop() for life in (*lives, draft)]

    assert [stored and stored.state for stored in done] == ["suspending", "suspending", None]
    assert {entry["state"] for entry in world.catalog.values()} == {"suspended"}
    assert draft.state == "draft"
    assert {life.stored.document["suspension"]["by"] for life in lives} == {CODES["trading"]}


def test_reviewers_see_a_version_from_its_registration_on(world: World) -> None:
    life = Life(world, public=True)
    with acting(world, "trading") as uow, pytest.raises(NotFoundError):
        uow.get("product_version", life.stored.object_id)
    life.register()

    for name in ("trading", "authorisation", "price"):
        with acting(world, name) as uow:
            assert uow.get("product_version", life.stored.object_id).state == "registered"
    for name in ("stranger", "other_trading"):
        with acting(world, name) as uow, pytest.raises(NotFoundError):
            uow.get("product_version", life.stored.object_id)


def test_salt_makes_equal_content_another_digest(world: World) -> None:
    first = Life(world, public=True, number=1)
    first.register()
    with acting(world, "provider") as uow:
        other = products.draft_product(uow, products.DraftProduct(public_content(), "3101", 2, bytes(32)))
    second = other.object_id.partition("/")[0]
    with acting(world, "provider", revision=1) as uow:
        registered = products.register_product(uow, second, 1, FULL)

    assert registered.document["content"] == first.stored.document["content"]
    assert registered.document["content_digest"] != first.stored.document["content_digest"]


def test_edit_replaces_a_draft_at_the_revision_that_was_seen(world: World) -> None:
    life = Life(world)

    with acting(world, "provider", revision=1) as uow:
        edited = products.edit_product(uow, life.code, 1, content(title="新名称"))

    assert (edited.revision, edited.document["content"]["title"]) == (2, "新名称")


def test_content_that_every_revision_would_keep_is_bounded(world: World) -> None:
    life = Life(world)
    [way] = content()["interfaces"]
    fits = content(interfaces=[way | {"description": "口" * 5_000}] * 5)
    life.do("provider", products.edit_product, fits)
    large = content(interfaces=[way | {"description": "口" * 5_000}] * 9)

    with pytest.raises(InvalidProductError, match=str(products.CONTENT_BYTES_MAX)):
        life.do("provider", products.edit_product, large)
    with pytest.raises(InvalidProductError, match="bytes"):
        Life(world, number=2, interfaces=large["interfaces"])
    assert life.stored.document["content"] == to_json(from_json(ProductContent, fits))
