"""The keys that only the anchor service holds: they sign heads, and the transactions that carry heads to the chain."""

from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from eth_account.signers.local import LocalAccount

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.typed_data import LogIdentity, to_checksum_address


class CheckpointSigner:
    """Signs heads of one log with its two log keys (formats.md section 5). Both signatures are deterministic.

    Args:
        identity: the log.
        checkpoint_key: Ed25519 seed, 32 bytes.
        anchor_key: secp256k1 secret, 32 bytes.
    """

    def __init__(self, identity: LogIdentity, checkpoint_key: bytes, anchor_key: bytes) -> None:
        self.identity = identity
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(checkpoint_key)
        self._secp256k1 = PrivateKey(anchor_key)

    def sign(self, tree_size: int, root_hash: bytes) -> str:
        """The checkpoint note of this head. Raises ``SignatureError`` when a key is not the log's."""
        checkpoint = Checkpoint(self.identity.origin, tree_size, root_hash)
        return sign_checkpoint(checkpoint, self._ed25519.sign, self._sign_digest, self.identity)

    def _sign_digest(self, digest: bytes) -> bytes:
        signature = self._secp256k1.sign_recoverable(digest, hasher=None)  # r || s || recovery id, s always low
        return signature[:64] + bytes([signature[64] + 27])


class TransactionSigner:
    """Signs legacy transactions (EIP-155), the one kind that every consortium chain from Berlin rules up takes.

    Args:
        sender_key: secp256k1 secret, 32 bytes.
        chain_id: the chain.
        contract: address that is called when ``sign`` is given no other; 20 bytes.
    """

    def __init__(self, sender_key: bytes, chain_id: int, contract: bytes) -> None:
        self._account: LocalAccount = Account.from_key(sender_key)
        self._chain_id = chain_id
        self._contract = contract

    @property
    def address(self) -> bytes:
        """The sender, 20 bytes."""
        return bytes.fromhex(self._account.address[2:])

    def sign(
        self, data: bytes, *, nonce: int, gas: int, gas_price: int, to: bytes | None = None
    ) -> tuple[bytes, bytes]:
        """Raw bytes and hash of a transaction that calls the contract, or the one at ``to``, with ``data``."""
        transaction: dict[str, Any] = {
            "chainId": self._chain_id,
            "data": "0x" + data.hex(),
            "gas": gas,
            "gasPrice": gas_price,
            "nonce": nonce,
            "to": to_checksum_address(self._contract if to is None else to),
            "value": 0,
        }
        signed = self._account.sign_transaction(transaction)
        return bytes(signed.raw_transaction), bytes(signed.hash)
