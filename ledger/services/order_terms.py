"""What happens to orders by the clock, without anybody asking: one that nobody confirmed lapses, and one whose agreement is over is closed.

The anchor service does it, each order in a transaction of its own. What the calendar says is true from that moment in any case: no use case
confirms a lapsed order or calls off under an agreement that is over.
"""

from ledger.domain.order_life import KIND
from ledger.log.timestamps import format_time
from ledger.services.agreement_objects import KIND as AGREEMENT
from ledger.services.agreement_objects import is_ended, record_agreement
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.order_objects import content_of, move_order


def lapse_in_time(uow: UnitOfWork, order_id: str) -> StoredObject | None:
    """Lets an offered order lapse whose last second to be confirmed is over; nothing where somebody was faster."""
    stored = uow.find(KIND, order_id)
    if stored is None or stored.state != "offered" or uow.now.timestamp() <= content_of(stored).valid_until:
        return None
    return move_order(uow, stored, "lapse", "lapsed", {})


def close_in_time(uow: UnitOfWork, agreement_id: str, order_id: str) -> StoredObject | None:
    """Closes an order in force whose agreement has ended or is over; nothing where somebody was faster."""
    agreement = uow.find(AGREEMENT, agreement_id)  # before the order, as every step of both
    stored = uow.find(KIND, order_id)
    if agreement is None or stored is None or not is_ended(agreement, uow.now):
        return None
    if stored.state != "in_force" or stored.document["agreement_id"] != agreement_id:
        return None
    return move_order(uow, stored, "close", "closed", {}, agreement_id=agreement_id)


def note_orders_closed(uow: UnitOfWork, agreement_id: str) -> StoredObject | None:
    """Notes that no order is in force under an agreement that has ended or is over, so that nobody looks again; the caller has looked."""
    agreement = uow.find(AGREEMENT, agreement_id)
    if agreement is None or agreement.document["orders_closed"] is not None or not is_ended(agreement, uow.now):
        return None
    document = {**agreement.document, "orders_closed": format_time(uow.now)}
    changed = uow.change(agreement, act="close_orders", document=document)
    record_agreement(uow, changed, "orders_closed")
    return changed
