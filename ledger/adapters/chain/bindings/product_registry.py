"""The interface of ``ProductRegistry``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

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
class ProductRegistryFreezeUnchanged(AbiRevert):
    """Error ``ProductRegistryFreezeUnchanged``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bool"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("a32a1df3")
    product_id: bytes
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class ProductRegistryFrozen(AbiRevert):
    """Error ``ProductRegistryFrozen``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("63ea70b9")
    product_id: bytes


@dataclass(frozen=True, slots=True)
class ProductRegistryNoCode(AbiRevert):
    """Error ``ProductRegistryNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("8f857340")
    account: bytes


@dataclass(frozen=True, slots=True)
class ProductRegistryPriceAboveCeiling(AbiRevert):
    """Error ``ProductRegistryPriceAboveCeiling``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("12b1acb8")
    unit_price: int
    ceiling_unit_price: int


@dataclass(frozen=True, slots=True)
class ProductRegistryReviewSignatures(AbiRevert):
    """Error ``ProductRegistryReviewSignatures``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("e4ceec81")
    expected: int
    actual: int


@dataclass(frozen=True, slots=True)
class ProductRegistrySuspendedByOther(AbiRevert):
    """Error ``ProductRegistrySuspendedByOther``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("cc519e3e")
    suspended_by: bytes


@dataclass(frozen=True, slots=True)
class ProductRegistryUnknownProduct(AbiRevert):
    """Error ``ProductRegistryUnknownProduct``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("be3910a8")
    product_id: bytes
    version: int


@dataclass(frozen=True, slots=True)
class ProductRegistryWeightSum(AbiRevert):
    """Error ``ProductRegistryWeightSum``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("09eff005")
    sum: int


@dataclass(frozen=True, slots=True)
class ProductRegistryWrongNonce(AbiRevert):
    """Error ``ProductRegistryWrongNonce``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b2dd1661")
    expected: int
    nonce: int


@dataclass(frozen=True, slots=True)
class ProductRegistryWrongProvider(AbiRevert):
    """Error ``ProductRegistryWrongProvider``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("d60bc6c6")
    product_id: bytes
    provider: bytes


class ProductStatus(IntEnum):
    """Enum ``ProductStatus``."""

    UNKNOWN = 0
    REGISTERED = 1
    REVIEWED = 2
    REFUSED = 3
    FILED = 4
    LISTED = 5
    SUSPENDED = 6
    DELISTED = 7


@dataclass(frozen=True, slots=True)
class ProductRegistryWrongStatus(AbiRevert):
    """Error ``ProductRegistryWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("uint8", ProductStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("53e19420")
    product_id: bytes
    version: int
    status: ProductStatus


@dataclass(frozen=True, slots=True)
class ProductRegistryWrongVersion(AbiRevert):
    """Error ``ProductRegistryWrongVersion``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("3d8f5c44")
    product_id: bytes
    expected: int
    version: int


@dataclass(frozen=True, slots=True)
class ProductRegistryZeroValue(AbiRevert):
    """Error ``ProductRegistryZeroValue``."""

    FIELDS: ClassVar[tuple[Field, ...]] = ()
    SELECTOR: ClassVar[bytes] = bytes.fromhex("5e1dacfe")


@dataclass(frozen=True, slots=True)
class ProductFiled(AbiEvent):
    """Event ``ProductFiled``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("8f4dcbd2ebd4db296097f6c00410677674fb07514c7a83186d0128f429a6024a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
        False,
    )
    product_id: bytes
    version: int
    filing_digest: bytes
    ceiling_unit_price: int


@dataclass(frozen=True, slots=True)
class ProductFreezeChanged(AbiEvent):
    """Event ``ProductFreezeChanged``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bool"),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("12bc9e0ab128b6f8ede01ea1e85967d8d295bb776f0a4f0f33f845251745aa7a")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        True,
        False,
    )
    product_id: bytes
    is_frozen: bool
    by: bytes
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class ProductRegistered(AbiEvent):
    """Event ``ProductRegistered``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("bytes3"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("87d8f785a7ded20decaaef01346d61b373552e24365f6867bb070fd0d592a516")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    )
    product_id: bytes
    version: int
    provider: bytes
    content_digest: bytes
    price_rule_digest: bytes
    weights: PartWeights
    currency: bytes
    unit_price: int


@dataclass(frozen=True, slots=True)
class ProductReviewed(AbiEvent):
    """Event ``ProductReviewed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bool"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("ffc67e2428732fe2b6d96d4fd708c2eb515a953f8fa58bb47ca5e0f3799b8ac3")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
        False,
    )
    product_id: bytes
    version: int
    is_approved: bool
    review_digest: bytes


@dataclass(frozen=True, slots=True)
class ProductStatusChanged(AbiEvent):
    """Event ``ProductStatusChanged``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("uint8", ProductStatus),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("fc57ddaf0dd3e340b25e2905921921cd1fa59af7b59503ca2f7711ac8629b23b")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
        True,
        False,
    )
    product_id: bytes
    version: int
    status: ProductStatus
    by: bytes
    reason_digest: bytes


class ProductAct(IntEnum):
    """Enum ``ProductAct``."""

    LIST = 0
    SUSPEND = 1
    RESUME = 2
    DELIST = 3


@dataclass(frozen=True, slots=True)
class ProductRecord(AbiStruct):
    """Struct ``ProductRecord``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", ProductStatus),
        Field("bytes32"),
        Field("uint32"),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("bytes3"),
        Field("uint64"),
        Field("uint64"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    status: ProductStatus
    suspended_by: bytes
    revision: int
    weights: PartWeights
    currency: bytes
    unit_price: int
    ceiling_unit_price: int
    content_digest: bytes
    price_rule_digest: bytes
    filing_digest: bytes


@dataclass(frozen=True, slots=True)
class ProductVersion(AbiStruct):
    """Struct ``ProductVersion``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("(uint32,uint32,uint32)", PartWeights),
        Field("bytes3"),
        Field("uint64"),
    )
    product_id: bytes
    version: int
    provider: bytes
    content_digest: bytes
    price_rule_digest: bytes
    weights: PartWeights
    currency: bytes
    unit_price: int


def encode_act(
    *, product_id: bytes, version: int, act_: ProductAct, reason_digest: bytes, nonce: int, party: PartySignature
) -> bytes:
    """Call data of ``act``."""
    return encode_call(
        bytes.fromhex("f2285474"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("uint8", ProductAct),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            product_id,
            version,
            act_,
            reason_digest,
            nonce,
            party,
        ),
    )


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_file(
    *, product_id: bytes, version: int, filing_digest: bytes, ceiling_unit_price: int, authority: PartySignature
) -> bytes:
    """Call data of ``file``."""
    return encode_call(
        bytes.fromhex("1d80b93f"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("bytes32"),
            Field("uint64"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            product_id,
            version,
            filing_digest,
            ceiling_unit_price,
            authority,
        ),
    )


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_product(*, product_id: bytes) -> bytes:
    """Call data of ``product``."""
    return encode_call(bytes.fromhex("b224149c"), (Field("bytes32"),), (product_id,))


def decode_product(answer: bytes) -> tuple[bytes, int, bool, int]:
    """What ``product`` answers: provider, versions, is_frozen, freeze_nonce."""
    result: tuple[bytes, int, bool, int] = decode_answer(
        (
            Field("bytes32"),
            Field("uint32"),
            Field("bool"),
            Field("uint32"),
        ),
        answer,
    )
    return result


def encode_product_of(*, product_id: bytes, version: int) -> bytes:
    """Call data of ``productOf``."""
    return encode_call(
        bytes.fromhex("815765f3"),
        (
            Field("bytes32"),
            Field("uint32"),
        ),
        (
            product_id,
            version,
        ),
    )


def decode_product_of(answer: bytes) -> ProductRecord:
    """What ``productOf`` answers."""
    result: ProductRecord = decode_answer(
        (
            Field(
                "(uint8,bytes32,uint32,(uint32,uint32,uint32),bytes3,uint64,uint64,bytes32,bytes32,bytes32)",
                ProductRecord,
            ),
        ),
        answer,
    )[0]
    return result


def encode_register(*, product_version: ProductVersion, provider: PartySignature) -> bytes:
    """Call data of ``register``."""
    return encode_call(
        bytes.fromhex("8e7124b3"),
        (
            Field("(bytes32,uint32,bytes32,bytes32,bytes32,(uint32,uint32,uint32),bytes3,uint64)", ProductVersion),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            product_version,
            provider,
        ),
    )


def encode_require_not_frozen(*, product_id: bytes) -> bytes:
    """Call data of ``requireNotFrozen``."""
    return encode_call(bytes.fromhex("017e6af4"), (Field("bytes32"),), (product_id,))


def encode_require_tradable(*, product_id: bytes, version: int) -> bytes:
    """Call data of ``requireTradable``."""
    return encode_call(
        bytes.fromhex("568d4964"),
        (
            Field("bytes32"),
            Field("uint32"),
        ),
        (
            product_id,
            version,
        ),
    )


def decode_require_tradable(answer: bytes) -> ProductRecord:
    """What ``requireTradable`` answers."""
    result: ProductRecord = decode_answer(
        (
            Field(
                "(uint8,bytes32,uint32,(uint32,uint32,uint32),bytes3,uint64,uint64,bytes32,bytes32,bytes32)",
                ProductRecord,
            ),
        ),
        answer,
    )[0]
    return result


def encode_review(
    *, product_id: bytes, version: int, approved: bool, review_digest: bytes, platforms: tuple[PartySignature, ...]
) -> bytes:
    """Call data of ``review``."""
    return encode_call(
        bytes.fromhex("f1bb2b1f"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("bool"),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            product_id,
            version,
            approved,
            review_digest,
            platforms,
        ),
    )


def encode_set_frozen(
    *, product_id: bytes, frozen: bool, reason_digest: bytes, nonce: int, regulator: PartySignature
) -> bytes:
    """Call data of ``setFrozen``."""
    return encode_call(
        bytes.fromhex("36083202"),
        (
            Field("bytes32"),
            Field("bool"),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            product_id,
            frozen,
            reason_digest,
            nonce,
            regulator,
        ),
    )


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    PartySigned,
    ProductFiled,
    ProductFreezeChanged,
    ProductRegistered,
    ProductReviewed,
    ProductStatusChanged,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    PartyActExpired,
    PartyActWrongSigner,
    ProductRegistryFreezeUnchanged,
    ProductRegistryFrozen,
    ProductRegistryNoCode,
    ProductRegistryPriceAboveCeiling,
    ProductRegistryReviewSignatures,
    ProductRegistrySuspendedByOther,
    ProductRegistryUnknownProduct,
    ProductRegistryWeightSum,
    ProductRegistryWrongNonce,
    ProductRegistryWrongProvider,
    ProductRegistryWrongStatus,
    ProductRegistryWrongVersion,
    ProductRegistryZeroValue,
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
