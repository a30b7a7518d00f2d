"""Products by their providers: draft, edit, register, next version, withdrawal; and reading them."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import read_as_caller
from api.product_answers import product_value, revision_value, version_answer, version_value
from api.reads import json_response, read_with_etag
from api.schemas.products import (
    PRODUCT_CODE,
    DraftProduct,
    HistoryAnswer,
    NewVersion,
    ProductAnswer,
    ProductFacts,
    RegisterProduct,
    VersionAnswer,
    VersionsAnswer,
    WithdrawProduct,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_history, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.codes import RANDOM_PARTS
from ledger.domain.product_life import LIFE, LIFE_PUBLIC
from ledger.services import products
from ledger.services.product_objects import PRODUCT, VERSION, version_id

router = APIRouter(tags=["products"], dependencies=[STRICT_QUERY])

ProductCode = Annotated[str, Path(pattern=PRODUCT_CODE, description="32 characters, or more behind U+2022.")]
RevisionCursor = Annotated[str | None, Query(pattern=r"^[1-9][0-9]{0,17}$")]
VersionNumber = Annotated[int, Path(ge=1, le=products.VERSIONS_MAX)]
STATES = "|".join(sorted(LIFE.states | LIFE_PUBLIC.states))
ONE = "/v1/products/{product_code}/versions/{version}"


@router.get("/v1/products", summary="List product versions", responses={200: {"model": VersionsAnswer}})
async def get_products(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=f"^({STATES})$")] = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """The versions that the caller has to do with, oldest first. What is on offer to everybody is in the catalog."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        states = () if state is None else (state,)
        page = page_of_objects(connection, caller.actor, VERSION, states=states, cursor=cursor, limit=limit)
        return {"items": [version_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get("/v1/products/{product_code}", summary="A product", responses={200: {"model": ProductAnswer}})
async def get_product(request: Request, product_code: ProductCode) -> Response:
    """Its versions, what is on sale, and a regulator's freeze."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return product_value(read_object(connection, caller.actor, PRODUCT, product_code))

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="A product version", responses={200: {"model": VersionAnswer}})
async def get_version(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """What it states, what was found about it, and what it waits for."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return version_value(read_object(connection, caller.actor, VERSION, version_id(product_code, version)))

    return await read_with_etag(request, query)


@router.get(f"{ONE}/history", summary="Change history of a version", responses={200: {"model": HistoryAnswer}})
async def get_history(
    request: Request,
    product_code: ProductCode,
    version: VersionNumber,
    *,
    cursor: RevisionCursor = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Every revision since the draft; to others than the provider and who reads everything, every revision that was submitted.

    Oldest first, a page at a time: it goes on from `next_cursor`.
    """

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, VERSION, version_id(product_code, version))
        actor = caller.actor
        is_whole = actor.participant == stored.document["provider"]
        submitted_to = None if is_whole else actor
        page = page_of_history(connection, stored, submitted_to=submitted_to, cursor=cursor, limit=limit)
        return {"items": [revision_value(revision) for revision in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.post(
    "/v1/products",
    summary="Draft a product",
    status_code=201,
    responses={201: {"model": VersionAnswer}},
    openapi_extra=write_extra(DraftProduct),
)
async def post_product(request: Request) -> Response:
    """A product with version 1 as a draft. Its code is made here, for all its life."""

    def use_case(uow: SqlUnitOfWork, command: DraftProduct) -> Answer:
        wanted = products.DraftProduct(
            command.content.model_dump(),
            command.region,
            secrets.randbelow(RANDOM_PARTS),
            secrets.token_bytes(products.SALT_BYTES),
            command.extension,
        )
        return version_answer(products.draft_product(uow, wanted), status=201)

    return await write(request, DraftProduct, use_case)


@router.put(
    ONE,
    summary="Edit a draft",
    responses={200: {"model": VersionAnswer}},
    openapi_extra=write_extra(ProductFacts, edits=True),
)
async def put_version(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """Replaces what a draft states. A registered version never changes; the next one does."""

    def use_case(uow: SqlUnitOfWork, command: ProductFacts) -> Answer:
        return version_answer(products.edit_product(uow, product_code, version, command.model_dump()))

    return await write(request, ProductFacts, use_case)


@router.post(
    "/v1/products/{product_code}/versions",
    summary="Draft the next version",
    status_code=201,
    responses={201: {"model": VersionAnswer}},
    openapi_extra=write_extra(NewVersion),
)
async def post_version(request: Request, product_code: ProductCode) -> Response:
    """With content of its own, or as a copy of the newest version."""

    def use_case(uow: SqlUnitOfWork, command: NewVersion) -> Answer:
        content = None if command.content is None else command.content.model_dump()
        salt = secrets.token_bytes(products.SALT_BYTES)
        return version_answer(products.new_version(uow, product_code, salt, content), status=201)

    return await write(request, NewVersion, use_case)


@router.post(
    f"{ONE}/registration",
    summary="Register a version",
    responses={200: {"model": VersionAnswer}},
    openapi_extra=write_extra(RegisterProduct, edits=True),
)
async def post_registration(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """Names the bodies that judge it and asks the chain; the provider signs the act that `waiting` names."""

    def use_case(uow: SqlUnitOfWork, command: RegisterProduct) -> Answer:
        reviewers = products.Reviewers(**command.model_dump())
        return version_answer(products.register_product(uow, product_code, version, reviewers))

    return await write(request, RegisterProduct, use_case)


@router.post(
    f"{ONE}/withdrawal",
    summary="Withdraw a version for good",
    responses={200: {"model": VersionAnswer}},
    openapi_extra=write_extra(WithdrawProduct),
)
async def post_withdrawal(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """A draft as it is; a rejected or delisted version with evidence that its data are destroyed."""

    def use_case(uow: SqlUnitOfWork, command: WithdrawProduct) -> Answer:
        said = command.destruction
        destruction = None if said is None else products.Destruction(**said.model_dump())
        return version_answer(products.withdraw_product(uow, product_code, version, destruction))

    return await write(request, WithdrawProduct, use_case)
