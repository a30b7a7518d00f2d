"""What the anchor service needs from the chain and from its keys, so that tests can lose replies and lie about results."""

from collections.abc import Sequence
from typing import Any, Protocol

from ledger.adapters.chain.evidence_log import ChainEvent, ChainHead
from ledger.adapters.chain.gateway import BlockLink, StoredBlock, TxReceipt


class AnchorChain(Protocol):
    """The part of ``ChainGateway`` that the loops use; errors are those of ``ledger.adapters.chain.errors``.

    Every method may raise ``ChainUnavailableError``. After ``broadcast`` raised it, the transaction may or may not have arrived.
    """

    def check_chain(self) -> None:
        """Raises ``WrongChainError`` unless the configured chain answers."""
        ...

    def head(self, log_id: bytes) -> ChainHead:
        """The log's head in the newest block. Raises ``ContractMissingError``."""
        ...

    def block_number(self) -> int:
        """Height of the newest block."""
        ...

    def block_hash_at(self, number: int) -> bytes | None:
        """Hash of the canonical block at this height, None above the newest."""
        ...

    def simulate(self, sender: bytes, data: bytes) -> bytes:
        """What a call would return now. Raises ``RevertedError``."""
        ...

    def gas_price(self) -> int:
        """Least price the node takes."""
        ...

    def transaction_count(self, sender: bytes) -> int:
        """The sender's next nonce by mined transactions."""
        ...

    def broadcast(self, raw_transaction: bytes) -> None:
        """Hands signed bytes to the node."""
        ...

    def knows_transaction(self, tx_hash: bytes) -> bool:
        """Whether the node has the transaction, waiting or mined."""
        ...

    def tx_receipt(self, tx_hash: bytes) -> TxReceipt | None:
        """The receipt, or None while it is not mined."""
        ...

    def heads_anchored(self, log_id: bytes, first_block: int, last_block: int) -> list[ChainEvent]:
        """``HeadAnchored`` events of the log in these blocks, in order."""
        ...

    def stored_block(self, block_hash: bytes) -> StoredBlock | None:
        """One block with all transactions and receipts as the node gives them."""
        ...

    def dump_state(self) -> bytes:
        """The whole state of a development chain."""
        ...


class DumpedChain(Protocol):
    """What finality asks; errors as for :class:`AnchorChain`."""

    def block_number(self) -> int:
        """Height of the newest block."""
        ...

    def dump_state(self) -> bytes:
        """The whole state of a development chain."""
        ...


class CallChain(DumpedChain, Protocol):
    """What sending contract calls asks; errors as for :class:`AnchorChain`."""

    def check_chain(self) -> None:
        """Raises ``WrongChainError`` unless the configured chain answers."""
        ...

    def block_hash_at(self, number: int) -> bytes | None:
        """Hash of the canonical block at this height, None above the newest."""
        ...

    def has_code(self, address: bytes) -> bool:
        """Whether a contract stands at this address."""
        ...

    def simulate_call(self, sender: bytes, to: bytes, data: bytes, block_number: int | None = None) -> None:
        """What a call would do. Raises ``RevertedError`` with the revert's bytes as the fact ``data``."""
        ...

    def estimate_call(self, sender: bytes, to: bytes, data: bytes) -> int:
        """Gas that a call would use. Raises ``RevertedError``."""
        ...

    def gas_price(self) -> int:
        """Least price the node takes."""
        ...

    def transaction_count(self, sender: bytes) -> int:
        """The sender's next nonce by mined transactions."""
        ...

    def broadcast(self, raw_transaction: bytes) -> None:
        """Hands signed bytes to the node."""
        ...

    def knows_transaction(self, tx_hash: bytes) -> bool:
        """Whether the node has the transaction, waiting or mined."""
        ...

    def tx_receipt(self, tx_hash: bytes) -> TxReceipt | None:
        """The receipt, or None while it is not mined."""
        ...


class ContractChain(Protocol):
    """What following the contract suite asks; errors as for :class:`AnchorChain`."""

    def block_number(self) -> int:
        """Height of the newest block."""
        ...

    def block_hash_at(self, number: int) -> bytes | None:
        """Hash of the canonical block at this height, None above the newest."""
        ...

    def block_link(self, number: int) -> BlockLink | None:
        """The canonical block at this height, None above the newest."""
        ...

    def logs_of_block(self, block_hash: bytes, addresses: Sequence[bytes]) -> list[dict[str, Any]]:
        """What these contracts logged in exactly this block."""
        ...


class MonitoredChain(Protocol):
    """What an outsider asks a node of its own choice; errors as for :class:`AnchorChain`."""

    def check_chain(self) -> None:
        """Raises ``WrongChainError`` unless the trusted chain id answers."""
        ...

    def genesis_hash(self) -> bytes:
        """Hash of block 0."""
        ...

    def code(self) -> bytes:
        """Byte code at the contract's address; empty when there is none."""
        ...

    def head(self, log_id: bytes) -> ChainHead:
        """The log's head. Raises ``ContractMissingError``."""
        ...

    def block_number(self) -> int:
        """Height of the newest block."""
        ...

    def block_hash_at(self, number: int) -> bytes | None:
        """Hash of the canonical block at this height, None above the newest."""
        ...

    def heads_anchored(self, log_id: bytes, first_block: int, last_block: int) -> list[ChainEvent]:
        """``HeadAnchored`` events of the log in these blocks, in order."""
        ...
