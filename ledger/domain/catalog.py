"""The catalog's entries: what is on offer, one entry a product, as its newest listed version states it.

Codes are those of the national catalogue documents (NDI-TR-2025-06 chapter 7 tables 2 to 6, topics and scenes 8.2). Amounts are
integers: ``unit_price`` and ``ceiling_unit_price`` in millionths of a minor unit of ``currency``, weights in millionths that
sum to one million, as ``ProductRegistry`` holds them. The one JSON form of an entry is ``ledger.services.catalog.entry_value``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.domain.price import Tier
from ledger.domain.search_terms import terms_of_text
from ledger.errors import InputError

LISTED: Final = "listed"
STATES: Final = frozenset({LISTED, "suspended", "frozen"})
"""Only listed entries are found and offered; the others stay readable by their code, and say what they are."""

DELIVERY_FORMS: Final = frozenset({"001", "002", "003", "004", "005", "006"})
SOURCES: Final = frozenset({"001", "002", "003", "004"})
FREQUENCIES: Final = frozenset({"001", "002", "003", "004", "005", "006", "007", "008", "009"})
SECURITY_LEVELS: Final = frozenset({"001", "002", "003", "004", "005"})
QUALITY_LEVELS: Final = frozenset({"001", "002", "003", "004"})
SENSITIVITY_GRADES: Final = frozenset({"general", "important"})
"""Of what may be offered; entries of a time before the grade was shown have none."""
PRICE_KINDS: Final = frozenset(
    {"per_call", "volume_tier", "subscription", "share", "base_fee_plus_share", "commission", "membership"}
)
WHOLE: Final = 1_000_000
TITLE_CHARACTERS_MAX: Final = 256
DESCRIPTION_CHARACTERS_MAX: Final = 20_000
KEYWORDS_MAX: Final = 50

PRODUCT_CODE: Final = re.compile(r"6[0-9A-Z]{18}[0-9]{4}[0-9A-Z]{8}[0-9A-Z*](•[^\s/\x00-\x1f]{1,32})?")
"""The form only; the check character is judged where codes are allotted."""

_TOPIC: Final = re.compile(r"[A-D][0-9]{4}")
_SCENE: Final = re.compile(r"[STUV][0-9]{4}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


class CatalogEntryError(InputError):
    """An entry that the catalog cannot show: a code, an amount or the offer is not what the formats take."""

    code = "invalid_catalog_entry"
    title = "Invalid catalog entry"


@dataclass(frozen=True, slots=True)
class Weights:
    """How much of a product's data is public, enterprise and personal, in millionths."""

    public: int
    enterprise: int
    personal: int


@dataclass(frozen=True, slots=True)
class Price:
    """What a product costs, with the number of every kind (``ledger.domain.price.MEMBERS``), and its ceiling.

    Entries of a time before these were shown have none of the members from ``tiers`` on.

    Args:
        kind: one of ``PRICE_KINDS``.
        currency: ISO 4217.
        unit_price: by which entries are sorted: of one call or record, with tiers that of the first; None where the rule has none.
        ceiling_unit_price: of one call or record.
        ceiling_source: the document that sets the ceiling.
        tiers: all of them.
        amount_minor: of one period, or the base fee, in minor units.
        period: ISO 8601 duration.
        share: of the buyer's revenue or of the trade's value, in millionths.
        ceiling_amount_minor: of one period or base fee, in minor units.
    """

    kind: str
    currency: str
    unit_price: int | None
    ceiling_unit_price: int | None
    ceiling_source: str | None
    tiers: tuple[Tier, ...] = ()
    amount_minor: int | None = None
    period: str | None = None
    share: int | None = None
    ceiling_amount_minor: int | None = None

    @property
    def amounts(self) -> tuple[int, ...]:
        """Every number that it states."""
        single = (self.unit_price, self.ceiling_unit_price, self.amount_minor, self.share, self.ceiling_amount_minor)
        return (*(one for one in single if one is not None), *(tier.unit_price for tier in self.tiers))


@dataclass(frozen=True, slots=True)
class Template:
    """The standard contract that goes with a product: its name and the SHA-256 digest of its text, hex."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the reference split: a label for the buyer's orientation, not the table that money follows."""

    role: str
    share: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """One way of delivery: ``transfer_format`` as the Dataspace Protocol names it, ``delivery_method`` 01 to 04."""

    transfer_format: str
    media_type: str | None = None
    delivery_method: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A registered data resource that the product is made from: the source end of the data map."""

    resource_code: str
    title: str


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One product on offer. ``policy`` is an ODRL ``Offer`` without ``@id`` and ``target``: the entry gives both.

    Raises:
        CatalogEntryError: a member is not what it says.
    """

    product_code: str
    version: int
    title: str
    description: str
    keywords: tuple[str, ...]
    provider_code: str
    provider_name: str
    topic: str
    scene: str
    delivery_form: str
    source: str
    frequency: str
    security_level: str
    quality: str
    price: Price
    weights: Weights
    filing_number: str | None
    reference_split: tuple[Share, ...]
    policy: Mapping[str, Any]
    distributions: tuple[Distribution, ...]
    issued: datetime
    modified: datetime
    spatial: str | None = None
    resources: tuple[Resource, ...] = ()
    sensitivity_grade: str | None = None
    state: str = LISTED
    contract_template: Template | None = None

    def __post_init__(self) -> None:
        for name, problem in _problems(self):
            if problem:
                raise CatalogEntryError(f"catalog entry: {name}")

    @property
    def has_public_data(self) -> bool:
        """Whether public data are in it, so that filing number and ceiling are shown."""
        return self.weights.public > 0

    @property
    def title_terms(self) -> frozenset[str]:
        """Terms of title and keywords: what finds an entry before its description does."""
        return terms_of_text("\n".join((self.title, *self.keywords)))

    @property
    def terms(self) -> frozenset[str]:
        """Every term by which the entry is found."""
        named = (self.description, self.provider_name, self.product_code, self.provider_code, self.filing_number or "")
        return self.title_terms | terms_of_text("\n".join(named))


def _problems(entry: CatalogEntry) -> list[tuple[str, bool]]:
    price, weights = entry.price, entry.weights
    shares = [share.share for share in entry.reference_split]
    return [
        ("product_code is no product code", PRODUCT_CODE.fullmatch(entry.product_code) is None),
        ("version is below 1", entry.version < 1),
        ("title, description or provider is empty", not (entry.title and entry.description and entry.provider_code)),
        ("provider_name is empty", not entry.provider_name),
        ("title is too long", len(entry.title) > TITLE_CHARACTERS_MAX),
        ("description is too long", len(entry.description) > DESCRIPTION_CHARACTERS_MAX),
        ("there are too many keywords, or one is too long", _too_many(entry.keywords)),
        (
            "title, description or provider holds U+0000",
            "\x00" in f"{entry.title}{entry.description}{entry.provider_name}",
        ),
        ("topic is no topic code", _TOPIC.fullmatch(entry.topic) is None),
        ("scene is no scene code", _SCENE.fullmatch(entry.scene) is None),
        ("delivery_form is not in table 3", entry.delivery_form not in DELIVERY_FORMS),
        ("source is not in table 2", entry.source not in SOURCES),
        ("frequency is not in table 4", entry.frequency not in FREQUENCIES),
        ("security_level is not in table 6", entry.security_level not in SECURITY_LEVELS),
        ("sensitivity grade is unknown", entry.sensitivity_grade not in {None, *SENSITIVITY_GRADES}),
        ("quality is not in table 5", entry.quality not in QUALITY_LEVELS),
        ("price kind is unknown", price.kind not in PRICE_KINDS),
        ("currency is not three letters", _CURRENCY.fullmatch(price.currency) is None),
        ("an amount is negative or too large", any(not 0 <= amount < 2**53 for amount in price.amounts)),
        ("weights do not sum to one million", weights.public + weights.enterprise + weights.personal != WHOLE),
        ("a weight is negative", min(weights.public, weights.enterprise, weights.personal) < 0),
        (
            "public data need a filing number and a ceiling with its source",
            entry.has_public_data and None in (entry.filing_number, price.ceiling_unit_price, price.ceiling_source),
        ),
        ("reference shares do not sum to one million", bool(shares) and (sum(shares) != WHOLE or min(shares) < 0)),
        ("policy has no permission and no prohibition", not _has_rule(entry.policy)),
        ("policy names its own @id or target", bool({"@id", "target"} & entry.policy.keys())),
        ("no distribution", not entry.distributions),
        ("a time has no zone", None in (entry.issued.tzinfo, entry.modified.tzinfo)),
        ("state is unknown", entry.state not in STATES),
    ]


def _too_many(keywords: tuple[str, ...]) -> bool:
    return len(keywords) > KEYWORDS_MAX or any(len(keyword) > TITLE_CHARACTERS_MAX for keyword in keywords)


def _has_rule(policy: Mapping[str, Any]) -> bool:
    rules = [rule for kind in ("permission", "prohibition") for rule in policy.get(kind, ())]
    return bool(rules) and all(isinstance(rule, dict) and isinstance(rule.get("action"), str) for rule in rules)
