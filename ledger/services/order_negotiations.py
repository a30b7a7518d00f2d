"""Orders of what was negotiated: a finalized negotiation leads to one order, and its policy into that order's agreement.

A negotiation is claimed by its order when that is drafted; an order that was ended before its agreement gives it free for another one. Where
both sides of a negotiation are kept in this space, the provider's record is the one that is claimed.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.bundle.negotiation_record import policy_digest
from ledger.domain.agreement_status import NegotiationState
from ledger.domain.catalog_dcat import product_urn
from ledger.domain.negotiation.life import Side
from ledger.domain.negotiation.offers import policy_of
from ledger.domain.order import NEGOTIATION, OrderContent
from ledger.domain.order_life import KIND as ORDER
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.vocabulary import RuleKind
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import KIND, load
from ledger.services.negotiation_terms import check_contradictions
from ledger.services.order_objects import Offer, OriginNotMetError

GIVEN_FREE: Final = frozenset({"discarded", "rejected", "withdrawn", "lapsed", "cancelled"})
"""States of an order that never led to an agreement and never will."""


class NegotiationNotFinalError(OriginNotMetError):
    """The negotiation that an order names has not come to its end, or was terminated."""

    code = "negotiation_not_final"
    title = "Negotiation not final"


class NegotiationOfAnotherProductError(OriginNotMetError):
    """The negotiation that an order names was about another product."""

    code = "negotiation_of_another_product"
    title = "Negotiation of another product"


class NegotiationUsedError(OriginNotMetError):
    """The negotiation that an order names has led to another order."""

    code = "negotiation_used"
    title = "Negotiation used"


def claim_negotiation(
    uow: UnitOfWork, order_id: str, content: OrderContent, consumer: str, offer: Offer
) -> dict[str, Any] | None:
    """What an order keeps of the negotiation that it comes from, which is its own from now on; None of any other order.

    Args:
        uow: the transaction.
        order_id: of the order.
        content: of it.
        consumer: subject code of who orders.
        offer: what is ordered.

    Raises:
        OriginNotMetError: there is no such negotiation between these two.
        NegotiationNotFinalError: it is not finalized.
        NegotiationOfAnotherProductError: it was about another product.
        NegotiationUsedError: another order has it.
        InvalidPolicyError: what was agreed is not of the project's profile.
        ContradictoryPolicyError: it contradicts itself, or what the product's version forbids by now.
    """
    if content.origin.kind != NEGOTIATION:
        return None
    stored = _record_of(uow, content.origin.reference)
    if stored is None or (stored.document["consumer"], stored.document["provider"]) != (consumer, offer.provider.code):
        raise OriginNotMetError("There is no such negotiation between these two bodies. Nothing was changed.")
    document = stored.document
    if stored.state != NegotiationState.FINALIZED:
        raise NegotiationNotFinalError(
            "The negotiation has not been finalized, so nothing was agreed. Nothing was changed.", state=stored.state
        )
    if document["dataset"] != product_urn(content.product_code):
        raise NegotiationOfAnotherProductError("The negotiation was about another product. Nothing was changed.")
    holder = document.get("order_id")
    if holder not in (None, order_id) and _is_claimed(uow, holder, stored):
        raise NegotiationUsedError("The negotiation has led to another order. Nothing was changed.", order_id=holder)
    terms = _terms(uow, stored)
    check_contradictions(policy_of(terms["agreement"]), parse_odrl(offer.content.policy))
    if holder != order_id:
        uow.change(stored, act="order", document={**document, "order_id": order_id})
    return {name: value for name, value in terms.items() if name != "agreement"}


def evidence_of(negotiated: Mapping[str, Any] | None) -> dict[str, Any]:
    """What events of an order and its agreement say of the negotiation: ids and digests; nothing when there was none."""
    if negotiated is None:
        return {}
    return {name: negotiated[name] for name in ("negotiation_id", "policy_digest", "messages")}


def _record_of(uow: UnitOfWork, reference: str) -> StoredObject | None:
    """The negotiation's object, locked: the provider's where this space keeps both."""
    named = uow.peek(KIND, reference)
    if named is None:
        return None
    other = named.document["provider_pid"]
    if named.document["side"] == Side.CONSUMER and other is not None:
        pids = ("provider_pid", "consumer_pid")
        found = uow.find(KIND, other)
        if found is not None and all(found.document[name] == named.document[name] for name in pids):
            return found
    return uow.find(KIND, reference)


def _is_claimed(uow: UnitOfWork, order_id: str, negotiation: StoredObject) -> bool:
    order = uow.peek(ORDER, order_id)
    if order is None or order.state in GIVEN_FREE:
        return False
    origin = order.document["content"]["origin"]
    names = {negotiation.object_id, negotiation.document["provider_pid"], negotiation.document["consumer_pid"]}
    return origin["kind"] == NEGOTIATION and origin["reference"] in names


def _terms(uow: UnitOfWork, stored: StoredObject) -> dict[str, Any]:
    """What was agreed: the rules, and the digests of the agreement and of every message that led to it."""
    negotiation = load(uow, stored).negotiation
    assert negotiation is not None, "what is finalized has begun"
    agreement = negotiation.agreement
    return {
        "negotiation_id": stored.object_id,
        "agreement": agreement,
        "agreement_uid": agreement["@id"],
        "policy": {kind.value: agreement[kind.value] for kind in RuleKind if kind.value in agreement},
        "policy_digest": policy_digest(agreement).hex(),
        "rounds": len(negotiation.rounds),
        "messages": [step["digest"] for step in stored.document["steps"]],
    }
