"""Every bad input: a 4xx problem with its stable code, nothing written, nothing of the input and no stack trace in the answer."""

import base64
import gzip
import json
import os
from typing import Any

import httpx
import pytest
from support.a_service import BATCH, JSON, NDJSON, Service
from support.shared import shared_path

MARK = "zq7marker"
"""Stands in every input and may stand in no answer."""

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": MARK,
    "source": "urn:test:office",
    "type": "org.test.thing.v1",
    "data": {"n": MARK},
}


def raw(**members: Any) -> str:
    return json.dumps({name: value for name, value in (EVENT | members).items() if value is not ...})


def with_data(text: str) -> str:
    return raw(data=0).replace('"data": 0', f'"data": {text}')


INPUTS: dict[str, tuple[int, str, Any, dict[str, str]]] = {
    "malformed JSON": (400, "malformed_json", '{"specversion": ' + MARK, JSON),
    "empty body": (400, "malformed_json", "", JSON),
    "not UTF-8": (400, "malformed_json", raw().encode() + b"\xff", JSON),
    "byte order mark": (400, "malformed_json", b"\xef\xbb\xbf" + raw().encode(), JSON),
    "trailing garbage": (400, "malformed_json", raw() + MARK, JSON),
    "duplicate key": (400, "duplicate_key", with_data(f'{{"{MARK}":1,"{MARK}":2}}'), JSON),
    "duplicate attribute": (400, "duplicate_key", raw()[:-1] + ',"id":"other"}', JSON),
    "duplicate key by escape": (400, "duplicate_key", with_data('{"k":1,"\\u006b":2}'), JSON),
    "NaN": (400, "number_not_exact", with_data("NaN"), JSON),
    "infinity": (400, "number_not_exact", with_data("-Infinity"), JSON),
    "infinity by exponent": (400, "number_not_exact", with_data("1e400"), JSON),
    "float that does not round-trip": (
        400,
        "number_not_exact",
        with_data("0.1000000000000000055511151231257827"),
        JSON,
    ),
    "integer beyond 2^53": (400, "number_not_exact", with_data("9007199254740992"), JSON),
    "integer of 5,000 digits": (400, "number_not_exact", with_data("9" * 5_000), JSON),
    "lone surrogate": (400, "lone_surrogate", with_data('"\\ud800"'), JSON),
    "lone surrogate in a key": (400, "lone_surrogate", with_data('{"\\udc00":1}'), JSON),
    "33 levels": (400, "too_deep", with_data("[" * 32 + "]" * 32), JSON),
    "100,000 levels": (400, "too_deep", with_data("[" * 100_000 + "]" * 100_000), JSON),
    "missing id": (400, "invalid_event", raw(id=...), JSON),
    "missing source": (400, "invalid_event", raw(source=...), JSON),
    "missing type": (400, "invalid_event", raw(type=...), JSON),
    "missing specversion": (400, "invalid_event", raw(specversion=...), JSON),
    "empty id": (400, "invalid_event", raw(id=""), JSON),
    "id is a number": (400, "invalid_event", raw(id=7), JSON),
    "unknown spec version": (400, "invalid_event", raw(specversion="0.3"), JSON),
    "time without zone": (400, "invalid_event", raw(time="2026-11-21T09:00:00"), JSON),
    "30 February": (400, "invalid_event", raw(time="2026-02-30T09:00:00Z"), JSON),
    "time in words": (400, "invalid_event", raw(time=MARK), JSON),
    "data twice": (400, "invalid_event", raw(data_base64="AA=="), JSON),
    "bad base64": (400, "invalid_event", raw(data=..., data_base64=f"*{MARK}", datacontenttype="text/plain"), JSON),
    "attribute name in capitals": (400, "invalid_event", raw(**{MARK.upper(): "1"}), JSON),
    "attribute is an object": (400, "invalid_event", raw(**{MARK: {}}), JSON),
    "control character in an attribute": (400, "invalid_event", raw(subject="\x00" + MARK), JSON),
    "not an object": (400, "invalid_event", f'["{MARK}"]', JSON),
    "half a signature": (400, "invalid_submitter_signature", raw(ledgersig="AAAA"), JSON),
    "signed by an unknown key": (
        400,
        "invalid_submitter_signature",
        raw(ledgersigalg="ed25519", ledgerkeyid=MARK, ledgersig="A" * 86),
        JSON,
    ),
    "foreign ledger source": (403, "source_not_bound", raw(source="urn:cityledger:log:x"), JSON),
    "single event above its limit": (413, "too_large", raw(data=MARK * 40_000), JSON),
    "wrong content type": (415, "unsupported_media_type", raw(), {"Content-Type": "application/json"}),
    "no content type": (415, "unsupported_media_type", raw(), {"Content-Type": ""}),
    "CloudEvents XML": (415, "unsupported_media_type", raw(), {"Content-Type": "application/cloudevents+xml"}),
    "wrong charset": (415, "unsupported_media_type", raw(), {"Content-Type": JSON["Content-Type"] + "; charset=gbk"}),
    "unknown content encoding": (415, "unsupported_media_type", raw(), JSON | {"Content-Encoding": "br"}),
    "not gzip": (400, "malformed_gzip", raw(), JSON | {"Content-Encoding": "gzip"}),
    "gzip cut short": (400, "malformed_gzip", gzip.compress(raw().encode())[:-9], JSON | {"Content-Encoding": "gzip"}),
    "gzip with a tail": (
        400,
        "malformed_gzip",
        gzip.compress(raw().encode()) + b"x",
        JSON | {"Content-Encoding": "gzip"},
    ),
    "empty gzip": (400, "malformed_gzip", b"", JSON | {"Content-Encoding": "gzip"}),
    "gzip with a wrong checksum": (
        400,
        "malformed_gzip",
        gzip.compress(raw().encode())[:-8] + b"\x00" * 8,
        JSON | {"Content-Encoding": "gzip"},
    ),
    "batch that is no array": (400, "malformed_json", raw(), BATCH),
    "batch that does not end": (400, "malformed_json", f"[{raw()}", BATCH),
    "batch with a bracket too many": (400, "malformed_json", f"[{raw(id='other')}]]", BATCH),
    "batch with an empty place": (400, "malformed_json", f"[{raw(id='other')},]", BATCH),
    "NDJSON that is not UTF-8": (400, "malformed_json", raw(id="other").encode() + b"\n\xff", NDJSON),
    "binary without specversion": (400, "invalid_event", b"{}", {"ce-id": "1", "ce-type": "t", "ce-source": "urn:a"}),
    "binary with a bad percent code": (
        400,
        "invalid_event",
        b"{}",
        {"ce-specversion": "1.0", "ce-id": "%zz" + MARK, "ce-type": "t", "ce-source": "urn:a"},
    ),
    "binary with bad JSON": (
        400,
        "malformed_json",
        MARK,
        {
            "ce-specversion": "1.0",
            "ce-id": MARK,
            "ce-type": "t",
            "ce-source": "urn:a",
            "Content-Type": "application/json",
        },
    ),
}


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"] == "urn:cityledger:problem:" + code.replace("_", "-")
    assert problem["title"]
    assert MARK not in answer.text.lower(), "the input is echoed"
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


@pytest.mark.parametrize("name", INPUTS)
def test_bad_input_is_refused_and_nothing_written(service: Service, name: str) -> None:
    status, code, content, headers = INPUTS[name]
    before = service.settled()

    answer = service.post(content, headers)

    assert_problem(answer, status, code)
    assert service.settled() == before


@pytest.mark.shared
def test_every_refused_vector_is_refused_in_structured_batch_and_ndjson_mode(service: Service) -> None:
    before = service.settled()
    cases = json.loads(shared_path("vectors/formats/refused_events.json").read_text())
    assert len(cases) > 15
    for case in cases:
        content = base64.b64decode(case["raw_base64"])

        assert 400 <= service.post(content, JSON).status_code < 500, case["name"]
        for body, headers in ((b"[" + content + b"]", BATCH), (content + b"\n", NDJSON)):
            answer = service.post(body, headers)
            if answer.status_code == 200:
                assert ["problem" in item for item in answer.json()["results"]] == [True], case["name"]
            else:
                assert answer.json()["code"] == "malformed_json", case["name"]
    assert service.settled() == before


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "unauthenticated"),
        ({"Authorization": "Bearer nonsense"}, "unauthenticated"),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, "unauthenticated"),
        ({"Authorization": "Bearer clk_platform-service_" + "0" * 64}, "unauthenticated"),
        ({"X-API-Key": "clk_nobody_" + "0" * 64}, "unauthenticated"),
        ({"X-API-Key": b"clk_\xe9"}, "unauthenticated"),
    ],
)
def test_missing_or_wrong_key_is_401(service: Service, headers: dict[str, str], code: str) -> None:
    before = service.settled()

    answer = service.client.post("/v1/events", content=raw(), headers=JSON | headers)

    assert_problem(answer, 401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert service.settled() == before


def test_revoked_key_is_refused_from_the_next_request_on(service: Service) -> None:
    key = service.new_key("revoked-body", ("urn:test:revoked:",))
    headers = JSON | {"X-API-Key": key.api_key}
    sent = raw(source="urn:test:revoked:1", id=os.urandom(8).hex())
    assert service.client.post("/v1/events", content=sent, headers=headers).status_code == 201
    service.revoke(key.key_id)
    before = service.settled()

    good = service.client.post("/v1/events", content=sent, headers=headers)
    bad = service.client.post("/v1/events", content="{}", headers=headers)
    read = service.client.get("/v1/events", params={"source": "a", "id": "b"}, headers=headers)

    for answer in (good, bad, read):
        assert_problem(answer, 401, "unauthenticated")
    assert service.settled() == before


def test_unknown_route_and_method_are_problems(service: Service) -> None:
    assert_problem(service.client.get("/v1/nothing"), 404, "not_found")
    answer = service.client.delete("/v1/events")
    assert_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


def test_query_that_is_missing_or_wrong_is_a_problem(service: Service) -> None:
    assert_problem(service.get("/v1/events", params={"source": MARK}), 400, "invalid_input")
    assert_problem(service.get("/v1/events/search", params={"limit": MARK}), 400, "invalid_input")
    assert_problem(service.get("/v1/events/search", params={"received_from": MARK}), 400, "invalid_input")
    assert_problem(service.get("/v1/events/search", params={"tag_kind": "case"}), 400, "invalid_input")
    assert_problem(service.get("/v1/events/search", params={"tag_kind": MARK, "tag_value": "x"}), 400, "invalid_input")
    assert_problem(service.get("/v1/events/search", params={"cursor": "-1"}), 400, "invalid_input")
    assert_problem(service.post(raw(), JSON, params={"openings": MARK}), 400, "invalid_input")
