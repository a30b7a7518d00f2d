"""What all steps of products share: the two objects, their digests, their moves and their events.

Objects: ``product`` (code; versions, freeze, what is on sale) and ``product_version`` (``<code>/<version>``; content and reviews). A step
locks the product first, then the version, then the catalog, and records its event last. Acts for the chain have the product as their
subject; the version is in the act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.domain.product import ProductContent
from ledger.domain.product_life import KIND, life_of
from ledger.domain.records import from_json
from ledger.domain.transitions import TransitionTable
from ledger.errors import NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.services.business import StoredObject, UnitOfWork, salt_of_ids

PRODUCT: Final = "product"
VERSION: Final = KIND
EVENT: Final = "org.cityledger.product.{}.v1"
PROVIDERS: Final = ("provider", "developer", "data_holder")
"""Roles whose bodies may have products."""


@dataclass(frozen=True, slots=True)
class Both:
    """A version with its product, both locked."""

    product: StoredObject
    version: StoredObject

    @property
    def number(self) -> int:
        """The version's number, from 1."""
        return int(self.version.document["version"])

    @property
    def content(self) -> ProductContent:
        """What the version states."""
        return from_json(ProductContent, self.version.document["content"])

    @property
    def life(self) -> TransitionTable:
        """The version's table."""
        return life_of(is_public(self.version))


def version_id(product_code: str, version: int) -> str:
    """Name of a version's object."""
    return f"{product_code}/{version}"


def is_public(version: StoredObject) -> bool:
    """Whether public data are in it."""
    return bool(version.document["content"]["weights"]["public"])


def load(uow: UnitOfWork, product_code: str, version: int) -> Both:
    """Product and version, locked in this order.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    product = uow.find(PRODUCT, product_code)
    stored = uow.get(VERSION, version_id(product_code, version))
    if product is None:
        raise NotFoundError("There is no such product.")
    return Both(product, stored)


def chain_id_of(product: StoredObject) -> bytes:
    """The product's id on the chain, 32 bytes; salted, so that nobody can take it before its provider does."""
    salt = salt_of_ids(product)
    return sha256(b"cityledger/v1/product\n" + salt + product.object_id.encode()).digest()


def content_digest(version: StoredObject) -> bytes:
    """Salted SHA-256 of what the version states, in canonical JSON."""
    return _salted(version, b"content", version.document["content"])


def price_rule_digest(version: StoredObject) -> bytes:
    """Salted SHA-256 of price rule and ceiling, in canonical JSON."""
    content = version.document["content"]
    return _salted(version, b"price", {"price": content["price"], "ceiling": content["ceiling"]})


def price_rule_paper(version: StoredObject) -> dict[str, Any]:
    """What ``price_rule_digest`` is over, with its salt: the paper for whoever signs that digest and does not have the version."""
    content = {name: version.document["content"][name] for name in ("price", "ceiling")}
    return {"domain": "cityledger/v1/product-price", "salt": version.document["salt"], "content": content}


def registered_facts(both: Both) -> dict[str, Any]:
    """The members of ``ProductVersion`` and of the acts that repeat it: all of the version as its provider registers it."""
    content = both.content
    return {
        "product_id": chain_id_of(both.product),
        "version": both.number,
        "provider": bytes.fromhex(both.version.document["provider_id"]),
        "content_digest": content_digest(both.version),
        "price_rule_digest": price_rule_digest(both.version),
        "public_weight": content.weights.public,
        "enterprise_weight": content.weights.enterprise,
        "personal_weight": content.weights.personal,
        "currency": content.price.currency.encode(),
        "unit_price": content.price.unit_price_on_chain,
    }


def finding_digest(version: StoredObject, finding: Mapping[str, Any]) -> bytes:
    """Salted SHA-256 of a review, a filing or a reason, in canonical JSON."""
    return _salted(version, b"finding", finding)


def move(
    uow: UnitOfWork,
    both: Both,
    act: str,
    event: str,
    changes: Mapping[str, Any],
    *,
    parties: tuple[str, ...] | None = None,
    **data: Any,
) -> StoredObject:
    """One move of the version along its table, with its event.

    Args:
        uow: of the use case.
        both: the version.
        act: of its table.
        event: past tense.
        changes: members of the document.
        parties: who sees it from now on, when that changes.
        **data: what else the event says: ids and digests.
    """
    changed = change(uow, both, act, changes, parties=parties)
    record(uow, both, event, state=changed.state, **data)
    return changed


def change(
    uow: UnitOfWork, both: Both, act: str, changes: Mapping[str, Any], *, parties: tuple[str, ...] | None = None
) -> StoredObject:
    """The move without its event, for steps that change the catalog in between: its locks come before those of events."""
    state = both.life.next(both.version.state, act)
    document = {**both.version.document, **changes}
    return uow.change(both.version, act=act, state=state, document=document, parties=parties)


def record(uow: UnitOfWork, both: Both, event: str, **data: Any) -> None:
    """The evidence of a step of a version."""
    code = both.product.object_id
    uow.record(EVENT.format(event), {"product_code": code, "version": both.number, **data}, subject=code)


def _salted(version: StoredObject, kind: bytes, value: Any) -> bytes:
    return salted_digest(version, kind, encode_jcs(value))


def salted_digest(stored: StoredObject, kind: bytes, content: bytes) -> bytes:
    """SHA-256 over the kind of content, the object's salt and the content, 32 bytes."""
    return product_digest(salt_of_ids(stored), kind, content)


def product_digest(salt: bytes, kind: bytes, content: bytes) -> bytes:
    """As ``salted_digest``, for whoever has the salt and not the object: a signer who checks what an act stands for."""
    return sha256(b"cityledger/v1/product-" + kind + b"\n" + salt + content).digest()
