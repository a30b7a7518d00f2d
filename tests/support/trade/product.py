"""The data product of the story: its version, rule, order and agreement. Prices are millionths of a fen, amounts fen."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from support.trade.market import DAY, Market
from support.trade.parties import Bodies

from ledger.adapters.chain.act_calls import form
from ledger.adapters.chain.bindings import digital_contract_registry, shared
from ledger.domain.acts.digital_contract_registry import Agreement, ComponentTerms, Recipient
from ledger.domain.acts.kinds import BasisKind, Component, OrderKind, Part, PayBasis
from ledger.domain.acts.orders import Order
from ledger.domain.acts.product_registry import ProductVersion
from ledger.domain.acts.settlement_rules import PeriodWeights, Rule
from ledger.domain.hashes.agreements import BookingTerms, booking_terms_of
from ledger.domain.split import WHOLE
from ledger.domain.typed_acts import hash_struct, keccak256

CNY = b"CNY"
YEAR = 100
"""A period is written YYYYMM: so much is a year of it."""
DECEMBER = 12


def period_of(time: datetime) -> int:
    """The accounting month of a time: a month of Asia/Shanghai, UTC+8."""
    local = time.astimezone(timezone(timedelta(hours=8)))
    return local.year * YEAR + local.month


def month_after(period: int) -> int:
    """The next accounting month."""
    return period + (YEAR + 1 - DECEMBER if period % YEAR == DECEMBER else 1)


PERIOD = period_of(datetime.now(UTC))
"""The present month: a scheduled charge is final only in a month that has begun, for an agreement that holds in it."""
NEXT_PERIOD = month_after(PERIOD)
LAST_PERIOD = PERIOD + YEAR
UNIT_PRICE, CEILING = 12_345_678, 13_000_000
BASE_FEE = 88_888
MATCHING_FEE = 5_001
NONE = bytes(32)


def digest(text: str) -> bytes:
    """The salted digest of a document that stays off the chain."""
    return keccak256(b"salt, and " + text.encode())


PRODUCT, ORDER, AGREEMENT, CONNECTOR = (
    digest(f"id of the {thing}") for thing in ("product", "order", "agreement", "connector")
)
PRICE_RULE = digest("price rule")


def the_rule(text: str = "rule") -> Rule:
    """Public data gets at most four fifths, personal data at most half."""
    return Rule(digest("formula"), digest("filing of the rule"), digest(text), 0, 800_000, 0, WHOLE, 0, 500_000, PERIOD)


def the_product(provider: bytes) -> ProductVersion:
    """Mixed: half public data, three tenths of enterprises, two tenths personal."""
    weights = (500_000, 300_000, 200_000)
    return ProductVersion(PRODUCT, 1, provider, digest("product"), PRICE_RULE, *weights, CNY, UNIT_PRICE)


def the_order(market: Market, bodies: Bodies) -> Order:
    """One order, to be followed by an agreement of its own."""
    return Order(
        order_id=ORDER,
        kind=OrderKind.SINGLE,
        product_id=PRODUCT,
        product_version=1,
        provider=bodies.provider.body_id,
        consumer=bodies.consumer.body_id,
        agreement_id=NONE,
        quantity=0,
        price_rule_digest=PRICE_RULE,
        content_digest=digest("order"),
        valid_until=market.now + 30 * DAY,
    )


def the_agreement(market: Market, bodies: Bodies, rule_version: bytes) -> Agreement:
    """Between provider and consumer, and signed by the other three who are paid for their data."""
    others = sorted(party.body_id for party in (bodies.holder, bodies.developer, bodies.trustee))
    return Agreement(
        agreement_id=AGREEMENT,
        order_id=ORDER,
        product_id=PRODUCT,
        product_version=1,
        parties=(bodies.provider.body_id, bodies.consumer.body_id, *others),
        contract_digest=digest("contract"),
        rule_version=rule_version,
        price_rule_digest=PRICE_RULE,
        silence_accepts=True,
        answer_seconds=2 * DAY,
        pay_basis=PayBasis.COLLECTED,
        valid_from=market.now,
        valid_until=market.now + 365 * DAY,
        replaces=NONE,
        components=(_base_fee(bodies), _usage_share(bodies), _matching_fee(bodies)),
    )


def conclusion_of(agreement: Agreement) -> dict[str, Any]:
    """What a call that concludes it shows: the agreement, and the components that it holds the hash of."""
    components = tuple(form(shared.ComponentTerms, terms) for terms in agreement.components)
    return {"agreement": form(digital_contract_registry.Agreement, agreement), "components": components}


def booking_terms(agreement: Agreement) -> BookingTerms:
    """What its bookings are held against: the product is public, and its ceiling is filed."""
    return booking_terms_of(agreement, is_public=True, ceiling_unit_price=CEILING, ceiling_currency=CNY)


def weights(
    agreement: Agreement, component: Component, period: int, parts: tuple[int, int, int], revision: int = 1
) -> PeriodWeights:
    """Weights of a period, the agreed shares standing."""
    evidence = digest(f"contribution indicators {component.name} {period} {revision}")
    terms = hash_struct(component_of(agreement, component))
    return PeriodWeights(
        agreement.agreement_id, component, period, revision, agreement.rule_version, terms, *parts, (), evidence
    )


def component_of(agreement: Agreement, component: Component) -> ComponentTerms:
    """What the parties agreed about one component."""
    [found] = [terms for terms in agreement.components if terms.component == component]
    return found


def _base_fee(bodies: Bodies) -> ComponentTerms:
    shares = ((bodies.provider.body_id, Part.ENTERPRISE, 650_000), (bodies.developer.body_id, Part.ENTERPRISE, 350_000))
    return _component(Component.BASE_FEE, 1 << BasisKind.SCHEDULE, 0, BASE_FEE, shares)


def _usage_share(bodies: Bodies) -> ComponentTerms:
    bases = 1 << BasisKind.STATEMENTS | 1 << BasisKind.RULING | 1 << BasisKind.CREDIT_NOTE
    shares = (
        (bodies.holder.body_id, Part.PUBLIC, WHOLE),
        (bodies.provider.body_id, Part.ENTERPRISE, 666_667),
        (bodies.developer.body_id, Part.ENTERPRISE, 333_333),
        (bodies.trustee.body_id, Part.PERSONAL, WHOLE),
    )
    return _component(Component.USAGE_SHARE, bases, UNIT_PRICE, 0, shares)


def _matching_fee(bodies: Bodies) -> ComponentTerms:
    shares = ((bodies.trading.body_id, Part.ENTERPRISE, WHOLE),)
    return _component(Component.MATCHING_FEE, 1 << BasisKind.SCHEDULE, 0, MATCHING_FEE, shares)


def _component(
    component: Component, bases: int, unit_price: int, fixed: int, shares: tuple[tuple[bytes, Part, int], ...]
) -> ComponentTerms:
    ordered = sorted(shares, key=lambda entry: (entry[1], entry[0]))
    recipients = tuple(Recipient(body, part, share, 0, WHOLE) for body, part, share in ordered)
    return ComponentTerms(component, bases, CNY, unit_price, fixed, PERIOD, LAST_PERIOD, recipients)


def worth(units: int) -> int:
    """What the price rule makes of units: each at the listed price, the last fraction of a fen dropped."""
    return units * UNIT_PRICE // 1_000_000
