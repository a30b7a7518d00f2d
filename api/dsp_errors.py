"""Below the Dataspace Protocol's paths a refusal is a ``CatalogError`` or ``ContractNegotiationError``, no problem document (HTTPS bindings).

Status, headers and code are those of the problem; its title and detail are the reasons. What a negotiation's state or terms do not allow
is 400, as that binding says, and not 409. Its process ids are those of the message that came, ``unknown`` where it did not say them: of
a negotiation that is another's nothing is told. It is done to the finished answer, so that refusals of
the framework, of the edge and of ours come in the one form.
"""

from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.contract_failures import FLAGS, failure_value
from api.problems import MEDIA_TYPE
from ledger.domain.catalog_dsp import error_message
from ledger.domain.negotiation.messages import MessageType

PREFIX: Final = "/dsp/2025-1/"
NEGOTIATIONS: Final = f"{PREFIX}negotiations"
PIDS: Final = "cityledger.pids"
"""Key in an ASGI scope: (providerPid, consumerPid) of the message, once it was read."""

UNKNOWN: Final = "unknown"
_CONFLICT: Final = 409
_BAD_REQUEST: Final = 400


class ProtocolErrors:
    """Rewrites problem documents of requests below ``PREFIX``, and of the interfaces of annex B."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not (scope["path"].startswith(PREFIX) or scope["path"] in FLAGS):
            await self._app(scope, receive, send)
            return
        held: Message | None = None
        body = b""

        async def rewriting_send(message: Message) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start" and _is_problem(message):
                held = message
            elif held is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _send_error(scope, send, held, body)

        await self._app(scope, receive, rewriting_send)


def _is_problem(start: Message) -> bool:
    return any(name.lower() == b"content-type" and value == MEDIA_TYPE.encode() for name, value in start["headers"])


async def _send_error(scope: Scope, send: Send, start: Message, body: bytes) -> None:
    problem: dict[str, Any] = orjson.loads(body) if body else {"code": "error", "title": "Refused"}
    if scope["path"].startswith(NEGOTIATIONS) and start["status"] == _CONFLICT:
        start = {**start, "status": _BAD_REQUEST}
    raw = orjson.dumps(_value(scope, problem))
    kept = [
        (name, value) for name, value in start["headers"] if name.lower() not in {b"content-type", b"content-length"}
    ]
    own = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({**start, "headers": [*kept, *own]})
    await send({"type": "http.response.body", "body": raw})


def _value(scope: Scope, problem: dict[str, Any]) -> dict[str, Any]:
    if scope["path"] in FLAGS:
        return failure_value(scope["path"], problem)
    reasons = [problem[name] for name in ("title", "detail") if name in problem]
    value = error_message(problem["code"], reasons)
    if scope["path"].startswith(NEGOTIATIONS):
        provider_pid, consumer_pid = scope.get(PIDS, (None, None))
        pids = {"providerPid": provider_pid or UNKNOWN, "consumerPid": consumer_pid or UNKNOWN}
        value |= {"@type": MessageType.ERROR.value, **pids}
    return value
