"""The public entry: three commitments and a version, nothing else (FORMATS.md section 4)."""

import re
from typing import Any, Final, NamedTuple

from ledger.errors import MisuseError, NotCanonicalError
from ledger.log.body import (
    FIELDS,
    WHOLE,
    body_value,
    commit_body_fields,
    commit_body_sm3,
    commit_body_whole,
    encode_body,
)
from ledger.log.envelope import Envelope, commit_envelope
from ledger.log.event import Event
from ledger.log.hashing import hash_leaf
from ledger.log.strict import read_hex32, read_object, read_version

ENTRY_BYTES: Final = 232
"""Every entry has the same length."""

_ENTRY: Final = re.compile(rb'\{"body":"([0-9a-f]{64})","envelope":"([0-9a-f]{64})","sm3":"([0-9a-f]{64})","v":1\}')


class Entry(NamedTuple):
    """One entry; the commitments are 32 bytes each."""

    body: bytes
    envelope: bytes
    sm3: bytes

    def encode(self) -> bytes:
        """JCS of the entry: the bytes that the log hashes and publishes."""
        return (
            f'{{"body":"{self.body.hex()}","envelope":"{self.envelope.hex()}","sm3":"{self.sm3.hex()}","v":1}}'.encode(
                "ascii"
            )
        )

    def value(self) -> dict[str, Any]:
        """The entry as an object; ``encode`` is its JCS."""
        return {"body": self.body.hex(), "envelope": self.envelope.hex(), "sm3": self.sm3.hex(), "v": 1}

    @property
    def leaf_hash(self) -> bytes:
        """The hash of the entry's leaf in the log."""
        return hash_leaf(self.encode())


def parse_entry(raw: bytes) -> Entry:
    """The strict inverse of ``Entry.encode``.

    Raises:
        NotCanonicalError: any other bytes.
    """
    matched = _ENTRY.fullmatch(raw)
    if matched is None:
        raise NotCanonicalError("not a log entry of version 1")
    return Entry(*(bytes.fromhex(digits.decode("ascii")) for digits in matched.groups()))


def entry_from_value(value: Any) -> Entry:
    """The entry in a parsed JSON value.

    Raises:
        MalformedEvidenceError: another member or another type.
    """
    members = read_object(value, ("body", "envelope", "sm3", "v"), "the entry")
    read_version(members["v"], "the entry")
    return Entry(*(read_hex32(members[name], f"the entry's {name}") for name in ("body", "envelope", "sm3")))


def build_entry(event: Event, *, body_kind: str, body_salt: bytes, envelope: Envelope, envelope_salt: bytes) -> Entry:
    """The entry of an event: commits to its body by ``body_kind``, to its body by SM3, and to its envelope."""
    return commit_entry(
        event,
        encode_body(event),
        body_kind=body_kind,
        body_salt=body_salt,
        envelope=envelope.encode(),
        envelope_salt=envelope_salt,
    )


def commit_entry(
    event: Event, body: bytes, *, body_kind: str, body_salt: bytes, envelope: bytes, envelope_salt: bytes
) -> Entry:
    """As ``build_entry``, for a caller that keeps JCS(``B``) and the envelope's JCS and encodes each only once."""
    if body_kind == WHOLE:
        body_commitment = commit_body_whole(body, body_salt)
    elif body_kind == FIELDS:
        body_commitment = commit_body_fields(body_value(event), body_salt)
    else:
        raise MisuseError(f"no body kind {body_kind!r}")
    return Entry(body_commitment, commit_envelope(envelope, envelope_salt), commit_body_sm3(body, body_salt))
