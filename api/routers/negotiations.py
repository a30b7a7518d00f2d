"""Negotiations for their parties: begin one on either side, say the next message, see how it stands and what was said."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.negotiation_answers import message_value, negotiation_value, waiting_names
from api.reads import json_response, read_with_etag
from api.routers.catalog import endpoint_url
from api.schemas.negotiations import (
    NEGOTIATION_ID,
    MessagesAnswer,
    NegotiationAnswer,
    NegotiationsAnswer,
    OfferNegotiation,
    OpenNegotiation,
    SayMessage,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.outgoing import Destinations
from ledger.adapters.sql.message_deliveries import attempts_of
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.services.business import StoredObject
from ledger.services.negotiation_openings import FirstOffer, open_with_offer, open_with_request
from ledger.services.negotiation_openings import Request as FirstRequest
from ledger.services.negotiation_records import KIND, MESSAGE
from ledger.services.negotiations import Said, say

router = APIRouter(tags=["negotiations"], dependencies=[STRICT_QUERY])

NegotiationId = Annotated[str, Path(pattern=NEGOTIATION_ID)]
ONE = "/v1/negotiations/{negotiation_id}"
_OF_ONE = "document ->> 'negotiation_id' = :negotiation_id AND object_id LIKE :negotiation_id || '/%'"


@router.get("/v1/negotiations", summary="Negotiations", responses={200: {"model": NegotiationsAnswer}})
async def get_negotiations(
    request: Request,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Those of the caller's body, on either side; readers of all see every one."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(connection, caller.actor, KIND, cursor=cursor, limit=limit)
        return {"items": _values(connection, page.items), "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="A negotiation", responses={200: {"model": NegotiationAnswer}})
async def get_negotiation(request: Request, negotiation_id: NegotiationId) -> Response:
    """How it stands, which messages led there with their digests, and what waits to be delivered."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        [value] = _values(connection, [read_object(connection, caller.actor, KIND, negotiation_id)])
        return value

    return await read_with_etag(request, query)


@router.get(f"{ONE}/messages", summary="Messages of a negotiation", responses={200: {"model": MessagesAnswer}})
async def get_messages(
    request: Request,
    negotiation_id: NegotiationId,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Every version of the offer and every other message, as it was sent or received."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        read_object(connection, caller.actor, KIND, negotiation_id)
        values = {"negotiation_id": negotiation_id}
        page = page_of_objects(
            connection, caller.actor, MESSAGE, cursor=cursor, limit=limit, clause=_OF_ONE, values=values
        )
        return {"items": [message_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.post(
    "/v1/negotiations",
    summary="Begin a negotiation",
    status_code=201,
    responses={201: {"model": NegotiationAnswer}},
    openapi_extra=write_extra(OpenNegotiation),
)
async def post_negotiation(request: Request, container: ContainerOf) -> Response:
    """The caller's body asks for a dataset; the request is sent after this is answered."""
    callback = endpoint_url(request, container)
    destinations = Destinations(container.settings.dsp_networks)

    def use_case(uow: SqlUnitOfWork, command: OpenNegotiation) -> Answer:
        stored = open_with_request(uow, _new_id(), FirstRequest(**command.model_dump()), callback)
        destinations.check_address(command.address)
        return _answer(stored, 201, Location=f"/v1/negotiations/{stored.object_id}")

    return await write(request, OpenNegotiation, use_case)


@router.post(
    "/v1/negotiations/offers",
    summary="Begin a negotiation with an offer",
    status_code=201,
    responses={201: {"model": NegotiationAnswer}},
    openapi_extra=write_extra(OfferNegotiation),
)
async def post_first_offer(request: Request, container: ContainerOf) -> Response:
    """The caller's body offers a product of its own to a consumer; the offer is sent after this is answered."""
    callback = endpoint_url(request, container)
    destinations = Destinations(container.settings.dsp_networks)

    def use_case(uow: SqlUnitOfWork, command: OfferNegotiation) -> Answer:
        stored = open_with_offer(uow, _new_id(), FirstOffer(**command.model_dump()), callback)
        destinations.check_address(command.address)
        return _answer(stored, 201, Location=f"/v1/negotiations/{stored.object_id}")

    return await write(request, OfferNegotiation, use_case)


@router.post(
    f"{ONE}/messages",
    summary="Say something in a negotiation",
    responses={200: {"model": NegotiationAnswer}},
    openapi_extra=write_extra(SayMessage),
)
async def post_message(request: Request, negotiation_id: NegotiationId) -> Response:
    """The next message of one's own side; the state moves when the other side has taken it (`pending` until then)."""

    def use_case(uow: SqlUnitOfWork, command: SayMessage) -> Answer:
        said = Said(command.act, command.rules, command.code, tuple(command.reasons))
        return _answer(say(uow, negotiation_id, said), 200)

    return await write(request, SayMessage, use_case)


def _new_id() -> str:
    return f"neg-{secrets.token_hex(16)}"


def _values(connection: Connection, found: list[StoredObject]) -> list[dict[str, Any]]:
    tries = attempts_of(connection, [name for stored in found for name in waiting_names(stored)])
    return [negotiation_value(stored, tries) for stored in found]


def _answer(stored: StoredObject, status: int, **headers: str) -> Answer:
    return Answer(negotiation_value(stored, {}), status=status, revision=stored.revision, headers=headers)
