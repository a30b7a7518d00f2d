"""What is answered about participants, for OpenAPI; ``api.participant_views`` makes it."""

from pydantic import BaseModel, Field

from api.schemas.events import LOG_TIME
from api.schemas.participants import CODE, RealNameFacts
from ledger.domain.credit import Rating, Violation
from ledger.domain.participant import (
    ChainKey,
    Connector,
    OnChain,
    Organisation,
    QualificationDocument,
    RefusedStep,
    Report,
    Review,
    Sm2Key,
)
from ledger.domain.waiting_application import LIFE


class StepCall(BaseModel):
    """The contract call of a step, once its act has all signatures."""

    state: str
    tx_hash: str | None
    block_number: int | None


class WaitingStep(BaseModel):
    """A step that waits: `act_state` open for signatures, calling for the chain."""

    step: str
    act_id: str
    act_state: str
    reason: str | None
    key: ChainKey | None
    report: Report | None
    roles: list[str] | None
    due_at: str | None = Field(None, description="Until when its signatures are to be there.")
    call: StepCall | None


class CreditAnswer(BaseModel):
    """The credit file, and what follows from it."""

    rules: str
    score: int = Field(ge=0, le=100)
    level: str = Field(pattern="^(ordinary|watched|limited)$")
    limits: list[str]
    violations: list[Violation]
    ratings: list[Rating]


class ParticipantAnswer(BaseModel):
    """A participant. `chain` is what the registry contract holds by the steps that are final; `allowed` what its state allows now."""

    code: str = Field(pattern=CODE)
    revision: int
    state: str
    allowed: list[str]
    in_good_standing: bool
    organisation: Organisation
    roles: list[str]
    rules: str
    facts_digest: str
    documents: list[QualificationDocument]
    connector: Connector | None
    keys: list[ChainKey]
    sm2_keys: list[Sm2Key]
    reviews: list[Review]
    report: Report | None
    open_step: WaitingStep | None
    overtaken_step: WaitingStep | None = Field(
        None, description="A step at the chain, beside which `open_step` was proposed."
    )
    refused_step: RefusedStep | None
    chain: OnChain | None
    untold: list[str]
    credit: CreditAnswer
    applied_by: str
    failed_recheck: str | None = Field(
        None,
        description="When a re-check failed; until one is passed or the body is reinstated it is not in good standing.",
    )
    waiting: int = Field(ge=0, description="Applications of others for this code, which wait behind this one.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class WaitingAnswer(BaseModel):
    """An application that waits: somebody else applied for this code before, and is not found to be its body yet."""

    code: str = Field(pattern=CODE)
    state: str = Field(
        pattern=f"^({'|'.join(sorted(LIFE.states))})$",
        description="`waiting`; `taken_up`: it is the participant of this code, under review; `dropped`: the one before it was found to"
        " be the body's, and what was sealed of this one is erased.",
    )
    facts_digest: str
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class WaitingApplicationsAnswer(BaseModel):
    """A page of applications that wait or waited, oldest first."""

    items: list[WaitingAnswer]
    next_cursor: str | None


class StandingAnswer(BaseModel):
    """Where a participant is after an act; `revision` is what the next act is based on, also as `ETag`."""

    code: str = Field(pattern=CODE)
    revision: int
    state: str
    allowed: list[str]
    in_good_standing: bool
    open_step: WaitingStep | None
    overtaken_step: WaitingStep | None = Field(
        None, description="A step at the chain, beside which `open_step` was proposed."
    )
    refused_step: RefusedStep | None
    untold: list[str]
    score: int = Field(ge=0, le=100)
    level: str = Field(pattern="^(ordinary|watched|limited)$")
    limits: list[str]


class ParticipantsAnswer(BaseModel):
    """A page of participants, oldest first."""

    items: list[ParticipantAnswer]
    next_cursor: str | None


class RevisionAnswer(BaseModel):
    """One revision: by which act, and by whom."""

    revision: int
    act: str
    state: str
    account: str
    participant: str | None
    changed_at: str = Field(pattern=LOG_TIME)


class HistoryAnswer(BaseModel):
    """Revisions, oldest first, and where the next page begins; null at the end."""

    items: list[RevisionAnswer]
    next_cursor: str | None


class FactsAnswer(BaseModel):
    """Real-name facts, unsealed; null for a body that the council admitted."""

    code: str
    facts_digest: str
    salt: str = Field(description="With it anybody computes the digest from the facts.")
    facts: RealNameFacts | None


class ListedBody(BaseModel):
    """An admitted body, as everybody may know it."""

    code: str = Field(pattern=CODE)
    name: str
    roles: list[str]
    body_id: str
    in_good_standing: bool
    qualified_until: str = Field(pattern=LOG_TIME)
    report: Report | None
    documents: list[QualificationDocument]
    rules: str


class WhitelistAnswer(BaseModel):
    """Admitted bodies by subject code."""

    items: list[ListedBody]
    next_cursor: str | None


class DifferenceAnswer(BaseModel):
    """Something that is otherwise here than on the chain."""

    kind: str
    body_id: str
    code: str | None
    key: str | None
    here: str | None
    on_chain: str | None
    waiting: str | None = Field(description="The open step that may explain it.")


class DifferencesAnswer(BaseModel):
    """The differences of a page of participants; behind the last one come bodies that only the chain has."""

    block_number: int | None = Field(description="Up to which the chain was followed; null when it was not yet.")
    compared: int = Field(description="Participants of this page that were admitted, and so compared.")
    items: list[DifferenceAnswer]
    next_cursor: str | None = Field(
        description="Null when everything was compared; a page without items is not the last."
    )
