"""What the catalog shows of a product: its newest listed version, else its newest suspended one, else nothing."""

from collections.abc import Mapping
from typing import Any

from ledger.bundle.catalog_feed import FeedPosition
from ledger.domain.product_life import PRODUCT_LIFE
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.catalog_checks import expect_check, expect_no_check
from ledger.services.product_objects import VERSION, Both, version_id


def feed_facts(position: FeedPosition | None) -> dict[str, Any]:
    """What the event of a step says of the catalog's feed: the place of its change and the chain digest there; nothing when it made none.

    Who holds the log holds so a digest of the feed that nobody can alter later (``ledger.bundle.catalog_feed``).
    """
    if position is None:
        return {}
    return {"feed_sequence": position.sequence, "feed_chain_digest": position.chain_digest.hex()}


def set_on_sale(uow: UnitOfWork, both: Both, state: str | None, *, act: str) -> FeedPosition | None:
    """Notes how a version stands in the market, and has the catalog show the product so.

    Returns the place of that in the catalog's feed; None when nothing is shown otherwise than before.

    Args:
        uow: of the use case.
        both: the version.
        state: ``listed``, ``suspended``, or None when it is not on sale any more.
        act: for the product's history.
    """
    if both.product.document["on_sale"].get(str(both.number)) == state:
        return None
    on_sale = {number: was for number, was in both.product.document["on_sale"].items() if number != str(both.number)}
    if state is not None:
        on_sale[str(both.number)] = state
    product = uow.change(both.product, act=act, document={**both.product.document, "on_sale": on_sale})
    if on_sale and not both.product.document["on_sale"]:
        expect_check(uow, product)
    elif not on_sale:
        expect_no_check(uow, product)
    return show(uow, product, act, known=both.version)


def show(
    uow: UnitOfWork, product: StoredObject, reason: str, *, known: StoredObject | None = None
) -> FeedPosition | None:
    """Has the catalog show the product's newest listed version, else its newest suspended one, else nothing.

    Returns the place of that in the catalog's feed.

    Args:
        uow: of the use case.
        product: as it is now.
        reason: why, for the catalog's feed when it goes.
        known: a version that the use case holds already.
    """
    place = shown_of(product)
    if place is None:
        return uow.remove_from_catalog(product.object_id, reason)
    name, state = place
    version = known if known is not None and known.object_id == name else uow.find(VERSION, name)
    assert version is not None, "what is on sale is there"
    return uow.publish_to_catalog(catalog_entry(product, version, state))


def shown_of(product: StoredObject) -> tuple[str, str] | None:
    """Which version the catalog shows of a product (its object's name), and as what; None when nothing is on sale."""
    on_sale = product.document["on_sale"]
    listed = [int(number) for number, state in on_sale.items() if state == "listed"]
    number = max(listed or map(int, on_sale), default=None)
    if number is None:
        return None
    state = on_sale[str(number)] if product.state == PRODUCT_LIFE.initial else "frozen"
    return version_id(product.object_id, number), state


def catalog_entry(product: StoredObject, version: StoredObject, state: str) -> dict[str, Any]:
    """The version as an entry of the catalog (``ledger.services.catalog.entry_value``).

    What it states never changes once it is registered, so ``modified`` is when it was listed: stopping and resuming an offer changes its
    ``state`` and makes nothing newer.
    """
    document, content = version.document, version.document["content"]
    filing = document["filing"]
    same = (
        *("title", "description", "keywords", "topic", "scene", "delivery_form", "source", "frequency", "quality"),
        *("security_level", "sensitivity_grade", "spatial", "reference_split", "resources", "weights"),
        "contract_template",
    )
    return {
        **{name: content[name] for name in same},
        "product_code": product.object_id,
        "version": document["version"],
        "provider_code": document["provider"],
        "provider_name": document["provider_name"],
        "price": _price(content["price"], None if filing is None else filing["ceiling"]),
        "filing_number": None if filing is None else filing["number"],
        "policy": {name: rules for name, rules in content["policy"].items() if name != "@type"},
        "distributions": [
            {name: way[name] for name in ("transfer_format", "media_type", "delivery_method")}
            for way in content["interfaces"]
        ],
        "issued": document["listed_at"],
        "modified": document["listed_at"],
        "state": state,
    }


def _price(rule: Mapping[str, Any], ceiling: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole rule; ``unit_price`` is what entries are sorted by, so that of the first tier stands there too."""
    limits = {} if ceiling is None else ceiling
    return {
        **{name: rule[name] for name in ("kind", "currency", "unit_price", "tiers", "amount_minor", "period", "share")},
        **({"unit_price": rule["tiers"][0]["unit_price"]} if rule["tiers"] else {}),
        **{f"ceiling_{name}": limits.get(name) for name in ("unit_price", "source", "amount_minor")},
    }
