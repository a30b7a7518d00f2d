"""The kinds of private keys that a body keeps: what is public of them, and the signatures of the two that sign acts.

The third kind, X25519 (RFC 7748), signs nothing: confidential parts of agreements are encrypted to it (``sealing``).
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import gmssl_pyx
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger.adapters.files.keys import secp256k1_address
from ledger.bundle.agreement_papers import paper_message
from ledger.bundle.usage_token_text import encode_usage_token, usage_token_message
from ledger.domain.signing_request import SigningRequest
from ledger.domain.typed_acts import Tail, act_signing_digest, act_sm2_message, sm2_signature_digest
from ledger.domain.usage_token import UsageToken
from ledger.errors import InputError, MisuseError
from ledger.log.signatures import SM2_ORDER, SM2_PRIME, SM2_SIGNER_ID, verify_sm2
from ledger.log.typed_data import recover_address

SECP256K1: Final = "secp256k1"
SM2: Final = "sm2"
X25519: Final = "x25519"
KINDS: Final = (SECP256K1, SM2, X25519)

_G: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

_Point = tuple[int, int] | None


def new_secret(kind: str) -> bytes:
    """A fresh private key, 32 bytes, from the system's generator."""
    if kind == SECP256K1:
        return PrivateKey().secret
    if kind == X25519:
        return secrets.token_bytes(32)
    return (secrets.randbelow(SM2_ORDER - 2) + 1).to_bytes(32, "big")


def public_part(kind: str, secret: bytes) -> bytes:
    """What is public of a private key: of secp256k1 the address, 20 bytes; of SM2 the key 04 || x || y, 65 bytes; of X25519 the key, 32 bytes.

    Raises:
        InputError: it is no private key of this kind.
    """
    if len(secret) != 32:
        raise InputError("A private key is 32 bytes, 64 hex digits.")
    if kind == SM2:
        return _sm2_public_key(int.from_bytes(secret, "big"))
    if kind == X25519:
        return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    try:
        return secp256k1_address(secret)
    except ValueError:
        raise InputError("This is no private key of secp256k1.") from None


def sign_request(request: SigningRequest, secret: bytes, sm2_secret: bytes | None = None) -> dict[str, Any]:
    """One body's signature of an act, as ``POST /v1/acts/{id}/signatures`` takes it; checked before it is given away.

    Args:
        request: the act, with the place that signs.
        secret: the secp256k1 key that signs it (EIP-712).
        sm2_secret: the same body's SM2 key, when it signs too: over the same act, and its digest is then signed by the first.
    """
    if request.place is None:
        raise MisuseError("a bare document has no place to sign at")
    tail, sm2 = request.tail, None
    if sm2_secret is not None:
        message = act_sm2_message(request.act, tail, request.domain)
        public_key = public_part(SM2, sm2_secret)
        signed = _sign_sm2(sm2_secret, public_key, message)
        tail = Tail(tail.signer, tail.deadline, sm2_signature_digest(public_key[1:], signed))
        sm2 = {"public_key": public_key.hex(), "signature": signed.hex()}
    digest = act_signing_digest(request.act, tail, request.domain)
    raw = PrivateKey(secret).sign_recoverable(digest, hasher=None)
    signature = raw[:64] + bytes([raw[64] + 27])
    address = public_part(SECP256K1, secret)
    if recover_address(digest, signature) != address:
        raise MisuseError("the signature just made is not by its key")
    body = {
        "place": request.place,
        "key": "0x" + address.hex(),
        "deadline": tail.deadline,
        "signature": "0x" + signature.hex(),
    }
    return body if sm2 is None else {**body, "sm2": sm2}


def sign_usage_token(token: UsageToken, secret: bytes) -> str:
    """A usage token's text, signed by the SM2 key of the authorisation platform that issues it.

    Raises:
        InputError: it is no private key of SM2.
    """
    public_key = public_part(SM2, secret)
    return encode_usage_token(token, _sign_sm2(secret, public_key, usage_token_message(token)))


def sign_paper(kind: str, paper: Mapping[str, Any], secret: bytes) -> dict[str, str]:
    """A body's SM2 signature of a paper (``ledger.bundle.agreement_papers``), as the routes take it.

    Raises:
        InputError: it is no private key of SM2.
    """
    public_key = public_part(SM2, secret)
    signature = _sign_sm2(secret, public_key, paper_message(kind, paper))
    return {"public_key": public_key.hex(), "signature": signature.hex()}


def _sign_sm2(secret: bytes, public_key: bytes, message: bytes) -> bytes:
    """The signature r || s over SM3(Z || message) with the default signer id (GB/T 32918.2)."""
    encoded = gmssl_pyx.sm2_sign(secret, public_key[1:], message, signer_id=SM2_SIGNER_ID)
    r, s = decode_dss_signature(encoded)
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    verify_sm2(public_key, message, signature)
    return signature


def _sm2_public_key(number: int) -> bytes:
    """The private key times the base point: the native library makes pairs, and none for a key that is there already."""
    if not 1 <= number <= SM2_ORDER - 2:
        raise InputError("This is no private key of SM2.")
    point: _Point = None
    doubled: _Point = _G
    while number:
        if number & 1:
            point = _add(point, doubled)
        doubled = _add(doubled, doubled)
        number >>= 1
    assert point is not None, "a multiple below the order is a point"
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def _add(first: _Point, second: _Point) -> _Point:
    """Addition on the curve y^2 = x^3 - 3x + b of GB/T 32918.5."""
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % SM2_PRIME == 0:
        return None
    slope = (
        3 * (x1 * x1 - 1) * pow(2 * y1, -1, SM2_PRIME) if first == second else (y2 - y1) * pow(x2 - x1, -1, SM2_PRIME)
    )
    x3 = (slope * slope - x1 - x2) % SM2_PRIME
    return x3, (slope * (x1 - x3) - y1) % SM2_PRIME
