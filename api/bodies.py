"""Request bodies, read once, within the stated limit on bytes before and after decompression and on time."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import ClientDisconnect, Request

from ledger.errors import InputError, OverloadedError, TooLargeError

READ_TIMEOUT_S: Final = 60.0
"""A body of the largest size at 5 Mbit/s takes this long; a sender that is slower holds memory for nothing."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_CHUNK: Final = 1 << 16


class MalformedGzipError(InputError):
    """The body is not gzip, is cut short, or has bytes after its end."""

    code = "malformed_gzip"
    title = "Malformed gzip"


class RequestTimeoutError(InputError):
    """The body did not arrive within ``READ_TIMEOUT_S``."""

    code = "request_timeout"
    title = "Request too slow"


class BodyBudget:
    """How many bytes of bodies one process holds at a time; used by the event loop only.

    Every request reserves what it may need at most, so that many large bodies at once are refused early (429) and do not
    exhaust memory. One request always fits.
    """

    def __init__(self, bytes_max: int) -> None:
        self._free = bytes_max
        self._whole = bytes_max

    @asynccontextmanager
    async def reserve(self, count: int) -> AsyncIterator[None]:
        """Holds ``count`` bytes of the budget.

        Raises:
            OverloadedError: too many bodies are under way.
        """
        if count > self._free and self._free < self._whole:
            raise OverloadedError("Too many large requests are under way; retry later.")
        self._free -= count
        try:
            yield
        finally:
            self._free += count


def announced_bytes(request: Request, bytes_max: int) -> int:
    """The body's size by its Content-Length; the limit itself when the body is chunked.

    Raises:
        TooLargeError: it announces more than ``bytes_max``.
    """
    announced = request.headers.get("content-length")
    if announced is None or not announced.isdecimal():  # the HTTP parser has refused every other form
        return bytes_max
    if len(announced) > 18 or int(announced) > bytes_max:
        raise TooLargeError(f"A request body has at most {bytes_max} bytes.", limit=bytes_max)
    return int(announced)


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The body as it was sent, chunked or not.

    Raises:
        TooLargeError: more than ``bytes_max`` bytes; what follows is not read.
        RequestTimeoutError: it did not arrive in time.
    """
    try:
        async with asyncio.timeout(READ_TIMEOUT_S):
            return await _collect(request, bytes_max)
    except TimeoutError as error:
        raise RequestTimeoutError(
            f"The request body did not arrive within {READ_TIMEOUT_S:g} seconds. Nothing was written; send it again, or in"
            " smaller batches."
        ) from error
    except ClientDisconnect as error:
        raise InputError("The client went away before the body was complete.") from error


async def _collect(request: Request, bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            raise TooLargeError(f"A request body has at most {bytes_max} bytes.", limit=bytes_max)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def gunzip(compressed: bytes, bytes_max: int) -> bytes:
    """The content of a gzip body (one or more members, RFC 1952); never holds more than ``bytes_max`` bytes of it.

    Raises:
        TooLargeError: the content is larger than ``bytes_max``.
        MalformedGzipError: not gzip, cut short, or followed by something else.
    """
    parts: list[bytes] = []
    size = 0
    member = None
    for start in range(0, len(compressed), _CHUNK):
        piece = compressed[start : start + _CHUNK]
        while piece:
            member = member or zlib.decompressobj(wbits=_GZIP)
            part = _decompress(member, piece)
            size += len(part)
            if size > bytes_max:
                raise TooLargeError(f"A request body has at most {bytes_max} bytes, decompressed.", limit=bytes_max)
            parts.append(part)
            if member.eof:
                piece, member = member.unused_data, None
            else:
                piece = member.unconsumed_tail
    while member is not None and (part := _decompress(member, b"")):  # output that waited for room
        size += len(part)
        if size > bytes_max:
            raise TooLargeError(f"A request body has at most {bytes_max} bytes, decompressed.", limit=bytes_max)
        parts.append(part)
        if member.eof:
            member = None
    if not compressed or (member is not None and not member.eof):
        raise MalformedGzipError("The gzip body is empty, cut short, or followed by something else.")
    return b"".join(parts)


def _decompress(member: "zlib._Decompress", piece: bytes) -> bytes:
    try:
        return member.decompress(piece, _CHUNK)
    except zlib.error as error:
        raise MalformedGzipError("The body is not gzip, or was damaged on the way.") from error
