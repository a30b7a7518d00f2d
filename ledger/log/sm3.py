"""SM3 (GB/T 32905-2016): OpenSSL's when this Python has it, otherwise GmSSL's; the same digest either way."""

import hashlib
from typing import Final

import gmssl_pyx

OPENSSL_HAS_SM3: Final = "sm3" in hashlib.algorithms_available
_EMPTY: Final = hashlib.new("sm3") if OPENSSL_HAS_SM3 else None


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest of ``data``."""
    return _sm3_openssl(data) if OPENSSL_HAS_SM3 else _sm3_gmssl(data)


def _sm3_openssl(data: bytes) -> bytes:
    assert _EMPTY is not None
    state = _EMPTY.copy()  # finding the algorithm by its name costs as much as hashing 200 bytes
    state.update(data)
    return state.digest()


def _sm3_gmssl(data: bytes) -> bytes:
    return bytes(gmssl_pyx.sm3_hash(data))
