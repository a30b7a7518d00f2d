"""State, proof, search, the log's facts and tiles, before there is any anchor."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from support.a_service import JSON, NDJSON, Service

from ledger.adapters.sql import contract_events, contract_recording, reading
from ledger.bundle.verifier import Verdict, verify_proof
from ledger.log.checkpoint import open_checkpoint
from ledger.log.hashing import hash_leaf
from ledger.log.receipt import receipt_from_value
from ledger.log.tiles import TILE_WIDTH, parse_bundle, tile_path
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile


def event(**members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": os.urandom(8).hex(),
        "source": "urn:test:office",
        "type": "org.xes.permit.v1",
        "subject": f"case-{os.urandom(4).hex()}",
        "data": {"org:group": "Group 1", "concept:name": "Confirmation"},
    } | members


def of(sent: dict[str, Any]) -> dict[str, str]:
    return {"source": sent["source"], "id": sent["id"]}


def trust_of(service: Service) -> TrustFile:
    identity = service.log.preparer.identity
    chain = TrustedChain(identity.chain_id, identity.evidence_log, bytes(32), bytes(32))
    return TrustFile(chain, (TrustedLog(identity, service.log.keys.receipt.public_key().public_bytes_raw()),))


def test_state_of_an_event_repeats_its_first_facts(service: Service) -> None:
    sent = event()
    first = service.post(json.dumps(sent), JSON).json()

    answer = service.get("/v1/events", params=of(sent))

    assert answer.status_code == 200
    body = answer.json()
    assert body["receipt"]["items"] == first["receipt"]["items"]
    receipt_from_value(body["receipt"]).verify(service.log.keys.receipt.public_key().public_bytes_raw())
    for name in ("source", "id", "leaf_index", "leaf_hash", "received_at"):
        assert body["result"][name] == first["result"][name]


def test_unknown_event_is_404(service: Service) -> None:
    for path in ("/v1/events", "/v1/events/proof"):
        answer = service.get(path, params={"source": "urn:test:office", "id": "never sent"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_proof_of_a_published_event_verifies_offline(service: Service) -> None:
    sent = event()
    service.post(json.dumps(sent), JSON)

    proof = service.get("/v1/events/proof", params=of(sent)).content

    report = verify_proof(proof, trust_of(service))
    assert report.verdict is Verdict.VALID, report
    assert json.loads(proof)["anchor"] is None
    assert verify_proof(proof, None).verdict is Verdict.CONSISTENT_NOT_TRUSTED
    assert verify_proof(proof[:-1], trust_of(service)).verdict is Verdict.INVALID


def test_redacted_proof_withholds_exactly_what_was_named(service: Service) -> None:
    sent = event()
    service.post(json.dumps(sent), JSON)

    params = of(sent) | {"redact": ["/event/data", "/event/subject"]}
    proof = service.get("/v1/events/proof", params=params)

    assert proof.status_code == 200
    assert "Confirmation" not in proof.text
    assert sent["subject"] not in proof.text
    assert sent["id"] in proof.text
    assert verify_proof(proof.content, trust_of(service)).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("pointer", "event_type"), [("/event/nothing", "org.xes.permit.v1"), ("/event/id", "org.test.v1")]
)
def test_redaction_that_cannot_be_done_is_refused(service: Service, pointer: str, event_type: str) -> None:
    sent = event(type=event_type)
    service.post(json.dumps(sent), JSON)

    answer = service.get("/v1/events/proof", params=of(sent) | {"redact": pointer})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert pointer not in answer.json()["detail"].replace("/event/data/name", "")


def test_proof_of_an_unpublished_event_says_when_to_ask_again(service: Service) -> None:
    sent = event()
    with service.publisher.paused():
        service.post(json.dumps(sent), JSON | {"Prefer": "respond-async"})

        answer = service.get("/v1/events/proof", params=of(sent))

        assert (answer.status_code, answer.json()["code"]) == (409, "not_published_yet")
        assert int(answer.headers["retry-after"]) >= 1


def test_proof_as_of_a_later_checkpoint(service: Service) -> None:
    sent = event()
    first = service.post(json.dumps(sent), JSON).json()["result"]
    later = service.post(json.dumps(event()), JSON).json()["result"]

    proof = service.get("/v1/events/proof", params=of(sent) | {"as_of_tree_size": later["tree_size"]})
    too_early = service.get("/v1/events/proof", params=of(sent) | {"as_of_tree_size": max(1, first["leaf_index"])})

    head = open_checkpoint(proof.json()["checkpoint"], service.log.preparer.identity).checkpoint
    assert head.tree_size == later["tree_size"]
    assert verify_proof(proof.content, trust_of(service)).verdict is Verdict.VALID
    assert too_early.status_code == 404


def test_search_finds_by_type_time_submitter_and_tag_with_cursors(service: Service) -> None:
    kind = f"org.test.{os.urandom(4).hex()}.v1"
    case = f"case-{os.urandom(4).hex()}"
    sent = [event(type=kind, subject=case if n % 2 else "another") for n in range(7)]
    # Two requests, because the events of one are received at one time.
    results = [
        result
        for part in (sent[:3], sent[3:])
        for result in service.post("\n".join(json.dumps(item) for item in part), NDJSON).json()["results"]
    ]
    service.settled()

    def found(**params: Any) -> list[str]:
        ids: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = service.get("/v1/events/search", params={"limit": 2} | params | cursor, role="regulator").json()
            ids += [item["id"] for item in page["items"]]
            assert page["complete_to_tree_size"] > results[-1]["leaf_index"]
            if page["next_cursor"] is None:
                return ids
            cursor = {"cursor": page["next_cursor"]}

    ids = [item["id"] for item in sent]
    assert found(type=kind) == ids
    assert found(type=kind, submitter="platform-service") == ids
    assert found(type=kind, submitter="nobody") == []
    assert found(tag_kind="case", tag_value=case) == ids[1::2]
    assert found(type=kind, received_from=results[3]["received_at"]) == ids[3:]
    assert found(type=kind, received_to=results[3]["received_at"]) == ids[:3]


def test_checkpoint_and_tiles_are_public_cacheable_and_re_hash(service: Service) -> None:
    service.post("\n".join(json.dumps(event()) for _ in range(TILE_WIDTH + 5)), NDJSON)
    service.settled()

    answer = service.client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "no-cache" in answer.headers["cache-control"]
    head = open_checkpoint(answer.content, service.log.preparer.identity).checkpoint

    bundle = service.client.get("/log/tile/entries/000")
    assert bundle.headers["cache-control"] == "public, max-age=31536000, immutable"
    entries = parse_bundle(bundle.content)
    level_0 = service.client.get("/log/tile/0/000").content
    assert b"".join(hash_leaf(entry) for entry in entries) == level_0
    index, width = divmod(head.tree_size, TILE_WIDTH)
    if width:
        partial = service.client.get("/log/" + tile_path(0, index, width))
        assert len(partial.content) == 32 * width
        assert "immutable" not in partial.headers["cache-control"]
    with service.log.engine.connect() as connection:
        assert [hash_leaf(entry) for entry in entries] == reading.leaf_hashes(connection, 0, TILE_WIDTH)


def test_head_requests_have_headers_and_no_body(service: Service) -> None:
    service.post("\n".join(json.dumps(event()) for _ in range(TILE_WIDTH)), NDJSON)
    service.settled()
    for path in ("/log/checkpoint", "/log/tile/0/000"):
        got, head = service.client.get(path), service.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["cache-control"] == got.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "0/999",
        "0/00",
        "64/000",
        "entries/000.p/0",
        "0/x000/000",
        "0/000.p/256",
        "%2e%2e/checkpoint",
        "..%2fcheckpoint",
        "a/b",
    ],
)
def test_tile_that_is_none_is_404(service: Service, path: str) -> None:
    answer = service.client.get(f"/log/tile/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_log_states_its_identity_and_sizes(service: Service) -> None:
    service.post(json.dumps(event()), JSON)

    facts = service.client.get("/v1/log").json()

    identity = service.log.preparer.identity
    assert facts["origin"] == identity.origin
    assert facts["verifier_key"] == identity.verifier_key
    assert facts["log_id"] == "0x" + identity.log_id.hex()
    assert facts["chain"]["note"] == "development chain, no consensus"
    assert facts["tree_sizes"]["sequenced"] >= facts["tree_sizes"]["published"] > facts["tree_sizes"]["anchored"] == 0
    assert facts["contract_events"] is None


def test_log_states_how_far_the_contract_suite_is_followed(new_service: Callable[..., Service]) -> None:
    service = new_service()
    with service.log.engine.begin() as connection:
        contract_events.begin(connection, bytes(32), 5, datetime(2026, 1, 2, tzinfo=UTC))
    facts = service.client.get("/v1/log").json()["contract_events"]
    followed_at = "2026-01-02T00:00:00.000000Z"
    nothing = {"block_number": 4, "block_hash": None, "final_block_number": 4, "undone_blocks": 0}
    assert facts == {**nothing, "followed_at": followed_at}
    with service.log.engine.begin() as connection:
        contract_recording.record_block(
            connection,
            number=5,
            block_hash=b"\x05" * 32,
            parent_hash=b"\x04" * 32,
            events=[],
            at=datetime(2026, 1, 2, tzinfo=UTC),
        )
    facts = service.client.get("/v1/log").json()["contract_events"]
    assert (facts["block_number"], facts["block_hash"]) == (5, "0x" + "05" * 32)


def test_verify_takes_the_steps_and_names_its_trust(service: Service) -> None:
    sent = event()
    service.post(json.dumps(sent), JSON)
    proof = service.get("/v1/events/proof", params=of(sent)).content
    headers = {"Content-Type": "application/json"}

    good = service.client.post("/v1/verify", content=proof, headers=headers).json()
    spaced = service.client.post("/v1/verify", content=proof.replace(b":", b": ", 1), headers=headers).json()
    nonsense = service.client.post("/v1/verify", content=b"{", headers=headers)

    assert good["verdict"] == "valid"
    assert [step["number"] for step in good["steps"]] == list(range(1, len(good["steps"]) + 1))
    assert "this server" in good["trust"]["source"]
    assert spaced["verdict"] == "invalid"
    assert (nonsense.status_code, nonsense.json()["verdict"]) == (200, "invalid")
    assert service.client.post("/v1/verify", content=proof).status_code == 415
