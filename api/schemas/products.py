"""The shapes of products, their reviews and their offers, for requests and OpenAPI. What they mean is ``ledger.domain.product``."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import HEX32, LOG_TIME
from api.schemas.participants import DAY
from api.schemas.product_value import BaseFeeOf, RightOf, ValuationOf
from ledger.domain.price import KINDS, PERIODS
from ledger.domain.product import GRADES
from ledger.domain.product_value import RIGHTS_MAX
from ledger.services.product_reviews import ASPECTS

PRODUCT_CODE = r"^6[0-9A-Z]{18}[0-9]{4}[0-9A-Z]{8}[0-9A-Z*](•[0-9A-Za-z._-]{1,32})?$"
AMOUNT_MAX = 2**53 - 1

Amount = Annotated[int, Field(ge=0, le=AMOUNT_MAX)]
Millionths = Annotated[int, Field(ge=0, le=1_000_000)]
Code3 = Annotated[str, Field(pattern=r"^00[1-9]$")]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WeightsOf(_Sent):
    """Millionths that sum to 1000000."""

    public: Millionths
    enterprise: Millionths
    personal: Millionths


class TierOf(_Sent):
    """From this unit of a period on, each costs so much."""

    from_units: int = Field(ge=1, le=AMOUNT_MAX)
    unit_price: Amount


class PriceOf(_Sent):
    """How it is charged for. Unit prices are millionths of a minor unit, amounts minor units, shares millionths."""

    kind: str = Field(pattern=f"^({'|'.join(KINDS)})$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    unit_price: Amount | None = None
    tiers: list[TierOf] = Field(default=[], max_length=50)
    amount_minor: Amount | None = None
    period: str | None = Field(None, pattern=f"^({'|'.join(PERIODS)})$")
    share: int | None = Field(None, ge=1, le=1_000_000)


class CeilingOf(_Sent):
    """The most that may be charged for public data, and the document that says so."""

    unit_price: Amount
    source: str = Field(min_length=1, max_length=256)
    amount_minor: Amount | None = None


class InterfaceOf(_Sent):
    """One way of delivery; methods: 01 file, 02 stream, 03 API, 04 other."""

    transfer_format: str = Field(min_length=1, max_length=64)
    delivery_method: str = Field(pattern=r"^0[1-4]$")
    description: str = Field(min_length=1, max_length=5_000)
    media_type: str | None = Field(None, max_length=128)


class ResponsibleUnit(_Sent):
    """The one unit of the provider that answers for the product; no person."""

    unit: str = Field(min_length=1, max_length=128)
    update_procedure: Text


class CertificateOf(_Sent):
    """The registration certificate."""

    number: str = Field(min_length=1, max_length=128)
    digest: str = Field(pattern=HEX32)
    issued_on: str = Field(pattern=DAY)


class TemplateOf(_Sent):
    """The standard contract template that goes with it."""

    name: str = Field(min_length=1, max_length=256)
    digest: str = Field(pattern=HEX32)


class ReferenceShareOf(_Sent):
    """One line of the reference split, in millionths."""

    role: str = Field(min_length=1, max_length=64)
    share: int = Field(ge=1, le=1_000_000)


class ResourceOf(_Sent):
    """A registered data resource that it is made from."""

    resource_code: str = Field(min_length=32, max_length=65)
    title: str = Field(min_length=1, max_length=256)


class ProductFacts(_Sent):
    """What a version states. Codes are those of NDI-TR-2025-06."""

    title: str = Field(min_length=1, max_length=256)
    description: str = Field(min_length=1, max_length=20_000)
    function: str = Field(min_length=1, max_length=5_000)
    keywords: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(default=[], max_length=50)
    topic: str = Field(pattern=r"^[A-D][0-9]{4}$")
    scene: str = Field(pattern=r"^[STUV][0-9]{4}$")
    delivery_form: Code3
    source: Code3
    frequency: Code3
    quality: Code3
    security_level: Code3
    sensitivity_grade: str = Field(pattern=f"^({'|'.join(GRADES)})$")
    interfaces: list[InterfaceOf] = Field(min_length=1, max_length=20)
    responsible_party: ResponsibleUnit
    weights: WeightsOf
    price: PriceOf
    policy: dict[str, Any] = Field(description="An ODRL Offer, without target and assigner.")
    contract_template: TemplateOf
    reference_split: list[ReferenceShareOf] = Field(default=[], max_length=50)
    resources: list[ResourceOf] = Field(default=[], max_length=100)
    certificate: CertificateOf | None = Field(None, description="Needed with public data.")
    ceiling: CeilingOf | None = Field(None, description="Needed with public data, and only there.")
    spatial: str | None = Field(None, pattern=r"^[0-9]{6}$")
    rights: list[RightOf] = Field(default=[], max_length=RIGHTS_MAX, description="Confirmed in the data.")
    valuation: ValuationOf | None = None


class DraftProduct(_Sent):
    """A new product; its code is made here and stays for all its life."""

    region: str = Field(pattern=r"^[0-9]{4}$", description="Region, or 00 and two digits of the industry.")
    extension: str = Field("", pattern=r"^[0-9A-Za-z._-]{0,32}$", description="For example an older code.")
    content: ProductFacts


class NewVersion(_Sent):
    """The next version: with this content, or as a copy of the newest."""

    content: ProductFacts | None = None


class RegisterProduct(_Sent):
    """Which bodies judge it; authorisation platform and filing authority exactly with public data."""

    trading_platform: str = Field(pattern=PARTICIPANT)
    authorisation_platform: str | None = Field(None, pattern=PARTICIPANT)
    filing_authority: str | None = Field(None, pattern=PARTICIPANT)


class FindingOf(_Sent):
    """What a review found about one aspect, and why."""

    aspect: str = Field(pattern=f"^({'|'.join(ASPECTS)})$")
    passed: bool
    reasons: str = Field(min_length=1, max_length=5_000)


class ReviewProduct(_Sent):
    """A review: every aspect, once."""

    findings: list[FindingOf] = Field(min_length=1, max_length=len(ASPECTS))


class IssueLetter(_Sent):
    """The compliance letter; both platforms issue the same one."""

    number: str = Field(min_length=1, max_length=128)
    digest: str = Field(pattern=HEX32)
    issued_on: str = Field(pattern=DAY)


class FileProduct(_Sent):
    """Filing number and ceiling, and the base authorisation fee where one is set."""

    number: str = Field(min_length=1, max_length=128)
    ceiling: CeilingOf
    base_fee: BaseFeeOf | None = None


class StopOffer(_Sent):
    """Why: a stated trigger, and the case in words."""

    trigger: str = Field(pattern=r"^[a-z_]{1,64}$")
    text: Text


class ResumeOffer(_Sent):
    """Why it goes on."""

    text: Text


class DestructionOf(_Sent):
    """Evidence that the data are destroyed."""

    method: str = Field(min_length=1, max_length=256)
    digest: str = Field(pattern=HEX32)
    destroyed_on: str = Field(pattern=DAY)


class WithdrawProduct(_Sent):
    """Evidence of destruction; a draft needs none."""

    destruction: DestructionOf | None = None


class NothingToSay(_Sent):
    """The path says it all."""


class Waiting(BaseModel):
    """What the object waits for: the chain, and before it the signatures of the act."""

    step: str
    act_id: str
    by: str = Field(description="The body that asked for the step, and may take it back while signatures are missing.")
    due_at: str = Field(
        pattern=LOG_TIME, description="By when it is to be signed; later any party of the version may take it back."
    )


class VersionAnswer(BaseModel):
    """A product version. `filing_number` stands in front: a product with public data has none before it is filed."""

    product_code: str = Field(pattern=PRODUCT_CODE)
    version: int
    filing_number: str | None
    revision: int
    state: str
    allowed: list[str] = Field(description="What its state allows now, whoever may do it.")
    provider: str = Field(pattern=PARTICIPANT)
    provider_name: str
    content: ProductFacts
    content_digest: str | None = Field(description="SHA-256 with the salt; on the chain.")
    price_rule_digest: str | None
    salt: str = Field(pattern=HEX32, description="Opens the digests.")
    reviewers: dict[str, Any] | None
    first_review: dict[str, Any] | None
    final_review: dict[str, Any] | None
    letter: dict[str, Any] | None
    filing: dict[str, Any] | None
    suspension: dict[str, Any] | None
    delisting: dict[str, Any] | None
    destruction: dict[str, Any] | None
    listed_at: str | None
    waiting: Waiting | None
    refused: dict[str, Any] | None = Field(description="The last step that the chain refused, and why.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class VersionsAnswer(BaseModel):
    """A page of versions, oldest first."""

    items: list[VersionAnswer]
    next_cursor: str | None


class ProductAnswer(BaseModel):
    """A product over its versions."""

    product_code: str = Field(pattern=PRODUCT_CODE)
    revision: int
    state: str = Field(pattern=r"^(active|freezing|frozen|thawing|withheld)$")
    allowed: list[str]
    provider: str = Field(pattern=PARTICIPANT)
    versions: int
    on_sale: dict[str, str] = Field(description="Version -> listed or suspended.")
    freeze: dict[str, Any] | None
    waiting: Waiting | None
    refused: dict[str, Any] | None


class RevisionAnswer(BaseModel):
    """One revision of an object: by which act it came about, when, by whom, and what it then stated."""

    revision: int
    act: str
    state: str
    participant: str | None
    changed_at: str = Field(pattern=LOG_TIME)
    content: dict[str, Any]


class HistoryAnswer(BaseModel):
    """Revisions, oldest first, and where the next page begins; null at the end."""

    items: list[RevisionAnswer]
    next_cursor: str | None
