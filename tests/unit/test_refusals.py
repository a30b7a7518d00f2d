"""Refused attempts are committed in groups: a flood is a few transactions, nothing is lost while the database is away."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api import refusals
from api.refusals import Refusals
from ledger.adapters.files.owed_records import OwedRecords
from ledger.adapters.sql.access_evidence import Attempt
from ledger.errors import UnavailableError

HOUR = datetime(2026, 3, 2, 10, tzinfo=UTC)
ATTEMPT = Attempt(None, "GET", "/v1/me", "unauthenticated", HOUR)


class Store:
    """Takes groups, one at a time and slowly, or refuses them."""

    def __init__(self) -> None:
        self.groups: list[dict[Attempt, int]] = []
        self.networks: list[dict[Attempt, str | None]] = []
        self.failure: Exception | None = None
        self.at_work = 0

    async def record(self, counts: Mapping[Attempt, int], networks: Mapping[Attempt, str | None]) -> None:
        self.at_work += 1
        assert self.at_work == 1, "one transaction at a time"
        for _ in range(3):
            await asyncio.sleep(0)
        self.at_work -= 1
        if self.failure is not None:
            raise self.failure
        self.groups.append(dict(counts))
        self.networks.append(dict(networks))


def test_flood_is_counted_in_groups_and_every_one_before_it_is_answered() -> None:
    async def flood() -> tuple[Store, Refusals]:
        store = Store()
        kept = Refusals(store.record)
        await asyncio.gather(*(kept.note(ATTEMPT, f"address {one}") for one in range(500)))
        return store, kept

    store, kept = asyncio.run(flood())
    assert sum(group[ATTEMPT] for group in store.groups) == 500
    assert len(store.groups) <= 3
    assert store.networks[0] == {ATTEMPT: "address 0"}
    assert not kept.is_any_kept


@pytest.mark.parametrize("failure", [UnavailableError("away"), KeyError("a defect")])
def test_attempts_are_kept_while_they_cannot_be_committed(failure: Exception) -> None:
    async def outage() -> tuple[Store, Refusals]:
        store = Store()
        store.failure = failure
        kept = Refusals(store.record)
        await kept.note(ATTEMPT, "first")
        await asyncio.gather(kept.note(ATTEMPT, "second"), kept.note(ATTEMPT, "third"))
        assert kept.is_any_kept and store.groups == []
        store.failure = None
        await kept.settle()
        return store, kept

    store, kept = asyncio.run(outage())
    assert store.groups == [{ATTEMPT: 3}]
    assert store.networks == [{ATTEMPT: "first"}]
    assert not kept.is_any_kept


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "ATTEMPTS_KEPT", 2)

    async def outage() -> Store:
        store = Store()
        store.failure = UnavailableError("away")
        kept = Refusals(store.record)
        for route in ("/a", "/b", "/c", "/a"):
            await kept.note(Attempt(None, "GET", route, "unauthenticated", HOUR), None)
        store.failure = None
        await kept.settle()
        return store

    [group] = asyncio.run(outage()).groups
    assert {attempt.route: times for attempt, times in group.items()} == {"/a": 2, "/b": 1}


def test_database_that_hangs_holds_no_answer_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "WAIT_S", 0.01)

    async def hang() -> bool:
        never = asyncio.Event()

        async def record(_counts: Mapping[Attempt, int], _networks: Mapping[Attempt, str | None]) -> None:
            await never.wait()

        await asyncio.wait_for(Refusals(record).note(ATTEMPT, None), 30)
        return True

    assert asyncio.run(hang())


def on_disk(folder: Path) -> list[int]:
    """How often the attempts were made that are on disk."""
    return [one["times"] for path in folder.glob("*.json") for one in json.loads(path.read_text())]


def test_killed_process_loses_no_attempt_that_it_answered(tmp_path: Path) -> None:
    """While the database is away; the next process records what the killed one has counted, and leaves nothing on disk."""
    mine = Attempt("key:bank", "GET", "/v1/me", "unauthenticated", HOUR)

    async def outage() -> None:
        store, records = Store(), OwedRecords(tmp_path)
        store.failure = UnavailableError("away")
        kept = Refusals(store.record, records)
        for number in range(1, 4):
            await kept.note(ATTEMPT, "203.0.113.7")
            assert on_disk(tmp_path) == [number], "before it is answered"
        await asyncio.gather(*(kept.note(mine, None) for _ in range(20)))
        assert sorted(on_disk(tmp_path)) == [3, 20]
        records.close()  # as the end of a process does

    async def next_process() -> Store:
        store, records = Store(), OwedRecords(tmp_path)
        kept = Refusals(store.record, records)
        kept.restore(records.take_over(["refusals"])["refusals"])
        await kept.settle()
        records.close()
        return store

    asyncio.run(outage())
    assert "203.0.113.7" not in "".join(path.read_text() for path in tmp_path.iterdir())
    assert asyncio.run(next_process()).groups == [{ATTEMPT: 3, mine: 20}]
    assert on_disk(tmp_path) == []


def test_attempt_whose_commit_hangs_is_on_disk_before_it_is_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(refusals, "WAIT_S", 0.01)

    async def hang() -> list[list[int]]:
        goes_on = asyncio.Event()

        async def record(_counts: Mapping[Attempt, int], _networks: Mapping[Attempt, str | None]) -> None:
            await goes_on.wait()

        kept, seen = Refusals(record, OwedRecords(tmp_path)), []
        for _ in range(2):  # the first is under way, the second waits behind it
            await kept.note(ATTEMPT, None)
            seen.append(on_disk(tmp_path))
        monkeypatch.setattr(refusals, "WAIT_S", 60)
        goes_on.set()
        await kept.settle()
        return [*seen, on_disk(tmp_path)]

    assert asyncio.run(hang()) == [[1], [2], []]


def test_disk_that_takes_nothing_holds_no_answer_up(tmp_path: Path) -> None:
    (tmp_path / "owed").write_text("a file where the folder would be", encoding="ascii")

    async def outage() -> Store:
        store = Store()
        store.failure = UnavailableError("away")
        kept = Refusals(store.record, OwedRecords(tmp_path / "owed"))
        await kept.note(ATTEMPT, None)
        store.failure = None
        await kept.note(ATTEMPT, None)
        return store

    assert asyncio.run(outage()).groups == [{ATTEMPT: 2}]


def test_count_on_disk_that_nobody_can_read_keeps_no_other_out(tmp_path: Path) -> None:
    good = {"account": None, "method": "GET", "route": "/v1/me", "code": "unauthenticated", "times": 5}
    left = ["no object", {"times": 1}, good | {"hour": "yesterday"}, good | {"hour": "2026-03-02T10:00:00.000000Z"}]

    async def start() -> Store:
        store = Store()
        kept = Refusals(store.record, OwedRecords(tmp_path))
        kept.restore(left)
        await kept.settle()
        return store

    assert asyncio.run(start()).groups == [{ATTEMPT: 5}]


def test_flood_while_the_database_works_touches_no_disk(tmp_path: Path) -> None:
    async def flood() -> None:
        kept = Refusals(Store().record, OwedRecords(tmp_path / "owed"))
        await asyncio.gather(*(kept.note(ATTEMPT, None) for _ in range(500)))

    asyncio.run(flood())
    assert list(tmp_path.iterdir()) == []
