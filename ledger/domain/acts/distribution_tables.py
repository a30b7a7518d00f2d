"""Acts of ``DistributionTables``."""

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.typed_acts import Act, Bool, Bytes3, Bytes28, Bytes32, Uint16, Uint32, Uint64


class DistributionTablesAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "DistributionTables"


@dataclass(frozen=True)
class DistributionTable(DistributionTablesAct):
    """A version of a table; signed by its proposer and by the second signer."""

    table_id: Uint32
    table_version: Uint16
    period: Uint32
    currency: Bytes3
    line_count: Uint16
    lines_digest: Bytes28
    window_seconds: Uint32
    calendar_digest: Bytes32


@dataclass(frozen=True)
class Publication(DistributionTablesAct):
    """A publication receipt; one each of proposer and second signer."""

    table_id: Uint32
    table_version: Uint16
    lines_digest: Bytes28
    publication_digest: Bytes32


@dataclass(frozen=True)
class Objection(DistributionTablesAct):
    """An objection against a booking; signed by provider, consumer or recipient."""

    table_id: Uint32
    table_version: Uint16
    line_id: Bytes32
    amount: Uint64
    grounds_digest: Bytes32


@dataclass(frozen=True)
class ObjectionAnswer(DistributionTablesAct):
    """The answer to an objection; signed by proposer and second signer."""

    objection_id: Bytes32
    upheld: Bool
    answer_digest: Bytes32


@dataclass(frozen=True)
class ReviewRequest(DistributionTablesAct):
    """Asks for a review; signed by the objector."""

    objection_id: Bytes32
    grounds_digest: Bytes32


@dataclass(frozen=True)
class ReviewDecision(DistributionTablesAct):
    """The decision of a review; signed by auditor or arbitrator."""

    objection_id: Bytes32
    upheld: Bool
    decision_digest: Bytes32


@dataclass(frozen=True)
class ObjectionWithdrawal(DistributionTablesAct):
    """Withdraws an objection; signed by the objector."""

    objection_id: Bytes32
    reason_digest: Bytes32
