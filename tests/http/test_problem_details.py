"""What a refusal says in words: enough to mend what was sent, whoever sent it."""

import gzip
import json
import os
from typing import Any

import pytest
from support.a_service import BATCH, JSON, NDJSON, Service

MARK = b"\xef\xbb\xbf"


def raw(**members: Any) -> str:
    event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "org.test.thing.v1"}
    return json.dumps({name: value for name, value in (event | members).items() if value is not ...})


def with_data(text: str) -> str:
    return raw(data=0).replace('"data": 0', f'"data": {text}')


INPUTS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "not JSON": ("at character 16", '{"specversion": oops', JSON),
    "duplicate key": ("same key twice", with_data('{"a":1,"a":2}'), JSON),
    "NaN": ("NaN is no JSON number", with_data("NaN"), JSON),
    "large integer": ("send it as a string", with_data("9007199254740993"), JSON),
    "long float": ("send it as a string", with_data("0.1000000000000000055511151231257827"), JSON),
    "lone surrogate": ("half of a surrogate pair", with_data('"\\ud800"'), JSON),
    "too deep": ("32 levels", with_data("[" * 40 + "]" * 40), JSON),
    "too large": ("262144 bytes", raw(data="x" * 300_000), JSON),
    "missing attribute": ("'source' is missing", raw(source=...), JSON),
    "unknown spec version": ('specversion is not "1.0"', raw(specversion="0.3"), JSON),
    "bad time": ("time: not an RFC 3339 time with a zone", raw(time="2026-11-21 09:00"), JSON),
    "wrong content type": ("application/cloudevents+json", raw(), {"Content-Type": "application/json"}),
    "wrong charset": ("send charset=utf-8", raw(), {"Content-Type": JSON["Content-Type"] + "; charset=gbk"}),
    "two gzip parts, one of them none": (
        "followed by something else",
        gzip.compress(raw().encode()) + b"\x1f",
        JSON | {"Content-Encoding": "gzip"},
    ),
    "structured with a byte order mark": ("byte order mark", MARK + raw().encode(), JSON),
    "batch with a byte order mark": ("byte order mark", MARK + f"[{raw()}]".encode(), BATCH),
    "structured in UTF-16": ("byte order mark of UTF-16", raw().encode("utf-16"), JSON),
    "batch in UTF-16": ("byte order mark of UTF-16", f"[{raw()}]".encode("utf-16"), BATCH),
    "NDJSON in UTF-16": ("byte order mark of UTF-16", (raw() + "\n").encode("utf-16"), NDJSON),
}


@pytest.mark.parametrize("name", INPUTS)
def test_refusal_says_what_to_mend(service: Service, name: str) -> None:
    words, content, headers = INPUTS[name]
    answer = service.post(content, headers)
    assert 400 <= answer.status_code < 500
    assert words in answer.json()["detail"]


def test_byte_order_mark_before_ndjson_refuses_its_first_line_by_name_and_no_other(service: Service) -> None:
    results = service.post(MARK + f"{raw()}\n{raw()}\n".encode(), NDJSON).json()["results"]
    assert "byte order mark" in results[0]["problem"]["detail"]
    assert results[1]["state"] == "published"


def test_wrong_role_and_foreign_source_say_who_may(service: Service) -> None:
    refused = service.post(raw(), JSON, role="auditor")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "auditor" in refused.json()["detail"]
    assert "operator, platform_service may" in refused.json()["detail"]
    key = service.new_key("foreign-body", ("urn:test:foreign:",))
    refused = service.client.post("/v1/events", content=raw(), headers=JSON | {"X-API-Key": key.api_key})
    assert refused.json()["code"] == "source_not_bound"
    assert "cityledger keys add" in refused.json()["detail"]


def test_wrong_query_names_the_parameter_and_its_rule(service: Service) -> None:
    def detail(**query: str) -> str:
        answer = service.get("/v1/events/search", params=query)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
        return str(answer.json()["detail"])

    assert detail(received_from="yesterday") == "received_from: not an RFC 3339 time with a zone"
    assert detail(limit="1001") == "limit: Input should be less than or equal to 1000"
    assert detail(limit="zq7") == "limit: Input should be a valid integer, unable to parse string as an integer"
    assert "cursor: String should match" in detail(cursor="zq7")
    assert "zq7" not in detail(cursor="zq7")


def test_unknown_path_and_method_say_where_to_look(service: Service) -> None:
    assert "/openapi.json" in service.client.get("/v1/nothing").json()["detail"]
    assert "Allow" in service.client.delete("/v1/events").json()["detail"]
