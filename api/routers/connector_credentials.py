"""Credentials that the connectors of others have issued to the caller's body: set, list, remove. Tokens go in and never out."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.reads import json_response
from api.schemas.connector_credentials import (
    CREDENTIAL_ID,
    CredentialAnswer,
    CredentialsAnswer,
    RemoveCredential,
    SetCredential,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.outgoing import Destinations
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.connector_credentials import KIND, remove_credential, set_credential

router = APIRouter(tags=["negotiations"], dependencies=[STRICT_QUERY])

CredentialId = Annotated[str, Path(pattern=CREDENTIAL_ID)]


@router.get(
    "/v1/connector-credentials",
    summary="Credentials for connectors",
    responses={200: {"model": CredentialsAnswer}},
)
async def get_credentials(
    request: Request,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """For which addresses the caller's body has one; readers of all see every one."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(connection, caller.actor, KIND, cursor=cursor, limit=limit)
        return {"items": [_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.post(
    "/v1/connector-credentials",
    summary="Set a credential for a connector",
    responses={200: {"model": CredentialAnswer}},
    openapi_extra=write_extra(SetCredential),
)
async def post_credential(request: Request, container: ContainerOf) -> Response:
    """Every message of the caller's body to this address shows the token from now on; a token that was set before is replaced."""
    destinations = Destinations(container.settings.dsp_networks)

    def use_case(uow: SqlUnitOfWork, command: SetCredential) -> Answer:
        stored = set_credential(uow, command.address, command.token)
        destinations.check_address(command.address)
        return _answer(stored)

    return await write(request, SetCredential, use_case)


@router.post(
    "/v1/connector-credentials/{credential_id}/removal",
    summary="Remove a credential for a connector",
    responses={200: {"model": CredentialAnswer}},
    openapi_extra=write_extra(RemoveCredential),
)
async def post_removal(request: Request, credential_id: CredentialId) -> Response:
    """The token is gone from here; whoever issued it has to end it there."""
    return await write(request, RemoveCredential, lambda uow, _command: _answer(remove_credential(uow, credential_id)))


def _answer(stored: StoredObject) -> Answer:
    return Answer(_value(stored), revision=stored.revision)


def _value(stored: StoredObject) -> dict[str, Any]:
    return {
        "credential_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        **{name: stored.document[name] for name in ("participant", "address")},
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }
