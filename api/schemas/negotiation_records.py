"""The shapes of what is kept of a negotiation as evidence, and of its terms in words."""

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import LOG_TIME
from api.schemas.negotiations import DIGEST, NEGOTIATION_ID, NegotiationStep, State
from api.schemas.policies import ExplanationAnswer
from ledger.domain.negotiation.life import Side


class RecordedEvent(BaseModel):
    """An event of the log about a negotiation: that a message was received, issued, delivered or refused."""

    source: str | None = Field(description="Null once its body was erased.")
    id: str | None
    type: str
    state: str
    leaf_index: int = Field(ge=0)
    leaf_hash: str = Field(pattern=DIGEST)
    received_at: str = Field(pattern=LOG_TIME)
    proof: str = Field(description="Path of its proof file, which needs nobody of this space to be verified.")


class NegotiationRecord(BaseModel):
    """Every message that was taken with its digests, and the events that hold them, in the log's order."""

    negotiation_id: str = Field(pattern=NEGOTIATION_ID)
    state: State
    side: Side
    provider: str = Field(pattern=PARTICIPANT)
    consumer: str = Field(pattern=PARTICIPANT)
    provider_pid: str | None
    consumer_pid: str | None
    dataset: str
    order_id: str | None
    steps: list[NegotiationStep]
    events: list[RecordedEvent]
    complete_to_tree_size: int = Field(ge=0, description="The events are complete up to here.")


class TermsExplained(ExplanationAnswer):
    """One version of the terms in words: whose it is, and its digest."""

    number: int = Field(ge=1, description="Of the message that has it.")
    sender: Side
    kind: Literal["offer", "agreement"]
    policy_digest: str = Field(pattern=DIGEST)
