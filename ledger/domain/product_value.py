"""Rights, valuation and base fee of a data product: what was confirmed, assessed and set outside, kept on record. Pure.

Rights are the three of the national policy on data as a factor of production (2022): holding (持有权), processing and use (加工使用权),
operation of products (产品经营权). Methods of valuation are the three of the guidance on valuing data assets (2023). The factors of the base
authorisation fee are those that the sources name for public data. Digests are SHA-256 in hex, amounts minor units, days YYYY-MM-DD.
"""

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from ledger.domain.price import PERIODS, UNIT_PRICE_MAX, InvalidPriceRuleError
from ledger.errors import InputError

RIGHTS: Final = ("holding", "processing_and_use", "product_operation")
METHODS: Final = ("cost", "income", "market")
RIGHTS_MAX: Final = 20

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


class InvalidProductValueError(InputError):
    """A right or a valuation is not one; names the member."""

    code = "invalid_product_value"
    title = "Invalid right or valuation"


@dataclass(frozen=True, slots=True)
class ConfirmedRight:
    """A right that was confirmed.

    Args:
        right: one of ``RIGHTS``.
        holder: whose it is, by name of the body.
        basis: law, contract or registration that it rests on.
        digest: of the confirmation.
        confirmed_on: its day.
        valid_until: last day, None when it has no end.
    """

    right: str
    holder: str
    basis: str
    digest: str
    confirmed_on: str
    valid_until: str | None = None

    def __post_init__(self) -> None:
        if self.right not in RIGHTS:
            raise InvalidProductValueError(f"right is one of {', '.join(RIGHTS)}.")
        if not (_within(self.holder, 256) and _within(self.basis, 2_000)):
            raise InvalidProductValueError("A right names its holder and what it rests on.")
        _check_digest(self.digest)
        _check_day(self.confirmed_on)
        if self.valid_until is not None:
            _check_day(self.valid_until)
            if self.valid_until < self.confirmed_on:
                raise InvalidProductValueError("A right does not end before it was confirmed.")


@dataclass(frozen=True, slots=True)
class Valuation:
    """What the data were assessed to be worth.

    Args:
        method: one of ``METHODS``.
        currency: ISO 4217.
        amount_minor: the value.
        assessor: the body that assessed it.
        digest: of its report.
        valued_on: day for which it holds.
    """

    method: str
    currency: str
    amount_minor: int
    assessor: str
    digest: str
    valued_on: str

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InvalidProductValueError(f"valuation.method is one of {', '.join(METHODS)}.")
        if _CURRENCY.fullmatch(self.currency) is None or not 0 <= self.amount_minor <= UNIT_PRICE_MAX:
            raise InvalidProductValueError("A valuation has a currency and 0 to 2^53 - 1 minor units.")
        if not _within(self.assessor, 256):
            raise InvalidProductValueError("valuation.assessor has 1 to 256 characters.")
        _check_digest(self.digest)
        _check_day(self.valued_on)


@dataclass(frozen=True, slots=True)
class FeeFactors:
    """What the base fee was set on, each in words."""

    coverage: str
    timeliness: str
    granularity: str
    value: str
    cost: str

    def __post_init__(self) -> None:
        for member in fields(self):
            if not _within(getattr(self, member.name), 2_000):
                raise InvalidPriceRuleError(f"base_fee.factors.{member.name} has 1 to 2000 characters.")


@dataclass(frozen=True, slots=True)
class BaseFee:
    """The base authorisation fee of a product with public data.

    Args:
        currency: ISO 4217.
        amount_minor: of one period.
        period: ISO 8601 duration.
        factors: what it was set on.
    """

    currency: str
    amount_minor: int
    period: str
    factors: FeeFactors

    def __post_init__(self) -> None:
        if _CURRENCY.fullmatch(self.currency) is None or not 0 <= self.amount_minor <= UNIT_PRICE_MAX:
            raise InvalidPriceRuleError("A base fee has a currency and 0 to 2^53 - 1 minor units.")
        if self.period not in PERIODS:
            raise InvalidPriceRuleError(f"base_fee.period is one of {', '.join(PERIODS)}.")


def _within(text: str, most: int) -> bool:
    return 1 <= len(text.strip()) <= len(text) <= most and "\x00" not in text


def _check_digest(digest: str) -> None:
    if _DIGEST.fullmatch(digest) is None:
        raise InvalidProductValueError("A digest is SHA-256 in lower-case hex.")


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise InvalidProductValueError("A day is YYYY-MM-DD.") from error
    if len(day) != 10:
        raise InvalidProductValueError("A day is YYYY-MM-DD.")
