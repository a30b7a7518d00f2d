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

REFUSED: Final = "REFUSED"
"""Our first request was refused, so there never was a negotiation."""

OPENING_LIFE: Final = TransitionTable(
    "negotiation",
    REQUESTING,
    {(REQUESTING, "deliver"): str(NegotiationState.REQUESTED), (REQUESTING, "give_up"): REFUSED},
)
"""A negotiation that we open, until the other side has it; then its life is that of ``life.TABLES``."""
