"""What a node can answer, mapped once into typed errors, so that nobody above reads a node's prose.

Nodes agree on no codes and few words; the table below holds the phrases of anvil, geth, Besu and GoQuorum. A phrase that is not
in the table becomes ``RpcRejectedError``: the caller then asks the chain what happened, and never guesses.
"""

from typing import Any

from ledger.errors import LedgerError, UnavailableError


class ChainUnavailableError(UnavailableError):
    """The node does not answer, or answers that it cannot now. Whether a sent transaction arrived is unknown."""

    code = "chain_unavailable"
    title = "The chain does not answer"


class RpcRejectedError(LedgerError):
    """The node refused the request with an answer that is in no table."""

    code = "chain_rejected"
    title = "The node refused the request"


class KnownTransactionError(RpcRejectedError):
    """The node has exactly these bytes already."""

    code = "chain_known_transaction"
    title = "Transaction already known"


class NonceTooLowError(RpcRejectedError):
    """The sender's nonce was used by a mined transaction: by this one, or by another."""

    code = "chain_nonce_too_low"
    title = "Nonce too low"


class UnderpricedError(RpcRejectedError):
    """Another transaction with this nonce waits in the pool, or the price is below what the node takes."""

    code = "chain_underpriced"
    title = "Transaction underpriced"


class InsufficientFundsError(RpcRejectedError):
    """The sender cannot pay for the gas."""

    code = "chain_insufficient_funds"
    title = "Insufficient funds"


class RevertedError(LedgerError):
    """The contract refuses the call. Facts: ``error`` (name of the custom error or None) and ``values``."""

    code = "chain_reverted"
    title = "The contract refuses the call"


class WrongChainError(LedgerError):
    """The node serves another chain than the one configured."""

    code = "wrong_chain"
    title = "Another chain answers"


class ContractMissingError(LedgerError):
    """There is no contract at the configured address: the chain was lost or restored from before the deployment."""

    code = "contracts_missing"
    title = "Contracts missing"


_PHRASES: tuple[tuple[str, type[RpcRejectedError]], ...] = (
    ("already known", KnownTransactionError),
    ("already imported", KnownTransactionError),
    ("known transaction", KnownTransactionError),
    ("nonce too low", NonceTooLowError),
    ("nonce below", NonceTooLowError),
    ("underpriced", UnderpricedError),
    ("gas price below", UnderpricedError),
    ("insufficient funds", InsufficientFundsError),
    ("upfront cost exceeds", InsufficientFundsError),
)

_BUSY_CODES = frozenset({-32005, -32002})  # limit exceeded, resource unavailable (EIP-1474)


def error_from_rpc(method: str, error: dict[str, Any]) -> LedgerError:
    """The typed error for the ``error`` member of a JSON-RPC answer, reverts excepted (see ``revert_data``)."""
    message = str(error.get("message", ""))
    lowered = message.lower()
    facts = {"method": method, "rpc_code": error.get("code"), "rpc_message": message[:500]}
    for phrase, kind in _PHRASES:
        if phrase in lowered:
            return kind(f"{kind.title} ({method}).", **facts)
    if error.get("code") in _BUSY_CODES:
        return ChainUnavailableError(f"The node is busy ({method}).", **facts)
    return RpcRejectedError(f"The node refused {method}: {message[:200]}", **facts)


def revert_data(error: dict[str, Any]) -> bytes | None:
    """The revert data that a JSON-RPC error carries, empty for a bare revert, or None when the error is no revert."""
    data = error.get("data")
    if isinstance(data, dict):  # some nodes nest it once more
        data = data.get("data")
    if isinstance(data, str):
        payload = data.removeprefix("Reverted ").removeprefix("0x")
        try:
            return bytes.fromhex(payload)
        except ValueError:
            return None
    return b"" if "revert" in str(error.get("message", "")).lower() else None
