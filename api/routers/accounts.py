"""Accounts: grant, list, withdraw; and who the caller is."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.access import network_of
from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.schemas.accounts import (
    ACCOUNT_ID,
    AccountAnswer,
    AccountsAnswer,
    GrantAccount,
    MeAnswer,
    WithdrawAccount,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.errors import InputError
from ledger.log.timestamps import format_time
from ledger.services.accounts import Account, WantedAccount, grant_account, list_accounts, withdraw_account

router = APIRouter(tags=["accounts"], dependencies=[STRICT_QUERY])

ACCOUNTS_MAX = 200

AccountId = Annotated[str, Path(pattern=ACCOUNT_ID, description="As the grant answered it.")]


@router.get("/v1/me", summary="Who am I here?", responses={200: {"model": MeAnswer}})
async def get_me(request: Request) -> Response:
    """Account, body, roles and level of the caller; `applicant` is the role of a token whose subject has no account."""

    def query(_connection: Connection, caller: Caller) -> dict[str, Any]:
        actor = caller.actor
        return {
            "account_id": actor.account_id,
            "participant": actor.participant,
            "roles": sorted(actor.roles),
            "level": actor.level,
            "signs_requests": caller.signs_requests,
        }

    return _json(await read_as_caller(request, query))


@router.get("/v1/accounts", summary="List accounts", responses={200: {"model": AccountsAnswer}})
async def get_accounts(
    request: Request,
    container: ContainerOf,
    *,
    cursor: Annotated[str | None, Query(pattern=ACCOUNT_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=ACCOUNTS_MAX)] = 100,
) -> Response:
    """All accounts for those who see all, its body's for an administrator, its own for any other; by account id."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        accounts = SqlAccounts(connection, container.open_log(connection).preparer)
        found = list(list_accounts(caller.actor, accounts, after=cursor or "", limit=limit + 1))
        page = found[:limit]
        return {
            "items": [_account(account) for account in page],
            "next_cursor": page[-1].account_id if len(found) > limit else None,
        }

    return _json(await read_as_caller(request, query))


@router.post(
    "/v1/accounts",
    summary="Grant an account",
    status_code=201,
    responses={201: {"model": AccountAnswer}},
    openapi_extra=write_extra(GrantAccount),
)
async def post_account(request: Request, container: ContainerOf) -> Response:
    """Binds a token's subject to a body, roles and a level. An administrator does that for its own body, the operator's for any."""

    def use_case(uow: SqlUnitOfWork, command: GrantAccount) -> Answer:
        wanted = WantedAccount(
            command.participant,
            command.issuer,
            command.subject,
            command.level,
            tuple(command.roles),
            tuple(_bytes(key) for key in command.sm2_keys),
            command.signs_requests,
        )
        preparer = container.open_log(uow.connection).preparer
        accounts = SqlAccounts(uow.connection, preparer, network_of(request.scope))
        account = grant_account(uow.actor, accounts, wanted)
        return Answer(_account(account), status=201, headers={"Location": f"/v1/accounts/{account.account_id}"})

    return await write(request, GrantAccount, use_case)


@router.post(
    "/v1/accounts/{account_id}/withdrawal",
    summary="Withdraw an account",
    responses={200: {"model": AccountAnswer}},
    openapi_extra=write_extra(WithdrawAccount),
)
async def post_withdrawal(request: Request, container: ContainerOf, account_id: AccountId) -> Response:
    """Ends what a leaver may do, with all its API keys, at once. It cannot be taken back; a new account can be granted."""

    def use_case(uow: SqlUnitOfWork, _command: WithdrawAccount) -> Answer:
        preparer = container.open_log(uow.connection).preparer
        accounts = SqlAccounts(uow.connection, preparer, network_of(request.scope))
        return Answer(_account(withdraw_account(uow.actor, accounts, account_id)))

    return await write(request, WithdrawAccount, use_case)


def _account(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "participant": account.participant,
        "issuer": account.issuer,
        "level": account.level,
        "roles": list(account.roles),
        "sm2_keys": [key.hex() for key in account.sm2_keys],
        "signs_requests": account.signs_requests,
        "state": account.state,
        "created_at": format_time(account.created_at),
        "withdrawn_at": None if account.withdrawn_at is None else format_time(account.withdrawn_at),
    }


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise InputError("An SM2 public key is 65 bytes that begin with 04, in hex.") from error


def _json(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
