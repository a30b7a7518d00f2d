"""Authorisation lists: granted from an approved application, suspended, resumed, withdrawn on violation, given up.

An authorisation has the name of its application: there is one for each. ``authorisation_widening`` and ``usage_tokens`` go on from here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.application import KIND as APPLICATION
from ledger.domain.application import is_text
from ledger.domain.authorisation import (
    KIND,
    LIFE,
    VIOLATIONS,
    Authorisation,
    AuthorisationList,
    InvalidAuthorisationError,
    Widening,
)
from ledger.domain.authorisation_coverage import check_within_application, check_within_policy
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.records import from_json, stored_from_json, to_json
from ledger.errors import AccessError, ConflictError, NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.applications import content_of, digest_of, offered_version
from ledger.services.bodies import acting_body, body_of, participant_of, require_role
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.moves import moved

EVENT: Final = "org.cityledger.authorisation.{}.v1"
ISSUER: Final = "authorisation_platform"
REASONS_CHARACTERS_MAX: Final = 5_000

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Violation:
    """Why an authorisation is suspended or withdrawn.

    Args:
        kind: one of ``VIOLATIONS``.
        reasons: what was found.
        evidence_digest: SHA-256 of what shows it, hex.
    """

    kind: str
    reasons: str
    evidence_digest: str


def grant_authorisation(uow: UnitOfWork, application_id: str, listed: Mapping[str, Any]) -> StoredObject:
    """The authorisation platform grants a list from an approved application.

    Args:
        uow: of the platform.
        application_id: of the application.
        listed: members of ``AuthorisationList`` as JSON.

    Raises:
        NotFoundError: there is no such application that the actor may see, or its product is no longer on sale.
        ConflictError: the application is not approved, or has its list already.
        AccessError: the actor is not the platform that made the final review.
        BodyNotAbleError: applicant or platform is not in good standing.
        InvalidAuthorisationError: the list is none.
        TooWideAuthorisationError: it allows more than the application or the product's policy.
    """
    application = uow.get(APPLICATION, application_id)
    document = application.document
    _require_issuer(uow, document["reviewers"][ISSUER])
    if application.state != "approved":
        raise ConflictError("The application is not approved. Nothing was changed.")
    holder = body_of(uow, document["applicant"])
    version = offered_version(uow, document["product_code"], document["version"])
    policy = version.document["content"]["policy"]
    found = from_json(AuthorisationList, listed)
    check_within_application(found, content_of(application))
    check_within_policy(found.items, parse_odrl(policy), found.purpose, Authorisation(found).calls)
    granted = {
        "salt": document["salt"],
        "holder": holder.code,
        "provider": document["provider"],
        "issuer": document["reviewers"][ISSUER],
        "product_code": document["product_code"],
        "version": document["version"],
        "interfaces": len(version.document["content"]["interfaces"]),
        "policy": dict(policy),
        "listed": to_json(found),
        "widenings_asked": 0,
        "widenings": [],
        "tokens": {},
        "reserved": {},
        "suspension": None,
        "ending": None,
    }
    parties = (holder.code, *(code for code in application.parties if code != holder.code))
    stored = uow.create(KIND, application_id, state=LIFE.initial, parties=parties, document=granted, act="grant")
    record(uow, stored, "granted", list_digest=digest_of(stored, "list", granted["listed"]))
    return stored


def suspend_authorisation(uow: UnitOfWork, authorisation_id: str, violation: Violation) -> StoredObject:
    """Its issuer suspends it, for example until an audit is passed (A221): no token of it is spent meanwhile.

    Raises:
        NotFoundError: there is none that the actor may see.
        AccessError: the actor is not its issuer.
        IllegalTransitionError: it is not in force.
        InvalidAuthorisationError: no violation of ours, no reasons, or no digest.
    """
    stored = _issuers(uow, authorisation_id, "suspend")
    suspension = _found(uow, violation)
    changed = moved(uow, LIFE, stored, "suspend", {"suspension": suspension})
    uow.quotas.set_stopped(authorisation_id, is_stopped=True)
    record(uow, changed, "suspended", violation=violation.kind, finding_digest=digest_of(stored, "finding", suspension))
    return changed


def resume_authorisation(uow: UnitOfWork, authorisation_id: str, reasons: str) -> StoredObject:
    """Its issuer lets it go on; the holder is in good standing again.

    Raises:
        As ``suspend_authorisation``; IllegalTransitionError: it is not suspended.
        BodyNotAbleError: the holder is not in good standing.
    """
    stored = _issuers(uow, authorisation_id, "resume")
    body_of(uow, stored.document["holder"])
    ended = {**stored.document["suspension"], "ended_because": checked_reasons(reasons)}
    changed = moved(uow, LIFE, stored, "resume", {"suspension": None})
    uow.quotas.set_stopped(authorisation_id, is_stopped=False)
    record(uow, changed, "resumed", finding_digest=digest_of(stored, "finding", ended))
    return changed


def withdraw_authorisation(uow: UnitOfWork, authorisation_id: str, violation: Violation) -> StoredObject:
    """Its issuer withdraws it for a violation; every token of it ends in the same moment.

    Raises:
        As ``suspend_authorisation``; IllegalTransitionError: it is over.
    """
    stored = _issuers(uow, authorisation_id, "withdraw")
    ending = _found(uow, violation)
    changed = moved(uow, LIFE, stored, "withdraw", {"ending": ending})
    tokens = uow.quotas.end_all(authorisation_id)
    digest = digest_of(stored, "finding", ending)
    record(uow, changed, "withdrawn", violation=violation.kind, finding_digest=digest, tokens_ended=tokens)
    return changed


def give_up_authorisation(uow: UnitOfWork, authorisation_id: str, reasons: str) -> StoredObject:
    """The holder needs it no longer; every token of it ends. A holder that is suspended may do so as well.

    Raises:
        NotFoundError: there is none of the actor's.
        IllegalTransitionError: it is over.
        InvalidAuthorisationError: no reasons.
    """
    stored = uow.get(KIND, authorisation_id)
    require_holder(uow, stored)
    LIFE.next(stored.state, "give_up")
    ending = {"by": stored.document["holder"], "reasons": checked_reasons(reasons), "at": format_time(uow.now)}
    changed = moved(uow, LIFE, stored, "give_up", {"ending": ending})
    record(uow, changed, "given_up", tokens_ended=uow.quotas.end_all(authorisation_id))
    return changed


def authorisation_of(stored: StoredObject) -> Authorisation:
    """List and widenings of an authorisation's object."""
    widenings = tuple(stored_from_json(Widening, one) for one in stored.document["widenings"])
    return Authorisation(stored_from_json(AuthorisationList, stored.document["listed"]), widenings)


def policy_of(stored: StoredObject) -> PolicySet:
    """The policy of the product as it was when the list was granted; a registered version keeps it."""
    return parse_odrl(stored.document["policy"])


def require_holder(uow: UnitOfWork, stored: StoredObject) -> None:
    """Refuses whoever does not hold the authorisation.

    Raises:
        NotFoundError: the actor does not.
    """
    if stored.document["holder"] != participant_of(uow.actor):
        raise NotFoundError("There is no such authorisation.")


def require_issuer_of(uow: UnitOfWork, stored: StoredObject) -> None:
    """Refuses whoever did not issue the authorisation, or may not act.

    Raises:
        AccessError: the actor did not.
        BodyNotAbleError: it is not in good standing.
    """
    _require_issuer(uow, stored.document["issuer"])


def checked_reasons(reasons: str) -> str:
    """Refuses reasons that are none.

    Raises:
        InvalidAuthorisationError: empty or too long.
    """
    if not is_text(reasons, REASONS_CHARACTERS_MAX):
        raise InvalidAuthorisationError(f"reasons have 1 to {REASONS_CHARACTERS_MAX} characters. Nothing was changed.")
    return reasons


def record(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    """The evidence of a step of an authorisation; last of a use case, because its lock is."""
    document = stored.document
    said = {
        "authorisation_id": stored.object_id,
        "holder": document["holder"],
        "product_code": document["product_code"],
        "version": document["version"],
        "state": stored.state,
        **data,
    }
    uow.record(EVENT.format(event), said, subject=stored.object_id)


def _require_issuer(uow: UnitOfWork, issuer: str) -> None:
    require_role(uow.actor, ISSUER)
    if participant_of(uow.actor) != issuer:
        raise AccessError("Another platform authorises this. Nothing was changed.")
    acting_body(uow, ISSUER)


def _issuers(uow: UnitOfWork, authorisation_id: str, act: str) -> StoredObject:
    stored = uow.get(KIND, authorisation_id)
    require_issuer_of(uow, stored)
    LIFE.next(stored.state, act)
    return stored


def _found(uow: UnitOfWork, violation: Violation) -> dict[str, Any]:
    if violation.kind not in VIOLATIONS:
        raise InvalidAuthorisationError(f"A violation is one of {', '.join(sorted(VIOLATIONS))}. Nothing was changed.")
    if _DIGEST.fullmatch(violation.evidence_digest) is None:
        raise InvalidAuthorisationError("evidence_digest is SHA-256 in lower-case hex. Nothing was changed.")
    checked_reasons(violation.reasons)
    return {**to_json(violation), "by": participant_of(uow.actor), "at": format_time(uow.now)}
