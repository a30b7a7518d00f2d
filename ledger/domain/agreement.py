"""What an agreement says: the part that platforms and auditors read, and the part that only the parties read. Pure.

The disclosed part has the content of TC609-6-2025-14, clause 6.2 and table C.1, with what settlement needs beside it. The confidential part is
named texts of any kind; it exists in clear only with the parties. How one digest covers both is in ``ledger.bundle.agreement_digest``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ledger.domain.code_list import CodeList, parse_listed
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.policies.analysis import Finding, find_contradictions
from ledger.domain.policies.model import PolicyKind, PolicySet
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.price import PriceRule
from ledger.domain.subject_code import parse_subject_code
from ledger.domain.working_days import SHANGHAI
from ledger.errors import InputError

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
PAY_BASES: Final = ("collected", "accrued")
"""Money is distributable when it was collected, or when it was accrued."""

END_CONDITIONS: Final = ("not_in_force", "breach_reports")
DATA_AFTER_END: Final = ("destroy", "anonymise")
PARTIES_MAX: Final = 20
ITEMS_MAX: Final = 100
CONFIDENTIAL_MAX: Final = 50
_TEXT_CHARACTERS_MAX: Final = 10_000


class InvalidAgreementError(InputError):
    """What an agreement states is incomplete or contradicts itself; names the member."""

    code = "invalid_agreement"
    title = "Invalid agreement"


class ContradictoryPolicyError(InvalidAgreementError):
    """A policy of the agreement contradicts itself, so nobody can mean what would be signed; ``facts`` has the findings' places."""

    code = "contradictory_policy"
    title = "Contradictory policy"


class TemplateBanError(InvalidAgreementError):
    """The agreement's policy permits what its contract template forbids; ``facts`` has the permissions' places."""

    code = "template_forbids"
    title = "Forbidden by the contract template"


class PartyType(CodeList):
    """``signatorytype`` (table C.1 row 9)."""

    PROVIDER = "01", "数据提供方", "data provider"
    USER = "02", "数据使用方", "data user"
    SERVICE = "03", "数据服务方", "data service party"
    OTHER = "04", "其他", "other"


class SignMode(CodeList):
    """``signMode`` (table C.1 row 6)."""

    POINT_TO_POINT = "01", "点对点", "point to point"
    WITH_PLATFORM = "02", "平台参与", "with the platform"


@dataclass(frozen=True, slots=True)
class Party:
    """One party: ``signatoryEntityId`` (18), ``signatorytype``, its name, and its execution node (32)."""

    entity_id: str
    party_type: str
    node_id: str
    entity_name: str = ""

    def __post_init__(self) -> None:
        parse_subject_code(self.entity_id)
        parse_listed(PartyType, self.party_type)
        parse_national_code(self.node_id, CodeKind.CONNECTOR, CodeKind.BUSINESS_NODE)
        _require("parties.entity_name has at most 128 characters.", len(self.entity_name) <= 128)


@dataclass(frozen=True, slots=True)
class Item:
    """One object: a product version, the fields that may be used, and for what, in words (``fields`` empty: all of them)."""

    product_id: str
    product_version: int
    owner_id: str
    scope: str
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parse_national_code(self.product_id, CodeKind.PRODUCT)
        parse_subject_code(self.owner_id)
        _require("items.product_version is counted from 1.", self.product_version >= 1)
        _require("items.scope has 1 to 1024 characters.", 1 <= len(self.scope) <= 1_024)
        are_fields = len(set(self.fields)) == len(self.fields) <= 1_000 and all(
            1 <= len(one) <= 128 for one in self.fields
        )
        _require("items.fields has at most 1000 names of 1 to 128 characters, each once.", are_fields)


@dataclass(frozen=True, slots=True)
class EndCondition:
    """A condition that ends the agreement by itself once it is met (clause 7.6 c).

    Args:
        kind: ``not_in_force``, a connector has not put its control instruction in force; or ``breach_reports``, connectors reported a breach.
        limit: within how many days from the filing, or how many reports.
    """

    kind: str
    limit: int

    def __post_init__(self) -> None:
        _require(f"end_conditions.kind is one of {', '.join(END_CONDITIONS)}.", self.kind in END_CONDITIONS)
        _require("end_conditions.limit is 1 to 366.", 1 <= self.limit <= 366)


@dataclass(frozen=True, slots=True)
class DisclosedPart:
    """What platforms, auditors and regulators read.

    Args:
        name: 1 to 128 characters.
        abstract: at most 1,024 characters.
        sign_mode: ``01`` or ``02``.
        parties: two or more, one provider and one user among them.
        items: the objects.
        valid_from: first day, ``YYYY-MM-DD``, from its beginning in Asia/Shanghai.
        valid_until: last day, to its end.
        policies: for each item an ODRL ``Agreement`` with the item as target.
        price: the price rule.
        rule_version: digest of the settlement rule that the parties agreed on, 64 lower-case hex digits.
        silence_accepts: whether an unanswered statement counts as accepted.
        answer_working_days: in which a statement is answered.
        pay_basis: ``collected`` or ``accrued``.
        breach_liability: in words, 1 to 10,000 characters.
        end_conditions: that end it by themselves; of each kind one at most.
        data_after_end: what the consumer does with the data then and proves: ``destroy`` or ``anonymise`` (clause 7.6 d).
    """

    name: str
    abstract: str
    sign_mode: str
    parties: tuple[Party, ...]
    items: tuple[Item, ...]
    valid_from: str
    valid_until: str
    policies: tuple[Mapping[str, Any], ...]
    price: PriceRule
    rule_version: str
    silence_accepts: bool
    answer_working_days: int
    pay_basis: str
    breach_liability: str
    end_conditions: tuple[EndCondition, ...] = ()
    data_after_end: str = "destroy"

    def __post_init__(self) -> None:
        parse_listed(SignMode, self.sign_mode)
        _check_texts(self)
        types = [party.party_type for party in self.parties]
        has_both = types.count(PartyType.PROVIDER) == 1 and types.count(PartyType.USER) == 1
        _require("parties has one provider, one user and at most 20 parties.", has_both and len(types) <= PARTIES_MAX)
        _require("parties names each body once.", len({party.entity_id for party in self.parties}) == len(types))
        products = [item.product_id for item in self.items]
        _require("items has 1 to 100 products, each once.", 1 <= len(set(products)) == len(products) <= ITEMS_MAX)
        _require("valid_until is not before valid_from.", _day(self.valid_from) <= _day(self.valid_until))
        targets = [policy.scope.product_id for policy in self.read_policies()]
        _require("policies has one for each item.", sorted(targets) == sorted(products))

    def read_policies(self) -> Iterator[PolicySet]:
        """The policies, in their order.

        Raises:
            InvalidPolicyError: one is not one.
        """
        nodes = {party.party_type: party.node_id for party in self.parties}
        for number, document in enumerate(self.policies):
            policy = parse_odrl(document, f"policies[{number}]")
            _require(f"policies[{number}] is an Agreement.", policy.kind is PolicyKind.AGREEMENT)
            stated = (policy.scope.provider_node, policy.scope.consumer_node)
            agreed = (nodes.get(PartyType.PROVIDER), nodes.get(PartyType.USER))
            _require(f"policies[{number}] has the parties' nodes as assigner and assignee.", stated == agreed)
            yield policy

    def find_contradictions(self) -> tuple[tuple[int, Finding], ...]:
        """What contradicts itself in the policies, each with the number of its policy."""
        read = enumerate(self.read_policies())
        return tuple((number, one) for number, policy in read for one in find_contradictions(policy))

    def check_signable(self) -> None:
        """Refuses what nobody can mean.

        Raises:
            ContradictoryPolicyError: names the rules.
        """
        found = [(number, one) for number, one in self.find_contradictions() if one.is_contradiction]
        if found:
            places = [f"policies[{number}].{place}" for number, one in found for place in one.places]
            raise ContradictoryPolicyError(
                f"The policies contradict themselves ({', '.join(sorted({one.defect for _, one in found}))}) at {', '.join(places)}.",
                places=places,
            )

    def end_limit(self, kind: str) -> int | None:
        """The limit of the condition of this kind; None when the agreement has none."""
        return next((one.limit for one in self.end_conditions if one.kind == kind), None)

    def covers(self, moment: datetime) -> bool:
        """Whether a moment lies in the validity, which is stated to the day."""
        begin = datetime.combine(_day(self.valid_from), datetime.min.time(), SHANGHAI)
        return begin <= moment and not self.is_over(moment)

    def is_over(self, moment: datetime) -> bool:
        """Whether the last day of the validity has passed."""
        return moment >= datetime.combine(_day(self.valid_until) + timedelta(days=1), datetime.min.time(), SHANGHAI)


def check_confidential(part: Mapping[str, Any]) -> None:
    """Refuses a confidential part that is not 1 to 50 named texts.

    Raises:
        InvalidAgreementError: names no content.
    """
    _require("The confidential part has 1 to 50 texts.", 1 <= len(part) <= CONFIDENTIAL_MAX)
    for name, text in part.items():
        _require(
            "A confidential text's name is lower case.", isinstance(name, str) and _NAME.fullmatch(name) is not None
        )
        is_text = isinstance(text, str) and 1 <= len(text) <= _TEXT_CHARACTERS_MAX
        _require("A confidential text has 1 to 10000 characters.", is_text)


def _check_texts(part: DisclosedPart) -> None:
    rules: Iterable[tuple[str, bool]] = (
        ("name has 1 to 128 characters.", 1 <= len(part.name) <= 128),
        ("abstract has at most 1024 characters.", len(part.abstract) <= 1_024),
        ("rule_version is SHA-256 in lower-case hex.", _DIGEST.fullmatch(part.rule_version) is not None),
        ("answer_working_days is 1 to 60.", 1 <= part.answer_working_days <= 60),
        (f"pay_basis is one of {', '.join(PAY_BASES)}.", part.pay_basis in PAY_BASES),
        (f"data_after_end is one of {', '.join(DATA_AFTER_END)}.", part.data_after_end in DATA_AFTER_END),
        (
            "end_conditions has each kind once.",
            len({one.kind for one in part.end_conditions}) == len(part.end_conditions),
        ),
        ("breach_liability has 1 to 10000 characters.", 1 <= len(part.breach_liability) <= _TEXT_CHARACTERS_MAX),
    )
    for says, holds in rules:
        _require(says, holds)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2999:
        raise InvalidAgreementError("valid_from and valid_until are days of the years 2000 to 2999.")
    return found


def _require(says: str, holds: bool) -> None:  # noqa: FBT001 - the condition reads as one after its sentence
    if not holds:
        raise InvalidAgreementError(says)
