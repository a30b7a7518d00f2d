"""The interface of ``DeliveryReceipts``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

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
class DeliveryReceiptsAgreementNotInForce(AbiRevert):
    """Error ``DeliveryReceiptsAgreementNotInForce``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("cb13ee88")
    agreement_id: bytes
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsAlreadyOpened(AbiRevert):
    """Error ``DeliveryReceiptsAlreadyOpened``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("dd505d96")
    stream_id: bytes


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsAnswerTooLate(AbiRevert):
    """Error ``DeliveryReceiptsAnswerTooLate``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("cd15ab03")
    statement_id: bytes
    answer_until: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsEmptyRange(AbiRevert):
    """Error ``DeliveryReceiptsEmptyRange``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("88462f9e")
    first_sequence: int
    next_sequence: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsGap(AbiRevert):
    """Error ``DeliveryReceiptsGap``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("46d4b006")
    stream_id: bytes
    next_sequence: int
    first_sequence: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsNoCode(AbiRevert):
    """Error ``DeliveryReceiptsNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("19e77a23")
    target: bytes


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsNotAnswered(AbiRevert):
    """Error ``DeliveryReceiptsNotAnswered``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("258c6723")
    stream_id: bytes
    index: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsNotLapsed(AbiRevert):
    """Error ``DeliveryReceiptsNotLapsed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f236d4c7")
    statement_id: bytes
    silent_until: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsOverlap(AbiRevert):
    """Error ``DeliveryReceiptsOverlap``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ceea61e2")
    stream_id: bytes
    next_sequence: int
    first_sequence: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsUnknownStream(AbiRevert):
    """Error ``DeliveryReceiptsUnknownStream``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("288bb22d")
    stream_id: bytes


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsWrongAnswer(AbiRevert):
    """Error ``DeliveryReceiptsWrongAnswer``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b2f2d076")
    units: int
    accepted_units: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsWrongIndex(AbiRevert):
    """Error ``DeliveryReceiptsWrongIndex``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("099a6d9e")
    stream_id: bytes
    expected: int
    index: int


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsWrongRange(AbiRevert):
    """Error ``DeliveryReceiptsWrongRange``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ea43df9f")
    stream_id: bytes
    first_index: int
    next_index: int


class StatementStatus(IntEnum):
    """Enum ``StatementStatus``."""

    UNKNOWN = 0
    CLAIMED = 1
    ACKNOWLEDGED = 2
    DISPUTED = 3
    LAPSED = 4
    UNANSWERED = 5


@dataclass(frozen=True, slots=True)
class DeliveryReceiptsWrongStatus(AbiRevert):
    """Error ``DeliveryReceiptsWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", StatementStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f73114d1")
    statement_id: bytes
    status: StatementStatus


@dataclass(frozen=True, slots=True)
class GapVoided(AbiEvent):
    """Event ``GapVoided``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("fb5ea795f099d4bdee861f39c8335083406d0cde9c79d20c7f483fc2d831cdc9")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
        False,
    )
    stream_id: bytes
    first_sequence: int
    next_sequence: int
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class StatementAnswered(AbiEvent):
    """Event ``StatementAnswered``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", StatementStatus),
        Field("uint64"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("8c5cfbb06c5ae4153e085aaaf29b1a4ffe27165def7a1089cf0c7ee0e23a3309")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
        False,
    )
    statement_id: bytes
    status: StatementStatus
    accepted_units: int
    grounds_digest: bytes


@dataclass(frozen=True, slots=True)
class StreamOpened(AbiEvent):
    """Event ``StreamOpened``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("7e37077af3309cd9a5cd773dbf700875b0ba06bde1197711f01f5fa2018da643")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    stream_id: bytes
    agreement_id: bytes
    connector_id: bytes
    first_sequence: int


@dataclass(frozen=True, slots=True)
class UsageClaim(AbiStruct):
    """Struct ``UsageClaim``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
        Field("uint64"),
        Field("uint64"),
        Field("uint64"),
        Field("uint64"),
        Field("bytes32"),
        Field("uint32"),
    )
    stream_id: bytes
    index: int
    first_sequence: int
    next_sequence: int
    units: int
    records: int
    byte_count: int
    batch_root: bytes
    service_period: int


@dataclass(frozen=True, slots=True)
class UsageClaimed(AbiEvent):
    """Event ``UsageClaimed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("(bytes32,uint64,uint64,uint64,uint64,uint64,uint64,bytes32,uint32)", UsageClaim),
        Field("uint48"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("fac6fed2e1b10316bcd189e3ddf416e79e1120640f3592b54805cb1707f4c962")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
    )
    statement_id: bytes
    stream_id: bytes
    index: int
    claim: UsageClaim
    answer_until: int


@dataclass(frozen=True, slots=True)
class Statement(AbiStruct):
    """Struct ``Statement``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", StatementStatus),
        Field("uint48"),
        Field("uint64"),
        Field("uint64"),
    )
    claim_hash: bytes
    status: StatementStatus
    answer_until: int
    units: int
    accepted_units: int


@dataclass(frozen=True, slots=True)
class Stream(AbiStruct):
    """Struct ``Stream``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
        Field("bool"),
    )
    agreement_id: bytes
    next_sequence: int
    statements: int
    is_open: bool


def encode_agreements() -> bytes:
    """Call data of ``agreements``."""
    return encode_call(bytes.fromhex("4f4b4fa7"), (), ())


def decode_agreements(answer: bytes) -> bytes:
    """What ``agreements`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_answer(
    *, stream_id: bytes, index: int, accepted_units: int, grounds_digest: bytes, consumer: PartySignature
) -> bytes:
    """Call data of ``answer``."""
    return encode_call(
        bytes.fromhex("b911d1fb"),
        (
            Field("bytes32"),
            Field("uint64"),
            Field("uint64"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            stream_id,
            index,
            accepted_units,
            grounds_digest,
            consumer,
        ),
    )


def encode_chargeable_units(*, stream_id: bytes, first_index: int, next_index: int) -> bytes:
    """Call data of ``chargeableUnits``."""
    return encode_call(
        bytes.fromhex("e82b8efb"),
        (
            Field("bytes32"),
            Field("uint64"),
            Field("uint64"),
        ),
        (
            stream_id,
            first_index,
            next_index,
        ),
    )


def decode_chargeable_units(answer: bytes) -> tuple[bytes, int]:
    """What ``chargeableUnits`` answers: agreement_id, units."""
    result: tuple[bytes, int] = decode_answer(
        (
            Field("bytes32"),
            Field("uint256"),
        ),
        answer,
    )
    return result


def encode_contested_units(*, stream_id: bytes, index: int) -> bytes:
    """Call data of ``contestedUnits``."""
    return encode_call(
        bytes.fromhex("1621915b"),
        (
            Field("bytes32"),
            Field("uint64"),
        ),
        (
            stream_id,
            index,
        ),
    )


def decode_contested_units(answer: bytes) -> tuple[bytes, int]:
    """What ``contestedUnits`` answers: agreement_id, units."""
    result: tuple[bytes, int] = decode_answer(
        (
            Field("bytes32"),
            Field("uint64"),
        ),
        answer,
    )
    return result


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_lapse(*, stream_id: bytes, index: int) -> bytes:
    """Call data of ``lapse``."""
    return encode_call(
        bytes.fromhex("649e09f1"),
        (
            Field("bytes32"),
            Field("uint64"),
        ),
        (
            stream_id,
            index,
        ),
    )


def encode_open_stream(
    *, agreement_id: bytes, connector_id: bytes, first_sequence: int, provider: PartySignature, consumer: PartySignature
) -> bytes:
    """Call data of ``openStream``."""
    return encode_call(
        bytes.fromhex("aeaa2ca1"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint64"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            agreement_id,
            connector_id,
            first_sequence,
            provider,
            consumer,
        ),
    )


def decode_open_stream(answer: bytes) -> bytes:
    """What ``openStream`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_parties_of(*, stream_id: bytes) -> bytes:
    """Call data of ``partiesOf``."""
    return encode_call(bytes.fromhex("f6ba4c1b"), (Field("bytes32"),), (stream_id,))


def decode_parties_of(answer: bytes) -> tuple[bytes, bytes]:
    """What ``partiesOf`` answers: provider, consumer."""
    result: tuple[bytes, bytes] = decode_answer(
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        answer,
    )
    return result


def encode_products() -> bytes:
    """Call data of ``products``."""
    return encode_call(bytes.fromhex("c71e261f"), (), ())


def decode_products(answer: bytes) -> bytes:
    """What ``products`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_state(*, claim: UsageClaim, provider: PartySignature) -> bytes:
    """Call data of ``state``."""
    return encode_call(
        bytes.fromhex("80ae06b1"),
        (
            Field("(bytes32,uint64,uint64,uint64,uint64,uint64,uint64,bytes32,uint32)", UsageClaim),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            claim,
            provider,
        ),
    )


def decode_state(answer: bytes) -> bytes:
    """What ``state`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_state_acknowledged(*, claim: UsageClaim, provider: PartySignature, consumer: PartySignature) -> bytes:
    """Call data of ``stateAcknowledged``."""
    return encode_call(
        bytes.fromhex("e36768f1"),
        (
            Field("(bytes32,uint64,uint64,uint64,uint64,uint64,uint64,bytes32,uint32)", UsageClaim),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            claim,
            provider,
            consumer,
        ),
    )


def decode_state_acknowledged(answer: bytes) -> bytes:
    """What ``stateAcknowledged`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_statement_of(*, stream_id: bytes, index: int) -> bytes:
    """Call data of ``statementOf``."""
    return encode_call(
        bytes.fromhex("d0fde1a3"),
        (
            Field("bytes32"),
            Field("uint64"),
        ),
        (
            stream_id,
            index,
        ),
    )


def decode_statement_of(answer: bytes) -> Statement:
    """What ``statementOf`` answers."""
    result: Statement = decode_answer((Field("(bytes32,uint8,uint48,uint64,uint64)", Statement),), answer)[0]
    return result


def encode_stream_of(*, stream_id: bytes) -> bytes:
    """Call data of ``streamOf``."""
    return encode_call(bytes.fromhex("9bc926b8"), (Field("bytes32"),), (stream_id,))


def decode_stream_of(answer: bytes) -> Stream:
    """What ``streamOf`` answers."""
    result: Stream = decode_answer((Field("(bytes32,uint64,uint64,bool)", Stream),), answer)[0]
    return result


def encode_void_gap(
    *,
    stream_id: bytes,
    first_sequence: int,
    next_sequence: int,
    reason_digest: bytes,
    provider: PartySignature,
    consumer: PartySignature,
) -> bytes:
    """Call data of ``voidGap``."""
    return encode_call(
        bytes.fromhex("477f2ac5"),
        (
            Field("bytes32"),
            Field("uint64"),
            Field("uint64"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            stream_id,
            first_sequence,
            next_sequence,
            reason_digest,
            provider,
            consumer,
        ),
    )


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    GapVoided,
    PartySigned,
    StatementAnswered,
    StreamOpened,
    UsageClaimed,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    DeliveryReceiptsAgreementNotInForce,
    DeliveryReceiptsAlreadyOpened,
    DeliveryReceiptsAnswerTooLate,
    DeliveryReceiptsEmptyRange,
    DeliveryReceiptsGap,
    DeliveryReceiptsNoCode,
    DeliveryReceiptsNotAnswered,
    DeliveryReceiptsNotLapsed,
    DeliveryReceiptsOverlap,
    DeliveryReceiptsUnknownStream,
    DeliveryReceiptsWrongAnswer,
    DeliveryReceiptsWrongIndex,
    DeliveryReceiptsWrongRange,
    DeliveryReceiptsWrongStatus,
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
