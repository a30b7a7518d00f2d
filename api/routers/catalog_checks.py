"""Regulators' checks of what the catalog says: recorded as evidence, and read by the provider and by those who read everything."""

import secrets
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import read_as_caller
from api.routers.catalog import find_entry
from api.schemas.catalog import CheckAnswer, ChecksAnswer, RecordCheck
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.catalog_checks import checks_of
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.catalog_feed import entry_digest
from ledger.errors import InputError
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.catalog_checks import MetadataCheck, record_check

router = APIRouter(tags=["catalog"], dependencies=[STRICT_QUERY])

CHECKS_MAX: Final = 100


@router.post(
    "/v1/catalog/{product_code}/checks",
    summary="Record a check of metadata",
    status_code=201,
    responses={201: {"model": CheckAnswer}},
    openapi_extra=write_extra(RecordCheck),
)
async def post_check(request: Request, product_code: str) -> Response:
    """Records what a regulator looked at in an entry, by its digest as it is now, and what was found."""

    def use_case(uow: SqlUnitOfWork, command: RecordCheck) -> Answer:
        entry = find_entry(uow.connection, product_code)
        unknown = sorted(set(command.members) - entry.keys())
        if unknown:
            raise InputError("An entry has no such member; GET /v1/catalog/changes shows what it has.")
        remarks = None if command.remarks_digest is None else bytes.fromhex(command.remarks_digest)
        check = MetadataCheck(command.finding, tuple(command.members), remarks)
        stored = record_check(uow, f"chk-{secrets.token_hex(16)}", entry, entry_digest(entry), check)
        return Answer(_check(stored), status=201, revision=stored.revision)

    return await write(request, RecordCheck, use_case)


@router.get("/v1/catalog/{product_code}/checks", summary="Checks of metadata", responses={200: {"model": ChecksAnswer}})
async def get_checks(
    request: Request, product_code: str, limit: Annotated[int, Query(ge=1, le=CHECKS_MAX)] = 20
) -> Response:
    """The newest checks of a product, for its provider and for those who read everything; others find none."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        find_entry(connection, product_code)
        return {"items": [_check(stored) for stored in checks_of(connection, caller.actor, product_code, limit)]}

    return Response(orjson.dumps(await read_as_caller(request, query)), media_type="application/json")


def _check(stored: StoredObject) -> dict[str, Any]:
    return {"check_id": stored.object_id, "recorded_at": format_time(stored.created_at), **stored.document}
