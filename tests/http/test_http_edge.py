"""What happens before a request reaches the application, over raw connections: slow, malformed and oversized requests."""

import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.a_service import JSON, NDJSON, Service

from api import bodies, draining, http_protocol
from api.http_protocol import HEAD_BYTES_MAX

LIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    target = urlsplit(service.url)
    with socket.create_connection((target.hostname, target.port), timeout=15) as connection:
        yield connection


def read_answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer; leaves the connection as the server leaves it."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def read_all(connection: socket.socket) -> bytes:
    """Everything until the server closes."""
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


def read_problem(connection: socket.socket) -> tuple[int, str, str]:
    """Status, code and detail of the problem that ends this connection."""
    status, headers, body = read_answer(connection)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert "date" in headers
    problem: dict[str, Any] = json.loads(body)
    assert problem["status"] == status
    assert problem["type"] == "urn:cityledger:problem:" + problem["code"].replace("_", "-")
    assert connection.recv(1) == b"", "the server closes"
    return status, problem["code"], problem["detail"]


def post_head(service: Service, headers: dict[str, str], *more: str) -> bytes:
    lines = ["POST /v1/events HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in headers.items()), *more]
    lines.append(f"Authorization: Bearer {service.keys['platform_service']}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def send_many(connection: socket.socket, chunk: bytes, count: int) -> None:
    for _ in range(count):
        connection.sendall(chunk)


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [b"", LIVE], ids=["first request", "second request"])
def test_head_that_drips_is_408_and_closed(service: Service, monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.6)
    with connected(service) as connection:
        if before:
            connection.sendall(before)
            assert read_answer(connection)[0] == 200
        began = time.monotonic()
        connection.settimeout(0.05)
        for byte in LIVE[:-4] + b"a" * 1_000:
            connection.sendall(bytes([byte]))
            try:
                if connection.recv(1, socket.MSG_PEEK):
                    break
            except TimeoutError:
                continue
        assert 0.5 < time.monotonic() - began < 5
        connection.settimeout(10)
        status, code, detail = read_problem(connection)
    assert (status, code) == (408, "request_timeout")
    assert "head" in detail
    assert "Nothing was written" in detail


@pytest.mark.parametrize("before", [b"", LIVE], ids=["new connection", "kept connection"])
def test_connection_on_which_nothing_is_asked_is_closed_without_an_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch, before: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.3)
    with connected(service) as connection:
        if before:
            connection.sendall(before)
            assert read_answer(connection)[0] == 200
            connection.sendall(b"\r\n")  # ends the library's idle limit, and begins no request
        assert connection.recv(1) == b""


def test_idle_connection_outlives_the_limit_on_heads(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.3)
    with connected(service) as connection:
        for _ in range(2):
            connection.sendall(LIVE)
            assert read_answer(connection)[0] == 200
            time.sleep(0.7)
        connection.sendall(LIVE)
        assert read_answer(connection)[0] == 200


def test_slow_body_is_not_bound_by_the_limit_on_heads(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT_S", 0.2)
    with connected(service) as connection:
        connection.sendall(post_head(service, JSON, "Content-Length: 2"))
        connection.sendall(b"{")
        time.sleep(0.6)
        connection.sendall(b"}")
        assert json.loads(read_answer(connection)[2])["code"] == "invalid_event"


def test_body_that_stalls_is_408_and_says_what_to_do(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(draining, "DRAIN_S", 0.2)
    before = service.settled()
    with connected(service) as connection:
        connection.sendall(post_head(service, JSON, "Content-Length: 1000") + b'{"specversion":')
        status, code, detail = read_problem(connection)
    assert (status, code) == (408, "request_timeout")
    assert "Nothing was written" in detail
    assert service.settled() == before


# --- what the parser refuses ------------------------------------------------------------------------------------------

MALFORMED: dict[str, bytes] = {
    "no request line": b"nonsense\r\n\r\n",
    "unknown method": b"FROB /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100d8010000d40303") + bytes(50),
    "target that is no URL": b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    "target that is not ASCII": "GET /zq7m\u00e4rker HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    "header without a colon": b"GET /livez HTTP/1.1\r\nzq7marker\r\n\r\n",
    "space in a header name": b"GET /livez HTTP/1.1\r\nHost: x\r\nzq7 marker: x\r\n\r\n",
    "control character in a header": b"GET /livez HTTP/1.1\r\nHost: x\r\nX: a\x01zq7marker\r\n\r\n",
    "two lengths": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "the same length twice": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "length that is no number": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length and chunks": b"POST /v1/events HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_request_that_the_parser_refuses_is_a_problem(service: Service, name: str) -> None:
    with connected(service) as connection:
        connection.sendall(MALFORMED[name])
        status, code, detail = read_problem(connection)
    assert (status, code) == (400, "malformed_request")
    assert "Nothing was written" in detail
    assert "zq7" not in detail


def test_head_above_the_limit_is_431_for_a_client_that_sends_all_first(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4 * HEAD_BYTES_MAX + b"\r\n\r\n")
        assert read_problem(connection)[:2] == (431, "too_large")


def test_malformed_request_behind_a_good_one_is_answered_after_it(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(LIVE + b"nonsense\r\n\r\n")
        received = read_all(connection)
    assert received.index(b"HTTP/1.1 200 ") < received.index(b"HTTP/1.1 400 ")
    assert b"malformed_request" in received


def test_broken_chunks_are_400_and_nothing_is_written(service: Service) -> None:
    before = service.settled()
    with connected(service) as connection:
        connection.sendall(post_head(service, NDJSON, "Transfer-Encoding: chunked") + b"5\r\n{}\n{}\r\n")
        time.sleep(0.1)  # the application waits for the rest
        connection.sendall(b"zz\r\n")
        status, code, detail = read_problem(connection)
    assert (status, code) == (400, "malformed_request")
    assert "body" in detail
    assert service.settled() == before


def test_request_for_another_protocol_is_answered_and_the_connection_closed(service: Service) -> None:
    for wanted in ("h2c", "websocket"):
        with connected(service) as connection:
            connection.sendall(LIVE[:-2] + f"Connection: Upgrade\r\nUpgrade: {wanted}\r\n\r\n".encode())
            status, headers, body = read_answer(connection)
            assert (status, headers["connection"], json.loads(body)) == (200, "close", {"status": "alive"})
            assert connection.recv(1) == b""


# --- trailers, and several requests in one read -----------------------------------------------------------------------

CHUNKED_LIVE = LIVE[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("pause_s", [0, 0.2], ids=["in one segment", "in two segments"])
@pytest.mark.parametrize("trailer", [b"ce-subject: late", b"Expect: 100-continue", b"A: 1\r\nB: 2"])
def test_trailer_is_refused_however_it_is_cut(service: Service, pause_s: float, trailer: bytes) -> None:
    before = service.settled()
    binary = {"ce-specversion": "1.0", "ce-id": os.urandom(8).hex(), "ce-source": "urn:test:office", "ce-type": "t"}
    with connected(service) as connection:
        connection.sendall(post_head(service, binary, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n")
        time.sleep(pause_s)
        connection.sendall(trailer + b"\r\n\r\n")
        status, code, detail = read_problem(connection)
    assert (status, code) == (400, "malformed_request")
    assert "trailer" in detail
    assert "Nothing was written" in detail
    assert service.settled() == before


def test_api_key_in_a_trailer_is_no_key(service: Service) -> None:
    before = service.settled()
    event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "t"}
    body = json.dumps(event).encode()
    head = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    head += f"Content-Type: {JSON['Content-Type']}\r\n\r\n".encode()
    key = f"X-API-Key: {service.keys['platform_service']}\r\n\r\n".encode()
    with connected(service) as connection:
        connection.sendall(head + b"%x\r\n%b\r\n0\r\n" % (len(body), body) + key)
        assert read_problem(connection)[:2] == (400, "malformed_request")
    assert service.settled() == before


@pytest.mark.parametrize("line", [b"X: " + b"a" * 60_000 + b"\r\n", b"a" * 60_000], ids=["many fields", "one field"])
def test_endless_trailer_is_cut_off_before_it_is_held(service: Service, line: bytes) -> None:
    with connected(service) as connection:
        connection.sendall(CHUNKED_LIVE)
        time.sleep(0.1)
        connection.sendall(b"0\r\nX: ")
        with pytest.raises(ConnectionError):
            send_many(connection, line, 500)


def test_end_of_chunks_that_comes_byte_by_byte_is_taken(service: Service) -> None:
    with connected(service) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in post_head(service, JSON, "Transfer-Encoding: chunked") + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n":
            connection.sendall(bytes([byte]))
            time.sleep(0.001)
        assert json.loads(read_answer(connection)[2])["code"] == "invalid_event"
        connection.sendall(LIVE)
        assert read_answer(connection)[0] == 200


def test_chunk_whose_header_ends_a_read_is_taken(service: Service) -> None:
    with connected(service) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in (
            post_head(service, JSON, "Transfer-Encoding: chunked") + b"1\r\n",
            b"{\r\n1\r\n",
            b"}\r\n0\r\n\r\n",
        ):
            connection.sendall(part)
            time.sleep(0.05)
        assert json.loads(read_answer(connection)[2])["code"] == "invalid_event"


def test_head_behind_many_others_in_one_read_is_charged_for_itself_alone(service: Service) -> None:
    """Pipelined requests, more than a head's limit together, and the last one cut within its head."""
    event = json.dumps({"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "t"})
    long = LIVE[:-2] + b"X: " + b"a" * 2_000 + b"\r\n\r\n"
    with connected(service) as connection:
        with service.publisher.paused():  # the server reads nothing while the first waits and the second queues
            connection.sendall(post_head(service, JSON, f"Content-Length: {len(event)}") + event.encode() + LIVE)
            time.sleep(0.3)
            connection.sendall(long * (HEAD_BYTES_MAX // 1_000) + LIVE[:-4])
            time.sleep(0.3)
        time.sleep(0.5)
        connection.sendall(b"\r\nConnection: close\r\n\r\n")
        received = read_all(connection)
    assert b"HTTP/1.1 431 " not in received
    assert received.count(b"HTTP/1.1 200 ") == HEAD_BYTES_MAX // 1_000 + 2


def test_head_behind_another_request_has_the_same_limit(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(LIVE + LIVE[:-2] + b"X: " + b"a" * 4 * HEAD_BYTES_MAX)
        received = read_all(connection)
    assert received.index(b"HTTP/1.1 200 ") < received.index(b"HTTP/1.1 431 ")


# --- answers to clients that are still sending ------------------------------------------------------------------------


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_413_reaches_a_client_that_sends_everything_first(service: Service, framing: str) -> None:
    limit = service.container.settings.body_bytes_max
    chunk = b"x" * 65_536
    count = limit // len(chunk) + 80
    with connected(service) as connection:
        announced = f"Content-Length: {count * len(chunk)}" if framing == "length" else "Transfer-Encoding: chunked"
        connection.sendall(post_head(service, NDJSON, announced))
        for number in range(count):
            if number == count - 40:
                time.sleep(0.3)  # the refusal is made by now, and the client does not look
            connection.sendall(chunk if framing == "length" else b"10000\r\n" + chunk + b"\r\n")
        if framing == "chunks":
            connection.sendall(b"0\r\n\r\n")
        assert read_problem(connection)[:2] == (413, "too_large")


def test_client_that_never_ends_is_cut_off(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "DRAIN_BYTES_MAX", 2**20)
    chunk = b"x" * 65_536
    with connected(service) as connection:
        connection.sendall(post_head(service, NDJSON, f"Content-Length: {2**40}"))
        with pytest.raises(ConnectionError):
            send_many(connection, chunk, 2**13)


def test_refusal_of_a_small_body_keeps_the_connection(service: Service) -> None:
    with connected(service) as connection:
        for _ in range(3):
            connection.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
            connection.sendall(b"{}")
            status, headers, _ = read_answer(connection)
            assert status == 401
            assert "connection" not in headers


def test_client_that_waits_for_100_gets_the_refusal_and_no_100(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(post_head(service, NDJSON, f"Content-Length: {2**40}", "Expect: 100-continue"))
        began = time.monotonic()
        status, headers, _ = read_answer(connection)
        assert (status, headers["connection"]) == (413, "close")
        assert time.monotonic() - began < 5
