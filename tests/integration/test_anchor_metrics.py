"""What the anchor service tells Prometheus: names, values and labels, over HTTP; and each stands in its README."""

import math
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from anchor.metrics import AnchorMetrics
from ledger.adapters.embedded.ports import free_port
from ledger.adapters.sql.chain_calls import Waiting
from ledger.services.ports import Watermarks

README = Path(__file__).resolve().parents[2] / "anchor" / "README.md"


@pytest.fixture
def served() -> Iterator[tuple[AnchorMetrics, str]]:
    metrics, port = AnchorMetrics(), free_port()
    stop = metrics.serve(port)
    yield metrics, f"http://127.0.0.1:{port}/metrics"
    stop()


def samples(url: str) -> dict[str, float]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_metrics_endpoint_tells_what_the_service_set(served):
    metrics, url = served
    metrics.set_leading(leading=True)
    metrics.set_conflict(conflict=True)
    metrics.set_watermarks(Watermarks(9, 7, 5, 3))
    metrics.count_error("chain", "chain_unavailable")
    metrics.count_error("chain", "chain_unavailable")
    metrics.observe_cycle("publishing", 0.03)
    found = samples(url)
    assert found["cityledger_anchor_leading"] == found["cityledger_anchor_conflict"] == 1
    stages = {"sequenced": 9, "published": 7, "anchored": 5, "final": 3}
    assert {stage: found[f'cityledger_tree_size{{stage="{stage}"}}'] for stage in stages} == stages
    assert found['cityledger_anchor_errors_total{code="chain_unavailable",loop="chain"}'] == 2
    assert found['cityledger_anchor_cycle_seconds_count{loop="publishing"}'] == 1
    assert found['cityledger_anchor_cycle_seconds_bucket{le="0.02",loop="publishing"}'] == 0
    assert found['cityledger_anchor_cycle_seconds_bucket{le="0.05",loop="publishing"}'] == 1
    metrics.set_leading(leading=False)
    assert samples(url)["cityledger_anchor_leading"] == 0


def test_metrics_of_the_contract_suite_are_there_once_one_is_followed(served):
    metrics, url = served
    found = samples(url)
    assert math.isnan(found["cityledger_contract_lag_blocks"])
    assert not any(name.startswith("cityledger_contract_block{") for name in found)
    metrics.set_contracts(90, 50, 40)
    found = samples(url)
    heights = {"newest": 90, "recorded": 50, "final": 40}
    assert {stage: found[f'cityledger_contract_block{{stage="{stage}"}}'] for stage in heights} == heights
    assert found["cityledger_contract_lag_blocks"] == 40
    metrics.set_contracts(80, 85, 40)  # the chain became shorter since it was asked
    assert samples(url)["cityledger_contract_lag_blocks"] == 0


def test_metrics_of_calls_and_deadlines_tell_what_waits_and_since_when(served):
    metrics, url = served
    now = datetime(2026, 11, 21, tzinfo=UTC)
    metrics.set_calls(Waiting({"queued": 3, "mined": 1}, now - timedelta(seconds=90)), now)
    metrics.count_breaches(2)
    found = samples(url)
    assert found['cityledger_chain_calls{state="queued"}'] == 3
    assert found['cityledger_chain_calls{state="mined"}'] == 1
    assert found["cityledger_chain_call_wait_seconds"] == 90
    assert found["cityledger_deadlines_breached_total"] == 2
    metrics.set_calls(Waiting({"queued": 0, "mined": 0}, None), now)
    assert samples(url)["cityledger_chain_call_wait_seconds"] == 0


def test_metrics_are_those_that_the_readme_lists():
    told = {metric.name for metric in AnchorMetrics().registry.collect()}
    listed = {
        name.removesuffix("_total") for name in re.findall(r"^\| `(cityledger_\w+)", README.read_text(), re.MULTILINE)
    }
    assert told == listed


def test_metrics_are_served_on_loopback_only_and_end_with_the_service(served):
    _, url = served
    assert "127.0.0.1" in url
    metrics, port = AnchorMetrics(), free_port()
    stop = metrics.serve(port)
    stop()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2)
