"""A small HTTP/1.1 load generator over loopback: keep-alive connections, requests made before the clock starts.

A general HTTP client costs more processor time a request than the service itself, and both share this machine's cores.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


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


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    writer.write(request)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    return status, await reader.readexactly(length)


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
    streams = [await asyncio.open_connection(target.host, target.port, limit=1 << 24) for _ in range(connections)]
    made = 0
    try:
        while result.seconds < seconds and made < requests:
            count = int(min(ahead, requests - made))
            waiting = deque(make_request(number) for number in range(made, made + count))
            made += count
            start = time.monotonic()
            stop_at = start + (seconds - result.seconds)
            await asyncio.gather(*(_send_all(stream, waiting, result, stop_at) for stream in streams))
            result.seconds += time.monotonic() - start
    finally:
        for _, writer in streams:
            writer.close()
    return result


async def _send_all(
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter], waiting: deque[bytes], result: LoadResult, stop_at: float
) -> None:
    while waiting and time.monotonic() < stop_at:
        request = waiting.popleft()
        start = time.monotonic()
        status, _ = await _exchange(*stream, request)
        result.delays.append(time.monotonic() - start)
        result.statuses[status] = result.statuses.get(status, 0) + 1


async def fetch(target: Target, request: bytes) -> tuple[int, bytes, float]:
    """One request on a connection of its own: status, body, seconds."""
    reader, writer = await asyncio.open_connection(target.host, target.port, limit=1 << 24)
    try:
        start = time.monotonic()
        status, body = await _exchange(reader, writer, request)
        return status, body, time.monotonic() - start
    finally:
        writer.close()
