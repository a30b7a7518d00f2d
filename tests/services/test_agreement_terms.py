"""Agreements whose term is over, and what is done after their filing, in real transactions; the anchor service ends them by itself."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from support.call_world import CallWorld
from support.faults import Crash, Fault
from support.product_world import CODES, DIGEST, a_world
from support.trade_database import acting_on, copy_into, find
from support.trade_ends import BODY_OF, put_keys_on_file, sm2_of
from support.trade_steps import Trade

from ledger.adapters.sql import deadlines
from ledger.bundle.agreement_papers import PROOF, VOUCHER
from ledger.domain.agreement import EndCondition
from ledger.domain.control_instruction import Purpose, Reported, instruction_id
from ledger.domain.execution_report import ExecutionReport
from ledger.domain.termination import END_BY_EXPIRY, END_BY_RULE, ENDS, DestructionProof
from ledger.errors import ConflictError, LedgerError
from ledger.log.timestamps import format_time
from ledger.services import agreement_endings, destructions
from ledger.services.control_instructions import InstructionReport, number_of, report_instruction
from ledger.services.execution_reports import report_execution
from ledger.services.notices import read_notice

STEP = "commit anchor.passing_over.PassingOver._write"


@pytest.fixture(scope="module")
def made() -> Trade:
    """A filed agreement, made in memory eleven days ago."""
    world = a_world()
    world.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=11)
    conditions = (EndCondition("not_in_force", 10), EndCondition("breach_reports", 1))
    trade = Trade(world).draft().offered().confirmed()
    trade.generated(valid_until="2099-12-31", end_conditions=conditions).signed().filed()
    put_keys_on_file(trade)
    return trade


@pytest.fixture
def world(new_world: Callable[..., CallWorld], made: Trade) -> CallWorld:
    """The same in the database, where the term to perform is over."""
    opened = new_world()
    copy_into(opened, made)
    return opened


def put_off(world: CallWorld, duty: str, due_at: datetime) -> None:
    with world.log.engine.begin() as connection:
        values = {"duty": duty, "due_at": due_at}
        connection.execute(text("UPDATE deadlines SET due_at = :due_at WHERE duty = :duty"), values)


def report(world: CallWorld, made: Trade, side: str, state: Reported, purpose: Purpose = Purpose.START) -> None:
    with acting_on(world, BODY_OF[side]) as uow:
        number = number_of(made.agreement, purpose)
        report_instruction(uow, number, side, InstructionReport(state))


def test_agreement_ends_when_its_term_is_over_once_and_is_nobodys_breach(world: CallWorld, made: Trade) -> None:
    leader = world.process()
    leader.deadlines_cycle()  # receipts that are overdue
    leader.deadlines_cycle()
    leader.deadlines_cycle()
    agreement = find(world, "agreement", made.agreement_id)
    assert (agreement.state, agreement.document["ending"]["ground"]) == ("terminated", "rule")
    history = "SELECT count(*) FROM object_history WHERE kind = 'agreement' AND act = 'end_by_rule'"
    assert world.rows(history) == [(1,)]
    rows = "SELECT duty, met_at IS NULL, breached_at IS NULL FROM deadlines WHERE kind = 'agreement' ORDER BY duty"
    assert world.rows(rows) == [(END_BY_EXPIRY, False, True), (END_BY_RULE, False, True)]
    stop = find(world, "control_instruction", instruction_id(number_of(made.agreement, Purpose.STOP), "provider"))
    assert stop.state == "issued"
    told = "SELECT parties[1] FROM objects WHERE kind = 'notice' ORDER BY 1"
    assert world.rows(told) == [(code,) for code in sorted(CODES[name] for name in ("bank", "provider", "trading"))]


def test_term_that_is_to_come_ends_nothing(world: CallWorld, made: Trade) -> None:
    put_off(world, END_BY_RULE, datetime.now(UTC) + timedelta(hours=1))
    assert world.process().deadlines.end_agreements() == 0
    assert find(world, "agreement", made.agreement_id).state == "filed"


def test_agreement_expires(world: CallWorld, made: Trade) -> None:
    put_off(world, END_BY_RULE, datetime.now(UTC) + timedelta(hours=1))
    put_off(world, END_BY_EXPIRY, datetime.now(UTC) - timedelta(seconds=1))
    assert world.process().deadlines.end_agreements() == 1
    assert find(world, "agreement", made.agreement_id).document["ending"]["ground"] == "expiry"
    assert find(world, "termination_voucher", made.agreement_id).state == "issued"


@pytest.mark.parametrize("crash", [False, True], ids=["reported failed", "process ends"])
@pytest.mark.parametrize("applied", [False, True], ids=["not applied", "applied"])
def test_end_that_fails_at_its_commit_is_done_once(
    world: CallWorld, made: Trade, *, applied: bool, crash: bool
) -> None:
    world.faults.arm(Fault(STEP, 1, applied=applied, crash=crash))
    with pytest.raises(Crash if crash else LedgerError):
        world.process().deadlines.end_agreements()
    assert find(world, "agreement", made.agreement_id).state == ("terminated" if applied else "filed")
    kept = "SELECT count(*) FROM objects WHERE kind IN ('termination_voucher', 'destruction')"
    assert world.rows(kept) == [(2 if applied else 0,)]

    assert world.process().deadlines.end_agreements() == (0 if applied else 1)
    assert find(world, "agreement", made.agreement_id).state == "terminated"
    assert world.rows(kept) == [(2,)]


def test_agreement_that_cannot_be_ended_holds_up_no_other(
    world: CallWorld, made: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = agreement_endings.end_when_due

    def end(uow: Any, agreement_id: str, duty: str) -> Any:
        if agreement_id == "0-hindered":
            raise ConflictError("never")
        return real(uow, agreement_id, duty)

    monkeypatch.setattr("anchor.deadlines.end_when_due", end)
    monkeypatch.setattr("anchor.deadlines.AGREEMENTS_A_CYCLE", 1)
    with acting_on(world, "bank") as uow:
        other = uow.create("agreement", "0-hindered", state="filed", parties=("x",), document={}, act="copy")
        uow.set_deadline(other, END_BY_RULE, datetime.now(UTC) - timedelta(days=30))
    leader = world.process()
    for _ in range(2):
        with suppress(ConflictError):
            leader.deadlines.end_agreements()
    assert find(world, "agreement", made.agreement_id).state == "terminated"


def test_terms_are_no_open_breaches(world: CallWorld) -> None:
    with world.log.engine.connect() as connection:
        now = datetime.now(UTC) + timedelta(days=100_000)
        owed = {one.duty for one in deadlines.take_overdue(connection, now, 100)}
    assert "receive_instruction" in owed
    assert not owed & set(ENDS)


def test_connectors_report_and_the_agreement_performs(world: CallWorld, made: Trade) -> None:
    for side in BODY_OF:
        for state in (Reported.RECEIVED, Reported.IN_FORCE):
            report(world, made, side, state)
    assert find(world, "agreement", made.agreement_id).state == "in_performance"
    assert world.process().deadlines.end_agreements() == 0, "the condition did not come true"


def test_papers_of_an_end_are_signed_and_read(world: CallWorld, made: Trade) -> None:
    world.process().deadlines.end_agreements()
    paper = find(world, "termination_voucher", made.agreement_id).document["voucher"]
    with acting_on(world, "trading") as uow:
        agreement_endings.sign_voucher(uow, made.agreement_id, sm2_of("trading", VOUCHER, dict(paper)))
    done_at = format_time(datetime.now(UTC) - timedelta(seconds=1))
    said = DestructionProof("keys_destroyed", DIGEST, done_at, "密钥已销毁")
    sm2 = sm2_of("bank", PROOF, destructions.destruction_paper(made.agreement_id, said))
    with acting_on(world, "bank") as uow:
        handed = destructions.hand_in_proof(uow, made.agreement_id, said, sm2)
        assert uow.private(handed) == {"statement": "密钥已销毁"}
    with acting_on(world, "provider") as uow:
        destructions.contest_proof(uow, made.agreement_id, "备份仍在")
    with acting_on(world, "bank") as uow:
        destructions.hand_in_proof(uow, made.agreement_id, said, sm2)
    with acting_on(world, "provider") as uow:
        assert destructions.accept_proof(uow, made.agreement_id).state == "accepted"
    [(name,)] = world.rows(
        f"SELECT object_id FROM objects WHERE kind = 'notice' AND parties[1] = '{CODES['trading']}' ORDER BY created_at LIMIT 1"
    )
    with acting_on(world, "trading") as uow:
        assert read_notice(uow, name).state == "read"


def test_report_of_a_breach_ends_the_agreement_in_the_same_transaction(world: CallWorld, made: Trade) -> None:
    said = ExecutionReport("s", ("read",), "breach", "超出范围", "", format_time(datetime.now(UTC)))
    with acting_on(world, "provider") as uow:
        first = report_execution(uow, made.agreement_id, said)
        assert uow.private(first) == {"result": "超出范围", "details": ""}
    with acting_on(world, "provider") as uow:
        assert report_execution(uow, made.agreement_id, said).object_id == first.object_id
    assert find(world, "agreement", made.agreement_id).state == "terminated"


def test_agreements_of_before_get_their_end_when_the_schema_is_brought_up(
    world: CallWorld, made: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("ledger.adapters.sql.migrations.versions.0020_agreement_ends")
    with world.log.engine.begin() as connection:
        connection.execute(text("DELETE FROM deadlines WHERE kind = 'agreement'"))
        connection.execute(text("DROP INDEX deadlines_ends"))
        monkeypatch.setattr(module, "KINDS", ())
        monkeypatch.setattr(module, "LISTED", ())
        with Operations.context(MigrationContext.configure(connection)):
            module.upgrade()
    rows = world.rows("SELECT object_id, duty, due_at FROM deadlines WHERE kind = 'agreement'")
    assert rows == [
        (made.agreement_id, END_BY_EXPIRY, made.world.deadlines["agreement", made.agreement_id, END_BY_EXPIRY].due_at)
    ]
