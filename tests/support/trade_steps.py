"""Orders and agreements in a fake world: a bank orders a listed product, by whichever way, each step by the body whose step it is."""

from typing import Any

from support.agreements import CONFIDENTIAL
from support.fake_unit_of_work import World
from support.product_steps import Life
from support.product_world import CODES, acting, settle

from ledger.bundle.agreement_digest import AgreementSalts, agreement_leaves
from ledger.domain.agreement_terms import AgreementTerms
from ledger.domain.codes import CodeKind, generate_national_code
from ledger.services import agreement_filing, agreements, orders
from ledger.services.business import StoredObject
from ledger.services.new_agreement import NewAgreement, SealedPart

PROVIDER_NODE = generate_national_code(CodeKind.CONNECTOR, CODES["provider"], "3100", "00000001")
BANK_NODE = generate_national_code(CodeKind.CONNECTOR, CODES["bank"], "3100", "00000002")
APPLICATION_ID = "app-00000001"
ORDER_ID = "order-000001"
ORDER_SALT, SALT = b"\x11" * 32, b"\x12" * 32
SALTS = AgreementSalts(b"\x13" * 32, b"\x14" * 32)
HIDDEN = tuple(leaf.leaf_hash.hex() for leaf in agreement_leaves({"x": 1}, CONFIDENTIAL, SALTS)[: len(CONFIDENTIAL)])


def terms(**members: Any) -> AgreementTerms:
    """Terms for a year from the first day of 2027."""
    defaults: dict[str, Any] = {
        "name": "施工许可状态数据使用协议",
        "abstract": "贷后管理按次核验施工许可",
        "sign_mode": "02",
        "provider_node": PROVIDER_NODE,
        "consumer_node": BANK_NODE,
        "scope": "贷后管理",
        "fields": ("permit_no", "status"),
        "valid_from": "2026-11-01",
        "valid_until": "2027-12-31",
        "rule_version": "ab" * 32,
        "silence_accepts": True,
        "answer_working_days": 3,
        "pay_basis": "collected",
        "breach_liability": "停止使用、删除数据并赔偿损失",
    }
    return AgreementTerms(**defaults | members)


def new_agreement(*, random: str = "0000000A", **members: Any) -> NewAgreement:
    sealed = SealedPart(HIDDEN, "AAECAw==")
    return NewAgreement(terms(**members), sealed, random, SALTS.disclosed, SALT)


class Trade:
    """One order of the bank's for a product of the provider's; every method is a step."""

    def __init__(self, world: World, *, public: bool = False, **members: Any) -> None:
        self.world = world
        self.life = Life(world, public=public, **members).until("listed")
        self.order_id = ORDER_ID
        self.approve()

    def approve(self, state: str = "approved", **members: Any) -> None:
        """The bank's application, decided."""
        document = {"applicant": CODES["bank"], "product_code": self.life.code, "version": 1} | members
        with self.world.begin() as uow:
            there = uow.find("application", APPLICATION_ID)
            if there is None:
                uow.create(
                    "application", APPLICATION_ID, state=state, parties=(CODES["bank"],), document=document, act="x"
                )
            else:
                uow.change(there, act="x", state=state, document=document)

    def content(self, **members: Any) -> dict[str, Any]:
        """1,000 calls by the application, to be confirmed within ten days."""
        defaults: dict[str, Any] = {
            "kind": "single",
            "origin": {"kind": "application", "reference": APPLICATION_ID},
            "product_code": self.life.code,
            "product_version": 1,
            "purpose": "贷后管理",
            "use": "commercial",
            "quantity": 1_000,
            "periods": 0,
            "valid_until": int(self.world.now.timestamp()) + 10 * 86_400,
        }
        return defaults | members

    @property
    def order(self) -> StoredObject:
        return self.world.objects["order", self.order_id]

    @property
    def agreement(self) -> StoredObject:
        return self.world.objects["agreement", self.agreement_id]

    def draft(self, *, order_id: str = ORDER_ID, **members: Any) -> "Trade":
        with acting(self.world, "bank") as uow:
            orders.draft_order(uow, orders.DraftOrder(order_id, self.content(**members), ORDER_SALT))
        self.order_id = order_id
        return self

    def do(self, name: str, use_case: Any, *arguments: Any) -> StoredObject:
        """A step of the order by somebody who has read its newest revision."""
        with acting(self.world, name, revision=self.order.revision) as uow:
            done: StoredObject = use_case(uow, self.order_id, *arguments)
        return done

    def agree(self, name: str, use_case: Any, *arguments: Any) -> StoredObject:
        """A step of the agreement by somebody who has read its newest revision."""
        with acting(self.world, name, revision=self.agreement.revision) as uow:
            done: StoredObject = use_case(uow, self.agreement_id, *arguments)
        return done

    def offered(self) -> "Trade":
        self.do("bank", orders.place_order)
        settle(self.world)
        return self

    def confirmed(self) -> "Trade":
        self.do("provider", orders.accept_order)
        settle(self.world)
        return self

    def generated(self, **members: Any) -> "Trade":
        self.agreement_id = self.do("provider", agreements.generate_agreement, new_agreement(**members)).object_id
        return self

    def framework(self, *, negotiation_id: str | None = None, **members: Any) -> "Trade":
        """A framework agreement in the place of the order's."""
        with acting(self.world, "bank") as uow:
            about = (self.life.code, 1, CODES["bank"], new_agreement(**members))
            made = agreements.generate_framework(uow, *about, negotiation_id=negotiation_id)
        self.agreement_id = made.object_id
        return self

    def signed(self) -> "Trade":
        self.agree("bank", agreements.ask_signatures)
        settle(self.world)
        self.attached()
        return self

    def attached(self, refused: str | None = None) -> None:
        """The chain decides about the order's agreement, if it was asked to hold that."""
        waiting = [one for (kind, _), one in self.world.objects.items() if kind == "act" and one.state == "calling"]
        for act in waiting:
            assert act.document["function"] == "attach_agreement" and act.document["signers"] == []
            self.world.decide(act.object_id, refused)

    def filed(self) -> "Trade":
        self.agree("trading", agreement_filing.file_agreement)
        settle(self.world)
        return self


def suspend(world: World, name: str) -> None:
    """The body is out of standing from now on."""
    with world.begin() as uow:
        body = uow.find("participant", CODES[name])
        assert body is not None
        uow.change(body, act="confirm_suspension", state="suspended")
