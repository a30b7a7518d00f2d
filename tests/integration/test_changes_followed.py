"""A platform that follows the running service over HTTP: among many old orders what is new is copied in the first round after."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from support.a_service import Service, remember_uses, running_service
from support.embedded import DatabaseFactory
from support.platform_world import FakeStore
from support.trade_rows import PLATFORM, fill

from api.platform import peer
from ledger.adapters.clock import SystemClock
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.client.orders import get_orders
from ledger.client.runners import Client
from ledger.domain.platform_books import KINDS, Shown
from ledger.errors import RefusedByServiceError
from ledger.services.accounts import WantedAccount
from ledger.services.platform_following import Following
from ledger.services.platform_rounds import SWEPT_PAGES_MAX, one_round

OLD_ORDERS, AGREEMENTS = 300, 3
PAGE = 10
ROLE = "authorisation_platform"
NEW = "ord-" + "0" * 32


@dataclass
class CountingChain:
    """Says nothing, and remembers what it was asked about."""

    asked: list[str] = field(default_factory=list)

    def look(self, shown: Shown) -> None:
        self.asked.append(shown.object_id)


@pytest.fixture(scope="module")
def service(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path_factory.mktemp("service")) as running:
        fill(running.log.engine, OLD_ORDERS, AGREEMENTS)
        with running.log.engine.begin() as connection:  # all of them in the past
            past = "created_at = created_at - interval '4 years', changed_at = changed_at - interval '4 years'"
            connection.execute(text(f"UPDATE objects SET {past} WHERE kind IN ('order', 'agreement')"))
        yield running
    databases.close()


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[Client]:
    with service.log.engine.begin() as connection:
        accounts: Any = SqlAccounts(connection, service.log.preparer)
        name = f"follower-{os.urandom(6).hex()}"
        wanted = WantedAccount(PLATFORM, "https://identity.example", name, "handler", (ROLE,))
        account_id = accounts.add(wanted, "key:test").account_id
        made = api_keys.create(connection, service.log.preparer, role=ROLE, submitter=name, account_id=account_id)
    remember_uses(service.container.logins, [made.api_key])
    with Client(service.url, made.api_key) as running:
        yield running


def write(service: Service, statement: str, **values: Any) -> None:
    with service.log.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount == 1


def test_new_and_changed_order_are_copied_in_the_first_round_after(
    service: Service, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "PAGE", PAGE)
    store, chain = FakeStore(now=SystemClock().now()), CountingChain()
    following = Following(PLATFORM, store, peer.HttpPeer(client), chain)
    assert any(list(one_round(following)))
    orders = {name for kind, name in store.copies if kind == "order"}
    assert len(orders) == PAGE * SWEPT_PAGES_MAX
    with service.log.engine.connect() as connection:
        last = connection.execute(
            text(
                "SELECT object_id FROM objects WHERE kind = 'order' AND state <> 'drafted' ORDER BY created_at DESC LIMIT 1"
            )
        ).scalar_one()
    write(
        service,
        "INSERT INTO objects (kind, object_id, revision, state, parties, document, created_at, changed_at) "
        "SELECT kind, :new, 1, 'offered', parties, document, now(), now() FROM objects "
        "WHERE kind = 'order' AND object_id = :last",
        new=NEW,
        last=last,
    )
    write(
        service,
        "UPDATE objects SET revision = revision + 1, changed_at = now() WHERE kind = 'order' AND object_id = :last",
        last=last,
    )
    assert {kind: one.failure for kind, one in store.positions.items()} == dict.fromkeys(KINDS)
    chain.asked.clear()
    store.now += timedelta(seconds=2)
    list(one_round(following))
    assert ("order", NEW) in store.copies and store.copies["order", last]["revision"] == 6
    asked = [name for name in chain.asked if name.startswith("ord-")]
    assert len(asked) == len(set(asked)) == PAGE * SWEPT_PAGES_MAX + 2


def test_changes_come_in_the_order_of_the_last_change_and_go_on(service: Service, client: Client) -> None:
    with service.log.engine.connect() as connection:
        query = text(
            "SELECT object_id, to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM objects "
            "WHERE kind = 'order' AND state <> 'drafted' ORDER BY changed_at, object_id"
        )
        every = [tuple(row) for row in connection.execute(query)]
    since = every[len(every) // 2][1]
    found = list(client.each(lambda cursor: get_orders(changed_since=since, cursor=cursor, limit=7)))
    assert [(one["order_id"], one["changed_at"]) for one in found] == every[len(every) // 2 :]


@pytest.mark.parametrize("since", ["2026-13-01T00:00:00.000000Z", "yesterday", "2026-01-01"])
def test_moment_that_is_none_is_refused(client: Client, since: str) -> None:
    with pytest.raises(RefusedByServiceError) as caught:
        client.run(get_orders(changed_since=since))
    assert caught.value.facts["status"] in {400, 422}


def test_changes_of_some_only_are_not_asked_for(client: Client) -> None:
    with pytest.raises(RefusedByServiceError, match="changed_since goes without other filters") as caught:
        client.run(get_orders(changed_since="2026-01-01T00:00:00.000000Z", state="offered"))
    assert caught.value.facts["status"] == 400
