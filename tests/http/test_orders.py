"""Orders and agreements over HTTP and PostgreSQL: the whole way, who reads what, and what lists find."""

import copy
from typing import Any

import pytest
from support.agreements import CONFIDENTIAL
from support.product_world import CODES
from support.trade_http import (
    REASON,
    HttpTrade,
    agreement_body,
    dissolution_body,
    key,
    order_content,
)
from support.trade_steps import SALTS

from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.bundle.agreement_digest import agreement_digest, agreement_leaves, disclosed_leaves
from ledger.bundle.order_digest import order_chain_id, voucher_digest
from ledger.domain.agreement_id import parse_agreement_id


@pytest.fixture(scope="module")
def ordered(selected: HttpTrade) -> HttpTrade:
    """A confirmed order; a test that goes on from it takes ``trade``."""
    return copy.copy(selected).drafted().placed().confirmed()


@pytest.fixture
def trade(ordered: HttpTrade) -> HttpTrade:
    """The same product and demand, and an order of its own."""
    return copy.copy(ordered)


def refused(trade: HttpTrade, who: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    answer = trade.ask(who, method, path, body, **headers)
    return answer.status_code, answer.json()["code"]


def ids(trade: HttpTrade, who: str, path: str, name: str) -> list[str]:
    """Of a whole list, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = trade.read(who, f"{path}{'&' if '?' in path else '?'}limit=2{cursor}")
        found += [item[name] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_order_goes_from_the_draft_to_the_filed_agreement_and_its_end(trade: HttpTrade) -> None:
    trade.drafted()
    assert (trade.order()["state"], trade.order()["allowed"]) == ("drafted", ["discard", "edit", "place"])
    trade.placed()
    assert trade.order("provider")["allowed"] == ["accept", "lapse", "reject"]
    trade.confirmed().generated().signed()
    assert (trade.order()["state"], trade.agreement()["state"]) == ("in_force", "signed")
    assert trade.order()["attached"]["tx_hash"] == "01" * 32
    trade.filed()
    assert (trade.agreement("trading")["state"], trade.agreement()["contract_status"]) == ("filed", "0301")
    trade.do("provider", f"{trade.agreement_path}/dissolution", dissolution_body())
    assert (trade.agreement()["state"], trade.agreement()["contract_status"]) == ("terminated", "06")
    trade.do("bank", f"{trade.order_path}/closing")
    assert trade.order()["state"] == "closed"

    states = [one["state"] for one in trade.read("bank", f"{trade.agreement_path}/history")["items"]]
    assert states == ["generated", "signing", "signed", "filing", "filed", "ending", "terminated"]


def test_call_off_is_in_force_when_it_is_confirmed(trade: HttpTrade) -> None:
    trade.framework().signed().filed()
    origin = {"kind": "agreement", "reference": trade.agreement_id}
    trade.drafted(kind="call_off", origin=origin).placed().confirmed()

    assert (trade.order()["state"], trade.order()["agreement_id"]) == ("in_force", trade.agreement_id)
    assert trade.agreement()["order_id"] is None
    path = f"{trade.order_path}/agreement"
    assert refused(trade, "provider", "POST", path, agreement_body()) == (409, "illegal_transition")


def test_voucher_leads_to_the_digest_that_both_sign(ordered: HttpTrade) -> None:
    shown = ordered.read("provider", f"{ordered.order_path}/voucher")
    salt = bytes.fromhex(shown["salt"])

    assert shown["content_digest"] == voucher_digest(salt, shown["voucher"]).hex()
    assert shown["chain_order_id"] == order_chain_id(salt, ordered.order_id).hex()
    assert {"chinese": "合计", "english": "total", "value": "500.00 CNY"} in shown["lines"]
    acts = ordered.read("bank", "/v1/acts?limit=200")["items"]
    signed = [act["message"] for act in acts if act["subject"]["object_id"] == ordered.order_id]
    assert [one["contentDigest"] for one in signed] == ["0x" + shown["content_digest"]] * 2


def test_draft_and_its_revisions_are_the_consumers(trade: HttpTrade) -> None:
    trade.drafted()
    for who in ("provider", "trading", "stranger"):
        assert refused(trade, who, "GET", trade.order_path) == (404, "not_found")
        assert trade.order_id not in ids(trade, who, "/v1/orders", "order_id")
    assert refused(trade, "bank", "GET", f"{trade.order_path}/voucher") == (404, "not_found")
    changed = order_content(trade.code, trade.demand_id, quantity=5)
    seen = trade.ask("bank", "GET", trade.order_path).headers["ETag"]
    assert refused(trade, "bank", "PUT", trade.order_path, changed) == (428, "precondition_required")
    assert trade.ask("bank", "PUT", trade.order_path, changed, **{"If-Match": seen}).status_code == 200
    assert refused(trade, "bank", "POST", f"{trade.order_path}/placing", {}, **{"If-Match": seen})[0] == 412
    trade.placed()

    acts = {
        who: [one["act"] for one in trade.read(who, f"{trade.order_path}/history")["items"]]
        for who in ("bank", "provider")
    }
    assert acts == {"bank": ["draft", "edit", "place", "confirm"], "provider": ["confirm"]}


def test_draft_is_discarded(trade: HttpTrade) -> None:
    trade.drafted()
    assert trade.do("bank", f"{trade.order_path}/discarding")["state"] == "discarded"


@pytest.mark.parametrize(
    ("who", "step", "state"),
    [("provider", "rejection", "rejected"), ("bank", "withdrawal", "withdrawn"), ("bank", "cancellation", "cancelled")],
)
def test_order_ends_by_a_signature_and_a_reason(trade: HttpTrade, who: str, step: str, state: str) -> None:
    trade.drafted().placed()
    if step == "cancellation":
        trade.confirmed()
    trade.do(who, f"{trade.order_path}/{step}", REASON)
    ended = trade.order()
    assert (ended["state"], ended["closing"]["text"]) == (state, REASON["text"])
    assert ended[state]["tx_hash"] == "01" * 32


def test_order_that_can_be_confirmed_does_not_lapse(trade: HttpTrade) -> None:
    trade.drafted().placed()
    assert refused(trade, "bank", "POST", f"{trade.order_path}/lapse", {}) == (409, "conflict")


def test_step_that_is_not_signed_is_shown_and_taken_back(trade: HttpTrade) -> None:
    trade.drafted()
    seen = trade.ask("bank", "GET", trade.order_path).headers["ETag"]
    asked = trade.ask("bank", "POST", f"{trade.order_path}/placing", {}, **{"If-Match": seen}).json()
    assert (asked["state"], asked["waiting"]["step"], asked["waiting"]["by"]) == ("placing", "place", CODES["bank"])
    assert trade.read("bank", f"/v1/acts/{asked['waiting']['act_id']}")["state"] == "open"

    back = trade.do("bank", f"{trade.order_path}/step-withdrawal")
    assert (back["state"], back["waiting"]) == ("drafted", None)


def test_list_is_narrowed_by_side_state_counterparty_and_product(trade: HttpTrade) -> None:
    trade.drafted()
    draft, placed = trade.order_id, trade.drafted().placed().order_id
    every = {
        who: ids(trade, who, "/v1/orders", "order_id")
        for who in ("bank", "provider", "trading", "regulator", "stranger")
    }

    assert {draft, placed} <= set(every["bank"]) and every["bank"] == every["regulator"]
    assert every["provider"] == every["trading"] == [one for one in every["bank"] if one in every["provider"]]
    assert placed in every["provider"] and draft not in every["provider"] and every["stranger"] == []
    for who, query, whole in (
        ("bank", "side=consumer", "bank"),
        ("provider", "side=provider", "provider"),
        ("provider", f"counterparty={CODES['bank']}", "provider"),
        ("trading", f"counterparty={CODES['provider']}", "trading"),
        ("trading", f"counterparty={CODES['bank']}", "trading"),
        ("regulator", f"counterparty={CODES['bank']}", "regulator"),
        ("regulator", f"product_code={trade.code}", "regulator"),
    ):
        assert ids(trade, who, f"/v1/orders?{query}", "order_id") == every[whole], (who, query)
    assert draft in ids(trade, "bank", "/v1/orders?state=drafted", "order_id")
    assert placed in ids(trade, "provider", f"/v1/orders?state=offered&product_code={trade.code}", "order_id")
    for query in (
        "side=provider",
        f"counterparty={CODES['stranger']}",
        "product_code=691310000MA0000007L3101000000015",
    ):
        assert ids(trade, "bank", f"/v1/orders?{query}", "order_id") == [], query


def test_agreement_is_read_at_three_levels(trade: HttpTrade) -> None:
    trade.drafted().placed().confirmed().generated()
    assert refused(trade, "trading", "GET", trade.agreement_path) == (404, "not_found")
    trade.signed().filed()

    seen = {who: trade.agreement(who) for who in ("bank", "provider", "trading", "regulator")}
    assert {who: one["level"] for who, one in seen.items()} == {
        "bank": "party", "provider": "party", "trading": "platform", "regulator": "supervisor"
    }  # fmt: skip
    assert {who: one["confidential"]["ciphertext"] for who, one in seen.items() if one["level"] == "party"} == {
        "bank": "AAECAw==", "provider": "AAECAw=="
    }  # fmt: skip
    assert all(one["confidential"]["ciphertext"] is None for one in seen.values() if one["level"] != "party")
    assert refused(trade, "stranger", "GET", trade.agreement_path) == (404, "not_found")
    history = {who: trade.read(who, f"{trade.agreement_path}/history")["items"] for who in ("bank", "trading")}
    assert [one["state"] for one in history["trading"]] == ["signed", "filing", "filed"]
    assert len(history["bank"]) == 5


def test_whoever_reads_an_agreement_computes_its_hash(trade: HttpTrade) -> None:
    trade.drafted().placed().confirmed().generated().signed()
    shown = trade.agreement("trading")
    hidden = [bytes.fromhex(one) for one in shown["confidential"]["leaf_hashes"]]
    leaves = disclosed_leaves(shown["disclosed"], bytes.fromhex(shown["disclosed_salt"]))

    assert agreement_digest([*hidden, *leaves]).hex() == shown["contract_hash"]
    assert parse_agreement_id(trade.agreement_id).subject == CODES["trading"] == shown["issued_by"]
    assert shown["chain_agreement_id"] == agreement_chain_id(bytes.fromhex(shown["salt"]), trade.agreement_id).hex()
    own = agreement_leaves({"x": 1}, CONFIDENTIAL, SALTS)[: len(CONFIDENTIAL)]
    assert [leaf.leaf_hash for leaf in own] == hidden, "the parties, who have the other part, compute the same"


def test_filed_agreement_is_known_to_every_body_without_its_content(trade: HttpTrade) -> None:
    trade.drafted().placed().confirmed().generated().signed()
    contract_hash = trade.agreement()["contract_hash"]
    assert refused(trade, "stranger", "GET", f"/v1/filings/{contract_hash}") == (404, "not_found")
    trade.filed()

    by_hash, by_id = (trade.read("stranger", f"/v1/filings/{name}") for name in (contract_hash, trade.agreement_id))
    assert by_hash == by_id
    assert (by_id["filed_by"], by_id["contract_status"]) == (CODES["trading"], "0301")
    assert not {"provider", "consumer", "disclosed", "salt", "confidential"} & set(by_id)


def test_agreements_are_found_by_id_hash_day_and_party(trade: HttpTrade) -> None:
    trade.drafted().placed().confirmed().generated()
    shown = trade.agreement()
    name, contract_hash = shown["agreement_id"], shown["contract_hash"]

    assert trade.read("provider", f"/v1/agreements/{contract_hash}")["agreement_id"] == name
    for query in (
        *(
            f"beginning={name[:38]}",
            f"beginning={name}",
            f"beginning={contract_hash[:8]}",
            f"beginning={contract_hash}",
        ),
        *("valid_on=2030-06-01", "state=generated", f"counterparty={CODES['provider']}", f"product_code={trade.code}"),
    ):
        assert name in ids(trade, "bank", f"/v1/agreements?{query}", "agreement_id"), query
    for query in ("valid_on=2025-12-31", "valid_on=2100-01-01", "state=filed", "beginning=00000000", "side=provider"):
        assert name not in ids(trade, "bank", f"/v1/agreements?{query}", "agreement_id"), query
    assert ids(trade, "stranger", f"/v1/agreements?beginning={contract_hash}", "agreement_id") == []
    assert refused(trade, "regulator", "GET", "/v1/agreements?valid_on=2030-06-01") == (400, "invalid_input")
    found = ids(trade, "regulator", f"/v1/agreements?valid_on=2030-06-01&product_code={trade.code}", "agreement_id")
    assert name in found
    for text in (name[:20], "abc", contract_hash + "0"):
        assert refused(trade, "bank", "GET", f"/v1/agreements?beginning={text}") == (400, "invalid_input")


def test_abandoned_agreement_leaves_the_order_free(trade: HttpTrade) -> None:
    trade.drafted().placed().confirmed().generated()
    path = f"{trade.order_path}/agreement"
    assert refused(trade, "bank", "POST", path, agreement_body()) == (409, "conflict")
    trade.do("bank", f"{trade.agreement_path}/abandonment", REASON)
    assert trade.agreement()["contract_status"] == "0302"
    trade.generated()
    assert trade.order()["agreement_id"] == trade.agreement_id


def test_regulators_ruling_ends_an_agreement_by_its_signature_alone(trade: HttpTrade) -> None:
    trade.drafted().placed().confirmed().generated().signed().filed()
    asked = trade.ask("regulator", "POST", f"{trade.agreement_path}/dissolution", dissolution_body()).json()
    assert asked["ending"]["ground"] == "ruling"
    assert refused(trade, "bank", "POST", f"{trade.agreement_path}/step-withdrawal", {}) == (403, "forbidden")
    back = trade.do("regulator", f"{trade.agreement_path}/step-withdrawal")
    assert (back["state"], back["waiting"]) == ("filed", None)
    trade.do("regulator", f"{trade.agreement_path}/dissolution", dissolution_body())
    assert trade.agreement()["state"] == "terminated"


def test_repeat_of_a_draft_and_of_an_agreement_gets_its_first_answer(trade: HttpTrade) -> None:
    content, named = order_content(trade.code, trade.demand_id), key()
    first, again = (trade.ask("bank", "POST", "/v1/orders", content, **named) for _ in range(2))
    assert (first.status_code, again.content, again.headers["Idempotent-Replay"]) == (201, first.content, "true")
    trade.drafted().placed().confirmed()
    path, body, named = f"{trade.order_path}/agreement", agreement_body(), key()
    first, again = (trade.ask("bank", "POST", path, body, **named) for _ in range(2))
    assert (first.status_code, again.content) == (201, first.content)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"use": "public_benefit"}, "invalid_order"),
        ({"periods": 3}, "invalid_order"),
        ({"product_version": 2}, "product_not_offered"),
        ({"origin": {"kind": "application", "reference": "app-none-there"}}, "order_origin_not_met"),
        ({"quantity": "5"}, "invalid_input"),
    ],
)
def test_order_that_cannot_be_is_refused_by_name(trade: HttpTrade, members: dict[str, Any], code: str) -> None:
    content = order_content(trade.code, trade.demand_id, **members)
    assert refused(trade, "bank", "POST", "/v1/orders", content)[1] == code
