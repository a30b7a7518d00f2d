"""Signed acts that wait for the chain, and the sender that brings them there; the database is real, the chain is not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from support.a_log import ALog, open_a_log
from support.fake_call_chain import FakeCallChain
from support.faults import Crash, Faults, FaultyChain, watch_commits

from anchor.chain_calls import Relay
from anchor.following import FinalityRule
from anchor.leader import Leader, Parts
from anchor.lease import LeaderLease, holder_name
from anchor.signing import CheckpointSigner, TransactionSigner
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.act_json import act_name, act_to_json
from ledger.domain.acts.product_registry import ProductFreeze
from ledger.log.typed_data import keccak256
from ledger.services.acts import ActSignature
from ledger.services.business import Actor, StoredObject, UnitOfWork
from ledger.services.ports import Promise
from ledger.services.steps import Step, register_step

RELAY_KEY = keccak256(b"test relay")
CONTRACTS = {"ProductRegistry": keccak256(b"product registry")[:20]}
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
SIGNED = ActSignature(bytes(32), bytes(20), bytes(32), 1, bytes(65))
STEP = "test.frozen"
PROMISE = Promise(60, 600)


def _frozen(uow: UnitOfWork, subject: StoredObject, act: StoredObject) -> None:
    uow.change(subject, act="freeze", state="frozen")
    uow.record("org.cityledger.test.frozen.v1", {"act_id": act.object_id}, subject=subject.object_id)


def _not_frozen(uow: UnitOfWork, subject: StoredObject, act: StoredObject, reason: str) -> None:
    del act
    uow.change(subject, act="go back", state="listed", document={**subject.document, "refused_because": reason})


register_step(STEP, Step(_frozen, _not_frozen))


@dataclass
class CallWorld:
    """One log with acts; ``process()`` is a term of the anchor service over it."""

    log: ALog
    database_url: str
    folder: Path
    profile: str = "development"
    depth_blocks: int = 0
    faults: Faults = field(default_factory=Faults)
    now_s: float = 0.0
    asked: dict[str, bytes] = field(default_factory=dict)  # act id -> call data
    contracts: Mapping[str, bytes] = field(default_factory=lambda: CONTRACTS)
    watch: Callable[[Engine, Faults], None] = watch_commits
    _engines: list[Engine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chain = FakeCallChain(self.log.preparer.identity)

    def ask(self, count: int = 1) -> list[str]:
        """So many acts, each with all its signatures, and so each with a call that waits. Their ids, in order."""
        made = []
        for _ in range(count):
            number = len(self.asked)
            act = ProductFreeze(keccak256(b"product %d" % number), True, bytes(32), number)
            with self.log.engine.begin() as connection:
                uow = SqlUnitOfWork(connection, self.log.preparer, OPERATOR, contracts=self.contracts)
                subject = uow.create("product", f"p-{number}", state="listed", parties=("x",), document={}, act="list")
                document = {
                    "act": act_name(act),
                    "message": act_to_json(act),
                    "function": "set_frozen",
                    "step": STEP,
                    "subject": {"kind": subject.kind, "object_id": subject.object_id},
                    "signers": [],
                    "signatures": {},
                }
                stored = uow.create("act", f"a-{number}", state="calling", parties=("x",), document=document, act="x")
                uow.call_chain(stored, step=STEP, act=act, function="set_frozen", signatures={"regulator": [SIGNED]})
                data = connection.execute(text("SELECT call_data FROM chain_calls ORDER BY call_id DESC LIMIT 1"))
                self.asked[stored.object_id] = data.scalar_one()
            made.append(stored.object_id)
        return made

    def process(self) -> Leader:
        """A new process: it takes the lease over as after a crash, and has no memory."""
        self.close()
        engine = create_engine(self.database_url, pool_size=2)
        self.watch(engine, self.faults)
        self._engines.append(engine)
        with engine.begin() as connection:
            connection.execute(text("UPDATE leases SET expires_at = clock_timestamp()"))
        lease = LeaderLease.acquire(engine, holder_name(), 600)
        assert lease is not None
        keys, identity = self.log.keys, self.log.preparer.identity
        chain: Any = FaultyChain(self.chain, self.faults)
        parts = Parts(
            engine=engine,
            tiles=FileTileStore(self.folder / "log"),
            journal=FileCheckpointJournal(self.folder / "journal" / "checkpoints.jsonl"),
            chain=chain,
            signer=CheckpointSigner(identity, keys.checkpoint.private_bytes_raw(), keys.anchor.secret),
            sender=TransactionSigner(keccak256(b"test sender"), identity.chain_id, identity.evidence_log),
            preparer=self.log.preparer,
            promise=PROMISE,
            rule=self.rule(),
            clock=SystemClock(),
            anchor_interval_s=0.0,
            monotonic=lambda: self.now_s,
            relay=Relay(chain, TransactionSigner(RELAY_KEY, identity.chain_id, bytes(20)), self.contracts),
        )
        return Leader(parts, lease)

    def rule(self) -> FinalityRule:
        if self.profile == "consortium":
            return FinalityRule("consortium", chain_state_path=None, depth_blocks=self.depth_blocks)
        return FinalityRule("development", chain_state_path=self.folder / "chain" / "state.json", depth_blocks=0)

    def cycles(self, leader: Leader, count: int = 1) -> bool:
        """So many rounds, a little later each; whether calls still wait."""
        waits = True
        for _ in range(count):
            self.now_s += 2.0
            waits = leader.calls_cycle()
        return waits

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.log.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def states(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT state FROM chain_calls ORDER BY call_id")]

    def act_states(self) -> dict[str, str]:
        return dict(self.rows("SELECT object_id, state FROM objects WHERE kind = 'act'"))  # type: ignore[arg-type]

    def subject_states(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT state FROM objects WHERE kind = 'product' ORDER BY created_at")]

    def events(self) -> int:
        return int(self.rows("SELECT count(*) FROM outbox")[0][0])

    def check_whole(self, *, refused: frozenset[str] = frozenset()) -> None:
        """Every act is on the chain once, final, and its step was completed once; nothing was sent that was not durable before.

        Those of ``refused`` are not on the chain, and their subjects went back once.
        """
        wanted = {act: "refused" if act in refused else "final" for act in self.asked}
        assert dict(self.rows("SELECT object_id, state FROM chain_calls")) == wanted
        assert self.act_states() == wanted
        assert sorted(self.chain.done()) == sorted(data for act, data in self.asked.items() if act not in refused)
        told = "SELECT object_id, act FROM object_history WHERE kind = 'product' AND act <> 'list' ORDER BY object_id"
        ends = [(f"p-{act[2:]}", "go back" if act in refused else "freeze") for act in sorted(self.asked)]
        assert self.rows(told) == ends
        kept = self.rows(
            "SELECT raw_transaction FROM chain_calls WHERE raw_transaction IS NOT NULL "
            "UNION ALL SELECT raw_transaction FROM chain_call_attempts"
        )
        assert set(self.chain.broadcasts) <= {bytes(row[0]) for row in kept}, "bytes were sent that were not stored"
        places = self.rows(
            "SELECT object_id, encode(tx_hash, 'hex'), block_number FROM chain_calls WHERE state = 'final'"
        )
        acts = self.rows("SELECT object_id, document->'chain' FROM objects WHERE kind = 'act' AND state = 'final'")
        assert {(act, at["tx_hash"], at["block_number"]) for act, at in acts} == set(places)

    def close(self) -> None:
        while self._engines:
            self._engines.pop().dispose()


def new_call_world(database_url: str, folder: Path, **options: Any) -> CallWorld:
    """A log in a migrated database."""
    return CallWorld(open_a_log(database_url, folder), database_url, folder, **options)


def crash(world: CallWorld, leader: Leader, cycles: int) -> bool:
    """Whether the process died on the way."""
    try:
        world.cycles(leader, cycles)
    except Crash:
        return True
    return False
