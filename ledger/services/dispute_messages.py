"""What every step of a dispute does: find the case, keep what is said, record the evidence, tell the others."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.bundle.agreement_papers import MESSAGE as MESSAGE_PAPER
from ledger.bundle.agreement_papers import paper_digest
from ledger.domain.dispute import (
    ANSWER_DUTY,
    KIND,
    LIFE,
    MEDIATE_DUTY,
    MESSAGE,
    MESSAGES_MAX,
    RULE_DUTY,
    Statement,
)
from ledger.errors import AccessError, ConflictError
from ledger.log.timestamps import format_time
from ledger.services.bodies import acting_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.moves import moved
from ledger.services.notices import notify

EVENT: Final = "org.cityledger.dispute.{}.v1"


def get_dispute(uow: UnitOfWork, dispute_id: str, act: str) -> StoredObject:
    """The case, locked, when its state allows the act.

    Raises:
        NotFoundError: there is none that the actor may see.
        IllegalTransitionError: not in this state.
    """
    stored = uow.get(KIND, dispute_id)
    LIFE.next(stored.state, act)
    return stored


def require_party(uow: UnitOfWork, stored: StoredObject) -> str:
    """The party that acts.

    Raises:
        AccessError: the actor is neither of the two.
    """
    code = participant_of(uow.actor)
    if code not in (stored.document["opener"], stored.document["respondent"]):
        raise AccessError("A party of the case does this. Nothing was changed.")
    return code


def say(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    kind: str,
    statement: Statement,
    *,
    changes: Mapping[str, Any] | None = None,
    parties: tuple[str, ...] | None = None,
) -> StoredObject:
    """One move of a case with what is said for it, which it keeps; the event comes after.

    Raises:
        AccessError: the actor takes no part in it.
        ConflictError: it has as many messages as it may have.
    """
    require_taking_part(uow, stored)
    number, digest = stored.document["messages"] + 1, next_digest(stored, kind, statement)
    if number > MESSAGES_MAX:
        raise ConflictError(f"A case has {MESSAGES_MAX} messages at most. Nothing was changed.")
    changed = moved(uow, LIFE, stored, act, {"messages": number, **(changes or {})}, parties=parties)
    keep_message(uow, changed, kind, statement, digest)
    return changed


def digest_of(salt: bytes, dispute_id: str, number: int, kind: str, statement: Statement) -> str:
    """What the evidence says of a message, 64 hex digits."""
    said = {"dispute_id": dispute_id, "number": number, "kind": kind, "text": statement.text}
    return paper_digest(MESSAGE_PAPER, salt, {**said, "attachments": list(statement.attachments)}).hex()


def next_digest(stored: StoredObject, kind: str, statement: Statement) -> str:
    """The digest that the next message of a case will have."""
    salt = salt_of_ids(stored)
    return digest_of(salt, stored.object_id, stored.document["messages"] + 1, kind, statement)


def message_name(dispute_id: str, number: int) -> str:
    """How a message is named, so that names sort as they were said."""
    return f"{dispute_id}/{number:04}"


def meet_all(uow: UnitOfWork, stored: StoredObject) -> None:
    """Nobody owes anything in a case that is over."""
    for duty in (ANSWER_DUTY, MEDIATE_DUTY, RULE_DUTY):
        uow.meet_deadline(stored, duty)


def record_dispute(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    """The evidence of a step of a case: ids and digests."""
    document = stored.document
    said = {
        "dispute_id": stored.object_id,
        "state": stored.state,
        "subject_kind": document["subject_kind"],
        "subject_id": document["subject_id"],
        **data,
    }
    uow.record(EVENT.format(event), said, subject=stored.object_id)


def tell_others(uow: UnitOfWork, stored: StoredObject, event: str) -> None:
    """Everybody who takes part but who did it."""
    notify(uow, stored, f"dispute_{event}", [code for code in stored.parties if code != uow.actor.participant])


def told(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> StoredObject:
    """Tells the others and records the event, with the digest of the last message."""
    tell_others(uow, stored, event)
    last = uow.peek(MESSAGE, message_name(stored.object_id, stored.document["messages"]))
    assert last is not None, "a case has its messages"
    by = participant_of(uow.actor)
    record_dispute(uow, stored, event, by=by, message_digest=last.document["message_digest"], **data)
    return stored


def keep_message(uow: UnitOfWork, stored: StoredObject, kind: str, statement: Statement, digest: str) -> None:
    """What was said, sealed, and the object that has its digest."""
    number = stored.document["messages"]
    document = {
        "dispute_id": stored.object_id,
        "number": number,
        "kind": kind,
        "by": participant_of(uow.actor),
        "at": format_time(uow.now),
        "message_digest": digest,
        "attachments": list(statement.attachments),
    }
    name = message_name(stored.object_id, number)
    made = uow.create(MESSAGE, name, state="said", parties=stored.parties, document=document, act="say")
    uow.put_private(made, {"text": statement.text})


def require_taking_part(uow: UnitOfWork, stored: StoredObject) -> str:
    """A party, also a suspended one; mediator and arbitrator in good standing."""
    code = participant_of(uow.actor)
    if code not in stored.parties:
        raise AccessError("Who takes part in the case does this. Nothing was changed.")
    if code not in (stored.document["opener"], stored.document["respondent"]):
        acting_body(uow)
    return code
