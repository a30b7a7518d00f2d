"""The role matrix on every route: who gets in, who is refused, and no route outside of it."""

import json
import os

import pytest
from support.a_service import JSON, Service

from api.app import create_app, served_routes
from api.roles import MATRIX, ROLES
from ledger.adapters.sql import api_keys
from ledger.domain.catalog_dsp import CONTEXT_URL

REQUEST_PATHS = {
    "/log/tile/{path:path}": "/log/tile/0/000",
    "/v1/catalog/{product_code}": "/v1/catalog/unknown",
    "/dsp/2025-1/catalog/datasets/{dataset_id}": "/dsp/2025-1/catalog/datasets/unknown",
}
CASES = [(method, path, role) for method, path in MATRIX for role in ROLES]


def request(service: Service, method: str, path: str, headers: dict[str, str]) -> int:
    content = None
    params: dict[str, str] = {}
    if (method, path) == ("POST", "/v1/events"):
        content = json.dumps(
            {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:matrix", "type": "org.test.v1"}
        )
        headers = headers | JSON
    elif path == "/dsp/2025-1/catalog/request":
        content = json.dumps({"@context": [CONTEXT_URL], "@type": "CatalogRequestMessage"})
        headers = headers | {"Content-Type": "application/json"}
    elif method == "POST":
        content = "{}"
        headers = headers | {"Content-Type": "application/json"}
    elif path in {"/v1/events", "/v1/events/proof"}:
        params = {"source": "urn:test:office", "id": "not there"}
    return service.client.request(
        method, REQUEST_PATHS.get(path, path), content=content, params=params, headers=headers
    ).status_code


def test_every_route_has_a_row_and_every_row_a_route(service: Service) -> None:
    paths = create_app(service.container).openapi()["paths"]
    documented = {(method.upper(), path) for path, methods in paths.items() for method in methods}

    assert sorted(served_routes()) == sorted(MATRIX)
    assert documented == {(method, path.replace(":path}", "}")) for method, path in MATRIX}


def test_roles_of_the_matrix_are_those_of_the_keys() -> None:
    assert ROLES == api_keys.ROLES


@pytest.mark.parametrize(("method", "path", "role"), CASES)
def test_role_on_route_is_let_in_exactly_by_the_matrix(service: Service, method: str, path: str, role: str) -> None:
    status = request(service, method, path, service.auth(role))

    allowed = MATRIX[method, path]
    if allowed and role not in allowed:
        assert status == 403
    else:
        assert status in {200, 201, 404}, "let in: answered, or not found"


@pytest.mark.parametrize(("method", "path"), list(MATRIX))
def test_no_key_is_let_in_exactly_where_it_is_public(service: Service, method: str, path: str) -> None:
    status = request(service, method, path, {})

    assert (status == 401) == bool(MATRIX[method, path])
    assert status in {200, 401, 404}
