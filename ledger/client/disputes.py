"""Disputes about orders and agreements: complaint, messages, mediation, settlement, referral and ruling."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

DISPUTES = "/v1/disputes"


def get_disputes(
    *,
    state: str | None = None,
    subject_id: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Cases that the caller takes part in, oldest first; ``subject_id`` names an order or an agreement."""
    return get_page(DISPUTES, cursor=cursor, limit=limit, state=state, subject_id=subject_id)


def get_dispute(dispute_id: str) -> Call[RemoteObject]:
    """A case."""
    return get_object(_one(dispute_id))


def get_dispute_messages(dispute_id: str, *, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Everything that was said in it, in its order."""
    return get_page(f"{_one(dispute_id)}/messages", cursor=cursor, limit=limit)


def complain(
    *,
    subject_kind: str,
    subject_id: str,
    category: str,
    text: str,
    attachments: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Complains of the other party of an ``order`` or an ``agreement``.

    Args:
        subject_kind: one of the two.
        subject_id: its id.
        category: ``quality``, ``breach``, ``infringement`` or ``distribution``.
        text: the grounds.
        attachments: SHA-256 digests of what is handed in with it.
        idempotency_key: the caller's own name of this write.
    """
    about = {"subject_kind": subject_kind, "subject_id": subject_id, "category": category}
    return write_object(DISPUTES, about | _said(text, attachments), idempotency_key=idempotency_key)


def write_message(
    dispute_id: str, *, text: str, attachments: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Says something; the respondent's first message answers the complaint."""
    return _step(dispute_id, "messages", _said(text, attachments), idempotency_key)


def ask_mediation(
    dispute_id: str, *, text: str, attachments: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Asks the platform to mediate."""
    return _step(dispute_id, "mediation", _said(text, attachments), idempotency_key)


def propose_settlement(
    dispute_id: str, *, text: str, attachments: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Proposes how to settle."""
    return _step(dispute_id, "proposal", _said(text, attachments), idempotency_key)


def accept_settlement(dispute_id: str, *, digest: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Accepts the proposal of this digest."""
    return _step(dispute_id, "acceptance", {"digest": digest}, idempotency_key)


def end_mediation(
    dispute_id: str, *, text: str, attachments: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Says that the mediation came to nothing."""
    return _step(dispute_id, "mediation-end", _said(text, attachments), idempotency_key)


def refer_dispute(
    dispute_id: str,
    *,
    arbitrator: str,
    text: str,
    attachments: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Refers the case to this arbitrator; its act is then signed, where the agreement is on the chain."""
    sent = {"arbitrator": arbitrator} | _said(text, attachments)
    return _step(dispute_id, "referral", sent, idempotency_key)


def rule_dispute(
    dispute_id: str, *, text: str, attachments: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The arbitrator rules."""
    return _step(dispute_id, "ruling", _said(text, attachments), idempotency_key)


def withdraw_dispute(
    dispute_id: str, *, text: str, attachments: Sequence[str] = (), idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Who complained gives the complaint up."""
    return _step(dispute_id, "withdrawal", _said(text, attachments), idempotency_key)


def withdraw_dispute_step(dispute_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Takes back the referral or the ruling that waits for its signature."""
    return _step(dispute_id, "step-withdrawal", {}, idempotency_key)


def _one(dispute_id: str) -> str:
    return f"{DISPUTES}/{segment(dispute_id)}"


def _said(text: str, attachments: Sequence[str]) -> dict[str, Any]:
    return {"text": text, "attachments": list(attachments)}


def _step(dispute_id: str, step: str, sent: Mapping[str, Any], idempotency_key: str | None) -> Call[RemoteObject]:
    return write_object(f"{_one(dispute_id)}/{step}", sent, idempotency_key=idempotency_key)
