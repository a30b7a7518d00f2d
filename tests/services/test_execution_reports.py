"""Reports of performance: kept as evidence, told of when something went wrong, and what the agreement ends by; in memory."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from support.product_world import a_world, acting
from support.trade_ends import inbox, performing, said_of
from support.trade_steps import Trade

from ledger.bundle.agreement_papers import REPORT, paper_digest
from ledger.domain.agreement import EndCondition
from ledger.domain.execution_report import ExecutionReport
from ledger.domain.records import to_json
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError
from ledger.log.timestamps import format_time
from ledger.services import agreement_endings
from ledger.services.business import StoredObject, salt_of_ids
from ledger.services.execution_reports import report_execution


@pytest.fixture(scope="module")
def made() -> Trade:
    """Made once; every test goes on from a copy."""
    conditions = (EndCondition("breach_reports", 2),)
    return performing(
        Trade(a_world()).draft().offered().confirmed().generated(end_conditions=conditions).signed().filed()
    )


@pytest.fixture
def trade(made: Trade) -> Trade:
    return copy.deepcopy(made)


def a_report(trade: Trade, **members: Any) -> ExecutionReport:
    defaults = {
        "strategy_id": "9f6b1d7e-0000-5000-8000-000000000000",
        "actions": ("read",),
        "outcome": "allowed",
        "result": "调用成功",
        "details": "共 12 次",
        "reported_at": format_time(trade.world.now),
    }
    return ExecutionReport(**defaults | members)


def send(trade: Trade, name: str = "bank", **members: Any) -> StoredObject:
    with acting(trade.world, name) as uow:
        return report_execution(uow, trade.agreement_id, a_report(trade, **members))


def test_report_is_kept_as_evidence_with_its_words_sealed(trade: Trade) -> None:
    made = send(trade)
    [said] = said_of(trade, "execution_report.made")
    expected = paper_digest(REPORT, salt_of_ids(trade.agreement), to_json(a_report(trade))).hex()
    assert (said["report_digest"], said["outcome"]) == (expected, "allowed")
    assert trade.world.private["execution_report", made.object_id] == {"result": "调用成功", "details": "共 12 次"}
    assert "调用成功" not in repr((trade.world.objects, trade.world.events))
    assert inbox(trade, "provider") == [], "what went well is no news"


def test_same_report_again_is_the_same_and_another_one_is_another(trade: Trade) -> None:
    first = send(trade)
    assert send(trade) == first
    assert len(said_of(trade, "execution_report.made")) == 1
    others = {send(trade, details="共 13 次").object_id, send(trade, "provider").object_id}
    assert len(others | {first.object_id}) == 3


@pytest.mark.parametrize("outcome", ["denied", "breach"])
def test_everybody_else_is_told_of_what_went_wrong(trade: Trade, outcome: str) -> None:
    send(trade, outcome=outcome)
    assert [inbox(trade, name) for name in ("provider", "trading", "bank")] == [["performance_deviates"]] * 2 + [[]]


def test_as_many_breaches_as_the_agreement_states_end_it(trade: Trade) -> None:
    send(trade, outcome="breach")
    send(trade, outcome="breach")
    assert trade.agreement.document["breach_reports"] == 1, "the same report counts once"
    assert trade.agreement.state == "in_performance"
    send(trade, "provider", outcome="breach")
    assert trade.agreement.state == "terminated"
    voucher = trade.world.objects["termination_voucher", trade.agreement_id]
    assert (voucher.document["voucher"]["ground"], voucher.document["voucher"]["reason"]) == (
        "rule",
        agreement_endings.BREACHES,
    )
    events = [kind for kind, _, _ in trade.world.events]
    made, ended = (f"org.cityledger.{name}.v1" for name in ("execution_report.made", "agreement.ended"))
    assert events.index(ended) > max(place for place, kind in enumerate(events) if kind == made)
    late = send(trade, outcome="breach", details="终止前发生")
    assert late.document["outcome"] == "breach", "what came late is evidence too, and counts for nothing any more"
    assert trade.agreement.document["breach_reports"] == 2


def test_only_bodies_with_a_node_of_the_agreement_report(trade: Trade) -> None:
    for name in ("trading", "regulator"):
        with pytest.raises(AccessError):
            send(trade, name)
    with pytest.raises(NotFoundError):
        send(trade, "stranger")
    assert said_of(trade, "execution_report.made") == []


def test_report_is_of_a_filed_agreement_and_of_a_time_that_was(trade: Trade) -> None:
    for moved in (timedelta(seconds=1), timedelta(days=-400)):
        with pytest.raises(InputError, match="reported_at"):
            send(trade, reported_at=format_time(trade.world.now + moved))
    with pytest.raises(InputError, match="RFC 3339"):
        send(trade, reported_at="2026-11-02")
    unfiled = Trade(a_world()).draft().offered().confirmed().generated().signed()
    with pytest.raises(ConflictError, match="not filed"):
        send(unfiled)


@pytest.mark.parametrize(
    "members",
    [
        *({"strategy_id": ""}, {"strategy_id": "x" * 37}, {"actions": ()}, {"actions": ("export",)}),
        *({"actions": ("read", "read")}, {"outcome": "fine"}, {"result": " "}, {"result": "x" * 1_025}),
        {"details": "x" * 10_001},
    ],
)
def test_report_that_is_none_is_refused(trade: Trade, members: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        a_report(trade, **members)
