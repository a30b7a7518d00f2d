"""The chain goes away, comes back, or comes back older; two anchor services work at the same time. Real database, real anvil.

What must hold: publishing never waits for the chain; whatever the chain forgot is anchored again without an operator; heads that are
on the chain are those of the one published history; ``fsck``, which asks the chain, finds nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.anchor_rig import Anvil, Rig, anvil_rig, open_on_chain, running_anvil

from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from anchor.metrics import AnchorMetrics
from anchor.worker import Pace, Worker
from ledger.adapters.chain.errors import ChainUnavailableError, ContractMissingError
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.log.checkpoint import open_checkpoint


@pytest.fixture
def anvil(tmp_path: Path) -> Iterator[Anvil]:
    with running_anvil(tmp_path / "anvil") as anvil:
        yield anvil


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path, anvil: Anvil) -> Iterator[Rig]:
    rig = anvil_rig(migrated_url, tmp_path, anvil)
    yield rig
    rig.log.engine.dispose()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The dump of the chain's state that finality writes."""
    return tmp_path / "chain" / "state.json"


def check_whole(rig: Rig) -> None:
    findings: list[Finding] = []
    Fsck(
        Sources(rig.log.engine, rig.tiles, rig.journal, rig.log.preparer, rig.chain),
        findings.append,
        lambda done, total: None,
    ).run()
    assert findings == []


def check_final(rig: Rig) -> None:
    marks = rig.run_until_final()
    assert marks.sequenced == marks.published == marks.anchored == marks.final
    check_whole(rig)


def test_chain_stopped_for_a_while_holds_up_anchoring_only(rig, anvil, state):
    rig.append(10)
    check_final(rig)
    anvil.stop()
    rig.append(10)
    assert rig.leader.publishing_cycle()
    for _ in range(3):
        with pytest.raises(ChainUnavailableError):
            rig.leader.chain_cycle()
    marks = rig.marks()
    assert (marks.published, marks.final) == (21, 11)
    anvil.start(state)
    check_final(rig)


def test_service_started_without_a_chain_publishes_and_anchors_when_it_comes(rig, anvil, state):
    rig.append(10)
    check_final(rig)
    anvil.stop()
    rig.append(10)
    assert rig.start().publishing_cycle()
    assert rig.marks().published == 21
    anvil.start(state)
    check_final(rig)


def test_chain_killed_before_its_dump_anchors_the_lost_head_again(rig, anvil, state):
    rig.append(10)
    check_final(rig)
    rig.append(10)
    rig.leader.publishing_cycle()
    rig.leader.submitter.submit_due()  # mined at once, and in no dump
    anvil.stop()
    anvil.start(state)
    check_final(rig)
    rig.leader.chain_cycle()  # the head was final before the job was asked about again
    assert rig.jobs() == [("final", None)] * 2


@pytest.mark.parametrize("restarted", [False, True], ids=["service goes on", "service starts again"])
def test_chain_rolled_back_to_an_older_state_anchors_the_lost_heads_again(rig, anvil, state, restarted):
    rig.append(10)
    check_final(rig)
    older = state.read_bytes()
    for _ in range(2):
        rig.append(10)
        check_final(rig)
    anvil.stop()
    state.write_bytes(older)
    anvil.start(state)
    if restarted:
        rig.start()
    rig.leader.follower._check_blocks()
    marks = rig.marks()
    assert (marks.published, marks.anchored, marks.final) == (31, 11, 11)
    check_final(rig)
    assert [job for job in rig.jobs() if job[0] != "final"] == [("abandoned", "rolled_back")] * 2


@pytest.mark.parametrize("restarted", [False, True], ids=["service goes on", "service starts again"])
def test_chain_state_gone_entirely_waits_for_the_contracts_and_anchors_all_again(rig, anvil, restarted):
    rig.append(10)
    check_final(rig)
    anvil.stop()
    anvil.start()
    if restarted:
        rig.start()
    rig.append(10)
    assert rig.leader.publishing_cycle()
    for _ in range(2):
        with pytest.raises(ContractMissingError):
            rig.leader.chain_cycle()
    marks = rig.marks()
    assert (marks.published, marks.anchored, marks.final) == (21, 0, 0)
    open_on_chain(anvil, rig.log)  # what `cityledger up` does
    check_final(rig)


# --- two at the same time -----------------------------------------------------------------------------------------


class Service:
    """An anchor service with its threads, in this process."""

    def __init__(self, rig: Rig, name: str, *, lease_ttl_s: float = 0.4) -> None:
        self.metrics = AnchorMetrics()
        self.failure: BaseException | None = None
        self._worker = Worker(
            rig.parts(), Pace(publish_interval_s=0.02, lease_ttl_s=lease_ttl_s), holder=name, metrics=self.metrics
        )
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def stop(self) -> None:
        self._worker.stop()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._worker.run()
        except BaseException as error:  # noqa: BLE001  the test looks at whatever ended the service
            self.failure = error


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_two_services_whose_lease_changes_hands_under_them_make_one_history(rig):
    """Each is made to believe, again and again, that it still leads when it does not."""
    rig.lease.release()
    services = [Service(rig, "one"), Service(rig, "two")]
    holders, rounds = set(), 0
    try:
        while rounds < 15 or (len(holders) < 2 and rounds < 100):
            rounds += 1
            rig.append(7)
            time.sleep(0.25)
            with rig.log.engine.begin() as connection:
                holders.add(connection.exec_driver_sql("SELECT holder FROM leases").scalar())
                connection.exec_driver_sql("UPDATE leases SET token = token + 1, expires_at = clock_timestamp()")
        wait_until(lambda: rig.marks().final == 1 + 7 * rounds, "everything final")
    finally:
        for service in services:
            service.stop()
    assert [service.failure for service in services] == [None, None]
    assert holders == {"one", "two"}, "the lease never changed hands: nothing was tested"
    notes = FileCheckpointJournal(rig.folder / "journal" / "checkpoints.jsonl").notes()
    sizes = [open_checkpoint(note, rig.log.preparer.identity).checkpoint.tree_size for note in notes]
    assert sizes == sorted(set(sizes))
    check_whole(rig)


def test_second_service_waits_while_the_first_leads(rig):
    rig.lease.release()
    ttl_s = 2.0  # a busy machine must not keep the first from renewing it
    first = Service(rig, "one", lease_ttl_s=ttl_s)
    try:
        rig.append(5)
        wait_until(lambda: rig.marks().final == 6, "final by the first")
        second = Service(rig, "two", lease_ttl_s=ttl_s)
        try:
            for _ in range(5):
                rig.append(5)
                time.sleep(ttl_s / 4)  # in the end longer than the lease lives
                with rig.log.engine.connect() as connection:
                    assert connection.exec_driver_sql("SELECT holder, token FROM leases").one().holder == "one"
            first.stop()
            rig.append(5)
            wait_until(lambda: rig.marks().final == 36, "final by the second")
        finally:
            second.stop()
    finally:
        first.stop()
    assert (first.failure, second.failure) == (None, None)
    check_whole(rig)
