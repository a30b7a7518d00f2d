"""How long the publishing loop waits: seldom looks at an idle log, and still publishes within the default interval."""

import pytest

from anchor.metrics import AnchorMetrics
from anchor.worker import BUSY_FOR_S, HEAD_POLL_BUSY_S, HEAD_POLL_IDLE_S, Pace, Worker
from ledger.adapters.settings import Settings

DEFAULT_INTERVAL_S = Settings.model_fields["publish_interval_s"].default


class FakeLeader:
    """Publishes when it is told to."""

    has_news = False

    def publishing_cycle(self):
        return self.has_news


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("anchor.worker.time.monotonic", lambda: now[0])
    return now


def test_idle_log_is_looked_at_less_often_and_soon_enough(clock):
    leader = FakeLeader()
    worker = Worker(None, Pace(DEFAULT_INTERVAL_S, 10.0), holder="one", metrics=AnchorMetrics())
    cycle = worker._publishing(leader)
    assert cycle() == HEAD_POLL_IDLE_S
    leader.has_news = True
    assert cycle() == 0.0
    assert cycle() == pytest.approx(DEFAULT_INTERVAL_S)  # at most one publication an interval
    leader.has_news = False
    clock[0] += DEFAULT_INTERVAL_S
    assert cycle() == HEAD_POLL_BUSY_S
    clock[0] += BUSY_FOR_S
    assert cycle() == HEAD_POLL_IDLE_S
    assert HEAD_POLL_BUSY_S < HEAD_POLL_IDLE_S <= DEFAULT_INTERVAL_S / 2
