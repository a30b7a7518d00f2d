"""What an agreement holds and how it comes about, over HTTP: drafts of both parties, every item of the standard's contract, its marked end."""

import copy
from typing import Any

import pytest
from support.life_http import HttpLifeAfter
from support.product_world import CODES
from support.trade_http import REASON, HttpTrade


@pytest.fixture
def trade(selected: HttpTrade) -> HttpTrade:
    """The same product and demand, and an order of its own."""
    return copy.copy(selected)


def total(trade: HttpTrade) -> Any:
    return trade.order("provider")["voucher"]["price"]["total_minor"]


def test_price_term_and_liability_go_back_and_forth_between_the_parties_alone(trade: HttpTrade) -> None:
    trade.drafted().placed()
    first_price = total(trade)
    trade.do("provider", f"{trade.order_path}/rejection", {"text": "起订量不足"})
    trade.drafted(quantity=5_000).placed()
    assert (first_price, total(trade)) == (50_000, 250_000)
    trade.confirmed()

    said = {"valid_until": "2099-12-31", "breach_liability": "停止使用"}
    answered = {"valid_until": "2099-06-30", "breach_liability": "停止使用、删除数据并双倍赔偿"}
    trade.generated(**said)
    refused, revision = trade.agreement_path, trade.agreement("bank")
    trade.do("bank", f"{trade.agreement_path}/abandonment", REASON)
    trade.generated(**answered)
    read = trade.agreement("bank")
    assert {name: revision["disclosed"][name] for name in said} == said
    assert {name: read["disclosed"][name] for name in answered} == answered
    assert read["contract_hash"] != revision["contract_hash"]
    for path in (refused, trade.agreement_path):
        for who in ("trading", "stranger"):
            assert trade.ask(who, "GET", path).status_code == 404, "nobody else reads what was not agreed upon"
    trade.signed()
    assert trade.agreement("trading")["disclosed"] == read["disclosed"]
    assert [trade.ask("trading", "GET", refused).status_code, trade.read("bank", refused)["state"]] == [
        404,
        "abandoned",
    ]


def test_agreement_has_every_item_of_the_standards_contract(trade: HttpTrade) -> None:
    """Table C.1, row by row; what has another name here is in ``api/CONTRACTS.md``."""
    trade.drafted().placed().confirmed().generated().signed()
    shown = trade.agreement()
    part = shown["disclosed"]

    assert (len(shown["agreement_id"]), shown["contract_status"]) == (47, "0301")
    assert shown["agreement_id"].startswith("84" + CODES["trading"]), "issued under the platform's business node"
    assert (part["name"], bool(part["abstract"]), part["sign_mode"]) == (shown["name"], True, "02")
    parties = [(one["entity_id"], one["party_type"], bool(one["entity_name"])) for one in part["parties"]]
    assert parties == [(CODES["provider"], "01", True), (CODES["bank"], "02", True)]
    assert shown["created_at"] < shown["concluded"]["at"]
    assert (part["valid_from"], part["valid_until"]) == (shown["valid_from"], shown["valid_until"])
    assert {"rule_version", "price", "end_conditions", "data_after_end"} <= set(part), "the extension"

    act = trade.read("bank", f"/v1/acts/{shown['concluded']['act_id']}")
    assert act["message"]["agreementId"] == "0x" + shown["chain_agreement_id"]
    assert [one["participant"] for one in act["signers"]] == [CODES["provider"], CODES["bank"]]
    assert all(one["signed"] and one["deadline"] for one in act["signers"]), "each over the id, and valid until a time"


def test_end_is_marked_in_the_filing_and_stops_the_performance(trade: HttpTrade) -> None:
    after = HttpLifeAfter(trade.drafted().placed().confirmed().generated().signed().filed()).performing()
    filing = f"/v1/filings/{trade.agreement()['contract_hash']}"
    running = trade.read("stranger", filing)
    assert (running["contract_status"], running["ended"]) == ("05", None)

    after.dissolved()
    marked = trade.read("stranger", filing)
    assert (marked["contract_status"], marked["ended"]["tx_hash"]) == ("06", "01" * 32)
    assert {name: marked[name] for name in ("filed", "filed_by", "contract_hash")} == {
        name: running[name] for name in ("filed", "filed_by", "contract_hash")
    }
    for who in ("bank", "provider"):
        after.report(who, "received", purpose="stop")
        assert after.report(who, "ended", purpose="stop")["state"] == "ended"
    path = f"/v1/control-instructions?agreement_id={trade.agreement_id}&state=ended"
    assert len(trade.read("trading", path)["items"]) == 4, "the start of either side ended with its stop"


def test_consumer_has_the_key_terms_told_before_it_signs(trade: HttpTrade) -> None:
    agreement = trade.drafted().placed().confirmed().generated().agreement()
    told = trade.read("bank", f"{trade.agreement_path}/explanation")
    sentences = {one["place"]: one["english"] for one in told["sentences"]}

    assert agreement["state"] == "generated"
    assert (told["agreement_id"], told["contract_hash"]) == (agreement["agreement_id"], agreement["contract_hash"])
    assert sentences["/price"] == "Price: 0.50 CNY for each call or record."
    assert "counts as accepted" in sentences["/silence_accepts"]
    assert sentences["/policies/0 prohibition[0]"] == "You may not distribute."


def test_consumer_has_its_rights_and_duties_told_in_plain_words(trade: HttpTrade) -> None:
    [policy] = trade.drafted().placed().confirmed().generated().agreement()["disclosed"]["policies"]
    told = trade.made("bank", "/v1/policies/explanation", {"policy": policy})
    sentences = {one["place"]: one for one in told["sentences"]}

    assert told["findings"] == []
    assert sentences["permission[0]"]["english"].startswith("You may read")
    assert sentences["prohibition[0]"]["english"] == "You may not distribute."
    assert all(one["chinese"] for one in told["sentences"])
