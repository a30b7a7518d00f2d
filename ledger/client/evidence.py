"""Events and the log by calls; ``ServiceClient`` sends events in bulk and keeps receipts."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_bytes, get_object, get_page, post_object, segment


def post_event(event: Mapping[str, Any]) -> Call[RemoteObject]:
    """Records one CloudEvent; its identity makes a repeat harmless."""
    return post_object("/v1/events", event, media_type="application/cloudevents+json")


def get_event(source: str, event_id: str) -> Call[RemoteObject]:
    """State and log receipt of an event."""
    return get_object("/v1/events", source=source, id=event_id)


def get_proof(
    source: str, event_id: str, *, redact: Sequence[str] = (), as_of_tree_size: int | None = None
) -> Call[bytes]:
    """The proof file of an event, byte for byte; ``redact`` holds JSON pointers into the body."""
    size = None if as_of_tree_size is None else str(as_of_tree_size)
    return get_bytes("/v1/events/proof", source=source, id=event_id, redact=redact, as_of_tree_size=size)


def search_events(
    *,
    received_from: str | None = None,
    received_to: str | None = None,
    event_type: str | None = None,
    submitter: str | None = None,
    tag: tuple[str, str] | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Call[RemotePage]:
    """Events in leaf order; all that is given must hold.

    Args:
        received_from: RFC 3339, included.
        received_to: RFC 3339, not included.
        event_type: of the event.
        submitter: its code.
        tag: kind and value, for example ``("case", "case-891")``: the ledger's own events have their object as the case.
        cursor: of the page.
        limit: most items of a page.
    """
    kind, value = (None, None) if tag is None else tag
    return get_page(
        "/v1/events/search",
        cursor=cursor,
        limit=limit,
        received_from=received_from,
        received_to=received_to,
        type=event_type,
        submitter=submitter,
        tag_kind=kind,
        tag_value=value,
    )


def get_anchors(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Heads that the chain holds."""
    return get_page("/v1/anchors", cursor=cursor, limit=limit)


def verify_proof(proof: bytes) -> Call[RemoteObject]:
    """The service's own word on a proof file as it was fetched; ``cityledger verify`` needs nobody's."""
    return post_object("/v1/verify", proof)


def get_log() -> Call[RemoteObject]:
    """Identity, keys, chain and sizes of the log."""
    return get_object("/v1/log")


def get_checkpoint() -> Call[bytes]:
    """The published checkpoint note."""
    return get_bytes("/log/checkpoint")


def get_tile(path: str) -> Call[bytes]:
    """A tile or entry bundle by its path below ``/log/tile/``, for example ``entries/000``."""
    return get_bytes("/log/tile/" + "/".join(map(segment, path.split("/"))))


def get_liveness() -> Call[bytes]:
    """Whether the API answers at all."""
    return get_bytes("/livez")


def get_readiness() -> Call[RemoteObject]:
    """What the readiness check says; a service that is not ready is tried again as long as the retry policy says."""
    return get_object("/readyz")


def get_metrics() -> Call[bytes]:
    """Metrics in Prometheus' text form."""
    return get_bytes("/metrics")
