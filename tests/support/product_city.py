"""A city that trades in data, as ``cityledger up`` starts it: the bodies of the installation, and a provider that is admitted to it.

Signatures are made by a tool that knows EIP-712 and nothing of this project; every body sends its own.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from eth_account.messages import encode_typed_data
from support.live_service import LiveService
from support.participant_service import application_body
from support.participants import BANK_CODE, address_of, key_of, report

from ledger.domain.records import to_json

WAIT_S = 120.0
PROVIDER = BANK_CODE
SIGNERS = ("operator", "regulator", "trading_platform", "authorisation_platform", "price_authority")
REASONS = {"reasons": "as the papers say"}


@dataclass
class ProductCity:
    """The service as its bodies use it. ``keys``: body -> API key; the provider's comes with its admission."""

    service: LiveService
    keys: dict[str, str] = field(default_factory=dict)
    private_keys: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.service.connection["api_url"], timeout=60)
        self.keys |= self.service.connection["api_keys"]
        for role in SIGNERS:
            name = f"{role.replace('_', '-')}-business.key"
            key = bytes.fromhex((self.service.folder / "keys" / "bodies" / name).read_text())
            self.private_keys[Account.from_key(key).address.lower()] = key
        for purpose in ("business", "finance"):
            self.private_keys[address_of(f"{PROVIDER} {purpose}")] = key_of(f"{PROVIDER} {purpose}").secret

    def code_of(self, who: str) -> str:
        """Subject code of the body on whose behalf this key acts."""
        return str(self.get("/v1/me", who)["participant"])

    def get(self, path: str, who: str, **params: Any) -> dict[str, Any]:
        answer = self.client.get(path, headers=self._auth(who), params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, who: str, body: Any, **headers: str) -> dict[str, Any]:
        headers |= self._auth(who) | {"Idempotency-Key": os.urandom(8).hex()}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait(self, is_so: Callable[[], bool], what: Callable[[], Any]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, what()
            time.sleep(0.2)

    def sign(self, act_id: str, sent_by: Mapping[str, str] | None = None) -> None:
        """Every signer signs the typed data that the service shows; ``sent_by`` has body -> API key, else the operator relays."""
        deadline = int(time.time()) + 3_600
        for signer in self.get(f"/v1/acts/{act_id}", "operator")["signers"]:
            who = (sent_by or {}).get(signer["participant"], "operator")
            path, place = f"/v1/acts/{act_id}", signer["place"]
            document = self.get(f"{path}/typed-data", who, place=place, deadline=deadline)
            address = next(key for key in signer["keys"] if key in self.private_keys)
            signed = Account.sign_message(encode_typed_data(full_message=document), self.private_keys[address])
            signature = "0x" + bytes(signed.signature).hex()
            body = {"place": place, "key": address, "deadline": deadline, "signature": signature}
            self.post(f"{path}/signatures", who, body)

    def admit_provider(self, folder: Path) -> None:
        """A body that applied, was reviewed and is on the chain, with an account and an API key of its own."""
        path = f"/v1/participants/{PROVIDER}"
        self.post("/v1/participants", "consumer", application_body(PROVIDER, roles=["provider"]))
        for who, act, body in (
            ("operator", "accept-identity", REASONS),
            ("operator", "accept-role", REASONS),
            ("authorisation_platform", "approve", to_json(report())),
            ("operator", "admit", {}),
        ):
            revision = self.get(path, "operator")["revision"]
            self.post(f"{path}/{act}", who, body, **{"If-Match": f'"{revision}"'})
        self.sign(self.get(path, "operator")["open_step"]["act_id"])
        self.wait(lambda: self.get(path, "operator")["state"] == "active", lambda: self.get(path, "operator"))
        wanted = {"participant": PROVIDER, "issuer": "https://identity.example", "subject": "clerk", "level": "handler"}
        account = self.post("/v1/accounts", "operator", wanted | {"roles": ["provider"]})["account_id"]
        made = self.service.run(
            ["keys", "add", "--role", "provider", "--submitter", "provider", "--account", account, "--json"], cwd=folder
        )
        assert made.returncode == 0, made.stderr
        self.keys["provider"] = json.loads(made.stdout)["api_key"]

    def _auth(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}
