"""Moves of contract calls, each in a transaction that the lease fences, with what follows from it for the act that asked for the call."""

from collections.abc import Mapping

import structlog
from sqlalchemy import Connection, Engine

from anchor.call_state import CallState, check_call_transition
from anchor.lease import LeaderLease
from ledger.adapters.sql import chain_calls
from ledger.adapters.sql.chain_calls import Call, Transaction
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import MisuseError
from ledger.services import all_steps, steps
from ledger.services.business import Actor
from ledger.services.preparation import Preparer

logger = structlog.get_logger(__name__)

ACTOR = Actor("anchor", None, frozenset({"operator"}))
"""As whom steps are completed."""


class CallRows:
    """Writes call states. Used by one thread of the leader.

    Args:
        engine: the database.
        lease: fences every write.
        preparer: of the log that the steps' events go to.
        contracts: name -> address, 20 bytes.
        final_is_reversible: whether blocks that are final may vanish.
    """

    def __init__(
        self,
        engine: Engine,
        lease: LeaderLease,
        preparer: Preparer,
        contracts: Mapping[str, bytes],
        *,
        final_is_reversible: bool,
    ) -> None:
        self._engine = engine
        self._lease = lease
        self._preparer = preparer
        self._contracts = contracts
        self._final_is_reversible = final_is_reversible

    def registered(self) -> frozenset[str]:
        """The steps that calls may name."""
        return all_steps.step_names()

    def stage(self, call: Call, transaction: Transaction) -> Call:
        """Makes the signed bytes durable; they have not left the process before.

        CRASH after the commit: the call is staged, its bytes were never sent; settling sends them.
        """
        self._check(call, CallState.STAGED)
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            chain_calls.carry(connection, call.call_id, transaction, CallState.STAGED, self._preparer.clock.now())
        self._say(call, CallState.STAGED, transaction=transaction)
        return self._again(call)

    def submitted(self, call: Call) -> None:
        """A node has said that it knows the transaction.

        CRASH before the commit: the call is still staged although a node has it; settling finds it there.
        """
        self._check(call, CallState.SUBMITTED)
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            chain_calls.set_state(connection, call, CallState.SUBMITTED, self._preparer.clock.now())
        self._say(call, CallState.SUBMITTED)

    def mined(self, call: Call, transaction: Transaction, block: tuple[int, bytes], reason: str | None) -> None:
        """A block holds this transaction of the call: the one in its row, or one that was set aside. ``reason``: why it failed."""
        self._check(call, CallState.MINED)
        now = self._preparer.clock.now()
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            if call.transaction is not None and transaction.tx_hash != call.transaction.tx_hash:
                chain_calls.set_aside(connection, call, now)
            if call.transaction is None or transaction.tx_hash != call.transaction.tx_hash:
                chain_calls.carry(connection, call.call_id, transaction, CallState.MINED, now)
            chain_calls.set_state(connection, call, CallState.MINED, now, block=block, reason=reason)
        self._say(call, CallState.MINED, block_number=block[0], reason=reason)

    def set_aside(self, call: Call, why: str) -> None:
        """The call needs another transaction: it is queued again."""
        self._check(call, CallState.QUEUED)
        with database_errors(), self._engine.begin() as connection:
            self._lease.check(connection)
            chain_calls.set_aside(connection, call, self._preparer.clock.now())
        self._say(call, CallState.QUEUED, why=why)

    def final(self, call: Call) -> None:
        """The block is final: the step is completed, or refused for the reason that the call carries, in the same transaction."""
        target = CallState.FINAL if call.reason is None else CallState.REFUSED
        self._check(call, target)
        if call.transaction is None or call.block_number is None or call.block_hash is None:
            raise MisuseError(f"call {call.call_id} is mined and has no transaction or no block")
        block = (call.block_number, call.block_hash)
        with database_errors(), self._engine.begin() as connection:
            uow = self._begin(connection)
            if call.reason is None:
                tx_hash = call.transaction.tx_hash
                steps.complete(uow, call.object_id, tx_hash=tx_hash, block_number=block[0], block_hash=block[1])
            else:
                steps.refuse(uow, call.object_id, call.reason)
            chain_calls.set_state(connection, call, target, uow.now, block=block, reason=call.reason)
        self._say(call, target, reason=call.reason)

    def refused(self, call: Call, reason: str) -> None:
        """The contract would refuse the call: it is never sent."""
        self._check(call, CallState.REFUSED)
        with database_errors(), self._engine.begin() as connection:
            uow = self._begin(connection)
            steps.refuse(uow, call.object_id, reason)
            chain_calls.set_state(connection, call, CallState.REFUSED, uow.now, reason=reason)
        self._say(call, CallState.REFUSED, reason=reason)

    def lose_block(self, block_number: int) -> None:
        """The chain lost the block of this height: its calls are in flight again, with the same bytes.

        A refused call stays refused, and its transaction is not sent again: its act has ended.
        """
        with database_errors(), self._engine.begin() as connection:
            uow = self._begin(connection)
            lost = chain_calls.calls_of_block(connection, block_number)
            for call in lost:
                if call.state == CallState.REFUSED:
                    chain_calls.set_state(connection, call, CallState.REFUSED, uow.now, reason=call.reason)
                    continue
                self._check(call, CallState.STAGED)
                if call.state == CallState.FINAL:
                    steps.lose(uow, call.object_id)
                chain_calls.set_state(connection, call, CallState.STAGED, uow.now)
        logger.warning("call_block_lost", block_number=block_number, calls=[call.call_id for call in lost])

    def _begin(self, connection: Connection) -> SqlUnitOfWork:
        self._lease.check(connection)
        return SqlUnitOfWork(connection, self._preparer, ACTOR, contracts=self._contracts)

    def _check(self, call: Call, target: CallState) -> None:
        check_call_transition(CallState(call.state), target, final_is_reversible=self._final_is_reversible)

    def _again(self, call: Call) -> Call:
        with database_errors(), self._engine.connect() as connection:
            [found] = [one for one in chain_calls.calls_in(connection, CallState.STAGED) if one.call_id == call.call_id]
        return found

    @staticmethod
    def _say(call: Call, target: CallState, *, transaction: Transaction | None = None, **facts: object) -> None:
        carried = transaction or call.transaction
        shown = None if carried is None else "0x" + carried.tx_hash.hex()
        names = {"call_id": call.call_id, "act_id": call.object_id, "contract": call.contract, "tx_hash": shown}
        logger.info("call_moved", **names, before=call.state, after=str(target), **facts)
