"""Every durable step of sending contract calls and of recording breaches, failed in pairs: not applied, and applied but reported failed.

As ``test_durable_steps``, whose table holds the steps of the log itself: after each failure the story is told again, by a new process
or by the same one, and every act must be on the chain once and its step completed once.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.a_log import ALog, open_a_log
from support.call_world import OPERATOR, RELAY_KEY, CallWorld
from support.embedded import DatabaseFactory
from support.faults import Crash, Fault, FileSteps

from anchor.leader import Leader
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.files.keys import secp256k1_address
from ledger.adapters.sql.access_evidence import REFUSALS_COUNTED_TYPE, Attempt, hour_of, record_refusals
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import IntegrityError, LedgerError
from ledger.log.event import parse_event
from ledger.services.ports import SealedBody

ROUNDS_MAX = 6
REFUSED = frozenset({"a-1"})
DUE = datetime(2026, 11, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One durable step: its name, how often the story takes it, and what a crash right there leaves."""

    step: str
    times: int
    leaves: str


TABLE = (
    Row("commit anchor.call_rows.CallRows.stage", 4, "a queued call, or a staged one whose bytes were never sent"),
    Row("chain broadcast", 5, "a staged call; the node has its bytes or not, and is asked"),
    Row("commit anchor.call_rows.CallRows.submitted", 5, "a staged call whose bytes the node has"),
    Row("commit anchor.call_rows.CallRows.mined", 4, "a call in flight whose transaction is mined"),
    Row("commit anchor.call_rows.CallRows.refused", 1, "a queued call that is judged again, or one that has ended with its act"),
    Row("chain dump_state", 4, "a mined call; nothing is final"),
    Row("replace state dump", 4, "the older state, or the new one with calls still marked mined"),
    Row("commit anchor.call_rows.CallRows.final", 4, "a mined call and an act that waits, or both final with the step completed"),
    Row("commit anchor.call_rows.CallRows.lose_block", 1, "a final call whose block is gone, or one in flight again"),
    Row("commit anchor.call_rows.CallRows.set_aside", 1, "a call whose nonce is used, or one that is queued again"),
    Row("commit anchor.deadlines.Deadlines.forget_answers", 1, "kept answers whose time is over, or none; the next look finds them"),
    Row("commit anchor.deadlines.Deadlines.count_refusals", 1, "counts of refused attempts of an hour that is over, or their event and no counts"),
    Row("commit anchor.deadlines.Deadlines.record_breaches", 1, "a breach without event and mark, or with both"),
)  # fmt: skip
WATCHED = {row.step for row in TABLE}


@dataclass
class Story:
    """What happens to a world, once each, whoever lives then."""

    world: CallWorld
    told: set[str]
    first_event: int

    def once(self, name: str) -> bool:
        """Whether this is the first time; from then on it is not."""
        is_first = name not in self.told
        self.told.add(name)
        return is_first

    def tell(self, leader: Leader) -> None:
        """All of it; what is done already changes nothing."""
        world, chain = self.world, self.world.chain
        chain.automine = True
        if self.once("three acts, one of which is refused, and two duties that were not done"):
            asked = world.ask(3)
            chain.rules.refuses.add(world.asked[asked[1]])
            self._set_deadlines()
        self._go_on(leader, 4)
        if self.once("a block is lost"):
            chain.reorganise(1)
        self._go_on(leader, 4)
        if self.once("the nonce is used elsewhere"):
            chain.automine = False
            world.ask(1)
            self._go_on(leader, 1)
            chain.drop_pool()
            chain.use_nonce_elsewhere(secp256k1_address(RELAY_KEY))
            chain.automine = True
        self._go_on(leader, 8)

    def tell_until_done(self, leader: Leader) -> None:
        """As the worker does: an error is reported and the cycle repeated."""
        for _ in range(ROUNDS_MAX):
            try:
                self.tell(leader)
            except IntegrityError:
                raise
            except (LedgerError, OSError):
                continue
            return
        raise AssertionError("the process did not get over one failure")

    def check_whole(self) -> None:
        self.world.check_whole(refused=REFUSED)
        rows = self.world.rows(
            "SELECT duty, breached_at IS NOT NULL, outbox_number IS NOT NULL FROM deadlines ORDER BY duty"
        )
        assert rows == [("answer", True, True), ("later", False, False), ("review", True, True)]
        numbers = self.world.rows("SELECT count(DISTINCT outbox_number) FROM deadlines")
        assert numbers == [(2,)]
        assert self.world.rows("SELECT count(*) FROM access_marks") == [(0,)]
        assert self._types().count(REFUSALS_COUNTED_TYPE) == 1

    def _types(self) -> list[str]:
        """Of the events that this story left."""
        columns = "identity, sealed_month, sealed_generation, sealed_event"
        rows = self.world.rows(f"SELECT {columns} FROM outbox WHERE number > {self.first_event}")
        unseal = self.world.log.preparer.sealer.unseal
        return [parse_event(unseal(bytes(row[0]), SealedBody(row[1], row[2], bytes(row[3])))).type for row in rows]

    def _go_on(self, leader: Leader, cycles: int) -> None:
        leader.deadlines_cycle()
        self.world.cycles(leader, cycles)

    def _set_deadlines(self) -> None:
        with self.world.log.engine.begin() as connection:
            uow = SqlUnitOfWork(connection, self.world.log.preparer, OPERATOR, contracts={})
            stored = uow.get("product", "p-0")
            uow.set_deadline(stored, "answer", DUE)
            uow.set_deadline(stored, "review", DUE)
            uow.set_deadline(stored, "later", uow.now + timedelta(days=3))
            attempt = Attempt(None, "GET", "/v1/me", "unauthenticated", hour_of(uow.now) - timedelta(hours=2))
            record_refusals(connection, self.world.log.preparer, {attempt: 7}, {attempt: None})


@pytest.fixture(scope="module")
def log(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ALog, str]]:
    factory = DatabaseFactory(postgres_server)
    url = factory(template=migrated_template)
    log = open_a_log(url, tmp_path_factory.mktemp("calls"))
    yield log, url
    log.engine.dispose()
    factory.close()


@pytest.fixture
def story(log: tuple[ALog, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    opened, url = log
    with opened.engine.begin() as connection:
        tables = "objects, object_history, chain_calls, chain_call_attempts, deadlines, leases, access_marks"
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        newest = connection.execute(text("SELECT coalesce(max(number), -1) FROM outbox")).scalar_one()
    world = CallWorld(opened, url, tmp_path)
    FileSteps(tmp_path, world.faults).install(monkeypatch)
    yield Story(world, set(), newest)
    world.close()


def in_pairs() -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test for every row: a crash and a failure, not applied and applied, at its first and at its last time.

    Every check has of each step a crash before it and a failure after it, the long one all.
    """
    cases: list[Any] = [
        pytest.param(
            Fault(row.step, time, applied=applied, crash=crash),
            id=f"{row.step}, {'crash' if crash else 'failure'} {'after' if applied else 'before'} it, time {time}",
            marks=[pytest.mark.long] if crash == applied else [],
        )
        for row in TABLE
        for crash in (True, False)
        for applied in (False, True)
        for time in sorted({1, row.times if crash else 1})
    ]
    return pytest.mark.parametrize("fault", cases)


@in_pairs()
def test_step_that_fails_leaves_every_act_done_once(story: Story, fault: Fault) -> None:
    world = story.world
    world.faults.arm(fault)
    if fault.crash:
        with pytest.raises(Crash):
            story.tell_until_done(world.process())
    else:
        story.tell_until_done(world.process())
    assert world.faults.struck == fault.step
    story.tell_until_done(world.process())
    story.check_whole()


def test_table_names_every_step_that_the_story_takes(story: Story) -> None:
    story.tell(story.world.process())
    story.check_whole()
    taken = Counter(story.world.faults.trace)
    assert {step: count for step, count in taken.items() if step in WATCHED} == {row.step: row.times for row in TABLE}
    commits = {step for step in taken if step.startswith("commit ") and not step.endswith("LeaderLease.acquire")}
    assert commits <= WATCHED
