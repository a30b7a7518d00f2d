"""The demand hall: publish, match, bid, select, follow up, close."""

from collections.abc import Mapping
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

DEMANDS = "/v1/demands"


def get_demands(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Open demands of every body, oldest first."""
    return get_page(DEMANDS, cursor=cursor, limit=limit)


def get_demand(demand_id: str) -> Call[RemoteObject]:
    """A demand, with as much of it as the caller may see."""
    return get_object(_one(demand_id))


def get_bids(demand_id: str) -> Call[RemotePage]:
    """All bids for the owner, its own for a bidder, on one page."""
    return get_page(f"{_one(demand_id)}/bids")


def get_demand_notices(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """The inbox of the caller's body: demands that its offers meet, and why."""
    return get_page("/v1/demand-notices", cursor=cursor, limit=limit)


def publish_demand(
    content: Mapping[str, Any], contact: Mapping[str, str], *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Publishes a demand (``DemandFacts`` of the OpenAPI document); the contact (``name``, ``phone``, ``email``) is sealed."""
    sent = {"content": dict(content), "contact": dict(contact)}
    return write_object(DEMANDS, sent, idempotency_key=idempotency_key)


def match_demand(demand_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Holds the catalog against a demand, and tells the providers of what meets it."""
    return write_object(f"{_one(demand_id)}/matching", {}, idempotency_key=idempotency_key)


def bid_for_demand(
    demand_id: str,
    *,
    text: str,
    currency: str,
    amount_minor: int,
    product_code: str | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Bids, with a product of the bidder's own on sale or without one; the amount in minor units."""
    sent = {
        "text": text,
        "currency": currency,
        "amount_minor": amount_minor,
        "product_code": product_code,
        "version": version,
    }
    return write_object(f"{_one(demand_id)}/bids", sent, idempotency_key=idempotency_key)


def select_bid(demand_id: str, *, bidder: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The owner selects the bid of this body."""
    return write_object(f"{_one(demand_id)}/selection", {"bidder": bidder}, idempotency_key=idempotency_key)


def follow_up_demand(demand_id: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Owner or selected bidder notes how it goes on."""
    return write_object(f"{_one(demand_id)}/follow-ups", {"text": text}, idempotency_key=idempotency_key)


def close_demand(demand_id: str, *, rating: int, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The owner's feedback ends it: 1 poor to 5 good."""
    sent = {"rating": rating, "text": text}
    return write_object(f"{_one(demand_id)}/closing", sent, idempotency_key=idempotency_key)


def withdraw_demand(demand_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The owner takes it back before it has selected a bid."""
    return write_object(f"{_one(demand_id)}/withdrawal", {}, idempotency_key=idempotency_key)


def _one(demand_id: str) -> str:
    return f"{DEMANDS}/{segment(demand_id)}"
