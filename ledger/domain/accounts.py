"""The life of an account: in force, then withdrawn for good; whoever comes back is granted another."""

from typing import Final

from ledger.domain.transitions import TransitionTable

ACTIVE: Final = "active"
WITHDRAWN: Final = "withdrawn"

ACCOUNT_STATES: Final = TransitionTable(kind="account", initial=ACTIVE, moves={(ACTIVE, "withdraw"): WITHDRAWN})
