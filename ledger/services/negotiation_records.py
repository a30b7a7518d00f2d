"""What is kept of a negotiation: its object, one object a message, and an event for each that was said, sent or refused.

``negotiation`` (process id of our side) says how it stands and which messages led there, with their digests. ``negotiation_message``
(``<process id>/<number>``) holds one message as it was sent or received; nothing of that is ever changed but whether it arrived. The
value of the protocol (``ledger.domain.negotiation``) is read from the two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.bundle.negotiation_record import message_digest, policy_digest
from ledger.domain.agreement_status import NegotiationState
from ledger.domain.negotiation.delivery import MESSAGE_LIFE, OFFERING, REQUESTING, WAITING
from ledger.domain.negotiation.life import Side
from ledger.domain.negotiation.messages import Message, message_value, read_message
from ledger.domain.negotiation.negotiation import Negotiation, Step, started
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject, UnitOfWork

KIND: Final = "negotiation"
MESSAGE: Final = "negotiation_message"
EVENT: Final = "org.cityledger.negotiation.{}.v1"

OPEN: Final = (REQUESTING, OFFERING, "REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED")

RECEIVED: Final = "received"
"""State of a message of theirs."""


@dataclass(frozen=True, slots=True)
class Record:
    """A negotiation that was read, its object locked.

    Args:
        stored: the object.
        negotiation: as the protocol knows it; None until our first message was taken.
        pending: a message of ours that waits to be delivered; None when none does.
    """

    stored: StoredObject
    negotiation: Negotiation | None
    pending: Message | None

    @property
    def document(self) -> Mapping[str, Any]:
        """Of the object."""
        return self.stored.document

    @property
    def side(self) -> Side:
        """Which side this space's body is."""
        return Side(self.document["side"])

    @property
    def pid(self) -> str:
        """Our process id."""
        return self.stored.object_id

    def party(self, side: Side) -> str:
        """The subject code of a side."""
        return str(self.document[side])


def message_name(pid: str, number: int) -> str:
    """Name of a message's object; numbers begin with 1."""
    return f"{pid}/{number}"


def negotiation_of_message(name: str) -> str:
    """The process id in the name of a message's object."""
    return name.rpartition("/")[0]


def load(uow: UnitOfWork, stored: StoredObject) -> Record:
    """The record of a negotiation's object, its messages read."""
    document = stored.document
    waiting = document["pending"]
    pending = None if waiting is None else _message(uow, stored.object_id, waiting["number"])
    if not document["steps"]:
        return Record(stored, None, pending)
    steps = tuple(
        Step(Side(step["sender"]), _message(uow, stored.object_id, step["number"]), NegotiationState(step["state"]))
        for step in document["steps"]
    )
    names = ("provider_pid", "consumer_pid", "provider", "consumer", "address")
    named = {name: document[name] for name in names}
    return Record(stored, Negotiation(side=Side(document["side"]), steps=steps, **named), pending)


def pid_of(message: Message, side: Side) -> str | None:
    """The process id that a message has for a side."""
    return message.provider_pid if side is Side.PROVIDER else message.consumer_pid


def begun_with(record: Record, pending: Message, heard: Message) -> Negotiation | None:
    """The negotiation that our first message began, once the other side has told what it calls it; None when it has not."""
    document, other_pid = record.document, pid_of(heard, record.side.other)
    if other_pid is None:
        return None
    parties = {name: document[name] for name in ("provider", "consumer", "address")}
    return started(pending, record.side, other_pid=other_pid, **parties)


def keep_message(
    uow: UnitOfWork, stored: StoredObject, number: int, sender: Side, message: Message, *, url: str | None = None
) -> None:
    """Keeps a message of a negotiation.

    Args:
        uow: the transaction.
        stored: the negotiation's object.
        number: of the message, the next one from 1.
        sender: who said it.
        message: what.
        url: where it is to be delivered; None for one that was received.
    """
    document = {
        "negotiation_id": stored.object_id,
        "number": number,
        "sender": str(sender),
        "message": message_value(message),
        "digest": message_digest(message).hex(),
        "url": url,
        "refusal": None,
    }
    name = message_name(stored.object_id, number)
    state, act = (RECEIVED, "receive") if url is None else (WAITING, "issue")
    uow.create(MESSAGE, name, state=state, parties=stored.parties, document=document, act=act)


def end_waiting(uow: UnitOfWork, pid: str, number: int, act: str, refusal: str | None = None) -> None:
    """What became of a message of ours, as an act of ``MESSAGE_LIFE``."""
    found = uow.find(MESSAGE, message_name(pid, number))
    assert found is not None, "a message that its negotiation names is there"
    state = MESSAGE_LIFE.next(found.state, act)
    uow.change(found, act=act, state=state, document={**found.document, "refusal": refusal})


def steps_after(uow: UnitOfWork, record: Record, after: Negotiation, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The steps of a negotiation's document with those that ``after`` has more; ``numbers`` are their messages'."""
    known = list(record.document["steps"])
    new = after.steps[len(known) :]
    return known + [
        step_value(step.sender, step.message, number, step.state, uow)
        for step, number in zip(new, numbers, strict=True)
    ]


def step_value(sender: Side, message: Message, number: int, state: str, uow: UnitOfWork) -> dict[str, Any]:
    """One step as it stands in the document: message, the state to which it led, digests (SHA-256, hex)."""
    policy = message.offer or message.agreement
    return {
        "number": number,
        "sender": str(sender),
        "type": str(message.type),
        "act": str(message.act),
        "state": str(state),
        "digest": message_digest(message).hex(),
        "policy_digest": None if policy is None else policy_digest(policy).hex(),
        "at": format_time(uow.now),
    }


def record_event(uow: UnitOfWork, event: str, stored: StoredObject, message: Message, number: int, **more: Any) -> None:
    """The event of a message: ``received`` of theirs, ``issued``, ``delivered`` or ``refused`` of ours; ids and digests only."""
    side = Side(stored.document["side"])
    step = step_value(side.other if event == "received" else side, message, number, stored.state, uow)
    said = {name: stored.document[name] for name in ("side", "provider_pid", "consumer_pid", "provider", "consumer")}
    data = {"negotiation_id": stored.object_id, **said, **step, **more}
    uow.record(EVENT.format(event), data, subject=stored.object_id)


def new_document(
    side: Side,
    *,
    provider: str,
    consumer: str,
    provider_pid: str | None,
    consumer_pid: str | None,
    address: str,
    dataset: str,
) -> dict[str, Any]:
    """The document of a negotiation of which nothing was kept yet; what the other side calls it is None until that has told."""
    return {
        "side": str(side),
        "provider_pid": provider_pid,
        "consumer_pid": consumer_pid,
        "provider": provider,
        "consumer": consumer,
        "address": address,
        "dataset": dataset,
        "messages": 0,
        "steps": [],
        "pending": None,
        "refusal": None,
        "order_id": None,
        "agreement_id": None,
    }


def _message(uow: UnitOfWork, pid: str, number: int) -> Message:
    found = uow.peek(MESSAGE, message_name(pid, number))
    assert found is not None, "a message that its negotiation names is there"
    return read_message(found.document["message"])
