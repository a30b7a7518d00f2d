"""What membership asks for: changes of qualification told to the other platform, re-checks, and a history of SM2 keys."""

from dataclasses import replace
from typing import Final

from ledger.domain.participant import QualificationDocument, Sm2Key, participant_from_json
from ledger.domain.working_days import WorkingCalendar, deadline_after
from ledger.errors import AccessError, ConflictError
from ledger.services.bodies import require_own_standing
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_records import (
    RECHECK_DUTY,
    Bodies,
    begin,
    finish,
    next_recheck,
    now_text,
    owe_recheck_anew,
    require_body_or_operator,
)
from ledger.services.participant_steps import PLATFORMS, suspend_after_recheck
from ledger.services.participants import check_documents, check_sm2_key
from ledger.services.stopped_offers import owe_offers_stopped

TELLING_WORKING_DAYS: Final = 3
SM2_KEYS_MAX: Final = 8
"""Valid at once."""

SM2_KEYS_EVER_MAX: Final = 64
"""With those that were ended, which stay on file; a body that needs more asks what happens to its keys."""


def duty_to_tell(platform: str) -> str:
    """The duty's name in the table of deadlines."""
    return f"tell_{platform}"


def change_qualification(
    uow: UnitOfWork,
    code: str,
    documents: tuple[QualificationDocument, ...],
    bodies: Bodies,
    calendar: WorkingCalendar,
) -> StoredObject:
    """Puts other qualification documents on file. The platforms hear of it; within 3 working days they say that they know.

    Handed in through one of the two platforms, it is the other one that must be told; otherwise both. The time runs from the first
    change that a platform was not told of. The report in force stays until it is renewed or a re-check fails.

    Raises:
        InputError: a document has run out, or its kind is unknown.
        AccessError: the actor is neither the body, nor a platform, nor the operator.
        CalendarNotPublishedError: nobody knows yet which days work; nothing was changed.
    """
    begun = begin(uow, code, "change_qualification")
    through = [role for role in PLATFORMS if role in uow.actor.roles]
    if not through:
        require_body_or_operator(uow, code)
    elif uow.actor.participant != code:
        require_own_standing(uow)
    check_documents(uow, documents)
    untold = tuple(role for role in PLATFORMS if role not in through)
    told = tuple(body.object_id for role in PLATFORMS for body in bodies.with_role(role))
    changed = replace(
        begun.participant, documents=documents, untold=tuple(sorted({*begun.participant.untold, *untold}))
    )
    due_at = deadline_after(uow.now, TELLING_WORKING_DAYS, calendar)
    data = {
        "documents_sha256": [document.sha256 for document in documents],
        "to_tell": list(untold),
        "calendar_digest": calendar.digest.hex(),
    }
    parties = tuple(dict.fromkeys((*begun.stored.parties, *told)))
    stored = finish(uow, begun, changed, "qualification_changed", data, parties=parties)
    for role in untold:
        uow.set_deadline(
            stored, duty_to_tell(role), due_at, may_move_on=False
        )  # it is owed since the first change untold
    return stored


def acknowledge_change(uow: UnitOfWork, code: str) -> StoredObject:
    """A platform says that it knows of the change of qualification.

    Raises:
        AccessError: the actor is no platform.
        ConflictError: there is nothing that it was not told.
    """
    begun = begin(uow, code, "acknowledge_change")
    platform = next((role for role in PLATFORMS if role in uow.actor.roles), None)
    if platform is None:
        raise AccessError("Only a platform acknowledges. Nothing was changed.")
    require_own_standing(uow)
    if platform not in begun.participant.untold:
        raise ConflictError("There is no change that this platform was not told of. Nothing was changed.")
    changed = replace(begun.participant, untold=tuple(one for one in begun.participant.untold if one != platform))
    stored = finish(uow, begun, changed, "qualification_change_acknowledged", {"platform": platform})
    uow.meet_deadline(stored, duty_to_tell(platform))
    return stored


def pass_recheck(uow: UnitOfWork, code: str, evidence_sha256: str) -> StoredObject:
    """The body was checked again and passed; the next check is due a period from now."""
    begun = begin(uow, code, "pass_recheck")
    passed = replace(begun.participant, failed_recheck=None)
    stored = finish(uow, begun, passed, "recheck_passed", {"evidence_sha256": evidence_sha256})
    uow.meet_deadline(stored, RECHECK_DUTY)
    uow.set_deadline(stored, RECHECK_DUTY, next_recheck(uow, begun.participant))
    return stored


def fail_recheck(uow: UnitOfWork, code: str, reason: str, bodies: Bodies) -> StoredObject:
    """The body was checked again and failed: its suspension is proposed, and it takes on nothing new and offers nothing from now on.

    Should the suspension not be, it stays so until it passes a re-check, which is due anew. So it is where the suspension cannot be
    proposed yet, because the chain decides about a step that must come first.

    Raises:
        AccessError: the actor is neither the regulator nor the operator.
    """
    stored = suspend_after_recheck(uow, code, reason, bodies)
    uow.meet_deadline(stored, RECHECK_DUTY)
    failed = participant_from_json(stored.document)
    if failed.open_step is None or failed.open_step.step != "suspend":
        owe_recheck_anew(uow, stored, failed)
    owe_offers_stopped(uow, stored)
    return stored


def add_sm2_key(uow: UnitOfWork, code: str, public_key: str) -> StoredObject:
    """Puts an SM2 public key on file.

    Raises:
        InputError: it is none.
        ConflictError: it is or was one of the body's, or the body has as many as it may have.
    """
    begun = begin(uow, code, "add_sm2_key")
    require_body_or_operator(uow, code)
    check_sm2_key(public_key)
    if public_key in {key.public_key for key in begun.participant.sm2_keys}:
        raise ConflictError("This is or was an SM2 key of this body. Nothing was changed.")
    former = begun.participant.sm2_keys
    if sum(key.revoked_at is None for key in former) >= SM2_KEYS_MAX or len(former) >= SM2_KEYS_EVER_MAX:
        raise ConflictError(
            f"A body has {SM2_KEYS_MAX} valid SM2 keys at most, and {SM2_KEYS_EVER_MAX} with those that it ended."
            " Nothing was changed."
        )
    keys = (*former, Sm2Key(public_key, now_text(uow)))
    return finish(uow, begun, replace(begun.participant, sm2_keys=keys), "sm2_key_added", {"public_key": public_key})


def revoke_sm2_key(uow: UnitOfWork, code: str, public_key: str) -> StoredObject:
    """Ends an SM2 key; it stays on file.

    Raises:
        ConflictError: it is no valid SM2 key of the body.
    """
    begun = begin(uow, code, "revoke_sm2_key")
    require_body_or_operator(uow, code)
    keys = begun.participant.sm2_keys
    if public_key not in {key.public_key for key in keys if key.revoked_at is None}:
        raise ConflictError("This is no valid SM2 key of this body. Nothing was changed.")
    ended = tuple(replace(key, revoked_at=now_text(uow)) if key.public_key == public_key else key for key in keys)
    changed = replace(begun.participant, sm2_keys=ended)
    return finish(uow, begun, changed, "sm2_key_revoked", {"public_key": public_key})
