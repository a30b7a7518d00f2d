"""The whole service as a user starts it: batches and single events over HTTP, time to final, proofs, memory."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import psycopg
import uvloop

from benchmarks.events import event_bytes
from benchmarks.figures import descendants, milliseconds, peak_memory_mib, percentile
from benchmarks.http_load import LoadResult, Target, fetch, run_load
from ledger.adapters.embedded.ports import free_port
from ledger.bundle.verifier import verify_proof
from ledger.log.trust import parse_trust_file

BATCH_EVENTS = 2_000
BATCH_CONNECTIONS = 8
BATCHES_AHEAD = 32
API_PROCESSES = min(4, os.cpu_count() or 1)
SINGLE_CONNECTIONS = 1_024
ACK_CONNECTIONS = 16
PROOFS = 50
START_TIMEOUT_S = 600
INFINITE = float("inf")


class Service:
    """``cityledger up`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        command = [str(Path(sys.executable).with_name("cityledger")), "up"]
        command += ["--data-dir", str(self.folder), "--port", str(self.port)]
        environment = os.environ | {"CITYLEDGER_API_WORKERS": str(API_PROCESSES)}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (self.folder / "connection.json").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the service did not start:\n{self._log.read_text(errors='replace')}")
            time.sleep(0.2)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()

    @property
    def connection(self) -> dict[str, Any]:
        """``connection.json``."""
        found: dict[str, Any] = json.loads((self.folder / "connection.json").read_text())
        return found

    def peak_memory_mib(self) -> float:
        """Peak resident memory of everything that was started."""
        return 0.0 if self._process is None else peak_memory_mib(descendants(self._process.pid))


def measure(folder: Path, *, batch_seconds: float, single_seconds: float, preload: int) -> dict[str, Any]:
    """All measurements that need the running service."""
    with Service(folder) as service:
        target = Target(service.connection["api_url"], service.connection["api_keys"]["platform_service"])
        if preload:
            uvloop.run(_batches(target, "preload", requests=-(-preload // BATCH_EVENTS)))
        batch = uvloop.run(_batches(target, "batch", seconds=batch_seconds))
        _wait_until_published(service)
        single = uvloop.run(_singles(target, "single", SINGLE_CONNECTIONS, single_seconds / 2))
        acked = uvloop.run(_singles(target, "ack", ACK_CONNECTIONS, single_seconds / 2))
        _wait_until_final(service)
        return {
            "http_batch": {
                "sequenced_events_per_s": round(len(batch.delays) * BATCH_EVENTS / batch.seconds),
                "api_processes": API_PROCESSES,
                "batch_events": BATCH_EVENTS,
                "connections": BATCH_CONNECTIONS,
                "request_p50_ms": milliseconds(percentile(batch.delays, 0.5)),
                "request_p99_ms": milliseconds(percentile(batch.delays, 0.99)),
                "statuses": batch.statuses,
            },
            "http_single": {
                "requests_per_s": round(len(single.delays) / single.seconds),
                "connections": SINGLE_CONNECTIONS,
                "ack_p50_ms": milliseconds(percentile(acked.delays, 0.5)),
                "ack_p99_ms": milliseconds(percentile(acked.delays, 0.99)),
                "saturated_ack_p99_ms": milliseconds(percentile(single.delays, 0.99)),
                "statuses": single.statuses,
            },
            "finality": _finality(service),
            "proof": uvloop.run(_proofs(service, target)),
            "service": {"peak_memory_mib": service.peak_memory_mib()},
        }


async def _batches(target: Target, run: str, *, seconds: float = INFINITE, requests: float = INFINITE) -> LoadResult:
    """Bulk requests that answer as soon as the events are sequenced."""

    def make(number: int) -> bytes:
        lines = [event_bytes(run, number * BATCH_EVENTS + offset) for offset in range(BATCH_EVENTS)]
        body = b"\n".join(lines) + b"\n"
        return target.post("/v1/events", body, "application/x-ndjson", "Prefer: respond-async")

    return await run_load(
        target, make, connections=BATCH_CONNECTIONS, ahead=BATCHES_AHEAD, seconds=seconds, requests=requests
    )


async def _singles(target: Target, run: str, connections: int, seconds: float) -> LoadResult:
    """One event a request, with the default wait for publication."""

    def make(number: int) -> bytes:
        return target.post("/v1/events", event_bytes(run, number), "application/cloudevents+json")

    return await run_load(target, make, connections=connections, seconds=seconds, ahead=4_000)


def _marks(service: Service) -> tuple[int, int, int]:
    with psycopg.connect(service.connection["database_url"]) as connection:
        row = connection.execute("SELECT tree_size, published, final FROM log_head, log_status").fetchone()
        assert row is not None
        return row


def _wait_until_published(service: Service, timeout_s: float = 600) -> None:
    _wait(lambda: _marks(service)[1] >= _marks(service)[0], timeout_s, "published")


def _wait_until_final(service: Service, timeout_s: float = 600) -> None:
    _wait(lambda: _marks(service)[2] >= _marks(service)[0], timeout_s, "final")


def _wait(condition: Any, timeout_s: float, what: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"the log was not {what} after {timeout_s} s")
        time.sleep(0.5)


def _finality(service: Service) -> dict[str, Any]:
    """From the publication of each checkpoint to the finality of the head that covers it."""
    query = (
        "SELECT extract(epoch FROM a.final_at - c.published_at) FROM checkpoints c CROSS JOIN LATERAL "
        "(SELECT final_at FROM anchors WHERE tree_size >= c.tree_size ORDER BY tree_size LIMIT 1) a "
        "WHERE a.final_at IS NOT NULL"
    )
    with psycopg.connect(service.connection["database_url"]) as connection:
        delays = [float(row[0]) for row in connection.execute(query)]
    return {
        "published_to_final_p50_ms": milliseconds(percentile(delays, 0.5)),
        "published_to_final_p99_ms": milliseconds(percentile(delays, 0.99)),
        "checkpoints": len(delays),
    }


async def _proofs(service: Service, target: Target) -> dict[str, Any]:
    """Time of building a proof over HTTP and of verifying it offline, with the trust file."""
    trust = parse_trust_file((service.folder / "trust.json").read_bytes())
    tree_size, _, _ = _marks(service)
    build, verify, sizes = [], [], []
    for number in range(PROOFS):
        path = f"/v1/events/proof?source=urn:benchmark:single&id=single:{number}"
        status, body, seconds = await fetch(target, target.get(path))
        if status != 200:
            raise SystemExit(f"no proof: {status} {body[:300]!r}")
        build.append(seconds)
        sizes.append(len(body))
        start = time.monotonic()
        report = verify_proof(body, trust, None)
        verify.append(time.monotonic() - start)
        if report.verdict != "valid":
            raise SystemExit(f"a proof did not verify: {report}")
    return {
        "tree_size": tree_size,
        "build_p50_ms": milliseconds(percentile(build, 0.5)),
        "build_p99_ms": milliseconds(percentile(build, 0.99)),
        "verify_p50_ms": milliseconds(percentile(verify, 0.5)),
        "verify_p99_ms": milliseconds(percentile(verify, 0.99)),
        "bytes_p50": percentile(sizes, 0.5),
    }
