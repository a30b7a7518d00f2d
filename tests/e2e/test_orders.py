"""A bank orders a product, agrees with its provider, calls off under a framework, and both end an agreement: on the chain.

Everything runs as ``cityledger up`` starts it; the contracts that decide are the real ones. The bank signs with ``cityledger sign``, and the
confidential part is sealed and opened with it; a program that knows nothing of the project then checks what was filed.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from support.confidential_words import OTHER_PLACES, PLACES, places_of
from support.demand_steps import BID
from support.demand_world import CONTACT, demand
from support.live_city import Json, LiveCity, sm2_secret_of
from support.live_service import live_service
from support.participants import BANK_CODE, OFFICE_CODE, key_of
from support.platform_joins import agree_after_filing
from support.product_http import FILING, LETTER, REVIEW
from support.product_world import public_content
from support.suite import suite_at
from support.trade.market import Market
from support.trade.parties import BUSINESS, Party
from support.trade.product import the_rule
from support.trade_http import DAY_S, SEALED, order_content
from support.trade_steps import terms

from ledger.adapters.chain.bindings import settlement_rules
from ledger.adapters.chain.rule_content import rule_content
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.embedded.suite import manifest_path
from ledger.bundle.order_digest import order_chain_id
from ledger.client import acts, agreement_life, agreements, demands, disputes, orders, product_steps, products
from ledger.client.calls import Call, RemoteObject
from ledger.domain.acts.orders import Order
from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.records import to_json

pytestmark = pytest.mark.long  # every check has the demo's story, and these steps over HTTP

FINDINGS = REVIEW["findings"]
PROVIDER, BUYER = BANK_CODE, OFFICE_CODE
SIGNERS = (
    *("provider", "buyer", "trading_platform", "authorisation_platform", "price_authority", "regulator", "arbitrator"),
)
PASSWORD = "correct horse battery\n"
TEXTS = {"discount": "首年八折优惠条件", "contact": "confidential-contact@bank.example"}
VERIFIER = Path(__file__).with_name("independent_agreement_verifier.py")
CONFIRMED, CONTRACTED = "CONFIRMED", "CONTRACTED"


@dataclass
class Trade:
    """The city with a product on sale, a provider and a buyer."""

    city: LiveCity
    market: Market
    folder: Path
    buyer_key: str
    code: str = ""
    rule_version: str = ""
    demand_id: str = ""

    def settle(self, act_id: str) -> None:
        """Every signer's own body sends its signature; then the chain decides."""
        self.city.sign(act_id, {self.city.code_of(who): who for who in SIGNERS})
        self.wait_final(act_id)

    def wait_final(self, act_id: str) -> None:
        def shown() -> Json:
            return self.city.read("operator", acts.get_act(act_id))

        self.city.wait(lambda: shown()["state"] in {"final", "refused"}, shown)
        assert shown()["state"] == "final", shown()

    def done(self, who: str, call: Call[RemoteObject]) -> None:
        """A step that every signer signs, and that the chain agrees to."""
        self.settle(self.city.read(who, call)["waiting"]["act_id"])

    def version_step(self, who: str, step: Callable[..., Call[RemoteObject]], *said: Any, **named: Any) -> Json:
        return self.city.read(who, step(self.code, 1, *said, **named))

    def order(self, order_id: str) -> Json:
        return self.city.read("buyer", orders.get_order(order_id))

    def agreement(self, agreement_id: str) -> Json:
        return self.city.read("buyer", agreements.get_agreement(agreement_id))

    def sign_by_tool(self, act_id: str, place: int, *also: str) -> str:
        """The buyer reads and signs with the command line alone, ``also`` by a second key; gives what it was shown."""
        self.tool("fetch", act_id, "--place", place, "--hours", 2, "--out", f"{act_id}.json")
        shown = self.tool("show", f"{act_id}.json", "--manifest", "manifest.json")
        signed = ["--key", "buyer", *also, "--manifest", "manifest.json", "--password-file", "password.txt", "--yes"]
        self.tool("act", f"{act_id}.json", *signed, "--out", f"{act_id}-signed.json")
        self.tool("send", act_id, f"{act_id}-signed.json")
        return shown

    def tool(self, *arguments: object) -> str:
        environment = {"HOME": str(self.folder), "CITYLEDGER_API_KEY": self.buyer_key}
        done = self.city.service.run(["sign", *arguments], cwd=self.folder, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def order_on_chain(self, order_id: str) -> Any:
        salt = bytes.fromhex(self.order(order_id)["salt"])
        return self.market.ask("Orders", "order_of", order_id=order_chain_id(salt, order_id))

    def terms(self, **members: Any) -> dict[str, Any]:
        nodes = {
            "provider_node": generate_national_code(CodeKind.CONNECTOR, PROVIDER, "3100", "00000001"),
            "consumer_node": generate_national_code(CodeKind.CONNECTOR, BUYER, "3100", "00000002"),
        }
        dates = {"valid_from": "2026-01-01", "valid_until": "2099-12-31", "rule_version": self.rule_version}
        return dict(to_json(terms(**nodes, **dates, **members)))


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    folder: Path = tmp_path_factory.mktemp("orders") / "data"
    with live_service(folder) as service, closing(LiveCity(service)) as city:
        city.admit_provider(folder.parent)
        buyer_key = city.admit_body(folder.parent, BUYER, "consumer", "buyer")
        manifest = manifest_path(folder)
        desk = folder.parent / "desk"
        desk.mkdir()
        secrets = {"buyer.key": key_of(f"{BUYER} business").secret.hex(), "buyer-sm2.key": sm2_secret_of(BUYER).hex()}
        for name, text in {"password.txt": PASSWORD, **secrets}.items():
            (desk / name).write_text(text)
            (desk / name).chmod(0o600)
        (desk / "manifest.json").write_bytes(manifest.read_bytes())
        market = Market(service.rpc_url, suite_at(service.rpc_url, read_manifest(manifest)))
        made = Trade(city, market, desk, buyer_key)
        for name, kind in (("buyer", "secp256k1"), ("buyer-sm2", "sm2")):
            of_body = ("--kind", kind, "--body", BUYER, "--password-file", "password.txt")
            made.tool("keys", "import", name, f"{name}.key", *of_body)
        yield made


@pytest.mark.timeout(900)
def test_an_order_becomes_an_agreement_and_agreements_end(trade: Trade) -> None:
    a_product_with_public_data_comes_to_the_market(trade)
    platforms_and_regulator_approve_a_settlement_rule(trade)
    the_provider_is_selected_for_a_demand(trade)
    order_id = the_buyer_orders_and_the_provider_confirms(trade)
    sealed = the_parties_seal_what_is_confidential(trade)
    name = an_agreement_follows_and_is_filed(trade, order_id, sealed)
    the_other_party_opens_it_and_anyone_checks_the_rest(trade, name)
    both_connectors_are_instructed_and_perform(trade, order_id)
    a_complaint_comes_before_an_arbitrator(trade, order_id)
    one_order_is_called_off_under_a_framework(trade)
    both_dissolve_the_framework(trade)
    an_order_is_rejected_and_another_one_cancelled(trade)
    everything_that_is_stored_fits_together(trade)
    the_authorisation_platform_files_its_side_and_agrees(
        trade, lambda folder: no_confidential_word_is_kept_in_clear(trade, folder, name)
    )


def a_product_with_public_data_comes_to_the_market(trade: Trade) -> None:
    city = trade.city
    trade.code = city.read("provider", products.draft_product(public_content(), region="3101"))["product_code"]
    judges = {
        "trading_platform": city.code_of("trading_platform"),
        "authorisation_platform": city.code_of("authorisation_platform"),
        "filing_authority": city.code_of("price_authority"),
    }
    trade.done("provider", products.register_version(trade.code, 1, revision=1, **judges))
    trade.version_step("trading_platform", product_steps.pass_first_review, FINDINGS)
    trade.done("authorisation_platform", product_steps.pass_final_review(trade.code, 1, FINDINGS))
    for platform in ("trading_platform", "authorisation_platform"):
        trade.version_step(platform, product_steps.issue_letter, **LETTER)
    trade.done("price_authority", product_steps.file_version(trade.code, 1, **FILING))
    trade.done("provider", product_steps.list_version(trade.code, 1))


def platforms_and_regulator_approve_a_settlement_rule(trade: Trade) -> None:
    rule, signed = the_rule(), {}
    for role in ("trading_platform", "authorisation_platform", "regulator"):
        name = f"{role.replace('_', '-')}-business.key"
        secret = bytes.fromhex((trade.city.service.folder / "keys" / "bodies" / name).read_text())
        body_id = trade.city.participant(trade.city.code_of(role))["chain"]["body_id"]
        party = Party(trade.market, role, bytes.fromhex(body_id.removeprefix("0x")), {BUSINESS: secret})
        signed[role] = party.signs(rule)
    outcome = trade.market.relay("SettlementRules", "approve_rule", content=rule_content(rule), **signed)
    trade.rule_version = outcome.the(settlement_rules.RuleApproved).rule_version.hex()


def the_provider_is_selected_for_a_demand(trade: Trade) -> None:
    city = trade.city
    published = city.read("buyer", demands.publish_demand(demand(), asdict(CONTACT)))
    trade.demand_id = published["demand_id"]
    city.read("provider", demands.bid_for_demand(trade.demand_id, **BID))
    city.read("buyer", demands.select_bid(trade.demand_id, bidder=PROVIDER))


def drafted(trade: Trade, **members: Any) -> str:
    content = order_content(trade.code, trade.demand_id, **members)
    return str(trade.city.read("buyer", orders.draft_order(content))["order_id"])


def placed(trade: Trade, **members: Any) -> str:
    order_id = drafted(trade, **members)
    trade.done("buyer", orders.place_order(order_id, revision=1))
    return order_id


def the_buyer_orders_and_the_provider_confirms(trade: Trade) -> str:
    order_id = drafted(trade)
    asked = trade.city.read("buyer", orders.place_order(order_id, revision=1))
    assert (asked["state"], asked["waiting"]["step"]) == ("placing", "place")
    shown = trade.sign_by_tool(asked["waiting"]["act_id"], 0)
    assert "voucher of an order (已核对 checked)" in shown and "NOT SEEN" not in shown
    assert '"total_minor": 50000' in shown
    trade.wait_final(asked["waiting"]["act_id"])
    trade.done("provider", orders.confirm_order(order_id))

    assert (trade.order(order_id)["state"], trade.order_on_chain(order_id).status.name) == ("confirmed", CONFIRMED)
    return order_id


def the_parties_seal_what_is_confidential(trade: Trade) -> Json:
    for name in ("buyer-box", "provider-box"):
        trade.tool("keys", "new", name, "--kind", "x25519", "--password-file", "password.txt")
    (trade.folder / "buyer.key.json").write_text(trade.tool("keys", "show", "buyer-box", "--public"))
    (trade.folder / "terms.json").write_text(json.dumps(TEXTS))
    trade.tool("seal", "terms.json", "--key", "provider-box", "--to", "buyer.key.json", "--out", "sealed.json", "--yes")
    return dict(json.loads((trade.folder / "sealed.json").read_bytes()))


def an_agreement_follows_and_is_filed(trade: Trade, order_id: str, sealed: Json) -> str:
    city = trade.city
    made = city.read("provider", agreements.generate_agreement(order_id, terms=trade.terms(), confidential=sealed))
    name = made["agreement_id"]
    asked = city.read("buyer", agreements.ask_signatures(name, revision=int(made["revision"])))
    act_id = asked["waiting"]["act_id"]
    shown = trade.sign_by_tool(act_id, 1, "--sm2-key", "buyer-sm2")
    assert "agreement, its disclosed part (已核对 checked)" in shown and "NOT SEEN" not in shown
    trade.settle(act_id)
    city.wait(lambda: trade.order(order_id)["attached"] is not None, lambda: trade.order(order_id))

    assert (trade.agreement(name)["state"], trade.order(order_id)["state"]) == ("signed", "in_force")
    assert trade.order_on_chain(order_id).status.name == CONTRACTED
    trade.done("trading_platform", agreements.file_agreement(name))
    filing = city.read("consumer", agreements.get_filing(made["contract_hash"]))
    assert (filing["agreement_id"], filing["contract_status"]) == (name, "0301")
    record = trade.market.ask(
        "DigitalContractRegistry", "agreement_of", agreement_id=bytes.fromhex(filing["chain_agreement_id"])
    )
    assert (record.status.name, record.contract_digest.hex()) == ("FILED", made["contract_hash"])
    return str(name)


def the_other_party_opens_it_and_anyone_checks_the_rest(trade: Trade, name: str) -> None:
    (trade.folder / "agreement.json").write_text(json.dumps(trade.agreement(name)))
    opened = ("--key", "buyer-box", "--password-file", "password.txt", "--out", "opened.json")
    shown = trade.tool("open", "agreement.json", *opened)
    assert all(word in shown for word in TEXTS.values()) and "NOT checked" not in shown

    seen = trade.city.read("regulator", agreements.get_agreement(name))
    assert seen["confidential"]["ciphertext"] is None
    done = independently(trade, seen)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.endswith("FILED AND IN FORCE\n") and done.stdout.count("PASSED") == 9
    assert all(line in done.stdout for line in ("2 NOT SHOWN", "8 PASSED: signed by SM2 too", "9 NOT SHOWN"))
    done = independently(trade, seen, "--confidential", "opened.json")
    assert done.returncode == 0 and "2 PASSED" in done.stdout


def independently(trade: Trade, value: Json, *options: str) -> subprocess.CompletedProcess[str]:
    (trade.folder / "seen.json").write_text(json.dumps(value))
    files = ["--agreement", "seen.json", "--manifest", "manifest.json", "--rpc", trade.city.service.rpc_url]
    command = [sys.executable, "-I", str(VERIFIER), *files, *options]
    return subprocess.run(command, cwd=trade.folder, env={}, capture_output=True, text=True, check=False, timeout=60)


def no_confidential_word_is_kept_in_clear(trade: Trade, platform: Path, name: str) -> None:
    """By neither platform, after everything happened. The same search finds what is not confidential: a word of the disclosed part, the contract id and its digest."""
    value = trade.agreement(name)
    disclosed, contract_hash = value["disclosed"]["breach_liability"], value["contract_hash"]
    found = places_of(trade.city.service, platform, [*TEXTS.values(), disclosed, name, contract_hash])

    assert [found[word] for word in TEXTS.values()] == [set(), set()]
    assert "database" in found[disclosed] and "chain" not in found[disclosed]
    assert {"database", "files", "events", *OTHER_PLACES} <= found[name]
    assert OTHER_PLACES[0] in found[disclosed]
    assert set(PLACES) - {OTHER_PLACES[1]} <= found[contract_hash]


def both_connectors_are_instructed_and_perform(trade: Trade, order_id: str) -> None:
    name = trade.order(order_id)["agreement_id"]
    for who in ("buyer", "provider"):
        [told] = trade.city.items(who, agreement_life.get_instructions(owner="me", state="issued"))
        for state in ("received", "in_force"):
            trade.city.read(who, agreement_life.report_instruction(told["number"], told["side"], state=state))
    assert trade.agreement(name)["state"] == "in_performance"


def a_complaint_comes_before_an_arbitrator(trade: Trade, order_id: str) -> None:
    city, said = trade.city, {"text": "交付的字段缺失"}
    about = {"subject_kind": "order", "subject_id": order_id, "category": "quality"}
    case = city.read("buyer", disputes.complain(**about, **said))["dispute_id"]
    city.read("provider", disputes.write_message(case, **said))
    city.read("buyer", disputes.ask_mediation(case, **said))
    city.read("trading_platform", disputes.end_mediation(case, **said))
    trade.done("buyer", disputes.refer_dispute(case, arbitrator=city.code_of("arbitrator"), **said))
    referred = city.read("provider", disputes.get_dispute(case))
    record = trade.market.ask("Disputes", "dispute_of", dispute_id=bytes.fromhex(referred["chain_id"]))
    assert (referred["state"], record.status.name) == ("referred", "OPEN")
    trade.done("arbitrator", disputes.rule_dispute(case, **said))
    record = trade.market.ask("Disputes", "dispute_of", dispute_id=bytes.fromhex(referred["chain_id"]))
    ruled = city.read("buyer", disputes.get_dispute(case))
    assert (ruled["state"], record.status.name) == ("ruled", "RULED")
    assert record.ruling_digest.hex() == ruled["ruling_digest"]


def one_order_is_called_off_under_a_framework(trade: Trade) -> None:
    city = trade.city
    about = {"product_code": trade.code, "product_version": 1, "consumer": BUYER}
    framework = agreements.generate_framework(**about, terms=trade.terms(name="框架合约"), confidential=SEALED)
    name = city.read("provider", framework)["agreement_id"]
    trade.done("provider", agreements.ask_signatures(name, revision=1))
    trade.done("trading_platform", agreements.file_agreement(name))
    order_id = placed(trade, kind="call_off", origin={"kind": "agreement", "reference": name})
    trade.done("provider", orders.confirm_order(order_id))

    assert (trade.order(order_id)["state"], trade.order(order_id)["agreement_id"]) == ("in_force", name)
    assert trade.order_on_chain(order_id).status.name == CONTRACTED


def both_dissolve_the_framework(trade: Trade) -> None:
    [item] = [one for one in trade.city.items("buyer", agreements.get_agreements()) if one["order_id"] is None]
    name = item["agreement_id"]
    ended = agreements.dissolve_agreement(name, effective_at=int(time.time()) + 5, text="双方协商")
    trade.done("provider", ended)
    assert (trade.agreement(name)["state"], trade.agreement(name)["contract_status"]) == ("terminated", "06")
    [call_off] = [one for one in trade.city.items("buyer", orders.get_orders()) if one["agreement_id"] == name]
    order_id = call_off["order_id"]
    trade.city.wait(lambda: trade.order(order_id)["state"] == "closed", lambda: trade.order(order_id))
    done = independently(trade, trade.city.read("regulator", agreements.get_agreement(name)))
    assert (done.returncode, done.stderr) == (5, ""), done.stdout


def an_order_is_rejected_and_another_one_cancelled(trade: Trade) -> None:
    valid_until = int(time.time()) + 5 * DAY_S
    first, second = (placed(trade, valid_until=valid_until) for _ in range(2))
    trade.done("provider", orders.reject_order(first, text="容量不足"))
    trade.done("provider", orders.confirm_order(second))
    trade.done("buyer", orders.cancel_order(second, text="项目终止"))
    assert [trade.order(one)["state"] for one in (first, second)] == ["rejected", "cancelled"]
    assert [trade.order_on_chain(one).status.name for one in (first, second)] == ["REJECTED", "CANCELLED"]


def everything_that_is_stored_fits_together(trade: Trade) -> None:
    """``fsck`` derives calls and deadlines again; every act of an order stands in the log."""
    done = trade.city.service.run(["fsck"], cwd=trade.city.service.folder.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert Order.CONTRACT in {item["act"].partition(".")[0] for item in trade.city.items("buyer", acts.get_acts())}


def the_authorisation_platform_files_its_side_and_agrees(trade: Trade, then: Callable[[Path], None]) -> None:
    """Another process with books of its own reads all of it by HTTP, and the contracts at the node; ``then`` looks at its folder."""
    city, folder = trade.city, trade.folder.parent / "authorisation-platform"
    code = city.code_of("authorisation_platform")
    orders_seen, agreements_seen = agree_after_filing(city.service, folder, code, lambda: then(folder))
    assert (orders_seen, agreements_seen) >= (1, 1)
