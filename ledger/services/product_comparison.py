"""Product versions here against those of the registry contract, as its events tell: which differ, and in what.

A step that the chain has mined and not yet made final shows as a difference with ``waiting`` set; it goes by itself. What is withheld here
is listed there: the chain refused to stop it, or nobody could be asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.price import PriceRule
from ledger.domain.records import from_json
from ledger.services.business import StoredObject
from ledger.services.product_objects import Both, chain_id_of, finding_digest

STATUS_OF: Final = {
    "registered": "registered",
    "first_reviewed": "registered",
    "reviewed": "reviewed",
    "rejected": "refused",
    "filed": "filed",
    "listed": "listed",
    "withheld": "listed",
    "suspended": "suspended",
    "delisted": "delisted",
}
"""State here in which nothing waits for the chain -> status there; the others are not on the chain."""

_WEIGHTS: Final = ("public", "enterprise", "personal")
_REVIEWED: Final = frozenset({"reviewed", "refused", "filed", "listed", "suspended"})


@dataclass(frozen=True, slots=True)
class ChainVersion:
    """A version of the contract: members that its events set, and how many acts on it.

    ``revision`` is None when its registration is not among the followed events; then only the status is compared.
    """

    state: Mapping[str, Any]
    revision: int | None

    @property
    def status(self) -> str:
        """Its status; the event of a review says only how it ended."""
        status = str(self.state.get("status"))
        if status != "registered" or "is_approved" not in self.state:
            return status
        return "reviewed" if self.state["is_approved"] else "refused"


@dataclass(frozen=True, slots=True)
class ProductDifference:
    """One difference.

    Args:
        kind: ``version_missing_on_chain``, ``version_unknown_here``, ``status``, ``provider``, ``content_digest``,
            ``price_rule_digest``, ``weights``, ``price``, ``review_digest``, ``filing_digest``, ``ceiling``, ``revision`` (acts that
            did not come from here) or ``frozen``.
        product_id: on the chain.
        product_code: None for a product that is unknown here.
        version: its number; None where it is about the product.
        here: what is recorded here.
        on_chain: what the contract says.
        waiting: the step under way that may explain it.
    """

    kind: str
    product_id: str
    product_code: str | None
    version: int | None
    here: str | None
    on_chain: str | None
    waiting: str | None


def chain_name(product: StoredObject, version: int) -> str:
    """The name of a version in the read model of the contract."""
    return f"0x{chain_id_of(product).hex()}/{version}"


def compare_products(
    here: Iterable[Both], versions: Mapping[str, ChainVersion], frozen: Mapping[str, bool]
) -> list[ProductDifference]:
    """Holds versions against the contract's, and their product with the first of them.

    Args:
        here: versions with their products.
        versions: of the contract, by ``chain_name``.
        frozen: whether a product of the contract is frozen, by its id there; those that never were are missing.
    """
    found: list[ProductDifference] = []
    for both in here:
        product_id = f"0x{chain_id_of(both.product).hex()}"
        found += _of_version(both, product_id, versions.get(f"{product_id}/{both.number}"))
        if both.number == 1:
            found += _of_product(both.product, product_id, is_frozen=frozen.get(product_id, False))
    return found


def unknown_here(names: Sequence[tuple[str, str | None]]) -> list[ProductDifference]:
    """Versions of the contract, by name and status, of products that nobody has here."""
    found = []
    for name, status in names:
        product_id, _, version = name.partition("/")
        found.append(ProductDifference("version_unknown_here", product_id, None, int(version), None, status, None))
    return found


def _of_version(both: Both, product_id: str, there: ChainVersion | None) -> list[ProductDifference]:
    document = both.version.document
    waiting, state = document["waiting"], both.version.state
    state = state if waiting is None else waiting["from"]
    status = _ended(document) if state == "withdrawn" else STATUS_OF.get(state)
    pairs: dict[str, tuple[Any, Any]] = {}
    if there is None:
        pairs["version_missing_on_chain"] = status, None
    elif status is None:
        pairs["status"] = None, there.status
    else:
        pairs["status"] = status, there.status
        if there.revision is not None:
            pairs |= {**_facts(both, status, there), "revision": (document["chain_revision"], there.revision)}
    names = (product_id, both.product.object_id, both.number)
    return _differing(names, pairs, None if waiting is None else waiting["step"])


def _facts(both: Both, status: str, there: ChainVersion) -> dict[str, tuple[Any, Any]]:
    """Kind -> what both say of a version that both have."""
    document, state = both.version.document, there.state
    price = from_json(PriceRule, document["content"]["price"])
    stated, weights = document["content"]["weights"], state["weights"]
    pairs = {
        "provider": ("0x" + document["provider_id"], state["provider"]),
        "content_digest": ("0x" + document["content_digest"], state["content_digest"]),
        "price_rule_digest": ("0x" + document["price_rule_digest"], state["price_rule_digest"]),
        "weights": (
            "/".join(str(stated[kind]) for kind in _WEIGHTS),
            "/".join(str(weights[f"{kind}_weight"]) for kind in _WEIGHTS),
        ),
        "price": (
            f"{price.unit_price_on_chain} {price.currency}",
            f"{state['unit_price']} {bytes.fromhex(state['currency'][2:]).decode('ascii', 'replace')}",
        ),
    }
    if status in _REVIEWED:
        judged = {"first": document["first_review"], "final": document["final_review"]}
        pairs["review_digest"] = "0x" + finding_digest(both.version, judged).hex(), state.get("review_digest")
    filing = document["filing"]
    if filing is not None or "filing_digest" in state:
        digest = None if filing is None else "0x" + finding_digest(both.version, filing).hex()
        pairs["filing_digest"] = digest, state.get("filing_digest")
        ceiling = None if filing is None else filing["ceiling"]["unit_price"]
        pairs["ceiling"] = _shown(ceiling), _shown(state.get("ceiling_unit_price"))
    return pairs


def _of_product(product: StoredObject, product_id: str, *, is_frozen: bool) -> list[ProductDifference]:
    waiting = product.document["waiting"]
    state = product.state if waiting is None else waiting["from"]
    said = {True: "frozen", False: "not frozen"}
    pairs = {"frozen": (said[state == "frozen"], said[is_frozen])}
    return _differing((product_id, product.object_id, None), pairs, None if waiting is None else waiting["step"])


def _differing(
    names: tuple[str, str, int | None], pairs: Mapping[str, tuple[Any, Any]], waiting: str | None
) -> list[ProductDifference]:
    return [
        ProductDifference(kind, *names, _shown(here), _shown(there), waiting)
        for kind, (here, there) in pairs.items()
        if here != there
    ]


def _ended(document: Mapping[str, Any]) -> str | None:
    """Status there of a version that was withdrawn here: a draft was never there, others were taken off the market or refused."""
    if document["destruction"] is None:
        return None
    return "refused" if document["delisting"] is None else "delisted"


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
