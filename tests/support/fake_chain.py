"""A chain in memory that obeys ``EvidenceLog``'s rules and can lose replies, lie about results, and lose blocks.

It stands in for a node where a real one cannot be made to fail at an exact point; the same stories run against anvil where anvil
can be made to (``tests/integration``). Signatures, consistency paths, nonces and outcomes are checked as the contract does.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import rlp
from eth_abi.abi import decode
from eth_account import Account

from ledger.adapters.chain.errors import (
    ChainUnavailableError,
    ContractMissingError,
    KnownTransactionError,
    NonceTooLowError,
    RevertedError,
    UnderpricedError,
    WrongChainError,
)
from ledger.adapters.chain.evidence_log import ChainEvent, ChainHead
from ledger.adapters.chain.gateway import StoredBlock, TxReceipt
from ledger.errors import VerificationError
from ledger.log.hashing import EMPTY_ROOT
from ledger.log.typed_data import (
    LogIdentity,
    checkpoint_signing_digest,
    keccak256,
    recover_address,
    to_checksum_address,
)
from ledger.log.verify import verify_consistency

ANCHOR_TYPES = ["bytes32", "uint64", "uint64", "bytes32", "bytes32[]", "bytes"]


@dataclass
class Pooled:
    sender: bytes
    nonce: int
    data: bytes
    raw: bytes
    tx_hash: bytes


@dataclass
class Block:
    number: int
    block_hash: bytes
    receipts: list[TxReceipt] = field(default_factory=list)
    timestamp: int = field(default_factory=lambda: int(time.time()))


class FakeChain:
    """``AnchorChain`` in memory. ``automine`` makes a block of every broadcast, as anvil does.

    ``script`` holds one entry for each coming call of a method: ``"lost"`` (not applied, no answer), ``"applied"`` (applied, no
    answer), an exception (raised, not applied), or None (as it should be).
    """

    def __init__(self, identity: LogIdentity, *, automine: bool = True) -> None:
        self.identity = identity
        self.automine = automine
        self.script: dict[str, deque[Any]] = {}
        self.calls: list[str] = []
        self.head_now = ChainHead(0, EMPTY_ROOT)
        self.blocks = [Block(0, keccak256(b"genesis"))]
        self.pool: list[Pooled] = []
        self.nonces: dict[bytes, int] = {}
        self.broadcasts: list[bytes] = []
        self.dumps = 0
        self.deployed = True
        self.right_chain = True
        self.fork_salt = 0

    # --- hooks ----------------------------------------------------------------------------------------------------

    def plan(self, method: str, *outcomes: Any) -> None:
        self.script.setdefault(method, deque()).extend(outcomes)

    def _hooked(self, method: str, act: Callable[[], Any]) -> Any:
        self.calls.append(method)
        planned = self.script.get(method)
        outcome = planned.popleft() if planned else None
        if outcome == "lost":
            raise ChainUnavailableError(f"{method}: lost")
        if isinstance(outcome, Exception):
            raise outcome
        result = act()
        if outcome == "applied":
            raise ChainUnavailableError(f"{method}: applied, but reported failed")
        return result

    # --- AnchorChain ----------------------------------------------------------------------------------------------

    def check_chain(self) -> None:
        def act() -> None:
            if not self.right_chain:
                raise WrongChainError("another chain")

        self._hooked("check_chain", act)

    def head(self, log_id: bytes) -> ChainHead:
        def act() -> ChainHead:
            if not self.deployed or log_id != self.identity.log_id:
                raise ContractMissingError("gone")
            return self.head_now

        return self._hooked("head", act)

    def block_number(self) -> int:
        return self._hooked("block_number", lambda: len(self.blocks) - 1)

    def block_hash_at(self, number: int) -> bytes | None:
        return self._hooked(
            "block_hash_at", lambda: self.blocks[number].block_hash if number < len(self.blocks) else None
        )

    def simulate(self, sender: bytes, data: bytes) -> bytes:
        def act() -> bytes:
            self._outcome(data)
            return bytes(32)

        return self._hooked("simulate", act)

    def gas_price(self) -> int:
        return self._hooked("gas_price", lambda: 0)

    def transaction_count(self, sender: bytes) -> int:
        return self._hooked("transaction_count", lambda: self.nonces.get(sender, 0))

    def broadcast(self, raw_transaction: bytes) -> None:
        def act() -> None:
            pooled = parse_transaction(raw_transaction)
            if any(waiting.tx_hash == pooled.tx_hash for waiting in self.pool):
                raise KnownTransactionError("already known")
            if pooled.nonce < self.nonces.get(pooled.sender, 0):
                raise NonceTooLowError("nonce too low")
            if any(w.sender == pooled.sender and w.nonce == pooled.nonce for w in self.pool):
                raise UnderpricedError("replacement transaction underpriced")
            self.pool.append(pooled)
            if self.automine:
                self.mine()

        self.broadcasts.append(raw_transaction)
        self._hooked("broadcast", act)

    def knows_transaction(self, tx_hash: bytes) -> bool:
        return self._hooked(
            "knows_transaction",
            lambda: any(w.tx_hash == tx_hash for w in self.pool) or self._receipt(tx_hash) is not None,
        )

    def tx_receipt(self, tx_hash: bytes) -> TxReceipt | None:
        return self._hooked("tx_receipt", lambda: self._receipt(tx_hash))

    def heads_anchored(self, log_id: bytes, first_block: int, last_block: int) -> list[ChainEvent]:
        def act() -> list[ChainEvent]:
            return [
                event
                for block in self.blocks[first_block : last_block + 1]
                for receipt in block.receipts
                for event in receipt.events
                if event.name == "HeadAnchored" and event.log_id == log_id
            ]

        return self._hooked("heads_anchored", act)

    def stored_block(self, block_hash: bytes) -> StoredBlock | None:
        def act() -> StoredBlock | None:
            for block in self.blocks:
                if block.block_hash == block_hash:
                    hashes = ["0x" + receipt.tx_hash.hex() for receipt in block.receipts]
                    return StoredBlock(
                        block.number,
                        block_hash,
                        {
                            "number": hex(block.number),
                            "hash": "0x" + block_hash.hex(),
                            "timestamp": hex(block.timestamp),
                        },
                        [{"hash": tx_hash} for tx_hash in hashes],
                        [{"transactionHash": tx_hash} for tx_hash in hashes],
                    )
            return None

        return self._hooked("stored_block", act)

    def dump_state(self) -> bytes:
        def act() -> bytes:
            self.dumps += 1
            return b"state %d" % len(self.blocks)

        return self._hooked("dump_state", act)

    def genesis_hash(self) -> bytes:
        return self.blocks[0].block_hash

    def code(self) -> bytes:
        return b"code" if self.deployed else b""

    # --- what a chain does by itself ------------------------------------------------------------------------------

    def mine(self) -> Block:
        """One block with every waiting transaction whose nonce is next."""
        number = len(self.blocks)
        seed = self.blocks[-1].block_hash + b"%d %d" % (number, self.fork_salt)
        block = Block(number, keccak256(seed))
        for pooled in sorted(self.pool, key=lambda waiting: waiting.nonce):
            if pooled.nonce == self.nonces.get(pooled.sender, 0):
                self.nonces[pooled.sender] = pooled.nonce + 1
                block.receipts.append(self._execute(pooled, block))
        mined = {receipt.tx_hash for receipt in block.receipts}
        self.pool = [waiting for waiting in self.pool if waiting.tx_hash not in mined]
        self.blocks.append(block)
        return block

    def drop_pool(self) -> None:
        self.pool.clear()

    def reorganise(self, depth: int, *, drop: bool = True) -> None:
        """Replaces the newest blocks by empty ones; with ``drop=False`` their transactions wait in the pool again."""
        gone = self.blocks[-depth:]
        self.blocks = self.blocks[:-depth]
        self.fork_salt += 1
        raws = {parse_transaction(raw).tx_hash: raw for raw in self.broadcasts}
        for block in gone:
            for receipt in block.receipts:
                pooled = parse_transaction(raws[receipt.tx_hash])
                self.nonces[pooled.sender] = min(self.nonces[pooled.sender], pooled.nonce)
                if not drop:
                    self.pool.append(pooled)
        events = [e for block in self.blocks for r in block.receipts for e in r.events if e.name == "HeadAnchored"]
        self.head_now = (
            ChainHead(events[-1].values["treeSize"], events[-1].values["rootHash"])
            if events
            else ChainHead(0, EMPTY_ROOT)
        )
        if drop:
            self.mine_empty(depth)

    def mine_empty(self, count: int = 1) -> None:
        waiting, self.pool = self.pool, []
        for _ in range(count):
            self.mine()
        self.pool = waiting

    def use_nonce_elsewhere(self, sender: bytes) -> None:
        """The sender's key signs something else, which is mined."""
        self.nonces[sender] = self.nonces.get(sender, 0) + 1
        self.mine_empty()

    def anchor_by_somebody(self, data: bytes) -> None:
        """Anyone who holds a checkpoint sends it."""
        somebody = Account.create()
        raw = somebody.sign_transaction(
            {
                "chainId": self.identity.chain_id,
                "data": "0x" + data.hex(),
                "gas": 400_000,
                "gasPrice": 0,
                "nonce": 0,
                "to": to_checksum_address(self.identity.evidence_log),
                "value": 0,
            }
        ).raw_transaction
        self.broadcasts.append(bytes(raw))
        waiting, self.pool = self.pool, [parse_transaction(bytes(raw))]
        self.mine()
        self.pool = waiting

    # --- the contract ---------------------------------------------------------------------------------------------

    def _receipt(self, tx_hash: bytes) -> TxReceipt | None:
        for block in self.blocks:
            for receipt in block.receipts:
                if receipt.tx_hash == tx_hash:
                    return receipt
        return None

    def _execute(self, pooled: Pooled, block: Block) -> TxReceipt:
        try:
            name, values, head = self._outcome(pooled.data)
        except RevertedError:
            return TxReceipt(pooled.tx_hash, block.number, block.block_hash, succeeded=False, events=())
        self.head_now = head
        event = ChainEvent(
            name, {"logId": self.identity.log_id} | values, pooled.tx_hash, block.number, block.block_hash, 0
        )
        return TxReceipt(pooled.tx_hash, block.number, block.block_hash, succeeded=True, events=(event,))

    def _outcome(self, data: bytes) -> tuple[str, dict[str, Any], ChainHead]:
        """Formats.md section 6, in its order."""
        log_id, size_1, size_2, root, path, signature = decode(ANCHOR_TYPES, data[4:])
        head = self.head_now
        if log_id != self.identity.log_id or not self.deployed:
            raise RevertedError("unknown", error="EvidenceLogUnknownLog")
        if head.closed:
            raise RevertedError("closed", error="EvidenceLogClosedLog")
        digest = checkpoint_signing_digest(self.identity, size_2, root)
        try:
            signer = recover_address(digest, signature)
        except VerificationError as error:
            raise RevertedError("signature", error="EvidenceLogInvalidSignature") from error
        if signer != self.identity.anchor_address:
            raise RevertedError("signature", error="EvidenceLogInvalidSignature")
        values = {"treeSize": head.tree_size, "rootHash": head.root_hash}
        if size_2 == head.tree_size:
            if root == head.root_hash:
                return "AnchorRepeated", values, head
            return "HeadForked", values | {"otherRootHash": root}, head
        if size_2 < head.tree_size or size_1 != head.tree_size:
            return "AnchorStale", values, head
        if size_1:
            try:
                verify_consistency(size_1, size_2, list(path), head.root_hash, root)
            except VerificationError as error:
                raise RevertedError("path", error="RFC9162RootMismatch") from error
        return "HeadAnchored", {"treeSize": size_2, "rootHash": root}, ChainHead(size_2, root)


def parse_transaction(raw: bytes) -> Pooled:
    """Sender, nonce and data of a signed legacy transaction."""
    fields = rlp.decode(raw)
    sender = bytes.fromhex(Account.recover_transaction(raw)[2:])
    return Pooled(sender, int.from_bytes(fields[0], "big"), fields[5], raw, keccak256(raw))
