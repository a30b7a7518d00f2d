"""The interface of ``RevenueSettlement``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    BasisKind,
    BookingTerms,
    ComponentProof,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    Line,
    LineKey,
    LineProof,
    PackedAmountsTooLarge,
    PartWeights,
    PartyActExpired,
    PartyActWrongSigner,
    PartySignature,
    PartySigned,
    PayBasis,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
    StatementRange,
)


@dataclass(frozen=True, slots=True)
class RevenueSettlementAlreadyBooked(AbiRevert):
    """Error ``RevenueSettlementAlreadyBooked``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a74957f4")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementBasisNotAllowed(AbiRevert):
    """Error ``RevenueSettlementBasisNotAllowed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", BasisKind),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("3cdfeb48")
    line_id: bytes
    basis: BasisKind


@dataclass(frozen=True, slots=True)
class RevenueSettlementCeilingCurrency(AbiRevert):
    """Error ``RevenueSettlementCeilingCurrency``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes3"),
        Field("bytes3"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b50b6caf")
    expected: bytes
    currency: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementForeignStream(AbiRevert):
    """Error ``RevenueSettlementForeignStream``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("391e68a2")
    stream_id: bytes
    agreement_id: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementGrossTooHigh(AbiRevert):
    """Error ``RevenueSettlementGrossTooHigh``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9edc80f5")
    gross: int
    maximum: int


@dataclass(frozen=True, slots=True)
class RevenueSettlementNoCode(AbiRevert):
    """Error ``RevenueSettlementNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ca18e658")
    target: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementOutsideValidity(AbiRevert):
    """Error ``RevenueSettlementOutsideValidity``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("35bd934a")
    line_id: bytes
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class RevenueSettlementRulingDoesNotAward(AbiRevert):
    """Error ``RevenueSettlementRulingDoesNotAward``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("c3978cea")
    dispute_id: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementUnknownCurrency(AbiRevert):
    """Error ``RevenueSettlementUnknownCurrency``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes3"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("3b2c93b4")
    currency: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementUnknownLine(AbiRevert):
    """Error ``RevenueSettlementUnknownLine``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes28"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("74fdbe78")
    line_id: bytes
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementUnknownTable(AbiRevert):
    """Error ``RevenueSettlementUnknownTable``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("75aabe95")
    table_id: int


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongComponent(AbiRevert):
    """Error ``RevenueSettlementWrongComponent``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("dc35e92f")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongCorrection(AbiRevert):
    """Error ``RevenueSettlementWrongCorrection``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9d6912a9")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongGross(AbiRevert):
    """Error ``RevenueSettlementWrongGross``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b9f8d63c")
    gross: int
    expected: int


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongNonce(AbiRevert):
    """Error ``RevenueSettlementWrongNonce``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("515253a6")
    expected: int
    nonce: int


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongPeriod(AbiRevert):
    """Error ``RevenueSettlementWrongPeriod``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("bytes3"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("209bf0fe")
    period: int
    currency: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongRanges(AbiRevert):
    """Error ``RevenueSettlementWrongRanges``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a9bcb2fc")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongTerms(AbiRevert):
    """Error ``RevenueSettlementWrongTerms``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("5c875a5a")
    agreement_id: bytes
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongVersion(AbiRevert):
    """Error ``RevenueSettlementWrongVersion``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint16"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4903ba7e")
    table_version: int


@dataclass(frozen=True, slots=True)
class RevenueSettlementWrongWeights(AbiRevert):
    """Error ``RevenueSettlementWrongWeights``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("fb283fc2")
    weights_id: bytes
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class LineBooked(AbiEvent):
    """Event ``LineBooked``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64)", Line),
        Field("uint16"),
        Field("bytes32[]"),
        Field("int64[]"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("13708aa9a9bca109ee4bfeefed375c88bc97904d3c962ce799dafbf619f9d2e9")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    )
    line_id: bytes
    table_id: int
    agreement_id: bytes
    line: Line
    place: int
    recipients: tuple[bytes, ...]
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableOpened(AbiEvent):
    """Event ``TableOpened``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("bytes32"),
        Field("uint32"),
        Field("bytes3"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("4c4f5964f202d28c7beb6f58334216b98834733a2a89261736ebbb604ee3a7f6")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    table_id: int
    proposer: bytes
    period: int
    currency: bytes


@dataclass(frozen=True, slots=True)
class BookingEvidence(AbiStruct):
    """Struct ``BookingEvidence``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("(bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32)", BookingTerms),
        Field(
            "(bytes32[],uint256,(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[]))",
            ComponentProof,
        ),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("uint32[]"),
        Field("(bytes32,uint64,uint64)[]", StatementRange),
    )
    terms: BookingTerms
    component: ComponentProof
    weights: PartWeights
    shares: tuple[int, ...]
    ranges: tuple[StatementRange, ...]


@dataclass(frozen=True, slots=True)
class LineRecord(AbiStruct):
    """Struct ``LineRecord``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes28"),
        Field("uint16"),
        Field("uint8"),
        Field("uint8", PayBasis),
    )
    content_hash: bytes
    place: int
    recipients: int
    pay_basis: PayBasis


@dataclass(frozen=True, slots=True)
class Table(AbiStruct):
    """Struct ``Table``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes3"),
    )
    proposer: bytes
    period: int
    currency: bytes


@dataclass(frozen=True, slots=True)
class VersionBook(AbiStruct):
    """Struct ``VersionBook``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes28"),
        Field("uint16"),
        Field("bool"),
    )
    lines_digest: bytes
    line_count: int
    has_public: bool


def encode_amounts_of(*, line_id: bytes, table_id: int, table_version: int) -> bytes:
    """Call data of ``amountsOf``."""
    return encode_call(
        bytes.fromhex("802f3e1f"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("uint16"),
        ),
        (
            line_id,
            table_id,
            table_version,
        ),
    )


def decode_amounts_of(answer: bytes) -> tuple[int, ...]:
    """What ``amountsOf`` answers."""
    result: tuple[int, ...] = decode_answer((Field("int64[]"),), answer)[0]
    return result


def encode_book_correction(
    *,
    line: Line,
    original: LineProof,
    evidence: BookingEvidence,
    proposer: PartySignature,
    parties: tuple[PartySignature, ...],
) -> bytes:
    """Call data of ``bookCorrection``."""
    return encode_call(
        bytes.fromhex("f5cb9f0f"),
        (
            Field(
                "((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64)", Line
            ),
            Field(
                "(((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64),bytes32[])",
                LineProof,
            ),
            Field(
                "((bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32),(bytes32[],uint256,(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[])),(uint32,uint32,uint32),uint32[],(bytes32,uint64,uint64)[])",
                BookingEvidence,
            ),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            line,
            original,
            evidence,
            proposer,
            parties,
        ),
    )


def decode_book_correction(answer: bytes) -> bytes:
    """What ``bookCorrection`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_book_line(*, line: Line, evidence: BookingEvidence, proposer: PartySignature) -> bytes:
    """Call data of ``bookLine``."""
    return encode_call(
        bytes.fromhex("e21da749"),
        (
            Field(
                "((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64)", Line
            ),
            Field(
                "((bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32),(bytes32[],uint256,(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[])),(uint32,uint32,uint32),uint32[],(bytes32,uint64,uint64)[])",
                BookingEvidence,
            ),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            line,
            evidence,
            proposer,
        ),
    )


def decode_book_line(answer: bytes) -> bytes:
    """What ``bookLine`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_line_id_of(*, key: LineKey) -> bytes:
    """Call data of ``lineIdOf``."""
    return encode_call(bytes.fromhex("7465a812"), (Field("(bytes32,uint8,uint32,bytes3,uint16)", LineKey),), (key,))


def decode_line_id_of(answer: bytes) -> bytes:
    """What ``lineIdOf`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_line_of(*, line_id: bytes, table_id: int, table_version: int) -> bytes:
    """Call data of ``lineOf``."""
    return encode_call(
        bytes.fromhex("0a773ab6"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("uint16"),
        ),
        (
            line_id,
            table_id,
            table_version,
        ),
    )


def decode_line_of(answer: bytes) -> LineRecord:
    """What ``lineOf`` answers."""
    result: LineRecord = decode_answer((Field("(bytes28,uint16,uint8,uint8)", LineRecord),), answer)[0]
    return result


def encode_open_table(*, nonce: int, period: int, currency: bytes, proposer: PartySignature) -> bytes:
    """Call data of ``openTable``."""
    return encode_call(
        bytes.fromhex("e15176cd"),
        (
            Field("uint32"),
            Field("uint32"),
            Field("bytes3"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            nonce,
            period,
            currency,
            proposer,
        ),
    )


def decode_open_table(answer: bytes) -> int:
    """What ``openTable`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_opened_by(*, proposer: bytes) -> bytes:
    """Call data of ``openedBy``."""
    return encode_call(bytes.fromhex("1c780563"), (Field("bytes32"),), (proposer,))


def decode_opened_by(answer: bytes) -> int:
    """What ``openedBy`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_require_booked(*, proof: LineProof) -> bytes:
    """Call data of ``requireBooked``."""
    return encode_call(
        bytes.fromhex("51e5dfae"),
        (
            Field(
                "(((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64),bytes32[])",
                LineProof,
            ),
        ),
        (proof,),
    )


def decode_require_booked(answer: bytes) -> tuple[bytes, LineRecord]:
    """What ``requireBooked`` answers: line_id, record."""
    result: tuple[bytes, LineRecord] = decode_answer(
        (
            Field("bytes32"),
            Field("(bytes28,uint16,uint8,uint8)", LineRecord),
        ),
        answer,
    )
    return result


def encode_table_count() -> bytes:
    """Call data of ``tableCount``."""
    return encode_call(bytes.fromhex("4155fc5b"), (), ())


def decode_table_count(answer: bytes) -> int:
    """What ``tableCount`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_table_of(*, table_id: int) -> bytes:
    """Call data of ``tableOf``."""
    return encode_call(bytes.fromhex("02c3ebcb"), (Field("uint32"),), (table_id,))


def decode_table_of(answer: bytes) -> Table:
    """What ``tableOf`` answers."""
    result: Table = decode_answer((Field("(bytes32,uint32,bytes3)", Table),), answer)[0]
    return result


def encode_version_book(*, table_id: int, table_version: int) -> bytes:
    """Call data of ``versionBook``."""
    return encode_call(
        bytes.fromhex("9f04bb24"),
        (
            Field("uint32"),
            Field("uint16"),
        ),
        (
            table_id,
            table_version,
        ),
    )


def decode_version_book(answer: bytes) -> VersionBook:
    """What ``versionBook`` answers."""
    result: VersionBook = decode_answer((Field("(bytes28,uint16,bool)", VersionBook),), answer)[0]
    return result


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    LineBooked,
    PartySigned,
    TableOpened,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    PartyActExpired,
    PartyActWrongSigner,
    RevenueSettlementAlreadyBooked,
    RevenueSettlementBasisNotAllowed,
    RevenueSettlementCeilingCurrency,
    RevenueSettlementForeignStream,
    RevenueSettlementGrossTooHigh,
    RevenueSettlementNoCode,
    RevenueSettlementOutsideValidity,
    RevenueSettlementRulingDoesNotAward,
    RevenueSettlementUnknownCurrency,
    RevenueSettlementUnknownLine,
    RevenueSettlementUnknownTable,
    RevenueSettlementWrongComponent,
    RevenueSettlementWrongCorrection,
    RevenueSettlementWrongGross,
    RevenueSettlementWrongNonce,
    RevenueSettlementWrongPeriod,
    RevenueSettlementWrongRanges,
    RevenueSettlementWrongTerms,
    RevenueSettlementWrongVersion,
    RevenueSettlementWrongWeights,
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
