"""The sender of contract calls: every signed act that is complete becomes one transaction, in the order in which the acts were completed.

One relay account sends them; it has no rights, what counts are the signatures in the call. Several may be in flight, strictly in the
order of their numbers, which is that of their nonces. Bytes and hash are durable before they leave the process. What became of a
transaction is asked of the chain: its receipt, the sender's mined nonce, the pool; no reply that did not come decides anything.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Engine

from anchor.call_rows import CallRows
from anchor.call_staging import UNEXPLAINED, CallStaging, reason_of
from anchor.call_state import UNMINED, CallState
from anchor.following import FinalityRule
from anchor.history import ChainConflictError
from anchor.lease import LeaderLease
from anchor.ports import CallChain
from anchor.signing import TransactionSigner
from ledger.adapters.chain.errors import RevertedError, RpcRejectedError
from ledger.adapters.chain.gateway import TxReceipt
from ledger.adapters.sql import anchoring, chain_calls
from ledger.adapters.sql.chain_calls import Call, Transaction
from ledger.adapters.sql.engine import database_errors
from ledger.adapters.sql.leases import LeaseLostError
from ledger.errors import IntegrityError, LedgerError, MisuseError, UnavailableError
from ledger.services.preparation import Preparer

logger = structlog.get_logger(__name__)

RESEND_S = 5.0
"""A transaction that the node does not have, or has had unmined for this long, is sent again: the same bytes."""

SIGHTINGS = 3
"""How often in a row it must be seen that a transaction cannot be mined, before the call gets another: a node that answers from two
views of the chain may show the new nonce before the receipt."""

TRANSACTIONS_MAX = 3
"""A call whose transaction failed although the contract gives no reason is sent this often in all, then refused."""


StepFailure = LedgerError | MisuseError
"""What a step that could not be completed or refused raised: a defect."""


@dataclass(frozen=True)
class Relay:
    """What contract calls are sent with.

    Args:
        chain: that the contract suite stands on.
        signer: of the relay account.
        contracts: name -> address, 20 bytes, of the suite.
    """

    chain: CallChain
    signer: TransactionSigner
    contracts: Mapping[str, bytes]


@dataclass
class Sightings:
    """What was seen of a call in flight since it was last sent."""

    stuck: int = 0
    sent_at: float | None = None


class CallSender:
    """Sends and settles contract calls. Used by one thread of the leader."""

    def __init__(
        self,
        engine: Engine,
        relay: Relay,
        *,
        preparer: Preparer,
        rule: FinalityRule,
        lease: LeaderLease,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._chain = relay.chain
        self._rows = CallRows(engine, lease, preparer, relay.contracts, final_is_reversible=rule.is_reversible)
        self._staging = CallStaging(engine, relay.chain, rows=self._rows, signer=relay.signer)
        self._rule = rule
        self._monotonic = monotonic
        self._seen: dict[int, Sightings] = {}

    def cycle(self) -> bool:
        """One round: blocks still there, calls in flight, calls whose turn it is, finality; whether any call still waits.

        Raises:
            ChainConflictError: a final block with one of our calls is gone for good; nothing is undone.
            UnknownStepError: this version does not know the step of the call whose turn it is.
            ContractMissingError: there is no contract where the call goes.
            ChainUnavailableError, UnavailableError: repeat later.
        """
        with database_errors(), self._engine.connect() as connection:
            waits = chain_calls.waiting(connection).count > 0
            is_halted = anchoring.halted(connection) is not None
            if not waits and chain_calls.newest_block(connection) is None:
                return False
        self._chain.check_chain()
        self._go_back()
        is_clear = self._settle(may_send=not is_halted)
        failure = self._stage_due() if is_clear and not is_halted else None
        self._finalize(failure)
        with database_errors(), self._engine.connect() as connection:
            return chain_calls.waiting(connection).count > 0

    # --- blocks that are gone -------------------------------------------------------------------------------------

    def _go_back(self) -> bool:
        """Calls whose block the chain does not have any more are in flight again; whether there were any.

        CRASH between two blocks: the next cycle goes on where this one stopped.
        """
        went_back = False
        while True:
            with database_errors(), self._engine.connect() as connection:
                newest = chain_calls.newest_block(connection)
                calls = [] if newest is None else chain_calls.calls_of_block(connection, newest[0])
            if newest is None:
                return went_back
            canonical = self._chain.block_hash_at(newest[0])
            if canonical == newest[1]:
                return went_back
            if not self._rule.is_reversible and any(c.state in {CallState.FINAL, CallState.REFUSED} for c in calls):
                raise ChainConflictError(
                    f"Block {newest[0]} is final and is not in the chain any more. Its contract calls are kept as they are.",
                    finding="final_block_gone",
                    block_number=newest[0],
                    final_block_hash="0x" + newest[1].hex(),
                    chain_block_hash=None if canonical is None else "0x" + canonical.hex(),
                )
            self._rows.lose_block(newest[0])
            self._seen.clear()  # whatever was sent before is not known to this chain
            went_back = True

    # --- calls in flight ------------------------------------------------------------------------------------------

    def _settle(self, *, may_send: bool) -> bool:
        """Asks the chain about every call in flight, in the order of nonces; whether none of them is in doubt."""
        with database_errors(), self._engine.connect() as connection:
            calls = chain_calls.calls_in(connection, *UNMINED)
        in_flight = [(call, call.transaction) for call in calls if call.transaction is not None]
        in_flight.sort(key=lambda pair: (pair[1].sender, pair[1].nonce))
        self._seen = {call.call_id: self._seen.get(call.call_id, Sightings()) for call, _ in in_flight}
        counts = {sender: self._chain.transaction_count(sender) for sender in {sent.sender for _, sent in in_flight}}
        gaps = {sender: self._first_gap(sender, count) for sender, count in counts.items()}
        is_clear = True
        for call, sent in in_flight:
            if self._settle_mined(call):
                continue
            if sent.nonce < counts[sent.sender] or sent.nonce > gaps[sent.sender]:
                is_clear = False
                self._settle_stuck(call, "nonce_used" if sent.nonce < counts[sent.sender] else "nonce_gap")
            elif not self._settle_waiting(call, sent, may_send=may_send):
                is_clear = False
        return is_clear

    def _first_gap(self, sender: bytes, count: int) -> int:
        """The first nonce from ``count`` on that no transaction of ours holds; what lies above can only wait."""
        with database_errors(), self._engine.connect() as connection:
            held = chain_calls.nonces_from(connection, sender, count)
        while count in held:
            count += 1
        return count

    def _settle_mined(self, call: Call) -> bool:
        """Whether a block holds a transaction of the call, be it one that was set aside; one that succeeded goes first."""
        found: tuple[Transaction, TxReceipt] | None = None
        for transaction in self._transactions_of(call):
            receipt = self._chain.tx_receipt(transaction.tx_hash)
            is_own = call.transaction is not None and transaction.tx_hash == call.transaction.tx_hash
            if receipt is not None and (receipt.succeeded or is_own):
                found = transaction, receipt
            if receipt is not None and receipt.succeeded:
                break
        if found is None:
            return False
        transaction, receipt = found
        reason = None if receipt.succeeded else self._why(call, transaction, receipt.block_number)
        self._rows.mined(call, transaction, (receipt.block_number, receipt.block_hash), reason)
        return True

    def _transactions_of(self, call: Call) -> list[Transaction]:
        with database_errors(), self._engine.connect() as connection:
            earlier = chain_calls.set_aside_transactions(connection, call.call_id)
        return earlier if call.transaction is None else [call.transaction, *earlier]

    def _why(self, call: Call, transaction: Transaction, block_number: int) -> str:
        """The contract's reason, by the same call again in the state after its block."""
        try:
            self._chain.simulate_call(transaction.sender, call.address, call.call_data, block_number)
        except RevertedError as error:
            return reason_of(error)
        except RpcRejectedError:  # the node keeps no such old state
            return UNEXPLAINED
        return UNEXPLAINED

    def _settle_stuck(self, call: Call, why: str) -> None:
        """Its nonce is used by another transaction, or one before it is missing: seen often enough, it gets another transaction."""
        seen = self._seen[call.call_id]
        seen.stuck += 1
        if seen.stuck >= SIGHTINGS:
            self._rows.set_aside(call, why)

    def _settle_waiting(self, call: Call, sent: Transaction, *, may_send: bool) -> bool:
        """Sends it again when that is due; whether a node is known to have it."""
        seen, now = self._seen[call.call_id], self._monotonic()
        seen.stuck = 0
        is_known = self._chain.knows_transaction(sent.tx_hash)
        if seen.sent_at is None and is_known:
            seen.sent_at = now
        if seen.sent_at is None or now - seen.sent_at >= RESEND_S:
            if not may_send:
                return False
            seen.sent_at = now
            logger.info("call_sent_again", call_id=call.call_id, known=is_known, tx_hash="0x" + sent.tx_hash.hex())
            return self._staging.broadcast(call)
        if is_known and call.state == CallState.STAGED:
            self._rows.submitted(call)  # the reply was lost, the transaction was not
        return is_known

    # --- calls whose turn it is -----------------------------------------------------------------------------------

    def _stage_due(self) -> StepFailure | None:
        """Stages and sends what is queued. What the contract refuses ends; when its step fails it stays queued, others have their turn."""
        failure: StepFailure | None = None
        failed = 0  # number of the last call whose step failed; the next cycle looks at it again
        while True:
            with database_errors(), self._engine.connect() as connection:
                call = chain_calls.next_queued(connection, after=failed)
                in_flight = len(chain_calls.calls_in(connection, *UNMINED))
            if call is None:
                return failure
            if self._settle_mined(call):
                continue  # a transaction that was set aside was mined all the same
            try:
                staged = self._staging.stage(call, in_flight=in_flight)
            except RevertedError as error:
                if in_flight or self._go_back():
                    return failure  # it may only be early: what it builds on is under way
                refused = _failure_of(call, partial(self._rows.refused, call, reason_of(error)))
                if refused is not None:
                    failure, failed = refused, call.call_id
                continue
            if staged is None or not self._staging.broadcast(staged):
                return failure
            self._seen[staged.call_id] = Sightings(sent_at=self._monotonic())

    # --- finality -------------------------------------------------------------------------------------------------

    def _finalize(self, failure: StepFailure | None) -> None:
        """Decides what is final; raises the last failure of a step, or the one of earlier in the cycle, at the end."""
        with database_errors(), self._engine.connect() as connection:
            mined = chain_calls.calls_in(connection, CallState.MINED)
        for call in sorted(self._rule.final_ones(self._chain, mined), key=_place):
            if call.block_number is None or self._chain.block_hash_at(call.block_number) != call.block_hash:
                break  # gone meanwhile: the next cycle goes back; later blocks stand on it
            failure = _failure_of(call, partial(self._decide, call)) or failure
        if failure is not None:
            raise failure

    def _decide(self, call: Call) -> None:
        if call.reason is not None and self._is_tried_again(call):
            self._rows.set_aside(call, call.reason)
        else:
            self._rows.final(call)

    def _is_tried_again(self, call: Call) -> bool:
        """Whether a failed call may only have been early, or failed for want of gas: for a reason that is not its contract's."""
        with database_errors(), self._engine.connect() as connection:
            before = chain_calls.calls_in(connection, CallState.QUEUED, *UNMINED)
            tried = 1 + len(chain_calls.set_aside_transactions(connection, call.call_id))
        is_early = any(other.call_id < call.call_id for other in before)
        return is_early or (call.reason == UNEXPLAINED and tried < TRANSACTIONS_MAX)


def _failure_of(call: Call, decide: Callable[[], None]) -> StepFailure | None:
    """What a step failed with, if it did: that must not hold the calls beside it."""
    try:
        decide()
    except (UnavailableError, IntegrityError, LeaseLostError):
        raise
    except (LedgerError, MisuseError) as error:
        logger.exception("step_failed", call_id=call.call_id, act_id=call.object_id, step=call.step)
        return error
    return None


def _place(call: Call) -> tuple[int, int]:
    return call.block_number or 0, call.call_id
