"""What answers state about events: results and log receipts (formats.md sections 7 and 8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from api.watching import LogView
from ledger.log.receipt import LogReceipt, ReceiptItem, sign_receipt
from ledger.log.timestamps import format_time
from ledger.services.ports import EventState, SequencedEvent


@dataclass(frozen=True, slots=True)
class ReceiptSigner:
    """The API's one secret that outsiders rely on: it signs promises, and can neither publish nor fork the log."""

    origin: str
    sign: Callable[[bytes], bytes]

    def receipt(self, events: Sequence[SequencedEvent], view: LogView | None) -> LogReceipt:
        """One log receipt for the events of a request; carries the checkpoint when it covers all of them."""
        covered = (
            view is not None
            and bool(events)
            and view.checkpoint is not None
            and max(event.leaf_index for event in events) < view.checkpoint_size
        )
        checkpoint = view.checkpoint if covered and view is not None else None
        return sign_receipt(self.origin, [receipt_item(event) for event in events], checkpoint, self.sign)


def receipt_item(event: SequencedEvent) -> ReceiptItem:
    """The promise for one event: the facts and deadlines of its first acknowledgement."""
    return ReceiptItem(
        leaf_index=event.leaf_index,
        leaf_hash=event.leaf_hash,
        received_at=format_time(event.received_at),
        publish_by=format_time(event.received_at + timedelta(seconds=event.promise.publish_within_s)),
        anchor_by=format_time(event.received_at + timedelta(seconds=event.promise.anchor_within_s)),
    )


def result_value(source: str, event_id: str, event: SequencedEvent, view: LogView | None) -> dict[str, Any]:
    """One result; without a view nothing is known beyond that the event is sequenced."""
    covered = view is not None and event.leaf_index < view.checkpoint_size
    return {
        "source": source,
        "id": event_id,
        "state": str(state_of(event.leaf_index, view)),
        "leaf_index": event.leaf_index,
        "leaf_hash": event.leaf_hash.hex(),
        "tree_size": view.checkpoint_size if covered and view is not None else None,
        "received_at": format_time(event.received_at),
    }


def state_of(leaf_index: int, view: LogView | None) -> EventState:
    """The state of an event in a view."""
    return EventState.SEQUENCED if view is None else view.watermarks.state_of(leaf_index)
