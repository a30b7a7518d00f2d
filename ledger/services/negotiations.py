"""Negotiations by the Dataspace Protocol, for either side: what our side says in one that has begun.

``negotiation_openings`` has how our side begins one, ``negotiation_receipt`` what the other side says.

Each function is one use case: one message, one event, one transaction. A message of ours is judged, kept as ``waiting`` and committed;
``negotiation_delivery`` takes what became of it on its way, and only then the state moves. While one waits, our side says nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.bundle.negotiation_record import encode_message, parse_message
from ledger.domain.negotiation.addresses import message_url
from ledger.domain.negotiation.defects import InvalidNegotiationMessageError
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.negotiation.messages import EventType, Message, MessageType
from ledger.domain.negotiation.negotiation import Negotiation, sent
from ledger.errors import AccessError, ConflictError, IllegalTransitionError
from ledger.log.timestamps import format_time
from ledger.services.bodies import acting_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import (
    KIND,
    Record,
    keep_message,
    load,
    record_event,
)
from ledger.services.negotiation_terms import check_binding, check_parties

OFFER_NAME: Final = "urn:cityledger:offer:"
_AGREEMENT: Final = "urn:cityledger:agreement:"

PATHS: Final = {
    Act.REQUEST: ("request",),
    Act.OFFER: ("offers",),
    Act.ACCEPT: ("events",),
    Act.FINALIZE: ("events",),
    Act.AGREE: ("agreement",),
    Act.VERIFY: ("agreement", "verification"),
    Act.TERMINATE: ("termination",),
}
"""Last segments of the other side's endpoint for each message (HTTPS binding)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What our side says.

    Args:
        act: which message.
        rules: of an offer or a counter-request, as in ``negotiation_openings.Request``; None otherwise.
        code: of a termination, in our words.
        reasons: of a termination; empty for none.
    """

    act: Act
    rules: Mapping[str, Any] | None = None
    code: str | None = None
    reasons: tuple[str, ...] = ()


def say(uow: UnitOfWork, negotiation_id: str, said: Said) -> StoredObject:
    """Our side's next message, which then waits to be delivered.

    Raises:
        NotFoundError: there is no such negotiation of the actor's.
        AccessError: the actor is the other side, whose messages come through the protocol.
        ConflictError: a message of ours waits still.
        IllegalTransitionError: not in this state, or never by this side.
        TermsDifferError, ContradictoryPolicyError, InvalidPolicyError: our terms are none that may be offered.
    """
    record = load(uow, uow.get(KIND, negotiation_id))
    if participant_of(uow.actor) != record.party(record.side):
        raise AccessError("The other side of a negotiation speaks by the Dataspace Protocol. Nothing was changed.")
    if said.act is not Act.TERMINATE:
        acting_body(uow)
    if record.pending is not None:
        raise ConflictError("A message of yours waits to be delivered; say the next one after it. Nothing was changed.")
    negotiation = record.negotiation
    if negotiation is None:
        raise IllegalTransitionError(
            "The first message was refused; begin another negotiation.", state=record.stored.state, allowed=[]
        )
    message = checked(_message_of(uow, record, negotiation, said))
    sent(negotiation, message)
    _check_terms(uow, record, message)
    other_pid = negotiation.consumer_pid if record.side is Side.PROVIDER else negotiation.provider_pid
    url = message_url(negotiation.address, "negotiations", other_pid, *PATHS[said.act])
    return issue(uow, record.stored, record.side, message, url)


def _message_of(uow: UnitOfWork, record: Record, negotiation: Negotiation, said: Said) -> Message:
    number = record.document["messages"] + 1
    common: dict[str, Any] = {
        "provider_pid": negotiation.provider_pid,
        "consumer_pid": negotiation.consumer_pid,
        "message_id": message_id(record.pid, number),
    }
    if (said.rules is None) is (said.act in (Act.OFFER, Act.REQUEST)):
        raise InvalidNegotiationMessageError("policy", "goes with an offer and a request, and with nothing else.")
    if said.act is not Act.TERMINATE and (said.code is not None or said.reasons):
        raise InvalidNegotiationMessageError("code and reasons", "go with a termination, and with nothing else.")
    if said.rules is not None:
        name = f"{OFFER_NAME}{record.pid}:{number}"
        offer = {**said.rules, "@type": "Offer", "@id": name, "target": record.document["dataset"]}
        return Message(MessageType.OFFER if said.act is Act.OFFER else MessageType.REQUEST, offer=offer, **common)
    if said.act is Act.AGREE:
        return Message(MessageType.AGREEMENT, agreement=_agreement(uow, record, negotiation), **common)
    if said.act is Act.VERIFY:
        return Message(MessageType.VERIFICATION, **common)
    if said.act is Act.TERMINATE:
        return Message(MessageType.TERMINATION, code=said.code, reason=said.reasons or None, **common)
    event = EventType.ACCEPTED if said.act is Act.ACCEPT else EventType.FINALIZED
    return Message(MessageType.EVENT, event_type=event, **common)


def _agreement(uow: UnitOfWork, record: Record, negotiation: Negotiation) -> dict[str, Any]:
    """The last offer, made binding."""
    return {
        **negotiation.rounds[-1].offer,
        "@type": "Agreement",
        "@id": f"{_AGREEMENT}{record.pid}",
        "assigner": negotiation.provider,
        "assignee": negotiation.consumer,
        "timestamp": format_time(uow.now),
    }


def _check_terms(uow: UnitOfWork, record: Record, message: Message) -> None:
    policy = message.offer or message.agreement
    if policy is None:
        return
    check_parties(policy, provider=record.party(Side.PROVIDER), consumer=record.party(Side.CONSUMER))
    if record.side is Side.PROVIDER:
        check_binding(uow, policy)


def checked(message: Message) -> Message:
    """What the other side will read of it, so that nothing is sent that is no message."""
    return parse_message(encode_message(message))


def issue(uow: UnitOfWork, stored: StoredObject, sender: Side, message: Message, url: str) -> StoredObject:
    """Keeps a message that is to be sent; whoever delivers finds it by its state."""
    number = stored.document["messages"] + 1
    pending = {"number": number, "act": str(message.act)}
    document = {**stored.document, "messages": number, "pending": pending, "refusal": None}
    changed = uow.change(stored, act="issue", document=document)
    keep_message(uow, changed, number, sender, message, url=url)
    record_event(uow, "issued", changed, message, number)
    return changed


def message_id(pid: str, number: int) -> str:
    """``@id`` of a message: the same however often it is sent."""
    return f"urn:cityledger:message:{pid}:{number}"
