"""The data map: from the sources of data to the products made of them, and along agreements to those who use them.

A flow is an agreement in force. Who may read the agreement sees between whom it flows; everybody sees how many flows a product has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.catalog_dcat import URN, product_urn

FLOWING: Final = ("signed", "filing", "filed", "in_performance", "ending")
"""States of an agreement from both signatures on until its end."""

FLOWS_TOLD: Final = 20
"""Flows of one product that are told, the newest first."""
FLOWS_COUNTED: Final = 200
"""Flows of one product that are counted."""

FLOWS_STATE: Final = f"agreements in force: of each product the newest {FLOWS_TOLD} that the caller may read; flow_counts has how many there are"


@dataclass(frozen=True, slots=True)
class Flow:
    """Data of a product that flow from one body to another; bodies by subject code and name, ``since`` in RFC 3339."""

    agreement_id: str
    product_code: str
    product_version: int
    provider: tuple[str, str]
    consumer: tuple[str, str]
    state: str
    since: str


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows that a caller sees, and of every product that has any how many there are, up to one more than are counted."""

    seen: Sequence[Flow]
    numbers: Mapping[str, int]


def map_value(entries: Iterable[Mapping[str, Any]], flows: Flows) -> dict[str, Any]:
    """Nodes, each once, and arrows between them, for some entries in their JSON form and the flows of their products."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: list[dict[str, str]] = []
    for entry in entries:
        product = _add(nodes, product_urn(entry["product_code"]), "product", entry["product_code"], entry["title"])
        provider = _add_body(nodes, "provider", entry["provider_code"], entry["provider_name"])
        edges.append({"kind": "offers", "origin": provider, "target": product})
        for one in entry["resources"]:
            code = one["resource_code"]
            resource = _add(nodes, f"{URN}resource:{code}", "resource", code, one["title"])
            edges.append({"kind": "feeds", "origin": resource, "target": product})
    return {
        "flows": [_flow_value(nodes, flow) for flow in flows.seen],
        "flow_counts": [_count_value(code, number) for code, number in sorted(flows.numbers.items())],
        "nodes": list(nodes.values()),
        "edges": edges,
        "flows_state": FLOWS_STATE,
    }


def _flow_value(nodes: dict[str, dict[str, Any]], flow: Flow) -> dict[str, Any]:
    return {
        "origin": _add_body(nodes, "provider", *flow.provider),
        "target": _add_body(nodes, "consumer", *flow.consumer),
        "product": product_urn(flow.product_code),
        "product_version": flow.product_version,
        "agreement_id": flow.agreement_id,
        "state": flow.state,
        "since": flow.since,
    }


def _count_value(product_code: str, number: int) -> dict[str, Any]:
    return {
        "product": product_urn(product_code),
        "agreements": min(number, FLOWS_COUNTED),
        "exact": number <= FLOWS_COUNTED,
    }


def _add_body(nodes: dict[str, dict[str, Any]], kind: str, code: str, name: str) -> str:
    """A body that both provides and uses is one node, of the kind that it was met as first."""
    return _add(nodes, f"{URN}participant:{code}", kind, code, name)


def _add(nodes: dict[str, dict[str, Any]], name: str, kind: str, code: str, title: str) -> str:
    nodes.setdefault(name, {"id": name, "kind": kind, "code": code, "title": title})
    return name
