"""One log from its opening to everything final, with a lost block on the way: a story that can be told again after any failure.

``live`` runs one process: what the anchor service and an API worker hold in memory is made new, stores and chain stay. A client sends
its events until they are acknowledged, as clients do, and remembers every acknowledgement. ``check_whole`` is the oracle.
"""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from support.a_log import PROMISE, LogKeys, an_event
from support.anchor_rig import SENDER
from support.fake_chain import FakeChain
from support.faults import Crash, Faults, FaultyChain, watch_commits
from support.suite_chain import SUITE, SuiteChain, answered, claimed, opened, require_followed

from anchor.contract_events import FollowedSuite
from anchor.following import FinalityRule
from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from anchor.leader import Leader, Parts
from anchor.lease import LeaderLease, holder_name
from anchor.signing import CheckpointSigner, TransactionSigner
from anchor.state import OPEN_STATES
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.sql import anchoring, checkpoints, outbox, reading
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.log_store import SqlLogStore
from ledger.adapters.sql.opening import open_shard
from ledger.errors import IntegrityError, LedgerError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import CompactRange
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import AppendOutcome, Watermarks
from ledger.services.preparation import Preparer

FIRST_WIDE = 250
"""Events of the first batch in a new log whose first checkpoint ends just before a full tile: the late batch makes it full."""

FIRST = 20
"""Events of the first batch in any other new log."""

FIRST_LATER = 5
LATE = 3
OUTBOX = 2

TRIES = 6
CHAIN_CYCLES = 12


class World:
    """Stores, keys, chain and client of one log; all of them outlive a crash.

    A log can live through many rounds of the story, each with new events and a failure of its own.
    """

    def __init__(self, database_url: str, folder: Path, *, wide: bool = False) -> None:
        self.folder = folder
        self._opening_count = FIRST_WIDE if wide else FIRST
        self.faults = Faults()
        self.keys = LogKeys.generate()
        self.identity = LogIdentity(
            chain_id=31337,
            evidence_log=b"\xab" * 20,
            origin="crash.cityledger.invalid/2026",
            checkpoint_key=self.keys.checkpoint.public_key().public_bytes_raw(),
            anchor_address=self.keys.anchor_address,
        )
        self.chain = FakeChain(self.identity)
        self.suite_chain = SuiteChain()
        self.acknowledged: dict[str, int] = {}
        self.round = 0
        self.rounds_with_business = 0
        self.rounds_with_contracts = 0
        self.rounds_with_lost_block = 0
        self.is_whole = False
        self.left_by_crashes: list[Path] = []
        self.meanwhile = 0
        self.shown: set[str] = set()
        self._database_url = database_url
        self._engines: list[Engine] = []

    @property
    def first_count(self) -> int:
        """Events of the first batch of this round."""
        return self._opening_count if self.round == 1 else FIRST_LATER

    @property
    def tree_size(self) -> int:
        """What the log holds after this round: the opening, the batches, the business events, a conflict's record a round."""
        rounds = self._opening_count + (self.round - 1) * FIRST_LATER + self.round * (LATE + OUTBOX + 1)
        return 1 + rounds + self.meanwhile

    def begin_round(self) -> None:
        """From now on the story has new events."""
        self.round += 1
        self.is_whole = False
        self.faults.trace.clear()
        self.faults.disarm()
        self.left_by_crashes = self.temporaries()

    def temporaries(self) -> list[Path]:
        """Temporary files beside the real ones; a crash may leave one, which nobody reads."""
        return sorted(self.folder.rglob("*.tmp"))

    def live(self) -> "Process":
        """A new process over the same stores; the one before it is gone."""
        self.close()
        return Process(self)

    def live_through_failure(self, *, meanwhile: bool) -> "Process":
        """A process that meets a failure and goes on; one that could not even be built is started again."""
        for _ in range(TRIES):
            try:
                process = self.live()
            except OSError:
                continue
            process.story_until_done(meanwhile=meanwhile)
            return process
        raise AssertionError("no process starts")

    def engine(self) -> Engine:
        engine = create_engine(self._database_url, pool_size=2)
        watch_commits(engine, self.faults)
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        while self._engines:
            self._engines.pop().dispose()

    def sees(self, note: str | None) -> None:
        """Somebody outside has seen this checkpoint: it may never be contradicted."""
        if note is not None:
            self.shown.add(note)


class Process:
    """API worker and anchor service in one: everything that dies with a process."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine = world.engine()
        self.tiles = FileTileStore(world.folder / "log")
        self.journal = FileCheckpointJournal(world.folder / "journal" / "checkpoints.jsonl")
        self.preparer = Preparer(
            identity=world.identity,
            rules=load_rules(),
            tag_keys=TagKeys(world.keys.space),
            identity_key=world.keys.identity,
            sealer=FileKeyring(world.folder / "keyring", os.urandom),
            clock=SystemClock(),
            randomness=os.urandom,
        )
        self.store = SqlLogStore(self.engine)
        self.now_s = 0.0
        self._leader: Leader | None = None
        self._lease: LeaderLease | None = None

    def story(self) -> None:
        """All of it; what is done already changes nothing."""
        open_shard(self.engine, self.preparer, self.world.keys.receipt.public_key().public_bytes_raw(), PROMISE)
        leader = self.leader()
        self.send("first", self.world.first_count)
        self.send_conflict()
        self.do_business()
        self.use_contracts()
        self.publish_and_anchor(leader)
        self.lose_a_block()
        self.send("late", LATE)
        self.publish_and_anchor(leader)
        while leader.index_cycle():
            pass
        self.stop()

    def story_until_done(self, *, meanwhile: bool = False) -> None:
        """The story as the worker tells it: an error is reported and the step repeated, but contradictions end the process.

        With ``meanwhile`` somebody sends an event between the error and the repetition, as happens in a log in use.
        """
        for _ in range(TRIES):
            try:
                self.story()
            except IntegrityError:
                raise
            except (LedgerError, OSError):
                if meanwhile and self.world.acknowledged:
                    self.send(f"meanwhile-{self.world.meanwhile}", 1)
                    self.world.meanwhile += 1
                continue
            return
        raise AssertionError("the process did not get over one failure")

    def leader(self) -> Leader:
        """This process's term: the lease of a dead holder has lapsed, and the stores were compared."""
        if self._leader is None:
            with self.engine.begin() as connection:
                connection.execute(text("UPDATE leases SET expires_at = clock_timestamp()"))
            lease = LeaderLease.acquire(self.engine, holder_name(), 600)
            assert lease is not None
            leader = Leader(self._parts(), lease)
            leader.recover()
            self._leader, self._lease = leader, lease
        return self._leader

    def stop(self) -> None:
        """An orderly end of the term."""
        assert self._lease is not None
        lease, self._leader, self._lease = self._lease, None, None
        lease.release()

    def send(self, name: str, count: int) -> None:
        """What a client does: everything is sent; an answer is remembered, and may never change."""
        events = [an_event(f"{self.world.round}-{name}-{number}") for number in range(count)]
        results = self.store.append([self.preparer.prepare(event, "test") for event in events], PROMISE)
        for event, result in zip(events, results, strict=True):
            assert result.outcome in (AppendOutcome.NEW, AppendOutcome.REPEATED)
            assert self.world.acknowledged.setdefault(event.id, result.event.leaf_index) == result.event.leaf_index

    def send_conflict(self) -> None:
        """The same identity with other content: refused, and recorded once."""
        event = an_event(f"{self.world.round}-first-0", data={"n": "other"})
        (result,) = self.store.append([self.preparer.prepare(event, "test")], PROMISE)
        assert result.outcome is AppendOutcome.CONFLICT
        outbox.record_conflicts(self.engine, self.preparer, "test", [(event, result.event.leaf_index)])

    def do_business(self) -> None:
        """A business transaction with events in its own commit; the business knows its own outcome."""
        if self.world.rounds_with_business == self.world.round:
            return
        with self.engine.begin() as connection:
            for _ in range(OUTBOX):
                outbox.add(connection, self.preparer, "org.cityledger.test.v1", {})
        self.world.rounds_with_business = self.world.round

    def use_contracts(self) -> None:
        """Once a round two blocks with events of the contract suite; the second one answers what the first one claims."""
        if self.world.rounds_with_contracts != self.world.round:
            self.world.rounds_with_contracts = self.world.round
            self.world.suite_chain.mine(opened(), claimed(self.world.round))
            self.world.suite_chain.mine(answered(self.world.round, 500))

    def lose_a_block(self) -> None:
        """Once a round the chain forgets its newest block, in which the newest head was anchored, and a contract's answer."""
        if self.world.rounds_with_lost_block != self.world.round:
            self.world.rounds_with_lost_block = self.world.round
            self.world.chain.reorganise(1)
            self.world.suite_chain.drop(1)
            self.world.suite_chain.mine(claimed(self.world.round, units=7))

    def publish_and_anchor(self, leader: Leader) -> None:
        assert self._lease is not None
        assert self._lease.renew()
        leader.publishing_cycle()
        self._look()
        for _ in range(CHAIN_CYCLES):
            self.now_s += 2.0
            busy = leader.chain_cycle()
            marks = self.marks()
            if not busy and marks.final == marks.published and not self._mined_jobs():
                return

    def marks(self) -> Watermarks:
        with self.engine.connect() as connection:
            return reading.watermarks(connection)

    def _mined_jobs(self) -> bool:
        with self.engine.connect() as connection:
            return bool(anchoring.jobs_in(connection, "mined"))

    def _look(self) -> None:
        """An outsider reads the log now and then."""
        with self.engine.connect() as connection:
            newest = checkpoints.last_checkpoint(connection)
        self.world.sees(None if newest is None else newest.note)
        self.world.sees(self.tiles.read_checkpoint())

    def _parts(self) -> Parts:
        world = self.world
        return Parts(
            engine=self.engine,
            tiles=self.tiles,
            journal=self.journal,
            chain=FaultyChain(world.chain, world.faults),
            signer=CheckpointSigner(
                world.identity, world.keys.checkpoint.private_bytes_raw(), world.keys.anchor.secret
            ),
            sender=TransactionSigner(SENDER, world.identity.chain_id, world.identity.evidence_log),
            preparer=self.preparer,
            promise=PROMISE,
            rule=FinalityRule("development", chain_state_path=world.folder / "chain" / "state.json", depth_blocks=0),
            clock=SystemClock(),
            anchor_interval_s=0.0,
            monotonic=lambda: self.now_s,
            suite=FollowedSuite(SUITE, FaultyChain(world.suite_chain, world.faults)),
        )


def crash_at(world: World) -> None:
    """Tells the story until the process dies; what an outsider could see at that moment counts as seen."""
    try:
        world.live().story_until_done()
    except Crash:
        world.close()
        note_path = world.folder / "log" / "checkpoint"
        world.sees(note_path.read_text() if note_path.exists() else None)
        return
    raise AssertionError("nothing crashed: the step did not happen")


def check_whole(process: Process) -> None:
    """Everything final, every acknowledged event there once, nothing shown is contradicted, nothing anchored twice, ``fsck`` clean.

    The contract suite's read model is that of its present chain.
    """
    world, size = process.world, process.world.tree_size
    assert process.marks() == Watermarks(size, size, size, size)
    with process.engine.connect() as connection:
        indexes = {
            bytes(row[0]): row[1] for row in connection.execute(text("SELECT identity, leaf_index FROM identities"))
        }
        entries = connection.execute(text("SELECT count(*), count(DISTINCT identity) FROM entries")).one()
        assert tuple(entries) == (size, size)
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == world.round * (OUTBOX + 1)
        hashes = reading.leaf_hashes(connection, 0, size)
        stored = {bytes(row[0]) for row in connection.execute(text("SELECT raw_transaction FROM anchor_jobs"))}
        assert anchoring.jobs_in(connection, *OPEN_STATES) == []
        checkpoints = [row[0] for row in connection.execute(text("SELECT note FROM checkpoints"))]
    assert len(world.acknowledged) == size - 1 - world.round * (OUTBOX + 1)
    for event_id, leaf_index in world.acknowledged.items():
        assert indexes[process.preparer.identity_of("urn:test:office", event_id)] == leaf_index
    roots, compact = {}, CompactRange()
    for leaf_hash in hashes:
        compact.extend([leaf_hash])
        roots[compact.size] = compact.root_hash()
    for note in {*world.shown, *checkpoints, *process.journal.notes()}:
        checkpoint = open_checkpoint(note, world.identity).checkpoint
        assert roots[checkpoint.tree_size] == checkpoint.root_hash, "a checkpoint that was shown is contradicted"
    assert set(world.chain.broadcasts) <= stored, "bytes were sent that were not stored before"
    assert len(heads_anchored(world.chain)) == len(set(heads_anchored(world.chain)))
    assert run_fsck(process, world.chain) == []
    require_followed(process.engine, world.suite_chain)
    with process.engine.connect() as connection:
        undone = connection.execute(text("SELECT undone_blocks FROM contract_cursor")).scalar_one()
    assert undone == world.round, "each lost block is undone once"
    world.is_whole = True


def heads_anchored(chain: FakeChain) -> list[int]:
    """Tree sizes of all ``HeadAnchored`` events, in the chain's order."""
    return [
        event.values["treeSize"]
        for block in chain.blocks
        for receipt in block.receipts
        for event in receipt.events
        if event.name == "HeadAnchored"
    ]


def run_fsck(process: Process, chain: Any) -> list[Finding]:
    findings: list[Finding] = []
    sources = Sources(process.engine, process.tiles, process.journal, process.preparer, chain)
    Fsck(sources, findings.append, lambda done, total: None).run()
    return findings
