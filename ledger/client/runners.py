"""Run calls against one service: ``Client`` in the caller's thread, ``AsyncClient`` on threads of its own for an event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any, Self, TypeVar

from ledger.client.calls import Call, RemotePage
from ledger.client.transport import RetryPolicy, Transport

T = TypeVar("T")
PageCall = Callable[[str | None], Call[RemotePage]]
"""Makes the call of the page after a cursor."""


class Client:
    """One connection to one service. Not to be shared between threads: each makes its own.

    Every call raises ``UnavailableError`` when the service does not answer within the retry policy's time, and
    ``RefusedByServiceError`` when it answers with a problem.

    Args:
        api_url: of the service.
        token: API key or OIDC access token.
        timeout_s: of one attempt.
        retry: how long a request is kept trying.
    """

    def __init__(
        self, api_url: str, token: str | None = None, *, timeout_s: float = 60.0, retry: RetryPolicy | None = None
    ) -> None:
        self._transport = Transport(api_url, token, timeout_s=timeout_s, retry=retry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def run(self, call: Call[T]) -> T:
        """Sends the call, again while the service cannot take it, and reads its answer."""
        response = self._transport.request(
            call.method, call.path, query=list(call.query), body=call.body, headers=call.headers
        )
        return call.read(response)

    def each(self, page: PageCall) -> Iterator[Mapping[str, Any]]:
        """Every item of a list, page by page."""
        cursor = None
        while True:
            found = self.run(page(cursor))
            yield from found.items
            cursor = found.next_cursor
            if cursor is None:
                return


class AsyncClient:
    """As ``Client``, for an event loop: up to ``connections`` calls at the same time, each on a thread and a connection of its own."""

    def __init__(
        self,
        api_url: str,
        token: str | None = None,
        *,
        connections: int = 8,
        timeout_s: float = 60.0,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._threads = ThreadPoolExecutor(connections, "calls")
        self._clients: SimpleQueue[Client] = SimpleQueue()
        for _ in range(connections):
            self._clients.put(Client(api_url, token, timeout_s=timeout_s, retry=retry))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Waits for calls under way and closes the connections."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        while not self._clients.empty():
            self._clients.get().close()

    async def run(self, call: Call[T]) -> T:
        """As ``Client.run``. A call whose task is cancelled is still finished in the background: repeat it with the same key."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, call)

    async def each(self, page: PageCall) -> AsyncIterator[Mapping[str, Any]]:
        """As ``Client.each``."""
        cursor = None
        while True:
            found = await self.run(page(cursor))
            for item in found.items:
                yield item
            cursor = found.next_cursor
            if cursor is None:
                return

    def _run(self, call: Call[T]) -> T:
        client = self._clients.get()  # there are as many as threads
        try:
            return client.run(call)
        finally:
            self._clients.put(client)
