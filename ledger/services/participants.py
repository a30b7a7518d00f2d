"""Admission of participants up to the report: application, the reviews one after another, approval or rejection.

The further way (admission on the chain, keys, standing) is in ``participant_steps``, what follows membership in ``participant_duties``
and ``participant_credit``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.domain import admission_rules
from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.admission_rules import missing_documents
from ledger.domain.code_list import parse_listed
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.identity_codes import ConnectorJoinType, ConnectorType, EnterpriseType
from ledger.domain.participant import (
    KIND,
    ChainKey,
    Connector,
    Organisation,
    Participant,
    QualificationDocument,
    Report,
    Review,
    Sm2Key,
    participant_from_json,
    participant_to_json,
)
from ledger.domain.participant_life import LIFE
from ledger.domain.roles import AUTHORISATION_PLATFORM, OPERATOR
from ledger.domain.subject_code import parse_subject_code
from ledger.errors import AccessError, ConflictError, InputError, SignatureError
from ledger.log import signatures
from ledger.services.bodies import acting_body
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.participant_records import (
    Begun,
    Bodies,
    begin,
    begin_with,
    facts_digest_of,
    finish,
    last_second_of,
    now_text,
    record,
)
from ledger.services.waiting_applications import (
    UNPROVEN,
    drop_waiting,
    require_few_applications,
    take_up_next,
    wait_behind,
)

REJECTED: Final = "rejected"
FIRST_KEYS_MAX: Final = 16
"""``ParticipantRegistry.MAX_FIRST_KEYS``."""


@dataclass(frozen=True, slots=True)
class Application:
    """What a body hands in.

    Args:
        organisation: who it is.
        roles: what it wants to be.
        documents: qualification documents.
        keys: chain keys, the first one for BUSINESS.
        sm2_keys: public keys, 65 bytes in hex.
        connector: when it joins with one.
        facts: real-name facts of legal person and contact; they are sealed, and nothing outside of the sealed part repeats them.
    """

    organisation: Organisation
    roles: tuple[str, ...]
    documents: tuple[QualificationDocument, ...]
    keys: tuple[ChainKey, ...]
    facts: Mapping[str, Any]
    sm2_keys: tuple[str, ...] = ()
    connector: Connector | None = None


def apply(uow: UnitOfWork, application: Application, salt: bytes) -> StoredObject:
    """Hands in an application; a body that was rejected, or has left, hands in a new one under the same code.

    While nobody has shown to be the body of a code, somebody else's application for it waits behind the first: what is returned is then
    no participant but a ``waiting_application``.

    Args:
        uow: of the applicant, or of the operator for it.
        application: what it hands in.
        salt: 32 random bytes, kept in the sealed part.

    Raises:
        InputError: a code, role, key or document is not as it must be.
        AccessError: the actor belongs to another body.
        ConflictError: there is a participant of that code already, who is that body; or too many of this account are under way.
        IllegalTransitionError: this account's application for the code is under review.
    """
    code = application.organisation.code
    _check(application)
    check_documents(uow, application.documents)
    actor = uow.actor
    if actor.participant not in (None, code) and OPERATOR not in actor.roles:
        raise AccessError("A body applies for itself only. Nothing was written.")
    applied = Participant(
        organisation=application.organisation,
        roles=tuple(sorted(application.roles)),
        rules=admission_rules.VERSION,
        facts_digest=facts_digest_of(salt, application.facts).hex(),
        documents=application.documents,
        keys=application.keys,
        connector=application.connector,
        sm2_keys=tuple(Sm2Key(key, now_text(uow)) for key in application.sm2_keys),
        applied_by=actor.account_id,
    )
    require_few_applications(uow)
    parties = (code,) if OPERATOR in actor.roles else (actor.account_id, code)  # its own until the body is admitted
    existing = uow.find(KIND, code)
    private = {"salt": salt.hex(), "facts": dict(application.facts)}
    data = {"facts_digest": applied.facts_digest, "roles": list(applied.roles), "rules": applied.rules}
    if existing is None:
        stored = uow.create(
            KIND, code, state=LIFE.initial, parties=parties, document=participant_to_json(applied), act="apply"
        )
        record(uow, stored, "applied", data)
    elif existing.state == UNPROVEN and existing.document["applied_by"] != actor.account_id:
        return wait_behind(uow, existing, applied, private, parties)
    else:
        stored = _apply_again(uow, existing, applied, parties, data)
    uow.put_private(stored, private)
    return stored


def accept_identity(uow: UnitOfWork, code: str, reasons: str) -> StoredObject:
    """First review: the body and the people who act for it are who they say. Other applications for its code end."""
    begun, dropped = drop_waiting(uow, begin(uow, code, "accept_identity"))
    data = {"applications_dropped": len(dropped), "facts_digests_dropped": dropped}
    return _accept(uow, begun, "identity", reasons, data=data)


def accept_role(uow: UnitOfWork, code: str, reasons: str, bodies: Bodies) -> StoredObject:
    """Second review: it may be what it asks to be; the documents are those that the admission rules name.

    From here on the authorisation platform sees the application, on which it has to approve.

    Raises:
        ConflictError: documents are missing; says which.
    """
    begun = begin(uow, code, "accept_role")
    missing = missing_documents(begun.participant.roles, (one.kind for one in begun.participant.documents))
    if missing:
        raise ConflictError(f"By {begun.participant.rules} are missing: {'; '.join(missing)}. Nothing was changed.")
    platforms = tuple(body.object_id for body in bodies.with_role(AUTHORISATION_PLATFORM))
    return _accept(uow, begun, "role", reasons, parties=tuple(dict.fromkeys((*begun.stored.parties, *platforms))))


def accept_connector(uow: UnitOfWork, code: str, reasons: str) -> StoredObject:
    """Third review, where a connector is declared."""
    return _accept(uow, begin(uow, code, "accept_connector"), "connector", reasons)


def reject(uow: UnitOfWork, code: str, reasons: str) -> StoredObject:
    """Ends the application; the body may hand in another when it has put right what the reasons name.

    Where another application for the code waits, it is the one under review now.
    """
    begun = begin(uow, code, "reject")
    review = Review(_step_under_review(begun), False, reasons, uow.actor.account_id, now_text(uow))
    changed = replace(begun.participant, reviews=(*begun.participant.reviews, review))
    return take_up_next(uow, finish(uow, begun, changed, "rejected", {"step": review.step}))


def approve(uow: UnitOfWork, code: str, report: Report, bodies: Bodies) -> StoredObject:
    """Puts the qualification report on file: with it the body can be admitted. Nobody makes a body alone.

    What the operator reviewed the authorisation platform approves, which is another body; where none is admitted, an account that
    neither handed in the application nor reviewed it.

    Raises:
        InputError: the report is not valid any more.
        AccessError: the actor is not the second one that this needs.
    """
    begun = begin(uow, code, "approve")
    _require_second(uow, begun.participant, bodies)
    check_report(uow, report)
    changed = replace(begun.participant, report=report)
    data = {"report_sha256": report.seal_sha256, "valid_until": report.valid_until, "rules": changed.rules}
    return finish(uow, begun, changed, "approved", data)


def check_report(uow: UnitOfWork, report: Report) -> None:
    """Refuses a report whose validity is over. Raises ``InputError``."""
    if last_second_of(report.valid_until) <= uow.now.timestamp():
        raise InputError("The report's validity is over. Nothing was changed.")
    if last_second_of(report.issued_on) - 86_400 > uow.now.timestamp():
        raise InputError("The report was issued on a day to come. Nothing was changed.")


def check_documents(uow: UnitOfWork, documents: tuple[QualificationDocument, ...]) -> None:
    """Refuses documents of an unknown kind, twice the same, or run out. Raises ``InputError``."""
    if len({document.sha256 for document in documents}) != len(documents):
        raise InputError("A qualification document is in the list twice. Nothing was written.")
    for number, document in enumerate(documents):
        if document.kind not in admission_rules.DOCUMENT_KINDS:
            raise InputError(
                f"Kinds of documents are {', '.join(admission_rules.DOCUMENT_KINDS)}. Nothing was written."
            )
        if document.valid_until is not None and last_second_of(document.valid_until) <= uow.now.timestamp():
            raise InputError(f"The qualification document number {number + 1} has run out. Nothing was written.")


def check_purposes(purposes: tuple[str, ...]) -> None:
    """Refuses purposes that no key can have: none, unknown ones, or FINANCE with others. Raises ``InputError``."""
    known = {purpose.name.lower() for purpose in KeyPurpose if purpose.name}
    if not purposes or len(set(purposes)) != len(purposes) or not set(purposes) <= known:
        raise InputError(f"A key has one or more of the purposes {', '.join(sorted(known))}. Nothing was written.")
    if "finance" in purposes and len(purposes) > 1:
        raise InputError("A key for finance has no other purpose. Nothing was written.")


def check_sm2_key(public_key: str) -> None:
    """Refuses what is no uncompressed SM2 public key, lower-case hex: a point of the curve. Raises ``InputError``."""
    try:
        signatures.check_sm2_key(bytes.fromhex(public_key))
        is_canonical = bytes.fromhex(public_key).hex() == public_key
    except (SignatureError, ValueError):
        is_canonical = False
    if not is_canonical:
        raise InputError(
            "An SM2 public key is a point of the curve, 65 bytes that begin with 04, in lower-case hex. Nothing was written."
        )


def _check(application: Application) -> None:
    organisation, connector = application.organisation, application.connector
    parse_subject_code(organisation.code)
    parse_listed(EnterpriseType, organisation.enterprise_type)
    roles = application.roles
    if not roles or len(set(roles)) != len(roles) or not set(roles) <= set(admission_rules.ROLES):
        raise InputError(
            f"One applies for one or more of the roles {', '.join(admission_rules.ROLES)}; the others are the council's to give."
            " Nothing was written."
        )
    if connector is not None:
        if parse_national_code(connector.code, CodeKind.CONNECTOR).subject != organisation.code:
            raise InputError("The connector's code is that of another body. Nothing was written.")
        parse_listed(ConnectorJoinType, connector.join_type)
        parse_listed(ConnectorType, connector.connector_type)
    keys = application.keys
    if not 1 <= len(keys) <= FIRST_KEYS_MAX or len({key.address for key in keys}) != len(keys):
        raise InputError(f"A body has 1 to {FIRST_KEYS_MAX} first keys, and each once. Nothing was written.")
    for key in keys:
        check_purposes(key.purposes)
    if "business" not in keys[0].purposes:
        raise InputError("A body's first key is one for business. Nothing was written.")
    if len(set(application.sm2_keys)) != len(application.sm2_keys):
        raise InputError("An SM2 key is named twice; each once. Nothing was written.")
    for public_key in application.sm2_keys:
        check_sm2_key(public_key)


def _apply_again(
    uow: UnitOfWork, existing: StoredObject, applied: Participant, parties: tuple[str, ...], data: Mapping[str, Any]
) -> StoredObject:
    former = participant_from_json(existing.document)
    is_open = existing.state == REJECTED and not former.was_member
    if not is_open and not uow.actor.may_see(existing.parties):
        raise ConflictError(f"There is already a participant {existing.object_id}. Nothing was changed.")
    begun = begin_with(existing, "apply_again")
    return finish(uow, begun, applied.with_record_of(former), "applied", data, parties=parties)


def _require_second(uow: UnitOfWork, participant: Participant, bodies: Bodies) -> None:
    actor = uow.actor
    if bodies.with_role(AUTHORISATION_PLATFORM):
        if AUTHORISATION_PLATFORM not in actor.roles:
            raise AccessError("The authorisation platform approves what the operator reviewed. Nothing was changed.")
        acting_body(uow, AUTHORISATION_PLATFORM)
    if actor.account_id in {participant.applied_by, *(review.account for review in participant.reviews)}:
        raise AccessError("Whoever applied or reviewed does not approve. Nothing was changed.")


def _accept(
    uow: UnitOfWork,
    begun: Begun,
    step: str,
    reasons: str,
    *,
    data: Mapping[str, Any] | None = None,
    parties: tuple[str, ...] | None = None,
) -> StoredObject:
    review = Review(step, True, reasons, uow.actor.account_id, now_text(uow))
    changed = replace(begun.participant, reviews=(*begun.participant.reviews, review))
    return finish(uow, begun, changed, f"{step}_accepted", data, parties=parties)


def _step_under_review(begun: Begun) -> str:
    return {"applied": "identity", "identity_reviewed": "role"}.get(begun.stored.state, "qualification")
