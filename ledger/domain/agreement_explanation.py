# ruff: noqa: RUF001 - Chinese sentences have Chinese punctuation
"""The key terms of an agreement in plain sentences, Chinese and English, for whoever is about to sign it. Pure and deterministic.

The sentences are made from the disclosed part itself, never from a summary beside it, so they cannot say anything else than what is
signed. A place is a JSON pointer into it; behind that of a policy stands the rule in it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ledger.domain.act_explained import DECIMALS, money_text
from ledger.domain.agreement import DisclosedPart, EndCondition, PartyType
from ledger.domain.code_list import parse_listed
from ledger.domain.policies.explanation import Sentence, explain_policy
from ledger.domain.price import (
    BASE_FEE_PLUS_SHARE,
    COMMISSION,
    MEMBERSHIP,
    PER_CALL,
    SHARE,
    SUBSCRIPTION,
    VOLUME_TIER,
    WHOLE,
    PriceRule,
)

_PERIODS: Final[Mapping[str, tuple[str, str]]] = {
    "P1D": ("每天", "a day"),
    "P1W": ("每周", "a week"),
    "P1M": ("每月", "a month"),
    "P3M": ("每季度", "a quarter"),
    "P6M": ("每半年", "half a year"),
    "P1Y": ("每年", "a year"),
}
_PAY_BASES: Final[Mapping[str, tuple[str, str]]] = {
    "collected": ("款项实际收到后才分配。", "Money is distributed once it has been received."),
    "accrued": (
        "款项一经确认应收即分配，不论是否已收到。",
        "Money is distributed as soon as it is due, whether or not it has been received.",
    ),
}
_AFTER_END: Final[Mapping[str, tuple[str, str]]] = {
    "destroy": (
        "协议终止后，使用方须销毁数据并提交证明。",
        "After the end the consumer destroys the data and proves it.",
    ),
    "anonymise": (
        "协议终止后，使用方须对数据作匿名化处理并提交证明。",
        "After the end the consumer makes the data anonymous and proves it.",
    ),
}
_END_CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "not_in_force": (
        "备案后{}天内连接器未使控制指令生效的，协议自行终止。",
        "It ends by itself when a connector has not put its control instruction in force within {} days from the filing.",
    ),
    "breach_reports": (
        "连接器报告的违约达到{}次的，协议自行终止。",
        "It ends by itself once connectors have reported {} breaches.",
    ),
}


def explain_agreement(part: DisclosedPart) -> tuple[Sentence, ...]:
    """Who, what, for how long, at what price, what silence means, when money is shared out, what may be done, and how it ends."""
    return tuple(_sentences(part))


def _sentences(part: DisclosedPart) -> Iterator[Sentence]:
    for number, party in enumerate(part.parties):
        kind = parse_listed(PartyType, party.party_type)
        name = f"{party.entity_name} {party.entity_id}".strip()
        yield Sentence(f"/parties/{number}", f"{kind.chinese}：{name}。", f"{kind.english.capitalize()}: {name}.")
    for number, item in enumerate(part.items):
        fields = "、".join(item.fields), ", ".join(item.fields)
        product = f"{item.product_id} v{item.product_version}"
        yield Sentence(
            f"/items/{number}",
            f"标的：产品{product}，可用字段：{fields[0] or '全部'}；范围：{item.scope}。",
            f"Object: product {product}; fields that may be used: {fields[1] or 'all'}; for: {item.scope}.",
        )
    yield Sentence(
        "/valid_until",
        f"有效期自{part.valid_from}起至{part.valid_until}日终（北京时间）。",
        f"It is valid from {part.valid_from} to the end of {part.valid_until} (Asia/Shanghai).",
    )
    chinese, english = _PRICES[part.price.kind](part.price)
    yield Sentence("/price", f"价格：{chinese}", f"Price: {english}")
    yield Sentence("/silence_accepts", *_silence(part))
    yield Sentence("/pay_basis", *_PAY_BASES[part.pay_basis])
    for number, policy in enumerate(part.read_policies()):
        place = f"/policies/{number}"
        for one in explain_policy(policy):
            yield Sentence(f"{place} {one.place}".strip(), one.chinese, one.english)
    yield Sentence(
        "/breach_liability", f"违约责任：{part.breach_liability}", f"Liability for a breach: {part.breach_liability}"
    )
    for number, condition in enumerate(part.end_conditions):
        yield Sentence(f"/end_conditions/{number}", *_end(condition))
    yield Sentence("/data_after_end", *_AFTER_END[part.data_after_end])


def _silence(part: DisclosedPart) -> tuple[str, str]:
    days = part.answer_working_days
    if part.silence_accepts:
        return (
            f"用量账单须在{days}个工作日内答复；逾期未答复视为认可。",
            f"A usage statement is answered within {days} working days; without an answer it counts as accepted.",
        )
    return (
        f"用量账单须在{days}个工作日内答复；逾期未答复不视为认可，须另行裁定。",
        f"A usage statement is answered within {days} working days; without an answer it is not accepted, and a ruling is needed.",
    )


def _end(condition: EndCondition) -> tuple[str, str]:
    chinese, english = _END_CONDITIONS[condition.kind]
    return chinese.format(condition.limit), english.format(condition.limit)


def _unit(price: PriceRule) -> tuple[str, str]:
    amount = _price(price.unit_price or 0, price.currency)
    return f"每次调用或每条记录{amount}。", f"{amount} for each call or record."


def _tiers(price: PriceRule) -> tuple[str, str]:
    amounts = [(tier.from_units, _price(tier.unit_price, price.currency)) for tier in price.tiers]
    return (
        "每期内按量分档：" + "；".join(f"自第{first:,}次起每次{amount}" for first, amount in amounts) + "。",
        "By tiers within a period: "
        + "; ".join(f"from the {first:,}. unit on {amount} each" for first, amount in amounts)
        + ".",
    )


def _period(price: PriceRule) -> tuple[str, str]:
    amount, (chinese, english) = _amount(price), _PERIODS[price.period or ""]
    return f"{chinese}{amount}，不论用量。", f"{amount} {english}, however much is used."


def _share(price: PriceRule) -> tuple[str, str]:
    return f"使用方相关收入的{_percent(price)}。", f"{_percent(price)} of the consumer's revenue from it."


def _base_and_share(price: PriceRule) -> tuple[str, str]:
    amount = _amount(price)
    return (
        f"基本费{amount}，另加使用方相关收入的{_percent(price)}。",
        f"A base fee of {amount}, and {_percent(price)} of the consumer's revenue from it.",
    )


def _commission(price: PriceRule) -> tuple[str, str]:
    return f"交易额的{_percent(price)}。", f"{_percent(price)} of the trade's value."


def _price(value: int, currency: str) -> str:
    """Without the zeros that only say how finely a price could be stated."""
    text = money_text(value, currency, is_price=True)
    number, _, unit = text.partition(" ")
    if "." not in number:
        return text
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0").ljust(DECIMALS[currency], "0")
    return f"{whole}.{fraction} {unit}" if fraction else f"{whole} {unit}"


def _amount(price: PriceRule) -> str:
    return money_text(price.amount_minor or 0, price.currency)


def _percent(price: PriceRule) -> str:
    return f"{(price.share or 0) * 100 / WHOLE:.4f}".rstrip("0").rstrip(".") + " %"


_PRICES: Final[Mapping[str, Callable[[PriceRule], tuple[str, str]]]] = {
    PER_CALL: _unit,
    VOLUME_TIER: _tiers,
    SUBSCRIPTION: _period,
    MEMBERSHIP: _period,
    SHARE: _share,
    BASE_FEE_PLUS_SHARE: _base_and_share,
    COMMISSION: _commission,
}
