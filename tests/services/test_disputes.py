"""Disputes about orders and agreements: talks, mediation, settlement, referral to an arbitrator on the chain, ruling; in memory."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from support.fake_unit_of_work import World
from support.product_world import CODES, a_world, acting, open_act, settle, sign_as
from support.trade_ends import due, inbox
from support.trade_steps import Trade, suspend

from ledger.adapters.chain.act_calls import blank, form
from ledger.adapters.chain.bindings import disputes as disputes_contract
from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.domain.act_json import act_from_json
from ledger.domain.acts.disputes import DisputeCase, Ruling
from ledger.domain.chain_counts import FollowedChange
from ledger.domain.dispute import ANSWER_DUTY, MEDIATE_DUTY, MESSAGES_MAX, RULE_DUTY, Complaint, Statement
from ledger.domain.hashes.disputes import dispute_id as chain_dispute_id
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, InputError, MisuseError, NotFoundError
from ledger.services import agreement_filing, dispute_messages, dispute_referral, disputes
from ledger.services.bodies import BodyNotAbleError
from ledger.services.business import StoredObject, salt_of_ids

CASE = "dsp-" + "0" * 31 + "1"
SALT = b"\x21" * 32
WORDS = "字段缺失且未按期更新"


@pytest.fixture(scope="module")
def made() -> Trade:
    """A filed agreement with its order; made once."""
    return Trade(a_world()).draft().offered().confirmed().generated().signed().filed()


@pytest.fixture
def trade(made: Trade) -> Trade:
    return copy.deepcopy(made)


def complain(trade: Trade, name: str = "bank", *, dispute_id: str = CASE, **members: Any) -> StoredObject:
    defaults = {
        "subject_kind": "agreement",
        "subject_id": getattr(trade, "agreement_id", ""),
        "category": "quality",
        "statement": Statement(WORDS, ("ab" * 32,)),
    }
    with acting(trade.world, name) as uow:
        command = disputes.OpenDispute(dispute_id, Complaint(**defaults | members), SALT)
        return disputes.open_dispute(uow, command)


def do(trade: Trade, name: str, use_case: Any, *arguments: Any, said: str = "说明") -> StoredObject:
    with acting(trade.world, name) as uow:
        done: StoredObject = use_case(uow, CASE, *arguments, Statement(said))
    return done


def case_of(trade: Trade) -> StoredObject:
    return trade.world.objects["dispute", CASE]


def mediated(trade: Trade, **members: Any) -> Trade:
    """A case that the mediator could not settle."""
    complain(trade, **members)
    do(trade, "provider", disputes.write_message)
    do(trade, "bank", disputes.ask_mediation)
    do(trade, "trading", disputes.end_mediation)
    return trade


def events(world: World) -> list[str]:
    return [kind.split(".", 2)[2].removesuffix(".v1") for kind, _, _ in world.events if ".dispute." in kind]


def test_case_goes_from_complaint_over_mediation_to_a_ruling_on_the_chain(trade: Trade) -> None:
    mediated(trade)
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    assert case_of(trade).state == "referring"
    settle(trade.world)
    assert case_of(trade).state == "referred"
    assert CODES["arbitrator"] in case_of(trade).parties
    do(trade, "arbitrator", dispute_referral.rule_dispute, said="部分支持")
    settle(trade.world)
    assert (case_of(trade).state, case_of(trade).document["ruled"]["tx_hash"]) == ("ruled", "01" * 32)
    assert events(trade.world) == [
        *("dispute.complained", "dispute.answered", "dispute.mediation_asked", "dispute.mediation_failed"),
        *("dispute.referral_asked", "dispute.referred", "dispute.ruling_asked", "dispute.ruled"),
    ]
    for duty in (ANSWER_DUTY, MEDIATE_DUTY, RULE_DUTY):
        assert due(trade, case_of(trade), duty).met_at is not None


def test_referral_and_ruling_are_called_as_the_contract_takes_them(trade: Trade) -> None:
    mediated(trade)
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    case = act_from_json("Disputes.DisputeCase", open_act(trade.world).document["message"])
    assert isinstance(case, DisputeCase)
    assert case.agreement_id == agreement_chain_id(salt_of_ids(trade.agreement), trade.agreement_id)
    assert (case.nonce, case.frozen_amount, case.review_at) == (0, 0, 0)
    assert case.grounds_digest.hex() == case_of(trade).document["grounds_digest"]
    settle(trade.world)
    call = trade.world.calls[-1]
    assert (call.contract, call.step) == ("Disputes", "trade.dispute.refer")
    assert (
        call.data[:4]
        == disputes_contract.encode_open(
            dispute_case=form(disputes_contract.DisputeCase, case),
            proof=blank(disputes_contract.CaseProof),
            opener=disputes_contract.PartySignature(bytes(32), bytes(20), bytes(32), 0, b""),
        )[:4]
    )
    do(trade, "arbitrator", dispute_referral.rule_dispute)
    ruling = act_from_json("Disputes.Ruling", open_act(trade.world).document["message"])
    assert isinstance(ruling, Ruling)
    bank = bytes.fromhex(trade.world.objects["participant", CODES["bank"]].document["chain"]["body_id"])
    assert ruling.dispute_id == chain_dispute_id(case.agreement_id, bank, 0)
    assert ruling.ruling_digest.hex() == case_of(trade).document["ruling_digest"]
    settle(trade.world)
    assert trade.world.calls[-1].step == "trade.dispute.rule"


def test_what_is_said_is_sealed_and_its_digest_is_evidence(trade: Trade) -> None:
    complain(trade)
    message = trade.world.objects["dispute_message", f"{CASE}/0001"]
    assert trade.world.private["dispute_message", message.object_id] == {"text": WORDS}
    assert WORDS not in repr((trade.world.objects, trade.world.events))
    digest = dispute_messages.digest_of(SALT, CASE, 1, "complaint", Statement(WORDS, ("ab" * 32,)))
    assert message.document["message_digest"] == digest == case_of(trade).document["grounds_digest"]
    [data] = [data for kind, data, _ in trade.world.events if kind.endswith("dispute.complained.v1")]
    assert (data["message_digest"], data["category"]) == (digest, "quality")


def test_parties_talk_first_and_turn_to_the_platform_when_there_is_no_answer(trade: Trade) -> None:
    complain(trade)
    with pytest.raises(ConflictError, match="talk first"):
        do(trade, "bank", disputes.ask_mediation)
    trade.world.now += timedelta(days=5, seconds=1)
    do(trade, "bank", disputes.ask_mediation)
    assert case_of(trade).state == "mediating"
    assert due(trade, case_of(trade), MEDIATE_DUTY).due_at == trade.world.now + timedelta(days=30)


def test_answer_is_the_respondents_first_message(trade: Trade) -> None:
    complain(trade)
    do(trade, "bank", disputes.write_message)
    assert (case_of(trade).state, due(trade, case_of(trade), ANSWER_DUTY).met_at) == ("complained", None)
    do(trade, "provider", disputes.write_message)
    assert case_of(trade).state == "negotiating"
    assert due(trade, case_of(trade), ANSWER_DUTY).met_at == trade.world.now
    assert inbox(trade, "bank") == ["dispute_answered"]
    assert inbox(trade, "provider") == ["complaint", "dispute_message_written"]


def test_mediator_takes_part_from_the_request_on(trade: Trade) -> None:
    complain(trade)
    do(trade, "provider", disputes.write_message)
    with pytest.raises(NotFoundError):
        do(trade, "trading", disputes.write_message)
    do(trade, "provider", disputes.ask_mediation)
    do(trade, "trading", disputes.write_message)
    with pytest.raises(AccessError, match="mediator"):
        do(trade, "bank", disputes.end_mediation)
    trade.world.now += timedelta(days=30, seconds=1)
    do(trade, "bank", disputes.end_mediation)
    assert case_of(trade).state == "mediation_failed"


def test_both_accept_a_settlement_by_its_digest(trade: Trade) -> None:
    complain(trade)
    do(trade, "provider", disputes.write_message)
    do(trade, "bank", disputes.ask_mediation)
    digest = do(trade, "trading", disputes.propose_settlement, said="补发数据并减收一成").document["proposal"]["digest"]
    with acting(trade.world, "bank") as uow, pytest.raises(ConflictError, match="not what is proposed"):
        disputes.accept_settlement(uow, CASE, "cd" * 32)
    with acting(trade.world, "trading") as uow, pytest.raises(AccessError):
        disputes.accept_settlement(uow, CASE, digest)
    with acting(trade.world, "bank") as uow:
        assert disputes.accept_settlement(uow, CASE, digest).state == "mediating"
    with acting(trade.world, "bank") as uow, pytest.raises(ConflictError, match="already"):
        disputes.accept_settlement(uow, CASE, digest)
    with acting(trade.world, "provider") as uow:
        assert disputes.accept_settlement(uow, CASE, digest).state == "settled"
    assert due(trade, case_of(trade), MEDIATE_DUTY).met_at is not None
    with pytest.raises(IllegalTransitionError):
        do(trade, "bank", disputes.write_message)


def test_party_accepts_its_own_proposal_with_it_and_a_new_one_begins_anew(trade: Trade) -> None:
    complain(trade)
    do(trade, "provider", disputes.write_message)
    first = do(trade, "provider", disputes.propose_settlement, said="减收一成").document["proposal"]["digest"]
    second = do(trade, "bank", disputes.propose_settlement, said="减收两成").document["proposal"]
    assert second["accepted"] == [CODES["bank"]]
    with acting(trade.world, "bank") as uow, pytest.raises(ConflictError):
        disputes.accept_settlement(uow, CASE, first)
    with acting(trade.world, "provider") as uow:
        assert disputes.accept_settlement(uow, CASE, second["digest"]).state == "settled"


def test_who_complained_withdraws_and_nobody_else(trade: Trade) -> None:
    complain(trade)
    with pytest.raises(AccessError):
        do(trade, "provider", disputes.withdraw_dispute)
    assert do(trade, "bank", disputes.withdraw_dispute).state == "withdrawn"
    assert due(trade, case_of(trade), ANSWER_DUTY).met_at is not None


@pytest.mark.parametrize("name", ["trading", "regulator", "stranger"])
def test_only_a_party_complains(trade: Trade, name: str) -> None:
    with pytest.raises((NotFoundError, AccessError)):
        complain(trade, name)
    assert ("dispute", CASE) not in trade.world.objects


def test_case_about_an_order_is_referred_and_ruled_without_the_chain(trade: Trade) -> None:
    other = Trade(a_world()).draft().offered()
    mediated(other, subject_kind="order", subject_id=other.order_id)
    do(other, "provider", dispute_referral.refer_dispute, CODES["arbitrator"])
    assert (case_of(other).state, case_of(other).document["referred"]) == ("referred", None)
    do(other, "arbitrator", dispute_referral.rule_dispute)
    assert case_of(other).state == "ruled"
    assert case_of(other).document["ruling_digest"] is not None
    with pytest.raises(NotFoundError):
        complain(trade, subject_kind="order", subject_id="order-999999")
    drafted = Trade(a_world()).draft()
    with pytest.raises(ConflictError, match="not seen"):
        complain(drafted, subject_kind="order", subject_id=drafted.order_id)


def test_order_in_force_is_referred_by_its_agreement(trade: Trade) -> None:
    mediated(trade, subject_kind="order", subject_id=trade.order_id)
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    assert case_of(trade).state == "referring"


def test_arbitrator_is_one_and_took_no_part(trade: Trade) -> None:
    mediated(trade)
    with pytest.raises(BodyNotAbleError):
        do(trade, "bank", dispute_referral.refer_dispute, CODES["stranger"])
    with trade.world.begin() as uow:
        body = uow.get("participant", CODES["trading"])
        uow.change(body, act="x", document={**body.document, "roles": ["trading_platform", "arbitrator"]})
    with pytest.raises(ConflictError, match="took part"):
        do(trade, "bank", dispute_referral.refer_dispute, CODES["trading"])
    with pytest.raises(AccessError):
        do(trade, "trading", dispute_referral.refer_dispute, CODES["arbitrator"])
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    with pytest.raises(NotFoundError), acting(trade.world, "arbitrator", roles=("consumer",)) as uow:
        dispute_referral.rule_dispute(uow, CASE, Statement("x"))
    settle(trade.world)
    with pytest.raises(AccessError):
        do(trade, "bank", dispute_referral.rule_dispute)


@pytest.mark.parametrize("step", ["refer", "rule"])
def test_step_that_the_chain_refuses_goes_back_and_is_asked_anew(trade: Trade, step: str) -> None:
    mediated(trade)
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    if step == "rule":
        settle(trade.world)
        do(trade, "arbitrator", dispute_referral.rule_dispute)
    settle(trade.world, refused="DisputesWrongNonce")
    assert case_of(trade).state == {"refer": "mediation_failed", "rule": "referred"}[step]
    assert case_of(trade).document["refused"]["is_outdated"]
    if step == "refer":
        do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    else:
        do(trade, "arbitrator", dispute_referral.rule_dispute)
    settle(trade.world)
    assert case_of(trade).state == {"refer": "referred", "rule": "ruled"}[step]


def test_step_that_waits_is_taken_back(trade: Trade) -> None:
    mediated(trade)
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    with acting(trade.world, "provider") as uow, pytest.raises(AccessError):
        dispute_referral.withdraw_dispute_step(uow, CASE)
    with acting(trade.world, "regulator") as uow, pytest.raises(AccessError):
        dispute_referral.withdraw_dispute_step(uow, CASE)
    with acting(trade.world, "bank") as uow:
        assert dispute_referral.withdraw_dispute_step(uow, CASE).state == "mediation_failed"


def test_count_of_cases_is_of_those_here_and_of_those_that_were_relayed_directly(trade: Trade) -> None:
    mediated(trade)
    chain_id = agreement_chain_id(salt_of_ids(trade.agreement), trade.agreement_id)
    bank = bytes.fromhex(trade.world.objects["participant", CODES["bank"]].document["chain"]["body_id"])
    opened = f"0x{chain_dispute_id(chain_id, bank, 0).hex()}"
    trade.world.followed_to = 9
    trade.world.followed.append(("Disputes", FollowedChange("DisputeOpened", "dispute", opened, 8, 0, {})))
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    assert open_act(trade.world).document["message"]["nonce"] == 1


def test_suspended_party_still_refers_and_a_suspended_arbitrator_rules_nothing(trade: Trade) -> None:
    mediated(trade)
    suspend(trade.world, "bank")
    do(trade, "bank", dispute_referral.refer_dispute, CODES["arbitrator"])
    settle(trade.world)
    do(trade, "arbitrator", dispute_referral.rule_dispute)
    suspend(trade.world, "arbitrator")
    with acting(trade.world, "arbitrator") as uow, pytest.raises(BodyNotAbleError):
        sign_as(uow, open_act(trade.world), 0, "arbitrator")


def test_dispute_outlives_the_agreement(trade: Trade) -> None:
    trade.agree("bank", agreement_filing.dissolve_agreement, int(trade.world.now.timestamp()), "项目结束")
    settle(trade.world)
    assert complain(trade).state == "complained"


def test_messages_and_open_cases_are_bounded(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispute_messages, "MESSAGES_MAX", 2)
    monkeypatch.setattr(disputes, "OPEN_MAX", 1)
    complain(trade)
    do(trade, "bank", disputes.write_message)
    with pytest.raises(ConflictError, match="messages at most"):
        do(trade, "bank", disputes.write_message)
    with pytest.raises(ConflictError, match="cases at most"):
        complain(trade, dispute_id="dsp-" + "0" * 31 + "2")
    assert MESSAGES_MAX == 1_000


@pytest.mark.parametrize(
    ("text", "attachments"),
    [("", ()), (" ", ()), ("x" * 10_001, ()), ("x", ("AB" * 32,)), ("x", ("ab" * 32,) * 2), ("x", ("ab",))],
)
def test_statement_that_is_none_is_refused(text: str, attachments: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        Statement(text, attachments)


@pytest.mark.parametrize("members", [{"category": "taste"}, {"subject_kind": "product"}])
def test_complaint_about_something_else_is_refused(trade: Trade, members: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        complain(trade, **members)


def test_salt_has_its_length(trade: Trade) -> None:
    complaint = Complaint("agreement", trade.agreement_id, "breach", Statement("x"))
    with acting(trade.world, "bank") as uow, pytest.raises(MisuseError):
        disputes.open_dispute(uow, disputes.OpenDispute(CASE, complaint, b""))
