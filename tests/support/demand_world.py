"""A demand of a bank, and its contact, for tests of the demand hall."""

from typing import Any

from ledger.services.demands import Contact

DEMAND_ID = "dem-" + "0" * 31 + "1"
CONTACT = Contact("王某", "021-0000 0000", "contact@bank.example")


def demand(**members: Any) -> dict[str, Any]:
    """What the permit-status service meets in every point, unless told otherwise."""
    defaults: dict[str, Any] = {
        "title": "施工许可状态查询",
        "purpose": "贷后管理",
        "scenario": "项目贷款按施工进度放款前核验许可",
        "topic": "D0100",
        "scene": "S0201",
        "items": [{"name": "施工许可", "fields": ["许可证号", "状态", "日期"]}],
        "frequency": "003",
        "region": "310115",
        "currency": "CNY",
        "budget_minor": 1_000_000,
        "quality": "002",
        "security_level": "002",
        "security_requirement": "仅在行内隔离环境使用",
        "delivery_form": "002",
        "deadline": "2027-03-31",
    }
    return defaults | members
