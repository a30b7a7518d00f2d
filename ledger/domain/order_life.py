"""The life of an order as transition tables, one for each kind, and who may do what in which state. Pure.

What the chain has to agree to goes through a waiting state (``placing``, ``confirming``, ...): ``confirm`` when the call is final,
``return_to_<state>`` when the contract refused it, or it was taken back. A single order is in force with its agreement; a
call-off is in force as soon as the provider has confirmed it, because its framework agreement is there already.
"""

from collections.abc import Mapping
from typing import Final

from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError

KIND: Final = "order"
SINGLE: Final = "single"
CALL_OFF: Final = "call_off"
KINDS: Final = (SINGLE, CALL_OFF)


def _asked(state: str, act: str, waiting: str, end: str) -> dict[tuple[str, str], str]:
    """A step that the chain decides: asked for, agreed to, or back to where it began."""
    return {(state, act): waiting, (waiting, "confirm"): end, (waiting, f"return_to_{state}"): state}


_COMMON: Final[Mapping[tuple[str, str], str]] = {
    ("drafted", "edit"): "drafted",
    ("drafted", "discard"): "discarded",
    **_asked("drafted", "place", "placing", "offered"),
    **_asked("offered", "reject", "rejecting", "rejected"),
    **_asked("offered", "withdraw", "withdrawing", "withdrawn"),
    ("offered", "lapse"): "lapsed",
    ("in_force", "close"): "closed",
}

ORDER_LIFE: Final = TransitionTable(
    KIND,
    "drafted",
    {
        **_COMMON,
        **_asked("offered", "accept", "confirming", "confirmed"),
        **_asked("confirmed", "cancel", "cancelling", "cancelled"),
        ("confirmed", "contract"): "in_force",
    },
)
"""Of a single order."""

CALL_OFF_LIFE: Final = TransitionTable(
    KIND, "drafted", {**_COMMON, **_asked("offered", "accept", "confirming", "in_force")}
)
"""Of a call-off: the framework agreement binds already, so nothing is between the confirmation and the force."""

CONSUMER: Final = "consumer"
PROVIDER: Final = "provider"
BOTH: Final = (CONSUMER, PROVIDER)

MAY: Final[Mapping[str, tuple[str, ...]]] = {
    "edit": (CONSUMER,),
    "discard": (CONSUMER,),
    "place": (CONSUMER,),
    "withdraw": (CONSUMER,),
    "accept": (PROVIDER,),
    "reject": (PROVIDER,),
    "cancel": BOTH,
    "lapse": BOTH,
    "close": BOTH,
}
"""Act of a party -> the sides that may do it; every other act is the chain's, or follows from the agreement."""


def life_of(kind: str) -> TransitionTable:
    """The table of an order of this kind."""
    return CALL_OFF_LIFE if kind == CALL_OFF else ORDER_LIFE


def next_state(kind: str, state: str, act: str) -> str:
    """Where an act leads an order; what only a single order knows is illegal for a call-off, in every state.

    Raises:
        IllegalTransitionError: it is not allowed there; says what is.
    """
    table = life_of(kind)
    if act in ORDER_LIFE.acts - table.acts:
        allowed = list(table.allowed(state))
        raise IllegalTransitionError(
            f"A call-off never does this ({act}). Nothing was changed.", state=state, allowed=allowed
        )
    return table.next(state, act)


def allowed_moves(kind: str, state: str, side: str | None) -> tuple[str, ...]:
    """What one side may do with an order now, sorted; nothing for whoever is neither."""
    return tuple(act for act in life_of(kind).allowed(state) if side in MAY.get(act, ()))
