"""Who may send which message in which state, as one transition table a side. Pure.

The states are those of the specification's state machine; ``INITIAL`` is the dot from which it starts. One reading: the figure lets only one side
terminate from ``ACCEPTED`` on, the text says that the termination message "MAY be sent at any state". The text is followed: a side that
cannot get out of a negotiation would leave the two with different states. No state that is final is ever left.
"""

from enum import StrEnum
from typing import Final

from ledger.domain.agreement_status import NegotiationState
from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError

INITIAL: Final = "INITIAL"
FINAL: Final = frozenset({NegotiationState.FINALIZED, NegotiationState.TERMINATED})


class Side(StrEnum):
    """The two parties of a negotiation."""

    PROVIDER = "provider"
    CONSUMER = "consumer"

    @property
    def other(self) -> "Side":
        """The counterparty."""
        return Side.CONSUMER if self is Side.PROVIDER else Side.PROVIDER


class Act(StrEnum):
    """What a message does."""

    REQUEST = "request"
    OFFER = "offer"
    ACCEPT = "accept"
    AGREE = "agree"
    VERIFY = "verify"
    FINALIZE = "finalize"
    TERMINATE = "terminate"


SENDERS: Final = {
    Act.REQUEST: (Side.CONSUMER,),
    Act.OFFER: (Side.PROVIDER,),
    Act.ACCEPT: (Side.CONSUMER,),
    Act.AGREE: (Side.PROVIDER,),
    Act.VERIFY: (Side.CONSUMER,),
    Act.FINALIZE: (Side.PROVIDER,),
    Act.TERMINATE: (Side.CONSUMER, Side.PROVIDER),
}
"""Who sends each message (the specification's rows "Sent by")."""

_MOVES: Final[dict[tuple[str, Act], NegotiationState]] = {
    (INITIAL, Act.REQUEST): NegotiationState.REQUESTED,
    (INITIAL, Act.OFFER): NegotiationState.OFFERED,
    ("REQUESTED", Act.OFFER): NegotiationState.OFFERED,
    ("REQUESTED", Act.AGREE): NegotiationState.AGREED,
    ("OFFERED", Act.REQUEST): NegotiationState.REQUESTED,
    ("OFFERED", Act.ACCEPT): NegotiationState.ACCEPTED,
    ("ACCEPTED", Act.AGREE): NegotiationState.AGREED,
    ("AGREED", Act.VERIFY): NegotiationState.VERIFIED,
    ("VERIFIED", Act.FINALIZE): NegotiationState.FINALIZED,
    **{(str(live), Act.TERMINATE): NegotiationState.TERMINATED for live in NegotiationState if live not in FINAL},
}


def act_name(side: Side, sender: Side, act: Act) -> str:
    """What the act is called in the table of ``side``, such as ``receive_offer``."""
    return f"{'send' if sender is side else 'receive'}_{act}"


def _table(side: Side) -> TransitionTable:
    moves = {
        (state, act_name(side, sender, act)): str(after)
        for (state, act), after in _MOVES.items()
        for sender in SENDERS[act]
    }
    return TransitionTable("negotiation", INITIAL, moves)


TABLES: Final = {side: _table(side) for side in Side}
"""The life of a negotiation as each side sees it."""


def next_state(side: Side, state: str, sender: Side, act: Act) -> NegotiationState:
    """Where a message leads.

    Args:
        side: whose table.
        state: the state now, or ``INITIAL``.
        sender: who sends or sent it.
        act: what it does.

    Raises:
        IllegalTransitionError: the state does not allow it, or this side never sends it; ``facts`` has state and what is allowed.
    """
    table = TABLES[side]
    if sender not in SENDERS[act]:
        allowed = table.allowed(state)
        raise IllegalTransitionError(
            f"A {sender} never sends this ({act}); the negotiation stays {state}."
            f" Allowed now: {', '.join(allowed) or 'nothing any more'}.",
            state=state,
            allowed=list(allowed),
        )
    return NegotiationState(table.next(state, act_name(side, sender, act)))
