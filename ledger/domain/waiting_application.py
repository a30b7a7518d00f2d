"""The life of an application that waits behind another one for the same code. Pure."""

from typing import Final

from ledger.domain.transitions import TransitionTable

KIND: Final = "waiting_application"
LIFE: Final = TransitionTable(KIND, "waiting", {("waiting", "take_up"): "taken_up", ("waiting", "drop"): "dropped"})
