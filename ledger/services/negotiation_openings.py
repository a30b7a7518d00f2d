"""How our side begins a negotiation: as a consumer with a request, as a provider with an offer. One function is one use case.

Our body is the provider or the consumer; the other one is a body of this space too, which speaks through a connector of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.credit import NO_NEW_ORDERS
from ledger.domain.negotiation.addresses import check_callback_address, message_url
from ledger.domain.negotiation.defects import TermsDifferError
from ledger.domain.negotiation.delivery import OFFERING, REQUESTING
from ledger.domain.negotiation.life import Side
from ledger.domain.negotiation.messages import Message, MessageType
from ledger.domain.negotiation.negotiation import started
from ledger.errors import ConflictError
from ledger.services.bodies import acting_body, body_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import KIND, OPEN, new_document
from ledger.services.negotiation_terms import check_binding, check_parties, offered_dataset
from ledger.services.negotiations import OFFER_NAME, checked, issue, message_id
from ledger.services.product_objects import PROVIDERS

OPEN_MAX: Final = 100
"""Negotiations that one body has begun and that are not over."""


@dataclass(frozen=True, slots=True)
class Request:
    """How our consumer begins.

    Args:
        provider: subject code of the provider, a body of this space.
        address: where its connector takes messages; ``/negotiations/request`` is put behind it.
        dataset_id: as its catalog names it.
        offer_id: likewise.
        rules: ``permission``, ``prohibition``, ``obligation`` and ``profile`` of the offer, as ODRL.
    """

    provider: str
    address: str
    dataset_id: str
    offer_id: str
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FirstOffer:
    """How our provider begins; members as in ``Request``.

    Args:
        consumer: subject code of the consumer, a body of this space.
        address: where its connector takes messages; ``/negotiations/offers`` is put behind it.
        dataset_id: a product of ours that is on offer.
        rules: of the offer.
    """

    consumer: str
    address: str
    dataset_id: str
    rules: Mapping[str, Any]


def open_with_request(uow: UnitOfWork, negotiation_id: str, opening: Request, callback: str) -> StoredObject:
    """Our consumer asks for a dataset; ``negotiation_id`` is drawn by the caller, ``callback`` is where this space takes messages.

    Raises:
        InvalidNegotiationMessageError: address, offer or rules are none.
        BodyNotAbleError: one of the two is not in good standing.
        ConflictError: they are the same body, or it has too many open negotiations.
    """
    consumer = acting_body(uow).code
    check_pair(uow, Side.CONSUMER, provider=opening.provider, consumer=consumer)
    check_callback_address(opening.address)
    message = checked(
        Message(
            MessageType.REQUEST,
            consumer_pid=negotiation_id,
            offer={**opening.rules, "@type": "Offer", "@id": opening.offer_id, "target": opening.dataset_id},
            callback_address=callback,
            message_id=message_id(negotiation_id, 1),
        )
    )
    return _open(uow, Side.CONSUMER, message, opening.address, provider=opening.provider, consumer=consumer)


def open_with_offer(uow: UnitOfWork, negotiation_id: str, opening: FirstOffer, callback: str) -> StoredObject:
    """Our provider offers a product of its own to a consumer, whom the offer names as its assignee; as ``open_with_request``.

    Raises:
        InvalidNegotiationMessageError: address or rules are none.
        TermsDifferError: the dataset is no product of the actor's body that is on offer, or the rules name other parties.
        ContradictoryPolicyError, InvalidPolicyError: the rules are none that may be offered.
        BodyNotAbleError, ConflictError: as above.
    """
    provider = acting_body(uow, *PROVIDERS).code
    check_pair(uow, Side.PROVIDER, provider=provider, consumer=opening.consumer)
    check_callback_address(opening.address)
    parties = {"provider": provider, "consumer": opening.consumer}
    check_parties(opening.rules, **parties)
    if offered_dataset(uow, opening.dataset_id).provider != provider:
        raise TermsDifferError("dataset_id is no product of your own that is on offer. Nothing was changed.")
    named = {"assigner": provider, "assignee": opening.consumer, "target": opening.dataset_id}
    message = checked(
        Message(
            MessageType.OFFER,
            provider_pid=negotiation_id,
            offer={**opening.rules, **named, "@type": "Offer", "@id": f"{OFFER_NAME}{negotiation_id}:1"},
            callback_address=callback,
            message_id=message_id(negotiation_id, 1),
        )
    )
    assert message.offer is not None
    check_binding(uow, message.offer)
    return _open(uow, Side.PROVIDER, message, opening.address, **parties)


def check_pair(uow: UnitOfWork, beginner: Side, *, provider: str, consumer: str) -> None:
    """Whether these two may begin another negotiation; that the one who begins is in good standing is for the caller.

    Raises:
        ConflictError: they are the same body, or the one who begins has too many that are open.
        BodyNotAbleError: the other one is not in good standing, the provider is none, or the credit of the one who begins is limited.
    """
    if consumer == provider:
        raise ConflictError("Nobody negotiates with itself. Nothing was changed.")
    both = {Side.PROVIDER: body_of(uow, provider, *PROVIDERS), Side.CONSUMER: body_of(uow, consumer)}
    both[beginner].require_unlimited(NO_NEW_ORDERS)
    if len(uow.owned(KIND, both[beginner].code, states=OPEN)) >= OPEN_MAX:
        raise ConflictError(f"A body has begun {OPEN_MAX} open negotiations at most. Nothing was changed.")


def _open(uow: UnitOfWork, side: Side, message: Message, address: str, *, provider: str, consumer: str) -> StoredObject:
    name = message.provider_pid if side is Side.PROVIDER else message.consumer_pid
    assert name is not None, "whoever begins has named it"
    assert message.offer is not None, "a negotiation begins with an offer or a request"
    started(message, side, other_pid=name, address=address, provider=provider, consumer=consumer)
    document = new_document(
        side,
        address=address,
        dataset=message.offer["target"],
        provider_pid=message.provider_pid,
        consumer_pid=message.consumer_pid,
        provider=provider,
        consumer=consumer,
    )
    is_offer = side is Side.PROVIDER
    stored = uow.create(
        KIND,
        name,
        state=OFFERING if is_offer else REQUESTING,
        parties=(provider, consumer) if is_offer else (consumer, provider),
        document=document,
        act="open",
    )
    return issue(uow, stored, side, message, message_url(address, "negotiations", "offers" if is_offer else "request"))
