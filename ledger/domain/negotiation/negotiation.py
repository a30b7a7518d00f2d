"""A negotiation as one side knows it: everything that was said, from which its state follows. Pure.

``started`` makes it of the first message, ``received`` and ``sent`` take the next ones; they return another value and change nothing. Whoever calls them
answers or sends: a message that came is received before it is acknowledged, one that goes out is sent when the other side has acknowledged it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from ledger.domain.agreement_status import AgreementStatus, NegotiationState, status_of_negotiation
from ledger.domain.negotiation.defects import (
    InvalidNegotiationMessageError,
    MessageIdReusedError,
    OtherNegotiationError,
    TermsDifferError,
    TooManyRoundsError,
)
from ledger.domain.negotiation.life import FINAL, INITIAL, TABLES, Act, Side, next_state
from ledger.domain.negotiation.messages import Message, MessageType, message_value
from ledger.domain.negotiation.offers import policy_of, terms_text, value_text
from ledger.errors import IllegalTransitionError, MisuseError

ROUNDS_MAX: Final = 50
"""Offers of both sides together; each message is bounded too, so that a negotiation is."""


@dataclass(frozen=True)
class Step:
    """One message and the state to which it led."""

    sender: Side
    message: Message
    state: NegotiationState


@dataclass(frozen=True)
class Round:
    """One version of the offer: its number from 1, who sent it, the ODRL offer."""

    number: int
    sender: Side
    offer: Any


@dataclass(frozen=True)
class Negotiation:
    """A negotiation in the hands of one side.

    Args:
        side: whose hands.
        provider_pid: the provider's process id.
        consumer_pid: the consumer's.
        provider: the provider's participant id.
        consumer: the consumer's.
        address: where the other side takes messages.
        steps: everything that was said, oldest first; at least the first message.
    """

    side: Side
    provider_pid: str
    consumer_pid: str
    provider: str
    consumer: str
    address: str
    steps: tuple[Step, ...]

    @property
    def state(self) -> NegotiationState:
        """The state now."""
        return self.steps[-1].state

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow any more."""
        return self.state in FINAL

    @property
    def allowed(self) -> tuple[str, ...]:
        """What this side may send or receive now, such as ``send_offer``."""
        return TABLES[self.side].allowed(self.state)

    @property
    def rounds(self) -> tuple[Round, ...]:
        """Every version of the offer, oldest first."""
        offers = [(step.sender, step.message.offer) for step in self.steps if step.message.offer is not None]
        return tuple(Round(number, sender, offer) for number, (sender, offer) in enumerate(offers, 1))

    @property
    def agreement(self) -> Any:
        """The ODRL agreement, or None as long as there is none."""
        return next((step.message.agreement for step in self.steps if step.message.agreement is not None), None)

    @property
    def status(self) -> AgreementStatus:
        """The status code of TC609-6-2025-14."""
        if self.state is NegotiationState.TERMINATED:
            return status_of_negotiation(self.state, terminated_from=self.steps[-2].state)
        return status_of_negotiation(self.state, is_first_message=len(self.steps) == 1)

    @property
    def answer(self) -> Message:
        """The ``ContractNegotiation`` that acknowledges a message and answers who asks for the state."""
        return Message(MessageType.NEGOTIATION, self.provider_pid, self.consumer_pid, state=self.state)


def started(
    message: Message, side: Side, *, other_pid: str, provider: str, consumer: str, address: str | None = None
) -> Negotiation:
    """The negotiation that a first message begins.

    Args:
        message: an initial request or offer.
        side: whose negotiation this is; a request is received by the provider and sent by the consumer, an offer the other way round.
        other_pid: the process id that the message does not have: chosen by the receiver, told to the sender by its answer.
        provider: participant id.
        consumer: participant id.
        address: where the receiver takes messages; only of the sender's negotiation, the receiver's is the callback address.

    Raises:
        IllegalTransitionError: no message that begins a negotiation.
        InvalidPolicyError: this is the provider, and the offer about its product is not of the project's profile.
    """
    act = _act(message)
    sender = Side.CONSUMER if act is Act.REQUEST else Side.PROVIDER
    state = next_state(side, INITIAL, sender, act)
    if not message.starts:
        raise InvalidNegotiationMessageError("callbackAddress", "is missing in what begins a negotiation.")
    if (address is None) is (sender is side):
        raise MisuseError("the sender knows the address beforehand, the receiver from the message")
    _check_policy(side, message)
    provider_pid = message.provider_pid if sender is Side.PROVIDER else other_pid
    consumer_pid = message.consumer_pid if sender is Side.CONSUMER else other_pid
    where = message.callback_address if address is None else address
    if provider_pid is None or consumer_pid is None or where is None:
        raise MisuseError("a first message was made without its members")
    return Negotiation(
        side, provider_pid, consumer_pid, provider, consumer, where, steps=(Step(sender, message, state),)
    )


def received(negotiation: Negotiation, message: Message) -> Negotiation:
    """The negotiation after a message of the other side; the very same object if it was received before.

    Raises:
        OtherNegotiationError: other process ids.
        MessageIdReusedError: another message had its ``@id``.
        IllegalTransitionError: not in this state, or never by that side.
        TermsDifferError: an offer about something else, or an agreement that is not the last offer.
        TooManyRoundsError: no further offer is taken.
        InvalidPolicyError: see ``started``.
    """
    return _after(negotiation, negotiation.side.other, message)


def sent(negotiation: Negotiation, message: Message) -> Negotiation:
    """The negotiation after a message of this side that the other one has acknowledged; raises as ``received``.

    Call it before sending too, and leave the result: it refuses what must not be sent.
    """
    return _after(negotiation, negotiation.side, message)


def received_while_sending(negotiation: Negotiation, pending: Message, message: Message) -> Negotiation:
    """The negotiation after a message that came before the acknowledgement of one of ours.

    A reply that is legal only after ``pending`` shows that it arrived, so it is sent then. What is legal without it says nothing about it: whoever
    gets the acknowledgement afterwards finds out by ``sent``. Raises as ``received``.
    """
    try:
        return received(negotiation, message)
    except IllegalTransitionError:
        return received(sent(negotiation, pending), message)


def restored(first: Negotiation, steps: Iterable[tuple[Side, Message]]) -> Negotiation:
    """The negotiation of an archive: its beginning, and who sent what since; every step is judged again."""
    negotiation = first
    for sender, message in steps:
        negotiation = _after(negotiation, sender, message)
    return negotiation


def is_repeat(negotiation: Negotiation, sender: Side, message: Message) -> bool:
    """Whether this very message was said before: the same ``@id`` and the same content, or the very first message again.

    A first message needs no ``@id``: its sender's process id names it, and is new with every negotiation. Any other message without ``@id`` is
    no repeat, because two equal counter-offers are two messages.

    Raises:
        MessageIdReusedError: the ``@id`` is known, the content another.
    """
    first = negotiation.steps[0]
    if message.starts and sender is first.sender and _text(message) == _text(first.message):
        return True
    if message.message_id is None:
        return False
    for step in negotiation.steps:
        if step.sender is sender and step.message.message_id == message.message_id:
            if _text(step.message) != _text(message):
                raise MessageIdReusedError("Another message of this negotiation had the same @id. Nothing was changed.")
            return True
    return False


def _after(negotiation: Negotiation, sender: Side, message: Message) -> Negotiation:
    act = _act(message)
    _check_pids(negotiation, message)
    if is_repeat(negotiation, sender, message):
        return negotiation
    state = next_state(negotiation.side, negotiation.state, sender, act)
    if message.starts:
        raise OtherNegotiationError(
            "The message begins another negotiation; leave out callbackAddress to go on with one."
        )
    if message.offer is not None:
        _check_round(negotiation, message)
    if message.agreement is not None:
        _check_agreement(negotiation, message)
    _check_policy(negotiation.side, message)
    return replace(negotiation, steps=(*negotiation.steps, Step(sender, message, state)))


def _act(message: Message) -> Act:
    act = message.act
    if act is None:
        raise InvalidNegotiationMessageError("@type", "is an answer, and no message to a negotiation.")
    return act


def _check_pids(negotiation: Negotiation, message: Message) -> None:
    for name, own, named in (
        ("providerPid", negotiation.provider_pid, message.provider_pid),
        ("consumerPid", negotiation.consumer_pid, message.consumer_pid),
    ):
        if named is not None and named != own:
            raise OtherNegotiationError(f"{name} is not that of this negotiation. Nothing was changed.")


def _check_round(negotiation: Negotiation, message: Message) -> None:
    rounds = negotiation.rounds
    if message.offer is not None and message.offer["target"] != rounds[0].offer["target"]:
        raise TermsDifferError("offer.target is another dataset; a negotiation is about one.")
    if len(rounds) >= ROUNDS_MAX:
        raise TooManyRoundsError(f"A negotiation has at most {ROUNDS_MAX} offers: agree, accept or terminate.")


def _check_agreement(negotiation: Negotiation, message: Message) -> None:
    """An agreement is the last offer, made binding; the parties that the offer names are those of the agreement."""
    offer, agreement = negotiation.rounds[-1].offer, message.agreement
    if agreement is None or terms_text(offer) != terms_text(agreement):
        raise TermsDifferError("agreement has another target, profile or rules than the last offer.")
    for name in ("assigner", "assignee"):
        if name in offer and offer[name] != agreement[name]:
            raise TermsDifferError(f"agreement.{name} is another one than the last offer's.")


def _check_policy(side: Side, message: Message) -> None:
    """What either side says of our own products must be of our profile; what others offer is read by whoever would accept it."""
    if side is Side.PROVIDER and message.offer is not None:
        policy_of(message.offer)


def _text(message: Message) -> str:
    return value_text(message_value(message))
