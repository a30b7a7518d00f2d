"""The API over an encrypted link: a proxy ends TLS, the service behind it listens on loopback and names itself by https."""

import json
import os
import ssl
from collections.abc import Iterator

import httpx
import pytest
from support.a_service import JSON, Service
from support.catalog_entries import an_entry, product_code
from support.tls_link import TlsLink, tls_link

from ledger.adapters.settings import Settings
from ledger.adapters.sql import catalog_index

NUMBER = 5711


@pytest.fixture(scope="module")
def link(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsLink]:
    with service.log.engine.begin() as connection:
        catalog_index.put(connection, an_entry(NUMBER))
    with tls_link(service.url, tmp_path_factory.mktemp("tls")) as made:
        yield made


def test_event_goes_in_and_its_proof_comes_out_over_tls(service: Service, link: TlsLink) -> None:
    event = {"specversion": "1.0", "id": os.urandom(8).hex(), "source": "urn:test:tls", "type": "org.test.v1"}
    with httpx.Client(base_url=link.url, verify=link.trusting(), timeout=30) as client:
        sent = client.post("/v1/events", content=json.dumps(event), headers=service.auth() | JSON)
        service.publisher.step()
        named = {"source": event["source"], "id": event["id"]}
        proof = client.get("/v1/events/proof", params=named, headers=service.auth())

    assert (sent.status_code, proof.status_code) == (201, 200), (sent.text, proof.text)


def test_catalog_names_the_encrypted_address(service: Service, link: TlsLink) -> None:
    with httpx.Client(base_url=link.url, verify=link.trusting(), timeout=30) as client:
        answer = client.get(f"/v1/catalog/{product_code(NUMBER)}", headers=service.auth("auditor")).json()

    assert answer["distribution"][0]["accessURL"].startswith(link.url)


def test_link_is_refused_without_tls_and_with_an_unknown_certificate(link: TlsLink) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{link.url}/livez", verify=ssl.create_default_context(), timeout=30)
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{link.url.replace('https', 'http')}/livez", timeout=30)


def test_service_behind_the_link_listens_on_loopback_unless_told_otherwise() -> None:
    assert Settings.model_fields["host"].default == "127.0.0.1"
