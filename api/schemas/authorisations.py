"""The shapes of authorisations and their widenings, for requests and OpenAPI. What they mean is ``ledger.domain.authorisation``."""

from typing import Any

from pydantic import BaseModel, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.applications import (
    APPLICATION_ID,
    ActionNames,
    Calls,
    Day,
    FieldNames,
    Name,
    Prose,
    Reasons,
    Sent,
)
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.products import PRODUCT_CODE
from ledger.domain.application import ITEMS_MAX
from ledger.domain.authorisation import LIFE, PURPOSES_MAX, VIOLATIONS, WIDENING_LIFE, WIDENINGS_MAX

AUTHORISATION_ID = APPLICATION_ID
"""An authorisation has the name of its application."""

AUTHORISATION_STATE = f"^({'|'.join(sorted(LIFE.states))})$"
WIDENING_STATE = f"^({'|'.join(sorted(WIDENING_LIFE.states))})$"
RECORDS_MAX = 2**53 - 1


class AuthorisedItemOf(Sent):
    """One line: what may be used how, on which days, and how often in all."""

    item: Name
    item_type: str = Field(min_length=1, max_length=64)
    fields: FieldNames
    actions: ActionNames
    valid_from: Day
    valid_until: Day
    calls: Calls
    records_per_call: int | None = Field(None, ge=1, le=RECORDS_MAX, description="Null for no limit.")


class GrantAuthorisation(Sent):
    """The list; the standing bans and the tracing duty are in every one, and are not sent."""

    scenario: Name
    purpose: Name
    items: list[AuthorisedItemOf] = Field(min_length=1, max_length=ITEMS_MAX)
    banned_purposes: list[Name] = Field(default=[], max_length=PURPOSES_MAX)


class ReportViolation(Sent):
    """What was violated, what was found, and SHA-256 of what shows it."""

    kind: str = Field(pattern=f"^({'|'.join(sorted(VIOLATIONS))})$")
    reasons: Prose
    evidence_digest: str = Field(pattern=HEX32)


class AskWidening(Reasons):
    """More for a while: lines with days of their own."""

    items: list[AuthorisedItemOf] = Field(min_length=1, max_length=ITEMS_MAX)


class AuthorisationListOf(GrantAuthorisation):
    """The list as it was granted."""

    bans: list[str]
    tracing_duty: str


class GrantedWideningOf(BaseModel):
    """A widening that was granted; it ends with its own days."""

    number: int = Field(ge=1, le=WIDENINGS_MAX)
    items: list[AuthorisedItemOf]


class ViolationOf(BaseModel):
    """Why it is suspended."""

    kind: str
    reasons: str
    evidence_digest: str = Field(pattern=HEX32)
    by: str = Field(pattern=PARTICIPANT)
    at: str = Field(pattern=LOG_TIME)


class EndingOf(BaseModel):
    """Why it ended: withdrawn for a violation, or given up by its holder, and then without the first and the last member."""

    kind: str | None = None
    reasons: str
    by: str = Field(pattern=PARTICIPANT)
    at: str = Field(pattern=LOG_TIME)
    evidence_digest: str | None = Field(None, pattern=HEX32)


class AuthorisationAnswer(BaseModel):
    """An authorisation, for its parties."""

    authorisation_id: str = Field(pattern=AUTHORISATION_ID)
    revision: int
    state: str = Field(pattern=AUTHORISATION_STATE)
    allowed: list[str]
    holder: str = Field(pattern=PARTICIPANT)
    provider: str = Field(pattern=PARTICIPANT)
    issuer: str = Field(pattern=PARTICIPANT)
    product_code: str = Field(pattern=PRODUCT_CODE)
    version: int
    interfaces: int = Field(description="How many the version has; a token names one from 0.")
    policy: dict[str, Any] = Field(description="Of the product when it was granted.")
    listed: AuthorisationListOf
    widenings: list[GrantedWideningOf]
    widenings_asked: int
    valid_until: Day = Field(description="The last day of the list; nothing is used behind it, whatever the state.")
    tokens: dict[str, str] = Field(description="Subject -> its token that has not ended.")
    reserved: dict[str, int] = Field(description="Line -> calls that its tokens have taken.")
    salt: str = Field(pattern=HEX32, description="Opens the digests in the evidence.")
    suspension: ViolationOf | None
    ending: EndingOf | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class AuthorisationsAnswer(BaseModel):
    """A page of authorisations, oldest first."""

    items: list[AuthorisationAnswer]
    next_cursor: str | None


class DecisionOf(BaseModel):
    """How a request was decided, or that it was taken back."""

    reasons: str
    at: str = Field(pattern=LOG_TIME)


class WideningAnswer(BaseModel):
    """A request to widen, for the parties of its authorisation."""

    authorisation_id: str = Field(pattern=AUTHORISATION_ID)
    number: int = Field(ge=1, le=WIDENINGS_MAX)
    revision: int
    state: str = Field(pattern=WIDENING_STATE)
    allowed: list[str]
    items: list[AuthorisedItemOf]
    reasons: str
    asked_at: str = Field(pattern=LOG_TIME)
    decision: DecisionOf | None


class WideningsAnswer(BaseModel):
    """A page of requests to widen one authorisation, oldest first."""

    items: list[WideningAnswer]
    next_cursor: str | None
