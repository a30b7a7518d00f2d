"""A request that could be read in two ways is refused with its reason; none of its readings is taken."""

import json
import os

import httpx
import pytest
from support.a_service import JSON, Service

from api.app import ROUTERS
from api.strict_requests import strict_query

READS = [
    ("GET", "/v1/events", {"source": "urn:a", "id": "1"}),
    ("GET", "/v1/events/proof", {"source": "urn:a", "id": "1"}),
    ("GET", "/v1/events/search", {"type": "t"}),
    ("GET", "/v1/anchors", {"limit": "1"}),
    ("GET", "/v1/log", {}),
    ("POST", "/v1/verify", {}),
    ("POST", "/v1/events", {"openings": "true"}),
]


def raw() -> bytes:
    event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "org.test.thing.v1"}
    return json.dumps(event).encode()


def assert_refused(answer: httpx.Response, *words: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), answer.text
    for word in words:
        assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("Authorization", "Bearer {key}", "Bearer {key}"),
        ("Authorization", "Bearer {key}", "Bearer other"),
        ("X-API-Key", "{key}", "{key}"),
        ("Content-Type", "application/cloudevents+json", "application/cloudevents-batch+json"),
        ("Content-Type", "application/cloudevents+json", "application/cloudevents+json"),
        ("Content-Encoding", "identity", "gzip"),
        ("Content-Encoding", "identity", "identity"),
    ],
)
def test_header_that_comes_twice_is_refused_by_name(service: Service, name: str, first: str, second: str) -> None:
    before = service.settled()
    key = service.keys["operator"]
    base = {"Authorization": f"Bearer {key}", **JSON}
    if name == "X-API-Key":
        del base["Authorization"]
    headers = [(other, value) for other, value in base.items() if other != name]
    headers += [(name, first.format(key=key)), (name, second.format(key=key))]

    assert_refused(service.client.post("/v1/events", content=raw(), headers=headers), f"header {name} ", "once")
    assert service.settled() == before


def test_two_ways_to_send_a_key_may_agree_and_may_not_differ(service: Service) -> None:
    key, other = service.keys["operator"], service.keys["platform_service"]
    same = {"Authorization": f"Bearer {key}", "X-API-Key": key}
    assert service.client.post("/v1/events", content=raw(), headers=JSON | same).status_code == 201
    differ = same | {"X-API-Key": other}
    answer = service.client.post("/v1/events", content=raw(), headers=JSON | differ)
    assert_refused(answer, "Authorization", "X-API-Key")
    assert other not in answer.text
    assert_refused(service.client.get("/v1/anchors", headers=differ))


def test_doubled_content_type_of_a_proof_is_refused(service: Service) -> None:
    headers = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    assert_refused(service.client.post("/v1/verify", content=b"{}", headers=headers), "Content-Type")


def test_preferences_may_come_in_several_headers(service: Service) -> None:
    headers = [*service.auth().items(), *JSON.items(), ("Prefer", "wait=7"), ("Prefer", "wait=9")]
    answer = service.client.post("/v1/events", content=raw(), headers=headers)
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "wait=7")


@pytest.mark.parametrize(("method", "path", "query"), READS)
def test_unknown_query_parameter_is_refused_and_the_known_ones_named(
    service: Service, method: str, path: str, query: dict[str, str]
) -> None:
    before = service.settled()
    headers = service.auth("operator") | (JSON if path == "/v1/events" else {"Content-Type": "application/json"})
    answer = service.client.request(
        method, path, params=query | {"sorce": "x"}, headers=headers, content=raw() if method == "POST" else None
    )
    assert_refused(answer, "query parameter sorce", *query)
    assert service.settled() == before


@pytest.mark.parametrize(("method", "path", "query"), [row for row in READS if row[2]])
def test_query_parameter_that_comes_twice_is_refused(
    service: Service, method: str, path: str, query: dict[str, str]
) -> None:
    name, value = next(iter(query.items()))
    answer = service.client.request(
        method,
        path,
        params=[*query.items(), (name, value)],
        headers=service.auth("operator") | JSON,
        content=raw() if method == "POST" else None,
    )
    assert_refused(answer, f"query parameter {name} comes twice")


def test_pointers_to_redact_may_come_more_than_once(service: Service) -> None:
    query = [("source", "urn:a"), ("id", "none"), ("redact", "/event/data/a"), ("redact", "/event/data/b")]
    assert service.get("/v1/events/proof", params=query).status_code == 404


def test_name_that_is_no_word_is_not_repeated(service: Service) -> None:
    for name in (service.keys["operator"], "a b", "%", "x" * 33):
        answer = service.get("/v1/log", params={name: "1"})
        assert_refused(answer, "with another name")
        assert name not in answer.json()["detail"].replace("with another name", "")


@pytest.mark.parametrize("path", ["/log/checkpoint", "/livez", "/readyz", "/metrics"])
def test_public_files_and_health_take_any_query(service: Service, path: str) -> None:
    service.settled()
    assert service.client.get(path, params={"cache": "1"}).status_code == 200


def test_every_versioned_route_checks_its_query() -> None:
    for router in ROUTERS:
        for route in router.routes:
            checks = {dependency.call for dependency in route.dependant.dependencies}
            is_direct = route.path == "/v1/events" and "POST" in route.methods  # tested above
            is_ours = route.path.startswith(("/v1/", "/dsp/", "/.well-known/", "/contract"))
            assert (strict_query in checks) == (is_ours and not is_direct), route.path
