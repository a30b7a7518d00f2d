"""The HTTP/1.1 protocol of the server, with what the library leaves open before a request reaches the application.

- A request's head has a largest size: without it anyone could stream one endless header; the parser keeps all of it.
- A request's head has a time to arrive: without it a connection that sends a byte now and then is held for ever.
- Fields behind the last chunk of a body (trailers) are refused: the library would append them to the headers, without a limit,
  and whether the application saw them would depend on how the request was cut on its way.
- What the parser refuses is answered by a problem document like every other refusal.
- A refusal reaches a client that is still sending: the connection is closed in one direction first, and what comes meanwhile is
  dropped. Closing at once would send a reset, which may overtake the answer.

How long a connection may lie idle between two requests is the library's own limit (``KEEP_ALIVE_S``).
"""

import asyncio
import sys
from typing import Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.problems import MEDIA_TYPE, problem_bytes

HEAD_BYTES_MAX: Final = 65_536
"""Request line and headers together."""

HEAD_TIMEOUT_S: Final = 20.0
"""From a head's first byte, or from the connection's start, to its last byte."""

KEEP_ALIVE_S: Final = 5
"""An idle connection is closed after this time without a byte."""

LINGER_S: Final = 3.0
LINGER_BYTES_MAX: Final = 2**20
"""How long, and for how many bytes, a refused client is listened to, so that it reads the answer."""

_TRAILER: Final = "Fields behind the last chunk of the body (trailers) are not taken; send them as headers."

_REASONS: Final = (
    (httptools.HttpParserInvalidMethodError, "The method in the request line is none of HTTP."),
    (httptools.HttpParserInvalidURLError, "The target in the request line is not a URL."),
    (httptools.HttpParserCallbackError, "The target in the request line is not a path of this server, in ASCII."),
)


class _TrailerError(Exception):
    """Ends the parser's work on a connection."""


class BoundedHeadProtocol(HttpToolsProtocol):
    """Bounds heads in size (checked after every read, so a read more may be held) and in time, and refuses trailers."""

    _in_head = True  # a head has begun, or the connection is new
    _is_between = False  # a request is complete and the next has not begun
    _requests = 0
    _head_bytes = 0
    _chunks = 0  # chunk headers seen
    _is_chunk_empty = False  # a chunk's header was seen, and nothing of its content: only the last chunk stays so
    _has_trailer = False
    _head_timer: asyncio.TimerHandle | None = None
    _linger_timer: asyncio.TimerHandle | None = None
    _refusal: bytes | None = None  # waits for the answers to complete requests before it
    _is_refused = False
    _dropped_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the library
        """A client connected; it has as long for its first head as for any other."""
        super().connection_made(transport)
        self._arm_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._cancel_head_timer()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the middle of a read."""
        self._in_head = True
        self._is_between = False
        self._requests += 1
        self._head_bytes = 0
        self._is_chunk_empty = False
        self._cancel_head_timer()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer: the parser tells both in the same way."""
        if not self._in_head:
            self._has_trailer = True
            raise _TrailerError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        super().on_headers_complete()
        self._in_head = False
        self._cancel_head_timer()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = (
                False  # the parser takes nothing more after a request that asked for another protocol
            )

    def on_chunk_header(self) -> None:
        """A chunk of the body begins; the last one has no content."""
        self._chunks += 1
        self._is_chunk_empty = True

    def on_body(self, body: bytes) -> None:
        """Some bytes of the body."""
        self._is_chunk_empty = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._is_between = True
        self._is_chunk_empty = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request was answered; what follows it may have been refused meanwhile."""
        super().on_response_complete()
        if self._refusal is not None and not self._is_answering():
            self._send_refusal(self._refusal)

    def data_received(self, data: bytes) -> None:
        """Some bytes of the connection."""
        if self._is_refused or self._refusal is not None:
            self._dropped_bytes += len(data)
            if self._dropped_bytes > LINGER_BYTES_MAX:
                self.transport.abort()
            return
        requests, chunks = self._requests, self._chunks
        is_between = self._is_between
        is_new = is_between or not requests
        is_chunk_empty = self._is_chunk_empty
        super().data_received(data)
        if self._is_refused or self._refusal is not None or self.transport.is_closing():
            return
        if self._in_head:
            is_all_of_it = self._requests == requests or (is_new and self._requests == requests + 1)
            self._head_bytes += len(data) if is_all_of_it else self._parsed_head_bytes()
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse("too_large", f"The head of a request has at most {HEAD_BYTES_MAX} bytes.", 431)
        elif is_chunk_empty and self._is_chunk_empty and self._chunks == chunks and data != b"\r":
            # A field of the trailer that is not whole yet: the parser holds it, and tells when it ends.
            self._refuse("malformed_request", f"{_TRAILER} Nothing was written.")
        if self._head_timer is None and (self._in_head or (is_between and requests == self._requests)):
            self._arm_head_timer()

    def send_400_response(self, msg: str) -> None:
        """What the parser refused; called by the library, which has the parser's error in hand. ``msg`` says less than that."""
        del msg
        error = sys.exception()
        detail = next((reason for kind, reason in _REASONS if isinstance(error, kind)), None)
        if self._has_trailer:
            detail = _TRAILER
        elif detail is None:
            if not self._in_head:
                where = "The framing of the request's body"
            else:
                where = "A header" if self.headers else "The request line or the first header"
            detail = f"{where} cannot be read: {error}."  # the parser's own constant words, nothing of the request
        self._refuse("malformed_request", f"{detail} Nothing was written; this server speaks HTTP/1.1 without TLS.")

    def _parsed_head_bytes(self) -> int:
        """Bytes of a head that began behind another request in one read; what the parser holds of it is a read at most."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _arm_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._on_head_timeout)

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _on_head_timeout(self) -> None:
        self._head_timer = None
        if self._is_refused or self.transport.is_closing():
            return
        if self._is_answering():
            self._arm_head_timer()  # the server is not reading, or there are stray line ends behind a request
        elif self._in_head and self._head_bytes:
            detail = f"The head of the request did not arrive within {HEAD_TIMEOUT_S:g} seconds. Nothing was written."
            self._refuse("request_timeout", f"{detail} Send the request again.")
        else:
            self.transport.close()  # nothing was asked

    def _is_answering(self) -> bool:
        return bool(self.pipeline) or (self.cycle is not None and not self.cycle.response_complete)

    def _refuse(self, code: str, detail: str, status: int | None = None) -> None:
        """Answers and closes; after the answers to requests that came whole before this."""
        self._cancel_head_timer()
        refusal = self._encode(*problem_bytes(code, detail, status))
        if not self._is_answering():
            self._send_refusal(refusal)
        elif not self.cycle.more_body:
            self._refusal = refusal
        elif self.pipeline or self.cycle.response_started:
            self.transport.close()  # the broken body's own answer is out already, or is not the next
        else:
            self.cycle.disconnected = True  # the application stops waiting for the rest, and its answer is dropped
            self.cycle.message_event.set()
            self._send_refusal(refusal)

    def _send_refusal(self, refusal: bytes) -> None:
        if self.transport.is_closing():
            return
        self._is_refused = True
        self._unset_keepalive_if_required()
        self.transport.write(refusal)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._linger_timer = self.loop.call_later(LINGER_S, self.transport.abort)

    def _encode(self, status: int, body: bytes) -> bytes:
        headers = [
            *self.server_state.default_headers,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"%b%b\r\n%b" % (STATUS_LINE[status], lines, body)
