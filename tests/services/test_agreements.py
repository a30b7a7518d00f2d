"""An agreement's way from the order to its filing and its end, on the unit of work in memory."""

import copy
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.agreements import CONFIDENTIAL
from support.fake_unit_of_work import World
from support.product_world import CODES, a_world, acting, open_act, settle, sign_as
from support.trade_steps import BANK_NODE, SALTS, Trade, new_agreement, suspend

from ledger.adapters.chain.act_calls import form
from ledger.adapters.chain.bindings import orders as orders_contract
from ledger.bundle.agreement_digest import agreement_digest, agreement_leaves
from ledger.domain.act_json import act_from_json
from ledger.domain.agreement import InvalidAgreementError
from ledger.domain.agreement_id import parse_agreement_id
from ledger.domain.agreement_status import STATUS_OF_STATE
from ledger.errors import (
    AccessError,
    ConflictError,
    IllegalTransitionError,
    InputError,
    InvalidActSignatureError,
    NotFoundError,
    RevisionMismatchError,
)
from ledger.services import agreement_filing, agreements, order_closing, orders
from ledger.services.acts import act_of
from ledger.services.agreement_objects import act_of_agreement
from ledger.services.bodies import BodyNotAbleError
from ledger.services.new_agreement import SealedPart
from ledger.services.order_objects import OriginNotMetError
from ledger.services.trade_chain import SIGN_WITHIN

EVENT = re.compile(r"org\.cityledger\.agreement\.[a-z_]+\.v1")


@pytest.fixture(scope="module")
def ordered() -> Trade:
    """Made once; every test goes on from a copy."""
    return Trade(a_world()).draft().offered().confirmed()


@pytest.fixture
def trade(ordered: Trade) -> Trade:
    return copy.deepcopy(ordered)


def events(world: World) -> list[str]:
    return [kind.split(".")[3] for kind, _, _ in world.events if EVENT.fullmatch(kind)]


def end_of(trade: Trade) -> int:
    return int(trade.world.now.timestamp()) + 30 * 86_400


def test_agreement_goes_from_the_order_to_its_filing_and_its_end(trade: Trade) -> None:
    trade.generated().signed()
    assert (trade.agreement.state, trade.order.state) == ("signed", "in_force")
    trade.filed()
    assert trade.agreement.document["filing"]["contract_hash"] == trade.agreement.document["contract_hash"]
    with pytest.raises(ConflictError, match="in force"):
        trade.do("bank", order_closing.close_order)
    trade.agree("bank", agreement_filing.dissolve_agreement, end_of(trade), "项目结束")
    settle(trade.world)
    assert (trade.agreement.state, STATUS_OF_STATE[trade.agreement.state]) == ("terminated", "06")
    trade.do("provider", order_closing.close_order)

    assert trade.order.state == "closed"
    assert events(trade.world) == [
        *("generated", "signatures_asked", "concluded", "filing_asked", "filed", "end_asked", "ended"),
    ]
    assert [call.step for call in trade.world.calls[-4:]] == [
        *("trade.agreement.conclude", "trade.order.attach", "trade.agreement.file", "trade.agreement.end"),
    ]


def test_chain_is_told_of_the_orders_agreement_without_another_signature(trade: Trade) -> None:
    trade.generated()
    trade.agree("bank", agreements.ask_signatures)
    settle(trade.world)

    call, agreement_id = trade.world.calls[-1], act_of_agreement(trade.agreement).agreement_id
    assert (call.contract, call.step) == ("Orders", "trade.order.attach")
    order = act_from_json("Orders.Order", trade.order.document["order"])
    assert call.data == orders_contract.encode_attach_agreement(
        order=form(orders_contract.Order, order), agreement_id=agreement_id
    )
    refused = copy.deepcopy(trade)
    trade.attached()
    assert trade.order.document["attached"]["tx_hash"] == "01" * 32
    refused.attached("OrdersWrongStatus")
    assert (refused.order.state, refused.order.document["refused"]["step"]) == ("in_force", "attach")


def test_agreement_is_named_by_the_platform_and_hashed_over_both_parts(trade: Trade) -> None:
    trade.generated()

    named = parse_agreement_id(trade.agreement_id)
    assert (named.subject, named.issued_at) == (CODES["trading"], trade.world.now)
    document = trade.agreement.document
    whole = agreement_leaves(document["disclosed"], CONFIDENTIAL, SALTS)
    assert document["contract_hash"] == agreement_digest(whole).hex(), "as the parties compute it, who have both parts"
    act = act_of_agreement(trade.agreement)
    assert act.contract_digest.hex() == document["contract_hash"]
    assert act.order_id.hex() == trade.order.document["order"]["orderId"].removeprefix("0x")
    assert trade.order.document["agreement_id"] == trade.agreement_id


def test_confidential_words_are_nowhere_in_the_world(trade: Trade) -> None:
    trade.generated().signed().filed()
    kept = repr((trade.world.objects, trade.world.events, trade.world.calls, trade.world.private))
    assert not [word for word in CONFIDENTIAL.values() if word in kept]


def test_events_of_agreements_hold_ids_and_digests_only(trade: Trade) -> None:
    trade.generated().signed().filed()
    trade.agree("provider", agreement_filing.dissolve_agreement, end_of(trade), "双方协商")
    for kind, data, subject in trade.world.events:
        if EVENT.fullmatch(kind):
            assert subject == trade.agreement_id
            assert not re.search(r"[\u4e00-\u9fff]", str(data)), kind


def test_free_use_is_agreed_upon_at_a_price_of_zero_and_the_products_rule() -> None:
    trade = Trade(a_world(), public=True).draft(use="public_benefit").offered().confirmed().generated()
    assert trade.agreement.document["disclosed"]["price"]["unit_price"] == 0
    act, version = act_of_agreement(trade.agreement), trade.life.stored.document
    assert act.components[0].max_unit_price == 0
    assert act.price_rule_digest.hex() == version["price_rule_digest"], "the contract takes no other with public data"


def test_platforms_see_an_agreement_from_its_conclusion_on(trade: Trade) -> None:
    trade.generated()
    with acting(trade.world, "trading") as uow, pytest.raises(NotFoundError):
        uow.get("agreement", trade.agreement_id)
    trade.signed()
    with acting(trade.world, "trading") as uow:
        assert uow.get("agreement", trade.agreement_id).state == "signed"
    for name in ("stranger", "other_trading"):
        with acting(trade.world, name) as uow, pytest.raises(NotFoundError):
            uow.get("agreement", trade.agreement_id)


@pytest.mark.parametrize("name", ["stranger", "trading"])
def test_agreement_is_generated_by_a_party(trade: Trade, name: str) -> None:
    with pytest.raises((NotFoundError, AccessError)):
        trade.do(name, agreements.generate_agreement, new_agreement())
    assert trade.order.document["agreement_id"] is None


def test_order_has_one_agreement_at_a_time(trade: Trade) -> None:
    trade.generated()
    with pytest.raises(ConflictError, match="already"):
        trade.generated(random="0000000B")
    with pytest.raises(ConflictError, match="abandoned first"):
        trade.do("bank", order_closing.cancel_order, "不需要")
    trade.agree("bank", agreement_filing.abandon_agreement, "条款不符")
    assert (trade.agreement.state, trade.order.document["agreement_id"]) == ("abandoned", None)
    trade.generated(random="0000000B").signed()
    assert trade.order.state == "in_force"


@pytest.mark.parametrize(
    "members",
    [{"consumer_node": "2" * 32}, {"provider_node": BANK_NODE}, {"valid_until": "2020-01-01"}, {"shares": ()}],
)
def test_terms_are_checked(trade: Trade, members: dict[str, Any]) -> None:
    if members == {"shares": ()}:
        trade.generated(**members)  # nobody stated: the provider is paid
        assert [share["recipient"] for share in trade.agreement.document["shares"]] == [CODES["provider"]]
        return
    with pytest.raises(InputError):
        trade.generated(**members)


@pytest.mark.parametrize(
    ("hashes", "ciphertext"),
    [((), "AAAA"), (("xy",), "AAAA"), (("ab" * 32,), "***"), (("ab" * 32,), ""), (("ab" * 32,) * 51, "AAAA")],
)
def test_sealed_part_that_is_none_is_refused(hashes: tuple[str, ...], ciphertext: str) -> None:
    with pytest.raises(InvalidAgreementError):
        SealedPart(hashes, ciphertext)


def test_two_salts_differ() -> None:
    with pytest.raises(InvalidAgreementError):
        replace(new_agreement(), salt=SALTS.disclosed)


def test_both_parties_sign_and_one_alone_binds_nobody(trade: Trade) -> None:
    trade.generated()
    trade.agree("provider", agreements.ask_signatures)
    act = open_act(trade.world)
    assert [signer["participant"] for signer in act.document["signers"]] == [CODES["provider"], CODES["bank"]]
    with acting(trade.world, "provider") as uow:
        act = sign_as(uow, act, 0, "provider")
    assert (act.state, trade.agreement.state, trade.order.state) == ("open", "signing", "confirmed")
    with acting(trade.world, "bank") as uow:
        act = sign_as(uow, act, 1, "bank")
    assert (act.state, trade.agreement.state) == ("calling", "signing"), "only the chain concludes"
    with pytest.raises(ConflictError, match="being called"):
        trade.agree("bank", agreement_filing.abandon_agreement, "不签了")
    trade.world.decide(act.object_id)
    assert trade.agreement.state == "signed"


def test_text_is_closed_as_it_was_read(trade: Trade) -> None:
    trade.generated()
    with acting(trade.world, "bank", revision=9) as uow, pytest.raises(RevisionMismatchError):
        agreements.ask_signatures(uow, trade.agreement_id)
    trade.agree("bank", agreements.ask_signatures)
    with pytest.raises(ConflictError, match="already"):
        trade.agree("provider", agreements.ask_signatures)


def test_agreement_that_is_over_is_not_signed(trade: Trade) -> None:
    trade.generated(valid_until="2026-11-02")
    trade.world.now += timedelta(days=1)
    with pytest.raises(ConflictError, match="last day"):
        trade.agree("bank", agreements.ask_signatures)


def test_signature_over_another_version_of_the_agreement_is_refused(trade: Trade) -> None:
    trade.generated()
    trade.agree("bank", agreements.ask_signatures)
    first = open_act(trade.world)
    trade.agree("bank", agreement_filing.abandon_agreement, "改价")
    trade.generated(random="0000000B", breach_liability="双倍赔偿")
    trade.agree("bank", agreements.ask_signatures)
    second = open_act(trade.world)
    assert act_of(first) != act_of(second)
    with acting(trade.world, "bank") as uow, pytest.raises(IllegalTransitionError):
        sign_as(uow, first, 1, "bank")
    mixed = replace(first, object_id=second.object_id)
    with acting(trade.world, "bank") as uow, pytest.raises(InvalidActSignatureError, match="does not verify"):
        sign_as(uow, mixed, 1, "bank")
    settle(trade.world)
    assert trade.agreement.state == "signed"


def test_suspended_party_signs_no_agreement_but_its_end(trade: Trade) -> None:
    trade.generated()
    trade.agree("bank", agreements.ask_signatures)
    asked = copy.deepcopy(trade)
    suspend(asked.world, "bank")
    with acting(asked.world, "bank") as uow, pytest.raises(BodyNotAbleError):
        sign_as(uow, open_act(asked.world), 1, "bank")

    settle(trade.world)
    suspend(trade.world, "bank")
    trade.agree("provider", agreement_filing.dissolve_agreement, end_of(trade), "对方停业")
    settle(trade.world)
    assert trade.agreement.state == "terminated"


@pytest.mark.parametrize("step", ["conclude", "file", "end"])
def test_step_that_the_chain_refuses_goes_back_and_is_asked_anew(trade: Trade, step: str) -> None:
    trade.generated()
    back, name, use_case, arguments = {
        "conclude": ("generated", "bank", agreements.ask_signatures, ()),
        "file": ("signed", "trading", agreement_filing.file_agreement, ()),
        "end": ("filed", "bank", agreement_filing.dissolve_agreement, (end_of(trade), "到此为止")),
    }[step]
    if step != "conclude":
        trade.signed()
    if step == "end":
        trade.filed()
    trade.agree(name, use_case, *arguments)
    settle(trade.world, refused="DigitalContractRegistryRuleNotApproved")
    assert trade.agreement.state == back
    assert trade.agreement.document["refused"]["reason"] == "DigitalContractRegistryRuleNotApproved"
    assert trade.order.state == ("confirmed" if step == "conclude" else "in_force")
    trade.agree(name, use_case, *arguments)
    settle(trade.world)
    assert trade.agreement.state == {"conclude": "signed", "file": "filed", "end": "terminated"}[step]


def test_step_is_taken_back_by_who_asked_and_later_by_any_party(trade: Trade) -> None:
    trade.generated()
    trade.agree("provider", agreements.ask_signatures)
    with pytest.raises(AccessError):
        trade.agree("bank", agreement_filing.withdraw_agreement_step)
    trade.world.now += SIGN_WITHIN + timedelta(seconds=1)
    trade.agree("bank", agreement_filing.withdraw_agreement_step)
    assert trade.agreement.state == "generated"
    trade.signed()
    trade.agree("trading", agreement_filing.file_agreement)
    with acting(trade.world, "regulator") as uow, pytest.raises(AccessError):
        agreement_filing.withdraw_agreement_step(uow, trade.agreement_id)
    trade.agree("trading", agreement_filing.withdraw_agreement_step)
    assert trade.agreement.state == "signed"


def test_filing_is_the_platforms_that_reviewed_the_product(trade: Trade) -> None:
    trade.generated().signed()
    for name in ("bank", "regulator"):
        with pytest.raises(AccessError):
            trade.agree(name, agreement_filing.file_agreement)
    with pytest.raises(NotFoundError):
        trade.agree("other_trading", agreement_filing.file_agreement)
    trade.filed()
    with pytest.raises(IllegalTransitionError):
        trade.agree("trading", agreement_filing.file_agreement)


def test_regulator_alone_ends_an_agreement_and_nobody_else_does(trade: Trade) -> None:
    trade.generated().signed().filed()
    late = act_of_agreement(trade.agreement).valid_until + 1
    for effective_at in (0, late):
        with pytest.raises(InputError):
            trade.agree("bank", agreement_filing.dissolve_agreement, effective_at, "太晚")
    with pytest.raises(AccessError):
        trade.agree("trading", agreement_filing.dissolve_agreement, end_of(trade), "平台")
    trade.agree("regulator", agreement_filing.dissolve_agreement, end_of(trade), "处罚决定")
    assert [signer["participant"] for signer in open_act(trade.world).document["signers"]] == [CODES["regulator"]]
    assert trade.agreement.document["ending"]["ground"] == "ruling"
    settle(trade.world)
    assert trade.agreement.state == "terminated"


def test_call_off_under_a_filed_framework_is_in_force_once_confirmed(trade: Trade) -> None:
    trade.framework(random="0000000C").signed()
    origin = {"kind": "agreement", "reference": trade.agreement_id}
    with pytest.raises(OriginNotMetError):
        trade.draft(order_id="call-off-1", kind="call_off", origin=origin)
    trade.filed()
    trade.draft(order_id="call-off-1", kind="call_off", origin=origin).offered().confirmed()

    assert (trade.order.state, trade.order.document["agreement_id"]) == ("in_force", trade.agreement_id)
    placed = trade.order.document["order"]
    assert placed["agreementId"] == "0x" + act_of_agreement(trade.agreement).agreement_id.hex()
    assert act_of_agreement(trade.agreement).order_id == bytes(32)
    with pytest.raises(IllegalTransitionError):
        trade.do("bank", order_closing.cancel_order, "不需要")
    with pytest.raises(IllegalTransitionError):
        trade.do("bank", agreements.generate_agreement, new_agreement())


def test_call_off_is_not_confirmed_after_the_framework_has_ended(trade: Trade) -> None:
    trade.framework(random="0000000C").signed().filed()
    origin = {"kind": "agreement", "reference": trade.agreement_id}
    trade.draft(order_id="call-off-1", kind="call_off", origin=origin).offered()
    trade.agree("bank", agreement_filing.dissolve_agreement, end_of(trade), "终止框架")
    settle(trade.world)
    with pytest.raises(OriginNotMetError):
        trade.do("provider", orders.accept_order)


@pytest.mark.parametrize(("name", "consumer"), [("stranger", "bank"), ("provider", "provider"), ("bank", "stranger")])
def test_framework_is_between_the_provider_and_another_body(trade: Trade, name: str, consumer: str) -> None:
    with acting(trade.world, name) as uow, pytest.raises(AccessError):
        agreements.generate_framework(uow, trade.life.code, 1, CODES[consumer], new_agreement())
