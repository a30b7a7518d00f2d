"""Code lists of the catalogue (NDI-TR-2025-06, draft, 7.1 tables 1 to 7 and 8.2).

Codes and keywords are the source's. So are the Chinese names of table 2, of two security levels and of the list titles in the comments;
the other names are ours, because the dictionaries of the draft's annex were not available. Delivery *form* (001 to 006, what a product is)
is not delivery *method* (01 to 04 of TC609-6-2025-14, how it travels): both are kept. Table 2 defines 001 and 002 alike, a slip of its own.
"""

from typing import Final

from ledger.domain.check_characters import DIGITS
from ledger.domain.code_defects import CodeAlphabetError, CodeLengthError
from ledger.domain.code_list import CodeList, parse_listed


class Classification(CodeList):
    """By what a resource is classified (table 1)."""

    TOPIC = "001", "主题", "topic"
    INDUSTRY = "002", "行业", "industry"
    ORGANISATION = "003", "组织机构", "organisation"
    SCENE = "004", "应用场景", "application scene"


class DataSource(CodeList):
    """How the data came to the provider (table 2, 数据资源来源)."""

    ORIGINAL = "001", "原始取得", "original"
    COLLECTED = "002", "收集取得", "collected"
    TRADED = "003", "交易取得", "acquired by trade"
    OTHER = "004", "其他", "other"


class DeliveryForm(CodeList):
    """What a product is (table 3, 交付形式)."""

    DATASET = "001", "数据集", "dataset"
    API_PRODUCT = "002", "API产品", "API product"
    APPLICATION = "003", "数据应用", "data application"
    REPORT = "004", "数据报告", "data report"
    OBJECT = "005", "数据对象", "data object"
    OTHER = "006", "其他", "other"


class UpdateFrequency(CodeList):
    """How often the data change (table 4)."""

    REAL_TIME = "001", "实时", "in real time", "realTime"
    DAILY = "002", "每日", "daily", "daily"
    WEEKLY = "003", "每周", "weekly", "weekly"
    MONTHLY = "004", "每月", "monthly", "monthly"
    QUARTERLY = "005", "每季度", "quarterly", "quarterly"
    SEMIANNUAL = "006", "每半年", "every half year", "semiannual"
    ANNUAL = "007", "每年", "yearly", "annual"
    IRREGULAR = "008", "不定期", "irregularly", "irregular"
    HISTORICAL = "009", "历史数据", "historical, no more updates", "historical"


class QualityLevel(CodeList):
    """How good the data are (table 5)."""

    A = "001", "优良", "good", "levelA"
    B = "002", "较好", "fair", "levelB"
    C = "003", "一般", "average", "levelC"
    D = "004", "较差", "poor", "levelD"


class SecurityLevel(CodeList):
    """How sensitive the data are, in ascending order (table 6)."""

    PUBLIC = "001", "公开", "public", "level1"
    INTERNAL = "002", "内部", "internal", "level2"
    SENSITIVE = "003", "敏感", "sensitive", "level3"
    CONFIDENTIAL = "004", "机密", "confidential", "level4"
    TOP_SECRET = "005", "绝密", "top secret", "level5"


class ServiceType(CodeList):
    """How a service offers the data (table 7)."""

    CATALOGUE = "001", "目录服务", "catalogue service", "catalogService"
    API = "002", "接口服务", "API service", "apiService"
    FILE = "003", "文件服务", "file service", "fileService"
    DATABASE = "004", "数据库服务", "database service", "databaseService"
    ANALYTICS = "005", "分析服务", "analytics service", "analyticsService"


class TopicGroup(CodeList):
    """First level of the topics, one letter (8.2.2)."""

    BASIC = "A", "基础", "basic"
    INDUSTRY = "B", "产业", "industry"
    LIVELIHOOD = "C", "民生", "livelihood"
    GOVERNMENT = "D", "政务", "government"


class Topic(CodeList):
    """Second level of the topics: letter, two digits, ``00`` (8.2.2)."""

    POPULATION = "A0100", "人口", "population"
    LEGAL_BODIES = "A0200", "法人", "legal bodies"
    NATURE = "A0300", "自然与地理空间", "nature and geography"
    MACRO_ECONOMY = "A0400", "宏观经济", "macro-economy"
    SCIENCE_EDUCATION = "A0500", "科学教育", "science and education"
    AGRICULTURE = "B0100", "农业", "agriculture"
    INDUSTRY_IT = "B0200", "工业与信息化", "industry and information technology"
    TRANSPORT = "B0300", "交通运输", "transport"
    TRADE = "B0400", "商贸", "trade"
    FINANCE = "B0500", "金融保险", "finance and insurance"
    EDUCATION_CULTURE = "C0100", "教育文化", "education and culture"
    HEALTH = "C0200", "医疗卫生", "health"
    SOCIAL_SECURITY = "C0300", "社会保障", "social security"
    HOUSING = "C0400", "住房", "housing"
    ENVIRONMENT = "C0500", "生态环境", "environment"
    APPROVAL = "D0100", "行政审批", "administrative approval"
    PUBLIC_SERVICE = "D0200", "公共服务", "public service"
    SUPERVISION = "D0300", "监管", "supervision"
    CREDIT = "D0400", "信用", "credit"
    EMERGENCY = "D0500", "应急", "emergency"

    @property
    def group(self) -> TopicGroup:
        """The first level that it belongs to."""
        return parse_listed(TopicGroup, self.value[0])


class Scene(CodeList):
    """First level of the application scenes, one letter (8.2.5); the source lists no second level."""

    GOVERNMENT = "S", "政务", "government"
    LIVELIHOOD = "T", "民生", "livelihood"
    INDUSTRY = "U", "产业", "industry"
    SAFETY = "V", "安全", "public safety"


CLASS_CODE_CHARACTERS: Final = 5
"""Topics and scenes: a letter and four digits in three levels (8.2.6)."""


def topic_of(text: str) -> Topic:
    """The listed topic that a topic code belongs to; its last two digits are a third level that the source leaves open.

    Raises:
        CodeLengthError, CodeAlphabetError: not a letter and four digits.
        UnlistedCodeError: its letter and first two digits are no listed topic.
    """
    _require_class_code("topic code", text)
    return parse_listed(Topic, text[:3] + "00")


def scene_of(text: str) -> Scene:
    """The scene that a scene code belongs to.

    Raises:
        CodeLengthError, CodeAlphabetError: not a letter and four digits.
        UnlistedCodeError: its letter is no listed scene.
    """
    _require_class_code("scene code", text)
    return parse_listed(Scene, text[0])


def _require_class_code(kind: str, text: str) -> None:
    if len(text) != CLASS_CODE_CHARACTERS:
        raise CodeLengthError(kind, "it has one letter and four digits")
    for place, character in enumerate(text[1:], 2):
        if character not in DIGITS:
            raise CodeAlphabetError(kind, f"the character at place {place} is no digit", place=place)
