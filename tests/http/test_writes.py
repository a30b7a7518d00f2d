"""Business writes, shown on the signatures of acts: one executes however often and however badly it is sent."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, text
from support.a_service import Service
from support.signed_acts import SignedActs

from api.writes import BODY_BYTES_MAX


def send(acts: SignedActs, act_id: str, content: Any, key: str | bytes | None, **headers: str) -> httpx.Response:
    names: dict[str, Any] = {"Content-Type": "application/json"} | ({} if key is None else {"Idempotency-Key": key})
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    body = content if isinstance(content, bytes | str) else json.dumps(content)
    given = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in names.items()]
    credential = [(name.encode(), value.encode()) for name, value in acts.trading.headers.items()]
    return acts.client.post(f"/v1/acts/{act_id}/signatures", content=body, headers=credential + given)


def revision(acts: SignedActs, act_id: str) -> int:
    answer = acts.client.get(f"/v1/acts/{act_id}", headers=acts.trading.headers)
    return int(answer.json()["revision"])


def signed_events(acts: SignedActs, act_id: str) -> int:
    with acts.log.engine.connect() as connection:
        query = text("SELECT count(*) FROM object_history WHERE object_id = :act_id AND act IN ('sign', 'complete')")
        return int(connection.execute(query, {"act_id": act_id}).scalar_one())


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


# --- Idempotency-Key ----------------------------------------------------------------------------------------------


def test_repeat_gets_the_first_answer_byte_for_byte(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    first = send(acts, act_id, content, "repeat-1")
    again = send(acts, act_id, content, "repeat-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert "idempotent-replay" not in first.headers
    assert again.headers["idempotent-replay"] == "true"
    assert signed_events(acts, act_id) == 1


def test_repeat_after_the_object_went_on_still_gets_the_first_answer(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    first = send(acts, act_id, content, "went-on")
    other = acts.signature(act_id, acts.authorisation, 1)
    headers = acts.authorisation.headers | {"Idempotency-Key": "went-on"}
    assert acts.client.post(f"/v1/acts/{act_id}/signatures", json=other, headers=headers).status_code == 201

    again = send(acts, act_id, content, "went-on")

    assert (again.content, again.json()["state"]) == (first.content, "open")


def test_key_for_another_body_path_or_revision_is_refused(acts: SignedActs) -> None:
    act_id, other_id = acts.propose(), acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    assert send(acts, act_id, content, "reuse").status_code == 201

    for answer in (
        send(acts, act_id, content | {"place": 1}, "reuse"),
        send(acts, other_id, content, "reuse"),
        send(acts, act_id, content, "reuse", If_Match='"1"'),
        send(acts, act_id, json.dumps(content) + " ", "reuse"),
    ):
        assert problem(answer) == (409, "idempotency_key_reused")
    assert (revision(acts, act_id), revision(acts, other_id)) == (2, 1)


def test_keys_of_two_accounts_are_not_the_same_key(acts: SignedActs) -> None:
    act_id = acts.propose()
    assert send(acts, act_id, acts.signature(act_id, acts.trading, 0), "shared").status_code == 201
    other = acts.signature(act_id, acts.authorisation, 1)
    headers = acts.authorisation.headers | {"Idempotency-Key": "shared"}

    answer = acts.client.post(f"/v1/acts/{act_id}/signatures", json=other, headers=headers)

    assert (answer.status_code, answer.headers.get("idempotent-replay")) == (201, None)


def test_refusal_is_not_kept_and_the_key_may_be_used_for_what_is_right(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    assert problem(send(acts, act_id, content | {"deadline": 1}, "refused")) == (400, "act_deadline_out_of_range")

    assert send(acts, act_id, content, "refused").status_code == 201


@pytest.mark.parametrize("key", [None, "", "a b", "x" * 65, "schlüssel".encode()])
def test_write_without_a_proper_key_is_refused(acts: SignedActs, key: str | bytes | None) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)

    assert problem(send(acts, act_id, content, key)) == (400, "idempotency_key_missing")
    assert revision(acts, act_id) == 1


def test_two_keys_in_one_request_are_refused(acts: SignedActs) -> None:
    act_id = acts.propose()
    headers = [*acts.trading.headers.items(), ("Idempotency-Key", "one"), ("Idempotency-Key", "one")]
    body = acts.signature(act_id, acts.trading, 0)

    answer = acts.client.post(f"/v1/acts/{act_id}/signatures", json=body, headers=headers)

    assert problem(answer) == (400, "invalid_input")


def test_copies_at_the_same_instant_execute_once(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    together = threading.Barrier(8)

    def copy(_: int) -> httpx.Response:
        together.wait()
        return send(acts, act_id, content, "at-once")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(copy, range(8)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replay" not in answer.headers for answer in answers) == 1
    assert signed_events(acts, act_id) == 1


def test_same_write_under_two_keys_at_the_same_instant_executes_once(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    together = threading.Barrier(4)

    def attempt(number: int) -> int:
        together.wait()
        return send(acts, act_id, content, f"rival-{number}").status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [201, 409, 409, 409]
    assert signed_events(acts, act_id) == 1


# --- If-Match -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["1", '"0"', "*", 'W/"1"', '"1", "2"', '"x"'])
def test_if_match_that_is_no_etag_of_ours_is_refused(acts: SignedActs, value: str) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0), "if-match", If_Match=value)
    assert problem(answer) == (400, "invalid_input")


# --- locks, keys and outages --------------------------------------------------------------------------------------


@contextmanager
def holding(acts: SignedActs, statement: str, **values: Any) -> Iterator[Connection]:
    """Somebody else's transaction that holds what a statement locks, until the block ends; then it is rolled back."""
    with acts.log.engine.connect() as connection:
        connection.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # so that it is the other one who is ended
        connection.execute(text(statement), values)
        yield connection
        connection.rollback()


LOCK_ACT = "SELECT 1 FROM objects WHERE kind = 'act' AND object_id = :act_id FOR UPDATE"
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def wait_for_a_waiting_session(acts: SignedActs) -> int:
    """Process id of the server session that waits for a lock."""
    while True:
        with acts.log.engine.connect() as connection:
            pid = connection.execute(text(WAITING)).scalar()
        if pid is not None:
            return int(pid)


def test_deadlock_is_begun_anew_and_executes_once(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    with ThreadPoolExecutor(1) as pool:
        with holding(acts, "SELECT 1 FROM outbox_head FOR UPDATE") as connection:
            answer = pool.submit(send, acts, act_id, content, "deadlock")
            wait_for_a_waiting_session(acts)  # it has the act, and waits for the outbox
            connection.execute(text(LOCK_ACT), {"act_id": act_id})  # granted when PostgreSQL has ended the other one
        assert answer.result().status_code == 201
    assert signed_events(acts, act_id) == 1


def test_database_that_goes_away_is_said_and_the_repeat_executes_once(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    with ThreadPoolExecutor(1) as pool, holding(acts, LOCK_ACT, act_id=act_id):
        answer = pool.submit(send, acts, act_id, content, "outage")
        pid = wait_for_a_waiting_session(acts)
        with acts.log.engine.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        cut = answer.result()
    assert problem(cut) == (503, "unavailable")
    assert int(cut.headers["retry-after"]) >= 1

    while (again := send(acts, act_id, content, "outage")).status_code == 503:
        continue
    assert again.status_code == 201
    assert signed_events(acts, act_id) == 1


def test_key_revoked_while_its_body_is_sent_writes_nothing(acts: SignedActs, service: Service) -> None:
    act_id = acts.propose()
    leaver = acts.new_body("91310000MA0000004X", "trading_platform", 4)
    content = json.dumps(acts.signature(act_id, acts.trading, 0)).encode()

    def slowly() -> Iterator[bytes]:
        yield content[:20]
        service.revoke(leaver.key_id)
        yield content[20:]

    headers = leaver.headers | {"Idempotency-Key": "leaver", "Content-Type": "application/json"}
    answer = acts.client.post(f"/v1/acts/{act_id}/signatures", content=slowly(), headers=headers)

    assert problem(answer) == (401, "unauthenticated")
    assert revision(acts, act_id) == 1


# --- what was sent ------------------------------------------------------------------------------------------------


def test_body_that_is_too_large_is_refused(acts: SignedActs) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, b'{"place": "' + b"x" * BODY_BYTES_MAX + b'"}', "large")
    assert problem(answer) == (413, "too_large")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"place": 0, "place": 0}', "duplicate_key"),
        (b'{"key": "\\ud800"}', "lone_surrogate"),
        (b'{"key": "\xff"}', "malformed_json"),
        (b"{", "malformed_json"),
        (b"", "malformed_json"),
        (b"[]", "invalid_input"),
        (b'"x"', "invalid_input"),
        (b"[" * 200 + b"]" * 200, "too_deep"),
        (b'{"deadline": 9007199254740993}', "number_not_exact"),
        (b'{"deadline": NaN}', "number_not_exact"),
    ],
)
def test_body_that_can_be_read_in_two_ways_is_refused(acts: SignedActs, content: bytes, code: str) -> None:
    act_id = acts.propose()
    assert problem(send(acts, act_id, content, "two-ways")) == (400, code)
    assert revision(acts, act_id) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"place": "0"},
        {"place": 0.0},
        {"place": True},
        {"place": -1},
        {"place": None},
        {"deadline": "1900000000"},
        {"key": 7},
        {"key": "0x11"},
        {"signature": ""},
        {"sm2": {}},
        {"sm2": {"public_key": "04", "signature": ""}},
        {"sm2": []},
        {"password": "secret-of-mine"},
    ],
)
def test_member_that_is_wrong_or_unknown_is_refused_and_not_repeated(acts: SignedActs, change: dict[str, Any]) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0) | change, "wrong")

    assert problem(answer) == (400, "invalid_input")
    assert "password" not in answer.text
    assert "secret-of-mine" not in answer.text
    assert revision(acts, act_id) == 1


@pytest.mark.parametrize(
    "headers", [{"Content_Type": "text/plain"}, {"Content_Type": "application/xml"}, {"Content_Encoding": "gzip"}]
)
def test_body_of_another_kind_is_refused(acts: SignedActs, headers: dict[str, str]) -> None:
    act_id = acts.propose()
    answer = send(acts, act_id, acts.signature(act_id, acts.trading, 0), "kind", **headers)
    assert problem(answer) == (415, "unsupported_media_type")


def test_member_that_is_missing_is_named(acts: SignedActs) -> None:
    act_id = acts.propose()
    content = acts.signature(act_id, acts.trading, 0)
    del content["deadline"]
    answer = send(acts, act_id, content, "missing")
    assert problem(answer) == (400, "invalid_input")
    assert "deadline" in answer.json()["detail"]
