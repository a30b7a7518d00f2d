"""The catalog in the messages of the Dataspace Protocol 2025-1 (``catalog.protocol``, ``common.protocol``).

Only members of the protocol's schemas are said by their short names; what DCAT says beyond them is written with its prefix, which
the protocol's context declares, and what this space says beyond both with its whole name.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ledger.domain.catalog_dcat import URN, named_in_full, offer_value, price_value, product_urn, service_value
from ledger.errors import InputError, NotFoundError

VERSION: Final = "2025-1"
CONTEXT_URL: Final = "https://w3id.org/dspace/2025/1/context.jsonld"
CONTEXT: Final = (CONTEXT_URL,)
BINDING: Final = "HTTPS"

_DATASET: Final = product_urn("")


class CatalogRequestError(InputError):
    """Not a ``CatalogRequestMessage`` that this catalog answers."""

    code = "invalid_catalog_request"
    title = "Invalid catalog request"


def check_catalog_request(message: Any) -> None:
    """Refuses what is no ``CatalogRequestMessage``, and every filter: the protocol asks for that where none is supported.

    Members that the schema does not name are left alone.

    Raises:
        CatalogRequestError: says what is wrong.
    """
    if not isinstance(message, dict):
        raise CatalogRequestError("The message is not an object.")
    context = message.get("@context")
    if CONTEXT_URL not in (context if isinstance(context, list) else [context]):
        raise CatalogRequestError(f"@context does not have {CONTEXT_URL}.")
    if message.get("@type") != "CatalogRequestMessage":
        raise CatalogRequestError("@type is not CatalogRequestMessage.")
    filters = message.get("filter", [])
    if not isinstance(filters, list):
        raise CatalogRequestError("filter is not an array.")
    if filters:
        raise CatalogRequestError("No filter expression is supported here; leave filter out, or use GET /v1/catalog.")


def product_code_of(dataset_id: str) -> str:
    """The product code in the name of a dataset.

    Raises:
        NotFoundError: it is no name of this catalog.
    """
    if not dataset_id.startswith(_DATASET):
        raise NotFoundError("The catalog has no such dataset.")
    return dataset_id[len(_DATASET) :]


def versions_value(path: str, service_id: str) -> dict[str, Any]:
    """The ``VersionResponse``; ``path`` is what is put behind the root at which it is asked for."""
    version = {
        "version": VERSION,
        "path": path,
        "binding": BINDING,
        "serviceId": service_id,
        "auth": {"protocol": "Bearer", "version": "RFC6750"},
    }
    return {"protocolVersions": [version]}


def dataset_message(entry: Mapping[str, Any], endpoint_url: str) -> dict[str, Any]:
    """The answer to a dataset request."""
    return {"@context": list(CONTEXT), **_dataset(entry, endpoint_url)}


def catalog_message(entries: Iterable[Mapping[str, Any]], participant_id: str, endpoint_url: str) -> dict[str, Any]:
    """The answer to a catalog request: a page of it. Without datasets it has no ``dataset``, which may not be empty."""
    datasets = [_dataset(entry, endpoint_url) for entry in entries]
    message = {
        "@context": list(CONTEXT),
        "@id": f"{URN}catalog:dataspace-protocol",
        "@type": "Catalog",
        "participantId": participant_id,
        "service": [service_value(endpoint_url)],
    }
    return message | ({"dataset": datasets} if datasets else {})


def error_message(code: str, reasons: Iterable[str]) -> dict[str, Any]:
    """A ``CatalogError``."""
    return {"@context": list(CONTEXT), "@type": "CatalogError", "code": code, "reason": list(reasons)}


def _dataset(entry: Mapping[str, Any], endpoint_url: str) -> dict[str, Any]:
    return {
        "@id": product_urn(entry["product_code"]),
        "@type": "Dataset",
        "dct:identifier": entry["product_code"],
        "dct:title": entry["title"],
        "dct:description": entry["description"],
        "dct:publisher": entry["provider_name"],
        "dct:issued": entry["issued"],
        "dct:modified": entry["modified"],
        "dcat:keyword": entry["keywords"],
        "dcat:version": str(entry["version"]),
        **named_in_full({"price": price_value(entry["price"])}),
        "hasPolicy": [offer_value(entry)],
        "distribution": [
            {
                "@type": "Distribution",
                "format": one["transfer_format"],
                "accessService": service_value(endpoint_url),
            }
            for one in entry["distributions"]
        ],
    }
