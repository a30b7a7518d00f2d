"""Agreements: generated from an order or as a framework, signed, filed and dissolved; read and searched."""

from collections.abc import Mapping
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object
from ledger.client.orders import order_path

AGREEMENTS = "/v1/agreements"


def get_agreements(
    *,
    state: str | None = None,
    side: str | None = None,
    counterparty: str | None = None,
    product_code: str | None = None,
    beginning: str | None = None,
    valid_on: str | None = None,
    changed_since: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Agreements that the caller may read, oldest first.

    Args:
        state: of all of them.
        side: of the caller's body: ``consumer`` or ``provider``.
        counterparty: subject code of the other party.
        product_code: of their product.
        beginning: of the contract hash, 8 digits or more, or of the contract id, 38 characters or more.
        valid_on: a day in their validity, ``YYYY-MM-DD``.
        changed_since: a time as answers have it, without other filters: what changed from then on, in the order of the last change.
        cursor: of the page before.
        limit: most of them on the page.
    """
    filters = {"state": state, "side": side, "counterparty": counterparty, "product_code": product_code}
    filters |= {"beginning": beginning, "valid_on": valid_on, "changed_since": changed_since}
    return get_page(AGREEMENTS, cursor=cursor, limit=limit, **filters)


def get_agreement(agreement_id: str) -> Call[RemoteObject]:
    """An agreement by contract id or contract hash, with as much of it as the caller may read."""
    return get_object(agreement_path(agreement_id))


def get_agreement_history(
    agreement_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """Every revision that the caller may see, oldest first."""
    return get_page(f"{agreement_path(agreement_id)}/history", cursor=cursor, limit=limit)


def get_agreement_explanation(agreement_id: str) -> Call[RemoteObject]:
    """Its key terms as plain sentences, Chinese and English; for whoever is about to sign it."""
    return get_object(f"{agreement_path(agreement_id)}/explanation")


def get_filing(agreement_id: str) -> Call[RemoteObject]:
    """What everybody may know of a filed agreement, by contract id or contract hash."""
    return get_object(f"/v1/filings/{segment(agreement_id)}")


def generate_agreement(
    order_id: str,
    *,
    terms: Mapping[str, Any],
    confidential: Mapping[str, Any],
    contract_id: str | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """The agreement of a confirmed order.

    Args:
        order_id: of the order.
        terms: ``TermsOf`` of the OpenAPI document.
        confidential: the other part as others see it: ``leaf_hashes`` and ``ciphertext``.
        contract_id: of a contract that the parties agreed by the interfaces of TC609-6-2025-14; None for a new one.
        idempotency_key: the caller's own name of this write.
    """
    sent = {"terms": dict(terms), "confidential": dict(confidential), "contract_id": contract_id}
    return write_object(f"{order_path(order_id)}/agreement", sent, idempotency_key=idempotency_key)


def generate_framework(
    *,
    product_code: str,
    product_version: int,
    consumer: str,
    terms: Mapping[str, Any],
    confidential: Mapping[str, Any],
    contract_id: str | None = None,
    negotiation_id: str | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """A framework agreement about a product on offer, under which orders are called off; also as it was negotiated."""
    sent = {
        "product_code": product_code,
        "product_version": product_version,
        "consumer": consumer,
        "terms": dict(terms),
        "confidential": dict(confidential),
        "contract_id": contract_id,
        "negotiation_id": negotiation_id,
    }
    return write_object(AGREEMENTS, sent, idempotency_key=idempotency_key)


def ask_signatures(agreement_id: str, *, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Closes the text as it is at ``revision``; then both parties sign it."""
    path = f"{agreement_path(agreement_id)}/signing"
    return write_object(path, {}, revision=revision, idempotency_key=idempotency_key)


def abandon_agreement(agreement_id: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Gives up an agreement that not all have signed, for this reason."""
    return _step(agreement_id, "abandonment", {"text": text}, idempotency_key)


def file_agreement(agreement_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """A platform that reviewed the product files it."""
    return _step(agreement_id, "filing", {}, idempotency_key)


def dissolve_agreement(
    agreement_id: str, *, effective_at: int, text: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Ends an agreement before its time.

    Args:
        agreement_id: contract id.
        effective_at: last second of delivery, Unix time; a past one is taken as the moment at which the chain decides.
        text: why, or what was ruled.
        idempotency_key: the caller's own name of this write.
    """
    return _step(agreement_id, "dissolution", {"effective_at": effective_at, "text": text}, idempotency_key)


def withdraw_agreement_step(agreement_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Takes back the step that waits for signatures."""
    return _step(agreement_id, "step-withdrawal", {}, idempotency_key)


def agreement_path(agreement_id: str) -> str:
    """Where an agreement is."""
    return f"{AGREEMENTS}/{segment(agreement_id)}"


def _step(agreement_id: str, step: str, sent: Mapping[str, Any], idempotency_key: str | None) -> Call[RemoteObject]:
    return write_object(f"{agreement_path(agreement_id)}/{step}", sent, idempotency_key=idempotency_key)
