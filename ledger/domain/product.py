"""Data products: what a version states, its life, and what stops it being offered. Pure.

A product has one code for all its life (type 6, 32 to 65 characters) and versions 1, 2, 3 and on. What a version states is fixed when
it is registered on the chain: a rejected one ends, and the next version begins as a copy of it. Weights and shares are millionths.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.domain.catalogue_codes import (
    DataSource,
    DeliveryForm,
    QualityLevel,
    SecurityLevel,
    UpdateFrequency,
    scene_of,
    topic_of,
)
from ledger.domain.code_list import parse_listed
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.policy import check_policy
from ledger.domain.price import WHOLE, Ceiling, PriceRule, check_ceiling
from ledger.domain.product_value import RIGHTS_MAX, ConfirmedRight, Valuation
from ledger.errors import InputError

GRADES: Final = ("general", "important", "core")
"""Sensitivity of the data (Data Security Law article 21: 一般, 重要, 核心); core data are never offered."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_REGION: Final = re.compile(r"[0-9]{6}")
_METHOD: Final = re.compile(r"0[1-4]")


class InvalidProductError(InputError):
    """What a version states is incomplete or contradicts itself; names the member."""

    code = "invalid_product"
    title = "Invalid product"


@dataclass(frozen=True, slots=True)
class Weights:
    """How much of the data is public, enterprise and personal."""

    public: int
    enterprise: int
    personal: int

    def __post_init__(self) -> None:
        parts = (self.public, self.enterprise, self.personal)
        if min(parts) < 0 or sum(parts) != WHOLE:
            raise InvalidProductError("The weights are millionths, none below 0, and sum to 1000000.")


@dataclass(frozen=True, slots=True)
class ResponsibleParty:
    """The one unit that answers for the product and keeps it current; a unit of the provider, never a person.

    Args:
        unit: its name.
        update_procedure: how the data and these facts are kept current.
    """

    unit: str
    update_procedure: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A registration certificate: number, digest of the document (SHA-256, hex), day of issue (YYYY-MM-DD)."""

    number: str
    digest: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class Interface:
    """One way in which the product is delivered.

    Args:
        transfer_format: as the Dataspace Protocol names it, for example ``HttpData-PULL``.
        delivery_method: 01 file, 02 data stream, 03 API, 04 other (TC609-6-2025-14).
        media_type: of what is delivered.
        description: parameters and answers, for whoever will call it.
    """

    transfer_format: str
    delivery_method: str
    description: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ReferenceShare:
    """One line of the reference split: orientation for buyers, not the table that money follows."""

    role: str
    share: int


@dataclass(frozen=True, slots=True)
class SourceResource:
    """A registered data resource that the product is made from (code type 7)."""

    resource_code: str
    title: str


@dataclass(frozen=True, slots=True)
class ContractTemplate:
    """The standard contract template that goes with the product: name and SHA-256 digest, hex."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class ProductContent:
    """Everything that a version states.

    Args:
        title: up to 256 characters.
        description: what it is.
        function: what it does for its user.
        keywords: up to 50.
        topic: code of NDI-TR-2025-06 8.2.2, letter and four digits.
        scene: code of 8.2.5, letter and four digits.
        delivery_form: table 3.
        source: table 2.
        frequency: table 4.
        quality: table 5.
        security_level: table 6; confidential and top secret data are never offered.
        sensitivity_grade: one of ``GRADES``.
        interfaces: at least one.
        responsible_party: who answers for it.
        weights: of public, enterprise and personal data.
        price: how it is charged for.
        policy: an ODRL ``Offer`` (``ledger.domain.policy``).
        contract_template: the standard contract.
        reference_split: shares that sum to a million; may be empty.
        resources: what it is made from, each once; the code of one names the body that answers for it.
        certificate: of its registration; needed with public data.
        ceiling: needed with public data, and only there.
        spatial: six-digit region that it covers.
        rights: confirmed in the data; a change is a new version.
        valuation: of the data.

    Raises:
        InputError: a subclass for each kind of defect; names the member.
    """

    title: str
    description: str
    function: str
    keywords: tuple[str, ...]
    topic: str
    scene: str
    delivery_form: str
    source: str
    frequency: str
    quality: str
    security_level: str
    sensitivity_grade: str
    interfaces: tuple[Interface, ...]
    responsible_party: ResponsibleParty
    weights: Weights
    price: PriceRule
    policy: Mapping[str, Any]
    contract_template: ContractTemplate
    reference_split: tuple[ReferenceShare, ...] = ()
    resources: tuple[SourceResource, ...] = ()
    certificate: Certificate | None = None
    ceiling: Ceiling | None = None
    spatial: str | None = None
    rights: tuple[ConfirmedRight, ...] = ()
    valuation: Valuation | None = None

    def __post_init__(self) -> None:
        for code_list, name in _LISTED:
            parse_listed(code_list, getattr(self, name))
        topic_of(self.topic)
        scene_of(self.scene)
        for resource in self.resources:
            parse_national_code(resource.resource_code, CodeKind.RESOURCE)
        check_policy(self.policy)
        for problem, is_there in _problems(self):
            if is_there:
                raise InvalidProductError(problem)
        if self.ceiling is not None:
            check_ceiling(self.price, self.ceiling)

    @property
    def has_public_data(self) -> bool:
        """Whether public data are in it: then it is filed, and under a ceiling."""
        return self.weights.public > 0


_LISTED: Final = (
    (DeliveryForm, "delivery_form"),
    (DataSource, "source"),
    (UpdateFrequency, "frequency"),
    (QualityLevel, "quality"),
    (SecurityLevel, "security_level"),
)


def _problems(content: ProductContent) -> list[tuple[str, bool]]:
    party, shares = content.responsible_party, [line.share for line in content.reference_split]
    digests = [content.contract_template.digest, *([content.certificate.digest] if content.certificate else [])]
    certificate = content.certificate
    resources = [one.resource_code for one in content.resources]
    return [
        ("title has 1 to 256 characters.", not _within(content.title, 256)),
        ("description has 1 to 20000 characters.", not _within(content.description, 20_000)),
        ("function has 1 to 5000 characters.", not _within(content.function, 5_000)),
        ("There are at most 50 keywords of 1 to 64 characters.", not _keywords(content.keywords)),
        ("sensitivity_grade is general, important or core.", content.sensitivity_grade not in GRADES),
        ("Core data are not offered.", content.sensitivity_grade == "core"),
        ("Confidential and top secret data are not offered.", content.security_level in {"004", "005"}),
        ("There is at least one interface, and at most 20.", not 1 <= len(content.interfaces) <= 20),
        ("An interface has a format, a method 01 to 04 and a description.", not all(map(_is_way, content.interfaces))),
        (
            "responsible_party names unit and update procedure.",
            not (_within(party.unit, 128) and _within(party.update_procedure, 2_000)),
        ),
        ("A digest is SHA-256 in lower-case hex.", any(_DIGEST.fullmatch(digest) is None for digest in digests)),
        ("contract_template.name has 1 to 256 characters.", not _within(content.contract_template.name, 256)),
        ("certificate has a number and a day.", certificate is not None and not _is_certificate(certificate)),
        (
            "Reference shares are positive and sum to 1000000.",
            bool(shares) and (sum(shares) != WHOLE or min(shares) < 1),
        ),
        ("spatial is a region of six digits.", content.spatial is not None and not _REGION.fullmatch(content.spatial)),
        ("Public data need a registration certificate.", content.has_public_data and certificate is None),
        ("Public data need a ceiling, other data have none.", content.has_public_data != (content.ceiling is not None)),
        (f"There are at most {RIGHTS_MAX} rights.", len(content.rights) > RIGHTS_MAX),
        ("A resource is named once.", len(set(resources)) < len(resources)),
        ("There are at most 100 resources and 50 shares.", len(resources) > 100 or len(shares) > 50),
    ]


def _within(text: str, most: int) -> bool:
    return 1 <= len(text.strip()) <= len(text) <= most and "\x00" not in text


def _keywords(keywords: tuple[str, ...]) -> bool:
    return len(keywords) <= 50 and all(_within(keyword, 64) for keyword in keywords)


def _is_way(one: Interface) -> bool:
    return (
        _within(one.transfer_format, 64)
        and bool(_METHOD.fullmatch(one.delivery_method))
        and _within(one.description, 5_000)
    )


def _is_certificate(certificate: Certificate) -> bool:
    try:
        date.fromisoformat(certificate.issued_on)
    except ValueError:
        return False
    return len(certificate.issued_on) == 10 and _within(certificate.number, 128)
