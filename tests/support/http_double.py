"""A tiny real HTTP server that answers from a script: stands for the service where only the client's behaviour is tested."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

DROP = "drop the connection without an answer"
CUT = "drop the connection in the middle of an answer"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Script = Answer | str | Callable[[Seen], Answer]


class HttpDouble:
    """Gives the scripted answers in order, the last one for ever; remembers what it was asked.

    An answer may be a function of the request.
    """

    def __init__(self, *answers: Script) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []
        self.url = ""
        self._lock = Lock()

    def take(self, request: Seen) -> Answer | str:
        with self._lock:
            self.seen.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request) if callable(answer) else answer


@contextmanager
def http_double(*answers: Script) -> Iterator[HttpDouble]:
    double = HttpDouble(*answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = double.take(Seen(self.command, self.path, headers, body))
            if isinstance(answer, str):
                self.close_connection = True
                if answer == CUT:
                    self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"ok":true,')
                    self.wfile.flush()
                self.connection.close()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def finish(self) -> None:
            if not self.wfile.closed:
                super().finish()

        def log_message(self, *_args: object) -> None:
            """Nothing on the test's standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        double.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
