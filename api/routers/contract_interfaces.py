"""The six interfaces of TC609-6-2025-14 annex B, over the same use cases as the other routes (``api/CONTRACTS.md``).

They have no key by which a repeat is known; a repeat is known by what it says, in each use case.
"""

from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple

import orjson
import psycopg.errors
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from api.access import admit
from api.bodies import announced_bytes, read_body
from api.contract_failures import DONE, FAILED
from api.schemas.contract_interfaces import (
    ContractCreateAnswer,
    ContractCreateRequest,
    ContractExecutionRequest,
    ContractFailure,
    ContractNegotiateAnswer,
    ContractNegotiateRequest,
    ContractRegistrateAnswer,
    ContractRegistrateRequest,
    ContractStatusAnswer,
    ContractTemplateAnswer,
    ContractTemplateRequest,
    ContractTerminateRequest,
)
from api.strict_requests import STRICT_QUERY
from api.writes import ATTEMPTS, REQUEST_MODELS, M, parse_command
from ledger.adapters.sql.participants import SqlBodies
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.template_digest import template_answer
from ledger.domain.agreement_status import STATUS_OF_STATE
from ledger.domain.contract_draft import KIND as DRAFT
from ledger.domain.contract_draft import ContractCreation, status_of_draft
from ledger.domain.contract_templates import templates
from ledger.domain.execution_report import ExecutionReport, Outcome
from ledger.errors import InputError, UnavailableError
from ledger.log.canonical import parse_json
from ledger.log.timestamps import format_time, parse_rfc3339
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.business import StoredObject
from ledger.services.contract_drafts import create_contract, negotiate_contract
from ledger.services.contract_interfaces import ContractEnd, ContractFiling, register_contract, terminate_contract
from ledger.services.execution_reports import report_execution

router = APIRouter(tags=["contract interfaces"], dependencies=[STRICT_QUERY])

BODY_BYTES_MAX: Final = 1 << 20
READ_TIMEOUT_S: Final = 15.0
_SPELLINGS: Final = {"policyTransmit": "plicyTransmit"}
_PENDING: Final = {
    "code": "filing_pending",
    "detail": "The filing waits for the platform's signature and for the chain; ask again with the same request.",
}


class Sent(NamedTuple, Generic[M]):
    """A message: what it says, and the same as it was sent, without the signature over it."""

    command: M
    signed: dict[str, Any]


def _described(model: type[M], answer: type[Any], summary: str) -> dict[str, Any]:
    REQUEST_MODELS[model.__name__] = model
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    responses = {200: {"model": answer}, **{status: {"model": ContractFailure} for status in (400, 401, 403)}}
    body = {"required": True, "content": {"application/json": {"schema": reference}}}
    return {"summary": summary, "responses": responses, "openapi_extra": {"requestBody": body}}


@router.post(
    "/contractTemplate", **_described(ContractTemplateRequest, ContractTemplateAnswer, "Contract templates (B.2)")
)
async def post_template(request: Request) -> Response:
    """The template of this id, or all presets; each has passed its automatic check."""

    def use_case(_uow: SqlUnitOfWork, sent: Sent[ContractTemplateRequest]) -> dict[str, Any]:
        found = templates(sent.command.template_id)
        return {"status": DONE, "template": [template_answer(one) for one in found]}

    return await _interface(request, ContractTemplateRequest, use_case)


@router.post("/contractCreate", **_described(ContractCreateRequest, ContractCreateAnswer, "Begin a contract (B.3)"))
async def post_creation(request: Request) -> Response:
    """Gives the contract its id; policy, product and counterpart come with the negotiation."""

    def use_case(uow: SqlUnitOfWork, sent: Sent[ContractCreateRequest]) -> dict[str, Any]:
        said = sent.command
        creation = ContractCreation(
            name=said.name,
            abstract=said.abstract,
            issued_at=_time(said.issue_time, "issueTime"),
            activated_at=_time(said.activation_time, "activationTime"),
            ends_at=_time(said.end_time, "endTime"),
            sign_mode=said.sign_mode,
            issuer_node=said.issuer_id,
            issuer=said.issuer_entity_id,
        )
        bodies, signature = SqlBodies(uow.connection), bytes.fromhex(said.signature)
        stored = create_contract(uow, creation, sent.signed, signature, bodies)
        return {"contractId": stored.object_id, "creationFlag": DONE}

    return await _interface(request, ContractCreateRequest, use_case)


@router.post("/contractNegotiate", **_described(ContractNegotiateRequest, ContractNegotiateAnswer, "Negotiate (B.4)"))
async def post_negotiation(request: Request) -> Response:
    """Proposes a strategy; the same as the other side's last one agrees, and may be signed with it."""

    def use_case(uow: SqlUnitOfWork, sent: Sent[ContractNegotiateRequest]) -> dict[str, Any]:
        said = sent.command
        signatures = [(one.entity_id, bytes.fromhex(one.signature)) for one in said.signatures]
        for one in said.signatures:
            _time(one.signatory_time, "signatoryTime")
        stored = negotiate_contract(uow, said.contract_id, said.name, said.strategy, signatures)
        return {"negotiationStatus": DONE if stored.document["agreed"] else FAILED, **_status(stored)}

    return await _interface(request, ContractNegotiateRequest, use_case)


@router.post("/contractRegistrate", **_described(ContractRegistrateRequest, ContractRegistrateAnswer, "File (B.5)"))
async def post_registration(request: Request) -> Response:
    """A platform files a signed agreement, a party asks its platform to; `contractHash` comes when the chain holds it."""

    def use_case(uow: SqlUnitOfWork, sent: Sent[ContractRegistrateRequest]) -> dict[str, Any]:
        said = sent.command
        _time(said.signatory_time, "signatoryTime")
        signatories = [(one.entity_id, bytes.fromhex(one.signature)) for one in said.signatories]
        filing = ContractFiling(said.name, said.strategy, signatories)
        stored = register_contract(uow, said.contract_id, filing)
        if stored.document["filed"] is None:
            return {"status": FAILED, **_status(stored), **_PENDING}
        return {"status": DONE, "contractHash": stored.document["contract_hash"], **_status(stored)}

    return await _interface(request, ContractRegistrateRequest, use_case)


@router.post(
    "/contractExecution", **_described(ContractExecutionRequest, ContractStatusAnswer, "Report performance (B.6)")
)
async def post_execution(request: Request) -> Response:
    """Keeps a report of an execution node as evidence; `executionResult` may be one of our outcome codes."""

    def use_case(uow: SqlUnitOfWork, sent: Sent[ContractExecutionRequest]) -> dict[str, Any]:
        said = sent.command
        agreement = uow.get(AGREEMENT, said.contract_id)
        subject = said.strategy.get("subjectInfo")
        product = subject.get("dataProductId") if isinstance(subject, dict) else None
        if (said.name, product) != (agreement.document["disclosed"]["name"], agreement.document["product_code"]):
            raise InputError("contractName or dataProductId is not that of the agreement. Nothing was written.")
        executed = said.executed
        report = ExecutionReport(
            strategy_id=executed.strategy_id,
            actions=tuple(_SPELLINGS.get(one, one) for one in executed.actions),
            outcome=executed.result if executed.result in set(Outcome) else str(Outcome.ALLOWED),
            result=executed.result,
            details=executed.details,
            reported_at=format_time(_time(said.report_time, "reportTime")),
        )
        report_execution(uow, said.contract_id, report)
        changed = uow.peek(AGREEMENT, said.contract_id)
        return {"status": DONE, **_status(changed or agreement)}

    return await _interface(request, ContractExecutionRequest, use_case)


@router.post("/contractTerminate", **_described(ContractTerminateRequest, ContractStatusAnswer, "Terminate (B.7)"))
async def post_termination(request: Request) -> Response:
    """Asks for an early end, which both parties sign on the chain; or is told that the agreement has expired."""

    def use_case(uow: SqlUnitOfWork, sent: Sent[ContractTerminateRequest]) -> dict[str, Any]:
        said = sent.command
        _time(said.issue_time, "issueTime")
        _time(said.activation_time, "activationTime")
        if (said.printed_type is None) == (said.meant_type is None):
            raise InputError("erminateType is stated once, in one of its spellings. Nothing was written.")
        agreed = None if said.agreed_end_time is None else _time(said.agreed_end_time, "agreedEndTime")
        end = ContractEnd(
            name=said.name,
            issuer=said.issuer_entity_id,
            terminate_type=said.printed_type or said.meant_type or "",
            scheduled_at=_time(said.scheduled_end_time, "scheduledEndTime"),
            agreed_at=agreed,
            request=sent.signed,
            signature=bytes.fromhex(said.signature),
        )
        return {"status": DONE, **_status(terminate_contract(uow, said.contract_id, end))}

    return await _interface(request, ContractTerminateRequest, use_case)


async def _interface(
    request: Request, model: type[M], use_case: Callable[[SqlUnitOfWork, Sent[M]], dict[str, Any]]
) -> Response:
    admission = await admit(request)
    container = admission.container
    async with container.budget.reserve(announced_bytes(request, BODY_BYTES_MAX)) as reservation:
        raw = await read_body(request, BODY_BYTES_MAX, reservation, READ_TIMEOUT_S)
    command = parse_command(request, model, raw)
    value = parse_json(raw)
    assert isinstance(value, dict), "the command was read from it"
    sent = Sent(command, {name: member for name, member in value.items() if name != "signature"})
    await admission.use_signature(raw)
    await container.history.require_current()

    def transaction(connection: Connection) -> dict[str, Any]:
        actor = admission.check(connection).actor
        preparer = container.open_log(connection).preparer
        return use_case(SqlUnitOfWork(connection, preparer, actor, contracts=container.contracts), sent)

    for _ in range(ATTEMPTS):
        try:
            return Response(orjson.dumps(await container.write(transaction)), media_type="application/json")
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
                raise
    raise UnavailableError("Others change the same contract; nothing was written. Retry later.")


def _status(stored: StoredObject) -> dict[str, str]:
    """``contractStatus`` of a draft or an agreement."""
    is_draft = stored.kind == DRAFT and stored.state != "adopted"
    code = status_of_draft(stored.state, stored.document) if is_draft else STATUS_OF_STATE.get(stored.state)
    return {"contractStatus": str(code or STATUS_OF_STATE["generated"])}


def _time(text: str, name: str) -> Any:
    try:
        return parse_rfc3339(text)
    except InputError as error:
        raise InputError(f"{name} is no ISO 8601 time with a zone. Nothing was written.") from error
