"""Authorisations: read, suspended, resumed, withdrawn, given up; and widened for a while on request."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.application_answers import authorisation_value, widening_value
from api.authentication import Caller
from api.changes import ChangedSince, moment_asked_for
from api.dependencies import read_as_caller
from api.reads import json_response, read_with_etag
from api.schemas.applications import Reasons
from api.schemas.authorisations import (
    AUTHORISATION_ID,
    AUTHORISATION_STATE,
    AskWidening,
    AuthorisationAnswer,
    AuthorisationsAnswer,
    ReportViolation,
    WideningAnswer,
    WideningsAnswer,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, M, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.authorisation import KIND, WIDENING, WIDENINGS_MAX
from ledger.services import authorisation_widening, authorisations
from ledger.services.authorisation_widening import widening_id
from ledger.services.authorisations import Violation
from ledger.services.business import StoredObject, UnitOfWork

router = APIRouter(tags=["authorisations"], dependencies=[STRICT_QUERY])

AuthorisationId = Annotated[str, Path(pattern=AUTHORISATION_ID, description="That of its application.")]
WideningNumber = Annotated[int, Path(ge=1, le=WIDENINGS_MAX)]
ONE = "/v1/authorisations/{authorisation_id}"
WIDENINGS = f"{ONE}/widenings"
ONE_WIDENING = WIDENINGS + "/{number}"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": AuthorisationAnswer}}
WIDENED: dict[int | str, dict[str, Any]] = {200: {"model": WideningAnswer}}

Decision = Callable[[UnitOfWork, str, int, str], StoredObject]


@router.get("/v1/authorisations", summary="List authorisations", responses={200: {"model": AuthorisationsAnswer}})
async def get_authorisations(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=AUTHORISATION_STATE)] = None,
    changed_since: ChangedSince = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Those of which the caller's body is holder, provider or reviewer, oldest first."""
    moment = moment_asked_for(changed_since, state)

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        states = () if state is None else (state,)
        page = page_of_objects(
            connection, caller.actor, KIND, states=states, cursor=cursor, limit=limit, changed_since=moment
        )
        return {"items": [authorisation_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="An authorisation", responses=ANSWER)
async def get_authorisation(request: Request, authorisation_id: AuthorisationId) -> Response:
    """The list, what was granted beside it, its tokens, and why it is suspended or ended."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return authorisation_value(read_object(connection, caller.actor, KIND, authorisation_id))

    return await read_with_etag(request, query)


@router.post(
    f"{ONE}/suspension",
    summary="Suspend an authorisation",
    responses=ANSWER,
    openapi_extra=write_extra(ReportViolation),
)
async def post_suspension(request: Request, authorisation_id: AuthorisationId) -> Response:
    """By its issuer; no token of it is spent meanwhile."""
    return await _step(
        request,
        ReportViolation,
        lambda uow, said: authorisations.suspend_authorisation(uow, authorisation_id, _violation(said)),
    )


@router.post(
    f"{ONE}/resumption", summary="Resume an authorisation", responses=ANSWER, openapi_extra=write_extra(Reasons)
)
async def post_resumption(request: Request, authorisation_id: AuthorisationId) -> Response:
    """By its issuer, for example after an audit that was passed."""
    return await _step(
        request, Reasons, lambda uow, said: authorisations.resume_authorisation(uow, authorisation_id, said.reasons)
    )


@router.post(
    f"{ONE}/withdrawal",
    summary="Withdraw an authorisation for a violation",
    responses=ANSWER,
    openapi_extra=write_extra(ReportViolation),
)
async def post_withdrawal(request: Request, authorisation_id: AuthorisationId) -> Response:
    """By its issuer, for good; every token of it ends in the same moment."""
    return await _step(
        request,
        ReportViolation,
        lambda uow, said: authorisations.withdraw_authorisation(uow, authorisation_id, _violation(said)),
    )


@router.post(
    f"{ONE}/giving-up", summary="Give an authorisation up", responses=ANSWER, openapi_extra=write_extra(Reasons)
)
async def post_giving_up(request: Request, authorisation_id: AuthorisationId) -> Response:
    """By its holder, for good; every token of it ends."""
    return await _step(
        request, Reasons, lambda uow, said: authorisations.give_up_authorisation(uow, authorisation_id, said.reasons)
    )


@router.get(WIDENINGS, summary="Requests to widen", responses={200: {"model": WideningsAnswer}})
async def get_widenings(
    request: Request,
    authorisation_id: AuthorisationId,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """What was asked for, and how it was decided, oldest first. What was granted stands in the authorisation too."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, authorisation_id)
        names = [widening_id(authorisation_id, one + 1) for one in range(stored.document["widenings_asked"])]
        page = page_of_objects(
            connection,
            caller.actor,
            WIDENING,
            cursor=cursor,
            limit=limit,
            clause="object_id = ANY(:names)",
            values={"names": names},
        )
        return {"items": [widening_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.post(
    WIDENINGS,
    summary="Ask for more for a while",
    status_code=201,
    responses={201: {"model": WideningAnswer}},
    openapi_extra=write_extra(AskWidening),
)
async def post_widening(request: Request, authorisation_id: AuthorisationId) -> Response:
    """By its holder: lines with days of their own, within the product's policy."""

    def use_case(uow: SqlUnitOfWork, command: AskWidening) -> Answer:
        asked = {"items": [item.model_dump() for item in command.items]}
        stored = authorisation_widening.ask_widening(uow, authorisation_id, asked, command.reasons)
        return Answer(widening_value(stored), status=201, revision=stored.revision)

    return await write(request, AskWidening, use_case)


@router.post(f"{ONE_WIDENING}/grant", summary="Grant a widening", responses=WIDENED, openapi_extra=write_extra(Reasons))
async def post_grant(request: Request, authorisation_id: AuthorisationId, number: WideningNumber) -> Response:
    """By the issuer, as it was asked for."""
    return await _decide(request, authorisation_id, number, authorisation_widening.grant_widening)


@router.post(
    f"{ONE_WIDENING}/refusal", summary="Refuse a widening", responses=WIDENED, openapi_extra=write_extra(Reasons)
)
async def post_refusal(request: Request, authorisation_id: AuthorisationId, number: WideningNumber) -> Response:
    """By the issuer."""
    return await _decide(request, authorisation_id, number, authorisation_widening.refuse_widening)


@router.post(
    f"{ONE_WIDENING}/withdrawal",
    summary="Take a request to widen back",
    responses=WIDENED,
    openapi_extra=write_extra(Reasons),
)
async def post_widening_withdrawal(
    request: Request, authorisation_id: AuthorisationId, number: WideningNumber
) -> Response:
    """By the holder, before it is decided."""
    return await _decide(request, authorisation_id, number, authorisation_widening.take_back_widening)


async def _decide(request: Request, authorisation_id: str, number: int, decision: Decision) -> Response:
    def use_case(uow: SqlUnitOfWork, command: Reasons) -> Answer:
        stored = decision(uow, authorisation_id, number, command.reasons)
        return Answer(widening_value(stored), revision=stored.revision)

    return await write(request, Reasons, use_case)


async def _step(request: Request, model: type[M], step: Callable[[SqlUnitOfWork, M], StoredObject]) -> Response:
    def use_case(uow: SqlUnitOfWork, command: M) -> Answer:
        stored = step(uow, command)
        return Answer(authorisation_value(stored), revision=stored.revision)

    return await write(request, model, use_case)


def _violation(said: ReportViolation) -> Violation:
    return Violation(**said.model_dump())
