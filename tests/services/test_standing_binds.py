"""Whoever acts for a body that is being suspended, is suspended or has left, is refused, in every use case of products and demands."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from support.demand_world import CONTACT, DEMAND_ID, demand
from support.fake_unit_of_work import World
from support.product_steps import CEILING, DEFECT, LETTER, OWN, SIMPLE, Life
from support.product_world import (
    CODES,
    DIGEST,
    ROLES,
    a_world,
    acting,
    address,
    body_document,
    content,
    findings,
    open_act,
    settle,
)

from ledger.domain.credit import CreditFile, Violation
from ledger.domain.participant import ChainKey, OnChain, Organisation, Participant, participant_to_json
from ledger.domain.records import to_json
from ledger.services import (
    demand_matching,
    demands,
    participant_steps,
    product_freeze,
    product_listing,
    product_reviews,
    products,
    stopped_offers,
)
from ledger.services.bodies import BodyNotAbleError, body_of
from ledger.services.business import StoredObject
from ledger.services.demands import Bid

BID = Bid("按次调用", "CNY", 500_000)
DRAFT = products.DraftProduct(content(), "3101", 99, b"\x06" * 32)
KEYS_OF_TRADING = body_document("trading")["keys"]
EXEMPT: Final = {"stop_offer", "own_demand", "move_demand", "look_for_matches"}
"""What steps of other objects call, whoever acts, and parts of the others."""


@dataclass(frozen=True)
class Case:
    """A use case: by whom, on a product in which state, with what behind product and version."""

    name: str
    state: str
    arguments: tuple[Any, ...] = ()
    is_public: bool = False
    limit: str | None = None


PRODUCTS: Final[dict[Callable[..., StoredObject], Case]] = {
    products.edit_product: Case("provider", "draft", (content(),)),
    products.register_product: Case("provider", "draft", (SIMPLE,), limit="no_new_products"),
    products.withdraw_product: Case("provider", "draft", (None,)),
    product_reviews.pass_first_review: Case("trading", "registered", (findings(),)),
    product_reviews.pass_final_review: Case("authorisation", "first_reviewed", (findings(),), is_public=True),
    product_reviews.reject_product: Case("trading", "registered", (findings(failed="risk"),)),
    product_reviews.issue_letter: Case("trading", "unlettered", (LETTER,)),
    product_reviews.file_product: Case("price", "reviewed", ("备1", CEILING), is_public=True),
    product_listing.list_product: Case("provider", "reviewed", (), limit="no_new_products"),
    product_listing.suspend_product: Case("trading", "listed", (DEFECT,)),
    product_listing.resume_product: Case("provider", "suspended", ("再次上线",)),
    product_listing.delist_product: Case("provider", "listed", (OWN,)),
}
WHOLE_PRODUCTS: Final[dict[Callable[..., StoredObject], Case]] = {
    products.draft_product: Case("provider", "", (DRAFT,), limit="no_new_products"),
    products.new_version: Case("provider", "listed", (b"\x07" * 32, None), limit="no_new_products"),
    product_freeze.freeze_product: Case("regulator", "listed", (product_listing.Reason("dispute", "投诉"),)),
    product_freeze.thaw_product: Case("regulator", "frozen", ("核查完毕",)),
    product_freeze.withdraw_freeze_step: Case("regulator", "freezing"),
}
DEMANDS: Final[dict[Callable[..., StoredObject], Case]] = {
    demands.publish_demand: Case("bank", "", (demand(), CONTACT), limit="no_new_orders"),
    demand_matching.match_demand: Case("bank", "published", ((),)),
    demands.bid_for_demand: Case("provider", "published", (BID,), limit="no_new_orders"),
    demands.select_bid: Case("bank", "bidding", (CODES["provider"],), limit="no_new_orders"),
    demands.follow_up_demand: Case("provider", "selected", ("接口已联调",)),
    demands.close_demand: Case("bank", "followed_up", (5, "符合需求")),
    demands.withdraw_demand: Case("bank", "published"),
}
CASES: Final = PRODUCTS | WHOLE_PRODUCTS | DEMANDS


def change_body(world: World, name: str, *, state: str = "active", **members: Any) -> None:
    with world.begin() as uow:
        stored = uow.find("participant", CODES[name])
        assert stored is not None
        uow.change(stored, act="test", state=state, document={**stored.document, **members})


def prepared(use_case: Callable[..., StoredObject], case: Case) -> tuple[World, Callable[[], StoredObject]]:
    """A world in which the use case passes, and the call that does it."""
    world = a_world()
    before: tuple[Any, ...] = ()
    if use_case in DEMANDS:
        before = (DEMAND_ID,)
        steps = {"": 0, "published": 1, "bidding": 2, "selected": 3, "followed_up": 4}[case.state]
        way = (demands.publish_demand, demands.bid_for_demand, demands.select_bid, demands.follow_up_demand)
        for step in way[:steps]:
            with acting(world, CASES[step].name) as uow:
                step(uow, DEMAND_ID, *CASES[step].arguments)
    elif case.state:
        reached = {"suspended": "listed", "frozen": "listed", "freezing": "listed", "unlettered": "first_reviewed"}
        life = Life(world, public=case.is_public).until(reached.get(case.state, case.state))
        before = (life.code, life.version) if use_case in PRODUCTS else (life.code,)
        if case.state == "unlettered":
            life.final_review()
        if case.state == "suspended":
            life.do("provider", product_listing.suspend_product, OWN)
            settle(world)
        if case.state in ("freezing", "frozen"):
            with acting(world, "regulator") as uow:
                product_freeze.freeze_product(uow, life.code, product_listing.Reason("dispute", "投诉"))
        if case.state == "frozen":
            settle(world)

    def call() -> StoredObject:
        version = world.objects.get(("product_version", "/".join(map(str, before))))
        revision = None if version is None else version.revision
        with acting(world, case.name, account="3", revision=revision) as uow:
            return use_case(uow, *before, *case.arguments)

    return world, call


@pytest.mark.parametrize("use_case", [product_listing.list_product, product_listing.resume_product])
def test_body_that_is_no_provider_any_more_offers_nothing(use_case: Callable[..., StoredObject]) -> None:
    world, call = prepared(use_case, CASES[use_case])
    change_body(world, "provider", roles=["consumer"])

    with pytest.raises(BodyNotAbleError, match="role"):
        call()


def test_every_use_case_of_products_and_demands_is_held_to_it() -> None:
    modules = (products, product_reviews, product_listing, product_freeze, demands, demand_matching)
    found = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and name not in EXEMPT
        and next(iter(inspect.signature(function).parameters), "") == "uow"
    }
    assert found == set(CASES)


@pytest.mark.parametrize("use_case", CASES, ids=lambda one: one.__name__)
def test_body_that_is_being_suspended_does_nothing_any_more(use_case: Callable[..., StoredObject]) -> None:
    world, call = prepared(use_case, CASES[use_case])
    change_body(world, CASES[use_case].name, open_step={"step": "suspend", "act_id": "a"})
    with pytest.raises(BodyNotAbleError, match="being suspended"):
        call()
    change_body(world, CASES[use_case].name, open_step={"step": "add_key", "act_id": "a"})
    call()


@pytest.mark.parametrize("state", ["suspended", "left", "admitting"])
def test_body_of_another_state_is_not_able(state: str) -> None:
    world = a_world()
    change_body(world, "provider", state=state)
    with world.begin() as uow, pytest.raises(BodyNotAbleError, match="not admitted, or is suspended"):
        body_of(uow, CODES["provider"])


LIMITED: Final = {use_case: case.limit for use_case, case in CASES.items() if case.limit is not None}


@pytest.mark.parametrize("use_case", LIMITED, ids=lambda one: one.__name__)
def test_what_the_credit_file_forbids_is_refused(use_case: Callable[..., StoredObject]) -> None:
    world, call = prepared(use_case, CASES[use_case])
    grave = Violation(1, "scope_exceeded", "grave", "rule 7", DIGEST, "account-1", "2026-11-01T00:00:00Z")
    change_body(world, CASES[use_case].name, credit=to_json(CreditFile(violations=(grave, replace(grave, number=2)))))
    with pytest.raises(BodyNotAbleError, match=LIMITED[use_case]):
        call()
    lifted = replace(grave, number=2, state="lifted")
    change_body(world, CASES[use_case].name, credit=to_json(CreditFile(violations=(grave, lifted))))
    call()


@pytest.mark.parametrize("name", ["trading", "authorisation"])
def test_offers_stop_with_their_provider_whatever_the_standing_of_the_platform(name: str) -> None:
    world = a_world()
    life = Life(world, public=True).until("listed")
    change_body(world, "trading", state="suspended", keys=[] if name == "authorisation" else KEYS_OF_TRADING)
    change_body(world, "provider", state="left")
    life.stop()
    assert life.stored.document["suspension"]["trigger"] == "provider_left"
    assert life.state == "suspending"
    assert open_act(world).document["signers"][0]["participant"] == CODES[name]


def test_offers_are_withheld_where_no_platform_could_sign() -> None:
    world = a_world()
    life = Life(world).until("listed")
    change_body(world, "trading", state="left", keys=[])
    change_body(world, "provider", state="suspended")
    life.stop()
    assert (life.state, world.catalog[life.code]["state"]) == ("withheld", "suspended")
    assert world.events[-1][0] == "org.cityledger.product.suspension_asked.v1"


def whole(world: World, name: str) -> None:
    """Gives a body of the world the whole document of a participant."""
    keys = (ChainKey("0x" + address(name).hex(), ("business",), "valid"),)
    chain = OnChain("0x" + body_document(name)["chain"]["body_id"], 0, 2_000_000_000)
    organisation = Organisation(CODES[name], f"{name} 有限公司", "1", "上海市", "data")
    made = Participant(organisation, ROLES[name], "admission/1", "", (), keys, chain=chain)
    change_body(world, name, **participant_to_json(made))
    world.private["participant", CODES[name]] = {"salt": "07" * 32}


@pytest.mark.parametrize(
    ("step", "state", "trigger"),
    [("suspend", "suspended", "provider_suspended"), ("depart", "left", "provider_left")],
)
def test_body_that_is_suspended_or_leaves_takes_its_offers_with_it(step: str, state: str, trigger: str) -> None:
    world = a_world()
    for name in ("provider", "regulator"):
        whole(world, name)
    life = Life(world).until("listed")
    regulator = world.objects["participant", CODES["regulator"]]
    revision = world.objects["participant", CODES["provider"]].revision
    bodies = OneBody(regulator)
    if step == "suspend":
        with acting(world, "regulator", revision=revision) as uow:
            participant_steps.suspend(uow, CODES["provider"], "data were passed on", bodies)
    else:
        with acting(world, "provider", revision=revision) as uow:
            participant_steps.depart(uow, CODES["provider"], "moving", bodies)
    assert life.state == "listed", "the chain has not decided"
    settle(world)

    assert world.objects["participant", CODES["provider"]].state == state
    duty = world.deadlines["participant", CODES["provider"], stopped_offers.OFFERS_DUTY]
    with world.begin() as uow:
        stopped_offers.note_offers_stopped(uow, CODES["provider"])
    assert duty.met_at is None, "an offer is left"
    life.stop()
    with world.begin() as uow:
        stopped_offers.note_offers_stopped(uow, CODES["provider"])
    assert world.deadlines["participant", CODES["provider"], stopped_offers.OFFERS_DUTY].met_at is not None
    assert (life.state, world.catalog[life.code]["state"]) == ("suspending", "suspended")
    assert life.stored.document["suspension"]["trigger"] == trigger
    types = [kind for kind, _, _ in world.events][-3:]
    assert types == [
        f"org.cityledger.{one}.v1" for one in (f"participant.{state}", "act.confirmed", "product.suspension_asked")
    ]
    settle(world)
    assert life.state == "suspended"


@dataclass(frozen=True)
class OneBody:
    """``Bodies`` with one body for whichever role."""

    stored: StoredObject

    def with_role(self, _role: str) -> tuple[StoredObject, ...]:
        return (self.stored,)
