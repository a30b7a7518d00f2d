"""A bank takes part: admitted by the operator and the chain, suspended and reinstated by the regulator, with keys that come and go.

Everything runs as ``cityledger up`` starts it. Signatures are made by a tool that knows EIP-712 and nothing of this project; those that
the bank gives for its admission and its new key are made with ``cityledger sign``, as its walk-through says.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from support.live_city import LiveCity
from support.live_service import live_service
from support.participant_service import PRIVATE_WORDS, application_body
from support.participants import BANK_CODE, OFFICE_CODE, key_of
from support.signing_tool import SigningDesk
from support.suite import address, suite_at
from support.trade.market import Market
from support.trade.parties import BUSINESS, METERING, Party

from ledger.adapters.chain.bindings import shared
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.embedded.suite import manifest_path
from ledger.client import acts, evidence, participant_acts, participants
from ledger.domain.acts.participant_registry import KeyAddition, KeyRevocation

pytestmark = pytest.mark.long  # every check has the demo's story, and these steps over HTTP

REASONS = "as the papers say"


@dataclass
class SigningCity(LiveCity):
    """A city in which the bank signs with ``cityledger sign``."""

    desk: SigningDesk = field(kw_only=True)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigningCity]:
    folder: Path = tmp_path_factory.mktemp("participants") / "data"
    with live_service(folder) as service:
        desk = SigningDesk(folder.with_name("desk"), service.connection_path)
        desk.prepare(key_of(f"{BANK_CODE} business").secret, manifest_path(folder).read_bytes())
        with closing(SigningCity(service, desk=desk)) as made:
            yield made


def test_a_bank_takes_part(city: SigningCity) -> None:
    the_bodies_of_the_installation_take_part_from_the_start(city)
    the_bank_is_admitted(city)
    its_admission_is_evidence(city)
    the_regulator_suspends_and_reinstates_it(city)
    it_adds_a_key_and_revokes_it(city)
    acts_that_it_relays_itself_do_not_keep_it_from_being_suspended(city)
    a_body_with_a_key_of_the_bank_is_refused_by_the_chain(city)
    the_bank_leaves(city)
    chain_and_database_agree(city)


def the_bodies_of_the_installation_take_part_from_the_start(city: SigningCity) -> None:
    listed = city.items("operator", participants.get_whitelist())
    assert len(listed) == 9
    assert all(body["in_good_standing"] for body in listed)
    chain_and_database_agree(city)


def the_bank_is_admitted(city: SigningCity) -> None:
    city.apply_and_review()
    assert city.act("operator", participant_acts.admit)["state"] == "admitting"
    it_signs_its_admission_with_the_tool(city)
    city.sign_step()
    admitted = city.wait_for_state("active")
    assert admitted["in_good_standing"]
    assert {key["state"] for key in admitted["keys"]} == {"valid"}
    assert BANK_CODE in {body["code"] for body in city.items("consumer", participants.get_whitelist())}


def it_signs_its_admission_with_the_tool(city: SigningCity) -> None:
    """As the walk-through says; every paper behind the act is seen."""
    listed = city.desk.run(0)
    assert Account.from_key(key_of(f"{BANK_CODE} business").secret).address in listed
    said = city.desk.run(1, act_id := open_act(city))
    assert f"{BANK_CODE} (已核对 checked)" in said
    assert "NOT" not in said
    signers = city.read("operator", acts.get_act(act_id))["signers"]
    assert [signer["signed"] for signer in signers] == [True, False, False]
    city.desk.repeat_last(1, act_id)
    carried = (city.desk.folder / "admission.json").read_text() + (city.desk.folder / "signature.json").read_text()
    secrets = (key_of(f"{BANK_CODE} business").secret.hex(), *PRIVATE_WORDS)
    assert [word for word in secrets if word in carried] == []


def open_act(city: SigningCity) -> str:
    return str(city.participant()["open_step"]["act_id"])


def its_admission_is_evidence(city: SigningCity) -> None:
    kind = "org.cityledger.participant.admitted.v1"

    def is_final() -> bool:
        found = city.items("operator", evidence.search_events(event_type=kind))
        return [one["state"] for one in found] == ["final"]

    city.wait(is_final, lambda: kind)


def the_regulator_suspends_and_reinstates_it(city: SigningCity) -> None:
    assert city.act("regulator", participant_acts.suspend, reasons=REASONS)["in_good_standing"] is False
    city.sign_step()
    city.wait_for_state("suspended")
    city.act("regulator", participant_acts.reinstate, reasons=REASONS)
    city.sign_step()
    assert city.wait_for_state("active")["chain"]["revision"] == 2


def it_adds_a_key_and_revokes_it(city: SigningCity) -> None:
    """The rest of the walk-through: the key is made by the tool, and an SM2 key signs beside the old one."""
    city.act("operator", participant_acts.add_sm2_key, public_key=city.desk.public_key("bank-sm2"))
    city.desk.run(2)
    new = city.desk.public_key("bank-new").lower()
    city.act("operator", participant_acts.add_key, address=new, purposes=["business"])
    city.desk.run(3, open_act(city))
    city.wait(lambda: new in {key["address"] for key in city.participant()["keys"]}, city.participant)
    assert city.desk.has_no_half_file()
    city.act("operator", participant_acts.revoke_key, address=new, reasons="only tried")
    city.sign_step()
    assert city.wait_for_state("active")["keys"][-1]["state"] == "revoked"


def acts_that_it_relays_itself_do_not_keep_it_from_being_suspended(city: SigningCity) -> None:
    chain_and_database_agree(city)
    city.act("regulator", participant_acts.suspend, reasons=REASONS)
    relays_two_acts_of_its_own(city)  # what the regulator signs below, it decided before that
    city.sign_step()
    city.wait_for_state("suspended")
    city.wait(lambda: kinds_of_differences(city) == {"revision", "key_unknown_here"}, lambda: differences(city))
    city.act("regulator", participant_acts.reinstate, reasons=REASONS)
    city.sign_step()
    city.wait_for_state("active")


def differences(city: SigningCity) -> list[Mapping[str, Any]]:
    return city.items("operator", participants.get_differences())


def kinds_of_differences(city: SigningCity) -> set[str]:
    """What `differences` lists; the follower may be some blocks behind the step that is done."""
    return {one["kind"] for one in differences(city)}


def relays_two_acts_of_its_own(city: SigningCity) -> None:
    """The bank takes a key and ends it, past the service; the follower has seen that when this returns."""
    url, manifest = city.service.rpc_url, read_manifest(manifest_path(city.service.folder))
    market = Market(url, suite_at(url, manifest))
    keys = dict.fromkeys((BUSINESS, METERING), key_of(f"{BANK_CODE} business").secret)
    chain = city.participant()["chain"]
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
    city.wait(lambda: "revision" in kinds_of_differences(city), lambda: differences(city))


def a_body_with_a_key_of_the_bank_is_refused_by_the_chain(city: SigningCity) -> None:
    taken = application_body()["keys"]
    city.apply_and_review(OFFICE_CODE, keys=taken)
    city.act("operator", participant_acts.admit, code=OFFICE_CODE)
    city.sign_step(OFFICE_CODE)
    refused = city.wait_for_state("approved", OFFICE_CODE)["refused_step"]
    assert refused["reason"].startswith("ParticipantRegistryKeyTaken")


def the_bank_leaves(city: SigningCity) -> None:
    city.act("operator", participant_acts.depart, reasons=REASONS)
    city.sign_step()
    city.wait_for_state("left")
    assert BANK_CODE not in {body["code"] for body in city.items("operator", participants.get_whitelist())}


def chain_and_database_agree(city: SigningCity) -> None:
    city.wait(lambda: differences(city) == [], lambda: differences(city))
