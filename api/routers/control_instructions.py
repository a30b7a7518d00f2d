"""Control instructions: fetched by connectors, and what these report; seen by both parties of the agreement and its platforms."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.dependencies import read_as_caller
from api.life_answers import answer, instruction_value
from api.reads import json_response, read_with_etag
from api.schemas.agreement_life import (
    INSTRUCTION_STATE,
    NUMBER,
    SIDE,
    InstructionAnswer,
    InstructionsAnswer,
    ReportInstruction,
)
from api.schemas.agreements import AGREEMENT_ID
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.objects import PAGE_MAX, page_of_objects, read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.control_instruction import KIND, instruction_id
from ledger.services.control_instructions import InstructionReport, report_instruction

router = APIRouter(tags=["control instructions"], dependencies=[STRICT_QUERY])

LIST: Final = "/v1/control-instructions"
ONE: Final = f"{LIST}/{{instruction_number}}/{{side}}"
Number = Annotated[str, Path(pattern=NUMBER, description="`ctrlInstructiontId`.")]
Side = Annotated[str, Path(pattern=SIDE, description="Whose connector.")]
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": InstructionAnswer}}


@router.get(LIST, summary="Fetch control instructions", responses={200: {"model": InstructionsAnswer}})
async def get_instructions(
    request: Request,
    *,
    state: Annotated[str | None, Query(pattern=INSTRUCTION_STATE)] = None,
    owner: Annotated[
        str | None, Query(pattern=r"^me$", description="`me`: for connectors of the caller's own body.")
    ] = None,
    agreement_id: Annotated[str | None, Query(pattern=AGREEMENT_ID)] = None,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> Response:
    """Oldest first. A connector asks for `owner=me&state=issued`: what it has not received is there at every look."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        clauses, values = [], {}
        if owner is not None:
            clauses.append("parties[1] = :own")
            values["own"] = caller.actor.participant or ""
        if agreement_id is not None:
            clauses.append("document->>'agreement_id' = :agreement_id")
            values["agreement_id"] = agreement_id
        page = page_of_objects(
            connection,
            caller.actor,
            KIND,
            states=() if state is None else (state,),
            cursor=cursor,
            limit=limit,
            clause=" AND ".join(clauses) or None,
            values=values,
        )
        return {"items": [instruction_value(item) for item in page.items], "next_cursor": page.next_cursor}

    return json_response(await read_as_caller(request, query))


@router.get(ONE, summary="A control instruction", responses=ANSWER)
async def get_instruction(request: Request, instruction_number: Number, side: Side) -> Response:
    """What the connector of this side is told, and what it said of it."""

    def query(connection: Connection, caller: Caller) -> dict[str, Any]:
        return instruction_value(read_object(connection, caller.actor, KIND, instruction_id(instruction_number, side)))

    return await read_with_etag(request, query)


@router.post(
    f"{ONE}/reports",
    summary="Report on a control instruction",
    responses=ANSWER,
    openapi_extra=write_extra(ReportInstruction),
)
async def post_report(request: Request, instruction_number: Number, side: Side) -> Response:
    """The body of the connector says that it is received, in force, failed or ended; what is in force is said again at intervals."""

    def use_case(uow: SqlUnitOfWork, command: ReportInstruction) -> Answer:
        report = InstructionReport(command.state, command.reason)
        stored = report_instruction(uow, instruction_number, side, report)
        return answer(stored, instruction_value(stored))

    return await write(request, ReportInstruction, use_case)
