"""Price rules of data products and the ceiling above them. Pure; every amount is an integer.

Unit prices are millionths of a minor unit of the currency, as ``ProductRegistry`` holds them; amounts of money are minor units; shares are
millionths. Products with public data are under government guidance price (发改价格 2025 no. 65): a ceiling with its source, and only
rules that a ceiling can be held against.
"""

import re
from dataclasses import dataclass
from typing import Final

from ledger.errors import ConflictError, InputError

PER_CALL: Final = "per_call"
VOLUME_TIER: Final = "volume_tier"
SUBSCRIPTION: Final = "subscription"
SHARE: Final = "share"
BASE_FEE_PLUS_SHARE: Final = "base_fee_plus_share"
COMMISSION: Final = "commission"
MEMBERSHIP: Final = "membership"
KINDS: Final = (PER_CALL, VOLUME_TIER, SUBSCRIPTION, SHARE, BASE_FEE_PLUS_SHARE, COMMISSION, MEMBERSHIP)

MEMBERS: Final = {
    PER_CALL: {"unit_price"},
    VOLUME_TIER: {"tiers"},
    SUBSCRIPTION: {"amount_minor", "period"},
    SHARE: {"share"},
    BASE_FEE_PLUS_SHARE: {"amount_minor", "share"},
    COMMISSION: {"share"},
    MEMBERSHIP: {"amount_minor", "period"},
}
"""What each kind states; everything else stays out of it."""

WHOLE: Final = 1_000_000
UNIT_PRICE_MAX: Final = 2**53 - 1
TIERS_MAX: Final = 50
PERIODS: Final = ("P1D", "P1W", "P1M", "P3M", "P6M", "P1Y")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


class InvalidPriceRuleError(InputError):
    """A price rule or ceiling is not one; names the member."""

    code = "invalid_price_rule"
    title = "Invalid price rule"


class PriceAboveCeilingError(ConflictError):
    """A price of a product with public data is above its ceiling."""

    code = "price_above_ceiling"
    title = "Price above ceiling"


@dataclass(frozen=True, slots=True)
class Tier:
    """From the ``from_units``-th unit of a period on, each costs ``unit_price``."""

    from_units: int
    unit_price: int


@dataclass(frozen=True, slots=True)
class PriceRule:
    """How a product is charged for; a kind has the members that ``MEMBERS`` names.

    Args:
        kind: one of ``KINDS``.
        currency: ISO 4217, three letters.
        unit_price: of one call or record.
        tiers: volume tiers, the first from unit 1, in ascending order.
        amount_minor: of one period, or the base fee.
        period: ISO 8601 duration, one of ``PERIODS``.
        share: of the buyer's revenue or of the trade's value, in millionths.
    """

    kind: str
    currency: str
    unit_price: int | None = None
    tiers: tuple[Tier, ...] = ()
    amount_minor: int | None = None
    period: str | None = None
    share: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidPriceRuleError(f"price.kind is one of {', '.join(KINDS)}.")
        if _CURRENCY.fullmatch(self.currency) is None:
            raise InvalidPriceRuleError("price.currency is three capital letters.")
        stated = {name for name in ("unit_price", "amount_minor", "period", "share") if getattr(self, name) is not None}
        stated |= {"tiers"} if self.tiers else set()
        if stated != MEMBERS[self.kind]:
            raise InvalidPriceRuleError(
                f"A price of the kind {self.kind} states {', '.join(sorted(MEMBERS[self.kind]))}."
            )
        for amount in (self.unit_price, self.amount_minor, *(tier.unit_price for tier in self.tiers)):
            if amount is not None and not 0 <= amount <= UNIT_PRICE_MAX:
                raise InvalidPriceRuleError("An amount is 0 to 2^53 - 1.")
        if self.share is not None and not 1 <= self.share <= WHOLE:
            raise InvalidPriceRuleError("price.share is 1 to 1000000 millionths.")
        if self.period is not None and self.period not in PERIODS:
            raise InvalidPriceRuleError(f"price.period is one of {', '.join(PERIODS)}.")
        starts = [tier.from_units for tier in self.tiers]
        if starts and (starts[0] != 1 or starts != sorted(set(starts)) or len(starts) > TIERS_MAX):
            raise InvalidPriceRuleError(f"price.tiers begin with unit 1 and ascend; there are at most {TIERS_MAX}.")

    @property
    def unit_price_on_chain(self) -> int:
        """The highest price of one unit; 0 where the rule charges by period or share: "a price of zero is a price" there."""
        if self.tiers:
            return max(tier.unit_price for tier in self.tiers)
        return self.unit_price or 0


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that may be charged for a product with public data, and who set it.

    Args:
        unit_price: of one call or record.
        amount_minor: of one period or base fee; None when none was set.
        source: the document that sets it.
    """

    unit_price: int
    source: str
    amount_minor: int | None = None

    def __post_init__(self) -> None:
        for amount in (self.unit_price, self.amount_minor):
            if amount is not None and not 0 <= amount <= UNIT_PRICE_MAX:
                raise InvalidPriceRuleError("A ceiling is 0 to 2^53 - 1.")
        if not 1 <= len(self.source) <= 256:
            raise InvalidPriceRuleError("ceiling.source has 1 to 256 characters.")


def check_ceiling(price: PriceRule, ceiling: Ceiling) -> None:
    """Refuses a price of public data that is above its ceiling, or that no ceiling can be held against.

    Raises:
        InvalidPriceRuleError: a share of revenue has no ceiling, so public data are not charged by it.
        PriceAboveCeilingError: dearer than the ceiling.
    """
    if price.share is not None:
        raise InvalidPriceRuleError("Public data are under a ceiling, and a share of revenue has none.")
    if price.unit_price_on_chain > ceiling.unit_price:
        raise PriceAboveCeilingError("The unit price is above the ceiling. Nothing was changed.")
    if price.amount_minor is not None and (ceiling.amount_minor is None or price.amount_minor > ceiling.amount_minor):
        raise PriceAboveCeilingError("The amount of a period is above the ceiling, or no ceiling was set for it.")
