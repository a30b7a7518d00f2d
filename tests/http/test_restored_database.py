"""The API alone over a database that lacks what was published: it says so, takes nothing, and goes on once that is mended."""

import dataclasses
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import text
from support.a_log import PROMISE, ALog, an_event, open_a_log
from support.a_service import JSON, BackgroundPublisher, Service, serving_log

from api import history_guard
from api.container import Container
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.engine import create_engine
from ledger.adapters.sql.log_store import SqlLogStore

FreshDatabase = Callable[..., str]


def event() -> str:
    return json.dumps({"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "t"})


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


class Backup:
    """A log that grew to six published entries, and a copy of its database from when it had four."""

    def __init__(self, fresh_database: FreshDatabase, template: str, folder: Path) -> None:
        self.folder = folder
        self.url = fresh_database(template=template)
        self.log = open_a_log(self.url, folder)
        publisher = BackgroundPublisher(self.log, folder)
        publisher.stop()  # published step by step here, so that nobody is connected when the copy is made
        with self.log.engine.begin() as connection:  # in both states, unlike the keys that the server is started with
            self.key = api_keys.create(
                connection, self.log.preparer, role="operator", submitter="operator", source_prefixes=("urn:test:",)
            )
        self.append(self.log, 3)
        publisher.publisher.publish()
        self.log.engine.dispose()
        self.old_url = fresh_database(template=name_of(self.url))
        self.append(self.log, 2)
        publisher.publisher.publish()
        self.log.engine.dispose()
        self.old_log = dataclasses.replace(self.log, engine=create_engine(self.old_url, pool_size=2))
        self.old_log = dataclasses.replace(self.old_log, store=SqlLogStore(self.old_log.engine))

    @staticmethod
    def append(log: ALog, count: int) -> None:
        log.store.append([log.preparer.prepare(an_event(os.urandom(8).hex()), "office") for _ in range(count)], PROMISE)

    @contextmanager
    def served(self, log: ALog, url: str, folder: Path) -> Iterator[tuple[httpx.Client, Container]]:
        with serving_log(log, url, folder, wait_published_s=0) as (address, container, _):
            headers = JSON | {"X-API-Key": self.key.api_key}
            with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
                yield client, container


@pytest.fixture
def backup(fresh_database: FreshDatabase, migrated_template: str, tmp_path: Path) -> Iterator[Backup]:
    made = Backup(fresh_database, migrated_template, tmp_path)
    yield made
    made.log.engine.dispose()
    made.old_log.engine.dispose()


def history(client: httpx.Client) -> tuple[int, str]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["parts"].get("history", "none")


def assert_refused(client: httpx.Client, state: str) -> None:
    assert history(client) == (503, state)
    answer = client.post("/v1/events", content=event())
    assert (answer.status_code, answer.json()["code"]) == (503, "database_behind"), answer.text
    assert "keep your events" in answer.json()["detail"]
    assert "Operator: " in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 1
    assert client.get("/log/checkpoint").status_code == 200
    assert client.get("/log/tile/0/000.p/6").status_code == 200


def tree_size(log: ALog) -> int:
    with log.engine.connect() as connection:
        return int(connection.execute(text("SELECT tree_size FROM log_head")).scalar_one())


def test_restored_database_is_refused_from_the_first_request_on(backup: Backup) -> None:
    with backup.served(backup.old_log, backup.old_url, backup.folder) as (client, _):
        assert client.post("/v1/events", content=event()).json()["code"] == "database_behind"
        assert_refused(client, "behind_published")
        assert tree_size(backup.old_log) == 4


@pytest.mark.parametrize("kept", ["log/checkpoint", "journal/checkpoints.jsonl"])
def test_one_witness_is_enough(backup: Backup, kept: str) -> None:
    for name in {"log/checkpoint", "journal/checkpoints.jsonl"} - {kept}:
        (backup.folder / name).unlink()
    with backup.served(backup.old_log, backup.old_url, backup.folder) as (client, _):
        assert history(client) == (503, "behind_published")
        assert client.post("/v1/events", content=event()).json()["code"] == "database_behind"
        assert not (backup.folder / "journal/checkpoints.jsonl").exists() or kept.startswith("journal"), "only read"


def test_restored_database_that_grew_past_the_published_size_is_refused(backup: Backup) -> None:
    backup.append(backup.old_log, 4)
    with backup.served(backup.old_log, backup.old_url, backup.folder) as (client, _):
        assert_refused(client, "contradicts_published")


def test_restored_database_that_grew_to_the_published_size_is_refused_by_the_journal_alone(backup: Backup) -> None:
    backup.append(backup.old_log, 2)
    (backup.folder / "log/checkpoint").unlink()
    with backup.served(backup.old_log, backup.old_url, backup.folder) as (client, _):
        assert history(client) == (503, "contradicts_published")


@pytest.mark.parametrize("name", ["log/checkpoint", "journal/checkpoints.jsonl"])
def test_checkpoint_that_is_not_of_this_log_is_refused(backup: Backup, name: str) -> None:
    path = backup.folder / name
    path.write_text(path.read_text().replace("cityledger.invalid", "cityledger.example"))
    with backup.served(backup.log, backup.url, backup.folder) as (client, _):
        assert history(client) == (503, "contradicts_published")
        assert client.post("/v1/events", content=event()).json()["code"] == "database_behind"


def test_journal_whose_last_line_is_torn_is_read_to_the_line_before(backup: Backup) -> None:
    with (backup.folder / "journal/checkpoints.jsonl").open("a") as journal:
        journal.write('"torn')
    with backup.served(backup.log, backup.url, backup.folder) as (client, _):
        assert history(client) == (200, "ready")


def test_api_without_tiles_and_journal_has_nothing_to_compare_and_works(backup: Backup, tmp_path: Path) -> None:
    for name in ("log/checkpoint", "journal/checkpoints.jsonl"):
        (backup.folder / name).unlink()
    with backup.served(backup.old_log, backup.old_url, backup.folder) as (client, _):
        assert history(client) == (200, "ready")
        assert client.post("/v1/events", content=event()).status_code == 202


def test_journal_ahead_of_the_recorded_checkpoint_is_no_alarm(backup: Backup) -> None:
    with backup.log.engine.begin() as connection:  # as after a crash between the journal and the commit
        connection.execute(text("DELETE FROM checkpoints WHERE tree_size = 6"))
        note = connection.execute(text("SELECT note FROM checkpoints WHERE tree_size = 4")).scalar_one()
    (backup.folder / "log/checkpoint").write_text(note)
    with backup.served(backup.log, backup.url, backup.folder) as (client, _):
        assert history(client) == (200, "ready")
        assert client.post("/v1/events", content=event()).status_code == 202


def swap(server: EmbeddedPostgres, one: str, other: str) -> None:
    """Exchanges two databases under everybody who is connected, as a restore does."""
    with psycopg.connect(server.url, autocommit=True) as admin:
        for name in (one, other):
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (%s, %s)", (one, other))
        deadline = time.monotonic() + 10
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname IN (%s, %s)"
        while admin.execute(count, (one, other)).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for old, new in ((one, "swapping"), (other, one), ("swapping", other)):
            admin.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
        for name in (one, other):
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def history_becomes(client: httpx.Client, expected: tuple[int, str]) -> None:
    deadline = time.monotonic() + 10
    while (found := history(client)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.mark.parametrize("with_files", [True, False])
def test_database_exchanged_while_the_server_runs_is_noticed_and_its_return_too(
    backup: Backup, postgres_server: EmbeddedPostgres, *, with_files: bool
) -> None:
    if not with_files:
        for name in ("log/checkpoint", "journal/checkpoints.jsonl"):
            (backup.folder / name).unlink()
    with backup.served(backup.log, backup.url, backup.folder) as (client, container):
        assert client.post("/v1/events", content=event()).status_code == 202
        assert history(client) == (200, "ready")
        swap(postgres_server, name_of(backup.url), name_of(backup.old_url))
        answers = [client.post("/v1/events", content=event()) for _ in range(4)]
        assert {answer.status_code for answer in answers} == {503}
        history_becomes(client, (503, "behind_published"))
        refused = client.post("/v1/events", content=event())
        assert (refused.status_code, refused.json()["code"]) == (503, "database_behind")
        assert container.history.newest_leaf.leaf_index == 6
        swap(postgres_server, name_of(backup.url), name_of(backup.old_url))
        history_becomes(client, (200, "ready"))
        assert client.post("/v1/events", content=event()).json()["result"]["leaf_index"] == 7


@pytest.mark.parametrize("regrown", [False, True])
def test_database_exchanged_between_two_looks_takes_nothing(
    backup: Backup, monkeypatch: pytest.MonkeyPatch, *, regrown: bool
) -> None:
    monkeypatch.setattr(history_guard, "CHECK_INTERVAL_S", 3600.0)  # no look comes by itself
    with backup.log.engine.connect() as connection:
        query = text("SELECT tree_size, compact_range, root_hash FROM log_head")
        before = dict(connection.execute(query).mappings().one())
    with backup.served(backup.log, backup.url, backup.folder) as (client, _):
        assert client.post("/v1/events", content=event()).status_code == 202
        with backup.log.engine.begin() as connection:  # as an older copy: nobody is disconnected, nothing fails
            for table in ("entries", "identities"):
                connection.execute(text(f"DELETE FROM {table} WHERE leaf_index >= 6"))
            older = "tree_size = :tree_size, compact_range = :compact_range, root_hash = :root_hash"
            connection.execute(text(f"UPDATE log_head SET {older}"), before)
        if regrown:
            backup.log.store.append([backup.log.preparer.prepare(an_event("elsewhere"), "office")], PROMISE)

        answer = client.post("/v1/events", content=event())

        assert (answer.status_code, answer.json()["code"]) == (503, "database_behind")
        with backup.log.engine.connect() as connection:
            held = connection.execute(text("SELECT count(*) FROM entries")).scalar_one()
        assert held == 6 + regrown


def test_keyring_lost_between_two_looks_takes_nothing(new_service: Callable[..., Service], monkeypatch) -> None:
    monkeypatch.setattr(history_guard, "CHECK_INTERVAL_S", 3600.0)
    service = new_service()
    assert service.post(event(), JSON).status_code == 201
    keyring = service.container.settings.keyring_dir
    keyring.rename(keyring.with_name("elsewhere"))

    answer = service.post(event(), JSON)

    assert answer.status_code == 503
    assert "receipt" not in answer.json()


def test_append_that_is_taken_back_is_noticed_though_nothing_was_published(
    backup: Backup,
) -> None:
    with backup.served(backup.log, backup.url, backup.folder) as (client, container):
        head = "SELECT tree_size, compact_range, root_hash FROM log_head"
        with backup.log.engine.connect() as connection:
            before = dict(connection.execute(text(head)).mappings().one())
        assert client.post("/v1/events", content=event()).status_code == 202
        assert container.history.newest_leaf.leaf_index == 6
        with backup.log.engine.begin() as connection:
            changed = "tree_size = :tree_size, compact_range = :compact_range, root_hash = :root_hash"
            connection.execute(text(f"UPDATE log_head SET {changed}"), before)
        assert history(client) == (503, "behind_published")
        assert client.post("/v1/events", content=event()).json()["code"] == "database_behind"
