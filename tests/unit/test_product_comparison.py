"""Products against the registry contract: every difference is found, named, and explained by the step under way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from support.fake_unit_of_work import World
from support.product_steps import FULL, OWN, Life
from support.product_world import DIGEST, a_world, acting, findings, sign_open_act

from ledger.services import product_freeze, product_listing, product_reviews, products
from ledger.services.product_comparison import ChainVersion, chain_name, compare_products, unknown_here
from ledger.services.product_listing import Reason
from ledger.services.product_objects import Both, finding_digest


def as_on_chain(life: Life, status: str, *, filed: bool, revision: int = 0) -> ChainVersion:
    """The version as its events would tell it."""
    document = life.stored.document
    weights = document["content"]["weights"]
    state = {
        "status": status,
        "provider": "0x" + document["provider_id"],
        "content_digest": "0x" + document["content_digest"],
        "price_rule_digest": "0x" + document["price_rule_digest"],
        "weights": {f"{kind}_weight": weight for kind, weight in weights.items()},
        "currency": "0x434e59",
        "unit_price": 50_000_000,
    }
    if document["final_review"] is not None:
        judged = {"first": document["first_review"], "final": document["final_review"]}
        state["review_digest"] = "0x" + finding_digest(life.stored, judged).hex()
        state["is_approved"] = document["final_review"]["passed"]
    if filed:
        digest = finding_digest(life.stored, document["filing"]).hex()
        state |= {"filing_digest": "0x" + digest, "ceiling_unit_price": 80_000_000}
    return ChainVersion(state, revision)


def differences(life: Life, there: ChainVersion | None, *, frozen: bool = False) -> list[tuple[Any, ...]]:
    both = Both(life.product, life.stored)
    name = chain_name(life.product, both.number)
    found = compare_products([both], {} if there is None else {name: there}, {name.partition("/")[0]: frozen})
    assert all((one.product_code, name.startswith(one.product_id)) == (life.code, True) for one in found)
    return [(one.kind, one.here, one.on_chain, one.waiting) for one in found]


def listed(world: World) -> Life:
    return Life(world, public=True).until("listed")


def test_version_that_is_as_on_the_chain_does_not_differ_at_any_step() -> None:
    life = Life(a_world(), public=True)
    assert differences(life, None) == [], "a draft is not on the chain"
    life.register()
    assert differences(life, as_on_chain(life, "registered", filed=False)) == []
    life.first_review()
    assert differences(life, as_on_chain(life, "registered", filed=False)) == []
    life.final_review()
    assert differences(life, as_on_chain(life, "registered", filed=False)) == [], "a review's event sets no status"
    life.letter()
    life.file()
    assert differences(life, as_on_chain(life, "filed", filed=True)) == []
    life.list()
    assert differences(life, as_on_chain(life, "listed", filed=True, revision=1)) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"status": "suspended"}, "status"),
        ({"provider": "0x" + "00" * 32}, "provider"),
        ({"content_digest": "0x" + "00" * 32}, "content_digest"),
        ({"price_rule_digest": "0x" + "00" * 32}, "price_rule_digest"),
        ({"weights": {"public_weight": 1, "enterprise_weight": 2, "personal_weight": 3}}, "weights"),
        ({"unit_price": 1}, "price"),
        ({"currency": "0x555344"}, "price"),
        ({"review_digest": "0x" + "00" * 32}, "review_digest"),
        ({"filing_digest": "0x" + "00" * 32}, "filing_digest"),
        ({"ceiling_unit_price": 1}, "ceiling"),
    ],
)
def test_every_member_that_differs_is_named(change: dict[str, Any], kind: str) -> None:
    life = listed(a_world())
    there = as_on_chain(life, "listed", filed=True, revision=1)

    [found] = differences(life, replace(there, state={**there.state, **change}))

    assert (found[0], found[3]) == (kind, None)


def test_acts_that_did_not_come_from_here_and_a_freeze_are_named() -> None:
    life = listed(a_world())
    there = as_on_chain(life, "listed", filed=True, revision=3)

    assert differences(life, there, frozen=True) == [
        ("revision", "1", "3", None),
        ("frozen", "not frozen", "frozen", None),
    ]


def test_version_whose_registration_was_not_followed_is_compared_by_its_status() -> None:
    life = listed(a_world())

    assert differences(life, ChainVersion({"status": "listed"}, None)) == []
    assert differences(life, None) == [("version_missing_on_chain", "listed", None, None)]


def test_step_that_is_mined_and_not_final_explains_what_differs() -> None:
    life = listed(a_world())
    life.do("provider", product_listing.suspend_product, OWN)
    there = as_on_chain(life, "listed", filed=True, revision=1)

    assert differences(life, there) == [], "the chain has not heard of it"
    mined = replace(there, state={**there.state, "status": "suspended"}, revision=2)
    assert differences(life, mined) == [
        ("status", "listed", "suspended", "suspend"),
        ("revision", "1", "2", "suspend"),
    ]


def test_registration_under_way_explains_a_version_that_only_the_chain_has() -> None:
    life = Life(a_world(), public=True)
    life.do("provider", products.register_product, FULL)

    [found] = differences(life, as_on_chain(life, "registered", filed=False))
    assert found == ("status", None, "registered", "register")


def test_freeze_under_way_explains_what_differs() -> None:
    world = a_world()
    life = listed(world)
    with acting(world, "regulator") as uow:
        product_freeze.freeze_product(uow, life.code, Reason("dispute", "投诉核查"))
    there = as_on_chain(life, "listed", filed=True, revision=1)

    assert differences(life, there) == []
    assert differences(life, there, frozen=True) == [("frozen", "not frozen", "frozen", "freeze")]


def _reject(life: Life) -> None:
    life.do("trading", product_reviews.reject_product, findings(failed="quality"))


def _delist(life: Life) -> None:
    life.do("provider", product_listing.delist_product, OWN)


@pytest.mark.parametrize(("end", "status"), [(_reject, "refused"), (_delist, "delisted")])
def test_end_of_a_version_does_not_differ_before_and_after_its_withdrawal(
    end: Callable[[Life], None], status: str
) -> None:
    world = a_world()
    life = Life(world)
    life.register()
    end(life)
    world.decide(sign_open_act(world).object_id)
    document = life.stored.document
    state = dict(as_on_chain(life, status, filed=False).state)
    if status == "refused":
        judged = {"first": document["first_review"], "final": None}
        state |= {"status": "registered", "is_approved": False}
        state["review_digest"] = "0x" + finding_digest(life.stored, judged).hex()
    there = ChainVersion(state, document["chain_revision"])
    assert differences(life, there) == []

    destroyed = products.Destruction("覆写三次", DIGEST, "2026-11-01")
    life.do("provider", products.withdraw_product, destroyed)

    assert (life.state, differences(life, there)) == ("withdrawn", [])


def test_draft_that_was_withdrawn_is_not_looked_for() -> None:
    life = Life(a_world())
    life.do("provider", products.withdraw_product, None)

    assert differences(life, None) == []


def test_version_that_nobody_has_here_is_named() -> None:
    [found] = unknown_here([("0x" + "12" * 32 + "/4", "listed")])

    assert (found.kind, found.product_id, found.version) == ("version_unknown_here", "0x" + "12" * 32, 4)
    assert (found.product_code, found.here, found.on_chain) == (None, None, "listed")
