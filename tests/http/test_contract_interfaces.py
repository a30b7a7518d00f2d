"""The six interfaces of TC609-6-2025-14 annex B over HTTP: exact names, flags as texts, reasons beside them, repeats."""

import copy
from typing import Any

import pytest
from support.life_http import (
    INTERFACE_BODIES,
    create_body,
    interface_execution_body,
    negotiate_body,
    registrate_body,
    strategy_of,
    template_body,
    terminate_body,
)
from support.trade_http import HttpTrade, agreement_body, settle_trade

from api.contract_failures import FLAGS
from api.life_roles import INTERFACES
from ledger.domain.contract_templates import LIBRARY


@pytest.fixture
def trade(selected_with_sm2: HttpTrade) -> HttpTrade:
    """A confirmed order of its own."""
    return copy.copy(selected_with_sm2).drafted().placed().confirmed()


def post(trade: HttpTrade, who: str | None, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer of an interface; it is asked without an Idempotency-Key."""
    headers = {} if who is None else {"Authorization": f"Bearer {trade.bodies.keys[who]}"}
    client = trade.ask.__self__.client  # type: ignore[attr-defined]  # of HttpLife
    answer = client.post(path, json=body, headers=headers)
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def test_contract_goes_through_all_six_interfaces(trade: HttpTrade) -> None:
    status, shown = post(trade, "bank", "/contractTemplate", template_body())
    assert (status, shown["status"]) == (200, "0")
    assert [one["templateId"] for one in shown["template"]] == list(LIBRARY)

    status, made = post(trade, "bank", "/contractCreate", create_body())
    assert (status, made["creationFlag"], len(made["contractId"])) == (200, "0", 47)
    contract_id, said = made["contractId"], strategy_of(trade.code)
    _, proposed = post(trade, "bank", "/contractNegotiate", negotiate_body(contract_id, said))
    assert proposed == {"negotiationStatus": "1", "contractStatus": "02"}
    _, agreed = post(trade, "provider", "/contractNegotiate", negotiate_body(contract_id, said, "provider"))
    assert agreed == {"negotiationStatus": "0", "contractStatus": "03"}
    _, confirmed = post(trade, "bank", "/contractNegotiate", negotiate_body(contract_id, said, "bank", "provider"))
    assert confirmed["negotiationStatus"] == "0"

    body = agreement_body() | {"contract_id": contract_id}
    trade.agreement_id = trade.made("provider", f"{trade.order_path}/agreement", body)["agreement_id"]
    assert trade.agreement_id == contract_id
    filing = registrate_body(trade.signed().agreement())
    status, asked = post(trade, "bank", "/contractRegistrate", filing)
    assert (status, asked["status"], asked["code"]) == (200, "1", "filing_pending")
    post(trade, "trading", "/contractRegistrate", filing)
    settle_trade(trade.bodies)
    status, filed = post(trade, "bank", "/contractRegistrate", filing)
    assert (status, filed["status"], filed["contractHash"]) == (200, "0", trade.agreement()["contract_hash"])

    report = interface_execution_body(trade.agreement())
    for _ in range(2):
        assert post(trade, "provider", "/contractExecution", report) == (200, {"status": "0", "contractStatus": "0301"})
    reports = trade.read("bank", f"{trade.agreement_path}/execution-reports")["items"]
    assert [one["result"] for one in reports] == ["调用成功"], "the same message is the same report"

    end = terminate_body(trade.agreement())
    assert post(trade, "bank", "/contractTerminate", end) == (200, {"status": "0", "contractStatus": "05"})
    settle_trade(trade.bodies)
    assert post(trade, "bank", "/contractTerminate", end) == (200, {"status": "0", "contractStatus": "06"})


def test_creation_repeated_gives_the_same_contract(trade: HttpTrade) -> None:
    body = create_body(contractAbstract="重复的请求")
    assert post(trade, "bank", "/contractCreate", body) == post(trade, "bank", "/contractCreate", body)


def test_one_template_is_fetched_by_its_id_and_an_unknown_one_is_told_of(trade: HttpTrade) -> None:
    wanted = next(iter(LIBRARY))
    _, shown = post(trade, "bank", "/contractTemplate", template_body(templateId=wanted))
    assert [one["templateId"] for one in shown["template"]] == [wanted]
    status, failed = post(trade, "bank", "/contractTemplate", template_body(templateId="x" * 36))
    assert (status, failed["status"], failed["code"]) == (404, "1", "not_found")


@pytest.mark.parametrize("path", INTERFACES)
def test_refusal_has_the_interfaces_flag_as_a_text_and_the_reason_beside_it(trade: HttpTrade, path: str) -> None:
    for who, body, expected in (
        ("bank", {"unknown": 1}, (400, "invalid_input")),
        (None, INTERFACE_BODIES[path], (401, "unauthenticated")),
        ("price", INTERFACE_BODIES[path], (403, "forbidden")),
    ):
        status, failed = post(trade, who, path, body)
        assert (status, failed["code"]) == expected
        assert failed[FLAGS[path]] == "1"
        assert failed["title"]
        assert ("contractId" in failed) == (path == "/contractCreate")


@pytest.mark.parametrize("path", INTERFACES[2:])
def test_contract_that_is_not_there_or_anothers_is_not_found(trade: HttpTrade, path: str) -> None:
    who = "bank"
    body = INTERFACE_BODIES[path]
    if path == "/contractTerminate":
        body = terminate_body({"agreement_id": "84" + "0" * 45, "valid_until": "2099-12-31"})
    assert post(trade, who, path, body)[1]["code"] == "not_found"


def test_misprint_and_what_is_meant_are_both_taken_and_neither_twice(trade: HttpTrade) -> None:
    agreement = trade.generated().signed().filed().agreement()
    twice = terminate_body(agreement, terminateType="01")
    assert post(trade, "bank", "/contractTerminate", twice)[1]["code"] == "invalid_input"
    neither = terminate_body(agreement, erminateType=None)
    assert post(trade, "bank", "/contractTerminate", neither)[1]["code"] == "invalid_input"
    meant = terminate_body(agreement, erminateType=None, terminateType="01")
    assert post(trade, "bank", "/contractTerminate", meant)[1]["status"] == "0"


def test_report_of_another_contract_or_with_a_code_of_ours(trade: HttpTrade) -> None:
    agreement = trade.generated().signed().filed().agreement()
    wrong = interface_execution_body(agreement, contractName="另一份")
    assert post(trade, "bank", "/contractExecution", wrong)[1]["code"] == "invalid_input"
    spelled = {"executedStrategyId": "s-1", "executedActions": ["policyTransmit"], "executionResult": "denied"}
    assert (
        post(trade, "bank", "/contractExecution", interface_execution_body(agreement, executedStrategy=spelled))[0]
        == 200
    )
    [kept] = trade.read("provider", f"{trade.agreement_path}/execution-reports")["items"]
    assert (kept["actions"], kept["outcome"]) == (["plicyTransmit"], "denied")


@pytest.mark.parametrize("member", ["issueTime", "activationTime", "endTime"])
def test_time_without_a_zone_is_refused_by_name(trade: HttpTrade, member: str) -> None:
    body = create_body(**{member: "2026-11-22T10:00:00"})
    status, failed = post(trade, "bank", "/contractCreate", body)
    assert (status, failed["code"], failed["creationFlag"]) == (400, "invalid_input", "1")
    assert member in failed["detail"] or member.removesuffix("Time") in failed["detail"]


def test_signature_of_another_is_refused(trade: HttpTrade) -> None:
    body = create_body() | {"signature": create_body("provider")["signature"]}
    assert post(trade, "bank", "/contractCreate", body)[1]["code"] == "invalid_signature"
