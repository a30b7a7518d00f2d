"""The words of a policy: actions, constraint names and operators of TC609-6-2025-14 (tables 4, 5.1, 5.2; C.5, C.6; B.4 to B.6).

Codes are the standard's, its misprints ``plicyTransmit`` and ``dateRecord`` included. Two words are ODRL's own, because the tables have
none for them: the action ``use`` and the operand ``purpose``. The tables' last rows, ``expansionItem``, stand for actions and constraints
that an industry adds: what they mean is stated nowhere, so a policy that has one cannot be decided and is refused.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ledger.domain.code_list import CodeList

EXTENSION: Final = "expansionItem"


class Action(CodeList):
    """What may, may not or must be done (table 4, rows 1 to 20; then ODRL's ``use``)."""

    TRANSFORM = "transform", "转换", "transform"
    ANONYMIZE = "anonymize", "匿名化", "anonymise"
    MASK = "desensitize", "脱敏", "mask"
    ACCESS = "access", "访问", "access"
    READ = "read", "读取", "read"
    COPY = "reproduce", "复制", "copy"
    STORE = "storage", "存储", "store"
    DOWNLOAD = "download", "下载", "download"
    PROCESS = "process", "加工", "process"
    DEVELOP_JOINTLY = "jointDevelop", "联合开发", "develop jointly"
    DISTRIBUTE = "distribute", "分发", "distribute"
    COMPUTE = "compute", "计算", "compute"
    GRANT_USE = "grantUse", "授权使用", "grant use on"
    PASS_POLICY_ON = "plicyTransmit", "策略传递", "pass the policy on"
    DELIVER = "delivery", "交付", "deliver"
    SELL = "sell", "交易", "sell"
    SEND_USE_RECORDS = "logRecordSend", "行为记录发送", "send use records"
    DELETE = "delete", "删除", "delete"
    ALERT = "alert", "异常提醒", "warn of abnormal use"
    COMPENSATE = "compensate", "补偿", "compensate"
    USE = "use", "使用", "use"


DUTIES: Final = frozenset(
    {
        *(Action.TRANSFORM, Action.ANONYMIZE, Action.MASK, Action.PASS_POLICY_ON, Action.SEND_USE_RECORDS),
        *(Action.DELETE, Action.ALERT, Action.COMPENSATE),
    }
)
"""What an execution node can be made to do, and needs nobody's permission for (rows 1 to 3, 14 and 17 to 20)."""

_TRANSFERS: Final = frozenset({Action.SELL})
"""ODRL 2.2 puts ``sell`` under ``transfer``, not under ``use``: who may use may not therefore sell."""


def includes(wide: Action, narrow: Action) -> bool:
    """Whether a rule about ``wide`` is about ``narrow`` too (ODRL 2.2 ``includedIn``): ``use`` has all others but transfers."""
    return wide is narrow or (wide is Action.USE and narrow not in _TRANSFERS)


class LeftOperand(CodeList):
    """What a constraint is about (table 5.1, rows 1 to 18; then ODRL's ``purpose``)."""

    TIME = "time", "时间范围", "time"
    TIME_WINDOW = "timeWindow", "时间窗口", "time window"
    REGION = "region", "限制地域", "region"
    NETWORK_ADDRESS = "networkAddress", "网络地址", "network address"
    PHYSICAL_ADDRESS = "physicalAddress", "物理地址", "physical address"
    COUNT = "count", "使用次数", "number of uses"
    FREQUENCY = "frequency", "使用频次", "frequency of use"
    DATA_SIZE = "dataSize", "数据规模", "data size"
    RECORDS = "dateRecord", "数据记录数", "number of records"
    FIELD = "dataField", "数据字段", "data field"
    FIELD_VALUE = "valueExpression", "数据字段值", "filter on field values"
    APPLICATION = "application", "应用程序", "application"
    ALGORITHM = "algorithm", "算法", "algorithm"
    MODEL = "machineLearningModels", "机器学习模型", "machine-learning model"
    ENVIRONMENT = "executionEnv", "执行环境", "execution environment"
    ENCRYPTION = "encryptMode", "加密方式", "encryption"
    DELIVERY = "deliveryMethod", "交付方式", "way of delivery"
    AMOUNT = "payAmount", "交易金额", "amount"
    PURPOSE = "purpose", "使用目的", "purpose"


class Operator(CodeList):
    """How the given value is compared (table 5.2); ``keyword`` is the code of annex B (``constraintOperator``)."""

    EQUAL = "eq", "等于", "equal to", "01"
    GREATER = "gt", "大于", "greater than", "02"
    GREATER_OR_EQUAL = "gteq", "大于或等于", "greater than or equal to", "03"
    HAS_PART = "hasPart", "包含部分", "containing", "04"
    IS_A = "isA", "属于实例", "an instance of", "05"
    IS_ALL_OF = "isAllOf", "全部属于", "all of", "06"
    IS_ANY_OF = "isAnyOf", "任意属于", "any of", "07"
    IS_NONE_OF = "isNoneOf", "不属于", "none of", "08"
    IS_PART_OF = "isPartOf", "属于部分", "part of", "09"
    LESS = "lt", "小于", "less than", "10"
    LESS_OR_EQUAL = "lteq", "小于或等于", "less than or equal to", "11"
    NOT_EQUAL = "neq", "不等于", "not equal to", "12"


ORDERED: Final = frozenset({Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL})
"""They compare sizes, so their value is one."""

SINGLE: Final = ORDERED | {Operator.EQUAL, Operator.NOT_EQUAL}
"""They take one value; the others take one or an array, and the three of ``OF_SETS`` an array."""

OF_SETS: Final = frozenset({Operator.IS_ALL_OF, Operator.IS_ANY_OF, Operator.IS_NONE_OF})


class ExecutionEnvironment(CodeList):
    """Where data are used (table C.6, row 15)."""

    USAGE_CONTROL = "01", "使用控制", "usage control"
    SANDBOX = "02", "数据沙箱", "data sandbox"
    MULTI_PARTY = "03", "多方安全计算", "secure multi-party computation"
    FEDERATED = "04", "联邦学习", "federated learning"
    TRUSTED = "05", "可信执行环境", "trusted execution environment"
    ENCRYPTED = "06", "密态计算", "encrypted-state computing"
    OTHER = "07", "其他", "other"


class EncryptMode(CodeList):
    """Whether data are used encrypted (table C.6, row 16)."""

    CLEAR = "01", "明文使用", "used in clear"
    ENCRYPTED = "02", "加密使用", "used encrypted"
    OTHER = "03", "其他", "other"


class DeliveryMethod(CodeList):
    """How data travel (table C.6, row 17)."""

    FILE = "01", "文件", "file"
    STREAM = "02", "数据流", "data stream"
    API = "03", "接口", "API"
    OTHER = "04", "其他", "other"


CODED: Final[Mapping[LeftOperand, type[CodeList]]] = {
    LeftOperand.ENVIRONMENT: ExecutionEnvironment,
    LeftOperand.ENCRYPTION: EncryptMode,
    LeftOperand.DELIVERY: DeliveryMethod,
}
"""Operands whose values are a list of codes."""


class RuleKind(StrEnum):
    """The three kinds of policy (table C.2), by ODRL's names of the members that hold them."""

    PERMISSION = "permission"
    PROHIBITION = "prohibition"
    OBLIGATION = "obligation"

    @property
    def consequence(self) -> str:
        """ODRL's name of what hangs on the rule: pre-duty (前置义务), remedy (补救措施), liability (违约责任)."""
        return {"permission": "duty", "prohibition": "remedy", "obligation": "consequence"}[self.value]

    @property
    def national(self) -> str:
        """The standard's name of the rules of this kind (table C.2)."""
        return f"{self.value}Policies"
