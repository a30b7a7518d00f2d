"""The suite's contracts on one chain: their addresses by name, calls, encodings, and the blocks they were made in."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from ledger.adapters.chain.abi import AbiFunction, abi_function
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.deployment import MinedAt
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.json_rpc import JsonRpc, read_bytes, read_quantity
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_addresses import artifact_name
from ledger.log.typed_data import keccak256, to_checksum_address

SEARCHED_BLOCKS_MAX: Final = 10_000
"""How far back the transaction of an interrupted run is looked for."""


@dataclass(slots=True)
class SuiteView:
    """Reads only. ``addresses`` are 20 bytes each, by the contract's name."""

    rpc: JsonRpc
    addresses: dict[str, bytes] = field(default_factory=dict, kw_only=True)

    def ask(self, name: str, function: str, *arguments: Any) -> Any:
        """What a view function answers now; shapes are those of ``AbiFunction``."""
        called = _function(name, function)
        call = {"to": "0x" + self.addresses[name].hex(), "data": "0x" + called.encode(arguments).hex()}
        return called.decode(read_bytes(self.rpc.call("eth_call", call, "latest")))

    def genesis_hash(self) -> bytes:
        """The hash of block 0."""
        block = self.rpc.call("eth_getBlockByNumber", hex(0), False)
        if block is None:
            raise ChainUnavailableError("The node has no block 0 yet.")
        return read_bytes(block["hash"], 32)

    def code(self, address: bytes) -> bytes:
        """The code at an address; empty when there is none."""
        return read_bytes(self.rpc.call("eth_getCode", "0x" + address.hex(), "latest"))

    def logs(self, name: str, event: str) -> list[Any]:
        """Everything that a contract has logged under this event (``Name(types)``), as JSON-RPC gives it, oldest first.

        From the chain's first block on: a block that somebody else names could leave events out.
        """
        chosen = {
            "fromBlock": hex(0),
            "toBlock": "latest",
            "address": "0x" + self.addresses[name].hex(),
            "topics": ["0x" + keccak256(event.encode()).hex()],
        }
        return list(self.rpc.call("eth_getLogs", chosen))

    def text_address(self, name: str) -> str:
        """EIP-55 form of a contract's address."""
        return to_checksum_address(self.addresses[name])


@dataclass(slots=True)
class SuiteChain(SuiteView):
    """Sends too. ``addresses`` grows while contracts are found or deployed."""

    sender: TransactionSender

    def encode(self, name: str, function: str, *arguments: Any) -> bytes:
        """Call data."""
        return _function(name, function).encode(arguments)

    def find_transaction(self, to: bytes, data: bytes, first_block: int) -> MinedAt | None:
        """The newest successful transaction with this receiver and these bytes, no older than ``first_block``; None when not found.

        At most ``SEARCHED_BLOCKS_MAX`` blocks are read: this finds what a run did that ended before it could write it down.
        """
        newest = read_quantity(self.rpc.call("eth_blockNumber"))
        receiver, wanted = "0x" + to.hex(), "0x" + data.hex()
        for number in range(newest, max(first_block, newest - SEARCHED_BLOCKS_MAX, 0) - 1, -1):
            block = self.rpc.call("eth_getBlockByNumber", hex(number), True)
            for transaction in block["transactions"] if block else ():
                if (transaction["to"] or "").lower() == receiver and transaction["input"] == wanted:
                    receipt = self.rpc.call("eth_getTransactionReceipt", transaction["hash"])
                    if receipt and read_quantity(receipt["status"]) == 1:
                        return MinedAt(read_bytes(transaction["hash"], 32), read_bytes(block["hash"], 32), number)
        return None


@cache
def _function(name: str, function: str) -> AbiFunction:
    return abi_function(load_artifact(artifact_name(name)).abi, function)
