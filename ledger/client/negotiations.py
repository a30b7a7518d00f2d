"""Negotiations: of one's own side, and the messages of the Dataspace Protocol to a connector of this kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import (
    Call,
    RemoteObject,
    RemotePage,
    get_bytes,
    get_object,
    get_page,
    post_object,
    segment,
    write_object,
)

NEGOTIATIONS = "/v1/negotiations"
DSP = "/dsp/2025-1/negotiations"


def get_negotiations(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Those of the caller's body, oldest first."""
    return get_page(NEGOTIATIONS, cursor=cursor, limit=limit)


def get_negotiation(negotiation_id: str) -> Call[RemoteObject]:
    """How one stands."""
    return get_object(f"{NEGOTIATIONS}/{segment(negotiation_id)}")


def get_negotiation_messages(
    negotiation_id: str, *, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """What was said, oldest first."""
    return get_page(f"{NEGOTIATIONS}/{segment(negotiation_id)}/messages", cursor=cursor, limit=limit)


def get_negotiation_record(negotiation_id: str) -> Call[RemoteObject]:
    """Every version with its digest, and the log's events that hold them."""
    return get_object(f"{NEGOTIATIONS}/{segment(negotiation_id)}/record")


def get_negotiation_proof(negotiation_id: str, leaf_index: int) -> Call[bytes]:
    """The proof file of one of these events, byte for byte."""
    return get_bytes(f"{NEGOTIATIONS}/{segment(negotiation_id)}/record/{leaf_index}")


def get_negotiation_explanation(negotiation_id: str, *, number: int | None = None) -> Call[RemoteObject]:
    """The newest version of the terms in plain words, or that of one message."""
    shown = None if number is None else str(number)
    return get_object(f"{NEGOTIATIONS}/{segment(negotiation_id)}/explanation", number=shown)


def open_negotiation(
    *,
    provider: str,
    address: str,
    dataset_id: str,
    offer_id: str,
    rules: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Asks a provider's connector for a dataset; ``rules`` are those of an ODRL offer."""
    sent = {
        "provider": provider,
        "address": address,
        "dataset_id": dataset_id,
        "offer_id": offer_id,
        "rules": dict(rules),
    }
    return write_object(NEGOTIATIONS, sent, idempotency_key=idempotency_key)


def open_with_offer(
    *, consumer: str, address: str, dataset_id: str, rules: Mapping[str, Any], idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Offers a consumer's connector a product of the caller's body."""
    sent = {"consumer": consumer, "address": address, "dataset_id": dataset_id, "rules": dict(rules)}
    return write_object(f"{NEGOTIATIONS}/offers", sent, idempotency_key=idempotency_key)


def say(
    negotiation_id: str,
    act: str,
    *,
    rules: Mapping[str, Any] | None = None,
    code: str | None = None,
    reasons: Sequence[str] = (),
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """The next message of the caller's side: ``offer``, ``request``, ``accept``, ``agree``, ``verify``, ``finalize``, ``terminate``."""
    sent = {"act": act, "rules": None if rules is None else dict(rules), "code": code, "reasons": list(reasons)}
    path = f"{NEGOTIATIONS}/{segment(negotiation_id)}/messages"
    return write_object(path, sent, idempotency_key=idempotency_key)


def get_dsp_negotiation(pid: str) -> Call[RemoteObject]:
    """The ``ContractNegotiation`` by the process id of the one who is asked."""
    return get_object(f"{DSP}/{segment(pid)}")


def send_first_request(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractRequestMessage`` that begins a negotiation."""
    return post_object(f"{DSP}/request", message)


def send_first_offer(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractOfferMessage`` that begins a negotiation."""
    return post_object(f"{DSP}/offers", message)


def send_request(provider_pid: str, message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractRequestMessage`` with other terms."""
    return post_object(f"{DSP}/{segment(provider_pid)}/request", message)


def send_verification(provider_pid: str, message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractAgreementVerificationMessage``."""
    return post_object(f"{DSP}/{segment(provider_pid)}/agreement/verification", message)


def send_offer(consumer_pid: str, message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractOfferMessage``."""
    return post_object(f"{DSP}/{segment(consumer_pid)}/offers", message)


def send_agreement(consumer_pid: str, message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractAgreementMessage``."""
    return post_object(f"{DSP}/{segment(consumer_pid)}/agreement", message)


def send_event(pid: str, message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractNegotiationEventMessage``."""
    return post_object(f"{DSP}/{segment(pid)}/events", message)


def send_termination(pid: str, message: Mapping[str, Any]) -> Call[RemoteObject]:
    """A ``ContractNegotiationTerminationMessage``."""
    return post_object(f"{DSP}/{segment(pid)}/termination", message)
