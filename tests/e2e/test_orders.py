"""A bank orders a product, agrees with its provider, calls off under a framework, and both end an agreement: on the chain.

Everything runs as ``cityledger up`` starts it; the contracts that decide are the real ones. The bank signs with ``cityledger sign``.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from support.demand_steps import BID
from support.demand_world import CONTACT, demand
from support.live_city import Json, LiveCity
from support.live_service import live_service
from support.participants import BANK_CODE, OFFICE_CODE, key_of
from support.platform_joins import agree_after_filing
from support.product_http import FILING, LETTER, REVIEW
from support.product_world import public_content
from support.suite import suite_at
from support.trade.forms import rule_content
from support.trade.market import Market
from support.trade.parties import BUSINESS, Party
from support.trade.product import the_rule
from support.trade_http import DAY_S, SEALED, order_content
from support.trade_steps import terms

from ledger.adapters.chain.bindings import settlement_rules
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.embedded.suite import manifest_path
from ledger.bundle.order_digest import order_chain_id
from ledger.client import acts, agreements, demands, orders, product_steps, products
from ledger.client.calls import Call, RemoteObject
from ledger.domain.acts.orders import Order
from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.records import to_json

FINDINGS = REVIEW["findings"]
PROVIDER, BUYER = BANK_CODE, OFFICE_CODE
SIGNERS = ("provider", "buyer", "trading_platform", "authorisation_platform", "price_authority", "regulator")
PASSWORD = "correct horse battery\n"
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

    def sign_by_tool(self, act_id: str, place: int) -> str:
        """The buyer reads and signs with the command line alone; gives what it was shown."""
        self.tool("fetch", act_id, "--place", place, "--hours", 2, "--out", f"{act_id}.json")
        shown = self.tool("show", f"{act_id}.json", "--manifest", "manifest.json")
        signed = ["--key", "buyer", "--manifest", "manifest.json", "--password-file", "password.txt", "--yes"]
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
        for name, text in {"password.txt": PASSWORD, "buyer.key": key_of(f"{BUYER} business").secret.hex()}.items():
            (desk / name).write_text(text)
            (desk / name).chmod(0o600)
        (desk / "manifest.json").write_bytes(manifest.read_bytes())
        market = Market(service.rpc_url, suite_at(service.rpc_url, read_manifest(manifest)))
        made = Trade(city, market, desk, buyer_key)
        made.tool("keys", "import", "buyer", "buyer.key", "--body", BUYER, "--password-file", "password.txt")
        yield made


@pytest.mark.timeout(900)
def test_an_order_becomes_an_agreement_and_agreements_end(trade: Trade) -> None:
    a_product_with_public_data_comes_to_the_market(trade)
    platforms_and_regulator_approve_a_settlement_rule(trade)
    the_provider_is_selected_for_a_demand(trade)
    order_id = the_buyer_orders_and_the_provider_confirms(trade)
    an_agreement_follows_and_is_filed(trade, order_id)
    one_order_is_called_off_under_a_framework(trade)
    both_dissolve_the_framework(trade)
    an_order_is_rejected_and_another_one_cancelled(trade)
    everything_that_is_stored_fits_together(trade)
    the_authorisation_platform_files_its_side_and_agrees(trade)


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


def an_agreement_follows_and_is_filed(trade: Trade, order_id: str) -> None:
    city = trade.city
    made = city.read("provider", agreements.generate_agreement(order_id, terms=trade.terms(), confidential=SEALED))
    name = made["agreement_id"]
    asked = city.read("buyer", agreements.ask_signatures(name, revision=int(made["revision"])))
    act_id = asked["waiting"]["act_id"]
    shown = trade.sign_by_tool(act_id, 1)
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


def the_authorisation_platform_files_its_side_and_agrees(trade: Trade) -> None:
    """Another process with books of its own reads all of it by HTTP, and the contracts at the node."""
    city, folder = trade.city, trade.folder.parent / "authorisation-platform"
    orders_seen, agreements_seen = agree_after_filing(city.service, folder, city.code_of("authorisation_platform"))
    assert (orders_seen, agreements_seen) >= (1, 1)
