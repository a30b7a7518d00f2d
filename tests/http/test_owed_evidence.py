"""Evidence of access that a killed process could not record: the next process records it, from what lies on disk."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from support.desk import Desk, problem

from api.container import ApiKeysOfLog, Container
from api.late_records import LateRecords
from ledger.errors import UnavailableError


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.json"))


async def live_until_nothing_is_owed(desk: Desk, folder: Path) -> None:
    """Another process of the same API; its disk is ``folder``."""
    keys = desk.service.log.keys
    settings = desk.service.container.settings.model_copy(update={"owed_dir": folder})
    container = Container(settings, ApiKeysOfLog(keys.receipt, keys.space, keys.identity))
    container.start()
    records = LateRecords(container)
    records.start()
    deadline = time.monotonic() + 60
    while left_in(folder):
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.05)
    await records.close()
    container.close()


def test_process_killed_while_nothing_can_be_recorded_leaves_its_evidence_to_the_next(
    desk: Desk, tmp_path: Path
) -> None:
    account, headers = desk.account("before a kill"), desk.headers("before a kill")
    assert desk.me(headers).status_code == 200
    desk.withdraw(account)
    made, container = desk.service.new_key("before-a-kill", (), role="consumer", was_used=False), desk.service.container
    disk, key_account = container.settings.owed_dir, f"key:{made.key_id}"

    async def away(_: object) -> None:
        raise UnavailableError("not now")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(container, "write", away)
        assert [problem(desk.me(headers)) for _ in range(2)] == [(401, "unauthenticated")] * 2
        assert desk.me({"X-API-Key": made.api_key}).status_code == 200
        shutil.copytree(disk, tmp_path / "owed")  # as a kill right here leaves it
        assert left_in(tmp_path / "owed") == ["0.key_uses.json", "0.refusals.json"]
        asyncio.run(live_until_nothing_is_owed(desk, tmp_path / "owed"))

        assert "refused" in desk.kinds(account)
        assert desk.kinds(key_account) == ["logged_in"]
        assert times_counted(desk, account) == 2
        assert left_in(disk) != []

    deadline = time.monotonic() + 60
    while left_in(disk):  # this one was not killed after all: attempts are counted twice, a key's use is not
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    assert times_counted(desk, account) == 4
    assert desk.kinds(key_account) == ["logged_in"]


def times_counted(desk: Desk, account: str) -> int:
    with desk.service.log.engine.connect() as connection:
        query = text("SELECT coalesce(sum(count), 0) FROM access_marks WHERE facts->>'account_id' = :account")
        return int(connection.execute(query, {"account": account}).scalar_one())
