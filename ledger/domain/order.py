"""Orders: what a consumer asks of a provider, for what, and what it costs by the product's price rule. Pure; every amount is an integer.

Money is minor units of the currency; unit prices are millionths of one. The standard texts define no order; its items are those that
TC609-6-2025-11 (7.3.2 a) gathers for clearing: number, parties, subject, metering, billing.
"""

from dataclasses import dataclass
from typing import Final

from ledger.domain.agreement_id import parse_agreement_id
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.order_life import CALL_OFF, KINDS
from ledger.domain.price import PER_CALL, WHOLE, PriceRule
from ledger.errors import ConflictError, InputError

APPLICATION: Final = "application"
DEMAND: Final = "demand"
AGREEMENT: Final = "agreement"
NEGOTIATION: Final = "negotiation"
ORIGINS: Final = (APPLICATION, DEMAND, NEGOTIATION, AGREEMENT)

COMMERCIAL: Final = "commercial"
FREE_USES: Final = ("public_governance", "public_benefit")
USES: Final = (COMMERCIAL, *FREE_USES)
"""What the data are used for; public data cost nothing for the last two (发改价格 2025 no. 65)."""

QUANTITY_MAX: Final = 2**53 - 1
PERIODS_MAX: Final = 1_200
VALID_UNTIL_END: Final = 32_503_651_200
"""3000-01-01T00:00:00+08:00."""

_REFERENCE_CHARACTERS_MAX: Final = 128


class InvalidOrderError(InputError):
    """What an order states is incomplete or contradicts itself; names the member."""

    code = "invalid_order"
    title = "Invalid order"


class OrderExpiredError(ConflictError):
    """The last second in which an order can be confirmed is over."""

    code = "order_expired"
    title = "Order expired"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an order comes from: an approved application, a matched demand, a finalized negotiation, or, of a call-off, its framework agreement.

    Args:
        kind: one of ``ORIGINS``.
        reference: its id; of an agreement the 47 characters.
    """

    kind: str
    reference: str

    def __post_init__(self) -> None:
        _require(f"origin.kind is one of {', '.join(ORIGINS)}.", self.kind in ORIGINS)
        _require(
            "origin.reference has 1 to 128 characters.",
            1 <= len(self.reference.strip()) <= len(self.reference) <= _REFERENCE_CHARACTERS_MAX,
        )
        if self.kind == AGREEMENT:
            parse_agreement_id(self.reference)


@dataclass(frozen=True, slots=True)
class OrderContent:
    """What the consumer states; everything else follows from the product version and the two bodies.

    Args:
        kind: ``single`` or ``call_off``.
        origin: a call-off's is an agreement, a single order's is not.
        product_code: 32 to 65 characters.
        product_version: from 1.
        purpose: in words, 1 to 1,024 characters.
        use: one of ``USES``.
        quantity: units (calls or records); 0 for no limit.
        periods: of a price by period, 1 to 1,200; 0 for any other price.
        valid_until: last second in which it can be confirmed, Unix time.
    """

    kind: str
    origin: Origin
    product_code: str
    product_version: int
    purpose: str
    use: str
    quantity: int
    periods: int
    valid_until: int

    def __post_init__(self) -> None:
        parse_national_code(self.product_code, CodeKind.PRODUCT)
        _require(f"kind is one of {', '.join(KINDS)}.", self.kind in KINDS)
        is_call_off = self.kind == CALL_OFF
        _require(
            "The origin of a call-off, and of no other, is an agreement.",
            is_call_off == (self.origin.kind == AGREEMENT),
        )
        _require("product_version is 1 to 2^32 - 1.", 1 <= self.product_version < 2**32)
        _require("purpose has 1 to 1024 characters.", 1 <= len(self.purpose.strip()) <= len(self.purpose) <= 1_024)
        _require(f"use is one of {', '.join(USES)}.", self.use in USES)
        _require("quantity is 0 to 2^53 - 1.", 0 <= self.quantity <= QUANTITY_MAX)
        _require("periods is 0 to 1200.", 0 <= self.periods <= PERIODS_MAX)
        _require("valid_until is a Unix time before the year 3000.", 0 < self.valid_until < VALID_UNTIL_END)


@dataclass(frozen=True, slots=True)
class OrderPrice:
    """What an order costs.

    Args:
        rule: the price rule that holds for it: the product's, or a price of zero for use that is free.
        is_free: whether it is relieved.
        fixed_minor: for all its periods, or the base fee; minor units.
        usage_minor: for all its units; None when their number is not limited.
        total_minor: both; None when it will be known by metering only, or a share comes on top.
    """

    rule: PriceRule
    is_free: bool
    fixed_minor: int
    usage_minor: int | None
    total_minor: int | None


def price_of(content: OrderContent, rule: PriceRule, *, has_public_data: bool) -> OrderPrice:
    """What an order costs by the price rule of its product version.

    Of each total the last fraction of a minor unit is dropped, once: the contract charges no more (``LineBooking``).

    Raises:
        InvalidOrderError: free use is for public data; or periods go with another price; or the total is beyond 2^53 - 1.
    """
    is_free = content.use in FREE_USES
    _require("Only public data are free for public governance and public benefit.", has_public_data or not is_free)
    _require(
        "periods are stated for a price by period, and for no other.",
        (content.periods > 0) == (rule.period is not None),
    )
    if is_free:
        return OrderPrice(free_of(rule), is_free=True, fixed_minor=0, usage_minor=0, total_minor=0)
    fixed = (rule.amount_minor or 0) * (content.periods or 1)
    usage = _usage(rule, content.quantity)
    total = None if usage is None or rule.share is not None else fixed + usage
    _require("The price of an order is at most 2^53 - 1.", max(fixed, usage or 0, total or 0) <= QUANTITY_MAX)
    return OrderPrice(rule, is_free=False, fixed_minor=fixed, usage_minor=usage, total_minor=total)


def free_of(rule: PriceRule) -> PriceRule:
    """A price of zero in the same currency, by the call: what is free is metered all the same."""
    return PriceRule(PER_CALL, rule.currency, unit_price=0)


def require_confirmable(content: OrderContent, now: float) -> None:
    """Refuses an order that nobody can confirm any more.

    Raises:
        OrderExpiredError: its last second is over.
    """
    if now > content.valid_until:
        raise OrderExpiredError(
            "The time to confirm this order is over. Nothing was changed.", valid_until=content.valid_until
        )


def _usage(rule: PriceRule, quantity: int) -> int | None:
    """For all units, in minor units; 0 where none is charged, None where their number is open."""
    if rule.unit_price is None and not rule.tiers:
        return 0
    if quantity == 0:
        return None if rule.unit_price_on_chain else 0
    return _millionths(rule, quantity) // WHOLE


def _millionths(rule: PriceRule, quantity: int) -> int:
    if rule.unit_price is not None:
        return quantity * rule.unit_price
    ends = [tier.from_units - 1 for tier in rule.tiers[1:]] + [quantity]
    return sum(
        max(0, min(end, quantity) - tier.from_units + 1) * tier.unit_price
        for tier, end in zip(rule.tiers, ends, strict=True)
    )


def _require(says: str, holds: bool) -> None:  # noqa: FBT001 - the condition reads as one after its sentence
    if not holds:
        raise InvalidOrderError(says)
