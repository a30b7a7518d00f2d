"""Regulators' checks of metadata over HTTP: recorded once, evident in the log, seen by the provider and by nobody else."""

import os
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.a_service import Service
from support.catalog_entries import an_entry, product_code, provider_code

from ledger.adapters.sql import catalog_index
from ledger.adapters.sql.catalog_checks import checks_of
from ledger.bundle.catalog_feed import entry_digest
from ledger.services.business import Actor
from ledger.services.catalog import entry_value

NUMBER = 4711
PATH = f"/v1/catalog/{product_code(NUMBER)}/checks"
CHECK = {"finding": "deviates", "members": ["title", "filing_number"]}


@pytest.fixture(scope="module", autouse=True)
def entry(service: Service) -> dict[str, Any]:
    with service.log.engine.begin() as connection:
        catalog_index.put(connection, an_entry(NUMBER))
    return entry_value(an_entry(NUMBER))


def check(
    service: Service, body: Any = CHECK, *, path: str = PATH, role: str = "regulator", key: str = ""
) -> httpx.Response:
    headers = service.auth(role) | {"Idempotency-Key": key or os.urandom(8).hex()}
    return service.client.post(path, json=body, headers=headers)


def outbox_count(service: Service) -> int:
    with service.log.engine.connect() as connection:
        return int(connection.execute(text("SELECT count FROM outbox_head")).scalar_one())


def test_check_is_answered_kept_and_recorded_once(service: Service, entry: dict[str, Any]) -> None:
    key, before = os.urandom(8).hex(), outbox_count(service)
    made = check(service, key=key)
    recorded = outbox_count(service) - before
    again = check(service, key=key)

    assert made.status_code == 201, made.text
    assert made.json()["entry_digest"] == entry_digest(entry).hex()
    assert (recorded, again.json()) == (1, made.json())
    assert again.headers["idempotent-replay"] == "true"
    assert made.json() in service.get(PATH, role="regulator").json()["items"]


def test_check_belongs_to_the_provider_and_readers_of_all(service: Service) -> None:
    check_id = check(service).json()["check_id"]
    with service.log.engine.connect() as connection:

        def seen(participant: str | None, role: str) -> bool:
            actor = Actor("key:x", participant, frozenset({role}))
            return check_id in [one.object_id for one in checks_of(connection, actor, product_code(NUMBER), 100)]

        assert seen(provider_code(1), "provider")
        assert seen(None, "auditor")
        assert not seen(provider_code(2), "provider")
        assert not seen(None, "platform_service")
    assert service.get(PATH).json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (CHECK | {"finding": "fine"}, 400, "invalid_input"),
        (CHECK | {"members": []}, 400, "invalid_input"),
        (CHECK | {"members": ["colour"]}, 400, "invalid_input"),
        (CHECK | {"remarks": "free text"}, 400, "invalid_input"),
    ],
)
def test_check_that_cannot_be_is_refused(service: Service, body: Any, status: int, code: str) -> None:
    answer = check(service, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_unknown_product_cannot_be_checked_and_has_no_checks(service: Service) -> None:
    path = f"/v1/catalog/{product_code(98)}/checks"
    assert check(service, path=path).status_code == 404
    assert service.get(path, role="auditor").status_code == 404


def test_only_a_regulator_records_a_check(service: Service) -> None:
    assert check(service, role="auditor").json()["code"] == "forbidden"
