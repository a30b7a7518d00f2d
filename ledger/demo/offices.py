"""Who takes part in the story, and what they hand in: offices and firms that stand for their kind, and no people. Pure.

Papers are short texts that the story writes into its folder; what is handed in is their digest. Subject codes are well formed and
invented: region 000000, organisation ``DEMO`` and a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from ledger.bundle.template_digest import template_text
from ledger.domain.admission_rules import BUSINESS_LICENCE, ISO_27701, PROTECTION_LEVEL, SECURITY_ASSESSMENT
from ledger.domain.codes import CodeKind, generate_national_code
from ledger.domain.contract_templates import LIBRARY, ContractTemplate
from ledger.domain.roles import CONSUMER, DATA_HOLDER, DEVELOPER, PLATFORM_SERVICE, PROVIDER, SERVICE_PARTY
from ledger.domain.subject_code import generate_subject_code

REGION: Final = "310000"
TEMPLATE: Final[ContractTemplate] = next(iter(LIBRARY.values()))
"""Calls of a data interface."""


@dataclass(frozen=True, slots=True)
class Office:
    """A body that is admitted in the story.

    Args:
        name: what the story calls it; also the name of its folder.
        title: its registered name.
        number: of its invented subject code.
        roles: what it applies for; its desk acts in the first.
        scope: what it does.
        papers: kinds of the qualification documents that it hands in.
    """

    name: str
    title: str
    number: int
    roles: tuple[str, ...]
    scope: str
    papers: tuple[str, ...] = (BUSINESS_LICENCE,)

    @property
    def code(self) -> str:
        """Its subject code."""
        return generate_subject_code("000000", f"DEMA{self.number:05}")


PERMIT_OFFICE: Final = Office(
    "permit-office",
    "市规划许可办公室",
    1,
    (DATA_HOLDER, PLATFORM_SERVICE),
    "grants building permits; holds their records",
    (BUSINESS_LICENCE, PROTECTION_LEVEL),
)
DATA_COMPANY: Final = Office(
    "data-company",
    "城市数据服务有限公司",
    2,
    (PROVIDER, DEVELOPER),
    "makes data services of the city's records",
    (BUSINESS_LICENCE, ISO_27701),
)
ASSESSMENT_CENTRE: Final = Office(
    "assessment-centre",
    "数据安全评测中心",
    3,
    (SERVICE_PARTY,),
    "assesses the security of data products",
    (BUSINESS_LICENCE, ISO_27701, SECURITY_ASSESSMENT),
)
BANK: Final = Office("bank", "示例商业银行", 4, (CONSUMER,), "lends to builders; asks for the state of their permits")
OFFICES: Final = (PERMIT_OFFICE, DATA_COMPANY, ASSESSMENT_CENTRE, BANK)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as the story writes it: file name and text."""

    file: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes, hex."""
        return sha256(self.text.encode()).hexdigest()


class Papers:
    """Every paper of a story that began on one day: dates and digests follow from that day.

    Args:
        begun_on: the day.
    """

    def __init__(self, begun_on: date) -> None:
        self.begun_on = begun_on

    def paper(self, file: str, subject: str) -> Paper:
        """A paper about something."""
        return Paper(f"{file}.txt", f"Paper of a demonstration.\n{subject}\n{self.begun_on.isoformat()}\n")

    def document(self, office: Office, kind: str) -> Paper:
        """A qualification document of an office."""
        return self.paper(f"{office.name}-{kind}", f"{kind} of {office.title} ({office.code})")

    def all(self) -> list[Paper]:
        """Every paper that anything below names."""
        documents = [self.document(office, kind) for office in OFFICES for kind in office.papers]
        reports = [self.report_paper(office) for office in OFFICES]
        return [*documents, *reports, self.certificate, self.template, self.letter_paper, self.remarks]

    def report_paper(self, office: Office) -> Paper:
        """The qualification report of an office."""
        return self.paper(f"{office.name}-report", f"Qualification report of {office.title} ({office.code})")

    @property
    def certificate(self) -> Paper:
        """The registration certificate of the product."""
        return self.paper("certificate", "Registration certificate of the permit-status service")

    @property
    def template(self) -> Paper:
        """The standard contract template, one of the library."""
        return Paper("contract-template.json", template_text(TEMPLATE).decode())

    @property
    def letter_paper(self) -> Paper:
        """The joint compliance letter."""
        return self.paper("compliance-letter", "Joint compliance letter of the permit-status service")

    @property
    def remarks(self) -> Paper:
        """What the regulator noted about the catalog entry."""
        return self.paper("regulator-remarks", "The catalog entry says what was filed")

    def day(self, days: int) -> str:
        """A day so many days after the first."""
        return (self.begun_on + timedelta(days=days)).isoformat()


def application(papers: Papers, office: Office, keys: Mapping[str, str]) -> dict[str, Any]:
    """What an office hands in; ``keys`` are its addresses for ``business`` and ``finance``."""
    desk = f"{office.name} service desk"
    documents = [
        {
            "kind": kind,
            "title": f"{kind} of {office.title}",
            "sha256": papers.document(office, kind).digest,
            "issuer": "市场监督管理局",
            "valid_until": papers.day(1_095),
        }
        for kind in office.papers
    ]
    return {
        "organisation": {
            "code": office.code,
            "name": office.title,
            "enterprise_type": "4",
            "address": "this installation",
            "business_scope": office.scope,
        },
        "roles": list(office.roles),
        "documents": documents,
        "keys": [
            {"address": keys["business"], "purposes": ["business", "metering"]},
            {"address": keys["finance"], "purposes": ["finance"]},
        ],
        "facts": {
            "legal_person": {
                "name": f"{office.name} (no person, a demonstration)",
                "document_type": "none",
                "document_number": "none",
            },
            "contact": {"name": desk, "phone": "000-0000", "email": f"{office.name}@demo.invalid"},
        },
    }


def report(papers: Papers, office: Office) -> dict[str, Any]:
    """The qualification report that the operator puts on file."""
    return {
        "finding": "meets the requirements",
        "valid_until": papers.day(730),
        "scenarios": ["building permits", "credit after lending"],
        "limits": ["no export of raw records"],
        "verifier": "平台运营机构",
        "seal_sha256": papers.report_paper(office).digest,
        "issued_on": papers.day(0),
    }


CEILING: Final = {"unit_price": 80_000_000, "source": "市价格主管部门 公共数据运营服务费 第1号"}


def product(papers: Papers) -> dict[str, Any]:
    """The permit-status service, made of the permit office's records: 70 % public data, so it is filed and under a ceiling."""
    resource = generate_national_code(CodeKind.RESOURCE, PERMIT_OFFICE.code, REGION[:4], "PERMIT01")
    return {
        "title": "施工许可状态服务 permit status",
        "description": "按许可证号查询施工许可的办理状态与日期。 The state of a building permit by its number, with the dates of its steps.",
        "function": "查询许可状态",
        "keywords": ["施工许可", "permit"],
        "topic": "D0100",
        "scene": "S0101",
        "delivery_form": "002",
        "source": "002",
        "frequency": "002",
        "quality": "001",
        "security_level": "002",
        "sensitivity_grade": "general",
        "interfaces": [
            {
                "transfer_format": "HttpData-PULL",
                "delivery_method": "03",
                "description": "GET /permits/{number}",
                "media_type": "application/json",
            }
        ],
        "responsible_party": {"unit": "数据资源部", "update_procedure": "每日从许可业务系统更新"},
        "weights": {"public": 700_000, "enterprise": 300_000, "personal": 0},
        "price": {"kind": "per_call", "currency": "CNY", "unit_price": 50_000_000},
        "policy": {
            "@type": "Offer",
            "permission": [
                {
                    "action": "read",
                    "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 10_000}],
                    "duty": [{"action": "logRecordSend"}],
                }
            ],
            "prohibition": [{"action": "distribute"}],
        },
        "contract_template": {"name": TEMPLATE.name, "digest": papers.template.digest},
        "reference_split": [{"role": DATA_HOLDER, "share": 300_000}, {"role": PROVIDER, "share": 700_000}],
        "resources": [{"resource_code": resource, "title": "施工许可办理记录"}],
        "certificate": {
            "number": "登记演示0001",
            "digest": papers.certificate.digest,
            "issued_on": papers.day(-30),
        },
        "ceiling": CEILING,
        "spatial": REGION,
    }


FINDINGS: Final = (
    {"aspect": "compliance", "passed": True, "reasons": "the permit office agreed; no personal data"},
    {"aspect": "quality", "passed": True, "reasons": "fields and dates were held against the records"},
    {"aspect": "risk", "passed": True, "reasons": "one permit an answer, no bulk export"},
)


def letter(papers: Papers) -> dict[str, str]:
    """The compliance letter that both platforms issue."""
    return {"number": "合规函演示1", "digest": papers.letter_paper.digest, "issued_on": papers.day(0)}


def demand(papers: Papers) -> dict[str, Any]:
    """What the bank asks for."""
    return {
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
        "deadline": papers.day(90),
    }


CONTACT: Final = {"name": "bank service desk", "phone": "000-0000", "email": "bank@demo.invalid"}
BID_TEXT: Final = "按次调用 每次五角"
BID_AMOUNT_MINOR: Final = 500_000
