"""SM3 (GB/T 32905-2016): OpenSSL's when this Python has it, otherwise GmSSL's; the same digest either way."""

import hashlib
from typing import Final

import gmssl_pyx

OPENSSL_HAS_SM3: Final = "sm3" in hashlib.algorithms_available


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest of ``data``."""
    return _sm3_openssl(data) if OPENSSL_HAS_SM3 else _sm3_gmssl(data)


def _sm3_openssl(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def _sm3_gmssl(data: bytes) -> bytes:
    return bytes(gmssl_pyx.sm3_hash(data))
