"""Signed transactions read back from their bytes: the evidence that the rows beside them are held against."""

from typing import Any

import rlp
from rlp.exceptions import RLPException

from ledger.errors import VerificationError
from ledger.log.typed_data import keccak256, recover_address

_LEGACY_FIELDS = 9
_EIP155_OFFSET = 35

UNREADABLE = (RLPException, VerificationError, ValueError)
"""What ``opened`` raises for bytes that are no such transaction."""


def opened(raw: bytes, chain_id: int, to: bytes) -> tuple[bytes, int, bytes]:
    """Sender, nonce and call data of a legacy transaction (EIP-155) on this chain to this address.

    Raises:
        ValueError, RLPException, VerificationError: it is none.
    """
    fields: Any = rlp.decode(raw)
    if not isinstance(fields, list) or len(fields) != _LEGACY_FIELDS or not all(isinstance(f, bytes) for f in fields):
        raise ValueError("not a legacy transaction")
    parity = int.from_bytes(fields[6], "big") - 2 * chain_id - _EIP155_OFFSET
    if parity not in (0, 1) or fields[3] != to:
        raise ValueError("another chain or another contract")
    chain = chain_id.to_bytes((chain_id.bit_length() + 7) // 8, "big")
    digest = keccak256(rlp.encode([*fields[:6], chain, b"", b""]))
    signature = fields[7].rjust(32, b"\x00") + fields[8].rjust(32, b"\x00") + bytes([parity + 27])
    return recover_address(digest, signature), int.from_bytes(fields[0], "big"), fields[5]
