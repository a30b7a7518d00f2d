"""Room and time that requests share: who has no key, or stalls, takes neither from those who record events."""

import asyncio
import gzip
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.a_service import JSON, NDJSON, Service

from api import draining, judging
from api.bodies import SMALL_BODY_BYTES, BodyBudget
from api.cpu_share import CpuShare
from api.judging import PROOF_BYTES_PER_EVENT_BYTE
from api.routers import verify
from ledger.errors import OverloadedError

PROOF = {"Content-Type": "application/json"}


def an_event(**members: Any) -> str:
    event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "org.test.thing.v1"}
    return json.dumps(event | members)


@contextmanager
def stalled(service: Service, count: int, path: str, headers: dict[str, str], length: int) -> Iterator[None]:
    """Requests of which the head and one byte were sent; on entry the server has begun to read each, or refused it."""
    target = urlsplit(service.url)
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", "Expect: 100-continue"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection((target.hostname, target.port), timeout=15))
            for _ in range(count)
        ]
        for connection in connections:
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        for connection in connections:
            if connection.recv(12) == b"HTTP/1.1 100":
                connection.sendall(b"{")
        yield


def test_proofs_that_stall_take_no_room_from_events_or_proofs(service: Service) -> None:
    length = PROOF_BYTES_PER_EVENT_BYTE * service.container.settings.event_bytes_max
    with stalled(service, 140, "/v1/verify", PROOF, length):
        assert service.post(an_event(), JSON).status_code == 201
        assert service.post("\n".join(an_event() for _ in range(3)), NDJSON).status_code == 200
        assert service.client.post("/v1/verify", content=b"{", headers=PROOF).status_code == 200


def test_large_bodies_that_stall_leave_room_for_small_ones(service: Service) -> None:
    length = service.container.settings.body_bytes_max
    with stalled(service, 10, "/v1/events", NDJSON | service.auth(), length):
        refused = service.post(b" " * (SMALL_BODY_BYTES + 1), NDJSON, timeout=30)
        while_full = [service.post(an_event(data="x" * 200_000), JSON).status_code for _ in range(3)]
    assert while_full == [201] * 3
    assert (refused.status_code, refused.json()["code"]) == (429, "overloaded")


def test_small_bodies_that_stall_hold_nothing(service: Service) -> None:
    with stalled(service, 300, "/v1/events", JSON | service.auth(), SMALL_BODY_BYTES):
        assert service.post(an_event(), JSON).status_code == 201


def test_proof_that_stalls_is_408_sooner_than_a_batch(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(draining, "DRAIN_S", 0.2)

    def slow() -> Iterator[bytes]:
        yield b"{"
        time.sleep(1)
        yield b"}"

    answer = service.client.post("/v1/verify", content=slow(), headers=PROOF)
    assert (answer.status_code, answer.json()["code"]) == (408, "request_timeout")


def test_gzipped_proof_is_unpacked_beside_the_event_loop(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    gunzip = verify.gunzip

    def watched(compressed: bytes, bytes_max: int) -> bytes:
        threads.append(threading.current_thread().name)
        return gunzip(compressed, bytes_max)

    monkeypatch.setattr(verify, "gunzip", watched)
    headers = PROOF | {"Content-Encoding": "gzip"}
    good = service.client.post("/v1/verify", content=gzip.compress(b"{"), headers=headers)
    many = service.client.post("/v1/verify", content=gzip.compress(b"") * 90_000, headers=headers)
    cut = service.client.post("/v1/verify", content=gzip.compress(b"{")[:-1], headers=headers)
    assert (good.status_code, good.json()["verdict"]) == (200, "invalid")
    assert (many.status_code, many.json()["code"]) == (413, "too_large")
    assert (cut.status_code, cut.json()["code"]) == (400, "malformed_gzip")
    assert all(name.startswith("judge") for name in threads)


def test_proofs_are_judged_one_at_a_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by a clock: what is counted is how many are inside at once."""
    inside, most = 0, 0
    verify_as_known = judging.verify_as_known

    def watched(*args: Any) -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.05)
        try:
            return verify_as_known(*args)
        finally:
            inside -= 1

    monkeypatch.setattr(judging, "verify_as_known", watched)
    callers = [
        threading.Thread(target=lambda: service.client.post("/v1/verify", content=b"{", headers=PROOF))
        for _ in range(6)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert most == 1


def test_budget_refuses_and_gives_back() -> None:
    async def use(budget: BodyBudget) -> None:
        async with budget.reserve(70):
            with pytest.raises(OverloadedError):
                await budget.reserve(11).__aenter__()
            async with budget.reserve(10) as small:
                small.cover(4)
                small.cover(10)
                small.cover(3)
                assert small.held == 10
                async with budget.reserve(10) as other:
                    with pytest.raises(OverloadedError):
                        other.cover(1)
        async with budget.reserve(1_000) as alone:
            assert alone.held == 1_000, "one request always fits"
        async with budget.reserve(70):
            pass

    asyncio.run(use(BodyBudget(80, small_bytes=10)))


def test_share_rests_as_long_as_it_worked() -> None:
    share = CpuShare()
    with share:
        began = time.thread_time()
        while time.thread_time() - began < 0.2:
            pass
    left = time.monotonic()
    with share:
        assert 0.15 < time.monotonic() - left < 5


def test_share_that_is_given_up_lets_another_in() -> None:
    share = CpuShare()
    entered = threading.Event()

    def other() -> None:
        with share:
            entered.set()

    with share:
        thread = threading.Thread(target=other)
        thread.start()
        assert not entered.wait(0.1)
        with share.given_up():
            assert entered.wait(5)
    thread.join()
