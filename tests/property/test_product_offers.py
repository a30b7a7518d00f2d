"""An offer under everything that may happen to it at once: stops, their ends, refusals, steps taken back, freezes, a provider in trouble.

Whatever the order, the catalog offers a product only when nobody has stopped it, and the log names every change of the feed.
"""

import copy
from datetime import timedelta

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, sampled_from
from support.fake_unit_of_work import World
from support.product_steps import DEFECT, OWN, Life
from support.product_world import CODES, a_world, acting, open_act, settle

from ledger.bundle.catalog_feed import verify_changes
from ledger.domain.product_life import LIFE, PRODUCT_LIFE
from ledger.errors import AccessError, ConflictError
from ledger.services import product_freeze, product_listing, product_withdrawal
from ledger.services.product_chain import SIGN_WITHIN
from ledger.services.product_listing import Reason

LEGAL = Reason("legal_order", "判决")
DISPUTE = Reason("dispute", "核查")
REFUSAL = "ProductRegistryWrongNonce {}"
LISTED = Life(a_world()).until("listed")
WAITING = {state for state, act in LIFE.moves if act == "confirm"}
FREEZING = {state for state, act in PRODUCT_LIFE.moves if act == "confirm"}
REFUSED = (ConflictError, AccessError)
"""What a step may be refused with: the state is another, it is another's, or a body is not able."""

who = sampled_from(["provider", "trading"])


class Offer(RuleBasedStateMachine):
    """One listed product of a provider; ``stoppers``: who has ordered a stop that nobody has ended since."""

    def __init__(self) -> None:
        super().__init__()
        self.life = copy.copy(LISTED)
        self.life.world = copy.deepcopy(LISTED.world)
        self.stopper: str | None = None
        self.is_provider_able = True

    @property
    def world(self) -> World:
        return self.life.world

    @rule(name=who, delists=booleans())
    def stop(self, name: str, *, delists: bool) -> None:
        step = product_listing.delist_product if delists else product_listing.suspend_product
        reason = OWN if name == "provider" else LEGAL if delists else DEFECT
        before = self.life.state
        try:
            self.life.do(name, step, reason)
        except REFUSED:
            return
        if before == "listed":
            self.stopper = name

    @rule(name=who)
    def resume(self, name: str) -> None:
        try:
            self.life.do(name, product_listing.resume_product, "已处理")
        except REFUSED:
            return
        assert self.life.stored.document["suspension"]["by"] == CODES[name]

    @precondition(lambda self: self.life.state in WAITING or self.life.product.state in FREEZING)
    @rule(agrees=booleans())
    def chain_decides(self, *, agrees: bool) -> None:
        if sum(stored.state == "open" for (kind, _), stored in self.world.objects.items() if kind == "act") != 1:
            return
        step = open_act(self.world).document["step"]
        settle(self.world, refused=None if agrees else REFUSAL)
        if agrees and step == "product.resume":
            self.stopper = None if self.life.state == "listed" else "trading"

    @rule(name=who)
    def take_back(self, name: str) -> None:
        waiting = self.life.stored.document["waiting"]
        try:
            self.life.do(name, product_withdrawal.withdraw_step)
        except REFUSED:
            return
        if self.life.state == "listed":
            assert waiting["by"] == CODES[name] and waiting["from"] == "listed"
            self.stopper = None

    @rule(step=sampled_from([product_freeze.freeze_product, product_freeze.thaw_product]))
    def regulate(self, step: object) -> None:
        with acting(self.world, "regulator") as uow:
            try:
                if step is product_freeze.freeze_product:
                    product_freeze.freeze_product(uow, self.life.code, DISPUTE)
                else:
                    product_freeze.thaw_product(uow, self.life.code, "结束")
            except ConflictError:
                return

    @rule()
    def take_the_freeze_back(self) -> None:
        with acting(self.world, "regulator") as uow:
            try:
                product_freeze.withdraw_freeze_step(uow, self.life.code)
            except ConflictError:
                return

    @precondition(lambda self: self.is_provider_able)
    @rule()
    def provider_is_suspended(self) -> None:
        self.is_provider_able = False
        before = self.life.state
        with self.world.begin() as uow:
            body = uow.find("participant", CODES["provider"])
            assert body is not None
            uow.change(body, act="confirm_suspension", state="suspended")
        self.life.stop()
        if before == "listed":
            self.stopper = "trading"

    @precondition(lambda self: not self.is_provider_able)
    @rule()
    def provider_is_reinstated(self) -> None:
        self.is_provider_able = True
        with self.world.begin() as uow:
            body = uow.find("participant", CODES["provider"])
            assert body is not None
            uow.change(body, act="confirm_reinstatement", state="active")

    @rule()
    def nobody_signs_in_time(self) -> None:
        self.world.now += SIGN_WITHIN + timedelta(seconds=1)

    @invariant()
    def only_what_nobody_stopped_is_on_offer(self) -> None:
        entry = self.world.catalog.get(self.life.code)
        is_offered = entry is not None and entry["state"] == "listed"
        assert is_offered == (self.life.state == "listed" and self.life.product.state == "active")
        if self.stopper is not None:
            assert not is_offered, self.stopper
        if not self.is_provider_able:
            assert not is_offered, "its provider is suspended"

    @invariant()
    def every_wait_has_its_act(self) -> None:
        for stored, waits in ((self.life.stored, WAITING), (self.life.product, FREEZING)):
            waiting = stored.document["waiting"]
            assert (waiting is not None) == (stored.state in waits)
            if waiting is not None:
                assert self.world.objects["act", waiting["act_id"]].state in {"open", "calling"}

    @invariant()
    def log_names_every_change_of_the_feed(self) -> None:
        verify_changes(self.world.feed)
        named = {
            data["feed_sequence"]: data["feed_chain_digest"]
            for _, data, _ in self.world.events
            if "feed_sequence" in data
        }
        assert named == {row["sequence"]: row["chain_digest"] for row in self.world.feed}


TestOffer = Offer.TestCase
TestOffer.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
