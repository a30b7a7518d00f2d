"""Catalog entries for tests and benchmarks: made from a seed, so that every run has the same."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.domain.catalog import CatalogEntry, Distribution, Price, Resource, Share, Weights

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TOPICS = tuple(
    f"{letter}0{n}00" for letter, count in (("A", 5), ("B", 5), ("C", 5), ("D", 5)) for n in range(1, count + 1)
)
SCENES = ("S0101", "S0203", "T0101", "T0402", "U0100", "U0305", "V0101")
POLICY: dict[str, Any] = {
    "permission": [
        {"action": "use", "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "credit review"}]}
    ]
}
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SUBJECTS = (
    "施工许可",
    "企业信用",
    "不动产登记",
    "社保缴纳",
    "水电用量",
    "道路通行",
    "空气质量",
    "医保结算",
    "桥梁检测",
    "税务登记",
)
_THINGS = ("状态服务", "统计数据", "查询接口", "风险报告", "实时监测", "核验服务", "年度分析")
_PLACES = ("全市", "浦东新区", "临港片区", "高新园区", "滨江街道", "老城区")
_WORDS = ("permit", "credit", "status", "realtime", "risk", "traffic", "energy", "tax", "health", "bridge")
_PHRASES = (
    "数据来自主管部门的业务系统。经脱敏后提供。",
    "按日更新。支持按统一社会信用代码查询。",
    "适用于信贷审批与贷后管理场景。",
    "提供状态、日期和办理部门等字段。不含自然人信息。",
    "接口调用按次计费。公共数据部分执行政府指导价。",
    "历史数据自二〇一八年起。逐年归档。",
)


def product_code(number: int) -> str:
    """A code of the right form; whether its check character is right is not the catalog's business."""
    return f"691310000MA0000007L3101{number:08d}{_ALPHABET[number % 36]}"


def provider_code(number: int) -> str:
    return f"91310000MA{number:07d}{_ALPHABET[number % 36]}"


def an_entry(number: int = 1, **members: Any) -> CatalogEntry:
    """The permit-status service, unless told otherwise."""
    defaults: dict[str, Any] = {
        "product_code": product_code(number),
        "version": 1,
        "title": "施工许可状态服务 Permit status",
        "description": "按许可证号查询施工许可的办理状态与日期。",
        "keywords": ("施工许可", "permit"),
        "provider_code": provider_code(1),
        "provider_name": "市大数据运营有限公司",
        "topic": "D0100",
        "scene": "S0101",
        "delivery_form": "002",
        "source": "001",
        "frequency": "002",
        "security_level": "002",
        "quality": "001",
        "price": Price("per_call", "CNY", 50_000_000, 80_000_000, "价格主管部门 2026-12"),
        "weights": Weights(700_000, 300_000, 0),
        "filing_number": f"备2026-{number:06d}",
        "reference_split": (Share("data_holder", 600_000), Share("developer", 400_000)),
        "policy": POLICY,
        "distributions": (Distribution("HttpData-PULL", "application/json", "01"),),
        "issued": START,
        "modified": START + timedelta(minutes=number),
        "spatial": "310000",
        "resources": (Resource(f"7{product_code(number)[1:]}", "施工许可办理库"),),
    }
    return CatalogEntry(**defaults | members)


def generated_entries(count: int, seed: int = 20261121) -> Iterator[CatalogEntry]:
    """``count`` different entries with the spread of a real catalog: some topics are common, some words are rare."""
    rng = random.Random(seed)
    for number in range(count):
        public = rng.choice((0, 0, 300_000, 700_000, 1_000_000))
        unit_price = rng.choice((None, rng.randrange(1, 5_000) * 1_000_000))
        subject, thing, place = rng.choice(_SUBJECTS), rng.choice(_THINGS), rng.choice(_PLACES)
        rare = f"专题{number // 7}期" if number % 3 == 0 else ""
        yield an_entry(
            number,
            title=f"{place}{subject}{thing}{rare} {rng.choice(_WORDS)}",
            description=f"{place}{subject}{thing}。" + "".join(rng.sample(_PHRASES, rng.randrange(1, len(_PHRASES)))),
            keywords=(subject, rng.choice(_WORDS)),
            provider_code=provider_code(min(int(rng.expovariate(1 / 150)), 1_999)),
            provider_name=f"{place}数据服务公司",
            topic=TOPICS[min(int(rng.expovariate(1 / 4)), len(TOPICS) - 1)],
            scene=rng.choice(SCENES),
            delivery_form=rng.choice(("001", "002", "002", "002", "003", "004")),
            source=rng.choice(("001", "002", "003", "004")),
            frequency=rng.choice(("001", "002", "003", "004", "007")),
            security_level=rng.choice(("001", "001", "002", "003")),
            quality=rng.choice(("001", "002", "003")),
            price=Price(
                rng.choice(("per_call", "subscription", "volume_tier")),
                "CNY",
                unit_price,
                6_000_000_000 if public else None,
                "价格主管部门" if public else None,
            ),
            weights=Weights(public, 1_000_000 - public, 0),
            filing_number=f"备2026-{number:06d}" if public else None,
            modified=START + timedelta(seconds=rng.randrange(20_000_000), microseconds=number),
        )
