"""Every route with every role and every account level, by API key and by token, against the written matrix (``api/ROUTES.md``)."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.a_service import JSON, Service, running_service
from support.embedded import DatabaseFactory
from support.oidc_issuer import AUDIENCE, Issuer, SigningKey, claims_of, running_issuer
from support.route_matrix import BODY, Row, nothing_at, written_matrix

from api.app import create_app, served_routes
from api.life_roles import INTERFACES
from api.roles import ACCOUNT_MANAGEMENT, MATRIX, READING_POSTS
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.domain.roles import ADMIN, APPLICANT, HANDLER, LEVELS, ORDINARY, ROLES
from ledger.services.accounts import WantedAccount

PAGE = written_matrix()
REQUEST_PATHS = {"/log/tile/{path:path}": "/log/tile/0/000"}
SIGNATURE = {"place": 0, "key": "0x" + "11" * 20, "deadline": 1_900_000_000, "signature": "0x" + "22" * 65}
REFUSALS = {"unauthenticated", "forbidden", "invalid_request_signature"}


@dataclass(frozen=True)
class World:
    """A service that trusts an issuer, and an account for every role and level."""

    service: Service
    issuer: Issuer

    def token(self, subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.keys[0].token(claims_of(self.issuer.url, subject))}"}


@pytest.fixture(scope="module")
def world(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    databases = DatabaseFactory(postgres_server)
    folder: Path = tmp_path_factory.mktemp("matrix")
    with running_issuer(["unused"], [SigningKey.generate("k1", "ES256"), SigningKey.generate("k2")]) as issuer:
        trusted = [{"issuer": issuer.url, "audience": AUDIENCE}]
        with running_service(databases(template=migrated_template), folder, oidc_issuers=trusted) as service:
            with service.log.engine.begin() as connection:
                accounts = SqlAccounts(connection, service.log.preparer)
                for role in ROLES:
                    for level in LEVELS:
                        body = BODY if role in ORDINARY else None
                        accounts.add(WantedAccount(body, issuer.url, f"{role} {level}", level, (role,)), "key:test")
            yield World(service, issuer)
    databases.close()


def ask(service: Service, row: Row, headers: dict[str, str]) -> tuple[int, str | None]:
    """Status and problem code of a request on this route that is otherwise in order, or names nothing that is there."""
    content = None
    params: dict[str, str] = {}
    path = nothing_at(row.path)
    if (row.method, row.path) == ("POST", "/v1/events"):
        event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:matrix", "type": "org.test.v1"}
        content, headers = json.dumps(event), headers | JSON
    elif row.method != "GET":
        content = json.dumps(SIGNATURE) if row.path.endswith("/signatures") else "{}"
        headers = headers | {"Content-Type": "application/json", "Idempotency-Key": os.urandom(8).hex()}
    elif row.path in {"/v1/events", "/v1/events/proof"}:
        params = {"source": "urn:test:office", "id": "not there"}
    elif row.path.endswith("/typed-data"):
        params = {"place": "0", "deadline": "1900000000"}
    answer = service.client.request(
        row.method, REQUEST_PATHS.get(path, path), content=content, params=params, headers=headers
    )
    is_dsp_error = "CatalogError" in answer.text or "ContractNegotiationError" in answer.text
    is_flag = row.path in INTERFACES and answer.status_code >= 400
    is_problem = answer.headers["content-type"] == "application/problem+json" or is_dsp_error or is_flag
    return answer.status_code, answer.json()["code"] if is_problem else None


def assert_by_the_page(row: Row, answered: tuple[int, str | None], *, let_in: bool, refusal: str = "forbidden") -> None:
    status, code = answered
    assert status < 500 or row.path == "/readyz", (row, answered)
    if let_in:
        assert code not in REFUSALS, (row, answered)
    else:
        assert code == refusal, (row, answered)


def test_page_is_the_code_and_the_code_is_what_is_served(service: Service) -> None:
    paths = create_app(service.container).openapi()["paths"]
    documented = {(method.upper(), path) for path, methods in paths.items() for method in methods}

    assert {(row.method, row.path): row.roles for row in PAGE} == MATRIX
    assert {(row.method, row.path) for row in PAGE if row.level == "admin"} == ACCOUNT_MANAGEMENT
    reading = [row for row in PAGE if row.method == "GET" or (row.method, row.path) in READING_POSTS]
    assert {row.level for row in reading if not row.is_public} == {"viewer"}
    assert {row.level for row in PAGE if not row.is_public and row not in reading} == {"handler", "admin"}
    assert len(PAGE) == len(MATRIX)
    assert sorted(served_routes()) == sorted(MATRIX)
    assert documented == {(method, path.replace(":path}", "}")) for method, path in MATRIX}


@pytest.mark.parametrize("role", ROLES)
def test_key_of_a_role_is_let_in_exactly_by_the_page(service: Service, role: str) -> None:
    for row in PAGE:
        assert_by_the_page(row, ask(service, row, service.auth(role)), let_in=row.lets_in(role, "admin"))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("role", ROLES)
def test_token_of_a_role_and_level_is_let_in_exactly_by_the_page(world: World, role: str, level: str) -> None:
    """Routes that the role is for: the level decides between these."""
    headers = world.token(f"{role} {level}")
    for row in (row for row in PAGE if role in row.roles):
        needs_key = (row.method, row.path) == ("POST", "/v1/events")
        assert_by_the_page(row, ask(world.service, row, headers), let_in=row.lets_in(role, level) and not needs_key)


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_token_of_a_role_at_its_highest_level_is_let_in_nowhere_else(world: World, role: str) -> None:
    headers = world.token(f"{role} {ADMIN}")
    for row in (row for row in PAGE if role not in row.roles):
        assert_by_the_page(row, ask(world.service, row, headers), let_in=row.lets_in(role, ADMIN))


def test_token_without_an_account_is_an_applicant(world: World) -> None:
    headers = world.token("somebody new")
    for row in PAGE:
        assert_by_the_page(row, ask(world.service, row, headers), let_in=row.lets_in(APPLICANT, HANDLER))


def test_no_credential_is_let_in_exactly_where_the_page_says_anyone(service: Service) -> None:
    for row in PAGE:
        assert_by_the_page(row, ask(service, row, {}), let_in=row.is_public, refusal="unauthenticated")


def test_unknown_credentials_are_let_in_nowhere_else_either(service: Service, world: World) -> None:
    stranger = SigningKey.generate("k1", "ES256").token(claims_of(world.issuer.url, "operator admin"))
    unknown: list[dict[str, Any]] = [{"X-API-Key": f"clk_operator_{'0' * 64}"}, {"Authorization": f"Bearer {stranger}"}]
    for row in PAGE:
        for headers in unknown:
            answered = ask(world.service, row, headers)
            assert_by_the_page(row, answered, let_in=row.is_public, refusal="unauthenticated")
