"""Signed acts over HTTP: who sees them, what is to be signed, and what signatures are taken."""

from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from sqlalchemy import text
from support.a_service import Service
from support.signed_acts import CONTRACTS, FAR, Body, SignedActs


def send(acts: SignedActs, act_id: str, body: Any, sender: Body | dict[str, str], **headers: str) -> httpx.Response:
    names = {"Idempotency-Key": str(abs(hash((act_id, str(body)))))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    credential = sender.headers if isinstance(sender, Body) else sender
    return acts.client.post(f"/v1/acts/{act_id}/signatures", json=body, headers=credential | names)


def get(acts: SignedActs, path: str, reader: Body | dict[str, str], **params: Any) -> httpx.Response:
    credential = reader.headers if isinstance(reader, Body) else reader
    return acts.client.get(path, headers=credential, params=params)


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["act_id"] for item in answer.json()["items"]]


def test_act_is_signed_by_both_and_called(acts: SignedActs) -> None:
    act_id = acts.propose()

    first = send(acts, act_id, acts.signature(act_id, acts.trading, 0), acts.trading)
    assert (first.status_code, first.json()["state"], first.headers["etag"]) == (201, "open", '"2"')
    assert [signer["signed"] for signer in first.json()["signers"]] == [True, False]
    assert first.json()["calls"] == []
    given = acts.signature(act_id, acts.authorisation, 1, sm2=True)
    last = send(acts, act_id, given, acts.authorisation)

    assert (last.status_code, last.json()["state"], last.headers["etag"]) == (201, "calling", '"3"')
    with acts.log.engine.connect() as connection:
        query = text("SELECT document FROM objects WHERE kind = 'act' AND object_id = :act_id")
        kept = connection.execute(query, {"act_id": act_id}).scalar_one()["signatures"]
    assert (kept["0"]["sm2"], kept["1"]["sm2"]) == (None, given["sm2"])
    [call] = last.json()["calls"]
    assert (call["state"], call["tx_hash"], call["reason"]) == ("queued", None, None)
    read = get(acts, f"/v1/acts/{act_id}", acts.trading)
    assert (read.json(), read.headers["etag"]) == (last.json(), '"3"')


def test_answer_never_holds_a_signature(acts: SignedActs) -> None:
    act_id = acts.propose()
    given = acts.signature(act_id, acts.trading, 0, sm2=True)

    answer = send(acts, act_id, given, acts.trading)

    assert answer.status_code == 201
    assert given["signature"][2:] not in answer.text
    assert given["sm2"]["signature"] not in answer.text


def test_typed_data_is_what_the_signature_is_checked_against(acts: SignedActs) -> None:
    act_id = acts.propose()
    answer = get(acts, f"/v1/acts/{act_id}/typed-data", acts.authorisation, place=1, deadline=FAR)
    document = answer.json()

    assert answer.status_code == 200
    assert set(document) == {"types", "primaryType", "domain", "message"}
    assert document["domain"]["verifyingContract"] == "0x" + CONTRACTS["ProductRegistry"].hex()
    assert document["message"]["signer"] == "0x" + acts.authorisation.body_id.hex()
    assert document["message"]["deadline"] == FAR
    given = acts.signature(act_id, acts.authorisation, 1)
    signed = document | {"message": document["message"] | {"deadline": given["deadline"]}}
    found = Account.recover_message(encode_typed_data(full_message=signed), signature=given["signature"])
    assert bytes.fromhex(found[2:]) == acts.authorisation.address


@pytest.mark.parametrize("path", ["/v1/acts/{}", "/v1/acts/{}/typed-data"])
def test_act_of_others_is_not_found(acts: SignedActs, path: str) -> None:
    act_id = acts.propose()
    params = {"place": 0, "deadline": FAR} if path.endswith("data") else {}

    assert get(acts, path.format(act_id), acts.trading, **params).status_code == 200
    refused = get(acts, path.format(act_id), acts.stranger, **params)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_list_holds_the_acts_of_ones_own_and_readers_of_all_see_every_one(acts: SignedActs, service: Service) -> None:
    act_id = acts.propose()

    assert act_id in ids(get(acts, "/v1/acts", acts.trading, limit=200))
    assert ids(get(acts, "/v1/acts", acts.stranger, limit=200)) == []
    for role in ("operator", "regulator", "auditor", "arbitrator"):
        assert act_id in ids(get(acts, "/v1/acts", service.auth(role), limit=200)), role


def test_waiting_for_me_are_the_open_ones_without_my_signature(acts: SignedActs, service: Service) -> None:
    act_id = acts.propose()
    waiting = {"waiting_for": "me", "limit": 200}
    assert act_id in ids(get(acts, "/v1/acts", acts.trading, **waiting))
    assert act_id in ids(get(acts, "/v1/acts", acts.authorisation, **waiting))

    send(acts, act_id, acts.signature(act_id, acts.trading, 0), acts.trading)

    assert act_id not in ids(get(acts, "/v1/acts", acts.trading, **waiting))
    assert act_id in ids(get(acts, "/v1/acts", acts.authorisation, **waiting))
    assert ids(get(acts, "/v1/acts", service.auth("operator"), **waiting)) == [], "no body, nothing to sign"


def test_state_narrows_the_list_and_the_cursor_walks_through_it_once(acts: SignedActs) -> None:
    made = {acts.propose() for _ in range(5)}
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = get(acts, "/v1/acts", acts.trading, state="open", limit=2, **cursor)
        seen += ids(answer)
        if answer.json()["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json()["next_cursor"]}

    assert made <= set(seen)
    assert len(seen) == len(set(seen))
    assert made.isdisjoint(ids(get(acts, "/v1/acts", acts.trading, state="final", limit=200)))


@pytest.mark.parametrize(
    "params",
    [{"cursor": "yesterday"}, {"state": "lost"}, {"waiting_for": "you"}, {"limit": "0"}, {"limit": "201"}, {"x": "1"}],
)
def test_list_asked_for_in_a_wrong_way_is_refused(acts: SignedActs, params: dict[str, str]) -> None:
    answer = get(acts, "/v1/acts", acts.trading, **params)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_operator_relays_the_signature_of_a_body(acts: SignedActs, service: Service) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0), service.auth("operator"))
    assert answer.status_code == 201


@pytest.mark.parametrize("role", ["regulator", "auditor", "arbitrator"])
def test_reader_of_all_sends_no_signature_of_others(acts: SignedActs, service: Service, role: str) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0), service.auth(role))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_signer_sends_no_signature_of_another_signer(acts: SignedActs) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0), acts.authorisation)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_stranger_signs_nothing(acts: SignedActs) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0), acts.stranger)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"signature": "0x" + "00" * 65}, 400, "invalid_act_signature"),
        ({"key": "0x" + "11" * 20}, 400, "invalid_act_signature"),
        ({"deadline": 1}, 400, "act_deadline_out_of_range"),
        ({"deadline": 2**53 - 1}, 400, "act_deadline_out_of_range"),
        ({"place": 2}, 400, "invalid_input"),
        ({"place": 1}, 403, "forbidden"),
        ({"sm2": {"public_key": "04" + "00" * 64, "signature": "00" * 64}}, 400, "invalid_act_signature"),
    ],
)
def test_signature_that_is_not_in_order_is_refused_and_changes_nothing(
    acts: SignedActs, changes: dict[str, Any], status: int, code: str
) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0) | changes, acts.trading)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert get(acts, f"/v1/acts/{act_id}", acts.trading).json()["revision"] == 1


def test_signature_of_another_act_is_refused(acts: SignedActs) -> None:
    act_id, other = acts.propose(), acts.propose()
    answer = send(acts, act_id, acts.signature(other, acts.trading, 0), acts.trading)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_act_signature")


def test_second_signature_of_a_place_is_refused(acts: SignedActs) -> None:
    act_id = acts.propose()
    send(acts, act_id, acts.signature(act_id, acts.trading, 0), acts.trading)
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0, hours=25), acts.trading)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_act_that_is_being_called_says_its_state_and_what_is_allowed(acts: SignedActs) -> None:
    act_id = acts.propose()
    for place, body in enumerate((acts.trading, acts.authorisation)):
        send(acts, act_id, acts.signature(act_id, body, place), body)
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0, hours=25), acts.trading)

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert (answer.json()["state"], answer.json()["allowed"]) == ("calling", ["confirm", "refuse"])


def test_act_id_that_is_none_is_refused(acts: SignedActs) -> None:
    for path in ("/v1/acts/none", "/v1/acts/none/typed-data"):
        answer = get(acts, path, acts.trading, **({"place": 0, "deadline": FAR} if "typed" in path else {}))
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
