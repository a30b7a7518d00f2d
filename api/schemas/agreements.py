"""The shapes of agreements, for requests and OpenAPI. What they mean is ``ledger.domain.agreement`` and ``agreement_terms``."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.acts import Sm2Signature
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.orders import NegotiatedTerms, OnChainOf, TradeWaiting
from api.schemas.participants import DAY
from api.schemas.policies import SentenceOf
from api.schemas.products import PRODUCT_CODE, Millionths
from ledger.domain.agreement import CONFIDENTIAL_MAX, DATA_AFTER_END, END_CONDITIONS, PAY_BASES, SignMode
from ledger.domain.agreement_status import AGREEMENT_LIFE, AgreementStatus
from ledger.domain.agreement_terms import SHARES_MAX
from ledger.services.new_agreement import CIPHERTEXT_CHARACTERS_MAX
from ledger.services.trade_chain import TEXT_CHARACTERS_MAX

AGREEMENT_ID = r"^84[0-9A-Z]{18}[0-9]{18}[0-9A-Z]{8}[0-9A-Z*]$"
AGREEMENT_NAME = r"^(84[0-9A-Z]{18}[0-9]{18}[0-9A-Z]{8}[0-9A-Z*]|[0-9a-f]{64})$"
BEGINNING = r"^([0-9a-f]{8,64}|84[0-9A-Z]{18}[0-9]{18}[0-9A-Z*]{0,9})$"
NODE = r"^[45][0-9A-Z]{18}[0-9]{4}[0-9A-Z]{8}[0-9A-Z*]$"
STATE = f"^({'|'.join(sorted(AGREEMENT_LIFE.states))})$"
STATUS = f"^({'|'.join(str(one) for one in AgreementStatus)})$"

FieldName = Annotated[str, Field(min_length=1, max_length=128)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PayShareOf(_Sent):
    """Who is paid what share of one part of the data, in millionths, and within which bounds the weights of a period may move it."""

    recipient: str = Field(pattern=PARTICIPANT)
    part: str = Field(pattern=r"^(public|enterprise|personal)$")
    share: Millionths
    least: Millionths = 0
    greatest: Millionths = 1_000_000


class EndConditionOf(_Sent):
    """A condition that ends the agreement by itself once it is met."""

    kind: str = Field(
        pattern=f"^({'|'.join(END_CONDITIONS)})$",
        description="A connector has not put its control instruction in force, or connectors reported a breach.",
    )
    limit: int = Field(ge=1, le=366, description="Within how many days from the filing, or how many reports.")


class TermsOf(_Sent):
    """What the parties state beside the order."""

    name: str = Field(min_length=1, max_length=128)
    abstract: str = Field("", max_length=1_024)
    sign_mode: str = Field(pattern=f"^({'|'.join(str(one) for one in SignMode)})$")
    provider_node: str = Field(pattern=NODE, description="Execution node of the provider.")
    consumer_node: str = Field(pattern=NODE, description="Execution node of the consumer.")
    scope: str = Field(min_length=1, max_length=1_024, description="What the product is used for.")
    fields: list[FieldName] = Field(default=[], max_length=1_000, description="That may be used; empty for all.")
    valid_from: str = Field(pattern=DAY)
    valid_until: str = Field(pattern=DAY)
    rule_version: str = Field(pattern=HEX32, description="Digest of the settlement rule.")
    silence_accepts: bool = Field(description="Whether an unanswered statement counts as accepted.")
    answer_working_days: int = Field(ge=1, le=60)
    pay_basis: str = Field(pattern=f"^({'|'.join(PAY_BASES)})$")
    breach_liability: str = Field(min_length=1, max_length=10_000)
    shares: list[PayShareOf] = Field(default=[], max_length=SHARES_MAX, description="Empty: the provider is paid all.")
    end_conditions: list[EndConditionOf] = Field(default=[], max_length=len(END_CONDITIONS))
    data_after_end: str = Field(
        "destroy", pattern=f"^({'|'.join(DATA_AFTER_END)})$", description="What the consumer does with the data then."
    )


class SealedOf(_Sent):
    """The confidential part as others see it. It never comes here in clear."""

    leaf_hashes: list[Annotated[str, Field(pattern=HEX32)]] = Field(
        min_length=1, max_length=CONFIDENTIAL_MAX, description="Of its leaves, by ascending pointer."
    )
    ciphertext: str = Field(
        min_length=1, max_length=CIPHERTEXT_CHARACTERS_MAX, pattern=r"^[A-Za-z0-9+/]*={0,2}$", description="Base64."
    )


class GenerateAgreement(_Sent):
    """The agreement of a confirmed order."""

    terms: TermsOf
    confidential: SealedOf
    contract_id: str | None = Field(
        None, pattern=AGREEMENT_ID, description="Of a contract that the parties agreed by `/contractNegotiate`."
    )


class GenerateFramework(GenerateAgreement):
    """A framework agreement, under which orders are called off."""

    product_code: str = Field(pattern=PRODUCT_CODE)
    product_version: int = Field(ge=1, le=2**32 - 1)
    consumer: str = Field(pattern=PARTICIPANT)
    negotiation_id: str | None = Field(
        None, min_length=1, max_length=128, description="Of a finalized negotiation, whose policy it then has."
    )


class DissolveAgreement(_Sent):
    """When it ends, and why, or what was ruled."""

    effective_at: int = Field(
        ge=1, lt=2**53, description="Last second of delivery, Unix time, at the latest the agreed end."
    )
    text: str = Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)


class SealedAnswer(BaseModel):
    """The confidential part: its leaves' hashes, and to the parties the ciphertext."""

    leaf_hashes: list[str]
    ciphertext: str | None


class PartySignature(BaseModel):
    """A party's SM2 signature under a concluded agreement; the chain holds its digest, and the other signature."""

    participant: str = Field(pattern=PARTICIPANT)
    sm2: Sm2Signature | None = Field(description="Null where it signed before SM2 was asked of every party.")


class AgreementItem(BaseModel):
    """An agreement in a list."""

    agreement_id: str = Field(pattern=AGREEMENT_ID)
    contract_hash: str = Field(pattern=HEX32)
    revision: int
    state: str = Field(pattern=STATE)
    contract_status: str = Field(pattern=STATUS, description="`contractStatus` of TC609-6-2025-14.")
    name: str
    provider: str = Field(pattern=PARTICIPANT)
    consumer: str = Field(pattern=PARTICIPANT)
    product_code: str = Field(pattern=PRODUCT_CODE)
    product_version: int
    valid_from: str = Field(pattern=DAY)
    valid_until: str = Field(pattern=DAY)
    order_id: str | None = Field(description="Null for a framework agreement.")
    waiting: TradeWaiting | None
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class AgreementAnswer(AgreementItem):
    """An agreement as the caller may read it: `level` says as whom."""

    level: str = Field(pattern=r"^(party|platform|supervisor)$")
    allowed: list[str] = Field(description="What its state allows now, whoever may do it.")
    issued_by: str = Field(pattern=PARTICIPANT)
    platforms: list[str]
    disclosed: dict[str, Any]
    disclosed_salt: str = Field(pattern=HEX32, description="Of the leaves of the disclosed part.")
    confidential: SealedAnswer
    shares: list[PayShareOf]
    salt: str = Field(pattern=HEX32, description="Of its id and of the digests of filing and reasons on the chain.")
    chain_agreement_id: str = Field(pattern=HEX32, description="What it is called on the chain.")
    negotiated: NegotiatedTerms | None = Field(description="Where it follows from a negotiation.")
    price_rule: dict[str, Any] = Field(
        description="The paper behind `priceRuleDigest` of what is signed: domain, salt and content."
    )
    signatures: list[PartySignature] | None = Field(
        description="By SM2, in the order of the parties on the chain, once it is concluded."
    )
    filing: dict[str, Any] | None
    ending: dict[str, Any] | None
    refused: dict[str, Any] | None = Field(description="The last step that the chain refused, and why.")
    concluded: OnChainOf | None
    filed: OnChainOf | None
    ended: OnChainOf | None


class AgreementsAnswer(BaseModel):
    """A page of agreements, oldest first."""

    items: list[AgreementItem]
    next_cursor: str | None


class AgreementRevision(BaseModel):
    """One revision: by which act it came about, when, by whom, and how it then stood."""

    revision: int
    act: str
    state: str
    contract_status: str
    contract_hash: str = Field(pattern=HEX32)
    participant: str | None
    changed_at: str = Field(pattern=LOG_TIME)


class AgreementHistoryAnswer(BaseModel):
    """Revisions, oldest first, and where the next page begins; null at the end."""

    items: list[AgreementRevision]
    next_cursor: str | None


class AgreementExplained(BaseModel):
    """The key terms of an agreement in words, each with its place in the disclosed part: a JSON pointer, of a policy with the rule in it."""

    agreement_id: str = Field(pattern=AGREEMENT_ID)
    contract_hash: str = Field(pattern=HEX32)
    sentences: list[SentenceOf]


class FilingAnswer(BaseModel):
    """What of a filed agreement everybody with an account may know: that it is filed, how it stands, and where the chain says so."""

    agreement_id: str = Field(pattern=AGREEMENT_ID)
    contract_hash: str = Field(pattern=HEX32)
    contract_status: str = Field(pattern=STATUS)
    chain_agreement_id: str = Field(pattern=HEX32)
    filed_by: str = Field(pattern=PARTICIPANT)
    filed_at: str = Field(pattern=LOG_TIME)
    concluded: OnChainOf
    filed: OnChainOf
    ended: OnChainOf | None
