"""What the other side of a negotiation says: judged, kept and recorded in one transaction, before it is acknowledged."""

from hashlib import sha256

from ledger.domain.negotiation.life import Act, Side
from ledger.domain.negotiation.messages import Message
from ledger.domain.negotiation.negotiation import Negotiation, received, received_while_sending, sent, started
from ledger.errors import AccessError, IllegalTransitionError
from ledger.services.bodies import acting_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import (
    KIND,
    Record,
    end_waiting,
    keep_message,
    load,
    new_document,
    record_event,
    step_value,
    steps_after,
)
from ledger.services.negotiation_terms import check_first_request, offered_dataset
from ledger.services.negotiations import check_pair


def name_of_request(consumer: str, consumer_pid: str) -> str:
    """The provider's process id of what a consumer calls so: a repeated first request finds its negotiation again."""
    return f"neg-{sha256(f'{consumer} {consumer_pid}'.encode()).hexdigest()[:32]}"


def receive_request(uow: UnitOfWork, message: Message) -> StoredObject:
    """A consumer's first request for one of our products. A repeat changes nothing.

    Raises:
        TermsDifferError: what it asks for is not on offer.
        InvalidPolicyError: its offer is not of the project's profile.
        BodyNotAbleError, ConflictError: see ``check_pair``.
        OtherNegotiationError: another request had this ``consumerPid``.
    """
    consumer = participant_of(uow.actor)
    assert message.consumer_pid is not None
    assert message.offer is not None
    name = name_of_request(consumer, message.consumer_pid)
    uow.hold(name)
    known = uow.find(KIND, name)
    if known is not None:
        negotiation = load(uow, known).negotiation
        assert negotiation is not None, "what began with a request has it"
        received(negotiation, message)
        return known
    acting_body(uow)
    offered = offered_dataset(uow, message.offer["target"])
    provider = offered.provider
    check_first_request(offered, message.offer, provider=provider, consumer=consumer)
    check_pair(uow, consumer, provider)
    negotiation = started(message, Side.PROVIDER, other_pid=name, provider=provider, consumer=consumer)
    document = new_document(
        Side.PROVIDER,
        provider=provider,
        consumer=consumer,
        provider_pid=name,
        consumer_pid=message.consumer_pid,
        address=negotiation.address,
        dataset=message.offer["target"],
    )
    step = step_value(Side.CONSUMER, message, 1, negotiation.state, uow)
    stored = uow.create(
        KIND,
        name,
        state=negotiation.state,
        parties=(consumer, provider),
        document={**document, "messages": 1, "steps": [step]},
        act="receive_request",
    )
    keep_message(uow, stored, 1, Side.CONSUMER, message)
    record_event(uow, "received", stored, message, 1)
    return stored


def receive_message(uow: UnitOfWork, negotiation_id: str, message: Message) -> StoredObject:
    """Any later message. A repeat changes nothing; a reply that overtakes the acknowledgement of ours shows that ours arrived.

    By what names it calls the parties is the other side's affair (connectors have ids of their own): the parties are those of the record.
    A provider of ours agrees only to terms that name none, or the two by their subject codes.

    Raises:
        NotFoundError: there is no such negotiation of the actor's.
        AccessError: the actor is no account of the other side.
        BodyNotAbleError: the sender is not in good standing; a termination is taken all the same.
        OtherNegotiationError, MessageIdReusedError, IllegalTransitionError, TermsDifferError, TooManyRoundsError, InvalidPolicyError:
            as ``ledger.domain.negotiation.negotiation.received``.
    """
    record = load(uow, uow.get(KIND, negotiation_id))
    sender = record.side.other
    if participant_of(uow.actor) != record.party(sender):
        raise AccessError(f"The {sender} of this negotiation sends this. Nothing was changed.")
    if message.act is not Act.TERMINATE:
        acting_body(uow)
    after = _after(record, message)
    if after is record.negotiation:
        return record.stored
    return _take(uow, record, message, after)


def _after(record: Record, message: Message) -> Negotiation:
    before, pending = record.negotiation, record.pending
    if before is not None:
        return received(before, message) if pending is None else received_while_sending(before, pending, message)
    if pending is None or message.provider_pid is None:
        raise IllegalTransitionError(
            "There is no negotiation: its first request was refused.", state=record.stored.state, allowed=[]
        )
    document = record.document
    begun = started(
        pending,
        Side.CONSUMER,
        other_pid=message.provider_pid,
        provider=document["provider"],
        consumer=document["consumer"],
        address=document["address"],
    )
    return received(begun, message)


def _take(uow: UnitOfWork, record: Record, message: Message, after: Negotiation) -> StoredObject:
    document, stored = record.document, record.stored
    number, waiting = document["messages"] + 1, document["pending"]
    arrived = len(after.steps) - len(document["steps"]) == 2  # ours and theirs
    numbers = [waiting["number"], number] if arrived else [number]
    is_overtaken = not arrived and record.pending is not None and not _is_legal(after, record.pending)
    changes = {
        "provider_pid": after.provider_pid,
        "messages": number,
        "steps": steps_after(uow, record, after, numbers),
        "pending": None if arrived or is_overtaken else waiting,
        "refusal": None,
    }
    act = f"receive_{message.act}"
    changed = uow.change(stored, act=act, state=after.state, document={**document, **changes})
    if arrived or is_overtaken:
        end_waiting(uow, stored.object_id, waiting["number"], "deliver" if arrived else "overtake")
    keep_message(uow, changed, number, record.side.other, message)
    shown = {"delivered": waiting["number"]} if arrived else {}
    record_event(uow, "received", changed, message, number, **shown)
    return changed


def _is_legal(negotiation: Negotiation, message: Message) -> bool:
    try:
        sent(negotiation, message)
    except IllegalTransitionError:
        return False
    return True
