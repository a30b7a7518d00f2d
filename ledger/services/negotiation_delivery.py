"""What became of a message of ours on its way; called by whoever delivers, once it knows.

Either function may be called again, and late: a message that does not wait any more is left as it is.
"""

from ledger.domain.negotiation.defects import OtherNegotiationError
from ledger.domain.negotiation.delivery import OPENING_LIVES, WAITING
from ledger.domain.negotiation.messages import Message
from ledger.domain.negotiation.negotiation import Negotiation, sent
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.negotiation_records import (
    KIND,
    MESSAGE,
    Record,
    begun_with,
    end_waiting,
    load,
    negotiation_of_message,
    pid_of,
    record_event,
    steps_after,
)


def acknowledge(uow: UnitOfWork, message_id: str, answer: Message | None) -> StoredObject | None:
    """The other side has taken the message: the negotiation moves. None when it waits no more.

    Args:
        uow: the transaction.
        message_id: name of the message's object.
        answer: the ``ContractNegotiation`` that it answered, if it did; only that to a first message is needed.

    Raises:
        OtherNegotiationError: what a first message was answered is not about its negotiation; so nobody knows whether it was taken.
    """
    record = _waiting(uow, message_id)
    if record is None or record.pending is None:
        return None
    after = _after(record, record.pending, answer)
    number = record.document["pending"]["number"]
    changes = {
        "provider_pid": after.provider_pid,
        "consumer_pid": after.consumer_pid,
        "steps": steps_after(uow, record, after, [number]),
        "pending": None,
    }
    changed = uow.change(
        record.stored,
        act=f"send_{record.pending.act}",
        state=after.state,
        document={**record.document, **changes},
    )
    end_waiting(uow, record.pid, number, "deliver")
    record_event(uow, "delivered", changed, record.pending, number)
    return changed


def give_up(uow: UnitOfWork, message_id: str, reason: str) -> StoredObject | None:
    """The other side has refused the message, or could not be reached for too long: the negotiation stays as it is.

    Args:
        uow: the transaction.
        message_id: name of the message's object.
        reason: such as ``status_400`` or ``not_reached``; words of ours, never the other side's.
    """
    record = _waiting(uow, message_id)
    if record is None or record.pending is None:
        return None
    waiting = record.document["pending"]
    refusal = {**waiting, "reason": reason, "at": format_time(uow.now)}
    stored, opening = record.stored, OPENING_LIVES.get(record.stored.state)
    changed = uow.change(
        stored,
        act="give_up",
        state=None if opening is None else opening.next(stored.state, "give_up"),
        document={**record.document, "pending": None, "refusal": refusal},
    )
    end_waiting(uow, record.pid, waiting["number"], "give_up", reason)
    record_event(uow, "refused", changed, record.pending, waiting["number"], reason=reason)
    return changed


def _waiting(uow: UnitOfWork, message_id: str) -> Record | None:
    stored = uow.find(KIND, negotiation_of_message(message_id))
    message = uow.find(MESSAGE, message_id)
    if stored is None or message is None or message.state != WAITING:
        return None
    return load(uow, stored)


def _after(record: Record, pending: Message, answer: Message | None) -> Negotiation:
    if record.negotiation is not None:
        return sent(record.negotiation, pending)
    if answer is None or pid_of(answer, record.side) != record.pid:
        raise OtherNegotiationError("The answer to the first message is not about this negotiation.")
    begun = begun_with(record, pending, answer)
    if begun is None:
        raise OtherNegotiationError("The answer to the first message does not say what the other side calls it.")
    return begun
