"""The life of an act that the authorisation platform does at the other platform: written down first, then sent until it is answered. Pure."""

from typing import Final

from ledger.domain.transitions import TransitionTable
from ledger.errors import ConflictError

ACT_LIFE: Final = TransitionTable(
    "platform_act",
    "intended",
    {("intended", "acknowledge"): "acknowledged", ("intended", "refuse"): "refused"},
)
"""It is sent with one Idempotency-Key from ``intended`` on; what was refused changed nothing there, and is done anew as another act."""


class ActExistsError(ConflictError):
    """The act was done already, or is under way."""

    code = "platform_act_exists"
    title = "Act done already"
