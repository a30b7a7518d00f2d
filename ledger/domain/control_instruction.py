"""Control instructions (控制指令): what a filed agreement tells the connectors of both parties, and what each says of it. Pure.

NDI-TR-2025-02 clause 6.6 names the fetching of an instruction and the report of its state and defines neither. What an instruction lets
a connector know is what other clauses take from it (field tables, section 11), under the names that are printed there:

- NDI-TR-2025-05 table B.1: ``ctrlInstructiontId`` *(sic)*, ``productId``, ``issuerConnectorId`` (who calls: the consumer's), ``targetConnectorId``
  (who is called: the provider's); both connectors of an agreement have the same number, by which the provider grants access.
- TC609-6-2025-15 table 2, which is built on it: ``connectorId`` (to whom it goes), ``contractId``, ``strategyId``, ``strategyVersion``,
  ``transactionExecutionStrategy``, ``issuedAt``. The strategy is ``contractPolicies`` of -14, beside the same policy as ODRL.

``purpose`` is ours: ``start`` when the agreement is filed, ``stop`` when it ends. A connector fetches what it has not received at every
look, so an instruction is sent again until it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ledger.domain.agreement import DisclosedPart, PartyType
from ledger.domain.transitions import TransitionTable

KIND: Final = "control_instruction"
NUMBER_CHARACTERS: Final = 32
SIDES: Final = ("consumer", "provider")
"""Whose connector it is; in the order in which the two objects of a number are locked."""


class Purpose(StrEnum):
    """What the connectors are to do."""

    START = "start"
    STOP = "stop"


class Reported(StrEnum):
    """What a connector says of an instruction."""

    RECEIVED = "received"
    IN_FORCE = "in_force"
    FAILED = "failed"
    ENDED = "ended"


LIFE: Final = TransitionTable(
    KIND,
    "issued",
    {
        ("issued", "receive"): "received",
        ("issued", "withdraw"): "withdrawn",
        **{(state, "enforce"): "in_force" for state in ("received", "in_force", "failed")},
        **{(state, "fail"): "failed" for state in ("received", "in_force", "failed")},
        **{(state, "end"): "ended" for state in ("received", "in_force", "failed")},
    },
)
"""Received before anything else is said of it; what is in force, or has failed, is said again at intervals (-14 clause 7.5 d). A start that
nobody received when the agreement ends is withdrawn."""

ACT_OF: Final = {
    Reported.RECEIVED: "receive",
    Reported.IN_FORCE: "enforce",
    Reported.FAILED: "fail",
    Reported.ENDED: "end",
}

RECEIVE_DUTY: Final = "receive_instruction"
CARRY_OUT_DUTY: Final = "carry_out_instruction"
RECEIVE_WITHIN: Final = {Purpose.START: timedelta(hours=24), Purpose.STOP: timedelta(hours=1)}
CARRY_OUT_WITHIN: Final = {Purpose.START: timedelta(hours=24), Purpose.STOP: timedelta(hours=1)}
"""Duties of a connector's body: what is due and by when, from the issue and from the receipt."""

REPORTS_KEPT: Final = 50
"""Newest reports in the object; its history and the log have all of them."""

REASON_CHARACTERS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Instructed:
    """What an instruction is made of.

    Args:
        purpose: of it.
        number: 32 characters, the same for both connectors.
        contract_id: 47 characters.
        contract_hash: of the agreement, 64 hex digits.
        part: the agreement's disclosed part.
        issued_at: now.
        effective_at: from when it is to be followed.
        ends_at: last second of the delivery as it was agreed.
    """

    purpose: Purpose
    number: str
    contract_id: str
    contract_hash: str
    part: DisclosedPart
    issued_at: datetime
    effective_at: datetime
    ends_at: datetime

    @property
    def nodes(self) -> dict[str, str]:
        """Side -> its connector, or the business node that performs for it."""
        by_type = {party.party_type: party.node_id for party in self.part.parties}
        return {"consumer": by_type[PartyType.USER.value], "provider": by_type[PartyType.PROVIDER.value]}


def instruction_id(number: str, side: str) -> str:
    """How the instruction of one connector is named."""
    return f"{number}/{side}"
