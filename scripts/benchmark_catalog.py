"""Measures list, text search, facets and pages of the catalog over generated products. One JSON object with stable names.

    scripts/benchmark_catalog.py                   100,000 products, 2,000 questions of every kind
    scripts/benchmark_catalog.py --products 20000 --questions 300 --only facets --only text

Real PostgreSQL in a temporary folder, the settings of production, the questions one after the other on one connection, as a worker's thread
asks them; times are in milliseconds and hold the whole question, from SQL to parsed entries, and then once more over HTTP. Processor time is that of the asking
thread and its server process: on a machine that has other work it says what the elapsed time would be without. Every statement that was run is
then explained, and none may scan the table. Exit code 1 if a 99th percentile is above ``BAR_MS``, or a plan scans.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import catalog_over_http  # noqa: E402  the repository is not installed when this runs
from sqlalchemy import Connection, Engine, event, text  # noqa: E402
from support.catalog_entries import SCENES, START, TOPICS, generated_entries, provider_code  # noqa: E402

from ledger.adapters.embedded.postgres import EmbeddedPostgres  # noqa: E402
from ledger.adapters.sql import catalog_index, catalog_search  # noqa: E402
from ledger.adapters.sql.catalog_search import Position  # noqa: E402
from ledger.adapters.sql.engine import create_engine  # noqa: E402
from ledger.adapters.sql.migrate import upgrade  # noqa: E402
from ledger.domain.catalog_query import CatalogQuery, Sort  # noqa: E402

BAR_MS: Final = 50.0
SEED: Final = 7
TEXTS: Final = (
    *(
        "数据",
        "许可",
        "施工许可状态",
        "企业信用风险报告",
        "全市",
        "桥",
        "桥梁检测",
        "不含自然人信息",
        "贷后管理",
        "permit",
    ),
    *(
        "bridge tax",
        "专题301期",
        "专题77期 risk",
        "查询接口 credit",
        "滨江街道空气质量实时监测",
        "历史数据",
        "没有这个",
        "x",
    ),
    # each common, and seldom or never together
    *("施工许可 企业信用", "浦东新区 老城区", "社保缴纳 统计数据 traffic energy"),
)
PUT_SINGLY: Final = 200


def choices_of(rng: random.Random) -> dict[str, tuple[str, ...]]:
    """One to three filters, common and rare values alike."""
    every = {
        "topic": (rng.choice(TOPICS),),
        "scene": (rng.choice(SCENES), rng.choice(SCENES)),
        "delivery_form": (rng.choice(("001", "002", "004")),),
        "public_data": (rng.choice(("yes", "no")),),
        "provider_code": (provider_code(rng.randrange(0, 1_500)),),
        "security_level": (rng.choice(("001", "002", "003", "005")),),
    }
    return {name: every[name] for name in rng.sample(sorted(every), rng.randrange(1, 4))}


FIRST: Final = Position(0, None)


@dataclass(frozen=True)
class Question:
    """What is asked, in which order, how many of it, and from where."""

    query: CatalogQuery
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    after: Position = FIRST


def list_question(rng: random.Random) -> Question:
    """A page in some order, without text: of everything, filtered, by price or by time."""
    low = rng.randrange(0, 4_000) * 1_000_000
    query = rng.choice(
        (
            CatalogQuery(),
            CatalogQuery(choices=choices_of(rng)),
            CatalogQuery(currency="CNY", price_from=low, price_to=low + 500_000_000),
            CatalogQuery(choices=choices_of(rng), modified_from=START + timedelta(days=rng.randrange(200))),
        )
    )
    return Question(query, rng.choice(tuple(Sort)), rng.choice((20, 50, 100)))


def text_question(rng: random.Random) -> Question:
    """The first page of a text search, with filters every other time."""
    query = CatalogQuery(rng.choice(TEXTS), choices_of(rng) if rng.random() < 0.5 else {})
    return Question(query, rng.choice((Sort.RELEVANCE, Sort.RELEVANCE, Sort.PRICE)))


def facets_question(rng: random.Random) -> Question:
    """Counts: of everything, of a text, of filters, of both."""
    words = rng.choice(("", *TEXTS))
    return Question(CatalogQuery(words, choices_of(rng) if rng.random() < 0.5 else {}))


def deep_question(rng: random.Random) -> Question:
    """A page far behind: from any place of the order, as a cursor leads there."""
    key = (START + timedelta(seconds=rng.randrange(20_000_000)), "")
    query = CatalogQuery(rng.choice(("", "数据", "风险报告")))
    return Question(query, Sort.NEWEST, 50, Position(0, key))


KINDS: Final[dict[str, Callable[[random.Random], Question]]] = {
    "list": list_question,
    "text": text_question,
    "facets": facets_question,
    "deep_page": deep_question,
}


def ask(connection: Connection, kind: str, rng: random.Random) -> object:
    """One question below HTTP."""
    asked = KINDS[kind](rng)
    if kind == "facets":
        return catalog_search.count_facets(connection, asked.query)
    return catalog_search.search(connection, asked.query, asked.sort, asked.limit, asked.after)


def fill(engine: Engine, products: int) -> float:
    """Puts all products, the last of them one by one as a listing does; returns the milliseconds of one such put."""
    entries = generated_entries(products)
    with engine.begin() as connection:  # the index is made faster in one go
        made = "SELECT indexdef FROM pg_indexes WHERE indexname = 'catalog_entries_terms'"
        index = connection.execute(text(made)).scalar_one()
        connection.execute(text("DROP INDEX catalog_entries_terms"))
        for start in range(0, products - PUT_SINGLY, 1_000):
            catalog_index.put_many(connection, list(islice(entries, min(1_000, products - PUT_SINGLY - start))))
        connection.execute(text(index))
    rest = list(entries)
    started = time.perf_counter()
    for entry in rest:
        with engine.begin() as connection:
            catalog_index.put(connection, entry)
    each = (time.perf_counter() - started) / max(1, len(rest))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE catalog_entries"))
        connection.execute(text("VACUUM ANALYZE catalog_facet_counts"))
    return round(each * 1_000, 2)


def measure(engine: Engine, kind: str, questions: int) -> dict[str, float]:
    """Percentiles of one kind of question, of elapsed time and of processor time; the first hundred are not counted."""
    rng = random.Random(SEED)  # noqa: S311  questions, no secrets
    with engine.connect() as connection:
        schedule = Path(f"/proc/{connection.execute(text('SELECT pg_backend_pid()')).scalar_one()}/schedstat")
    elapsed, processor = [], []
    for number in range(questions + 100):
        with engine.connect() as connection:
            busy, started = _busy_ms(schedule), time.perf_counter()
            ask(connection, kind, rng)
            if number >= 100:
                elapsed.append((time.perf_counter() - started) * 1_000)
                processor.append(_busy_ms(schedule) - busy)
    return {
        "p50": _cut(elapsed, 500),
        "p99": _cut(elapsed, 990),
        "max": round(max(elapsed), 2),
        "processor_p50": _cut(processor, 500),
        "processor_p99": _cut(processor, 990),
    }


def measure_over_http(
    database_url: str, folder: Path, kinds: Sequence[str], questions: int
) -> dict[str, dict[str, float]]:
    """Kind -> percentiles of elapsed time of the same questions, asked of a running API."""
    folder.mkdir()
    found = {}
    with catalog_over_http.serving(database_url, folder) as client:
        for kind in kinds:

            def target(rng: random.Random, kind: str = kind) -> str:
                asked = KINDS[kind](rng)
                return catalog_over_http.target_of(kind, asked.query, asked.sort, asked.limit, asked.after)

            rng = random.Random(SEED)  # noqa: S311  questions, no secrets
            elapsed, processor = catalog_over_http.times(client, target, rng, questions)
            found[kind] = {
                "p50": _cut(elapsed, 500),
                "p99": _cut(elapsed, 990),
                "max": round(max(elapsed), 2),
                "processor_p50": _cut(processor, 500),
                "processor_p99": _cut(processor, 990),
            }
    return found


def _busy_ms(schedule: Path) -> float:
    """Processor time of this thread and of the server process it asks, in milliseconds."""
    return time.thread_time() * 1_000 + int(schedule.read_text(encoding="ascii").split()[0]) / 1_000_000


def _cut(values: list[float], thousandths: int) -> float:
    return round(statistics.quantiles(values, n=1_000, method="inclusive")[thousandths - 1], 2)


@contextmanager
def statements_of(engine: Engine) -> Iterator[dict[str, Any]]:
    """What is run meanwhile: each statement, and the parameters of its last run."""
    seen: dict[str, Any] = {}

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "catalog_" in statement:
            seen[statement] = parameters

    event.listen(engine, "before_cursor_execute", remember)
    yield seen
    event.remove(engine, "before_cursor_execute", remember)


def scans(engine: Engine, kinds: Sequence[str], questions: int) -> tuple[int, list[str]]:
    """How many different statements the questions run, and those whose plan reads a table from end to end."""
    with statements_of(engine) as seen:
        for kind in kinds:
            rng = random.Random(SEED + 1)  # noqa: S311  questions, no secrets
            for _ in range(questions):
                with engine.connect() as connection:
                    ask(connection, kind, rng)
    found = []
    with engine.connect() as connection:
        for statement, parameters in seen.items():
            catalog_search.use_indexes(connection, collecting="hits" in statement)
            plan = connection.exec_driver_sql("EXPLAIN (FORMAT JSON) " + statement, parameters).scalar_one()
            if "Seq Scan" in json.dumps(plan):
                found.append(statement)
    return len(seen), found


def main() -> int:
    """Prints the figures; 0 when they hold the bar and no plan scans."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=2_000)
    parser.add_argument("--only", action="append", choices=KINDS, help="a kind of question; all unless given")
    wanted = parser.parse_args()
    kinds = wanted.only or list(KINDS)
    with tempfile.TemporaryDirectory(prefix="cityledger-catalog-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        try:
            upgrade(server.url)
            engine = create_engine(server.url, pool_size=1)
            put_ms = fill(engine, wanted.products)
            with engine.connect() as connection:
                size = connection.execute(text("SELECT pg_total_relation_size('catalog_entries')")).scalar_one()
            result: dict[str, Any] = {
                "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
                "load_before": round(os.getloadavg()[0], 1),
                "products": wanted.products,
                "questions": wanted.questions,
                "put_ms": put_ms,
                "entries_mib": round(size / 2**20),
                "milliseconds": {kind: measure(engine, kind, wanted.questions) for kind in kinds},
                "over_http": measure_over_http(server.url, Path(folder) / "log", kinds, wanted.questions),
            }
            result["statements"], result["scanning"] = scans(engine, kinds, max(50, wanted.questions // 10))
            engine.dispose()
        finally:
            server.stop()
    result["bar_ms"] = BAR_MS
    result["holds"] = not result["scanning"] and all(
        figures["p99"] <= BAR_MS for layer in ("milliseconds", "over_http") for figures in result[layer].values()
    )
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
