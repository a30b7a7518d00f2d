"""An agreement for tests: a bank and a provider about one product."""

from typing import Any

from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.subject_code import generate_subject_code

PROVIDER = generate_subject_code("310000", "MA0000001")
BANK = generate_subject_code("310000", "MA0000002")
PROVIDER_NODE = generate_national_code(CodeKind.CONNECTOR, PROVIDER, "3100", "00000001")
BANK_NODE = generate_national_code(CodeKind.CONNECTOR, BANK, "3100", "00000002")
PRODUCT = generate_national_code(CodeKind.PRODUCT, PROVIDER, "3100", "00000003")

CONFIDENTIAL = {"discount": "首年八折", "contact": "数据合作部"}


def agreement_policy(**members: Any) -> dict[str, Any]:
    permission = {
        "action": "read",
        "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 10_000}],
    }
    named = {"target": PRODUCT, "assigner": PROVIDER_NODE, "assignee": BANK_NODE}
    return {"@type": "Agreement", **named, "permission": [permission]} | members


def disclosed(**members: Any) -> dict[str, Any]:
    return {
        "name": "施工许可数据使用协议",
        "abstract": "银行在信贷审批中按次读取施工许可数据",
        "sign_mode": "02",
        "parties": [
            {"entity_id": PROVIDER, "party_type": "01", "node_id": PROVIDER_NODE, "entity_name": "数据公司"},
            {"entity_id": BANK, "party_type": "02", "node_id": BANK_NODE, "entity_name": "银行"},
        ],
        "items": [
            {
                "product_id": PRODUCT,
                "product_version": 1,
                "owner_id": PROVIDER,
                "scope": "信贷审批",
                "fields": ["permit_no"],
            }
        ],
        "valid_from": "2027-01-01",
        "valid_until": "2027-12-31",
        "policies": [agreement_policy()],
        "price": {"kind": "per_call", "currency": "CNY", "unit_price": 1_000_000},
        "rule_version": "ab" * 32,
        "silence_accepts": True,
        "answer_working_days": 3,
        "pay_basis": "collected",
        "breach_liability": "停止使用、删除数据并赔偿损失",
    } | members


def agreement_document(product_code: str, *, provider: str = PROVIDER, consumer: str = BANK) -> dict[str, Any]:
    """What the data map reads of an agreement's document, once both have signed it."""
    part = disclosed()
    bodies = zip((provider, consumer), part["parties"], strict=True)
    part["parties"] = [party | {"entity_id": code} for code, party in bodies]
    return {
        "provider": provider,
        "consumer": consumer,
        "product_code": product_code,
        "product_version": 1,
        "disclosed": part,
        "concluded": {"act_id": "act-1", "tx_hash": "01" * 32, "at": "2026-11-21T08:00:00Z"},
    }
