"""An agreement made from an order: the disclosed part, and the act that its parties sign for the chain. Pure.

Order, product version and bodies say who, what and at which price; the parties state the rest as ``AgreementTerms``. Shares of what is
paid are millionths of one part of the data (public, enterprise, personal), and every part that the product has is somebody's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ledger.domain.acts.digital_contract_registry import Agreement, ComponentTerms, Recipient
from ledger.domain.acts.kinds import BasisKind, Component, Part, PayBasis
from ledger.domain.agreement import DisclosedPart, EndCondition, InvalidAgreementError, Item, Party, PartyType
from ledger.domain.price import WHOLE, PriceRule
from ledger.domain.product import Weights
from ledger.domain.working_days import SHANGHAI

DAY_S: Final = 86_400
SHARES_MAX: Final = 250
MONTH: Final = "P1M"
_PAY_BASES: Final = {"collected": PayBasis.COLLECTED, "accrued": PayBasis.ACCRUED}
_RULED: Final = 1 << BasisKind.RULING | 1 << BasisKind.CREDIT_NOTE
"""Whatever is charged may be corrected."""


@dataclass(frozen=True, slots=True)
class PayShare:
    """Who is paid what share of one part.

    Args:
        recipient: subject code of the body.
        part: ``public``, ``enterprise`` or ``personal``.
        share: millionths of the part; those of a part sum to a million.
        least: what the weights of a period may lower it to.
        greatest: what they may raise it to.
    """

    recipient: str
    part: str
    share: int
    least: int = 0
    greatest: int = WHOLE

    def __post_init__(self) -> None:
        if self.part.upper() not in Part.__members__ or self.part != self.part.lower():
            raise InvalidAgreementError("shares.part is public, enterprise or personal.")
        if not 0 <= self.least <= self.share <= self.greatest <= WHOLE:
            raise InvalidAgreementError("shares are millionths: least, share and greatest in ascending order.")


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What the parties state beside the order; members as in ``DisclosedPart``.

    Args:
        name: of the agreement.
        abstract: in words.
        sign_mode: ``01`` or ``02``.
        provider_node: execution node of the provider (32).
        consumer_node: execution node of the consumer (32).
        scope: what the product is used for, in words.
        fields: that may be used; empty for all.
        valid_from: first day.
        valid_until: last day.
        rule_version: settlement rule, 64 hex digits.
        silence_accepts: whether an unanswered statement counts as accepted.
        answer_working_days: in which it is answered.
        pay_basis: ``collected`` or ``accrued``.
        breach_liability: in words.
        shares: who is paid; empty when the provider is paid all of it.
        end_conditions: that end it by themselves.
        data_after_end: ``destroy`` or ``anonymise``.
    """

    name: str
    abstract: str
    sign_mode: str
    provider_node: str
    consumer_node: str
    scope: str
    fields: tuple[str, ...]
    valid_from: str
    valid_until: str
    rule_version: str
    silence_accepts: bool
    answer_working_days: int
    pay_basis: str
    breach_liability: str
    shares: tuple[PayShare, ...] = ()
    end_conditions: tuple[EndCondition, ...] = ()
    data_after_end: str = "destroy"


@dataclass(frozen=True, slots=True)
class AgreementSubject:
    """What the agreement is about.

    Args:
        provider: subject code and name.
        consumer: subject code and name.
        product_code: of the product.
        product_version: from 1.
        policy: the version's ODRL ``Offer``.
        price: that holds between the parties.
        weights: of public, enterprise and personal data.
    """

    provider: tuple[str, str]
    consumer: tuple[str, str]
    product_code: str
    product_version: int
    policy: Mapping[str, Any]
    price: PriceRule
    weights: Weights


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What stands for the agreement's things on the chain, 32 bytes each; ``order_id`` is zero for a framework agreement.

    Args:
        agreement_id: salted id.
        order_id: of the order it was made from.
        product_id: of the product.
        provider: its body id.
        consumer: its body id.
        contract_digest: over both parts.
        price_rule_digest: of the product version.
        body_ids: subject code -> body id, of every recipient.
    """

    agreement_id: bytes
    order_id: bytes
    product_id: bytes
    provider: bytes
    consumer: bytes
    contract_digest: bytes
    price_rule_digest: bytes
    body_ids: Mapping[str, bytes]


def build_disclosed(subject: AgreementSubject, terms: AgreementTerms) -> DisclosedPart:
    """The disclosed part, whose policies are found to be signable.

    Raises:
        InvalidAgreementError: the terms do not go together; a subclass for policies that contradict themselves.
    """
    (provider, provider_name), (consumer, consumer_name) = subject.provider, subject.consumer
    part = DisclosedPart(
        name=terms.name,
        abstract=terms.abstract,
        sign_mode=terms.sign_mode,
        parties=(
            Party(provider, PartyType.PROVIDER.value, terms.provider_node, provider_name[:128]),
            Party(consumer, PartyType.USER.value, terms.consumer_node, consumer_name[:128]),
        ),
        items=(Item(subject.product_code, subject.product_version, provider, terms.scope, terms.fields),),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        policies=(_policy(subject, terms),),
        price=subject.price,
        rule_version=terms.rule_version,
        silence_accepts=terms.silence_accepts,
        answer_working_days=terms.answer_working_days,
        pay_basis=terms.pay_basis,
        breach_liability=terms.breach_liability,
        end_conditions=terms.end_conditions,
        data_after_end=terms.data_after_end,
    )
    part.check_signable()
    return part


def full_shares(subject: AgreementSubject, terms: AgreementTerms) -> tuple[PayShare, ...]:
    """Who is paid: as stated, or the provider all of every part that the product has.

    Raises:
        InvalidAgreementError: a part that the product has is nobody's, one that it lacks is somebody's, or the shares are no whole.
    """
    has = {part.name.lower() for part in Part if getattr(subject.weights, part.name.lower())}
    if not terms.shares:
        return tuple(PayShare(subject.provider[0], part, WHOLE) for part in sorted(has))
    named = [(share.part, share.recipient) for share in terms.shares]
    if len(set(named)) < len(named) or len(named) > SHARES_MAX:
        raise InvalidAgreementError("shares name a body once in each part, and at most 250 in all.")
    sums = {part: sum(share.share for share in terms.shares if share.part == part) for part, _ in named}
    if set(sums) != has or set(sums.values()) != {WHOLE}:
        raise InvalidAgreementError("shares sum to 1000000 in every part that the product has, and name no other part.")
    return terms.shares


def build_agreement_act(part: DisclosedPart, shares: Iterable[PayShare], facts: ChainFacts) -> Agreement:
    """What provider and consumer sign.

    Raises:
        InvalidAgreementError: the price has no component of the settlement.
    """
    begin, end = _seconds_of(part)
    return Agreement(
        agreement_id=facts.agreement_id,
        order_id=facts.order_id,
        product_id=facts.product_id,
        product_version=part.items[0].product_version,
        parties=(facts.provider, facts.consumer),
        contract_digest=facts.contract_digest,
        rule_version=bytes.fromhex(part.rule_version),
        price_rule_digest=facts.price_rule_digest,
        silence_accepts=part.silence_accepts,
        answer_seconds=answer_seconds(part.answer_working_days),
        pay_basis=_PAY_BASES[part.pay_basis],
        valid_from=begin,
        valid_until=end,
        replaces=bytes(32),
        components=(_component(part, tuple(shares), facts.body_ids),),
    )


def answer_seconds(working_days: int) -> int:
    """Time that the chain leaves to answer: never less than so many working days.

    The chain knows no calendar. Two days for each working day and ten more outlast weekends and the longest public holidays, so that on the
    chain silence speaks no earlier than the disclosed part says.
    """
    return (2 * working_days + 10) * DAY_S


def _component(part: DisclosedPart, shares: tuple[PayShare, ...], body_ids: Mapping[str, bytes]) -> ComponentTerms:
    price = part.price
    if price.share is not None or price.period not in (None, MONTH):
        raise InvalidAgreementError(
            "A price by share of revenue, or by a period other than a month, has no component of the settlement."
        )
    is_metered = price.period is None
    basis = BasisKind.STATEMENTS if is_metered else BasisKind.SCHEDULE
    recipients = [
        Recipient(body_ids[one.recipient], Part[one.part.upper()], one.share, one.least, one.greatest) for one in shares
    ]
    return ComponentTerms(
        component=Component.USAGE_SHARE if is_metered else Component.SUBSCRIPTION,
        bases=1 << basis | _RULED,
        currency=price.currency.encode(),
        max_unit_price=price.unit_price_on_chain,
        fixed_amount=price.amount_minor or 0,
        first_period=_period(part.valid_from),
        last_period=_period(part.valid_until),
        recipients=tuple(sorted(recipients, key=lambda one: (one.part, one.recipient))),
    )


def _policy(subject: AgreementSubject, terms: AgreementTerms) -> dict[str, Any]:
    """The product's offer, addressed: with the product as target and the parties' nodes as assigner and assignee."""
    named = {"target": subject.product_code, "assigner": terms.provider_node, "assignee": terms.consumer_node}
    return {**subject.policy, "@type": "Agreement", **named}


def _seconds_of(part: DisclosedPart) -> tuple[int, int]:
    """First and last second of the validity, Unix time."""
    first, last = date.fromisoformat(part.valid_from), date.fromisoformat(part.valid_until) + timedelta(days=1)
    begin, end = (datetime.combine(day, datetime.min.time(), SHANGHAI) for day in (first, last))
    return int(begin.timestamp()), int(end.timestamp()) - 1


def _period(day: str) -> int:
    """The accounting month, YYYYMM."""
    return int(day[:4] + day[5:7])
