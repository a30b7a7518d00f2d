"""Enumerations of the contract suite that acts name. Numbers are those of the contracts and never change."""

from enum import IntEnum, IntFlag


class BodyRole(IntFlag):
    """Roles of bodies, bits of a set (``BodyRoles.sol``)."""

    PROVIDER = 1 << 0
    CONSUMER = 1 << 1
    DEVELOPER = 1 << 2
    SERVICE_PARTY = 1 << 3
    DATA_HOLDER = 1 << 4
    PLATFORM_SERVICE = 1 << 5
    OPERATOR = 1 << 16
    TRADING_PLATFORM = 1 << 17
    AUTHORISATION_PLATFORM = 1 << 18
    LINE_AUTHORITY = 1 << 19
    PRICE_AUTHORITY = 1 << 20
    REGULATOR = 1 << 21
    AUDITOR = 1 << 22
    ARBITRATOR = 1 << 23
    BANK = 1 << 24


class KeyPurpose(IntFlag):
    """Purposes of a key, bits of a set (``KeyPurposes.sol``)."""

    BUSINESS = 1
    METERING = 2
    FINANCE = 4


class Part(IntEnum):
    """Which data a share is paid for (``Terms.sol``)."""

    PUBLIC = 0
    ENTERPRISE = 1
    PERSONAL = 2


class Component(IntEnum):
    """What is paid for (``Terms.sol``)."""

    BASE_FEE = 0
    USAGE_SHARE = 1
    SUBSCRIPTION = 2
    COMMISSION = 3
    MATCHING_FEE = 4
    SERVICE_FEE = 5


class BasisKind(IntEnum):
    """What a line charges for; bit n of ``ComponentTerms.bases`` allows number n (``Terms.sol``)."""

    STATEMENTS = 0
    RULING = 1
    SCHEDULE = 2
    CREDIT_NOTE = 3


class PayBasis(IntEnum):
    """When money counts as distributable (``Terms.sol``)."""

    COLLECTED = 0
    ACCRUED = 1


class ProductActKind(IntEnum):
    """What a ``ProductAct`` does (``IProductRegistry.ProductAct``)."""

    LIST = 0
    SUSPEND = 1
    RESUME = 2
    DELIST = 3


class OrderKind(IntEnum):
    """Kind of an order (``IOrders``)."""

    SINGLE = 0
    CALL_OFF = 1


class OrderStatus(IntEnum):
    """Life of an order (``IOrders``)."""

    UNKNOWN = 0
    PLACED = 1
    CONFIRMED = 2
    CONTRACTED = 3
    REJECTED = 4
    WITHDRAWN = 5
    CANCELLED = 6


class DisputeSubject(IntEnum):
    """What a case is about (``IDisputes.Subject``)."""

    AGREEMENT = 0
    STATEMENT = 1
    LINE = 2


class PayoutStatus(IntEnum):
    """Life of a payout (``IPayouts``)."""

    UNKNOWN = 0
    INSTRUCTED = 1
    CONFIRMED = 2
    REJECTED = 3
    RETURNED = 4
    REISSUED = 5
