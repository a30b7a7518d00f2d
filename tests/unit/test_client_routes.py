"""The client library against the OpenAPI document: every route has its function, and no function asks for what is not there."""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, get_type_hints
from urllib.parse import unquote

import pytest
from support.openapi_document import kept_document

from ledger.client import (
    accounts,
    acts,
    agreement_life,
    agreements,
    applications,
    authorisations,
    catalog,
    connector_credentials,
    contract_interfaces,
    demands,
    disputes,
    evidence,
    negotiations,
    orders,
    participant_acts,
    participants,
    policies,
    product_steps,
    products,
    usage_tokens,
)
from ledger.client.calls import Call
from ledger.client.catalog import Question

MODULES = (
    accounts,
    acts,
    applications,
    authorisations,
    agreements,
    catalog,
    connector_credentials,
    agreement_life,
    agreements,
    catalog,
    contract_interfaces,
    demands,
    disputes,
    evidence,
    negotiations,
    orders,
    participant_acts,
    participants,
    policies,
    product_steps,
    products,
    usage_tokens,
)
DOCUMENT = kept_document()
Route = tuple[str, str]
WHOLE = {"k": "v"}
"""What a caller hands over as it is."""

VALUES: tuple[tuple[str, Any], ...] = (
    ("tuple[", ("case", "x")),
    ("collections.abc.Mapping", WHOLE),
    ("collections.abc.Sequence[collections.abc.Mapping", [WHOLE]),
    ("collections.abc.Sequence", ["x"]),
    ("<class 'bool'", True),
    ("<class 'int'", 7),
    ("<class 'bytes'", json.dumps(WHOLE).encode()),
    ("int", 7),
)
"""By the beginning of the annotation."""


def operations() -> dict[Route, Mapping[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def functions(module: ModuleType) -> Iterator[Callable[..., Call[Any]]]:
    for name, found in inspect.getmembers(module, inspect.isfunction):
        if found.__module__ == module.__name__ and not name.startswith("_") and not name.endswith("_path"):
            yield found


def made(function: Callable[..., Call[Any]], *, full: bool) -> Call[Any]:
    """The call with a value for every argument, or for those alone that have no default; texts name their parameter in braces."""
    hints, arguments = get_type_hints(function), {}
    for name, parameter in inspect.signature(function).parameters.items():
        if full or parameter.default is inspect.Parameter.empty:
            arguments[name] = value_for(name, str(hints[name]), hints[name])
    return function(**arguments)


def value_for(name: str, hint: str, kind: Any) -> Any:
    if name == "under_dsp":  # a route of its own, see the test below
        return False
    if kind is Question:
        lists = ("topic", "scene", "delivery_form", "source", "frequency", "security_level", "quality", "price_kind")
        several = {name: ["a", "b"] for name in (*lists, "provider_code")}
        texts = {"text": "x", "currency": "CNY", "modified_from": "m", "modified_to": "m"}
        return Question(**several, **texts, public_data=True, price_from=1, price_to=2)  # type: ignore[arg-type]
    return next((value for start, value in VALUES if hint.startswith(start)), f"{{{name}}}")


def route_of(call: Call[Any]) -> Route:
    """The route of the document that the call's path fits."""
    path = unquote(call.path)
    for method, template in operations():
        filled = template.replace("{version}", "7").replace("{number}", "7").replace("{leaf_index}", "7")
        if method == call.method and path in (template, filled):
            return method, template
    raise AssertionError(f"no route for {call.method} {path}")


ALL = [
    pytest.param(function, id=f"{module.__name__}.{function.__name__}")
    for module in MODULES
    for function in functions(module)
]


def test_every_route_has_its_function() -> None:
    found = {route_of(made(function, full=True)) for module in MODULES for function in functions(module)}
    found.add(route_of(catalog.get_dsp_versions(under_dsp=True)))
    assert found == set(operations())


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("full", [True, False], ids=["full", "least"])
def test_call_sends_what_its_route_takes(function: Callable[..., Call[Any]], full: bool) -> None:
    call = made(function, full=full)
    operation = operations()[route_of(call)]
    parameters = operation.get("parameters", [])
    known = {one["name"] for one in parameters if one["in"] == "query"}
    assert {name for name, _ in call.query} <= known
    if full:
        assert {name for name, _ in call.query} == known - {"openings"}
    headers = [one for one in parameters if one["in"] == "header"]
    needed = {one["name"] for one in headers if one.get("required") or (full and one["name"] == "If-Match")}
    given = {name for name, value in call.headers.items() if value} - {"Content-Type"}
    assert given == needed
    assert (call.body is None) == ("requestBody" not in operation)
    if call.body is not None and call.headers["Content-Type"] == "application/json":
        check_members(json.loads(call.body), operation, full=full)


def check_members(sent: Mapping[str, Any], operation: Mapping[str, Any], *, full: bool) -> None:
    """The names of the members; what a caller hands over whole is the placeholder."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if sent == WHOLE or not schema.get("properties"):
        assert sent in (WHOLE, {})
        return
    assert set(schema.get("required", ())) <= set(sent) <= set(schema["properties"])
    if full:
        assert set(sent) == set(schema["properties"])


def test_write_keeps_the_key_that_the_caller_names() -> None:
    for module in MODULES:
        for function in functions(module):
            if "idempotency_key" in inspect.signature(function).parameters:
                assert made(function, full=True).headers["Idempotency-Key"] == "{idempotency_key}", function


def test_name_with_signs_of_a_path_stays_one_segment() -> None:
    assert re.fullmatch(r"/v1/products/[^/]+", products.get_product("6A•old/1").path)
    assert evidence.get_tile("entries/000.p/5").path == "/log/tile/entries/000.p/5"
