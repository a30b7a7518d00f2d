"""Walks over the routes of the role matrix: writes without a name of the caller's are refused, reads of supervisors are evidence; with every exception named."""

import json
from typing import Any, Final

import pytest
from support.desk import Desk
from support.openapi_document import kept_document
from support.route_matrix import Row, nothing_at, written_matrix
from support.two_tenants import PARAMS, body_in_order

from api.life_roles import INTERFACES
from api.roles import READING_POSTS
from ledger.domain.roles import WATCHED_READERS

DOCUMENT: Final = kept_document()
MESSAGES: Final = "/dsp/2025-1/negotiations"
PROTOCOL: Final = "the Dataspace Protocol's messages have no such header; a repeat is known by its `@id` or its content"
KEYLESS: Final[dict[tuple[str, str], str]] = {
    ("POST", "/v1/events"): "an event is known by its source and id",
    ("POST", f"{MESSAGES}/request"): PROTOCOL,
    ("POST", f"{MESSAGES}/offers"): PROTOCOL,
    ("POST", f"{MESSAGES}/{{provider_pid}}/request"): PROTOCOL,
    ("POST", f"{MESSAGES}/{{consumer_pid}}/offers"): PROTOCOL,
    ("POST", f"{MESSAGES}/{{consumer_pid}}/agreement"): PROTOCOL,
    ("POST", f"{MESSAGES}/{{provider_pid}}/agreement/verification"): PROTOCOL,
    ("POST", f"{MESSAGES}/{{pid}}/events"): PROTOCOL,
    ("POST", f"{MESSAGES}/{{pid}}/termination"): PROTOCOL,
    **{
        ("POST", path): "TC609-6-2025-14 annex B has no such header; a repeat is known by its content"
        for path in INTERFACES
        if ("POST", path) not in READING_POSTS
    },
    **dict.fromkeys(READING_POSTS, "it only reads"),
}
"""Writes that have no Idempotency-Key, and by what a repeat is known instead."""

UNRECORDED: Final[dict[tuple[str, str], str]] = {}
"""Reads of regulators and auditors that are no events, and why: none. What is public asks nobody who he is."""

PAGE: Final = written_matrix()
WRITES: Final = [row for row in PAGE if row.method != "GET" and not row.is_public]


def send(desk: Desk, row: Row, headers: dict[str, str], body: Any) -> tuple[int, str | None]:
    content = None if row.method == "GET" else json.dumps({} if body is None else body)
    named = {"Content-Type": "application/json", "If-Match": '"1"'} if content else {}
    answer = desk.service.client.request(
        row.method, nothing_at(row.path), content=content, params=PARAMS.get(row.path), headers=headers | named
    )
    is_problem = answer.status_code >= 400 and "json" in answer.headers["content-type"]
    return answer.status_code, answer.json().get("code") if is_problem else None


def test_every_write_has_a_key_or_a_reason() -> None:
    demanded = {
        (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        for one in operation.get("parameters", ())
        if (one["in"], one["name"], one.get("required")) == ("header", "Idempotency-Key", True)
    }
    writes = {(row.method, row.path) for row in WRITES}
    assert writes - demanded == KEYLESS.keys()
    assert demanded <= writes


def test_write_without_a_key_is_refused_by_name_before_anything_is_looked_at(desk: Desk) -> None:
    for row in WRITES:
        role = min(role for role in row.roles if role in desk.service.keys)
        status, code = send(desk, row, desk.service.auth(role), body_in_order(row.method, row.path))
        refused = (status, code) == (400, "idempotency_key_missing")
        assert refused != ((row.method, row.path) in KEYLESS), (row, status, code)


@pytest.mark.parametrize("role", sorted(WATCHED_READERS))
def test_every_read_of_a_supervisor_is_an_event(desk: Desk, role: str) -> None:
    made = desk.service.new_key(f"walk-{role}", ("urn:test:walk:",), role=role)
    reading = [row for row in PAGE if row.method == "GET" or (row.method, row.path) in READING_POSTS]
    rows = [row for row in reading if role in row.roles and (row.method, row.path) not in UNRECORDED]
    headers = {"X-API-Key": made.api_key}
    answered = [send(desk, row, headers, body_in_order(row.method, row.path)) for row in rows]

    reads = [data for kind, data in desk.access_events(f"key:{made.key_id}") if kind == "read"]
    assert [data["route"] for data in reads] == [row.path for row in rows]
    assert [data["refusal"] for data in reads] == [code for _, code in answered]
    assert {code for _, code in answered} <= {None, "not_found", "invalid_input", "not_published_yet"}
    assert len(rows) >= 40
