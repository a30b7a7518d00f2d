"""The counts that acts on products name (``nonce``): of a version's acts, and of a product's freezes.

A body may relay its own acts directly, so they are taken from the followed events of the contract (``ledger.domain.chain_counts``).
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.acts.product_registry import ProductAct
from ledger.domain.chain_counts import count_of_events, newest_count
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_objects import Both, chain_id_of

REGISTRY: Final = ProductAct.CONTRACT
REGISTERED: Final = "ProductRegistered"
ACTED: Final = "ProductStatusChanged"
FROZEN: Final = "ProductFreezeChanged"


def version_nonce(uow: UnitOfWork, both: Both) -> int:
    """Of the next act on a version."""
    name, document = f"0x{chain_id_of(both.product).hex()}/{both.number}", both.version.document
    followed = uow.followed_changes(REGISTRY, ("product_version",), name)
    counted = count_of_events(followed, name, {ACTED}, begins=REGISTERED)
    return newest_count(document["chain_revision"], document["chain_block"], followed, counted)


def freeze_nonce(uow: UnitOfWork, product: StoredObject) -> int:
    """Of the next freeze of a product, or end of one; the product begins with the registration of its first version."""
    name, document = f"0x{chain_id_of(product).hex()}", product.document
    followed = uow.followed_changes(REGISTRY, ("product", "product_version"), name)
    begins = any((change.event, change.object_id) == (REGISTERED, f"{name}/1") for change in followed.changes)
    counted = sum(change.event == FROZEN for change in followed.changes) if begins else None
    return newest_count(document["freeze_revision"], document["freeze_block"], followed, counted)


def counted(act: StoredObject, name: str) -> Mapping[str, Any]:
    """What a final act says of the count that it named: the next one, and the block it holds from; ``name`` is the count's."""
    return {
        f"{name}_revision": act.document["message"]["nonce"] + 1,
        f"{name}_block": act.document["chain"]["block_number"],
    }
