"""Signatures under orders and agreements over HTTP: each that must not stand is refused by name, and binds nobody."""

import copy
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from coincurve import PrivateKey
from support.a_service import Service
from support.product_http import OPERATOR
from support.product_world import CODES, KEYS, address
from support.trade_http import TRADE_CONTRACTS, HttpTrade

from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.act_json import act_from_json
from ledger.domain.acts.orders import Order
from ledger.domain.typed_acts import Domain, Tail, act_signing_digest


@dataclass
class Desk:
    """A placed order whose act waits for the consumer's signature."""

    service: Service
    trade: HttpTrade
    act_id: str = ""

    def asked(self) -> "Desk":
        self.trade.drafted()
        seen = self.trade.ask("bank", "GET", self.trade.order_path).headers["ETag"]
        answer = self.trade.ask("bank", "POST", f"{self.trade.order_path}/placing", {}, **{"If-Match": seen})
        self.act_id = answer.json()["waiting"]["act_id"]
        return self

    @property
    def act(self) -> Any:
        return self.trade.read("bank", f"/v1/acts/{self.act_id}")

    def body(self, secret: PrivateKey = KEYS["bank"], *, chain_id: int | None = None, in_s: int = 3_600, **changes: Any) -> Any:  # fmt: skip
        """A signature as the bank's tool would send it, of something else where ``changes`` say so."""
        act = self.act
        said = act_from_json(act["act"], act["message"])
        assert isinstance(said, Order)
        deadline = int(time.time()) + in_s
        chain = self.service.log.preparer.identity.chain_id if chain_id is None else chain_id
        tail = Tail(bytes.fromhex(act["signers"][0]["body_id"][2:]), deadline)
        domain = Domain("Orders", chain, TRADE_CONTRACTS["Orders"])
        raw = secret.sign_recoverable(act_signing_digest(replace(said, **changes), tail, domain), hasher=None)
        signature = "0x" + (raw[:64] + bytes([raw[64] + 27])).hex()
        return {"place": 0, "key": "0x" + address("bank").hex(), "deadline": deadline, "signature": signature}

    def send(self, body: Any) -> tuple[int, str | None]:
        answer = self.trade.ask("bank", "POST", f"/v1/acts/{self.act_id}/signatures", body)
        return answer.status_code, answer.json().get("code")

    def change_bank(self, **changes: Any) -> None:
        """What the chain says of the body from now on."""
        with self.service.log.engine.begin() as connection:
            uow = SqlUnitOfWork(connection, self.service.log.preparer, OPERATOR, contracts=TRADE_CONTRACTS)
            bank = uow.find("participant", CODES["bank"])
            assert bank is not None
            document = {**bank.document, **changes.pop("document", {})}
            uow.change(bank, act="x", document=document, **changes)


@pytest.fixture
def desk(trading: Service, selected: HttpTrade) -> Desk:
    return Desk(trading, copy.copy(selected)).asked()


def test_signature_that_is_right_is_taken(desk: Desk) -> None:
    assert desk.send(desk.body()) == (201, None)
    assert desk.act["state"] == "calling"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": 999}, "invalid_act_signature"),
        ({"content_digest": b"\x01" * 32}, "invalid_act_signature"),
        ({"chain_id": 5}, "invalid_act_signature"),
        ({"secret": PrivateKey(b"\x55" * 32)}, "invalid_act_signature"),
        ({"in_s": -1}, "act_deadline_out_of_range"),
        ({"in_s": 60}, "act_deadline_out_of_range"),
    ],
    ids=["another version", "another voucher", "another chain", "another key", "expired", "about to expire"],
)
def test_signature_of_something_else_is_refused(desk: Desk, changes: dict[str, Any], code: str) -> None:
    assert desk.send(desk.body(**changes)) == (400, code)
    assert (desk.act["state"], desk.trade.order()["state"]) == ("open", "placing")
    assert desk.send(desk.body()) == (201, None), "the right one still is taken"


def test_signature_of_an_earlier_version_of_the_draft_is_refused(desk: Desk) -> None:
    earlier, path = desk.body(), desk.trade.order_path
    desk.trade.do("bank", f"{path}/step-withdrawal")
    content = desk.trade.order()["content"] | {"quantity": 2_000}
    seen = desk.trade.ask("bank", "GET", path).headers["ETag"]
    seen = desk.trade.ask("bank", "PUT", path, content, **{"If-Match": seen}).headers["ETag"]
    old = desk.act_id
    desk.act_id = desk.trade.ask("bank", "POST", f"{path}/placing", {}, **{"If-Match": seen}).json()["waiting"][
        "act_id"
    ]

    assert desk.act_id != old
    assert desk.send(earlier) == (400, "invalid_act_signature")
    desk.act_id = old
    assert desk.send(earlier) == (409, "illegal_transition")


def test_two_signers_at_once_leave_one_signature_and_one_call(desk: Desk) -> None:
    bodies = [desk.body(in_s=3_600 + number) for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        answers = sorted(threads.map(desk.send, bodies), key=str)
    assert [status for status, _ in answers] == [201, 409, 409, 409, 409, 409]
    assert {code for status, code in answers if status == 409} <= {"conflict", "illegal_transition"}
    assert len(desk.act["calls"]) == 1


def test_suspended_signer_is_refused(desk: Desk) -> None:
    sent = desk.body()
    desk.change_bank(state="suspended")
    try:
        assert desk.send(sent) == (409, "body_not_able")
    finally:
        desk.change_bank(state="active")
    assert desk.send(sent) == (201, None)


def test_key_that_was_rotated_is_refused(desk: Desk) -> None:
    sent, key = desk.body(), {"address": "0x" + address("bank").hex(), "purposes": ["business"]}
    new = {"address": "0x" + "77" * 20, "purposes": ["business"], "state": "valid"}
    desk.change_bank(document={"keys": [key | {"state": "revoked"}, new]})
    try:
        assert desk.send(sent) == (400, "signer_key_ended")
    finally:
        desk.change_bank(document={"keys": [key | {"state": "valid"}]})
    assert desk.send(sent) == (201, None)
