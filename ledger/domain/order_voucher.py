"""The voucher of an order in its standard form: both parties, the subject, the agreed price (S002 2.3.4.1.5). Pure.

As a document it is JSON, whose canonical bytes both parties sign by digest (``ledger.bundle.order_digest``). For print it is a list of
lines, in the document's order, each in both languages; whoever renders them needs nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.domain.act_explained import money_text
from ledger.domain.act_words import Words
from ledger.domain.order import OrderContent, OrderPrice
from ledger.domain.records import to_json
from ledger.domain.working_days import SHANGHAI

FORM: Final = "cityledger-order-voucher/1"


@dataclass(frozen=True, slots=True)
class VoucherSubject:
    """What the order is about, beside what it states itself.

    Args:
        order_id: lasting name of the order.
        consumer: subject code and registered name.
        provider: subject code and registered name.
        title: of the product.
        delivery_form: of the product (NDI-TR-2025-06 table 3).
        product_digest: the version's content digest as registered, hex.
        price_rule_digest: the version's price-rule digest as registered, hex.
    """

    order_id: str
    consumer: tuple[str, str]
    provider: tuple[str, str]
    title: str
    delivery_form: str
    product_digest: str
    price_rule_digest: str


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line of a printed voucher."""

    words: Words
    value: str


def build_voucher(subject: VoucherSubject, content: OrderContent, price: OrderPrice) -> dict[str, Any]:
    """The voucher as JSON; the same order gives the same document for ever."""
    return {
        "form": FORM,
        "order_id": subject.order_id,
        "kind": content.kind,
        "origin": to_json(content.origin),
        "consumer": {"code": subject.consumer[0], "name": subject.consumer[1]},
        "provider": {"code": subject.provider[0], "name": subject.provider[1]},
        "subject": {
            "product_code": content.product_code,
            "product_version": content.product_version,
            "title": subject.title,
            "delivery_form": subject.delivery_form,
            "product_digest": subject.product_digest,
        },
        "purpose": content.purpose,
        "use": content.use,
        "quantity": content.quantity,
        "periods": content.periods,
        "price": {**to_json(price), "price_rule_digest": subject.price_rule_digest},
        "valid_until": content.valid_until,
    }


_WORDS: Final[Mapping[str, Words]] = {
    "order_id": Words("订单编号", "order number"),
    "kind": Words("订单类型", "kind of order"),
    "origin": Words("来源", "origin"),
    "consumer": Words("需方", "consumer"),
    "provider": Words("供方", "provider"),
    "product": Words("标的产品", "product"),
    "product_code": Words("产品标识码与版本", "product code and version"),
    "delivery_form": Words("交付形式", "delivery form"),
    "purpose": Words("用途", "purpose"),
    "use": Words("使用性质", "kind of use"),
    "quantity": Words("数量", "quantity"),
    "periods": Words("计费周期数", "periods"),
    "price": Words("计价方式", "price rule"),
    "fixed": Words("固定费用", "fixed amount"),
    "usage": Words("用量费用", "amount for usage"),
    "total": Words("合计", "total"),
    "valid_until": Words("确认期限", "to be confirmed by"),
}
_KINDS: Final = {
    "single": "单次订单 single order",
    "call_off": "框架合约下的调用单 call-off under a framework agreement",
}
_ORIGINS: Final = {
    "application": "申请 application",
    "demand": "需求 demand",
    "negotiation": "协商 negotiation",
    "agreement": "框架合约 framework agreement",
}
_USES: Final = {
    "commercial": "商业使用 commercial",
    "public_governance": "公共治理 public governance (free of charge 免费)",
    "public_benefit": "公益事业 public benefit (free of charge 免费)",
}
_UNLIMITED: Final = "不限 no limit"
_METERED: Final = "按计量结算 by metering"


def voucher_lines(voucher: Mapping[str, Any]) -> list[VoucherLine]:
    """A voucher for print: every fact of it that a person decides on, in a fixed order."""
    return [VoucherLine(_WORDS[name], value) for name, value in _lines(voucher)]


def _lines(voucher: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    subject, price, origin = voucher["subject"], voucher["price"], voucher["origin"]
    currency = price["rule"]["currency"]
    yield "order_id", voucher["order_id"]
    yield "kind", _KINDS[voucher["kind"]]
    yield "origin", f"{_ORIGINS[origin['kind']]} {origin['reference']}"
    for side in ("consumer", "provider"):
        yield side, f"{voucher[side]['name']} {voucher[side]['code']}"
    yield "product", subject["title"]
    yield "product_code", f"{subject['product_code']} v{subject['product_version']}"
    yield "delivery_form", subject["delivery_form"]
    yield "purpose", voucher["purpose"]
    yield "use", _USES[voucher["use"]]
    yield "quantity", f"{voucher['quantity']:,}" if voucher["quantity"] else _UNLIMITED
    if voucher["periods"]:
        yield "periods", f"{voucher['periods']:,}"
    yield "price", price["rule"]["kind"]
    yield "fixed", _money(price["fixed_minor"], currency)
    yield "usage", _money(price["usage_minor"], currency)
    yield "total", _money(price["total_minor"], currency)
    until = datetime.fromtimestamp(voucher["valid_until"], SHANGHAI)
    yield "valid_until", until.strftime("%Y-%m-%d %H:%M:%S Asia/Shanghai")


def _money(minor: int | None, currency: str) -> str:
    return _METERED if minor is None else money_text(minor, currency)
