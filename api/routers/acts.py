"""Signed acts: what waits for a signature, what is to be signed, and the signatures themselves. No private key is ever sent here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.schemas.acts import (
    ACT_ID,
    ACT_STATE,
    DEADLINE_MAX,
    PLACE_MAX,
    ActAnswer,
    ActsAnswer,
    SignAct,
    TypedDataAnswer,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, etag, write, write_extra
from ledger.adapters.sql.acts import page_of_acts
from ledger.adapters.sql.objects import PAGE_MAX, ChainCall, chain_calls_of, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.act_life import KIND
from ledger.log.timestamps import format_time
from ledger.services.act_lapse import is_lapsed
from ledger.services.act_sm2 import Sm2Signature
from ledger.services.acts import document_to_sign, sign_act
from ledger.services.business import StoredObject

router = APIRouter(tags=["acts"], dependencies=[STRICT_QUERY])

ActId = Annotated[str, Path(pattern=ACT_ID)]


@router.get("/v1/acts", summary="Acts to sign and signed", responses={200: {"model": ActsAnswer}})
async def get_acts(
    request: Request,
    container: ContainerOf,
    *,
    waiting_for: Annotated[str | None, Query(pattern=r"^me$", description="Only those that wait for my body.")] = None,
    state: Annotated[str | None, Query(pattern=ACT_STATE)] = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """The acts of which the caller's body is a party, oldest first; readers of all see every one."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        states = () if state is None else (state,)
        is_waiting = waiting_for is not None
        now = container.clock.now()
        page = page_of_acts(
            connection, caller.actor, is_waiting=is_waiting, now=now, states=states, cursor=cursor, limit=limit
        )
        return {"items": [_item(stored, now) for stored in page.items], "next_cursor": page.next_cursor}

    return _json(await read_as_caller(request, query))


@router.get(
    "/v1/acts/{act_id}",
    summary="An act",
    responses={200: {"model": ActAnswer, "headers": {"ETag": {"schema": {"type": "string"}}}}},
)
async def get_act(request: Request, container: ContainerOf, act_id: ActId) -> Response:
    """What is signed, by whom, and what became of its contract call."""

    def query(connection: Connection, caller: Caller) -> tuple[dict[str, Any], int]:
        stored = read_object(connection, caller.actor, KIND, act_id)
        return _act(stored, chain_calls_of(connection, stored), container.clock.now()), stored.revision

    value, revision = await read_as_caller(request, query)
    return _json(value, {"ETag": etag(revision)})


@router.get(
    "/v1/acts/{act_id}/typed-data",
    summary="What is to be signed",
    responses={200: {"model": TypedDataAnswer}},
)
async def get_typed_data(
    request: Request,
    container: ContainerOf,
    act_id: ActId,
    place: Annotated[int, Query(ge=0, le=PLACE_MAX)],
    deadline: Annotated[int, Query(ge=0, le=DEADLINE_MAX)],
) -> Response:
    """The EIP-712 document for the signer at `place`, without an SM2 signature; `deadline` in Unix seconds."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, act_id)
        preparer = container.open_log(connection).preparer
        uow = SqlUnitOfWork(connection, preparer, caller.actor, contracts=container.contracts)
        return document_to_sign(uow, stored, place=place, deadline=deadline)

    return _json(await read_as_caller(request, query))


@router.post(
    "/v1/acts/{act_id}/signatures",
    status_code=201,
    summary="Sign an act",
    responses={201: {"model": ActAnswer, "headers": {"ETag": {"schema": {"type": "string"}}}}},
    openapi_extra=write_extra(SignAct),
)
async def post_signature(request: Request, act_id: ActId) -> Response:
    """Takes one signature, made elsewhere; with the last one the contract is called. The signer's body sends it, or the operator."""

    def use_case(uow: SqlUnitOfWork, command: SignAct) -> Answer:
        sm2 = command.sm2
        stored = sign_act(
            uow,
            act_id,
            place=command.place,
            key=_octets(command.key),
            deadline=command.deadline,
            signature=_octets(command.signature),
            sm2=None if sm2 is None else Sm2Signature(_octets(sm2.public_key), _octets(sm2.signature)),
        )
        value = _act(stored, chain_calls_of(uow.connection, stored), uow.now)
        return Answer(value, status=201, revision=stored.revision)

    return await write(request, SignAct, use_case)


def _act(stored: StoredObject, calls: Sequence[ChainCall], now: datetime) -> dict[str, Any]:
    shown = [
        {
            "call_id": call.call_id,
            "state": call.state,
            "tx_hash": None if call.tx_hash is None else "0x" + call.tx_hash.hex(),
            "block_number": call.block_number,
            "reason": call.reason,
        }
        for call in calls
    ]
    return {**_item(stored, now), "calls": shown}


def _item(stored: StoredObject, now: datetime) -> dict[str, Any]:
    document = stored.document
    at = document.get("chain")
    return {
        "act_id": stored.object_id,
        "act": document["act"],
        "function": document["function"],
        "state": stored.state,
        "revision": stored.revision,
        "subject": document["subject"],
        "message": document["message"],
        "signers": [_signer(stored, place, now) for place in range(len(document["signers"]))],
        "chain": None
        if at is None
        else {
            "tx_hash": "0x" + at["tx_hash"],
            "block_number": at["block_number"],
            "block_hash": "0x" + at["block_hash"],
        },
        "refused_because": document.get("refused_because"),
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def _signer(stored: StoredObject, place: int, now: datetime) -> dict[str, Any]:
    """One of the act's signers. The signature itself is for the contract: whoever has it could relay it."""
    document = stored.document
    signer, given = document["signers"][place], document["signatures"].get(str(place))
    return {
        "place": place,
        "participant": signer["participant"],
        "body_id": "0x" + signer["body_id"],
        "purpose": signer["purpose"],
        "keys": ["0x" + key for key in signer["keys"]],
        "signed": given is not None,
        "lapsed": is_lapsed(stored, place, now),
        "key": None if given is None else "0x" + given["key"],
        "deadline": None if given is None else given["deadline"],
    }


def _octets(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _json(value: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers=headers)
