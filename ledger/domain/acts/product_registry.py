"""Acts of ``ProductRegistry``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import ProductActKind
from ledger.domain.typed_acts import Act, Bool, Bytes3, Bytes32, SolidityType, Uint32, Uint64, Uint256


class ProductRegistryAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "ProductRegistry"


@dataclass(frozen=True)
class ProductVersion(ProductRegistryAct):
    """A version of a product; signed by its provider. Weights are millionths, the price millionths of a minor unit."""

    product_id: Bytes32
    version: Uint32
    provider: Bytes32
    content_digest: Bytes32
    price_rule_digest: Bytes32
    public_weight: Uint32
    enterprise_weight: Uint32
    personal_weight: Uint32
    currency: Bytes3
    unit_price: Uint64


@dataclass(frozen=True)
class ProductReview(ProductVersion):
    """The review of a version, with all its fields; by the trading platform, and the authorisation platform where public."""

    approved: Bool
    review_digest: Bytes32


@dataclass(frozen=True)
class ProductFiling(ProductVersion):
    """Filing number and ceiling of a version, with all its fields; signed by a price authority."""

    filing_digest: Bytes32
    ceiling_unit_price: Uint64


@dataclass(frozen=True)
class ProductAct(ProductRegistryAct):
    """Lists, suspends, resumes or delists; signed by the provider or a platform. ``nonce`` is the version's revision."""

    product_id: Bytes32
    version: Uint32
    act: Annotated[ProductActKind, SolidityType("uint8")]
    reason_digest: Bytes32
    nonce: Uint256


@dataclass(frozen=True)
class ProductFreeze(ProductRegistryAct):
    """Freezes a product or ends that; signed by the regulator. ``nonce`` counts its freezes and thaws."""

    product_id: Bytes32
    frozen: Bool
    reason_digest: Bytes32
    nonce: Uint256
