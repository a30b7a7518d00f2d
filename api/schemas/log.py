"""The shapes of answers about the log, its anchors and verification, for OpenAPI."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.events import HEX32, LOG_TIME

ETHEREUM20 = r"^0x[0-9a-f]{40}$"
ETHEREUM32 = r"^0x[0-9a-f]{64}$"


class Anchor(BaseModel):
    """A head that the chain holds."""

    tree_size: int
    root_hash: str = Field(pattern=HEX32)
    tx_hash: str
    block_number: int
    block_hash: str
    state: str = Field(pattern="^(mined|final)$")
    mined_at: str = Field(pattern=LOG_TIME)
    final_at: str | None


class Chain(BaseModel):
    """The chain that holds the anchors; ``note`` says what its results are worth."""

    chain_id: int
    evidence_log: str
    profile: str
    note: str | None


class AnchorsAnswer(BaseModel):
    """A page of anchored heads by size."""

    chain: Chain
    items: list[Anchor]
    next_cursor: str | None


class Sizes(BaseModel):
    """How far every stage has come, as tree sizes."""

    sequenced: int
    published: int
    anchored: int
    final: int


class ContractEvents(BaseModel):
    """How far the contract suite's events are followed. Above ``final_block_number`` they may still be undone."""

    block_number: int
    block_hash: str | None = Field(description="Null before the first block.")
    final_block_number: int
    undone_blocks: int = Field(description="Blocks that reorganisations took away since following began.")
    followed_at: str = Field(pattern=LOG_TIME)


class ChainCalls(BaseModel):
    """Contract calls of signed acts that the chain has not decided yet; they go on by themselves."""

    waiting: int
    waiting_since: str | None = Field(description="When the oldest of them was asked for; null without any.")
    queued: int = Field(description="Not sent yet.")
    staged: int = Field(description="Signed, perhaps sent.")
    submitted: int = Field(description="A node has them.")
    mined: int = Field(description="In a block that is not final yet.")


class Calendar(BaseModel):
    """The official calendar of working days, which duties of so many working days are computed by."""

    first: str = Field(description="First settled day, YYYY-MM-DD.")
    last: str = Field(description="Last settled day: what goes beyond it is refused until the next year is entered.")
    days_left: int = Field(description="Settled days after today (Asia/Shanghai).")
    digest: str = Field(pattern=HEX32, description="SHA-256 of all settled days: the version of the calendar.")
    refused: str | None = Field(
        description="Why the calendar file does not count; null when it does, or there is none."
    )


class Deadlines(BaseModel):
    """Deadlines of duties: those still open, those that were breached, and of these the duties not done yet."""

    open: int
    breached: int
    breached_and_owed: int


class LogAnswer(BaseModel):
    """The log's public facts. To trust them, compare them with a trust file that came another way."""

    origin: str
    log_id: str
    verifier_key: str
    receipt_key: str = Field(pattern=HEX32)
    anchor_address: str
    opened_at: str = Field(pattern=LOG_TIME)
    chain: Chain
    tree_sizes: Sizes
    contract_events: ContractEvents | None = Field(description="Null when no contract suite is followed.")
    chain_calls: ChainCalls
    deadlines: Deadlines
    calendar: Calendar


class ProofAnchor(BaseModel):
    """Where on the chain a head was anchored; ``consistency_path`` ties it to the proof's checkpoint."""

    chain_id: int
    contract: str = Field(pattern=ETHEREUM20)
    log_id: str = Field(pattern=ETHEREUM32)
    tree_size: int
    root_hash: str = Field(pattern=HEX32)
    consistency_path: list[Annotated[str, Field(pattern=HEX32)]]
    tx_hash: str = Field(pattern=ETHEREUM32)
    block_number: int
    block_hash: str = Field(pattern=ETHEREUM32)


class ProofFile(BaseModel):
    """One event's evidence in canonical JSON (``ledger/log/FORMATS.md``): its bytes are what is verified, so keep them."""

    model_config = ConfigDict(extra="forbid")

    v: int = Field(examples=[1])
    leaf_index: int = Field(ge=0)
    entry: dict[str, Any] = Field(description="The public entry: commitments only.")
    opening: dict[str, Any] = Field(
        description="Envelope and body, or those fields that are not withheld, with their salts."
    )
    inclusion_path: list[Annotated[str, Field(pattern=HEX32)]]
    checkpoint: str = Field(description="The signed note of a published head.")
    anchor: ProofAnchor | None = Field(description="Null until a head that covers the event is on the chain.")


class Step(BaseModel):
    """One numbered step of a verification."""

    number: int
    name: str
    outcome: str = Field(pattern="^(passed|failed|not_checked)$")
    detail: str


class VerifyAnswer(BaseModel):
    """The verifier's report. It was made by this server with this server's trust: an own check needs neither."""

    verdict: str = Field(
        pattern="^(valid|valid_log_equivocated|invalid|consistent_not_trusted)$",
        description="`valid_log_equivocated`: the proof stands, but the contract has marked its log; see the remarks.",
    )
    remarks: list[str] = Field(description="What must be read with the verdict; empty when there is nothing.")
    steps: list[Step]
    trust: dict[str, Any] = Field(description="Whose trust was used.")
