"""The Dataspace Protocol bindings beyond what its TCK asks (scripts/dsp_tck.sh): pages, refusals in its form, who may ask."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import httpx
import pytest
from support.a_service import Service, running_service
from support.catalog_entries import an_entry, generated_entries, product_code
from support.embedded import DatabaseFactory

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import catalog_index
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.catalog_dsp import CONTEXT_URL

REQUEST_PATH = "/dsp/2025-1/catalog/request"
MESSAGE = {"@context": [CONTEXT_URL], "@type": "CatalogRequestMessage"}
ENTRIES = [*generated_entries(250), an_entry(900, state="frozen")]


@pytest.fixture(scope="module")
def catalog(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    factory = DatabaseFactory(postgres_server)
    folder = tmp_path_factory.mktemp("dsp")
    url = "https://space.example/ledger"
    with running_service(factory(template=migrated_template), folder, public_url=url) as running:
        with running.log.engine.begin() as connection:
            for entry in ENTRIES:
                catalog_index.put(connection, entry)
        yield running
    factory.close()


def ask(catalog: Service, path: str = REQUEST_PATH, message: Any = MESSAGE, **headers: str) -> httpx.Response:
    content = message if isinstance(message, str | bytes) else json.dumps(message)
    headers = catalog.auth("auditor") | {"Content-Type": "application/json"} | headers
    return catalog.client.post(path, content=content, headers=headers)


def is_error(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    error = answer.json()
    assert (error["@context"], error["@type"], error["code"]) == ([CONTEXT_URL], "CatalogError", code)
    assert error["reason"] and all(isinstance(reason, str) for reason in error["reason"])


def test_pages_lead_forth_and_back_over_everything_on_offer(catalog: Service) -> None:
    pages, path = list[list[str]](), REQUEST_PATH
    links: dict[str, Any] = {}
    while path:
        answer = ask(catalog, path)
        assert answer.status_code == 200, answer.text
        pages.append([dataset["@id"] for dataset in answer.json()["dataset"]])
        links = answer.links
        assert ("previous" in links) == (len(pages) > 1)
        path = links["next"]["url"].removeprefix("https://space.example/ledger") if "next" in links else ""
    newest = sorted(ENTRIES[:-1], key=lambda entry: entry.modified, reverse=True)
    assert [code for page in pages for code in page] == [product_urn(entry.product_code) for entry in newest]
    for page in reversed(pages[:-1]):
        answer = ask(catalog, links["previous"]["url"].removeprefix("https://space.example/ledger"))
        assert [dataset["@id"] for dataset in answer.json()["dataset"]] == page
        links = answer.links
    assert "previous" not in links


def test_catalog_names_its_service_and_participant(catalog: Service) -> None:
    message = ask(catalog).json()
    origin = catalog.log.preparer.identity.origin
    assert message["participantId"] == "urn:cityledger:space:" + origin.rpartition("/")[0]
    service = message["service"][0]
    assert service["endpointURL"] == "https://space.example/ledger/dsp/2025-1"
    assert message["dataset"][0]["distribution"][0]["accessService"] == service


def test_dataset_is_answered_by_its_name_only_while_it_is_on_offer(catalog: Service) -> None:
    path = "/dsp/2025-1/catalog/datasets/"
    for name in (product_urn(product_code(7)), quote(product_urn(product_code(7)), safe="")):
        answer = catalog.get(path + name, role="auditor")
        assert (answer.status_code, answer.json()["@id"]) == (200, product_urn(product_code(7)))
    for name in (product_urn(product_code(900)), product_urn(product_code(901)), product_code(7), "%00", "x" * 500):
        is_error(catalog.get(path + name, role="auditor"), 404, "not_found")


def test_versions_lead_to_the_endpoints_from_either_root_without_a_key(catalog: Service) -> None:
    for root in ("", "/dsp"):
        (version,) = catalog.client.get(f"{root}/.well-known/dspace-version").json()["protocolVersions"]
        assert (version["version"], version["binding"]) == ("2025-1", "HTTPS")
        assert ask(catalog, f"{root}{version['path']}/catalog/request").status_code == 200


@pytest.mark.parametrize(
    ("message", "headers", "status", "code"),
    [
        (MESSAGE | {"filter": [{"title": "x"}]}, {}, 400, "invalid_catalog_request"),
        (MESSAGE | {"@type": "Other"}, {}, 400, "invalid_catalog_request"),
        ('{"@type":', {}, 400, "malformed_json"),
        ('{"@type": "a", "@type": "b"}', {}, 400, "duplicate_key"),
        (b"x", {"Content-Encoding": "gzip"}, 400, "malformed_gzip"),
        (b" " * 70_000, {}, 413, "too_large"),
        (MESSAGE, {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (MESSAGE, {"Authorization": "Bearer clk_wrong"}, 401, "unauthenticated"),
    ],
)
def test_refusals_are_catalog_errors(
    catalog: Service, message: Any, headers: dict[str, str], status: int, code: str
) -> None:
    is_error(ask(catalog, REQUEST_PATH, message, **headers), status, code)


FIRST_REQUEST = {
    "@context": [CONTEXT_URL],
    "@type": "ContractRequestMessage",
    "consumerPid": "urn:uuid:consumer",
    "offer": {"@type": "Offer", "@id": "urn:o", "target": "urn:d", "permission": [{"action": "use"}]},
    "callbackAddress": "https://connector.example/dsp",
}


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({}, 403, "forbidden"),  # this key is of no body
        ({"callbackAddress": "https://10.0.0.1/dsp"}, 400, "invalid_callback_address"),
        ({"callbackAddress": "http://connector.example/dsp"}, 400, "invalid_callback_address"),
        ({"@type": "Other"}, 400, "invalid_negotiation_message"),
        ({"consumerPid": "a\u0000"}, 400, "invalid_negotiation_message"),
        ({"x": "a\u0000"}, 400, "invalid_negotiation_message"),
    ],
)
def test_refusals_of_negotiations_are_their_errors(
    catalog: Service, members: dict[str, Any], status: int, code: str
) -> None:
    headers = catalog.auth("consumer") | {"Content-Type": "application/json"}
    answer = catalog.client.post("/dsp/2025-1/negotiations/request", json=FIRST_REQUEST | members, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    error = answer.json()
    is_read = status == 403 or "10.0.0.1" in str(members) or "x" in members
    pid = "urn:uuid:consumer" if is_read else "unknown"
    assert (error["@type"], error["code"]) == ("ContractNegotiationError", code)
    assert (error["providerPid"], error["consumerPid"]) == ("unknown", pid)


def test_refusals_of_the_framework_and_failures_are_catalog_errors_too(catalog: Service) -> None:
    is_error(ask(catalog, REQUEST_PATH + "?continuationToken=AAAA"), 400, "invalid_input")
    is_error(ask(catalog, REQUEST_PATH + "?page=2"), 400, "invalid_input")
    is_error(catalog.get(REQUEST_PATH), 405, "method_not_allowed")
    is_error(catalog.get("/dsp/2025-1/catalog/nothing"), 404, "not_found")
    stranger = catalog.client.post(REQUEST_PATH, json=MESSAGE)
    is_error(stranger, 401, "unauthenticated")
    assert stranger.headers["www-authenticate"].startswith("Bearer")
    with patch("api.routers.dsp.catalog_message", side_effect=RuntimeError("nothing of this is shown")):
        failed = ask(catalog)
    is_error(failed, 500, "internal_error")
    assert "nothing of this" not in failed.text
