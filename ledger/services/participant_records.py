"""What every use case of participants shares: reading and writing the document, its event, salted digests, bodies by role."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol

from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.admission_rules import RECHECK_DAYS_FAILED, recheck_days
from ledger.domain.credit import CLOSER_SUPERVISION
from ledger.domain.participant import (
    KIND,
    Participant,
    QualificationDocument,
    Report,
    participant_from_json,
    participant_to_json,
)
from ledger.domain.participant_life import next_state
from ledger.domain.records import to_json
from ledger.domain.roles import OPERATOR, ORDINARY, REGULATOR
from ledger.domain.working_days import SHANGHAI
from ledger.errors import AccessError, ConflictError, InputError, PreconditionRequiredError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services.acts import Signer
from ledger.services.bodies import require_own_standing
from ledger.services.business import StoredObject, UnitOfWork

RECHECK_DUTY: Final = "recheck"
EVENT_PREFIX: Final = "org.cityledger.participant."
SALT_BYTES: Final = 32
_BODY_ID: Final = b"cityledger/v1/participant-id\n"
_PROFILE: Final = b"cityledger/v1/participant-profile\n"
_QUALIFICATION: Final = b"cityledger/v1/participant-qualification\n"
_FACTS: Final = b"cityledger/v1/participant-facts\n"
_REASON: Final = b"cityledger/v1/participant-reason\n"


class Bodies(Protocol):
    """Admitted bodies, to find signers and platforms by their role."""

    def with_role(self, role: str) -> Sequence[StoredObject]:
        """Active participants that hold the role, oldest first, not locked."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """A participant about to be changed by an act that its state allows; ``state`` is where the act leads."""

    stored: StoredObject
    participant: Participant
    act: str
    state: str


def begin(uow: UnitOfWork, code: str, act: str) -> Begun:
    """The participant, for an act of somebody who read this revision of it.

    Raises:
        NotFoundError: there is none that the actor may see.
        PreconditionRequiredError, RevisionMismatchError: no revision was named, or an older one.
        IllegalTransitionError: its state does not allow the act.
    """
    stored = uow.get(KIND, code)
    uow.expect_revision(stored)
    return begin_with(stored, act)


def begin_at_once(uow: UnitOfWork, code: str, act: str) -> Begun:
    """As ``begin``, of an act that need not name a revision: what the body may change all the time must not hold it off.

    Raises:
        As ``begin``, but for one: no revision named is none that is held against it.
    """
    stored = uow.get(KIND, code)
    with suppress(PreconditionRequiredError):
        uow.expect_revision(stored)
    return begin_with(stored, act)


def begin_with(stored: StoredObject, act: str) -> Begun:
    """As ``begin`` for an object that is there, whoever acts."""
    participant = participant_from_json(stored.document)
    return Begun(stored, participant, act, next_state(participant, stored.state, act))


def finish(
    uow: UnitOfWork,
    begun: Begun,
    changed: Participant,
    event: str,
    data: Mapping[str, Any] | None = None,
    *,
    parties: tuple[str, ...] | None = None,
) -> StoredObject:
    """Writes the next revision and its event; ``event`` is the past tense in the event's type."""
    stored = uow.change(
        begun.stored, act=begun.act, state=begun.state, document=participant_to_json(changed), parties=parties
    )
    record(uow, stored, event, data)
    return stored


def record(uow: UnitOfWork, stored: StoredObject, event: str, data: Mapping[str, Any] | None = None) -> None:
    """Writes an event of a participant that was just changed."""
    facts = {"participant": stored.object_id, "revision": stored.revision, "state": stored.state, **(data or {})}
    uow.record(f"{EVENT_PREFIX}{event}.v1", facts, subject=stored.object_id)


def next_recheck(uow: UnitOfWork, participant: Participant) -> datetime:
    """When the body is to be checked again, a whole period from now."""
    is_watched = CLOSER_SUPERVISION in participant.credit.limits
    return uow.now + timedelta(days=recheck_days(participant.roles, is_watched=is_watched))


def owe_recheck_anew(uow: UnitOfWork, stored: StoredObject, participant: Participant) -> None:
    """After a suspension that was not to be: who failed a re-check is to be checked again; others owe what they owed."""
    if participant.failed_recheck is not None:
        due_at = uow.now + timedelta(days=RECHECK_DAYS_FAILED)
        uow.set_deadline(stored, RECHECK_DUTY, due_at, may_move_on=False)


def now_text(uow: UnitOfWork) -> str:
    """The time of the transaction as documents write it."""
    return format_time(uow.now)


def salt_of(uow: UnitOfWork, stored: StoredObject) -> bytes:
    """The participant's own salt, 32 bytes, from its sealed part."""
    return bytes.fromhex(uow.private(stored)["salt"])


def body_id_of(salt: bytes, code: str) -> bytes:
    """Salted id on the chain: SHA-256(domain || salt || subject code)."""
    return sha256(_BODY_ID + salt + code.encode("ascii")).digest()


def profile_digest_of(salt: bytes, participant: Participant) -> bytes:
    """Salted digest of who was admitted: organisation, roles, connector."""
    connector = None if participant.connector is None else to_json(participant.connector)
    profile = [to_json(participant.organisation), list(participant.roles), connector, participant.rules]
    return sha256(_PROFILE + salt + encode_jcs(profile)).digest()


def qualification_digest_of(salt: bytes, report: Report, documents: tuple[QualificationDocument, ...]) -> bytes:
    """Salted digest of the report and of the documents that it judged."""
    judged = [to_json(report), [to_json(document) for document in documents]]
    return sha256(_QUALIFICATION + salt + encode_jcs(judged)).digest()


def facts_digest_of(salt: bytes, facts: Mapping[str, Any]) -> bytes:
    """Salted digest of real-name facts: shows later which ones were reviewed, and tells nothing without the sealed salt."""
    return sha256(_FACTS + salt + encode_jcs(dict(facts))).digest()


def reason_digest_of(salt: bytes, reason: str) -> bytes:
    """Salted digest of a reason."""
    return sha256(_REASON + salt + reason.encode()).digest()


def last_second_of(day: str) -> int:
    """Unix time of the last second of a day in Shanghai.

    Raises:
        InputError: there is no such day.
    """
    return int(
        datetime.combine(parse_day(day), time(23, 59, 59), SHANGHAI).timestamp()
    )  # 9999-12-31 has no day after it


def parse_day(text: str) -> datetime:
    """Midnight of ``YYYY-MM-DD``, without a zone. Raises ``InputError`` when there is no such day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  a day of a paper has no zone
    except ValueError as error:
        raise InputError("A day is written YYYY-MM-DD, and there is such a day. Nothing was changed.") from error


def require_body_or_operator(uow: UnitOfWork, code: str) -> None:
    """Lets pass the body itself and the operator, who acts for it on its letter.

    Raises:
        AccessError: it is another one that sees the participant.
    """
    if uow.actor.participant != code and OPERATOR not in uow.actor.roles:
        raise AccessError("Only the body itself, or the operator for it, does this. Nothing was changed.")


def require_ordinary(participant: Participant) -> None:
    """Refuses a body with a reserved role, which only the council changes.

    Raises:
        ConflictError: it has one.
    """
    if not set(participant.roles) <= set(ORDINARY):
        raise ConflictError("This body has a reserved role; only the council changes it. Nothing was changed.")


def require_no_shorter(participant: Participant, until: int) -> None:
    """Refuses a qualification that ends before the present one, as the contract does: what is to stop at once is suspended.

    Raises:
        ConflictError: it does.
    """
    if participant.chain is not None and until < participant.chain.qualified_until:
        raise ConflictError("The present qualification holds longer than this report. Nothing was changed.")


def signer_of(parameter: str, stored: StoredObject, *purposes: str) -> Signer:
    """The body as a signer of an act, with its valid keys that have these purposes (BUSINESS when none is named).

    Raises:
        ConflictError: it has no such key, or the chain does not hold it yet.
    """
    participant = participant_from_json(stored.document)
    wanted = purposes or ("business",)
    keys = tuple(bytes.fromhex(key.address[2:]) for key in participant.valid_keys(*wanted))
    if participant.chain is None or not keys:
        raise ConflictError(f"The body has no valid key for {' and '.join(wanted)}. Nothing was changed.")
    body_id = bytes.fromhex(participant.chain.body_id[2:])
    return Signer(parameter, stored.object_id, body_id, KeyPurpose[wanted[0].upper()], keys)


def authority(uow: UnitOfWork, bodies: Bodies) -> StoredObject:
    """The regulator's or the operator's body that answers for what the actor decides; its own when it is of one.

    Raises:
        AccessError: the actor is neither.
        ConflictError: no such body is admitted.
    """
    role = next((role for role in (REGULATOR, OPERATOR) if role in uow.actor.roles), None)
    if role is None:
        raise AccessError("Only the regulator or the operator does this. Nothing was changed.")
    require_own_standing(uow)
    return body_with_role(uow, bodies, role)


def body_with_role(uow: UnitOfWork, bodies: Bodies, role: str, *, other_than: str | None = None) -> StoredObject:
    """A body with the role: the actor's own when it has one, otherwise the one that was admitted first.

    Raises:
        ConflictError: there is none, or only the one that may not be it.
    """
    found = [body for body in bodies.with_role(role) if body.object_id != other_than]
    own = [body for body in found if body.object_id == uow.actor.participant]
    if not found:
        raise ConflictError(f"No body with the role {role} is admitted that could sign. Nothing was changed.")
    return (own or found)[0]
