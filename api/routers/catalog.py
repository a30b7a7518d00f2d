"""The catalog: search, facets, one product, the change feed, the data map."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.container import Container
from api.cursors import CURSOR_CHARACTERS_MAX, encode_cursor, parse_cursor
from api.dependencies import ContainerOf, read_as_caller
from api.schemas.catalog import CatalogAnswer, ChangesAnswer, Dataset, FacetsAnswer, MapAnswer
from api.strict_requests import STRICT_QUERY
from ledger.adapters.sql import catalog_index, catalog_search
from ledger.adapters.sql.catalog_flows import flows_of
from ledger.domain import catalog_dcat
from ledger.domain.catalog_map import Flows, map_value
from ledger.domain.catalog_query import CatalogQuery, Sort
from ledger.errors import InputError, NotFoundError
from ledger.log.timestamps import parse_rfc3339

router = APIRouter(tags=["catalog"], dependencies=[STRICT_QUERY])

ITEMS_MAX: Final = 100
CHANGES_MAX: Final = 1_000
DSP_PATH: Final = "/dsp/2025-1"
JSON_LD: Final = "application/ld+json"

_LINKED: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {JSON_LD: {"schema": {"type": "object"}}}}}

Codes = Annotated[list[str], Query(max_length=20)]
Time = Annotated[str | None, Query(max_length=64, description="RFC 3339 with a zone.")]
Amount = Annotated[
    int | None, Query(ge=0, lt=2**53, description="Millionths of a minor unit; `currency` goes with it.")
]
Limit = Annotated[int, Query(ge=1, le=ITEMS_MAX)]
Cursor = Annotated[str | None, Query(min_length=1, max_length=CURSOR_CHARACTERS_MAX, pattern=r"^[A-Za-z0-9_-]+$")]
Order = Annotated[Sort, Query(description="`title` is by code points, `price` by currency first.")]


def catalog_query(
    *,
    q: Annotated[str, Query(max_length=512, description="Words, or parts of Chinese text; all must be found.")] = "",
    topic: Codes = [],  # noqa: B006  FastAPI copies defaults
    scene: Codes = [],  # noqa: B006
    delivery_form: Codes = [],  # noqa: B006
    source: Codes = [],  # noqa: B006
    frequency: Codes = [],  # noqa: B006
    security_level: Codes = [],  # noqa: B006
    quality: Codes = [],  # noqa: B006
    price_kind: Codes = [],  # noqa: B006
    public_data: Annotated[str | None, Query(pattern="^(yes|no)$")] = None,
    provider_code: Codes = [],  # noqa: B006
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    price_from: Amount = None,
    price_to: Amount = None,
    modified_from: Time = None,
    modified_to: Time = None,
) -> CatalogQuery:
    """The question in the query parameters; of a parameter that comes several times any value will do."""
    if currency is None and (price_from, price_to) != (None, None):
        raise InputError("price_from and price_to need a currency.")
    choices = {
        "topic": topic,
        "scene": scene,
        "delivery_form": delivery_form,
        "source": source,
        "frequency": frequency,
        "security_level": security_level,
        "quality": quality,
        "price_kind": price_kind,
        "public_data": [] if public_data is None else [public_data],
        "provider_code": provider_code,
    }
    if any("\x00" in value or len(value) > 64 for values in choices.values() for value in values):
        raise InputError("A code has at most 64 characters.")
    return CatalogQuery(
        text=q,
        choices={name: tuple(values) for name, values in choices.items() if values},
        currency=currency,
        price_from=price_from,
        price_to=price_to,
        modified_from=None if modified_from is None else parse_rfc3339(modified_from),
        modified_to=None if modified_to is None else parse_rfc3339(modified_to),
    )


Question = Annotated[CatalogQuery, Depends(catalog_query)]


@router.get(
    "/v1/catalog",
    summary="Search the catalog",
    responses={200: {"model": CatalogAnswer, **_LINKED[200]}},
)
async def search_catalog(
    request: Request,
    container: ContainerOf,
    query: Question,
    *,
    sort: Order = Sort.RELEVANCE,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """The products on offer that have every word of `q` and, of each code asked, one of the values.

    By `relevance` those come first whose title or keywords have every word, the newest before the older. A page goes on from
    `next_cursor`; every product that does not change meanwhile comes exactly once.
    """
    after = parse_cursor(cursor, query, sort)

    def search(connection: Connection, _caller: Caller) -> catalog_search.Page:
        return catalog_search.search(connection, query, sort, limit, after)

    page = await read_as_caller(request, search)
    following = None if page.next is None else encode_cursor(page.next, query, sort)
    if wants_json_ld(request):
        document = catalog_dcat.catalog_value(page.entries, space_name(container), endpoint_url(request, container))
        url = request.url.include_query_params(cursor=following) if following else None
        link = {} if url is None else {"Link": f'<{url.path}?{url.query}>; rel="next"'}
        return _answer(catalog_dcat.as_json_ld(document), JSON_LD, link)
    items = [catalog_dcat.preview_value(entry) for entry in page.entries]
    return _answer({"items": items, "next_cursor": following})


@router.get("/v1/catalog/facets", summary="Count by facet", responses={200: {"model": FacetsAnswer}})
async def get_facets(request: Request, query: Question) -> Response:
    """How many products on offer the question finds, and how many of each value of each facet.

    Of a large answer not every product is counted: then `exact` is false, and there are at least so many.
    """

    def count(connection: Connection, _caller: Caller) -> catalog_search.FacetCounts:
        return catalog_search.count_facets(connection, query)

    counts = await read_as_caller(request, count)
    facets = {
        name: [{"value": value, "entries": entries} for value, entries in values]
        for name, values in counts.facets.items()
    }
    return _answer({"entries": counts.entries, "exact": counts.is_exact, "facets": facets})


@router.get("/v1/catalog/changes", summary="Change feed", responses={200: {"model": ChangesAnswer}})
async def get_changes(
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="The last sequence that is known; 0 for all.")] = 0,
    limit: Annotated[int, Query(ge=1, le=CHANGES_MAX)] = 100,
) -> Response:
    """Everything that ever changed in the catalog, from the first entry on, in order and resumable.

    A page is shorter than asked for when its entries are large; who knows the sequence of `head` knows everything.

    Completeness can be checked: `chain_digest` is SHA-256 over `CityLedger catalog change v1`, a line feed, and the canonical JSON
    (RFC 8785) of the row's members change, entry_digest, previous_digest, product_code, reason, recorded_at, sequence and version;
    `previous_digest` is that of the row before, 64 zeros before the first. `ledger.bundle.catalog_feed.verify_changes` does it.
    """

    def read(connection: Connection, _caller: Caller) -> catalog_index.FeedPage:
        return catalog_index.changes(connection, after, limit)

    page = await read_as_caller(request, read)
    head = {"sequence": page.head.sequence, "chain_digest": page.head.chain_digest.hex()}
    return _answer({"changes": page.rows, "head": head})


@router.get("/v1/catalog/map", summary="Data map", responses={200: {"model": MapAnswer}})
async def get_map(request: Request, query: Question, *, cursor: Cursor = None, limit: Limit = 100) -> Response:
    """From source to product to flow, for the products that the question finds, newest first, a page at a time.

    A flow is an agreement in force. Who reads the agreement (its parties, its platforms, supervisors) sees between whom; everybody sees how
    many there are of a product.
    """
    after = parse_cursor(cursor, query, Sort.NEWEST)

    def search(connection: Connection, caller: Caller) -> tuple[catalog_search.Page, Flows]:
        page = catalog_search.search(connection, query, Sort.NEWEST, limit, after)
        return page, flows_of(connection, caller.actor, [entry["product_code"] for entry in page.entries])

    page, flows = await read_as_caller(request, search)
    following = None if page.next is None else encode_cursor(page.next, query, Sort.NEWEST)
    return _answer(map_value(page.entries, flows) | {"next_cursor": following})


@router.get(
    "/v1/catalog/{product_code}",
    summary="One product",
    responses={200: {"model": Dataset, **_LINKED[200]}},
)
async def get_product(request: Request, container: ContainerOf, product_code: str) -> Response:
    """Everything that the catalog says of a product. One that is suspended or frozen is still answered, and says so."""
    entry = await read_as_caller(request, lambda connection, _caller: find_entry(connection, product_code))
    value = catalog_dcat.dataset_value(entry, endpoint_url(request, container))
    if wants_json_ld(request):
        return _answer(catalog_dcat.as_json_ld(value), JSON_LD)
    return _answer(value)


def find_entry(connection: Connection, product_code: str) -> dict[str, Any]:
    """The entry of a product.

    Raises:
        NotFoundError: the catalog has none.
    """
    # PostgreSQL text has no NUL, and no code has 100 characters
    known = len(product_code) <= 100 and "\x00" not in product_code
    entry = catalog_index.entry_of(connection, product_code) if known else None
    if entry is None:
        raise NotFoundError("The catalog has no such product.")
    return entry


def public_url(request: Request, container: Container) -> str:
    """Where others reach this API: as it is set, else as this request named it."""
    return container.settings.public_url or str(request.base_url).rstrip("/")


def endpoint_url(request: Request, container: Container) -> str:
    """Where products are negotiated and got by the Dataspace Protocol."""
    return public_url(request, container) + DSP_PATH


def space_name(container: Container) -> str:
    """The space's own name: the origin of its log without the year."""
    return container.settings.origin.rpartition("/")[0] or container.settings.origin


def wants_json_ld(request: Request) -> bool:
    """Whether the request names JSON-LD among what it accepts, and does not refuse it."""
    accepted = [part.strip().lower() for line in request.headers.getlist("accept") for part in line.split(",")]
    return any(part.partition(";")[0].strip() == JSON_LD and not _is_refused(part) for part in accepted)


def _is_refused(part: str) -> bool:
    parameters = [parameter.strip() for parameter in part.split(";")[1:]]
    return any(parameter in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for parameter in parameters)


def _answer(value: Any, media_type: str = "application/json", headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), media_type=media_type, headers={"Vary": "Accept", **(headers or {})})
