"""What the other side of a negotiation says: judged, kept and recorded in one transaction, before it is acknowledged."""

from hashlib import sha256

from ledger.domain.negotiation.defects import InvalidNegotiationMessageError
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.negotiation.messages import Message
from ledger.domain.negotiation.negotiation import Negotiation, received, received_while_sending, sent, started
from ledger.errors import AccessError, IllegalTransitionError
from ledger.services.bodies import acting_body, participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_openings import check_pair
from ledger.services.negotiation_records import (
    KIND,
    Record,
    begun_with,
    end_waiting,
    keep_message,
    load,
    new_document,
    record_event,
    step_value,
    steps_after,
)
from ledger.services.negotiation_terms import check_first_request, check_parties, offered_dataset


def name_of_request(consumer: str, consumer_pid: str) -> str:
    """The provider's process id of what a consumer calls so: a repeated first request finds its negotiation again."""
    return f"neg-{sha256(f'{consumer} {consumer_pid}'.encode()).hexdigest()[:32]}"


def name_of_offer(provider: str, provider_pid: str) -> str:
    """The consumer's process id of what a provider calls so; another one than that of a request, whatever the two are called."""
    return f"neg-{sha256(f'offer {provider} {provider_pid}'.encode()).hexdigest()[:32]}"


def receive_request(uow: UnitOfWork, message: Message) -> StoredObject:
    """A consumer's first request for one of our products. A repeat changes nothing.

    Raises:
        TermsDifferError: what it asks for is not on offer.
        InvalidPolicyError: its offer is not of the project's profile.
        BodyNotAbleError, ConflictError: see ``check_pair``.
        IllegalTransitionError, OtherNegotiationError: another request had this ``consumerPid``.
    """
    consumer = participant_of(uow.actor)
    assert message.consumer_pid is not None
    assert message.offer is not None
    name = name_of_request(consumer, message.consumer_pid)
    known = _repeated(uow, name, message)
    if known is not None:
        return known
    acting_body(uow)
    offered = offered_dataset(uow, message.offer["target"])
    check_first_request(offered, message.offer, provider=offered.provider, consumer=consumer)
    check_pair(uow, Side.CONSUMER, provider=offered.provider, consumer=consumer)
    return _begin(uow, Side.PROVIDER, name, message, provider=offered.provider, consumer=consumer)


def receive_offer(uow: UnitOfWork, message: Message) -> StoredObject:
    """A provider's first offer to one of our consumers, whom ``offer.assignee`` names. A repeat changes nothing.

    Raises:
        InvalidNegotiationMessageError: the offer names no assignee, so nobody knows to whom it is made.
        TermsDifferError: it names another assigner than its sender.
        BodyNotAbleError, ConflictError: see ``check_pair``.
        IllegalTransitionError, OtherNegotiationError: another offer had this ``providerPid``.
    """
    provider = participant_of(uow.actor)
    assert message.provider_pid is not None
    assert message.offer is not None
    name = name_of_offer(provider, message.provider_pid)
    known = _repeated(uow, name, message)
    if known is not None:
        return known
    acting_body(uow)
    consumer = message.offer.get("assignee")
    if consumer is None:
        raise InvalidNegotiationMessageError("offer.assignee", "is the subject code of the consumer in a first offer.")
    check_parties(message.offer, provider=provider, consumer=consumer)
    check_pair(uow, Side.PROVIDER, provider=provider, consumer=consumer)
    return _begin(uow, Side.CONSUMER, name, message, provider=provider, consumer=consumer)


def _repeated(uow: UnitOfWork, name: str, message: Message) -> StoredObject | None:
    """The negotiation of this name, if the message is the one that began it."""
    uow.hold(name)
    known = uow.find(KIND, name)
    if known is not None:
        negotiation = load(uow, known).negotiation
        assert negotiation is not None, "what began with a message of theirs has it"
        received(negotiation, message)
    return known


def _begin(uow: UnitOfWork, side: Side, name: str, message: Message, *, provider: str, consumer: str) -> StoredObject:
    negotiation = started(message, side, other_pid=name, provider=provider, consumer=consumer)
    assert message.offer is not None
    document = new_document(
        side,
        provider=provider,
        consumer=consumer,
        provider_pid=negotiation.provider_pid,
        consumer_pid=negotiation.consumer_pid,
        address=negotiation.address,
        dataset=message.offer["target"],
    )
    step = step_value(side.other, message, 1, negotiation.state, uow)
    stored = uow.create(
        KIND,
        name,
        state=negotiation.state,
        parties=(consumer, provider) if side is Side.PROVIDER else (provider, consumer),
        document={**document, "messages": 1, "steps": [step]},
        act=f"receive_{message.act}",
    )
    keep_message(uow, stored, 1, side.other, message)
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
    begun = None if pending is None else begun_with(record, pending, message)
    if begun is None:
        raise IllegalTransitionError(
            "There is no negotiation: its first message was refused.", state=record.stored.state, allowed=[]
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
        "consumer_pid": after.consumer_pid,
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
