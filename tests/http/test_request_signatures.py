"""Requests signed as NDI-TR-2025-03 says, on the running API: taken once, in time, whole, and demanded where the account says so."""

import hashlib
import json
import os
import time
from typing import Any

import httpx
import pytest
from support import sm2_reference
from support.desk import BODY, Desk, problem

from ledger.adapters.sql.api_keys import SignatureKey
from ledger.log.signatures import SM2_SIGNER_ID

PRIVATE = int.from_bytes(hashlib.sha256(b"a key of the tests").digest(), "big") % (2**250)
PUBLIC = sm2_reference.public_key(PRIVATE)


def signature(
    desk: Desk, method: str, target: str, body: bytes = b"", *, private: int = PRIVATE, off_ms: int = 0
) -> dict[str, str]:
    """The five headers, made from the documents alone."""
    sent = {
        "msgcode": "Test",
        "msgversion": "1.0.0",
        "timestamp": str(int(time.time() * 1000) + off_ms),
        "sequenceNum": os.urandom(16).hex(),
    }
    lines = ["cityledger/v1/signed-request", f"origin:{desk.service.log.preparer.identity.origin}"]
    lines += [f"{name}:{value}" for name, value in sent.items()]
    lines += [f"method:{method}", f"target:{target}", f"body-sm3:{hashlib.new('sm3', body).hexdigest()}"]
    message = "".join(f"{line}\n" for line in lines).encode()
    nonce = int.from_bytes(os.urandom(31), "big") + 1
    return sent | {"signValue": sm2_reference.sign(private, nonce, message, SM2_SIGNER_ID).hex()}


@pytest.fixture(scope="module")
def signer(desk: Desk) -> str:
    """The subject of an administrator whose requests must be signed."""
    desk.account("signer", level="admin", sm2_keys=[PUBLIC.hex()], signs_requests=True)
    return "signer"


def get(desk: Desk, path: str, headers: dict[str, str]) -> httpx.Response:
    return desk.service.client.get(path, headers=headers)


def test_signed_reads_and_writes_are_taken(desk: Desk, signer: str) -> None:
    token = desk.headers(signer)
    assert get(desk, "/v1/me", token | signature(desk, "GET", "/v1/me")).json()["signs_requests"] is True
    target = "/v1/accounts?limit=1"
    assert get(desk, target, token | signature(desk, "GET", target)).status_code == 200
    body = {
        "participant": BODY,
        "issuer": desk.issuer.url,
        "subject": "\u0041b",
        "level": "viewer",
        "roles": ["provider"],
    }
    raw = json.dumps(body).encode()
    made = desk.service.client.post(
        "/v1/accounts",
        content=raw,
        headers=token
        | signature(desk, "POST", "/v1/accounts", raw)
        | {"Idempotency-Key": os.urandom(8).hex(), "Content-Type": "application/json"},
    )
    assert made.status_code == 201, made.text


def test_unsigned_request_of_a_signing_account_is_refused(desk: Desk, signer: str) -> None:
    assert problem(get(desk, "/v1/me", desk.headers(signer))) == (401, "invalid_request_signature")
    assert problem(desk.grant("z", by=desk.headers(signer))) == (401, "invalid_request_signature")


def test_same_request_again_is_refused_whatever_became_of_the_first(desk: Desk, signer: str) -> None:
    token = desk.headers(signer)
    sent = signature(desk, "GET", "/v1/me")
    assert get(desk, "/v1/me", token | sent).status_code == 200
    assert problem(get(desk, "/v1/me", token | sent)) == (409, "request_replayed")

    raw = b"{}"
    path = f"/v1/accounts/acc-{'0' * 32}/withdrawal"
    headers = token | signature(desk, "POST", path, raw) | {"Content-Type": "application/json"}
    for status, code in ((404, "not_found"), (409, "request_replayed")):
        answer = desk.service.client.post(path, content=raw, headers=headers | {"Idempotency-Key": os.urandom(8).hex()})
        assert problem(answer) == (status, code)


def changed(sent: dict[str, str], **changes: str) -> dict[str, str]:
    return sent | changes


@pytest.mark.parametrize(
    "attempt",
    [
        lambda desk: signature(desk, "GET", "/v1/accounts"),
        lambda desk: signature(desk, "POST", "/v1/me"),
        lambda desk: signature(desk, "GET", "/v1/me", b"x"),
        lambda desk: signature(desk, "GET", "/v1/me?"),
        lambda desk: signature(desk, "GET", "/v1/me", private=PRIVATE + 1),
        lambda desk: signature(desk, "GET", "/v1/me", off_ms=-301_000),
        lambda desk: signature(desk, "GET", "/v1/me", off_ms=301_000),
        lambda desk: changed(signature(desk, "GET", "/v1/me"), sequenceNum="another"),
        lambda desk: changed(signature(desk, "GET", "/v1/me"), msgcode="Other"),
        lambda desk: {k: v for k, v in signature(desk, "GET", "/v1/me").items() if k != "timestamp"},
    ],
    ids=["target", "method", "body", "query", "key", "old", "future", "sequence", "code", "no timestamp"],
)
def test_signature_for_anything_else_is_refused(desk: Desk, signer: str, attempt: Any) -> None:
    before = desk.service.log.count("request_sequences")
    answer = get(desk, "/v1/me", desk.headers(signer) | attempt(desk))
    assert problem(answer) == (401, "invalid_request_signature")
    assert desk.service.log.count("request_sequences") == before, "what was not signed uses no number up"


def test_doubled_header_of_a_signature_is_refused(desk: Desk, signer: str) -> None:
    sent = [*desk.headers(signer).items(), *signature(desk, "GET", "/v1/me").items(), ("timestamp", "1" * 13)]
    answer = desk.service.client.get("/v1/me", headers=sent)
    assert problem(answer) == (400, "invalid_input")


def test_sequence_numbers_are_each_accounts_own(desk: Desk, signer: str) -> None:
    desk.account("second signer", sm2_keys=[PUBLIC.hex()])
    sent = signature(desk, "GET", "/v1/me")
    assert get(desk, "/v1/me", desk.headers(signer) | sent).status_code == 200
    assert get(desk, "/v1/me", desk.headers("second signer") | sent).status_code == 200


def test_signature_where_none_is_demanded_is_checked_all_the_same(desk: Desk) -> None:
    desk.account("may sign", sm2_keys=[PUBLIC.hex()])
    token = desk.headers("may sign")
    assert get(desk, "/v1/me", token).status_code == 200
    assert get(desk, "/v1/me", token | signature(desk, "GET", "/v1/me")).status_code == 200
    wrong = signature(desk, "GET", "/v1/me", private=PRIVATE + 1)
    assert problem(get(desk, "/v1/me", token | wrong)) == (401, "invalid_request_signature")


def test_key_that_records_events_may_sign_its_requests(desk: Desk) -> None:
    key = desk.service.new_key(
        "signing-office", ("urn:test:signing:",), signature_keys=(SignatureKey("sm2-1", "sm2", PUBLIC),)
    )
    event = {"specversion": "1.0", "id": "1", "source": "urn:test:signing:1", "type": "org.test.v1"}
    raw = json.dumps(event).encode()
    headers = {"X-API-Key": key.api_key, "Content-Type": "application/cloudevents+json"}
    sent = signature(desk, "POST", "/v1/events", raw)
    post = desk.service.client.post
    assert problem(post("/v1/events", content=raw + b" ", headers=headers | sent)) == (401, "invalid_request_signature")
    assert post("/v1/events", content=raw, headers=headers | sent).status_code == 201
    assert problem(post("/v1/events", content=raw, headers=headers | sent)) == (409, "request_replayed")


def test_replay_is_evidence(desk: Desk) -> None:
    account = desk.account("replayed", sm2_keys=[PUBLIC.hex()])
    token, sent = desk.headers("replayed"), signature(desk, "GET", "/v1/me")
    assert [get(desk, "/v1/me", token | sent).status_code for _ in range(3)] == [200, 409, 409]
    kind, data = desk.access_events(account)[-1]
    assert (kind, data["code"]) == ("refused", "request_replayed")
    assert desk.kinds(account).count("refused") == 1
