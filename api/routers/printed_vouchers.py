"""Vouchers for print: the same content as their JSON, which is attached to the PDF."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import read_as_caller
from api.printed_answers import printed_order, printed_termination
from api.printing import MEDIA_TYPE
from api.routers import agreements, orders
from api.routers.agreement_steps import AgreementId
from api.schemas.orders import ORDER_ID
from api.strict_requests import STRICT_QUERY
from ledger.adapters.sql.objects import read_object
from ledger.domain.order_life import KIND as ORDER
from ledger.domain.printed import PrintedDocument
from ledger.domain.termination import VOUCHER
from ledger.services.agreement_objects import KIND as AGREEMENT

router = APIRouter(tags=["printed vouchers"], dependencies=[STRICT_QUERY])

Asked = tuple[str, PrintedDocument]
"""Account that asks, and what it gets."""

PDF: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    f"{orders.ONE}/voucher.pdf", summary="Voucher of an order for print", response_class=Response, responses=PDF
)
async def get_order_voucher(request: Request, order_id: Annotated[str, Path(pattern=ORDER_ID)]) -> Response:
    """The standard form, who has signed it, and how to check the print; 406 where a letter has no shape in the font."""

    def query(connection: Connection, caller: Caller) -> Asked:
        return caller.actor.account_id, printed_order(read_object(connection, caller.actor, ORDER, order_id))

    return await _printed(request, await read_as_caller(request, query), "order-voucher.pdf")


@router.get(
    f"{agreements.ONE}/termination.pdf", summary="Termination voucher for print", response_class=Response, responses=PDF
)
async def get_termination(request: Request, agreement_id: AgreementId) -> Response:
    """Why and when the agreement ended, who signed that, and how to check the print; not found while it has not ended."""

    def query(connection: Connection, caller: Caller) -> Asked:
        voucher = read_object(connection, caller.actor, VOUCHER, agreement_id)
        agreement = read_object(connection, caller.actor, AGREEMENT, agreement_id)
        return caller.actor.account_id, printed_termination(voucher, agreement)

    return await _printed(request, await read_as_caller(request, query), "termination-voucher.pdf")


async def _printed(request: Request, asked: Asked, name: str) -> Response:
    account, document = asked
    raw = await request.app.state.printer.render(document, account)
    return Response(raw, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'inline; filename="{name}"'})
