"""The shapes of what follows an agreement's filing and its end, for requests and OpenAPI.

What they mean is ``ledger.domain.control_instruction``, ``termination``, ``execution_report`` and ``notice``.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.agreements import AGREEMENT_ID
from api.schemas.events import HEX32, LOG_TIME
from ledger.domain.control_instruction import LIFE, REASON_CHARACTERS_MAX, SIDES, Purpose, Reported
from ledger.domain.execution_report import DETAILS_CHARACTERS_MAX, RESULT_CHARACTERS_MAX, Outcome
from ledger.domain.policies.vocabulary import Action
from ledger.domain.termination import DESTRUCTION_LIFE, METHODS, VOUCHER_LIFE

NUMBER = r"^[0-9a-f]{32}$"
SIDE = f"^({'|'.join(SIDES)})$"
NOTICE_ID = r"^[0-9a-f]{40}$"
INSTRUCTION_STATE = f"^({'|'.join(sorted(LIFE.states))})$"
PURPOSE = f"^({'|'.join(Purpose)})$"
METHOD = f"^({'|'.join(one for methods in METHODS.values() for one in methods)})$"


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PaperSignature(_Sent):
    """An SM2 signature by a key that the body has on file."""

    public_key: str = Field(pattern=r"^04[0-9a-f]{128}$")
    signature: str = Field(
        pattern=r"^[0-9a-f]{128}$", description="r || s over the bytes that `api/CONTRACTS.md` states."
    )


class ReportInstruction(_Sent):
    """What a connector says of its instruction."""

    state: Reported
    reason: str = Field("", max_length=REASON_CHARACTERS_MAX, description="Of a failure, and of nothing else.")


class InstructionReportOf(BaseModel):
    """A report as it is kept."""

    state: Reported
    reason: str | None
    at: str = Field(pattern=LOG_TIME)
    digest: str = Field(pattern=HEX32)


class InstructionAnswer(BaseModel):
    """A control instruction; `content` is what the connector reads, under the names of NDI-TR-2025-05 and TC609-6-2025-15."""

    number: str = Field(pattern=NUMBER, description="`ctrlInstructiontId`, the same for both connectors.")
    side: str = Field(pattern=SIDE)
    revision: int
    state: str = Field(pattern=INSTRUCTION_STATE)
    allowed: list[str]
    purpose: str = Field(pattern=PURPOSE)
    agreement_id: str = Field(pattern=AGREEMENT_ID)
    owner: str = Field(pattern=PARTICIPANT, description="Whose connector it is.")
    content: dict[str, Any]
    content_digest: str = Field(pattern=HEX32)
    received_at: str | None = Field(pattern=LOG_TIME)
    reports: list[InstructionReportOf] = Field(description="The newest 50, oldest first.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class InstructionsAnswer(BaseModel):
    """A page of instructions, oldest first."""

    items: list[InstructionAnswer]
    next_cursor: str | None


class ReportExecution(_Sent):
    """How the agreement is performed at a node (table B.6, with a code for the outcome)."""

    strategy_id: str = Field(min_length=1, max_length=36)
    actions: list[Action] = Field(min_length=1, max_length=len(Action))
    outcome: Outcome
    result: str = Field(min_length=1, max_length=RESULT_CHARACTERS_MAX)
    details: str = Field("", max_length=DETAILS_CHARACTERS_MAX)
    reported_at: str = Field(pattern=LOG_TIME)


class ExecutionReportAnswer(BaseModel):
    """A report; its words are sealed, and shown to those who see the agreement."""

    report_id: str = Field(pattern=NOTICE_ID)
    agreement_id: str = Field(pattern=AGREEMENT_ID)
    reporter: str = Field(pattern=PARTICIPANT)
    strategy_id: str
    actions: list[Action]
    outcome: Outcome
    result: str
    details: str
    reported_at: str = Field(pattern=LOG_TIME)
    report_digest: str = Field(pattern=HEX32)
    created_at: str = Field(pattern=LOG_TIME)


class ExecutionReportsAnswer(BaseModel):
    """A page of reports, oldest first."""

    items: list[ExecutionReportAnswer]
    next_cursor: str | None


class SignVoucher(_Sent):
    """A platform's signature of the termination voucher."""

    sm2: PaperSignature


class VoucherSignature(BaseModel):
    """Who signed: an SM2 signature of the voucher, or the signature of the end that the chain holds."""

    participant: str = Field(pattern=PARTICIPANT)
    public_key: str | None
    key: str | None = Field(description="Address that signed for the chain.")
    signature: str
    at: str | None


class VoucherOnChain(BaseModel):
    """The act that ended the agreement, and its transaction."""

    act_id: str
    tx_hash: str


class TerminationAnswer(BaseModel):
    """The termination voucher of an agreement that ended."""

    agreement_id: str = Field(pattern=AGREEMENT_ID)
    revision: int
    state: str = Field(pattern=f"^({'|'.join(sorted(VOUCHER_LIFE.states))})$")
    voucher: dict[str, Any]
    voucher_digest: str = Field(pattern=HEX32)
    signatures: list[VoucherSignature]
    chain: VoucherOnChain | None
    created_at: str = Field(pattern=LOG_TIME)


class HandInProof(_Sent):
    """What the consumer says became of the data, signed."""

    method: str = Field(pattern=METHOD)
    digest: str = Field(pattern=HEX32, description="SHA-256 of the record of it, which stays with the consumer.")
    done_at: str = Field(pattern=LOG_TIME)
    statement: str = Field(min_length=1, max_length=2_000)
    sm2: PaperSignature


class ContestProof(_Sent):
    """Why the provider does not accept the proof."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class DestructionAnswer(BaseModel):
    """What became of the data after an agreement."""

    agreement_id: str = Field(pattern=AGREEMENT_ID)
    revision: int
    state: str = Field(pattern=f"^({'|'.join(sorted(DESTRUCTION_LIFE.states))})$")
    allowed: list[str]
    asked: str = Field(pattern=f"^({'|'.join(METHODS)})$")
    proof: dict[str, Any] | None
    statement: str | None
    signature: dict[str, Any] | None
    contest: dict[str, Any] | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class NoticeAbout(BaseModel):
    """The object that says the rest."""

    kind: str
    object_id: str
    revision: int


class NoticeAnswer(BaseModel):
    """Something that happened and concerns the caller's body."""

    notice_id: str = Field(pattern=NOTICE_ID)
    state: str = Field(pattern=r"^(sent|read)$")
    about: NoticeAbout
    event: str
    said: dict[str, Any]
    at: str = Field(pattern=LOG_TIME)
    read_at: str | None = Field(pattern=LOG_TIME)


class NoticesAnswer(BaseModel):
    """A page of the inbox, oldest first."""

    items: list[NoticeAnswer]
    next_cursor: str | None
