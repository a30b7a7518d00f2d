"""Appends through the library: each process parses, prepares and appends its own batches, as API workers do.

Two processes, because one thread of Python cannot use two cores: while one commits, the other prepares. The clock runs from
the first batch to the last commit and stands still while a batch's raw JSON is made.
"""

import multiprocessing
import os
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.events import event_bytes
from benchmarks.figures import milliseconds, peak_memory_mib, percentile
from ledger.adapters.clock import SystemClock
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.log_store import SqlLogStore
from ledger.adapters.sql.migrate import upgrade
from ledger.adapters.sql.opening import open_shard
from ledger.log.event import parse_event
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity, address_of_public_key
from ledger.services.ports import Promise
from ledger.services.preparation import Preparer

BATCH = 5_000
PROCESSES = 2
PROMISE = Promise(publish_within_s=60, anchor_within_s=600)


def build_preparer(folder: Path, identity: LogIdentity, secret: bytes) -> Preparer:
    """The preparer of a benchmark log."""
    return Preparer(
        identity=identity,
        rules=load_rules(),
        tag_keys=TagKeys(secret),
        identity_key=secret,
        sealer=FileKeyring(folder / "keyring", os.urandom),
        clock=SystemClock(),
        randomness=os.urandom,
    )


def build_identity() -> LogIdentity:
    """A log of one's own; nothing is published or anchored in this measurement."""
    return LogIdentity(
        chain_id=31337,
        evidence_log=os.urandom(20),
        origin=f"{os.urandom(8).hex()}.cityledger.invalid/2026",
        checkpoint_key=Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
        anchor_address=address_of_public_key(PrivateKey().public_key.format(compressed=False)),
    )


def measure(folder: Path, seconds: float, preload: int) -> dict[str, Any]:
    """Rates and delays of the append; ``preload`` identities are appended before the clock starts."""
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        upgrade(server.url)
        identity, secret = build_identity(), os.urandom(32)
        preparer = build_preparer(folder, identity, secret)
        engine = create_engine(server.url, pool_size=2)
        open_shard(engine, preparer, Ed25519PrivateKey.generate().public_key().public_bytes_raw(), PROMISE)
        engine.dispose()
        if preload:
            _run(folder, server.url, identity, secret, run="preload", events=preload)
        done = _run(folder, server.url, identity, secret, run="measured", seconds=seconds)
        delays = [delay for part in done for delay in part["delays"]]
        elapsed = max(part["end"] for part in done) - min(part["start"] for part in done)
        return {
            "sequenced_events_per_s": round(sum(part["events"] for part in done) / elapsed),
            "batch_events": BATCH,
            "processes": PROCESSES,
            "append_batch_p50_ms": milliseconds(percentile(delays, 0.5)),
            "append_batch_p99_ms": milliseconds(percentile(delays, 0.99)),
            "peak_memory_mib": round(sum(part["peak_memory_mib"] for part in done), 1),
        }
    finally:
        server.stop()


def _run(
    folder: Path,
    url: str,
    identity: LogIdentity,
    secret: bytes,
    *,
    run: str,
    seconds: float | None = None,
    events: int | None = None,
) -> list[dict[str, Any]]:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    share = None if events is None else -(-events // PROCESSES)
    workers = [
        context.Process(
            target=_append_batches,
            args=(folder, url, identity, secret, f"{run}-{number}"),
            kwargs={"barrier": barrier, "answers": answers, "seconds": seconds, "events": share},
        )
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    try:
        return [answers.get(timeout=86_400) for _ in workers]
    finally:
        for worker in workers:
            worker.join(timeout=30)
            if worker.is_alive():
                worker.terminate()


def _append_batches(
    folder: Path,
    url: str,
    identity: LogIdentity,
    secret: bytes,
    run: str,
    *,
    barrier: Barrier,
    answers: "Queue[dict[str, Any]]",
    seconds: float | None,
    events: int | None,
) -> None:
    preparer = build_preparer(folder, identity, secret)
    engine = create_engine(url, pool_size=1)
    store = SqlLogStore(engine)
    delays: list[float] = []
    sent = 0
    spent_making = 0.0
    barrier.wait()
    start = time.monotonic()
    while (time.monotonic() - start - spent_making < seconds) if seconds is not None else (sent < (events or 0)):
        making = time.monotonic()
        raw = [event_bytes(run, sent + offset) for offset in range(BATCH)]
        spent_making += time.monotonic() - making
        batch = preparer.prepare_all([parse_event(item) for item in raw], "benchmark")
        appending = time.monotonic()
        store.append(batch, PROMISE)
        delays.append(time.monotonic() - appending)
        sent += len(batch)
    answers.put(
        {
            "start": start,
            "end": time.monotonic() - spent_making,
            "events": sent,
            "delays": delays,
            "peak_memory_mib": peak_memory_mib([os.getpid()]),
        }
    )
    engine.dispose()
