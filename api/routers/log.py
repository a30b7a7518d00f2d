"""The log as outsiders see it: its facts, its anchors, and its tiles (C2SP tlog-tiles)."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.container import Container, OpenLog
from api.dependencies import ContainerOf, read_as_caller
from api.schemas.log import AnchorsAnswer, LogAnswer
from api.strict_requests import STRICT_QUERY
from ledger.adapters.sql import anchoring, chain_calls, contract_events, deadlines
from ledger.adapters.sql.anchoring import AnchoredHead
from ledger.domain.working_days import day_in_shanghai
from ledger.errors import InvalidPathError, NotFoundError
from ledger.log.tiles import parse_tile_path
from ledger.log.timestamps import format_time
from ledger.log.trust import PROFILE_DEVELOPMENT
from ledger.log.typed_data import to_checksum_address

router = APIRouter(tags=["log"])

DEVELOPMENT_NOTE: Final = "development chain, no consensus"
ANCHORS_MAX: Final = 1_000

_FULL_TILE = "public, max-age=31536000, immutable"
_PARTIAL_TILE = "public, max-age=60"
_CHECKPOINT = "public, no-cache"


@router.get("/v1/log", summary="Facts of the log", responses={200: {"model": LogAnswer}}, dependencies=[STRICT_QUERY])
async def get_log(container: ContainerOf) -> Response:
    """Origin, keys, contract and chain of the log, and how far every stage has come."""

    def query(connection: Connection) -> dict[str, Any]:
        log = container.open_log(connection)
        marks = container.read_view(connection).watermarks
        return {
            "origin": log.identity.origin,
            "log_id": "0x" + log.identity.log_id.hex(),
            "verifier_key": log.identity.verifier_key,
            "receipt_key": log.shard.receipt_key.hex(),
            "anchor_address": to_checksum_address(log.identity.anchor_address),
            "opened_at": format_time(log.shard.opened_at),
            "chain": _chain(container, log),
            "tree_sizes": {
                "sequenced": marks.sequenced,
                "published": marks.published,
                "anchored": marks.anchored,
                "final": marks.final,
            },
            "contract_events": _contract_events(connection),
            "chain_calls": _chain_calls(connection),
            "deadlines": _deadlines(connection),
            "calendar": _calendar(container),
        }

    return _json(await container.read(query))


@router.get(
    "/v1/anchors", summary="Anchored heads", responses={200: {"model": AnchorsAnswer}}, dependencies=[STRICT_QUERY]
)
async def get_anchors(
    request: Request,
    container: ContainerOf,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,15}$")] = None,
    limit: Annotated[int, Query(ge=1, le=ANCHORS_MAX)] = 100,
) -> Response:
    """The heads that the chain holds, by size."""

    def query(connection: Connection, _caller: Caller) -> dict[str, Any]:
        log = container.open_log(connection)
        heads = anchoring.anchored_heads(
            connection, after_tree_size=0 if cursor is None else int(cursor), limit=limit + 1
        )
        more = len(heads) > limit
        heads = heads[:limit]
        return {
            "chain": _chain(container, log),
            "items": [_anchor(head) for head in heads],
            "next_cursor": str(heads[-1].tree_size) if more else None,
        }

    return _json(await read_as_caller(request, query))


@router.get(
    "/log/checkpoint",
    summary="The newest checkpoint",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_checkpoint(container: ContainerOf) -> Response:
    """The newest published checkpoint, a C2SP signed note."""
    note = await container.run(container.tile_store.read_checkpoint)
    if note is None:
        raise NotFoundError("No checkpoint was published yet.")
    return Response(note.encode(), media_type="text/plain; charset=utf-8", headers={"Cache-Control": _CHECKPOINT})


@router.get(
    "/log/tile/{path:path}",
    summary="A hash tile or an entry bundle",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_tile(path: str, container: ContainerOf) -> Response:
    """`/log/tile/<level>/<index>[.p/<width>]` or `/log/tile/entries/<index>[.p/<width>]` (C2SP tlog-tiles)."""
    name = f"tile/{path}"
    try:
        address = parse_tile_path(name)
        data = await container.run(lambda: container.tile_store.read(name))
    except (InvalidPathError, NotFoundError) as error:
        raise NotFoundError("The log has no such tile.") from error
    caching = _FULL_TILE if address.is_full else _PARTIAL_TILE
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": caching})


# C2SP clients may probe with HEAD; the server leaves the body out by itself.
router.add_api_route("/log/checkpoint", get_checkpoint, methods=["HEAD"], include_in_schema=False)
router.add_api_route("/log/tile/{path:path}", get_tile, methods=["HEAD"], include_in_schema=False)


def _chain(container: Container, log: OpenLog) -> dict[str, Any]:
    profile = container.settings.profile
    return {
        "chain_id": log.identity.chain_id,
        "evidence_log": to_checksum_address(log.identity.evidence_log),
        "profile": profile,
        "note": DEVELOPMENT_NOTE if profile == PROFILE_DEVELOPMENT else None,
    }


def _contract_events(connection: Connection) -> dict[str, Any] | None:
    position = contract_events.read_cursor(connection)
    if position is None:
        return None
    return {
        "block_number": position.number,
        "block_hash": None if position.block_hash is None else "0x" + position.block_hash.hex(),
        "final_block_number": position.final_number,
        "undone_blocks": position.undone_blocks,
        "followed_at": format_time(position.followed_at),
    }


def _chain_calls(connection: Connection) -> dict[str, Any]:
    waiting = chain_calls.waiting(connection)
    since = None if waiting.since is None else format_time(waiting.since)
    return {"waiting": waiting.count, "waiting_since": since, **waiting.by_state}


def _calendar(container: Container) -> dict[str, Any]:
    calendar = container.calendar.current()
    return {
        "first": calendar.first.isoformat(),
        "last": calendar.last.isoformat(),
        "days_left": calendar.days_left(day_in_shanghai(container.clock.now())),
        "digest": calendar.digest.hex(),
        "refused": container.calendar.error(),
    }


def _deadlines(connection: Connection) -> dict[str, Any]:
    found = deadlines.figures(connection)
    return {"open": found.open, "breached": found.breached, "breached_and_owed": found.owed}


def _anchor(head: AnchoredHead) -> dict[str, Any]:
    return {
        "tree_size": head.tree_size,
        "root_hash": head.root_hash.hex(),
        "tx_hash": "0x" + head.tx_hash.hex(),
        "block_number": head.block_number,
        "block_hash": "0x" + head.block_hash.hex(),
        "state": head.state,
        "mined_at": format_time(head.mined_at),
        "final_at": None if head.final_at is None else format_time(head.final_at),
    }


def _json(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
