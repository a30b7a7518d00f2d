"""The bytes of a log receipt that the API writes are those that its format defines."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from api.rendering import ReceiptSigner, answer
from api.watching import LogView
from ledger.log.receipt import ReceiptItem, parse_receipt, sign_receipt
from ledger.log.timestamps import format_time
from ledger.services.ports import Promise, SequencedEvent, Watermarks

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "0123456789abcdef.cityledger.invalid/2026"
NOTE = f"{ORIGIN}\n100\nab8YqgvLrKdNL6A4OEmf6xuFmi5PsgXhiz1VgnyWc8s=\n\n— {ORIGIN} 4fVy\n"

TIMES = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone.utc, timezone(timedelta(hours=8))]),  # noqa: UP017  both spellings of UTC
)
EVENTS = st.builds(
    SequencedEvent,
    leaf_index=st.integers(0, 120),
    leaf_hash=st.binary(min_size=32, max_size=32),
    received_at=TIMES,
    promise=st.builds(Promise, publish_within_s=st.integers(1, 600), anchor_within_s=st.integers(1, 86_400)),
)


def view(size: int) -> LogView:
    return LogView(Watermarks(120, size, 0, 0), NOTE, size)


def item(event: SequencedEvent) -> ReceiptItem:
    return ReceiptItem(
        leaf_index=event.leaf_index,
        leaf_hash=event.leaf_hash,
        received_at=format_time(event.received_at),
        publish_by=format_time(event.received_at + timedelta(seconds=event.promise.publish_within_s)),
        anchor_by=format_time(event.received_at + timedelta(seconds=event.promise.anchor_within_s)),
    )


@given(st.lists(EVENTS, max_size=5), st.none() | st.integers(0, 130))
def test_receipt_is_the_defined_bytes(events: list[SequencedEvent], size: int | None) -> None:
    covered = size is not None and bool(events) and all(event.leaf_index < size for event in events)

    written = ReceiptSigner(ORIGIN, KEY.sign).receipt(events, None if size is None else view(size))

    expected = sign_receipt(ORIGIN, [item(event) for event in events], NOTE if covered else None, KEY.sign)
    assert written == expected.encode()
    parse_receipt(written).verify(KEY.public_key().public_bytes_raw())


@pytest.mark.parametrize("name", ["result", "results"])
def test_answer_holds_the_receipt_as_it_was_signed(name: str) -> None:
    receipt = ReceiptSigner(ORIGIN, KEY.sign).receipt([], None)

    body = answer(receipt, name, [{"id": 'a"b\n'}])

    assert receipt in body
    assert json.loads(body) == {"receipt": json.loads(receipt), name: [{"id": 'a"b\n'}]}
