"""Negotiations and their messages as answers."""

from collections.abc import Mapping
from typing import Any

from ledger.adapters.sql.message_deliveries import Attempts
from ledger.domain.agreement_status import NegotiationState, status_of_negotiation
from ledger.domain.catalog_dsp import CONTEXT
from ledger.domain.negotiation.life import TABLES, Side
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.negotiation_records import message_name

_SAME = ("side", "provider", "consumer", "provider_pid", "consumer_pid", "address", "dataset", "steps", "refusal")


def negotiation_value(stored: StoredObject, tries: Mapping[str, Attempts]) -> dict[str, Any]:
    """A negotiation as ``NegotiationAnswer``; ``tries`` are those of messages that wait, by their names."""
    document = stored.document
    is_begun = bool(document["steps"])
    return {
        "negotiation_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "contract_status": str(_status(stored)) if is_begun else None,
        "allowed": list(TABLES[Side(document["side"])].allowed(stored.state)) if is_begun else [],
        **{name: document[name] for name in _SAME},
        "pending": _pending(stored, tries),
        "order_id": document.get("order_id"),
        "agreement_id": document.get("agreement_id"),
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def waiting_names(stored: StoredObject) -> list[str]:
    """The name of its message that waits, if one does."""
    waiting = stored.document["pending"]
    return [] if waiting is None else [message_name(stored.object_id, waiting["number"])]


def message_value(stored: StoredObject) -> dict[str, Any]:
    """A message as ``MessageAnswer``."""
    shown = {name: stored.document[name] for name in ("number", "sender", "digest", "message", "refusal")}
    return {**shown, "state": stored.state, "created_at": format_time(stored.created_at)}


def dsp_value(stored: StoredObject) -> dict[str, Any]:
    """The ``ContractNegotiation`` of one that has begun."""
    return {
        "@context": list(CONTEXT),
        "@type": "ContractNegotiation",
        "providerPid": stored.document["provider_pid"],
        "consumerPid": stored.document["consumer_pid"],
        "state": stored.state,
    }


def _status(stored: StoredObject) -> str:
    steps, state = stored.document["steps"], NegotiationState(stored.state)
    if state is NegotiationState.TERMINATED:
        return status_of_negotiation(state, terminated_from=NegotiationState(steps[-2]["state"]))
    return status_of_negotiation(state, is_first_message=len(steps) == 1)


def _pending(stored: StoredObject, tries: Mapping[str, Attempts]) -> dict[str, Any] | None:
    waiting = stored.document["pending"]
    if waiting is None:
        return None
    tried = tries.get(message_name(stored.object_id, waiting["number"]))
    return {
        **waiting,
        "attempts": 0 if tried is None else tried.attempts,
        "next_at": None if tried is None else format_time(tried.next_at),
        "reason": None if tried is None else tried.reason,
    }
