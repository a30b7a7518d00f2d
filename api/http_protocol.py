"""The HTTP/1.1 protocol of the server, with the one limit that the library does not set: the size of a request's head.

Without it anyone could stream one endless header; the parser keeps all of it and everybody else waits.
"""

from typing import Final

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX: Final = 65_536
"""Request line and headers together."""

_PROBLEM: Final = orjson.dumps(
    {
        "type": "urn:cityledger:problem:too-large",
        "title": "Too large",
        "status": 431,
        "detail": f"The head of a request has at most {HEAD_BYTES_MAX} bytes.",
        "code": "too_large",
    }
)
_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/problem+json\r\n"
    b"content-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
) % (len(_PROBLEM), _PROBLEM)


class BoundedHeadProtocol(HttpToolsProtocol):
    """Refuses a head above ``HEAD_BYTES_MAX`` (checked after every read, so a read more may be held) and closes."""

    _in_head = True
    _head_bytes = 0

    def on_message_begin(self) -> None:
        """A request begins, perhaps in the middle of a read."""
        self._in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Some bytes of the connection."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES_MAX:
            self.transport.write(_REFUSAL)
            self.transport.close()
