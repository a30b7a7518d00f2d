"""The voucher of an order as bytes, and what stands for the order on the chain. Pure.

    voucher       = JCS of the document (ledger.domain.order_voucher)
    contentDigest = SHA-256(D("order-voucher") || salt || voucher)
    orderId       = SHA-256(D("order") || salt || UTF-8 order number)
    reasonDigest  = SHA-256(D("order-reason") || salt || JCS of the reason)

with ``D(x)`` = ``cityledger/v1/x`` and a line feed, and a random salt of 32 bytes for each order, which its parties have: without it
neither number nor content can be guessed from the chain.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from ledger.errors import MisuseError
from ledger.log.canonical import encode_jcs

SALT_BYTES: Final = 32


def encode_voucher(voucher: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a voucher."""
    return encode_jcs(dict(voucher))


def voucher_digest(salt: bytes, voucher: Mapping[str, Any]) -> bytes:
    """``contentDigest`` of the order, 32 bytes."""
    return _digest(b"order-voucher", salt, encode_voucher(voucher))


def order_chain_id(salt: bytes, order_id: str) -> bytes:
    """``orderId``, 32 bytes."""
    return _digest(b"order", salt, order_id.encode())


def order_reason_digest(salt: bytes, reason: Mapping[str, Any]) -> bytes:
    """``reasonDigest`` of the order's end, 32 bytes."""
    return _digest(b"order-reason", salt, encode_jcs(dict(reason)))


def _digest(name: bytes, salt: bytes, content: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise MisuseError("an order has a salt of 32 bytes")
    return sha256(b"cityledger/v1/" + name + b"\n" + salt + content).digest()
