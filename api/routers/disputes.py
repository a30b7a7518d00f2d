"""Disputes about orders and agreements: complaint, thread of messages, mediation, settlement, referral, ruling."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import ContainerOf, read_as_caller
from api.life_answers import answer, dispute_value, message_value
from api.reads import json_response, read_with_etag
from api.schemas.disputes import (
    DISPUTE_ID,
    DISPUTE_STATE,
    AcceptSettlement,
    ComplainOf,
    DisputeAnswer,
    DisputeMessagesAnswer,
    DisputesAnswer,
    ReferDispute,
    StatementOf,
)
from api.schemas.products import NothingToSay
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, M, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.dispute import KIND, MESSAGE, Complaint, Statement
from ledger.services import dispute_referral, disputes
from ledger.services.business import Actor, StoredObject

router = APIRouter(tags=["disputes"], dependencies=[STRICT_QUERY])

LIST: Final = "/v1/disputes"
ONE: Final = f"{LIST}/{{dispute_id}}"
DisputeId = Annotated[str, Path(pattern=DISPUTE_ID)]
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": DisputeAnswer}}
_CASE_FILE: Final = Actor("case file", None, frozenset({"operator"}))
"""Reads the messages of a case that the caller was found to see: also those from before it took part."""


@router.get(LIST, summary="List disputes", responses={200: {"model": DisputesAnswer}})
async def get_disputes(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=DISPUTE_STATE)] = None,
    subject_id: Annotated[str | None, Query(max_length=64, pattern=r"^[0-9A-Za-z*-]+$")] = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Cases that the caller takes part in, oldest first; of one order or agreement with `subject_id`."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        page = page_of_objects(
            connection,
            caller.actor,
            KIND,
            states=() if state is None else (state,),
            cursor=cursor,
            limit=limit,
            clause=None if subject_id is None else "document->>'subject_id' = :subject_id",
            values=None if subject_id is None else {"subject_id": subject_id},
        )
        return {"items": [dispute_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="A dispute", responses=ANSWER)
async def get_dispute(request: Request, dispute_id: DisputeId) -> Response:
    """The case; its messages are a list of their own."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return dispute_value(read_object(connection, caller.actor, KIND, dispute_id))

    return await read_with_etag(request, query)


@router.get(f"{ONE}/messages", summary="What was said in a dispute", responses={200: {"model": DisputeMessagesAnswer}})
async def get_messages(
    request: Request,
    container: ContainerOf,
    dispute_id: DisputeId,
    *,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Every message in its order, with its words; who joins a case reads what was said before."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        read_object(connection, caller.actor, KIND, dispute_id)
        uow = SqlUnitOfWork(connection, container.open_log(connection).preparer, caller.actor, contracts={})
        clause, values = "document->>'dispute_id' = :dispute_id", {"dispute_id": dispute_id}
        page = page_of_objects(
            connection, _CASE_FILE, MESSAGE, cursor=cursor, limit=limit, clause=clause, values=values
        )
        return {
            "items": [message_value(item, uow.private(item)) for item in page.items],
            "next_cursor": page.next_cursor,
        }

    return json_response(await read_as_caller(request, query))


@router.post(
    LIST,
    summary="Complain",
    status_code=201,
    responses={201: {"model": DisputeAnswer}},
    openapi_extra=write_extra(ComplainOf),
)
async def post_dispute(request: Request) -> Response:
    """A party of an order or an agreement; the other one answers within five days."""

    def use_case(uow: SqlUnitOfWork, command: ComplainOf) -> Answer:
        complaint = Complaint(command.subject_kind, command.subject_id, str(command.category), _statement(command))
        opened = disputes.OpenDispute(
            f"dsp-{secrets.token_hex(16)}", complaint, secrets.token_bytes(disputes.SALT_BYTES)
        )
        stored = disputes.open_dispute(uow, opened)
        return answer(stored, dispute_value(stored), status=201, location=f"{LIST}/{stored.object_id}")

    return await write(request, ComplainOf, use_case)


@router.post(f"{ONE}/messages", summary="Say something", responses=ANSWER, openapi_extra=write_extra(StatementOf))
async def post_message(request: Request, dispute_id: DisputeId) -> Response:
    """Whoever takes part; the respondent's first message answers the complaint."""
    return await _says(request, dispute_id, disputes.write_message)


@router.post(f"{ONE}/mediation", summary="Ask for mediation", responses=ANSWER, openapi_extra=write_extra(StatementOf))
async def post_mediation(request: Request, dispute_id: DisputeId) -> Response:
    """Either party, once the complaint is answered or the time to answer is over."""
    return await _says(request, dispute_id, disputes.ask_mediation)


@router.post(
    f"{ONE}/proposal", summary="Propose a settlement", responses=ANSWER, openapi_extra=write_extra(StatementOf)
)
async def post_proposal(request: Request, dispute_id: DisputeId) -> Response:
    """A party or the mediator; it takes the place of an earlier one."""
    return await _says(request, dispute_id, disputes.propose_settlement)


@router.post(
    f"{ONE}/acceptance", summary="Accept the proposal", responses=ANSWER, openapi_extra=write_extra(AcceptSettlement)
)
async def post_acceptance(request: Request, dispute_id: DisputeId) -> Response:
    """A party, by the proposal's digest; with both the case is settled."""
    return await _step(
        request, AcceptSettlement, lambda uow, said: disputes.accept_settlement(uow, dispute_id, said.digest)
    )


@router.post(
    f"{ONE}/mediation-end", summary="End a mediation", responses=ANSWER, openapi_extra=write_extra(StatementOf)
)
async def post_mediation_end(request: Request, dispute_id: DisputeId) -> Response:
    """The mediator could not settle it; a party, once the time to mediate is over."""
    return await _says(request, dispute_id, disputes.end_mediation)


@router.post(
    f"{ONE}/referral", summary="Refer to arbitration", responses=ANSWER, openapi_extra=write_extra(ReferDispute)
)
async def post_referral(request: Request, dispute_id: DisputeId) -> Response:
    """A party; where the agreement is on the chain it signs the act that `waiting` names."""

    def step(uow: SqlUnitOfWork, command: ReferDispute) -> StoredObject:
        return dispute_referral.refer_dispute(uow, dispute_id, command.arbitrator, _statement(command))

    return await _step(request, ReferDispute, step)


@router.post(f"{ONE}/ruling", summary="Rule", responses=ANSWER, openapi_extra=write_extra(StatementOf))
async def post_ruling(request: Request, dispute_id: DisputeId) -> Response:
    """The arbitrator that it was referred to."""
    return await _says(request, dispute_id, dispute_referral.rule_dispute)


@router.post(
    f"{ONE}/withdrawal", summary="Withdraw a complaint", responses=ANSWER, openapi_extra=write_extra(StatementOf)
)
async def post_withdrawal(request: Request, dispute_id: DisputeId) -> Response:
    """Who complained, before it is referred."""
    return await _says(request, dispute_id, disputes.withdraw_dispute)


@router.post(
    f"{ONE}/step-withdrawal",
    summary="Take back a step that waits for signatures",
    responses=ANSWER,
    openapi_extra=write_extra(NothingToSay),
)
async def post_step_withdrawal(request: Request, dispute_id: DisputeId) -> Response:
    """By the body that asked for it; by anybody who takes part once the time to sign is over."""
    return await _step(request, NothingToSay, lambda uow, _: dispute_referral.withdraw_dispute_step(uow, dispute_id))


def _statement(command: StatementOf) -> Statement:
    return Statement(command.text, tuple(command.attachments))


async def _says(
    request: Request, dispute_id: str, use_case: Callable[[SqlUnitOfWork, str, Statement], StoredObject]
) -> Response:
    return await _step(request, StatementOf, lambda uow, said: use_case(uow, dispute_id, _statement(said)))


async def _step(request: Request, model: type[M], step: Callable[[SqlUnitOfWork, M], StoredObject]) -> Response:
    def use_case(uow: SqlUnitOfWork, command: M) -> Answer:
        stored = step(uow, command)
        return answer(stored, dispute_value(stored))

    return await write(request, model, use_case)
