"""Liveness, readiness part by part, metrics, and failures of our own."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from support.a_service import JSON, Service

from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.sql import anchoring

NewService = Callable[..., Service]


def event() -> str:
    return json.dumps(
        {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:office", "type": "org.test.thing.v1"}
    )


def parts(service: Service) -> tuple[int, dict[str, str]]:
    answer = service.client.get("/readyz")
    return answer.status_code, answer.json()["parts"]


def test_ready_service_says_so_part_by_part(service: Service) -> None:
    service.settled()
    assert service.client.get("/livez").json() == {"status": "alive"}
    ready = {"database": "ready", "log": "ready", "publisher": "ready", "anchoring": "ready", "history": "ready"}
    assert parts(service) == (200, ready)


def test_publisher_that_lags_makes_the_service_not_ready(new_service: NewService) -> None:
    service = new_service()
    service.settled()
    with service.publisher.paused():
        service.post(event(), JSON | {"Prefer": "respond-async"})
        assert parts(service)[0] == 200
        now = datetime.now(UTC) + timedelta(seconds=service.container.settings.promise_publish_s + 1)
        service.container.clock = type("Later", (), {"now": lambda _self: now})()
        status, state = parts(service)
    assert (status, state["publisher"]) == (503, "lagging")


def test_halted_anchoring_makes_the_service_not_ready(new_service: NewService) -> None:
    service = new_service()
    with service.log.engine.begin() as connection:
        anchoring.halt(connection, "foreign_head: a test", {"both": "sides"})

    status, state = parts(service)

    assert (status, state["anchoring"]) == (503, "halted")
    assert service.post(event(), JSON).status_code == 201, "events are accepted all the same"


def test_log_not_opened_is_not_ready_until_it_is(new_service: NewService) -> None:
    service = new_service()
    with service.log.engine.begin() as connection:
        row = dict(connection.execute(text("SELECT * FROM log_shard")).mappings().one())
        connection.execute(text("DELETE FROM log_shard"))

    assert parts(service) == (503, {"database": "ready", "log": "not_opened"})
    refused = service.post(event(), JSON)
    assert (refused.status_code, refused.json()["code"]) == (503, "not_ready")

    with service.log.engine.begin() as connection:
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO log_shard ({columns}) VALUES ({values})"), row)
    assert parts(service)[0] == 200


def test_database_of_another_log_is_refused(new_service: NewService) -> None:
    service = new_service()
    with service.log.engine.begin() as connection:
        connection.execute(text("UPDATE log_shard SET origin = 'another.invalid/2026'"))

    assert parts(service)[1]["log"] == "another_log"
    answer = service.post(event(), JSON)
    assert (answer.status_code, answer.json()) == (
        500,
        {
            "type": "urn:cityledger:problem:internal-error",
            "title": "Internal error",
            "status": 500,
            "code": "internal_error",
        },
    )


def test_metrics_count_by_route_and_outcome_without_values_of_requests(service: Service) -> None:
    service.post(event(), JSON)
    service.client.get("/v1/nothing-like-this")

    shown = service.client.get("/metrics").text

    assert 'cityledger_api_requests_total{route="/v1/events",status="201"}' in shown
    assert 'cityledger_api_events_total{outcome="new"}' in shown
    assert "cityledger_api_acknowledgement_seconds_bucket" in shown
    assert "nothing-like-this" not in shown


def test_failure_of_our_own_says_nothing_but_its_code(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(service.container, "read_view", fail)
        answer = service.client.get("/v1/log")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert "detail" not in answer.json()
    assert service.client.get("/v1/log").status_code == 200, "the connection was kept"


def test_lost_keyring_is_not_ready_and_seals_nothing_until_it_is_back(new_service: NewService, tmp_path: Path) -> None:
    """As after a start of the API alone: no new keys are made for a month that has sealed rows."""
    service = new_service()
    folder = service.container.settings.keyring_dir
    kept = folder.rename(tmp_path / "kept")
    service.container.sealer = FileKeyring(folder, os.urandom)
    service.container._log = None

    assert parts(service) == (503, {"database": "ready", "log": "keyring_incomplete"})
    refused = service.post(event(), JSON)
    assert (refused.status_code, refused.json()["code"]) == (503, "keyring_incomplete")
    assert "Put the keyring folder back" in refused.json()["detail"]
    assert not folder.exists()

    kept.rename(folder)
    assert parts(service)[0] == 200
