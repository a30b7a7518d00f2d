"""A running API that trusts a running issuer, and what tests ask of its accounts."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from support.a_service import Service, running_service
from support.oidc_issuer import AUDIENCE, Issuer, SigningKey, claims_of, running_issuer

from ledger.adapters.sql.outbox import SealedBody
from ledger.log.event import parse_event

BODY, OTHER = "91110000000000000E", "91110000000000002L"
ACCESS = "org.cityledger.access."


@dataclass
class Desk:
    """A service that trusts an issuer; the operator's key grants."""

    service: Service
    issuer: Issuer

    def headers(self, subject: str, **claims: Any) -> dict[str, str]:
        token = self.issuer.keys[0].token(claims_of(self.issuer.url, subject, **claims))
        return {"Authorization": f"Bearer {token}"}

    def grant(self, subject: str, *, by: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        wanted = {"participant": BODY, "issuer": self.issuer.url, "subject": subject, "level": "handler"}
        return self.write("/v1/accounts", by, wanted | {"roles": ["provider"]} | members)

    def account(self, subject: str, **members: Any) -> str:
        answer = self.grant(subject, **members)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["account_id"])

    def withdraw(self, account_id: str, by: dict[str, str] | None = None) -> httpx.Response:
        return self.write(f"/v1/accounts/{account_id}/withdrawal", by, {})

    def write(self, path: str, by: dict[str, str] | None, body: dict[str, Any]) -> httpx.Response:
        headers = by or self.service.auth("operator")
        key = {"Idempotency-Key": os.urandom(8).hex(), "Content-Type": "application/json"}
        return self.service.client.post(path, content=json.dumps(body), headers=headers | key)

    def me(self, headers: dict[str, str]) -> httpx.Response:
        return self.service.client.get("/v1/me", headers=headers)

    def access_events(self, account: str | None) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of the evidence about an account, or nobody's, oldest first; read from the outbox and from the log."""
        log = self.service.log
        query = text(
            "SELECT o.number, o.identity, o.sealed_event, o.sealed_month AS month, o.sealed_generation AS generation, "
            "e.sealed_body, e.sealed_month, e.sealed_generation FROM outbox o LEFT JOIN entries e USING (leaf_index) "
            "ORDER BY number"
        )
        found = []
        with log.engine.connect() as connection:
            for row in connection.execute(query):
                if row.sealed_event is not None:
                    sealed = SealedBody(row.month, row.generation, row.sealed_event)
                    value = parse_event(log.preparer.sealer.unseal(row.identity, sealed)).value
                else:
                    sealed = SealedBody(row.sealed_month, row.sealed_generation, row.sealed_body)
                    value = json.loads(log.preparer.sealer.unseal(row.identity, sealed)[32:])["event"]
                if value["type"].startswith(ACCESS) and value["data"].get("account_id", "") == account:
                    found.append((value["type"].removeprefix(ACCESS).removesuffix(".v1"), value["data"]))
        return found

    def kinds(self, account: str) -> list[str]:
        return [kind for kind, _ in self.access_events(account)]


@contextmanager
def running_desk(database_url: str, folder: Path, **overrides: Any) -> Iterator[Desk]:
    """Both over a migrated, empty database; ``overrides`` are settings."""
    with running_issuer(["office"], [SigningKey.generate("k1", "ES256"), SigningKey.generate("k2")]) as issuer:
        trusted = [{"issuer": issuer.url, "audience": AUDIENCE}]
        with running_service(database_url, folder, **({"oidc_issuers": trusted} | overrides)) as service:
            yield Desk(service, issuer)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
