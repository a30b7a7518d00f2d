"""The states of a contract call, and the only legal moves between them. Pure.

::

    queued ----> staged ----> submitted ----> mined ----> final
      |  ^         |  ^           |            |  |         |
      |  +---------+--|-----------+------------+  |         |    set aside: its transaction can never be mined, or failed early
      |               +----------------------------+---------+    its block is gone: the same bytes are sent again
      +-----------------------------------------> refused <-- mined

``staged`` means that the signed bytes and their hash are durable and may or may not have left the process. ``submitted`` means that a
node has said that it knows the transaction. Because a reply can be lost, ``staged -> mined`` is legal. A transaction that failed on the
chain is ``mined`` with a reason, and ``refused`` only when its block is final: until then another history may still take it.
"""

from enum import StrEnum
from typing import Final

from ledger.errors import MisuseError


class CallState(StrEnum):
    """The states of a contract call."""

    QUEUED = "queued"
    STAGED = "staged"
    SUBMITTED = "submitted"
    MINED = "mined"
    FINAL = "final"
    REFUSED = "refused"


UNMINED: Final = (CallState.STAGED, CallState.SUBMITTED)
"""In flight: the transaction may be mined any moment."""

CALL_TRANSITIONS: Final[dict[CallState, frozenset[CallState]]] = {
    CallState.QUEUED: frozenset({CallState.STAGED, CallState.MINED, CallState.REFUSED}),
    CallState.STAGED: frozenset({CallState.SUBMITTED, CallState.MINED, CallState.QUEUED}),
    CallState.SUBMITTED: frozenset({CallState.MINED, CallState.QUEUED}),
    CallState.MINED: frozenset({CallState.FINAL, CallState.REFUSED, CallState.STAGED, CallState.QUEUED}),
    CallState.FINAL: frozenset({CallState.STAGED}),
    CallState.REFUSED: frozenset(),
}


def check_call_transition(current: CallState, target: CallState, *, final_is_reversible: bool = False) -> None:
    """Raises :class:`MisuseError` unless the move is legal.

    Args:
        current: the call's state in the database.
        target: the state it is to have.
        final_is_reversible: True on a development chain, whose blocks may vanish by a restore.
    """
    if target not in CALL_TRANSITIONS[current]:
        raise MisuseError(f"a contract call cannot go from {current} to {target}")
    if current is CallState.FINAL and not final_is_reversible:
        raise MisuseError("a final contract call stays final on this network")
