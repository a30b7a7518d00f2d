"""Catalog entries: what they refuse, their one JSON form, and what the Dataspace Protocol is told of them."""

from typing import Any

import pytest
from support.catalog_entries import an_entry, generated_entries, product_code

from ledger.domain.catalog import CatalogEntryError, Price, Template, Weights
from ledger.domain.catalog_dcat import CONTEXT, dataset_value
from ledger.domain.catalog_dsp import (
    CONTEXT_URL,
    CatalogRequestError,
    catalog_message,
    check_catalog_request,
    dataset_message,
    product_code_of,
)
from ledger.domain.price import Tier
from ledger.errors import NotFoundError
from ledger.log.canonical import encode_jcs, parse_json
from ledger.services.catalog import entry_from_value, entry_value


@pytest.mark.parametrize(
    "wrong",
    [
        {"product_code": "91310000MA0000001X"},
        {"topic": "E0100"},
        {"weights": Weights(1, 1, 1)},
        {"weights": Weights(1_000_001, -1, 0)},
        {"filing_number": None},
        {"price": Price("per_call", "CNY", 1, None, None)},
        {"price": Price("per_call", "cny", 1, 2, "authority")},
        {"price": Price("subscription", "CNY", None, 2, "authority", amount_minor=-1, period="P1M")},
        {"price": Price("volume_tier", "CNY", 1, 2, "authority", (Tier(1, 2**53),))},
        {"policy": {"permission": []}},
        {"policy": {"permission": [{"action": "use"}], "target": "x"}},
        {"distributions": ()},
        {"modified": an_entry().modified.replace(tzinfo=None)},
        {"title": "x" * 257},
        {"state": "draft"},
    ],
)
def test_entry_that_the_formats_do_not_take_cannot_be_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(CatalogEntryError):
        an_entry(**wrong)


def test_entry_is_read_back_from_its_one_json_form() -> None:
    for entry in generated_entries(30):
        assert entry_from_value(entry_value(entry)) == entry
        stored = parse_json(encode_jcs(entry_value(entry)))
        assert isinstance(stored, dict) and entry_from_value(stored) == entry


def test_entry_of_a_time_without_amounts_is_read_and_shown() -> None:
    value = entry_value(an_entry())
    names = ("kind", "currency", "unit_price", "ceiling_unit_price", "ceiling_source")
    earlier = {name: member for name, member in value.items() if name != "contract_template"}
    earlier["price"] = {name: value["price"][name] for name in names}

    assert entry_from_value(earlier) == an_entry()
    assert dataset_value(earlier, "https://space.example") == dataset_value(value, "https://space.example")


@pytest.mark.parametrize("name", ["title", "price", "issued", "resources"])
def test_json_form_without_a_member_or_with_another_is_refused(name: str) -> None:
    value = entry_value(an_entry())
    with pytest.raises(CatalogEntryError):
        entry_from_value({key: member for key, member in value.items() if key != name})
    with pytest.raises(CatalogEntryError):
        entry_from_value(value | {"colour": "red"})


def terms_used(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {key for key in value if not key.startswith("@")} | {
            t for member in value.values() for t in terms_used(member)
        }
    return {term for member in value for term in terms_used(member)} if isinstance(value, list) else set()


def test_context_knows_every_member_that_a_dataset_has() -> None:
    price = Price("volume_tier", "CNY", 1, 2, "authority", (Tier(1, 1),), 3, "P1M", 4, 5)
    entry = an_entry(price=price, contract_template=Template("standard", "ab" * 32))
    dataset = dataset_value(entry_value(entry), "https://space.example/dsp/2025-1")
    own = {name: member for name, member in dataset.items() if name != "hasPolicy"}
    assert terms_used(own) - CONTEXT.keys() == set()
    assert {"filingNumber", "price", "wasDerivedFrom", "accessService", "fromUnits", "digest"} <= terms_used(own)


def test_dataset_has_what_the_protocol_demands() -> None:
    message = dataset_message(entry_value(an_entry()), "https://space.example/dsp/2025-1")
    offer, distribution = message["hasPolicy"][0], message["distribution"][0]

    assert message["@context"] == [CONTEXT_URL]
    assert (offer["@type"], offer["@id"]) == ("Offer", f"urn:cityledger:offer:{product_code(1)}:1")
    assert "target" not in offer and offer["permission"]
    assert distribution["accessService"]["@type"] == "DataService"
    assert product_code_of(message["@id"]) == product_code(1)


def test_catalog_without_datasets_has_no_empty_list() -> None:
    message = catalog_message([], "urn:cityledger:space:x", "https://space.example/dsp/2025-1")
    assert "dataset" not in message and message["service"]


def test_name_that_is_no_dataset_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        product_code_of(product_code(1))


REQUEST: dict[str, Any] = {"@context": [CONTEXT_URL], "@type": "CatalogRequestMessage"}


@pytest.mark.parametrize("more", [{}, {"filter": []}, {"@id": "x", "other": 1}, {"@context": CONTEXT_URL}])
def test_catalog_request_is_taken(more: dict[str, Any]) -> None:
    check_catalog_request(REQUEST | more)


@pytest.mark.parametrize(
    "message",
    [
        [],
        "text",
        {},
        REQUEST | {"@context": ["https://w3id.org/dspace/2024/1/context.json"]},
        REQUEST | {"@type": "DatasetRequestMessage"},
        REQUEST | {"filter": {}},
        REQUEST | {"filter": [{"title": "permit"}]},
    ],
)
def test_other_messages_are_refused(message: Any) -> None:
    with pytest.raises(CatalogRequestError):
        check_catalog_request(message)
