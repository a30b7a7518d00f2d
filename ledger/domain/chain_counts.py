"""Counts that acts name (``nonce``), taken from the followed events of the contracts. Pure.

A contract takes an act only with the number of acts before it. What was done through this service is not all of them: a body may
relay its own acts, and the council acts by itself. So a count is what the events say, as far as the contract is followed, and what the
last act that was completed here says, where that is the newer of the two.
"""

from collections.abc import Collection, Mapping, Sequence
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


def count_of_body(changes: Sequence[FollowedChange]) -> int | None:
    """``revision`` of a body of ``ParticipantRegistry``, from the changes of the body and its keys in the order of the chain.

    Every act on a body counts once. Most log one event; an admission logs its qualification and its keys as well and counts none, and
    a recovery of keys logs each key that it ends before the new one. None without the admission.
    """
    count: int | None = None
    entering: FollowedChange | None = None  # the last event of the admission so far
    for place, change in enumerate(changes):
        if change.event == "BodyAdmitted":
            count, entering = 0, change
            continue
        if count is None:
            continue
        # Between two keys of an admission stands one signature; an act of its own on a key begins with two, or with the body's.
        distance = 1 if change.event == "QualificationRecorded" else 2
        if entering is not None and change.event in _OF_ADMISSION and _distance(entering, change) == distance:
            entering = change
            continue
        entering = None
        following = changes[place + 1] if place + 1 < len(changes) else None
        is_in_recovery = following is not None and _distance(change, following) == 1
        if not (change.event == "KeyRevoked" and is_in_recovery):
            count += 1
    return count


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


_OF_ADMISSION: Final = frozenset({"QualificationRecorded", "KeyAdded"})


def _distance(one: FollowedChange, other: FollowedChange) -> int | None:
    """Places between two events of a block; None when they are in different ones."""
    return other.log_index - one.log_index if one.block_number == other.block_number else None
