"""The catalog's part of the examples in the OpenAPI document: see ``support.api_examples``."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Engine
from support.catalog_entries import an_entry, product_code

from api.openapi import ANY_DSP
from ledger.adapters.sql import catalog_index
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.catalog_dsp import CONTEXT_URL

if TYPE_CHECKING:
    from support.api_examples import Recorder

LINKED = {"Accept": "application/ld+json"}
PLAIN_JSON = {"Content-Type": "application/json"}
REQUEST: dict[str, Any] = {"@context": [CONTEXT_URL], "@type": "CatalogRequestMessage", "filter": []}
CHECK = {"finding": "deviates", "members": ["filing_number", "price"]}
CATALOG_ROUTES = ("/v1/catalog", "/v1/catalog/facets", "/v1/catalog/changes", "/v1/catalog/map")


def record(to: "Recorder", engine: Engine) -> None:
    """Two products are listed and one of them is taken back; then everything is asked."""
    with engine.begin() as connection:
        for number in (1, 2):
            catalog_index.put(connection, an_entry(number), at=an_entry(number).modified)
        catalog_index.remove(connection, product_code(2), "delisted by its provider", at=an_entry(3).modified)
        catalog_index.put(connection, replace(an_entry(3), state="listed"), at=an_entry(3).modified)
    _searches(to)
    _checks(to)
    _refusals(to)
    _dataspace_protocol(to)


def _searches(to: "Recorder") -> None:
    shown = "Those with public data that have both words, one a page"
    found = {"q": "施工许可 permit", "topic": "D0100", "public_data": "yes", "limit": 1}
    to.ask("GET /v1/catalog", 200, "page", shown, role="auditor", params=found)
    to.ask("GET /v1/catalog", 200, "json_ld", "The same as JSON-LD", role="auditor", params=found, headers=LINKED)
    to.ask("GET /v1/catalog/facets", 200, "counts", "How many there are of what", role="auditor")
    shown = "The first two changes; the chain goes on with `after=2`"
    to.ask("GET /v1/catalog/changes", 200, "first", shown, role="auditor", params={"limit": 2})
    to.ask("GET /v1/catalog/map", 200, "map", "Sources and products", role="auditor", params={"q": "许可"})
    one = {"role": "auditor", "path": f"/v1/catalog/{product_code(1)}"}
    to.ask("GET /v1/catalog/{product_code}", 200, "product", "One product", **one)
    to.ask("GET /v1/catalog/{product_code}", 200, "json_ld", "The same as JSON-LD", headers=LINKED, **one)


def _checks(to: "Recorder") -> None:
    check = "POST /v1/catalog/{product_code}/checks"
    path = f"/v1/catalog/{product_code(1)}/checks"

    def ask(status: int, name: str, summary: str = "", **given: Any) -> None:
        key = given.pop("key", f"check-{name}")
        headers = PLAIN_JSON | ({"Idempotency-Key": key} if key else {})
        body = json.dumps(given.pop("body", CHECK))
        to.ask(
            check, status, name, summary, headers=headers, content=body, **({"role": "regulator", "path": path} | given)
        )

    ask(201, "recorded", "A member deviates from what was filed")
    to.accept(check, "application/json", "deviates", "What was looked at, and what was found", CHECK)
    ask(400, "invalid_input", body=CHECK | {"members": ["colour"]})
    ask(400, "idempotency_key_missing", key="")
    ask(401, "unauthenticated", role=None)
    ask(403, "forbidden", role="auditor")
    ask(404, "not_found", path=f"/v1/catalog/{product_code(2)}/checks")
    ask(409, "idempotency_key_reused", key="check-recorded", body=CHECK | {"finding": "conforms"})
    read = "GET /v1/catalog/{product_code}/checks"
    to.ask(read, 200, "checks", "The checks of a product", role="operator", path=path)
    to.ask(read, 400, "invalid_input", role="operator", path=f"{path}?colour=red")
    to.ask(read, 401, "unauthenticated", role=None, path=path)
    to.ask(read, 404, "not_found", role="operator", path=f"/v1/catalog/{product_code(2)}/checks")


def _refusals(to: "Recorder") -> None:
    for route in CATALOG_ROUTES:
        to.ask(f"GET {route}", 401, "unauthenticated", role=None)
        to.ask(f"GET {route}", 400, "invalid_input", role="auditor", params={"colour": "red"})
    one = "GET /v1/catalog/{product_code}"
    to.ask(one, 401, "unauthenticated", role=None, path=f"/v1/catalog/{product_code(1)}")
    to.ask(one, 400, "invalid_input", role="auditor", path=f"/v1/catalog/{product_code(1)}?colour=red")
    to.ask(one, 404, "not_found", role="auditor", path=f"/v1/catalog/{product_code(2)}")


def _dataspace_protocol(to: "Recorder") -> None:
    for path in ("/.well-known/dspace-version", "/dsp/.well-known/dspace-version"):
        to.ask(f"GET {path}", 200, "versions", "The one version that is served", role=None)
    request = "POST /dsp/2025-1/catalog/request"
    sent = {"headers": PLAIN_JSON, "content": json.dumps(REQUEST)}
    to.ask(request, 200, "catalog", "Everything on offer", role="auditor", **sent)
    to.accept(request, "application/json", "request", "A request for the catalog", REQUEST)
    to.ask(request, 401, "unauthenticated", "No key", role=None, **sent)
    filtered = json.dumps(REQUEST | {"filter": [{"title": "permit"}]})
    to.ask(request, 400, "filter", "A filter", role="auditor", headers=PLAIN_JSON, content=filtered)
    plain = {"Content-Type": "text/plain"}
    to.ask(request, 415, "media_type", "Not JSON", role="auditor", headers=plain, content=json.dumps(REQUEST))
    dataset = "GET /dsp/2025-1/catalog/datasets/{dataset_id}"
    places = [f"/dsp/2025-1/catalog/datasets/{quote(product_urn(product_code(number)), safe='')}" for number in (1, 2)]
    to.ask(dataset, 200, "dataset", "One dataset", role="auditor", path=places[0])
    to.ask(dataset, 400, "invalid_input", "An unknown parameter", role="auditor", path=f"{places[0]}?colour=red")
    to.ask(dataset, 401, "unauthenticated", "No key", role=None, path=places[0])
    to.ask(dataset, 404, "not_found", "Taken back", role="auditor", path=places[1])
    to.ask("DELETE /dsp/2025-1/catalog/request", 405, "method", "Another method", role=None, as_any=ANY_DSP)
