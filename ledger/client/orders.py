"""Orders: what consumers and providers do, and reading. Their agreements are in ``agreements``."""

from collections.abc import Mapping
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_bytes, get_object, get_page, segment, write_object

ORDERS = "/v1/orders"


def get_orders(
    *,
    state: str | None = None,
    side: str | None = None,
    counterparty: str | None = None,
    product_code: str | None = None,
    changed_since: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Orders that the caller has to do with, oldest first; ``side`` is its own: ``consumer`` or ``provider``.

    With ``changed_since`` (a time as answers have it) and no filter: what changed from then on, in the order of the last change.
    """
    filters = {"state": state, "side": side, "counterparty": counterparty, "product_code": product_code}
    filters |= {"changed_since": changed_since}
    return get_page(ORDERS, cursor=cursor, limit=limit, **filters)


def get_order(order_id: str) -> Call[RemoteObject]:
    """How an order stands, and what it waits for."""
    return get_object(order_path(order_id))


def get_order_history(order_id: str, *, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Every revision that the caller may see, oldest first."""
    return get_page(f"{order_path(order_id)}/history", cursor=cursor, limit=limit)


def get_voucher(order_id: str) -> Call[RemoteObject]:
    """The voucher in its standard form, with the salt of its digest."""
    return get_object(f"{order_path(order_id)}/voucher")


def get_printed_voucher(order_id: str) -> Call[bytes]:
    """The same for print: a PDF, with the JSON attached."""
    return get_bytes(f"{order_path(order_id)}/voucher.pdf")


def draft_order(content: Mapping[str, Any], *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Drafts an order (``OrderFacts`` of the OpenAPI document); its number is in the answer."""
    return write_object(ORDERS, content, idempotency_key=idempotency_key)


def edit_order(
    order_id: str, content: Mapping[str, Any], *, revision: int, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Replaces what a draft states, based on ``revision``."""
    path = order_path(order_id)
    return write_object(path, content, revision=revision, idempotency_key=idempotency_key, method="PUT")


def discard_order(order_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Ends a draft."""
    return _step(order_id, "discarding", {}, idempotency_key)


def place_order(order_id: str, *, revision: int, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Fixes voucher and price of the draft as it is at ``revision``, and asks the chain; the consumer signs."""
    path = f"{order_path(order_id)}/placing"
    return write_object(path, {}, revision=revision, idempotency_key=idempotency_key)


def confirm_order(order_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The provider confirms what was placed, and signs the same order."""
    return _step(order_id, "confirmation", {}, idempotency_key)


def reject_order(order_id: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The provider declines what was placed, for this reason."""
    return _step(order_id, "rejection", {"text": text}, idempotency_key)


def withdraw_order(order_id: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The consumer takes back what it placed, for this reason."""
    return _step(order_id, "withdrawal", {"text": text}, idempotency_key)


def cancel_order(order_id: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Either party ends a confirmed order without an agreement, for this reason."""
    return _step(order_id, "cancellation", {"text": text}, idempotency_key)


def lapse_order(order_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """States that nobody confirmed it in time."""
    return _step(order_id, "lapse", {}, idempotency_key)


def close_order(order_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Closes an order whose agreement has ended, or is over."""
    return _step(order_id, "closing", {}, idempotency_key)


def withdraw_order_step(order_id: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Takes back the step that waits for its signature."""
    return _step(order_id, "step-withdrawal", {}, idempotency_key)


def order_path(order_id: str) -> str:
    """Where an order is."""
    return f"{ORDERS}/{segment(order_id)}"


def _step(order_id: str, step: str, sent: Mapping[str, Any], idempotency_key: str | None) -> Call[RemoteObject]:
    return write_object(f"{order_path(order_id)}/{step}", sent, idempotency_key=idempotency_key)
