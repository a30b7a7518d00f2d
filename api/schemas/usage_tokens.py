"""The shapes of usage tokens and of their spending, for requests and OpenAPI. What they mean is ``ledger.domain.usage_token``."""

from typing import Any

from pydantic import BaseModel, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.applications import ActionName, Calls, FieldNames, Name, Sent
from api.schemas.authorisations import AUTHORISATION_ID, RECORDS_MAX
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.products import PRODUCT_CODE
from ledger.bundle.usage_token_text import TEXT_CHARACTERS_MAX
from ledger.domain.policies.facts import FACTS_MAX
from ledger.domain.usage_token import LIFE, PARAMETERS_MAX

TOKEN_ID = r"^[A-Za-z0-9][A-Za-z0-9-]{7,63}$"  # noqa: S105  a pattern
TOKEN_STATE = f"^({'|'.join(sorted(LIFE.states))})$"
TOKEN_TEXT = r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"  # noqa: S105  a pattern
INTERFACES_MAX = 2**31 - 1
PERFORMED_MAX = 50


class IssueUsageToken(Sent):
    """The text of a token, signed by a key of the authorisation platform that it has on file (NDI-TR-2025-03, annex D)."""

    text: str = Field(pattern=TOKEN_TEXT, max_length=TEXT_CHARACTERS_MAX)


class PerformedOf(Sent):
    """What was done before the use, for the policy's duties, and what is known of it by the names of the policy."""

    action: ActionName
    facts: dict[str, Any] = Field(default={}, max_length=FACTS_MAX)


class SpendUsageToken(Sent):
    """The token that was presented, and what the call asks for."""

    text: str = Field(pattern=TOKEN_TEXT, max_length=TEXT_CHARACTERS_MAX)
    interface: int = Field(ge=0, le=INTERFACES_MAX, description="Place in the version's interfaces, from 0.")
    fields: FieldNames
    parameters: dict[str, str] = Field(default={}, max_length=PARAMETERS_MAX)
    calls: Calls = 1
    records: int | None = Field(None, ge=0, le=RECORDS_MAX, description="Rows that each call gives.")
    facts: dict[str, Any] = Field(
        default={},
        max_length=FACTS_MAX,
        description="By the names of the policy; fields, purpose, time and count are known.",
    )
    performed: list[PerformedOf] = Field(default=[], max_length=PERFORMED_MAX)


class UsageTokenOf(BaseModel):
    """What a token states; times in seconds since 1970."""

    token_id: str = Field(pattern=TOKEN_ID)
    issuer: str = Field(pattern=PARTICIPANT)
    subject: str
    node: str = Field(pattern=PARTICIPANT, description="The provider with whom alone it is used.")
    authorisation: str = Field(pattern=AUTHORISATION_ID)
    entry: str = Field(description="Line of the authorisation: `0/item` of the list, `number/item` of a widening.")
    product_code: str = Field(pattern=PRODUCT_CODE)
    version: int
    interface: int
    parameters: dict[str, str]
    item: Name
    fields: FieldNames
    mode: str
    scenario: Name
    purpose: Name
    quota: Calls
    issued_at: int
    valid_from: int
    valid_until: int


class CounterOf(BaseModel):
    """How much of it is spent; `is_stopped` while its authorisation is suspended, `is_ended` for good."""

    quota: int
    spent: int
    left: int
    is_stopped: bool
    is_ended: bool


class TokenEndingOf(BaseModel):
    """Why a token ended, and what it had spent."""

    by: str = Field(pattern=PARTICIPANT)
    reasons: str
    spent: int
    at: str = Field(pattern=LOG_TIME)


class UsageTokenAnswer(BaseModel):
    """A token as the books have it, for the parties of its authorisation; its text is not in it."""

    token_id: str = Field(pattern=TOKEN_ID)
    revision: int
    state: str = Field(pattern=TOKEN_STATE)
    allowed: list[str]
    token: UsageTokenOf
    digest: str = Field(pattern=HEX32, description="SHA-256 of the text, as in the evidence.")
    counter: CounterOf
    is_usable: bool = Field(
        description="Calls are left, its time is now, and neither it nor its authorisation has ended or is suspended."
    )
    ending: TokenEndingOf | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class UsageTokensAnswer(BaseModel):
    """A page of tokens, oldest first."""

    items: list[UsageTokenAnswer]
    next_cursor: str | None


class UsageTokenText(BaseModel):
    """The text of a token: whoever has it is taken for its holder."""

    token_id: str = Field(pattern=TOKEN_ID)
    text: str


class SpentAnswer(BaseModel):
    """What was spent now, and what stands in the books after it."""

    token_id: str = Field(pattern=TOKEN_ID)
    calls: Calls
    spent: int
    quota: int
    left: int
