"""Log receipts: what the log promised, signed by its receipt key (FORMATS.md section 7)."""

import base64
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from ledger.errors import SignatureError
from ledger.log.canonical import encode_jcs
from ledger.log.signatures import verify_ed25519
from ledger.log.strict import (
    parse_canonical,
    read_base64,
    read_count,
    read_hex32,
    read_list,
    read_object,
    read_string,
    read_time,
    read_version,
)

DOMAIN_PROMISE: Final = b"cityledger/v1/promise\n"
SIGNATURE_BYTES: Final = 64

_ITEM_MEMBERS: Final = ("anchor_by", "leaf_hash", "leaf_index", "publish_by", "received_at")
_MEMBERS: Final = ("checkpoint", "items", "origin", "signature", "v")


class ReceiptItem(NamedTuple):
    """The promise for one event: its place, and by when it is published and anchored; times as in envelopes."""

    leaf_index: int
    leaf_hash: bytes
    received_at: str
    publish_by: str
    anchor_by: str

    def value(self) -> dict[str, Any]:
        """The item as an object."""
        return {
            "anchor_by": self.anchor_by,
            "leaf_hash": self.leaf_hash.hex(),
            "leaf_index": self.leaf_index,
            "publish_by": self.publish_by,
            "received_at": self.received_at,
        }


class LogReceipt(NamedTuple):
    """One log receipt: one signature for all events of a request.

    ``checkpoint`` is the note that covers all items, when there is one; no items mean that every event was refused.
    """

    origin: str
    items: tuple[ReceiptItem, ...]
    checkpoint: str | None
    signature: bytes

    def value(self) -> dict[str, Any]:
        """The log receipt as an object; ``encode`` is its JCS."""
        return {**self._promise(), "signature": base64.b64encode(self.signature).decode("ascii")}

    def encode(self) -> bytes:
        """JCS of the log receipt."""
        return encode_jcs(self.value())

    def signed_bytes(self) -> bytes:
        """What the receipt key signs: the domain and the JCS without the signature."""
        return DOMAIN_PROMISE + encode_jcs(self._promise())

    def verify(self, receipt_key: bytes) -> None:
        """Checks the signature with the log's 32-byte Ed25519 receipt key.

        Raises:
            SignatureError: not signed by this key.
        """
        verify_ed25519(receipt_key, self.signed_bytes(), self.signature)

    def _promise(self) -> dict[str, Any]:
        return {
            "checkpoint": self.checkpoint,
            "items": [item.value() for item in self.items],
            "origin": self.origin,
            "v": 1,
        }


def sign_receipt(
    origin: str, items: Sequence[ReceiptItem], checkpoint: str | None, receipt_key: Callable[[bytes], bytes]
) -> LogReceipt:
    """A new log receipt; ``receipt_key`` signs bytes with the log's Ed25519 receipt key."""
    unsigned = LogReceipt(origin, tuple(items), checkpoint, b"")
    signature = receipt_key(unsigned.signed_bytes())
    if len(signature) != SIGNATURE_BYTES:
        raise SignatureError(f"an Ed25519 signature has {SIGNATURE_BYTES} bytes")
    return unsigned._replace(signature=signature)


def parse_receipt(raw: bytes) -> LogReceipt:
    """The strict inverse of ``LogReceipt.encode``; the signature is not checked.

    Raises:
        VerificationError: malformed or not canonical.
    """
    return receipt_from_value(parse_canonical(raw, "log receipt"))


def receipt_from_value(value: Any) -> LogReceipt:
    """The log receipt in a parsed JSON value, as API answers carry it.

    Raises:
        MalformedEvidenceError: another member, another type or another spelling.
    """
    members = read_object(value, _MEMBERS, "the log receipt")
    read_version(members["v"], "the log receipt")
    checkpoint = members["checkpoint"]
    if checkpoint is not None:
        read_string(checkpoint, "the log receipt's checkpoint")
    items = tuple(_read_item(item) for item in read_list(members["items"], "the log receipt's items"))
    return LogReceipt(
        read_string(members["origin"], "the log receipt's origin"),
        items,
        checkpoint,
        read_base64(members["signature"], SIGNATURE_BYTES, "the log receipt's signature"),
    )


def _read_item(value: Any) -> ReceiptItem:
    members = read_object(value, _ITEM_MEMBERS, "an item of the log receipt")
    return ReceiptItem(
        read_count(members["leaf_index"], "an item's leaf_index"),
        read_hex32(members["leaf_hash"], "an item's leaf_hash"),
        read_time(members["received_at"], "an item's received_at"),
        read_time(members["publish_by"], "an item's publish_by"),
        read_time(members["anchor_by"], "an item's anchor_by"),
    )
