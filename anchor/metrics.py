"""What the anchor service tells Prometheus. Labels come from error codes, so dashboards and messages never disagree."""

import math
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from ledger.adapters.sql.chain_calls import Waiting
from ledger.errors import SettingsError
from ledger.services.ports import Watermarks


class AnchorMetrics:
    """The metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._leading = Gauge("cityledger_anchor_leading", "1 while this process leads.", registry=self.registry)
        self._refused = Gauge(
            "cityledger_anchor_conflict", "1 while a contradiction stops anchoring.", registry=self.registry
        )
        self._tree_size = Gauge(
            "cityledger_tree_size", "How far each stage has come, in entries.", ["stage"], registry=self.registry
        )
        self._contract_block = Gauge(
            "cityledger_contract_block",
            "Heights on the contract suite's chain: the newest, the recorded and the final one.",
            ["stage"],
            registry=self.registry,
        )
        self._contract_lag = Gauge(
            "cityledger_contract_lag_blocks",
            "Blocks of the contract suite's chain that are not recorded yet; NaN while no suite is followed.",
            registry=self.registry,
        )
        self._contract_lag.set(math.nan)
        self._calls = Gauge(
            "cityledger_chain_calls",
            "Contract calls that are not decided yet, by state.",
            ["state"],
            registry=self.registry,
        )
        self._calls_wait = Gauge(
            "cityledger_chain_call_wait_seconds",
            "How long the oldest of them waits; 0 without any.",
            registry=self.registry,
        )
        self._breaches = Counter(
            "cityledger_deadlines_breached", "Breaches of deadlines that this process recorded.", registry=self.registry
        )
        self._errors = Counter(
            "cityledger_anchor_errors",
            "Failed cycles by loop and error code.",
            ["loop", "code"],
            registry=self.registry,
        )
        self._cycles = Histogram(
            "cityledger_anchor_cycle_seconds",
            "Time of the cycles that did something.",
            ["loop"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30),
            registry=self.registry,
        )

    def set_leading(self, *, leading: bool) -> None:
        """Whether this process leads."""
        self._leading.set(leading)

    def set_conflict(self, *, conflict: bool) -> None:
        """Whether a contradiction stops anchoring."""
        self._refused.set(conflict)

    def set_watermarks(self, marks: Watermarks) -> None:
        """How far every stage has come."""
        for stage in ("sequenced", "published", "anchored", "final"):
            self._tree_size.labels(stage).set(getattr(marks, stage))

    def set_contracts(self, newest: int, recorded: int, final: int) -> None:
        """How far the contract suite is followed: three heights."""
        for stage, number in (("newest", newest), ("recorded", recorded), ("final", final)):
            self._contract_block.labels(stage).set(number)
        self._contract_lag.set(max(0, newest - recorded))

    def set_calls(self, waiting: Waiting, now: datetime) -> None:
        """How many contract calls wait, and how long the oldest."""
        for state, count in waiting.by_state.items():
            self._calls.labels(state).set(count)
        self._calls_wait.set(0 if waiting.since is None else max(0.0, (now - waiting.since).total_seconds()))

    def count_breaches(self, count: int) -> None:
        """So many breaches were recorded."""
        self._breaches.inc(count)

    def count_error(self, loop: str, code: str) -> None:
        """One failed cycle."""
        self._errors.labels(loop, code).inc()

    def observe_cycle(self, loop: str, seconds: float) -> None:
        """One cycle that did something."""
        self._cycles.labels(loop).observe(seconds)

    def serve(self, port: int) -> Callable[[], None]:
        """Answers on this loopback port until the process ends or the function that is returned is called.

        Raises:
            SettingsError: the port is taken.
        """
        try:
            server, thread = start_http_server(port, addr="127.0.0.1", registry=self.registry)
        except OSError as error:
            raise SettingsError(f"CITYLEDGER_ANCHOR_METRICS_PORT: port {port} cannot be used: {error}") from error

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop
