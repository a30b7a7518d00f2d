"""A bank takes part: admitted by the operator and the chain, suspended and reinstated by the regulator, with keys that come and go.

Everything runs as ``cityledger up`` starts it. Signatures are made by a tool that knows EIP-712 and nothing of this project; those that
the bank gives for its admission and its new key are made with ``cityledger sign``, as its walk-through says.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from support.live_service import LiveService, live_service
from support.participant_service import PRIVATE_WORDS, application_body
from support.participants import BANK_CODE, OFFICE_CODE, address_of, key_of, report
from support.signing_tool import SigningDesk
from support.suite import address, suite_at
from support.trade.market import Market
from support.trade.parties import BUSINESS, METERING, Party

from ledger.adapters.chain.bindings import shared
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.embedded.suite import manifest_path
from ledger.domain.acts.participant_registry import KeyAddition, KeyRevocation
from ledger.domain.records import to_json

WAIT_S = 60.0
BANK = f"/v1/participants/{BANK_CODE}"
REASONS = {"reasons": "as the papers say"}
RESERVED = ("operator", "regulator")


@dataclass
class City:
    """The service as its roles use it, by the default API keys; private keys are the signers' own."""

    service: LiveService
    desk: SigningDesk
    private_keys: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.service.connection["api_url"], timeout=30)
        for role in RESERVED:
            key = bytes.fromhex((self.service.folder / "keys" / "bodies" / f"{role}-business.key").read_text())
            self.private_keys[Account.from_key(key).address.lower()] = key
        for code in (BANK_CODE, OFFICE_CODE):
            for purpose in ("business", "finance", "new"):
                self.private_keys[address_of(f"{code} {purpose}")] = key_of(f"{code} {purpose}").secret

    def get(self, path: str, role: str = "operator", **params: Any) -> dict[str, Any]:
        answer = self.client.get(path, headers=self._auth(role), params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, role: str, body: Any, **headers: str) -> dict[str, Any]:
        headers |= self._auth(role) | {"Idempotency-Key": os.urandom(8).hex()}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act(self, act: str, role: str, body: Any, code: str = BANK_CODE) -> dict[str, Any]:
        path = f"/v1/participants/{code}"
        return self.post(f"{path}/{act}", role, body, **{"If-Match": f'"{self.get(path)["revision"]}"'})

    def apply_and_review(self, code: str = BANK_CODE, **changes: Any) -> None:
        self.post("/v1/participants", "consumer", application_body(code, **changes))
        for act in ("accept-identity", "accept-role"):
            self.act(act, "operator", REASONS, code)
        self.act("approve", "authorisation_platform", to_json(report()), code)

    def sign(self, code: str = BANK_CODE) -> None:
        """Every signer of the step that waits signs the typed data that the service shows; the operator relays."""
        act_id = self.get(f"/v1/participants/{code}")["open_step"]["act_id"]
        deadline = int(time.time()) + 3600
        for signer in self.get(f"/v1/acts/{act_id}")["signers"]:
            if signer["signed"]:
                continue
            place = signer["place"]
            document = self.get(f"/v1/acts/{act_id}/typed-data", place=place, deadline=deadline)
            address = next(key for key in signer["keys"] if key in self.private_keys)
            signed = Account.sign_message(encode_typed_data(full_message=document), self.private_keys[address])
            body = {
                "place": place,
                "key": address,
                "deadline": deadline,
                "signature": "0x" + bytes(signed.signature).hex(),
            }
            self.post(f"/v1/acts/{act_id}/signatures", "operator", body)

    def wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, self.get(BANK)
            time.sleep(0.2)

    def wait_for_state(self, state: str, code: str = BANK_CODE) -> dict[str, Any]:
        path = f"/v1/participants/{code}"
        self.wait(lambda: self.get(path)["state"] == state and self.get(path)["open_step"] is None)
        return self.get(path)

    def _auth(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.service.connection['api_keys'][role]}"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder: Path = tmp_path_factory.mktemp("participants") / "data"
    with live_service(folder) as service:
        desk = SigningDesk(folder.with_name("desk"), service.connection_path)
        desk.prepare(key_of(f"{BANK_CODE} business").secret, manifest_path(folder).read_bytes())
        made = City(service, desk)
        with made.client:
            yield made


def test_a_bank_takes_part(city: City) -> None:
    the_bodies_of_the_installation_take_part_from_the_start(city)
    the_bank_is_admitted(city)
    its_admission_is_evidence(city)
    the_regulator_suspends_and_reinstates_it(city)
    it_adds_a_key_and_revokes_it(city)
    acts_that_it_relays_itself_do_not_keep_it_from_being_suspended(city)
    a_body_with_a_key_of_the_bank_is_refused_by_the_chain(city)
    the_bank_leaves(city)
    chain_and_database_agree(city)


def the_bodies_of_the_installation_take_part_from_the_start(city: City) -> None:
    listed = city.get("/v1/whitelist")["items"]
    assert len(listed) == 9
    assert all(body["in_good_standing"] for body in listed)
    chain_and_database_agree(city)


def the_bank_is_admitted(city: City) -> None:
    city.apply_and_review()
    assert city.act("admit", "operator", {})["state"] == "admitting"
    it_signs_its_admission_with_the_tool(city)
    city.sign()
    admitted = city.wait_for_state("active")
    assert admitted["in_good_standing"]
    assert {key["state"] for key in admitted["keys"]} == {"valid"}
    assert BANK_CODE in {body["code"] for body in city.get("/v1/whitelist", role="consumer")["items"]}


def it_signs_its_admission_with_the_tool(city: City) -> None:
    """As the walk-through says; every paper behind the act is seen."""
    listed = city.desk.run(0)
    assert Account.from_key(key_of(f"{BANK_CODE} business").secret).address in listed
    said = city.desk.run(1, act_id := open_act(city))
    assert f"{BANK_CODE} (已核对 checked)" in said
    assert "NOT" not in said
    assert [signer["signed"] for signer in city.get(f"/v1/acts/{act_id}")["signers"]] == [True, False, False]
    city.desk.repeat_last(1, act_id)
    carried = (city.desk.folder / "admission.json").read_text() + (city.desk.folder / "signature.json").read_text()
    secrets = (key_of(f"{BANK_CODE} business").secret.hex(), *PRIVATE_WORDS)
    assert [word for word in secrets if word in carried] == []


def open_act(city: City) -> str:
    return str(city.get(BANK)["open_step"]["act_id"])


def its_admission_is_evidence(city: City) -> None:
    kind = "org.cityledger.participant.admitted.v1"

    def is_final() -> bool:
        found = city.get("/v1/events/search", type=kind)["items"]
        return [one["state"] for one in found] == ["final"]

    city.wait(is_final)


def the_regulator_suspends_and_reinstates_it(city: City) -> None:
    assert city.act("suspend", "regulator", REASONS)["in_good_standing"] is False
    city.sign()
    city.wait_for_state("suspended")
    city.act("reinstate", "regulator", REASONS)
    city.sign()
    assert city.wait_for_state("active")["chain"]["revision"] == 2


def it_adds_a_key_and_revokes_it(city: City) -> None:
    """The rest of the walk-through: the key is made by the tool, and an SM2 key signs beside the old one."""
    sm2_key = city.desk.public_key("bank-sm2")
    city.act("add-sm2-key", "operator", {"public_key": sm2_key})
    city.desk.run(2)
    new = city.desk.public_key("bank-new").lower()
    city.act("add-key", "operator", {"address": new, "purposes": ["business"]})
    city.desk.run(3, open_act(city))
    city.wait(lambda: new in {key["address"] for key in city.get(BANK)["keys"]})
    assert city.desk.has_no_half_file()
    city.act("revoke-key", "operator", {"address": new, "reasons": "only tried"})
    city.sign()
    assert city.wait_for_state("active")["keys"][-1]["state"] == "revoked"


def acts_that_it_relays_itself_do_not_keep_it_from_being_suspended(city: City) -> None:
    chain_and_database_agree(city)
    city.act("suspend", "regulator", REASONS)
    relays_two_acts_of_its_own(city)  # what the regulator signs below, it decided before that
    city.sign()
    city.wait_for_state("suspended")
    city.wait(lambda: kinds_of_differences(city) == {"revision", "key_unknown_here"})
    city.act("reinstate", "regulator", REASONS)
    city.sign()
    city.wait_for_state("active")


def kinds_of_differences(city: City) -> set[str]:
    """What `differences` lists; the follower may be some blocks behind the step that is done."""
    return {one["kind"] for one in city.get("/v1/participants/differences")["items"]}


def relays_two_acts_of_its_own(city: City) -> None:
    """The bank takes a key and ends it, past the service; the follower has seen that when this returns."""
    url, manifest = city.service.rpc_url, read_manifest(manifest_path(city.service.folder))
    market = Market(url, suite_at(url, manifest))
    keys = dict.fromkeys((BUSINESS, METERING), key_of(f"{BANK_CODE} business").secret)
    chain = city.get(BANK)["chain"]
    bank = Party(market, "bank", bytes.fromhex(chain["body_id"][2:]), keys)
    own = key_of(f"{BANK_CODE} by itself").secret
    nonce = market.ask("ParticipantRegistry", "act_count", body_id=bank.body_id, signer=bank.body_id)
    assert {"signer": chain["body_id"], "count": nonce} in chain["counts"]
    addition = KeyAddition(bank.body_id, address(own), BUSINESS, nonce)
    possession = replace(bank, keys={BUSINESS: own}).signs(addition)
    grant = shared.KeyGrant(addition.key, addition.purposes)
    added = {"body_id": bank.body_id, "grant": grant, "nonce": nonce, "body": bank.signs(addition)}
    market.relay("ParticipantRegistry", "add_key", **added, possession=possession)
    revocation = KeyRevocation(bank.body_id, addition.key, bytes(31) + b"\x01", nonce + 1)
    market.relay("ParticipantRegistry", "revoke_key", **asdict(revocation), body=bank.signs(revocation))
    city.wait(lambda: "revision" in {one["kind"] for one in city.get("/v1/participants/differences")["items"]})


def a_body_with_a_key_of_the_bank_is_refused_by_the_chain(city: City) -> None:
    taken = application_body()["keys"]
    city.apply_and_review(OFFICE_CODE, keys=taken)
    city.act("admit", "operator", {}, OFFICE_CODE)
    city.sign(OFFICE_CODE)
    refused = city.wait_for_state("approved", OFFICE_CODE)["refused_step"]
    assert refused["reason"].startswith("ParticipantRegistryKeyTaken")


def the_bank_leaves(city: City) -> None:
    city.act("depart", "operator", REASONS)
    city.sign()
    city.wait_for_state("left")
    assert BANK_CODE not in {body["code"] for body in city.get("/v1/whitelist")["items"]}


def chain_and_database_agree(city: City) -> None:
    city.wait(lambda: city.get("/v1/participants/differences")["items"] == [])
