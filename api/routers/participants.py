"""Participants: application, reading, history, sealed facts, the public list, and the comparison with the chain."""

import secrets
from dataclasses import asdict
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.participant_views import participant_view, waiting_view, whitelist_view
from api.routers.participant_acts import Code
from api.schemas.participant_answers import (
    DifferencesAnswer,
    FactsAnswer,
    HistoryAnswer,
    ParticipantAnswer,
    ParticipantsAnswer,
    WaitingAnswer,
    WaitingApplicationsAnswer,
    WhitelistAnswer,
)
from api.schemas.participants import CODE, ApplyParticipant
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, etag, write, write_extra
from ledger.adapters.sql.objects import page_of_history, page_of_objects, read_object
from ledger.adapters.sql.participant_comparison import REGISTRY, compare_participants
from ledger.adapters.sql.participants import whitelist
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain import waiting_application
from ledger.domain.participant import KIND
from ledger.domain.participant_life import LIFE
from ledger.domain.roles import OPERATOR, REGULATOR
from ledger.errors import AccessError, NotFoundError
from ledger.log.timestamps import format_time
from ledger.services.participant_records import SALT_BYTES
from ledger.services.participants import apply

router = APIRouter(tags=["participants"], dependencies=[STRICT_QUERY])

PAGE_MAX: Final = 200
FACTS_READERS: Final = frozenset({OPERATOR, REGULATOR})

_STATES: Final = "|".join(sorted(LIFE.states))
Cursor = Annotated[str | None, Query(pattern=r"^[0-9TZ:.~A-Z-]{1,80}$")]
WaitingCursor = Annotated[str | None, Query(pattern=r"^[0-9TZ:.~A-Z/-]{1,100}$")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX)]
COMPARED_A_PAGE = 1_000
_DIFFERENCES_CURSOR = rf"^({CODE[1:-1]}|0x([0-9a-f]{{64}})?)$"


@router.post(
    "/v1/participants",
    summary="Apply for admission",
    status_code=201,
    responses={201: {"model": ParticipantAnswer}, 202: {"model": WaitingAnswer}},
    openapi_extra=write_extra(ApplyParticipant),
)
async def post_participant(request: Request) -> Response:
    """Hands in an application, for the body that the caller belongs to or will belong to. After a rejection it is handed in anew.

    202: somebody else has applied for this code and has not been found to be its body. This application is reviewed if that one is
    rejected; `GET /v1/waiting-applications` tells what became of it.
    """

    def use_case(uow: SqlUnitOfWork, command: ApplyParticipant) -> Answer:
        stored = apply(uow, command.application(), secrets.token_bytes(SALT_BYTES))
        if stored.kind != KIND:
            return Answer(waiting_view(stored), status=202)
        view = participant_view(uow.connection, stored, uow.now)
        location = {"Location": f"/v1/participants/{stored.object_id}"}
        return Answer(view, status=201, revision=stored.revision, headers=location)

    return await write(request, ApplyParticipant, use_case)


@router.get("/v1/participants", summary="List participants", responses={200: {"model": ParticipantsAnswer}})
async def get_participants(
    request: Request,
    container: ContainerOf,
    *,
    state: Annotated[str | None, Query(pattern=f"^({_STATES})$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Those that the caller may see, in the order of their applications."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        states = () if state is None else (state,)
        page = page_of_objects(connection, caller.actor, KIND, states=states, cursor=cursor, limit=limit)
        now = container.clock.now()
        return {
            "items": [participant_view(connection, stored, now) for stored in page.items],
            "next_cursor": page.next_cursor,
        }

    return _json(await read_as_caller(request, query))


@router.get(
    "/v1/waiting-applications",
    summary="List waiting applications",
    responses={200: {"model": WaitingApplicationsAnswer}},
)
async def get_waiting_applications(request: Request, *, cursor: WaitingCursor = None, limit: Limit = 50) -> Response:
    """Those that the caller handed in for a code that somebody else had applied for: which wait, and how the others ended."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(connection, caller.actor, waiting_application.KIND, cursor=cursor, limit=limit)
        return {"items": [waiting_view(stored) for stored in page.items], "next_cursor": page.next_cursor}

    return _json(await read_as_caller(request, query))


@router.get(
    "/v1/participants/differences",
    summary="Compare participants with the chain",
    responses={200: {"model": DifferencesAnswer}},
)
async def get_differences(
    request: Request,
    container: ContainerOf,
    *,
    cursor: Annotated[str | None, Query(pattern=_DIFFERENCES_CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=COMPARED_A_PAGE)] = 200,
) -> Response:
    """What is otherwise here than in the registry contract, as far as its events were followed; `limit` participants at a time.

    Behind the last one come the bodies of the contract that nobody has here. Go on from `next_cursor` until it is null.
    """

    def query(connection: Connection, _caller: Caller) -> dict[str, Any]:
        registry = container.contracts.get(REGISTRY)
        if registry is None:
            raise NotFoundError("This service works with no contract suite, so there is nothing to compare with.")
        page = compare_participants(connection, registry, after=cursor or "", limit=limit)
        return {
            "block_number": page.comparison.block_number,
            "compared": page.comparison.compared,
            "items": [asdict(one) for one in page.comparison.differences],
            "next_cursor": page.next_cursor,
        }

    return _json(await read_as_caller(request, query))


@router.get("/v1/participants/{code}", summary="Read a participant", responses={200: {"model": ParticipantAnswer}})
async def get_participant(request: Request, container: ContainerOf, code: Code) -> Response:
    """One participant, with the step that waits for the chain; its `ETag` is what an act is based on."""

    def query(connection: Connection, caller: Caller) -> tuple[dict[str, Any], int]:
        stored = read_object(connection, caller.actor, KIND, code)
        return participant_view(connection, stored, container.clock.now()), stored.revision

    view, revision = await read_as_caller(request, query)
    return _json(view, {"ETag": etag(revision)})


@router.get("/v1/participants/{code}/history", summary="Its revisions", responses={200: {"model": HistoryAnswer}})
async def get_history(
    request: Request,
    code: Code,
    *,
    cursor: Annotated[str | None, Query(pattern=r"^[1-9][0-9]{0,17}$")] = None,
    limit: Limit = 50,
) -> Response:
    """Which act made each revision, by whom and when; oldest first, a page at a time: it goes on from `next_cursor`."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, code)
        page = page_of_history(connection, stored, has_documents=False, cursor=cursor, limit=limit)
        return {
            "items": [
                {
                    "revision": one.revision,
                    "act": one.act,
                    "state": one.state,
                    "account": one.account,
                    "participant": one.participant,
                    "changed_at": format_time(one.changed_at),
                }
                for one in page.items
            ],
            "next_cursor": page.next_cursor,
        }

    return _json(await read_as_caller(request, query))


@router.get("/v1/participants/{code}/facts", summary="Its real-name facts", responses={200: {"model": FactsAnswer}})
async def get_facts(request: Request, container: ContainerOf, code: Code) -> Response:
    """The sealed part, for the body itself, its applicant, the operator and the regulator."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        actor = caller.actor
        stored = read_object(connection, actor, KIND, code)
        if actor.participant != code and actor.account_id not in stored.parties and not actor.roles & FACTS_READERS:
            raise AccessError("Real-name facts are read by the body itself, the operator and the regulator.")
        preparer = container.open_log(connection).preparer
        private = SqlUnitOfWork(connection, preparer, actor, contracts={}).private(stored)
        return {
            "code": code,
            "facts_digest": stored.document["facts_digest"],
            "salt": private["salt"],
            "facts": private["facts"] or None,
        }

    return _json(await read_as_caller(request, query))


@router.get("/v1/whitelist", summary="Admitted bodies", responses={200: {"model": WhitelistAnswer}})
async def get_whitelist(
    container: ContainerOf,
    *,
    role: Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$")] = None,
    cursor: Annotated[str | None, Query(pattern=CODE)] = None,
    limit: Limit = 50,
) -> Response:
    """Bodies that are admitted now, with their qualification: public, as the sources ask. `role=service_party` is the list of those."""

    def query(connection: Connection) -> dict[str, Any]:
        found = whitelist(connection, role=role, after=cursor or "", limit=limit + 1)
        page, now = found[:limit], container.clock.now()
        return {
            "items": [whitelist_view(stored, now) for stored in page],
            "next_cursor": page[-1].object_id if len(found) > limit else None,
        }

    return _json(await container.read(query))


def _json(value: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers=headers)
