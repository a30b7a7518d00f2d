"""Applications for the use of a product: submit, review in turn, consent, refuse, withdraw; and the list that is granted from one."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.application_answers import application_value, authorisation_value
from api.authentication import Caller
from api.changes import ChangedSince, moment_asked_for
from api.dependencies import read_as_caller
from api.reads import json_response, read_with_etag
from api.schemas.applications import (
    APPLICATION_ID,
    APPLICATION_STATE,
    ApplicationAnswer,
    ApplicationsAnswer,
    FirstReviewApplication,
    Reasons,
    ReviewApplication,
    SubmitApplication,
    UseFindingOf,
)
from api.schemas.authorisations import AuthorisationAnswer, GrantAuthorisation
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, M, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.application import KIND
from ledger.services import application_reviews, applications, authorisations
from ledger.services.application_reviews import TURN, UseFinding
from ledger.services.business import StoredObject, UnitOfWork

router = APIRouter(tags=["applications"], dependencies=[STRICT_QUERY])

ApplicationId = Annotated[str, Path(pattern=APPLICATION_ID)]
ONE = "/v1/applications/{application_id}"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": ApplicationAnswer}}

_MY_TURN = " OR ".join(
    f"(state = '{state}' AND document #>> '{{reviewers,{role}}}' = :body)" for state, role in TURN.items()
)

Review = Callable[[UnitOfWork, str, tuple[UseFinding, ...]], StoredObject]


@router.get("/v1/applications", summary="List applications", responses={200: {"model": ApplicationsAnswer}})
async def get_applications(
    request: Request,
    *,
    waiting_for: Annotated[
        str | None, Query(pattern=r"^me$", description="Only those whose turn is my body's.")
    ] = None,
    state: Annotated[str | None, Query(pattern=APPLICATION_STATE)] = None,
    changed_since: ChangedSince = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Those of which the caller's body is applicant, provider or reviewer, oldest first; a line authority's once they were referred to it."""
    moment = moment_asked_for(changed_since, waiting_for, state)

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(
            connection,
            caller.actor,
            KIND,
            states=() if state is None else (state,),
            cursor=cursor,
            limit=limit,
            clause=None if waiting_for is None else f"({_MY_TURN})",
            values={} if waiting_for is None else {"body": caller.actor.participant},
            changed_since=moment,
        )
        return {"items": [application_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="An application", responses=ANSWER)
async def get_application(request: Request, application_id: ApplicationId) -> Response:
    """What it states, whose turn it is, and every review with its reasons, at once."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return application_value(read_object(connection, caller.actor, KIND, application_id))

    return await read_with_etag(request, query)


@router.post(
    "/v1/applications",
    summary="Apply for the use of a product",
    status_code=201,
    responses={201: {"model": ApplicationAnswer}},
    openapi_extra=write_extra(SubmitApplication),
)
async def post_application(request: Request) -> Response:
    """With qualification, scenario, data list and security plan."""

    def use_case(uow: SqlUnitOfWork, command: SubmitApplication) -> Answer:
        wanted = applications.SubmitApplication(
            f"app-{secrets.token_hex(16)}",
            command.product_code,
            command.version,
            command.authorisation_platform,
            command.content.model_dump(),
            secrets.token_bytes(applications.SALT_BYTES),
        )
        return _answer(applications.submit_application(uow, wanted), status=201)

    return await write(request, SubmitApplication, use_case)


@router.post(
    f"{ONE}/first-review",
    summary="Pass the first review of an application",
    responses=ANSWER,
    openapi_extra=write_extra(FirstReviewApplication),
)
async def post_first_review(request: Request, application_id: ApplicationId) -> Response:
    """The trading platform's: scenario, relevance, necessity and security, each with reasons; names a line authority where one is needed."""
    classes = request.app.state.container.settings.line_authority_classes
    return await _step(
        request,
        FirstReviewApplication,
        lambda uow, said: application_reviews.pass_first_application_review(
            uow, application_id, _findings(said.findings), said.line_authority, classes_in_need=classes
        ),
    )


@router.post(
    f"{ONE}/final-review",
    summary="Pass the final review of an application",
    responses=ANSWER,
    openapi_extra=write_extra(ReviewApplication),
)
async def post_final_review(request: Request, application_id: ApplicationId) -> Response:
    """The authorisation platform's: approves, or hands on to the line authority."""
    return await _review(request, application_id, application_reviews.pass_final_application_review)


@router.post(
    f"{ONE}/consent",
    summary="Consent to an application",
    responses=ANSWER,
    openapi_extra=write_extra(ReviewApplication),
)
async def post_consent(request: Request, application_id: ApplicationId) -> Response:
    """The line authority's, which approves."""
    return await _review(request, application_id, application_reviews.consent_to_application)


@router.post(
    f"{ONE}/refusal", summary="Refuse an application", responses=ANSWER, openapi_extra=write_extra(ReviewApplication)
)
async def post_refusal(request: Request, application_id: ApplicationId) -> Response:
    """By whoever's turn it is, with one aspect at least that is not passed; a new application may mend it."""
    return await _review(request, application_id, application_reviews.refuse_application)


@router.post(
    f"{ONE}/withdrawal", summary="Take an application back", responses=ANSWER, openapi_extra=write_extra(Reasons)
)
async def post_withdrawal(request: Request, application_id: ApplicationId) -> Response:
    """By the applicant, before it is decided."""
    return await _step(
        request, Reasons, lambda uow, said: applications.withdraw_application(uow, application_id, said.reasons)
    )


@router.post(
    f"{ONE}/authorisation",
    summary="Grant the authorisation list",
    status_code=201,
    responses={201: {"model": AuthorisationAnswer}},
    openapi_extra=write_extra(GrantAuthorisation),
)
async def post_authorisation(request: Request, application_id: ApplicationId) -> Response:
    """By the platform that made the final review, once; no wider than application and product policy. It has the application's name."""

    def use_case(uow: SqlUnitOfWork, command: GrantAuthorisation) -> Answer:
        stored = authorisations.grant_authorisation(uow, application_id, command.model_dump())
        location = {"Location": f"/v1/authorisations/{application_id}"}
        return Answer(authorisation_value(stored), status=201, revision=stored.revision, headers=location)

    return await write(request, GrantAuthorisation, use_case)


async def _review(request: Request, application_id: str, review: Review) -> Response:
    return await _step(
        request, ReviewApplication, lambda uow, said: review(uow, application_id, _findings(said.findings))
    )


async def _step(request: Request, model: type[M], step: Callable[[SqlUnitOfWork, M], StoredObject]) -> Response:
    return await write(request, model, lambda uow, command: _answer(step(uow, command)))


def _findings(sent: list[UseFindingOf]) -> tuple[UseFinding, ...]:
    return tuple(UseFinding(**finding.model_dump()) for finding in sent)


def _answer(stored: StoredObject, *, status: int = 200) -> Answer:
    headers = {"Location": f"/v1/applications/{stored.object_id}"} if status == 201 else {}
    return Answer(application_value(stored), status=status, revision=stored.revision, headers=headers)
