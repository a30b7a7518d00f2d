"""Confidential parts encrypted to the keys of an agreement's parties: JWE (RFC 7516) by ``joserfc``, in one narrow form. No network.

A ciphertext is the General JSON Serialization (RFC 7516 section 7.2.1) in canonical form (RFC 8785), with exactly these members:

    {"ciphertext", "iv", "protected", "recipients": [{"encrypted_key", "header": {"alg", "epk": {"crv", "kty", "x"}, "kid"}}, ...], "tag"}

``protected`` is base64url of ``{"enc":"A256GCM","typ":"cityledger-confidential-v1"}``; each ``alg`` is ``ECDH-ES+A256KW`` over X25519 (RFC
7518 section 4.6, RFC 8037 section 3.2) and ``kid`` the RFC 7638 thumbprint of the recipient's key. One fresh content key encrypts the text,
and is wrapped for each recipient with a fresh ephemeral key. Whatever has another form is refused before anything is computed, so that
nobody chooses an algorithm for the reader.

A public key travels as a JWK (RFC 7517) with ``kty`` ``OKP`` and ``crv`` ``X25519``; ``body`` is the subject code that its owner named.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, cast

from joserfc.errors import JoseError
from joserfc.jwe import (
    GeneralJSONEncryption,
    GeneralJSONSerialization,
    JWERegistry,
    decrypt_json,
    encrypt_json,
)
from joserfc.jwk import OKPKey

from ledger.adapters.signing_keys import X25519, public_part
from ledger.domain.agreement import PARTIES_MAX
from ledger.domain.sealing_errors import (
    CiphertextChangedError,
    RecipientKeyError,
    SealedForOthersError,
    SealedPartMalformedError,
)
from ledger.domain.subject_code import parse_subject_code
from ledger.errors import InputError, MisuseError, TooLargeError
from ledger.log.canonical import encode_jcs, parse_json

ALG: Final = "ECDH-ES+A256KW"
PROTECTED: Final = {"enc": "A256GCM", "typ": "cityledger-confidential-v1"}
KEY_BYTES: Final = 32
KEY_FILE_BYTES_MAX: Final = 4_096
SEALED_BYTES_MAX: Final = 384 << 10
"""Of a ciphertext: what the service takes of it in base64."""

_REGISTRY: Final = JWERegistry(algorithms=[ALG, PROTECTED["enc"]])
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_MESSAGE_MEMBERS: Final = {"ciphertext", "iv", "protected", "recipients", "tag"}
_JWK_MEMBERS: Final = {"kty": "OKP", "crv": "X25519"}


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A public key that something can be encrypted to: 32 bytes, and the subject code that its owner named or None."""

    public: bytes
    body: str | None

    @property
    def thumbprint(self) -> str:
        """RFC 7638, base64url: what two persons compare to know that they speak of the same key."""
        return _base64url(sha256(encode_jcs(_jwk(self.public))).digest())


def encode_recipient_key(key: RecipientKey) -> bytes:
    """The file in which a public key is handed over: canonical JSON and a line feed."""
    return encode_jcs({**_jwk(key.public), "body": key.body, "kid": key.thumbprint, "use": "enc"}) + b"\n"


def parse_recipient_key(raw: bytes) -> RecipientKey:
    """A public key from its file; members that are not ours are passed over (RFC 7517 section 4).

    Raises:
        RecipientKeyError: it is none; it holds the private key too; or its ``kid`` is another key's.
    """
    if len(raw) > KEY_FILE_BYTES_MAX:
        raise RecipientKeyError("The file is no public key: it is too long for one.")
    try:
        return _read_jwk(parse_json(raw))
    except (InputError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, RecipientKeyError):
            raise
        raise RecipientKeyError("The file is no X25519 key as `sign keys show NAME --public` writes it.") from error


def _read_jwk(value: Any) -> RecipientKey:
    if "d" in value:
        raise RecipientKeyError("The file holds a PRIVATE key. Destroy it, and ask for the public one of another key.")
    if {name: value.get(name) for name in _JWK_MEMBERS} != _JWK_MEMBERS:
        raise ValueError("another kind")
    body = value.get("body")
    if body is not None:
        parse_subject_code(_text(body))
    key = RecipientKey(_octets(value.get("x"), KEY_BYTES), body)
    if value.get("kid", key.thumbprint) != key.thumbprint:
        raise RecipientKeyError("The key is another one than its kid says; the file was changed.")
    return key


def seal(plaintext: bytes, recipients: Sequence[RecipientKey]) -> bytes:
    """The plaintext encrypted to each of the keys, 1 to 20, all different; another ciphertext at every call.

    Raises:
        InputError: no key, too many, or one twice; or one that nothing can be encrypted to.
        TooLargeError: the ciphertext would be more than the service takes.
    """
    if not 1 <= len({key.public for key in recipients}) == len(recipients) <= PARTIES_MAX:
        raise InputError(f"A confidential part is sealed for 1 to {PARTIES_MAX} keys, each once.")
    message = GeneralJSONEncryption(dict(PROTECTED), plaintext)
    for key in recipients:
        message.add_recipient({"alg": ALG, "kid": key.thumbprint}, OKPKey.import_key(_jwk(key.public)))
    try:
        sealed = encode_jcs(encrypt_json(message, None, registry=_REGISTRY))
    except (JoseError, ValueError) as error:  # a point of small order gives no shared secret (RFC 7748 section 6.1)
        raise RecipientKeyError("Nothing can be encrypted to one of these keys.") from error
    if len(sealed) > SEALED_BYTES_MAX:
        raise TooLargeError(f"The sealed part has {len(sealed):,} bytes; the service takes {SEALED_BYTES_MAX:,}.")
    _read(sealed)  # what we write is what we read
    return sealed


def recipients_of(sealed: bytes) -> tuple[str, ...]:
    """The thumbprints of the keys that a ciphertext says it is for, in its order.

    Raises:
        SealedPartMalformedError: it has not the one form.
    """
    return tuple(str(one["header"]["kid"]) for one in _read(sealed)["recipients"])


def open_sealed(sealed: bytes, secret: bytes) -> bytes:
    """The plaintext.

    Args:
        sealed: as ``seal`` made it.
        secret: private X25519 key, 32 bytes.

    Raises:
        SealedPartMalformedError: it has not the one form.
        SealedForOthersError: it was not encrypted to this key.
        CiphertextChangedError: it was changed.
    """
    value, public = _read(sealed), public_part(X25519, secret)
    own = RecipientKey(public, None).thumbprint
    mine = [one for one in value["recipients"] if one["header"]["kid"] == own]
    if not mine:
        raise SealedForOthersError(f"This was sealed for {len(value['recipients'])} other keys, not for {own}.")
    key = OKPKey.import_key({**_jwk(public), "d": _base64url(secret)})
    try:
        opened = decrypt_json(
            cast("GeneralJSONSerialization", {**value, "recipients": mine}), key, registry=_REGISTRY
        ).plaintext
    except (JoseError, ValueError) as error:
        raise CiphertextChangedError("The ciphertext does not open: it was changed after it was sealed.") from error
    if opened is None:
        raise MisuseError("a decrypted message has a plaintext")
    return opened


def _read(sealed: bytes) -> dict[str, Any]:
    """The JSON object of a ciphertext in the one form, every length checked."""
    if len(sealed) > SEALED_BYTES_MAX:
        raise SealedPartMalformedError(f"The ciphertext has {len(sealed):,} bytes; no sealed part has so many.")
    try:
        value: Any = parse_json(sealed)
        _check_message(value)
        is_canonical = encode_jcs(value) == sealed
    except (InputError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SealedPartMalformedError("The ciphertext is not in the form that confidential parts have.") from error
    if not is_canonical:
        raise SealedPartMalformedError("The ciphertext is not in canonical form (RFC 8785).")
    return cast("dict[str, Any]", value)


def _check_message(value: Mapping[str, Any]) -> None:
    if set(value) != _MESSAGE_MEMBERS or value["protected"] != _base64url(encode_jcs(PROTECTED)):
        raise ValueError("members")
    for name, length in (("iv", 12), ("tag", 16), ("ciphertext", None)):
        _octets(value[name], length)
    kids = [_check_recipient(one) for one in value["recipients"]]
    if not 1 <= len(set(kids)) == len(kids) <= PARTIES_MAX:
        raise ValueError("recipients")


def _check_recipient(value: Mapping[str, Any]) -> str:
    """The thumbprint in one entry of ``recipients``."""
    header = value["header"]
    if set(value) != {"encrypted_key", "header"} or set(header) != {"alg", "epk", "kid"} or header["alg"] != ALG:
        raise ValueError("header")
    if header["epk"] != _jwk(_octets(header["epk"]["x"], KEY_BYTES)):
        raise ValueError("epk")
    _octets(value["encrypted_key"], KEY_BYTES + 8)  # RFC 3394: eight bytes more than the key that is wrapped
    _octets(header["kid"], 32)
    return _text(header["kid"])


def _jwk(public: bytes) -> dict[str, str | list[str]]:
    return {**_JWK_MEMBERS, "x": _base64url(public)}


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def _octets(value: Any, length: int | None) -> bytes:
    """Bytes from base64url without padding, in its only spelling."""
    text = _text(value)
    if _BASE64URL.fullmatch(text) is None:
        raise ValueError("base64url")
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _base64url(octets) != text or length not in (None, len(octets)):
        raise ValueError("base64url")
    return octets


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value
