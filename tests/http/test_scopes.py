"""Scoped keys: source prefixes, own events only, submitters' signatures, expiry."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.a_service import BATCH, JSON, Service

from ledger.adapters.sql.api_keys import SignatureKey
from ledger.log.canonical import encode_jcs
from ledger.log.event import event_from_value
from ledger.log.signatures import SUBMITTER_DOMAIN


def event(**members: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": os.urandom(8).hex(),
        "source": "urn:test:scoped:1",
        "type": "org.test.thing.v1",
    } | members


def sign(service: Service, sent: dict[str, Any], key: Ed25519PrivateKey, key_id: str) -> dict[str, Any]:
    origin = service.log.preparer.identity.origin
    message = SUBMITTER_DOMAIN + encode_jcs({"event": event_from_value(sent).value, "origin": origin})
    value = base64.urlsafe_b64encode(key.sign(message)).rstrip(b"=").decode()
    return sent | {"ledgersigalg": "ed25519", "ledgerkeyid": key_id, "ledgersig": value}


def test_foreign_source_prefix_is_403_and_loses_no_other_item(service: Service) -> None:
    key = service.new_key("scoped-a", ("urn:test:scoped:",)).api_key
    headers = {"X-API-Key": key}
    foreign = event(source="urn:test:other:1")
    before = service.settled()
    refused = service.client.post("/v1/events", content=json.dumps(foreign), headers=JSON | headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "source_not_bound")
    assert service.settled() == before

    batch = service.client.post("/v1/events", content=json.dumps([foreign, event()]), headers=BATCH | headers).json()

    assert batch["results"][0]["problem"]["code"] == "source_not_bound"
    assert batch["results"][1]["state"] == "published"


def test_platform_service_sees_its_own_events_only(service: Service) -> None:
    mine = service.new_key("scoped-b", ("urn:test:scoped:",)).api_key
    other = service.new_key("scoped-c", ("urn:test:scoped:",)).api_key
    sent = event()
    service.client.post("/v1/events", content=json.dumps(sent), headers=JSON | {"X-API-Key": mine})
    params = {"source": sent["source"], "id": sent["id"]}

    for path in ("/v1/events", "/v1/events/proof"):
        assert service.client.get(path, params=params, headers={"X-API-Key": mine}).status_code == 200
        assert service.client.get(path, params=params, headers={"X-API-Key": other}).status_code == 404
        assert service.get(path, params=params, role="auditor").status_code == 200
    service.settled()
    found = service.client.get("/v1/events/search", params={"limit": 1000}, headers={"X-API-Key": mine}).json()["items"]
    assert [item["id"] for item in found] == [sent["id"]]
    none = service.client.get("/v1/events/search", headers={"X-API-Key": other}).json()["items"]
    assert none == []
    foreign = {"submitter": "scoped-b"}
    assert service.client.get("/v1/events/search", params=foreign, headers={"X-API-Key": other}).status_code == 403


def test_expired_key_is_401(service: Service) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    key = service.new_key("scoped-d", ("urn:test:scoped:",), expires_at=soon).api_key
    headers = JSON | {"X-API-Key": key}
    first = service.client.post(
        "/v1/events", content=json.dumps(event()), headers=headers | {"Prefer": "respond-async"}
    )
    assert first.status_code in {201, 202}

    while datetime.now(UTC) <= soon:
        pass

    assert service.client.post("/v1/events", content=json.dumps(event()), headers=headers).status_code == 401


@pytest.mark.parametrize("damage", ["nothing", "signature", "event", "key id", "key"])
def test_submitter_signature_is_checked_with_the_registered_key(service: Service, damage: str) -> None:
    key = Ed25519PrivateKey.generate()
    registered = SignatureKey("hsm-1", "ed25519", key.public_key().public_bytes_raw())
    api_key = service.new_key(f"signer-{damage.replace(' ', '-')}", ("urn:test:scoped:",), signature_keys=(registered,))
    signing_key = Ed25519PrivateKey.generate() if damage == "key" else key
    sent = sign(service, event(data={"n": 1}), signing_key, "hsm-2" if damage == "key id" else "hsm-1")
    if damage == "signature":
        first = "A" if sent["ledgersig"][0] != "A" else "B"
        sent["ledgersig"] = first + sent["ledgersig"][1:]
    if damage == "event":
        sent["data"] = {"n": 2}
    before = service.settled()

    answer = service.client.post("/v1/events", content=json.dumps(sent), headers=JSON | {"X-API-Key": api_key.api_key})

    if damage == "nothing":
        assert answer.status_code == 201
        proof = service.get(
            "/v1/events/proof", params={"source": sent["source"], "id": sent["id"]}, role="auditor"
        ).json()
        assert proof["opening"]["body"]["signature"]["key_id"] == "hsm-1"
        assert proof["opening"]["envelope"]["signer_key_id"] == "hsm-1"
        report = service.client.post(
            "/v1/verify",
            content=json.dumps(proof, separators=(",", ":"), ensure_ascii=False, sort_keys=True),
            headers={"Content-Type": "application/json"},
        ).json()
        assert {step["name"]: step["outcome"] for step in report["steps"]}["submitter"] == "passed"
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_submitter_signature")
        assert service.settled() == before
