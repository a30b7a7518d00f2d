"""Orders and agreements over HTTP: a bank orders a product on offer for a demand that the provider was selected for."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from support.a_service import Service, running_service
from support.demand_steps import BID
from support.demand_world import CONTACT, demand
from support.product_http import CONTRACTS, OPERATOR, Bodies, HttpLife
from support.product_world import CODES, PLACE, actor, sign_as
from support.trade_steps import HIDDEN, terms

from ledger.adapters.sql.objects import read_object
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.records import to_json
from ledger.services import steps

TRADE_CONTRACTS = CONTRACTS | {
    "Orders": b"\x12" * 20,
    "DigitalContractRegistry": b"\x13" * 20,
    "Disputes": b"\x14" * 20,
}
DAY_S = 86_400
SEALED = {"leaf_hashes": list(HIDDEN), "ciphertext": "AAECAw=="}
REASON = {"text": "计划有变"}
SIGNED_STEPS = {
    "placing",
    "confirmation",
    "withdrawal",
    "rejection",
    "cancellation",
    "signing",
    "filing",
    "dissolution",
}
"""Steps that somebody signs."""

Ask = Callable[..., httpx.Response]
"""(who, method, path, body, **headers) -> answer."""


def order_content(code: str, demand_id: str, **members: Any) -> dict[str, Any]:
    """1,000 calls for a demand, to be confirmed within ten days."""
    defaults: dict[str, Any] = {
        "kind": "single",
        "origin": {"kind": "demand", "reference": demand_id},
        "product_code": code,
        "product_version": 1,
        "purpose": "贷后管理",
        "use": "commercial",
        "quantity": 1_000,
        "periods": 0,
        "valid_until": int(time.time()) + 10 * DAY_S,
    }
    return defaults | members


def agreement_body(**members: Any) -> dict[str, Any]:
    """What an agreement is generated with."""
    stated = to_json(terms(**{"valid_from": "2026-01-01", "valid_until": "2099-12-31"} | members))
    return {"terms": stated, "confidential": SEALED}


def framework_body(code: str, **members: Any) -> dict[str, Any]:
    about = {"product_code": code, "product_version": 1, "consumer": CODES["bank"]}
    return agreement_body(**members) | about


def dissolution_body() -> dict[str, Any]:
    return {"effective_at": int(time.time()) + 30 * DAY_S, "text": "双方协商"}


_NOWHERE = "691310000MA0000007L3101000000015"
ORDER_BODIES: dict[str, Any] = {
    **dict.fromkeys(("orders", "{order_id}"), order_content(_NOWHERE, "dem-" + "0" * 32)),
    **{step: {} for step in ("discarding", "placing", "confirmation", "lapse", "closing", "step-withdrawal")},
    **dict.fromkeys(("rejection", "withdrawal", "cancellation"), REASON),
    "agreement": agreement_body(),
}
"""Last part of an order's route -> a body that is in order."""

AGREEMENT_BODIES: dict[str, Any] = {
    "agreements": framework_body(_NOWHERE),
    **{step: {} for step in ("signing", "filing", "step-withdrawal")},
    "abandonment": REASON,
    "dissolution": dissolution_body(),
}
"""The same of an agreement's."""


def settle_trade(bodies: Bodies, contracts: dict[str, bytes] = TRADE_CONTRACTS) -> None:
    """Every signer of each open act of an order or an agreement signs it, and the chain agrees to what is then asked for."""
    names = {code: name for name, code in CODES.items()}

    def begin(connection: Any, who: Any) -> SqlUnitOfWork:
        return SqlUnitOfWork(connection, bodies.log.preparer, who, contracts=contracts)

    def acts(state: str) -> list[str]:
        query = (
            "SELECT object_id FROM objects WHERE kind = 'act' AND state = :state AND document->>'step' LIKE 'trade.%'"
        )
        with bodies.log.engine.connect() as connection:
            return list(connection.execute(text(query), {"state": state}).scalars())

    for act_id in acts("open"):
        with bodies.log.engine.begin() as connection:
            act = read_object(connection, OPERATOR, "act", act_id)
            for place, signer in enumerate(act.document["signers"]):
                name = names[signer["participant"]]
                act = sign_as(begin(connection, actor(name)), act, place, name)
    while found := acts("calling"):
        with bodies.log.engine.begin() as connection:
            steps.complete(begin(connection, OPERATOR), found[0], **PLACE)  # type: ignore[arg-type]


@dataclass
class HttpTrade:
    """One order with its agreement; every method is a step of the body whose step it is."""

    ask: Ask
    bodies: Bodies
    code: str
    demand_id: str = ""
    order_id: str = ""
    agreement_id: str = ""

    @property
    def order_path(self) -> str:
        return f"/v1/orders/{self.order_id}"

    @property
    def agreement_path(self) -> str:
        return f"/v1/agreements/{self.agreement_id}"

    def read(self, who: str, path: str) -> Any:
        answer = self.ask(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def order(self, who: str = "bank") -> dict[str, Any]:
        return dict(self.read(who, self.order_path))

    def agreement(self, who: str = "bank") -> dict[str, Any]:
        return dict(self.read(who, self.agreement_path))

    def made(self, who: str, path: str, body: Any) -> dict[str, Any]:
        answer = self.ask(who, "POST", path, body)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    def do(self, who: str, path: str, body: Any = None, *, edits: bool = False) -> dict[str, Any]:
        """A step by somebody who has read the newest revision; what it asks for is signed, and the chain agrees."""
        parent = path.rpartition("/")[0]
        seen = {"If-Match": self.ask(who, "GET", parent).headers["ETag"]} if edits else {}
        answer = self.ask(who, "POST", path, {} if body is None else body, **seen)
        assert answer.status_code == 200, answer.text
        if path.rpartition("/")[2] in SIGNED_STEPS:
            settle_trade(self.bodies)
        return dict(answer.json())

    def selected(self) -> "HttpTrade":
        """A demand for which the provider is selected."""
        sent = {"content": demand(), "contact": asdict(CONTACT)}
        self.demand_id = self.made("bank", "/v1/demands", sent)["demand_id"]
        self.made("provider", f"/v1/demands/{self.demand_id}/bids", BID)
        self.made("bank", f"/v1/demands/{self.demand_id}/selection", {"bidder": CODES["provider"]})
        return self

    def drafted(self, **members: Any) -> "HttpTrade":
        content = order_content(self.code, self.demand_id, **members)
        self.order_id = self.made("bank", "/v1/orders", content)["order_id"]
        return self

    def placed(self) -> "HttpTrade":
        self.do("bank", f"{self.order_path}/placing", edits=True)
        return self

    def confirmed(self) -> "HttpTrade":
        self.do("provider", f"{self.order_path}/confirmation")
        return self

    def generated(self, **members: Any) -> "HttpTrade":
        made = self.made("provider", f"{self.order_path}/agreement", agreement_body(**members))
        self.agreement_id = made["agreement_id"]
        return self

    def framework(self, **members: Any) -> "HttpTrade":
        self.agreement_id = self.made("bank", "/v1/agreements", framework_body(self.code, **members))["agreement_id"]
        return self

    def signed(self) -> "HttpTrade":
        self.do("bank", f"{self.agreement_path}/signing", edits=True)
        return self

    def filed(self) -> "HttpTrade":
        self.do("trading", f"{self.agreement_path}/filing")
        return self

    def ordered(self) -> "HttpTrade":
        """From the demand to the confirmed order."""
        return self.selected().drafted().placed().confirmed()


def key() -> dict[str, str]:
    return {"Idempotency-Key": os.urandom(8).hex()}


@contextmanager
def trading_service(database_url: str, folder: Path) -> Iterator[Service]:
    """A service that knows the contracts of trade."""
    with running_service(database_url, folder) as running:
        vars(running.container)["contracts"] = TRADE_CONTRACTS  # in the place of the manifest
        yield running


def trade_of(service: Service, bodies: Bodies) -> HttpTrade:
    """A product on offer and a demand that its provider was selected for; the bodies are admitted."""
    life = HttpLife(service.client, bodies, public=False)
    life.until_listed()
    return HttpTrade(life.ask, bodies, life.code).selected()
