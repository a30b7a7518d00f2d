"""What follows from a negotiation: one order, and its policy in that order's agreement; or one framework agreement.

A negotiation is claimed by its order when that is drafted; an order that was ended before its agreement gives it free for another one, and so
does a framework agreement that was abandoned. Where both sides of a negotiation are kept in this space, the provider's record is claimed.
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
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import KIND, load
from ledger.services.negotiation_terms import check_contradictions
from ledger.services.order_objects import Offer, OriginNotMetError, require_application

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
        ApplicationNeededError: the product has public data, and the consumer's use of them was never approved or matched.
        OriginNotMetError: there is no such negotiation between these two.
        NegotiationNotFinalError: it is not finalized.
        NegotiationOfAnotherProductError: it was about another product.
        NegotiationUsedError: another order has it.
        InvalidPolicyError: what was agreed is not of the project's profile.
        ContradictoryPolicyError: it contradicts itself, or what the product's version forbids by now.
    """
    if content.origin.kind != NEGOTIATION:
        return None
    require_application(uow, offer, consumer)
    return _claim(uow, content.origin.reference, ("order_id", order_id), consumer, offer)


def claim_for_framework(
    uow: UnitOfWork, agreement_id: str, reference: str, consumer: str, offer: Offer
) -> dict[str, Any]:
    """What a framework agreement keeps of the negotiation that it follows from, which is its own from now on.

    Raises:
        As ``claim_negotiation``, but the caller has asked for the application.
    """
    return _claim(uow, reference, ("agreement_id", agreement_id), consumer, offer)


def _claim(uow: UnitOfWork, reference: str, holder: tuple[str, str], consumer: str, offer: Offer) -> dict[str, Any]:
    """``holder`` is the member that names what claims it, and its name."""
    stored = _record_of(uow, reference)
    if stored is None or (stored.document["consumer"], stored.document["provider"]) != (consumer, offer.provider.code):
        raise OriginNotMetError("There is no such negotiation between these two bodies. Nothing was changed.")
    document = stored.document
    if stored.state != NegotiationState.FINALIZED:
        raise NegotiationNotFinalError(
            "The negotiation has not been finalized, so nothing was agreed. Nothing was changed.", state=stored.state
        )
    if document["dataset"] != product_urn(offer.product.object_id):
        raise NegotiationOfAnotherProductError("The negotiation was about another product. Nothing was changed.")
    _require_free(uow, stored, holder)
    terms = _terms(uow, stored)
    check_contradictions(policy_of(terms["agreement"]), parse_odrl(offer.content.policy))
    member, name = holder
    if document.get(member) != name:
        uow.change(stored, act="order", document={**document, "order_id": None, "agreement_id": None, member: name})
    return {name: value for name, value in terms.items() if name != "agreement"}


def _require_free(uow: UnitOfWork, stored: StoredObject, holder: tuple[str, str]) -> None:
    order_id, agreement_id = stored.document.get("order_id"), stored.document.get("agreement_id")
    if order_id is not None and ("order_id", order_id) != holder and _is_claimed(uow, order_id, stored):
        raise NegotiationUsedError("The negotiation has led to another order. Nothing was changed.", order_id=order_id)
    agreement = None if agreement_id is None else uow.peek(AGREEMENT, agreement_id)
    if agreement is not None and agreement.state != "abandoned":
        raise NegotiationUsedError("The negotiation has led to a framework agreement. Nothing was changed.")


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
