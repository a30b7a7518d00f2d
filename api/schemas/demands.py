"""The shapes of the demand hall, for requests and OpenAPI. What they mean is ``ledger.domain.demand``."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import LOG_TIME
from api.schemas.participants import DAY
from api.schemas.products import AMOUNT_MAX, PRODUCT_CODE, Code3

DEMAND_ID = r"^dem-[0-9a-f]{32}$"
DEMAND_STATES = ("published", "matched", "bidding", "selected", "followed_up", "closed", "withdrawn")

Prose = Annotated[str, Field(min_length=1, max_length=5_000)]
Line = Annotated[str, Field(min_length=1, max_length=256)]
Sentence = Annotated[str, Field(min_length=1, max_length=2_000)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DemandItemOf(_Sent):
    """One kind of data that is wanted, with its fields."""

    name: Line
    fields: list[Annotated[str, Field(min_length=1, max_length=128)]] = Field(min_length=1, max_length=200)


class DemandFacts(_Sent):
    """The elements of the demand standard, all required. Codes are those of NDI-TR-2025-06."""

    title: Line
    purpose: Sentence
    scenario: Sentence
    topic: str = Field(pattern=r"^[A-D][0-9]{4}$")
    scene: str = Field(pattern=r"^[STUV][0-9]{4}$")
    items: list[DemandItemOf] = Field(min_length=1, max_length=50)
    frequency: Code3
    region: str = Field(pattern=r"^[0-9]{6}$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    budget_minor: int = Field(ge=0, le=AMOUNT_MAX)
    quality: Code3
    security_level: Code3 = Field(description="The highest that the asker can handle.")
    security_requirement: Sentence
    delivery_form: Code3
    deadline: str = Field(pattern=DAY, description="Last day for bids, Asia/Shanghai.")


class ContactOf(_Sent):
    """Whom to ask; sealed, and shown to the owner and the selected bidder alone."""

    name: Line
    phone: Line
    email: Line


class PublishDemand(_Sent):
    """A demand and its contact."""

    content: DemandFacts
    contact: ContactOf


class BidForDemand(_Sent):
    """A bid; a product of it is the bidder's own and on sale."""

    text: Prose
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    amount_minor: int = Field(ge=0, le=AMOUNT_MAX)
    product_code: str | None = Field(None, pattern=PRODUCT_CODE)
    version: int | None = Field(None, ge=1, le=2**32 - 1)


class SelectBid(_Sent):
    """The body whose bid is selected."""

    bidder: str = Field(pattern=PARTICIPANT)


class FollowUp(_Sent):
    """How it goes on."""

    text: Prose


class CloseDemand(_Sent):
    """Feedback: 1 poor to 5 good, and why."""

    rating: int = Field(ge=1, le=5)
    text: Prose


class ReasonOf(BaseModel):
    """What an offer meets, and what that is worth; `budget_not_compared`, worth 0, where its price has no amount in the demand's currency."""

    reason: str
    worth: int


class MatchOf(BaseModel):
    """An offer that meets the demand, 0 to 100, and why."""

    product_code: str = Field(pattern=PRODUCT_CODE)
    version: int
    provider_code: str
    score: int
    reasons: list[ReasonOf]


class Note(BaseModel):
    """A follow-up."""

    by: str
    at: str
    text: str


class Feedback(BaseModel):
    """The owner's, at the end."""

    rating: int
    text: str
    at: str


class DemandAnswer(BaseModel):
    """A demand. `contact`, `selected`, `follow_ups` and `feedback` are for its parties, `matches` for its owner; empty for others."""

    demand_id: str = Field(pattern=DEMAND_ID)
    revision: int
    state: str = Field(pattern=f"^({'|'.join(DEMAND_STATES)})$")
    allowed: list[str]
    owner: str = Field(pattern=PARTICIPANT)
    owner_name: str
    content: DemandFacts
    bids: int = Field(description="How many there are.")
    matches: list[MatchOf]
    selected: str | None
    contact: ContactOf | None
    follow_ups: list[Note]
    feedback: Feedback | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class DemandsAnswer(BaseModel):
    """A page of the hall, oldest first."""

    items: list[DemandAnswer]
    next_cursor: str | None


class BidAnswer(BaseModel):
    """A bid, for its bidder and the demand's owner."""

    demand_id: str = Field(pattern=DEMAND_ID)
    bidder: str = Field(pattern=PARTICIPANT)
    state: str = Field(pattern=r"^(submitted|selected|passed_over|closed)$")
    revision: int
    text: str
    currency: str
    amount_minor: int
    product_code: str | None
    version: int | None
    at: str = Field(pattern=LOG_TIME)


class BidsAnswer(BaseModel):
    """The bids that the caller may see."""

    items: list[BidAnswer]


class NoticeAnswer(BaseModel):
    """A demand that the caller's offers meet, and why."""

    demand_id: str = Field(pattern=DEMAND_ID)
    matches: list[MatchOf]
    changed_at: str = Field(pattern=LOG_TIME)


class NoticesAnswer(BaseModel):
    """The caller's inbox, oldest first."""

    items: list[NoticeAnswer]
    next_cursor: str | None
