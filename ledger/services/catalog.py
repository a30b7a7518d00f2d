"""The catalog as use cases see it, and the one JSON form of an entry: what is stored, chained in the change feed, and rendered."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Protocol

from ledger.bundle.catalog_feed import FeedPosition
from ledger.domain.catalog import (
    CatalogEntry,
    CatalogEntryError,
    Distribution,
    Price,
    Resource,
    Share,
    Weights,
)
from ledger.log.timestamps import format_time, parse_time


class Catalog(Protocol):
    """The catalog inside the transaction of a step.

    A step calls it after it has its objects and before it records its event: locks are taken in that order, and the event can name the
    position that comes back.
    """

    def put(self, entry: CatalogEntry, *, at: datetime) -> FeedPosition:
        """Puts an entry in place of what stood under its product code, and says where the feed has that change."""
        ...

    def remove(self, product_code: str, reason: str, *, at: datetime) -> FeedPosition:
        """Takes an entry out; the feed keeps it. Raises ``NotFoundError`` when there is none."""
        ...


def entry_value(entry: CatalogEntry) -> dict[str, Any]:
    """The entry as JSON: every member by its name; times as the log writes them."""
    value = {member.name: _plain(getattr(entry, member.name)) for member in fields(entry)}
    return {name: format_time(member) if isinstance(member, datetime) else member for name, member in value.items()}


def entry_from_value(value: Mapping[str, Any]) -> CatalogEntry:
    """The inverse of ``entry_value``.

    Raises:
        CatalogEntryError: a member is missing, unknown or wrong.
    """
    try:
        return CatalogEntry(
            **dict(value)
            | {
                "keywords": tuple(value["keywords"]),
                "price": Price(**value["price"]),
                "weights": Weights(**value["weights"]),
                "reference_split": tuple(Share(**share) for share in value["reference_split"]),
                "distributions": tuple(Distribution(**one) for one in value["distributions"]),
                "resources": tuple(Resource(**one) for one in value["resources"]),
                "issued": parse_time(value["issued"]),
                "modified": parse_time(value["modified"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise CatalogEntryError("catalog entry: its members are not those of an entry") from error


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Weights | Price | Share | Distribution | Resource):
        return {member.name: getattr(value, member.name) for member in fields(value)}
    return dict(value) if isinstance(value, Mapping) else value
