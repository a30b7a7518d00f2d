"""Everything that a step of a product refuses, by name; nothing is changed by any of it."""

from collections.abc import Callable
from typing import Any

import pytest
from support.fake_unit_of_work import World
from support.product_steps import CEILING, DEFECT, FULL, LETTER, OWN, SALT, SIMPLE, Life
from support.product_world import CODES, DIGEST, a_world, acting, actor, content, findings, settle

from ledger.domain.price import Ceiling, PriceAboveCeilingError
from ledger.domain.product import InvalidProductError
from ledger.errors import (
    AccessError,
    ConflictError,
    IllegalTransitionError,
    InputError,
    NotFoundError,
    PreconditionRequiredError,
    RevisionMismatchError,
)
from ledger.services import product_freeze, product_listing, product_reviews, product_withdrawal, products
from ledger.services.bodies import BodyNotAbleError
from ledger.services.product_listing import ComplianceLetterMissingError, ProductFrozenError, Reason

OTHER_LETTER = product_reviews.Letter("合规函2026-2", "cd" * 32, "2026-10-20")
ORDERED = Reason("regulator_order", "核查")

# state before, public data, who, use case, its arguments, what it is refused with, part of the message
Case = tuple[str, bool, str, Callable[..., Any], tuple[Any, ...], type[Exception], str]
CASES: dict[str, Case] = {
    "registering a registered version": (
        "registered", False, "provider", products.register_product, (SIMPLE,), IllegalTransitionError, "Allowed now",
    ),
    "registering public data without an authority": (
        "draft", True, "provider", products.register_product, (SIMPLE,), InvalidProductError, "authorisation platform",
    ),
    "registering other data with an authority": (
        "draft", False, "provider", products.register_product, (FULL,), InvalidProductError, "others have none",
    ),
    "naming oneself as reviewer": (
        "draft", False, "provider", products.register_product, (products.Reviewers(CODES["provider"]),),
        InvalidProductError, "review its own",
    ),
    "naming a body that is no trading platform": (
        "draft", False, "provider", products.register_product, (products.Reviewers(CODES["bank"]),),
        BodyNotAbleError, "has not the role",
    ),
    "naming a platform that reviews as the filing authority": (
        "draft", True, "provider", products.register_product,
        (products.Reviewers(CODES["trading"], CODES["authorisation"], CODES["authorisation"]),),
        BodyNotAbleError, "has not the role",
    ),
    "naming a body that is not there": (
        "draft", False, "provider", products.register_product, (products.Reviewers("9" * 18),),
        BodyNotAbleError, "not admitted",
    ),
    "withdrawing a listed version": (
        "listed", False, "provider", products.withdraw_product, (None,), IllegalTransitionError, "withdraw",
    ),
    "withdrawing as a stranger": (
        "draft", False, "stranger", products.withdraw_product, (None,), NotFoundError, "no such",
    ),
    "reviewing a draft": (
        "draft", False, "trading", product_reviews.pass_first_review, (findings(),), NotFoundError, "no such",
    ),
    "reviewing as the other platform": (
        "registered", True, "authorisation", product_reviews.pass_first_review, (findings(),), AccessError, "as trading",
    ),
    "passing with a failed aspect": (
        "registered", False, "trading", product_reviews.pass_first_review, (findings(failed="risk"),),
        InvalidProductError, "reject",
    ),
    "passing without an aspect": (
        "registered", False, "trading", product_reviews.pass_first_review, (findings()[:2],),
        InvalidProductError, "each of",
    ),
    "passing without reasons": (
        "registered", False, "trading", product_reviews.pass_first_review,
        ((*findings()[:2], product_reviews.Finding("risk", True, " ")),), InvalidProductError, "reasons",
    ),
    "rejecting what passed": (
        "registered", False, "trading", product_reviews.reject_product, (findings(),), InvalidProductError, "nothing to reject",
    ),
    "making both reviews with one account": (
        "first_reviewed", False, "trading", product_reviews.pass_final_review, (findings(),), AccessError, "first review",
    ),
    "final review of public data by the trading platform": (
        "first_reviewed", True, "trading", product_reviews.pass_final_review, (findings(),), AccessError, "authorisation",
    ),
    "letter by the provider": (
        "reviewed", False, "provider", product_reviews.issue_letter, (LETTER,), AccessError, "platforms",
    ),
    "letter without a digest": (
        "reviewed", False, "trading", product_reviews.issue_letter,
        (product_reviews.Letter("1", "no", "2026-10-20"),), InvalidProductError, "digest",
    ),
    "letter on no day": (
        "reviewed", False, "trading", product_reviews.issue_letter,
        (product_reviews.Letter("1", DIGEST, "2026-02-30"),), InvalidProductError, "day",
    ),
    "another joint letter": (
        "reviewed", True, "authorisation", product_reviews.issue_letter, (OTHER_LETTER,), ConflictError, "another letter",
    ),
    "the same letter twice": (
        "reviewed", True, "trading", product_reviews.issue_letter, (LETTER,), ConflictError, "already",
    ),
    "filing what needs none": (
        "reviewed", False, "trading", product_reviews.file_product, ("1", CEILING), BodyNotAbleError, "has not the role",
    ),
    "filing as the platform that reviewed": (
        "reviewed", True, "authorisation", product_reviews.file_product, ("1", CEILING), BodyNotAbleError, "has not the role",
    ),
    "filing as another authority": (
        "reviewed", True, "other_price", product_reviews.file_product, ("1", CEILING), NotFoundError, "no such",
    ),
    "filing without a number": (
        "reviewed", True, "price", product_reviews.file_product, (" ", CEILING), InvalidProductError, "filing number",
    ),
    "listing public data without filing": (
        "reviewed", True, "provider", product_listing.list_product, (), IllegalTransitionError, "Allowed now",
    ),
    "listing as a platform": (
        "reviewed", False, "trading", product_listing.list_product, (), AccessError, "provider lists",
    ),
    "suspending with a trigger that is not stated": (
        "listed", False, "trading", product_listing.suspend_product, (Reason("mood", "x"),), InvalidProductError, "triggers",
    ),
    "suspending without a reason": (
        "listed", False, "trading", product_listing.suspend_product, (Reason("complaint", ""),),
        InvalidProductError, "reason",
    ),
    "suspending as the provider with a platform's trigger": (
        "listed", False, "provider", product_listing.suspend_product, (DEFECT,), AccessError, "provider_request",
    ),
    "suspending as a platform with the provider's trigger": (
        "listed", False, "trading", product_listing.suspend_product, (OWN,), AccessError, "provider's",
    ),
    "delisting a draft": (
        "draft", False, "provider", product_listing.delist_product, (OWN,), IllegalTransitionError, "Allowed now",
    ),
    "resuming what is listed": (
        "listed", False, "provider", product_listing.resume_product, ("x",), IllegalTransitionError, "Allowed now",
    ),
}  # fmt: skip


@pytest.fixture
def world() -> World:
    return a_world()


def snapshot(world: World) -> tuple[int, int, dict[Any, int]]:
    return len(world.events), len(world.calls), {name: stored.revision for name, stored in world.objects.items()}


@pytest.mark.parametrize("name", CASES)
def test_step_that_may_not_be_is_refused_and_changes_nothing(world: World, name: str) -> None:
    state, public, who, use_case, arguments, error, message = CASES[name]
    life = Life(world, public=public).until(state)
    before = snapshot(world)

    with pytest.raises(error, match=message):
        life.do(who, use_case, *arguments)

    assert snapshot(world) == before


def test_illegal_step_says_what_is_allowed_now(world: World) -> None:
    life = Life(world, public=True).until("registered")

    with pytest.raises(IllegalTransitionError) as refused:
        life.do("provider", product_listing.list_product)

    assert refused.value.facts == {"state": "registered", "allowed": ["delist", "pass_first_review", "reject"]}


@pytest.mark.parametrize("use_case", [product_listing.list_product, products.withdraw_product])
def test_stranger_finds_no_version_of_others(world: World, use_case: Callable[..., Any]) -> None:
    life = Life(world).until("reviewed")
    arguments = (None,) if use_case is products.withdraw_product else ()

    with pytest.raises(NotFoundError):
        life.do("stranger", use_case, *arguments)


def test_listing_without_the_joint_letter_is_refused(world: World) -> None:
    life = Life(world, public=True)
    for step in (life.register, life.first_review, life.final_review):
        step()
    life.do("trading", product_reviews.issue_letter, LETTER)
    life.file()

    with pytest.raises(ComplianceLetterMissingError):
        life.do("provider", product_listing.list_product)
    life.do("authorisation", product_reviews.issue_letter, LETTER)
    life.do("provider", product_listing.list_product)
    assert life.state == "listing"


def test_price_above_the_ceiling_of_the_filing_is_not_listed(world: World) -> None:
    life = Life(world, public=True).until("reviewed")
    life.do("price", product_reviews.file_product, "备2026-9", Ceiling(49_999_999, "价格主管部门"))
    settle(world)

    with pytest.raises(PriceAboveCeilingError):
        life.do("provider", product_listing.list_product)


def test_filing_number_of_another_product_is_refused(world: World) -> None:
    Life(world, public=True, number=1).until("filed")
    second = Life(world, public=True, number=2).until("reviewed")

    with pytest.raises(ConflictError, match="another product's"):
        second.file()


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_filing_number_of_a_filing_that_came_to_nothing_is_free(world: World, is_taken_back: bool) -> None:
    first, second = (Life(world, public=True, number=number).until("reviewed") for number in (1, 2))
    first.do("price", product_reviews.file_product, "备2026-000001", CEILING)
    with pytest.raises(ConflictError, match="another product's"):
        second.do("price", product_reviews.file_product, "备2026-000001", CEILING)
    if is_taken_back:
        first.do("price", product_withdrawal.withdraw_step)
    else:
        settle(world, refused="ProductRegistryWrongStatus")

    second.file()
    assert world.objects["product_filing", "备2026-000001"].document == {"product_code": second.code, "version": 1}
    with pytest.raises(ConflictError, match="another product's"):
        first.file()


def test_filing_number_written_otherwise_is_the_same_number(world: World) -> None:
    first, second = (Life(world, public=True, number=number).until("reviewed") for number in (1, 2))
    first.do("price", product_reviews.file_product, " 备\uff12026-A\uff11 ", CEILING)
    for written in ("备2026-A1", "备2026-A1\u3000", "备2026-\uff211"):
        with pytest.raises(ConflictError, match="another product's"):
            second.do("price", product_reviews.file_product, written, CEILING)

    assert first.stored.document["waiting"]["sets"]["filing"]["number"] == "备2026-A1"
    with pytest.raises(InvalidProductError, match="1 to 128"):
        second.do("price", product_reviews.file_product, "\u3000 ", CEILING)


def test_filing_that_was_refused_is_asked_for_anew_with_its_number(world: World) -> None:
    life = Life(world, public=True).until("reviewed")
    life.do("price", product_reviews.file_product, "备2026-000001", CEILING)
    settle(world, refused="ProductRegistryWrongStatus")

    life.file()

    assert (life.state, life.stored.document["filing"]["number"]) == ("filed", "备2026-000001")
    assert world.objects["product_filing", "备2026-000001"].state == "given"


def test_frozen_product_is_neither_listed_nor_resumed(world: World) -> None:
    listed, reviewed = Life(world, number=1).until("listed"), Life(world, number=2).until("reviewed")
    listed.do("provider", product_listing.suspend_product, OWN)
    settle(world)
    for life in (listed, reviewed):
        with acting(world, "regulator") as uow:
            product_freeze.freeze_product(uow, life.code, ORDERED)
        settle(world)

    with pytest.raises(ProductFrozenError):
        reviewed.do("provider", product_listing.list_product)
    with pytest.raises(ProductFrozenError):
        listed.do("provider", product_listing.resume_product, "x")
    with acting(world, "regulator") as uow, pytest.raises(IllegalTransitionError):
        product_freeze.freeze_product(uow, listed.code, ORDERED)


@pytest.mark.parametrize(
    ("who", "reason", "error"),
    [
        ("trading", ORDERED, AccessError),
        ("regulator", OWN, InvalidProductError),
        ("regulator", Reason("dispute", ""), InvalidProductError),
    ],
)
def test_freeze_that_may_not_be_is_refused(world: World, who: str, reason: Reason, error: type[Exception]) -> None:
    life = Life(world).until("listed")

    with acting(world, who) as uow, pytest.raises(error):
        product_freeze.freeze_product(uow, life.code, reason)


def test_only_the_body_that_suspended_resumes(world: World) -> None:
    life = Life(world).until("listed")
    life.do("trading", product_listing.suspend_product, DEFECT)
    settle(world)

    with pytest.raises(AccessError, match="body that suspended"):
        life.do("provider", product_listing.resume_product, "x")


def test_edit_names_the_revision_that_it_is_based_on(world: World) -> None:
    life = Life(world)

    with acting(world, "provider") as uow, pytest.raises(PreconditionRequiredError):
        products.edit_product(uow, life.code, 1, content())
    with acting(world, "provider", revision=7) as uow, pytest.raises(RevisionMismatchError):
        products.edit_product(uow, life.code, 1, content())
    life.register()
    with acting(world, "provider", revision=3) as uow, pytest.raises(IllegalTransitionError):
        products.edit_product(uow, life.code, 1, content())


def test_next_version_waits_until_the_newest_is_registered(world: World) -> None:
    life = Life(world)

    with acting(world, "provider") as uow, pytest.raises(ConflictError):
        products.new_version(uow, life.code, SALT, None)
    with acting(world, "stranger") as uow, pytest.raises(NotFoundError):
        products.new_version(uow, life.code, SALT, None)


def test_withdrawal_without_evidence_of_destruction_is_refused(world: World) -> None:
    life = Life(world).until("listed")
    life.do("provider", product_listing.delist_product, OWN)
    settle(world)

    with pytest.raises(InvalidProductError, match="destruction"):
        life.do("provider", products.withdraw_product, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "suspended"}, "suspended"),
        ({"qualified_until": 1}, "qualification"),
        ({"keys": []}, "no valid business key"),
    ],
)
def test_provider_that_is_not_able_cannot_list(world: World, change: dict[str, Any], message: str) -> None:
    life = Life(world).until("reviewed")
    with world.begin() as uow:
        body = uow.find("participant", CODES["provider"])
        assert body is not None
        document = dict(body.document)
        document |= {"keys": change["keys"]} if "keys" in change else {}
        document["chain"] = {**document["chain"], "qualified_until": change.get("qualified_until", 2_000_000_000)}
        uow.change(body, act="change", state=change.get("state"), document=document)

    with pytest.raises(BodyNotAbleError, match=message):
        life.do("provider", product_listing.list_product)


def test_only_providers_with_a_body_draft_products(world: World) -> None:
    command = products.DraftProduct(content(), "3101", 1, SALT)
    nobody = actor("provider", roles=("consumer",))

    with world.begin(nobody) as uow, pytest.raises(AccessError):
        products.draft_product(uow, command)
    with acting(world, "provider") as uow, pytest.raises(InputError):
        products.draft_product(uow, products.DraftProduct(content(), "3101", 1, b"short"))


def test_automatic_suspension_takes_only_its_own_triggers(world: World) -> None:
    with world.begin() as uow, pytest.raises(InvalidProductError):
        product_listing.stop_offer(uow, CODES["provider"], 1, "quality_defect", "x")
