"""The supervisor: order, restarts with back-off, and when it gives up. The parts here are doubles without a process."""

import pytest

from ledger.adapters.embedded.supervisor import RESTARTS_MAX, RESTARTS_WINDOW_S, Supervisor
from ledger.errors import EmbeddedError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Part:
    def __init__(self, name: str, calls: list[str]) -> None:
        self.name, self.calls = name, calls
        self.alive = False
        self.broken = False

    def start(self) -> None:
        self.calls.append(f"start {self.name}")
        if self.broken:
            raise EmbeddedError(f"{self.name} is broken")
        self.alive = True

    def stop(self) -> None:
        self.calls.append(f"stop {self.name}")
        self.alive = False
        if self.broken:
            raise EmbeddedError(f"{self.name} does not stop")

    def is_alive(self) -> bool:
        return self.alive


@pytest.fixture
def calls():
    return []


@pytest.fixture
def lines():
    return []


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def supervisor(lines, clock):
    return Supervisor(lines.append, clock)


def test_parts_stop_in_the_opposite_order_of_their_start(supervisor, calls):
    for name in ("one", "two", "three"):
        supervisor.start(name, Part(name, calls))
    supervisor.stop()
    assert calls == ["start one", "start two", "start three", "stop three", "stop two", "stop one"]
    supervisor.stop()
    assert len(calls) == 6


def test_part_that_cannot_start_is_stopped_with_the_others(supervisor, calls):
    good, bad = Part("good", calls), Part("bad", calls)
    bad.broken = True
    supervisor.start("good", good)
    with pytest.raises(EmbeddedError, match="bad is broken"):
        supervisor.start("bad", bad)
    with pytest.raises(EmbeddedError, match="bad does not stop"):
        supervisor.stop()
    assert not good.alive


def test_part_that_ended_restarts_after_the_back_off_and_is_reported(supervisor, calls, lines, clock):
    part = Part("api", calls)
    supervisor.start("api", part)
    part.alive = False
    supervisor.check()
    assert calls == ["start api"]
    clock.now += 0.5
    supervisor.check()
    assert calls == ["start api", "start api"]
    assert part.alive
    assert "api ended by itself" in lines[0]
    assert lines[1] == "api runs again"


def test_part_that_does_not_restart_is_tried_again_later(supervisor, calls, lines, clock):
    part = Part("api", calls)
    supervisor.start("api", part)
    part.alive, part.broken = False, True
    supervisor.check()
    clock.now += 0.5
    supervisor.check()
    assert lines[-1] == "api did not start: api is broken"
    part.broken = False
    supervisor.check()
    clock.now += 1.0
    supervisor.check()
    assert part.alive


def test_part_that_ends_again_and_again_ends_everything(supervisor, calls, clock):
    part = Part("api", calls)
    supervisor.start("api", part)

    def end_often() -> None:
        for _ in range(1000):
            part.alive = False
            supervisor.check()
            clock.now += 0.5

    with pytest.raises(EmbeddedError, match="api ended 6 times"):
        end_often()
    assert calls.count("start api") == 1 + RESTARTS_MAX


def test_part_that_ends_now_and_then_is_restarted_for_ever(supervisor, calls, clock):
    part = Part("api", calls)
    supervisor.start("api", part)
    for _ in range(3 * RESTARTS_MAX):
        part.alive = False
        supervisor.check()
        clock.now += RESTARTS_WINDOW_S / 2
        supervisor.check()
        assert part.alive
