"""The envelope: what the log keeps for ever beside the public entry, private and without personal data (section 3)."""

from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledger.errors import MalformedEvidenceError
from ledger.log.body import BODY_KINDS
from ledger.log.canonical import encode_string
from ledger.log.strict import (
    parse_canonical,
    read_count,
    read_hex32,
    read_list,
    read_object,
    read_string,
    read_time,
    read_version,
)

DOMAIN_ENVELOPE: Final = b"cityledger/v1/envelope\n"

_MEMBERS: Final = (
    "body_kind",
    "origin",
    "received_at",
    "rule_version",
    "signer_key_id",
    "submitter",
    "tags",
    "type",
    "v",
)


class Envelope(NamedTuple):
    """One envelope; ``tags`` are sorted unique pairs (kind, 64 hex digits), ``submitter`` is the body's code."""

    body_kind: str
    origin: str
    received_at: str
    rule_version: int
    signer_key_id: str | None
    submitter: str
    tags: tuple[tuple[str, str], ...]
    type: str

    def encode(self) -> bytes:
        """JCS of the envelope, by template: the members' order and every constant are known."""
        signer = b"null" if self.signer_key_id is None else encode_string(self.signer_key_id)
        # Kinds and hex need no escapes.
        tags = ",".join([f'["{kind}","{tag}"]' for kind, tag in self.tags])
        return (
            b'{"body_kind":"%b","origin":%b,"received_at":"%b","rule_version":%d,"signer_key_id":%b,"submitter":%b,'
            b'"tags":[%b],"type":%b,"v":1}'
        ) % (
            self.body_kind.encode("ascii"),
            encode_string(self.origin),
            self.received_at.encode("ascii"),
            self.rule_version,
            signer,
            encode_string(self.submitter),
            tags.encode("ascii"),
            encode_string(self.type),
        )

    def value(self) -> dict[str, Any]:
        """The envelope as an object; ``encode`` is its JCS."""
        return {
            "body_kind": self.body_kind,
            "origin": self.origin,
            "received_at": self.received_at,
            "rule_version": self.rule_version,
            "signer_key_id": self.signer_key_id,
            "submitter": self.submitter,
            "tags": [list(tag) for tag in self.tags],
            "type": self.type,
            "v": 1,
        }


def parse_envelope(raw: bytes) -> Envelope:
    """The strict inverse of ``Envelope.encode``.

    Raises:
        VerificationError: malformed or not canonical.
    """
    return envelope_from_value(parse_canonical(raw, "envelope"))


def envelope_from_value(value: Any) -> Envelope:
    """The envelope in a parsed JSON value.

    Raises:
        MalformedEvidenceError: another member, another type, or tags that are not sorted and unique.
    """
    members = read_object(value, _MEMBERS, "the envelope")
    read_version(members["v"], "the envelope")
    body_kind = members["body_kind"]
    if body_kind not in BODY_KINDS:
        raise MalformedEvidenceError(f"the envelope's body_kind is none of {', '.join(BODY_KINDS)}")
    signer = members["signer_key_id"]
    return Envelope(
        body_kind,
        read_string(members["origin"], "the envelope's origin"),
        read_time(members["received_at"], "the envelope's received_at"),
        read_count(members["rule_version"], "the envelope's rule_version"),
        None if signer is None else read_string(signer, "the envelope's signer_key_id"),
        read_string(members["submitter"], "the envelope's submitter"),
        _read_tags(members["tags"]),
        read_string(members["type"], "the envelope's type"),
    )


def _read_tags(value: Any) -> tuple[tuple[str, str], ...]:
    tags = []
    for pair in read_list(value, "the envelope's tags"):
        if not isinstance(pair, list) or len(pair) != 2:
            raise MalformedEvidenceError("a tag of the envelope is not a pair")
        kind, tag = pair
        read_hex32(tag, "a tag of the envelope")
        name = read_string(kind, "a tag's kind")
        if not (name.isascii() and name.isalpha() and name.islower()):
            raise MalformedEvidenceError("a tag's kind is not lower-case letters")
        tags.append((name, tag))
    if tags != sorted(set(tags)):
        raise MalformedEvidenceError("the envelope's tags are not sorted and unique")
    return tuple(tags)


def commit_envelope(envelope: bytes, envelope_salt: bytes) -> bytes:
    """The commitment to the envelope's JCS; the 32-byte salt is random, and independent of the body's."""
    return sha256(DOMAIN_ENVELOPE + envelope_salt + envelope).digest()
