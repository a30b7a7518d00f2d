"""The interface of ``Disputes``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    BookingTerms,
    ComponentProof,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    LineKey,
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
class DisputesArbitratorNotIndependent(AbiRevert):
    """Error ``DisputesArbitratorNotIndependent``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f566f7d2")
    arbitrator: bytes


@dataclass(frozen=True, slots=True)
class DisputesExtendedAlready(AbiRevert):
    """Error ``DisputesExtendedAlready``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("fba2f3f9")
    dispute_id: bytes


@dataclass(frozen=True, slots=True)
class DisputesFrozenAlready(AbiRevert):
    """Error ``DisputesFrozenAlready``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4f551012")
    line_id: bytes
    payee: bytes


@dataclass(frozen=True, slots=True)
class DisputesNoCode(AbiRevert):
    """Error ``DisputesNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("6087ecff")
    target: bytes


@dataclass(frozen=True, slots=True)
class DisputesNotConcerned(AbiRevert):
    """Error ``DisputesNotConcerned``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("061f3845")
    body: bytes


@dataclass(frozen=True, slots=True)
class DisputesOwnAmount(AbiRevert):
    """Error ``DisputesOwnAmount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("12a0b7e5")
    body: bytes


@dataclass(frozen=True, slots=True)
class DisputesResolutionSignatures(AbiRevert):
    """Error ``DisputesResolutionSignatures``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("184b8c56")
    signatures: int


@dataclass(frozen=True, slots=True)
class DisputesTooManyFreezes(AbiRevert):
    """Error ``DisputesTooManyFreezes``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b3d590ea")
    line_id: bytes
    payee: bytes


@dataclass(frozen=True, slots=True)
class DisputesUnknownCase(AbiRevert):
    """Error ``DisputesUnknownCase``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a6f88967")
    dispute_id: bytes


@dataclass(frozen=True, slots=True)
class DisputesWrongAward(AbiRevert):
    """Error ``DisputesWrongAward``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("bbf65d33")
    awarded_units: int
    contested_units: int


@dataclass(frozen=True, slots=True)
class DisputesWrongNonce(AbiRevert):
    """Error ``DisputesWrongNonce``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("e25d1bf5")
    expected: int
    nonce: int


@dataclass(frozen=True, slots=True)
class DisputesWrongReviewDate(AbiRevert):
    """Error ``DisputesWrongReviewDate``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("d2f8e42f")
    review_at: int
    latest: int


class DisputeStatus(IntEnum):
    """Enum ``DisputeStatus``."""

    UNKNOWN = 0
    OPEN = 1
    RULED = 2
    SETTLED = 3
    WITHDRAWN = 4


@dataclass(frozen=True, slots=True)
class DisputesWrongStatus(AbiRevert):
    """Error ``DisputesWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", DisputeStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("edf3dd41")
    dispute_id: bytes
    status: DisputeStatus


@dataclass(frozen=True, slots=True)
class DisputesWrongSubject(AbiRevert):
    """Error ``DisputesWrongSubject``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4e7c0363")
    agreement_id: bytes


@dataclass(frozen=True, slots=True)
class DisputesZeroDigest(AbiRevert):
    """Error ``DisputesZeroDigest``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a0db4145")


class Subject(IntEnum):
    """Enum ``Subject``."""

    AGREEMENT = 0
    STATEMENT = 1
    LINE = 2


@dataclass(frozen=True, slots=True)
class DisputeCase(AbiStruct):
    """Struct ``DisputeCase``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
        Field("uint8", Subject),
        Field("bytes32"),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
        Field("bytes32"),
    )
    agreement_id: bytes
    nonce: int
    subject: Subject
    stream_id: bytes
    index: int
    line_id: bytes
    frozen_payee: bytes
    frozen_amount: int
    review_at: int
    grounds_digest: bytes


@dataclass(frozen=True, slots=True)
class DisputeOpened(AbiEvent):
    """Event ``DisputeOpened``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(bytes32,uint256,uint8,bytes32,uint64,bytes32,bytes32,uint64,uint64,bytes32)", DisputeCase),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("1d41e2dcb02137de4431d82a38734b83fda16851ca4ace96c88272614e0fc5d4")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    dispute_id: bytes
    agreement_id: bytes
    opener: bytes
    dispute_case: DisputeCase


@dataclass(frozen=True, slots=True)
class DisputeResolved(AbiEvent):
    """Event ``DisputeResolved``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", DisputeStatus),
        Field("bytes32"),
        Field("uint64"),
        Field("bool"),
        Field("uint64"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("a4e5e05d3ed8bac160dd120151a18c983501f5b9c85b0af2b1967ee373fcd52a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
        False,
        False,
        False,
        False,
    )
    dispute_id: bytes
    status: DisputeStatus
    ruling_digest: bytes
    awarded_units: int
    corrects_gross: bool
    base_gross: int
    corrected_gross: int


@dataclass(frozen=True, slots=True)
class DisputeWithdrawn(AbiEvent):
    """Event ``DisputeWithdrawn``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("7a3234b3865e8cb2f889c2f48c869a50b51a14b116fb40281df416dacb8a93f7")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    dispute_id: bytes
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class FreezeExtended(AbiEvent):
    """Event ``FreezeExtended``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("bb25af1ccb4c466bde039386834e3b3f10fc2a121d0636eedc818d869b95ae4d")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    dispute_id: bytes
    review_at: int


@dataclass(frozen=True, slots=True)
class Award(AbiStruct):
    """Struct ``Award``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", DisputeStatus),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("bool"),
        Field("uint64"),
        Field("uint64"),
    )
    status: DisputeStatus
    agreement_id: bytes
    line_id: bytes
    awarded_units: int
    corrects_gross: bool
    base_gross: int
    corrected_gross: int


@dataclass(frozen=True, slots=True)
class DisputeRecord(AbiStruct):
    """Struct ``DisputeRecord``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", DisputeStatus),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint8", Subject),
        Field("bytes32"),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
        Field("uint32"),
        Field("bytes32"),
        Field("uint64"),
        Field("bool"),
        Field("uint64"),
        Field("uint64"),
    )
    status: DisputeStatus
    agreement_id: bytes
    opener: bytes
    subject: Subject
    stream_id: bytes
    index: int
    line_id: bytes
    frozen_payee: bytes
    frozen_amount: int
    review_at: int
    extensions: int
    ruling_digest: bytes
    awarded_units: int
    corrects_gross: bool
    base_gross: int
    corrected_gross: int


@dataclass(frozen=True, slots=True)
class CaseProof(AbiStruct):
    """Struct ``CaseProof``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("(bytes32,uint8,uint32,bytes3,uint16)", LineKey),
        Field("(bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32)", BookingTerms),
        Field(
            "(bytes32[],uint256,(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[]))",
            ComponentProof,
        ),
        Field("uint256"),
        Field("uint256"),
    )
    line: LineKey
    booking_terms: BookingTerms
    component: ComponentProof
    opener: int
    payee: int


def encode_agreements() -> bytes:
    """Call data of ``agreements``."""
    return encode_call(bytes.fromhex("4f4b4fa7"), (), ())


def decode_agreements(answer: bytes) -> bytes:
    """What ``agreements`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_award_of(*, dispute_id: bytes) -> bytes:
    """Call data of ``awardOf``."""
    return encode_call(bytes.fromhex("9ce66347"), (Field("bytes32"),), (dispute_id,))


def decode_award_of(answer: bytes) -> Award:
    """What ``awardOf`` answers."""
    result: Award = decode_answer((Field("(uint8,bytes32,bytes32,uint64,bool,uint64,uint64)", Award),), answer)[0]
    return result


def encode_awarded_units(*, stream_id: bytes, index: int) -> bytes:
    """Call data of ``awardedUnits``."""
    return encode_call(
        bytes.fromhex("28efcc08"),
        (
            Field("bytes32"),
            Field("uint64"),
        ),
        (
            stream_id,
            index,
        ),
    )


def decode_awarded_units(answer: bytes) -> int:
    """What ``awardedUnits`` answers."""
    result: int = decode_answer((Field("uint64"),), answer)[0]
    return result


def encode_case_count(*, agreement_id: bytes, opener: bytes) -> bytes:
    """Call data of ``caseCount``."""
    return encode_call(
        bytes.fromhex("897ba10f"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            agreement_id,
            opener,
        ),
    )


def decode_case_count(answer: bytes) -> int:
    """What ``caseCount`` answers."""
    result: int = decode_answer((Field("uint256"),), answer)[0]
    return result


def encode_dispute_of(*, dispute_id: bytes) -> bytes:
    """Call data of ``disputeOf``."""
    return encode_call(bytes.fromhex("9427c7d6"), (Field("bytes32"),), (dispute_id,))


def decode_dispute_of(answer: bytes) -> DisputeRecord:
    """What ``disputeOf`` answers."""
    result: DisputeRecord = decode_answer(
        (
            Field(
                "(uint8,bytes32,bytes32,uint8,bytes32,uint64,bytes32,bytes32,uint64,uint64,uint32,bytes32,uint64,bool,uint64,uint64)",
                DisputeRecord,
            ),
        ),
        answer,
    )[0]
    return result


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_extend_freeze(*, dispute_id: bytes, review_at: int, nonce: int, arbitrator: PartySignature) -> bytes:
    """Call data of ``extendFreeze``."""
    return encode_call(
        bytes.fromhex("8a734972"),
        (
            Field("bytes32"),
            Field("uint64"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            dispute_id,
            review_at,
            nonce,
            arbitrator,
        ),
    )


def encode_freezes_of(*, line_id: bytes, payee: bytes) -> bytes:
    """Call data of ``freezesOf``."""
    return encode_call(
        bytes.fromhex("24c8e162"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            line_id,
            payee,
        ),
    )


def decode_freezes_of(answer: bytes) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """What ``freezesOf`` answers: dispute_ids, amounts."""
    result: tuple[tuple[bytes, ...], tuple[int, ...]] = decode_answer(
        (
            Field("bytes32[]"),
            Field("uint64[]"),
        ),
        answer,
    )
    return result


def encode_frozen_amount(*, line_id: bytes, payee: bytes) -> bytes:
    """Call data of ``frozenAmount``."""
    return encode_call(
        bytes.fromhex("327cefb0"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            line_id,
            payee,
        ),
    )


def decode_frozen_amount(answer: bytes) -> int:
    """What ``frozenAmount`` answers."""
    result: int = decode_answer((Field("uint64"),), answer)[0]
    return result


def encode_max_freeze_seconds() -> bytes:
    """Call data of ``maxFreezeSeconds``."""
    return encode_call(bytes.fromhex("407e37b6"), (), ())


def decode_max_freeze_seconds(answer: bytes) -> int:
    """What ``maxFreezeSeconds`` answers."""
    result: int = decode_answer((Field("uint64"),), answer)[0]
    return result


def encode_open(*, dispute_case: DisputeCase, proof: CaseProof, opener: PartySignature) -> bytes:
    """Call data of ``open``."""
    return encode_call(
        bytes.fromhex("1c87c7a7"),
        (
            Field("(bytes32,uint256,uint8,bytes32,uint64,bytes32,bytes32,uint64,uint64,bytes32)", DisputeCase),
            Field(
                "((bytes32,uint8,uint32,bytes3,uint16),(bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32),(bytes32[],uint256,(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[])),uint256,uint256)",
                CaseProof,
            ),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            dispute_case,
            proof,
            opener,
        ),
    )


def decode_open(answer: bytes) -> bytes:
    """What ``open`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_receipts() -> bytes:
    """Call data of ``receipts``."""
    return encode_call(bytes.fromhex("f400b10e"), (), ())


def decode_receipts(answer: bytes) -> bytes:
    """What ``receipts`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_resolve(
    *,
    dispute_id: bytes,
    ruling_digest: bytes,
    units_awarded: int,
    corrects_gross: bool,
    base_gross: int,
    corrected_gross: int,
    signers: tuple[PartySignature, ...],
) -> bytes:
    """Call data of ``resolve``."""
    return encode_call(
        bytes.fromhex("9d9d96fd"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint64"),
            Field("bool"),
            Field("uint64"),
            Field("uint64"),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            dispute_id,
            ruling_digest,
            units_awarded,
            corrects_gross,
            base_gross,
            corrected_gross,
            signers,
        ),
    )


def encode_withdraw(*, dispute_id: bytes, reason_digest: bytes, opener: PartySignature) -> bytes:
    """Call data of ``withdraw``."""
    return encode_call(
        bytes.fromhex("2dc172cf"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            dispute_id,
            reason_digest,
            opener,
        ),
    )


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    DisputeOpened,
    DisputeResolved,
    DisputeWithdrawn,
    FreezeExtended,
    PartySigned,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    DisputesArbitratorNotIndependent,
    DisputesExtendedAlready,
    DisputesFrozenAlready,
    DisputesNoCode,
    DisputesNotConcerned,
    DisputesOwnAmount,
    DisputesResolutionSignatures,
    DisputesTooManyFreezes,
    DisputesUnknownCase,
    DisputesWrongAward,
    DisputesWrongNonce,
    DisputesWrongReviewDate,
    DisputesWrongStatus,
    DisputesWrongSubject,
    DisputesZeroDigest,
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
