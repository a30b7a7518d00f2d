"""What follows an agreement over HTTP and PostgreSQL: instructions, reports, the end with its papers, notices, and cases."""

import copy
from typing import Any

import pytest
from support.life_http import (
    STATEMENT,
    HttpLifeAfter,
    execution_body,
    proof_body,
    voucher_signature,
)
from support.product_world import CODES
from support.trade_http import HttpTrade, agreement_body, key


@pytest.fixture
def after(selected_with_sm2: HttpTrade) -> HttpLifeAfter:
    """A filed agreement of its own."""
    trade = copy.copy(selected_with_sm2).drafted().placed().confirmed().generated().signed().filed()
    return HttpLifeAfter(trade)


def refused(after: HttpLifeAfter, who: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = after.trade.ask(who, method, path, body)
    return answer.status_code, answer.json()["code"]


def test_connectors_fetch_their_instructions_until_they_are_received(after: HttpLifeAfter) -> None:
    path = "/v1/control-instructions?owner=me&state=issued&limit=200"
    for _ in range(2):
        mine = [one for one in after.trade.read("bank", path)["items"] if one["number"] == after.number]
        assert [one["side"] for one in mine] == ["consumer"], "at every look, and its own only"
    after.report("bank", "received")
    assert after.number not in [one["number"] for one in after.trade.read("bank", path)["items"]]
    seen = after.trade.read("provider", f"/v1/control-instructions/{after.number}/consumer")
    assert (seen["state"], seen["received_at"]) == ("received", seen["reports"][0]["at"]), "both see both"
    assert seen["content"]["ctrlInstructiontId"] == after.number
    assert refused(after, "stranger", "GET", f"/v1/control-instructions/{after.number}/consumer") == (404, "not_found")


def test_agreement_performs_and_is_stopped(after: HttpLifeAfter) -> None:
    after.performing()
    assert (after.trade.agreement()["state"], after.trade.agreement()["contract_status"]) == ("in_performance", "05")
    path = f"/v1/control-instructions/{after.number}/provider/reports"
    assert refused(after, "bank", "POST", path, {"state": "in_force"}) == (403, "forbidden")
    assert refused(after, "provider", "POST", path, {"state": "failed"}) == (400, "invalid_input")
    assert refused(after, "provider", "POST", path, {"state": "ended"}) == (409, "conflict")
    after.dissolved()
    assert after.report("provider", "received", purpose="stop")["purpose"] == "stop"
    after.report("provider", "ended", purpose="stop")
    assert after.trade.read("bank", f"/v1/control-instructions/{after.number}/provider")["state"] == "ended"


def test_report_of_a_connector_is_done_once_for_its_key(after: HttpLifeAfter) -> None:
    path, headers = f"/v1/control-instructions/{after.number}/consumer/reports", key()
    first = after.trade.ask("bank", "POST", path, {"state": "received"}, **headers)
    again = after.trade.ask("bank", "POST", path, {"state": "received"}, **headers)
    assert (first.status_code, again.headers["Idempotent-Replay"], again.json()) == (200, "true", first.json())


def test_performance_is_reported_and_read_by_those_who_see_the_agreement(after: HttpLifeAfter) -> None:
    path = f"{after.trade.agreement_path}/execution-reports"
    made = after.trade.made("provider", path, execution_body(details="共 12 次"))
    assert (made["reporter"], made["details"]) == (CODES["provider"], "共 12 次")
    for who in ("bank", "trading", "regulator"):
        assert after.trade.read(who, path)["items"] == [made]
    assert refused(after, "stranger", "GET", path) == (404, "not_found")
    assert refused(after, "trading", "POST", path, execution_body()) == (403, "forbidden")
    assert refused(after, "bank", "POST", path, execution_body(outcome="fine")) == (400, "invalid_input")


def test_end_has_its_voucher_its_notices_and_its_proof(after: HttpLifeAfter) -> None:
    path = after.trade.agreement_path
    assert refused(after, "bank", "GET", f"{path}/termination") == (404, "not_found")
    after.dissolved()
    voucher = after.trade.read("trading", f"{path}/termination")
    assert (voucher["state"], voucher["voucher"]["reason"]) == ("signed", "项目结束")
    assert [one["participant"] for one in voucher["signatures"]] == [CODES["provider"], CODES["bank"]]
    told = after.trade.read("provider", "/v1/notices?state=sent&limit=200")["items"]
    mine = next(one for one in told if one["about"]["object_id"] == after.trade.agreement_id)
    assert mine["event"] == "agreement_ended"
    assert after.trade.made("provider", f"/v1/notices/{mine['notice_id']}/reading", {})["state"] == "read"
    assert refused(after, "bank", "POST", f"/v1/notices/{mine['notice_id']}/reading", {}) == (404, "not_found")
    assert after.trade.read("bank", f"{path}/destruction")["state"] == "owed"
    proven = after.trade.made("bank", f"{path}/destruction/proof", proof_body(after.trade.agreement_id))
    assert (proven["state"], proven["statement"]) == ("handed_in", "已覆写三次")
    contested = after.trade.made("provider", f"{path}/destruction/contest", {"text": "备份仍在"})
    assert (contested["state"], contested["contest"]["text"]) == ("contested", "备份仍在")
    after.trade.made("bank", f"{path}/destruction/proof", proof_body(after.trade.agreement_id))
    assert after.trade.made("provider", f"{path}/destruction/acceptance", {})["state"] == "accepted"


def test_proof_that_another_key_signed_is_refused_by_name(after: HttpLifeAfter) -> None:
    after.dissolved()
    path = f"{after.trade.agreement_path}/destruction/proof"
    body = proof_body(after.trade.agreement_id) | {"statement": "另一份说明"}
    assert refused(after, "bank", "POST", path, body) == (400, "invalid_signature")
    wrong = proof_body(after.trade.agreement_id, method="anonymised")
    assert refused(after, "bank", "POST", path, wrong) == (400, "invalid_input")


def test_voucher_of_an_expired_agreement_is_signed_by_its_platform(after: HttpLifeAfter) -> None:
    after.expired()
    path = f"{after.trade.agreement_path}/termination"
    issued = after.trade.read("bank", path)
    assert (issued["state"], issued["voucher"]["erminateType"], issued["signatures"]) == ("issued", "02", [])
    signature = voucher_signature(issued["voucher"])
    assert refused(after, "bank", "POST", f"{path}/signature", signature) == (403, "forbidden")
    assert refused(after, "authorisation", "POST", f"{path}/signature", signature) == (404, "not_found")
    assert after.trade.made("trading", f"{path}/signature", signature)["state"] == "signed"
    assert refused(after, "trading", "POST", f"{path}/signature", signature) == (409, "illegal_transition")


def test_case_goes_from_complaint_to_ruling(after: HttpLifeAfter) -> None:
    after.complained().mediated()
    body = STATEMENT | {"arbitrator": CODES["arbitrator"]}
    referred = after.case("bank", "referral", body, settles=True)
    assert (referred["state"], referred["waiting"]["step"]) == ("referring", "refer")
    ruled = after.case("arbitrator", "ruling", settles=True)
    assert ruled["state"] == "ruling"
    final = after.trade.read("provider", after.case_path)
    assert (final["state"], final["ruled"]["tx_hash"]) == ("ruled", "01" * 32)
    messages = after.trade.read("arbitrator", f"{after.case_path}/messages")["items"]
    assert [one["kind"] for one in messages] == [
        *("complaint", "answer", "mediation_request", "mediation_end", "referral", "ruling"),
    ], "who joined later reads what was said before"
    assert {one["text"] for one in messages} == {STATEMENT["text"]}
    assert refused(after, "stranger", "GET", f"{after.case_path}/messages") == (404, "not_found")
    listed = after.trade.read("bank", f"/v1/disputes?subject_id={after.trade.agreement_id}")["items"]
    assert [one["dispute_id"] for one in listed] == [after.dispute_id]


def test_case_about_an_order_is_settled(after: HttpLifeAfter) -> None:
    after.complained("provider", "order")
    assert refused(after, "provider", "POST", f"{after.case_path}/mediation", STATEMENT) == (409, "conflict")
    after.case("bank", "messages")
    digest = after.case("bank", "proposal")["proposal"]["digest"]
    assert after.case("provider", "acceptance", {"digest": digest})["state"] == "settled"
    assert refused(after, "bank", "POST", f"{after.case_path}/messages", STATEMENT) == (409, "illegal_transition")


def test_case_is_withdrawn_and_a_referral_taken_back(after: HttpLifeAfter) -> None:
    after.complained().mediated()
    after.case("provider", "referral", STATEMENT | {"arbitrator": CODES["arbitrator"]})
    assert after.case("provider", "step-withdrawal", {})["state"] == "mediation_failed"
    assert refused(after, "provider", "POST", f"{after.case_path}/withdrawal", STATEMENT) == (403, "forbidden")
    assert after.case("bank", "withdrawal")["state"] == "withdrawn"


def test_agreement_states_what_ends_it(selected_with_sm2: HttpTrade) -> None:
    trade = copy.copy(selected_with_sm2).drafted().placed().confirmed()
    conditions = [{"kind": "breach_reports", "limit": 1}]
    body = agreement_body()
    body["terms"] |= {"end_conditions": conditions, "data_after_end": "anonymise"}
    trade.agreement_id = trade.made("provider", f"{trade.order_path}/agreement", body)["agreement_id"]
    after = HttpLifeAfter(trade.signed().filed()).performing()
    assert trade.agreement()["disclosed"]["end_conditions"] == conditions
    trade.made("bank", f"{trade.agreement_path}/execution-reports", execution_body(outcome="breach"))
    assert (trade.agreement()["state"], trade.agreement()["ending"]["ground"]) == ("terminated", "rule")
    assert after.trade.read("bank", f"{trade.agreement_path}/destruction")["asked"] == "anonymise"
