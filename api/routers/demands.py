"""The demand hall: publish, match, bid, select, follow up, close; and the inbox of those who could meet a demand."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.demand_answers import bid_value, demand_value, notice_value, require_shown
from api.dependencies import ContainerOf, read_as_caller
from api.reads import json_response, read_with_etag
from api.schemas.demands import (
    DEMAND_ID,
    BidAnswer,
    BidForDemand,
    BidsAnswer,
    CloseDemand,
    DemandAnswer,
    DemandsAnswer,
    FollowUp,
    NoticesAnswer,
    PublishDemand,
    SelectBid,
)
from api.schemas.products import NothingToSay
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, M, write, write_after, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.demand import BID, KIND, NOTICE, Match, bid_id
from ledger.domain.working_days import day_in_shanghai
from ledger.errors import NotFoundError
from ledger.services import demands
from ledger.services.business import Actor, StoredObject
from ledger.services.demand_matching import look_for_matches, match_demand

router = APIRouter(tags=["demands"], dependencies=[STRICT_QUERY])

DemandId = Annotated[str, Path(pattern=DEMAND_ID)]
ONE = "/v1/demands/{demand_id}"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": DemandAnswer}}

_IN_TIME = "document #>> '{content,deadline}' >= :today"
_HALL = Actor("hall", None, frozenset({"operator"}))
"""Lists open demands for whoever asks; what of them is shown then depends on who that is."""


@router.get("/v1/demands", summary="Open demands", responses={200: {"model": DemandsAnswer}})
async def get_demands(
    request: Request,
    container: ContainerOf,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Demands that take bids, of every body, oldest first; one whose deadline is over is not among them."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(
            connection,
            _HALL,
            KIND,
            states=demands.OPEN,
            cursor=cursor,
            limit=limit,
            clause=_IN_TIME,
            values={"today": day_in_shanghai(container.clock.now()).isoformat()},
        )
        return {
            "items": [demand_value(item, caller.actor) for item in page.items],
            "next_cursor": page.next_cursor,
        }

    return json_response(await read_as_caller(request, query))


@router.get("/v1/demand-notices", summary="Demands that you could meet", responses={200: {"model": NoticesAnswer}})
async def get_notices(
    request: Request,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """The inbox of the caller's body: demands that its offers meet, and why."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(connection, caller.actor, NOTICE, cursor=cursor, limit=limit)
        return {"items": [notice_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="A demand", responses=ANSWER)
async def get_demand(request: Request, container: ContainerOf, demand_id: DemandId) -> Response:
    """What is asked for; to its parties also contact, follow-ups and feedback, to its owner the matches."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        uow = SqlUnitOfWork(connection, container.open_log(connection).preparer, caller.actor, contracts={})
        stored = _shown(uow, demand_id)
        is_party = caller.actor.participant in stored.parties
        return demand_value(stored, caller.actor, uow.private(stored) if is_party else None)

    return await read_with_etag(request, query)


@router.get(f"{ONE}/bids", summary="Bids for a demand", responses={200: {"model": BidsAnswer}})
async def get_bids(request: Request, container: ContainerOf, demand_id: DemandId) -> Response:
    """All of them for the owner, its own for a bidder."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        uow = SqlUnitOfWork(connection, container.open_log(connection).preparer, caller.actor, contracts={})
        bidders = uow.peek(KIND, demand_id)
        names = [] if bidders is None else [bid_id(demand_id, code) for code in bidders.document["bids"]]
        found = [bid for name in names if (bid := uow.peek(BID, name)) is not None]
        seen = [bid for bid in found if caller.actor.may_see(bid.parties)]
        if not seen:  # a bidder that was passed over still sees its bid, nobody else sees a demand that is over
            _shown(uow, demand_id)
        return {"items": [bid_value(bid) for bid in seen]}

    return json_response(await read_as_caller(request, query))


@router.post(
    "/v1/demands",
    summary="Publish a demand",
    status_code=201,
    responses={201: {"model": DemandAnswer}},
    openapi_extra=write_extra(PublishDemand),
)
async def post_demand(request: Request) -> Response:
    """With every element of the demand standard. The contact is sealed."""

    def use_case(uow: SqlUnitOfWork, command: PublishDemand) -> Answer:
        demand_id = f"dem-{secrets.token_hex(16)}"
        contact = demands.Contact(**command.contact.model_dump())
        stored = demands.publish_demand(uow, demand_id, command.content.model_dump(), contact)
        return _answer(uow, stored, status=201)

    return await write(request, PublishDemand, use_case)


@router.post(
    f"{ONE}/matching", summary="Match with the catalog", responses=ANSWER, openapi_extra=write_extra(NothingToSay)
)
async def post_matching(request: Request, demand_id: DemandId) -> Response:
    """Keeps the best offers with their reasons, and puts the demand into the inbox of their providers."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay, found: tuple[Match, ...] | None) -> Answer:
        return _answer(uow, match_demand(uow, demand_id, found))

    return await write_after(request, NothingToSay, lambda uow: look_for_matches(uow, demand_id), use_case)


@router.post(
    f"{ONE}/bids",
    summary="Bid",
    status_code=201,
    responses={201: {"model": BidAnswer}},
    openapi_extra=write_extra(BidForDemand),
)
async def post_bid(request: Request, demand_id: DemandId) -> Response:
    """One bid of each body, until the deadline."""

    def use_case(uow: SqlUnitOfWork, command: BidForDemand) -> Answer:
        stored = demands.bid_for_demand(uow, demand_id, demands.Bid(**command.model_dump()))
        return Answer(bid_value(stored), status=201, revision=stored.revision)

    return await write(request, BidForDemand, use_case)


@router.post(f"{ONE}/selection", summary="Select a bid", responses=ANSWER, openapi_extra=write_extra(SelectBid))
async def post_selection(request: Request, demand_id: DemandId) -> Response:
    """The owner selects; the others are passed over."""
    return await _step(request, SelectBid, lambda uow, said: demands.select_bid(uow, demand_id, said.bidder))


@router.post(f"{ONE}/follow-ups", summary="Follow up", responses=ANSWER, openapi_extra=write_extra(FollowUp))
async def post_follow_up(request: Request, demand_id: DemandId) -> Response:
    """Owner or selected bidder notes how it goes on."""
    return await _step(request, FollowUp, lambda uow, said: demands.follow_up_demand(uow, demand_id, said.text))


@router.post(f"{ONE}/closing", summary="Close with feedback", responses=ANSWER, openapi_extra=write_extra(CloseDemand))
async def post_closing(request: Request, demand_id: DemandId) -> Response:
    """The owner's feedback ends it."""
    return await _step(
        request, CloseDemand, lambda uow, said: demands.close_demand(uow, demand_id, said.rating, said.text)
    )


@router.post(
    f"{ONE}/withdrawal", summary="Withdraw a demand", responses=ANSWER, openapi_extra=write_extra(NothingToSay)
)
async def post_withdrawal(request: Request, demand_id: DemandId) -> Response:
    """The owner takes it back before it has selected a bid; the bids are closed."""
    return await _step(request, NothingToSay, lambda uow, _: demands.withdraw_demand(uow, demand_id))


async def _step(request: Request, model: type[M], step: Callable[[SqlUnitOfWork, M], StoredObject]) -> Response:
    return await write(request, model, lambda uow, command: _answer(uow, step(uow, command)))


def _answer(uow: SqlUnitOfWork, stored: StoredObject, *, status: int = 200) -> Answer:
    headers = {"Location": f"/v1/demands/{stored.object_id}"} if status == 201 else {}
    value = demand_value(stored, uow.actor, uow.private(stored))
    return Answer(value, status=status, revision=stored.revision, headers=headers)


def _shown(uow: SqlUnitOfWork, demand_id: str) -> StoredObject:
    stored = uow.peek(KIND, demand_id)
    if stored is None:
        raise NotFoundError("There is no such demand.")
    require_shown(uow.actor, stored)
    return stored
