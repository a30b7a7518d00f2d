"""The data map: where the data of several products come from, and who they flow to."""

from support.catalog_entries import an_entry, provider_code

from ledger.domain.catalog import Resource
from ledger.domain.catalog_map import Flow, Flows, map_value
from ledger.domain.codes import CodeKind, generate_national_code, parse_national_code
from ledger.domain.subject_code import generate_subject_code
from ledger.services.catalog import entry_value

HOLDER = generate_subject_code("310000", "MH0000010")
RESOURCE = generate_national_code(CodeKind.RESOURCE, HOLDER, "3101", "0" * 8)
NO_FLOWS = Flows([], {})


def test_data_of_several_products_have_one_source_whose_code_names_its_holder() -> None:
    """Two providers call the same resource by two titles: it stays one, with the title that was there first."""
    entries = [
        an_entry(number, provider_code=provider_code(number), resources=(Resource(RESOURCE, f"title {number}"),))
        for number in (1, 2)
    ]
    found = map_value((entry_value(entry) for entry in entries), NO_FLOWS)

    [source] = [node for node in found["nodes"] if node["kind"] == "resource"]
    fed = {edge["target"] for edge in found["edges"] if edge["origin"] == source["id"]}
    assert fed == {f"urn:cityledger:product:{entry.product_code}" for entry in entries}
    assert (source["code"], source["title"]) == (RESOURCE, "title 1")
    assert parse_national_code(source["code"], CodeKind.RESOURCE).subject == HOLDER


def test_flow_leads_from_provider_to_consumer_and_a_body_that_is_both_is_one_node() -> None:
    offered = an_entry(1, provider_code=provider_code(1), provider_name="both")
    code = offered.product_code
    flows = [
        Flow("a-1", code, 1, (provider_code(1), "both"), (provider_code(2), "bank"), "filed", "2026-11-21T08:00:00Z"),
        Flow(
            "a-2", code, 1, (provider_code(3), "before"), (provider_code(1), "both"), "signed", "2026-11-20T08:00:00Z"
        ),
    ]
    found = map_value([entry_value(offered)], Flows(flows, {code: 7}))

    kinds = {node["code"]: (node["kind"], node["title"]) for node in found["nodes"] if "participant" in node["id"]}
    assert kinds == {
        provider_code(1): ("provider", "both"),
        provider_code(2): ("consumer", "bank"),
        provider_code(3): ("provider", "before"),
    }
    assert {flow[end] for flow in found["flows"] for end in ("origin", "target", "product")} <= {
        node["id"] for node in found["nodes"]
    }
    assert found["flow_counts"] == [{"product": f"urn:cityledger:product:{code}", "agreements": 7, "exact": True}]
