"""Staging: a contract call becomes a signed transaction that is durable before anybody else has it; then it is broadcast."""

from typing import Final

import orjson
import structlog
from sqlalchemy import Engine

from anchor.call_rows import CallRows
from anchor.call_state import CallState
from anchor.ports import CallChain
from anchor.signing import TransactionSigner
from ledger.adapters.chain.abi import to_json
from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    ContractMissingError,
    KnownTransactionError,
    RevertedError,
    RpcRejectedError,
)
from ledger.adapters.chain.suite_events import decode_revert
from ledger.adapters.sql import chain_calls
from ledger.adapters.sql.chain_calls import Call, Transaction
from ledger.adapters.sql.engine import database_errors
from ledger.errors import LedgerError

logger = structlog.get_logger(__name__)

IN_FLIGHT_MAX: Final = 16
"""Calls that wait to be mined at the same time."""

GAS_NUMERATOR, GAS_DENOMINATOR, GAS_EXTRA = 3, 2, 50_000
"""A call may meet another state than the one that it was estimated in: half as much again, and a little more."""

UNEXPLAINED: Final = "reverted_without_reason"
"""Of a transaction that failed and whose call, made again, does not: it lacked gas, or something else in its block was first."""

REASON_CHARACTERS_MAX: Final = 500


class UnknownStepError(LedgerError):
    """A call names a step that this version does not know: nobody could complete it, so it is not sent."""

    code = "step_unknown"
    title = "Unknown step"


class CallStaging:
    """Signs, stores and broadcasts. Used by one thread of the leader."""

    def __init__(self, engine: Engine, chain: CallChain, *, rows: CallRows, signer: TransactionSigner) -> None:
        self._engine = engine
        self._chain = chain
        self._rows = rows
        self._signer = signer

    def stage(self, call: Call, *, in_flight: int) -> Call | None:
        """The queued call with its transaction, durable and not sent; None when too many are in flight.

        Raises:
            RevertedError: the contract would refuse it now; no nonce was spent.
            UnknownStepError: nobody could complete it.
            ContractMissingError: there is no contract where it goes.
            ChainUnavailableError, UnavailableError: repeat later.
        """
        if in_flight >= IN_FLIGHT_MAX:
            return None
        if call.step not in self._rows.registered():
            raise UnknownStepError(
                f"Call {call.call_id} completes the step {call.step}, which this version does not know. It was not sent.",
                call_id=call.call_id,
            )
        if not self._chain.has_code(call.address):
            raise ContractMissingError(
                f"There is no contract {call.contract} at its address: run `cityledger up`, which deploys it again at the same"
                " address on a development chain.",
                address="0x" + call.address.hex(),
            )
        sender = self._signer.address
        self._chain.simulate_call(sender, call.address, call.call_data)
        gas = self._chain.estimate_call(sender, call.address, call.call_data) * GAS_NUMERATOR // GAS_DENOMINATOR
        return self._rows.stage(call, self._signed(call, gas + GAS_EXTRA))

    def broadcast(self, call: Call) -> bool:
        """Sends a call's stored bytes, for the first time or again; whether a node said that it has them.

        A refusal or a lost reply decides nothing.
        """
        if call.transaction is None:
            return False
        try:
            self._chain.broadcast(call.transaction.raw)
        except KnownTransactionError:
            pass  # the node has exactly these bytes: as good as taken
        except (ChainUnavailableError, RpcRejectedError) as error:
            # Lost, nonce too low, underpriced, no funds, anything: the bytes may be there or mined. Settling asks.
            logger.warning("call_broadcast_unclear", call_id=call.call_id, error=error.code, detail=error.detail)
            return False
        if call.state == CallState.STAGED:
            self._rows.submitted(call)
        return True

    def _signed(self, call: Call, gas: int) -> Transaction:
        """A transaction with the next nonce: above the mined ones, and above those in flight."""
        sender, gas_price = self._signer.address, self._chain.gas_price()
        nonce = self._chain.transaction_count(sender)
        with database_errors(), self._engine.connect() as connection:
            nonce = max([nonce, *(held + 1 for held in chain_calls.nonces_from(connection, sender, nonce))])
            while True:
                raw, tx_hash = self._signer.sign(
                    call.call_data, nonce=nonce, gas=gas, gas_price=gas_price, to=call.address
                )
                if not chain_calls.is_hash_of_another(connection, tx_hash, call.call_id):
                    return Transaction(sender, nonce, raw, tx_hash)
                gas += 1  # a chain that was rolled back takes the same nonce again: another call is another transaction


def reason_of(error: RevertedError) -> str:
    """The contract's refusal as text: the custom error's name, and its values as JSON."""
    data = bytes.fromhex(str(error.facts.get("data", "0x"))[2:])
    try:
        refusal = decode_revert(data)
    except ValueError:
        refusal = None
    if refusal is None:
        return str(error.facts.get("error") or UNEXPLAINED) if not data else f"reverted with 0x{data[:68].hex()}"
    values = orjson.dumps(to_json(refusal)).decode()
    return f"{type(refusal).__name__} {values}"[:REASON_CHARACTERS_MAX]
