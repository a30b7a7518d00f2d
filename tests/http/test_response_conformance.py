"""Answers of success are those of the OpenAPI document: every route that reads, over objects that are there, by whoever may see them.

What writes is held to the document by its recorded examples (``test_openapi_examples``), refusals by requests at random (``test_openapi_attacks``).
"""

from typing import Any

import pytest
import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.openapi_document import kept_document
from support.two_tenants import PARAMS, TwoTenants

from api.roles import MATRIX
from ledger.domain.catalog_dcat import product_urn

CHECKS = (
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
CALLERS = ("operator", "regulator", "auditor", "provider", "bank", "first bank", "trading", "first office")
TILES = "/log/tile/{path}"
"""Octets, and not of these tenants; ``test_public_tiles_client`` reads them with a client that is not ours."""

MAY_BE_503 = {"/readyz"}

schema = schemathesis.openapi.from_dict(kept_document())
READS = {
    operation.path: operation for result in schema.get_all_operations() if (operation := result.ok()).method == "get"
}


def values_for(tenants: TwoTenants, names: dict[str, str], path: str) -> dict[str, str]:
    known = names | {"dataset_id": product_urn(tenants.offered)}
    return {name: known[name] for name in known if "{" + name + "}" in path}


def call(tenants: TwoTenants, path: str, names: dict[str, str], who: str | None) -> Any:
    operation = READS[path]
    case = operation.Case(path_parameters=values_for(tenants, names, path), query=dict(PARAMS.get(path, {})))
    headers = {} if who is None else {"Authorization": f"Bearer {tenants.keys[who]}"}
    return case, case.call(base_url=tenants.service.url, headers=headers)


@pytest.mark.parametrize("path", [path for path in READS if path != TILES])
def test_answer_of_a_read_is_as_documented(tenants: TwoTenants, path: str) -> None:
    succeeded = 0
    for who in CALLERS if MATRIX["GET", path] else (None,):
        for names in tenants.objects if "{product_code}" in path else tenants.objects[:1]:
            case, response = call(tenants, path, names, who)
            case.validate_response(response, checks=CHECKS)
            if response.status_code < 400:
                succeeded += 1
                documented = READS[path].definition.raw["responses"]
                assert str(response.status_code) in documented, "not by the default answer"

    assert succeeded or path in MAY_BE_503, "nobody was answered"
