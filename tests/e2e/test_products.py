"""A product comes to the market and leaves it: registered, judged by two platforms, filed, listed, suspended, resumed, delisted, on the chain.

Everything runs as ``cityledger up`` starts it; the contract that decides is the real one.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from support.live_city import Json, LiveCity
from support.live_service import live_service
from support.product_http import DESTRUCTION, FILING, LETTER, OWN, REVIEW
from support.product_world import public_content
from support.suite import suite_at
from support.trade.market import Market
from support.trade.parties import BUSINESS, Party

from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.embedded.suite import manifest_path
from ledger.bundle.catalog_feed import verify_changes
from ledger.client import acts, catalog, product_steps, products
from ledger.client.calls import Call, RemoteObject
from ledger.domain.acts.kinds import ProductActKind
from ledger.domain.acts.product_registry import ProductAct

pytestmark = pytest.mark.long  # every check has the demo's story, and these steps over HTTP

Step = Callable[..., Call[RemoteObject]]
"""A function of the client, for one version."""

FINDINGS = REVIEW["findings"]
COMPLAINT = {"trigger": "complaint", "text": "投诉"}


@dataclass
class Product:
    """One product on its way."""

    city: LiveCity
    code: str

    @property
    def version(self) -> Json:
        return self.city.read("provider", products.get_version(self.code, 1))

    def step(self, who: str, step: Step, *said: Any, **named: Any) -> Json:
        """A step of ``ledger.client`` on version 1; gives the version."""
        return self.city.read(who, step(self.code, 1, *said, **named))

    def on_chain(self, who: str, step: Step, *said: Any, state: str, **named: Any) -> None:
        """A step that every signer signs, and that the chain then agrees to."""
        act_id = self.step(who, step, *said, **named)["waiting"]["act_id"]
        self.settle(act_id)
        assert self.version["state"] == state
        act = self.city.read("provider", acts.get_act(act_id))
        assert (act["state"], [call["state"] for call in act["calls"]]) == ("final", ["final"])

    def settle(self, act_id: str) -> None:
        """Every signer's own body sends its signature; then the chain decides."""
        bodies = ("provider", "trading_platform", "authorisation_platform", "price_authority", "regulator")
        self.city.sign(act_id, {self.city.code_of(who): who for who in bodies})

        def shown() -> Json:
            return self.city.read("operator", acts.get_act(act_id))

        self.city.wait(lambda: shown()["state"] in {"final", "refused"}, shown)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder: Path = tmp_path_factory.mktemp("products") / "data"
    with live_service(folder) as service, closing(LiveCity(service)) as city:
        city.admit_provider(folder.parent)
        drafted = city.read("provider", products.draft_product(public_content(), region="3101"))
        yield Product(city, drafted["product_code"])


def test_a_product_comes_to_the_market_and_leaves_it(product: Product) -> None:
    it_is_registered_and_judged_by_two_platforms(product)
    it_is_filed_and_listed(product)
    everybody_finds_it_in_the_catalog(product)
    a_platform_suspends_it_and_lets_it_go_on(product)
    a_stop_that_the_contract_refuses_gives_no_offer_back(product)
    the_regulator_freezes_it_and_ends_that(product)
    it_is_delisted_and_its_data_are_destroyed(product)
    everything_that_is_stored_fits_together(product)


def it_is_registered_and_judged_by_two_platforms(product: Product) -> None:
    code_of = product.city.code_of
    judges = {
        "trading_platform": code_of("trading_platform"),
        "authorisation_platform": code_of("authorisation_platform"),
        "filing_authority": code_of("price_authority"),
    }
    revision = int(product.version["revision"])
    product.on_chain("provider", products.register_version, revision=revision, state="registered", **judges)
    product.step("trading_platform", product_steps.pass_first_review, FINDINGS)
    product.on_chain("authorisation_platform", product_steps.pass_final_review, FINDINGS, state="reviewed")
    for platform in ("trading_platform", "authorisation_platform"):
        product.step(platform, product_steps.issue_letter, **LETTER)


def it_is_filed_and_listed(product: Product) -> None:
    product.on_chain("price_authority", product_steps.file_version, state="filed", **FILING)
    product.on_chain("provider", product_steps.list_version, state="listed")


def everybody_finds_it_in_the_catalog(product: Product) -> None:
    [entry] = product.city.items("consumer", catalog.search_catalog(catalog.Question(text="施工许可")))
    assert (entry["identifier"], entry["filingNumber"]) == (product.code, FILING["number"])


def a_platform_suspends_it_and_lets_it_go_on(product: Product) -> None:
    product.on_chain("trading_platform", product_steps.suspend_version, state="suspended", **COMPLAINT)
    assert product.city.items("consumer", catalog.search_catalog()) == []
    product.on_chain("trading_platform", product_steps.resume_version, text="已处理", state="listed")


def a_stop_that_the_contract_refuses_gives_no_offer_back(product: Product) -> None:
    """The platform does acts of its own past the service, so the contract refuses the one that it signs here; the next one is right."""
    asked = product.step("trading_platform", product_steps.suspend_version, **COMPLAINT)["waiting"]["act_id"]
    message = product.city.read("operator", acts.get_act(asked))["message"]
    suspends_and_resumes_by_itself(product, message)
    product.settle(asked)
    assert (product.version["state"], product.version["refused"]["is_outdated"]) == ("withheld", True)
    assert product.city.items("consumer", catalog.search_catalog()) == []
    product.city.wait(lambda: names_the_new_count(product, message["nonce"] + 2), lambda: product.version)
    product.settle(product.version["waiting"]["act_id"])
    assert product.version["state"] == "suspended"
    product.on_chain("trading_platform", product_steps.resume_version, text="已处理", state="listed")


def suspends_and_resumes_by_itself(product: Product, message: Json) -> None:
    folder, url = product.city.service.folder, product.city.service.rpc_url
    market = Market(url, suite_at(url, read_manifest(manifest_path(folder))))
    key = bytes.fromhex((folder / "keys" / "bodies" / "trading-platform-business.key").read_text())
    code = product.city.code_of("trading_platform")
    body_id = product.city.participant(code)["chain"]["body_id"]
    platform = Party(market, "trading platform", bytes.fromhex(body_id[2:]), {BUSINESS: key})
    product_id = bytes.fromhex(message["productId"].removeprefix("0x"))
    for place, kind in enumerate((ProductActKind.SUSPEND, ProductActKind.RESUME)):
        act = ProductAct(product_id, 1, kind, bytes(31) + b"\x01", message["nonce"] + place)
        facts = {field.name: getattr(act, field.name) for field in fields(act)}
        market.relay("ProductRegistry", "act", **{"act_": facts.pop("act"), **facts}, party=platform.signs(act))


def names_the_new_count(product: Product, count: int) -> bool:
    """Asks for the suspension anew, and takes it back while the chain is not followed so far."""
    asked = product.step("trading_platform", product_steps.suspend_version, **COMPLAINT)["waiting"]["act_id"]
    if product.city.read("operator", acts.get_act(asked))["message"]["nonce"] == count:
        return True
    assert product.step("trading_platform", product_steps.withdraw_version_step)["state"] == "withheld"
    return False


def the_regulator_freezes_it_and_ends_that(product: Product) -> None:
    city, code = product.city, product.code
    frozen = city.read("regulator", product_steps.freeze_product(code, trigger="dispute", text="核查"))
    product.settle(frozen["waiting"]["act_id"])
    assert city.read("provider", products.get_product(code))["state"] == "frozen"
    thawing = city.read("regulator", product_steps.thaw_product(code, text="核查结束"))
    product.settle(thawing["waiting"]["act_id"])
    assert city.read("provider", products.get_product(code))["state"] == "active"


def it_is_delisted_and_its_data_are_destroyed(product: Product) -> None:
    product.on_chain("provider", product_steps.delist_version, state="delisted", **OWN)
    assert product.step("provider", products.withdraw_version, DESTRUCTION["destruction"])["state"] == "withdrawn"


def everything_that_is_stored_fits_together(product: Product) -> None:
    """``fsck`` derives calls, deadlines, catalog and feed again; every change of the feed is named by an event of the log."""
    done = product.city.service.run(["fsck"], cwd=product.city.service.folder.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = product.city.read("consumer", catalog.get_changes())
    assert verify_changes(rows["changes"]).sequence == len(rows["changes"]) == rows["head"]["sequence"]
