"""Signatures of people and services: Ed25519, secp256k1 and SM2, each in exactly one form.

==========  ==============================  ===========================================================================
algorithm   public key                      signature
==========  ==============================  ===========================================================================
ed25519     32 bytes (RFC 8032)             64 bytes over the message
secp256k1   33 bytes, compressed (SEC 1)    64 bytes r || s, low s, over SHA-256(message)
sm2         65 bytes, 04 || x || y          64 bytes r || s over SM3(Z || message), signer id 1234567812345678 (GB/T 32918.2)
==========  ==============================  ===========================================================================

formats.md section 1 names the algorithms; the forms above are this implementation's, and part of the format from the first
event on.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import gmssl_pyx
import rfc8785
from coincurve import PublicKey
from coincurve.ecdsa import cdata_to_der, deserialize_compact
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ledger.errors import SignatureError, SubmitterSignatureError

SIGNATURE_BYTES: Final = 64
SUBMITTER_DOMAIN: Final = b"cityledger/v1/submitter\n"
SM2_SIGNER_ID: Final = b"1234567812345678"

_ED25519_PRIME: Final = 2**255 - 19
_ED25519_ORDER_8_Y: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_ED25519_WEAK_Y: Final = frozenset((0, 1, _ED25519_PRIME - 1, _ED25519_ORDER_8_Y, _ED25519_PRIME - _ED25519_ORDER_8_Y))
_SECP256K1_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
SM2_PRIME: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_SM2_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM2_ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def check_ed25519_key(public_key: bytes) -> None:
    """Refuse what no honest key generator makes: another length, a non-canonical point, or one of small order.

    Under a small-order key one signature fits many messages, so its owner could deny what was signed.

    Raises:
        SignatureError: it is one of those.
    """
    if len(public_key) != 32:
        raise SignatureError(f"an Ed25519 public key is 32 bytes, got {len(public_key)}")
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    if y >= _ED25519_PRIME or y in _ED25519_WEAK_Y:
        raise SignatureError("not an acceptable Ed25519 public key")


def verify_ed25519(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Verify an Ed25519 signature (RFC 8032, without the cofactor, canonical S).

    Raises:
        SignatureError: malformed key or signature, or it does not verify.
    """
    check_ed25519_key(public_key)
    _check_length(signature)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError("the Ed25519 signature does not verify") from error


def verify_secp256k1(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Verify an ECDSA signature over SHA-256(message) with secp256k1: compressed key, r || s, s in the lower half.

    Raises:
        SignatureError: malformed key or signature, high s, or it does not verify.
    """
    if len(public_key) != 33:
        raise SignatureError(f"a compressed secp256k1 public key is 33 bytes, got {len(public_key)}")
    _check_length(signature)
    if int.from_bytes(signature[32:], "big") > _SECP256K1_HALF_ORDER:
        raise SignatureError("s is in the upper half of the group order")
    try:
        key = PublicKey(public_key)
        verified = key.verify(cdata_to_der(deserialize_compact(signature)), message)
    except ValueError as error:
        raise SignatureError("malformed secp256k1 key or signature") from error
    if not verified:
        raise SignatureError("the secp256k1 signature does not verify")


def check_sm2_key(public_key: bytes) -> None:
    """Refuse what is no uncompressed point of the SM2 curve (GB/T 32918.5): nothing could ever verify under it.

    Raises:
        SignatureError: it is none.
    """
    if len(public_key) != 65 or public_key[0] != 4:
        raise SignatureError("an SM2 public key is 65 bytes that begin with 04")
    x, y = int.from_bytes(public_key[1:33], "big"), int.from_bytes(public_key[33:], "big")
    if not (x < SM2_PRIME and y < SM2_PRIME and (y * y - x * x * x + 3 * x - _SM2_B) % SM2_PRIME == 0):
        raise SignatureError("the SM2 public key is not a point of the curve")


def verify_sm2(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Verify an SM2 signature (GB/T 32918.2) with SM3 and the default signer id 1234567812345678.

    Point and ranges are checked here first: the native library would report each refusal on the error stream.

    Raises:
        SignatureError: malformed key or signature, or it does not verify.
    """
    check_sm2_key(public_key)
    _check_length(signature)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < SM2_ORDER and 0 < s < SM2_ORDER and (r + s) % SM2_ORDER):
        raise SignatureError("r or s of the SM2 signature is out of range")
    try:
        verified = gmssl_pyx.sm2_verify(public_key[1:], message, encode_dss_signature(r, s), signer_id=SM2_SIGNER_ID)
    except gmssl_pyx.GmsslInnerError as error:
        raise SignatureError("malformed SM2 key or signature") from error
    if not verified:
        raise SignatureError("the SM2 signature does not verify")


VERIFIERS: Final[Mapping[str, Callable[[bytes, bytes, bytes], None]]] = MappingProxyType(
    {"ed25519": verify_ed25519, "secp256k1": verify_secp256k1, "sm2": verify_sm2}
)
"""The submitter algorithms (``ledgersigalg``): name -> verify(public_key, message, signature)."""


def submitter_message(origin: str, event: bytes) -> bytes:
    """What a submitter signs: D("submitter") || JCS{"event":E,"origin":origin} (formats.md section 1).

    Args:
        origin: of the log the event is meant for, so that a signature cannot be moved to another log.
        event: E, the event's canonical JSON (JCS).
    """
    return SUBMITTER_DOMAIN + b'{"event":' + event + b',"origin":' + rfc8785.dumps(origin) + b"}"


def verify_submitter_signature(alg: str, public_key: bytes, origin: str, event: bytes, value: str) -> None:
    """Verify a submitter's detached signature.

    Args:
        alg: ``ed25519``, ``secp256k1`` or ``sm2``.
        public_key: in the algorithm's form above.
        origin: of the log.
        event: E, the event's canonical JSON.
        value: the signature in base64url without padding, as it stands in ``ledgersig``.

    Raises:
        SubmitterSignatureError: unknown algorithm, malformed value or key, or it does not verify.
    """
    verify = VERIFIERS.get(alg)
    if verify is None:
        raise SubmitterSignatureError(f"the signature algorithm is one of {', '.join(VERIFIERS)}")
    signature = decode_signature_value(value)
    try:
        verify(public_key, submitter_message(origin, event), signature)
    except SignatureError as error:
        raise SubmitterSignatureError(error.detail) from error


def decode_signature_value(value: str) -> bytes:
    """The bytes of a ``ledgersig``: base64url (RFC 4648 section 5) without padding, canonical, 64 bytes.

    Raises:
        SubmitterSignatureError: another form or length.
    """
    try:
        signature = base64.b64decode(value.encode("ascii") + b"==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SubmitterSignatureError("a signature value is base64url without padding") from error
    if len(signature) != SIGNATURE_BYTES or encode_signature_value(signature) != value:
        raise SubmitterSignatureError(f"a signature value is {SIGNATURE_BYTES} bytes in canonical base64url")
    return signature


def encode_signature_value(signature: bytes) -> str:
    """Base64url without padding; strict inverse of ``decode_signature_value``."""
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def _check_length(signature: bytes) -> None:
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError(f"a signature is {SIGNATURE_BYTES} bytes, got {len(signature)}")
