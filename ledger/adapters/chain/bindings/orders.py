"""The interface of ``Orders``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    PartyActExpired,
    PartyActWrongSigner,
    PartySignature,
    PartySigned,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)


@dataclass(frozen=True, slots=True)
class OrdersAlreadyPlaced(AbiRevert):
    """Error ``OrdersAlreadyPlaced``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("0740e031")
    order_id: bytes


@dataclass(frozen=True, slots=True)
class OrdersContentMismatch(AbiRevert):
    """Error ``OrdersContentMismatch``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("7a42436a")
    order_id: bytes
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class OrdersExpired(AbiRevert):
    """Error ``OrdersExpired``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("dd236533")
    order_id: bytes
    valid_until: int


@dataclass(frozen=True, slots=True)
class OrdersNoCode(AbiRevert):
    """Error ``OrdersNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("5f964329")
    account: bytes


@dataclass(frozen=True, slots=True)
class OrdersWrongAgreement(AbiRevert):
    """Error ``OrdersWrongAgreement``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("749179c0")
    order_id: bytes
    agreement_id: bytes


class OrderStatus(IntEnum):
    """Enum ``OrderStatus``."""

    UNKNOWN = 0
    PLACED = 1
    CONFIRMED = 2
    CONTRACTED = 3
    REJECTED = 4
    WITHDRAWN = 5
    CANCELLED = 6


@dataclass(frozen=True, slots=True)
class OrdersWrongClosing(AbiRevert):
    """Error ``OrdersWrongClosing``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", OrderStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a42a5f7a")
    order_id: bytes
    status: OrderStatus


@dataclass(frozen=True, slots=True)
class OrdersWrongProvider(AbiRevert):
    """Error ``OrdersWrongProvider``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("0169e121")
    order_id: bytes
    provider: bytes


@dataclass(frozen=True, slots=True)
class OrdersWrongStatus(AbiRevert):
    """Error ``OrdersWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", OrderStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("7e9fc533")
    order_id: bytes
    status: OrderStatus


@dataclass(frozen=True, slots=True)
class OrdersZeroDigest(AbiRevert):
    """Error ``OrdersZeroDigest``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("0fa2d7a4")


@dataclass(frozen=True, slots=True)
class OrderClosed(AbiEvent):
    """Event ``OrderClosed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", OrderStatus),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("c7a926846d998fb94e2e2534010289abd20250eb9867a577302e0c7f91722b5e")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
    )
    order_id: bytes
    status: OrderStatus
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class OrderConfirmed(AbiEvent):
    """Event ``OrderConfirmed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    TOPIC: ClassVar[bytes] = bytes.fromhex("027631263e23bef717bc3e6111c73c0e6600933fbacc5868456a31ff1c111107")
    INDEXED: ClassVar[tuple[bool, ...]] = (True,)
    order_id: bytes


@dataclass(frozen=True, slots=True)
class OrderContracted(AbiEvent):
    """Event ``OrderContracted``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("131d52afd20987b164c4343744c553a109deba6779c3dd84b0f09e5949179814")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
    )
    order_id: bytes
    agreement_id: bytes


class OrderKind(IntEnum):
    """Enum ``OrderKind``."""

    SINGLE = 0
    CALL_OFF = 1


@dataclass(frozen=True, slots=True)
class Order(AbiStruct):
    """Struct ``Order``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", OrderKind),
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
    )
    order_id: bytes
    kind: OrderKind
    product_id: bytes
    product_version: int
    provider: bytes
    consumer: bytes
    agreement_id: bytes
    quantity: int
    price_rule_digest: bytes
    content_digest: bytes
    valid_until: int


@dataclass(frozen=True, slots=True)
class OrderPlaced(AbiEvent):
    """Event ``OrderPlaced``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(bytes32,uint8,bytes32,uint32,bytes32,bytes32,bytes32,uint64,bytes32,bytes32,uint64)", Order),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("56b6ec23324b7d1f1d53930540471d76ba5dc93d2aafa76f6092dadf3f4e5b2e")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    order_id: bytes
    consumer: bytes
    provider: bytes
    order: Order


@dataclass(frozen=True, slots=True)
class OrderRecord(AbiStruct):
    """Struct ``OrderRecord``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", OrderStatus),
        Field("uint8", OrderKind),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
    )
    status: OrderStatus
    kind: OrderKind
    provider: bytes
    consumer: bytes
    agreement_id: bytes
    order_hash: bytes
    valid_until: int


def encode_agreements() -> bytes:
    """Call data of ``agreements``."""
    return encode_call(bytes.fromhex("4f4b4fa7"), (), ())


def decode_agreements(answer: bytes) -> bytes:
    """What ``agreements`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_attach_agreement(*, order: Order, agreement_id: bytes) -> bytes:
    """Call data of ``attachAgreement``."""
    return encode_call(
        bytes.fromhex("265585e3"),
        (
            Field("(bytes32,uint8,bytes32,uint32,bytes32,bytes32,bytes32,uint64,bytes32,bytes32,uint64)", Order),
            Field("bytes32"),
        ),
        (
            order,
            agreement_id,
        ),
    )


def encode_close(*, order_id: bytes, status: OrderStatus, reason_digest: bytes, party: PartySignature) -> bytes:
    """Call data of ``close``."""
    return encode_call(
        bytes.fromhex("5089eefd"),
        (
            Field("bytes32"),
            Field("uint8", OrderStatus),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            order_id,
            status,
            reason_digest,
            party,
        ),
    )


def encode_confirm(*, order: Order, provider: PartySignature) -> bytes:
    """Call data of ``confirm``."""
    return encode_call(
        bytes.fromhex("3e16d886"),
        (
            Field("(bytes32,uint8,bytes32,uint32,bytes32,bytes32,bytes32,uint64,bytes32,bytes32,uint64)", Order),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            order,
            provider,
        ),
    )


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_order_of(*, order_id: bytes) -> bytes:
    """Call data of ``orderOf``."""
    return encode_call(bytes.fromhex("d5a014e5"), (Field("bytes32"),), (order_id,))


def decode_order_of(answer: bytes) -> OrderRecord:
    """What ``orderOf`` answers."""
    result: OrderRecord = decode_answer(
        (Field("(uint8,uint8,bytes32,bytes32,bytes32,bytes32,uint64)", OrderRecord),), answer
    )[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_place(*, order: Order, consumer: PartySignature) -> bytes:
    """Call data of ``place``."""
    return encode_call(
        bytes.fromhex("851bc5c6"),
        (
            Field("(bytes32,uint8,bytes32,uint32,bytes32,bytes32,bytes32,uint64,bytes32,bytes32,uint64)", Order),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            order,
            consumer,
        ),
    )


def encode_products() -> bytes:
    """Call data of ``products``."""
    return encode_call(bytes.fromhex("c71e261f"), (), ())


def decode_products(answer: bytes) -> bytes:
    """What ``products`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    OrderClosed,
    OrderConfirmed,
    OrderContracted,
    OrderPlaced,
    PartySigned,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    OrdersAlreadyPlaced,
    OrdersContentMismatch,
    OrdersExpired,
    OrdersNoCode,
    OrdersWrongAgreement,
    OrdersWrongClosing,
    OrdersWrongProvider,
    OrdersWrongStatus,
    OrdersZeroDigest,
    PartyActExpired,
    PartyActWrongSigner,
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
