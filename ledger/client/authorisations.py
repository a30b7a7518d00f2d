"""Authorisations: read, suspended, resumed, withdrawn, given up; and widened for a while. An authorisation has its application's name."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

AUTHORISATIONS = "/v1/authorisations"


def get_authorisations(
    *,
    state: str | None = None,
    changed_since: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Authorisations of which the caller's body is a party, oldest first; with ``changed_since`` alone in the order of the last change."""
    return get_page(AUTHORISATIONS, state=state, changed_since=changed_since, cursor=cursor, limit=limit)


def get_authorisation(authorisation_id: str) -> Call[RemoteObject]:
    """The list, what was granted beside it, its tokens, and why it is suspended or ended."""
    return get_object(_one(authorisation_id))


def suspend_authorisation(
    authorisation_id: str, *, kind: str, reasons: str, evidence_digest: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Its issuer stops every token of it for a time; the digest is SHA-256, hex, of what shows the violation."""
    sent = {"kind": kind, "reasons": reasons, "evidence_digest": evidence_digest}
    return write_object(f"{_one(authorisation_id)}/suspension", sent, idempotency_key=idempotency_key)


def resume_authorisation(
    authorisation_id: str, *, reasons: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Its issuer lets it go on."""
    return _say(f"{_one(authorisation_id)}/resumption", reasons, idempotency_key)


def withdraw_authorisation(
    authorisation_id: str, *, kind: str, reasons: str, evidence_digest: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Its issuer withdraws it for a violation; every token of it ends."""
    sent = {"kind": kind, "reasons": reasons, "evidence_digest": evidence_digest}
    return write_object(f"{_one(authorisation_id)}/withdrawal", sent, idempotency_key=idempotency_key)


def give_up_authorisation(
    authorisation_id: str, *, reasons: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Its holder needs it no longer; every token of it ends."""
    return _say(f"{_one(authorisation_id)}/giving-up", reasons, idempotency_key)


def get_widenings(authorisation_id: str, *, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """What was asked for beside the list, and how it was decided, oldest first."""
    return get_page(f"{_one(authorisation_id)}/widenings", cursor=cursor, limit=limit)


def ask_widening(
    authorisation_id: str,
    *,
    items: Sequence[Mapping[str, Any]],
    reasons: str,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """The holder asks for more for a while: lines with days of their own."""
    sent = {"items": [dict(item) for item in items], "reasons": reasons}
    return write_object(f"{_one(authorisation_id)}/widenings", sent, idempotency_key=idempotency_key)


def grant_widening(
    authorisation_id: str, number: int, *, reasons: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The issuer grants it as it was asked for."""
    return _say(f"{_widening(authorisation_id, number)}/grant", reasons, idempotency_key)


def refuse_widening(
    authorisation_id: str, number: int, *, reasons: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The issuer refuses it."""
    return _say(f"{_widening(authorisation_id, number)}/refusal", reasons, idempotency_key)


def take_back_widening(
    authorisation_id: str, number: int, *, reasons: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The holder takes its request back before it is decided."""
    return _say(f"{_widening(authorisation_id, number)}/withdrawal", reasons, idempotency_key)


def _say(path: str, reasons: str, idempotency_key: str | None) -> Call[RemoteObject]:
    return write_object(path, {"reasons": reasons}, idempotency_key=idempotency_key)


def _one(authorisation_id: str) -> str:
    return f"{AUTHORISATIONS}/{segment(authorisation_id)}"


def _widening(authorisation_id: str, number: int) -> str:
    return f"{_one(authorisation_id)}/widenings/{number}"
