"""What bank, company and platforms state when the product is applied for, negotiated, ordered and agreed on. Pure.

Every value follows from the day on which the second part began, so that a step that is repeated after a crash states the same.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from ledger.demo.offices import BANK, DATA_COMPANY, PERMIT_OFFICE, REGION, Paper, Papers
from ledger.domain.application import ASPECTS
from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.working_days import SHANGHAI

ITEM: Final = "施工许可"
ITEM_TYPE: Final = "registration"
FIELDS: Final = ("许可证号", "状态", "日期")
GRANTED_FIELDS: Final = FIELDS[:2]
SCENARIO: Final = "贷后管理"
PURPOSE: Final = "loan-review"
CALLS: Final = 1_000
GRANTED_CALLS: Final = CALLS // 2
TOKEN_CALLS: Final = 100
TOKEN_DAYS: Final = 30
PARAMETERS: Final = {"region": "310115"}
CALLED_OFF: Final = 200
ORDER_DAYS: Final = 60
SPENT: Final[Mapping[str, Any]] = {
    "interface": 0,
    "fields": FIELDS[:1],
    "parameters": {**PARAMETERS, "number": "X1"},
    "records": 1,
}
"""One use of the service; the policy wants its record sent before."""

PERFORMED: Final = ({"action": "logRecordSend"},)

REVIEW: Final = tuple({"aspect": aspect, "passed": True, "reasons": reasons} for aspect, reasons in zip(
    ASPECTS,
    (
        "permits are checked before each payment",
        "the fields are those of a permit's state",
        "one permit a payment, no bulk",
        "kept in an isolated environment of the bank",
    ),
    strict=True,
))  # fmt: skip

CONFIDENTIAL: Final = {"discount": "首年调用费八折", "contact": "settlement desk of the bank, extension 0000"}
"""Known to the two parties alone."""

TITLES: Final = {
    "agreement": "施工许可状态数据使用协议",
    "framework": "施工许可状态服务框架协议",
    "trial": "施工许可状态服务试用协议",
}
"""The story's agreements by the names under which it remembers them: of one order, for call-offs, and one that ends early."""

ENDED: Final = "试用结束 双方协商解除"
STATEMENT: Final = "The trial's answers were deleted with their copies."


def _rules(calls: int) -> dict[str, Any]:
    count = {"leftOperand": "count", "operator": "lteq", "rightOperand": calls}
    return {
        "permission": [{"action": "read", "constraint": [count], "duty": [{"action": "logRecordSend"}]}],
        "prohibition": [{"action": "distribute"}],
    }


ASKED, OFFERED, ASKED_AGAIN, OFFERED_AGAIN = (_rules(calls) for calls in (20_000, 5_000, 12_000, 10_000))
"""Two rounds about the number of calls: the bank asks, the company offers, the bank asks for something between, the company meets it."""

TALK: Final[Sequence[tuple[str, str, Mapping[str, Any] | None]]] = (
    (BANK.name, "request", ASKED),
    (DATA_COMPANY.name, "offer", OFFERED),
    (BANK.name, "request", ASKED_AGAIN),
    (DATA_COMPANY.name, "offer", OFFERED_AGAIN),
    (BANK.name, "accept", None),
    (DATA_COMPANY.name, "agree", None),
    (BANK.name, "verify", None),
    (DATA_COMPANY.name, "finalize", None),
)
"""Who says what in its turn."""


def papers_of_dealings(papers: Papers) -> list[Paper]:
    """Every paper that something here names."""
    return [licence(papers), security_plan(papers), settlement_rule(papers), deletion_record(papers)]


def licence(papers: Papers) -> Paper:
    """What shows that the bank may lend."""
    return papers.paper("bank-licence", f"Financial licence of {BANK.title}")


def security_plan(papers: Papers) -> Paper:
    """How the bank keeps what it is told."""
    return papers.paper("bank-security-plan", "Security plan: an isolated environment of the bank")


def settlement_rule(papers: Papers) -> Paper:
    """The rule that agreements name."""
    return papers.paper("settlement-rule", "Settlement rule of public data products")


def deletion_record(papers: Papers) -> Paper:
    """What the bank keeps of a deletion."""
    return papers.paper("bank-deletion-record", "Record of the deletion of the trial's answers")


def use_application(papers: Papers) -> dict[str, Any]:
    """What the bank applies with."""
    item = {
        "item": ITEM,
        "item_type": ITEM_TYPE,
        "fields": list(FIELDS),
        "actions": ["read"],
        "calls": CALLS,
        "necessity": "one check a payment",
    }
    return {
        "qualifications": [{"title": "金融许可证", "digest": licence(papers).digest}],
        "scenario": {"name": SCENARIO, "scene": "S0201", "purpose": PURPOSE, "description": "放款前核验施工许可"},
        "items": [item],
        "security_plan": {
            "summary": "行内隔离环境",
            "papers": [{"title": "安全方案", "digest": security_plan(papers).digest}],
        },
        "valid_from": papers.day(0),
        "valid_until": papers.day(365),
    }


def granted_list(papers: Papers) -> dict[str, Any]:
    """The item-level list: one field and half of the calls less than was asked for."""
    item = {
        "item": ITEM,
        "item_type": ITEM_TYPE,
        "fields": list(GRANTED_FIELDS),
        "actions": ["read"],
        "valid_from": papers.day(0),
        "valid_until": papers.day(180),
        "calls": GRANTED_CALLS,
        "records_per_call": 1,
    }
    return {"scenario": SCENARIO, "purpose": PURPOSE, "items": [item], "banned_purposes": []}


def token_wish(papers: Papers, authorisation_id: str) -> dict[str, Any]:
    """What the bank's usage token allows."""
    return {
        "authorisation_id": authorisation_id,
        "subject": BANK.code,
        "entry": f"0/{ITEM}",
        "interface": 0,
        "parameters": dict(PARAMETERS),
        "fields": list(GRANTED_FIELDS),
        "mode": "read",
        "quota": TOKEN_CALLS,
        "valid_from": _seconds(papers.begun_on),
        "valid_until": _seconds(papers.begun_on + timedelta(days=TOKEN_DAYS)),
    }


def order(papers: Papers, product_code: str, *, kind: str, origin: str, reference: str, calls: int) -> dict[str, Any]:
    """An order of the product's first version: ``single`` or ``call_off``."""
    return {
        "kind": kind,
        "origin": {"kind": origin, "reference": reference},
        "product_code": product_code,
        "product_version": 1,
        "purpose": "项目贷款按施工进度放款前核验许可",
        "use": "commercial",
        "quantity": calls,
        "periods": 0,
        "valid_until": _seconds(papers.begun_on + timedelta(days=ORDER_DAYS)),
    }


def terms(papers: Papers, name: str, rule_version: str) -> dict[str, Any]:
    """What the parties of an agreement state beside order, product and policy; the permit office is paid for the public part."""
    provider_node, consumer_node = (
        generate_national_code(CodeKind.CONNECTOR, office.code, REGION[:4], "00000001")
        for office in (DATA_COMPANY, BANK)
    )
    whole = {"share": 1_000_000, "least": 0, "greatest": 1_000_000}
    return {
        "name": name,
        "abstract": "项目贷款放款前按次核验施工许可",
        "sign_mode": "02",
        "provider_node": provider_node,
        "consumer_node": consumer_node,
        "scope": SCENARIO,
        "fields": list(GRANTED_FIELDS),
        "valid_from": papers.day(0),
        "valid_until": papers.day(365),
        "rule_version": rule_version,
        "silence_accepts": True,
        "answer_working_days": 3,
        "pay_basis": "collected",
        "breach_liability": "停止使用、删除数据并赔偿损失",
        "shares": [
            {"recipient": PERMIT_OFFICE.code, "part": "public", **whole},
            {"recipient": DATA_COMPANY.code, "part": "enterprise", **whole},
        ],
    }


def _seconds(day: date) -> int:
    """Unix time of a day's first second in Shanghai."""
    return int(datetime.combine(day, datetime.min.time(), SHANGHAI).timestamp())
