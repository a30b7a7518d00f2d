"""What all steps of products share: the two objects, their digests, how one waits for the chain, and what the catalog shows.

Objects: ``product`` (code; versions, freeze, what is on sale) and ``product_version`` (``<code>/<version>``; content and reviews). A step
locks the product first, then the version. Acts for the chain have the product as their
subject; the version is in the act.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.domain.product import ProductContent
from ledger.domain.product_life import KIND, PRODUCT_LIFE, life_of
from ledger.domain.records import from_json
from ledger.domain.transitions import TransitionTable
from ledger.domain.typed_acts import Act
from ledger.errors import NotFoundError
from ledger.log.canonical import encode_jcs
from ledger.log.timestamps import format_time
from ledger.services import steps
from ledger.services.acts import Signer, propose_act
from ledger.services.business import StoredObject, UnitOfWork

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
    salt = bytes.fromhex(product.document["salt"])
    return sha256(b"cityledger/v1/product\n" + salt + product.object_id.encode()).digest()


def content_digest(version: StoredObject) -> bytes:
    """Salted SHA-256 of what the version states, in canonical JSON."""
    return _salted(version, b"content", version.document["content"])


def price_rule_digest(version: StoredObject) -> bytes:
    """Salted SHA-256 of price rule and ceiling, in canonical JSON."""
    content = version.document["content"]
    return _salted(version, b"price", {"price": content["price"], "ceiling": content["ceiling"]})


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
    state = both.life.next(both.version.state, act)
    document = {**both.version.document, **changes}
    changed = uow.change(both.version, act=act, state=state, document=document, parties=parties)
    record(uow, both, event, state=state, **data)
    return changed


def record(uow: UnitOfWork, both: Both, event: str, **data: Any) -> None:
    """The evidence of a step of a version."""
    code = both.product.object_id
    uow.record(EVENT.format(event), {"product_code": code, "version": both.number, **data}, subject=code)


def ask_chain(
    uow: UnitOfWork,
    both: Both,
    step: str,
    act: Act,
    signers: Sequence[Signer],
    *,
    function: str,
    sets: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Proposes the act of a step; gives the member ``waiting`` for the version's document.

    Args:
        uow: of the use case.
        both: what it is about.
        step: the act of the version's table that asks for it.
        act: what is signed.
        signers: by whom.
        function: of ``ProductRegistry``.
        sets: members of the document that hold once the chain agrees.
    """
    proposed = propose_act(uow, both.product, act, function=function, step=f"product.{step}", signers=signers)
    return {"step": step, "act_id": proposed.object_id, "from": both.version.state, "sets": dict(sets or {})}


DONE: Final = {
    "register": "registered",
    "pass_final_review": "reviewed",
    "reject": "rejected",
    "file": "filed",
    "list": "listed",
    "suspend": "suspended",
    "resume": "resumed",
    "delist": "delisted",
}
"""Step -> past tense of its event once the chain agrees."""

_ON_SALE: Final = {"list": "listed", "resume": "listed", "suspend": "suspended", "delist": None}


def _completed(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> None:
    both = _of_act(uow, product, act)
    waiting = both.version.document["waiting"]
    step, chain = waiting["step"], act.document["chain"]
    changes = {"waiting": None, "refused": None, **waiting["sets"]}
    if step in _ON_SALE:  # the contract counts these acts; the next one names the count
        changes["chain_revision"] = both.version.document["chain_revision"] + 1
    moved = move(uow, both, "confirm", DONE[step], changes, act_id=act.object_id, tx_hash=chain["tx_hash"])
    if step in _ON_SALE:
        set_on_sale(uow, Both(product, moved), _ON_SALE[step], act=DONE[step])


def _refused(uow: UnitOfWork, product: StoredObject, act: StoredObject, reason: str) -> None:
    both = _of_act(uow, product, act)
    waiting = both.version.document["waiting"]
    refused = {"step": waiting["step"], "reason": reason, "at": format_time(uow.now), "act_id": act.object_id}
    back = f"return_to_{waiting['from']}"
    changes = {"waiting": None, "refused": refused}
    moved = move(uow, both, back, f"{DONE[waiting['step']]}_refused", changes, act_id=act.object_id, reason=reason)
    both = Both(product, moved)
    if waiting["step"] in {"suspend", "delist"} and str(both.number) in product.document["on_sale"]:
        set_on_sale(uow, both, moved.state, act="refused")
    else:  # a new revision, so that the same act proposed anew is another object
        uow.change(product, act="refused")


def _of_act(uow: UnitOfWork, product: StoredObject, act: StoredObject) -> Both:
    version = uow.find(VERSION, version_id(product.object_id, act.document["message"]["version"]))
    assert version is not None, "an act is proposed for a version that is there"
    return Both(product, version)


def set_on_sale(uow: UnitOfWork, both: Both, state: str | None, *, act: str) -> None:
    """Notes how a version stands in the market, and has the catalog show the product so.

    Args:
        uow: of the use case.
        both: the version.
        state: ``listed``, ``suspended``, or None when it is not on sale any more.
        act: for the product's history.
    """
    if both.product.document["on_sale"].get(str(both.number)) == state:
        return
    on_sale = {number: was for number, was in both.product.document["on_sale"].items() if number != str(both.number)}
    if state is not None:
        on_sale[str(both.number)] = state
    product = uow.change(both.product, act=act, document={**both.product.document, "on_sale": on_sale})
    show(uow, product, act, known=both.version)


def show(uow: UnitOfWork, product: StoredObject, reason: str, *, known: StoredObject | None = None) -> None:
    """Has the catalog show the product's newest listed version, else its newest suspended one, else nothing.

    Args:
        uow: of the use case.
        product: as it is now.
        reason: why, for the catalog's feed when it goes.
        known: a version that the use case holds already.
    """
    on_sale = product.document["on_sale"]
    listed = [int(number) for number, state in on_sale.items() if state == "listed"]
    number = max(listed or map(int, on_sale), default=None)
    if number is None:
        uow.remove_from_catalog(product.object_id, reason)
        return
    name = version_id(product.object_id, number)
    version = known if known is not None and known.object_id == name else uow.find(VERSION, name)
    assert version is not None, "what is on sale is there"
    state = on_sale[str(number)] if product.state == PRODUCT_LIFE.initial else "frozen"
    uow.publish_to_catalog(catalog_entry(product, version, state))


def catalog_entry(product: StoredObject, version: StoredObject, state: str) -> dict[str, Any]:
    """The version as an entry of the catalog (``ledger.services.catalog.entry_value``)."""
    document, content = version.document, version.document["content"]
    price, ceiling = content["price"], document["filing"]
    same = ("title", "description", "keywords", "topic", "scene", "delivery_form", "source", "frequency", "quality")
    return {
        **{
            name: content[name]
            for name in (*same, "security_level", "spatial", "reference_split", "resources", "weights")
        },
        "product_code": product.object_id,
        "version": document["version"],
        "provider_code": document["provider"],
        "provider_name": document["provider_name"],
        "price": {
            "kind": price["kind"],
            "currency": price["currency"],
            "unit_price": price["unit_price"] if price["tiers"] == [] else price["tiers"][0]["unit_price"],
            "ceiling_unit_price": None if ceiling is None else ceiling["ceiling"]["unit_price"],
            "ceiling_source": None if ceiling is None else ceiling["ceiling"]["source"],
        },
        "filing_number": None if ceiling is None else ceiling["number"],
        "policy": {name: rules for name, rules in content["policy"].items() if name != "@type"},
        "distributions": [
            {name: way[name] for name in ("transfer_format", "media_type", "delivery_method")}
            for way in content["interfaces"]
        ],
        "issued": document["listed_at"],
        "modified": format_time(version.changed_at),
        "state": state,
    }


def _salted(version: StoredObject, kind: bytes, value: Any) -> bytes:
    return salted_digest(version, kind, encode_jcs(value))


def salted_digest(stored: StoredObject, kind: bytes, content: bytes) -> bytes:
    """SHA-256 over the kind of content, the object's salt and the content, 32 bytes."""
    return sha256(b"cityledger/v1/product-" + kind + b"\n" + bytes.fromhex(stored.document["salt"]) + content).digest()


for _step in DONE:
    steps.register_step(f"product.{_step}", steps.Step(_completed, _refused))
