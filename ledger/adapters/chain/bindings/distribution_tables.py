"""The interface of ``DistributionTables``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    LineProof,
    Objection,
    ObjectionsAlreadyFiled,
    ObjectionsNotAffected,
    ObjectionsReviewerNotIndependent,
    ObjectionStatus,
    ObjectionsUnknownObjection,
    ObjectionsWindowClosed,
    ObjectionsWrongAmount,
    ObjectionsWrongStatus,
    ObjectionsWrongTime,
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
    StatementRange,
)


@dataclass(frozen=True, slots=True)
class DistributionTablesAlreadyFinal(AbiRevert):
    """Error ``DistributionTablesAlreadyFinal``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a8a07ed2")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesBasisUsed(AbiRevert):
    """Error ``DistributionTablesBasisUsed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("bd452902")
    basis_hash: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesCorrectsCorrection(AbiRevert):
    """Error ``DistributionTablesCorrectsCorrection``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("929da0d2")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesNoCode(AbiRevert):
    """Error ``DistributionTablesNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("30cc2b43")
    location: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesNotBegun(AbiRevert):
    """Error ``DistributionTablesNotBegun``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4b2611d7")
    line_id: bytes
    valid_from: int


@dataclass(frozen=True, slots=True)
class DistributionTablesNotCovered(AbiRevert):
    """Error ``DistributionTablesNotCovered``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b7a70403")
    line_id: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesObjected(AbiRevert):
    """Error ``DistributionTablesObjected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint16"),
        Field("bool"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("df2f3993")
    line_id: bytes
    pending: int
    upheld: bool


@dataclass(frozen=True, slots=True)
class DistributionTablesOutsideValidity(AbiRevert):
    """Error ``DistributionTablesOutsideValidity``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("70430c53")
    line_id: bytes
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class DistributionTablesReplaced(AbiRevert):
    """Error ``DistributionTablesReplaced``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint16"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("0611aa85")
    line_id: bytes
    table_version: int


@dataclass(frozen=True, slots=True)
class DistributionTablesUnitsSettled(AbiRevert):
    """Error ``DistributionTablesUnitsSettled``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("93e615bd")
    line_id: bytes
    range: int


@dataclass(frozen=True, slots=True)
class DistributionTablesWindowOpen(AbiRevert):
    """Error ``DistributionTablesWindowOpen``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("2f8babec")
    line_id: bytes
    window_ends: int


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongBase(AbiRevert):
    """Error ``DistributionTablesWrongBase``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("dad237a3")
    line_id: bytes
    current_gross: int


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongLines(AbiRevert):
    """Error ``DistributionTablesWrongLines``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint16"),
        Field("bytes28"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f30d701b")
    line_count: int
    lines_digest: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongProposal(AbiRevert):
    """Error ``DistributionTablesWrongProposal``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("66b984ec")
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongPublisher(AbiRevert):
    """Error ``DistributionTablesWrongPublisher``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("742e557d")
    body: bytes


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongRanges(AbiRevert):
    """Error ``DistributionTablesWrongRanges``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("199938b3")
    line_id: bytes


class VersionStatus(IntEnum):
    """Enum ``VersionStatus``."""

    UNKNOWN = 0
    PROPOSED = 1
    SIGNED = 2
    PUBLISHED = 3


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongStatus(AbiRevert):
    """Error ``DistributionTablesWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("uint8", VersionStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("34ed3fa8")
    table_id: int
    table_version: int
    status: VersionStatus


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongVersion(AbiRevert):
    """Error ``DistributionTablesWrongVersion``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("uint16"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b1f29e78")
    table_id: int
    expected: int
    table_version: int


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongWeights(AbiRevert):
    """Error ``DistributionTablesWrongWeights``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint16"),
        Field("uint16"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("56bd9a55")
    line_id: bytes
    expected: int
    weights_revision: int


@dataclass(frozen=True, slots=True)
class DistributionTablesWrongWindow(AbiRevert):
    """Error ``DistributionTablesWrongWindow``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("80d04404")
    window_seconds: int
    floor_seconds: int


@dataclass(frozen=True, slots=True)
class LineCorrected(AbiEvent):
    """Event ``LineCorrected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("c0ba22e71ea41b41f511343dd2a27bc117c59aa9d41b41696677409dfc9ade0a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    line_id: bytes
    correction: bytes
    current_gross: int


@dataclass(frozen=True, slots=True)
class LineFinalized(AbiEvent):
    """Event ``LineFinalized``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("uint16"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("187f5d946456c0d06cccfa78a624a30aea25c228d04875e4cd1049129fac0f89")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
    )
    line_id: bytes
    table_id: int
    table_version: int


@dataclass(frozen=True, slots=True)
class ObjectionFiled(AbiEvent):
    """Event ``ObjectionFiled``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(uint8,bytes32,bytes32,uint32,uint16,uint64,uint48,uint48)", Objection),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("f61b952c50eb494c797b48e0d80b6916eaf225db8c7a5186dde8ca16418fd76a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
    )
    objection_id: bytes
    line_id: bytes
    objector: bytes
    objection: Objection
    grounds_digest: bytes


@dataclass(frozen=True, slots=True)
class ObjectionMoved(AbiEvent):
    """Event ``ObjectionMoved``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", ObjectionStatus),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("f874cd5fc5a9b02a83ca4bb0bb00fe9650e5aae666bb45486a5ed78daf2ee634")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
    )
    objection_id: bytes
    status: ObjectionStatus
    digest: bytes


@dataclass(frozen=True, slots=True)
class Proposal(AbiStruct):
    """Struct ``Proposal``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("uint16"),
        Field("bytes28"),
        Field("uint32"),
        Field("bytes32"),
    )
    table_id: int
    table_version: int
    line_count: int
    lines_digest: bytes
    window_seconds: int
    calendar_digest: bytes


@dataclass(frozen=True, slots=True)
class TableProposed(AbiEvent):
    """Event ``TableProposed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("bytes32"),
        Field("(uint32,uint16,uint16,bytes28,uint32,bytes32)", Proposal),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("9fd11871ac06dad1d2f3f4573d6ff81a684693b3d5a7c0efe3e1818857c1a423")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    table_id: int
    table_version: int
    proposer: bytes
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class TablePublished(AbiEvent):
    """Event ``TablePublished``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint48"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("1d77f94d2a7812b6e2bb9b6494d7e7ff57e84a17171a1c17e98ca4f06a1d7aa0")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
    )
    table_id: int
    table_version: int
    by: bytes
    publication_digest: bytes
    window_ends: int


@dataclass(frozen=True, slots=True)
class TableSigned(AbiEvent):
    """Event ``TableSigned``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("be96fbf4cf676f0a9f2aeff16487f37f34d0bf6c28aa34116168eea01fddcd39")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
    )
    table_id: int
    table_version: int
    second: bytes


@dataclass(frozen=True, slots=True)
class Finality(AbiStruct):
    """Struct ``Finality``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint16"),
        Field("uint16"),
        Field("uint64"),
        Field("bool"),
    )
    table_id: int
    table_version: int
    weights_revision: int
    current_gross: int
    is_correction: bool


@dataclass(frozen=True, slots=True)
class VersionRecord(AbiStruct):
    """Struct ``VersionRecord``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", VersionStatus),
        Field("bool"),
        Field("bool"),
        Field("uint16"),
        Field("uint32"),
        Field("uint48"),
        Field("uint48"),
        Field("bytes32"),
    )
    proposal_hash: bytes
    status: VersionStatus
    published_by_proposer: bool
    published_by_second: bool
    line_count: int
    window_seconds: int
    window_ends: int
    proposed_at: int
    second: bytes


def encode_advance_objection(*, objection_id: bytes) -> bytes:
    """Call data of ``advanceObjection``."""
    return encode_call(bytes.fromhex("e2484aec"), (Field("bytes32"),), (objection_id,))


def encode_answer_objection(
    *, objection_id: bytes, upheld: bool, answer_digest: bytes, proposer: PartySignature, second: PartySignature
) -> bytes:
    """Call data of ``answerObjection``."""
    return encode_call(
        bytes.fromhex("e8f6b765"),
        (
            Field("bytes32"),
            Field("bool"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            objection_id,
            upheld,
            answer_digest,
            proposer,
            second,
        ),
    )


def encode_decide_review(
    *, objection_id: bytes, upheld: bool, decision_digest: bytes, reviewer: PartySignature
) -> bytes:
    """Call data of ``decideReview``."""
    return encode_call(
        bytes.fromhex("a1c048fb"),
        (
            Field("bytes32"),
            Field("bool"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            objection_id,
            upheld,
            decision_digest,
            reviewer,
        ),
    )


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_finality_of(*, line_id: bytes) -> bytes:
    """Call data of ``finalityOf``."""
    return encode_call(bytes.fromhex("8f8bdb73"), (Field("bytes32"),), (line_id,))


def decode_finality_of(answer: bytes) -> Finality:
    """What ``finalityOf`` answers."""
    result: Finality = decode_answer((Field("(uint32,uint16,uint16,uint64,bool)", Finality),), answer)[0]
    return result


def encode_finalize_line(*, proof: LineProof, ranges: tuple[StatementRange, ...]) -> bytes:
    """Call data of ``finalizeLine``."""
    return encode_call(
        bytes.fromhex("5b4b55f8"),
        (
            Field(
                "(((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64),bytes32[])",
                LineProof,
            ),
            Field("(bytes32,uint64,uint64)[]", StatementRange),
        ),
        (
            proof,
            ranges,
        ),
    )


def encode_object(*, proof: LineProof, amount: int, grounds_digest: bytes, objector: PartySignature) -> bytes:
    """Call data of ``object``."""
    return encode_call(
        bytes.fromhex("b08c2ad2"),
        (
            Field(
                "(((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64),bytes32[])",
                LineProof,
            ),
            Field("uint64"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            proof,
            amount,
            grounds_digest,
            objector,
        ),
    )


def decode_object(answer: bytes) -> bytes:
    """What ``object`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_objection_of(*, objection_id: bytes) -> bytes:
    """Call data of ``objectionOf``."""
    return encode_call(bytes.fromhex("5266920a"), (Field("bytes32"),), (objection_id,))


def decode_objection_of(answer: bytes) -> Objection:
    """What ``objectionOf`` answers."""
    result: Objection = decode_answer(
        (Field("(uint8,bytes32,bytes32,uint32,uint16,uint64,uint48,uint48)", Objection),), answer
    )[0]
    return result


def encode_objection_periods() -> bytes:
    """Call data of ``objectionPeriods``."""
    return encode_call(bytes.fromhex("51ed300b"), (), ())


def decode_objection_periods(answer: bytes) -> tuple[int, int]:
    """What ``objectionPeriods`` answers: answer_seconds, review_seconds."""
    result: tuple[int, int] = decode_answer(
        (
            Field("uint32"),
            Field("uint32"),
        ),
        answer,
    )
    return result


def encode_objections_against(*, line_id: bytes, table_id: int, table_version: int) -> bytes:
    """Call data of ``objectionsAgainst``."""
    return encode_call(
        bytes.fromhex("285735c9"),
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


def decode_objections_against(answer: bytes) -> tuple[int, bool, int]:
    """What ``objectionsAgainst`` answers: pending, upheld, frozen."""
    result: tuple[int, bool, int] = decode_answer(
        (
            Field("uint16"),
            Field("bool"),
            Field("uint64"),
        ),
        answer,
    )
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_propose(*, proposal: Proposal, proposer: PartySignature) -> bytes:
    """Call data of ``propose``."""
    return encode_call(
        bytes.fromhex("5f8e2ff1"),
        (
            Field("(uint32,uint16,uint16,bytes28,uint32,bytes32)", Proposal),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            proposal,
            proposer,
        ),
    )


def encode_record_publication(*, proposal: Proposal, publication_digest: bytes, publisher: PartySignature) -> bytes:
    """Call data of ``recordPublication``."""
    return encode_call(
        bytes.fromhex("b91ffaa0"),
        (
            Field("(uint32,uint16,uint16,bytes28,uint32,bytes32)", Proposal),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            proposal,
            publication_digest,
            publisher,
        ),
    )


def encode_request_review(*, objection_id: bytes, grounds_digest: bytes, objector: PartySignature) -> bytes:
    """Call data of ``requestReview``."""
    return encode_call(
        bytes.fromhex("fd0d8d08"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            objection_id,
            grounds_digest,
            objector,
        ),
    )


def encode_sign(*, proposal: Proposal, second: PartySignature) -> bytes:
    """Call data of ``sign``."""
    return encode_call(
        bytes.fromhex("c34be4d5"),
        (
            Field("(uint32,uint16,uint16,bytes28,uint32,bytes32)", Proposal),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            proposal,
            second,
        ),
    )


def encode_signed_version(*, table_id: int) -> bytes:
    """Call data of ``signedVersion``."""
    return encode_call(bytes.fromhex("396baea1"), (Field("uint32"),), (table_id,))


def decode_signed_version(answer: bytes) -> int:
    """What ``signedVersion`` answers."""
    result: int = decode_answer((Field("uint16"),), answer)[0]
    return result


def encode_version_of(*, table_id: int, table_version: int) -> bytes:
    """Call data of ``versionOf``."""
    return encode_call(
        bytes.fromhex("80fa5cd7"),
        (
            Field("uint32"),
            Field("uint16"),
        ),
        (
            table_id,
            table_version,
        ),
    )


def decode_version_of(answer: bytes) -> VersionRecord:
    """What ``versionOf`` answers."""
    result: VersionRecord = decode_answer(
        (Field("(bytes32,uint8,bool,bool,uint16,uint32,uint48,uint48,bytes32)", VersionRecord),), answer
    )[0]
    return result


def encode_window_floor() -> bytes:
    """Call data of ``windowFloor``."""
    return encode_call(bytes.fromhex("68ceca31"), (), ())


def decode_window_floor(answer: bytes) -> int:
    """What ``windowFloor`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_withdraw_objection(*, objection_id: bytes, reason_digest: bytes, objector: PartySignature) -> bytes:
    """Call data of ``withdrawObjection``."""
    return encode_call(
        bytes.fromhex("c2ee952c"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            objection_id,
            reason_digest,
            objector,
        ),
    )


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    LineCorrected,
    LineFinalized,
    ObjectionFiled,
    ObjectionMoved,
    PartySigned,
    TableProposed,
    TablePublished,
    TableSigned,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    DistributionTablesAlreadyFinal,
    DistributionTablesBasisUsed,
    DistributionTablesCorrectsCorrection,
    DistributionTablesNoCode,
    DistributionTablesNotBegun,
    DistributionTablesNotCovered,
    DistributionTablesObjected,
    DistributionTablesOutsideValidity,
    DistributionTablesReplaced,
    DistributionTablesUnitsSettled,
    DistributionTablesWindowOpen,
    DistributionTablesWrongBase,
    DistributionTablesWrongLines,
    DistributionTablesWrongProposal,
    DistributionTablesWrongPublisher,
    DistributionTablesWrongRanges,
    DistributionTablesWrongStatus,
    DistributionTablesWrongVersion,
    DistributionTablesWrongWeights,
    DistributionTablesWrongWindow,
    ObjectionsAlreadyFiled,
    ObjectionsNotAffected,
    ObjectionsReviewerNotIndependent,
    ObjectionsUnknownObjection,
    ObjectionsWindowClosed,
    ObjectionsWrongAmount,
    ObjectionsWrongStatus,
    ObjectionsWrongTime,
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
