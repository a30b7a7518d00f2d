"""What ``fsck`` holds an entry of the catalog against: its product and version, in the form of the time when it was put."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from support.product_steps import Life
from support.product_world import a_world

from anchor.fsck_catalog import _is_of
from ledger.log.canonical import encode_jcs

LATER = ("tiers", "amount_minor", "period", "share", "ceiling_amount_minor")

Alter = Callable[[dict[str, Any]], object]


def of_before(entry: dict[str, Any]) -> None:
    """As entries were put before they told every kind of price."""
    del entry["contract_template"]
    for name in LATER:
        del entry["price"][name]


def is_of(alter: Alter) -> bool:
    life = Life(a_world(), public=True).until("listed")
    entry = copy.deepcopy(life.world.catalog[life.code])
    alter(entry)
    product = life.world.objects["product", life.code]
    return _is_of(product, life.stored, "listed", encode_jcs(entry))


def test_entry_is_that_of_its_product_also_in_the_form_of_an_earlier_time() -> None:
    assert is_of(lambda _entry: None)
    assert is_of(of_before)


@pytest.mark.parametrize(
    "alter",
    [
        lambda entry: entry["price"].update(unit_price=1),
        lambda entry: entry["price"].update(share=1),
        lambda entry: entry["price"].pop("tiers"),
        lambda entry: entry.pop("contract_template"),
        lambda entry: entry["contract_template"].update(digest="00" * 32),
        lambda entry: (of_before(entry), entry["price"].update(unit_price=1)),
        lambda entry: (of_before(entry), entry.pop("title")),
    ],
)
def test_altered_entry_is_found_in_either_form(alter: Alter) -> None:
    assert not is_of(alter)
