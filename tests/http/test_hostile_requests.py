"""Requests made to hurt: small on the wire, large in the server. Each is refused within bounds, and others are served meanwhile."""

import gzip
import resource
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from support.a_service import Service

from api.http_protocol import HEAD_BYTES_MAX
from ledger.errors import TooLargeError
from ledger.services.batches import parse_batch, parse_ndjson
from ledger.services.events import NAME_CHARACTERS_MAX

ITEMS_MAX = 10_000
BODY_BYTES = 32 * 2**20


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (parse_batch, b"[" + b"1," * (BODY_BYTES // 2 - 1) + b"1]"),
        (parse_batch, b"[" + b"12345678," * (BODY_BYTES // 9 - 1) + b"1]"),
        (parse_batch, b"[" + b"{}," * (BODY_BYTES // 3 - 1) + b"{}]"),
        (parse_batch, b"[" + b'"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",' * (BODY_BYTES // 40 - 1) + b"1]"),
        (parse_ndjson, b"1\n" * (BODY_BYTES // 2)),
    ],
    ids=["scalars", "long scalars", "objects", "strings", "lines"],
)
@pytest.mark.timeout(60)
def test_body_of_millions_of_items_is_refused_without_holding_them(parse, body) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLargeError):
        parse(body, ITEMS_MAX)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 700  # one error object an item would be many gigabytes


@pytest.mark.timeout(60)
def test_body_of_newlines_alone_holds_nothing() -> None:
    assert parse_ndjson(b"\n" * BODY_BYTES, ITEMS_MAX) == []


def test_gzipped_batch_of_millions_of_scalars_is_413_at_once(service: Service) -> None:
    body = gzip.compress(b"[" + b"1," * 10_000_000 + b"1]")
    headers = {"Content-Type": "application/cloudevents-batch+json", "Content-Encoding": "gzip"}
    headers |= service.auth("platform_service")
    answer = service.client.post("/v1/events", content=body, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_endless_header_is_refused_and_others_are_served(service: Service) -> None:
    target = urlsplit(str(service.client.base_url))
    with socket.create_connection((target.hostname, target.port), timeout=20) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nX: ")
        sent = 0
        answer = b""
        try:
            while sent < 64 * HEAD_BYTES_MAX:
                connection.sendall(b"a" * 16_384)
                sent += 16_384
                time.sleep(0.001)
        except OSError:
            pass  # refused, as it should be
        connection.settimeout(5)
        try:
            answer = connection.recv(4096)
        except OSError:
            answer = b""  # a reset may overtake the answer
    assert sent < 64 * HEAD_BYTES_MAX
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
    assert httpx.get(f"http://{target.netloc}/livez").status_code == 200


def test_head_just_below_the_limit_is_taken(service: Service) -> None:
    answer = service.client.get("/livez", headers={"X-Long": "a" * (HEAD_BYTES_MAX - 2_000)})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["type", "submitter"])
def test_search_for_a_nul_is_400(service: Service, name: str) -> None:
    answer = service.client.get("/v1/events/search", params={name: "a\x00b"}, headers=service.auth("regulator"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


@pytest.mark.parametrize("name", ["source", "id"])
def test_name_too_long_to_be_asked_for_is_refused(service: Service, name: str) -> None:
    event = {"specversion": "1.0", "id": "long-1", "source": "urn:test:long", "type": "t"}
    event[name] = "urn:" + "x" * (NAME_CHARACTERS_MAX - 3)
    headers = {"Content-Type": "application/cloudevents+json"} | service.auth("platform_service")
    refused = service.client.post("/v1/events", json=event, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    event[name] = event[name][:-1]
    assert service.client.post("/v1/events", json=event, headers=headers).status_code == 201
    found = service.client.get("/v1/events", params={"source": event["source"], "id": event["id"]}, headers=headers)
    assert found.status_code == 200
