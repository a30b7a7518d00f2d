"""Disputes: complaint, thread of messages, mediation, settlement; ``dispute_referral`` has what comes after.

Object: ``dispute``, with a ``dispute_message`` for everything that somebody said in it. What is said is sealed; the evidence has its digest.
Who sees a case: the two parties; from the request on the mediator, which is the trading platform of order or agreement; from the referral on
the arbitrator.
"""

from dataclasses import dataclass
from typing import Final

from ledger.domain.dispute import (
    AGREEMENT,
    ANSWER_DUTY,
    ANSWER_WITHIN,
    KIND,
    LIFE,
    MEDIATE_DUTY,
    MEDIATE_WITHIN,
    OPEN,
    OPEN_MAX,
    Complaint,
    Statement,
)
from ledger.errors import AccessError, ConflictError, MisuseError, NotFoundError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.dispute_messages import (
    digest_of,
    get_dispute,
    keep_message,
    meet_all,
    next_digest,
    record_dispute,
    require_party,
    require_taking_part,
    say,
    told,
)
from ledger.services.moves import moved
from ledger.services.notices import notify

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """A new case.

    Args:
        dispute_id: drawn by the caller.
        complaint: what it is about.
        salt: 32 bytes, drawn at random.
    """

    dispute_id: str
    complaint: Complaint
    salt: bytes


def open_dispute(uow: UnitOfWork, command: OpenDispute) -> StoredObject:
    """A party of an order or an agreement complains of the other one, which then answers within five days; it may be suspended itself.

    Raises:
        NotFoundError: there is no such order or agreement that the actor may see.
        AccessError: the actor is no party of it.
        ConflictError: nobody else has to do with it yet, or the complainant has too many open cases.
    """
    if len(command.salt) != SALT_BYTES:
        raise MisuseError(f"a case has a salt of {SALT_BYTES} bytes")
    complaint, opener = command.complaint, participant_of(uow.actor)
    subject = uow.peek(complaint.subject_kind, complaint.subject_id)
    if subject is None or not uow.actor.may_see(subject.parties):
        raise NotFoundError(f"There is no such {complaint.subject_kind}.")
    sides = (subject.document["consumer"], subject.document["provider"])
    if opener not in sides:
        raise AccessError("A party of the order or the agreement complains. Nothing was changed.")
    respondent = next(code for code in sides if code != opener)
    if respondent not in subject.parties:
        raise ConflictError("The other party has not seen this yet. Nothing was changed.")
    uow.hold(f"disputes of {opener}")
    if len(uow.owned(KIND, opener, states=OPEN)) >= OPEN_MAX:
        raise ConflictError(f"A body has {OPEN_MAX} open cases at most. Nothing was changed.")
    is_agreement = complaint.subject_kind == AGREEMENT
    document = {
        "salt": command.salt.hex(),
        "subject_kind": complaint.subject_kind,
        "subject_id": complaint.subject_id,
        "agreement_id": subject.object_id if is_agreement else subject.document["agreement_id"],
        "category": complaint.category,
        "opener": opener,
        "respondent": respondent,
        "mediator": subject.document["platforms"][0],
        "mediate_by": None,
        "arbitrator": None,
        "messages": 0,
        "grounds_digest": None,
        "proposal": None,
        "ruling_digest": None,
        "waiting": None,
        "refused": None,
        "referred": None,
        "referred_by": None,
        "chain_id": None,
        "ruled": None,
    }
    digest = digest_of(command.salt, command.dispute_id, 1, "complaint", complaint.statement)
    document |= {"messages": 1, "grounds_digest": digest}
    made = uow.create(
        KIND, command.dispute_id, state=LIFE.initial, parties=(opener, respondent), document=document, act="complain"
    )
    uow.set_deadline(made, ANSWER_DUTY, uow.now + ANSWER_WITHIN)
    keep_message(uow, made, "complaint", complaint.statement, digest)
    notify(uow, made, "complaint", (respondent,), subject_id=complaint.subject_id)
    record_dispute(uow, made, "complained", category=complaint.category, message_digest=digest)
    return made


def write_message(uow: UnitOfWork, dispute_id: str, statement: Statement) -> StoredObject:
    """Anybody who takes part says something; the respondent's first message answers the complaint.

    Raises:
        NotFoundError: there is no such case that the actor may see.
        AccessError: the actor only reads it.
        IllegalTransitionError: it is over.
        ConflictError: it has as many messages as it may have.
    """
    stored = get_dispute(uow, dispute_id, "write")
    is_answer = stored.state == "complained" and uow.actor.participant == stored.document["respondent"]
    changed = say(uow, stored, "answer" if is_answer else "write", "answer" if is_answer else "message", statement)
    if is_answer:
        uow.meet_deadline(changed, ANSWER_DUTY)
    return told(uow, changed, "answered" if is_answer else "message_written")


def ask_mediation(uow: UnitOfWork, dispute_id: str, statement: Statement) -> StoredObject:
    """Either party asks the platform to mediate: after the answer, or once the time to answer is over.

    Raises:
        As ``write_message``.
        ConflictError: the other party has time left to answer.
    """
    stored = get_dispute(uow, dispute_id, "ask_mediation")
    require_party(uow, stored)
    if stored.state == "complained" and uow.now <= stored.created_at + ANSWER_WITHIN:
        raise ConflictError("The parties talk first: the other one has time left to answer. Nothing was changed.")
    mediator = stored.document["mediator"]
    parties = tuple(dict.fromkeys((*stored.parties, mediator)))
    due_at = uow.now + MEDIATE_WITHIN
    changes = {"mediate_by": format_time(due_at)}
    changed = say(uow, stored, "ask_mediation", "mediation_request", statement, parties=parties, changes=changes)
    uow.meet_deadline(changed, ANSWER_DUTY)  # a breach of it is on record
    uow.set_deadline(changed, MEDIATE_DUTY, due_at)
    return told(uow, changed, "mediation_asked", mediator=mediator)


def propose_settlement(uow: UnitOfWork, dispute_id: str, statement: Statement) -> StoredObject:
    """A party or the mediator proposes how to settle; a party accepts its own proposal with it, and takes the place of an earlier one.

    Raises:
        As ``write_message``.
    """
    stored = get_dispute(uow, dispute_id, "propose")
    by = require_taking_part(uow, stored)
    number, digest = stored.document["messages"] + 1, next_digest(stored, "proposal", statement)
    accepted = [by] if by in (stored.document["opener"], stored.document["respondent"]) else []
    proposal = {"by": by, "number": number, "digest": digest, "accepted": accepted, "at": format_time(uow.now)}
    changed = say(uow, stored, "propose", "proposal", statement, changes={"proposal": proposal})
    return told(uow, changed, "settlement_proposed")


def accept_settlement(uow: UnitOfWork, dispute_id: str, digest: str) -> StoredObject:
    """A party accepts what is proposed, named by its digest; with both acceptances the case is settled.

    Raises:
        As ``write_message``.
        ConflictError: nothing is proposed, something else is, or the party has accepted it already.
    """
    stored = get_dispute(uow, dispute_id, "accept")
    party, proposal = require_party(uow, stored), stored.document["proposal"]
    if proposal is None or proposal["digest"] != digest:
        raise ConflictError("This is not what is proposed now; read it again. Nothing was changed.")
    if party in proposal["accepted"]:
        raise ConflictError("This party has accepted the proposal already. Nothing was changed.")
    accepted = sorted((*proposal["accepted"], party))
    is_settled = len(accepted) == 2
    changes = {"proposal": {**proposal, "accepted": accepted}}
    changed = moved(uow, LIFE, stored, "settle" if is_settled else "accept", changes)
    if is_settled:
        meet_all(uow, changed)
    return told(uow, changed, "settled" if is_settled else "settlement_accepted", proposal_digest=digest)


def end_mediation(uow: UnitOfWork, dispute_id: str, statement: Statement) -> StoredObject:
    """The mediator says that it could not settle the case; or a party, once the time to mediate is over.

    Raises:
        As ``write_message``.
        AccessError: the actor is another body, or a party while there is time left.
    """
    stored = get_dispute(uow, dispute_id, "end_mediation")
    by = require_taking_part(uow, stored)
    is_late = uow.now > parse_time(stored.document["mediate_by"])
    if by != stored.document["mediator"] and not is_late:
        raise AccessError("The mediator ends the mediation, while it has time left. Nothing was changed.")
    changed = say(uow, stored, "end_mediation", "mediation_end", statement)
    uow.meet_deadline(changed, MEDIATE_DUTY)
    return told(uow, changed, "mediation_failed")


def withdraw_dispute(uow: UnitOfWork, dispute_id: str, statement: Statement) -> StoredObject:
    """Who complained gives the complaint up, before it is referred.

    Raises:
        As ``write_message``.
        AccessError: the actor did not complain.
    """
    stored = get_dispute(uow, dispute_id, "withdraw")
    if participant_of(uow.actor) != stored.document["opener"]:
        raise AccessError("Who complained withdraws the complaint. Nothing was changed.")
    changed = say(uow, stored, "withdraw", "withdrawal", statement)
    meet_all(uow, changed)
    return told(uow, changed, "withdrawn")
