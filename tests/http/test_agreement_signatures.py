"""Signatures under an agreement over HTTP: by both schemes or not at all, from both parties at once, and read by those who read it."""

import copy
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from support import sm2_reference
from support.a_service import Service
from support.application_http import put_sm2_keys_on_file
from support.both_schemes import signed_by_both, sm2_json
from support.product_http import Bodies
from support.product_world import CODES, KEYS, SM2_ON_FILE, SM2_SECRETS, address
from support.trade_http import TRADE_CONTRACTS, HttpTrade, settle_trade, trade_of, trading_service

from ledger.domain.act_json import act_from_json
from ledger.domain.typed_acts import Domain, Tail, act_sm2_message
from ledger.log.event import parse_event
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.services.ports import SealedBody

PARTIES = ("provider", "bank")
ROUNDS = 5


@dataclass
class Desk:
    """An agreement whose act waits for both signatures."""

    service: Service
    trade: HttpTrade
    act_id: str = ""

    def asked(self) -> "Desk":
        self.trade.framework()
        seen = self.trade.ask("bank", "GET", self.trade.agreement_path).headers["ETag"]
        answer = self.trade.ask("bank", "POST", f"{self.trade.agreement_path}/signing", {}, **{"If-Match": seen})
        self.act_id = answer.json()["waiting"]["act_id"]
        return self

    @property
    def act(self) -> Any:
        return self.trade.read("bank", f"/v1/acts/{self.act_id}")

    @property
    def domain(self) -> Domain:
        contract, chain_id = "DigitalContractRegistry", self.service.log.preparer.identity.chain_id
        return Domain(contract, chain_id, TRADE_CONTRACTS[contract])

    def body(self, name: str, *, sm2: bool = True) -> dict[str, Any]:
        """What this party's tool would send."""
        shown, place, deadline = self.act, PARTIES.index(name), int(time.time()) + 3_600
        tail = Tail(bytes.fromhex(shown["signers"][place]["body_id"][2:]), deadline)
        said = act_from_json(shown["act"], shown["message"])
        signature, beside = signed_by_both(KEYS[name], SM2_SECRETS[name] if sm2 else None, said, tail, self.domain)
        given = {"place": place, "key": "0x" + address(name).hex(), "deadline": deadline}
        return given | {"signature": "0x" + signature.hex()} | sm2_json(beside)

    def send(self, name: str, body: dict[str, Any]) -> tuple[int, str | None]:
        answer = self.trade.ask(name, "POST", f"/v1/acts/{self.act_id}/signatures", body)
        return answer.status_code, answer.json().get("code")


@pytest.fixture(scope="module")
def service(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with trading_service(new_database(), tmp_path_factory.mktemp("both")) as running:
        yield running


@pytest.fixture(scope="module")
def selected(service: Service) -> HttpTrade:
    bodies = Bodies(service.log)
    bodies.admit()
    return trade_of(service, bodies)


@pytest.fixture
def desk(service: Service, selected: HttpTrade) -> Desk:
    return Desk(service, copy.copy(selected)).asked()


def new_events(service: Service) -> list[dict[str, Any]]:
    """Those that wait to be published, of which the publisher takes none meanwhile."""
    query = "SELECT identity, sealed_month, sealed_generation, sealed_event FROM outbox WHERE leaf_index IS NULL"
    with service.log.engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    unseal = service.log.preparer.sealer.unseal
    events = [parse_event(unseal(row[0], SealedBody(row[1], row[2], row[3]))) for row in rows]
    return [json.loads(event.canonical) for event in events]


def sent_at_once(desk: Desk) -> dict[str, tuple[int, str | None]]:
    """Both parties' answers; neither begins before the other one is ready."""
    bodies, answers = {name: desk.body(name) for name in PARTIES}, {}
    start = threading.Barrier(len(PARTIES))

    def send(name: str) -> None:
        start.wait(30)
        answers[name] = desk.send(name, bodies[name])

    threads = [threading.Thread(target=send, args=(name,)) for name in PARTIES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_both_parties_at_the_same_moment_both_stand_and_the_contract_is_called_once(
    service: Service, selected: HttpTrade
) -> None:
    for _ in range(ROUNDS):
        desk = Desk(service, copy.copy(selected)).asked()
        with service.publisher.paused():
            assert sent_at_once(desk) == dict.fromkeys(PARTIES, (201, None))
            shown = desk.act
            assert (shown["state"], len(shown["calls"])) == ("calling", 1)
            assert [signer["signed"] for signer in shown["signers"]] == [True, True]
            told = [one["data"] for one in new_events(service) if one["data"].get("act_id") == desk.act_id]
            assert Counter(one.get("signer") for one in told if "signing_digest" in one) == {
                signer["body_id"][2:]: 1 for signer in shown["signers"]
            }
        settle_trade(desk.trade.bodies)
        agreement = desk.trade.agreement()
        assert (agreement["state"], len(agreement["signatures"])) == ("signed", 2)


def test_signature_without_sm2_is_refused_by_name_and_can_be_made_again(desk: Desk) -> None:
    assert desk.send("provider", desk.body("provider")) == (201, None)
    assert desk.send("bank", desk.body("bank", sm2=False)) == (400, "sm2_signature_missing")
    assert [signer["signed"] for signer in desk.act["signers"]] == [True, False]
    assert desk.trade.agreement()["state"] == "signing"
    assert desk.send("bank", desk.body("bank")) == (201, None)


def test_party_without_an_sm2_key_on_file_is_told_so(desk: Desk) -> None:
    put_sm2_keys_on_file(desk.trade.bodies, "bank", SM2_SECRETS["bank"], revoked=True)
    try:
        for sm2 in (True, False):
            assert desk.send("bank", desk.body("bank", sm2=sm2)) == (400, "sm2_key_missing")
    finally:
        put_sm2_keys_on_file(desk.trade.bodies, "bank", SM2_SECRETS["bank"])
    assert [desk.send(name, desk.body(name)) for name in PARTIES] == [(201, None)] * 2


def test_sm2_signatures_are_read_by_parties_platforms_and_supervisors_and_verify(desk: Desk) -> None:
    trade = desk.trade
    assert trade.agreement()["signatures"] is None
    for name in PARTIES:
        assert desk.send(name, desk.body(name)) == (201, None)
    settle_trade(trade.bodies)

    shown = trade.agreement()["signatures"]
    assert [one["participant"] for one in shown] == [CODES[name] for name in PARTIES]
    assert [one["sm2"]["public_key"] for one in shown] == [SM2_ON_FILE[name] for name in PARTIES]
    for who in ("provider", "trading", "regulator", "arbitrator"):
        assert trade.agreement(who)["signatures"] == shown
    assert trade.ask("stranger", "GET", trade.agreement_path).status_code == 404
    said = act_from_json(desk.act["act"], desk.act["message"])
    for one, signer in zip(shown, desk.act["signers"], strict=True):
        message = act_sm2_message(said, Tail(bytes.fromhex(signer["body_id"][2:]), signer["deadline"]), desk.domain)
        key, signature = (bytes.fromhex(one["sm2"][name]) for name in ("public_key", "signature"))
        assert sm2_reference.is_valid(key, message, signature, SM2_SIGNER_ID)
