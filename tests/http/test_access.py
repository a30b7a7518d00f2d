"""Tokens, accounts and their evidence on the running API."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from support.desk import BODY, OTHER, Desk, problem

from api.logins import Logins
from ledger.adapters.sql import access_evidence
from ledger.errors import UnavailableError


def test_token_that_the_issuer_made_works_as_its_account(desk: Desk) -> None:
    token = desk.issuer.token("office")
    headers = {"Authorization": f"Bearer {token}"}
    before = desk.me(headers).json()
    assert (before["roles"], before["participant"]) == (["applicant"], None)

    granted = desk.account("office", level="viewer", roles=["provider", "consumer"])
    after = desk.me(headers).json()

    assert before["account_id"] == after["account_id"] == granted, "what an applicant did stays its own"
    assert after == {
        "account_id": granted,
        "participant": BODY,
        "roles": ["consumer", "provider"],
        "level": "viewer",
        "signs_requests": False,
    }


def test_login_is_recorded_once_a_token_and_account(desk: Desk) -> None:
    account = desk.account("logs in")
    first = desk.headers("logs in", jti="token-1")
    for _ in range(3):
        assert desk.me(first).status_code == 200
    again = desk.headers("logs in", jti="token-1")  # another text under the same id
    assert desk.me(again).status_code == 200
    assert desk.kinds(account) == ["granted", "logged_in"]
    assert desk.me(desk.headers("logs in", jti="token-2")).status_code == 200

    events = desk.access_events(account)
    assert [kind for kind, _ in events] == ["granted", "logged_in", "logged_in"]
    assert set(events[1][1]) == {"account_id", "issuer", "token_mac", "network_mac"}
    assert "logs in" not in json.dumps(events) and "token-1" not in json.dumps(events)


def test_first_use_of_an_api_key_in_a_day_is_recorded_once(desk: Desk) -> None:
    made, clock = desk.service.new_key("daily", (), role="auditor", was_used=False), desk.service.container.clock
    key = {"X-API-Key": made.api_key}
    account = desk.me(key).json()["account_id"]
    with ThreadPoolExecutor(4) as threads:
        assert {answer.status_code for answer in threads.map(lambda _: desk.me(key), range(8))} == {200}
    desk.service.container.logins = Logins(desk.service.container.owed)  # a worker that was started anew
    assert desk.me(key).status_code == 200

    [(_, data)] = [one for one in desk.access_events(account) if one[0] == "logged_in"]
    assert set(data) == {"account_id", "key_id", "day", "network_mac"}
    assert (account, data["day"]) == (f"key:{data['key_id']}", clock.now().date().isoformat())

    tomorrow = clock.now() + timedelta(days=1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(desk.service.container, "clock", SimpleNamespace(now=lambda: tomorrow))
        assert desk.me(key).status_code == 200
        assert [kind for kind, _ in desk.access_events(account)].count("logged_in") == 2


def test_api_key_whose_use_cannot_be_recorded_works_and_is_recorded_later(desk: Desk) -> None:
    made, container = desk.service.new_key("later", (), role="consumer", was_used=False), desk.service.container
    key, account = {"X-API-Key": made.api_key}, f"key:{made.key_id}"

    async def away(_: object) -> None:
        raise UnavailableError("not now")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(container, "write", away)
        assert desk.me(key).status_code == 200
    wait_for(lambda: "logged_in" in desk.kinds(account))  # the key is not used again
    assert desk.me(key).status_code == 200
    assert desk.kinds(account).count("logged_in") == 1


def test_withdrawn_account_is_refused_at_once_and_that_is_evidence(desk: Desk) -> None:
    account = desk.account("leaver")
    headers = desk.headers("leaver")
    assert desk.me(headers).status_code == 200

    assert desk.withdraw(account).json()["state"] == "withdrawn"

    for _ in range(3):
        assert problem(desk.me(headers)) == (401, "unauthenticated")
    assert problem(desk.withdraw(account)) == (409, "illegal_transition")
    kinds = desk.access_events(account)
    assert [kind for kind, _ in kinds] == ["granted", "logged_in", "withdrawn", "refused"]
    assert kinds[3][1] | {"hour": "", "network_mac": ""} == {
        "account_id": account,
        "method": "GET",
        "route": "/v1/me",
        "code": "unauthenticated",
        "hour": "",
        "network_mac": "",
    }
    assert desk.me(desk.headers("leaver")).status_code == 401, "a new token is no new account"


def test_evidence_of_an_identity_says_by_whom_and_from_which_network(desk: Desk) -> None:
    """Grant, login, withdrawal and refusal each name operator, object and network address, the address by its keyed hash."""
    here, there = "127.0.0.1", "203.0.113.7"  # a proxy on this machine says from where a request came
    account = desk.account("watched")
    headers = desk.headers("watched")
    assert desk.me(headers | {"X-Forwarded-For": there}).status_code == 200
    operator = desk.service.auth("operator") | {"X-Forwarded-For": there}
    assert desk.withdraw(account, operator).status_code == 200
    assert desk.me(headers).status_code == 401

    events = desk.access_events(account)
    assert [kind for kind, _ in events] == ["granted", "logged_in", "withdrawn", "refused"]
    mac = desk.service.log.preparer.subject_mac
    expected = [mac("network", address).hex() for address in (here, there, there, here)]
    assert [data["network_mac"] for _, data in events] == expected
    assert {data["account_id"] for _, data in events} == {account}
    by = desk.me(desk.service.auth("operator")).json()["account_id"]
    assert [events[place][1]["by"] for place in (0, 2)] == [by, by]
    assert there not in json.dumps(events)


def test_withdrawal_wins_against_requests_under_way(desk: Desk) -> None:
    account = desk.account("in a hurry")
    headers = desk.headers("in a hurry")
    with ThreadPoolExecutor(4) as threads:
        reading = [threads.submit(desk.me, headers) for _ in range(40)]
        assert desk.withdraw(account).status_code == 200
        after = desk.me(headers)
        assert {answer.result().status_code for answer in reading} <= {200, 401}
    assert after.status_code == 401


def test_refused_attempts_are_counted_and_not_multiplied(desk: Desk) -> None:
    account = desk.account("tries")
    headers = desk.headers("tries")
    for _ in range(5):
        assert problem(desk.service.client.get("/v1/events/search", headers=headers)) == (403, "forbidden")
    assert problem(desk.grant("x", by=headers)) == (403, "forbidden")
    assert desk.kinds(account) == ["granted", "logged_in", "refused", "refused"]
    pass_hour(desk)
    assert problem(desk.service.client.get("/v1/events", headers=headers, params={"source": "a", "id": "b"})) == (
        403,
        "forbidden",
    )

    events = desk.access_events(account)
    assert [kind for kind, _ in events][4:] == ["refusals_counted", "refused"]
    counted = events[4][1]
    assert (counted["route"], counted["code"], counted["count"]) == ("/v1/events/search", "forbidden", 5)


def test_attempts_of_nobody_are_counted_and_become_one_event_an_hour_and_route(desk: Desk) -> None:
    log = desk.service.log
    pass_hour(desk)
    end_hours(desk)
    before, outbox = rows_of_attempts(desk), log.count("outbox")
    unknown_key = {"X-API-Key": f"clk_none_{'0' * 64}"}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: desk.me(unknown_key), range(20)))
    answers += [desk.me(desk.headers(f"nobody {one}", exp=int(time.time()) - 3_600)) for one in range(3)]
    answers += [desk.me({}), desk.me({"Authorization": "Bearer no.such.token"})]
    answers += [desk.service.client.get("/v1/accounts", headers=unknown_key)]
    assert {problem(answer) for answer in answers} == {(401, "unauthenticated")}
    assert log.count("outbox") == outbox, "counted, and no event each"
    assert rows_of_attempts(desk) - before <= 4, "two routes, and at most two hours"

    pass_hour(desk)
    end_hours(desk)  # as the anchor service does; nothing else is refused meanwhile
    counted = [data for kind, data in desk.access_events(None) if kind == "refusals_counted"][
        -log.count("outbox") + outbox :
    ]
    assert {(one["method"], one["route"], one["code"]) for one in counted} == {
        ("GET", "/v1/me", "unauthenticated"),
        ("GET", "/v1/accounts", "unauthenticated"),
    }
    assert sum(one["count"] for one in counted) == len(answers)
    assert set(counted[0]) == {"account_id", "method", "route", "code", "hour", "count"}, (
        "and nothing of who it may have been"
    )


def test_attempts_that_cannot_be_recorded_are_refused_and_recorded_later(desk: Desk) -> None:
    account = desk.account("not now")
    headers = desk.headers("not now")
    assert desk.me(headers).status_code == 200
    desk.withdraw(account)
    container = desk.service.container

    async def away(_: object) -> None:
        raise UnavailableError("not now")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(container, "write", away)
        assert [problem(desk.me(headers)) for _ in range(2)] == [(401, "unauthenticated")] * 2
    wait_for(lambda: "refused" in desk.kinds(account))
    pass_hour(desk)
    end_hours(desk)
    [counted] = [data for kind, data in desk.access_events(account) if kind == "refusals_counted"]
    assert counted["count"] == 2


def pass_hour(desk: Desk) -> None:
    with desk.service.log.engine.begin() as connection:
        connection.execute(text("UPDATE access_marks SET hour = hour - interval '3 h' WHERE facts <> '{}'"))


def end_hours(desk: Desk) -> None:
    """What the leader of the anchor service does every second."""
    while True:
        with desk.service.log.engine.begin() as connection:
            if not access_evidence.is_any_hour_over(connection, desk.service.container.clock.now()):
                return
            access_evidence.close_hours(connection, desk.service.log.preparer)


def rows_of_attempts(desk: Desk) -> int:
    return desk.service.log.count("access_marks WHERE facts <> '{}'")


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_expired_token_of_an_account_is_a_recorded_attempt(desk: Desk) -> None:
    account = desk.account("late")
    assert problem(desk.me(desk.headers("late", exp=int(time.time()) - 3_600))) == (401, "unauthenticated")
    assert desk.kinds(account) == ["granted", "refused"]


def test_revoked_key_is_a_recorded_attempt(desk: Desk) -> None:
    key = desk.service.new_key("gone", ("urn:test:gone:",))
    desk.service.revoke(key.key_id)
    assert problem(desk.me({"X-API-Key": key.api_key})) == (401, "unauthenticated")
    assert desk.kinds(f"key:{key.key_id}") == ["refused"]


@pytest.mark.parametrize("role", ["regulator", "auditor"])
def test_every_read_of_a_supervisor_is_recorded_before_its_answer(desk: Desk, role: str) -> None:
    account = desk.account(f"the {role}", roles=[role], participant=None, level="viewer")
    headers = desk.headers(f"the {role}")
    client = desk.service.client
    assert client.get("/v1/accounts", headers=headers, params={"limit": "1"}).status_code == 200
    assert client.get("/v1/accounts", headers=headers, params={"limit": "2"}).status_code == 200
    missing = client.get("/v1/events", headers=headers, params={"source": "urn:a", "id": "b"})
    assert problem(missing) == (404, "not_found")

    events = desk.access_events(account)
    assert [kind for kind, _ in events] == ["granted", "logged_in", "read", "read", "read"]
    reads = [data for _, data in events[2:]]
    assert [(read["route"], read["path"], read["refusal"]) for read in reads] == [
        ("/v1/accounts", "/v1/accounts", None),
        ("/v1/accounts", "/v1/accounts", None),
        ("/v1/events", None, "not_found"),
    ]
    assert reads[0]["roles"] == [role]
    assert len({read["query_mac"] for read in reads}) == 3, "which query it was can be told, and not what it said"


def test_read_that_cannot_be_recorded_is_not_answered(desk: Desk) -> None:
    desk.account("cut off", roles=["auditor"], participant=None)
    headers = desk.headers("cut off")
    assert desk.me(headers).status_code == 200
    keyring = desk.service.log.folder / "keyring"
    with desk.service.publisher.paused():
        kept = keyring.rename(keyring.with_name("kept"))
        try:
            answer = desk.me(headers)
            unwatched = desk.me(desk.service.auth("arbitrator"))
        finally:
            kept.rename(keyring)
    assert answer.status_code == 503
    assert "account_id" not in answer.text
    assert unwatched.status_code == 200
    while desk.service.client.get("/readyz").json()["parts"]["log"] != "ready":
        time.sleep(0.1)  # the guard looks once a second
    assert desk.me(headers).status_code == 200


def test_administrator_of_a_body_manages_its_own_accounts_only(desk: Desk) -> None:
    desk.account("boss", level="admin", roles=["provider", "consumer"])
    boss = desk.headers("boss")
    handler = desk.grant("clerk", by=boss).json()["account_id"]
    foreign = desk.account("stranger", participant=OTHER)

    assert problem(desk.grant("y", by=boss, participant=OTHER)) == (403, "forbidden")
    assert problem(desk.grant("y", by=boss, roles=["regulator"], participant=None)) == (403, "forbidden")
    assert problem(desk.grant("y", by=boss, roles=["developer"])) == (403, "forbidden")
    assert problem(desk.grant("clerk", by=boss)) == (409, "conflict")
    assert problem(desk.withdraw(foreign, boss)) == (404, "not_found")
    seen = desk.service.client.get("/v1/accounts", headers=boss, params={"limit": "200"}).json()["items"]
    assert handler in {account["account_id"] for account in seen}
    assert {account["participant"] for account in seen} == {BODY}
    assert all("subject" not in account for account in seen)
    assert desk.withdraw(handler, boss).status_code == 200
    granted = desk.access_events(handler)[0][1]
    assert granted["by"] == desk.me(boss).json()["account_id"]


def test_pages_of_accounts_follow_each_other(desk: Desk) -> None:
    made = {desk.account(f"page {number}", participant="91110000000000077B") for number in range(3)}
    desk.account("page boss", participant="91110000000000077B", level="admin")
    headers = desk.headers("page boss")
    seen, cursor = [], None
    while True:
        params = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = desk.service.client.get("/v1/accounts", headers=headers, params=params).json()
        seen += [account["account_id"] for account in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 4 and made < set(seen)


def test_grant_is_repeated_with_its_first_answer(desk: Desk) -> None:
    body = {
        "participant": BODY,
        "issuer": desk.issuer.url,
        "subject": "twice",
        "level": "viewer",
        "roles": ["provider"],
    }
    headers = desk.service.auth("operator") | {"Idempotency-Key": "grant-twice", "Content-Type": "application/json"}
    first, second = (
        desk.service.client.post("/v1/accounts", content=json.dumps(body), headers=headers) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["Idempotent-Replay"] == "true"
    assert first.headers["Location"] == f"/v1/accounts/{first.json()['account_id']}"
    assert desk.kinds(first.json()["account_id"]) == ["granted"]


def test_key_of_an_account_acts_for_it(desk: Desk) -> None:
    account = desk.account("machine", roles=["platform_service"])
    key = desk.service.new_key("machine", ("urn:test:machine:",), account_id=account)
    by_key = {"X-API-Key": key.api_key}
    assert desk.me(by_key).json()["account_id"] == account
    event = {"specversion": "1.0", "id": "1", "source": "urn:test:machine:1", "type": "org.test.v1"}
    headers = {"Content-Type": "application/cloudevents+json"}
    client = desk.service.client
    assert client.post("/v1/events", content=json.dumps(event), headers=headers | by_key).status_code == 201
    named = {"source": event["source"], "id": event["id"]}
    by_token = desk.headers("machine")
    assert client.get("/v1/events", params=named, headers=by_token).status_code == 200
    desk.service.settled()
    items = client.get("/v1/events/search", headers=by_token).json()["items"]
    assert [item["id"] for item in items] == ["1"]
    refused = client.post("/v1/events", content=json.dumps(event | {"id": "2"}), headers=headers | by_token)
    assert problem(refused) == (403, "forbidden")
    assert "API key" in refused.json()["detail"]

    assert desk.withdraw(account).status_code == 200
    assert problem(client.get("/v1/events", params=named, headers=by_key)) == (401, "unauthenticated")
    assert (
        client.post("/v1/events", content=json.dumps(event | {"id": "3"}), headers=headers | by_key).status_code == 401
    )


def test_token_of_a_body_without_submitters_finds_no_events(desk: Desk) -> None:
    desk.account("no machine", roles=["platform_service"], participant="911100000000000553")
    headers = desk.headers("no machine")
    answer = desk.service.client.get("/v1/events/search", headers=headers)
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    named = {"submitter": "platform-service"}
    assert problem(desk.service.client.get("/v1/events/search", headers=headers, params=named)) == (403, "forbidden")
