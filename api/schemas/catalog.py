"""The shapes of answers about the catalog, for OpenAPI: DCAT-AP datasets, facets, the change feed, the data map."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.events import HEX32, LOG_TIME


class Named(BaseModel):
    """Who offers a product: the 18-character code and the name."""

    model_config = ConfigDict(populate_by_name=True)

    type: str = Field(alias="@type")
    identifier: str
    name: str


class Tier(BaseModel):
    """From this unit of a period on, each costs so much."""

    fromUnits: int  # noqa: N815  DCAT documents are in camelCase
    unitPrice: int  # noqa: N815


class Price(BaseModel):
    """What the kind of price has. Unit prices are millionths of a minor unit of the currency, amounts minor units, shares millionths.

    The ceiling is there when public data are in the product. Entries that were listed before amounts were shown have none until their next step.
    """

    kind: str
    currency: str
    unitPrice: int | None = Field(None, description="Of one call or record; with tiers, that of the first.")  # noqa: N815
    tiers: list[Tier] | None = Field(None, description="Volume tiers, the first from unit 1.")
    amountMinor: int | None = Field(None, description="Of one period, or the base fee.")  # noqa: N815
    period: str | None = Field(None, description="ISO 8601 duration that the amount is for.")
    share: int | None = Field(None, description="Of the buyer's revenue or of the trade's value.")
    ceilingUnitPrice: int | None = None  # noqa: N815
    ceilingAmountMinor: int | None = None  # noqa: N815
    ceilingSource: str | None = None  # noqa: N815


class Template(BaseModel):
    """The standard contract that goes with a product: its name and the SHA-256 digest of its text."""

    name: str
    digest: str = Field(pattern=HEX32)


class Weights(BaseModel):
    """Public, enterprise and personal data, in millionths that sum to one million."""

    public: int = Field(ge=0, le=1_000_000)
    enterprise: int = Field(ge=0, le=1_000_000)
    personal: int = Field(ge=0, le=1_000_000)


class Preview(BaseModel):
    """What a list shows of a product. `filingNumber` is there when public data are in it."""

    id: str = Field(alias="@id")
    type: str = Field(alias="@type")
    identifier: str = Field(description="The product code.")
    filingNumber: str | None = None  # noqa: N815
    version: str
    title: str
    description: str = Field(description="Its beginning.")
    publisher: Named
    theme: str = Field(description="Topic code.")
    scene: str
    deliveryForm: str  # noqa: N815
    technique: list[str] = Field(description="Ways of delivery, and environments in which the policy lets it be used.")
    dataSource: str  # noqa: N815
    accrualPeriodicity: str = Field(description="Update frequency code.")  # noqa: N815
    securityLevel: str  # noqa: N815
    sensitivityGrade: str | None = None  # noqa: N815
    quality: str
    sharingScope: str = Field(pattern="^(unconditional|conditional)$")  # noqa: N815
    permits: list[str] = Field(description="Actions of the offer; the offer has their conditions.")
    prohibits: list[str]
    price: Price
    weights: Weights
    referenceSplit: list[dict[str, Any]] = Field(description="A label, not the table that money follows.")  # noqa: N815
    spatial: str | None = None
    modified: str = Field(pattern=LOG_TIME)
    state: str = Field(pattern="^listed$")
    contractTemplate: Template | None = None  # noqa: N815
    format: list[str] = Field(description="Ways of delivery.")


class CatalogAnswer(BaseModel):
    """A page of the catalog."""

    items: list[Preview]
    next_cursor: str | None


class Dataset(BaseModel):
    """A product as a DCAT-AP dataset; with `Accept: application/ld+json` it has its `@context`."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(alias="@id")
    type: str = Field(alias="@type")
    identifier: str = Field(description="The product code.")
    filingNumber: str | None = None  # noqa: N815
    version: str
    title: str
    description: str
    publisher: Named
    price: Price
    weights: Weights
    referenceSplit: list[dict[str, Any]]  # noqa: N815
    contractTemplate: Template | None = None  # noqa: N815
    hasPolicy: list[dict[str, Any]] = Field(min_length=1, description="The ODRL offer.")  # noqa: N815
    distribution: list[dict[str, Any]] = Field(min_length=1)
    issued: str = Field(pattern=LOG_TIME)
    modified: str = Field(pattern=LOG_TIME)
    state: str = Field(pattern="^(listed|suspended|frozen)$")


class FacetValue(BaseModel):
    """A value and how many entries have it."""

    value: str
    entries: int = Field(ge=0)


class FacetsAnswer(BaseModel):
    """Counts among what the question finds. Unless `exact`, there are at least so many of everything."""

    entries: int = Field(ge=0)
    exact: bool
    facets: dict[str, list[FacetValue]]


class Change(BaseModel):
    """A row of the feed: the catalog was given an entry (`put`), or lost one (`removed`)."""

    sequence: int = Field(ge=1)
    change: str = Field(pattern="^(put|removed)$")
    product_code: str
    version: int
    reason: str | None
    recorded_at: str = Field(pattern=LOG_TIME)
    entry_digest: str | None = Field(description="SHA-256 of the canonical JSON of `entry`.")
    entry: dict[str, Any] | None
    previous_digest: str = Field(pattern=HEX32)
    chain_digest: str = Field(pattern=HEX32)


class FeedHead(BaseModel):
    """How far the feed goes now."""

    sequence: int = Field(ge=0)
    chain_digest: str = Field(pattern=HEX32)


class ChangesAnswer(BaseModel):
    """Rows of the feed in order; ask again after the last one's sequence until it is the head's."""

    changes: list[Change]
    head: FeedHead


class MapNode(BaseModel):
    """A place in the data map: `resource`, `provider`, `product`, or `consumer` of a flow; a body that is both is a `provider`."""

    id: str
    kind: str = Field(pattern="^(resource|provider|product|consumer)$")
    code: str
    title: str


class MapEdge(BaseModel):
    """An arrow in the data map: `feeds` from resource to product, `offers` from provider to product."""

    kind: str = Field(pattern="^(feeds|offers)$")
    origin: str
    target: str


class MapFlow(BaseModel):
    """An agreement in force, from provider (`origin`) to consumer (`target`); `since` it was concluded."""

    origin: str
    target: str
    product: str
    product_version: int
    agreement_id: str
    state: str
    since: str = Field(description="RFC 3339.")


class MapFlowCount(BaseModel):
    """How many agreements in force a product has; unless `exact` there are at least so many."""

    product: str
    agreements: int = Field(ge=1)
    exact: bool


class MapAnswer(BaseModel):
    """The data map of a page of products; `flow_counts` names those that have any. `flows_state` says what `flows` are."""

    nodes: list[MapNode]
    edges: list[MapEdge]
    flows: list[MapFlow]
    flow_counts: list[MapFlowCount]
    flows_state: str
    next_cursor: str | None


class CatalogError(BaseModel):
    """A refusal in the form of the Dataspace Protocol."""

    context: list[str] = Field(alias="@context")
    type: str = Field(alias="@type", pattern="^CatalogError$")
    code: str
    reason: list[str]


class DspCatalog(BaseModel):
    """A `Catalog` of the Dataspace Protocol 2025-1."""

    model_config = ConfigDict(extra="allow")

    context: list[str] = Field(alias="@context")
    id: str = Field(alias="@id")
    type: str = Field(alias="@type", pattern="^Catalog$")
    participantId: str  # noqa: N815
    service: list[dict[str, Any]] = Field(min_length=1)


class DspDataset(BaseModel):
    """A `Dataset` of the Dataspace Protocol 2025-1."""

    model_config = ConfigDict(extra="allow")

    context: list[str] = Field(alias="@context")
    id: str = Field(alias="@id")
    type: str = Field(alias="@type", pattern="^Dataset$")
    hasPolicy: list[dict[str, Any]] = Field(min_length=1)  # noqa: N815
    distribution: list[dict[str, Any]] = Field(min_length=1)


class VersionsAnswer(BaseModel):
    """The `VersionResponse` of the Dataspace Protocol."""

    protocolVersions: list[dict[str, Any]] = Field(min_length=1)  # noqa: N815


class RecordCheck(BaseModel):
    """What a regulator found in an entry."""

    model_config = ConfigDict(extra="forbid")

    finding: str = Field(pattern="^(conforms|deviates)$")
    members: list[str] = Field(
        min_length=1,
        max_length=32,
        json_schema_extra={"items": {"type": "string", "minLength": 1, "maxLength": 64}},
        description="Names of the entry's members that were looked at.",
    )
    remarks_digest: str | None = Field(
        None, pattern=HEX32, description="SHA-256 of remarks, which stay where they are."
    )


class CheckAnswer(BaseModel):
    """A recorded check; `entry_digest` says for good what was looked at."""

    check_id: str = Field(pattern="^chk-[0-9a-f]{32}$")
    recorded_at: str = Field(pattern=LOG_TIME)
    product_code: str
    version: int
    entry_digest: str = Field(pattern=HEX32)
    finding: str = Field(pattern="^(conforms|deviates)$")
    members: list[str]
    remarks_digest: str | None


class ChecksAnswer(BaseModel):
    """Checks of a product, the newest first."""

    items: list[CheckAnswer]
