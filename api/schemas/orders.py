"""The shapes of orders, for requests and OpenAPI. What they mean is ``ledger.domain.order``."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.products import AMOUNT_MAX, PRODUCT_CODE
from ledger.domain.order import ORIGINS, PERIODS_MAX, USES, VALID_UNTIL_END
from ledger.domain.order_life import CALL_OFF_LIFE, KINDS, ORDER_LIFE
from ledger.services.trade_chain import TEXT_CHARACTERS_MAX

ORDER_ID = r"^[0-9A-Za-z-]{8,64}$"
ORDER_STATES = tuple(sorted(ORDER_LIFE.states | CALL_OFF_LIFE.states))
STATE = f"^({'|'.join(ORDER_STATES)})$"

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OriginOf(_Sent):
    """Where an order comes from: an approved application, a matched demand, a finalized negotiation, or of a call-off its framework agreement."""

    kind: str = Field(pattern=f"^({'|'.join(ORIGINS)})$")
    reference: str = Field(min_length=1, max_length=128, description="Its id; of an agreement the 47 characters.")


class OrderFacts(_Sent):
    """What the consumer states; everything else follows from the product version and the two bodies."""

    kind: str = Field(pattern=f"^({'|'.join(KINDS)})$", description="A call-off is under a framework agreement.")
    origin: OriginOf
    product_code: str = Field(pattern=PRODUCT_CODE)
    product_version: int = Field(ge=1, le=2**32 - 1)
    purpose: str = Field(min_length=1, max_length=1_024)
    use: str = Field(pattern=f"^({'|'.join(USES)})$", description="Public data cost nothing for the last two.")
    quantity: Amount = Field(description="Units (calls or records); 0 for no limit.")
    periods: int = Field(ge=0, le=PERIODS_MAX, description="Of a price by period; 0 for any other.")
    valid_until: int = Field(ge=1, lt=VALID_UNTIL_END, description="Last second to confirm it, Unix time.")


class GiveReason(_Sent):
    """Why, in words; both parties read it, the chain has its salted digest."""

    text: str = Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)


class TradeWaiting(BaseModel):
    """What an order or an agreement waits for: the chain, and before it the signatures of the act."""

    step: str
    act_id: str
    by: str = Field(description="The body that asked for the step.")
    due_at: str = Field(pattern=LOG_TIME, description="By when it is to be signed; later any party may take it back.")


class OnChainOf(BaseModel):
    """Where the chain holds a step."""

    act_id: str
    tx_hash: str
    at: str = Field(pattern=LOG_TIME)


class NegotiatedTerms(BaseModel):
    """What was negotiated: the policy that the agreement has, and the digests of what was said."""

    negotiation_id: str
    agreement_uid: str = Field(description="`@id` of the agreement's message.")
    policy: dict[str, Any] = Field(description="`permission`, `prohibition` and `obligation`, as ODRL.")
    policy_digest: str = Field(pattern=HEX32, description="SHA-256 of the agreement in RFC 8785 form.")
    rounds: int = Field(ge=1, description="Versions of the offer.")
    messages: list[str] = Field(description="SHA-256 of every message in RFC 8785 form, in their order.")


class OrderAnswer(BaseModel):
    """An order. `allowed` is what the caller's side may do now; `waiting` is null unless a step waits for signatures or the chain."""

    order_id: str = Field(pattern=ORDER_ID)
    revision: int
    state: str = Field(pattern=STATE)
    allowed: list[str]
    side: str | None = Field(description="consumer, provider, or null for who is neither.")
    consumer: str = Field(pattern=PARTICIPANT)
    provider: str = Field(pattern=PARTICIPANT)
    platforms: list[str]
    content: OrderFacts
    voucher: dict[str, Any] | None = Field(description="As it was placed; null for a draft that never was.")
    content_digest: str | None = Field(description="Of the voucher with the salt; both parties sign it.")
    salt: str = Field(pattern=HEX32, description="Opens the digests and the order's id on the chain.")
    agreement_id: str | None
    negotiated: NegotiatedTerms | None = Field(description="Of an order that comes of a negotiation.")
    price_rule: dict[str, Any] | None = Field(
        description="The paper behind `priceRuleDigest` of what is signed: domain, salt and content."
    )
    closing: dict[str, Any] | None = Field(description="Why it was rejected, withdrawn or cancelled.")
    waiting: TradeWaiting | None
    refused: dict[str, Any] | None = Field(description="The last step that the chain refused, and why.")
    placed: OnChainOf | None
    confirmed: OnChainOf | None
    rejected: OnChainOf | None
    withdrawn: OnChainOf | None
    cancelled: OnChainOf | None
    attached: OnChainOf | None = Field(description="That the chain holds its agreement.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class OrdersAnswer(BaseModel):
    """A page of orders, oldest first."""

    items: list[OrderAnswer]
    next_cursor: str | None


class OrderRevision(BaseModel):
    """One revision: by which act it came about, when, by whom, and what it then stated."""

    revision: int
    act: str
    state: str
    participant: str | None
    changed_at: str = Field(pattern=LOG_TIME)
    content: OrderFacts


class OrderHistoryAnswer(BaseModel):
    """Revisions, oldest first, and where the next page begins; null at the end."""

    items: list[OrderRevision]
    next_cursor: str | None


class VoucherLineOf(BaseModel):
    """A line of a printed voucher, in both languages."""

    chinese: str
    english: str
    value: str


class VoucherAnswer(BaseModel):
    """The voucher of an order in its standard form. `content_digest` is SHA-256 with the salt over its canonical JSON."""

    order_id: str = Field(pattern=ORDER_ID)
    state: str = Field(pattern=STATE)
    voucher: dict[str, Any]
    lines: list[VoucherLineOf]
    salt: str = Field(pattern=HEX32)
    content_digest: str = Field(pattern=HEX32)
    chain_order_id: str = Field(pattern=HEX32, description="What the order is called on the chain.")
    placed: OnChainOf | None = Field(description="With the consumer's signature.")
    confirmed: OnChainOf | None = Field(description="With the provider's.")
