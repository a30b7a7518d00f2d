"""Hash of an order (``Orders.sol``). An order's id is its consumer's own."""

from ledger.domain.acts.orders import Order
from ledger.domain.hashes.words import hash_words


def order_hash(order: Order) -> bytes:
    """What an order on record is recognised by, 32 bytes; raises ``MalformedEvidenceError`` as ``encode_words``."""
    return hash_words(order)
