"""The anchor service dies at every durable step, once before the step was applied and once right after; then it starts again.

Durable steps are every commit, every write of tiles, journal and checkpoint file, every broadcast and every state dump, counted as
they happen, so a new step is a new case by itself. The oracle: all events final, each there once, each head anchored once, ``fsck``
clean. The same again for a step that fails, reported or not, while the process goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from support.anchor_rig import FakeRig, Rig, fake_rig

from anchor.following import FinalityRule
from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from anchor.leader import Parts
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.sql import outbox
from ledger.errors import UnavailableError
from ledger.services.ports import Watermarks

STEPS = 28
"""Durable steps of the story below; asserted, so that a case that no longer exists does not pass silently."""


class Crash(Exception):  # noqa: N818  it is no error of the program but its end
    """The process died here."""


class Steps:
    """Counts durable steps and fails at one of them."""

    def __init__(self) -> None:
        self.count = 0
        self.fail_at: int | None = None
        self.applied = False
        self.error: Callable[[], Exception] = Crash

    def fail(self, number: int, *, applied: bool, error: Callable[[], Exception] = Crash) -> None:
        self.fail_at, self.applied, self.error = number, applied, error

    @contextmanager
    def step(self) -> Iterator[None]:
        self.count += 1
        fails = self.count == self.fail_at
        if fails and not self.applied:
            raise self.error()
        yield
        if fails:
            raise self.error()


class FaultyEngine:
    """An engine whose commits are steps; reading is not."""

    def __init__(self, engine: Engine, steps: Steps) -> None:
        self._engine = engine
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        self._steps.count += 1
        fails = self._steps.count == self._steps.fail_at
        with self._engine.begin() as connection:
            yield connection
            if fails and not self._steps.applied:
                raise self._steps.error()
        if fails:
            raise self._steps.error()


class Faulty:
    """Any store or chain, some of whose methods are steps."""

    def __init__(self, real: Any, steps: Steps, methods: Sequence[str]) -> None:
        self._real = real
        self._steps = steps
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name not in self._methods:
            return method

        def stepped(*arguments: Any) -> Any:
            with self._steps.step():
                return method(*arguments)

        return stepped


class FaultyRig(FakeRig):
    """A rig whose leader can die."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.steps = Steps()

    def parts(self) -> Parts:
        real = Rig.parts(self)
        return replace(
            real,
            engine=FaultyEngine(real.engine, self.steps),
            tiles=Faulty(real.tiles, self.steps, ["write", "write_checkpoint"]),
            journal=Faulty(real.journal, self.steps, ["record"]),
            chain=Faulty(real.chain, self.steps, ["broadcast", "dump_state"]),
            rule=FinalityRule("development", chain_state_path=self.folder / "chain.json", depth_blocks=0),
        )


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FaultyRig]:
    plain = fake_rig(migrated_url, tmp_path)
    rig = FaultyRig(plain.log, plain.chain, tmp_path)
    rig.start()
    rig.append(300)
    with rig.log.engine.begin() as connection:
        for _ in range(2):
            outbox.add(connection, rig.log.preparer, "org.cityledger.test.v1", {})
    rig.steps.count = 0
    yield rig
    rig.log.engine.dispose()


def story(rig: FaultyRig, cycles: int = 5) -> None:
    """From a fresh database to everything final, with a second checkpoint on the way."""
    rig.leader.publishing_cycle()
    for _ in range(cycles):
        rig.leader.chain_cycle()
    if rig.marks().sequenced < 308:
        rig.append(5, prefix="late")
    rig.leader.publishing_cycle()
    for _ in range(cycles):
        rig.leader.chain_cycle()
    while rig.leader.index_cycle():
        pass


def assert_whole(rig: FaultyRig) -> None:
    assert rig.marks() == Watermarks(308, 308, 308, 308)
    rows = rig.log.counts()
    assert (rows["entries"], rows["identities"]) == (308, 308)
    heads = [
        event.values["treeSize"]
        for block in rig.chain.blocks
        for receipt in block.receipts
        for event in receipt.events
        if event.name == "HeadAnchored"
    ]
    assert len(heads) == len(set(heads))
    findings: list[Finding] = []
    Fsck(
        Sources(rig.log.engine, rig.tiles, rig.journal, rig.log.preparer, rig.chain),
        findings.append,
        lambda done, total: None,
    ).run()
    assert findings == []


def test_story_without_a_crash_has_the_stated_number_of_steps(rig):
    story(rig)
    assert_whole(rig)
    assert rig.steps.count == STEPS


@pytest.mark.parametrize("applied", [False, True], ids=["not-applied", "applied"])
@pytest.mark.parametrize("number", range(1, STEPS + 1))
def test_crash_at_a_durable_step_resumes_and_leaves_everything_whole(rig, number, applied):
    rig.steps.fail(number, applied=applied)
    with pytest.raises(Crash):
        story(rig)
    rig.start()
    story(rig)
    assert_whole(rig)


@pytest.mark.parametrize("applied", [False, True], ids=["not-applied", "applied"])
@pytest.mark.parametrize("first", [3, 9])
def test_crash_again_during_the_recovery_from_a_crash_resumes(rig, first, applied):
    rig.steps.fail(first, applied=applied)
    with pytest.raises(Crash):
        story(rig)
    for number in (1, 2):
        rig.steps.count = 0
        rig.steps.fail(number, applied=applied)
        with pytest.raises(Crash):
            restart_and_go_on(rig)
    restart_and_go_on(rig)
    assert_whole(rig)


def restart_and_go_on(rig: FaultyRig) -> None:
    rig.start()
    story(rig)


@pytest.mark.parametrize("applied", [False, True], ids=["not-applied", "applied"])
@pytest.mark.parametrize("number", range(1, STEPS + 1))
def test_failure_reported_by_a_store_is_repeated_until_it_is_whole(rig, number, applied):
    """The process lives: what the worker does after an ``UnavailableError`` is the next cycle, without a recovery."""
    rig.steps.fail(number, applied=applied, error=lambda: ChainUnavailableError("lost"))
    for _ in range(3):
        try:
            story(rig)
        except UnavailableError:
            continue
    assert_whole(rig)
