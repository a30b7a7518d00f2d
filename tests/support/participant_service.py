"""The API with bodies of the reserved roles recorded, tenants with accounts, and the chain's part played by hand."""

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from coincurve import PrivateKey
from sqlalchemy import text
from support import sm2_reference
from support.a_service import Service, running_service
from support.participants import (
    BANK_CODE,
    OPERATOR,
    PLACE,
    RESERVED_CODES,
    SALT,
    address_of,
    application,
    key_of,
    report,
)

from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.participant import ChainKey, Organisation
from ledger.domain.records import to_json
from ledger.domain.typed_acts import Tail, act_signing_digest
from ledger.log.typed_data import address_of_public_key
from ledger.services import steps
from ledger.services.accounts import WantedAccount
from ledger.services.acts import act_of, sign_act
from ledger.services.participant_reserved import ReservedBody, record_reserved_body

REGISTRY = b"\x77" * 20
NEW_KEY = address_of(f"{BANK_CODE} new")
_NUMBERS = itertools.count()


def application_body(code: str = BANK_CODE, **changes: Any) -> dict[str, Any]:
    """What is posted to apply."""
    made = application(code)
    facts = {
        "legal_person": {"name": "Zhang San", "document_type": "ID card", "document_number": "11010519491231002X"},
        "contact": {"name": "Li Si", "phone": "13800000000", "email": "li.si@bank.example"},
    }
    return {
        "organisation": to_json(made.organisation),
        "roles": list(made.roles),
        "documents": [to_json(document) for document in made.documents],
        "keys": [{"address": key.address, "purposes": list(key.purposes)} for key in made.keys],
        "facts": facts,
    } | changes


REPORT = to_json(report())
REASONS = {"reasons": "papers fit"}
ACT_BODIES: dict[str, dict[str, Any]] = {
    "accept-identity": REASONS,
    "accept-role": REASONS,
    "accept-connector": REASONS,
    "reject": REASONS,
    "approve": REPORT,
    "admit": {},
    "suspend": REASONS,
    "reinstate": REASONS,
    "pass-recheck": {"evidence_sha256": "ab" * 32},
    "fail-recheck": REASONS,
    "renew-qualification": REPORT | {"valid_until": "2030-12-31"},
    "change-roles": {"roles": ["consumer", "provider"]},
    "change-qualification": {"documents": [to_json(document) for document in application().documents[:2]]},
    "acknowledge-change": {},
    "add-key": {"address": NEW_KEY, "purposes": ["business"]},
    "revoke-key": {"address": address_of(f"{BANK_CODE} finance"), "reasons": "lost"},
    "add-sm2-key": {"public_key": sm2_reference.public_key(7).hex()},
    "revoke-sm2-key": {"public_key": sm2_reference.public_key(7).hex()},
    "depart": REASONS,
    "withdraw-step": {},
    "enter-violation": {
        "kind": "scope_exceeded",
        "severity": "serious",
        "basis": "rule 7",
        "evidence_sha256": "cd" * 32,
    },
    "rate": {
        "period": "2026-10",
        "compliance": 90,
        "service_quality": 90,
        "performance": 90,
        "basis_sha256": "ef" * 32,
    },
    "appeal": {"violation": 1, "grounds": "the interface was agreed"},
    "decide-appeal": {"violation": 1, "lifted": False, "reasons": "heard both"},
    "claim-repair": {"violation": 1, "proof_sha256": "12" * 32},
    "decide-repair": {"violation": 1, "repaired": True, "reasons": "looked at it"},
}
"""One body that fits, for every act."""

PRIVATE_WORDS = ("Zhang San", "11010519491231002X", "Li Si", "13800000000", "li.si@bank.example")


@dataclass
class ParticipantService:
    """A service and the API keys of its tenants."""

    service: Service
    keys: dict[str, str] = field(default_factory=dict)

    def tenant(self, name: str, role: str, participant: str | None) -> None:
        """An account with its API key; it is called ``name`` below."""
        log = self.service.log
        with log.engine.begin() as connection:
            wanted = WantedAccount(participant, "https://issuer.invalid", name, "handler", (role,))
            account = SqlAccounts(connection, log.preparer).add(wanted, "key:test")
            made = api_keys.create(
                connection,
                log.preparer,
                role=role,
                submitter=f"tenant-{next(_NUMBERS)}",
                unrestricted=True,
                account_id=account.account_id,
            )
        self.keys[name] = made.api_key

    def get(self, path: str, who: str | None) -> httpx.Response:
        return self.service.client.get(path, headers=self._auth(who))

    def post(
        self, path: str, who: str, body: Any, *, revision: int | None = None, key: str | None = None
    ) -> httpx.Response:
        headers = self._auth(who) | {"Idempotency-Key": key or os.urandom(8).hex()}
        headers |= {} if revision is None else {"If-Match": f'"{revision}"'}
        return self.service.client.post(path, json=body, headers=headers)

    def act(self, act: str, who: str, body: Any = None, *, code: str = BANK_CODE, status: int = 200) -> dict[str, Any]:
        """An act on the newest revision, which must be answered so."""
        sent = ACT_BODIES[act] if body is None else body
        answer = self.post(f"/v1/participants/{code}/{act}", who, sent, revision=self.revision(code))
        assert answer.status_code == status, (act, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def revision(self, code: str = BANK_CODE) -> int:
        found = self.get(f"/v1/participants/{code}", "operator")
        return int(found.json()["revision"]) if found.status_code == 200 else 1

    def approve(self, code: str = BANK_CODE, who: str = "operator", **changes: Any) -> None:
        answer = self.post("/v1/participants", who, application_body(code, **changes))
        assert answer.status_code == 201, answer.text
        for act in ("accept-identity", "accept-role"):
            self.act(act, "operator", code=code)
        self.act("approve", "authorisation_platform account", code=code)

    def admit(self, code: str = BANK_CODE, who: str = "operator", **changes: Any) -> None:
        self.approve(code, who, **changes)
        self.act("admit", "operator", code=code)
        self.sign(code)
        self.complete(code)

    def act_id(self, code: str = BANK_CODE) -> str:
        step = self.get(f"/v1/participants/{code}", "operator").json()["open_step"]
        return str(step["act_id"])

    def sign(self, code: str = BANK_CODE) -> None:
        """Every signer of the open act signs; the operator relays."""
        act_id = self.act_id(code)
        with self.unit_of_work() as uow:
            stored = uow.get("act", act_id)
            deadline = int(time.time()) + 86_400
            for place, signer in enumerate(stored.document["signers"]):
                key = _key_among(signer["keys"], [code, *RESERVED_CODES.values()])
                act = act_of(stored)
                tail = Tail(bytes.fromhex(signer["body_id"]), deadline)
                raw = key.sign_recoverable(act_signing_digest(act, tail, uow.domain_of(act.CONTRACT)), hasher=None)
                sign_act(
                    uow,
                    act_id,
                    place=place,
                    key=address_of_public_key(key.public_key.format(compressed=False)),
                    deadline=deadline,
                    signature=raw[:64] + bytes([raw[64] + 27]),
                )

    def complete(self, code: str = BANK_CODE) -> None:
        """The chain holds the open act for good."""
        act_id = self.act_id(code)
        with self.unit_of_work() as uow:
            steps.complete(uow, act_id, **PLACE)

    def reset(self) -> None:
        """No participants but the reserved ones, which are recorded anew."""
        with self.service.log.engine.begin() as connection:
            connection.execute(text("TRUNCATE objects, object_history, chain_calls, deadlines, contract_objects"))
        with self.unit_of_work() as uow:
            for role, code in RESERVED_CODES.items():
                organisation = Organisation(code, f"{role} of the city", "0", "上海市", role)
                key = ChainKey(address_of(f"{code} business"), ("business", "metering"), "valid")
                body = ReservedBody(organisation, role, (key,), role.encode().ljust(32, b"\x00"), 4_102_444_800)
                record_reserved_body(uow, body, SALT)

    @contextmanager
    def unit_of_work(self) -> Iterator[SqlUnitOfWork]:
        log = self.service.log
        with log.engine.begin() as connection:
            yield SqlUnitOfWork(connection, log.preparer, OPERATOR, contracts={"ParticipantRegistry": REGISTRY})

    def _auth(self, who: str | None) -> dict[str, str]:
        return {} if who is None else {"Authorization": f"Bearer {self.keys[who]}"}


@contextmanager
def participant_service(database_url: str, folder: Path) -> Iterator[ParticipantService]:
    """A service that knows a registry contract, with an account for every kind of tenant."""
    with running_service(database_url, folder) as service:
        vars(service.container)["contracts"] = {"ParticipantRegistry": REGISTRY}  # in the place of the manifest
        made = ParticipantService(service, dict(service.keys))
        for role in ("trading_platform", "authorisation_platform"):
            made.tenant(f"{role} account", role, RESERVED_CODES[role])
        made.tenant("bank", "consumer", BANK_CODE)
        made.tenant("stranger", "provider", "91310000MA0000003X")
        made.reset()
        yield made


def _key_among(addresses: list[str], codes: list[str]) -> PrivateKey:
    names = [f"{code} {purpose}" for code in codes for purpose in ("business", "finance", "new")]
    return next(key_of(name) for name in names if address_of(name)[2:] in addresses)
