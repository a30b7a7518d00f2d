"""Reading the platform's books: differences, copies, acts, status, health."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query
from sqlalchemy import Connection, text
from starlette.responses import Response

from api.platform.access import ContainerOf, Reader
from api.platform.answers import act_value, copy_value, count_values, difference_value, kind_values
from api.platform.schemas import (
    ACT_ID,
    ACT_STATE,
    CAUSE,
    CURSOR,
    KIND,
    NAME,
    OWNER,
    PHASE,
    ActAnswer,
    ActsAnswer,
    CopyAnswer,
    DifferencesAnswer,
    LiveAnswer,
    ReadyAnswer,
    StatusAnswer,
)
from api.problems import problem_response
from api.strict_requests import STRICT_QUERY
from ledger.adapters.platform import reading
from ledger.adapters.platform.reading import DIFFERING, OPEN, Wanted
from ledger.errors import UnavailableError

router = APIRouter(dependencies=[STRICT_QUERY])

PAGE_MAX = 200
READY = "ready"
Cursor = Annotated[str | None, Query(pattern=CURSOR)]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]


@router.get("/livez", tags=["health"], summary="Is the process alive?", responses={200: {"model": LiveAnswer}})
async def get_livez() -> Response:
    """Answers as long as the event loop runs; asks nobody."""
    return json_response({"status": "alive"})


@router.get("/readyz", tags=["health"], summary="Is every part ready?", responses={200: {"model": ReadyAnswer}})
async def get_readyz(container: ContainerOf) -> Response:
    """Database and follower. That the trading platform is away makes this platform no less ready: its status says it."""
    parts = {"database": READY, "follower": READY if container.worker.leads else "waiting"}
    try:
        await container.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
    except UnavailableError:
        parts["database"] = "away"
    if all(state == READY for state in parts.values()):
        return json_response({"status": READY, "parts": parts})
    waiting = ", ".join(f"{part} is {state}" for part, state in parts.items() if state != READY)
    return problem_response(UnavailableError(f"Not ready: {waiting}."))


@router.get("/v1/status", tags=["books"], summary="How this platform stands", responses={200: {"model": StatusAnswer}})
async def get_status(_: Reader, container: ContainerOf) -> Response:
    """How far each kind was read, what differs by cause and owner, and which acts wait for an answer."""
    settings, now = container.settings, container.clock.now()

    def query(connection: Connection) -> dict[str, Any]:
        counted = reading.counts(connection, now, container.tolerance)
        return {"kinds": kind_values(reading.positions(connection), now), **count_values(counted)}

    own = {
        "subject_code": settings.subject_code,
        "peer_url": settings.peer_url,
        "token_key": container.keys.token_public_key.hex(),
        "reads_chain": settings.rpc_url is not None,
        "tolerance_s": settings.tolerance_s,
    }
    return json_response({**own, **await container.read(query)})


@router.get(
    "/v1/differences",
    tags=["books"],
    summary="What differs between both platforms",
    responses={200: {"model": DifferencesAnswer}},
)
async def get_differences(
    _: Reader,
    container: ContainerOf,
    *,
    phase: Annotated[
        str, Query(pattern=PHASE, description="Without it those that are older than the tolerance.")
    ] = DIFFERING,
    kind: Annotated[str | None, Query(pattern=KIND)] = None,
    cause: Annotated[str | None, Query(pattern=CAUSE)] = None,
    owner: Annotated[str | None, Query(pattern=OWNER)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """By cause, age and owner, oldest first. A difference that has ended is kept with its end."""
    now, wanted = container.clock.now(), Wanted(phase, kind, cause, owner)

    def query(connection: Connection) -> dict[str, Any]:
        found = reading.page_of_differences(
            connection, wanted, now, container.tolerance, after=int(cursor or 0), limit=limit + 1
        )
        items = [difference_value(one, now, container.tolerance) for one in found[:limit]]
        return {"items": items, "next_cursor": str(items[-1]["number"]) if len(found) > limit else None}

    return json_response(await container.read(query))


@router.get("/v1/copies/{kind}/{object_id}", tags=["books"], summary="A copy", responses={200: {"model": CopyAnswer}})
async def get_copy(
    _: Reader,
    container: ContainerOf,
    kind: Annotated[str, Path(pattern=KIND)],
    object_id: Annotated[str, Path(pattern=NAME)],
) -> Response:
    """An object as it was seen first under its highest revision, with what differs in it."""
    now = container.clock.now()

    def query(connection: Connection) -> dict[str, Any]:
        copy = reading.copy_of(connection, kind, object_id)
        wanted = Wanted(OPEN, kind, object_id=object_id)
        found = reading.page_of_differences(connection, wanted, now, container.tolerance, after=0, limit=PAGE_MAX)
        return copy_value(copy, [difference_value(one, now, container.tolerance) for one in found])

    return json_response(await container.read(query))


@router.get("/v1/acts", tags=["acts"], summary="Acts of this platform", responses={200: {"model": ActsAnswer}})
async def get_acts(
    _: Reader,
    container: ContainerOf,
    *,
    state: Annotated[str | None, Query(pattern=ACT_STATE)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Oldest first."""

    def query(connection: Connection) -> dict[str, Any]:
        found = reading.page_of_acts(connection, state, after=int(cursor or 0), limit=limit + 1)
        more = len(found) > limit
        return {
            "items": [act_value(act) for _, act in found[:limit]],
            "next_cursor": str(found[limit - 1][0]) if more else None,
        }

    return json_response(await container.read(query))


@router.get("/v1/acts/{act_id}", tags=["acts"], summary="An act", responses={200: {"model": ActAnswer}})
async def get_act(_: Reader, container: ContainerOf, act_id: Annotated[str, Path(pattern=ACT_ID)]) -> Response:
    """What was asked for, and what the trading platform answered."""
    return json_response(await container.read(lambda connection: act_value(reading.read_act(connection, act_id))))


def json_response(value: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer."""
    return Response(orjson.dumps(value), status, headers, media_type="application/json")
