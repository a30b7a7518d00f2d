"""Deadlines that pass unmet: each is evidence once, a bounded number at a time, and whoever meets one in time stays unrecorded."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import import_module

import orjson
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from support.call_world import OPERATOR, CallWorld

from anchor.deadlines import BREACHED_TYPE, BREACHES_A_CYCLE
from anchor.fsck_deadlines import DeadlineHistory
from ledger.adapters.sql import access_evidence, deadlines, idempotency
from ledger.adapters.sql.leases import LeaseLostError
from ledger.adapters.sql.outbox import ledger_source
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.working_days import end_of_day_in_shanghai
from ledger.log.event import parse_event
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.demands import BIDS_CLOSED, BIDS_TERM
from ledger.services.ports import SealedBody


@contextmanager
def product(world: CallWorld) -> Iterator[tuple[SqlUnitOfWork, StoredObject]]:
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        stored = uow.find("product", "p") or uow.create(
            "product", "p", state="listed", parties=("x",), document={}, act="list"
        )
        yield uow, stored


def set_deadlines(world: CallWorld, *duties: str, ago: timedelta = timedelta(seconds=1)) -> datetime:
    with product(world) as (uow, stored):
        for duty in duties:
            uow.set_deadline(stored, duty, uow.now - ago)
        return uow.now - ago


def recorded(world: CallWorld) -> list[tuple[str, dict[str, str]]]:
    """Type and data of the events of breaches, by the marks on the deadlines."""
    rows = world.rows(
        "SELECT o.identity, o.sealed_month, o.sealed_generation, o.sealed_event FROM outbox o "
        "JOIN deadlines d ON d.outbox_number = o.number ORDER BY o.number"
    )
    sealer = world.log.preparer.sealer
    events = [parse_event(sealer.unseal(bytes(row[0]), SealedBody(row[1], row[2], bytes(row[3])))) for row in rows]
    return [(event.type, orjson.loads(orjson.dumps(event.value["data"]))) for event in events]


def test_deadline_that_passed_is_recorded_once(world: CallWorld) -> None:
    due_at = set_deadlines(world, "answer")
    leader = world.process()

    assert (leader.deadlines_cycle(), leader.deadlines_cycle()) == (1, 0)

    data = {"kind": "product", "object_id": "p", "duty": "answer", "due_at": format_time(due_at)}
    assert recorded(world) == [(BREACHED_TYPE, data)]


def test_deadline_that_is_met_or_still_to_come_is_not_recorded(world: CallWorld) -> None:
    set_deadlines(world, "met")
    set_deadlines(world, "later", ago=timedelta(hours=-1))
    with product(world) as (uow, stored):
        uow.meet_deadline(stored, "met")

    assert world.process().deadlines_cycle() == 0
    assert recorded(world) == []


def test_breaches_are_recorded_a_bounded_number_at_a_time(world: CallWorld) -> None:
    set_deadlines(world, *(f"duty {number:03}" for number in range(BREACHES_A_CYCLE + 5)))
    leader = world.process()

    assert [leader.deadlines_cycle() for _ in range(3)] == [BREACHES_A_CYCLE, 5, 0]
    assert len({data["duty"] for _, data in recorded(world)}) == BREACHES_A_CYCLE + 5


def test_deadline_that_is_being_met_right_now_is_left_to_who_meets_it(world: CallWorld) -> None:
    set_deadlines(world, "answer", "review")
    leader = world.process()
    with product(world) as (uow, stored):
        uow.meet_deadline(stored, "answer")
        assert leader.deadlines_cycle() == 1

    assert leader.deadlines_cycle() == 0
    assert [data["duty"] for _, data in recorded(world)] == ["review"]


def test_recording_breaches_and_meeting_deadlines_at_once_never_wait_for_each_other(world: CallWorld) -> None:
    duties = [f"duty {number}" for number in range(40)]
    set_deadlines(world, *duties)
    leader = world.process()
    failures: list[Exception] = []

    def meet() -> None:
        for duty in duties:
            try:
                with product(world) as (uow, stored):
                    uow.meet_deadline(stored, duty)
                    uow.record("org.cityledger.test.met.v1", {"duty": duty})
            except SQLAlchemyError as error:
                failures.append(error)

    thread = threading.Thread(target=meet)
    thread.start()
    while thread.is_alive():
        leader.deadlines_cycle()
    thread.join()

    assert failures == []
    assert world.rows("SELECT count(*) FROM deadlines WHERE met_at IS NULL AND breached_at IS NULL") == [(0,)]


def test_counts_tell_open_breached_and_still_owed(world: CallWorld) -> None:
    set_deadlines(world, "answer", "review")
    set_deadlines(world, "later", ago=timedelta(hours=-1))
    world.process().deadlines_cycle()
    with product(world) as (uow, stored):
        uow.meet_deadline(stored, "answer")

    with world.log.engine.connect() as connection:
        assert deadlines.figures(connection) == deadlines.DeadlineFigures(open=1, breached=2, owed=1)


def test_term_for_bids_that_is_over_closes_the_demand_for_bids_and_is_nobodys_breach(world: CallWorld) -> None:
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        stored = uow.create("demand", "d", state="published", parties=("x",), document={}, act="publish")
        due_at = uow.now - timedelta(seconds=1)
        uow.set_deadline(stored, BIDS_TERM, due_at)
    leader = world.process()

    assert (leader.deadlines_cycle(), leader.deadlines_cycle()) == (1, 0)

    data = {"kind": "demand", "object_id": "d", "duty": BIDS_TERM, "due_at": format_time(due_at)}
    assert recorded(world) == [(BIDS_CLOSED, data)]
    with world.log.engine.connect() as connection:
        assert deadlines.figures(connection) == deadlines.DeadlineFigures(open=0, breached=0, owed=0)
    assert findings(world, "true") == []
    assert findings(world, "false") == ["deadline_altered"], "a term that is over without its event is told of"


def test_demands_of_before_get_their_term_when_the_schema_is_brought_up(world: CallWorld) -> None:
    with world.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, world.log.preparer, OPERATOR, contracts={})
        for state in ("bidding", "selected"):
            document = {"content": {"deadline": "2027-03-31"}}
            uow.create("demand", state, state=state, parties=("x",), document=document, act="publish")
        with Operations.context(MigrationContext.configure(connection)):
            import_module("ledger.adapters.sql.migrations.versions.0011_bid_terms").upgrade()

    rows = world.rows("SELECT object_id, duty, due_at FROM deadlines WHERE kind = 'demand'")
    assert rows == [("bidding", BIDS_TERM, end_of_day_in_shanghai(date(2027, 3, 31)))]


def findings(world: CallWorld, which: str) -> list[str]:
    """What ``fsck`` says of the term of the demand, by the events of these outbox rows."""
    rows = world.rows(
        f"SELECT identity, sealed_month, sealed_generation, sealed_event FROM outbox WHERE sealed_event IS NOT NULL AND {which}"
    )
    history = DeadlineHistory(ledger_source(world.log.preparer.identity.origin))
    for row in rows:
        history.take(
            parse_event(world.log.preparer.sealer.unseal(bytes(row[0]), SealedBody(row[1], row[2], bytes(row[3]))))
        )
    with world.log.engine.connect() as connection:
        return [finding.code for finding in history.check(connection) if " d take_bids" in finding.facts["where"]]


def test_leader_that_was_overtaken_records_nothing(world: CallWorld) -> None:
    set_deadlines(world, "answer")
    overtaken = world.process()
    with world.log.engine.begin() as connection:
        connection.execute(text("UPDATE leases SET token = token + 1"))

    with pytest.raises(LeaseLostError):
        overtaken.deadlines_cycle()
    assert recorded(world) == []


def keep_answers(world: CallWorld, *ages: timedelta) -> None:
    with world.log.engine.begin() as connection:
        for age in ages:
            answer = idempotency.KeptAnswer(200, {}, b"{}")
            key = f"key-{age.total_seconds()}"
            idempotency.keep_answer(
                connection, world.log.preparer, account="acc", key=key, digest=bytes(32), answer=answer
            )
            connection.execute(
                text("UPDATE idempotency_keys SET created_at = :at WHERE key = :key"),
                {"at": world.log.preparer.clock.now() - age, "key": key},
            )


def test_answers_that_have_had_their_time_are_let_go_of_oldest_first_and_not_every_second(world: CallWorld) -> None:
    over = idempotency.KEPT_FOR + timedelta(minutes=1)
    keep_answers(world, over, over + timedelta(days=1), idempotency.KEPT_FOR - timedelta(minutes=1))
    leader = world.process()
    leader.deadlines_cycle()
    assert len(world.rows("SELECT 1 FROM idempotency_keys")) == 1
    keep_answers(world, over)
    leader.deadlines_cycle()
    assert len(world.rows("SELECT 1 FROM idempotency_keys")) == 2, "the next look is in an hour"
    world.process().deadlines_cycle()
    assert len(world.rows("SELECT 1 FROM idempotency_keys")) == 1
    with world.log.engine.begin() as connection:
        assert idempotency.forget_answers(connection, world.log.preparer.clock.now(), 0) == 0
        assert idempotency.forget_answers(connection, world.log.preparer.clock.now(), 5) == 1


def test_refused_attempts_become_events_when_their_hour_is_over_and_nothing_else_is_refused(world: CallWorld) -> None:
    preparer = world.log.preparer
    hour = access_evidence.hour_of(preparer.clock.now())
    of_nobody = access_evidence.Attempt(None, "GET", "/v1/me", "unauthenticated", hour)
    long_ago = replace(of_nobody, hour=hour - timedelta(hours=2))
    once = replace(long_ago, account="acc")
    for counts in ({once: 1}, {of_nobody: 7, long_ago: 40}):
        with world.log.engine.begin() as connection:
            access_evidence.record_refusals(connection, preparer, counts, dict.fromkeys(counts))
    [(newest,)] = world.rows("SELECT max(number) FROM outbox")

    leader = world.process()
    leader.deadlines_cycle()
    leader.deadlines_cycle()

    assert world.rows("SELECT count FROM access_marks") == [(7,)], "the hour that is not over goes on"
    rows = world.rows(
        f"SELECT identity, sealed_month, sealed_generation, sealed_event FROM outbox WHERE number > {newest}"
    )
    [counted] = [
        parse_event(preparer.sealer.unseal(bytes(row[0]), SealedBody(row[1], row[2], bytes(row[3])))) for row in rows
    ]
    assert counted.type == access_evidence.REFUSALS_COUNTED_TYPE
    data = orjson.loads(orjson.dumps(counted.value["data"]))
    assert (data["account_id"], data["route"], data["count"]) == (None, "/v1/me", 40)
