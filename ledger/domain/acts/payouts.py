"""Acts of ``Payouts``. Amounts are minor units of the currency."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import PayoutStatus
from ledger.domain.typed_acts import Act, Bytes3, Bytes32, SolidityType, Uint32, Uint64


class PayoutsAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "Payouts"


@dataclass(frozen=True)
class PayeeAccount(PayoutsAct):
    """A version of a payee's account; signed by the payee, a change by two of its keys."""

    payee: Bytes32
    version: Uint32
    account_digest: Bytes32


@dataclass(frozen=True)
class PayeeAccountCancellation(PayoutsAct):
    """Cancels an account version that does not hold yet; signed by the payee."""

    payee: Bytes32
    version: Uint32


@dataclass(frozen=True)
class Collection(PayoutsAct):
    """A line's money came in; signed by a bank."""

    line_id: Bytes32
    statement_digest: Bytes32


@dataclass(frozen=True)
class PayoutInstruction(PayoutsAct):
    """Instructs a payout; signed by a platform."""

    payout_id: Bytes32
    table_id: Uint32
    payee: Bytes32
    currency: Bytes3
    amount: Uint64
    account_id: Bytes32
    bank: Bytes32
    instruction_digest: Bytes32
    reissues: Bytes32


@dataclass(frozen=True)
class PayoutReport(PayoutsAct):
    """What became of a payout; signed by the payee or the payout's bank."""

    payout_id: Bytes32
    status: Annotated[PayoutStatus, SolidityType("uint8")]
    statement_digest: Bytes32


@dataclass(frozen=True)
class RewardRoot(PayoutsAct):
    """Rewards of data subjects as one root; signed by the payee and an auditor."""

    table_id: Uint32
    payee: Bytes32
    currency: Bytes3
    reward_root: Bytes32
    total: Uint64
    count: Uint32
