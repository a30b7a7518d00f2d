"""Measures lists of orders and searches of agreements over generated rows. One JSON object with stable names.

    scripts/benchmark_orders.py                   1,000,000 orders, 200,000 agreements, 1,000 questions of every kind
    scripts/benchmark_orders.py --orders 50000 --questions 100
    scripts/benchmark_orders.py --folder /tmp/orders     kept: asked again, the rows are there; not over HTTP

Real PostgreSQL in a temporary folder, rows made in the server (some minutes, and 4 GiB), the questions one after the other as a worker's thread asks them; times are in milliseconds
and hold the whole question, from SQL to objects; then the same over HTTP, with server and client in one process. Processor time is that of the asking thread and its server process. Parties are uneven: the
largest consumer has a tenth of all orders, one platform sees all. Every statement that was run is then explained, and none may scan a table
or sort more than ``SORTED_MAX`` rows. Exit code 1 if a 99th percentile is above ``BAR_MS``, or a plan is not by an index.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import orders_over_http  # noqa: E402  the repository is not installed when this runs
from benchmarks.one_client import time_of  # noqa: E402
from order_questions import KINDS, known_agreements  # noqa: E402
from sqlalchemy import Engine, event, text  # noqa: E402
from support.trade_rows import (  # noqa: E402
    fill,
)

from ledger.adapters.embedded.postgres import EmbeddedPostgres  # noqa: E402
from ledger.adapters.sql.engine import create_engine  # noqa: E402
from ledger.adapters.sql.migrate import upgrade  # noqa: E402

BAR_MS: Final = 50.0
SORTED_MAX: Final = 20_000
SEED: Final = 7
WARM_UP: Final = 50
TABLES: Final = ("objects_order", "objects_agreement")


def measure(engine: Engine, kind: str, questions: int) -> dict[str, float]:
    """Percentiles of one kind of question, of elapsed time and of processor time; those of the warm-up are not counted."""
    rng = random.Random(SEED)  # noqa: S311  questions, no secrets
    with engine.connect() as connection:
        schedule = Path(f"/proc/{connection.execute(text('SELECT pg_backend_pid()')).scalar_one()}/schedstat")
        known = known_agreements(connection)
    elapsed, processor = [], []
    for number in range(questions + WARM_UP):
        question = KINDS[kind](rng, known)
        with engine.connect() as connection:
            busy, started = _busy_ms(schedule), time.perf_counter()
            question.ask(connection)
            if number >= WARM_UP:
                elapsed.append((time.perf_counter() - started) * 1_000)
                processor.append(_busy_ms(schedule) - busy)
    return figures(elapsed, processor)


def measure_over_http(engine: Engine, url: str, folder: Path, questions: int) -> dict[str, dict[str, float]]:
    """Kind -> percentiles of the same questions, asked of a running API; processor time without the database's."""
    folder.mkdir()
    with engine.connect() as connection:
        known = known_agreements(connection)
    rng = random.Random(SEED)  # noqa: S311  questions, no secrets
    asked = {kind: [draw(rng, known) for _ in range(questions + WARM_UP)] for kind, draw in KINDS.items()}
    with orders_over_http.serving(url, folder, asked) as ask:
        times = {kind: [time_of(partial(ask, one)) for one in every] for kind, every in asked.items()}
    return {kind: figures(*map(list, zip(*measured[WARM_UP:], strict=True))) for kind, measured in times.items()}


def figures(elapsed: list[float], processor: list[float]) -> dict[str, float]:
    """Percentiles of times in milliseconds."""
    return {
        "p50": _cut(elapsed, 500),
        "p99": _cut(elapsed, 990),
        "max": round(max(elapsed), 2),
        "processor_p50": _cut(processor, 500),
        "processor_p99": _cut(processor, 990),
    }


def _busy_ms(schedule: Path) -> float:
    return time.thread_time() * 1_000 + int(schedule.read_text(encoding="ascii").split()[0]) / 1_000_000


def _cut(values: list[float], thousandths: int) -> float:
    return round(statistics.quantiles(values, n=1_000, method="inclusive")[thousandths - 1], 2)


def bad_plans(engine: Engine, questions: int) -> tuple[int, list[str]]:
    """How many different statements the questions run, and those whose plan scans a table or sorts many rows."""
    seen: dict[str, Any] = {}

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if " FROM objects " in statement:
            seen[statement] = parameters

    with engine.connect() as connection:
        known = known_agreements(connection)
    event.listen(engine, "before_cursor_execute", remember)
    for draw in KINDS.values():
        rng = random.Random(SEED + 1)  # noqa: S311  questions, no secrets
        for _ in range(questions):
            with engine.connect() as connection:
                draw(rng, known).ask(connection)
    event.remove(engine, "before_cursor_execute", remember)
    found = []
    with engine.connect() as connection:
        for statement, parameters in seen.items():
            plan = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, parameters).scalar_one()
            if any(_is_bad(node) for node in _nodes(plan[0]["Plan"])):
                found.append(f"{statement} {parameters}")
    return len(seen), found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _is_bad(node: dict[str, Any]) -> bool:
    is_scan = node["Node Type"] == "Seq Scan"
    return is_scan or ("Sort" in node["Node Type"] and node["Plan Rows"] > SORTED_MAX)


def fill_once(engine: Engine, orders: int, agreements: int) -> None:
    """Makes the rows where there are none; says on the way how far it is."""
    with engine.connect() as connection:
        there = [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in TABLES]  # noqa: S608
    if not any(there):
        started = time.perf_counter()

        def tell(kind: str, made: int, wanted: int) -> None:
            print(f"{time.perf_counter() - started:6.0f} s: {made} of {wanted}, {kind}", file=sys.stderr, flush=True)

        fill(engine, orders, agreements, tell)
    elif there != [orders, agreements]:
        raise SystemExit(f"The folder has {there} orders and agreements; ask for these, or name another folder.")


def main() -> int:
    """Prints the figures; 0 when they hold the bar and every plan is by an index."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--agreements", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="where the rows are kept for the next run")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cityledger-orders-") as folder:
        server = EmbeddedPostgres((wanted.folder or Path(folder)) / "postgres")
        server.start()
        try:
            upgrade(server.url)
            engine = create_engine(server.url, pool_size=1)
            started = time.perf_counter()
            fill_once(engine, wanted.orders, wanted.agreements)
            with engine.connect() as connection:
                size = connection.execute(text("SELECT pg_total_relation_size('objects_order')")).scalar_one()
            result: dict[str, Any] = {
                "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
                "load_before": round(os.getloadavg()[0], 1),
                "orders": wanted.orders,
                "agreements": wanted.agreements,
                "questions": wanted.questions,
                "fill_s": round(time.perf_counter() - started),
                "orders_mib": round(size / 2**20),
                "milliseconds": {kind: measure(engine, kind, wanted.questions) for kind in KINDS},
                "over_http": {}
                if wanted.folder
                else measure_over_http(engine, server.url, Path(folder) / "log", wanted.questions),
                "load_after": round(os.getloadavg()[0], 1),
            }
            result["statements"], result["not_by_index"] = bad_plans(engine, max(50, wanted.questions // 10))
            engine.dispose()
        finally:
            server.stop()
    result["bar_ms"] = BAR_MS
    result["holds"] = not result["not_by_index"] and all(
        one["p99"] <= BAR_MS for layer in ("milliseconds", "over_http") for one in result[layer].values()
    )
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
