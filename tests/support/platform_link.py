"""The way between two platforms, with a hand on it: a forwarder that does something before a request goes on, or before its answer comes back."""

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

Hand = Callable[[], bool]
"""Returns whether what it was called for goes on; otherwise the connection is cut."""


class Link:
    """Forwards to ``target``; ``before`` and ``after`` are called for writes whose path begins with ``watched``, once each."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.watched = "/v1/usage-tokens"
        self.before: Hand | None = None
        self.after: Hand | None = None
        self.forwarded = 0
        link = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                link.forward(self)

            do_POST = do_GET  # noqa: N815 - the name that the server calls

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forward(self, asked: BaseHTTPRequestHandler) -> None:
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        is_watched = asked.command == "POST" and asked.path.startswith(self.watched)
        if is_watched and not self._take("before"):
            self._cut(asked)
            return
        parts = urlsplit(self.target)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request(asked.command, asked.path, body or None, dict(asked.headers))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._cut(asked)
            return
        finally:
            connection.close()
        self.forwarded += is_watched
        if is_watched and not self._take("after"):
            self._cut(asked)
            return
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "content-length", "connection", "date", "server"}:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def _take(self, name: str) -> bool:
        hand: Hand | None = getattr(self, name)
        setattr(self, name, None)
        return True if hand is None else hand()

    @staticmethod
    def _cut(asked: BaseHTTPRequestHandler) -> None:
        asked.close_connection = True
        asked.connection.close()
