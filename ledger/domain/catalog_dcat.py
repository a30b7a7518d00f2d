"""Catalog entries as DCAT-AP 3 datasets: one shape, which is plain JSON and, with its ``@context``, JSON-LD 1.1.

The context is in the document and not behind a URL, so that it is read without a network. Member names are those of DCAT and
Dublin Core; what these do not have is in the vocabulary ``urn:cityledger:vocabulary:``. National codes are the values; as JSON-LD
they become names such as ``urn:cityledger:code:topic:D0100``.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.catalog_labels import sharing_scope_of, techniques_of, terms_of

URN: Final = "urn:cityledger:"
EXCERPT_CHARACTERS: Final = 200

_CODE: Final = f"{URN}code:"
_ODRL: Final = "http://www.w3.org/ns/odrl/2/"


def _coded(term: str, vocabulary: str) -> dict[str, Any]:
    return {"@id": term, "@type": "@vocab", "@context": {"@vocab": f"{_CODE}{vocabulary}:"}}


_POLICY: Final[Mapping[str, Any]] = {
    "@vocab": _ODRL,
    "action": {"@id": f"{_ODRL}action", "@type": "@vocab"},
    "leftOperand": {"@id": f"{_ODRL}leftOperand", "@type": "@vocab"},
    "operator": {"@id": f"{_ODRL}operator", "@type": "@vocab"},
}

CONTEXT: Final[Mapping[str, Any]] = {
    "@version": 1.1,
    "cityledger": f"{URN}vocabulary:",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "odrl": _ODRL,
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "Agent": "foaf:Agent",
    "Catalog": "dcat:Catalog",
    "Dataset": "dcat:Dataset",
    "DataService": "dcat:DataService",
    "Distribution": "dcat:Distribution",
    "Resource": "dcat:Resource",
    "accessService": "dcat:accessService",
    "accessURL": {"@id": "dcat:accessURL", "@type": "@id"},
    "accrualPeriodicity": _coded("dct:accrualPeriodicity", "frequency"),
    "amountMinor": "cityledger:amountMinor",
    "contractTemplate": "cityledger:contractTemplate",
    "currency": "cityledger:currency",
    "ceilingAmountMinor": "cityledger:ceilingAmountMinor",
    "ceilingSource": "cityledger:ceilingSource",
    "ceilingUnitPrice": "cityledger:ceilingUnitPrice",
    "dataSource": _coded("cityledger:dataSource", "source"),
    "dataset": {"@id": "dcat:dataset", "@container": "@set"},
    "deliveryForm": _coded("cityledger:deliveryForm", "delivery_form"),
    "deliveryMethod": _coded("cityledger:deliveryMethod", "delivery_method"),
    "description": "dct:description",
    "digest": "cityledger:digest",
    "distribution": {"@id": "dcat:distribution", "@container": "@set"},
    "endpointURL": {"@id": "dcat:endpointURL", "@type": "@id"},
    "enterprise": "cityledger:enterprise",
    "filingNumber": "cityledger:filingNumber",
    "format": "dct:format",
    "fromUnits": "cityledger:fromUnits",
    "hasPolicy": {"@id": "odrl:hasPolicy", "@container": "@set", "@context": _POLICY},
    "identifier": "dct:identifier",
    "issued": {"@id": "dct:issued", "@type": "xsd:dateTime"},
    "keyword": {"@id": "dcat:keyword", "@container": "@set"},
    "kind": "cityledger:priceKind",
    "mediaType": "dcat:mediaType",
    "modified": {"@id": "dct:modified", "@type": "xsd:dateTime"},
    "name": "foaf:name",
    "period": "cityledger:period",
    "permits": {"@id": "cityledger:permits", "@type": "@vocab", "@container": "@set", "@context": {"@vocab": _ODRL}},
    "personal": "cityledger:personal",
    "price": "cityledger:price",
    "prohibits": {
        "@id": "cityledger:prohibits",
        "@type": "@vocab",
        "@container": "@set",
        "@context": {"@vocab": _ODRL},
    },
    "public": "cityledger:public",
    "publisher": "dct:publisher",
    "quality": _coded("cityledger:quality", "quality"),
    "referenceSplit": {"@id": "cityledger:referenceSplit", "@container": "@set"},
    "role": "cityledger:role",
    "scene": _coded("cityledger:scene", "scene"),
    "securityLevel": _coded("cityledger:securityLevel", "security_level"),
    "sensitivityGrade": "cityledger:sensitivityGrade",
    "share": "cityledger:share",
    "sharingScope": "cityledger:sharingScope",
    "spatial": "dct:spatial",
    "state": "cityledger:state",
    "technique": {"@id": "cityledger:technique", "@container": "@set"},
    "theme": _coded("dcat:theme", "topic"),
    "tiers": {"@id": "cityledger:tiers", "@container": "@list"},
    "title": "dct:title",
    "unitPrice": "cityledger:unitPrice",
    "version": "dcat:version",
    "wasDerivedFrom": {"@id": "prov:wasDerivedFrom", "@container": "@set"},
    "weights": "cityledger:weights",
}


def product_urn(product_code: str) -> str:
    """The name of a product as a dataset; the separator of an extended code may stand in an IRI as it is."""
    return f"{URN}product:{product_code}"


def offer_value(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's ODRL offer, with its name; its target is the dataset around it."""
    name = f"{URN}offer:{entry['product_code']}:{entry['version']}"
    return {**entry["policy"], "@id": name, "@type": "Offer"}


def service_value(endpoint_url: str) -> dict[str, Any]:
    """The data service where a product is negotiated and got."""
    return {"@id": f"{URN}service:dataspace-protocol", "@type": "DataService", "endpointURL": endpoint_url}


def dataset_value(entry: Mapping[str, Any], endpoint_url: str) -> dict[str, Any]:
    """An entry's JSON form as a dataset, without ``@context``; members that the entry does not have are left out."""
    value = _shown(entry) | {
        "keyword": entry["keywords"],
        "hasPolicy": [offer_value(entry)],
        "distribution": [_distribution(one, endpoint_url) for one in entry["distributions"]],
        "wasDerivedFrom": [_resource(resource) for resource in entry["resources"]],
        "issued": entry["issued"],
    }
    return _without_none(value)


def preview_value(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a list shows of an entry: enough to choose by, with the beginning of its description."""
    shown = _without_none(_shown(entry))
    if len(shown["description"]) > EXCERPT_CHARACTERS:
        shown["description"] = shown["description"][:EXCERPT_CHARACTERS] + "…"
    shown["format"] = [one["transfer_format"] for one in entry["distributions"]]
    return shown


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What lists show of a dataset too; None for what the entry does not have."""
    return {
        "@id": product_urn(entry["product_code"]),
        "@type": "Dataset",
        "identifier": entry["product_code"],
        "filingNumber": entry["filing_number"],
        "version": str(entry["version"]),
        "title": entry["title"],
        "description": entry["description"],
        "publisher": {"@type": "Agent", "identifier": entry["provider_code"], "name": entry["provider_name"]},
        "theme": entry["topic"],
        "scene": entry["scene"],
        "deliveryForm": entry["delivery_form"],
        "technique": techniques_of(entry),
        "dataSource": entry["source"],
        "accrualPeriodicity": entry["frequency"],
        "securityLevel": entry["security_level"],
        "sensitivityGrade": entry.get("sensitivity_grade"),
        "quality": entry["quality"],
        "sharingScope": sharing_scope_of(entry),
        **terms_of(entry),
        "price": price_value(entry["price"]),
        "weights": entry["weights"],
        "referenceSplit": entry["reference_split"],
        "modified": entry["modified"],
        "spatial": entry["spatial"],
        "state": entry["state"],
        "contractTemplate": entry.get("contract_template"),
    }


def price_value(price: Mapping[str, Any]) -> dict[str, Any]:
    """What a product costs: the members that its kind of price has, and the ceiling; entries of earlier times have fewer."""
    tiers = [{"fromUnits": one["from_units"], "unitPrice": one["unit_price"]} for one in price.get("tiers", ())]
    return _without_none(
        {
            "kind": price["kind"],
            "currency": price["currency"],
            "unitPrice": price["unit_price"],
            "tiers": tiers or None,
            "amountMinor": price.get("amount_minor"),
            "period": price.get("period"),
            "share": price.get("share"),
            "ceilingUnitPrice": price["ceiling_unit_price"],
            "ceilingAmountMinor": price.get("ceiling_amount_minor"),
            "ceilingSource": price["ceiling_source"],
        }
    )


def named_in_full(value: Any) -> Any:
    """The same with whole names in place of the short ones of ``CONTEXT``, for documents that have another context."""
    if isinstance(value, Mapping):
        return {_full_name(name): named_in_full(member) for name, member in value.items()}
    return [named_in_full(one) for one in value] if isinstance(value, list) else value


def _full_name(name: str) -> str:
    term = CONTEXT[name]
    prefix, _, rest = (term if isinstance(term, str) else term["@id"]).partition(":")
    return f"{CONTEXT[prefix]}{rest}"


def as_json_ld(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same document as JSON-LD."""
    return {"@context": CONTEXT, **value}


def catalog_value(entries: Iterable[Mapping[str, Any]], publisher: str, endpoint_url: str) -> dict[str, Any]:
    """A page of the catalog as a ``dcat:Catalog``, without ``@context``."""
    return {
        "@id": f"{URN}catalog:{publisher}",
        "@type": "Catalog",
        "title": f"Catalog of {publisher}",
        "description": f"Data products on offer in the space {publisher}, a page of them.",
        "publisher": {"@type": "Agent", "name": publisher},
        "dataset": [dataset_value(entry, endpoint_url) for entry in entries],
    }


def _distribution(one: Mapping[str, Any], endpoint_url: str) -> dict[str, Any]:
    return _without_none(
        {
            "@type": "Distribution",
            "format": one["transfer_format"],
            "mediaType": one["media_type"],
            "deliveryMethod": one["delivery_method"],
            "accessURL": endpoint_url,
            "accessService": service_value(endpoint_url),
        }
    )


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    code = resource["resource_code"]
    return {"@id": f"{URN}resource:{code}", "@type": "Resource", "identifier": code, "title": resource["title"]}


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in value.items() if member is not None}
