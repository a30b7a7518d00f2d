"""The signed form of a usage token: made, read and verified offline. Pure.

It is the token of NDI-TR-2025-03 annex D: ``base64url(header).base64url(payload).base64url(signature)``, the signature SM2 over the first two
parts with their dot (r || s, 64 bytes, signer id 1234567812345678), by an SM2 key that the authorisation platform has on file. Header and
payload are canonical JSON (RFC 8785) and base64url has no padding, so that no byte is free. The header's ``typ`` is this token's own: no
other token, request or act signed by the same key is one. ``use`` in the payload has what annex D has no name for.
"""

import base64
import binascii
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from ledger.domain.records import from_json, to_json
from ledger.domain.usage_token import InvalidUsageTokenError, UsageToken, check_token_time
from ledger.errors import InputError, SignatureError, VerificationError
from ledger.log.canonical import encode_jcs
from ledger.log.signatures import SIGNATURE_BYTES, verify_sm2
from ledger.log.strict import parse_canonical

HEADER: Final = {"alg": "SM2", "typ": "cityledger-usage-token"}
TEXT_CHARACTERS_MAX: Final = 64 * 1024

_CLAIMS: Final = {
    "token_id": "jti",
    "issuer": "iss",
    "subject": "sub",
    "node": "auth",
    "issued_at": "iat",
    "valid_from": "nbf",
    "valid_until": "exp",
}
"""Member -> the name that annex D, or RFC 7519, has for it."""

_USE: Final = "use"


def usage_token_message(token: UsageToken) -> bytes:
    """What the issuer signs: the first two parts with their dot, ASCII."""
    members = to_json(token)
    claims = {claim: members.pop(name) for name, claim in _CLAIMS.items()}
    return _encode(encode_jcs(HEADER)) + b"." + _encode(encode_jcs({**claims, _USE: members}))


def encode_usage_token(token: UsageToken, signature: bytes) -> str:
    """The token's text, of what it states and the signature over ``usage_token_message``."""
    return (usage_token_message(token) + b"." + _encode(signature)).decode("ascii")


def parse_usage_token(text: str) -> tuple[UsageToken, bytes]:
    """What a token states, and its signature, which is not verified here. The inverse of ``encode_usage_token``.

    Raises:
        InvalidUsageTokenError: it is none, or not in its only spelling.
    """
    parts = text.split(".")
    if len(text) > TEXT_CHARACTERS_MAX or len(parts) != 3:
        raise InvalidUsageTokenError("A usage token has three parts of base64url.")
    header, payload, signature = map(_decode, parts)
    try:
        is_ours = parse_canonical(header, "header") == HEADER
        claims = parse_canonical(payload, "payload")
    except VerificationError as error:
        raise InvalidUsageTokenError("Header and payload of a usage token are canonical JSON.") from error
    if not is_ours or len(signature) != SIGNATURE_BYTES:
        raise InvalidUsageTokenError("The header of a usage token says SM2 and its type; its signature has 64 bytes.")
    return _token(claims), signature


def verify_usage_token(text: str, keys: Sequence[bytes], *, node: str, at: datetime) -> UsageToken:
    """The whole check without network: form, signature, for whom it is, time. Whether calls are left only the issuer's books know.

    Args:
        text: of the token.
        keys: SM2 keys of the issuer, 65 bytes each; the caller knows whose they are, and holds ``issuer`` of the result against that.
        node: subject code of the provider that is asked.
        at: now, UTC.

    Raises:
        InvalidUsageTokenError: no usage token, or one for another node.
        SignatureError: not signed by any of the keys.
        UsageTokenTimeError: its time has not come, or is over.
    """
    token, _ = parse_usage_token(text)
    check_signature(text, keys)
    if token.node != node:
        raise InvalidUsageTokenError("The usage token is for another node.")
    check_token_time(token, at.timestamp())
    return token


def check_signature(text: str, keys: Sequence[bytes]) -> None:
    """Refuses a token that none of these keys signed.

    Raises:
        SignatureError: none did.
    """
    signed, _, encoded = text.rpartition(".")
    signature = _decode(encoded)
    for key in keys:
        with suppress(SignatureError):
            verify_sm2(key, signed.encode("ascii"), signature)
            return
    raise SignatureError("no key of the issuer signed the usage token")


def usage_token_digest(text: str) -> bytes:
    """SHA-256 of the token's text: how books and evidence name it without being able to use it."""
    return sha256(b"cityledger/v1/usage-token\n" + text.encode("utf-8")).digest()


def _token(claims: Any) -> UsageToken:
    names = {*_CLAIMS.values(), _USE}
    if not isinstance(claims, dict) or claims.keys() != names or not isinstance(claims[_USE], dict):
        raise InvalidUsageTokenError(f"The payload of a usage token has {', '.join(sorted(names))}.")
    if _CLAIMS.keys() & claims[_USE].keys():
        raise InvalidUsageTokenError("The payload of a usage token says nothing twice.")
    members = {name: claims[claim] for name, claim in _CLAIMS.items()}
    try:
        return from_json(UsageToken, {**members, **claims[_USE]})
    except InvalidUsageTokenError:
        raise
    except InputError as error:
        raise InvalidUsageTokenError(error.detail) from error


def _encode(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def _decode(part: str) -> bytes:
    try:
        octets = base64.b64decode(part.encode("ascii") + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidUsageTokenError("The parts of a usage token are base64url.") from error
    if _encode(octets) != part.encode("ascii"):
        raise InvalidUsageTokenError("The parts of a usage token are base64url without padding, in its only spelling.")
    return octets
