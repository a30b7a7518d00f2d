"""The questions of ``benchmark_orders.py`` over HTTP. Whoever asks has an account and an API key of its own."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.one_client import OneClient
from order_questions import Question
from support.a_log import ALog, open_a_log
from support.a_service import remember_uses, serving_log

from ledger.adapters.interpreter import settle
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor

Client = Callable[[Question], None]


@contextmanager
def serving(database_url: str, folder: Path, asked: Mapping[str, Sequence[Question]]) -> Iterator[Client]:
    """A server over this database that knows whoever asks; the client reads the answer to a question."""
    log = open_a_log(database_url, folder)
    with serving_log(log, database_url, folder) as (url, container, defaults), closing(OneClient(url)) as client:
        keys = _keys_of(log, {one.actor for every in asked.values() for one in every}, defaults)
        remember_uses(container.logins, keys.values())
        settle()  # as the API does once it has started

        def ask(question: Question) -> None:
            client.get(question.target, keys[question.actor])

        yield ask
    log.engine.dispose()


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
