"""The life of a participant as a transition table, with what its document says about it. Pure."""

from typing import Final

from ledger.domain.participant import ACTIVE, KIND, LEFT, SUSPENDED, Participant
from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError

_REVIEWS: Final = {
    ("applied", "accept_identity"): "identity_reviewed",
    ("identity_reviewed", "accept_role"): "role_reviewed",
    ("role_reviewed", "accept_connector"): "connector_reviewed",
    ("role_reviewed", "approve"): "approved",
    ("connector_reviewed", "approve"): "approved",
    ("approved", "admit"): "admitting",
    ("admitting", "confirm_admission"): ACTIVE,
    ("admitting", "refuse_admission"): "approved",
    ("admitting", "withdraw_step"): "approved",
    ("rejected", "apply_again"): "applied",
    (LEFT, "apply_again"): "applied",
}
_REJECTABLE: Final = ("applied", "identity_reviewed", "role_reviewed", "connector_reviewed", "approved")
UNDER_REVIEW: Final = (*_REJECTABLE, "admitting")
"""States of an application that somebody still has to work on."""

_STANDING: Final = {
    (ACTIVE, "suspend"): ACTIVE,
    (ACTIVE, "confirm_suspension"): SUSPENDED,
    (SUSPENDED, "suspend"): SUSPENDED,  # the regulator takes over what the operator suspended
    (SUSPENDED, "confirm_suspension"): SUSPENDED,
    (SUSPENDED, "reinstate"): SUSPENDED,
    (SUSPENDED, "confirm_reinstatement"): ACTIVE,
    (ACTIVE, "confirm_departure"): LEFT,
    (ACTIVE, "depart"): ACTIVE,  # not while suspended: that is what stops a thief of its key
    (ACTIVE, "add_key"): ACTIVE,  # the chain takes new keys of a suspended body from nobody
}
IN_MEMBERSHIP: Final = (
    "withdraw_step",
    "refuse_step",
    "renew_qualification",
    "confirm_renewal",
    "change_qualification",
    "acknowledge_change",
    "pass_recheck",
    "revoke_key",
    "confirm_key",
    "change_roles",
    "confirm_roles",
    "add_sm2_key",
    "revoke_sm2_key",
    "enter_violation",
    "rate",
    "appeal",
    "decide_appeal",
    "claim_repair",
    "decide_repair",
)
"""Acts of an admitted body that leave it in its state."""

LIFE: Final = TransitionTable(
    KIND,
    "applied",
    _REVIEWS
    | {(state, "reject"): "rejected" for state in _REJECTABLE}
    | _STANDING
    | {(state, act): state for state in (ACTIVE, SUSPENDED) for act in IN_MEMBERSHIP},
)
"""A step for the chain (``suspend``, ``reinstate``, ``depart``, ...) only proposes; the state follows when the chain is final."""


def next_state(participant: Participant, state: str, act: str) -> str:
    """As ``LIFE.next``; the connector is reviewed exactly where one is declared.

    Raises:
        IllegalTransitionError: the state does not allow the act, or what the participant declared does not.
    """
    skipped = "approve" if participant.connector is not None else "accept_connector"
    if (state, act) != ("role_reviewed", skipped):
        return LIFE.next(state, act)
    allowed = allowed_acts(participant, state)
    what = "has a connector that nobody reviewed" if act == "approve" else "declares no connector"
    raise IllegalTransitionError(
        f"This participant {what}. Allowed now: {', '.join(allowed)}. Nothing was changed.",
        state=state,
        allowed=allowed,
    )


def allowed_acts(participant: Participant, state: str) -> list[str]:
    """The acts that ``next_state`` lets pass, sorted."""
    skipped = "approve" if participant.connector is not None else "accept_connector"
    return [act for act in LIFE.allowed(state) if (state, act) != ("role_reviewed", skipped)]


def is_in_good_standing(participant: Participant, state: str, at: int) -> bool:
    """Whether it may take on new duties: active, qualified at this second (Unix time), no suspension under way, no re-check failed."""
    step, chain = participant.open_step, participant.chain
    is_being_suspended = step is not None and step.step == "suspend"
    is_held = is_being_suspended or participant.failed_recheck is not None
    return state == ACTIVE and not is_held and chain is not None and at <= chain.qualified_until
