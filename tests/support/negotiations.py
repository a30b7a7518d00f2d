"""Messages of a negotiation about one dataset, and the course of a negotiation in words."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from ledger.domain.negotiation.life import SENDERS, Act, Side
from ledger.domain.negotiation.messages import EventType, Message, MessageType
from ledger.domain.negotiation.negotiation import Negotiation, received, sent, started

PROVIDER_PID = "urn:uuid:a343fcbf-99fc-4ce8-8e9b-148c97605aab"
CONSUMER_PID = "urn:uuid:32541fe6-c580-409e-85a8-8a9a32fbe833"
DATASET = "urn:cityledger:product:permits"
PROVIDER, CONSUMER = "urn:cityledger:space:harbour", "urn:cityledger:space:bank"
PROVIDER_ADDRESS, CONSUMER_ADDRESS = "https://harbour.example/dsp", "https://bank.example/dsp/"
RULES = {"permission": [{"action": "use"}]}
_NUMBERS = count(1)


def an_offer(**members: Any) -> dict[str, Any]:
    return {"@type": "Offer", "@id": "urn:cityledger:offer:1", "target": DATASET, **RULES} | members


def an_agreement(**members: Any) -> dict[str, Any]:
    parties = {"assigner": PROVIDER, "assignee": CONSUMER, "timestamp": "2026-11-22T05:40:00.123Z"}
    return an_offer(**{"@type": "Agreement", "@id": "urn:cityledger:agreement:1"}) | parties | members


def a_message(act: Act, *, first: bool = False, policy: Mapping[str, Any] | None = None, **members: Any) -> Message:
    """A message of its own ``@id``; ``first`` begins a negotiation, ``policy`` is its offer or agreement."""
    made: dict[str, Any] = {"provider_pid": PROVIDER_PID, "consumer_pid": CONSUMER_PID}
    made["message_id"] = f"urn:uuid:message-{next(_NUMBERS)}"
    if act in (Act.REQUEST, Act.OFFER):
        made["offer"] = an_offer() if policy is None else policy
    if first:
        of_request = act is Act.REQUEST
        made.pop("provider_pid" if of_request else "consumer_pid")
        made["callback_address"] = CONSUMER_ADDRESS if of_request else PROVIDER_ADDRESS
    if act is Act.AGREE:
        made["agreement"] = an_agreement() if policy is None else policy
    if act in (Act.ACCEPT, Act.FINALIZE):
        made["event_type"] = EventType.ACCEPTED if act is Act.ACCEPT else EventType.FINALIZED
    types = {
        Act.REQUEST: MessageType.REQUEST,
        Act.OFFER: MessageType.OFFER,
        Act.AGREE: MessageType.AGREEMENT,
        Act.VERIFY: MessageType.VERIFICATION,
        Act.TERMINATE: MessageType.TERMINATION,
    }
    return Message(types.get(act, MessageType.EVENT), **(made | members))


def a_start(side: Side, message: Message) -> Negotiation:
    """What ``side`` has after the first message."""
    of_request = message.act is Act.REQUEST
    is_sender = side is (Side.CONSUMER if of_request else Side.PROVIDER)
    address = (PROVIDER_ADDRESS if side is Side.CONSUMER else CONSUMER_ADDRESS) if is_sender else None
    other_pid = PROVIDER_PID if of_request else CONSUMER_PID
    return started(message, side, other_pid=other_pid, provider=PROVIDER, consumer=CONSUMER, address=address)


def taken(negotiation: Negotiation, sender: Side, message: Message) -> Negotiation:
    """Sent or received, by who sends."""
    return (sent if sender is negotiation.side else received)(negotiation, message)


def negotiated(side: Side, *acts: str) -> Negotiation:
    """The negotiation of ``side`` after these acts, such as ``request``, ``offer``, ``terminate(provider)``."""
    words = [parse_act(word) for word in acts]
    negotiation = a_start(side, a_message(words[0][0], first=True))
    for act, sender in words[1:]:
        negotiation = taken(negotiation, sender, a_message(act))
    return negotiation


def parse_act(word: str) -> tuple[Act, Side]:
    """The act and its sender; a termination names it in brackets."""
    name, _, sender = word.partition("(")
    act = Act(name)
    return act, Side(sender.rstrip(")")) if sender else SENDERS[act][0]
