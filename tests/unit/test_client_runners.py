"""Calls as values, run by the sync and the async client: the same request, the same key on every retry, the same answer."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from support.http_double import CUT, DROP, Answer, HttpDouble, Seen, http_double

from ledger.client.calls import Call, RemoteObject, get_object, get_page, segment, write_object
from ledger.client.runners import AsyncClient, Client
from ledger.client.transport import RetryPolicy
from ledger.errors import MalformedEvidenceError, RefusedByServiceError, UnavailableError

QUICK = RetryPolicy(give_up_after_s=5, first_wait_s=0.001, wait_max_s=0.01)
MADE = Answer(201, b'{"state":"applied"}', {"ETag": '"1"'})
AWAY = Answer(503, json.dumps({"code": "unavailable", "detail": "away"}).encode())
Run = Callable[[HttpDouble, Call[Any]], Any]


def run_sync(double: HttpDouble, call: Call[Any]) -> Any:
    with Client(double.url, "clk_a_b", retry=QUICK) as client:
        return client.run(call)


def run_async(double: HttpDouble, call: Call[Any]) -> Any:
    async def main() -> Any:
        async with AsyncClient(double.url, "clk_a_b", connections=2, retry=QUICK) as client:
            return await client.run(call)

    return asyncio.run(main())


@pytest.fixture(params=[run_sync, run_async], ids=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.param
    return found


@pytest.mark.parametrize("trouble", [AWAY, DROP, CUT], ids=str)
def test_write_that_is_sent_again_keeps_its_key_and_bytes(run: Run, trouble: Answer | str) -> None:
    call = write_object("/v1/participants", {"name": "数据集团"}, revision=3)
    with http_double(trouble, MADE) as double:
        made = run(double, call)

    assert made == RemoteObject({"state": "applied"}, 1)
    assert made.state == "applied"
    first, second = double.seen
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] != ""
    assert (first.body, first.headers["if-match"]) == (second.body, '"3"')
    assert json.loads(first.body) == {"name": "数据集团"}
    assert first.headers["authorization"] == "Bearer clk_a_b"


def test_two_writes_have_two_keys_unless_the_caller_names_them() -> None:
    keys = [write_object("/x", {}).headers["Idempotency-Key"] for _ in range(2)]

    assert keys[0] != keys[1]
    assert write_object("/x", {}, idempotency_key="mine").headers["Idempotency-Key"] == "mine"


def test_answer_to_a_repeat_says_so(run: Run) -> None:
    with http_double(Answer(201, b"{}", {"ETag": '"1"', "Idempotent-Replay": "true"})) as double:
        assert run(double, write_object("/x", {})).is_replay


def test_refusal_carries_the_code(run: Run) -> None:
    problem = json.dumps({"code": "illegal_transition", "detail": "no", "state": "left"}).encode()
    with http_double(Answer(409, problem)) as double, pytest.raises(RefusedByServiceError) as refused:
        run(double, get_object("/v1/x"))

    assert refused.value.facts["problem_code"] == "illegal_transition"


def test_service_that_stays_away_is_given_up(run: Run) -> None:
    with http_double(AWAY) as double, pytest.raises(UnavailableError):
        run(double, get_object("/v1/x"))


@pytest.mark.parametrize(("call", "body"), [(get_object("/x"), b"[]"), (get_page("/x"), b'{"items":3}')])
def test_answer_of_another_shape_is_named(run: Run, call: Call[Any], body: bytes) -> None:
    with http_double(Answer(200, body)) as double, pytest.raises(MalformedEvidenceError):
        run(double, call)


def pages(request: Seen) -> Answer:
    start = int(request.target.partition("cursor=")[2] or 0) if "cursor=" in request.target else 0
    after = start + 2
    value = {"items": [{"n": n} for n in range(start, min(after, 5))], "next_cursor": str(after) if after < 5 else None}
    return Answer(200, json.dumps(value).encode())


def test_each_goes_through_all_pages() -> None:
    def page(cursor: str | None) -> Call[Any]:
        return get_page("/v1/things", state="listed", other=None, cursor=cursor)

    async def main(url: str) -> list[int]:
        async with AsyncClient(url, retry=QUICK) as client:
            return [item["n"] async for item in client.each(page)]

    with http_double(pages) as double, Client(double.url, retry=QUICK) as client:
        assert [item["n"] for item in client.each(page)] == [0, 1, 2, 3, 4]
        assert asyncio.run(main(double.url)) == [0, 1, 2, 3, 4]
    assert double.seen[0].target == "/v1/things?state=listed"


def test_async_client_runs_calls_at_the_same_time() -> None:
    async def main(url: str) -> list[RemoteObject]:
        async with AsyncClient(url, connections=4, retry=QUICK) as client:
            return list(await asyncio.gather(*(client.run(get_object(f"/v1/{n}")) for n in range(20))))

    with http_double(lambda request: Answer(200, json.dumps({"path": request.target}).encode())) as double:
        found = asyncio.run(main(double.url))

    assert [one.value["path"] for one in found] == [f"/v1/{n}" for n in range(20)]


def test_code_with_an_extension_is_one_segment() -> None:
    assert segment("69•A/B") == "69%E2%80%A2A%2FB"
