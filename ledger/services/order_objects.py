"""What all steps of orders share: the object, what must be on offer, where an order comes from, its moves and its events.

Object: ``order``; its document holds the content, the voucher that both sign by digest, the act as it was placed, and the salt that the
chain's ids are made with. A step locks an agreement first, then the order; bodies and products are only looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.act_json import act_from_json
from ledger.domain.acts.orders import Order
from ledger.domain.agreement import DisclosedPart
from ledger.domain.demand import BID, bid_id
from ledger.domain.demand import KIND as DEMAND_KIND
from ledger.domain.order import APPLICATION, DEMAND, NEGOTIATION, InvalidOrderError, OrderContent
from ledger.domain.order_life import CONSUMER, KIND, PROVIDER, allowed_moves, next_state
from ledger.domain.product import ProductContent
from ledger.domain.product_life import PRODUCT_LIFE
from ledger.domain.records import from_json
from ledger.errors import AccessError, ConflictError
from ledger.services.bodies import Body, body_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_objects import PRODUCT, PROVIDERS, VERSION, version_id

EVENT: Final = "org.cityledger.order.{}.v1"
APPLICATION_KIND: Final = "application"
AGREEMENT_KIND: Final = "agreement"
APPROVED: Final = ("approved",)
SELECTED: Final = ("selected", "followed_up")
"""States of a demand that has found its provider."""

IN_FORCE: Final = ("filed", "in_performance")
"""States of a framework agreement under which is called off."""


class ProductNotOfferedError(ConflictError):
    """There is no such product version on offer: it is not listed, or a regulator has frozen the product."""

    code = "product_not_offered"
    title = "Product not offered"


class OriginNotMetError(ConflictError):
    """The application is not approved, the demand not matched, or the framework agreement not in force, for these bodies and this product."""

    code = "order_origin_not_met"
    title = "Order's origin not met"


class ApplicationNeededError(OriginNotMetError):
    """Public data are to be used, and nobody has approved the consumer's use of them or met its demand."""

    code = "application_needed"
    title = "Application needed"


@dataclass(frozen=True, slots=True)
class Offer:
    """A product version on offer, and its provider in good standing."""

    product: StoredObject
    version: StoredObject
    provider: Body

    @property
    def content(self) -> ProductContent:
        """What the version states."""
        return from_json(ProductContent, self.version.document["content"])

    @property
    def platforms(self) -> tuple[str, ...]:
        """Subject codes of the platforms that reviewed it: the trading platform, with public data the authorisation platform too."""
        named = (self.version.document["reviewers"][role] for role in ("trading_platform", "authorisation_platform"))
        return tuple(code for code in named if code is not None)


def offer_of(uow: UnitOfWork, product_code: str, product_version: int) -> Offer:
    """What is on offer, not locked: the contract judges what changes at the same moment.

    Raises:
        ProductNotOfferedError: it is not on offer.
        BodyNotAbleError: its provider may not provide.
    """
    product, version = uow.peek(PRODUCT, product_code), uow.peek(VERSION, version_id(product_code, product_version))
    is_offered = version is not None and version.state == "listed"
    if product is None or version is None or not is_offered or product.state != PRODUCT_LIFE.initial:
        raise ProductNotOfferedError("This product version is not on offer. Nothing was changed.")
    return Offer(product, version, body_of(uow, version.document["provider"], *PROVIDERS))


def require_origin(uow: UnitOfWork, content: OrderContent, consumer: str, provider: str) -> None:
    """Refuses an order that comes from nowhere.

    Raises:
        OriginNotMetError: what it names does not lead to it.
    """
    if consumer == provider:
        raise InvalidOrderError("Nobody orders from itself. Nothing was changed.")
    about = (content.product_code, content.product_version)
    if content.origin.kind == APPLICATION:
        is_met = _is_approved(uow, content.origin.reference, consumer, about)
    elif content.origin.kind == NEGOTIATION:
        is_met = True  # ``order_negotiations`` judges it, which has to lock it
    elif content.origin.kind == DEMAND:
        is_met = _is_matched(uow, content.origin.reference, (consumer, provider), about)
    else:
        is_met = _is_framework(uow, content, consumer, provider)
    if not is_met:
        raise OriginNotMetError(f"The {content.origin.kind} does not lead to this order. Nothing was changed.")


def require_application(uow: UnitOfWork, offer: Offer, consumer: str) -> None:
    """Refuses what comes neither from an application nor from a demand by itself, where public data are used and the consumer has neither.

    Private data are their provider's to give, so two bodies may negotiate or agree about them at once.

    Args:
        uow: the transaction.
        offer: what is to be used.
        consumer: subject code of who is to use it.

    Raises:
        ApplicationNeededError: no approved application of the consumer's for this version, and no demand for which it selected the provider.
    """
    if not offer.content.has_public_data:
        return
    about = (offer.product.object_id, int(offer.version.document["version"]))
    parties = (consumer, offer.provider.code)
    approved = uow.owned(APPLICATION_KIND, consumer, states=APPROVED)
    if any(_is_approved(uow, name, consumer, about) for name in approved):
        return
    if any(_is_matched(uow, name, parties, about) for name in uow.owned(DEMAND_KIND, consumer, states=SELECTED)):
        return
    raise ApplicationNeededError(
        "This product has public data, and the consumer has no approved application for this version and no demand for which it selected"
        " this provider. Nothing was changed; the consumer applies first (POST /v1/applications), or has a demand matched (POST /v1/demands)."
    )


def content_of(stored: StoredObject) -> OrderContent:
    """What an order states."""
    return from_json(OrderContent, stored.document["content"])


def placed_act(stored: StoredObject) -> Order:
    """The act as the consumer signed it; the provider signs the same."""
    act = act_from_json("Orders.Order", stored.document["order"])
    assert isinstance(act, Order), "the document of an order that was placed holds its act"
    return act


def side_of(stored: StoredObject, participant: str | None) -> str | None:
    """Whether a body is the order's consumer, its provider, or neither."""
    sides = {stored.document["consumer"]: CONSUMER, stored.document["provider"]: PROVIDER}
    return None if participant is None else sides.get(participant)


def moves_of(stored: StoredObject, participant: str | None) -> tuple[str, ...]:
    """What a body may do with an order in its state, sorted."""
    return allowed_moves(stored.document["content"]["kind"], stored.state, side_of(stored, participant))


def require_side(uow: UnitOfWork, stored: StoredObject, *sides: str) -> None:
    """Refuses an actor of another side.

    Raises:
        AccessError: says which side does this.
    """
    if side_of(stored, uow.actor.participant) not in sides:
        raise AccessError(f"The order's {' or '.join(sides)} does this. Nothing was changed.")


def change_order(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
) -> StoredObject:
    """One move along the order's table, without an event."""
    state = next_state(stored.document["content"]["kind"], stored.state, act)
    return uow.change(stored, act=act, state=state, document={**stored.document, **changes}, parties=parties)


def move_order(
    uow: UnitOfWork,
    stored: StoredObject,
    act: str,
    event: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
    **data: Any,
) -> StoredObject:
    """One move with its event, whose ``data`` are ids and digests."""
    moved = change_order(uow, stored, act, changes, parties=parties)
    record_order(uow, moved, event, **data)
    return moved


def record_order(uow: UnitOfWork, stored: StoredObject, event: str, **data: Any) -> None:
    """The evidence of a step of an order."""
    content = stored.document["content"]
    about = {"product_code": content["product_code"], "version": content["product_version"]}
    said = {"order_id": stored.object_id, "state": stored.state, **about, **data}
    uow.record(EVENT.format(event), said, subject=stored.object_id)


def get_order(uow: UnitOfWork, order_id: str, act: str) -> StoredObject:
    """The order, locked, when its state allows the act.

    Raises:
        NotFoundError: there is none that the actor may see.
        IllegalTransitionError: not in this state.
    """
    stored = uow.get(KIND, order_id)
    next_state(stored.document["content"]["kind"], stored.state, act)
    return stored


def _is_approved(uow: UnitOfWork, name: str, consumer: str, about: tuple[str, int]) -> bool:
    """``about`` is product code and version."""
    found = uow.peek(APPLICATION_KIND, name)
    if found is None or found.state not in APPROVED or found.parties[:1] != (consumer,):
        return False
    return (found.document["product_code"], found.document["version"]) == about


def _is_matched(uow: UnitOfWork, name: str, parties: tuple[str, str], about: tuple[str, int]) -> bool:
    """Whether the first of the parties has a demand of this name for which it selected the second, and the bid named no other product."""
    consumer, provider = parties
    demand = uow.peek(DEMAND_KIND, name)
    if demand is None or demand.document["owner"] != consumer or demand.document["selected"] != provider:
        return False
    bid = uow.peek(BID, bid_id(demand.object_id, provider))
    named = None if bid is None else (bid.document["product_code"], bid.document["version"])
    return demand.state in SELECTED and named in ((None, None), about)


def _is_framework(uow: UnitOfWork, content: OrderContent, consumer: str, provider: str) -> bool:
    found = uow.peek(AGREEMENT_KIND, content.origin.reference)
    if found is None or found.state not in IN_FORCE or found.document["order_id"] is not None:
        return False
    document = found.document
    about = (document["consumer"], document["provider"], document["product_code"], document["product_version"])
    named = (consumer, provider, content.product_code, content.product_version)
    return about == named and from_json(DisclosedPart, document["disclosed"]).covers(uow.now)
