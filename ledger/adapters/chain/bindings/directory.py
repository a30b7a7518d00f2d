"""The interface of ``Directory``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    AuthorityUpdated,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)


@dataclass(frozen=True, slots=True)
class DirectoryAlreadyCurrent(AbiRevert):
    """Error ``DirectoryAlreadyCurrent``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("address"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9fcbc1d4")
    name: bytes
    location: bytes


@dataclass(frozen=True, slots=True)
class DirectoryEmptyName(AbiRevert):
    """Error ``DirectoryEmptyName``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9176c816")


@dataclass(frozen=True, slots=True)
class DirectoryNoCode(AbiRevert):
    """Error ``DirectoryNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4012601d")
    location: bytes


@dataclass(frozen=True, slots=True)
class DirectoryUnknownEntry(AbiRevert):
    """Error ``DirectoryUnknownEntry``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("497f5c00")
    name: bytes
    version: int


@dataclass(frozen=True, slots=True)
class ContractListed(AbiEvent):
    """Event ``ContractListed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
        Field("address"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("646693aed383965756dbaead7892b2a716e46b6c620be0f8970e16ed3984dafa")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    name: bytes
    version: int
    location: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Entry(AbiStruct):
    """Struct ``Entry``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("address"),
        Field("uint64"),
        Field("bytes32"),
    )
    location: bytes
    listed_at: int
    code_hash: bytes


def encode_current(*, name: bytes) -> bytes:
    """Call data of ``current``."""
    return encode_call(bytes.fromhex("75b03455"), (Field("bytes32"),), (name,))


def decode_current(answer: bytes) -> tuple[Entry, int]:
    """What ``current`` answers: entry, version."""
    result: tuple[Entry, int] = decode_answer(
        (
            Field("(address,uint64,bytes32)", Entry),
            Field("uint256"),
        ),
        answer,
    )
    return result


def encode_entry_of(*, name: bytes, version: int) -> bytes:
    """Call data of ``entryOf``."""
    return encode_call(
        bytes.fromhex("a478db22"),
        (
            Field("bytes32"),
            Field("uint256"),
        ),
        (
            name,
            version,
        ),
    )


def decode_entry_of(answer: bytes) -> Entry:
    """What ``entryOf`` answers."""
    result: Entry = decode_answer((Field("(address,uint64,bytes32)", Entry),), answer)[0]
    return result


def encode_list(*, name: bytes, location: bytes) -> bytes:
    """Call data of ``list``."""
    return encode_call(
        bytes.fromhex("bfb6810e"),
        (
            Field("bytes32"),
            Field("address"),
        ),
        (
            name,
            location,
        ),
    )


def decode_list(answer: bytes) -> int:
    """What ``list`` answers."""
    result: int = decode_answer((Field("uint256"),), answer)[0]
    return result


def encode_names() -> bytes:
    """Call data of ``names``."""
    return encode_call(bytes.fromhex("056da048"), (), ())


def decode_names(answer: bytes) -> tuple[bytes, ...]:
    """What ``names`` answers."""
    result: tuple[bytes, ...] = decode_answer((Field("bytes32[]"),), answer)[0]
    return result


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    ContractListed,
    AuthorityUpdated,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    DirectoryAlreadyCurrent,
    DirectoryEmptyName,
    DirectoryNoCode,
    DirectoryUnknownEntry,
    AgreementTermsMismatch,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)
