"""The one JSON form of a catalog entry: what is stored, chained in the change feed, and rendered."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from ledger.domain.catalog import (
    CatalogEntry,
    CatalogEntryError,
    Distribution,
    Price,
    Resource,
    Share,
    Template,
    Weights,
)
from ledger.domain.price import Tier
from ledger.log.timestamps import format_time, parse_time


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
                "price": _price(value["price"]),
                "weights": Weights(**value["weights"]),
                "reference_split": tuple(Share(**share) for share in value["reference_split"]),
                "distributions": tuple(Distribution(**one) for one in value["distributions"]),
                "resources": tuple(Resource(**one) for one in value["resources"]),
                "issued": parse_time(value["issued"]),
                "modified": parse_time(value["modified"]),
                "contract_template": _template(value.get("contract_template")),
            }
        )
    except (KeyError, TypeError) as error:
        raise CatalogEntryError("catalog entry: its members are not those of an entry") from error


def _price(value: Mapping[str, Any]) -> Price:
    tiers = tuple(Tier(**tier) for tier in value.get("tiers", ()))
    return Price(**{**value, "tiers": tiers})


def _template(value: Mapping[str, Any] | None) -> Template | None:
    return None if value is None else Template(**value)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Weights | Price | Tier | Share | Distribution | Resource | Template):
        return {member.name: _plain(getattr(value, member.name)) for member in fields(value)}
    return dict(value) if isinstance(value, Mapping) else value
