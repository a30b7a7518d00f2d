"""The OpenAPI document is committed as served, and complete; ``test_openapi_attacks`` holds the service to it."""

import json
from pathlib import Path
from typing import Any

from support.a_service import Service

from api.dsp_errors import NEGOTIATIONS, PREFIX
from api.life_roles import INTERFACES
from api.roles import MATRIX

DOCUMENT = Path(__file__).resolve().parents[2] / "api" / "openapi.json"


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
        refusal = "ContractNegotiationError" if path.startswith(NEGOTIATIONS) else refusal
        refusal = "ContractFailure" if path in INTERFACES else refusal
        assert operation["responses"]["default"] == {"$ref": f"#/components/responses/{refusal}"}
        assert ("security" in operation) == bool(row), path
        assert "422" not in operation["responses"]
