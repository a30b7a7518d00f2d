"""Products against the chain: what is recorded here and what the registry contract holds."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.reads import json_response
from api.schemas.product_differences import ProductDifferencesAnswer
from api.schemas.products import PRODUCT_CODE
from api.strict_requests import STRICT_QUERY
from ledger.adapters.sql.product_comparison import REGISTRY, compare_page
from ledger.errors import NotFoundError

router = APIRouter(tags=["products"], dependencies=[STRICT_QUERY])

VERSIONS_A_PAGE = 1_000
_CURSOR = rf"^({PRODUCT_CODE[1:-1]}/[1-9][0-9]{{0,5}}|0x([0-9a-f]{{64}}/[1-9][0-9]{{0,9}})?)$"


@router.get(
    "/v1/products/differences",
    summary="Compare products with the chain",
    responses={200: {"model": ProductDifferencesAnswer}},
)
async def get_product_differences(
    request: Request,
    container: ContainerOf,
    *,
    cursor: Annotated[str | None, Query(pattern=_CURSOR, max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=VERSIONS_A_PAGE)] = 200,
) -> Response:
    """What is otherwise here than in the registry contract, as far as its events were followed; `limit` versions at a time.

    An authorisation platform compares the versions that it reviews. Go on from `next_cursor` until it is null.
    """

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        registry = container.contracts.get(REGISTRY)
        if registry is None:
            raise NotFoundError("This service works with no contract suite, so there is nothing to compare with.")
        page = compare_page(connection, caller.actor, registry, after=cursor or "", limit=limit)
        return {
            "block_number": page.block_number,
            "compared": page.compared,
            "items": [asdict(one) for one in page.differences],
            "next_cursor": page.next_cursor,
        }

    return json_response(await read_as_caller(request, query))
