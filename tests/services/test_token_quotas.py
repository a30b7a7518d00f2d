"""Counters of usage tokens: the same laws in PostgreSQL and in memory; and fifty callers at once, who never oversell a quota."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from support.a_log import ALog
from support.authorisation_world import APPLICATION, TOKEN, Bank, a_use, line
from support.fake_unit_of_work import World
from support.product_world import actor

from ledger.adapters.sql.business_tables import objects
from ledger.adapters.sql.token_quotas import SqlTokenQuotas
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.usage_token import QuotaExceededError
from ledger.errors import ConflictError, MisuseError
from ledger.services.authorisation_widening import ask_widening
from ledger.services.business import UnitOfWork
from ledger.services.token_quotas import TokenQuotas
from ledger.services.usage_token_spending import spend_usage_token

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
Begin = Callable[[], AbstractContextManager[TokenQuotas]]
CALLERS = 50


@pytest.fixture(params=["postgresql", "memory"])
def begin(request: pytest.FixtureRequest, log: ALog) -> Begin:
    if request.param == "memory":
        world = World()

        @contextmanager
        def memory() -> Iterator[TokenQuotas]:
            with world.begin() as uow:
                yield uow.quotas

        return memory
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE token_quotas"))

    @contextmanager
    def sql() -> Iterator[TokenQuotas]:
        with log.engine.begin() as connection:
            yield SqlTokenQuotas(connection)

    return sql


def test_counter_gives_what_it_has_within_its_time(begin: Begin) -> None:
    with begin() as quotas:
        quotas.open("t-1", "a-1", 10, NOW, LATER)
        assert quotas.spend("t-1", 7, NOW) == 7
        assert quotas.spend("t-1", 4, NOW) is None
        assert quotas.spend("t-1", 3, LATER - timedelta(seconds=1)) == 10
        for calls, at in ((1, NOW), (0, NOW), (-1, NOW), (-1, LATER)):
            assert quotas.spend("t-1", calls, at) is None
        assert quotas.spend("t-2", 1, NOW) is None
        found = quotas.find("t-1")
        assert found is not None and (found.quota, found.spent, found.valid_from) == (10, 10, NOW)
        assert quotas.find("t-2") is None


@pytest.mark.parametrize("at", [NOW - timedelta(seconds=1), LATER])
def test_counter_gives_nothing_out_of_its_time(begin: Begin, at: datetime) -> None:
    with begin() as quotas:
        quotas.open("t-1", "a-1", 10, NOW, LATER)
        assert quotas.spend("t-1", 1, at) is None


def test_second_counter_of_a_name_is_refused(begin: Begin) -> None:
    with begin() as quotas:
        quotas.open("t-1", "a-1", 10, NOW, LATER)
    with pytest.raises(ConflictError), begin() as quotas:
        quotas.open("t-1", "a-2", 20, NOW, LATER)


def test_stop_is_for_a_while_and_end_is_for_good(begin: Begin) -> None:
    with begin() as quotas:
        for name, authorisation in (("t-1", "a-1"), ("t-2", "a-1"), ("t-3", "a-2")):
            quotas.open(name, authorisation, 10, NOW, LATER)
        quotas.set_stopped("a-1", is_stopped=True)
        assert [quotas.spend(name, 1, NOW) for name in ("t-1", "t-2", "t-3")] == [None, None, 1]
        quotas.set_stopped("a-1", is_stopped=False)
        assert quotas.spend("t-1", 4, NOW) == 4
        assert quotas.end("t-1") == 4
        assert (quotas.end_all("a-1"), quotas.end_all("a-1")) == (1, 0)
        assert [quotas.spend(name, 1, NOW) for name in ("t-1", "t-2", "t-3")] == [None, None, 2]
        with pytest.raises(MisuseError):
            quotas.end("t-9")


def test_nothing_is_taken_by_a_transaction_that_fails(begin: Begin) -> None:
    def fail() -> None:
        with begin() as quotas:
            assert quotas.spend("t-1", 5, NOW) == 5
            raise RuntimeError

    with begin() as quotas:
        quotas.open("t-1", "a-1", 10, NOW, LATER)
    with pytest.raises(RuntimeError):
        fail()
    with begin() as quotas:
        assert quotas.spend("t-1", 10, NOW) == 10


def test_database_itself_holds_no_oversold_quota(log: ALog) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE token_quotas"))
        SqlTokenQuotas(connection).open("t-0", "a-0", 10, NOW, LATER)
    with log.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("UPDATE token_quotas SET spent = 11"))


class FixedClock:
    """The time of the world whose objects are used: its list is not valid for ever."""

    def now(self) -> datetime:
        return NOW


def test_spend_that_meets_the_end_of_its_authorisation_waits_and_gets_nothing(log: ALog) -> None:
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE token_quotas"))
        SqlTokenQuotas(connection).open("t-1", "a-1", 10, NOW, LATER)

    def spend() -> int | None:
        with log.engine.begin() as connection:
            return SqlTokenQuotas(connection).spend("t-1", 1, NOW)

    with ThreadPoolExecutor(1) as pool:
        with log.engine.begin() as connection:
            assert SqlTokenQuotas(connection).end_all("a-1") == 1
            late = pool.submit(spend)  # before the end is committed, or after: it comes to the same
        assert late.result() is None


@pytest.fixture
def issued(log: ALog, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token over 30 calls in a real database, with every object that a spend looks at; its text."""
    bank = Bank.authorised()
    monkeypatch.setattr(log.preparer, "clock", FixedClock())
    later = line(valid_until="2026-11-30")
    with log.engine.begin() as connection:
        connection.execute(text("TRUNCATE token_quotas, objects, object_history"))
        bank.do("bank", ask_widening, APPLICATION, {"items": [later]}, "年末")
        text_of_token = bank.issue(quota=30)
        for stored in bank.world.objects.values():
            connection.execute(
                objects.insert().values(
                    kind=stored.kind,
                    object_id=stored.object_id,
                    revision=stored.revision,
                    state=stored.state,
                    parties=list(stored.parties),
                    document=dict(stored.document),
                    created_at=stored.created_at,
                    changed_at=stored.changed_at,
                )
            )
        _, counter = bank.world.quotas[TOKEN]
        quotas = SqlTokenQuotas(connection)
        quotas.open(TOKEN, "app", counter.quota, counter.valid_from, counter.valid_until)
    return text_of_token


def test_fifty_callers_at_once_never_oversell_one_quota(log: ALog, issued: str) -> None:
    start = threading.Barrier(CALLERS)
    events_before = log.count("outbox")

    def call(_: int) -> int | None:
        start.wait()
        try:
            with log.engine.begin() as connection:
                uow: UnitOfWork = SqlUnitOfWork(connection, log.preparer, actor("provider"), contracts={})
                return spend_usage_token(uow, issued, a_use()).spent
        except QuotaExceededError:
            return None

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(call, range(CALLERS)))

    assert sorted(answer for answer in answers if answer is not None) == list(range(1, 31))
    assert answers.count(None) == CALLERS - 30
    with log.engine.connect() as connection:
        assert connection.execute(text("SELECT spent FROM token_quotas")).scalar_one() == 30
    assert log.count("outbox") - events_before == 30, "one event a spend, none for a refusal"
