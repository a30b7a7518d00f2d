"""Legacy transactions with the chain's id in their signature (EIP-155): the one kind that every chain from Berlin rules up takes.

Signed here and not by a client library: it is nine fields in RLP, and a library for all kinds of transactions takes a second of processor
time to import.
"""

import rlp
from coincurve import PrivateKey

from ledger.log.typed_data import address_of_public_key, keccak256

_V_OF_CHAIN = 35
"""``v`` is this, twice the chain's id, and the recovery id (EIP-155)."""


class TransactionAccount:
    """One account on one chain.

    Args:
        key: secp256k1 secret, 32 bytes.
        chain_id: the chain.
    """

    def __init__(self, key: bytes, chain_id: int) -> None:
        self._key = PrivateKey(key)
        self._chain_id = chain_id
        self.address = address_of_public_key(self._key.public_key.format(compressed=False))
        """20 bytes."""

    def sign(self, to: bytes | None, data: bytes, *, nonce: int, gas: int, gas_price: int) -> tuple[bytes, bytes]:
        """Raw bytes and hash of a transaction that transfers nothing.

        Args:
            to: what it calls, 20 bytes; None when it makes a contract.
            data: call data, or creation code.
            nonce: how many transactions the account sent before.
            gas: the most it may use.
            gas_price: in wei.
        """
        fields: list[int | bytes] = [nonce, gas_price, gas, to or b"", 0, data]
        digest = keccak256(rlp.encode([*fields, self._chain_id, 0, 0]))
        signature = self._key.sign_recoverable(digest, hasher=None)  # r || s || recovery id, s always low
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
        v = _V_OF_CHAIN + 2 * self._chain_id + signature[64]
        raw = bytes(rlp.encode([*fields, v, r, s]))
        return raw, keccak256(raw)
