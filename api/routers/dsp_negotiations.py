"""Contract negotiation of the Dataspace Protocol 2025-1, HTTPS binding: what the other side asks, of our providers and our consumers.

The caller is an account of the other side's body. A message is acknowledged when it is committed with its event; a repeat of it is
acknowledged again. The paths of both sides lie below one address, so that ``:pid`` is always our own process id.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

import orjson
import psycopg.errors
from fastapi import APIRouter, Path, Request
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from starlette.responses import Response

from api.access import admit
from api.authentication import Caller
from api.bodies import announced_bytes, read_body
from api.dependencies import read_as_caller
from api.dsp_errors import PIDS
from api.negotiation import media_type_of
from api.negotiation_answers import dsp_value
from api.schemas.negotiations import NEGOTIATION_ID, ContractNegotiationError, DspNegotiation, message_extra
from api.strict_requests import STRICT_QUERY, only_value
from api.writes import ATTEMPTS, has_null_character
from ledger.adapters.outgoing import Destinations
from ledger.adapters.sql.objects import read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.negotiation_record import MESSAGE_BYTES_MAX, parse_message
from ledger.domain.negotiation.defects import InvalidNegotiationMessageError
from ledger.domain.negotiation.messages import Message, MessageType, message_value
from ledger.errors import NotFoundError, UnavailableError, UnsupportedMediaTypeError
from ledger.services.business import StoredObject
from ledger.services.negotiation_receipt import receive_message, receive_offer, receive_request
from ledger.services.negotiation_records import KIND

router = APIRouter(tags=["dataspace protocol"], dependencies=[STRICT_QUERY])

BASE: Final = "/dsp/2025-1/negotiations"
READ_TIMEOUT_S: Final = 15.0
_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ContractNegotiationError} for status in (400, 401)
}
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {200: {"model": DspNegotiation}, **_REFUSED}
_PIDS: Final = ("providerPid", "consumerPid")
_ID: Final = re.compile(NEGOTIATION_ID.strip("^$"))
Pid = Annotated[str, Path(description="Our own process id.")]
UseCase = Callable[[SqlUnitOfWork, Message], StoredObject]


@router.get(
    f"{BASE}/{{pid}}",
    summary="State of a negotiation",
    responses={**_TAKEN, 404: {"model": ContractNegotiationError}},
)
async def get_state(request: Request, pid: Pid) -> Response:
    """The `ContractNegotiation`, for either side."""

    def find(connection: Connection, caller: Caller) -> dict[str, Any]:
        stored = read_object(connection, caller.actor, KIND, _known(pid))
        if not stored.document["steps"]:
            raise NotFoundError("There is no such negotiation.")  # nobody has taken its first request
        return dsp_value(stored)

    return _json(await read_as_caller(request, find), 200)


@router.post(
    f"{BASE}/request",
    summary="First request to a provider",
    status_code=201,
    responses={201: {"model": DspNegotiation}, **_REFUSED},
    openapi_extra=message_extra(MessageType.REQUEST, "consumerPid", "offer", "callbackAddress"),
)
async def post_first_request(request: Request) -> Response:
    """Begins a negotiation about a product on offer; a repeat finds it again."""
    return await _begin(request, MessageType.REQUEST, receive_request)


@router.post(
    f"{BASE}/offers",
    summary="First offer to a consumer",
    status_code=201,
    responses={201: {"model": DspNegotiation}, **_REFUSED},
    openapi_extra=message_extra(MessageType.OFFER, "providerPid", "offer", "callbackAddress"),
)
async def post_first_offer(request: Request) -> Response:
    """Begins a negotiation with the consumer that `offer.assignee` names by its subject code; a repeat finds it again."""
    return await _begin(request, MessageType.OFFER, receive_offer)


@router.post(
    f"{BASE}/{{provider_pid}}/request",
    summary="Counter-request to a provider",
    responses=_TAKEN,
    openapi_extra=message_extra(MessageType.REQUEST, *_PIDS, "offer"),
)
async def post_request(request: Request, provider_pid: Pid) -> Response:
    """Other terms for what was offered."""
    return await _take(request, provider_pid, MessageType.REQUEST)


@router.post(
    f"{BASE}/{{provider_pid}}/agreement/verification",
    summary="Verification of an agreement",
    responses=_TAKEN,
    openapi_extra=message_extra(MessageType.VERIFICATION, *_PIDS),
)
async def post_verification(request: Request, provider_pid: Pid) -> Response:
    """The consumer has verified the agreement."""
    return await _take(request, provider_pid, MessageType.VERIFICATION)


@router.post(
    f"{BASE}/{{consumer_pid}}/offers",
    summary="Offer to a consumer",
    responses=_TAKEN,
    openapi_extra=message_extra(MessageType.OFFER, *_PIDS, "offer"),
)
async def post_offer(request: Request, consumer_pid: Pid) -> Response:
    """The provider offers terms of its own."""
    return await _take(request, consumer_pid, MessageType.OFFER)


@router.post(
    f"{BASE}/{{consumer_pid}}/agreement",
    summary="Agreement to a consumer",
    responses=_TAKEN,
    openapi_extra=message_extra(MessageType.AGREEMENT, *_PIDS, "agreement"),
)
async def post_agreement(request: Request, consumer_pid: Pid) -> Response:
    """The provider agrees to the last terms."""
    return await _take(request, consumer_pid, MessageType.AGREEMENT)


@router.post(
    f"{BASE}/{{pid}}/events",
    summary="Acceptance or finalization",
    responses=_TAKEN,
    openapi_extra=message_extra(MessageType.EVENT, *_PIDS, "eventType"),
)
async def post_event(request: Request, pid: Pid) -> Response:
    """`ACCEPTED` to a provider, `FINALIZED` to a consumer."""
    return await _take(request, pid, MessageType.EVENT)


@router.post(
    f"{BASE}/{{pid}}/termination",
    summary="Termination",
    responses=_TAKEN,
    openapi_extra=message_extra(MessageType.TERMINATION, *_PIDS, optional=("code", "reason")),
)
async def post_termination(request: Request, pid: Pid) -> Response:
    """Either side ends the negotiation."""
    return await _take(request, pid, MessageType.TERMINATION)


async def _begin(request: Request, kind: MessageType, begin: UseCase) -> Response:
    def use_case(uow: SqlUnitOfWork, message: Message) -> StoredObject:
        if message.callback_address is None:
            raise InvalidNegotiationMessageError("callbackAddress", "is missing in what begins a negotiation.")
        Destinations(request.app.state.container.settings.dsp_networks).check_address(message.callback_address)
        return begin(uow, message)

    return await _receive(request, kind, use_case, status=201)


async def _take(request: Request, pid: str, kind: MessageType) -> Response:
    return await _receive(request, kind, lambda uow, message: receive_message(uow, _known(pid), message))


async def _receive(request: Request, kind: MessageType, use_case: UseCase, *, status: int = 200) -> Response:
    admission = await admit(request)
    container = admission.container
    if media_type_of(request.headers) != "application/json":
        raise UnsupportedMediaTypeError("Send the message as application/json.")
    if only_value(request.headers, "Content-Encoding") not in (None, "identity"):
        raise UnsupportedMediaTypeError("Send it without a content encoding.")
    async with container.budget.reserve(announced_bytes(request, MESSAGE_BYTES_MAX)) as reservation:
        raw = await read_body(request, MESSAGE_BYTES_MAX, reservation, READ_TIMEOUT_S)
    message = parse_message(raw, kind)
    request.scope[PIDS] = (message.provider_pid, message.consumer_pid)
    if b"\\u0000" in raw and has_null_character(message_value(message)):
        raise InvalidNegotiationMessageError("A text", "holds U+0000, which no text of a message has.")
    await admission.use_signature(raw)
    await container.history.require_current()

    def transaction(connection: Connection) -> dict[str, Any]:
        actor = admission.check(connection).actor
        preparer = container.open_log(connection).preparer
        return dsp_value(use_case(SqlUnitOfWork(connection, preparer, actor, contracts={}), message))

    for _ in range(ATTEMPTS):
        try:
            return _json(await container.write(transaction), status)
        except OperationalError as error:
            if not isinstance(error.orig, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
                raise
    raise UnavailableError("Others change the same negotiation; nothing was written. Retry later.")


def _known(pid: str) -> str:
    if _ID.fullmatch(pid) is None:
        raise NotFoundError("There is no such negotiation.")
    return pid


def _json(value: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
