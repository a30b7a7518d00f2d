"""A negotiation as evidence over HTTP, and the order that follows from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.a_service import Service, running_service
from support.embedded import DatabaseFactory
from support.negotiation_http import DSP, EVENT, OURS, VERIFY, take_all
from support.negotiation_world import RULES, first_request
from support.negotiations import a_message
from support.product_http import Bodies, HttpLife
from support.trade_http import TRADE_CONTRACTS, HttpTrade, framework_body, order_content

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.domain.negotiation.life import Act
from ledger.domain.negotiation.messages import message_value

NARROW = {
    "permission": [
        {"action": "read", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 100}]}
    ]
}


class Desk:
    """A service with one product on offer, and what its bodies do."""

    def __init__(self, service: Service, bodies: Bodies) -> None:
        self.service, self.bodies = service, bodies
        self.life = HttpLife(service.client, bodies, public=False)
        self.life.until_listed()
        self.code = self.life.code

    def get(self, who: str, path: str, status: int = 200) -> Any:
        answer = self.life.ask(who, "GET", path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def done(self, who: str, path: str, body: Any) -> dict[str, Any]:
        answer = self.life.ask(who, "POST", path, body)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    def negotiated(self, consumer_pid: str, *, final: bool = True) -> str:
        """Two versions of the terms, agreed to; the provider's process id."""
        message = first_request(self.code, consumer_pid=consumer_pid)
        pid = str(self.done("bank", f"{DSP}/request", message_value(message))["providerPid"])
        pids = {"provider_pid": pid, "consumer_pid": consumer_pid}
        self.say(pid, {"act": "offer", "rules": NARROW})
        self.hear(EVENT, pid, a_message(Act.ACCEPT, **pids))
        self.say(pid, {"act": "agree"})
        if final:
            self.hear(VERIFY, pid, a_message(Act.VERIFY, **pids))
            self.say(pid, {"act": "finalize"})
        return pid

    def say(self, pid: str, body: dict[str, Any]) -> None:
        self.done("provider", f"{OURS}/{pid}/messages", body)
        take_all(self.bodies)

    def hear(self, route: str, pid: str, message: Any) -> None:
        path = route.replace("{provider_pid}", pid).replace("{pid}", pid)
        self.done("bank", path, message_value(message))


@pytest.fixture(scope="module")
def desk(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    databases = DatabaseFactory(postgres_server)
    folder: Path = tmp_path_factory.mktemp("record")
    with running_service(databases(template=migrated_template), folder) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        vars(service.container)["contracts"] = TRADE_CONTRACTS
        yield Desk(service, bodies)
    databases.close()


def test_both_parties_read_every_version_with_its_event_and_take_its_proof(desk: Desk) -> None:
    pid = desk.negotiated("urn:uuid:record")
    desk.service.settled()

    for who in ("provider", "bank", "authorisation"):
        if who == "authorisation":
            desk.get(who, f"{OURS}/{pid}/record", 403)
            continue
        record = desk.get(who, f"{OURS}/{pid}/record")
        assert [step["act"] for step in record["steps"]] == [
            "request",
            "offer",
            "accept",
            "agree",
            "verify",
            "finalize",
        ]
        kinds = [one["type"].split(".")[3] for one in record["events"]]
        assert kinds == [
            "received",
            *["issued", "delivered"],
            "received",
            *["issued", "delivered"],
            "received",
            *["issued", "delivered"],
        ]
        for event in record["events"]:
            proof = desk.life.ask(who, "GET", event["proof"])
            assert proof.status_code == 200, proof.text
            assert pid in proof.text
            sent = {"content": proof.content, "headers": {"Content-Type": "application/json"}}
            verified = desk.service.client.post("/v1/verify", **sent)
            assert verified.status_code == 200, verified.text
            assert not [step for step in verified.json()["steps"] if step["outcome"] == "failed"], verified.text
    digests = {step["digest"] for step in record["steps"]}
    said = desk.get("bank", f"{OURS}/{pid}/messages")["items"]
    assert {one["digest"] for one in said} == digests


def test_strangers_and_other_leaves_find_nothing(desk: Desk) -> None:
    pid = desk.negotiated("urn:uuid:strange", final=False)
    other = desk.negotiated("urn:uuid:other", final=False)
    desk.service.settled()
    theirs = desk.get("bank", f"{OURS}/{other}/record")["events"][0]["leaf_index"]
    for path in ("record", "explanation", f"record/{theirs}"):
        desk.get("stranger", f"{OURS}/{pid}/{path}", 404)
    for leaf in (theirs, 0, 2**53 - 1):
        assert desk.get("bank", f"{OURS}/{pid}/record/{leaf}", 404)["code"] == "not_found"


def test_each_version_is_told_in_words(desk: Desk) -> None:
    pid = desk.negotiated("urn:uuid:words", final=False)
    first = desk.get("bank", f"{OURS}/{pid}/explanation?number=1")
    newest = desk.get("bank", f"{OURS}/{pid}/explanation")
    assert (first["sender"], first["kind"]) == ("consumer", "offer")
    assert first["sentences"][0]["english"] == "You may read."
    assert (newest["sender"], newest["kind"]) == ("provider", "agreement")
    assert "100" in newest["sentences"][0]["english"] and "100" in newest["sentences"][0]["chinese"]
    assert newest["findings"] == []
    desk.get("bank", f"{OURS}/{pid}/explanation?number=3", 404)  # an acceptance has no terms


def test_order_of_a_negotiation_leads_to_an_agreement_on_its_terms(desk: Desk) -> None:
    pid = desk.negotiated("urn:uuid:order")
    trade = HttpTrade(desk.life.ask, desk.bodies, desk.code)
    trade.drafted(origin={"kind": "negotiation", "reference": pid}).placed().confirmed().generated().signed()

    order, agreement = trade.order(), trade.agreement()
    assert agreement["disclosed"]["policies"][0]["permission"] == NARROW["permission"] != RULES["permission"]
    assert order["negotiated"] == agreement["negotiated"]
    assert order["negotiated"]["negotiation_id"] == pid
    shown = desk.get("provider", f"{OURS}/{pid}")
    assert shown["order_id"] == order["order_id"]
    assert order["negotiated"]["messages"] == [step["digest"] for step in shown["steps"]]
    refused = desk.life.ask("bank", "POST", "/v1/orders", order["content"])
    assert (refused.status_code, refused.json()["code"]) == (409, "negotiation_used")


def test_framework_of_a_negotiation_has_its_terms_and_is_the_only_one(desk: Desk) -> None:
    pid = desk.negotiated("urn:uuid:framework")
    body = framework_body(desk.code) | {"negotiation_id": pid}
    made = desk.done("bank", "/v1/agreements", body)

    assert made["disclosed"]["policies"][0]["permission"] == NARROW["permission"]
    assert made["negotiated"]["negotiation_id"] == pid
    shown = desk.get("provider", f"{OURS}/{pid}")
    assert (shown["agreement_id"], shown["order_id"]) == (made["agreement_id"], None)
    again = desk.life.ask("provider", "POST", "/v1/agreements", body)
    assert (again.status_code, again.json()["code"]) == (409, "negotiation_used")
    other = desk.life.ask("bank", "POST", "/v1/agreements", body | {"negotiation_id": "neg-" + "0" * 32})
    assert (other.status_code, other.json()["code"]) == (409, "order_origin_not_met")


def test_negotiation_that_is_not_final_leads_to_no_order(desk: Desk) -> None:
    pid = desk.negotiated("urn:uuid:open", final=False)
    trade = HttpTrade(desk.life.ask, desk.bodies, desk.code)
    refused = desk.life.ask(
        "bank", "POST", "/v1/orders", order_content(trade.code, "", origin={"kind": "negotiation", "reference": pid})
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "negotiation_not_final")
