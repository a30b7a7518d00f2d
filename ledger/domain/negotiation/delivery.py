"""How our own messages fare on their way, as transition tables. Pure.

A message that was received is kept as it came and has no life.
"""

from typing import Final

from ledger.domain.agreement_status import NegotiationState
from ledger.domain.transitions import TransitionTable

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
NOT_TAKEN: Final = "refused"
OVERTAKEN: Final = "overtaken"
"""The other side said something after which it means nothing."""

MESSAGE_LIFE: Final = TransitionTable(
    "negotiation_message",
    WAITING,
    {
        (WAITING, "deliver"): DELIVERED,
        (WAITING, "give_up"): NOT_TAKEN,
        (WAITING, "overtake"): OVERTAKEN,
    },
)
"""A message of ours."""

REQUESTING: Final = "REQUESTING"
"""Our first request is on its way; the protocol has no name for that, because nobody else knows of it."""

OFFERING: Final = "OFFERING"
"""So is our first offer."""

REFUSED: Final = "REFUSED"
"""Our first message was refused, so there never was a negotiation."""

OPENING_LIVES: Final = {
    initial: TransitionTable("negotiation", initial, {(initial, "deliver"): str(begun), (initial, "give_up"): REFUSED})
    for initial, begun in ((REQUESTING, NegotiationState.REQUESTED), (OFFERING, NegotiationState.OFFERED))
}
"""A negotiation that our consumer or our provider opens, until the other side has it; then its life is that of ``life.TABLES``."""
