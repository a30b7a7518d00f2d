"""The shapes of disputes, for requests and OpenAPI. What they mean is ``ledger.domain.dispute``."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.orders import OnChainOf, TradeWaiting
from ledger.domain.dispute import ATTACHMENTS_MAX, LIFE, SUBJECTS, TEXT_CHARACTERS_MAX, Category

DISPUTE_ID = r"^dsp-[0-9a-f]{32}$"
DISPUTE_STATE = f"^({'|'.join(sorted(LIFE.states))})$"
SUBJECT_KIND = f"^({'|'.join(SUBJECTS)})$"


class StatementOf(BaseModel):
    """What is said, and the digests of what is handed in with it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)
    attachments: list[Annotated[str, Field(pattern=HEX32)]] = Field(default=[], max_length=ATTACHMENTS_MAX)


class ComplainOf(StatementOf):
    """A complaint about an order or an agreement; the text is its grounds."""

    subject_kind: str = Field(pattern=SUBJECT_KIND)
    subject_id: str = Field(min_length=1, max_length=64)
    category: Category


class AcceptSettlement(BaseModel):
    """The proposal that is accepted."""

    model_config = ConfigDict(extra="forbid")

    digest: str = Field(pattern=HEX32)


class ReferDispute(StatementOf):
    """To which arbitrator, and why."""

    arbitrator: str = Field(pattern=PARTICIPANT)


class ProposalOf(BaseModel):
    """What is proposed now, by whom, and who has accepted it."""

    by: str = Field(pattern=PARTICIPANT)
    number: int = Field(description="Of the message that says it.")
    digest: str = Field(pattern=HEX32)
    accepted: list[str]
    at: str = Field(pattern=LOG_TIME)


class DisputeAnswer(BaseModel):
    """A case."""

    dispute_id: str = Field(pattern=DISPUTE_ID)
    revision: int
    state: str = Field(pattern=DISPUTE_STATE)
    allowed: list[str] = Field(description="What its state allows now, whoever may do it.")
    subject_kind: str = Field(pattern=SUBJECT_KIND)
    subject_id: str
    agreement_id: str | None
    category: Category
    opener: str = Field(pattern=PARTICIPANT)
    respondent: str = Field(pattern=PARTICIPANT)
    mediator: str = Field(pattern=PARTICIPANT)
    mediate_by: str | None = Field(pattern=LOG_TIME)
    arbitrator: str | None = Field(pattern=PARTICIPANT)
    messages: int
    grounds_digest: str = Field(pattern=HEX32)
    salt: str = Field(pattern=HEX32, description="Of the digests of its messages.")
    proposal: ProposalOf | None
    chain_id: str | None = Field(pattern=HEX32, description="What the case is called on the chain.")
    ruling_digest: str | None = Field(pattern=HEX32)
    waiting: TradeWaiting | None
    refused: dict[str, Any] | None
    referred: OnChainOf | None
    ruled: OnChainOf | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class DisputesAnswer(BaseModel):
    """A page of cases, oldest first."""

    items: list[DisputeAnswer]
    next_cursor: str | None


class DisputeMessage(BaseModel):
    """One message of a case."""

    number: int
    kind: str
    by: str = Field(pattern=PARTICIPANT)
    at: str = Field(pattern=LOG_TIME)
    text: str
    attachments: list[str]
    message_digest: str = Field(pattern=HEX32)


class DisputeMessagesAnswer(BaseModel):
    """A page of messages, in their order."""

    items: list[DisputeMessage]
    next_cursor: str | None
