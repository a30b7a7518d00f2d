"""The shapes of the authorisation platform's own API, for requests and OpenAPI."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from ledger.adapters.platform.reading import PHASES
from ledger.domain.application import ASPECTS, CALLS_MAX, FIELDS_MAX, ITEMS_MAX
from ledger.domain.authorisation import VIOLATIONS, WIDENINGS_MAX
from ledger.domain.platform_act import ACT_LIFE
from ledger.domain.platform_books import KINDS
from ledger.domain.platform_comparison import Cause, Owner
from ledger.domain.policies.vocabulary import Action
from ledger.domain.usage_token import PARAMETERS_MAX

TIME: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"
KIND: Final = f"^({'|'.join(KINDS)})$"
CAUSE: Final = f"^({'|'.join(Cause)})$"
OWNER: Final = f"^({'|'.join(Owner)})$"
PHASE: Final = f"^({'|'.join(PHASES)})$"
ACT_STATE: Final = f"^({'|'.join(sorted(ACT_LIFE.states))})$"
ACT_ID: Final = r"^act-[0-9a-f]{32}$"
NAME: Final = r"^[A-Za-z0-9*][A-Za-z0-9*-]{0,127}$"
CURSOR: Final = r"^[1-9][0-9]{0,17}$"
ACTION: Final = f"^({'|'.join(str(one) for one in Action)})$"
DAY: Final = r"^\d{4}-\d{2}-\d{2}$"

Text = Annotated[str, Field(min_length=1, max_length=5_000)]
Short = Annotated[str, Field(min_length=1, max_length=128)]
Fields = Annotated[list[Short], Field(min_length=1, max_length=FIELDS_MAX)]
Moment = Annotated[int, Field(gt=0, lt=2**37)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FindingOf(_Sent):
    """What the review found about one aspect of the use."""

    aspect: str = Field(pattern=f"^({'|'.join(ASPECTS)})$")
    passed: bool
    reasons: Text


class FinalReview(_Sent):
    """The final review of an application: approved when every aspect passed, otherwise refused."""

    application_id: str = Field(pattern=NAME)
    findings: list[FindingOf] = Field(min_length=len(ASPECTS), max_length=len(ASPECTS))


class ItemOf(_Sent):
    """One line of an authorisation list."""

    item: Short
    item_type: str = Field(min_length=1, max_length=64)
    fields: Fields
    actions: list[Annotated[str, Field(pattern=ACTION)]] = Field(min_length=1, max_length=len(Action))
    valid_from: str = Field(pattern=DAY)
    valid_until: str = Field(pattern=DAY)
    calls: int = Field(ge=1, le=CALLS_MAX)
    records_per_call: int | None = Field(None, ge=1, lt=2**53)


class Grant(_Sent):
    """The list of an approved application."""

    application_id: str = Field(pattern=NAME)
    scenario: Short
    purpose: Short
    items: list[ItemOf] = Field(min_length=1, max_length=ITEMS_MAX)
    banned_purposes: list[Short] = Field(default=[], max_length=50)


class SuspendAuthorisation(_Sent):
    """An authorisation of this platform is stopped for a violation: what was violated, what was found, and SHA-256 of what shows it."""

    authorisation_id: str = Field(pattern=NAME)
    kind: str = Field(pattern=f"^({'|'.join(sorted(VIOLATIONS))})$")
    reasons: Text
    evidence_digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class WithdrawAuthorisation(SuspendAuthorisation):
    """An authorisation of this platform is withdrawn for a violation."""


class ResumeAuthorisation(_Sent):
    """An authorisation that was suspended goes on."""

    authorisation_id: str = Field(pattern=NAME)
    reasons: Text


class WidenAuthorisation(_Sent):
    """What the holder asked for is granted beside the list: the number of its request, and its items as they are granted."""

    authorisation_id: str = Field(pattern=NAME)
    number: int = Field(ge=1, le=WIDENINGS_MAX)
    items: list[ItemOf] = Field(min_length=1, max_length=ITEMS_MAX)
    reasons: Text


class IssueToken(_Sent):
    """A usage token; it is stated and signed here, with what the authorisation says of the rest."""

    authorisation_id: str = Field(pattern=NAME)
    entry: str = Field(min_length=3, max_length=160, description="`0/item` of the list, `number/item` of a widening.")
    subject: str = Field(min_length=18, max_length=83, description="The holder, or a connector or account of its own.")
    interface: int = Field(0, ge=0, lt=2**31, description="Place in the version's interfaces, from 0.")
    parameters: dict[Annotated[str, Field(min_length=1, max_length=64)], Annotated[str, Field(max_length=256)]] = Field(
        default={}, max_length=PARAMETERS_MAX
    )
    fields: Fields
    mode: str = Field(pattern=ACTION)
    quota: int = Field(ge=1, le=CALLS_MAX)
    valid_from: Moment
    valid_until: Moment


class RevokeToken(_Sent):
    """The end of a token that this platform issued."""

    token_id: str = Field(pattern=NAME)
    reasons: Text


class FileAgreement(_Sent):
    """The filing of an agreement on this platform's side."""

    agreement_id: str = Field(pattern=NAME)


class DifferenceAnswer(BaseModel):
    """Something in which the books differ, by cause, age and owner."""

    number: int
    kind: str = Field(pattern=KIND)
    object_id: str
    cause: str = Field(pattern=CAUSE)
    owner: str = Field(pattern=OWNER, description="Who has to act.")
    fields: list[str] = Field(description="JSON pointers into the object as the trading platform shows it.")
    here: str | None
    there: str | None
    first_seen: str = Field(pattern=TIME)
    last_seen: str = Field(pattern=TIME)
    ended_at: str | None = Field(pattern=TIME)
    age_s: float
    is_under_way: bool = Field(description="Younger than the tolerance: it may be two platforms at different moments.")


class DifferencesAnswer(BaseModel):
    """A page of differences, oldest first."""

    items: list[DifferenceAnswer]
    next_cursor: str | None


class RevisionAnswer(BaseModel):
    """A revision that was seen."""

    revision: int
    state: str
    digest: str
    seen_at: str = Field(pattern=TIME)


class CopyAnswer(BaseModel):
    """An object as it was seen first under its highest revision."""

    kind: str = Field(pattern=KIND)
    object_id: str
    revision: int
    state: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of kind and document in canonical JSON.")
    document: dict[str, Any]
    first_seen: str = Field(pattern=TIME)
    last_seen: str = Field(pattern=TIME)
    revisions: list[RevisionAnswer] = Field(description="Newest first, 200 at most.")
    differences: list[DifferenceAnswer] = Field(description="Open ones.")


class ProblemOf(BaseModel):
    """Why the trading platform refused."""

    code: str
    detail: str


class ActAnswer(BaseModel):
    """An act of this platform. `intended`: written down, and sent until it is answered."""

    act_id: str = Field(pattern=ACT_ID)
    act: str
    kind: str = Field(pattern=KIND)
    object_id: str
    request: dict[str, Any] = Field(description="What is asked for; of a usage token what it states, never its text.")
    state: str = Field(pattern=ACT_STATE)
    revision: int = Field(description="Of the object, as acknowledged; 0 before that.")
    problem: ProblemOf | None
    account: str
    created_at: str = Field(pattern=TIME)
    changed_at: str = Field(pattern=TIME)
    attempts: int = Field(description="How often it was sent in vain.")
    last_error: str | None


class ActsAnswer(BaseModel):
    """A page of acts, oldest first."""

    items: list[ActAnswer]
    next_cursor: str | None


class KindStatus(BaseModel):
    """How far the copies of one kind are."""

    kind: str = Field(pattern=KIND)
    copies: int
    succeeded_at: str | None = Field(description="When the trading platform was read last.")
    swept_at: str | None = Field(description="When every object of the kind had been looked at.")
    lag_s: float | None = Field(description="How old the last reading is.")
    failure: str | None = Field(description="Why it cannot be read now.")


class DifferingCount(BaseModel):
    """How many differences have a cause and an owner, and since when."""

    cause: str = Field(pattern=CAUSE)
    owner: str = Field(pattern=OWNER)
    count: int
    oldest: str = Field(pattern=TIME)


class ActsWaiting(BaseModel):
    """Acts that the trading platform has not answered."""

    count: int
    oldest: str | None
    last_error: str | None


class StatusAnswer(BaseModel):
    """How this platform stands."""

    subject_code: str = Field(pattern=PARTICIPANT)
    peer_url: str
    token_key: str = Field(description="Public SM2 key of its usage tokens, as the trading platform has it on file.")
    reads_chain: bool = Field(description="Whether it reads the contracts at a node of its own choice.")
    tolerance_s: float
    kinds: list[KindStatus]
    differing: list[DifferingCount]
    under_way: int
    acts_waiting: ActsWaiting


class LiveAnswer(BaseModel):
    """The process runs."""

    status: str


class ReadyAnswer(BaseModel):
    """Every part is ready."""

    status: str
    parts: dict[str, str]
