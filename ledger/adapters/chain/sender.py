"""Sends the few transactions of a deployment: one at a time, waited for, judged by what the chain then says.

Not the anchor's sender, which persists signed bytes first: here every step is checked on the chain before it is taken, so a run
that was interrupted anywhere is simply run again.
"""

import time
from dataclasses import dataclass
from typing import Any

from ledger.adapters.chain.abi import AbiFunction
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.json_rpc import JsonRpc, read_bytes, read_quantity
from ledger.adapters.chain.transactions import TransactionAccount

GAS_MARGIN_NUMERATOR, GAS_MARGIN_DENOMINATOR = 5, 4
"""An estimate may miss what a neighbour in the same block changes: send five quarters of it."""

POLL_S = 0.02
RPC_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class SentReceipt:
    """What became of a transaction: hashes of 32 bytes, the block it is in, and whether it did what it was sent for."""

    tx_hash: bytes
    block_hash: bytes
    block_number: int
    gas_used: int
    succeeded: bool


class TransactionSender:
    """One account on one chain. Legacy transactions at the node's own price (0 on a free-gas network).

    Raises:
        ChainUnavailableError: the node does not answer.
    """

    def __init__(self, rpc_url: str, key: bytes, *, mining_timeout_s: float = 120.0) -> None:
        self._rpc = JsonRpc(rpc_url, timeout_s=RPC_TIMEOUT_S)
        self._mining_timeout_s = mining_timeout_s
        self.chain_id = read_quantity(self._rpc.call("eth_chainId"))
        self._account = TransactionAccount(key, self.chain_id)

    @property
    def address(self) -> bytes:
        """The account's address, 20 bytes."""
        return self._account.address

    def code(self, address: bytes) -> bytes:
        """Byte code at the address in the newest block; empty when there is none."""
        return read_bytes(self._rpc.call("eth_getCode", "0x" + address.hex(), "latest"))

    def transaction_count(self) -> int:
        """Next nonce of the account, waiting transactions included."""
        return read_quantity(self._rpc.call("eth_getTransactionCount", "0x" + self.address.hex(), "pending"))

    def chain_time_s(self) -> int:
        """The later of the newest block's time and this machine's: an idle development chain lags behind."""
        block = self._rpc.call("eth_getBlockByNumber", "latest", False)
        return max(read_quantity(block["timestamp"]), int(time.time()))

    def ask(self, address: bytes, function: AbiFunction, *arguments: Any) -> Any:
        """What a view function of the contract at the address answers now; shapes are those of ``AbiFunction``."""
        call = {"to": "0x" + address.hex(), "data": "0x" + function.encode(arguments).hex()}
        return function.decode(read_bytes(self._rpc.call("eth_call", call, "latest")))

    def send(self, to: bytes | None, data: bytes) -> SentReceipt:
        """Signs, sends and waits until it is mined. The receipt of a failed one is returned, not raised.

        Raises:
            ChainUnavailableError: the node went away, or did not mine it in time; run the step again.
            RpcRejectedError: the node refuses it, for instance because the call would revert now.
        """
        fields = {"from": "0x" + self.address.hex(), "data": "0x" + data.hex()}
        if to is not None:
            fields["to"] = "0x" + to.hex()
        estimate = read_quantity(self._rpc.call("eth_estimateGas", fields))
        raw, tx_hash = self._account.sign(
            to,
            data,
            nonce=self.transaction_count(),
            gas=estimate * GAS_MARGIN_NUMERATOR // GAS_MARGIN_DENOMINATOR,
            gas_price=read_quantity(self._rpc.call("eth_gasPrice")),
        )
        self._rpc.call("eth_sendRawTransaction", "0x" + raw.hex())
        return self._wait(tx_hash)

    def _wait(self, tx_hash: bytes) -> SentReceipt:
        deadline = time.monotonic() + self._mining_timeout_s
        while True:
            receipt = self._rpc.call("eth_getTransactionReceipt", "0x" + tx_hash.hex())
            if receipt is not None and receipt["blockHash"] is not None:
                return SentReceipt(
                    tx_hash,
                    read_bytes(receipt["blockHash"], 32),
                    read_quantity(receipt["blockNumber"]),
                    read_quantity(receipt["gasUsed"]),
                    read_quantity(receipt["status"]) == 1,
                )
            if time.monotonic() > deadline:
                raise ChainUnavailableError("The chain did not mine a transaction in time.")
            time.sleep(POLL_S)
