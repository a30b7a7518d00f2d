"""Control instructions of a filed agreement: fetched by both connectors until received, reported on, and stopped with its end."""

import copy
import re
from datetime import timedelta

import pytest
from support.product_world import CODES, a_world, acting, settle
from support.trade_ends import due, instruction, performing, report, said_of
from support.trade_steps import BANK_NODE, PROVIDER_NODE, Trade

from ledger.bundle.agreement_papers import INSTRUCTION, paper_digest
from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.control_instruction import (
    CARRY_OUT_DUTY,
    RECEIVE_DUTY,
    RECEIVE_WITHIN,
    REPORTS_KEPT,
    Purpose,
    Reported,
)
from ledger.domain.policies.national import parse_national
from ledger.domain.policies.odrl import parse_odrl
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, InputError, NotFoundError
from ledger.services import agreement_filing
from ledger.services.business import salt_of_ids
from ledger.services.control_instructions import InstructionReport, report_instruction


@pytest.fixture(scope="module")
def made() -> Trade:
    """Made once; every test goes on from a copy."""
    return Trade(a_world()).draft().offered().confirmed().generated().signed().filed()


@pytest.fixture
def filed(made: Trade) -> Trade:
    return copy.deepcopy(made)


def dissolve(trade: Trade, *, days: int = 0) -> None:
    effective_at = int((trade.world.now + timedelta(days=days)).timestamp())
    trade.agree("bank", agreement_filing.dissolve_agreement, effective_at, "项目结束")
    settle(trade.world)


def test_filing_instructs_both_connectors_under_one_number(filed: Trade) -> None:
    consumer, provider = (instruction(filed, side).document for side in ("consumer", "provider"))
    assert consumer["number"] == provider["number"]
    assert re.fullmatch(r"[0-9a-f]{32}", consumer["number"])
    said = consumer["content"]
    assert (said["ctrlInstructiontId"], said["purpose"]) == (consumer["number"], "start")
    assert (said["connectorId"], provider["content"]["connectorId"]) == (BANK_NODE, PROVIDER_NODE)
    assert (said["issuerConnectorId"], said["targetConnectorId"]) == (BANK_NODE, PROVIDER_NODE)
    assert (said["contractId"], said["contractHash"]) == (
        filed.agreement_id,
        filed.agreement.document["contract_hash"],
    )
    assert said["productId"] == filed.life.code
    assert len(said["strategyId"]) == 36


def test_instruction_carries_the_policy_in_both_forms(filed: Trade) -> None:
    strategy = instruction(filed, "provider").document["content"]["transactionExecutionStrategy"]
    odrl = parse_odrl(strategy["policy"])
    national = parse_national(strategy["contractPolicies"])
    assert (national.permissions, national.prohibitions) == (odrl.permissions, odrl.prohibitions)


def test_issue_is_one_event_with_the_digests_that_the_content_leads_to(filed: Trade) -> None:
    [said] = said_of(filed, "control_instruction.issued")
    content = instruction(filed, "consumer").document["content"]
    assert said["consumer_digest"] == paper_digest(INSTRUCTION, salt_of_ids(filed.agreement), content).hex()
    [filing] = said_of(filed, "agreement.filed")
    assert filing["instruction"] == said["number"]
    [subject] = {of for kind, _, of in filed.world.events if kind == "org.cityledger.control_instruction.issued.v1"}
    assert subject == said["number"], "found again by its number"


def test_both_parties_and_the_platform_see_both_instructions_and_nobody_else(filed: Trade) -> None:
    for side in ("consumer", "provider"):
        stored = instruction(filed, side)
        for name in ("bank", "provider", "trading", "regulator"):
            with acting(filed.world, name) as uow:
                assert uow.get(stored.kind, stored.object_id) == stored
        with acting(filed.world, "stranger") as uow, pytest.raises(NotFoundError):
            uow.get(stored.kind, stored.object_id)


def test_agreement_is_in_performance_once_both_have_it_in_force(filed: Trade) -> None:
    report(filed, "consumer", Reported.RECEIVED)
    report(filed, "consumer", Reported.IN_FORCE)
    report(filed, "provider", Reported.RECEIVED)
    assert filed.agreement.state == "filed"
    report(filed, "provider", Reported.IN_FORCE)
    assert filed.agreement.state == "in_performance"
    [said] = said_of(filed, "agreement.in_performance")
    assert said["contract_status"] == "05"
    revision = filed.agreement.revision
    report(filed, "provider", Reported.IN_FORCE)
    assert filed.agreement.revision == revision, "said again at intervals, which changes nothing"


def test_receipt_and_carrying_out_are_owed_in_time(filed: Trade) -> None:
    stored = instruction(filed, "provider")
    assert due(filed, stored, RECEIVE_DUTY).due_at == filed.world.now + RECEIVE_WITHIN[Purpose.START]
    report(filed, "provider", Reported.RECEIVED)
    assert due(filed, stored, RECEIVE_DUTY).met_at == filed.world.now
    owed = due(filed, stored, CARRY_OUT_DUTY)
    filed.world.now += timedelta(hours=1)
    report(filed, "provider", Reported.FAILED, reason="策略引擎不可用")
    assert due(filed, stored, CARRY_OUT_DUTY).due_at == owed.due_at, "no failure puts it off"
    report(filed, "provider", Reported.IN_FORCE)
    assert due(filed, stored, CARRY_OUT_DUTY).met_at == filed.world.now
    report(filed, "provider", Reported.FAILED, reason="存储故障")
    assert due(filed, stored, CARRY_OUT_DUTY).met_at is None, "what fails later is owed anew"


def test_reports_are_kept_with_reason_and_the_newest_only(filed: Trade) -> None:
    report(filed, "provider", Reported.RECEIVED)
    report(filed, "provider", Reported.FAILED, reason="策略引擎不可用")
    [received, failed] = instruction(filed, "provider").document["reports"]
    assert (received["state"], failed["reason"]) == ("received", "策略引擎不可用")
    assert instruction(filed, "provider").document["received_at"] == received["at"]
    for _ in range(REPORTS_KEPT):
        report(filed, "provider", Reported.IN_FORCE)
    reports = instruction(filed, "provider").document["reports"]
    assert len(reports) == REPORTS_KEPT
    assert {one["state"] for one in reports} == {"in_force"}
    assert all("策略" not in str(data) for data in said_of(filed, "control_instruction.reported"))


def test_only_the_body_of_the_connector_reports(filed: Trade) -> None:
    for by in ("bank", "trading", "regulator"):
        with pytest.raises(AccessError):
            report(filed, "provider", Reported.RECEIVED, by=by)
    with pytest.raises(NotFoundError):
        report(filed, "provider", Reported.RECEIVED, by="stranger")
    with acting(filed.world, "provider") as uow, pytest.raises(NotFoundError):
        report_instruction(uow, "0" * 32, "provider", InstructionReport(Reported.RECEIVED))


def test_platforms_node_reports_for_the_party_that_it_performs_for() -> None:
    node = generate_national_code(CodeKind.BUSINESS_NODE, CODES["trading"], "3100", "00000077")
    trade = Trade(a_world()).draft().offered().confirmed().generated(consumer_node=node).signed().filed()
    with pytest.raises(AccessError):
        report(trade, "consumer", Reported.RECEIVED, by="bank")
    report(trade, "consumer", Reported.RECEIVED, by="trading")
    assert instruction(trade, "consumer").state == "received"


def test_nothing_is_said_before_the_receipt_and_ended_only_after_the_agreement(filed: Trade) -> None:
    with pytest.raises(IllegalTransitionError):
        report(filed, "provider", Reported.IN_FORCE)
    report(filed, "provider", Reported.RECEIVED)
    with pytest.raises(IllegalTransitionError):
        report(filed, "provider", Reported.RECEIVED)
    with pytest.raises(ConflictError, match="not over"):
        report(filed, "provider", Reported.ENDED)
    assert len(said_of(filed, "control_instruction.reported")) == 1


@pytest.mark.parametrize(
    ("state", "reason"),
    [(Reported.FAILED, ""), (Reported.FAILED, " "), (Reported.IN_FORCE, "因为"), (Reported.FAILED, "x" * 2_001)],
)
def test_failure_has_a_reason_and_nothing_else_has(state: Reported, reason: str) -> None:
    with pytest.raises(InputError):
        InstructionReport(state, reason)


def test_end_of_the_agreement_tells_both_connectors_to_stop(filed: Trade) -> None:
    performing(filed)
    dissolve(filed)
    stops = [instruction(filed, side, Purpose.STOP) for side in ("consumer", "provider")]
    assert {stop.document["content"]["purpose"] for stop in stops} == {"stop"}
    assert stops[0].document["number"] != instruction(filed, "consumer").document["number"]
    assert due(filed, stops[0], RECEIVE_DUTY).due_at == filed.world.now + RECEIVE_WITHIN[Purpose.STOP]
    report(filed, "provider", Reported.RECEIVED, purpose=Purpose.STOP)
    with pytest.raises(ConflictError, match="reported as ended"):
        report(filed, "provider", Reported.IN_FORCE, purpose=Purpose.STOP)
    report(filed, "provider", Reported.ENDED, purpose=Purpose.STOP)
    assert instruction(filed, "provider").state == "ended", "the start ended with it"
    assert instruction(filed, "consumer").state == "in_force"
    said = said_of(filed, "control_instruction.reported")[-1]
    assert said["ends"] == instruction(filed, "provider").document["number"]
    report(filed, "consumer", Reported.ENDED)
    assert instruction(filed, "consumer").state == "ended"


def test_start_that_nobody_received_is_withdrawn_with_the_end(filed: Trade) -> None:
    report(filed, "provider", Reported.RECEIVED)
    dissolve(filed)
    assert instruction(filed, "consumer").state == "withdrawn"
    assert due(filed, instruction(filed, "consumer"), RECEIVE_DUTY).met_at is not None
    assert instruction(filed, "provider").state == "received"
    with pytest.raises(IllegalTransitionError):
        report(filed, "consumer", Reported.RECEIVED)


def test_agreement_that_ends_later_is_stopped_then_and_no_earlier(filed: Trade) -> None:
    performing(filed)
    dissolve(filed, days=30)
    stop = instruction(filed, "consumer", Purpose.STOP)
    assert stop.document["content"]["activationTime"] > stop.document["content"]["issuedAt"]
    report(filed, "consumer", Reported.RECEIVED, purpose=Purpose.STOP)
    assert due(filed, stop, CARRY_OUT_DUTY).due_at == filed.world.now + timedelta(days=30, hours=1)


def test_agreement_that_was_never_filed_instructs_nobody(made: Trade) -> None:
    trade = Trade(a_world()).draft().offered().confirmed().generated().signed()
    dissolve(trade)
    assert trade.agreement.state == "terminated"
    assert not [name for name in trade.world.objects if name[0] == "control_instruction"]
