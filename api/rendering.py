"""What answers state about events: results and log receipts (formats.md sections 7 and 8).

A bulk answer states every event twice, as result and as promise. So the promise is written as bytes once, signed, and put into
the answer as it is; ``tests/http/test_rendering.py`` holds these bytes to ``ledger.log.receipt``.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from api.watching import LogView
from ledger.log.receipt import DOMAIN_PROMISE
from ledger.log.timestamps import format_time
from ledger.services.ports import EventState, Promise, SequencedEvent


@dataclass(frozen=True, slots=True)
class ReceiptSigner:
    """The API's one secret that outsiders rely on: it signs promises, and can neither publish nor fork the log."""

    origin: str
    sign: Callable[[bytes], bytes]

    def receipt(self, events: Sequence[SequencedEvent], view: LogView | None) -> bytes:
        """JCS of one log receipt for the events of a request; carries the checkpoint when it covers all of them."""
        checkpoint = None
        if view is not None and events and max(event.leaf_index for event in events) < view.checkpoint_size:
            checkpoint = view.checkpoint
        items = ",".join([_item(event) for event in events])
        # Members in the order of RFC 8785; the signature's place is between origin and v.
        head = b'{"checkpoint":%b,"items":[%b],"origin":%b,' % (
            orjson.dumps(checkpoint),
            items.encode("ascii"),
            orjson.dumps(self.origin),
        )
        signature = base64.b64encode(self.sign(DOMAIN_PROMISE + head + b'"v":1}'))
        return head + b'"signature":"%b","v":1}' % signature


def _item(event: SequencedEvent) -> str:
    """The promise for one event: the facts and deadlines of its first acknowledgement."""
    anchor_by, publish_by, received_at = _promised_times(event.received_at, event.promise)
    return (
        f'{{"anchor_by":"{anchor_by}","leaf_hash":"{event.leaf_hash.hex()}","leaf_index":{event.leaf_index},'
        f'"publish_by":"{publish_by}","received_at":"{received_at}"}}'
    )


# The events of a request share their times, so each is written once.
@lru_cache(maxsize=256)
def _promised_times(received_at: datetime, promise: Promise) -> tuple[str, str, str]:
    return (
        format_time(received_at + timedelta(seconds=promise.anchor_within_s)),
        format_time(received_at + timedelta(seconds=promise.publish_within_s)),
        format_time(received_at),
    )


def result_value(source: str, event_id: str, event: SequencedEvent, view: LogView | None) -> dict[str, Any]:
    """One result; without a view nothing is known beyond that the event is sequenced."""
    covered = view is not None and event.leaf_index < view.checkpoint_size
    return {
        "source": source,
        "id": event_id,
        "state": state_of(event.leaf_index, view).value,
        "leaf_index": event.leaf_index,
        "leaf_hash": event.leaf_hash.hex(),
        "tree_size": view.checkpoint_size if covered and view is not None else None,
        "received_at": _promised_times(event.received_at, event.promise)[2],
    }


def answer(receipt: bytes, name: str, value: Any) -> bytes:
    """The body of an answer: the log receipt, and the result or results under ``name``."""
    return b'{"receipt":%b,"%b":%b}' % (receipt, name.encode("ascii"), orjson.dumps(value))


def state_of(leaf_index: int, view: LogView | None) -> EventState:
    """The state of an event in a view."""
    return EventState.SEQUENCED if view is None else view.watermarks.state_of(leaf_index)
