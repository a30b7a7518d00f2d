"""Another file of the calendar of working days is evidence: its years, whose notices they copy, and its digest."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.a_service import Service, publish_years, running_service

from ledger.adapters.sql.calendar_records import CHANGED_TYPE, record_calendar
from ledger.adapters.working_days import LIBRARY_YEARS, CalendarFile
from ledger.log.event import parse_event
from ledger.services.ports import SealedBody


@pytest.fixture
def service(migrated_url: str, tmp_path: Path) -> Iterator[Service]:
    with running_service(migrated_url, tmp_path) as service, service.publisher.paused():  # events stay in the outbox
        yield service


def changes(service: Service) -> list[dict[str, Any]]:
    """Data of the events, oldest first."""
    with service.log.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT identity, sealed_month AS month, sealed_generation AS generation, sealed_event FROM outbox "
                "WHERE leaf_index IS NULL ORDER BY number"
            )
        ).all()
    unseal = service.log.preparer.sealer.unseal
    events = [parse_event(unseal(row[0], SealedBody(row[1], row[2], row[3]))) for row in rows]
    return [json.loads(event.canonical)["data"] for event in events if event.type == CHANGED_TYPE]


def wait_for_changes(service: Service, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while len(found := changes(service)) < count:
        assert time.monotonic() < deadline, "the change was never recorded"
        time.sleep(0.05)
    return found


def test_other_calendar_is_an_event_and_a_wrong_file_or_the_same_one_is_none(service: Service) -> None:
    path = service.container.settings.calendar_path
    before = service.container.calendar.current().digest.hex()
    known = max(LIBRARY_YEARS)
    one = {"holidays": [f"{known + 1}-01-01"], "working_weekends": [], "source": "a notice", "digest": "ab" * 32}
    path.write_text(json.dumps({"years": [one | {"year": known + 1}]}), encoding="utf-8")
    [first] = wait_for_changes(service, 1)
    stated = service.client.get("/v1/log").json()["calendar"]
    assert first == {
        "before": before,
        "digest": stated["digest"],
        "first": stated["first"],
        "last": stated["last"],
        "years": [{"year": known + 1, "source": "a notice", "digest": "ab" * 32, "replaces": False}],
    }

    path.write_text("{", encoding="utf-8")
    assert service.client.get("/v1/log").json()["calendar"]["refused"] is not None
    path.write_text(json.dumps({"years": [one | {"year": known + 1}]}), encoding="utf-8")
    path.write_text(json.dumps({"years": [one | {"year": known + 1, "source": "x" * 1_000}]}), encoding="utf-8")
    _, second = wait_for_changes(service, 2)
    assert (second["before"], second["digest"]) == (first["digest"], first["digest"]), "the same days by another notice"
    assert second["years"][0]["source"] == "x" * 200


def test_calendar_is_recorded_once_whoever_sees_it_and_again_when_it_comes_back(service: Service) -> None:
    path = service.container.settings.calendar_path.with_name("other.json")
    publish_years(path)
    known, without = CalendarFile(path).current().facts(), CalendarFile(path.with_name("none.json")).current().facts()

    def record(facts: dict[str, Any]) -> bool:
        with service.log.engine.begin() as connection:
            return record_calendar(connection, service.log.preparer, facts)

    assert [record(facts) for facts in (known, without, without, known, known)] == [False, True, False, True, False]
    with service.log.engine.begin() as connection:
        connection.execute(text("DELETE FROM calendar_in_force"))
    assert [record(facts) for facts in (without, known)] == [False, True], "without a file nothing was changed"
    assert changes(service)[-1]["before"] is None
