"""Refused attempts are committed in groups: a flood is a few transactions, nothing is lost while the database is away."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from api import refusals
from api.refusals import Refusals
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
