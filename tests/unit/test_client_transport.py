"""The client's retries, against a real HTTP server that answers from a script (it plays the service, nothing more)."""

import json
from dataclasses import replace

import pytest
from support.http_double import CUT, DROP, Answer, http_double

from ledger.client.transport import RetryPolicy, Transport
from ledger.errors import RefusedByServiceError, UnavailableError

OK = Answer(200, b'{"ok":true}')
BUSY = Answer(429, json.dumps({"code": "overloaded", "detail": "busy"}).encode(), {"Retry-After": "2"})
AWAY = Answer(503, json.dumps({"code": "unavailable", "detail": "away"}).encode())


class FakeTime:
    """A clock that only its own sleep moves."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def policy(self, **changes) -> RetryPolicy:
        return replace(RetryPolicy(sleep=self.sleep, monotonic=lambda: self.now), **changes)


@pytest.mark.parametrize("trouble", [BUSY, AWAY, DROP, CUT, Answer(502, b"<html>"), Answer(504, b"")], ids=str)
def test_transport_trouble_that_passes_is_retried_with_the_same_bytes(trouble) -> None:
    time = FakeTime()
    with http_double(trouble, trouble, OK) as double:
        transport = Transport(double.url, "clk_a_b", retry=time.policy())
        assert transport.request("POST", "/v1/events", body=b"the event").json() == {"ok": True}
        transport.close()
    assert [(request.method, request.target, request.body) for request in double.seen] == [
        ("POST", "/v1/events", b"the event")
    ] * 3
    assert len(time.slept) == 2


def test_transport_retry_after_is_honoured() -> None:
    time = FakeTime()
    with http_double(BUSY, OK) as double:
        transport = Transport(double.url, retry=time.policy())
        transport.request("GET", "/x")
        transport.close()
    assert time.slept == [2.0]


def test_transport_waits_grow_up_to_their_limit() -> None:
    time = FakeTime()
    with http_double(*[AWAY] * 12, OK) as double:
        transport = Transport(double.url, retry=time.policy(give_up_after_s=1000, wait_max_s=2.0))
        transport.request("GET", "/x")
        transport.close()
    assert time.slept[0] <= 0.1
    assert time.slept[-1] > 0.9
    assert max(time.slept) <= 2.0


def test_transport_lasting_trouble_gives_up_and_says_what_was_answered() -> None:
    time = FakeTime()
    with http_double(AWAY) as double:
        transport = Transport(double.url, retry=time.policy(give_up_after_s=30))
        with pytest.raises(UnavailableError, match=r"answers 503: away; given up after 30 s"):
            transport.request("GET", "/x")
        transport.close()
    assert 20 < time.now <= 30


def test_transport_nothing_listens_is_unavailable() -> None:
    with http_double(OK) as double:
        url = double.url
    time = FakeTime()
    with pytest.raises(UnavailableError, match="does not answer"):
        Transport(url, retry=time.policy(give_up_after_s=1)).request("GET", "/x")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 500])
def test_transport_refusal_is_not_retried_and_keeps_the_code(status: int) -> None:
    problem = json.dumps({"code": "some_code", "detail": "why"}).encode()
    with http_double(Answer(status, problem), OK) as double:
        transport = Transport(double.url)
        with pytest.raises(RefusedByServiceError, match="why") as caught:
            transport.request("GET", "/x")
        transport.close()
    assert (caught.value.problem_code, caught.value.facts["status"]) == ("some_code", status)
    assert len(double.seen) == 1


def test_transport_refusal_that_is_no_problem_document_names_the_status() -> None:
    with http_double(Answer(404, b"<html>")) as double:
        transport = Transport(double.url)
        with pytest.raises(RefusedByServiceError, match="HTTP status 404") as caught:
            transport.request("GET", "/x")
        transport.close()
    assert caught.value.problem_code == "http_404"


def test_transport_key_and_query_are_sent() -> None:
    with http_double(OK) as double:
        transport = Transport(double.url + "/base/", "clk_a_b")
        transport.request("GET", "/x", query=[("source", "urn:a b"), ("id", "1/ü")])
        transport.close()
    assert double.seen[0].target == "/base/x?source=urn%3Aa+b&id=1%2F%C3%BC"
    assert double.seen[0].headers["authorization"] == "Bearer clk_a_b"


def test_transport_connection_is_kept_alive() -> None:
    with http_double(OK) as double:
        transport = Transport(double.url)
        for _ in range(3):
            assert transport.request("GET", "/x").headers.get("connection") is None
        transport.close()
    assert len(double.seen) == 3
