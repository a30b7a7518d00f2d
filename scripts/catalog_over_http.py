"""The questions of ``benchmark_catalog.py`` over HTTP: the real application in a real server, one client that keeps its connection.

Server and client share a process here, so a question's time holds both sides: reading parameters, access, SQL, rendering, and parsing.
"""

import http.client
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from support.a_log import open_a_log
from support.a_service import serving_log

from api.cursors import encode_cursor
from ledger.adapters.sql.catalog_search import Position
from ledger.domain.catalog_query import CatalogQuery, Sort
from ledger.log.timestamps import format_time

NOT_COUNTED: Final = 100
"""First questions: what is prepared once is not measured."""

Client = Callable[[str], Any]


def target_of(kind: str, query: CatalogQuery, sort: Sort, limit: int, after: Position) -> str:
    """Path and query of a question."""
    sent: list[tuple[str, str]] = [("q", query.text)] if query.text else []
    sent += [(name, value) for name, values in query.choices.items() for value in values]
    amounts = {"currency": query.currency, "price_from": query.price_from, "price_to": query.price_to}
    sent += [(name, str(value)) for name, value in amounts.items() if value is not None]
    if query.modified_from is not None:
        sent.append(("modified_from", format_time(query.modified_from)))
    if kind == "facets":
        return "/v1/catalog/facets?" + urlencode(sent)
    sent += [("sort", sort.value), ("limit", str(limit))]
    if after.key is not None:
        sent.append(("cursor", encode_cursor(after, query, sort)))
    return "/v1/catalog?" + urlencode(sent)


@contextmanager
def serving(database_url: str, folder: Path) -> Iterator[Client]:
    """A server over this database; the client gives the answer's JSON value."""
    log = open_a_log(database_url, folder)
    with serving_log(log, database_url, folder) as (url, _, keys):
        address = urlsplit(url)
        connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0), timeout=60)
        headers = {"Authorization": f"Bearer {keys['consumer']}"}

        def ask(target: str) -> Any:
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            raw = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{target}: {answer.status} {raw[:300]!r}")
            return json.loads(raw)

        yield ask
        connection.close()
    log.engine.dispose()


def times(
    ask: Client, target: Callable[[random.Random], str], rng: random.Random, questions: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of each question: elapsed, and of processor time of server and client without the database's."""
    elapsed, processor = [], []
    for number in range(questions + NOT_COUNTED):
        asked = target(rng)
        busy, started = time.process_time(), time.perf_counter()
        ask(asked)
        if number >= NOT_COUNTED:
            elapsed.append((time.perf_counter() - started) * 1_000)
            processor.append((time.process_time() - busy) * 1_000)
    return elapsed, processor
