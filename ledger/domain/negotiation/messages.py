"""The messages of the HTTPS binding 2025-1 as JSON values: one table of their members, read and written by it. Pure.

Source: the JSON schemas of the specification, which are normative. Messages are taken as plain JSON, which the specification allows beside JSON-LD.
Members that a schema does not name are allowed and mean nothing; they are kept, so that ``message_value`` is the exact inverse of
``read_message``. ``@id`` is no member of any schema, but JSON-LD's name for the message: a repeat is known by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ledger.domain.agreement_status import NegotiationState
from ledger.domain.catalog_dsp import CONTEXT, CONTEXT_URL
from ledger.domain.negotiation.addresses import check_callback_address
from ledger.domain.negotiation.defects import InvalidNegotiationMessageError
from ledger.domain.negotiation.life import Act
from ledger.domain.negotiation.offers import ID_CHARACTERS_MAX, check_agreement, check_offer

CONTEXTS_MAX: Final = 10
CODE_CHARACTERS_MAX: Final = 256
REASONS_MAX: Final = 50


class MessageType(StrEnum):
    """``@type``."""

    REQUEST = "ContractRequestMessage"
    OFFER = "ContractOfferMessage"
    AGREEMENT = "ContractAgreementMessage"
    VERIFICATION = "ContractAgreementVerificationMessage"
    EVENT = "ContractNegotiationEventMessage"
    TERMINATION = "ContractNegotiationTerminationMessage"
    NEGOTIATION = "ContractNegotiation"
    ERROR = "ContractNegotiationError"


class EventType(StrEnum):
    """``eventType``."""

    ACCEPTED = "ACCEPTED"
    FINALIZED = "FINALIZED"


@dataclass(frozen=True)
class Message:
    """A message or an answer; what its type does not have is None.

    Args:
        type: which.
        provider_pid: the provider's id of the negotiation, 1 to 256 characters without blanks.
        consumer_pid: the consumer's.
        offer: an ODRL offer (``check_offer``).
        agreement: an ODRL agreement (``check_agreement``).
        callback_address: where the sender takes messages.
        event_type: of an event.
        state: of an answer.
        code: of a termination or an error, in the sender's own words.
        reason: likewise; one or more JSON values.
        message_id: ``@id``.
        context: ``@context``.
        others: members that the schema does not name.
    """

    type: MessageType
    provider_pid: str | None = None
    consumer_pid: str | None = None
    offer: Mapping[str, Any] | None = None
    agreement: Mapping[str, Any] | None = None
    callback_address: str | None = None
    event_type: EventType | None = None
    state: NegotiationState | None = None
    code: str | None = None
    reason: tuple[Any, ...] | None = None
    message_id: str | None = None
    context: tuple[str, ...] = CONTEXT
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def act(self) -> Act | None:
        """What it does to a negotiation; None of an answer."""
        if self.event_type is not None:
            return Act.ACCEPT if self.event_type is EventType.ACCEPTED else Act.FINALIZE
        return _ACTS.get(self.type)

    @property
    def starts(self) -> bool:
        """Whether it begins a negotiation: it names where to answer, and only its sender's process id."""
        return self.callback_address is not None


_ACTS: Final = {
    MessageType.REQUEST: Act.REQUEST,
    MessageType.OFFER: Act.OFFER,
    MessageType.AGREEMENT: Act.AGREE,
    MessageType.VERIFICATION: Act.VERIFY,
    MessageType.TERMINATION: Act.TERMINATE,
}


def _text(most: int) -> Callable[[Any, str], str]:
    def read(value: Any, place: str) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise InvalidNegotiationMessageError(place, f"is a text of at most {most} characters.")
        return value

    return read


def _id(value: Any, place: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= ID_CHARACTERS_MAX or not _is_one_word(value):
        raise InvalidNegotiationMessageError(place, f"is a name of 1 to {ID_CHARACTERS_MAX} characters without blanks.")
    return value


def _is_one_word(text: str) -> bool:
    return text.isprintable() and not any(character.isspace() for character in text)


def _address(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise InvalidNegotiationMessageError(place, "is a text.")
    check_callback_address(value)
    return value


def _word(words: type[StrEnum]) -> Callable[[Any, str], StrEnum]:
    def read(value: Any, place: str) -> StrEnum:
        if not isinstance(value, str) or value not in list(words):
            raise InvalidNegotiationMessageError(place, f"is one of {', '.join(words)}.")
        return words(value)

    return read


def _reasons(value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= REASONS_MAX:
        raise InvalidNegotiationMessageError(place, f"is an array of 1 to {REASONS_MAX} values.")
    return tuple(value)


def _context(value: Any, place: str) -> tuple[str, ...]:
    texts = isinstance(value, list) and len(value) <= CONTEXTS_MAX and all(isinstance(one, str) for one in value)
    if not texts or CONTEXT_URL not in value:
        raise InvalidNegotiationMessageError(place, f"is an array of at most {CONTEXTS_MAX} texts with {CONTEXT_URL}.")
    return tuple(value)


_MEMBERS: Final[dict[str, tuple[str, Callable[[Any, str], Any]]]] = {
    "@context": ("context", _context),
    "@id": ("message_id", _id),
    "@type": ("type", _word(MessageType)),
    "providerPid": ("provider_pid", _id),
    "consumerPid": ("consumer_pid", _id),
    "offer": ("offer", check_offer),
    "agreement": ("agreement", check_agreement),
    "callbackAddress": ("callback_address", _address),
    "eventType": ("event_type", _word(EventType)),
    "state": ("state", _word(NegotiationState)),
    "code": ("code", _text(CODE_CHARACTERS_MAX)),
    "reason": ("reason", _reasons),
}
_ALWAYS: Final = ("@context", "@type")
_BOTH_PIDS: Final = (*_ALWAYS, "providerPid", "consumerPid")
_REQUIRED: Final = {
    MessageType.REQUEST: (*_ALWAYS, "consumerPid", "offer"),
    MessageType.OFFER: (*_ALWAYS, "providerPid", "offer"),
    MessageType.AGREEMENT: (*_BOTH_PIDS, "agreement"),
    MessageType.VERIFICATION: _BOTH_PIDS,
    MessageType.EVENT: (*_BOTH_PIDS, "eventType"),
    MessageType.TERMINATION: _BOTH_PIDS,
    MessageType.NEGOTIATION: (*_BOTH_PIDS, "state"),
    MessageType.ERROR: _BOTH_PIDS,
}
_OPTIONAL: Final = {
    MessageType.REQUEST: ("providerPid", "callbackAddress"),
    MessageType.OFFER: ("consumerPid", "callbackAddress"),
    MessageType.TERMINATION: ("code", "reason"),
    MessageType.ERROR: ("code", "reason"),
}
_ONE_OF: Final = {
    MessageType.REQUEST: ("callbackAddress", "providerPid"),
    MessageType.OFFER: ("callbackAddress", "consumerPid"),
}
"""The schema's ``oneOf``: exactly one of the two. With the address it begins a negotiation, with the other's process id it goes on."""


def read_message(value: Any, *expected: MessageType) -> Message:
    """The message of a parsed JSON value.

    Args:
        value: from a strict reader.
        *expected: the types that are taken; without any, every type.

    Raises:
        InvalidNegotiationMessageError: names the member, never what it holds.
    """
    if not isinstance(value, Mapping):
        raise InvalidNegotiationMessageError("The message", "is an object.")
    kind = MessageType(_word(MessageType)(value.get("@type"), "@type"))
    if expected and kind not in expected:
        raise InvalidNegotiationMessageError("@type", f"is {' or '.join(expected)} here.")
    for name in _REQUIRED[kind]:
        if name not in value:
            raise InvalidNegotiationMessageError(name, "is missing.")
    if kind in _ONE_OF and sum(name in value for name in _ONE_OF[kind]) != 1:
        raise InvalidNegotiationMessageError(" and ".join(_ONE_OF[kind]), "are alternatives; exactly one is there.")
    own = _own(kind)
    found = {_MEMBERS[name][0]: _MEMBERS[name][1](value[name], name) for name in own if name in value}
    return Message(**found, others={name: one for name, one in value.items() if name not in own})


def message_value(message: Message) -> dict[str, Any]:
    """The message as a JSON value; the inverse of ``read_message``."""
    stated = {name: getattr(message, _MEMBERS[name][0]) for name in _own(message.type)}
    shown = {name: list(one) if isinstance(one, tuple) else one for name, one in stated.items() if one is not None}
    return {name: str(one) if isinstance(one, StrEnum) else one for name, one in shown.items()} | dict(message.others)


def _own(kind: MessageType) -> tuple[str, ...]:
    return ("@id", *_REQUIRED[kind], *_OPTIONAL.get(kind, ()))
