"""The private body ``B`` of an entry and its three commitments (FORMATS.md section 2).

``B`` = ``{"event":E,"signature":null | {"alg","key_id","value"}}``. All commitments take a 32-byte salt that is random and
used for this body only.
"""

import hmac
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledger.errors import InputError, MalformedEvidenceError, NotCanonicalError
from ledger.log.canonical import JsonValue, encode_jcs, encode_string
from ledger.log.event import Event, SubmitterSignature, event_from_value
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import CompactRange
from ledger.log.sm3 import sm3
from ledger.log.strict import parse_canonical, read_object, read_string

WHOLE: Final = "whole"
FIELDS: Final = "fields"
BODY_KINDS: Final = (WHOLE, FIELDS)

SALT_BYTES: Final = 32

DOMAIN_WHOLE: Final = b"cityledger/v1/body-whole\n"
DOMAIN_FIELDS: Final = b"cityledger/v1/body-fields\n"
DOMAIN_FIELD: Final = b"cityledger/v1/field\n"
DOMAIN_SM3: Final = b"cityledger/v1/body-sm3\n"


class FieldLeaf(NamedTuple):
    """One scalar, ``{}`` or ``[]`` of ``B``, with its own 32-byte salt and its JSON pointer (RFC 6901)."""

    salt: bytes
    pointer: str
    value: JsonValue

    def encode(self) -> bytes:
        """JCS ``[hex salt, pointer, value]``: the bytes of the leaf."""
        value = encode_string(self.value) if type(self.value) is str else encode_jcs(self.value)
        return b'["%b",%b,%b]' % (self.salt.hex().encode("ascii"), encode_string(self.pointer), value)

    @property
    def leaf_hash(self) -> bytes:
        """The leaf's hash in the tree over the fields."""
        return hash_leaf(self.encode())


def body_value(event: Event) -> dict[str, JsonValue]:
    """``B`` as an object."""
    signature = event.signature
    return {"event": event.value, "signature": None if signature is None else dict(signature._asdict())}


def encode_body(event: Event) -> bytes:
    """JCS(``B``), around the bytes of ``E`` as they are."""
    if event.signature is None:
        return b'{"event":%b,"signature":null}' % event.canonical
    return b'{"event":%b,"signature":%b}' % (event.canonical, encode_jcs(dict(event.signature._asdict())))


def parse_body(raw: bytes) -> Event:
    """The event and its submitter's signature from JCS(``B``): the strict inverse of ``encode_body``.

    Raises:
        VerificationError: not canonical, or not a body that an accepted event could have.
    """
    return event_from_body_value(parse_canonical(raw, "body"))


def event_from_body_value(value: Any) -> Event:
    """As ``parse_body``, from ``B`` as an object.

    Raises:
        VerificationError: ``E`` is not the canonical form of a valid event, or the signature is malformed.
    """
    body = read_object(value, ("event", "signature"), "the body")
    try:
        event = event_from_value(body["event"])
    except InputError as error:
        raise MalformedEvidenceError(f"the body's event is not valid: {error.detail}") from error
    if event.signature is not None or event.value != body["event"]:
        raise NotCanonicalError("the body's event is not the canonical form of an event")
    if body["signature"] is None:
        return event
    parts = read_object(body["signature"], ("alg", "key_id", "value"), "the body's signature")
    signature = SubmitterSignature(
        *(read_string(parts[name], f"the signature's {name}") for name in ("alg", "key_id", "value"))
    )
    return event._replace(signature=signature)


def commit_body_whole(body: bytes, body_salt: bytes) -> bytes:
    """The commitment of kind ``whole`` to JCS(``B``)."""
    return sha256(DOMAIN_WHOLE + body_salt + body).digest()


def commit_body_sm3(body: bytes, body_salt: bytes) -> bytes:
    """The SM3 commitment to JCS(``B``)."""
    return sm3(DOMAIN_SM3 + body_salt + body)


def commit_body_fields(body: JsonValue, body_salt: bytes) -> bytes:
    """The commitment of kind ``fields`` to ``B``."""
    return commit_field_hashes([leaf.leaf_hash for leaf in field_leaves(body, body_salt)])


def commit_field_hashes(leaf_hashes: Sequence[bytes]) -> bytes:
    """The commitment of kind ``fields`` from the hashes of all leaves in order.

    The number of leaves is part of it, so that no inner node can pass as a withheld leaf.
    """
    tree = CompactRange()
    tree.extend(leaf_hashes)
    return sha256(DOMAIN_FIELDS + len(leaf_hashes).to_bytes(8, "big") + tree.root_hash()).digest()


def field_leaves(body: JsonValue, body_salt: bytes) -> list[FieldLeaf]:
    """The leaves of ``B`` in the order of the UTF-8 bytes of their pointers."""
    pointers = sorted((pointer.encode("utf-8"), pointer, value) for pointer, value in _scalars(body, ""))
    return [
        FieldLeaf(hmac.digest(body_salt, DOMAIN_FIELD + octets, "sha256"), pointer, value)
        for octets, pointer, value in pointers
    ]


def _scalars(value: JsonValue, pointer: str) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from _scalars(member, f"{pointer}/{escape_pointer_token(key)}")
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            yield from _scalars(member, f"{pointer}/{index}")
    else:
        yield pointer, value


def escape_pointer_token(key: str) -> str:
    """One member name as a reference token of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key
