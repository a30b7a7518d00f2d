"""Orders by their consumers: draft, edit, discard, place; and reading them, on either side. The page about them is ``api/ORDERS.md``."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.changes import ChangedSince, moment_asked_for
from api.dependencies import read_as_caller
from api.reads import json_response, read_with_etag
from api.routers.products import RevisionCursor
from api.schemas.accounts import PARTICIPANT
from api.schemas.orders import (
    ORDER_ID,
    STATE,
    OrderAnswer,
    OrderFacts,
    OrderHistoryAnswer,
    OrdersAnswer,
    VoucherAnswer,
)
from api.schemas.products import PRODUCT_CODE, NothingToSay
from api.strict_requests import STRICT_QUERY
from api.trade_answers import order_answer, order_revision, order_value, voucher_value
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_history, read_object
from ledger.adapters.sql.trade_lists import SIDES, TradeQuestion, page_of_trade
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.order_digest import SALT_BYTES
from ledger.domain.order_life import KIND
from ledger.services import orders

router = APIRouter(tags=["orders"], dependencies=[STRICT_QUERY])

OrderId = Annotated[str, Path(pattern=ORDER_ID)]
ONE = "/v1/orders/{order_id}"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": OrderAnswer}}


@router.get("/v1/orders", summary="List orders", responses={200: {"model": OrdersAnswer}})
async def get_orders(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=STATE)] = None,
    side: Annotated[str | None, Query(pattern=f"^({'|'.join(SIDES)})$", description="Of the caller's body.")] = None,
    counterparty: Annotated[str | None, Query(pattern=PARTICIPANT)] = None,
    product_code: Annotated[str | None, Query(pattern=PRODUCT_CODE)] = None,
    changed_since: ChangedSince = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Those that the caller has to do with, oldest first. `counterparty` is the other party; to who is neither, either one."""
    moment = moment_asked_for(changed_since, state, side, counterparty, product_code)
    asked = TradeQuestion(KIND, state, side, counterparty, product_code, changed_since=moment)

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_trade(connection, caller.actor, asked, cursor=cursor, limit=limit)
        return {"items": [order_value(item, caller.actor) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="An order", responses=ANSWER)
async def get_order(request: Request, order_id: OrderId) -> Response:
    """What was ordered, how it stands, what it waits for, and what the caller's side may do."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return order_value(read_object(connection, caller.actor, KIND, order_id), caller.actor)

    return await read_with_etag(request, query)


@router.get(f"{ONE}/history", summary="Change history of an order", responses={200: {"model": OrderHistoryAnswer}})
async def get_history(
    request: Request,
    order_id: OrderId,
    *,
    cursor: RevisionCursor = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Every revision, oldest first; of the draft the consumer's alone."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, order_id)
        page = page_of_history(connection, stored, submitted_to=caller.actor, cursor=cursor, limit=limit)
        return {"items": [order_revision(revision) for revision in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(f"{ONE}/voucher", summary="Voucher of an order", responses={200: {"model": VoucherAnswer}})
async def get_voucher(request: Request, order_id: OrderId) -> Response:
    """The standard form that both parties sign by its digest, and its lines for print. There is one from the placing on."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return voucher_value(read_object(connection, caller.actor, KIND, order_id))

    return json_response(await read_as_caller(request, query))


@router.post(
    "/v1/orders",
    summary="Draft an order",
    status_code=201,
    responses={201: {"model": OrderAnswer}},
    openapi_extra=write_extra(OrderFacts),
)
async def post_order(request: Request) -> Response:
    """From an approved application, a matched demand, or under a framework agreement; its number is drawn here."""

    def use_case(uow: SqlUnitOfWork, command: OrderFacts) -> Answer:
        order_id = f"ord-{secrets.token_hex(16)}"
        wanted = orders.DraftOrder(order_id, command.model_dump(), secrets.token_bytes(SALT_BYTES))
        return order_answer(orders.draft_order(uow, wanted), uow.actor, status=201)

    return await write(request, OrderFacts, use_case)


@router.put(ONE, summary="Edit a draft", responses=ANSWER, openapi_extra=write_extra(OrderFacts, edits=True))
async def put_order(request: Request, order_id: OrderId) -> Response:
    """Replaces what a draft states. What was placed never changes."""

    def use_case(uow: SqlUnitOfWork, command: OrderFacts) -> Answer:
        return order_answer(orders.edit_order(uow, order_id, command.model_dump()), uow.actor)

    return await write(request, OrderFacts, use_case)


@router.post(f"{ONE}/discarding", summary="Discard a draft", responses=ANSWER, openapi_extra=write_extra(NothingToSay))
async def post_discarding(request: Request, order_id: OrderId) -> Response:
    """Ends a draft; nobody else has seen it."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return order_answer(orders.discard_order(uow, order_id), uow.actor)

    return await write(request, NothingToSay, use_case)


@router.post(
    f"{ONE}/placing", summary="Place an order", responses=ANSWER, openapi_extra=write_extra(NothingToSay, edits=True)
)
async def post_placing(request: Request, order_id: OrderId) -> Response:
    """Fixes voucher and price and asks the chain; the consumer signs the act that `waiting` names."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return order_answer(orders.place_order(uow, order_id), uow.actor)

    return await write(request, NothingToSay, use_case)
