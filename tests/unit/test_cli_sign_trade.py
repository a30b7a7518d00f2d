"""Papers of orders and agreements: what their parties sign is computed again from what the API shows, and nothing else fits."""

import copy
from typing import Any

import pytest
from support.act_samples import request
from support.agreements import CONFIDENTIAL
from support.product_world import CODES, a_world, actor, open_act
from support.trade_steps import SALTS, Trade

from api.trade_answers import agreement_value, order_value, voucher_value
from ledger.bundle.agreement_chain import agreement_reason_digest, filing_digest
from ledger.bundle.order_digest import order_reason_digest
from ledger.cli.sign_papers import Opening, openings_of
from ledger.cli.sign_steps import require_seen
from ledger.cli.sign_text import lines_of
from ledger.domain.signing_errors import PaperUnseenError
from ledger.domain.signing_request import SigningRequest, request_from_json
from ledger.errors import InputError
from ledger.services import agreement_filing, agreements, order_closing, orders
from ledger.services.acts import act_of

BANK = actor("bank")


@pytest.fixture(scope="module")
def confirmed() -> Trade:
    """Made once; every test goes on from a copy."""
    return Trade(a_world()).draft().offered().confirmed()


@pytest.fixture
def trade(confirmed: Trade) -> Trade:
    return copy.deepcopy(confirmed)


def asked(trade: Trade) -> SigningRequest:
    """The file that a signer of the open act fetches, without its papers."""
    return request_from_json(request(act_of(open_act(trade.world)), ["0x" + "0e" * 20], body=CODES["bank"]))


def said(what: SigningRequest, openings: list[Opening]) -> str:
    return "\n".join(lines_of(what, openings, now=0, is_chain_known=True, has_manifest=True))


def order_paper(trade: Trade) -> dict[str, Any]:
    return order_value(trade.order, BANK)


def agreement_paper(trade: Trade, **more: Any) -> dict[str, Any]:
    return agreement_value(trade.agreement, BANK) | more


def test_order_is_read_with_its_voucher_and_price_rule_before_it_is_signed() -> None:
    trade = Trade(a_world()).draft()
    trade.do("bank", orders.place_order)
    what, openings = asked(trade), openings_of(order_paper(trade), "paper")

    require_seen(what, openings, ())
    text = said(what, openings)
    assert "NOT SEEN" not in text and "voucher of an order (已核对 checked)" in text
    assert f"order {trade.order_id} (已核对 checked)" in text
    assert '"total_minor": 50000' in text and '"unit_price": 50000000' in text


@pytest.mark.parametrize("member", ["voucher", "salt", "price_rule"])
def test_order_that_is_not_the_one_to_be_signed_is_not_seen(member: str) -> None:
    trade = Trade(a_world()).draft()
    trade.do("bank", orders.place_order)
    paper = order_paper(trade)
    other = {
        "voucher": {**paper["voucher"], "quantity": 1},
        "salt": "77" * 32,
        "price_rule": {**paper["price_rule"], "content": {"price": {}, "ceiling": None}},
    }
    with pytest.raises(PaperUnseenError):
        require_seen(asked(trade), openings_of(paper | {member: other[member]}, "paper"), ())


def test_agreement_is_read_by_its_disclosed_part_and_the_hashes_of_the_other(trade: Trade) -> None:
    trade.generated()
    trade.agree("bank", agreements.ask_signatures)
    what, openings = asked(trade), openings_of(agreement_paper(trade), "paper")

    require_seen(what, openings, ())
    text = said(what, openings)
    assert "agreement, its disclosed part (已核对 checked)" in text and "停止使用、删除数据并赔偿损失" in text
    assert not [word for word in CONFIDENTIAL.values() if word in text]


def test_party_reads_both_parts_when_it_has_the_other_one(trade: Trade) -> None:
    trade.generated()
    trade.agree("bank", agreements.ask_signatures)
    opened = {"salt": SALTS.confidential.hex(), "confidential": CONFIDENTIAL, "v": 1}
    openings = openings_of(agreement_paper(trade, confidential_part=opened), "paper")

    require_seen(asked(trade), openings, ())
    assert all(word in said(asked(trade), openings) for word in CONFIDENTIAL.values())
    for other in ({**opened, "salt": "99" * 32}, {**opened, "confidential": {"discount": "首年九折"}}):
        with pytest.raises(InputError):
            openings_of(agreement_paper(trade, confidential_part=other), "paper")


def test_filing_and_reasons_are_read(trade: Trade) -> None:
    trade.do("bank", order_closing.cancel_order, "不需要")
    require_seen(asked(trade), openings_of(order_paper(trade), "paper"), ())
    document = trade.order.document
    digest = order_reason_digest(bytes.fromhex(document["salt"]), document["closing"])
    assert digest in {one.digest for one in openings_of(order_paper(trade), "paper")}
    trade.do("bank", order_closing.withdraw_order_step)

    trade.generated().signed()
    trade.agree("trading", agreement_filing.file_agreement)
    require_seen(asked(trade), openings_of(agreement_paper(trade), "paper"), ())
    document = trade.agreement.document
    salt = bytes.fromhex(document["salt"])
    assert filing_digest(salt, document["filing"]) in {one.digest for one in openings_of(agreement_paper(trade), "p")}
    trade.agree("trading", agreement_filing.withdraw_agreement_step)
    trade.agree("bank", agreement_filing.dissolve_agreement, int(trade.world.now.timestamp()) + 60, "双方协商")
    require_seen(asked(trade), openings_of(agreement_paper(trade), "paper"), ())
    ending = trade.agreement.document["ending"]
    assert agreement_reason_digest(salt, ending) in {one.digest for one in openings_of(agreement_paper(trade), "p")}


def test_draft_and_voucher_are_papers_too(trade: Trade) -> None:
    draft = Trade(a_world()).draft()
    assert [one.title for one in openings_of(order_paper(draft), "paper")] == [f"order {draft.order_id}"]
    titles = [one.title for one in openings_of(voucher_value(trade.order), "paper")]
    assert titles == [f"order {trade.order_id}", "voucher of an order"]
