"""A template of the library over HTTP: fetched, attached to a product, and what an agreement then says; a product without one is not contracted."""

from typing import Any

import pytest
from support import product_http
from support.a_service import Service
from support.life_http import template_body
from support.product_http import Bodies
from support.product_world import DIGEST, content
from support.trade_http import HttpTrade, agreement_body, framework_body, trade_of

from ledger.domain.contract_templates import CLAUSES, LIBRARY


def ordered(trading: Service, bodies: Bodies, monkeypatch: pytest.MonkeyPatch, **members: Any) -> HttpTrade:
    """A confirmed order of a product that states this."""
    monkeypatch.setattr(product_http, "content", lambda: content(**members))
    return trade_of(trading, bodies).drafted().placed().confirmed()


def test_fetched_template_is_the_contract_of_a_product_as_it_is(
    trading: Service, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = next(iter(LIBRARY))
    key = {"Authorization": f"Bearer {bodies.keys['bank']}"}
    [fetched] = trading.client.post("/contractTemplate", json=template_body(templateId=wanted), headers=key).json()[
        "template"
    ]
    assert [one["code"] for one in fetched["clauses"]] == list(CLAUSES)

    attached = {"name": fetched["templateName"], "digest": fetched["templateDigest"]}
    trade = ordered(trading, bodies, monkeypatch, policy=fetched["policy"], contract_template=attached).generated()
    part = trade.agreement()["disclosed"]
    [policy] = part["policies"]
    assert {name: policy[name] for name in fetched["policy"]} == fetched["policy"] | {"@type": "Agreement"}
    [item] = part["items"]
    version = trade.read("provider", f"/v1/products/{item['product_id']}/versions/{item['product_version']}")
    assert version["content"]["contract_template"] == attached


def test_product_whose_template_nobody_checked_is_not_contracted(
    trading: Service, bodies: Bodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = ordered(trading, bodies, monkeypatch, contract_template={"name": "自拟合同", "digest": DIGEST})
    for path, body in (
        (f"{trade.order_path}/agreement", agreement_body()),
        ("/v1/agreements", framework_body(trade.code)),
    ):
        answer = trade.ask("bank", "POST", path, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_agreement"), path
        assert "contract template" in answer.json()["detail"]
    assert trade.order()["agreement_id"] is None
