"""What several contracts use, to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field


@dataclass(frozen=True, slots=True)
class PartyActExpired(AbiRevert):
    """Error ``PartyActExpired``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("2b77850c")
    deadline: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class PartyActWrongSigner(AbiRevert):
    """Error ``PartyActWrongSigner``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("abdfdb07")
    expected: bytes
    signer: bytes


@dataclass(frozen=True, slots=True)
class PartySigned(AbiEvent):
    """Event ``PartySigned``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("address"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("22acf63c0f69fc6e4aa2a44d8ce1e6082f6bcb8475f4a4a1450da23e3286793d")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
        False,
    )
    signer: bytes
    signing_digest: bytes
    key: bytes
    sm2_signature_digest: bytes


@dataclass(frozen=True, slots=True)
class PartySignature(AbiStruct):
    """Struct ``PartySignature``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("address"),
        Field("bytes32"),
        Field("uint256"),
        Field("bytes"),
    )
    signer: bytes
    key: bytes
    sm2_signature_digest: bytes
    deadline: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class AgreementTermsMismatch(AbiRevert):
    """Error ``AgreementTermsMismatch``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("68ad238b")
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class LargestRemainderLengthMismatch(AbiRevert):
    """Error ``LargestRemainderLengthMismatch``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("04f49ba1")
    weights: int
    recipients: int


@dataclass(frozen=True, slots=True)
class LargestRemainderRecipientCount(AbiRevert):
    """Error ``LargestRemainderRecipientCount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b3959c67")
    recipients: int


@dataclass(frozen=True, slots=True)
class LargestRemainderTotalWeight(AbiRevert):
    """Error ``LargestRemainderTotalWeight``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("1547f431")
    total_weight: int


@dataclass(frozen=True, slots=True)
class PackedAmountsTooLarge(AbiRevert):
    """Error ``PackedAmountsTooLarge``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("int256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("146303dc")
    place: int
    amount: int


@dataclass(frozen=True, slots=True)
class SplitVectorNotAscending(AbiRevert):
    """Error ``SplitVectorNotAscending``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ddd65920")
    place: int


@dataclass(frozen=True, slots=True)
class SplitVectorPartWeightSum(AbiRevert):
    """Error ``SplitVectorPartWeightSum``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("478d0d21")
    sum: int


@dataclass(frozen=True, slots=True)
class SplitVectorShareCount(AbiRevert):
    """Error ``SplitVectorShareCount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("d1e99fdf")
    shares: int
    recipients: int


@dataclass(frozen=True, slots=True)
class SplitVectorShareOutOfBounds(AbiRevert):
    """Error ``SplitVectorShareOutOfBounds``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("c519dbbb")
    place: int
    share: int


class Part(IntEnum):
    """Enum ``Part``."""

    PUBLIC = 0
    ENTERPRISE = 1
    PERSONAL = 2


@dataclass(frozen=True, slots=True)
class SplitVectorShareSum(AbiRevert):
    """Error ``SplitVectorShareSum``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", Part),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("53c447a9")
    part: Part
    sum: int


class PayBasis(IntEnum):
    """Enum ``PayBasis``."""

    COLLECTED = 0
    ACCRUED = 1


@dataclass(frozen=True, slots=True)
class BookingTerms(AbiStruct):
    """Struct ``BookingTerms``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bool"),
        Field("uint8", PayBasis),
        Field("bool"),
        Field("uint64"),
        Field("bytes3"),
        Field("bytes32"),
    )
    rule_version: bytes
    price_rule_digest: bytes
    silence_accepts: bool
    pay_basis: PayBasis
    is_public: bool
    ceiling_unit_price: int
    ceiling_currency: bytes
    components_hash: bytes


class Component(IntEnum):
    """Enum ``Component``."""

    BASE_FEE = 0
    USAGE_SHARE = 1
    SUBSCRIPTION = 2
    COMMISSION = 3
    MATCHING_FEE = 4
    SERVICE_FEE = 5


@dataclass(frozen=True, slots=True)
class Recipient(AbiStruct):
    """Struct ``Recipient``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", Part),
        Field("uint32"),
        Field("uint32"),
        Field("uint32"),
    )
    recipient: bytes
    part: Part
    share: int
    min_share: int
    max_share: int


@dataclass(frozen=True, slots=True)
class ComponentTerms(AbiStruct):
    """Struct ``ComponentTerms``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", Component),
        Field("uint8"),
        Field("bytes3"),
        Field("uint64"),
        Field("uint64"),
        Field("uint32"),
        Field("uint32"),
        Field("(bytes32,uint8,uint32,uint32,uint32)[]", Recipient),
    )
    component: Component
    bases: int
    currency: bytes
    max_unit_price: int
    fixed_amount: int
    first_period: int
    last_period: int
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class AuthorityUpdated(AbiEvent):
    """Event ``AuthorityUpdated``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    TOPIC: ClassVar[bytes] = bytes.fromhex("2f658b440c35314f52658ea8a740e05b284cdc84dc9ae01e891f21b8933e7cad")
    INDEXED: ClassVar[tuple[bool, ...]] = (False,)
    authority: bytes


@dataclass(frozen=True, slots=True)
class LineKey(AbiStruct):
    """Struct ``LineKey``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", Component),
        Field("uint32"),
        Field("bytes3"),
        Field("uint16"),
    )
    agreement_id: bytes
    component: Component
    period: int
    currency: bytes
    ordinal: int


@dataclass(frozen=True, slots=True)
class ComponentProof(AbiStruct):
    """Struct ``ComponentProof``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32[]"),
        Field("uint256"),
        Field(
            "(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[])", ComponentTerms
        ),
    )
    component_hashes: tuple[bytes, ...]
    place: int
    terms: ComponentTerms


@dataclass(frozen=True, slots=True)
class ObjectionsAlreadyFiled(AbiRevert):
    """Error ``ObjectionsAlreadyFiled``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b3cb2d71")
    objection_id: bytes


@dataclass(frozen=True, slots=True)
class ObjectionsNotAffected(AbiRevert):
    """Error ``ObjectionsNotAffected``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b3f93f61")
    body: bytes


@dataclass(frozen=True, slots=True)
class ObjectionsReviewerNotIndependent(AbiRevert):
    """Error ``ObjectionsReviewerNotIndependent``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a9695008")
    reviewer: bytes


@dataclass(frozen=True, slots=True)
class ObjectionsUnknownObjection(AbiRevert):
    """Error ``ObjectionsUnknownObjection``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ceb2db3c")
    objection_id: bytes


@dataclass(frozen=True, slots=True)
class ObjectionsWindowClosed(AbiRevert):
    """Error ``ObjectionsWindowClosed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("07336a93")
    line_id: bytes
    window_ends: int


@dataclass(frozen=True, slots=True)
class ObjectionsWrongAmount(AbiRevert):
    """Error ``ObjectionsWrongAmount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4450fb13")
    amount: int
    maximum: int


class ObjectionStatus(IntEnum):
    """Enum ``ObjectionStatus``."""

    UNKNOWN = 0
    OPEN = 1
    ANSWERED = 2
    IN_REVIEW = 3
    UPHELD = 4
    REJECTED = 5
    WITHDRAWN = 6


@dataclass(frozen=True, slots=True)
class ObjectionsWrongStatus(AbiRevert):
    """Error ``ObjectionsWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", ObjectionStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("185a09ec")
    objection_id: bytes
    status: ObjectionStatus


@dataclass(frozen=True, slots=True)
class ObjectionsWrongTime(AbiRevert):
    """Error ``ObjectionsWrongTime``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("96583722")
    objection_id: bytes
    limit: int


@dataclass(frozen=True, slots=True)
class Objection(AbiStruct):
    """Struct ``Objection``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", ObjectionStatus),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint32"),
        Field("uint16"),
        Field("uint64"),
        Field("uint48"),
        Field("uint48"),
    )
    status: ObjectionStatus
    objector: bytes
    line_id: bytes
    table_id: int
    table_version: int
    amount: int
    answer_until: int
    review_until: int


class BasisKind(IntEnum):
    """Enum ``BasisKind``."""

    STATEMENTS = 0
    RULING = 1
    SCHEDULE = 2
    CREDIT_NOTE = 3


@dataclass(frozen=True, slots=True)
class Line(AbiStruct):
    """Struct ``Line``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("(bytes32,uint8,uint32,bytes3,uint16)", LineKey),
        Field("uint32"),
        Field("uint16"),
        Field("uint8", BasisKind),
        Field("bytes32"),
        Field("uint16"),
        Field("uint64"),
        Field("bytes32"),
        Field("uint64"),
    )
    key: LineKey
    table_id: int
    table_version: int
    basis: BasisKind
    basis_hash: bytes
    weights_revision: int
    gross: int
    corrects: bytes
    base_gross: int


@dataclass(frozen=True, slots=True)
class LineProof(AbiStruct):
    """Struct ``LineProof``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("((bytes32,uint8,uint32,bytes3,uint16),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64)", Line),
        Field("bytes32[]"),
    )
    line: Line
    recipients: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StatementRange(AbiStruct):
    """Struct ``StatementRange``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    stream_id: bytes
    first_index: int
    next_index: int


@dataclass(frozen=True, slots=True)
class KeyGrant(AbiStruct):
    """Struct ``KeyGrant``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("address"),
        Field("uint8"),
    )
    key: bytes
    purposes: int


@dataclass(frozen=True, slots=True)
class Requirement(AbiStruct):
    """Struct ``Requirement``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint8"),
        Field("bool"),
    )
    roles: int
    purpose: int
    while_suspended: bool


@dataclass(frozen=True, slots=True)
class PayeeAccountsCooling(AbiRevert):
    """Error ``PayeeAccountsCooling``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a6ff4f28")
    payee: bytes
    valid_from: int


@dataclass(frozen=True, slots=True)
class PayeeAccountsNone(AbiRevert):
    """Error ``PayeeAccountsNone``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("134a6ee9")
    payee: bytes


@dataclass(frozen=True, slots=True)
class PayeeAccountsNothingToCancel(AbiRevert):
    """Error ``PayeeAccountsNothingToCancel``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("7011c3c3")
    payee: bytes
    version: int


@dataclass(frozen=True, slots=True)
class PayeeAccountsSignatureCount(AbiRevert):
    """Error ``PayeeAccountsSignatureCount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("73e8e867")
    expected: int
    actual: int


@dataclass(frozen=True, slots=True)
class PayeeAccountsWrongPurpose(AbiRevert):
    """Error ``PayeeAccountsWrongPurpose``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint8"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("03837143")
    purpose: int


@dataclass(frozen=True, slots=True)
class PayeeAccountsWrongVersion(AbiRevert):
    """Error ``PayeeAccountsWrongVersion``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4819616e")
    payee: bytes
    expected: int
    version: int


@dataclass(frozen=True, slots=True)
class PayeeAccountsZeroDigest(AbiRevert):
    """Error ``PayeeAccountsZeroDigest``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9c0899ff")


@dataclass(frozen=True, slots=True)
class AccountVersion(AbiStruct):
    """Struct ``AccountVersion``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint48"),
        Field("bool"),
        Field("uint32"),
    )
    account_digest: bytes
    valid_from: int
    is_cancelled: bool
    previous: int


@dataclass(frozen=True, slots=True)
class PartWeights(AbiStruct):
    """Struct ``PartWeights``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint32"),
        Field("uint32"),
    )
    public_weight: int
    enterprise_weight: int
    personal_weight: int
