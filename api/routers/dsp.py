"""The Dataspace Protocol 2025-1, HTTPS binding: versions, catalog request, dataset request, over the same catalog."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.bodies import announced_bytes, gunzip, read_body
from api.cursors import CURSOR_CHARACTERS_MAX, encode_cursor, parse_cursor
from api.dependencies import ContainerOf, read_as_caller
from api.negotiation import content_encoding, media_type_of
from api.routers.catalog import DSP_PATH, endpoint_url, find_entry, public_url, space_name
from api.schemas.catalog import CatalogError, DspCatalog, DspDataset, VersionsAnswer
from api.strict_requests import STRICT_QUERY
from ledger.adapters.sql import catalog_search
from ledger.domain.catalog import LISTED
from ledger.domain.catalog_dcat import URN, service_value
from ledger.domain.catalog_dsp import (
    catalog_message,
    check_catalog_request,
    dataset_message,
    product_code_of,
    versions_value,
)
from ledger.domain.catalog_query import CatalogQuery, Sort
from ledger.errors import NotFoundError, UnsupportedMediaTypeError
from ledger.log.canonical import parse_json

router = APIRouter(tags=["dataspace protocol"], dependencies=[STRICT_QUERY])

DATASETS_A_PAGE: Final = 100
MESSAGE_BYTES_MAX: Final = 65_536
READ_TIMEOUT_S: Final = 15.0

_EVERYTHING: Final = CatalogQuery()
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {status: {"model": CatalogError} for status in (400, 401, 404, 415)}
_REQUEST: Final = {
    "type": "object",
    "properties": {
        "@context": {
            "description": "Has https://w3id.org/dspace/2025/1/context.jsonld.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
        "@type": {"const": "CatalogRequestMessage"},
        "filter": {"type": "array", "maxItems": 0, "description": "No filter expression is supported."},
    },
    "required": ["@context", "@type"],
}


@router.get("/.well-known/dspace-version", summary="Protocol versions", responses={200: {"model": VersionsAnswer}})
async def get_versions() -> Response:
    """The versions of the Dataspace Protocol, with paths from the root of this API (RFC 8615)."""
    return _json(versions_value(DSP_PATH, service_value("")["@id"]))


@router.get(
    "/dsp/.well-known/dspace-version",
    summary="Protocol versions, from /dsp",
    responses={200: {"model": VersionsAnswer}},
)
async def get_versions_below_dsp() -> Response:
    """The same for clients that take `/dsp` for the root."""
    return _json(versions_value(DSP_PATH.removeprefix("/dsp"), service_value("")["@id"]))


@router.post(
    "/dsp/2025-1/catalog/request",
    summary="Catalog request",
    responses={200: {"model": DspCatalog}, **{status: _ERRORS[status] for status in (400, 401, 415)}},
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _REQUEST}}}},
)
async def request_catalog(
    request: Request,
    container: ContainerOf,
    continuation: Annotated[
        str | None,
        Query(alias="continuationToken", max_length=CURSOR_CHARACTERS_MAX, pattern=r"^[A-Za-z0-9_-]+$"),
    ] = None,
) -> Response:
    """A page of the products on offer, newest first; the `Link` header names the next page and the previous one."""
    if media_type_of(request.headers) != "application/json":
        raise UnsupportedMediaTypeError("Send the message as application/json.")
    after = parse_cursor(continuation, _EVERYTHING, Sort.NEWEST)
    encoding = content_encoding(request.headers)
    async with container.budget.reserve(announced_bytes(request, MESSAGE_BYTES_MAX)) as reservation:
        body = await read_body(request, MESSAGE_BYTES_MAX, reservation, READ_TIMEOUT_S)
        raw = gunzip(body, MESSAGE_BYTES_MAX) if encoding == "gzip" else body

    def search(
        connection: Connection, _caller: Caller
    ) -> tuple[catalog_search.Page, dict[str, catalog_search.Position]]:
        check_catalog_request(parse_json(raw))  # after the caller is known: a stranger is told nothing but that
        page = catalog_search.search(connection, _EVERYTHING, Sort.NEWEST, DATASETS_A_PAGE, after)
        links = {} if page.next is None else {"next": page.next}
        if after.key is not None and page.first_key is not None:
            start = catalog_search.start_of_previous(connection, page.first_key, DATASETS_A_PAGE)
            links["previous"] = start or catalog_search.Position(0, None)
        return page, links

    page, links = await read_as_caller(request, search, body)
    url = public_url(request, container) + request.url.path
    headers = {"Link": ", ".join(_link(url, relation, position) for relation, position in links.items())}
    participant_id = f"{URN}space:{space_name(container)}"
    message = catalog_message(page.entries, participant_id, endpoint_url(request, container))
    return _json(message, headers if links else {})


@router.get(
    "/dsp/2025-1/catalog/datasets/{dataset_id}",
    summary="Dataset request",
    responses={200: {"model": DspDataset}, **{status: _ERRORS[status] for status in (400, 401, 404)}},
)
async def get_dataset(request: Request, container: ContainerOf, dataset_id: str) -> Response:
    """The dataset of that `@id`, if its product is on offer."""

    def find(connection: Connection, _caller: Caller) -> dict[str, Any]:
        entry = find_entry(connection, product_code_of(dataset_id))
        if entry["state"] != LISTED:
            raise NotFoundError("The catalog has no such dataset.")
        return entry

    entry = await read_as_caller(request, find)
    return _json(dataset_message(entry, endpoint_url(request, container)))


def _link(url: str, relation: str, position: catalog_search.Position) -> str:
    token = encode_cursor(position, _EVERYTHING, Sort.NEWEST)
    return f'<{url}?continuationToken={token}>; rel="{relation}"'


def _json(value: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers=headers or {})
