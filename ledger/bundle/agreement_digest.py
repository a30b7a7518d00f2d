"""One digest over both parts of an agreement, of which any field can be shown or withheld and the rest still be checked. Pure.

The content is ``{"confidential": {...}, "disclosed": {...}}``. As with bodies of kind ``fields`` (formats.md section 2), each scalar, ``{}`` and
``[]`` is a leaf: JCS ``[hex salt_i, pointer, value]``, sorted by the UTF-8 bytes of the JSON pointer;

    salt_i = HMAC-SHA-256(part_salt, D("agreement-field") || pointer)
    digest = SHA-256(D("agreement") || uint64be(n) || root)

with ``D(x)`` = ``cityledger/v1/x`` and a line feed, n the number of leaves and root that of RFC 9162 over them. Each part has a random salt of 32
bytes of its own: whoever has the disclosed part's learns nothing of the confidential one, whose few words could be guessed with its salt. An
opening is the list of leaves, each ``[hex salt_i, pointer, value]`` or, where it is withheld, its hash in hex.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from ledger.errors import MalformedEvidenceError, MisuseError, RootMismatchError
from ledger.log.body import FieldLeaf, field_leaves
from ledger.log.canonical import JsonValue
from ledger.log.merkle import CompactRange
from ledger.log.strict import read_hex32, read_list, read_string

DOMAIN: Final = b"cityledger/v1/agreement\n"
DOMAIN_FIELD: Final = b"cityledger/v1/agreement-field\n"
SALT_BYTES: Final = 32
LEAVES_MAX: Final = 100_000
DISCLOSED: Final = "/disclosed/"
CONFIDENTIAL: Final = "/confidential/"

Field = FieldLeaf | bytes
"""A shown leaf, or the hash of a withheld one."""


@dataclass(frozen=True, slots=True)
class AgreementSalts:
    """The two parts' salts, 32 random bytes each; they differ."""

    disclosed: bytes
    confidential: bytes

    def __post_init__(self) -> None:
        if {len(self.disclosed), len(self.confidential)} != {SALT_BYTES} or self.disclosed == self.confidential:
            raise MisuseError("an agreement has two different salts of 32 bytes")


def agreement_leaves(
    disclosed: Mapping[str, JsonValue], confidential: Mapping[str, JsonValue], salts: AgreementSalts
) -> tuple[FieldLeaf, ...]:
    """The leaves of an agreement in their order; only the parties can make all of them.

    Args:
        disclosed: the disclosed part as JSON, not empty.
        confidential: the confidential part as JSON, not empty.
        salts: of both.
    """
    if not disclosed or not confidential:
        raise MisuseError("an agreement has two parts")
    # only the order and the values are taken from the body's leaves: an agreement's salts have a domain of their own
    content: dict[str, JsonValue] = {"confidential": dict(confidential), "disclosed": dict(disclosed)}
    leaves = field_leaves(content, bytes(SALT_BYTES))
    return tuple(leaf._replace(salt=_salt(leaf.pointer, salts)) for leaf in leaves)


def disclosed_leaves(disclosed: Mapping[str, JsonValue], salt: bytes) -> tuple[FieldLeaf, ...]:
    """The leaves of the disclosed part alone, in their order: after those of the confidential part, which only the parties can make.

    Args:
        disclosed: the disclosed part as JSON, not empty.
        salt: of the disclosed part, 32 bytes.
    """
    return _part_leaves("disclosed", disclosed, salt)


def confidential_leaves(confidential: Mapping[str, JsonValue], salt: bytes) -> tuple[FieldLeaf, ...]:
    """The leaves of the confidential part alone, in their order: the first ones of the agreement.

    Args:
        confidential: the confidential part as JSON, not empty.
        salt: of the confidential part, 32 bytes.
    """
    return _part_leaves("confidential", confidential, salt)


def agreement_digest(fields: Sequence[Field]) -> bytes:
    """The digest from all leaves in order, shown or withheld: 32 bytes, ``contractHash`` in hex."""
    tree = CompactRange()
    tree.extend([_leaf_hash(field) for field in fields])
    return sha256(DOMAIN + len(fields).to_bytes(8, "big") + tree.root_hash()).digest()


def withhold(fields: Iterable[Field], prefix: str) -> tuple[Field, ...]:
    """The leaves with everything below a pointer withheld, such as ``CONFIDENTIAL``; what is withheld already stays so."""
    return tuple(
        field.leaf_hash if isinstance(field, FieldLeaf) and field.pointer.startswith(prefix) else field
        for field in fields
    )


def encode_agreement_opening(fields: Iterable[Field]) -> list[JsonValue]:
    """An opening as JSON."""
    return [
        field.hex() if isinstance(field, bytes) else [field.salt.hex(), field.pointer, field.value] for field in fields
    ]


def parse_agreement_opening(value: Any) -> tuple[Field, ...]:
    """The inverse of ``encode_agreement_opening``.

    Raises:
        MalformedEvidenceError: it is none, or the pointers shown are not in ascending order.
    """
    items = read_list(value, "the opening")
    if not 1 <= len(items) <= LEAVES_MAX:
        raise MalformedEvidenceError(f"an opening has 1 to {LEAVES_MAX} leaves")
    fields = tuple(_parse_field(item) for item in items)
    pointers = [field.pointer.encode() for field in fields if isinstance(field, FieldLeaf)]
    if any(first >= second for first, second in pairwise(pointers)):
        raise MalformedEvidenceError("the pointers of an opening are in ascending order")
    return fields


def verify_agreement_opening(fields: Sequence[Field], digest: bytes) -> dict[str, JsonValue]:
    """The shown fields of an agreement, by pointer.

    Args:
        fields: every leaf, shown or withheld.
        digest: that was signed or filed.

    Raises:
        RootMismatchError: the leaves do not lead to the digest.
    """
    if not hmac.compare_digest(agreement_digest(fields), digest):
        raise RootMismatchError("the opening does not lead to the agreement's digest")
    return {field.pointer: field.value for field in fields if isinstance(field, FieldLeaf)}


def _part_leaves(name: str, part: Mapping[str, JsonValue], salt: bytes) -> tuple[FieldLeaf, ...]:
    if not part or len(salt) != SALT_BYTES:
        raise MisuseError("a part of an agreement has content, and a salt of 32 bytes")
    leaves = field_leaves({name: dict(part)}, bytes(SALT_BYTES))
    return tuple(leaf._replace(salt=_field_salt(leaf.pointer, salt)) for leaf in leaves)


def _salt(pointer: str, salts: AgreementSalts) -> bytes:
    return _field_salt(pointer, salts.disclosed if pointer.startswith(DISCLOSED) else salts.confidential)


def _field_salt(pointer: str, part_salt: bytes) -> bytes:
    return hmac.digest(part_salt, DOMAIN_FIELD + pointer.encode(), "sha256")


def _leaf_hash(field: Field) -> bytes:
    return field if isinstance(field, bytes) else field.leaf_hash


def _parse_field(item: Any) -> Field:
    if isinstance(item, str):
        return read_hex32(item, "a withheld leaf")
    parts = read_list(item, "a leaf")
    if len(parts) != 3 or (isinstance(parts[2], dict | list) and parts[2]):
        raise MalformedEvidenceError("a leaf is its salt, its pointer and one value")
    return FieldLeaf(read_hex32(parts[0], "a leaf's salt"), read_string(parts[1], "a leaf's pointer"), parts[2])
