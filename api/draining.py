"""Answers given before the request's body was read: they reach an ordinary client, and the connection ends in bounds.

A client that sends its whole request before it reads would find a reset instead of the answer if the server closed at once, and
a server that kept the connection would have to swallow whatever is announced. So: what is on its way already is taken; if that
is not all, the answer says ``Connection: close``, and what still comes is dropped for a while before the server closes.
"""

import asyncio
from typing import Final

from starlette.types import Message, Receive, Scope, Send

HERE_S: Final = 0.05
"""A small body that was sent together with its head is here by then, and the connection can be kept."""

DRAIN_S: Final = 10.0
DRAIN_BYTES_MAX: Final = 64 * 2**20
"""Twice the largest body of the default settings."""


class DrainedExchange:
    """One request: give its ``receive`` and ``send`` to the application."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._headers = scope["headers"]
        self._is_whole = False
        self._is_draining = False

    async def receive(self) -> Message:
        """The next part of the request."""
        message = await self._receive()
        if not message.get("more_body", False):  # the last part, or the client is gone
            self._is_whole = True
        return message

    async def send(self, message: Message) -> None:
        """The next part of the answer."""
        if message["type"] == "http.response.start":
            if not self._is_whole and self._announces_body():
                await self._take_what_is_here()
                if not self._is_whole:
                    self._is_draining = True
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
        elif self._is_draining and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    def _announces_body(self) -> bool:
        return any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self._headers
        )

    async def _take_what_is_here(self) -> None:
        if any(name == b"expect" for name, _ in self._headers):
            return  # to read would be to ask for the body
        try:
            async with asyncio.timeout(HERE_S):
                while not self._is_whole:
                    await self.receive()
        except TimeoutError:
            pass

    async def _drain(self) -> None:
        dropped = 0
        try:
            async with asyncio.timeout(DRAIN_S):
                while not self._is_whole and dropped <= DRAIN_BYTES_MAX:
                    dropped += len((await self.receive()).get("body", b""))
        except TimeoutError:
            pass
