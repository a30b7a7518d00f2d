"""An anchor service without its threads: a real database, real files, and a chain that is real (anvil) or fake."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.a_log import PROMISE, ALog, LogKeys, an_event, open_a_log
from support.fake_chain import FakeChain

from anchor.following import FinalityRule
from anchor.leader import Leader, Parts
from anchor.lease import LeaderLease, holder_name
from anchor.ports import AnchorChain
from anchor.signing import CheckpointSigner, TransactionSigner
from anchor.state import JobState
from ledger.adapters.chain.deployment import deploy, open_log
from ledger.adapters.chain.errors import LedgerError
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.clock import SystemClock
from ledger.adapters.embedded.ports import free_port
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.keys import KeyName, load_or_create_keys
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.sql import anchoring, reading
from ledger.log.typed_data import address_of_public_key, keccak256
from ledger.services.ports import AppendResult, Watermarks

ANVIL = Path(__file__).resolve().parents[2] / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
DEPLOYER = keccak256(b"test deployer")
BODY_KEYS = [keccak256(b"test body %d" % number) for number in range(3)]
SENDER = keccak256(b"test sender")


class Anvil:
    """A development chain that can be stopped, killed and started again from a state file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, state: Path | None = None) -> None:
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--hardfork", "berlin", "--gas-price", "0"]
        arguments += [
            "--prune-history",
            "64",
            "--cache-path",
            str(self._folder / "cache"),
            "--accounts",
            "1",
            "--silent",
        ]
        if state is not None:
            arguments += ["--load-state", str(state)]
        with (self._folder / "anvil.log").open("ab") as log:
            self._process = subprocess.Popen([ANVIL, *arguments], stdout=log, stderr=log, start_new_session=True)
        gateway = ChainGateway(self.url, 31337, bytes(20))
        deadline = time.monotonic() + 20
        while True:
            try:
                gateway.check_chain()
            except LedgerError:
                assert self._process.poll() is None, (self._folder / "anvil.log").read_text()
                assert time.monotonic() < deadline, "anvil did not start"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


@contextmanager
def running_anvil(folder: Path) -> Iterator[Anvil]:
    anvil = Anvil(folder)
    anvil.start()
    try:
        yield anvil
    finally:
        anvil.stop()


@dataclass
class Rig:
    """A log with its anchor service; ``leader`` is the present term."""

    log: ALog
    chain: AnchorChain
    folder: Path
    anchor_interval_s: float = 0.0
    rule: FinalityRule | None = None
    now_s: float = 0.0  # what the leader takes for the monotonic clock
    leader: Leader = field(init=False)
    lease: LeaderLease = field(init=False)

    def __post_init__(self) -> None:
        self.tiles = FileTileStore(self.folder / "log")
        self.journal = FileCheckpointJournal(self.folder / "journal" / "checkpoints.jsonl")
        self.rule = self.rule or FinalityRule(
            "development", chain_state_path=self.folder / "chain" / "state.json", depth_blocks=0
        )

    def parts(self) -> Parts:
        keys, identity = self.log.keys, self.log.preparer.identity
        assert self.rule is not None
        return Parts(
            engine=self.log.engine,
            tiles=self.tiles,
            journal=self.journal,
            chain=self.chain,
            signer=CheckpointSigner(identity, keys.checkpoint.private_bytes_raw(), keys.anchor.secret),
            sender=TransactionSigner(SENDER, identity.chain_id, identity.evidence_log),
            preparer=self.log.preparer,
            promise=PROMISE,
            rule=self.rule,
            clock=SystemClock(),
            anchor_interval_s=self.anchor_interval_s,
            monotonic=lambda: self.now_s,
        )

    def start(self) -> Leader:
        """A new term: takes the lease over as after a crash, and recovers."""
        self.take_over()
        self.leader.recover()
        return self.leader

    def take_over(self) -> None:
        with self.log.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE leases SET expires_at = clock_timestamp()")
        lease = LeaderLease.acquire(self.log.engine, holder_name(), 60)
        assert lease is not None
        self.lease = lease
        self.leader = Leader(self.parts(), lease)

    def append(self, count: int, prefix: str | None = None) -> list[AppendResult]:
        prefix = prefix or os.urandom(6).hex()
        events = [self.log.preparer.prepare(an_event(f"{prefix}-{n}"), "test") for n in range(count)]
        return self.log.store.append(events, PROMISE)

    def marks(self) -> Watermarks:
        with self.log.engine.connect() as connection:
            return reading.watermarks(connection)

    def jobs(self) -> list[tuple[str, str | None]]:
        """State and reason of every job, oldest first."""
        with self.log.engine.connect() as connection:
            found = anchoring.jobs_in(connection, *JobState)
        return [(job.state, job.reason) for job in found]

    def run_until_final(self, cycles: int = 12) -> Watermarks:
        """Publishes, then runs chain cycles until everything published is final."""
        self.leader.publishing_cycle()
        for _ in range(cycles):
            self.leader.chain_cycle()
            marks = self.marks()
            if marks.final == marks.published:
                return marks
        return self.marks()


def key_files(folder: Path) -> LogKeys:
    """The keys of a log in files, for programs that run beside the test."""
    files = load_or_create_keys(folder)
    return LogKeys(
        Ed25519PrivateKey.from_private_bytes(files[KeyName.CHECKPOINT]),
        PrivateKey(files[KeyName.ANCHOR]),
        Ed25519PrivateKey.from_private_bytes(files[KeyName.RECEIPT]),
        files[KeyName.SPACE],
        files[KeyName.IDENTITY],
    )


def final_fake_rig(database_url: str, folder: Path) -> "Iterator[FakeRig]":
    """For ``yield from`` in a fixture: 300 events, all final on a chain in memory."""
    rig = fake_rig(database_url, folder)
    rig.append(299)
    rig.run_until_final()
    yield rig
    rig.log.engine.dispose()


def fake_rig(database_url: str, folder: Path, *, automine: bool = True) -> "FakeRig":
    """The leader of a log whose chain is a :class:`FakeChain`."""
    log = open_a_log(database_url, folder)
    chain = FakeChain(log.preparer.identity, automine=automine)
    rig = FakeRig(log, chain, folder)
    rig.start()
    return rig


class FakeRig(Rig):
    """A rig whose chain can be told to fail."""

    chain: FakeChain


def anvil_rig(database_url: str, folder: Path, anvil: Anvil, keys: LogKeys | None = None) -> Rig:
    """Contracts deployed, log opened on the chain and in the database, leader started."""
    bodies = [address_of_public_key(PrivateKey(key).public_key.format(compressed=False)) for key in BODY_KEYS]
    deployment = deploy(anvil.url, DEPLOYER, bodies, 2)
    log = open_a_log(database_url, folder, evidence_log=deployment.evidence_log, keys=keys)
    identity = log.preparer.identity
    open_on_chain(anvil, log)
    rig = Rig(log, ChainGateway(anvil.url, identity.chain_id, identity.evidence_log), folder)
    rig.start()
    return rig


def open_on_chain(anvil: Anvil, log: ALog) -> None:
    """Deploys the contracts if they are gone, and opens the log by an act of the council."""
    identity = log.preparer.identity
    bodies = [address_of_public_key(PrivateKey(key).public_key.format(compressed=False)) for key in BODY_KEYS]
    open_log(
        anvil.url,
        DEPLOYER,
        deploy(anvil.url, DEPLOYER, bodies, 2),
        BODY_KEYS[:2],
        origin=identity.origin,
        checkpoint_key=identity.checkpoint_key,
        anchor_address=identity.anchor_address,
    )
