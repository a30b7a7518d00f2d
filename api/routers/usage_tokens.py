"""Usage tokens: entered into the books by their issuer, read, revoked; and spent by the provider that is called."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.changes import ChangedSince, moment_asked_for
from api.dependencies import ContainerOf, read_as_caller
from api.reads import json_response, read_with_etag
from api.schemas.applications import Reasons
from api.schemas.authorisations import AUTHORISATION_ID
from api.schemas.usage_tokens import (
    TOKEN_ID,
    TOKEN_STATE,
    IssueUsageToken,
    SpendUsageToken,
    SpentAnswer,
    UsageTokenAnswer,
    UsageTokensAnswer,
    UsageTokenText,
)
from api.strict_requests import STRICT_QUERY
from api.usage_token_answers import spent_value, usage_token_value
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.token_quotas import quotas_of
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.code_list import parse_listed
from ledger.domain.policies.facts import Facts, Performed
from ledger.domain.policies.vocabulary import Action
from ledger.domain.usage_token import KIND
from ledger.services import usage_tokens
from ledger.services.business import StoredObject
from ledger.services.usage_token_spending import TokenUse, spend_usage_token

router = APIRouter(tags=["usage tokens"], dependencies=[STRICT_QUERY])

TokenId = Annotated[str, Path(pattern=TOKEN_ID)]
ONE = "/v1/usage-tokens/{token_id}"
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": UsageTokenAnswer}}


@router.get("/v1/usage-tokens", summary="List usage tokens", responses={200: {"model": UsageTokensAnswer}})
async def get_usage_tokens(
    request: Request,
    container: ContainerOf,
    *,
    authorisation_id: Annotated[str | None, Query(pattern=AUTHORISATION_ID)] = None,
    state: Annotated[str | None, Query(pattern=TOKEN_STATE)] = None,
    changed_since: ChangedSince = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Those of authorisations of which the caller's body is a party, oldest first, with what is spent of each."""
    now = container.clock.now()
    moment = moment_asked_for(changed_since, authorisation_id, state)

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(
            connection,
            caller.actor,
            KIND,
            states=() if state is None else (state,),
            cursor=cursor,
            limit=limit,
            clause=None if authorisation_id is None else "document #>> '{token,authorisation}' = :authorisation",
            values={} if authorisation_id is None else {"authorisation": authorisation_id},
            changed_since=moment,
        )
        quotas = quotas_of(connection, [item.object_id for item in page.items])
        items = [usage_token_value(item, quotas.get(item.object_id), now) for item in page.items]
        return {"items": items, "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="A usage token", responses=ANSWER)
async def get_usage_token(request: Request, container: ContainerOf, token_id: TokenId) -> Response:
    """What it states and what is spent of it; its text is apart."""
    now = container.clock.now()

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, token_id)
        return usage_token_value(stored, quotas_of(connection, [token_id]).get(token_id), now)

    return await read_with_etag(request, query)


@router.get(f"{ONE}/text", summary="The text of a usage token", responses={200: {"model": UsageTokenText}})
async def get_usage_token_text(request: Request, container: ContainerOf, token_id: TokenId) -> Response:
    """For its holder and its issuer alone. Keep it as a key is kept."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        uow = SqlUnitOfWork(connection, container.open_log(connection).preparer, caller.actor, contracts={})
        return {"token_id": token_id, "text": usage_tokens.read_usage_token(uow, token_id)}

    return json_response(await read_as_caller(request, query), {"Cache-Control": "no-store"})


@router.post(
    "/v1/usage-tokens",
    summary="Issue a usage token",
    status_code=201,
    responses={201: {"model": UsageTokenAnswer}},
    openapi_extra=write_extra(IssueUsageToken),
)
async def post_usage_token(request: Request) -> Response:
    """The authorisation platform states and signs it; here it is held against the authorisation, and entered."""

    def use_case(uow: SqlUnitOfWork, command: IssueUsageToken) -> Answer:
        stored = usage_tokens.issue_usage_token(uow, command.text)
        return _answer(uow, stored, status=201)

    return await write(request, IssueUsageToken, use_case)


@router.post(f"{ONE}/revocation", summary="Revoke a usage token", responses=ANSWER, openapi_extra=write_extra(Reasons))
async def post_revocation(request: Request, token_id: TokenId) -> Response:
    """By its issuer or its holder; what it had left is the line's again."""

    def use_case(uow: SqlUnitOfWork, command: Reasons) -> Answer:
        return _answer(uow, usage_tokens.revoke_usage_token(uow, token_id, command.reasons))

    return await write(request, Reasons, use_case)


@router.post(
    "/v1/usage-token-uses",
    summary="Check and spend a usage token",
    responses={200: {"model": SpentAnswer}},
    openapi_extra=write_extra(SpendUsageToken),
)
async def post_usage_token_use(request: Request) -> Response:
    """By the provider that is called: all of the calls or none, never more than the quota. A repeat with the same key spends nothing again."""

    def use_case(uow: SqlUnitOfWork, command: SpendUsageToken) -> Answer:
        return Answer(spent_value(spend_usage_token(uow, command.text, _use(command))))

    return await write(request, SpendUsageToken, use_case)


def _use(command: SpendUsageToken) -> TokenUse:
    performed = tuple(Performed(parse_listed(Action, one.action), Facts(one.facts)) for one in command.performed)
    return TokenUse(
        command.interface,
        tuple(command.fields),
        command.parameters,
        command.calls,
        command.records,
        command.facts,
        performed,
    )


def _answer(uow: SqlUnitOfWork, stored: StoredObject, *, status: int = 200) -> Answer:
    headers = {"Location": f"/v1/usage-tokens/{stored.object_id}"} if status == 201 else {}
    value = usage_token_value(stored, uow.quotas.find(stored.object_id), uow.now)
    return Answer(value, status=status, revision=stored.revision, headers=headers)
