"""POST /v1/events: every content mode, waiting, repeats and conflicts."""

import gzip
import json
import os
from typing import Any

from support.a_service import BATCH, JSON, NDJSON, Service

from ledger.log.checkpoint import open_checkpoint
from ledger.log.receipt import receipt_from_value


def event(event_id: str | None = None, **members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id or os.urandom(8).hex(),
        "source": "urn:test:office",
        "type": "org.test.thing.v1",
        "data": {"n": 1},
    } | members


def test_single_new_event_is_published_with_a_signed_receipt(service: Service) -> None:
    sent = event()

    answer = service.post(json.dumps(sent), JSON)

    assert answer.status_code == 201, answer.text
    body = answer.json()
    result = body["result"]
    assert (result["source"], result["id"], result["state"]) == (sent["source"], sent["id"], "published")
    receipt = receipt_from_value(body["receipt"])
    receipt.verify(service.log.keys.receipt.public_key().public_bytes_raw())
    assert [item.leaf_index for item in receipt.items] == [result["leaf_index"]]
    assert receipt.items[0].leaf_hash.hex() == result["leaf_hash"]
    assert receipt.checkpoint is not None
    head = open_checkpoint(receipt.checkpoint, service.log.preparer.identity).checkpoint
    assert head.tree_size == result["tree_size"] > result["leaf_index"]


def test_repeat_in_other_spelling_gets_the_first_facts_newly_signed(service: Service) -> None:
    sent = event(flag=True)
    first = service.post(json.dumps(sent), JSON).json()
    spelled = json.dumps(dict(reversed(sent.items())) | {"flag": "true", "traceparent": "00-ab-cd-01"}, indent=3)
    before = service.settled()

    again = service.post(spelled, JSON)

    assert again.status_code == 200
    for name in ("leaf_index", "leaf_hash", "received_at"):
        assert again.json()["result"][name] == first["result"][name]
    assert again.json()["receipt"]["items"] == first["receipt"]["items"]
    receipt_from_value(again.json()["receipt"]).verify(service.log.keys.receipt.public_key().public_bytes_raw())
    assert service.settled() == before


def test_other_content_under_one_identity_is_a_conflict_and_recorded_once(service: Service) -> None:
    sent = event(time="2026-11-21T09:00:00.266+02:00")
    first = service.post(json.dumps(sent), JSON).json()["result"]
    other = sent | {"time": "2026-11-21T09:00:00.266000+02:00"}
    before = service.settled()

    answers = [service.post(json.dumps(other), JSON) for _ in range(2)]

    for answer in answers:
        assert answer.status_code == 409
        problem = answer.json()
        assert problem["code"] == "event_conflict"
        assert problem["leaf_index"] == first["leaf_index"]
        assert "spelling of a time" in problem["detail"]
        assert answer.headers["content-type"] == "application/problem+json"
    after = service.settled()
    assert after["conflict_marks"] == before["conflict_marks"] + 1
    assert after["outbox"] == before["outbox"] + 1
    assert after["identities"] == before["identities"] + 1, "the record of the conflict is the one new entry"
    assert (
        service.get("/v1/events", params={"source": sent["source"], "id": sent["id"]}).json()["result"]["leaf_hash"]
        == (first["leaf_hash"])
    )


def test_binary_structured_and_batch_mode_are_one_event(service: Service) -> None:
    sent = event(subject="Zürich 1", datacontenttype="application/json")
    headers = {
        "ce-specversion": "1.0",
        "ce-id": sent["id"],
        "ce-source": sent["source"],
        "ce-type": sent["type"],
        "ce-subject": "Z%C3%BCrich%201",
        "Content-Type": "application/json",
    }

    binary = service.post(json.dumps(sent["data"]), headers)
    structured = service.post(json.dumps(sent), JSON)
    batch = service.post(json.dumps([sent]), BATCH)
    lines = service.post(json.dumps(sent) + "\n", NDJSON)

    assert [answer.status_code for answer in (binary, structured, batch, lines)] == [201, 200, 200, 200]
    results = [binary.json()["result"], structured.json()["result"], batch.json()["results"][0]]
    results.append(lines.json()["results"][0])
    assert len({(result["leaf_index"], result["leaf_hash"]) for result in results}) == 1


def test_batch_item_that_is_refused_loses_no_other(service: Service) -> None:
    good, repeated = event(), event()
    service.post(json.dumps(repeated), JSON)
    conflicting = repeated | {"data": {"n": 2}}
    bad = event()
    del bad["type"]
    texts = [json.dumps(item) for item in (good, repeated, conflicting, bad)]
    texts += [
        '{"specversion":"1.0","id":"x","id":"y","source":"urn:test:a","type":"t"}',
        '{"data":NaN}',
        "{nonsense}",
        "7",
    ]
    texts.append(json.dumps(good))

    answer = service.post("[" + " ,\n".join(texts) + "]", BATCH)

    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [item.get("state") or item["problem"]["code"] for item in results] == [
        "published",
        "published",
        "event_conflict",
        "invalid_event",
        "duplicate_key",
        "number_not_exact",
        "malformed_json",
        "invalid_event",
        "published",
    ]
    assert [item["index"] for item in results if "problem" in item] == [2, 3, 4, 5, 6, 7]
    assert results[0]["leaf_index"] == results[8]["leaf_index"], "a duplicate inside a batch is a repeat"
    assert [item["leaf_index"] for item in answer.json()["receipt"]["items"]] == [
        results[0]["leaf_index"],
        results[1]["leaf_index"],
        results[8]["leaf_index"],
    ]


def test_ndjson_with_a_bad_line_refuses_that_line(service: Service) -> None:
    good = [event() for _ in range(3)]
    lines = [json.dumps(good[0]), "{", json.dumps(good[1]), "", json.dumps(good[2])]

    answer = service.post("\r\n".join(lines) + "\n", NDJSON)

    results = answer.json()["results"]
    assert [item.get("id") or item["problem"]["code"] for item in results] == [
        good[0]["id"],
        "malformed_json",
        good[1]["id"],
        good[2]["id"],
    ]


def test_batch_with_every_item_refused_has_a_receipt_without_items(service: Service) -> None:
    before = service.settled()

    answer = service.post("[{},{}]", BATCH)

    assert answer.status_code == 200
    receipt = receipt_from_value(answer.json()["receipt"])
    receipt.verify(service.log.keys.receipt.public_key().public_bytes_raw())
    assert receipt.items == ()
    assert service.settled() == before


def test_empty_batch_is_answered_empty(service: Service) -> None:
    for content, headers in (("[]", BATCH), ("", NDJSON), ("\n\n", NDJSON)):
        answer = service.post(content, headers)
        assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_gzip_body_is_taken_in_every_mode_and_in_members(service: Service) -> None:
    sent = event()
    lines = [json.dumps(event()) for _ in range(4)]
    members = gzip.compress("\n".join(lines[:2]).encode() + b"\n") + gzip.compress("\n".join(lines[2:]).encode())

    single = service.post(gzip.compress(json.dumps(sent).encode()), JSON | {"Content-Encoding": "gzip"})
    bulk = service.post(members, NDJSON | {"Content-Encoding": "gzip"})

    assert single.status_code == 201
    assert [item["state"] for item in bulk.json()["results"]] == ["published"] * 4


def test_large_batch_goes_by_the_bulk_lane_and_keeps_its_order(service: Service) -> None:
    events = [event() for _ in range(2_500)]

    answer = service.post("\n".join(json.dumps(item) for item in events), NDJSON)

    results = answer.json()["results"]
    assert [item["id"] for item in results] == [item["id"] for item in events]
    assert {item["state"] for item in results} == {"published"}
    assert len({item["leaf_index"] for item in results}) == len(events)
    receipt = receipt_from_value(answer.json()["receipt"])
    receipt.verify(service.log.keys.receipt.public_key().public_bytes_raw())
    assert [item.leaf_index for item in receipt.items] == [item["leaf_index"] for item in results]


def test_respond_async_answers_at_sequenced(service: Service) -> None:
    with service.publisher.paused():
        answer = service.post(json.dumps(event()), JSON | {"Prefer": "respond-async"})

        assert answer.status_code == 202
        assert answer.headers["preference-applied"] == "respond-async"
        result = answer.json()["result"]
        assert (result["state"], result["tree_size"]) == ("sequenced", None)
        assert answer.json()["receipt"]["checkpoint"] is None


def test_wait_preference_bounds_the_wait(service: Service) -> None:
    with service.publisher.paused():
        answer = service.post(json.dumps(event()), JSON | {"Prefer": "wait=0"})
        waited = service.post(json.dumps(event()), JSON | {"Prefer": "handling=strict, wait=1"})

    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=0")
    assert waited.status_code == 202
    assert 1.0 <= waited.elapsed.total_seconds() < 3


def test_respond_async_repeat_of_a_published_event_says_so(service: Service) -> None:
    sent = event()
    service.post(json.dumps(sent), JSON)

    answer = service.post(json.dumps(sent), JSON | {"Prefer": "respond-async"})

    assert (answer.status_code, answer.json()["result"]["state"]) == (200, "published")
