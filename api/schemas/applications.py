"""The shapes of applications for the use of a product, for requests and OpenAPI. What they mean is ``ledger.domain.application``."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.participants import DAY
from api.schemas.products import PRODUCT_CODE
from ledger.domain.application import (
    ASPECTS,
    CALLS_MAX,
    FIELDS_MAX,
    ITEMS_MAX,
    LIFE,
    PAPERS_MAX,
)
from ledger.domain.policies.vocabulary import Action
from ledger.services.application_reviews import TURN

APPLICATION_ID = r"^app-[0-9a-f]{32}$"
APPLICATION_STATE = f"^({'|'.join(sorted(LIFE.states))})$"
VERSION_MAX = 2**32 - 1

Name = Annotated[str, Field(min_length=1, max_length=128)]
Prose = Annotated[str, Field(min_length=1, max_length=5_000)]
Day = Annotated[str, Field(pattern=DAY)]
Calls = Annotated[int, Field(ge=1, le=CALLS_MAX)]
FieldNames = Annotated[list[Name], Field(min_length=1, max_length=FIELDS_MAX)]
ActionName = Annotated[str, Field(pattern=f"^({'|'.join(str(action) for action in Action)})$")]
ActionNames = Annotated[list[ActionName], Field(min_length=1, max_length=len(Action))]


class Sent(BaseModel):
    """A request body, or a part of one: no other members."""

    model_config = ConfigDict(extra="forbid")


class Reasons(Sent):
    """Why."""

    reasons: Prose


class PaperOf(Sent):
    """A document that stays with the applicant and its reviewers: title, and SHA-256 of its bytes."""

    title: str = Field(min_length=1, max_length=256)
    digest: str = Field(pattern=HEX32)


class ScenarioOf(Sent):
    """Where and for what the data are used; every use is held against name and purpose word by word."""

    name: Name
    scene: str = Field(pattern=r"^[STUV][0-9]{4}$")
    purpose: Name
    description: Prose


class SecurityPlanOf(Sent):
    """How the data are protected where they are used; the plan itself is among the papers."""

    summary: Prose
    papers: list[PaperOf] = Field(min_length=1, max_length=PAPERS_MAX)


class RequestedItemOf(Sent):
    """One line of the data list: what is needed, how often at most, and why no less will do."""

    item: Name
    item_type: str = Field(min_length=1, max_length=64)
    fields: FieldNames
    actions: ActionNames
    calls: Calls
    necessity: str = Field(min_length=1, max_length=2_000)


class ApplicationFacts(Sent):
    """Everything that an application states."""

    qualifications: list[PaperOf] = Field(min_length=1, max_length=PAPERS_MAX)
    scenario: ScenarioOf
    items: list[RequestedItemOf] = Field(min_length=1, max_length=ITEMS_MAX)
    security_plan: SecurityPlanOf
    valid_from: Day
    valid_until: Day


class SubmitApplication(Sent):
    """An application for a version on sale, and the platform that makes the final review."""

    product_code: str = Field(pattern=PRODUCT_CODE)
    version: int = Field(ge=1, le=VERSION_MAX)
    authorisation_platform: str = Field(pattern=PARTICIPANT)
    content: ApplicationFacts


class UseFindingOf(Sent):
    """What a review found about one aspect of the use, and why."""

    aspect: str = Field(pattern=f"^({'|'.join(ASPECTS)})$")
    passed: bool
    reasons: Prose


Findings = Annotated[list[UseFindingOf], Field(min_length=1, max_length=len(ASPECTS))]


class ReviewApplication(Sent):
    """A review: every aspect, once."""

    findings: Findings


class FirstReviewApplication(ReviewApplication):
    """The first review, which also says whose line authority has the last word; null where the industry has no special needs."""

    line_authority: str | None = Field(None, pattern=PARTICIPANT)


class TurnOf(BaseModel):
    """Whose step is next."""

    role: str = Field(pattern=f"^({'|'.join(TURN.values())})$")
    participant: str = Field(pattern=PARTICIPANT)


class ReviewersOf(BaseModel):
    """Who reviews; the line authority is named with the first review, if one is needed."""

    trading_platform: str = Field(pattern=PARTICIPANT)
    authorisation_platform: str = Field(pattern=PARTICIPANT)
    line_authority: str | None = Field(pattern=PARTICIPANT)


class UseReviewOf(BaseModel):
    """A review as it was made."""

    role: str
    participant: str = Field(pattern=PARTICIPANT)
    findings: list[UseFindingOf]
    passed: bool
    at: str = Field(pattern=LOG_TIME)


class WithdrawalOf(BaseModel):
    """That the applicant took it back."""

    reasons: str
    at: str = Field(pattern=LOG_TIME)


class ApplicationAnswer(BaseModel):
    """An application with its progress and every review, for its parties."""

    application_id: str = Field(pattern=APPLICATION_ID)
    revision: int
    state: str = Field(pattern=APPLICATION_STATE)
    allowed: list[str]
    turn: TurnOf | None = Field(description="Null when it is decided.")
    applicant: str = Field(pattern=PARTICIPANT)
    applicant_name: str
    provider: str = Field(pattern=PARTICIPANT)
    product_code: str = Field(pattern=PRODUCT_CODE)
    version: int
    content: ApplicationFacts
    salt: str = Field(pattern=HEX32, description="Opens the digests in the evidence.")
    reviewers: ReviewersOf
    reviews: list[UseReviewOf]
    withdrawal: WithdrawalOf | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class ApplicationsAnswer(BaseModel):
    """A page of applications, oldest first."""

    items: list[ApplicationAnswer]
    next_cursor: str | None
