"""What stands for an agreement on the chain beside its contract digest. Pure.

    agreementId  = SHA-256(D("agreement-id") || salt || UTF-8 contract id)
    filingDigest = SHA-256(D("agreement-filing") || salt || JCS of the filing)
    reasonDigest = SHA-256(D("agreement-reason") || salt || JCS of the reason)

with ``D(x)`` = ``cityledger/v1/x`` and a line feed, and a random salt of 32 bytes of its own: not one of those of the two parts, which are
handed out with openings.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ledger.bundle.agreement_digest import SALT_BYTES
from ledger.errors import MisuseError
from ledger.log.canonical import encode_jcs


def agreement_chain_id(salt: bytes, contract_id: str) -> bytes:
    """``agreementId``, 32 bytes."""
    return _digest(b"agreement-id", salt, contract_id.encode())


def filing_digest(salt: bytes, filing: Mapping[str, Any]) -> bytes:
    """``filingDigest``, 32 bytes."""
    return _digest(b"agreement-filing", salt, encode_jcs(dict(filing)))


def agreement_reason_digest(salt: bytes, reason: Mapping[str, Any]) -> bytes:
    """``reasonDigest`` of a termination, 32 bytes."""
    return _digest(b"agreement-reason", salt, encode_jcs(dict(reason)))


def _digest(name: bytes, salt: bytes, content: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise MisuseError("an agreement has a salt of 32 bytes for its ids and digests")
    return sha256(b"cityledger/v1/" + name + b"\n" + salt + content).digest()
