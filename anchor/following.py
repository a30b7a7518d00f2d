"""Following the contract: which of our heads the chain holds, whether their blocks are still there, and which are final.

Anyone may anchor, so the ``anchored`` watermark follows the contract's events and not our transactions. Every head that the
chain holds must be in our history; one that is not is a conflict, and nothing is overwritten.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from anchor.history import ChainConflictError, History
from anchor.jobs import JobMover
from anchor.lease import LeaderLease
from anchor.ports import AnchorChain, DumpedChain
from anchor.state import JobReason, JobState, advance, roll_back
from ledger.adapters.chain.evidence_log import ChainEvent
from ledger.adapters.chain.gateway import StoredBlock
from ledger.adapters.files.durable import make_folder, replace_file
from ledger.adapters.sql import anchoring, reading
from ledger.adapters.sql.anchoring import AnchoredHead
from ledger.adapters.sql.engine import database_errors
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import Clock, EventState

logger = structlog.get_logger(__name__)

Profile = Literal["development", "consortium"]


class Mined(Protocol):
    """Something that a block holds."""

    @property
    def block_number(self) -> int | None:
        """Height of that block; None would be of something that is not mined."""
        ...


MinedT = TypeVar("MinedT", bound=Mined)


class FinalityRule:
    """When what a block holds is final: an anchored head, a contract call.

    ``development``: when a dump of the chain's state that holds its block is safely on disk, since that chain lives in memory.
    ``consortium``: when ``depth_blocks`` blocks stand on top of its block (QBFT needs none: its blocks are final when made).
    """

    def __init__(self, profile: Profile, *, chain_state_path: Path | None, depth_blocks: int) -> None:
        self.profile = profile
        self._chain_state_path = chain_state_path
        self._depth_blocks = depth_blocks
        self._dumping = threading.Lock()  # several loops make things final; an older dump must not replace a newer one

    @property
    def is_reversible(self) -> bool:
        """Whether a final head may vanish and be anchored again: only where there is no consensus."""
        return self.profile == "development"

    def final_block(self, newest: int, *, dumped: int) -> int:
        """The highest final block: on a development chain the newest one in a dump on disk, otherwise by depth."""
        return dumped if self.is_reversible else newest - self._depth_blocks

    def final_ones(self, chain: DumpedChain, mined: Sequence[MinedT]) -> list[MinedT]:
        """Those of the mined that are final now; for a development chain, writes the dump that makes them so."""
        newest = chain.block_number()
        final = [
            one for one in mined if one.block_number is not None and newest - one.block_number >= self._depth_blocks
        ]
        if final and self._chain_state_path is not None:
            with self._dumping:
                state = chain.dump_state()
                make_folder(self._chain_state_path.parent)
                replace_file(self._chain_state_path, state)
            # CRASH here: the dump holds the blocks, what they hold is still `mined`; the next cycle dumps again and goes on.
        return final


class Follower:
    """Follows one log's heads on the chain. Used by one thread of the leader."""

    def __init__(
        self,
        engine: Engine,
        chain: AnchorChain,
        *,
        history: History,
        identity: LogIdentity,
        rule: FinalityRule,
        lease: LeaderLease,
        jobs: JobMover,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._chain = chain
        self._history = history
        self._identity = identity
        self._rule = rule
        self._lease = lease
        self._jobs = jobs
        self._clock = clock
        self._nothing_up_to = 0  # no head was anchored in blocks up to this one

    def follow(self) -> None:
        """One cycle: blocks still there, new heads, finality.

        Raises:
            ChainConflictError: a head on the chain is not in our history, or a final block is gone for good.
            ContractMissingError: the chain was lost with the contract; the heads are back to ``published``.
            ChainUnavailableError, UnavailableError: repeat later.
        """
        self._chain.check_chain()
        self._check_blocks()
        self._record_new_heads()
        self._finalize()

    def _check_blocks(self) -> None:
        """Heads whose block is not in the chain any more go back to ``published``; they are anchored again like new ones."""
        while True:
            with database_errors(), self._engine.connect() as connection:
                last = anchoring.last_anchored_head(connection)
            if last is None:
                return
            canonical = self._chain.block_hash_at(last.block_number)
            if canonical == last.block_hash:
                return
            if last.state == JobState.FINAL and not self._rule.is_reversible:
                raise ChainConflictError(
                    f"Block {last.block_number} is final and is not in the chain any more. Anchoring stops; both"
                    " headers are kept.",
                    finding="final_block_gone",
                    block_number=last.block_number,
                    final_block_hash="0x" + last.block_hash.hex(),
                    chain_block_hash=None if canonical is None else "0x" + canonical.hex(),
                    other_header=self._header(canonical),
                )
            self._roll_back(last.block_number)

    def _header(self, block_hash: bytes | None) -> object:
        block = None if block_hash is None else self._chain.stored_block(block_hash)
        return None if block is None else block.header

    def _roll_back(self, block_number: int) -> None:
        """Forgets every head of this block and later ones, in one transaction.

        CRASH before the commit: the next cycle sees the same missing block. After it: the heads are published and unanchored.
        """
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            removed = anchoring.remove_anchors_from_block(connection, block_number)
            for job in anchoring.jobs_in(connection, JobState.MINED, JobState.FINAL):
                if job.block_number is not None and job.block_number >= block_number:
                    self._jobs.move(connection, job, JobState.ABANDONED, reason=JobReason.ROLLED_BACK)
            last = anchoring.last_anchored_head(connection)
            marks = reading.watermarks(connection)
            marks = roll_back(
                marks, 0 if last is None else last.tree_size, final_is_reversible=self._rule.is_reversible
            )
            anchoring.set_anchored(connection, anchored=marks.anchored, final=marks.final)
        self._nothing_up_to = min(self._nothing_up_to, block_number - 1)
        logger.warning("anchors_rolled_back", block_number=block_number, heads=removed, anchored=marks.anchored)

    def _record_new_heads(self) -> None:
        newest_block = self._chain.block_number()
        chain_head = self._chain.head(self._identity.log_id)
        with database_errors(), self._engine.connect() as connection:
            last = anchoring.last_anchored_head(connection)
        known_size = 0 if last is None else last.tree_size
        if chain_head.tree_size == 0:
            self._nothing_up_to = newest_block
        if chain_head.tree_size <= known_size:
            return
        self._history.check_chain_head(chain_head.tree_size, chain_head.root_hash, block_number=newest_block)
        first_block = self._nothing_up_to + 1 if last is None else last.block_number
        events = self._chain.heads_anchored(self._identity.log_id, max(first_block, 0), newest_block)
        new = [event for event in events if event.values["treeSize"] > known_size]
        for event in new:
            self._history.check_chain_head(
                event.values["treeSize"], bytes(event.values["rootHash"]), block_number=event.block_number
            )
        if new:
            self._record(new)

    def _record(self, events: Sequence[ChainEvent]) -> None:
        """Records heads and moves the watermark, in one transaction.

        CRASH before the commit: the next cycle reads the same events again.
        """
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            marks = reading.watermarks(connection)
            for event in events:
                head = AnchoredHead(
                    tree_size=event.values["treeSize"],
                    root_hash=bytes(event.values["rootHash"]),
                    tx_hash=event.tx_hash,
                    block_number=event.block_number,
                    block_hash=event.block_hash,
                    state=JobState.MINED,
                    mined_at=self._clock.now(),
                    final_at=None,
                )
                anchoring.record_anchor(connection, head)
                marks = advance(marks, EventState.ANCHORED, head.tree_size)
            anchoring.set_anchored(connection, anchored=marks.anchored, final=marks.final)
        for event in events:
            logger.info("head_anchored", tree_size=event.values["treeSize"], block_number=event.block_number)

    def _finalize(self) -> None:
        with database_errors(), self._engine.connect() as connection:
            mined = anchoring.anchored_heads_in_state(connection, JobState.MINED)
        if mined:
            self._finalize_heads(mined)
        with database_errors(), self._engine.connect() as connection:
            mined_jobs = anchoring.jobs_in(connection, JobState.MINED)
        for job in mined_jobs:
            with database_errors(), self._engine.begin() as connection:
                head = anchoring.anchored_head_covering(connection, job.tree_size_2)
                if head is not None and head.tx_hash == job.tx_hash and head.state == JobState.FINAL:
                    self._jobs.move(connection, job, JobState.FINAL)

    def _finalize_heads(self, mined: Sequence[AnchoredHead]) -> None:
        blocks: dict[bytes, StoredBlock] = {}
        kept: list[AnchoredHead] = []
        for head in self._rule.final_ones(self._chain, mined):
            block = blocks.get(head.block_hash) or self._chain.stored_block(head.block_hash)
            if block is None or self._chain.block_hash_at(head.block_number) != head.block_hash:
                break  # gone meanwhile: the next cycle rolls back; later heads stand on it
            blocks[head.block_hash] = block
            kept.append(head)
        if kept:
            with database_errors(), self._engine.begin() as connection:
                self._keep(connection, kept, blocks)

    def _keep(self, connection: Connection, heads: Sequence[AnchoredHead], blocks: dict[bytes, StoredBlock]) -> None:
        """Stores what a proof needs for thirty years, and with the same commit calls the heads final."""
        self._lease.check(connection)
        now = self._clock.now()
        for block in blocks.values():
            anchoring.store_chain_block(
                connection,
                block_hash=block.block_hash,
                number=block.number,
                profile=self._rule.profile,
                header=block.header,
                transactions=block.transactions,
                tx_receipts=block.tx_receipts,
                at=now,
            )
        marks = reading.watermarks(connection)
        for head in heads:
            anchoring.record_anchor(connection, replace(head, state=JobState.FINAL, final_at=now))
            marks = advance(marks, EventState.FINAL, head.tree_size)
        anchoring.set_anchored(connection, anchored=marks.anchored, final=marks.final)
        logger.info("heads_final", tree_size=heads[-1].tree_size, heads=len(heads), profile=self._rule.profile)
