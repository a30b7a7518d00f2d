"""A small HTTP/1.1 load generator over loopback: keep-alive connections, requests made before the clock starts.

A general HTTP client costs more processor time a request than the service itself, and both share this machine's cores.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


@dataclass
class LoadResult:
    """What one load did. Delays are in seconds, one a request."""

    seconds: float
    delays: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


class Target:
    """Where requests go, and the bytes that every request begins with."""

    def __init__(self, api_url: str, api_key: str) -> None:
        parts = urlsplit(api_url)
        if parts.hostname not in {"127.0.0.1", "localhost", "::1"} or parts.port is None:
            raise SystemExit("the benchmark sends traffic to loopback only")
        self.host, self.port = parts.hostname, parts.port
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {api_key}\r\n"

    def post(self, path: str, body: bytes, content_type: str, *headers: str) -> bytes:
        """The bytes of one POST request."""
        lines = "".join(f"{header}\r\n" for header in headers)
        return (
            f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: {content_type}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def get(self, path: str) -> bytes:
        """The bytes of one GET request."""
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way; callbacks instead of streams, for their price."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        found = _CONTENT_LENGTH.search(self._received, 0, head_end + 2)
        assert found is not None
        body_start = head_end + 4
        if len(self._received) - body_start < int(found[1]):
            return
        answer, self._answer = self._answer, None
        assert answer is not None
        answer.set_result((int(self._received[9:12]), bytes(self._received[body_start:])))
        self._received.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the service closed the connection"))

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Sends one request; status and body of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Ends the connection."""
        assert self._transport is not None
        self._transport.close()


async def _connect(target: Target) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, target.host, target.port)
    return connection


async def run_load(
    target: Target,
    make_request: Callable[[int], bytes],
    *,
    connections: int,
    ahead: int,
    seconds: float = float("inf"),
    requests: float = float("inf"),
) -> LoadResult:
    """Sends requests over some connections until the time is over or that many requests were sent.

    Requests are made ``ahead`` at a time while the clock of the load stands still, so that making them is not measured.
    """
    result = LoadResult(0.0)
    opened = [await _connect(target) for _ in range(connections)]
    made = 0
    try:
        while result.seconds < seconds and made < requests:
            count = int(min(ahead, requests - made))
            waiting = deque(make_request(number) for number in range(made, made + count))
            made += count
            start = time.monotonic()
            stop_at = start + (seconds - result.seconds)
            await asyncio.gather(*(_send_all(connection, waiting, result, stop_at) for connection in opened))
            result.seconds += time.monotonic() - start
    finally:
        for connection in opened:
            connection.close()
    return result


async def _send_all(connection: _Connection, waiting: deque[bytes], result: LoadResult, stop_at: float) -> None:
    while waiting and time.monotonic() < stop_at:
        request = waiting.popleft()
        start = time.monotonic()
        status, _ = await connection.exchange(request)
        result.delays.append(time.monotonic() - start)
        result.statuses[status] = result.statuses.get(status, 0) + 1


async def fetch(target: Target, request: bytes) -> tuple[int, bytes, float]:
    """One request on a connection of its own: status, body, seconds."""
    connection = await _connect(target)
    try:
        start = time.monotonic()
        status, body = await connection.exchange(request)
        return status, body, time.monotonic() - start
    finally:
        connection.close()
