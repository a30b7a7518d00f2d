"""Acts of ``DigitalContractRegistry`` and the terms inside an agreement."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import Component, Part, PayBasis
from ledger.domain.typed_acts import (
    Act,
    Bool,
    Bytes3,
    Bytes32,
    SolidityType,
    Struct,
    Uint8,
    Uint32,
    Uint64,
    Uint256,
    hash_array,
)


class DigitalContractRegistryAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "DigitalContractRegistry"


@dataclass(frozen=True)
class Recipient(Struct):
    """One recipient's share of one part of a component, in millionths, and the bounds that period weights must keep."""

    recipient: Bytes32
    part: Annotated[Part, SolidityType("uint8")]
    share: Uint32
    min_share: Uint32
    max_share: Uint32


@dataclass(frozen=True)
class ComponentTerms(Struct):
    """What the parties agreed about one component. ``bases``: bit n allows number n of ``BasisKind``."""

    component: Annotated[Component, SolidityType("uint8")]
    bases: Uint8
    currency: Bytes3
    max_unit_price: Uint64
    fixed_amount: Uint64
    first_period: Uint32
    last_period: Uint32
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True)
class Agreement(DigitalContractRegistryAct):
    """An agreement; signed by every party: provider, consumer, then the others by ascending id."""

    agreement_id: Bytes32
    order_id: Bytes32
    product_id: Bytes32
    product_version: Uint32
    parties: tuple[Bytes32, ...]
    contract_digest: Bytes32
    rule_version: Bytes32
    price_rule_digest: Bytes32
    silence_accepts: Bool
    answer_seconds: Uint32
    pay_basis: Annotated[PayBasis, SolidityType("uint8")]
    valid_from: Uint64
    valid_until: Uint64
    replaces: Bytes32
    components: tuple[ComponentTerms, ...]

    @property
    def components_hash(self) -> bytes:
        """The hash that stands for ``components`` in the contract's call and in the booking terms."""
        return hash_array(self.components)


@dataclass(frozen=True)
class AgreementFiling(DigitalContractRegistryAct):
    """The filing of an agreement; signed by a platform."""

    agreement_id: Bytes32
    contract_digest: Bytes32
    filing_digest: Bytes32


@dataclass(frozen=True)
class Termination(DigitalContractRegistryAct):
    """The end of an agreement; signed by provider and consumer, or by arbitrator or regulator.

    ``nonce`` counts the times that these signers have ended the agreement.
    """

    agreement_id: Bytes32
    effective_at: Uint64
    reason_digest: Bytes32
    nonce: Uint256
