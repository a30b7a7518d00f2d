"""Following the contract suite: every event once per (block hash, log index), undone when its block disappears, and done again.

The position is the newest recorded block. A cycle first goes back to the newest recorded block that the chain still has, one block a
transaction; then it goes forward block by block: a block is recorded only when it stands on the one before, its events are asked for by
its hash, and rows, read model and position move in one transaction. So a crash at any point leaves a whole block or none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from anchor.following import FinalityRule
from anchor.history import ChainConflictError
from anchor.lease import LeaderLease
from anchor.ports import ContractChain
from anchor.state import JobState
from ledger.adapters.chain.errors import RpcRejectedError
from ledger.adapters.chain.gateway import BlockLink
from ledger.adapters.chain.suite_events import Suite, SuiteEvent, decode_log
from ledger.adapters.sql import anchoring, contract_events, contract_recording
from ledger.adapters.sql.contract_events import Cursor
from ledger.adapters.sql.engine import database_errors
from ledger.errors import IntegrityError
from ledger.services.ports import Clock

logger = structlog.get_logger(__name__)

BLOCKS_A_CYCLE = 200
"""Most blocks recorded before the chain's other work has its turn."""

EMPTY_BLOCKS_KEPT = 1_024
"""Blocks without events are kept this far back, to find the place where a reorganisation began."""


class ContractEventError(IntegrityError):
    """A contract of the suite logged what its interface rules out: the manifest names another contract."""

    code = "contract_event_malformed"
    title = "Contract event malformed"


@dataclass(frozen=True)
class FollowedSuite:
    """The suite and the chain that it stands on.

    ``tell`` hears after every whole cycle how far it is: the heights of the newest, the newest recorded and the newest final block.
    """

    suite: Suite
    chain: ContractChain
    tell: Callable[[int, int, int], None] = lambda newest, recorded, final: None  # noqa: ARG005 - nobody listens


class ContractFollower:
    """Follows one suite. Used by one thread of the leader."""

    def __init__(
        self, engine: Engine, followed: FollowedSuite, *, rule: FinalityRule, lease: LeaderLease, clock: Clock
    ) -> None:
        self._engine = engine
        self._suite = followed.suite
        self._chain = followed.chain
        self._tell = followed.tell
        self._rule = rule
        self._lease = lease
        self._clock = clock

    def follow(self) -> bool:
        """One cycle: back to where the chain is ours, then forward; whether there is more to read.

        Raises:
            ChainConflictError: a final block is gone for good; nothing is undone.
            ContractEventError: a contract is not the one that the manifest names.
            ChainUnavailableError, UnavailableError: repeat later.
        """
        newest = self._chain.block_number()
        self._go_back()
        position = self._position()
        last = min(newest, position.number + BLOCKS_A_CYCLE)
        parent_hash = position.block_hash
        for number in range(position.number + 1, last + 1):
            block = self._chain.block_link(number)
            if block is None or parent_hash not in {None, block.parent_hash}:
                return True  # the chain changed meanwhile: the next cycle goes back
            if not self._record(block):
                return True
            parent_hash = block.block_hash
        self._finish(newest)
        return last < newest

    def _position(self) -> Cursor:
        """Where we stand; at the beginning when nothing, or another suite, was followed."""
        with database_errors(), self._engine.connect() as connection:
            position = contract_events.read_cursor(connection)
        if position is not None and position.suite == self._suite.digest:
            return position
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            contract_events.begin(connection, self._suite.digest, self._suite.first_block, self._clock.now())
            position = contract_events.read_cursor(connection)
        if position is None:  # for the type checker: it was just written
            raise ContractEventError("The position of the contract suite cannot be read back.")
        logger.info("suite_followed", first_block=self._suite.first_block, contracts=len(self._suite.contracts))
        return position

    def _go_back(self) -> None:
        """Undoes recorded blocks that the chain does not have any more, the newest first.

        CRASH between two: the next cycle goes on where this one stopped.
        """
        while True:
            position = self._position()
            with database_errors(), self._engine.connect() as connection:
                last = contract_events.last_block(connection)
            if last is None:
                return
            canonical = self._chain.block_hash_at(last.number)
            if canonical == last.block_hash:
                return
            if last.number <= position.final_number and not self._rule.is_reversible:
                raise ChainConflictError(
                    f"Block {last.number} is final and is not in the chain any more. Its contract events are kept.",
                    finding="final_block_gone",
                    block_number=last.number,
                    final_block_hash="0x" + last.block_hash.hex(),
                    chain_block_hash=None if canonical is None else "0x" + canonical.hex(),
                )
            with database_errors(), self._engine.begin() as connection:
                self._lease.check(connection)
                contract_events.undo_last_block(connection, self._clock.now())
            logger.warning("contract_block_undone", block_number=last.number, block_hash="0x" + last.block_hash.hex())

    def _record(self, block: BlockLink) -> bool:
        """Records one block in one transaction; False when it left the chain meanwhile.

        CRASH before the commit: the next cycle reads the block again.
        """
        try:
            events = self._events(block) if block.has_logs else []
        except RpcRejectedError:
            if self._chain.block_hash_at(block.number) == block.block_hash:
                raise  # the node has the block and refuses all the same: that is not ours to hide
            return False
        if block.has_logs and self._chain.block_hash_at(block.number) != block.block_hash:
            return False  # what a node says of a block that it has left is nothing to rely on
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            contract_recording.record_block(
                connection,
                number=block.number,
                block_hash=block.block_hash,
                parent_hash=block.parent_hash,
                events=events,
                at=self._clock.now(),
            )
        return True

    def _events(self, block: BlockLink) -> list[SuiteEvent]:
        logs = self._chain.logs_of_block(block.block_hash, sorted(self._suite.contracts))
        try:
            found = [decode_log(self._suite, log) for log in logs]
        except (ValueError, KeyError, TypeError) as error:
            raise ContractEventError(
                f"Block {block.number} has an event that is not what its contract's interface says.",
                block_number=block.number,
                block_hash="0x" + block.block_hash.hex(),
            ) from error
        events = [event for event in found if event is not None]
        if any(event.block_hash != block.block_hash for event in events):
            raise ContractEventError(f"The node gave events of another block for block {block.number}.")
        return events

    def _finish(self, newest: int) -> None:
        """Moves the final height, and lets go of old blocks without events."""
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            position = contract_events.read_cursor(connection)
            if position is None:
                return
            dumped = anchoring.last_anchored_head(connection, state=JobState.FINAL)
            final = self._rule.final_block(newest, dumped=-1 if dumped is None else dumped.block_number)
            final = min(final, position.number)
            if final > position.final_number:
                contract_events.set_final(connection, final)
            contract_events.forget_empty_blocks(connection, position.number - EMPTY_BLOCKS_KEPT)
        self._tell(newest, position.number, max(final, position.final_number))
