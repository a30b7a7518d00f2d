"""The OpenAPI document: the framework's, with our problem documents in place of its own errors, and recorded examples.

``examples.json`` holds what a running service was asked and answered (``scripts/record_examples.py``). An answer other than success
is in the document because it is in that file.
"""

import json
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.contract_failures import FLAGS
from api.dsp_errors import NEGOTIATIONS, PREFIX
from api.problems import MEDIA_TYPE
from api.roles import MATRIX
from api.schemas.problems import Problem
from api.writes import REQUEST_MODELS

DESCRIPTION: Final = """\
Evidence log of a city trusted data space: events in, signed receipts and proofs out.

Limits (each is a setting; an answer that refuses names the limit): a request body has at most 32 MiB, before and after
decompression; a request has at most 10,000 events; an event has at most 256 KiB in canonical form, and a body with a single
event at most four times as much; JSON nests at most 32 levels; at most 40,000 events wait to be sequenced in one process,
above that 429 with `Retry-After`. The head of a request has at most 64 KiB and 20 s to arrive, its body 60 s, a proof 15 s; a
gzip body has at most 1,000 members, and a chunked one no trailers.

What could be read in two ways is refused (400): query parameters that a route does not know, parameters or `Authorization`,
`X-API-Key`, `Content-Type` and `Content-Encoding` headers that come twice.

A request may be signed (NDI-TR-2025-03, 8.2.3): headers `msgcode`, `msgversion`, `timestamp`, `sequenceNum` and `signValue`, an SM2
signature that is checked wherever it comes; an account can demand it. A signed request is taken once.

Errors are RFC 9457 problems with a stable `code`. `POST /v1/events` takes no `Idempotency-Key`: the event's identity,
`source` and `id`, is it. 503 `database_behind` means that the database was restored from before what is published: keep the
events, and send them again when the operator has put that right.
"""

EXAMPLES: Final = Path(__file__).with_name("examples.json")
ANY: Final = "any"
"""In ``EXAMPLES``: what every operation may answer."""

ANY_DSP: Final = "any of the Dataspace Protocol"
"""In ``EXAMPLES``: what its operations may answer, a ``CatalogError`` each."""

ANY_NEGOTIATION: Final = "any of a negotiation of the Dataspace Protocol"
"""In ``EXAMPLES``: what its operations may answer, a ``ContractNegotiationError`` each."""

ANY_CONTRACT: Final = "any of the interfaces of TC609-6-2025-14"
"""In ``EXAMPLES``: what they may answer, a ``ContractFailure`` each."""

_CONTRACT_FAILURE: Final = {"$ref": "#/components/schemas/ContractFailure"}
_ANY_CONTRACT_FAILURE: Final = {"$ref": "#/components/responses/ContractFailure"}
_NEGOTIATION_ERROR: Final = {"$ref": "#/components/schemas/ContractNegotiationError"}
_ANY_NEGOTIATION_ERROR: Final = {"$ref": "#/components/responses/ContractNegotiationError"}
_CATALOG_ERROR: Final = {"$ref": "#/components/schemas/CatalogError"}
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_ANY_PROBLEM: Final = {"$ref": "#/components/responses/Problem"}
_ANY_CATALOG_ERROR: Final = {"$ref": "#/components/responses/CatalogError"}
_SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, `clk_...`, or an access token of a trusted issuer.",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def install_openapi(app: FastAPI) -> None:
    """Makes ``app.openapi()`` and ``/openapi.json`` give our document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build_openapi(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to replace it


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The document of all routes."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    for name, model in REQUEST_MODELS.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {name: schema}
    document["components"]["securitySchemes"] = _SECURITY
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            responses = operation["responses"]
            responses.pop("422", None)
            responses["default"] = _any_refusal(path)
            if MATRIX.get((method.upper(), path)):
                operation["security"] = [{name: []} for name in _SECURITY]
    _add_examples(document, json.loads(EXAMPLES.read_text(encoding="utf-8")))
    return document


def _add_examples(document: dict[str, Any], recorded: dict[str, Any]) -> None:
    """Puts every recorded request and answer in its place; a refusal that was recorded becomes a documented answer."""
    problems = recorded.pop(ANY)["responses"]["default"][MEDIA_TYPE]
    document["components"]["responses"] = {
        "Problem": _problem_response("Any other problem, such as one of these.", problems),
        "CatalogError": _error_response(_CATALOG_ERROR, recorded.pop(ANY_DSP)),
        "ContractNegotiationError": _error_response(_NEGOTIATION_ERROR, recorded.pop(ANY_NEGOTIATION)),
        "ContractFailure": _error_response(_CONTRACT_FAILURE, recorded.pop(ANY_CONTRACT)),
    }
    for name, exchanges in recorded.items():
        method, _, path = name.partition(" ")
        operation = document["paths"][path][method.lower()]
        for media_type, examples in exchanges["requests"].items():
            operation["requestBody"]["content"][media_type]["examples"] = examples
        for status, contents in exchanges["responses"].items():
            for media_type, examples in contents.items():
                if media_type == MEDIA_TYPE:
                    operation["responses"][status] = _problem_response(_titles(examples), examples)
                else:
                    operation["responses"][status]["content"][media_type]["examples"] = examples


def _any_refusal(path: str) -> dict[str, str]:
    if path in FLAGS:
        return _ANY_CONTRACT_FAILURE
    if path.startswith(NEGOTIATIONS):
        return _ANY_NEGOTIATION_ERROR
    return _ANY_CATALOG_ERROR if path.startswith(PREFIX) else _ANY_PROBLEM


def _error_response(schema: dict[str, str], exchanges: dict[str, Any]) -> dict[str, Any]:
    examples = exchanges["responses"]["default"]["application/json"]
    content = {"application/json": {"schema": schema, "examples": examples}}
    return {"description": "Any other refusal, such as this.", "content": content}


def _problem_response(description: str, examples: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": _PROBLEM, "examples": examples}}}


def _titles(examples: dict[str, Any]) -> str:
    shown = sorted({(example["value"]["title"], example["value"]["code"]) for example in examples.values()})
    return "; ".join(f"{title} (`{code}`)" for title, code in shown) + "."
