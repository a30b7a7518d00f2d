"""Bodies with accounts and API keys at a running API, and a chain that agrees at once: for HTTP tests of products and demands."""

import json
import os
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text
from support.a_log import ALog
from support.product_world import CODES, PLACE, ROLES, actor, admit_all, content, findings, public_content, sign_as

from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.objects import read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.records import to_json
from ledger.services import steps
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor

CONTRACTS = {"ProductRegistry": b"\x11" * 20}
OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
DIGEST = "ab" * 32
REVIEW = {"findings": [to_json(finding) for finding in findings()]}
REJECTION = {"findings": [to_json(finding) for finding in findings(failed="quality")]}
LETTER = {"number": "合规函2026-1", "digest": DIGEST, "issued_on": "2026-10-20"}
FILING = {"number": "备2026-000001", "ceiling": {"unit_price": 80_000_000, "source": "价格主管部门 2026-12"}}
OWN = {"trigger": "provider_request", "text": "系统升级"}
DESTRUCTION = {"destruction": {"method": "覆写三次", "digest": DIGEST, "destroyed_on": "2026-11-01"}}
FULL = {
    "trading_platform": CODES["trading"],
    "authorisation_platform": CODES["authorisation"],
    "filing_authority": CODES["price"],
}
SIMPLE = {"trading_platform": CODES["trading"]}
STEP_BODIES = {
    "registration": SIMPLE,
    "first-review": REVIEW,
    "final-review": REVIEW,
    "rejection": REJECTION,
    "letter": LETTER,
    "filing": FILING,
    "listing": {},
    "suspension": OWN,
    "resumption": {"text": "x"},
    "delisting": OWN,
    "withdrawal": DESTRUCTION,
    "versions": {},
    "step-withdrawal": {},
}
"""Last part of a product's route -> a body that is in order."""


@dataclass
class Bodies:
    """The bodies of ``product_world`` at a running API: one account and key each, two for the trading platform."""

    log: ALog
    keys: dict[str, str] = field(default_factory=dict)

    def begin(self, connection: Any, who: Actor) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, self.log.preparer, who, contracts=CONTRACTS)

    def admit(self) -> None:
        with self.log.engine.begin() as connection:
            admit_all(self.begin(connection, OPERATOR))
            accounts = SqlAccounts(connection, self.log.preparer)
            for name in ROLES:
                for suffix in ("", "_2") if name == "trading" else ("",):
                    self._give_key(connection, accounts, name, suffix)

    def _give_key(self, connection: Any, accounts: SqlAccounts, name: str, suffix: str) -> None:
        roles = tuple(ROLES[name])
        wanted = WantedAccount(CODES[name], "https://identity.example", f"{name}{suffix}", "handler", roles)
        account = accounts.add(wanted, "key:test")
        made = api_keys.create(
            connection,
            self.log.preparer,
            role=roles[0],
            submitter=f"{name}{suffix}".replace("_", "-"),
            account_id=account.account_id,
        )
        self.keys[name + suffix] = made.api_key

    def settle(self) -> None:
        """Every signer of the open act signs, and the chain agrees."""
        names = {code: name for name, code in CODES.items()}
        with self.log.engine.begin() as connection:
            act_id = connection.execute(
                text(
                    "SELECT object_id FROM objects WHERE kind = 'act' AND state = 'open' "
                    "AND document->>'step' LIKE 'product.%'"
                )
            ).scalar_one()
            act = read_object(connection, OPERATOR, "act", act_id)
            for place, signer in enumerate(act.document["signers"]):
                name = names[signer["participant"]]
                act = sign_as(self.begin(connection, actor(name)), act, place, name)
        with self.log.engine.begin() as connection:
            steps.complete(self.begin(connection, OPERATOR), act.object_id, **PLACE)  # type: ignore[arg-type]


@dataclass
class HttpLife:
    """One product over HTTP; every step is asked by the body whose step it is, and the chain agrees at once."""

    client: httpx.Client
    bodies: Bodies
    public: bool = True
    code: str = ""

    def ask(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.bodies.keys[name]}", "Content-Type": "application/json"}
        if method != "GET":
            given["Idempotency-Key"] = os.urandom(8).hex()
        sent = None if body is None else json.dumps(body)
        return self.client.request(method, path, content=sent, headers=given | headers)

    @property
    def path(self) -> str:
        return f"/v1/products/{self.code}/versions/1"

    def draft(self) -> httpx.Response:
        stated = public_content() if self.public else content()
        answer = self.ask("provider", "POST", "/v1/products", {"region": "3101", "content": stated})
        self.code = answer.json()["product_code"]
        return answer

    @property
    def filing(self) -> dict[str, Any]:
        """A filing number of its own."""
        return FILING | {"number": f"备2026-{self.code[-9:]}"}

    def step(self, name: str, step: str, body: Any, *, chain: bool = False) -> Any:
        seen = self.ask(name, "GET", self.path).headers["ETag"] if step == "registration" else None
        answer = self.ask(name, "POST", f"{self.path}/{step}", body, **({} if seen is None else {"If-Match": seen}))
        assert answer.status_code == 200, answer.text
        if chain:
            self.bodies.settle()
        return answer.json()

    def until_listed(self) -> None:
        """The whole way."""
        self.draft()
        self.step("provider", "registration", FULL if self.public else SIMPLE, chain=True)
        self.step("trading", "first-review", REVIEW)
        self.step("authorisation" if self.public else "trading_2", "final-review", REVIEW, chain=True)
        self.step("trading", "letter", LETTER)
        if self.public:
            self.step("authorisation", "letter", LETTER)
            self.step("price", "filing", self.filing, chain=True)
        self.step("provider", "listing", {}, chain=True)
