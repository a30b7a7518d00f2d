"""Demands, bids and notices as answers; who sees what of a demand is decided here and nowhere else."""

from typing import Any

from ledger.domain.demand import LIFE
from ledger.errors import NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.business import Actor, StoredObject
from ledger.services.demands import OPEN


def require_shown(actor: Actor, stored: StoredObject) -> None:
    """The hall shows open demands to every body; others are for their parties.

    Raises:
        NotFoundError: this one is not shown to the actor.
    """
    if stored.state not in OPEN and not actor.may_see(stored.parties):
        raise NotFoundError("There is no such demand.")


def demand_value(stored: StoredObject, actor: Actor, contact: dict[str, Any] | None = None) -> dict[str, Any]:
    """A demand as ``DemandAnswer``, as this actor may see it.

    Args:
        stored: the demand.
        actor: who asks.
        contact: as it was unsealed; shown to the parties alone.
    """
    document = stored.document
    is_party = actor.participant is not None and actor.participant in stored.parties
    is_inside = is_party or actor.reads_all
    is_owners = actor.reads_all or actor.participant == document["owner"]
    return {
        "demand_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": list(LIFE.allowed(stored.state)),
        **{name: document[name] for name in ("owner", "owner_name", "content")},
        "bids": len(document["bids"]),
        "matches": document["matches"] if is_owners else [],
        "selected": document["selected"] if is_inside else None,
        "contact": contact if is_party else None,
        "follow_ups": document["follow_ups"] if is_inside else [],
        "feedback": document["feedback"] if is_inside else None,
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def bid_value(stored: StoredObject) -> dict[str, Any]:
    """A bid as ``BidAnswer``."""
    return {**stored.document, "state": stored.state, "revision": stored.revision}


def notice_value(stored: StoredObject) -> dict[str, Any]:
    """A notice as ``NoticeAnswer``."""
    return {**stored.document, "changed_at": format_time(stored.changed_at)}
