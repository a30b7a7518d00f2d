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

SMALL_BODY_BYTES: Final = 2**20
"""Bodies up to this size count as they arrive; a single event of the default limits is one of them."""

GZIP_MEMBERS_MAX: Final = 1_000
"""Twice what a compressor that cuts its input into members of 64 KiB makes of the largest body."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_PIECE: Final = 1 << 14
"""What follows a member's end is copied once a member, so it is short."""
_CHUNK: Final = 1 << 16


class MalformedGzipError(InputError):
    """The body is not gzip, is cut short, or has bytes after its end."""

    code = "malformed_gzip"
    title = "Malformed gzip"


class RequestTimeoutError(InputError):
    """The body did not arrive in time."""

    code = "request_timeout"
    title = "Request too slow"


class BodyBudget:
    """How many bytes of bodies one process holds at a time; used by the event loop only.

    A large body reserves what it announces before it is read, so that many at once are refused early (429) and do not exhaust
    memory; an eighth of the budget is out of reach for it. A small body is counted as it arrives: whoever announces one and
    does not send it holds nothing, and large ones never shut it out. One request always fits.
    """

    def __init__(self, bytes_max: int, small_bytes: int = SMALL_BODY_BYTES) -> None:
        self._free = bytes_max
        self._whole = bytes_max
        self._small_bytes = small_bytes

    @asynccontextmanager
    async def reserve(self, announced: int) -> AsyncIterator["Reservation"]:
        """Room for one body of at most ``announced`` bytes.

        Raises:
            OverloadedError: too many bodies are under way.
        """
        reservation = Reservation(self)
        if announced > self._small_bytes:
            reservation.cover(announced, spared=self._whole // 8)
        try:
            yield reservation
        finally:
            self._free += reservation.held

    def take(self, count: int, held: int, spared: int) -> None:
        """For ``Reservation``: ``count`` bytes more for a body that has ``held`` already, so that ``spared`` bytes stay."""
        if count > self._free - spared and self._free + held < self._whole:
            raise OverloadedError("Too many large requests are under way; retry later.")
        self._free -= count


class Reservation:
    """What one body holds of the budget."""

    def __init__(self, budget: BodyBudget) -> None:
        self.held = 0
        self._budget = budget

    def cover(self, size: int, *, spared: int = 0) -> None:
        """Holds ``size`` bytes in all, if it does not already.

        Raises:
            OverloadedError: too many bodies are under way.
        """
        if size > self.held:
            self._budget.take(size - self.held, self.held, spared)
            self.held = size


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


async def read_body(
    request: Request, bytes_max: int, reservation: Reservation, timeout_s: float | None = None
) -> bytes:
    """The body as it was sent, chunked or not; ``timeout_s`` is ``READ_TIMEOUT_S`` unless told.

    Raises:
        TooLargeError: more than ``bytes_max`` bytes; what follows is not read.
        OverloadedError: too many bodies are under way; what follows is not read.
        RequestTimeoutError: it did not arrive in time.
    """
    within_s = READ_TIMEOUT_S if timeout_s is None else timeout_s
    try:
        async with asyncio.timeout(within_s):
            return await _collect(request, bytes_max, reservation)
    except TimeoutError as error:
        raise RequestTimeoutError(
            f"The request body did not arrive within {within_s:g} seconds. Nothing was written; send it again, or in"
            " smaller batches."
        ) from error
    except ClientDisconnect as error:
        raise InputError("The client went away before the body was complete.") from error


async def _collect(request: Request, bytes_max: int, reservation: Reservation) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            raise TooLargeError(f"A request body has at most {bytes_max} bytes.", limit=bytes_max)
        reservation.cover(size)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def gunzip(compressed: bytes, bytes_max: int) -> bytes:
    """The content of a gzip body (one or more members, RFC 1952); never holds more than ``bytes_max`` bytes of it.

    Raises:
        TooLargeError: the content is larger than ``bytes_max``, or it comes in more than ``GZIP_MEMBERS_MAX`` members.
        MalformedGzipError: not gzip, cut short, or followed by something else.
    """
    content = _Content(bytes_max)
    members = 0
    member = None
    for start in range(0, len(compressed), _PIECE):
        piece = compressed[start : start + _PIECE]
        while piece:
            if member is None:
                members += 1
                member = _begin_member(members)
            content.add(_decompress(member, piece))
            if member.eof:
                piece, member = member.unused_data, None
            else:
                piece = member.unconsumed_tail
    while member is not None and (part := _decompress(member, b"")):  # output that waited for room
        content.add(part)
        if member.eof:
            member = None
    if not compressed or (member is not None and not member.eof):
        raise MalformedGzipError("The gzip body is empty, cut short, or followed by something else.")
    return b"".join(content.parts)


class _Content:
    def __init__(self, bytes_max: int) -> None:
        self.parts: list[bytes] = []
        self._left = bytes_max
        self._bytes_max = bytes_max

    def add(self, part: bytes) -> None:
        self._left -= len(part)
        if self._left < 0:
            limit = self._bytes_max
            raise TooLargeError(f"A request body has at most {limit} bytes, decompressed.", limit=limit)
        self.parts.append(part)


def _begin_member(number: int) -> "zlib._Decompress":
    if number > GZIP_MEMBERS_MAX:
        limit = GZIP_MEMBERS_MAX
        raise TooLargeError(f"A gzip body has at most {limit} members; compress it into one.", limit=limit)
    return zlib.decompressobj(wbits=_GZIP)


def _decompress(member: "zlib._Decompress", piece: bytes) -> bytes:
    try:
        return member.decompress(piece, _CHUNK)
    except zlib.error as error:
        raise MalformedGzipError("The body is not gzip, or was damaged on the way.") from error
