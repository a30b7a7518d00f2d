"""Products and their versions: what providers do, and reading. What others do with them is in ``product_steps``."""

from collections.abc import Mapping
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

PRODUCTS = "/v1/products"


def get_products(*, state: str | None = None, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """Versions that the caller has to do with, oldest first."""
    return get_page(PRODUCTS, state=state, cursor=cursor, limit=limit)


def get_product(product_code: str) -> Call[RemoteObject]:
    """A product over its versions."""
    return get_object(product_path(product_code))


def get_version(product_code: str, version: int) -> Call[RemoteObject]:
    """What a version states, what was found about it, and what it waits for."""
    return get_object(version_path(product_code, version))


def get_version_history(
    product_code: str, version: int, *, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """Every revision since the draft, oldest first."""
    return get_page(f"{version_path(product_code, version)}/history", cursor=cursor, limit=limit)


def get_product_differences(*, cursor: str | None = None, limit: int | None = None) -> Call[RemotePage]:
    """What is otherwise here than in the registry contract, of a page of versions; a page without items is not the last."""
    return get_page(f"{PRODUCTS}/differences", cursor=cursor, limit=limit)


def draft_product(
    content: Mapping[str, Any], *, region: str, extension: str = "", idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Drafts a product; its code is in the answer.

    Args:
        content: ``ProductFacts`` of the OpenAPI document.
        region: of its code: four digits of GB/T 2260, or 00 and two digits of the industry.
        extension: of its code.
        idempotency_key: the caller's own name of this write.
    """
    sent = {"region": region, "extension": extension, "content": dict(content)}
    return write_object(PRODUCTS, sent, idempotency_key=idempotency_key)


def draft_version(
    product_code: str, content: Mapping[str, Any] | None = None, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Drafts the next version: with this content, or as a copy of the newest."""
    sent = {} if content is None else {"content": dict(content)}
    return write_object(f"{product_path(product_code)}/versions", sent, idempotency_key=idempotency_key)


def edit_version(
    product_code: str,
    version: int,
    content: Mapping[str, Any],
    *,
    revision: int,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Replaces what a draft states, based on ``revision``."""
    path = version_path(product_code, version)
    return write_object(path, content, revision=revision, idempotency_key=idempotency_key, method="PUT")


def register_version(
    product_code: str,
    version: int,
    *,
    revision: int,
    trading_platform: str,
    authorisation_platform: str | None = None,
    filing_authority: str | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Names the bodies that judge a version, by their subject codes, and asks the chain; the last two exactly with public data.

    What is registered is what the draft states at ``revision``.
    """
    sent = {
        "trading_platform": trading_platform,
        "authorisation_platform": authorisation_platform,
        "filing_authority": filing_authority,
    }
    path = f"{version_path(product_code, version)}/registration"
    return write_object(path, sent, revision=revision, idempotency_key=idempotency_key)


def withdraw_version(
    product_code: str,
    version: int,
    destruction: Mapping[str, str] | None = None,
    *,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Ends a version for good; what was registered with evidence of destruction: ``method``, ``digest``, ``destroyed_on``."""
    sent = {} if destruction is None else {"destruction": dict(destruction)}
    return write_object(f"{version_path(product_code, version)}/withdrawal", sent, idempotency_key=idempotency_key)


def product_path(product_code: str) -> str:
    """Where a product is."""
    return f"{PRODUCTS}/{segment(product_code)}"


def version_path(product_code: str, version: int) -> str:
    """Where a version is."""
    return f"{product_path(product_code)}/versions/{version}"
