"""The words of every act that bodies sign: what it does, and what each of its fields is, in Chinese and English. Pure.

A test walks all acts: one without words, or with a field without any, cannot be shown, and what cannot be shown is not signed.
"""

from collections.abc import Mapping
from enum import Enum, IntEnum, auto
from typing import Final, NamedTuple

from ledger.domain.acts.kinds import (
    BasisKind,
    BodyRole,
    Component,
    DisputeSubject,
    KeyPurpose,
    OrderKind,
    OrderStatus,
    Part,
    PayBasis,
    PayoutStatus,
    ProductActKind,
)


class Words(NamedTuple):
    """One thing in both languages."""

    chinese: str
    english: str


class Shown(Enum):
    """How a field's value is put into words."""

    BODY = auto()  # salted id of a body
    OBJECT = auto()  # salted id of something else; zero is none
    PAPER = auto()  # digest of a document; zero is none
    AMOUNT = auto()  # minor units of a currency
    PRICE = auto()  # millionths of a minor unit
    SHARE = auto()  # millionths
    TIME = auto()  # Unix seconds
    SECONDS = auto()
    PERIOD = auto()  # YYYYMM
    CURRENCY = auto()
    ROLES = auto()  # bits of BodyRole
    PURPOSES = auto()  # bits of KeyPurpose
    BASES = auto()  # bit n is number n of BasisKind
    LISTED = auto()  # number of an enumeration, which the type names
    YES_NO = auto()
    NUMBER = auto()
    ADDRESS = auto()
    PARTS = auto()  # a struct, or several


class FieldWords(NamedTuple):
    """A field: its name in both languages, and how its value is shown."""

    chinese: str
    english: str
    shown: Shown


ACT_WORDS: Final[Mapping[str, Words]] = {
    "DeliveryReceipts.Stream": Words("开通用量流", "Open a stream of usage statements under an agreement"),
    "DeliveryReceipts.UsageStatement": Words("申报用量", "State what was delivered"),
    "DeliveryReceipts.Acknowledgement": Words("答复用量申报", "Answer a statement of what was delivered"),
    "DeliveryReceipts.GapVoid": Words("宣告用量缺口无效", "Declare a gap in a stream void: nothing in it will be paid"),
    "DigitalContractRegistry.Agreement": Words(
        "签订数字合约", "Conclude an agreement; it binds once every party has signed"
    ),
    "DigitalContractRegistry.AgreementFiling": Words("备案数字合约", "File an agreement"),
    "DigitalContractRegistry.Termination": Words("终止数字合约", "End an agreement"),
    "Disputes.DisputeCase": Words("提起争议", "Open a dispute; an amount may be frozen by it"),
    "Disputes.FreezeExtension": Words("延长冻结", "Extend a freeze to a later review date"),
    "Disputes.Ruling": Words("裁决争议", "Decide a dispute"),
    "Disputes.DisputeWithdrawal": Words("撤回争议", "Withdraw a dispute"),
    "DistributionTables.DistributionTable": Words("提出分配表", "Propose a distribution table"),
    "DistributionTables.Publication": Words("公示分配表", "State that a distribution table was published"),
    "DistributionTables.Objection": Words("对分配提出异议", "Object to a line of a distribution table"),
    "DistributionTables.ObjectionAnswer": Words("答复异议", "Answer an objection"),
    "DistributionTables.ReviewRequest": Words("申请复核", "Ask for the review of an answer to an objection"),
    "DistributionTables.ReviewDecision": Words("复核决定", "Decide a review"),
    "DistributionTables.ObjectionWithdrawal": Words("撤回异议", "Withdraw an objection"),
    "Orders.Order": Words("下单或确认订单", "Place an order, or confirm it as its provider"),
    "Orders.OrderClosing": Words("结束订单", "End an order without an agreement"),
    "ParticipantRegistry.Admission": Words("接纳参与方", "Admit a body to the space, with its roles and keys"),
    "ParticipantRegistry.QualificationRenewal": Words("续展资质", "Renew the qualification of a body"),
    "ParticipantRegistry.RoleChange": Words("变更角色", "Give a body other roles; they replace all that it has"),
    "ParticipantRegistry.Suspension": Words("暂停参与方", "Suspend a body: it makes no new duties"),
    "ParticipantRegistry.Reinstatement": Words("恢复参与方", "Reinstate a suspended body"),
    "ParticipantRegistry.Departure": Words("退出空间", "Leave the space for ever"),
    "ParticipantRegistry.KeyAddition": Words(
        "新增密钥", "Give a body one more key; whoever holds it acts for the body"
    ),
    "ParticipantRegistry.KeyRecovery": Words(
        "恢复密钥", "Take over a key that the council gives to a body which lost its own"
    ),
    "ParticipantRegistry.KeyRevocation": Words("撤销密钥", "End a key of a body"),
    "Payouts.PayeeAccount": Words("登记收款账户", "State the account to which a body is paid"),
    "Payouts.PayeeAccountCancellation": Words("取消收款账户变更", "Cancel a change of account that does not hold yet"),
    "Payouts.Collection": Words("确认到账", "State that the money of a line has come in"),
    "Payouts.PayoutInstruction": Words("指示付款", "Instruct a bank to pay"),
    "Payouts.PayoutReport": Words("报告付款结果", "State what became of a payout"),
    "Payouts.RewardRoot": Words("登记个人收益", "State the rewards of data subjects as one root"),
    "ProductRegistry.ProductVersion": Words("登记产品版本", "Register a version of a product, with its price"),
    "ProductRegistry.ProductReview": Words("审核产品版本", "State the review of a version of a product"),
    "ProductRegistry.ProductFiling": Words(
        "备案产品价格", "File a version of a product, with the highest price of a unit"
    ),
    "ProductRegistry.ProductAct": Words(
        "上架 暂停 恢复或下架产品", "List, suspend, resume or delist a version of a product"
    ),
    "ProductRegistry.ProductFreeze": Words("冻结或解冻产品", "Freeze a product, or end that"),
    "RevenueSettlement.TableOpening": Words("开立分配表", "Open a distribution table"),
    "RevenueSettlement.SettlementLine": Words("登记结算行", "Book a line: an amount that will be split"),
    "RevenueSettlement.CreditNote": Words("贷记通知", "Agree to a lower amount of a line"),
    "SettlementRules.Rule": Words("订立分配规则", "Approve a rule of distribution"),
    "SettlementRules.RuleRetirement": Words("停用分配规则", "Close a rule of distribution for new agreements"),
    "SettlementRules.PeriodWeights": Words("确定当期权重", "Set the weights of a period"),
}
"""``<contract>.<EIP-712 type>`` -> what signing it does."""


def _list(**words: str) -> dict[str, Words]:
    """``NAME="chinese|english"``, one a member of an enumeration."""
    return {name: Words(*text.split("|")) for name, text in words.items()}


LISTED_WORDS: Final[Mapping[type[IntEnum], Mapping[str, Words]]] = {
    Part: _list(
        PUBLIC="公共数据|public data", ENTERPRISE="企业数据|enterprise data", PERSONAL="个人数据|personal data"
    ),
    Component: _list(
        BASE_FEE="基础费|base fee",
        USAGE_SHARE="用量分成|share of usage",
        SUBSCRIPTION="订阅费|subscription",
        COMMISSION="佣金|commission",
        MATCHING_FEE="撮合费|matching fee",
        SERVICE_FEE="服务费|service fee",
    ),
    BasisKind: _list(
        STATEMENTS="用量申报|usage statements",
        RULING="裁决|a ruling",
        SCHEDULE="按期收费|by schedule",
        CREDIT_NOTE="贷记通知|a credit note",
    ),
    PayBasis: _list(
        COLLECTED="到账后可分配|distributable once collected", ACCRUED="计提即可分配|distributable once accrued"
    ),
    ProductActKind: _list(
        LIST="上架|list it", SUSPEND="暂停|suspend it", RESUME="恢复|resume it", DELIST="下架|delist it"
    ),
    OrderKind: _list(
        SINGLE="单次订单|single order", CALL_OFF="框架合约下的调用单|call-off under a framework agreement"
    ),
    OrderStatus: _list(
        UNKNOWN="未知|unknown",
        PLACED="已下单|placed",
        CONFIRMED="已确认|confirmed",
        CONTRACTED="已签约|contracted",
        REJECTED="拒绝|rejected",
        WITHDRAWN="撤回|withdrawn",
        CANCELLED="取消|cancelled",
    ),
    DisputeSubject: _list(AGREEMENT="合约|the agreement", STATEMENT="用量申报|a usage statement", LINE="结算行|a line"),
    PayoutStatus: _list(
        UNKNOWN="未知|unknown",
        INSTRUCTED="已指示|instructed",
        CONFIRMED="已付款|confirmed",
        REJECTED="被拒|rejected",
        RETURNED="退回|returned",
        REISSUED="已重发|reissued",
    ),
}
"""Enumeration -> name of its member -> words."""

ROLE_WORDS: Final[Mapping[BodyRole, Words]] = {
    BodyRole.PROVIDER: Words("数据提供方", "provider"),
    BodyRole.CONSUMER: Words("数据使用方", "consumer"),
    BodyRole.DEVELOPER: Words("数据开发方", "developer"),
    BodyRole.SERVICE_PARTY: Words("数据服务方", "service party"),
    BodyRole.DATA_HOLDER: Words("数据持有部门", "data-holding department"),
    BodyRole.PLATFORM_SERVICE: Words("平台服务", "platform service"),
    BodyRole.OPERATOR: Words("空间运营方", "operator of the space"),
    BodyRole.TRADING_PLATFORM: Words("交易平台", "trading platform"),
    BodyRole.AUTHORISATION_PLATFORM: Words("授权平台", "authorisation platform"),
    BodyRole.LINE_AUTHORITY: Words("行业主管部门", "line authority"),
    BodyRole.PRICE_AUTHORITY: Words("价格主管部门", "price authority"),
    BodyRole.REGULATOR: Words("监管方", "regulator"),
    BodyRole.AUDITOR: Words("审计方", "auditor"),
    BodyRole.ARBITRATOR: Words("仲裁机构", "arbitration body"),
    BodyRole.BANK: Words("银行", "bank"),
}
PURPOSE_WORDS: Final[Mapping[KeyPurpose, Words]] = {
    KeyPurpose.BUSINESS: Words("业务", "business"),
    KeyPurpose.METERING: Words("计量", "metering"),
    KeyPurpose.FINANCE: Words("财务", "finance"),
}
