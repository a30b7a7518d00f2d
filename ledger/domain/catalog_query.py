"""What may be asked of the catalog, and what an entry answers: the meaning that the SQL index has to have.

An entry is found when it is listed, has every term of the text, has for every facet asked one of the values asked, and lies in the
ranges. ``matches`` says that for one entry; tests hold the index to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from ledger.domain.catalog import LISTED, CatalogEntry
from ledger.domain.search_terms import QueryTerm, terms_of_query

FACETS: Final = (
    *("topic", "scene", "delivery_form", "source", "frequency"),
    *("security_level", "quality", "price_kind", "public_data", "provider_code"),
)
"""What is counted, and may be asked by value."""


class Sort(StrEnum):
    """Orders of a page; each ends with the product code, so that it is total."""

    RELEVANCE = "relevance"
    """Found by title or keywords first, then by the rest; each newest first. Without a text the same as ``newest``."""
    NEWEST = "newest"
    PRICE = "price"
    """By currency, then unit price, cheapest first; without a unit price last."""
    TITLE = "title"
    """By code points, not by pronunciation."""


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """A question to the catalog; all that is given must hold. Prices are as in ``Price``; ranges include both ends."""

    text: str = ""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    currency: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    modified_from: datetime | None = None
    modified_to: datetime | None = None

    @property
    def terms(self) -> tuple[QueryTerm, ...]:
        """The terms of the text."""
        return terms_of_query(self.text)

    @property
    def is_everything(self) -> bool:
        """Whether every listed entry is found."""
        return not (self.terms or any(self.choices.values())) and self.ranges == (None,) * 5

    @property
    def ranges(self) -> tuple[object, ...]:
        """All bounds, in a fixed order."""
        return (self.currency, self.price_from, self.price_to, self.modified_from, self.modified_to)


def facet_values(entry: CatalogEntry) -> dict[str, str]:
    """The value of every facet."""
    special = {"public_data": "yes" if entry.has_public_data else "no", "price_kind": entry.price.kind}
    return {name: special.get(name) or str(getattr(entry, name)) for name in FACETS}


def matches(entry: CatalogEntry, query: CatalogQuery) -> bool:
    """Whether the query finds the entry."""
    values = facet_values(entry)
    return (
        entry.state == LISTED
        and has_terms(entry.terms, query.terms)
        and all(not wanted or values[name] in wanted for name, wanted in query.choices.items())
        and (query.currency is None or entry.price.currency == query.currency)
        and _within(entry.price.unit_price, query.price_from, query.price_to)
        and (query.modified_from is None or entry.modified >= query.modified_from)
        and (query.modified_to is None or entry.modified <= query.modified_to)
    )


def has_terms(terms: frozenset[str], wanted: tuple[QueryTerm, ...]) -> bool:
    """Whether every wanted term is there."""
    return all(
        any(term.startswith(one.text) for term in terms) if one.is_beginning else one.text in terms for one in wanted
    )


def _within(price: int | None, low: int | None, high: int | None) -> bool:
    if low is None and high is None:
        return True
    return price is not None and (low is None or price >= low) and (high is None or price <= high)
