"""Applications for a code that somebody else has applied for already, while nobody has shown to be that body.

Whoever comes first has no right to the code: a later application waits behind it, comes up when the one before is rejected, and ends
when one is found to be the body's. Waiting ones are their applicants' and the readers of all alone.
"""

from dataclasses import replace
from typing import Any, Final

from ledger.domain.participant import KIND as PARTICIPANT
from ledger.domain.participant import Participant, participant_from_json, participant_to_json
from ledger.domain.participant_life import UNDER_REVIEW
from ledger.domain.roles import OPERATOR
from ledger.domain.waiting_application import KIND, LIFE
from ledger.errors import ConflictError, MisuseError
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_records import Begun, begin_with, finish, record

UNPROVEN: Final = "applied"
"""State of a participant in which nobody has shown yet to be that body."""

WAITING_MAX: Final = 16
APPLICATIONS_MAX: Final = 8
"""Of one account, for whatever codes, that are reviewed or wait: every one is somebody's work, and an account is anybody's to have."""


def wait_behind(
    uow: UnitOfWork, existing: StoredObject, applied: Participant, private: dict[str, Any], parties: tuple[str, ...]
) -> StoredObject:
    """Puts an application behind the one that is under review.

    Args:
        uow: of the applicant.
        existing: the participant's object, locked, in the state ``UNPROVEN``.
        applied: what was handed in.
        private: salt and facts, to be sealed.
        parties: who sees it once it is under review.

    Raises:
        ConflictError: the body was a member, so that the code is no stranger's; one of this account waits already, or too many do.
    """
    first = participant_from_json(existing.document)
    if first.was_member and not uow.actor.may_see(existing.parties):
        raise ConflictError(f"There is already a participant {existing.object_id}. Nothing was changed.")
    for name in first.waiting:
        if _get(uow, name).document["application"]["applied_by"] == applied.applied_by:
            raise ConflictError("This account's application for the code waits already. Nothing was written.")
    if len(first.waiting) >= WAITING_MAX:
        raise ConflictError("Too many applications for this code wait; ask the operator. Nothing was written.")
    number = 1 + max((int(name.rpartition("/")[2]) for name in first.waiting), default=existing.revision)
    document = {
        "code": existing.object_id,
        "application": participant_to_json(applied),
        "parties": list(parties),
    }
    made = uow.create(
        KIND,
        f"{existing.object_id}/{number}",
        state=LIFE.initial,
        parties=(applied.applied_by,),
        document=document,
        act="wait",
    )
    uow.put_private(made, private)
    changed = uow.change(
        existing,
        act="let_wait",
        document=participant_to_json(replace(first, waiting=(*first.waiting, made.object_id))),
    )
    record(
        uow,
        changed,
        "application_set_waiting",
        {"facts_digest": applied.facts_digest, "waiting": len(first.waiting) + 1},
    )
    return made


def require_few_applications(uow: UnitOfWork) -> None:
    """Refuses one more application of an account that has enough under way; the operator applies for whoever asks it to.

    Two of one account at the same time are counted one after the other.

    Raises:
        ConflictError: it has.
    """
    account = uow.actor.account_id
    if OPERATOR in uow.actor.roles:
        return
    uow.hold(f"applications of {account}")
    reviewed = uow.owned(PARTICIPANT, account, states=UNDER_REVIEW)
    waiting = uow.owned(KIND, account, states=(LIFE.initial,))
    if len(reviewed) + len(waiting) >= APPLICATIONS_MAX:
        raise ConflictError(
            f"{APPLICATIONS_MAX} applications of this account are under way; more are handed in when some are decided."
            " Nothing was written."
        )


def drop_waiting(uow: UnitOfWork, begun: Begun) -> tuple[Begun, list[str]]:
    """The application under review is the body's own: the waiting ones end, and with them what was sealed.

    Returns what goes on, and of each that ended the salted digest of its facts, oldest first.
    """
    digests: list[str] = []
    for name in begun.participant.waiting:
        stored = _get(uow, name)
        digests.append(stored.document["application"]["facts_digest"])
        uow.put_private(stored, {})
        uow.change(stored, act="drop", state=LIFE.next(stored.state, "drop"))
    return replace(begun, participant=replace(begun.participant, waiting=())), digests


def take_up_next(uow: UnitOfWork, rejected: StoredObject) -> StoredObject:
    """After a rejection the application that waits longest is the one under review; nothing happens when none waits."""
    former = participant_from_json(rejected.document)
    if not former.waiting:
        return rejected
    name, *others = former.waiting
    stored = _get(uow, name)
    applied = participant_from_json(stored.document["application"])
    private = uow.private(stored)
    uow.put_private(stored, {})
    uow.change(stored, act="take_up", state=LIFE.next(stored.state, "take_up"))
    changed = replace(applied.with_record_of(former), waiting=tuple(others))
    data = {"facts_digest": applied.facts_digest, "roles": list(applied.roles), "rules": applied.rules}
    parties = tuple(stored.document["parties"])
    taken = finish(uow, begin_with(rejected, "apply_again"), changed, "applied", data, parties=parties)
    uow.put_private(taken, private)
    return taken


def _get(uow: UnitOfWork, name: str) -> StoredObject:
    found = uow.find(KIND, name)
    if found is None:
        raise MisuseError(f"the waiting application {name} is gone")
    return found
