"""Checkpoints: a log's signed heads as C2SP notes (c2sp.org/tlog-checkpoint v1.0.0; formats.md section 5).

A checkpoint carries two signatures by its log under the key name ``origin``: Ed25519 over the note text, for every C2SP client,
and the EIP-712 form of the same head, for the chain. Both are required here, so whoever holds a checkpoint can anchor it or
report a fork with it. Lines of keys that are not known are ignored and dropped; a line of a known key that fails, or comes
twice, refuses the whole note.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.errors import MalformedEvidenceError, SignatureError
from ledger.log.hashing import EMPTY_ROOT, HASH_BYTES
from ledger.log.note import (
    MAX_SIGNATURES,
    SignatureLine,
    SignedNote,
    anchor_key_id,
    check_key_name,
    decode_base64,
    ed25519_key_id,
    encode_verifier_key,
    parse_note,
    parse_verifier_key,
)
from ledger.log.signatures import verify_ed25519
from ledger.log.typed_data import MAX_UINT64, LogIdentity, checkpoint_signing_digest, recover_address

__all__ = [
    "MAX_SIGNATURES",
    "Checkpoint",
    "SignatureLine",
    "SignedNote",
    "VerifiedCheckpoint",
    "anchor_key_id",
    "encode_verifier_key",
    "open_checkpoint",
    "parse_checkpoint_body",
    "parse_note",
    "parse_verifier_key",
    "sign_checkpoint",
]

_SIZE_DIGITS_MAX: Final = 20  # of 2^64 - 1; bounds the conversion before it is tried


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head: the log's origin, its number of leaves and the root hash (32 bytes) over them.

    Raises:
        MalformedEvidenceError: the origin cannot be a key name, the size is no uint64, the root hash is not 32 bytes, or is not
            the empty root at size 0.
    """

    origin: str
    tree_size: int
    root_hash: bytes

    def __post_init__(self) -> None:
        check_key_name(self.origin)
        if not 0 <= self.tree_size <= MAX_UINT64:
            raise MalformedEvidenceError(f"tree size {self.tree_size} is not an unsigned 64-bit number")
        if len(self.root_hash) != HASH_BYTES:
            raise MalformedEvidenceError(f"a root hash is {HASH_BYTES} bytes, got {len(self.root_hash)}")
        if self.tree_size == 0 and self.root_hash != EMPTY_ROOT:
            raise MalformedEvidenceError("the root hash of the empty tree is SHA-256 of nothing")

    def encode(self) -> bytes:
        """The note text that is signed: origin, size, base64 root, each with its newline; no extension lines."""
        return f"{self.origin}\n{self.tree_size}\n{base64.b64encode(self.root_hash).decode()}\n".encode()


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint whose two log signatures were verified.

    Args:
        checkpoint: the head.
        note: the note with the verified lines only, Ed25519 first: the one encoding a proof may carry.
        anchor_signature: the EIP-712 signature for ``EvidenceLog``, 65 bytes r || s || v.
    """

    checkpoint: Checkpoint
    note: str
    anchor_signature: bytes


def parse_checkpoint_body(text: str | bytes) -> Checkpoint:
    """Parse the text of a checkpoint strictly: exactly three lines, strict inverse of ``Checkpoint.encode``.

    Raises:
        MalformedEvidenceError: another number of lines (extension lines are refused), a size with a leading zero or of another
            form, a root that is not canonical base64 of 32 bytes, an origin that cannot be a key name.
    """
    try:
        lines = (text if isinstance(text, str) else text.decode()).split("\n")
    except UnicodeError as error:
        raise MalformedEvidenceError("a checkpoint is valid UTF-8") from error
    if len(lines) != 4 or lines[3]:
        raise MalformedEvidenceError("a checkpoint has exactly three lines, each with its newline")
    origin, size, root, _ = lines
    is_decimal = size.isascii() and size.isdigit() and len(size) <= _SIZE_DIGITS_MAX
    if not is_decimal or (size[0] == "0" and size != "0"):
        raise MalformedEvidenceError("a tree size is decimal without leading zeros")
    return Checkpoint(origin, int(size), decode_base64(root))


def sign_checkpoint(
    checkpoint: Checkpoint,
    checkpoint_key: Callable[[bytes], bytes],
    anchor_key: Callable[[bytes], bytes],
    identity: LogIdentity,
) -> str:
    """Sign a head twice and give the note, Ed25519 line first.

    The note is opened before it is returned: a log must never hand out a head that its own readers refuse.

    Args:
        checkpoint: the head, of the log ``identity``.
        checkpoint_key: Ed25519: message -> 64-byte signature.
        anchor_key: secp256k1: 32-byte digest -> 65-byte signature r || s || v, low s, v 27 or 28.
        identity: the log.

    Raises:
        SignatureError: a key gave a signature that does not verify for this log, so it is not the log's key.
        MalformedEvidenceError: the checkpoint is of another origin.
    """
    text = checkpoint.encode()
    digest = checkpoint_signing_digest(identity, checkpoint.tree_size, checkpoint.root_hash)
    note = _build_note(text.decode(), identity, checkpoint_key(text), anchor_key(digest))
    return open_checkpoint(note, identity).note


def open_checkpoint(note: str | bytes, identity: LogIdentity) -> VerifiedCheckpoint:
    """Parse a checkpoint note and verify both of its log's signatures.

    Raises:
        MalformedEvidenceError: not a note, not a checkpoint, or of another origin.
        SignatureError: one of the two signatures is missing, comes twice or does not verify.
    """
    signed = parse_note(note)
    checkpoint = parse_checkpoint_body(signed.text)
    if checkpoint.origin != identity.origin:
        raise MalformedEvidenceError(f"a checkpoint of {checkpoint.origin!r}, expected {identity.origin!r}")
    ed25519_signature = _the_signature(
        signed, identity.origin, ed25519_key_id(identity.origin, identity.checkpoint_key), "Ed25519"
    )
    anchor_signature = _the_signature(
        signed, identity.origin, anchor_key_id(identity.origin, identity.anchor_address), "EIP-712"
    )
    verify_ed25519(identity.checkpoint_key, signed.text.encode(), ed25519_signature)
    digest = checkpoint_signing_digest(identity, checkpoint.tree_size, checkpoint.root_hash)
    signer = recover_address(digest, anchor_signature)
    if signer != identity.anchor_address:
        raise SignatureError(
            f"the EIP-712 signature is by 0x{signer.hex()}, expected 0x{identity.anchor_address.hex()}"
        )
    verified_note = _build_note(signed.text, identity, ed25519_signature, anchor_signature)
    return VerifiedCheckpoint(checkpoint, verified_note, anchor_signature)


def _build_note(text: str, identity: LogIdentity, ed25519_signature: bytes, anchor_signature: bytes) -> str:
    origin = identity.origin
    lines = (
        SignatureLine(origin, ed25519_key_id(origin, identity.checkpoint_key), ed25519_signature),
        SignatureLine(origin, anchor_key_id(origin, identity.anchor_address), anchor_signature),
    )
    return SignedNote(text, lines).encode()


def _the_signature(signed: SignedNote, name: str, key_id: bytes, kind: str) -> bytes:
    """The one signature by the key (name, key id)."""
    found = [line.signature for line in signed.signatures if line.name == name and line.key_id == key_id]
    if len(found) != 1:
        raise SignatureError(f"a checkpoint has exactly one {kind} signature of its log, found {len(found)}")
    return found[0]
