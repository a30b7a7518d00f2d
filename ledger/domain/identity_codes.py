"""Code lists of identities that participants need (NDI-TR-2025-03, draft, 8.3 and tables 4 and 7).

Class names are the source's field names. Codes are the source's; the names are ours. Of ``connectorType`` the draft has two readings
(8.3.3.1: 1 and 2; table 11: 0 and 1); the list here is that of the interface, 8.3.3.1, and ``0`` is refused rather than guessed.
``certType`` and ``operatorIdType`` have no code values in the draft and no list here.
"""

from ledger.domain.code_list import CodeList


class EnterpriseType(CodeList):
    """Kind of body (table 4)."""

    GOVERNMENT = "0", "政府机构", "government body"
    ENTERPRISE = "1", "企事业单位", "enterprise or public institution"
    SOCIAL = "2", "社会组织", "social organisation"
    UNINCORPORATED = "3", "非法人组织", "unincorporated organisation"
    OTHER = "4", "其他", "other"


class EnterpriseAuthType(CodeList):
    """How a body was verified (``authType`` of a body)."""

    MANUAL = "0", "人工审核", "checked by hand"
    CORPORATE_ACCOUNT = "1", "对公账户打款", "transfer to its corporate account"
    MARKET_REGULATION = "2", "市场监管部门核验", "market-regulation authority"
    OTHER = "3", "其他", "other"


class EnterpriseAuthStatus(CodeList):
    """Whether a body was verified (``authStatus`` of a body)."""

    NOT_VERIFIED = "0", "未认证", "not verified"
    VERIFIED = "1", "已认证", "verified"


class IdentityStatus(CodeList):
    """Whether an identity may be used (``identityStatus``; for handlers the field is ``authStatus``)."""

    UNAVAILABLE = "0", "不可用", "unavailable"
    AVAILABLE = "1", "可用", "available"


class AuthLevel(CodeList):
    """How thoroughly a person was checked (``legalPersonAuthLevel``, ``operatorAuthLevel``, ``authLevel``)."""

    NONE = "0", "未核验", "not checked"
    DOCUMENT = "1", "证件核验", "checked by identity or social-security card"
    BIOMETRIC = "2", "证件加生物特征核验", "checked by document and face or other biometrics"


class PersonAuthType(CodeList):
    """Who checked a person (``legalPersonAuthType``, ``operatorAuthType``, ``authType`` of a person)."""

    MINISTRY = "1", "公安或人社部门", "public-security or human-resources ministry"
    GOVERNMENT_PLATFORM = "2", "国家政务服务平台", "national government-service platform"
    THIRD_PARTY = "3", "第三方平台", "third-party platform"


class AuthorizationType(CodeList):
    """How a body bound a handler to itself (table 7)."""

    ADMINISTRATOR = "1", "管理员确认", "confirmed by the body's administrator"
    LETTER = "2", "上传授权书", "letter of authorisation uploaded"
    MESSAGE = "3", "短信或邮件确认", "confirmed by text message or e-mail"


class ConnectorJoinType(CodeList):
    """How a connector reaches the space."""

    LEASED_LINE = "1", "专线", "leased line"
    FIXED_IP = "2", "互联网固定IP", "Internet with fixed IP"
    DYNAMIC_IP = "3", "互联网非固定IP", "Internet without fixed IP"
    DATA_NETWORK = "4", "高速数据网", "high-speed data network"
    OTHER = "5", "其他", "other"


class ConnectorType(CodeList):
    """What a connector can do (8.3.3.1)."""

    STANDARD = "1", "标准型", "standard"
    FULL = "2", "全功能型", "full"
