"""The end of an agreement, whoever or whatever ends it: voucher, proof of what became of the data, notices; on the unit of work in memory."""

import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.product_world import CODES, DIGEST, a_world, acting, settle
from support.trade_ends import due, inbox, instruction, performing, put_keys_on_file, report, said_of, sm2_of
from support.trade_steps import Trade, suspend

from ledger.bundle.agreement_papers import PROOF, VOUCHER, paper_digest
from ledger.domain.agreement import EndCondition
from ledger.domain.agreement_status import Ground
from ledger.domain.control_instruction import Purpose, Reported
from ledger.domain.termination import (
    DESTRUCTION_DUTY,
    DESTRUCTION_WITHIN,
    END_BY_EXPIRY,
    END_BY_RULE,
    VOUCHER_DUTY,
    DestructionProof,
)
from ledger.domain.working_days import SHANGHAI
from ledger.errors import AccessError, IllegalTransitionError, InputError, NotFoundError, SignatureError
from ledger.log.timestamps import format_time
from ledger.services import agreement_endings, agreement_filing, destructions
from ledger.services.business import StoredObject, salt_of_ids
from ledger.services.notices import read_notice

CONDITIONS = (EndCondition("not_in_force", 10), EndCondition("breach_reports", 2))


@pytest.fixture(scope="module")
def made() -> Trade:
    """Made once; every test goes on from a copy."""
    trade = Trade(a_world()).draft().offered().confirmed().generated(end_conditions=CONDITIONS).signed().filed()
    put_keys_on_file(trade)
    return trade


@pytest.fixture
def filed(made: Trade) -> Trade:
    return copy.deepcopy(made)


@pytest.fixture
def dissolved(filed: Trade) -> Trade:
    performing(filed)
    filed.agree("bank", agreement_filing.dissolve_agreement, int(filed.world.now.timestamp()), "项目结束")
    settle(filed.world)
    return filed


def end_when_due(trade: Trade, duty: str) -> StoredObject | None:
    """What the anchor service does with a term that has passed."""
    with trade.world.begin() as uow:
        return agreement_endings.end_when_due(uow, trade.agreement_id, duty)


def voucher_of(trade: Trade) -> StoredObject:
    return trade.world.objects["termination_voucher", trade.agreement_id]


def destruction_of(trade: Trade) -> StoredObject:
    return trade.world.objects["destruction", trade.agreement_id]


def proof(trade: Trade, **members: Any) -> DestructionProof:
    defaults = {
        "method": "overwritten",
        "digest": DIGEST,
        "done_at": format_time(trade.world.now),
        "statement": "已覆写三次",
    }
    return DestructionProof(**defaults | members)


def hand_in(trade: Trade, *, by: str = "bank", signed_by: str = "bank", **members: Any) -> StoredObject:
    said = proof(trade, **members)
    sm2 = sm2_of(signed_by, PROOF, destructions.destruction_paper(trade.agreement_id, said))
    with acting(trade.world, by) as uow:
        return destructions.hand_in_proof(uow, trade.agreement_id, said, sm2)


def test_agreement_ends_by_itself_after_its_last_day(filed: Trade) -> None:
    performing(filed)
    term = due(filed, filed.agreement, END_BY_EXPIRY)
    assert term.due_at == datetime(2028, 1, 1, tzinfo=SHANGHAI), "the last day is 2027-12-31"
    filed.world.now = term.due_at + timedelta(seconds=1)
    assert end_when_due(filed, END_BY_EXPIRY) is not None
    assert filed.agreement.state == "terminated"
    [said] = said_of(filed, "agreement.ended")
    assert (said["ground"], said["contract_status"]) == ("expiry", "06")
    assert term.due_at < filed.world.now
    assert due(filed, filed.agreement, END_BY_EXPIRY).met_at == filed.world.now
    voucher = voucher_of(filed).document["voucher"]
    assert (voucher["erminateType"], voucher["reason"], voucher["agreedEndTime"]) == ("02", None, None)
    assert voucher["scheduledEndTime"] == "2027-12-31T15:59:59.000000Z"
    assert instruction(filed, "consumer", Purpose.STOP).state == "issued"
    assert end_when_due(filed, END_BY_EXPIRY) is None, "once"


def test_agreement_that_waits_for_the_chain_expires_after_that_has_decided(filed: Trade) -> None:
    filed.agree("bank", agreement_filing.dissolve_agreement, int(filed.world.now.timestamp()), "项目结束")
    filed.world.now = due(filed, filed.agreement, END_BY_EXPIRY).due_at + timedelta(seconds=1)
    assert end_when_due(filed, END_BY_EXPIRY) is None
    settle(filed.world, refused="DigitalContractRegistryEnded")
    assert filed.agreement.state == "filed"
    assert end_when_due(filed, END_BY_EXPIRY) is not None


def test_agreement_that_was_signed_and_never_filed_owes_no_proof_when_it_expires() -> None:
    trade = Trade(a_world()).draft().offered().confirmed().generated().signed()
    trade.world.now = due(trade, trade.agreement, END_BY_EXPIRY).due_at + timedelta(seconds=1)
    assert end_when_due(trade, END_BY_EXPIRY) is not None
    assert {kind for kind, _ in trade.world.objects} & {"control_instruction", "destruction"} == set()
    assert voucher_of(trade).document["voucher"]["dataAfterEnd"] is None


def test_connector_that_does_not_perform_in_the_stated_time_ends_the_agreement(filed: Trade) -> None:
    assert due(filed, filed.agreement, END_BY_RULE).due_at == filed.world.now + timedelta(days=10)
    report(filed, "consumer", Reported.RECEIVED)
    filed.world.now += timedelta(days=10, seconds=1)
    ended = end_when_due(filed, END_BY_RULE)
    assert ended is not None
    assert (ended.state, ended.document["ending"]["ground"]) == ("terminated", str(Ground.RULE))
    voucher = voucher_of(filed).document["voucher"]
    assert (voucher["erminateType"], voucher["reason"]) == ("01", agreement_endings.NOT_IN_FORCE)
    assert voucher["agreedEndTime"] == format_time(filed.world.now)
    assert [instruction(filed, side).state for side in ("consumer", "provider")] == ["received", "withdrawn"]


def test_agreement_in_performance_does_not_end_by_that_condition(filed: Trade) -> None:
    performing(filed)
    assert due(filed, filed.agreement, END_BY_RULE).met_at == filed.world.now
    assert filed.agreement.state == "in_performance"


def test_agreement_without_conditions_has_no_such_term() -> None:
    trade = Trade(a_world()).draft().offered().confirmed().generated().signed().filed()
    assert ("agreement", trade.agreement_id, END_BY_RULE) not in trade.world.deadlines
    assert trade.agreement.document["disclosed"]["end_conditions"] == []


def test_voucher_of_a_dissolution_has_the_signatures_that_the_chain_holds(dissolved: Trade) -> None:
    voucher = voucher_of(dissolved)
    assert voucher.state == "signed"
    assert [one["participant"] for one in voucher.document["signatures"]] == [CODES["provider"], CODES["bank"]]
    assert voucher.document["chain"]["tx_hash"] == "01" * 32
    said = voucher.document["voucher"]
    assert (said["ground"], said["erminateType"], said["reason"]) == ("consent", "01", "项目结束")
    assert (said["issuerEntityId"], said["dataAfterEnd"]) == (CODES["bank"], "destroy")
    digest = paper_digest(VOUCHER, salt_of_ids(dissolved.agreement), said).hex()
    [ended] = said_of(dissolved, "agreement.ended")
    assert ended["voucher_digest"] == digest == voucher.document["voucher_digest"]
    assert ended["stop"] == instruction(dissolved, "consumer", Purpose.STOP).document["number"]


def test_voucher_of_an_end_by_itself_is_signed_by_a_platform_in_time(filed: Trade) -> None:
    filed.world.now += timedelta(days=10, seconds=1)
    end_when_due(filed, END_BY_RULE)
    voucher = voucher_of(filed)
    assert (voucher.state, voucher.document["signatures"]) == ("issued", [])
    assert due(filed, voucher, VOUCHER_DUTY).due_at == filed.world.now + agreement_endings.VOUCHER_WITHIN
    paper = voucher.document["voucher"]
    for by, signer, error in (("bank", "bank", AccessError), ("trading", "bank", SignatureError)):
        with acting(filed.world, by) as uow, pytest.raises(error):
            agreement_endings.sign_voucher(uow, filed.agreement_id, sm2_of(signer, VOUCHER, paper))
    with acting(filed.world, "other_trading") as uow, pytest.raises(NotFoundError):
        agreement_endings.sign_voucher(uow, filed.agreement_id, sm2_of("trading", VOUCHER, paper))
    with acting(filed.world, "trading") as uow, pytest.raises(SignatureError, match="over this paper"):
        agreement_endings.sign_voucher(uow, filed.agreement_id, sm2_of("trading", VOUCHER, {**paper, "reason": "x"}))
    with acting(filed.world, "trading") as uow:
        signed = agreement_endings.sign_voucher(uow, filed.agreement_id, sm2_of("trading", VOUCHER, paper))
    assert (signed.state, signed.document["signatures"][0]["participant"]) == ("signed", CODES["trading"])
    assert due(filed, voucher, VOUCHER_DUTY).met_at == filed.world.now
    with acting(filed.world, "trading") as uow, pytest.raises(IllegalTransitionError):
        agreement_endings.sign_voucher(uow, filed.agreement_id, sm2_of("trading", VOUCHER, paper))


def test_everybody_concerned_is_told_once_and_reads_its_own_inbox(dissolved: Trade) -> None:
    for name in ("bank", "provider", "trading"):
        assert inbox(dissolved, name) == ["agreement_ended"]
    assert inbox(dissolved, "regulator") == inbox(dissolved, "stranger") == []
    [(_, mine)] = [
        key for key, one in dissolved.world.objects.items() if key[0] == "notice" and one.parties == (CODES["bank"],)
    ]
    with acting(dissolved.world, "provider") as uow, pytest.raises(NotFoundError):
        read_notice(uow, mine)
    with acting(dissolved.world, "regulator") as uow, pytest.raises(NotFoundError):
        read_notice(uow, mine)
    with acting(dissolved.world, "bank") as uow:
        assert read_notice(uow, mine).state == "read"
    with acting(dissolved.world, "bank") as uow, pytest.raises(IllegalTransitionError):
        read_notice(uow, mine)


def test_consumer_proves_the_destruction_in_time_with_its_signature(dissolved: Trade) -> None:
    owed = destruction_of(dissolved)
    assert (owed.state, owed.document["asked"]) == ("owed", "destroy")
    assert due(dissolved, owed, DESTRUCTION_DUTY).due_at == dissolved.world.now + DESTRUCTION_WITHIN
    handed = hand_in(dissolved)
    assert (handed.state, handed.document["proof"]["method"]) == ("handed_in", "overwritten")
    assert due(dissolved, owed, DESTRUCTION_DUTY).met_at == dissolved.world.now
    assert "已覆写三次" not in repr((dissolved.world.objects, dissolved.world.events)), (
        "what is said in words is sealed"
    )
    assert dissolved.world.private["destruction", dissolved.agreement_id] == {"statement": "已覆写三次"}
    [said] = said_of(dissolved, "destruction.handed_in")
    paper = destructions.destruction_paper(dissolved.agreement_id, proof(dissolved))
    assert said["proof_digest"] == paper_digest(PROOF, salt_of_ids(dissolved.agreement), paper).hex()
    with acting(dissolved.world, "provider") as uow:
        assert destructions.accept_proof(uow, dissolved.agreement_id).state == "accepted"
    assert inbox(dissolved, "provider") == ["agreement_ended", "destruction_proof_handed_in"]


def test_contested_proof_is_owed_anew(dissolved: Trade) -> None:
    hand_in(dissolved)
    with acting(dissolved.world, "bank") as uow, pytest.raises(AccessError):
        destructions.contest_proof(uow, dissolved.agreement_id, "不完整")
    with acting(dissolved.world, "provider") as uow, pytest.raises(InputError):
        destructions.contest_proof(uow, dissolved.agreement_id, " ")
    with acting(dissolved.world, "provider") as uow:
        destructions.contest_proof(uow, dissolved.agreement_id, "备份仍在")
    term = due(dissolved, destruction_of(dissolved), DESTRUCTION_DUTY)
    assert (term.met_at, term.due_at) == (None, dissolved.world.now + timedelta(days=10))
    with acting(dissolved.world, "provider") as uow, pytest.raises(IllegalTransitionError):
        destructions.accept_proof(uow, dissolved.agreement_id)
    assert hand_in(dissolved, digest="cd" * 32).state == "handed_in"
    assert all("备份" not in str(data) for _, data, _ in dissolved.world.events)


def test_proof_is_the_consumers_over_this_agreement_and_of_the_stated_kind(dissolved: Trade) -> None:
    for by in ("provider", "trading"):
        with pytest.raises(AccessError):
            hand_in(dissolved, by=by, signed_by=by)
    with pytest.raises(NotFoundError):
        hand_in(dissolved, by="stranger")
    with pytest.raises(SignatureError):
        hand_in(dissolved, signed_by="provider")
    with pytest.raises(InputError, match="method is one of"):
        hand_in(dissolved, method="anonymised")
    with pytest.raises(InputError, match="time to come"):
        hand_in(dissolved, done_at=format_time(dissolved.world.now + timedelta(seconds=1)))
    assert destruction_of(dissolved).state == "owed"


@pytest.mark.parametrize(
    "members",
    [{"method": "burnt"}, {"digest": "AB" * 32}, {"digest": "ab"}, {"statement": " "}, {"statement": "x" * 2_001}],
)
def test_proof_that_is_none_is_refused(filed: Trade, members: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        proof(filed, **members)


def test_suspended_consumer_owes_its_proof_all_the_same(dissolved: Trade) -> None:
    suspend(dissolved.world, "bank")
    assert hand_in(dissolved).state == "handed_in"


@pytest.mark.parametrize(("kind", "limit"), [("unpaid", 3), ("not_in_force", 0), ("breach_reports", 367)])
def test_condition_that_nobody_can_judge_is_refused(kind: str, limit: int) -> None:
    with pytest.raises(InputError):
        EndCondition(kind, limit)
