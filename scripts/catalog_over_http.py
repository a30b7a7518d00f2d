"""The questions of ``benchmark_catalog.py`` over HTTP."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.one_client import OneClient, time_of
from support.a_log import open_a_log
from support.a_service import serving_log

from api.cursors import encode_cursor
from ledger.adapters.interpreter import settle
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
    with serving_log(log, database_url, folder) as (url, _, keys), closing(OneClient(url)) as client:
        settle()  # as the API does once it has started

        def ask(target: str) -> Any:
            return json.loads(client.get(target, keys["consumer"]))

        yield ask
    log.engine.dispose()


def times(
    ask: Client, target: Callable[[random.Random], str], rng: random.Random, questions: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of each question: elapsed, and of processor time of server and client without the database's."""
    elapsed, processor = [], []
    for number in range(questions + NOT_COUNTED):
        took, busy = time_of(partial(ask, target(rng)))
        if number >= NOT_COUNTED:
            elapsed.append(took)
            processor.append(busy)
    return elapsed, processor
