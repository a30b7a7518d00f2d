"""C2SP signed notes and their Ed25519 keys (c2sp.org/signed-note v1.0.0): text, an empty line, signature lines.

Parsing says nothing about trust: no signature is checked here (``ledger.log.checkpoint`` does). It is strict where the
specification leaves room, so that a note has one encoding: base64 is canonical, and every byte is accounted for.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from ledger.errors import MalformedEvidenceError

MAX_SIGNATURES: Final = 64
"""Signature lines taken in a note; the specification asks for at least 16."""

MAX_NOTE_BYTES: Final = 512 * 1024
"""Room for 64 signatures of the largest post-quantum kind (about 5 kB each)."""

KEY_ID_BYTES: Final = 4
SIGNATURE_PREFIX: Final = "\u2014 "
ED25519_TYPE: Final = b"\x01"
ED25519_KEY_BYTES: Final = 32
ANCHOR_TYPE: Final = b"\xff" + b"cityledger/eip712-checkpoint/v1"
"""Signature type of the EIP-712 form of a checkpoint: 0xff (unassigned) and a long name (formats.md section 5)."""


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note: who (name and 4-byte key id) and the raw signature after the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def encode(self) -> str:
        """The line with its newline."""
        return f"{SIGNATURE_PREFIX}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """The signed text, its final newline included, and the signature lines in order."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def encode(self) -> str:
        """The note; strict inverse of ``parse_note``."""
        return self.text + "\n" + "".join(line.encode() for line in self.signatures)


def parse_note(note: str | bytes) -> SignedNote:
    """Parse a note strictly; nothing in it is verified.

    Raises:
        MalformedEvidenceError: not UTF-8, above ``MAX_NOTE_BYTES``, a control character, no empty line, no signature or more
            than ``MAX_SIGNATURES``, or a signature line of another form.
    """
    content = _text(note)
    separator = content.rfind("\n\n")
    if separator < 0:
        raise MalformedEvidenceError("a note has an empty line between its text and its signatures")
    text, block = content[: separator + 1], content[separator + 2 :]
    if not block.endswith("\n"):
        raise MalformedEvidenceError("a note ends with a signature line and its newline")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedEvidenceError(f"a note holds at most {MAX_SIGNATURES} signatures, this one {len(lines)}")
    return SignedNote(text, tuple(_parse_signature_line(line) for line in lines))


def _text(note: str | bytes) -> str:
    """The note as text of a bounded size without control characters."""
    try:
        data = note.encode() if isinstance(note, str) else note
        content = data.decode()
    except UnicodeError as error:
        raise MalformedEvidenceError("a note is valid UTF-8") from error
    if len(data) > MAX_NOTE_BYTES:
        raise MalformedEvidenceError(f"a note has at most {MAX_NOTE_BYTES} bytes, this one {len(data)}")
    if any(character < " " and character != "\n" for character in content):
        raise MalformedEvidenceError("a note holds no control character but newline")
    return content


def _parse_signature_line(line: str) -> SignatureLine:
    if not line.startswith(SIGNATURE_PREFIX):
        raise MalformedEvidenceError("a signature line begins with an em dash and a space")
    name, space, encoded = line[len(SIGNATURE_PREFIX) :].partition(" ")
    if not space:
        raise MalformedEvidenceError("a signature line has a key name and a signature")
    check_key_name(name)
    payload = decode_base64(encoded)
    if len(payload) <= KEY_ID_BYTES:
        raise MalformedEvidenceError("a signature is a 4-byte key id and at least one byte")
    return SignatureLine(name, payload[:KEY_ID_BYTES], payload[KEY_ID_BYTES:])


def check_key_name(name: str) -> None:
    """A key name is not empty and holds no Unicode space, plus sign or control character.

    Raises:
        MalformedEvidenceError: it is or does.
    """
    if not name or any(character.isspace() or character == "+" or character < " " for character in name):
        raise MalformedEvidenceError("a key name is not empty and holds no space, plus sign or control character")
    try:
        name.encode()
    except UnicodeError as error:
        raise MalformedEvidenceError("a key name is valid Unicode") from error


def decode_base64(text: str) -> bytes:
    """Standard base64 (RFC 4648 section 4) with padding, in its one canonical form.

    Raises:
        MalformedEvidenceError: another alphabet, missing padding, or bits set that no byte uses.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedEvidenceError("not standard base64") from error
    if base64.b64encode(data).decode() != text:
        raise MalformedEvidenceError("not canonical base64")
    return data


def ed25519_key_id(name: str, public_key: bytes) -> bytes:
    """The 4-byte key id of an Ed25519 note key: SHA-256(name || 0x0a || 0x01 || public key)[:4]."""
    return _key_id(name, ED25519_TYPE + public_key)


def anchor_key_id(origin: str, address: bytes) -> bytes:
    """The 4-byte key id of an anchor key: SHA-256(origin || 0x0a || 0xff || type name || 20-byte address)[:4]."""
    return _key_id(origin, ANCHOR_TYPE + address)


def _key_id(name: str, typed_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + typed_key).digest()[:KEY_ID_BYTES]


def encode_verifier_key(origin: str, public_key: bytes) -> str:
    """The C2SP verifier key of an Ed25519 key: name+hex(key id)+base64(0x01 || public key).

    Raises:
        MalformedEvidenceError: the origin cannot be a key name or the key is not 32 bytes.
    """
    check_key_name(origin)
    if len(public_key) != ED25519_KEY_BYTES:
        raise MalformedEvidenceError(f"an Ed25519 key is {ED25519_KEY_BYTES} bytes, got {len(public_key)}")
    key = base64.b64encode(ED25519_TYPE + public_key).decode()
    return f"{origin}+{ed25519_key_id(origin, public_key).hex()}+{key}"


def parse_verifier_key(verifier_key: str) -> tuple[str, bytes]:
    """Strict inverse of ``encode_verifier_key``: (origin, Ed25519 public key).

    Raises:
        MalformedEvidenceError: not three parts, another key type, or a key id that does not fit the key.
    """
    parts = verifier_key.split("+", 2)  # base64 may hold further plus signs
    if len(parts) != 3:
        raise MalformedEvidenceError("a verifier key is name, key id and key, joined by plus signs")
    origin, _, encoded = parts
    typed_key = decode_base64(encoded)
    if typed_key[:1] != ED25519_TYPE or len(typed_key) != 1 + ED25519_KEY_BYTES:
        raise MalformedEvidenceError("a verifier key of a log is an Ed25519 key")
    public_key = typed_key[1:]
    if encode_verifier_key(origin, public_key) != verifier_key:
        raise MalformedEvidenceError("the key id does not fit the verifier key")
    return origin, public_key
