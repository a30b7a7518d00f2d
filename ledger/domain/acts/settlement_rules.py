"""Acts of ``SettlementRules``. Weights and shares are millionths; a period is a month as decimal YYYYMM."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import Component
from ledger.domain.typed_acts import Act, Bytes32, SolidityType, Uint16, Uint32


class SettlementRulesAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "SettlementRules"


@dataclass(frozen=True)
class Rule(SettlementRulesAct):
    """A rule; signed by trading platform, authorisation platform and regulator."""

    formula_digest: Bytes32
    filing_digest: Bytes32
    text_digest: Bytes32
    min_public_weight: Uint32
    max_public_weight: Uint32
    min_enterprise_weight: Uint32
    max_enterprise_weight: Uint32
    min_personal_weight: Uint32
    max_personal_weight: Uint32
    first_period: Uint32


@dataclass(frozen=True)
class RuleRetirement(SettlementRulesAct):
    """Closes a rule for new agreements; signed by the regulator."""

    rule_version: Bytes32
    reason_digest: Bytes32


@dataclass(frozen=True)
class PeriodWeights(SettlementRulesAct):
    """Weights of one agreement, component and period; signed by authorisation platform and auditor.

    ``component_hash`` is the ``hash_struct`` of the component's terms, whose recipients share.
    """

    agreement_id: Bytes32
    component: Annotated[Component, SolidityType("uint8")]
    period: Uint32
    revision: Uint16
    rule_version: Bytes32
    component_hash: Bytes32
    public_weight: Uint32
    enterprise_weight: Uint32
    personal_weight: Uint32
    shares: tuple[Uint32, ...]
    evidence_digest: Bytes32
