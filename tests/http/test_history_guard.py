"""What the guard remembers of its own, and what it says when it cannot look: in doubt nothing is acknowledged."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.a_log import PROMISE, an_event
from support.a_service import JSON, Service

from api.history_comparison import NOTHING_SEEN
from api.history_guard import HistoryGuard, Sources
from ledger.adapters.files.tile_store import FileTileStore
from ledger.errors import UnavailableError

NewService = Callable[..., Service]


def event() -> str:
    return json.dumps({"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "t"})


def post(service: Service) -> tuple[int, str]:
    answer = service.post(event(), JSON | {"Prefer": "respond-async"})
    return answer.status_code, answer.json().get("code", "")


def parts(service: Service) -> tuple[int, dict[str, str]]:
    answer = service.client.get("/readyz")
    return answer.status_code, answer.json()["parts"]


def becomes(service: Service, part: str, state: str) -> None:
    """Waits for a look that began after what the test did; one may be under way."""
    deadline = time.monotonic() + 20
    while (found := parts(service))[1].get(part) != state or (found[0] == 200) != (state == "ready"):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def another_writer(service: Service) -> None:
    """A second API process, or the outbox."""
    service.log.store.append([service.log.preparer.prepare(an_event(os.urandom(8).hex()), "office")], PROMISE)


class State:
    """The log's rows as they are now, to return to: what a replica knew that lagged behind."""

    def __init__(self, service: Service) -> None:
        self._engine = service.log.engine
        with self._engine.connect() as connection:
            query = text("SELECT tree_size, compact_range, root_hash FROM log_head")
            self._head = dict(connection.execute(query).mappings().one())

    def restore(self) -> None:
        with self._engine.begin() as connection:
            for table in ("entries", "identities"):
                connection.execute(text(f"DELETE FROM {table} WHERE leaf_index >= :tree_size"), self._head)
            changed = "tree_size = :tree_size, compact_range = :compact_range, root_hash = :root_hash"
            connection.execute(text(f"UPDATE log_head SET {changed}"), self._head)


def test_event_that_was_acknowledged_and_lost_is_missed_though_another_writer_took_its_place(
    new_service: NewService,
) -> None:
    service = new_service()
    with service.publisher.paused():
        before = State(service)
        assert post(service) == (202, "")
        before.restore()
        for _ in range(2):  # the same size, and a larger one
            another_writer(service)
            becomes(service, "history", "contradicts_published")
            assert post(service) == (503, "database_behind")


def test_own_event_that_was_lost_before_any_look_is_missed(new_service: NewService) -> None:
    service = new_service()
    with service.publisher.paused():
        before = State(service)
        another_writer(service)
        with service.log.engine.connect() as connection:
            query = text("SELECT leaf_index, leaf_hash FROM entries ORDER BY leaf_index DESC LIMIT 1")
            newest = connection.execute(query).one()
        before.restore()
        service.container.history._seen = NOTHING_SEEN  # no look happened to fall between
        another_writer(service)
        service.container.history.appended(*newest)
        becomes(service, "history", "contradicts_published")


def test_entry_of_another_writer_that_was_seen_and_lost_is_missed(new_service: NewService) -> None:
    service = new_service()
    with service.publisher.paused():
        before = State(service)
        another_writer(service)
        assert parts(service)[0] == 200
        before.restore()
        another_writer(service)
        another_writer(service)
        becomes(service, "history", "contradicts_published")


def test_head_of_the_seen_size_with_another_root_is_missed(new_service: NewService) -> None:
    service = new_service()
    with service.publisher.paused():
        assert parts(service)[0] == 200
        with service.log.engine.begin() as connection:
            connection.execute(text("UPDATE log_head SET root_hash = sha256(root_hash)"))
            connection.execute(text("DELETE FROM checkpoints"))
        (service.container.settings.tiles_dir / "checkpoint").unlink(missing_ok=True)
        service.container.settings.journal_path.unlink(missing_ok=True)
        service.container.history._seen = service.container.history._seen._replace(checkpoint=None)
        becomes(service, "history", "contradicts_published")
        service.publisher.stop()  # it would find the same, and has nobody to tell


@pytest.mark.parametrize(
    ("harm", "mend"),
    [
        ("UPDATE checkpoints SET published_at = 'infinity'", "UPDATE checkpoints SET published_at = now()"),
        ("ALTER TABLE checkpoints RENAME TO away", "ALTER TABLE away RENAME TO checkpoints"),
        ("ALTER TABLE log_head RENAME root_hash TO away", "ALTER TABLE log_head RENAME away TO root_hash"),
    ],
)
def test_database_that_cannot_be_compared_is_unknown_and_takes_nothing(
    new_service: NewService, harm: str, mend: str
) -> None:
    service = new_service()
    assert service.post(event(), JSON).status_code == 201
    with service.publisher.paused():
        assert parts(service)[0] == 200
        size = service.tree_size()
        with service.log.engine.begin() as connection:
            connection.execute(text(harm))

        becomes(service, "history", "unknown")
        assert post(service) == (503, "unavailable")
        assert "Operator: " in service.client.get("/readyz").json()["detail"]
        assert service.tree_size() == size

        with service.log.engine.begin() as connection:
            connection.execute(text(mend))
        becomes(service, "history", "ready")
        assert post(service)[0] == 202


def test_database_whose_state_cannot_be_read_is_not_ready_by_name(new_service: NewService) -> None:
    service = new_service()
    with service.publisher.paused():
        for harm in ("ALTER TABLE log_status RENAME TO away", "ALTER TABLE away RENAME TO log_status"):
            with service.log.engine.begin() as connection:
                connection.execute(text(harm))
            becomes(service, "database", "unreadable" if "TO away" in harm else "ready")


def test_guard_that_is_doubted_during_every_look_takes_nothing(tmp_path: Path) -> None:
    def read(_: object) -> Any:
        guard.doubt()
        return NOTHING_SEEN, None

    guard = HistoryGuard(Sources(read, FileTileStore(tmp_path), tmp_path / "journal", lambda _: None))
    with pytest.raises(UnavailableError, match="again and again"):
        asyncio.run(guard.require_current())
    guard.close()


def test_keyring_lost_while_running_takes_nothing_until_it_is_back(new_service: NewService, tmp_path: Path) -> None:
    service = new_service()
    folder = service.container.settings.keyring_dir
    assert service.post(event(), JSON).status_code == 201
    shutil.copytree(folder, tmp_path / "kept")
    shutil.rmtree(folder)
    becomes(service, "log", "keyring_incomplete")
    size = service.tree_size()
    assert post(service) == (503, "keyring_incomplete")
    assert "put the keyring folder back" in service.client.get("/readyz").json()["detail"]
    assert service.tree_size() == size

    shutil.copytree(tmp_path / "kept", folder)
    becomes(service, "log", "ready")
    assert post(service) == (202, "")


def test_keyring_lost_before_the_first_event_of_a_process_makes_no_keys(
    new_service: NewService, tmp_path: Path
) -> None:
    service = new_service()
    folder = service.container.settings.keyring_dir
    assert parts(service)[0] == 200
    service.publisher.stop()  # it seals as well
    kept = folder.rename(tmp_path / "kept")
    folder.mkdir()
    becomes(service, "log", "keyring_incomplete")
    assert post(service) == (503, "keyring_incomplete")
    assert list(folder.iterdir()) == []
    folder.rmdir()
    kept.rename(folder)
    becomes(service, "log", "ready")
