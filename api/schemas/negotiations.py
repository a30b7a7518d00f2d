"""The shapes of negotiations, for requests and OpenAPI: our own routes, and the messages of the Dataspace Protocol.

What the messages mean is ``ledger.domain.negotiation``, which also checks them: these models only describe them.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import LOG_TIME
from ledger.domain.agreement_status import NegotiationState
from ledger.domain.catalog_dsp import CONTEXT_URL
from ledger.domain.negotiation.life import Act, Side
from ledger.domain.negotiation.messages import EventType, MessageType

NEGOTIATION_ID = r"^neg-[0-9a-f]{32}$"
DIGEST = r"^[0-9a-f]{64}$"

State = NegotiationState | Literal["REQUESTING", "OFFERING", "REFUSED"]
Name = Annotated[str, Field(min_length=1, max_length=256)]
Address = Annotated[str, Field(min_length=1, max_length=2_048)]
Rules = Annotated[
    dict[str, Any],
    Field(
        description="`permission`, `prohibition`, `obligation` and `profile` of an ODRL offer; one of the first two at least."
    ),
]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenNegotiation(_Sent):
    """The first request of a consumer to the connector of a provider."""

    provider: str = Field(pattern=PARTICIPANT, description="Subject code of the provider.")
    address: Address = Field(description="Where its connector takes messages, without `/negotiations`.")
    dataset_id: Name
    offer_id: Name = Field(description="Of the offer in its catalog.")
    rules: Rules


class OfferNegotiation(_Sent):
    """The first offer of a provider to the connector of a consumer."""

    consumer: str = Field(pattern=PARTICIPANT, description="Subject code of the consumer.")
    address: Address = Field(description="Where its connector takes messages, without `/negotiations`.")
    dataset_id: Name = Field(description="A product of the caller's body, as the catalog names it.")
    rules: Rules


class SayMessage(_Sent):
    """The next message of one's own side."""

    act: Act
    rules: Rules | None = Field(None, description="Of `offer` and `request`, and of nothing else.")
    code: str | None = Field(None, max_length=256, description="Of a termination.")
    reasons: list[Annotated[str, Field(min_length=1, max_length=2_000)]] = Field(default_factory=list, max_length=50)


class NegotiationStep(BaseModel):
    """A message that was taken, and the state to which it led."""

    number: int = Field(ge=1)
    sender: Side
    type: str
    act: Act
    state: State
    digest: str = Field(pattern=DIGEST, description="SHA-256 of the message in RFC 8785 form.")
    policy_digest: str | None = Field(pattern=DIGEST, description="Of its offer or agreement.")
    at: str = Field(pattern=LOG_TIME)


class WaitingMessage(BaseModel):
    """A message of one's own that is not delivered yet."""

    number: int = Field(ge=1)
    act: Act
    attempts: int = Field(ge=0, description="In vain so far.")
    next_at: str | None = Field(pattern=LOG_TIME)
    reason: str | None = Field(description="Why the last attempt was in vain.")


class RefusedMessage(BaseModel):
    """One's own last message, if it was refused or given up."""

    number: int = Field(ge=1)
    act: Act
    reason: str
    at: str = Field(pattern=LOG_TIME)


class NegotiationAnswer(BaseModel):
    """A negotiation as this space knows it."""

    negotiation_id: str = Field(pattern=NEGOTIATION_ID)
    revision: int = Field(ge=1)
    state: State
    contract_status: str | None = Field(description="`contractStatus` of TC609-6-2025-14; null before it began.")
    allowed: list[str]
    side: Side = Field(description="Which side is negotiated from here.")
    provider: str = Field(pattern=PARTICIPANT)
    consumer: str = Field(pattern=PARTICIPANT)
    provider_pid: str | None
    consumer_pid: str | None
    address: str
    dataset: str
    steps: list[NegotiationStep]
    pending: WaitingMessage | None
    refusal: RefusedMessage | None
    order_id: str | None = Field(description="The order that it has led to.")
    agreement_id: str | None = Field(description="Or the framework agreement.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class NegotiationsAnswer(BaseModel):
    """A page of negotiations, oldest first."""

    items: list[NegotiationAnswer]
    next_cursor: str | None


class MessageAnswer(BaseModel):
    """One message as it was sent or received."""

    number: int = Field(ge=1)
    sender: Side
    state: Literal["received", "waiting", "delivered", "refused", "overtaken"]
    digest: str = Field(pattern=DIGEST)
    message: dict[str, Any]
    refusal: str | None
    created_at: str = Field(pattern=LOG_TIME)


class MessagesAnswer(BaseModel):
    """Messages of a negotiation, oldest first."""

    items: list[MessageAnswer]
    next_cursor: str | None


class DspNegotiation(BaseModel):
    """A `ContractNegotiation` of the Dataspace Protocol."""

    context: list[str] = Field(alias="@context")
    type: Literal["ContractNegotiation"] = Field(alias="@type")
    providerPid: str  # noqa: N815  the protocol's name
    consumerPid: str  # noqa: N815  likewise
    state: NegotiationState


class ContractNegotiationError(BaseModel):
    """A refusal in the form of the Dataspace Protocol."""

    context: list[str] = Field(alias="@context")
    type: Literal["ContractNegotiationError"] = Field(alias="@type")
    providerPid: str  # noqa: N815  the protocol's name
    consumerPid: str  # noqa: N815  likewise
    code: str
    reason: list[str]


_PID = {"type": "string", "minLength": 1, "maxLength": 256}
_POLICY = {"type": "object", "required": ["@id", "@type", "target"]}
_MEMBERS: dict[str, Any] = {
    "providerPid": _PID,
    "consumerPid": _PID,
    "callbackAddress": {"type": "string", "maxLength": 2_048},
    "offer": _POLICY | {"description": "An ODRL `Offer`."},
    "agreement": _POLICY | {"description": "An ODRL `Agreement`."},
    "code": {"type": "string", "maxLength": 256},
    "reason": {"type": "array", "minItems": 1, "maxItems": 50},
    "eventType": {"enum": [str(word) for word in EventType]},
}


def message_extra(kind: MessageType, *required: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """``openapi_extra`` of a route that takes this message."""
    properties = {
        "@context": {"type": "array", "items": {"type": "string"}, "contains": {"const": CONTEXT_URL}},
        "@type": {"const": str(kind)},
        "@id": {**_PID, "description": "By which a repeat is known."},
        **{name: _MEMBERS[name] for name in (*required, *optional)},
    }
    schema = {"type": "object", "properties": properties, "required": ["@context", "@type", *required]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
