"""What is kept of a negotiation as evidence, for its parties: every version with its digest, the events, their proofs, the terms in words."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.container import Container
from api.dependencies import ContainerOf, read_as_caller
from api.policy_answers import explanation_value
from api.proof_files import proof_file
from api.reads import json_response
from api.rendering import state_of
from api.routers.negotiations import ONE, NegotiationId
from api.schemas.log import ProofFile
from api.schemas.negotiation_records import NegotiationRecord, TermsExplained
from api.strict_requests import STRICT_QUERY
from api.watching import LogView
from ledger.adapters.sql import outbox, reading
from ledger.adapters.sql.objects import read_object
from ledger.domain.negotiation.offers import policy_of
from ledger.errors import NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.negotiation_records import EVENT, KIND, MESSAGE, message_name
from ledger.services.proofs import open_event

router = APIRouter(tags=["negotiations"], dependencies=[STRICT_QUERY])

EVENTS_MAX = 1_000
"""Far more than 50 rounds make: each message has at most two."""

_ABOUT = ("side", "provider", "consumer", "provider_pid", "consumer_pid", "dataset", "steps")
_KINDS = EVENT.partition("{")[0]


@router.get(f"{ONE}/record", summary="Evidence of a negotiation", responses={200: {"model": NegotiationRecord}})
async def get_record(request: Request, container: ContainerOf, negotiation_id: NegotiationId) -> Response:
    """Every version of the terms by its digest, and where the log holds it."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, negotiation_id)
        container.open_log(connection)
        view, page = container.read_view(connection), reading.search(connection, _wanted(container, negotiation_id))
        return {
            "negotiation_id": negotiation_id,
            "state": stored.state,
            **{name: stored.document[name] for name in _ABOUT},
            "order_id": stored.document.get("order_id"),
            "events": [one for event in page.events if (one := _event(container, event, view, negotiation_id))],
            "complete_to_tree_size": page.complete_to,
        }

    return json_response(await read_as_caller(request, query))


@router.get(
    f"{ONE}/record/{{leaf_index}}",
    summary="Proof file of an event of a negotiation",
    responses={200: {"model": ProofFile}},
)
async def get_record_proof(
    request: Request,
    container: ContainerOf,
    negotiation_id: NegotiationId,
    leaf_index: Annotated[int, Path(ge=0, le=2**53 - 1)],
) -> Response:
    """Byte for byte as it is to be kept; `POST /v1/verify` and `cityledger verify` take it."""

    def query(connection: Connection, caller: Caller) -> bytes:
        read_object(connection, caller.actor, KIND, negotiation_id)
        container.open_log(connection)
        wanted = _wanted(container, negotiation_id, after=leaf_index - 1, limit=1)
        for event in reading.search(connection, wanted).events:
            if event.leaf_index == leaf_index and _is_of(container, event):
                return proof_file(connection, container, event)
        raise NotFoundError("The negotiation has no such event.")

    return Response(await read_as_caller(request, query), media_type="application/json")


@router.get(
    f"{ONE}/explanation",
    summary="Terms of a negotiation in words",
    responses={200: {"model": TermsExplained}},
)
async def get_explanation(
    request: Request,
    negotiation_id: NegotiationId,
    *,
    number: Annotated[
        int | None, Query(ge=1, le=10_000, description="Of a message; the newest version without it.")
    ] = None,
) -> Response:
    """What one version of the offer, or the agreement, means; terms of another profile are refused, as they cannot be told."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, negotiation_id)
        step = _version(stored, number)
        name = message_name(negotiation_id, step["number"])
        message = read_object(connection, caller.actor, MESSAGE, name).document["message"]
        kind = "agreement" if "agreement" in message else "offer"
        shown = {member: step[member] for member in ("number", "sender", "policy_digest")}
        return {**shown, "kind": kind, **explanation_value(policy_of(message[kind]))}

    return json_response(await read_as_caller(request, query))


def _version(stored: StoredObject, number: int | None) -> dict[str, Any]:
    versions = [step for step in stored.document["steps"] if step["policy_digest"] is not None]
    found = [step for step in versions if number in (None, step["number"])]
    if not found:
        raise NotFoundError("The negotiation has no terms in such a message.")
    return dict(found[-1])


def _wanted(
    container: Container, negotiation_id: str, *, after: int | None = None, limit: int = EVENTS_MAX
) -> reading.SearchQuery:
    """The ledger's own events of this subject; nobody else can submit in its name."""
    tag = bytes.fromhex(container.tag_keys.tag("case", negotiation_id))
    after = None if after is None or after < 0 else after
    return reading.SearchQuery(submitter=outbox.OPERATOR, tag=tag, after_leaf_index=after, limit=limit)


def _is_of(container: Container, event: reading.StoredEvent) -> bool:
    return open_event(event, container.sealer).envelope.type.startswith(_KINDS)


def _event(
    container: Container, event: reading.StoredEvent, view: LogView, negotiation_id: str
) -> dict[str, Any] | None:
    opening = open_event(event, container.sealer)
    if not opening.envelope.type.startswith(_KINDS):
        return None
    return {
        "source": None if opening.event is None else opening.event.source,
        "id": None if opening.event is None else opening.event.id,
        "type": opening.envelope.type,
        "state": str(state_of(event.leaf_index, view)),
        "leaf_index": event.leaf_index,
        "leaf_hash": event.leaf_hash.hex(),
        "received_at": format_time(event.received_at),
        "proof": ONE.replace("{negotiation_id}", negotiation_id) + f"/record/{event.leaf_index}",
    }
