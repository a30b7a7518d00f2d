"""Measures lists of orders and searches of agreements over generated rows. One JSON object with stable names.

    scripts/benchmark_orders.py                   1,000,000 orders, 200,000 agreements, 1,000 questions of every kind
    scripts/benchmark_orders.py --orders 50000 --questions 100
    scripts/benchmark_orders.py --folder /tmp/orders     kept: asked again, the rows are there

Real PostgreSQL in a temporary folder, rows made in the server (a minute for 200,000 of them, and 4 KiB each), the questions one after the other as a worker's thread asks them; times are in milliseconds
and hold the whole question, from SQL to objects. Processor time is that of the asking thread and its server process. Parties are uneven: the
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
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from sqlalchemy import Connection, Engine, event, text  # noqa: E402  the repository is not installed when this runs
from support.trade_rows import (  # noqa: E402
    AGREEMENT_STATES,
    CONSUMERS,
    ORDER_STATES,
    PLATFORM,
    PRODUCT_CODES,
    PROVIDER_CODES,
    SECOND,
    START,
    fill,
)

from ledger.adapters.embedded.postgres import EmbeddedPostgres  # noqa: E402
from ledger.adapters.sql.agreements import (  # noqa: E402
    agreements_asked_for,
    page_of_agreements,
    read_agreement,
)
from ledger.adapters.sql.engine import create_engine  # noqa: E402
from ledger.adapters.sql.migrate import upgrade  # noqa: E402
from ledger.adapters.sql.trade_lists import TradeQuestion, page_of_trade  # noqa: E402
from ledger.services.business import Actor, StoredObject  # noqa: E402

BAR_MS: Final = 50.0
SORTED_MAX: Final = 20_000
SEED: Final = 7
WARM_UP: Final = 50
TABLES: Final = ("objects_order", "objects_agreement")
READER: Final = Actor("regulator", None, frozenset({"regulator"}))


def uneven(rng: random.Random, names: list[str]) -> str:
    """As in the rows: the first name a tenth of the time, the others the seldomer the later they come."""
    return names[0] if rng.random() < 0.1 else names[int(len(names) * rng.random() ** 2)]


def some_actor(rng: random.Random) -> Actor:
    """A consumer, a provider, a platform or a reader of everything."""
    drawn = rng.random()
    if drawn < 0.4:
        return Actor("c", uneven(rng, CONSUMERS), frozenset({"consumer"}))
    if drawn < 0.7:
        return Actor("p", rng.choice(PROVIDER_CODES), frozenset({"provider"}))
    if drawn < 0.9:
        return Actor("t", PLATFORM if rng.random() < 0.7 else SECOND, frozenset({"trading_platform"}))
    return READER


def some_cursor(rng: random.Random) -> str | None:
    """A place anywhere in the list, every third time."""
    at = START + timedelta(seconds=rng.randrange(3 * 365 * 86_400))
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}~" if rng.random() < 0.33 else None


def filters_of(rng: random.Random, states: dict[str, int]) -> dict[str, Any]:
    """None, one or two of those that every list has."""
    every = {
        "state": rng.choice(list(states)),
        "side": rng.choice(("consumer", "provider")),
        "counterparty": rng.choice((uneven(rng, CONSUMERS), rng.choice(PROVIDER_CODES))),
        "product_code": rng.choice(PRODUCT_CODES),
    }
    return {name: every[name] for name in rng.sample(sorted(every), rng.randrange(3))}


def list_orders(connection: Connection, rng: random.Random) -> object:
    """A page of orders of somebody, narrowed or not, from anywhere."""
    asked = TradeQuestion("order", **filters_of(rng, ORDER_STATES))
    return page_of_trade(connection, some_actor(rng), asked, cursor=some_cursor(rng), limit=rng.choice((20, 50)))


def list_agreements(connection: Connection, rng: random.Random) -> object:
    """The same of agreements."""
    actor, filters = some_actor(rng), filters_of(rng, AGREEMENT_STATES)
    asked = agreements_asked_for(**filters)
    return page_of_agreements(connection, actor, asked, cursor=some_cursor(rng), limit=rng.choice((20, 50)))


def search_agreements(connection: Connection, rng: random.Random) -> object:
    """By a day of the validity, or by the beginning of a hash or an id."""
    actor, filters = some_actor(rng), filters_of(rng, AGREEMENT_STATES)
    day = (START + timedelta(days=rng.randrange(5 * 365))).date().isoformat()
    kind = rng.randrange(3)
    if kind == 0:
        if actor is READER or actor.participant in (PLATFORM, SECOND):
            filters["product_code"] = rng.choice(PRODUCT_CODES)
        return page_of_agreements(
            connection, actor, agreements_asked_for(valid_on=day, **filters), cursor=None, limit=20
        )
    known = _known(connection, rng)
    beginning = known.document["contract_hash"][:8] if kind == 1 else known.object_id[:38]
    return page_of_agreements(connection, actor, agreements_asked_for(beginning=beginning), cursor=None, limit=20)


def find_agreement(connection: Connection, rng: random.Random) -> object:
    """One by its contract hash."""
    known = _known(connection, rng)
    return read_agreement(connection, READER, known.document["contract_hash"])


_KNOWN: dict[int, StoredObject] = {}


def _known(connection: Connection, rng: random.Random) -> StoredObject:
    """One of a hundred agreements from anywhere, read once."""
    number = rng.randrange(100)
    if number not in _KNOWN:
        at = START + timedelta(days=3 * 365) * number / 100
        cursor = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}~"
        [_KNOWN[number]] = page_of_agreements(connection, READER, agreements_asked_for(), cursor=cursor, limit=1).items
    return _KNOWN[number]


KINDS: Final[dict[str, Callable[[Connection, random.Random], object]]] = {
    "order_list": list_orders,
    "agreement_list": list_agreements,
    "agreement_search": search_agreements,
    "agreement_by_hash": find_agreement,
}


def measure(engine: Engine, kind: str, questions: int) -> dict[str, float]:
    """Percentiles of one kind of question, of elapsed time and of processor time; those of the warm-up are not counted."""
    rng = random.Random(SEED)  # noqa: S311  questions, no secrets
    with engine.connect() as connection:
        schedule = Path(f"/proc/{connection.execute(text('SELECT pg_backend_pid()')).scalar_one()}/schedstat")
        for number in range(100):
            _known(connection, random.Random(number))  # noqa: S311  likewise
    elapsed, processor = [], []
    for number in range(questions + WARM_UP):
        with engine.connect() as connection:
            busy, started = _busy_ms(schedule), time.perf_counter()
            KINDS[kind](connection, rng)
            if number >= WARM_UP:
                elapsed.append((time.perf_counter() - started) * 1_000)
                processor.append(_busy_ms(schedule) - busy)
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

    event.listen(engine, "before_cursor_execute", remember)
    for kind in KINDS:
        rng = random.Random(SEED + 1)  # noqa: S311  questions, no secrets
        for _ in range(questions):
            with engine.connect() as connection:
                KINDS[kind](connection, rng)
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
                "load_after": round(os.getloadavg()[0], 1),
            }
            result["statements"], result["not_by_index"] = bad_plans(engine, max(50, wanted.questions // 10))
            engine.dispose()
        finally:
            server.stop()
    result["bar_ms"] = BAR_MS
    result["holds"] = not result["not_by_index"] and all(
        one["p99"] <= BAR_MS for one in result["milliseconds"].values()
    )
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
