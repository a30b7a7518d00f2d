"""The OpenAPI document is committed as served, complete, and holds under hostile requests made from it."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.a_service import Service

from api.app import build_app_without_parts
from api.dsp_errors import PREFIX
from api.roles import MATRIX

DOCUMENT = Path(__file__).resolve().parents[2] / "api" / "openapi.json"

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

schema = schemathesis.openapi.from_dict(build_app_without_parts().openapi())


def test_committed_document_is_the_served_one(service: Service) -> None:
    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == service.client.get("/openapi.json").json()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    return [
        (method.upper(), path, operation) for path, methods in paths.items() for method, operation in methods.items()
    ]


def test_every_operation_has_a_summary_a_problem_and_its_security() -> None:
    for method, path, operation in operations():
        row = next(roles for (m, p), roles in MATRIX.items() if (m, p.replace(":path}", "}")) == (method, path))
        assert operation["summary"]
        refusal = "CatalogError" if path.startswith(PREFIX) else "Problem"
        assert operation["responses"]["default"] == {"$ref": f"#/components/responses/{refusal}"}
        assert ("security" in operation) == bool(row), path
        assert "422" not in operation["responses"]


def _route(operation: Any) -> tuple[str, str]:
    """As the matrix has it."""
    return operation.method.upper(), operation.path.replace("{path}", "{path:path}")


@pytest.mark.parametrize("role", ["operator", None])
def test_hostile_requests_from_the_document_are_answered_as_it_says(service: Service, role: str | None) -> None:
    headers = service.auth(role) if role else {}
    answered: dict[str, set[int]] = {}

    for operation in schema.get_all_operations():
        is_let_in = role is not None or not MATRIX[_route(operation.ok())]

        @settings(
            max_examples=10 if is_let_in else 2,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @given(case=operation.ok().as_strategy())
        def attack(case: Any) -> None:
            if case.path == "/readyz":
                return  # says 503 by design
            response = case.call(base_url=service.url, headers=headers | {"Prefer": "respond-async"})
            case.validate_response(response, checks=CHECKS)
            answered.setdefault(case.path, set()).add(response.status_code)
            documented = case.operation.definition.raw["responses"]
            assert response.status_code >= 400 or str(response.status_code) in documented, "not by the default answer"
            if response.status_code >= 400 and case.method.upper() != "HEAD":
                refusal = "application/json" if case.path.startswith(PREFIX) else "application/problem+json"
                assert response.headers["content-type"][0] == refusal

        attack()
    assert len(answered) >= 9, "every operation was attacked"
