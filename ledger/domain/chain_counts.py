"""Counts that acts name (``nonce``), taken from the followed events of the contracts. Pure.

A contract takes an act only with the number of its signer's acts before it. What was done through this service is not all of them: a
body may relay its own acts. So a count is what the events say, as far as the contract is followed, and what the
last act that was completed here says, where that is the newer of the two.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

WRONG_NONCE: Final = "WrongNonce"
"""How the names of the contracts' errors end when an act names another count than theirs."""


@dataclass(frozen=True, slots=True)
class FollowedChange:
    """What one event changed in one object.

    Args:
        event: its name in the contract's interface.
        kind: the object's kind in the read model.
        object_id: the object's name there.
        block_number: of the event.
        log_index: its place in the block.
        members: what it set.
    """

    event: str
    kind: str
    object_id: str
    block_number: int
    log_index: int
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Followed:
    """Changes in the order of the chain, and the block up to which it is followed; None when it is not followed at all."""

    block_number: int | None
    changes: tuple[FollowedChange, ...]


def count_of_events(followed: Followed, object_id: str, events: Collection[str], *, begins: str) -> int | None:
    """How many of these events the object has; None unless the one that ``begins`` it is among the followed ones."""
    names = [change.event for change in followed.changes if change.object_id == object_id]
    return sum(name in events for name in names) if begins in names else None


def count_of_acts(followed: Followed, body_id: str, signer_id: str) -> int | None:
    """Acts that one body of ``ParticipantRegistry`` has done about another, or about itself: ``actCount`` of the contract.

    Each signer counts for itself, so nobody's act outdates what another one signed. None without the admission of the body.
    """
    if not any(change.event == "BodyAdmitted" and change.object_id == body_id for change in followed.changes):
        return None
    counted = [change for change in followed.changes if change.object_id == f"{body_id}/{signer_id}"]
    counts = [int(change.members["count"]) for change in counted if change.event == "ActCounted"]
    return counts[-1] if counts else 0


def newest_count(known: int, known_at: int, followed: Followed, counted: int | None) -> int:
    """The count for the next act.

    Args:
        known: by the last act that was completed here: the count that it named, and one.
        known_at: block of that act.
        followed: how far the contract's events are followed.
        counted: what they say; None when they do not hold the object's beginning.
    """
    is_behind = followed.block_number is None or followed.block_number < known_at
    return known if counted is None or is_behind else counted


def is_wrong_nonce(reason: str) -> bool:
    """Whether a contract refused an act only because of its count: proposed anew it names the right one."""
    return reason.partition(" ")[0].endswith(WRONG_NONCE)
