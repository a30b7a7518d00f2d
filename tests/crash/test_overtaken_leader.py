"""A leader that sleeps between two durable steps while another takes over, publishes, and is overtaken by the sleeper's next step.

Whatever the sleeper does when it wakes, the published log never goes back, and losing the lease is no contradiction between stores: it
stands by, it does not refuse.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.anchor_rig import FakeRig, Rig, fake_rig

from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from anchor.leader import Leader
from ledger.adapters.sql.leases import LeaseLostError
from ledger.errors import UnavailableError
from ledger.log.checkpoint import open_checkpoint


class Sleepy:
    """A store before one of whose methods this process sleeps, once."""

    def __init__(self, real: Any, method: str) -> None:
        self._real = real
        self._method = method
        self.sleep: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)
        if name != self._method:
            return method

        def slept(*arguments: Any) -> Any:
            sleep, self.sleep = self.sleep, None
            if sleep is not None:
                sleep()
            return method(*arguments)

        return slept


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    rig = fake_rig(migrated_url, tmp_path)
    rig.append(5)
    rig.leader.publishing_cycle()
    yield rig
    rig.log.engine.dispose()


def shown_size(rig: Rig) -> int:
    note = rig.tiles.read_checkpoint()
    assert note is not None
    return open_checkpoint(note, rig.log.preparer.identity).checkpoint.tree_size


@pytest.mark.parametrize(
    ("part", "method", "loses"),
    [
        ("tiles", "write", pytest.raises(LeaseLostError)),
        ("journal", "record", suppress(LeaseLostError)),  # right after it, or not at all
        ("tiles", "write_checkpoint", nullcontext()),  # its last step
    ],
)
def test_leader_that_slept_shows_nothing_older_and_stands_by(rig, part, method, loses):
    """Either the lease is lost when it wakes, or nobody could take it meanwhile."""

    def others_take_over() -> None:
        rig.append(300)
        rig.start()
        rig.leader.publishing_cycle()

    others = threading.Thread(target=others_take_over)

    def sleep() -> None:
        others.start()
        others.join(2)

    real = rig.parts()
    store = Sleepy(getattr(real, part), method)
    sleeper = Leader(replace(real, **{part: store}), rig.lease)
    sleeper.recover()
    rig.append(3)
    store.sleep = sleep
    with loses:
        sleeper.publishing_cycle()
    others.join(20)
    assert not others.is_alive()
    assert shown_size(rig) == 309
    assert rig.marks().published == 309
    rig.append(1)
    with pytest.raises(LeaseLostError):
        sleeper.publishing_cycle()
    assert shown_size(rig) == 309
    rig.leader.publishing_cycle()
    for _ in range(6):
        rig.leader.chain_cycle()
    assert rig.marks().final == 310
    findings: list[Finding] = []
    sources = Sources(rig.log.engine, rig.tiles, rig.journal, rig.log.preparer, rig.chain)
    Fsck(sources, findings.append, lambda done, total: None).run()
    assert findings == []


@pytest.mark.parametrize(("part", "method"), [("tiles", "write"), ("journal", "record"), ("tiles", "write_checkpoint")])
def test_leader_whose_session_was_ended_while_it_slept_shows_nothing_older(rig, part, method):
    """The server does that to a session that sleeps inside a fenced transaction: its successor need not wait for it to wake."""

    def sleep() -> None:
        with rig.log.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
            )
        rig.append(300)
        rig.start()
        rig.leader.publishing_cycle()

    real = rig.parts()
    store = Sleepy(getattr(real, part), method)
    sleeper = Leader(replace(real, **{part: store}), rig.lease)
    sleeper.recover()
    rig.append(3)
    store.sleep = sleep
    with pytest.raises(UnavailableError):  # LeaseLostError is one: no contradiction between stores is claimed
        sleeper.publishing_cycle()
    assert shown_size(rig) == rig.marks().published == 309
    with pytest.raises(LeaseLostError):
        sleeper.publishing_cycle()
    assert shown_size(rig) == 309
    assert [path.name for path in (rig.folder / "log").iterdir() if path.name.endswith(".tmp")] == []


def test_leader_that_wakes_before_its_successors_first_record_writes_nothing_into_the_journal(rig):
    """The journal's last note is still the one both leaders know, so only the lease tells that the sleeper may not write."""

    def sleep() -> None:
        with rig.log.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
            )
        rig.append(300)
        rig.start()  # it recovers, and has not published yet

    real = rig.parts()
    store = Sleepy(real.journal, "record")
    sleeper = Leader(replace(real, journal=store), rig.lease)
    sleeper.recover()
    rig.append(3)
    store.sleep = sleep
    before = real.journal.last()
    with pytest.raises(UnavailableError):
        sleeper.publishing_cycle()
    assert real.journal.last() == before
    rig.leader.publishing_cycle()
    assert shown_size(rig) == rig.marks().published == 309
