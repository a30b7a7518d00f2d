"""What becomes of an order that was placed: confirmed or rejected by the provider, ended by either party."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.routers.orders import ANSWER, ONE, OrderId
from api.schemas.orders import GiveReason
from api.schemas.products import NothingToSay
from api.strict_requests import STRICT_QUERY
from api.trade_answers import order_answer
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.services import order_closing, orders
from ledger.services.business import StoredObject, UnitOfWork

router = APIRouter(tags=["orders"], dependencies=[STRICT_QUERY])

Step = Callable[[UnitOfWork, str], StoredObject]
Closing = Callable[[UnitOfWork, str, str], StoredObject]


@router.post(
    f"{ONE}/confirmation", summary="Confirm an order", responses=ANSWER, openapi_extra=write_extra(NothingToSay)
)
async def post_confirmation(request: Request, order_id: OrderId) -> Response:
    """The provider confirms what was placed, in time; its key signs the same order as the consumer's."""
    return await _step(request, order_id, orders.accept_order)


@router.post(f"{ONE}/rejection", summary="Reject an order", responses=ANSWER, openapi_extra=write_extra(GiveReason))
async def post_rejection(request: Request, order_id: OrderId) -> Response:
    """The provider declines what was placed; it signs the act that `waiting` names."""
    return await _close(request, order_id, order_closing.reject_order)


@router.post(f"{ONE}/withdrawal", summary="Withdraw an order", responses=ANSWER, openapi_extra=write_extra(GiveReason))
async def post_withdrawal(request: Request, order_id: OrderId) -> Response:
    """The consumer takes back what it placed, before it is confirmed; it signs the act that `waiting` names."""
    return await _close(request, order_id, order_closing.withdraw_order)


@router.post(f"{ONE}/cancellation", summary="Cancel an order", responses=ANSWER, openapi_extra=write_extra(GiveReason))
async def post_cancellation(request: Request, order_id: OrderId) -> Response:
    """Either party ends a confirmed order that has no agreement; it signs the act that `waiting` names."""
    return await _close(request, order_id, order_closing.cancel_order)


@router.post(f"{ONE}/lapse", summary="Let an order lapse", responses=ANSWER, openapi_extra=write_extra(NothingToSay))
async def post_lapse(request: Request, order_id: OrderId) -> Response:
    """Nobody confirmed it in time; it also lapses by itself soon after."""
    return await _step(request, order_id, order_closing.lapse_order)


@router.post(f"{ONE}/closing", summary="Close an order", responses=ANSWER, openapi_extra=write_extra(NothingToSay))
async def post_closing(request: Request, order_id: OrderId) -> Response:
    """Its agreement has ended or is over; it is also closed by itself soon after."""
    return await _step(request, order_id, order_closing.close_order)


@router.post(
    f"{ONE}/step-withdrawal",
    summary="Take back a step that waits for its signature",
    responses=ANSWER,
    openapi_extra=write_extra(NothingToSay),
)
async def post_step_withdrawal(request: Request, order_id: OrderId) -> Response:
    """By the body that asked for it; by either party once the time to sign is over."""
    return await _step(request, order_id, order_closing.withdraw_order_step)


async def _step(request: Request, order_id: str, step: Step) -> Response:
    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return order_answer(step(uow, order_id), uow.actor)

    return await write(request, NothingToSay, use_case)


async def _close(request: Request, order_id: str, closing: Closing) -> Response:
    def use_case(uow: SqlUnitOfWork, command: GiveReason) -> Answer:
        return order_answer(closing(uow, order_id, command.text), uow.actor)

    return await write(request, GiveReason, use_case)
