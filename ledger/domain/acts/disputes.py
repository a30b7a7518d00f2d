"""Acts of ``Disputes``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import DisputeSubject
from ledger.domain.typed_acts import Act, Bool, Bytes32, SolidityType, Uint64, Uint256


class DisputesAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "Disputes"


@dataclass(frozen=True)
class DisputeCase(DisputesAct):
    """A case as it is opened; signed by a party, a recipient or the regulator.

    ``nonce`` counts the cases that the signer opened about the agreement.
    """

    agreement_id: Bytes32
    nonce: Uint256
    subject: Annotated[DisputeSubject, SolidityType("uint8")]
    stream_id: Bytes32
    index: Uint64
    line_id: Bytes32
    frozen_payee: Bytes32
    frozen_amount: Uint64
    review_at: Uint64
    grounds_digest: Bytes32


@dataclass(frozen=True)
class FreezeExtension(DisputesAct):
    """A later review date; signed by an arbitrator. ``nonce`` counts the extensions."""

    dispute_id: Bytes32
    review_at: Uint64
    nonce: Uint256


@dataclass(frozen=True)
class Ruling(DisputesAct):
    """How a case ends; signed by an arbitrator, or by provider and consumer and whoever else opened it.

    ``base_gross`` is the gross that it was made over: a line that it lowers is never raised by it, nor the reverse.
    """

    dispute_id: Bytes32
    ruling_digest: Bytes32
    awarded_units: Uint64
    corrects_gross: Bool
    base_gross: Uint64
    corrected_gross: Uint64

    @property
    def units_awarded(self) -> int:
        """What the function that takes the act calls ``awarded_units``."""
        return self.awarded_units


@dataclass(frozen=True)
class DisputeWithdrawal(DisputesAct):
    """Withdraws a case; signed by its opener."""

    dispute_id: Bytes32
    reason_digest: Bytes32
