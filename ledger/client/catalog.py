"""The catalog: search, facets, one product, the change feed, the data map, regulators' checks, and the Dataspace Protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, post_object, segment, write_object

CATALOG = "/v1/catalog"
DSP = "/dsp/2025-1/catalog"


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; of a list of codes any will do, and all that is given must hold.

    Args:
        text: words, or parts of Chinese text.
        topic: topic codes; likewise the lists below it.
        public_data: with or without public data; None for both.
        currency: needed with a price.
        price_from: millionths of a minor unit; likewise ``price_to``.
        modified_from: RFC 3339; likewise ``modified_to``.
    """

    text: str = ""
    topic: Sequence[str] = ()
    scene: Sequence[str] = ()
    delivery_form: Sequence[str] = ()
    source: Sequence[str] = ()
    frequency: Sequence[str] = ()
    security_level: Sequence[str] = ()
    quality: Sequence[str] = ()
    price_kind: Sequence[str] = ()
    provider_code: Sequence[str] = ()
    public_data: bool | None = None
    currency: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    modified_from: str | None = None
    modified_to: str | None = None

    @property
    def query(self) -> dict[str, str | Sequence[str] | None]:
        """As query parameters."""
        numbers = {"price_from": self.price_from, "price_to": self.price_to}
        lists = ("topic", "scene", "delivery_form", "source", "frequency", "security_level", "quality", "price_kind")
        return {
            "q": self.text or None,
            **{name: getattr(self, name) for name in (*lists, "provider_code")},
            "public_data": None if self.public_data is None else ("yes" if self.public_data else "no"),
            "currency": self.currency,
            **{name: None if number is None else str(number) for name, number in numbers.items()},
            "modified_from": self.modified_from,
            "modified_to": self.modified_to,
        }


EVERYTHING = Question()


def search_catalog(
    question: Question = EVERYTHING, *, sort: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """Products on offer that the question finds."""
    return get_page(CATALOG, cursor=cursor, limit=limit, sort=sort, **question.query)


def get_facets(question: Question = EVERYTHING) -> Call[RemoteObject]:
    """Counts of the same question."""
    return get_object(f"{CATALOG}/facets", **question.query)


def get_data_map(
    question: Question = EVERYTHING, *, cursor: str | None = None, limit: int | None = None
) -> Call[RemoteObject]:
    """From source to product to flow; a page at a time, ``next_cursor`` is in the answer."""
    return get_object(f"{CATALOG}/map", **question.query, cursor=cursor, limit=None if limit is None else str(limit))


def get_changes(*, after: int = 0, limit: int | None = None) -> Call[RemoteObject]:
    """The change feed after a sequence number; ``ledger.bundle.catalog_feed`` checks that it is complete."""
    return get_object(f"{CATALOG}/changes", after=str(after), limit=None if limit is None else str(limit))


def get_entry(product_code: str) -> Call[RemoteObject]:
    """One product."""
    return get_object(f"{CATALOG}/{segment(product_code)}")


def get_checks(product_code: str, *, limit: int | None = None) -> Call[RemotePage]:
    """Regulators' checks of its metadata, the newest first, on one page."""
    return get_page(f"{CATALOG}/{segment(product_code)}/checks", limit=limit)


def record_check(
    product_code: str,
    *,
    finding: str,
    members: Sequence[str],
    remarks_digest: str | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Records what a regulator found: ``conforms`` or ``deviates``, in which members, and SHA-256 of remarks in hex."""
    sent = {"finding": finding, "members": list(members), "remarks_digest": remarks_digest}
    return write_object(f"{CATALOG}/{segment(product_code)}/checks", sent, idempotency_key=idempotency_key)


def request_dsp_catalog(message: Mapping[str, Any], *, continuation_token: str | None = None) -> Call[RemoteObject]:
    """The catalog by the Dataspace Protocol: ``message`` is a ``CatalogRequestMessage``."""
    query = () if continuation_token is None else (("continuationToken", continuation_token),)
    return post_object(f"{DSP}/request", message, query)


def get_dsp_dataset(dataset_id: str) -> Call[RemoteObject]:
    """One product by the Dataspace Protocol; ``dataset_id`` is the ``@id`` of its entry."""
    return get_object(f"{DSP}/datasets/{segment(dataset_id)}")


def get_dsp_versions(*, under_dsp: bool = False) -> Call[RemoteObject]:
    """Versions of the Dataspace Protocol; ``under_dsp`` asks where clients look that take ``/dsp`` for the root."""
    return get_object(f"{'/dsp' if under_dsp else ''}/.well-known/dspace-version")
