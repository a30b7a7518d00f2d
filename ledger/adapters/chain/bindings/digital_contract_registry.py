"""The interface of ``DigitalContractRegistry``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    BookingTerms,
    ComponentTerms,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
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
)


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryAnswerTimeTooShort(AbiRevert):
    """Error ``DigitalContractRegistryAnswerTimeTooShort``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a7ae1add")
    answer_seconds: int
    minimum: int


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryNoCode(AbiRevert):
    """Error ``DigitalContractRegistryNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("51243150")
    account: bytes


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryRecipientLeft(AbiRevert):
    """Error ``DigitalContractRegistryRecipientLeft``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("1d683d4b")
    recipient: bytes


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryRuleNotApproved(AbiRevert):
    """Error ``DigitalContractRegistryRuleNotApproved``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("768064b0")
    rule_version: bytes


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryTerminationSignatures(AbiRevert):
    """Error ``DigitalContractRegistryTerminationSignatures``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b6c2146e")
    signatures: int


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryUnknownAgreement(AbiRevert):
    """Error ``DigitalContractRegistryUnknownAgreement``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("db4e5372")
    agreement_id: bytes


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryWrongNonce(AbiRevert):
    """Error ``DigitalContractRegistryWrongNonce``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("6cc2ec96")
    expected: int
    nonce: int


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryWrongParties(AbiRevert):
    """Error ``DigitalContractRegistryWrongParties``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4e3933f0")
    parties: int
    signatures: int


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryWrongParty(AbiRevert):
    """Error ``DigitalContractRegistryWrongParty``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("1e2e3869")
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryWrongPriceRule(AbiRevert):
    """Error ``DigitalContractRegistryWrongPriceRule``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("75775ad0")
    expected: bytes
    price_rule_digest: bytes


class AgreementStatus(IntEnum):
    """Enum ``AgreementStatus``."""

    UNKNOWN = 0
    CONCLUDED = 1
    FILED = 2
    TERMINATED = 3


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryWrongStatus(AbiRevert):
    """Error ``DigitalContractRegistryWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", AgreementStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("8a05ed53")
    agreement_id: bytes
    status: AgreementStatus


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryWrongValidity(AbiRevert):
    """Error ``DigitalContractRegistryWrongValidity``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("13bf890c")
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class DigitalContractRegistryZeroDigest(AbiRevert):
    """Error ``DigitalContractRegistryZeroDigest``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("9fee355e")


@dataclass(frozen=True, slots=True)
class Agreement(AbiStruct):
    """Struct ``Agreement``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32[]"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bool"),
        Field("uint32"),
        Field("uint8", PayBasis),
        Field("uint64"),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
    )
    agreement_id: bytes
    order_id: bytes
    product_id: bytes
    product_version: int
    parties: tuple[bytes, ...]
    contract_digest: bytes
    rule_version: bytes
    price_rule_digest: bytes
    silence_accepts: bool
    answer_seconds: int
    pay_basis: PayBasis
    valid_from: int
    valid_until: int
    replaces: bytes
    components_hash: bytes


@dataclass(frozen=True, slots=True)
class AgreementConcluded(AbiEvent):
    """Event ``AgreementConcluded``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field(
            "(bytes32,bytes32,bytes32,uint32,bytes32[],bytes32,bytes32,bytes32,bool,uint32,uint8,uint64,uint64,bytes32,bytes32)",
            Agreement,
        ),
        Field("(bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32)", BookingTerms),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("c7b14288d809f04ab424d10cde4f406590ea6d4008d409e237ab43aedd8c268e")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
    )
    agreement_id: bytes
    provider: bytes
    consumer: bytes
    agreement: Agreement
    booking_terms: BookingTerms


@dataclass(frozen=True, slots=True)
class AgreementFiled(AbiEvent):
    """Event ``AgreementFiled``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("8e1569526dff92f9f85965a4e7eb8bb187b1549639cf9870d3e423d1f2e9b864")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    agreement_id: bytes
    by: bytes
    filing_digest: bytes


@dataclass(frozen=True, slots=True)
class AgreementTerminated(AbiEvent):
    """Event ``AgreementTerminated``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("a8e7d7d96006621e3fdf95874be4d66270da45e19969271ed83c2e1db952f24a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
    )
    agreement_id: bytes
    effective_at: int
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class AgreementRecord(AbiStruct):
    """Struct ``AgreementRecord``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", AgreementStatus),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    status: AgreementStatus
    provider: bytes
    consumer: bytes
    product_id: bytes
    product_version: int
    order_id: bytes
    contract_digest: bytes
    booking_terms_hash: bytes
    filing_digest: bytes
    valid_from: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class DeliveryTerms(AbiStruct):
    """Struct ``DeliveryTerms``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
        Field("uint32"),
        Field("bool"),
    )
    provider: bytes
    consumer: bytes
    valid_from: int
    valid_until: int
    answer_seconds: int
    silence_accepts: bool


def encode_agreement_of(*, agreement_id: bytes) -> bytes:
    """Call data of ``agreementOf``."""
    return encode_call(bytes.fromhex("109ae742"), (Field("bytes32"),), (agreement_id,))


def decode_agreement_of(answer: bytes) -> AgreementRecord:
    """What ``agreementOf`` answers."""
    result: AgreementRecord = decode_answer(
        (
            Field(
                "(uint8,bytes32,bytes32,bytes32,uint32,bytes32,bytes32,bytes32,bytes32,uint64,uint64)", AgreementRecord
            ),
        ),
        answer,
    )[0]
    return result


def encode_booking_terms_hash(*, agreement_id: bytes) -> bytes:
    """Call data of ``bookingTermsHash``."""
    return encode_call(bytes.fromhex("e5b80fc2"), (Field("bytes32"),), (agreement_id,))


def decode_booking_terms_hash(answer: bytes) -> bytes:
    """What ``bookingTermsHash`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_conclude(
    *, agreement: Agreement, components: tuple[ComponentTerms, ...], parties: tuple[PartySignature, ...]
) -> bytes:
    """Call data of ``conclude``."""
    return encode_call(
        bytes.fromhex("435a51c5"),
        (
            Field(
                "(bytes32,bytes32,bytes32,uint32,bytes32[],bytes32,bytes32,bytes32,bool,uint32,uint8,uint64,uint64,bytes32,bytes32)",
                Agreement,
            ),
            Field(
                "(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[])[]",
                ComponentTerms,
            ),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            agreement,
            components,
            parties,
        ),
    )


def encode_delivery_terms(*, agreement_id: bytes) -> bytes:
    """Call data of ``deliveryTerms``."""
    return encode_call(bytes.fromhex("e4d9ef0a"), (Field("bytes32"),), (agreement_id,))


def decode_delivery_terms(answer: bytes) -> DeliveryTerms:
    """What ``deliveryTerms`` answers."""
    result: DeliveryTerms = decode_answer(
        (Field("(bytes32,bytes32,uint64,uint64,uint32,bool)", DeliveryTerms),), answer
    )[0]
    return result


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_file(*, agreement_id: bytes, filing_digest: bytes, platform: PartySignature) -> bytes:
    """Call data of ``file``."""
    return encode_call(
        bytes.fromhex("93a3e7a7"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            agreement_id,
            filing_digest,
            platform,
        ),
    )


def encode_min_answer_seconds() -> bytes:
    """Call data of ``minAnswerSeconds``."""
    return encode_call(bytes.fromhex("abc00b7b"), (), ())


def decode_min_answer_seconds(answer: bytes) -> int:
    """What ``minAnswerSeconds`` answers."""
    result: int = decode_answer((Field("uint32"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_parties_of(*, agreement_id: bytes) -> bytes:
    """Call data of ``partiesOf``."""
    return encode_call(bytes.fromhex("f6ba4c1b"), (Field("bytes32"),), (agreement_id,))


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


def encode_rules() -> bytes:
    """Call data of ``rules``."""
    return encode_call(bytes.fromhex("52f6747a"), (), ())


def decode_rules(answer: bytes) -> bytes:
    """What ``rules`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_terminate(
    *, agreement_id: bytes, effective_at: int, reason_digest: bytes, nonce: int, signers: tuple[PartySignature, ...]
) -> bytes:
    """Call data of ``terminate``."""
    return encode_call(
        bytes.fromhex("5eeac758"),
        (
            Field("bytes32"),
            Field("uint64"),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            agreement_id,
            effective_at,
            reason_digest,
            nonce,
            signers,
        ),
    )


def encode_termination_count(*, agreement_id: bytes, signer: bytes) -> bytes:
    """Call data of ``terminationCount``."""
    return encode_call(
        bytes.fromhex("7bd7e2b9"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            agreement_id,
            signer,
        ),
    )


def decode_termination_count(answer: bytes) -> int:
    """What ``terminationCount`` answers."""
    result: int = decode_answer((Field("uint256"),), answer)[0]
    return result


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    AgreementConcluded,
    AgreementFiled,
    AgreementTerminated,
    PartySigned,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    DigitalContractRegistryAnswerTimeTooShort,
    DigitalContractRegistryNoCode,
    DigitalContractRegistryRecipientLeft,
    DigitalContractRegistryRuleNotApproved,
    DigitalContractRegistryTerminationSignatures,
    DigitalContractRegistryUnknownAgreement,
    DigitalContractRegistryWrongNonce,
    DigitalContractRegistryWrongParties,
    DigitalContractRegistryWrongParty,
    DigitalContractRegistryWrongPriceRule,
    DigitalContractRegistryWrongStatus,
    DigitalContractRegistryWrongValidity,
    DigitalContractRegistryZeroDigest,
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
