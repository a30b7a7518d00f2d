"""The chain as the anchor service sees it: a few JSON-RPC questions with typed answers.

web3's HTTP provider carries the requests; its formatters are not used, because a proof must keep blocks and receipts exactly as
the node gave them, and because consortium chains put more than 32 bytes into ``extraData``. Only what every node has is asked.
"""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import requests
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    ContractMissingError,
    RevertedError,
    RpcRejectedError,
    WrongChainError,
    error_from_rpc,
    revert_data,
)
from ledger.adapters.chain.evidence_log import (
    ChainEvent,
    ChainHead,
    decode_event,
    decode_head,
    decode_revert,
    encode_head,
    event_topic,
)
from ledger.adapters.proxies import requests_proxies

LOGS_BLOCK_SPAN = 2_000
"""Blocks asked for in one ``eth_getLogs``; consortium nodes limit it."""


@dataclass(frozen=True, slots=True)
class TxReceipt:
    """The receipt of a mined transaction, with the events of our contract in it."""

    tx_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    events: tuple[ChainEvent, ...]


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """One block exactly as the node gave it: what a proof of thirty years needs, because nodes prune."""

    number: int
    block_hash: bytes
    header: dict[str, Any]
    transactions: list[Any]
    tx_receipts: list[Any]


@dataclass(frozen=True, slots=True)
class BlockLink:
    """A block's place in the chain. ``has_logs`` is False only when its bloom filter rules every event out."""

    number: int
    block_hash: bytes
    parent_hash: bytes
    has_logs: bool


class ChainGateway:
    """One chain at one RPC URL and the contract ``EvidenceLog`` on it.

    Stateless but for the connection pool; safe to use from several threads. Every method raises :class:`ChainUnavailableError`
    when the node does not answer in time, and no method retries: the caller knows whether that is safe.
    """

    def __init__(self, rpc_url: str, chain_id: int, evidence_log: bytes, *, rpc_timeout_s: float = 10.0) -> None:
        self._provider = HTTPProvider(
            rpc_url,
            request_kwargs={"timeout": rpc_timeout_s, "proxies": requests_proxies(rpc_url)},
            exception_retry_configuration=None,
        )
        self._chain_id = chain_id
        self._address = "0x" + evidence_log.hex()

    def call(self, method: str, *parameters: Any) -> Any:
        """The ``result`` of one JSON-RPC request, untouched.

        Raises:
            ChainUnavailableError: no answer, or an answer that is no JSON-RPC.
            RevertedError: the contract refused a call.
            RpcRejectedError: any other refusal (or a subclass of it).
        """
        try:
            response: Any = self._provider.make_request(RPCEndpoint(method), list(parameters))
        except (requests.RequestException, OSError, ValueError) as error:
            raise ChainUnavailableError(f"The chain's node does not answer ({method}).", method=method) from error
        if not isinstance(response, dict) or ("result" not in response and "error" not in response):
            raise ChainUnavailableError(f"The chain's node answered {method} with something else.", method=method)
        failure = response.get("error")
        if failure is None:
            return response["result"]
        failure = failure if isinstance(failure, dict) else {"message": str(failure)}
        data = revert_data(failure) if method in {"eth_call", "eth_estimateGas"} else None
        if data is not None:
            name, values = decode_revert(data)
            raise RevertedError(
                f"The contract refuses: {name or 'no reason given'}.", error=name, values=values, data="0x" + data.hex()
            )
        raise error_from_rpc(method, failure)

    def check_chain(self) -> None:
        """Raises :class:`WrongChainError` unless the node serves the configured chain id."""
        served = int(self.call("eth_chainId"), 16)
        if served != self._chain_id:
            raise WrongChainError(
                f"The node serves chain {served}, not {self._chain_id}.", served=served, configured=self._chain_id
            )

    def check_contract(self) -> None:
        """Raises :class:`ContractMissingError` when there is no code at the contract's address."""
        if not self.code():
            raise ContractMissingError(
                "There is no contract at the configured address: run `cityledger up`, which deploys it again at the"
                " same address on a development chain.",
                address=self._address,
            )

    def code(self) -> bytes:
        """The byte code at the contract's address; empty when there is none."""
        return bytes.fromhex(self.call("eth_getCode", self._address, "latest")[2:])

    def has_code(self, address: bytes) -> bool:
        """Whether a contract stands at this address. A call of an address without one would succeed, and do nothing."""
        return len(self.call("eth_getCode", "0x" + address.hex(), "latest")) > 2

    def block_number(self) -> int:
        """The height of the node's newest block."""
        return int(self.call("eth_blockNumber"), 16)

    def block_hash_at(self, number: int) -> bytes | None:
        """The hash of the canonical block at this height, or None above the newest."""
        block = self.call("eth_getBlockByNumber", hex(number), False)
        return None if block is None else bytes.fromhex(block["hash"][2:])

    def genesis_hash(self) -> bytes:
        """The hash of block 0."""
        first = self.block_hash_at(0)
        if first is None:
            raise ChainUnavailableError("The node has no block 0 yet.")
        return first

    def head(self, log_id: bytes) -> ChainHead:
        """The log's head in the newest block.

        Raises:
            ContractMissingError: the contract is not there, or does not know the log: run ``cityledger up``.
        """
        request = {"to": self._address, "data": "0x" + encode_head(log_id).hex()}
        try:
            answer = bytes.fromhex(self.call("eth_call", request, "latest")[2:])
        except RevertedError as error:
            if error.facts.get("error") != "EvidenceLogUnknownLog":
                raise
            raise ContractMissingError(
                "The contract does not know this log: run `cityledger up`, which opens it again on a development chain.",
                address=self._address,
            ) from error
        if not answer:
            self.check_contract()
            raise ChainUnavailableError("The contract gave an empty answer; the node may still be catching up.")
        return decode_head(answer)

    def simulate(self, sender: bytes, data: bytes) -> bytes:
        """What a call of the contract would return now, without sending it. Raises ``RevertedError``."""
        request = {"from": "0x" + sender.hex(), "to": self._address, "data": "0x" + data.hex()}
        return bytes.fromhex(self.call("eth_call", request, "latest")[2:])

    def estimate_gas(self, sender: bytes, data: bytes) -> int:
        """Gas that a call of the contract would use now. Raises ``RevertedError``."""
        request = {"from": "0x" + sender.hex(), "to": self._address, "data": "0x" + data.hex()}
        return int(self.call("eth_estimateGas", request), 16)

    def simulate_call(self, sender: bytes, to: bytes, data: bytes, block_number: int | None = None) -> None:
        """What a call of any contract would do in the newest block, or in the state after another.

        Raises:
            RevertedError: with the revert's bytes as the fact ``data``.
            RpcRejectedError: the node has no state of that block any more.
        """
        request = {"from": "0x" + sender.hex(), "to": "0x" + to.hex(), "data": "0x" + data.hex()}
        self.call("eth_call", request, "latest" if block_number is None else hex(block_number))

    def estimate_call(self, sender: bytes, to: bytes, data: bytes) -> int:
        """Gas that a call of any contract would use now. Raises ``RevertedError``."""
        request = {"from": "0x" + sender.hex(), "to": "0x" + to.hex(), "data": "0x" + data.hex()}
        return int(self.call("eth_estimateGas", request), 16)

    def gas_price(self) -> int:
        """The least price the node takes, in wei; 0 on a free-gas network."""
        return int(self.call("eth_gasPrice"), 16)

    def transaction_count(self, sender: bytes) -> int:
        """The sender's next nonce by mined transactions."""
        return int(self.call("eth_getTransactionCount", "0x" + sender.hex(), "latest"), 16)

    def broadcast(self, raw_transaction: bytes) -> None:
        """Hands signed bytes to the node. After ``ChainUnavailableError`` it is unknown whether they arrived."""
        self.call("eth_sendRawTransaction", "0x" + raw_transaction.hex())

    def knows_transaction(self, tx_hash: bytes) -> bool:
        """Whether the node has this transaction, waiting or mined."""
        return self.call("eth_getTransactionByHash", "0x" + tx_hash.hex()) is not None

    def tx_receipt(self, tx_hash: bytes) -> TxReceipt | None:
        """The receipt, or None while the transaction is not mined in the node's chain."""
        raw = self.call("eth_getTransactionReceipt", "0x" + tx_hash.hex())
        if raw is None or raw.get("blockHash") is None:
            return None
        return TxReceipt(
            tx_hash,
            int(raw["blockNumber"], 16),
            bytes.fromhex(raw["blockHash"][2:]),
            int(raw["status"], 16) == 1,
            tuple(self._decode(raw["logs"])),
        )

    def heads_anchored(self, log_id: bytes, first_block: int, last_block: int) -> list[ChainEvent]:
        """The log's ``HeadAnchored`` events in this range of blocks, both ends included, in the chain's order."""
        events: list[ChainEvent] = []
        for start in range(first_block, last_block + 1, LOGS_BLOCK_SPAN):
            query = {
                "address": self._address,
                "fromBlock": hex(start),
                "toBlock": hex(min(last_block, start + LOGS_BLOCK_SPAN - 1)),
                "topics": ["0x" + event_topic("HeadAnchored").hex(), "0x" + log_id.hex()],
            }
            events += self._decode(self.call("eth_getLogs", query))
        return sorted(events, key=lambda event: (event.block_number, event.log_index))

    def block_link(self, number: int) -> BlockLink | None:
        """The canonical block at this height, or None above the newest."""
        block = self.call("eth_getBlockByNumber", hex(number), False)
        if block is None:
            return None
        return BlockLink(
            number,
            bytes.fromhex(block["hash"][2:]),
            bytes.fromhex(block["parentHash"][2:]),
            has_logs=int(block["logsBloom"], 16) != 0,
        )

    def logs_of_block(self, block_hash: bytes, addresses: Sequence[bytes]) -> list[dict[str, Any]]:
        """What these contracts logged in exactly this block (EIP-234), as the node gives it.

        By hash and not by height, so that an answer never mixes two histories.

        Raises:
            RpcRejectedError: the node does not have the block any more.
        """
        query = {"blockHash": "0x" + block_hash.hex(), "address": ["0x" + address.hex() for address in addresses]}
        logs: list[dict[str, Any]] = self.call("eth_getLogs", query)
        return logs

    def stored_block(self, block_hash: bytes) -> StoredBlock | None:
        """Header, all transactions and all receipts of one block as the node gives them; None when it is not there."""
        shown = "0x" + block_hash.hex()
        block = self.call("eth_getBlockByHash", shown, True)
        if block is None:
            return None
        transactions = cast("list[Any]", block["transactions"])
        header = {key: value for key, value in block.items() if key != "transactions"}
        receipts = self._block_receipts(shown, transactions)
        return StoredBlock(int(block["number"], 16), block_hash, header, transactions, receipts)

    def dump_state(self) -> bytes:
        """The whole state of an anvil development chain, as the file that ``--load-state`` takes."""
        return gzip.decompress(bytes.fromhex(self.call("anvil_dumpState")[2:]))

    def _block_receipts(self, block_hash: str, transactions: Sequence[Mapping[str, Any]]) -> list[Any]:
        try:
            receipts: list[Any] | None = self.call("eth_getBlockReceipts", block_hash)
        except RpcRejectedError:  # older nodes lack the method
            receipts = None
        if receipts is None:
            receipts = [self.call("eth_getTransactionReceipt", item["hash"]) for item in transactions]
        if len(receipts) != len(transactions) or None in receipts:
            raise ChainUnavailableError("The node gave a block without all of its receipts.", block_hash=block_hash)
        return receipts

    def _decode(self, logs: Sequence[Mapping[str, Any]]) -> list[ChainEvent]:
        ours = (decode_event(log) for log in logs if log["address"].lower() == self._address)
        return [event for event in ours if event is not None]
