"""Notices: what a body is told of things that concern it, in an inbox of its own. Pure."""

from typing import Final

from ledger.domain.transitions import TransitionTable

KIND: Final = "notice"
LIFE: Final = TransitionTable(KIND, "sent", {("sent", "read"): "read"})
"""It stays where it is when it was read; nobody takes it away."""
