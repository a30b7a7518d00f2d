"""Below the paths of the Dataspace Protocol a refusal is a ``CatalogError`` and not a problem document (catalog HTTPS binding).

Status, headers and code are those of the problem; its title and detail are the reasons. It is done to the finished answer, so that refusals of
the framework, of the edge and of ours come in the one form.
"""

from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import MEDIA_TYPE
from ledger.domain.catalog_dsp import error_message

PREFIX: Final = "/dsp/2025-1/"


class CatalogErrors:
    """Rewrites problem documents of requests below ``PREFIX``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
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
                    await _send_error(send, held, body)

        await self._app(scope, receive, rewriting_send)


def _is_problem(start: Message) -> bool:
    return any(name.lower() == b"content-type" and value == MEDIA_TYPE.encode() for name, value in start["headers"])


async def _send_error(send: Send, start: Message, body: bytes) -> None:
    problem: dict[str, Any] = orjson.loads(body) if body else {"code": "error", "title": "Refused"}
    reasons = [problem[name] for name in ("title", "detail") if name in problem]
    raw = orjson.dumps(error_message(problem["code"], reasons))
    kept = [
        (name, value) for name, value in start["headers"] if name.lower() not in {b"content-type", b"content-length"}
    ]
    own = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({**start, "headers": [*kept, *own]})
    await send({"type": "http.response.body", "body": raw})
