"""Orders: drafted and placed by the consumer, confirmed or rejected by the provider; ended by either. One function is one use case.

Consumer and provider each sign the same act ``Order`` with their own key; the chain takes the consumer's as ``place`` and the provider's as
``confirm``. Order numbers and salts are drawn by the caller.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.bundle.order_digest import SALT_BYTES, order_chain_id, voucher_digest
from ledger.domain.act_json import act_to_json
from ledger.domain.acts.kinds import OrderKind
from ledger.domain.acts.orders import Order
from ledger.domain.order import InvalidOrderError, OrderContent, price_of, require_confirmable
from ledger.domain.order_life import CALL_OFF, CONSUMER, KIND, PROVIDER, life_of
from ledger.domain.order_voucher import VoucherSubject, build_voucher
from ledger.domain.records import from_json, to_json
from ledger.errors import ConflictError, NotFoundError
from ledger.services import order_chain
from ledger.services.acts import LEAST_TIME, MOST_TIME
from ledger.services.bodies import Body, acting_body, body_of, ordering_body, require_role
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids
from ledger.services.order_negotiations import claim_negotiation, evidence_of
from ledger.services.order_objects import (
    AGREEMENT_KIND,
    Offer,
    content_of,
    get_order,
    move_order,
    offer_of,
    placed_act,
    record_order,
    require_origin,
    require_side,
)
from ledger.services.product_objects import PROVIDERS, chain_id_of, price_rule_paper
from ledger.services.trade_chain import Asked, ask_chain

DRAFTS_MAX: Final = 1_000
"""Of one consumer at a time."""

_ORDER_ID: Final = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """A new order.

    Args:
        order_id: its number, drawn by the caller: 8 to 64 letters, digits and hyphens.
        content: members of ``OrderContent`` as JSON.
        salt: 32 bytes, drawn at random.
    """

    order_id: str
    content: Mapping[str, Any]
    salt: bytes


def draft_order(uow: UnitOfWork, command: DraftOrder) -> StoredObject:
    """An order as a draft, which its consumer alone sees.

    Raises:
        InputError: the content is not one.
        ProductNotOfferedError: the product version is not on offer.
        OriginNotMetError: application, demand, negotiation or framework agreement does not lead to this order.
        InvalidPolicyError, ContradictoryPolicyError: what was negotiated cannot be agreed to by now.
        BodyNotAbleError: one of the bodies may not act.
        ConflictError: the number is taken, or there are too many drafts.
    """
    consumer = _consumer(uow)
    if len(uow.owned(KIND, consumer.code, states=("drafted",))) >= DRAFTS_MAX:
        raise ConflictError(f"A consumer has {DRAFTS_MAX} drafts at most. Nothing was changed.")
    if _ORDER_ID.fullmatch(command.order_id) is None or len(command.salt) != SALT_BYTES:
        raise InvalidOrderError("An order has a number of 8 to 64 letters, digits and hyphens, and a salt of 32 bytes.")
    content = from_json(OrderContent, command.content)
    offer = _checked_offer(uow, content, consumer)
    negotiated = claim_negotiation(uow, command.order_id, content, consumer.code, offer)
    document = {
        "consumer": consumer.code,
        "provider": offer.provider.code,
        "platforms": list(offer.platforms),
        "salt": command.salt.hex(),
        "content": to_json(content),
        "negotiated": negotiated,
        "voucher": None,
        "content_digest": None,
        "order": None,
        "price_rule": None,
        "agreement_id": None,
        "closing": None,
        "waiting": None,
        "refused": None,
        "attached": None,
        **dict.fromkeys(order_chain.DONE.values()),
    }
    stored = uow.create(
        KIND,
        command.order_id,
        state=life_of(content.kind).initial,
        parties=(consumer.code,),
        document=document,
        act="draft",
    )
    record_order(uow, stored, "drafted", **evidence_of(negotiated))
    return stored


def edit_order(uow: UnitOfWork, order_id: str, content: Mapping[str, Any]) -> StoredObject:
    """Replaces what a draft states; based on the revision that the caller saw.

    Raises:
        As ``draft_order``.
        IllegalTransitionError: it is no draft.
        RevisionMismatchError: it was changed meanwhile.
    """
    stored = _own(uow, order_id, "edit")
    uow.expect_revision(stored)
    changed = from_json(OrderContent, content)
    if changed.kind != stored.document["content"]["kind"]:
        raise InvalidOrderError("The kind of an order stays; draft another one. Nothing was changed.")
    consumer = _consumer(uow)
    offer = _checked_offer(uow, changed, consumer)
    negotiated = claim_negotiation(uow, order_id, changed, consumer.code, offer)
    about = {"provider": offer.provider.code, "platforms": list(offer.platforms), "negotiated": negotiated}
    changes = {"content": to_json(changed), "refused": None, **about}
    return move_order(uow, stored, "edit", "edited", changes, **evidence_of(negotiated))


def discard_order(uow: UnitOfWork, order_id: str) -> StoredObject:
    """Ends a draft.

    Raises:
        NotFoundError: there is no such order of the actor's.
        IllegalTransitionError: it is no draft.
    """
    return move_order(uow, _own(uow, order_id, "discard"), "discard", "discarded", {})


def place_order(uow: UnitOfWork, order_id: str) -> StoredObject:
    """The consumer offers its order, with the voucher fixed; its key signs ``Order``. Based on the revision that the caller saw.

    Raises:
        As ``draft_order``.
        IllegalTransitionError: it is no draft.
        RevisionMismatchError: it was changed meanwhile.
        InvalidOrderError: it could not be confirmed between 5 minutes and 366 days from now, or has no price.
    """
    stored = _own(uow, order_id, "place")
    uow.expect_revision(stored)
    consumer, content = _consumer(uow), content_of(stored)
    if not LEAST_TIME.total_seconds() <= content.valid_until - uow.now.timestamp() <= MOST_TIME.total_seconds():
        raise InvalidOrderError("valid_until is between 5 minutes and 366 days from now. Nothing was changed.")
    offer = _checked_offer(uow, content, consumer)
    negotiated = claim_negotiation(uow, order_id, content, consumer.code, offer)
    voucher = _voucher(stored, content, consumer, offer)
    digest = voucher_digest(salt_of_ids(stored), voucher)
    act = _act(uow, stored, consumer, offer, digest)
    waiting = ask_chain(uow, stored, Asked("place", act, "place", [consumer.signer("consumer")], content.valid_until))
    changes = {
        "provider": offer.provider.code,
        "platforms": list(offer.platforms),
        "negotiated": negotiated,
        "voucher": voucher,
        "content_digest": digest.hex(),
        "order": act_to_json(act),
        "price_rule": price_rule_paper(offer.version),
        "waiting": waiting,
    }
    return move_order(
        uow, stored, "place", "placing_asked", changes, content_digest=digest.hex(), **evidence_of(negotiated)
    )


def accept_order(uow: UnitOfWork, order_id: str) -> StoredObject:
    """The provider confirms what was placed; its key signs the same ``Order``.

    Raises:
        NotFoundError: there is no such order that the actor may see.
        IllegalTransitionError: it is not offered.
        AccessError: the actor is not its provider.
        OrderExpiredError: the time to confirm it is over.
        ProductNotOfferedError: the product is not on offer any more.
        OriginNotMetError: the framework agreement of a call-off is not in force any more.
        BodyNotAbleError: provider or consumer is not in good standing, or the provider's credit is limited.
    """
    stored = get_order(uow, order_id, "accept")
    require_side(uow, stored, PROVIDER)
    require_role(uow.actor, *PROVIDERS)
    provider, content = ordering_body(uow, *PROVIDERS), content_of(stored)
    require_confirmable(content, uow.now.timestamp())
    offer_of(uow, content.product_code, content.product_version)
    consumer = body_of(uow, stored.document["consumer"], CONSUMER)
    if content.kind == CALL_OFF:
        require_origin(uow, content, consumer.code, provider.code)
    signers = [provider.signer("provider")]
    waiting = ask_chain(uow, stored, Asked("accept", placed_act(stored), "confirm", signers, content.valid_until))
    digest = stored.document["content_digest"]
    return move_order(uow, stored, "accept", "confirmation_asked", {"waiting": waiting}, content_digest=digest)


def _consumer(uow: UnitOfWork) -> Body:
    require_role(uow.actor, CONSUMER)
    return ordering_body(uow, CONSUMER)


def _own(uow: UnitOfWork, order_id: str, act: str) -> StoredObject:
    stored = get_order(uow, order_id, act)
    if stored.document["consumer"] != uow.actor.participant:
        raise NotFoundError("There is no such order.")
    acting_body(uow)
    return stored


def _checked_offer(uow: UnitOfWork, content: OrderContent, consumer: Body) -> Offer:
    """What is ordered, once everything was found in order: on offer, with a price, and from somewhere."""
    offer = offer_of(uow, content.product_code, content.product_version)
    require_origin(uow, content, consumer.code, offer.provider.code)
    price_of(content, offer.content.price, has_public_data=offer.content.has_public_data)
    return offer


def _voucher(stored: StoredObject, content: OrderContent, consumer: Body, offer: Offer) -> dict[str, Any]:
    stated, version = offer.content, offer.version.document
    subject = VoucherSubject(
        order_id=stored.object_id,
        consumer=(consumer.code, consumer.name),
        provider=(offer.provider.code, offer.provider.name),
        title=stated.title,
        delivery_form=stated.delivery_form,
        product_digest=version["content_digest"],
        price_rule_digest=version["price_rule_digest"],
    )
    price = price_of(content, stated.price, has_public_data=stated.has_public_data)
    return build_voucher(subject, content, price)


def _act(uow: UnitOfWork, stored: StoredObject, consumer: Body, offer: Offer, digest: bytes) -> Order:
    content = content_of(stored)
    return Order(
        order_id=order_chain_id(salt_of_ids(stored), stored.object_id),
        kind=OrderKind.CALL_OFF if content.kind == CALL_OFF else OrderKind.SINGLE,
        product_id=chain_id_of(offer.product),
        product_version=content.product_version,
        provider=offer.provider.body_id,
        consumer=consumer.body_id,
        agreement_id=_framework_id(uow, content),
        quantity=content.quantity,
        price_rule_digest=bytes.fromhex(offer.version.document["price_rule_digest"]),
        content_digest=digest,
        valid_until=content.valid_until,
    )


def _framework_id(uow: UnitOfWork, content: OrderContent) -> bytes:
    """The framework agreement of a call-off as the chain names it; zero for a single order."""
    if content.kind != CALL_OFF:
        return bytes(32)
    framework = uow.peek(AGREEMENT_KIND, content.origin.reference)
    assert framework is not None, "the origin was checked"
    return agreement_chain_id(salt_of_ids(framework), framework.object_id)
