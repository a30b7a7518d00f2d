"""Reading events: state and log receipt, proof, search."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.container import OpenLog
from api.dependencies import ContainerOf, read_as_caller
from api.proof_files import proof_file
from api.rendering import answer, result_value, state_of
from api.schemas.events import SearchAnswer, SingleAnswer
from api.schemas.log import ProofFile
from api.strict_requests import STRICT_QUERY
from api.watching import LogView
from ledger.adapters.sql import reading
from ledger.errors import AccessError, InputError, NotFoundError
from ledger.log.envelope import parse_envelope
from ledger.log.tags import KINDS
from ledger.log.timestamps import format_time, parse_rfc3339
from ledger.services.events import NAME_CHARACTERS_MAX
from ledger.services.proofs import open_event

router = APIRouter(tags=["events"], dependencies=[STRICT_QUERY])

SEARCH_ITEMS_MAX = 1_000

Source = Annotated[str, Query(min_length=1, max_length=NAME_CHARACTERS_MAX, description="The event's source.")]
EventId = Annotated[str, Query(min_length=1, max_length=NAME_CHARACTERS_MAX, alias="id", description="The event's id.")]
Text = Annotated[str | None, Query(min_length=1, max_length=8_192, pattern=r"^[^\x00]*$")]  # PostgreSQL text has no NUL
Time = Annotated[str | None, Query(max_length=64, description="RFC 3339 with a zone.")]


@router.get("/v1/events", summary="State and log receipt of an event", responses={200: {"model": SingleAnswer}})
async def get_event(request: Request, container: ContainerOf, source: Source, event_id: EventId) -> Response:
    """The event's state, with the facts and deadlines of its first acknowledgement, newly signed."""

    def query(connection: Connection, caller: Caller) -> tuple[OpenLog, reading.StoredEvent, LogView]:
        log = container.open_log(connection)
        event = _find(connection, caller, log, source, event_id)
        return log, event, container.read_view(connection)

    log, event, view = await read_as_caller(request, query)
    result = result_value(source, event_id, event.sequenced, view)
    content = answer(log.signer.receipt([event.sequenced], view), "result", result)
    return Response(content, media_type="application/json")


@router.get(
    "/v1/events/proof",
    summary="Proof file of an event",
    responses={200: {"model": ProofFile}},
)
async def get_proof(
    request: Request,
    container: ContainerOf,
    *,
    source: Source,
    event_id: EventId,
    redact: Annotated[
        list[str], Query(max_length=256, description="JSON pointers into the body, of fields to withhold.")
    ] = [],  # noqa: B006  FastAPI copies defaults
    as_of_tree_size: Annotated[
        int | None,
        Query(ge=1, le=2**53 - 1, description="The size of the published checkpoint that the proof is to use."),
    ] = None,
) -> Response:
    """The proof file, byte for byte as it is to be kept: verifiers compare it with its canonical form.

    It uses the checkpoint that was anchored, when one that covers the event is; else the first published one that covers it.
    """

    def query(connection: Connection, caller: Caller) -> bytes:
        log = container.open_log(connection)
        event = _find(connection, caller, log, source, event_id)
        return proof_file(connection, container, event, redact=redact, as_of=as_of_tree_size)

    return Response(await read_as_caller(request, query), media_type="application/json")


@router.get("/v1/events/search", summary="Search events", responses={200: {"model": SearchAnswer}})
async def search_events(
    request: Request,
    container: ContainerOf,
    *,
    received_from: Time = None,
    received_to: Time = None,
    type: Text = None,  # noqa: A002  the attribute's name
    submitter: Text = None,
    tag_kind: Text = None,
    tag_value: Text = None,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}$")] = None,
    limit: Annotated[int, Query(ge=1, le=SEARCH_ITEMS_MAX)] = 100,
) -> Response:
    """Events by receipt time [from, to), type, submitter and stream tag; all that are given must hold.

    The answer is complete up to `complete_to_tree_size`. A platform service sees its own events only.
    """
    if (tag_kind is None) != (tag_value is None):
        raise InputError("tag_kind and tag_value go together.")
    if tag_kind is not None and tag_kind not in KINDS:
        raise InputError(f"The tag kinds are {', '.join(KINDS)}.")
    tag = None
    if tag_kind is not None and tag_value is not None:
        tag = bytes.fromhex(container.tag_keys.tag(tag_kind, tag_value))
    wanted = reading.SearchQuery(
        received_from=_time("received_from", received_from),
        received_to=_time("received_to", received_to),
        type=type,
        submitter=submitter,
        tag=tag,
        after_leaf_index=None if cursor is None else int(cursor),
        limit=limit,
    )

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        container.open_log(connection)
        scoped = _scoped(wanted, caller)
        view = container.read_view(connection)
        page = (
            reading.SearchPage([], None, view.watermarks.published)
            if scoped is None
            else reading.search(connection, scoped)
        )
        return {
            "items": [_found(container, event, view) for event in page.events],
            "next_cursor": None if page.next_after is None else str(page.next_after),
            "complete_to_tree_size": page.complete_to,
        }

    return _json(await read_as_caller(request, query))


def _time(name: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_rfc3339(text)
    except InputError as error:
        raise InputError(f"{name}: {error.detail}") from error


def _find(connection: Connection, caller: Caller, log: OpenLog, source: str, event_id: str) -> reading.StoredEvent:
    event = reading.find_event(connection, log.preparer.identity_of(source, event_id))
    # An event of somebody else is not found: that it exists is not the caller's business.
    if event is None or not caller.may_read(parse_envelope(event.envelope).submitter):
        raise NotFoundError("The log has no such event.")
    return event


def _scoped(wanted: reading.SearchQuery, caller: Caller) -> reading.SearchQuery | None:
    """The search narrowed to what the caller may see; None when that can hold nothing."""
    if caller.reads_all:
        return wanted
    own = caller.submitters
    if wanted.submitter is not None and wanted.submitter not in own:
        raise AccessError("This role may search its own events only.")
    if wanted.submitter is None and len(own) > 1:
        raise InputError("This body has several submitter codes; name one as submitter.")
    return replace(wanted, submitter=wanted.submitter or min(own)) if own else None


def _found(container: ContainerOf, event: reading.StoredEvent, view: LogView) -> dict[str, Any]:
    opening = open_event(event, container.sealer)
    return {
        "source": None if opening.event is None else opening.event.source,
        "id": None if opening.event is None else opening.event.id,
        "type": opening.envelope.type,
        "submitter": opening.envelope.submitter,
        "state": str(state_of(event.leaf_index, view)),
        "leaf_index": event.leaf_index,
        "leaf_hash": event.leaf_hash.hex(),
        "received_at": format_time(event.received_at),
        "erased": opening.is_erased,
    }


def _json(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
