"""Acts of ``RevenueSettlement``, the book of lines. Amounts are minor units of the currency."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import BasisKind, Component, PayBasis
from ledger.domain.typed_acts import Act, Bool, Bytes3, Bytes32, SolidityType, Uint16, Uint32, Uint64


class RevenueSettlementAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "RevenueSettlement"


@dataclass(frozen=True)
class TableOpening(RevenueSettlementAct):
    """Opens a distribution table; signed by the platform that proposes it. ``nonce`` counts the tables that it opened."""

    nonce: Uint32
    period: Uint32
    currency: Bytes3


@dataclass(frozen=True)
class SettlementLine(RevenueSettlementAct):
    """A line as it is booked; signed by the table's proposer."""

    table_id: Uint32
    table_version: Uint16
    agreement_id: Bytes32
    component: Annotated[Component, SolidityType("uint8")]
    period: Uint32
    currency: Bytes3
    ordinal: Uint16
    basis: Annotated[BasisKind, SolidityType("uint8")]
    basis_hash: Bytes32
    weights_revision: Uint16
    gross: Uint64
    corrects: Bytes32
    base_gross: Uint64
    rule_version: Bytes32
    price_rule_digest: Bytes32
    silence_accepts: Bool
    pay_basis: Annotated[PayBasis, SolidityType("uint8")]


@dataclass(frozen=True)
class CreditNote(RevenueSettlementAct):
    """A lower gross of a line; signed by provider and consumer."""

    line_id: Bytes32
    base_gross: Uint64
    gross: Uint64
    note_digest: Bytes32
