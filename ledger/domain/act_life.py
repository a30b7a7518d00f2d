"""The life of an act as a transition table: it gathers signatures, the contract is called, the chain decides. Pure."""

from typing import Final

from ledger.domain.transitions import TransitionTable

KIND: Final = "act"

LIFE: Final = TransitionTable(
    KIND,
    "open",
    {
        ("open", "sign"): "open",
        ("open", "complete"): "calling",
        ("open", "withdraw"): "withdrawn",
        ("calling", "confirm"): "final",
        ("calling", "refuse"): "refused",
        ("final", "lose"): "calling",
    },
)
"""``calling``: all signatures are there, the anchor service calls the contract. ``final``: the chain holds it for good."""
