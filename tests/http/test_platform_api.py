"""The authorisation platform's own API: its document against requests at random, who may what, and lists that go on.

The trading platform behind it is silent here: what an answer of it does is told in ``services/test_platforms`` and ``e2e/test_two_platforms``.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import text
from support.embedded import DatabaseFactory
from support.platform_world import OTHER, US, a_token, an_agreement, an_application, an_authorisation, an_order, changed

from api.http_protocol import BoundedHeadProtocol
from api.platform.app import build_platform_app, create_platform_app
from api.platform.container import PlatformContainer
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.platform.keys import API_ROLES, PlatformKeys
from ledger.adapters.platform.migrate import upgrade
from ledger.adapters.platform.settings import PlatformSettings
from ledger.adapters.signing_keys import SM2, public_part
from ledger.domain.application import ASPECTS
from ledger.errors import IntegrityError, SettingsError
from ledger.services.platform_following import look_at

SECRET = b"\x21" * 32
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
PUBLIC = {("GET", "/livez"), ("GET", "/readyz")}
FINDINGS = [{"aspect": one, "passed": True, "reasons": "见附件"} for one in ASPECTS]
LINE = {
    "item": "施工许可",
    "item_type": "registration",
    "fields": ["状态"],
    "actions": ["read"],
    "valid_from": "2026-11-02",
    "valid_until": "2027-06-30",
    "calls": 500,
}
VIOLATION = {"kind": "beyond_scope", "reasons": "用于营销", "evidence_digest": "ab" * 32}
BODIES: dict[str, Any] = {
    "/v1/final-reviews": {"application_id": "app-1", "findings": FINDINGS},
    "/v1/authorisations": {"application_id": "app-2", "scenario": "s", "purpose": "p", "items": [LINE]},
    "/v1/authorisation-suspensions": {"authorisation_id": "app-4", **VIOLATION},
    "/v1/authorisation-resumptions": {"authorisation_id": "app-5", "reasons": "审计通过"},
    "/v1/authorisation-withdrawals": {"authorisation_id": "app-6", **VIOLATION},
    "/v1/authorisation-widenings": {"authorisation_id": "app-7", "number": 1, "items": [LINE], "reasons": "临时"},
    "/v1/usage-tokens": {
        "authorisation_id": "app-3",
        "entry": "0/施工许可",
        "subject": "910000000000000003",
        "fields": ["状态"],
        "mode": "read",
        "quota": 10,
        "valid_from": 1_793_600_000,
        "valid_until": 1_793_700_000,
    },
    "/v1/usage-token-revocations": {"token_id": "tok-00000001", "reasons": "超范围"},
    "/v1/filings": {"agreement_id": "84-1"},
}
"""Route -> a body that is in order, about an object that waits for it."""

schema = schemathesis.openapi.from_dict(build_platform_app().openapi())
OPERATIONS = {
    (operation.method.upper(), operation.path): operation
    for result in schema.get_all_operations()  # type: ignore[no-untyped-call]
    if (operation := result.ok())
}


@dataclass
class Platform:
    url: str
    keys: dict[str, str]
    container: PlatformContainer

    def ask(
        self, method: str, path: str, role: str | None = "handler", body: Any = None, **headers: str
    ) -> httpx.Response:
        given_headers = {} if role is None else {"Authorization": f"Bearer {self.keys[role]}"}
        if method == "POST":
            given_headers["Idempotency-Key"] = os.urandom(8).hex()
        return httpx.request(method, self.url + path, headers=given_headers | headers, json=body, timeout=20)

    def count(self, table: str) -> int:
        with self.container.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@contextmanager
def serving(container: PlatformContainer) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_platform_app(container), http=BoundedHeadProtocol, ws="none", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


def build(database_url: str, folder: Path, **overrides: Any) -> PlatformContainer:
    upgrade(database_url)
    found = PlatformSettings(
        data_dir=folder, database_url=database_url, subject_code=US, peer_url="http://127.0.0.1:9", **overrides
    )
    keys = PlatformKeys(SECRET, public_part(SM2, SECRET), "clk_peer", {role: f"clk_{role}" for role in API_ROLES})
    container = PlatformContainer(found, keys)
    container.claim()
    return container


def fill(container: PlatformContainer) -> None:
    """Copies of every kind, of each one that waits for an act; one that was altered, and one that is gone."""
    shown = [
        an_application(),
        an_application("app-2", state="approved"),
        *(an_authorisation(f"app-{number}") for number in (3, 4, 6, 7)),
        replace(an_authorisation("app-5"), state="suspended"),
        a_token(),
        an_agreement(state="filed"),
        an_order(),
        an_application("app-9"),
        changed(an_application("app-9"), content={"a": 2}),
    ]

    def write(books: Any) -> None:
        for one in shown:
            look_at(books, US, (one.kind, one.object_id), one)
        look_at(books, US, ("order", "ord-1"), None)

    container._write(write)


@pytest.fixture(scope="module")
def platform(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    databases = DatabaseFactory(postgres_server)
    container = build(databases(), tmp_path_factory.mktemp("platform"), tolerance_s=0)
    fill(container)
    with serving(container) as url:
        container.worker.stop()  # its jitter is drawn from the generator that hypothesis watches
        yield Platform(url, dict(container.keys.api_keys), container)
    databases.close()


def test_every_route_but_health_wants_a_key_and_acts_want_the_handlers(platform: Platform) -> None:
    for method, path in OPERATIONS:
        target = path.replace("{kind}", "order").replace("{object_id}", "x").replace("{act_id}", "act-" + "0" * 32)
        body = BODIES.get(path)
        nobody = platform.ask(method, target, None, body)
        stranger = platform.ask(method, target, None, body, Authorization="Bearer clk_made_up")
        expected = {401} if (method, path) not in PUBLIC else {200, 503}
        assert {nobody.status_code, stranger.status_code} <= expected, path
        if method == "POST":
            before = platform.count("acts")
            refused = platform.ask(method, target, "reader", body)
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
            assert platform.count("acts") == before
        elif (method, path) not in PUBLIC:
            assert platform.ask(method, target, "reader").status_code in {200, 404}


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_requests_from_the_document_are_answered_as_it_says(platform: Platform, route: tuple[str, str]) -> None:
    operation = OPERATIONS[route]

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(), role=st.sampled_from([*API_ROLES, None]))
    def each(case: Any, role: str | None) -> None:
        headers = {} if role is None else {"Authorization": f"Bearer {platform.keys[role]}"}
        response = case.call(base_url=platform.url, headers=headers, timeout=60)
        checks = CHECKS[1:] if route == ("GET", "/readyz") else CHECKS
        case.validate_response(response, checks=checks)
        if response.status_code >= 400 and case.method.upper() != "HEAD":
            assert response.headers["content-type"][0] == "application/problem+json"

    each()


def test_acts_in_order_are_written_once_and_shown(platform: Platform) -> None:
    before = platform.count("acts")
    for path, body in BODIES.items():
        key = {"Idempotency-Key": os.urandom(8).hex()}
        first = platform.ask("POST", path, body=body, **key)
        assert first.status_code == 202, (path, first.text)
        shown = platform.ask("GET", first.headers["Location"], "reader").json()
        assert shown["act_id"] == first.json()["act_id"]
        again = platform.ask("POST", path, body=body, **key)
        assert (again.json()["act_id"], again.headers["Idempotent-Replay"]) == (shown["act_id"], "true")
        if path != "/v1/usage-tokens":  # every token has a name of its own
            twice = platform.ask("POST", path, body=body)
            assert (twice.status_code, twice.json()["code"]) == (409, "platform_act_exists")
    assert platform.count("acts") == before + len(BODIES)
    pages, cursor = [], ""
    while True:
        page = platform.ask("GET", f"/v1/acts?limit=2{cursor}", "reader").json()
        pages += [one["act_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(set(pages)) == len(pages) == platform.count("acts")
    status = platform.ask("GET", "/v1/status", "reader").json()
    assert status["acts_waiting"]["count"] >= 4 and not status["reads_chain"]


def test_repeat_is_answered_as_the_first_one_was_though_the_act_went_on(platform: Platform) -> None:
    key = {"Idempotency-Key": os.urandom(8).hex()}
    first = platform.ask("POST", "/v1/usage-tokens", body=BODIES["/v1/usage-tokens"], **key)
    act_id = first.json()["act_id"]
    with platform.container.engine.begin() as connection:
        went_on = text("UPDATE acts SET attempts = 3, last_error = 'no answer' WHERE act_id = :act_id")
        assert connection.execute(went_on, {"act_id": act_id}).rowcount == 1
    again = platform.ask("POST", "/v1/usage-tokens", body=BODIES["/v1/usage-tokens"], **key)
    assert (again.status_code, again.content, again.headers["Location"]) == (
        first.status_code,
        first.content,
        first.headers["Location"],
    )
    assert again.headers["Idempotent-Replay"] == "true"
    assert platform.ask("GET", first.headers["Location"], "reader").json()["attempts"] == 3
    with platform.container.engine.begin() as connection:  # as it was written before answers were kept
        connection.execute(text("UPDATE kept_answers SET answer = NULL WHERE act_id = :act_id"), {"act_id": act_id})
    assert platform.ask("POST", "/v1/usage-tokens", body=BODIES["/v1/usage-tokens"], **key).json()["attempts"] == 3


def test_differences_are_filtered_by_cause_owner_kind_and_phase(platform: Platform) -> None:
    def listed(query: str) -> set[tuple[str, str]]:
        items = platform.ask("GET", f"/v1/differences?{query}", "reader").json()["items"]
        return {(one["object_id"], one["cause"]) for one in items}

    altered, gone = ("app-9", "content_differs"), ("ord-1", "missing_there")
    assert {altered, gone} <= listed("phase=differing")
    assert listed("cause=content_differs") == {altered}
    assert listed("kind=order") == {gone}
    assert {altered, gone} <= listed("owner=trading_platform") and not {altered, gone} & listed(
        "owner=authorisation_platform"
    )
    assert listed("phase=under_way") == set()


def test_copy_shows_what_was_seen_first_and_what_differs(platform: Platform) -> None:
    copy = platform.ask("GET", "/v1/copies/application/app-9", "reader").json()
    assert copy["document"]["content"] == {"a": 1}
    assert [one["cause"] for one in copy["differences"]] == ["content_differs"]
    assert platform.ask("GET", "/v1/copies/order/nobody", "reader").status_code == 404


def test_silence_of_the_trading_platform_is_said_and_reading_goes_on(postgres_url: str, tmp_path: Path) -> None:
    container = build(postgres_url, tmp_path)
    with serving(container) as url:
        platform = Platform(url, dict(container.keys.api_keys), container)
        deadline = time.monotonic() + 60
        while True:
            status = platform.ask("GET", "/v1/status", "reader").json()
            if all(kind["failure"] for kind in status["kinds"]):
                break
            assert time.monotonic() < deadline, status
            time.sleep(0.1)
        assert platform.ask("GET", "/readyz", None).status_code == 200


def test_database_of_another_body_is_refused(platform: Platform, tmp_path: Path) -> None:
    container = platform.container
    other = PlatformContainer(container.settings.model_copy(update={"subject_code": OTHER}), container.keys)
    with pytest.raises(IntegrityError):
        other.claim()
    other.engine.dispose()


def test_node_without_a_manifest_is_refused(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        build(postgres_url, tmp_path, rpc_url="http://127.0.0.1:8545")
