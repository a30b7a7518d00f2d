"""What follows an agreement: reports of its performance, the termination voucher, the proof of what became of the data; and the inbox."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.life_answers import answer, destruction_value, notice_value, report_value, voucher_value
from api.reads import json_response, read_with_etag
from api.routers.agreement_steps import AgreementId
from api.routers.agreements import ONE
from api.schemas.agreement_life import (
    NOTICE_ID,
    ContestProof,
    DestructionAnswer,
    ExecutionReportAnswer,
    ExecutionReportsAnswer,
    HandInProof,
    NoticeAnswer,
    NoticesAnswer,
    PaperSignature,
    ReportExecution,
    SignVoucher,
    TerminationAnswer,
)
from api.schemas.products import NothingToSay
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, M, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.execution_report import KIND as REPORT
from ledger.domain.execution_report import ExecutionReport
from ledger.domain.notice import KIND as NOTICE
from ledger.domain.termination import DESTRUCTION, VOUCHER, DestructionProof
from ledger.services import agreement_endings, destructions, execution_reports
from ledger.services.act_sm2 import Sm2Signature
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.business import StoredObject
from ledger.services.notices import read_notice

router = APIRouter(tags=["agreements"], dependencies=[STRICT_QUERY])

NOTICES: Final = "/v1/notices"
NoticeId = Annotated[str, Path(pattern=NOTICE_ID)]
Cursor = Annotated[str | None, Query(max_length=128)]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
REPORTED: dict[int | str, dict[str, Any]] = {201: {"model": ExecutionReportAnswer}}
PROVEN: dict[int | str, dict[str, Any]] = {200: {"model": DestructionAnswer}}


@router.get(
    f"{ONE}/execution-reports", summary="Reports of performance", responses={200: {"model": ExecutionReportsAnswer}}
)
async def get_reports(
    request: Request, container: ContainerOf, agreement_id: AgreementId, *, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Oldest first, with their words; to those who see the agreement."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        read_object(connection, caller.actor, AGREEMENT, agreement_id)
        uow = SqlUnitOfWork(connection, container.open_log(connection).preparer, caller.actor, contracts={})
        clause, values = "document->>'agreement_id' = :agreement_id", {"agreement_id": agreement_id}
        page = page_of_objects(
            connection, caller.actor, REPORT, cursor=cursor, limit=limit, clause=clause, values=values
        )
        return {
            "items": [report_value(item, uow.private(item)) for item in page.items],
            "next_cursor": page.next_cursor,
        }

    return json_response(await read_as_caller(request, query))


@router.post(
    f"{ONE}/execution-reports",
    summary="Report performance",
    status_code=201,
    responses=REPORTED,
    openapi_extra=write_extra(ReportExecution),
)
async def post_report(request: Request, agreement_id: AgreementId) -> Response:
    """A body with an execution node of the agreement; as many breaches as the agreement states end it."""

    def use_case(uow: SqlUnitOfWork, command: ReportExecution) -> Answer:
        said = command.model_dump()
        report = ExecutionReport(
            **{**said, "actions": tuple(str(one) for one in command.actions), "outcome": str(command.outcome)}
        )
        stored = execution_reports.report_execution(uow, agreement_id, report)
        return answer(stored, report_value(stored, uow.private(stored)), status=201)

    return await write(request, ReportExecution, use_case)


@router.get(f"{ONE}/termination", summary="Termination voucher", responses={200: {"model": TerminationAnswer}})
async def get_termination(request: Request, agreement_id: AgreementId) -> Response:
    """Why and when the agreement ended, and who signed that; not found while it has not ended."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return voucher_value(read_object(connection, caller.actor, VOUCHER, agreement_id))

    return await read_with_etag(request, query)


@router.post(
    f"{ONE}/termination/signature",
    summary="Sign a termination voucher",
    responses={200: {"model": TerminationAnswer}},
    openapi_extra=write_extra(SignVoucher),
)
async def post_signature(request: Request, agreement_id: AgreementId) -> Response:
    """A platform of the agreement, where it ended by expiry or by a condition of its own."""

    def use_case(uow: SqlUnitOfWork, command: SignVoucher) -> Answer:
        stored = agreement_endings.sign_voucher(uow, agreement_id, _sm2(command.sm2))
        return answer(stored, voucher_value(stored))

    return await write(request, SignVoucher, use_case)


@router.get(f"{ONE}/destruction", summary="What became of the data", responses=PROVEN)
async def get_destruction(request: Request, container: ContainerOf, agreement_id: AgreementId) -> Response:
    """What the consumer owes after the end, and its proof."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        uow = SqlUnitOfWork(connection, container.open_log(connection).preparer, caller.actor, contracts={})
        stored = read_object(connection, caller.actor, DESTRUCTION, agreement_id)
        return destruction_value(stored, uow.private(stored))

    return await read_with_etag(request, query)


@router.post(
    f"{ONE}/destruction/proof", summary="Hand in a proof", responses=PROVEN, openapi_extra=write_extra(HandInProof)
)
async def post_proof(request: Request, agreement_id: AgreementId) -> Response:
    """The consumer's, signed; within thirty days of the end."""

    def step(uow: SqlUnitOfWork, command: HandInProof) -> StoredObject:
        proof = DestructionProof(command.method, command.digest, command.done_at, command.statement)
        return destructions.hand_in_proof(uow, agreement_id, proof, _sm2(command.sm2))

    return await _proven(request, HandInProof, step)


@router.post(
    f"{ONE}/destruction/acceptance", summary="Accept a proof", responses=PROVEN, openapi_extra=write_extra(NothingToSay)
)
async def post_acceptance(request: Request, agreement_id: AgreementId) -> Response:
    """The provider is content."""
    return await _proven(request, NothingToSay, lambda uow, _: destructions.accept_proof(uow, agreement_id))


@router.post(
    f"{ONE}/destruction/contest", summary="Contest a proof", responses=PROVEN, openapi_extra=write_extra(ContestProof)
)
async def post_contest(request: Request, agreement_id: AgreementId) -> Response:
    """The provider says why it is not; another one is due within ten days."""
    return await _proven(
        request, ContestProof, lambda uow, said: destructions.contest_proof(uow, agreement_id, said.text)
    )


@router.get(NOTICES, summary="What concerns you", responses={200: {"model": NoticesAnswer}})
async def get_notices(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=r"^(sent|read)$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The inbox of the caller's body, oldest first: what others did with agreements and cases that it has to do with."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        states = () if state is None else (state,)
        own = {"own": caller.actor.participant or ""}
        page = page_of_objects(
            connection,
            caller.actor,
            NOTICE,
            states=states,
            cursor=cursor,
            limit=limit,
            clause="parties[1] = :own",
            values=own,
        )
        return {"items": [notice_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.post(
    f"{NOTICES}/{{notice_id}}/reading",
    summary="Say that a notice was read",
    responses={200: {"model": NoticeAnswer}},
    openapi_extra=write_extra(NothingToSay),
)
async def post_reading(request: Request, notice_id: NoticeId) -> Response:
    """It stays in the inbox."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        stored = read_notice(uow, notice_id)
        return answer(stored, notice_value(stored))

    return await write(request, NothingToSay, use_case)


async def _proven(request: Request, model: type[M], step: Callable[[SqlUnitOfWork, M], StoredObject]) -> Response:
    def use_case(uow: SqlUnitOfWork, command: M) -> Answer:
        stored = step(uow, command)
        return answer(stored, destruction_value(stored, uow.private(stored)))

    return await write(request, model, use_case)


def _sm2(signature: PaperSignature) -> Sm2Signature:
    return Sm2Signature(bytes.fromhex(signature.public_key), bytes.fromhex(signature.signature))
