"""The data map: from the sources of data to the products made of them and, once there are agreements, to the flows."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.catalog_dcat import URN, product_urn

NO_FLOWS: Final = "not recorded: flows are those of agreements, which this service does not hold"


def map_value(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Nodes, each once, and arrows between them, for some entries in their JSON form."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: list[dict[str, str]] = []
    for entry in entries:
        product = _add(nodes, product_urn(entry["product_code"]), "product", entry["product_code"], entry["title"])
        provider_id = f"{URN}participant:{entry['provider_code']}"
        provider = _add(nodes, provider_id, "provider", entry["provider_code"], entry["provider_name"])
        edges.append({"kind": "offers", "origin": provider, "target": product})
        for one in entry["resources"]:
            code = one["resource_code"]
            resource = _add(nodes, f"{URN}resource:{code}", "resource", code, one["title"])
            edges.append({"kind": "feeds", "origin": resource, "target": product})
    return {"nodes": list(nodes.values()), "edges": edges, "flows": [], "flows_state": NO_FLOWS}


def _add(nodes: dict[str, dict[str, Any]], name: str, kind: str, code: str, title: str) -> str:
    nodes.setdefault(name, {"id": name, "kind": kind, "code": code, "title": title})
    return name
