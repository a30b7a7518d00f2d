"""Limits: stated, enforced, and answered in time; back-pressure; the database away."""

import gzip
import http.client
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from support.a_service import BATCH, JSON, NDJSON, Service, running_service

from api import bodies
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.settings import Settings
from ledger.adapters.sql.migrate import upgrade

NewService = Callable[..., Service]


def event(**members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": os.urandom(8).hex(),
        "source": "urn:test:office",
        "type": "org.test.thing.v1",
    } | members


def assert_too_large(answer: httpx.Response, limit: int) -> None:
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large"), answer.text
    assert answer.json()["limit"] == limit


def test_body_above_the_limit_is_413_before_and_after_decompression(new_service: NewService) -> None:
    service = new_service(body_bytes_max=20_000)
    before = service.settled()
    lines = "\n".join(json.dumps(event(data="x" * 500)) for _ in range(100))

    announced = service.post(lines, NDJSON)
    chunked = service.post((lines[start : start + 999].encode() for start in range(0, len(lines), 999)), NDJSON)
    compressed = service.post(gzip.compress(lines.encode()), NDJSON | {"Content-Encoding": "gzip"})

    for answer in (announced, chunked, compressed):
        assert_too_large(answer, 20_000)
    assert service.settled() == before


def test_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"\x00" * 200_000_000)
    members = gzip.compress(b"x" * 1_000) * 100

    with pytest.raises(bodies.TooLargeError):
        bodies.gunzip(bomb, 100_000)
    with pytest.raises(bodies.TooLargeError):
        bodies.gunzip(members, 99_999)
    assert bodies.gunzip(members, 100_000) == b"x" * 100_000


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 1_000_000])
def test_gunzip_gives_back_what_was_compressed(size: int) -> None:
    content = os.urandom(size // 2) + b"a" * (size - size // 2)
    for level in (0, 1, 9):
        assert bodies.gunzip(gzip.compress(content, level), size) == content
    with pytest.raises(bodies.MalformedGzipError):
        bodies.gunzip(zlib.compress(content), size)


def test_gunzip_takes_members_up_to_a_limit() -> None:
    member = gzip.compress(b"x")
    assert bodies.gunzip(member * bodies.GZIP_MEMBERS_MAX, 2_000) == b"x" * bodies.GZIP_MEMBERS_MAX
    with pytest.raises(bodies.TooLargeError, match="members"):
        bodies.gunzip(member * (bodies.GZIP_MEMBERS_MAX + 1), 2_000)


@pytest.mark.timeout(20)
def test_largest_body_of_tiny_gzip_members_is_refused_at_once() -> None:
    member = gzip.compress(b"", mtime=0)
    body = member * (32 * 2**20 // len(member))
    began = time.process_time()
    with pytest.raises(bodies.TooLargeError, match="members"):
        bodies.gunzip(body, 2**20)
    assert time.process_time() - began < 1  # each member's end copies what follows it: 17 s without a limit


def test_content_length_that_lies_is_refused_or_never_complete(service: Service) -> None:
    before = service.settled()
    host, port = service.url.removeprefix("http://").split(":")
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.keys['operator']}\r\n"
    head += f"Content-Type: {JSON['Content-Type']}\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b'{"specversion":"1.0"')
    connection = http.client.HTTPConnection(host, int(port))
    connection.putrequest("POST", "/v1/events")
    connection.putheader("Authorization", f"Bearer {service.keys['operator']}")
    connection.putheader("Content-Type", NDJSON["Content-Type"])
    connection.putheader("Content-Length", "99999999999999999999")
    connection.endheaders()
    assert connection.getresponse().status in {400, 413}
    connection.close()
    assert service.settled() == before


def test_body_that_does_not_arrive_in_time_is_408(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_TIMEOUT_S", 0.2)

    def slow() -> Any:
        yield b"{"
        time.sleep(1)
        yield b"}"

    answer = service.post(slow(), JSON)
    assert (answer.status_code, answer.json()["code"]) == (408, "request_timeout")


def test_too_many_events_is_413_for_the_whole(new_service: NewService) -> None:
    service = new_service(batch_events_max=3)
    before = service.settled()
    events = [json.dumps(event()) for _ in range(4)]

    assert_too_large(service.post("[" + ",".join(events) + "]", BATCH), 3)
    assert_too_large(service.post("[" + " , ".join(events) + "]", BATCH), 3)
    assert_too_large(service.post("[" + "{}," * 100_000 + "{}]", BATCH), 3)
    assert_too_large(service.post("\n".join(events), NDJSON), 3)
    assert service.settled() == before
    assert len(service.post("\n".join(events[:3]), NDJSON).json()["results"]) == 3


def test_event_above_its_limit_is_refused_alone(new_service: NewService) -> None:
    service = new_service(event_bytes_max=1_000)
    large = event(data="x" * 1_000)

    assert_too_large(service.post(json.dumps(large), JSON), 1_000)
    results = service.post(json.dumps([large, event()]), BATCH).json()["results"]

    assert results[0]["problem"]["code"] == "too_large"
    assert results[1]["state"] == "published"


def test_limits_in_the_openapi_description_are_the_defaults(service: Service) -> None:
    description = service.client.get("/openapi.json").json()["info"]["description"]
    default = {name: field.default for name, field in Settings.model_fields.items()}
    assert f"{default['body_bytes_max'] // 2**20} MiB" in description
    assert f"{default['batch_events_max']:,} events" in description
    assert f"{default['event_bytes_max'] // 2**10} KiB" in description
    assert f"{default['outstanding_events_max']:,} events" in description


def test_outstanding_work_above_the_limit_is_429_and_passes(
    new_service: NewService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = new_service(outstanding_events_max=10)
    append = service.container.committer._append
    free = threading.Event()

    def held_append(*args: Any, **kwargs: Any) -> Any:
        free.wait(20)
        return append(*args, **kwargs)

    monkeypatch.setattr(service.container.committer, "_append", held_append)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(service.post, "\n".join(json.dumps(event()) for _ in range(8)), NDJSON)
        deadline = time.monotonic() + 10
        while service.container.committer.outstanding < 8:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        sent = "\n".join(json.dumps(event()) for _ in range(3))
        refused = service.post(sent, NDJSON)
        fits = pool.submit(service.post, json.dumps(event()), JSON)
        free.set()
        assert first.result().status_code == 200
        assert fits.result().status_code == 201

    assert (refused.status_code, refused.json()["code"]) == (429, "overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    assert len(service.post(sent, NDJSON).json()["results"]) == 3


def test_two_requests_at_once_with_one_event_see_the_same_answer(service: Service) -> None:
    for _ in range(5):
        sent = json.dumps(event())
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, sent=sent: service.post(sent, JSON), range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.json()["result"]["leaf_index"] for answer in answers}) == 1


def test_database_away_is_503_everywhere_and_comes_back_alone(tmp_path: Any) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    server.start()
    try:
        upgrade(server.url)
        with running_service(server.url, tmp_path / "service") as service:
            sent = json.dumps(event())
            assert service.post(sent, JSON).status_code == 201
            server.stop()
            assert_unavailable(service.post(json.dumps(event()), JSON))
            assert_unavailable(service.get("/v1/events", params={"source": "urn:a", "id": "1"}))
            assert_unavailable(service.client.get("/v1/log"))
            ready = service.client.get("/readyz")
            assert (ready.status_code, ready.json()["parts"]) == (503, {"database": "unavailable"})
            assert service.client.get("/livez").status_code == 200
            assert service.client.get("/log/checkpoint").status_code == 200, "tiles need no database"
            server.start()
            assert service.post(sent, JSON).status_code == 200, "what was acknowledged is there"
            assert service.post(json.dumps(event()), JSON).status_code == 201
            assert service.client.get("/readyz").status_code == 200
    finally:
        server.stop()


def assert_unavailable(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    assert int(answer.headers["retry-after"]) >= 1
