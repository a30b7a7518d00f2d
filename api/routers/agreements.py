"""Agreements: generated from an order or as a framework, read at several levels, found by id and by contract hash."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.changes import ChangedSince, moment_asked_for
from api.dependencies import read_as_caller
from api.reads import json_response, read_with_etag
from api.routers.orders import ONE as ONE_ORDER
from api.routers.orders import OrderId
from api.routers.products import RevisionCursor
from api.schemas.accounts import PARTICIPANT
from api.schemas.agreements import (
    AGREEMENT_NAME,
    BEGINNING,
    STATE,
    AgreementAnswer,
    AgreementExplained,
    AgreementHistoryAnswer,
    AgreementsAnswer,
    FilingAnswer,
    GenerateAgreement,
    GenerateFramework,
)
from api.schemas.participants import DAY
from api.schemas.products import PRODUCT_CODE
from api.strict_requests import STRICT_QUERY
from api.trade_answers import (
    agreement_answer,
    agreement_explained,
    agreement_item,
    agreement_revision,
    agreement_value,
    filing_value,
)
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.agreements import agreements_asked_for, find_agreement, page_of_agreements, read_agreement
from ledger.adapters.sql.objects import PAGE_MAX, page_of_history
from ledger.adapters.sql.trade_lists import SIDES
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.agreement_digest import SALT_BYTES
from ledger.domain.agreement_terms import AgreementTerms
from ledger.domain.codes import RANDOM_PARTS, random_part
from ledger.domain.records import from_json
from ledger.errors import NotFoundError
from ledger.services import agreements
from ledger.services.new_agreement import NewAgreement, SealedPart

router = APIRouter(tags=["agreements"], dependencies=[STRICT_QUERY])

AgreementName = Annotated[
    str, Path(pattern=AGREEMENT_NAME, description="Contract id (47 characters) or contract hash (64 hex digits).")
]
ONE = "/v1/agreements/{agreement_id}"
MADE: dict[int | str, dict[str, Any]] = {201: {"model": AgreementAnswer}}


@router.get("/v1/agreements", summary="List and search agreements", responses={200: {"model": AgreementsAnswer}})
async def get_agreements(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=STATE)] = None,
    side: Annotated[str | None, Query(pattern=f"^({'|'.join(SIDES)})$", description="Of the caller's body.")] = None,
    counterparty: Annotated[str | None, Query(pattern=PARTICIPANT)] = None,
    product_code: Annotated[str | None, Query(pattern=PRODUCT_CODE)] = None,
    beginning: Annotated[
        str | None,
        Query(pattern=BEGINNING, description="Of the contract hash, 8 digits or more; of the id, 38 or more."),
    ] = None,
    valid_on: Annotated[str | None, Query(pattern=DAY, description="A day in their validity.")] = None,
    changed_since: ChangedSince = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Those that the caller may read, oldest first. Platforms and readers of all name `counterparty` or `product_code` with `valid_on`."""
    asked = agreements_asked_for(
        state=state,
        side=side,
        counterparty=counterparty,
        product_code=product_code,
        beginning=beginning,
        valid_on=valid_on,
        changed_since=moment_asked_for(changed_since, state, side, counterparty, product_code, beginning, valid_on),
    )

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_agreements(connection, caller.actor, asked, cursor=cursor, limit=limit)
        return {"items": [agreement_item(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="An agreement", responses={200: {"model": AgreementAnswer}})
async def get_agreement(request: Request, agreement_id: AgreementName) -> Response:
    """The disclosed part with the salt that opens it; the ciphertext of the confidential part to the two parties alone."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return agreement_value(read_agreement(connection, caller.actor, agreement_id), caller.actor)

    return await read_with_etag(request, query)


@router.get(
    f"{ONE}/history", summary="Version history of an agreement", responses={200: {"model": AgreementHistoryAnswer}}
)
async def get_history(
    request: Request,
    agreement_id: AgreementName,
    *,
    cursor: RevisionCursor = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Every revision, oldest first; to others than the parties from its conclusion on."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_agreement(connection, caller.actor, agreement_id)
        page = page_of_history(connection, stored, submitted_to=caller.actor, cursor=cursor, limit=limit)
        return {"items": [agreement_revision(revision) for revision in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(f"{ONE}/explanation", summary="An agreement in words", responses={200: {"model": AgreementExplained}})
async def get_explanation(request: Request, agreement_id: AgreementName) -> Response:
    """Who, what, for how long, at what price, what silence means, what may be done and how it ends: read it before you sign."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return agreement_explained(read_agreement(connection, caller.actor, agreement_id))

    return json_response(await read_as_caller(request, query))


@router.get("/v1/filings/{agreement_id}", summary="A filed agreement", responses={200: {"model": FilingAnswer}})
async def get_filing(request: Request, agreement_id: AgreementName) -> Response:
    """For every body: that this agreement is filed, how it stands, and where the chain says so; nothing of what it says."""

    def query(connection: Connection, _caller: Caller) -> dict[str, Any]:
        found = find_agreement(connection, agreement_id)
        if found is None:
            raise NotFoundError("There is no such filed agreement.")
        return filing_value(found)

    return json_response(await read_as_caller(request, query))


@router.post(
    f"{ONE_ORDER}/agreement",
    summary="Generate the agreement of an order",
    status_code=201,
    responses=MADE,
    openapi_extra=write_extra(GenerateAgreement),
)
async def post_agreement(request: Request, order_id: OrderId) -> Response:
    """By either party of a confirmed order: its parties, product and price, with the terms that are sent."""

    def use_case(uow: SqlUnitOfWork, command: GenerateAgreement) -> Answer:
        made = agreements.generate_agreement(uow, order_id, _new_agreement(command))
        return agreement_answer(made, uow.actor, status=201)

    return await write(request, GenerateAgreement, use_case)


@router.post(
    "/v1/agreements",
    summary="Generate a framework agreement",
    status_code=201,
    responses=MADE,
    openapi_extra=write_extra(GenerateFramework),
)
async def post_framework(request: Request) -> Response:
    """By the provider of a product on offer, or by the consumer; orders are then called off under it."""

    def use_case(uow: SqlUnitOfWork, command: GenerateFramework) -> Answer:
        code, version, new = command.product_code, command.product_version, _new_agreement(command)
        of = command.negotiation_id
        made = agreements.generate_framework(uow, code, version, command.consumer, new, negotiation_id=of)
        return agreement_answer(made, uow.actor, status=201)

    return await write(request, GenerateFramework, use_case)


def _new_agreement(command: GenerateAgreement) -> NewAgreement:
    return NewAgreement(
        terms=from_json(AgreementTerms, command.terms.model_dump()),
        confidential=from_json(SealedPart, command.confidential.model_dump()),
        random=random_part(secrets.randbelow(RANDOM_PARTS)),
        disclosed_salt=secrets.token_bytes(SALT_BYTES),
        salt=secrets.token_bytes(SALT_BYTES),
        contract_id=command.contract_id,
    )
