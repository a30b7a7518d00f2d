"""What becomes of an agreement: signed, abandoned, filed, dissolved; and steps that are taken back. They go by the contract id."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.routers.agreements import ONE
from api.schemas.agreements import AGREEMENT_ID, AgreementAnswer, DissolveAgreement
from api.schemas.orders import GiveReason
from api.schemas.products import NothingToSay
from api.strict_requests import STRICT_QUERY
from api.trade_answers import agreement_answer
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.services import agreement_filing, agreements
from ledger.services.business import StoredObject, UnitOfWork

router = APIRouter(tags=["agreements"], dependencies=[STRICT_QUERY])

AgreementId = Annotated[str, Path(pattern=AGREEMENT_ID, description="Contract id, 47 characters.")]
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": AgreementAnswer}}


@router.post(
    f"{ONE}/signing",
    summary="Ask for the signatures",
    responses=ANSWER,
    openapi_extra=write_extra(NothingToSay, edits=True),
)
async def post_signing(request: Request, agreement_id: AgreementId) -> Response:
    """Either party closes the text; provider and consumer sign the act that `waiting` names."""
    return await _step(request, agreement_id, agreements.ask_signatures)


@router.post(
    f"{ONE}/abandonment", summary="Abandon an agreement", responses=ANSWER, openapi_extra=write_extra(GiveReason)
)
async def post_abandonment(request: Request, agreement_id: AgreementId) -> Response:
    """Either party gives it up before all have signed; its order can have another one."""

    def use_case(uow: SqlUnitOfWork, command: GiveReason) -> Answer:
        done = agreement_filing.abandon_agreement(uow, agreement_id, command.text)
        return agreement_answer(done, uow.actor)

    return await write(request, GiveReason, use_case)


@router.post(f"{ONE}/filing", summary="File an agreement", responses=ANSWER, openapi_extra=write_extra(NothingToSay))
async def post_filing(request: Request, agreement_id: AgreementId) -> Response:
    """A platform that reviewed the product files it under its id and hash; it signs the act that `waiting` names."""
    return await _step(request, agreement_id, agreement_filing.file_agreement)


@router.post(
    f"{ONE}/dissolution",
    summary="Dissolve an agreement",
    responses=ANSWER,
    openapi_extra=write_extra(DissolveAgreement),
)
async def post_dissolution(request: Request, agreement_id: AgreementId) -> Response:
    """Before its time: by both parties' signatures, or by an arbitrator's or a regulator's alone."""

    def use_case(uow: SqlUnitOfWork, command: DissolveAgreement) -> Answer:
        done = agreement_filing.dissolve_agreement(uow, agreement_id, command.effective_at, command.text)
        return agreement_answer(done, uow.actor)

    return await write(request, DissolveAgreement, use_case)


@router.post(
    f"{ONE}/step-withdrawal",
    summary="Take back a step that waits for signatures",
    responses=ANSWER,
    openapi_extra=write_extra(NothingToSay),
)
async def post_step_withdrawal(request: Request, agreement_id: AgreementId) -> Response:
    """By the body that asked for it; by any of its parties once the time to sign is over."""
    return await _step(request, agreement_id, agreement_filing.withdraw_agreement_step)


async def _step(request: Request, agreement_id: str, step: Callable[[UnitOfWork, str], StoredObject]) -> Response:
    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return agreement_answer(step(uow, agreement_id), uow.actor)

    return await write(request, NothingToSay, use_case)
