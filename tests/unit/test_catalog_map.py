"""The data map: where the data of several products come from."""

from support.catalog_entries import an_entry, provider_code

from ledger.domain.catalog import Resource
from ledger.domain.catalog_map import map_value
from ledger.domain.codes import CodeKind, generate_national_code, parse_national_code
from ledger.domain.subject_code import generate_subject_code
from ledger.services.catalog import entry_value

HOLDER = generate_subject_code("310000", "MH0000010")
RESOURCE = generate_national_code(CodeKind.RESOURCE, HOLDER, "3101", "0" * 8)


def test_data_of_several_products_have_one_source_whose_code_names_its_holder() -> None:
    """Two providers call the same resource by two titles: it stays one, with the title that was there first."""
    entries = [
        an_entry(number, provider_code=provider_code(number), resources=(Resource(RESOURCE, f"title {number}"),))
        for number in (1, 2)
    ]
    found = map_value(entry_value(entry) for entry in entries)

    [source] = [node for node in found["nodes"] if node["kind"] == "resource"]
    fed = {edge["target"] for edge in found["edges"] if edge["origin"] == source["id"]}
    assert fed == {f"urn:cityledger:product:{entry.product_code}" for entry in entries}
    assert (source["code"], source["title"]) == (RESOURCE, "title 1")
    assert parse_national_code(source["code"], CodeKind.RESOURCE).subject == HOLDER
