"""Demands: the demand standard (the elements that a demand has), its life, and how well an offer meets it, with reasons. Pure.

Budgets are minor units of a currency. The contact is in the sealed private part of the object, never here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ledger.domain.catalogue_codes import DeliveryForm, QualityLevel, SecurityLevel, UpdateFrequency, scene_of, topic_of
from ledger.domain.code_list import parse_listed
from ledger.domain.search_terms import terms_of_text
from ledger.domain.transitions import TransitionTable
from ledger.errors import InputError

KIND: Final = "demand"

LIFE: Final = TransitionTable(
    KIND,
    "published",
    {
        ("published", "match"): "matched",
        ("matched", "match"): "matched",
        ("published", "bid"): "bidding",
        ("matched", "bid"): "bidding",
        ("bidding", "bid"): "bidding",
        ("bidding", "select"): "selected",
        ("selected", "follow_up"): "followed_up",
        ("followed_up", "follow_up"): "followed_up",
        ("followed_up", "close"): "closed",
        ("published", "withdraw"): "withdrawn",
        ("matched", "withdraw"): "withdrawn",
        ("bidding", "withdraw"): "withdrawn",
    },
)

BID: Final = "bid"
BID_LIFE: Final = TransitionTable(
    BID,
    "submitted",
    {
        ("submitted", "select"): "selected",
        ("submitted", "pass_over"): "passed_over",
        ("submitted", "close"): "closed",
    },
)
"""Of a bid: one is selected and the others are passed over, or all are closed with their demand."""

NOTICE: Final = "demand_notice"
NOTICE_LIFE: Final = TransitionTable(NOTICE, "sent", {("sent", "push"): "sent"})
"""Of a demand in a provider's inbox: pushed again when it matches otherwise, and never taken away."""

SCORE_OF: Final[Mapping[str, int]] = {
    "topic": 25,
    "words": 20,
    "delivery_form": 10,
    "frequency": 10,
    "quality": 10,
    "region": 10,
    "budget": 10,
    "scene": 5,
}
"""What each reason is worth; all together 100."""

NOT_COMPARED: Final = "budget_not_compared"
"""Stands among the reasons, worth nothing, where a price has no amount that a budget can be held against, as a share of revenue has none."""

LEAST_SCORE: Final = 40
"""What an offer needs to be a match."""

DESCRIPTION_CHARACTERS_MAX: Final = 2_000
"""Of an offer's description that are looked at for words; all of its title and keywords are."""

MILLIONTHS: Final = 1_000_000
_REGION: Final = re.compile(r"[0-9]{6}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_AS_OFTEN: Final = {code: place for place, code in enumerate(("001", "002", "003", "004", "005", "006", "007"))}
"""Table 4 in descending frequency; irregular and historical data meet only a demand for just that."""


class InvalidDemandError(InputError):
    """A demand lacks an element of the demand standard, or one is not what it says; names it."""

    code = "invalid_demand"
    title = "Invalid demand"


@dataclass(frozen=True, slots=True)
class DemandItem:
    """One kind of data that is wanted, with the fields that it has to have."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """The required elements of a demand (A253); the contact, which is required too, is kept apart.

    Args:
        title: up to 256 characters.
        purpose: what the data are for.
        scenario: where they are used, in words.
        topic: code of the catalogue.
        scene: code of the catalogue.
        items: what is wanted, at least one.
        frequency: how often at least (table 4).
        region: six digits.
        currency: ISO 4217.
        budget_minor: the most that may be spent, minor units.
        quality: the least level (table 5).
        security_level: the highest that the asker can handle (table 6).
        security_requirement: how the data are protected where they are used.
        delivery_form: table 3.
        deadline: last day for bids, YYYY-MM-DD.
    """

    title: str
    purpose: str
    scenario: str
    topic: str
    scene: str
    items: tuple[DemandItem, ...]
    frequency: str
    region: str
    currency: str
    budget_minor: int
    quality: str
    security_level: str
    security_requirement: str
    delivery_form: str
    deadline: str

    def __post_init__(self) -> None:
        topic_of(self.topic)
        scene_of(self.scene)
        parse_listed(UpdateFrequency, self.frequency)
        parse_listed(QualityLevel, self.quality)
        parse_listed(SecurityLevel, self.security_level)
        parse_listed(DeliveryForm, self.delivery_form)
        for problem, is_there in (
            ("title has 1 to 256 characters.", not _within(self.title, 256)),
            ("purpose has 1 to 2000 characters.", not _within(self.purpose, 2_000)),
            ("scenario has 1 to 2000 characters.", not _within(self.scenario, 2_000)),
            ("security_requirement has 1 to 2000 characters.", not _within(self.security_requirement, 2_000)),
            ("There are 1 to 50 items.", not 1 <= len(self.items) <= 50),
            ("An item has a name and 1 to 200 fields.", not all(map(_is_item, self.items))),
            ("region has six digits.", _REGION.fullmatch(self.region) is None),
            ("currency is three capital letters.", _CURRENCY.fullmatch(self.currency) is None),
            ("budget_minor is 0 to 2^53 - 1.", not 0 <= self.budget_minor < 2**53),
            ("deadline is a day before the year 9999, YYYY-MM-DD.", not _is_day(self.deadline)),
        ):
            if is_there:
                raise InvalidDemandError(problem)


@dataclass(frozen=True, slots=True)
class Match:
    """How well an offer meets a demand, 0 to 100, and why: ``(reason, worth)`` for everything that it meets, and for what was not compared."""

    product_code: str
    version: int
    provider_code: str
    score: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def is_good(self) -> bool:
        """Whether it is worth showing."""
        return self.score >= LEAST_SCORE


def match(demand: Demand, entry: Mapping[str, Any]) -> Match | None:
    """Holds an entry of the catalog against a demand; None when it cannot be used at all: not listed, or too sensitive to handle.

    Every reason is one of ``SCORE_OF``, or ``NOT_COMPARED``, and can be checked by anybody who has both.
    """
    return _match(demand, _words(demand), entry)


def _match(demand: Demand, wanted: frozenset[str], entry: Mapping[str, Any]) -> Match | None:
    if entry["state"] != "listed" or entry["security_level"] > demand.security_level:
        return None
    reasons = tuple((name, SCORE_OF[name]) for name, is_met in _reasons(demand, wanted, entry) if is_met)
    score = sum(worth for _, worth in reasons)
    if _least_cost(demand, entry["price"]) is None:
        reasons += ((NOT_COMPARED, 0),)
    return Match(entry["product_code"], entry["version"], entry["provider_code"], score, reasons)


def best_matches(demand: Demand, entries: list[Mapping[str, Any]], most: int) -> tuple[Match, ...]:
    """The good matches, best first; of equal ones the product code decides."""
    wanted = _words(demand)
    found = [one for one in (_match(demand, wanted, entry) for entry in entries) if one is not None and one.is_good]
    return tuple(sorted(found, key=lambda one: (-one.score, one.product_code))[:most])


def _words(demand: Demand) -> frozenset[str]:
    """What title and items of a demand are found by: the same for every offer."""
    return terms_of_text("\n".join((demand.title, *(item.name for item in demand.items))))


def _reasons(demand: Demand, wanted: frozenset[str], entry: Mapping[str, Any]) -> list[tuple[str, bool]]:
    begins = entry["description"][:DESCRIPTION_CHARACTERS_MAX]
    offered = terms_of_text("\n".join((entry["title"], *entry["keywords"], begins)))
    cost, spatial = _least_cost(demand, entry["price"]), entry["spatial"]
    return [
        ("topic", entry["topic"][:3] == demand.topic[:3]),
        ("words", bool(wanted & offered)),
        ("delivery_form", entry["delivery_form"] == demand.delivery_form),
        ("frequency", _is_as_often(entry["frequency"], demand.frequency)),
        ("quality", entry["quality"] <= demand.quality),
        ("region", spatial is not None and _covers(spatial, demand.region)),
        ("budget", cost is not None and cost <= demand.budget_minor * MILLIONTHS),
        ("scene", entry["scene"][0] == demand.scene[0]),
    ]


def _is_as_often(offered: str, wanted: str) -> bool:
    if offered in _AS_OFTEN and wanted in _AS_OFTEN:
        return _AS_OFTEN[offered] <= _AS_OFTEN[wanted]
    return offered == wanted


def _covers(area: str, place: str) -> bool:
    """Whether a region code (province, city or district) is the place or one above it."""
    significant = area.rstrip("0")
    digits = len(significant) + len(significant) % 2
    return place[:digits] == area[:digits]


def bid_id(demand_id: str, bidder: str) -> str:
    """Name of a bid: one of each body for each demand."""
    return f"{demand_id}/{bidder}"


def _least_cost(demand: Demand, price: Mapping[str, Any]) -> int | None:
    """What the least use costs, one unit or one period, in millionths of a minor unit; None where that cannot be said.

    A share of what the buyer earns has no amount, and amounts of another currency are not converted.
    """
    if price["currency"] != demand.currency or price.get("share") is not None:
        return None
    unit_price, amount_minor = price["unit_price"], price.get("amount_minor")
    if unit_price is not None:
        return int(unit_price)
    return None if amount_minor is None else amount_minor * MILLIONTHS


def _within(text: str, most: int) -> bool:
    return 1 <= len(text.strip()) <= len(text) <= most and "\x00" not in text


def _is_item(item: DemandItem) -> bool:
    return _within(item.name, 256) and 1 <= len(item.fields) <= 200 and all(_within(name, 128) for name in item.fields)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10 and text < "9999"
