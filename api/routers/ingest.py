"""POST /v1/events: thin transport over ``api.ingest``."""

import time
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import metrics
from api.access import admit, note_refusal
from api.bodies import announced_bytes, read_body
from api.container import Container, OpenLog
from api.ingest import Accepted, Ingest, Outcome
from api.metrics import ROUTE_LABEL
from api.negotiation import ContentMode, Preference, content_encoding, content_mode, preference
from api.problems import failure_response, problem_document
from api.rendering import answer, result_value
from api.schemas.events import EVENT, BatchAnswer, SingleAnswer
from api.strict_requests import check_query
from api.watching import LogView
from ledger.errors import AccessError, InputError, LedgerError
from ledger.services.ports import AppendOutcome

router = APIRouter(tags=["events"])

PATH: Final = "/v1/events"
ROUTE: Final = ("POST", PATH)
SINGLE_BYTES_PER_EVENT_BYTE: Final = 4
"""A single event's body may be larger than its canonical form (white space, escapes), but not without limit."""

_QUERY: Final = frozenset({"openings"})
_BULK_RESULTS: Final = 500

_REQUEST_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "One event (structured, or binary with `ce-` headers), a batch, or NDJSON; gzip is accepted.",
        "content": {
            "application/cloudevents+json": {"schema": EVENT},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": EVENT}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One event a line."}},
            "application/json": {
                "schema": {"description": "Binary mode: the event's data; any other media type may stand here."}
            },
        },
    },
    "parameters": [
        {
            "name": "openings",
            "in": "query",
            "schema": {"type": "boolean", "default": False},
            "description": "Whether results carry what opens their public entries.",
        },
        {
            "name": "Prefer",
            "in": "header",
            "schema": {"type": "string"},
            "description": "`respond-async`: answer as soon as the events are sequenced. `wait=N`: wait at most N seconds.",
        },
        *(
            {
                "name": f"ce-{name}",
                "in": "header",
                "schema": {"type": "string"},
                "description": "Binary mode only, and required there; other attributes come as `ce-` headers too.",
            }
            for name in ("specversion", "id", "source", "type")
        ),
    ],
}


@router.post(
    PATH,
    summary="Record events",
    responses={
        200: {"model": SingleAnswer | BatchAnswer, "description": "A repeat, or the answer to a batch."},
        201: {"model": SingleAnswer, "description": "A new event, published."},
        202: {"model": SingleAnswer, "description": "Durable and sequenced, not yet published."},
    },
    openapi_extra=_REQUEST_BODY,
)
async def post_events(request: Request) -> Response:
    """Appends events to the log. Identity is (source, id): the same event again gets its first receipt, another is a conflict.

    Answers wait until the events are published, unless `Prefer` says otherwise. A batch is not all-or-nothing.
    """
    container: Container = request.app.state.container
    openings = _wants_openings(request)
    admission = await admit(request, ROUTE)
    caller = admission.caller
    caller.require_key()
    mode = content_mode(request.headers)
    encoding = content_encoding(request.headers)
    wanted = preference(request.headers)
    log = await container.log()
    await container.history.require_current()
    ingest: Ingest = request.app.state.ingest
    bytes_max = body_limit(container, mode)
    async with container.budget.reserve(announced_bytes(request, bytes_max)) as reservation:
        raw = await read_body(request, bytes_max, reservation)
        await admission.use_signature(raw)
        started = time.perf_counter()
        unpacked = await ingest.unpack(mode, encoding, request.headers.items(), raw, bytes_max)
        outcomes = await ingest.append(log, caller, unpacked)
    await _note_refused_items(request, outcomes, mode)
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    view = await ingest.wait(accepted, wanted)
    shown = await ingest.openings(log, accepted) if openings else None
    if mode.is_single:
        response = _single(log, outcomes[0], view, shown)
    elif len(outcomes) <= _BULK_RESULTS:
        response = _batch(log, outcomes, accepted, view, shown)
    else:
        response = await ingest.in_lane(lambda: _batch(log, outcomes, accepted, view, shown))
    _apply(wanted, response)
    metrics.ACKNOWLEDGEMENT.observe(time.perf_counter() - started)
    return response


async def _note_refused_items(request: Request, outcomes: list[Outcome], mode: ContentMode) -> None:
    """A foreign source inside a batch is a refused attempt like any other; alone, it is the answer and noted as that."""
    refused = None if mode.is_single else next((item for item in outcomes if isinstance(item, AccessError)), None)
    if refused is not None:
        await note_refusal(request.scope, refused)


def _wants_openings(request: Request) -> bool:
    if not request.scope["query_string"]:
        return False
    check_query(request.query_params, _QUERY)
    value = request.query_params.get("openings", "false")
    if value not in {"true", "false"}:
        raise InputError("openings is true or false.")
    return value == "true"


def body_limit(container: Container, mode: ContentMode) -> int:
    """Most bytes of a body in this mode, before and after decompression."""
    settings = container.settings
    if mode.is_single:
        return min(settings.body_bytes_max, SINGLE_BYTES_PER_EVENT_BYTE * settings.event_bytes_max)
    return settings.body_bytes_max


def _single(log: OpenLog, outcome: Outcome, view: LogView | None, openings: list[dict[str, Any]] | None) -> Response:
    if isinstance(outcome, LedgerError):
        raise outcome
    result = result_value(outcome.event.source, outcome.event.id, outcome.sequenced, view)
    if openings is not None:
        result["opening"] = openings[0]
    status = 202
    if result["tree_size"] is not None:
        status = 201 if outcome.outcome is AppendOutcome.NEW else 200
    receipt = log.signer.receipt([outcome.sequenced], view)
    return _json(answer(receipt, "result", result), status)


def _batch(
    log: OpenLog,
    outcomes: list[Outcome],
    accepted: list[Accepted],
    view: LogView | None,
    openings: list[dict[str, Any]] | None,
) -> Response:
    results: list[dict[str, Any]] = []
    taken = 0
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, LedgerError):
            results.append({"index": index, "problem": problem_document(outcome)})
            continue
        result = result_value(outcome.event.source, outcome.event.id, outcome.sequenced, view)
        if openings is not None:
            result["opening"] = openings[taken]
        results.append(result)
        taken += 1
    receipt = log.signer.receipt([item.sequenced for item in accepted], view)
    return _json(answer(receipt, "results", results), 200)


def _json(content: bytes, status: int) -> Response:
    return Response(content, status_code=status, media_type="application/json")


def _apply(wanted: Preference, response: Response) -> None:
    if wanted.applied is not None:
        response.headers["Preference-Applied"] = wanted.applied
        response.headers["Vary"] = "Prefer"


class DirectIngest:
    """Hands ``POST /v1/events`` to its handler past the framework's routing, which would cost more than the request's own work.

    The route is registered with the framework as well: it is the same function, so documents and tests of routes see it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        scope[ROUTE_LABEL] = PATH
        try:
            response = await post_events(Request(scope, receive))
        except LedgerError as error:
            await note_refusal(scope, error)
            response = failure_response(scope, error)
        await response(scope, receive, send)
