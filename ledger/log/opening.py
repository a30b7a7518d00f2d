"""Openings: what lets a holder check that a public entry commits to an event (FORMATS.md section 7).

===========  =====================================================================  ==========================
form         ``body``                                                               ``body_salt``
===========  =====================================================================  ==========================
full         ``B``                                                                  its salt
redacted     list, in leaf order, of ``[salt_i, pointer, value]`` or hex leaf hash  null
erased       null                                                                   null
===========  =====================================================================  ==========================

The envelope and its salt are always there. Only bodies of kind ``fields`` can be redacted.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ledger.errors import InputError, MalformedEvidenceError
from ledger.log.body import (
    FIELDS,
    WHOLE,
    FieldLeaf,
    body_value,
    commit_body_fields,
    commit_body_sm3,
    commit_body_whole,
    commit_field_hashes,
    encode_body,
    event_from_body_value,
    field_leaves,
)
from ledger.log.canonical import JsonValue, encode_jcs
from ledger.log.entry import Entry
from ledger.log.envelope import Envelope, commit_envelope, envelope_from_value
from ledger.log.event import Event
from ledger.log.strict import parse_canonical, read_hex32, read_list, read_object, read_string, read_version

_MEMBERS: Final = ("body", "body_salt", "envelope", "envelope_salt", "v")

Field = FieldLeaf | bytes
"""A disclosed leaf, or the 32-byte hash of a withheld one."""


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


class Finding(NamedTuple):
    """The outcome for one part of an entry (``envelope``, ``body`` or ``sm3``), with a sentence for a person."""

    part: str
    outcome: Outcome
    detail: str


class Opening(NamedTuple):
    """One opening. Full: ``event`` and ``body_salt``; redacted: ``fields``; erased: none of the three."""

    event: Event | None
    fields: tuple[Field, ...] | None
    body_salt: bytes | None
    envelope: Envelope
    envelope_salt: bytes

    @property
    def is_erased(self) -> bool:
        """Nothing of the body is left."""
        return self.event is None and self.fields is None

    def value(self) -> dict[str, Any]:
        """The opening as an object; ``encode`` is its JCS."""
        body: Any = None
        if self.event is not None:
            body = body_value(self.event)
        elif self.fields is not None:
            body = [field.hex() if isinstance(field, bytes) else _leaf_value(field) for field in self.fields]
        return {
            "body": body,
            "body_salt": None if self.body_salt is None else self.body_salt.hex(),
            "envelope": self.envelope.value(),
            "envelope_salt": self.envelope_salt.hex(),
            "v": 1,
        }

    def encode(self) -> bytes:
        """JCS of the opening."""
        return encode_jcs(self.value())


def build_opening(event: Event, body_salt: bytes, envelope: Envelope, envelope_salt: bytes) -> Opening:
    """The full opening."""
    return Opening(event, None, body_salt, envelope, envelope_salt)


def build_erased_opening(envelope: Envelope, envelope_salt: bytes) -> Opening:
    """What is left of an opening after the erasure of its body."""
    return Opening(None, None, None, envelope, envelope_salt)


def redact(opening: Opening, pointers: Iterable[str]) -> Opening:
    """The opening without the fields at these JSON pointers into ``B``, and without all that lies below them.

    Works on full openings and, to withhold more, on redacted ones.

    Raises:
        InputError: the body is not of kind ``fields``, nothing is left of it, or a pointer finds nothing that is disclosed (so
            that a spelling mistake does not disclose what was to be withheld).
    """
    if opening.envelope.body_kind != FIELDS:
        raise InputError("a body of kind whole cannot be redacted")
    fields: Sequence[Field]
    if opening.event is not None and opening.body_salt is not None:
        fields = field_leaves(body_value(opening.event), opening.body_salt)
    elif opening.fields is not None:
        fields = opening.fields
    else:
        raise InputError("nothing is left of an erased body")
    wanted = list(pointers)
    unused = set(wanted)
    kept: list[Field] = []
    for field in fields:
        if isinstance(field, bytes):
            kept.append(field)
            continue
        covering = [
            pointer for pointer in wanted if field.pointer == pointer or field.pointer.startswith(f"{pointer}/")
        ]
        unused.difference_update(covering)
        kept.append(field.leaf_hash if covering else field)
    if unused:
        raise InputError(f"no disclosed field at {', '.join(sorted(unused))}")
    return Opening(None, tuple(kept), None, opening.envelope, opening.envelope_salt)


def parse_opening(raw: bytes) -> Opening:
    """The strict inverse of ``Opening.encode``.

    Raises:
        VerificationError: malformed or not canonical.
    """
    return opening_from_value(parse_canonical(raw, "opening"))


def opening_from_value(value: Any) -> Opening:
    """The opening in a parsed JSON value.

    Raises:
        VerificationError: none of the three forms.
    """
    members = read_object(value, _MEMBERS, "the opening")
    read_version(members["v"], "the opening")
    envelope = envelope_from_value(members["envelope"])
    envelope_salt = read_hex32(members["envelope_salt"], "the envelope's salt")
    body, salt = members["body"], members["body_salt"]
    if isinstance(body, dict):
        event = event_from_body_value(body)
        return Opening(event, None, read_hex32(salt, "the body's salt"), envelope, envelope_salt)
    if salt is not None:
        raise MalformedEvidenceError("only a full opening has the body's salt")
    if body is None:
        return Opening(None, None, None, envelope, envelope_salt)
    fields = tuple(_read_field(item) for item in read_list(body, "the opening's body"))
    if envelope.body_kind != FIELDS:
        raise MalformedEvidenceError("only a body of kind fields can be redacted")
    _check_order([field.pointer for field in fields if isinstance(field, FieldLeaf)])
    return Opening(None, fields, None, envelope, envelope_salt)


def verify_opening(entry: Entry, opening: Opening) -> list[Finding]:
    """Whether the entry commits to what the opening shows: one finding each for envelope, body and sm3."""
    return [_check_envelope(entry, opening), _check_body(entry, opening), _check_sm3(entry, opening)]


def disclosed_fields(opening: Opening) -> dict[str, JsonValue]:
    """Pointer into ``B`` -> value of every field that the opening shows."""
    if opening.event is not None:
        # The salts do not matter here, only what the leaves are.
        return {leaf.pointer: leaf.value for leaf in field_leaves(body_value(opening.event), b"")}
    return {field.pointer: field.value for field in opening.fields or () if isinstance(field, FieldLeaf)}


def _check_envelope(entry: Entry, opening: Opening) -> Finding:
    if commit_envelope(opening.envelope.encode(), opening.envelope_salt) != entry.envelope:
        return Finding("envelope", Outcome.FAILED, "the entry does not commit to this envelope")
    fields = disclosed_fields(opening)
    if fields.get("/event/type", opening.envelope.type) != opening.envelope.type:
        return Finding("envelope", Outcome.FAILED, "the envelope names another event type than the body")
    signer = opening.envelope.signer_key_id
    if ("/signature" in fields and signer is not None) or fields.get("/signature/key_id", signer) != signer:
        return Finding("envelope", Outcome.FAILED, "the envelope names another signer than the body")
    return Finding("envelope", Outcome.PASSED, "the entry commits to this envelope")


def _check_body(entry: Entry, opening: Opening) -> Finding:
    if opening.is_erased:
        return Finding("body", Outcome.NOT_CHECKED, "the body was erased")
    if opening.event is not None and opening.body_salt is not None:
        if opening.envelope.body_kind == WHOLE:
            commitment = commit_body_whole(encode_body(opening.event), opening.body_salt)
        else:
            commitment = commit_body_fields(body_value(opening.event), opening.body_salt)
        shown = "this body"
    else:
        fields = opening.fields or ()
        commitment = commit_field_hashes([field if isinstance(field, bytes) else field.leaf_hash for field in fields])
        withheld = sum(isinstance(field, bytes) for field in fields)
        shown = f"a body with these {len(fields) - withheld} fields and {withheld} withheld ones"
    if commitment != entry.body:
        return Finding("body", Outcome.FAILED, f"the entry does not commit to {shown}")
    return Finding("body", Outcome.PASSED, f"the entry commits to {shown}")


def _check_sm3(entry: Entry, opening: Opening) -> Finding:
    if opening.event is None or opening.body_salt is None:
        why = "the body was erased" if opening.is_erased else "it covers the whole body, and fields are withheld"
        return Finding("sm3", Outcome.NOT_CHECKED, why)
    if commit_body_sm3(encode_body(opening.event), opening.body_salt) != entry.sm3:
        return Finding("sm3", Outcome.FAILED, "the entry's SM3 does not commit to this body")
    return Finding("sm3", Outcome.PASSED, "the entry's SM3 commits to this body")


def _leaf_value(leaf: FieldLeaf) -> list[Any]:
    return [leaf.salt.hex(), leaf.pointer, leaf.value]


def _read_field(value: Any) -> Field:
    if isinstance(value, str):
        return read_hex32(value, "a withheld field")
    if not isinstance(value, list) or len(value) != 3:
        raise MalformedEvidenceError("a disclosed field is not [salt, pointer, value]")
    salt, pointer, scalar = value
    if isinstance(scalar, dict | list) and scalar:
        raise MalformedEvidenceError("a field's value is an object or array with members")
    text = read_string(pointer, "a field's pointer")
    if not text.startswith("/"):
        raise MalformedEvidenceError("a field's pointer does not begin with /")
    return FieldLeaf(read_hex32(salt, "a field's salt"), text, scalar)


def _check_order(pointers: list[str]) -> None:
    """Each pointer once, sorted by UTF-8 bytes, and no field that lies inside another."""
    octets = [pointer.encode("utf-8") for pointer in pointers]
    if any(left >= right for left, right in pairwise(octets)):
        raise MalformedEvidenceError("the disclosed fields are not in leaf order")
    known = set(pointers)
    for pointer in pointers:
        parents = pointer.split("/")
        if any("/".join(parents[:length]) in known for length in range(2, len(parents))):
            raise MalformedEvidenceError("a disclosed field lies inside another")
