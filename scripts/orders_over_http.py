"""The questions of ``benchmark_orders.py`` over HTTP: the real application in a real server, one client that keeps its connection.

Server and client share a process, as in ``catalog_over_http.py``. Whoever asks has an account and an API key of its own.
"""

import http.client
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from order_questions import Question
from support.a_log import ALog, open_a_log
from support.a_service import remember_uses, serving_log

from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor

Client = Callable[[Question], None]


@contextmanager
def serving(database_url: str, folder: Path, asked: Mapping[str, Sequence[Question]]) -> Iterator[Client]:
    """A server over this database that knows whoever asks; the client reads the answer to a question."""
    log = open_a_log(database_url, folder)
    with serving_log(log, database_url, folder) as (url, container, defaults):
        keys = _keys_of(log, {one.actor for every in asked.values() for one in every}, defaults)
        remember_uses(container.logins, keys.values())
        address = urlsplit(url)
        connection = http.client.HTTPConnection(str(address.hostname), int(address.port or 0), timeout=60)

        def ask(question: Question) -> None:
            headers = {"Authorization": f"Bearer {keys[question.actor]}"}
            connection.request("GET", question.target, headers=headers)
            answer = connection.getresponse()
            raw = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{question.target}: {answer.status} {raw[:300]!r}")

        yield ask
        connection.close()
    log.engine.dispose()


def time_of(ask: Client, question: Question) -> tuple[float, float]:
    """Milliseconds of a question: elapsed, and of processor time of server and client without the database's."""
    busy, started = time.process_time(), time.perf_counter()
    ask(question)
    return (time.perf_counter() - started) * 1_000, (time.process_time() - busy) * 1_000


def _keys_of(log: ALog, actors: set[Actor], defaults: Mapping[str, str]) -> dict[Actor, str]:
    """Actor -> its API key; a reader of everything has the default one of its role."""
    keys: dict[Actor, str] = {}
    with log.engine.begin() as connection:
        accounts: Any = SqlAccounts(connection, log.preparer)
        for actor in actors:
            [role] = actor.roles
            if actor.participant is None:
                keys[actor] = defaults[role]
                continue
            name = f"asker-{os.urandom(6).hex()}"
            wanted = WantedAccount(actor.participant, "https://identity.example", name, "handler", (role,))
            account_id = accounts.add(wanted, "key:test").account_id
            made = api_keys.create(connection, log.preparer, role=role, submitter=name, account_id=account_id)
            keys[actor] = made.api_key
    return keys
