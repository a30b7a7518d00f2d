"""The interface of ``SettlementRules``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    Component,
    ComponentTerms,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    PartWeights,
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
class SettlementRulesDependentRecipient(AbiRevert):
    """Error ``SettlementRulesDependentRecipient``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("13593f0c")
    recipient: bytes


@dataclass(frozen=True, slots=True)
class SettlementRulesImpossibleBounds(AbiRevert):
    """Error ``SettlementRulesImpossibleBounds``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("c3a5ad35")
    minimum_sum: int
    maximum_sum: int


@dataclass(frozen=True, slots=True)
class SettlementRulesNoCode(AbiRevert):
    """Error ``SettlementRulesNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("4373ab6a")
    target: bytes


@dataclass(frozen=True, slots=True)
class SettlementRulesOutOfBounds(AbiRevert):
    """Error ``SettlementRulesOutOfBounds``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("e9f61f7c")
    part: int
    weight: int
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class SettlementRulesTooManyShares(AbiRevert):
    """Error ``SettlementRulesTooManyShares``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f899a34c")
    shares: int


@dataclass(frozen=True, slots=True)
class SettlementRulesUnknownRecipient(AbiRevert):
    """Error ``SettlementRulesUnknownRecipient``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("200dd4eb")
    recipient: bytes


@dataclass(frozen=True, slots=True)
class SettlementRulesUnknownWeights(AbiRevert):
    """Error ``SettlementRulesUnknownWeights``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("35b11503")
    weights_id: bytes


@dataclass(frozen=True, slots=True)
class SettlementRulesWeightSum(AbiRevert):
    """Error ``SettlementRulesWeightSum``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("d4181a64")
    sum: int


@dataclass(frozen=True, slots=True)
class SettlementRulesWrongComponent(AbiRevert):
    """Error ``SettlementRulesWrongComponent``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("5fe845ac")
    expected: bytes
    actual: bytes


@dataclass(frozen=True, slots=True)
class SettlementRulesWrongPeriod(AbiRevert):
    """Error ``SettlementRulesWrongPeriod``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("738b7d60")
    period: int
    first_period: int


@dataclass(frozen=True, slots=True)
class SettlementRulesWrongRevision(AbiRevert):
    """Error ``SettlementRulesWrongRevision``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint16"),
        Field("uint16"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("e3f70924")
    expected: int
    revision: int


class RuleStatus(IntEnum):
    """Enum ``RuleStatus``."""

    UNKNOWN = 0
    APPROVED = 1
    RETIRED = 2


@dataclass(frozen=True, slots=True)
class SettlementRulesWrongStatus(AbiRevert):
    """Error ``SettlementRulesWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", RuleStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("f785e1c7")
    rule_version: bytes
    status: RuleStatus


@dataclass(frozen=True, slots=True)
class SettlementRulesZeroDigest(AbiRevert):
    """Error ``SettlementRulesZeroDigest``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("12ed60ad")


@dataclass(frozen=True, slots=True)
class PeriodWeights(AbiStruct):
    """Struct ``PeriodWeights``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", Component),
        Field("uint32"),
        Field("uint16"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("uint32[]"),
        Field("bytes32"),
    )
    agreement_id: bytes
    component: Component
    period: int
    revision: int
    rule_version: bytes
    component_hash: bytes
    weights: PartWeights
    shares: tuple[int, ...]
    evidence_digest: bytes


@dataclass(frozen=True, slots=True)
class PeriodWeightsSigned(AbiEvent):
    """Event ``PeriodWeightsSigned``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint32"),
        Field("(bytes32,uint8,uint32,uint16,bytes32,bytes32,(uint32,uint32,uint32),uint32[],bytes32)", PeriodWeights),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("33375d04c2347f071693ed51b58c37048370da125f000e06121e78af837eb6c7")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
    )
    weights_id: bytes
    agreement_id: bytes
    period: int
    weights: PeriodWeights


@dataclass(frozen=True, slots=True)
class RuleContent(AbiStruct):
    """Struct ``RuleContent``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("uint32"),
    )
    formula_digest: bytes
    filing_digest: bytes
    text_digest: bytes
    minimum: PartWeights
    maximum: PartWeights
    first_period: int


@dataclass(frozen=True, slots=True)
class RuleApproved(AbiEvent):
    """Event ``RuleApproved``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("(bytes32,bytes32,bytes32,(uint32,uint32,uint32),(uint32,uint32,uint32),uint32)", RuleContent),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("22ff71a8f2bea173775772f57db82dd5e6741d67e83baefbe722a720ce713f71")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    rule_version: bytes
    content: RuleContent


@dataclass(frozen=True, slots=True)
class RuleRetired(AbiEvent):
    """Event ``RuleRetired``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("a1ad040901bdb3d5a3cadfa9bb96e0d7737c021da5c44f2357a4eb1518ec0251")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    rule_version: bytes
    reason_digest: bytes


def encode_approve_rule(
    *,
    content: RuleContent,
    trading_platform: PartySignature,
    authorisation_platform: PartySignature,
    regulator: PartySignature,
) -> bytes:
    """Call data of ``approveRule``."""
    return encode_call(
        bytes.fromhex("90b1b4a7"),
        (
            Field("(bytes32,bytes32,bytes32,(uint32,uint32,uint32),(uint32,uint32,uint32),uint32)", RuleContent),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            content,
            trading_platform,
            authorisation_platform,
            regulator,
        ),
    )


def decode_approve_rule(answer: bytes) -> bytes:
    """What ``approveRule`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_require_recipient(*, recipient: bytes) -> bytes:
    """Call data of ``requireRecipient``."""
    return encode_call(bytes.fromhex("99f27c58"), (Field("bytes32"),), (recipient,))


def encode_retire_rule(*, rule_version: bytes, reason_digest: bytes, regulator: PartySignature) -> bytes:
    """Call data of ``retireRule``."""
    return encode_call(
        bytes.fromhex("e0e4b882"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            rule_version,
            reason_digest,
            regulator,
        ),
    )


def encode_revision_of(*, agreement_id: bytes, component: Component, period: int) -> bytes:
    """Call data of ``revisionOf``."""
    return encode_call(
        bytes.fromhex("2af7f785"),
        (
            Field("bytes32"),
            Field("uint8", Component),
            Field("uint32"),
        ),
        (
            agreement_id,
            component,
            period,
        ),
    )


def decode_revision_of(answer: bytes) -> int:
    """What ``revisionOf`` answers."""
    result: int = decode_answer((Field("uint16"),), answer)[0]
    return result


def encode_rule_of(*, rule_version: bytes) -> bytes:
    """Call data of ``ruleOf``."""
    return encode_call(bytes.fromhex("75f5632d"), (Field("bytes32"),), (rule_version,))


def decode_rule_of(answer: bytes) -> tuple[RuleStatus, int]:
    """What ``ruleOf`` answers: status, first_period."""
    result: tuple[RuleStatus, int] = decode_answer(
        (
            Field("uint8", RuleStatus),
            Field("uint32"),
        ),
        answer,
    )
    return result


def encode_rule_version_of(*, content: RuleContent) -> bytes:
    """Call data of ``ruleVersionOf``."""
    return encode_call(
        bytes.fromhex("dcf10004"),
        (Field("(bytes32,bytes32,bytes32,(uint32,uint32,uint32),(uint32,uint32,uint32),uint32)", RuleContent),),
        (content,),
    )


def decode_rule_version_of(answer: bytes) -> bytes:
    """What ``ruleVersionOf`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_sign_weights(
    *, weights: PeriodWeights, terms: ComponentTerms, authorisation_platform: PartySignature, auditor: PartySignature
) -> bytes:
    """Call data of ``signWeights``."""
    return encode_call(
        bytes.fromhex("be9eeea4"),
        (
            Field(
                "(bytes32,uint8,uint32,uint16,bytes32,bytes32,(uint32,uint32,uint32),uint32[],bytes32)", PeriodWeights
            ),
            Field(
                "(uint8,uint8,bytes3,uint64,uint64,uint32,uint32,(bytes32,uint8,uint32,uint32,uint32)[])",
                ComponentTerms,
            ),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            weights,
            terms,
            authorisation_platform,
            auditor,
        ),
    )


def decode_sign_weights(answer: bytes) -> bytes:
    """What ``signWeights`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_weights_hash_of(*, weights_id: bytes) -> bytes:
    """Call data of ``weightsHashOf``."""
    return encode_call(bytes.fromhex("c1bf129f"), (Field("bytes32"),), (weights_id,))


def decode_weights_hash_of(answer: bytes) -> bytes:
    """What ``weightsHashOf`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_weights_id_of(*, agreement_id: bytes, component: Component, period: int, revision: int) -> bytes:
    """Call data of ``weightsIdOf``."""
    return encode_call(
        bytes.fromhex("5b237ed3"),
        (
            Field("bytes32"),
            Field("uint8", Component),
            Field("uint32"),
            Field("uint16"),
        ),
        (
            agreement_id,
            component,
            period,
            revision,
        ),
    )


def decode_weights_id_of(answer: bytes) -> bytes:
    """What ``weightsIdOf`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    PartySigned,
    PeriodWeightsSigned,
    RuleApproved,
    RuleRetired,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    PartyActExpired,
    PartyActWrongSigner,
    SettlementRulesDependentRecipient,
    SettlementRulesImpossibleBounds,
    SettlementRulesNoCode,
    SettlementRulesOutOfBounds,
    SettlementRulesTooManyShares,
    SettlementRulesUnknownRecipient,
    SettlementRulesUnknownWeights,
    SettlementRulesWeightSum,
    SettlementRulesWrongComponent,
    SettlementRulesWrongPeriod,
    SettlementRulesWrongRevision,
    SettlementRulesWrongStatus,
    SettlementRulesZeroDigest,
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
