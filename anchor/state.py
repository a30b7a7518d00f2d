"""The states of an event and of an anchor job, and the only legal transitions. Pure.

An event has no state of its own in the database: it follows from its leaf index and four watermarks (``Watermarks`` in
``ledger.services.ports``). So an event's transition is a move of a watermark, and this module says which moves are legal.

An **anchor job** is one signed transaction that carries one published checkpoint to the contract::

    staged ----> submitted ----> mined ----> final
      |              |             |           |
      +--------------+-------------+-----------+----> abandoned (reason)     another transaction did the work, or a rollback
      +--------------+-------------------------------> failed (reason)       the transaction was mined and did not anchor

``staged`` means that the signed bytes and their hash are durable and may or may not have left the process. ``submitted``
means that a node has said that it knows the transaction. Because a reply can be lost, ``staged -> mined`` is legal.
"""

from dataclasses import replace
from enum import StrEnum

from ledger.errors import MisuseError
from ledger.services.ports import EventState, Watermarks


class JobState(StrEnum):
    """The states of an anchor job."""

    STAGED = "staged"
    SUBMITTED = "submitted"
    MINED = "mined"
    FINAL = "final"
    FAILED = "failed"
    ABANDONED = "abandoned"


class JobReason(StrEnum):
    """Why a job ended as ``failed`` or ``abandoned``; stored with the job and used as a metric label."""

    REVERTED = "reverted"  # mined with status 0: our transaction was wrong, or the log was closed meanwhile
    FORKED = "forked"  # the contract holds another root at this size: the log is marked as equivocated
    NO_EVENT = "no_event"  # mined with status 1 and without an event of the contract: not the contract we think it is
    REPEATED = "repeated"  # somebody else anchored the same head first
    STALE = "stale"  # somebody else anchored another of our heads first
    NONCE_USED = "nonce_used"  # the sender's key was used elsewhere: this transaction can never be mined
    ROLLED_BACK = "rolled_back"  # the block is not in the chain any more
    REJECTED = "rejected"  # the node will never take these bytes


OPEN_STATES = frozenset({JobState.STAGED, JobState.SUBMITTED})
"""A job in one of these may still be mined, so no second one is made: one anchor in flight."""

JOB_TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.STAGED: frozenset({JobState.SUBMITTED, JobState.MINED, JobState.FAILED, JobState.ABANDONED}),
    JobState.SUBMITTED: frozenset({JobState.MINED, JobState.FAILED, JobState.ABANDONED}),
    JobState.MINED: frozenset({JobState.FINAL, JobState.ABANDONED}),
    JobState.FINAL: frozenset({JobState.ABANDONED}),
    JobState.FAILED: frozenset(),
    JobState.ABANDONED: frozenset(),
}

FAILURES = frozenset({JobReason.REVERTED, JobReason.FORKED, JobReason.NO_EVENT})


def check_job_transition(
    current: JobState, target: JobState, *, reason: JobReason | None = None, final_is_reversible: bool = False
) -> None:
    """Raises :class:`MisuseError` unless the move is legal.

    Args:
        current: the job's state in the database.
        target: the state it is to have.
        reason: given exactly for the two ends ``failed`` and ``abandoned``, and one that fits.
        final_is_reversible: True on a development chain, whose blocks may vanish by a restore.
    """
    if target not in JOB_TRANSITIONS[current]:
        raise MisuseError(f"an anchor job cannot go from {current} to {target}")
    if current is JobState.FINAL and not final_is_reversible:
        raise MisuseError("a final anchor job stays final on this network")
    ended = target in {JobState.FAILED, JobState.ABANDONED}
    if ended != (reason is not None):
        raise MisuseError(f"an anchor job that becomes {target} {'needs a' if ended else 'has no'} reason")
    if reason is not None and (reason in FAILURES) != (target is JobState.FAILED):
        raise MisuseError(f"the reason {reason} does not fit the end {target}")
    if current in {JobState.MINED, JobState.FINAL} and reason is not None and reason is not JobReason.ROLLED_BACK:
        raise MisuseError(f"a {current} anchor job is undone by a rollback only, not by {reason}")


def advance(marks: Watermarks, stage: EventState, tree_size: int) -> Watermarks:
    """The watermarks after ``stage`` has reached ``tree_size``.

    Requires that the stage before has come that far, and never moves backwards: a lower size changes nothing.

    Raises:
        MisuseError: the stage before lags behind ``tree_size``.
    """
    match stage:
        case EventState.SEQUENCED:
            return replace(marks, sequenced=max(marks.sequenced, tree_size))
        case EventState.PUBLISHED:
            before, moved = marks.sequenced, replace(marks, published=max(marks.published, tree_size))
        case EventState.ANCHORED:
            before, moved = marks.published, replace(marks, anchored=max(marks.anchored, tree_size))
        case EventState.FINAL:
            before, moved = marks.anchored, replace(marks, final=max(marks.final, tree_size))
        case _:
            raise MisuseError("pending has no watermark: it is a row of the outbox")
    if tree_size > before:
        raise MisuseError(f"{stage} cannot reach {tree_size}: the stage before stands at {before}")
    return moved


def roll_back(marks: Watermarks, anchored: int, *, final_is_reversible: bool) -> Watermarks:
    """The watermarks after the chain lost every anchor above ``anchored``: those events are ``published`` again.

    Raises:
        MisuseError: a final height would move on a network where final is final, or ``anchored`` would rise.
    """
    if anchored > marks.anchored:
        raise MisuseError("a rollback cannot raise the anchored size")
    if anchored < marks.final and not final_is_reversible:
        raise MisuseError("a final height does not move on this network")
    return replace(marks, anchored=anchored, final=min(marks.final, anchored))
