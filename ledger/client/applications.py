"""Applications for the use of a product, and the authorisations that come from them.

A finding is ``{"aspect": ..., "passed": ..., "reasons": ...}``; a review has one for each of scenario, relevance, necessity and security.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

APPLICATIONS = "/v1/applications"

Findings = Sequence[Mapping[str, Any]]


def get_applications(
    *,
    waiting_for_me: bool = False,
    state: str | None = None,
    changed_since: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Applications of which the caller's body is a party, oldest first; with ``waiting_for_me`` those that it has to review.

    With ``changed_since`` and no filter: what changed from then on, in the order of the last change.
    """
    waiting_for = "me" if waiting_for_me else None
    filters = {"waiting_for": waiting_for, "state": state, "changed_since": changed_since}
    return get_page(APPLICATIONS, cursor=cursor, limit=limit, **filters)


def get_application(application_id: str) -> Call[RemoteObject]:
    """What it states, whose turn it is, and every review with its reasons."""
    return get_object(_one(application_id))


def submit_application(
    product_code: str,
    version: int,
    *,
    authorisation_platform: str,
    content: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Applies for a version on sale (``content`` is ``ApplicationFacts`` of the OpenAPI document)."""
    sent = {
        "product_code": product_code,
        "version": version,
        "authorisation_platform": authorisation_platform,
        "content": dict(content),
    }
    return write_object(APPLICATIONS, sent, idempotency_key=idempotency_key)


def pass_first_application_review(
    application_id: str,
    findings: Findings,
    *,
    line_authority: str | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """The trading platform's review; names the line authority where the industry needs one."""
    sent: dict[str, Any] = {"findings": list(findings)}
    if line_authority is not None:
        sent["line_authority"] = line_authority
    return write_object(f"{_one(application_id)}/first-review", sent, idempotency_key=idempotency_key)


def pass_final_application_review(
    application_id: str, findings: Findings, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The authorisation platform's review, which approves, or hands on to the line authority."""
    return _review(application_id, "final-review", findings, idempotency_key)


def consent_to_application(
    application_id: str, findings: Findings, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The line authority's consent."""
    return _review(application_id, "consent", findings, idempotency_key)


def refuse_application(
    application_id: str, findings: Findings, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Whoever's turn it is refuses; one aspect at least is not passed."""
    return _review(application_id, "refusal", findings, idempotency_key)


def withdraw_application(
    application_id: str, *, reasons: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The applicant takes it back before it is decided."""
    return write_object(f"{_one(application_id)}/withdrawal", {"reasons": reasons}, idempotency_key=idempotency_key)


def grant_authorisation(
    application_id: str,
    *,
    scenario: str,
    purpose: str,
    items: Sequence[Mapping[str, Any]],
    banned_purposes: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """The authorisation platform grants the list (``items`` are ``AuthorisedItemOf`` of the OpenAPI document)."""
    sent = {
        "scenario": scenario,
        "purpose": purpose,
        "items": [dict(item) for item in items],
        "banned_purposes": list(banned_purposes),
    }
    return write_object(f"{_one(application_id)}/authorisation", sent, idempotency_key=idempotency_key)


def _review(application_id: str, step: str, findings: Findings, idempotency_key: str | None) -> Call[RemoteObject]:
    sent = {"findings": list(findings)}
    return write_object(f"{_one(application_id)}/{step}", sent, idempotency_key=idempotency_key)


def _one(application_id: str) -> str:
    return f"{APPLICATIONS}/{segment(application_id)}"
