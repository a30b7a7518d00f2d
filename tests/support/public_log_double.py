"""A published log in memory: real keys, signatures, tiles and receipts; only the storage and the network are left out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import MalformedEvidenceError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import CompactRange
from ledger.log.receipt import LogReceipt, ReceiptItem, sign_receipt
from ledger.log.tiles import TILE_WIDTH, encode_bundle, entry_bundle_path, grow_tiles
from ledger.log.timestamps import format_time
from ledger.log.typed_data import LogIdentity, keccak256

ORIGIN = "0123456789abcdef.cityledger.invalid/2026"
RECEIVED_AT = datetime(2026, 11, 21, 9, 41, tzinfo=UTC)
PUBLISH_BY = RECEIVED_AT + timedelta(seconds=60)
ANCHOR_BY = RECEIVED_AT + timedelta(seconds=600)


class LogKeys:
    """The three keys of a log, made from one byte."""

    def __init__(self, seed: int = 1) -> None:
        self.checkpoint = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.receipt = Ed25519PrivateKey.from_private_bytes(bytes([seed + 100]) * 32)
        self.anchor = PrivateKey(bytes([seed]) * 32)
        address = keccak256(self.anchor.public_key.format(compressed=False)[1:])[12:]
        public_key = self.checkpoint.public_key().public_bytes_raw()
        self.identity = LogIdentity(31337, b"\xab" * 20, ORIGIN, public_key, address)

    @property
    def receipt_public_key(self) -> bytes:
        return self.receipt.public_key().public_bytes_raw()

    def sign_digest(self, digest: bytes) -> bytes:
        signature = self.anchor.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes([signature[64] + 27])


class PublishedLog:
    """A log of ``entries``; every tile of every size it ever had stays readable, as on a real server."""

    def __init__(self, entries: Sequence[bytes] = (), keys: LogKeys | None = None) -> None:
        self.keys = keys or LogKeys()
        self.entries: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self.append(entries)

    def append(self, entries: Sequence[bytes]) -> None:
        if not entries:
            return
        self.entries += entries
        leaf_hashes = [hash_leaf(entry) for entry in self.entries]
        self.files |= {address.path: data for address, data in grow_tiles(0, {}, leaf_hashes)}
        for start in range(0, len(self.entries), TILE_WIDTH):
            part = self.entries[start : start + TILE_WIDTH]
            self.files[entry_bundle_path(start // TILE_WIDTH, len(part))] = encode_bundle(part)

    def read_tile(self, path: str) -> bytes:
        if path not in self.files:
            raise MalformedEvidenceError(f"no {path}")
        return self.files[path]

    def head(self, tree_size: int | None = None) -> Checkpoint:
        tree = CompactRange()
        tree.extend([hash_leaf(entry) for entry in self.entries[:tree_size]])
        return Checkpoint(ORIGIN, tree.size, tree.root_hash())

    def note(self, tree_size: int | None = None) -> str:
        return self.sign(self.head(tree_size))

    def sign(self, head: Checkpoint) -> str:
        return sign_checkpoint(head, self.keys.checkpoint.sign, self.keys.sign_digest, self.keys.identity)

    def item(self, leaf_index: int, leaf_hash: bytes | None = None) -> ReceiptItem:
        times = format_time(RECEIVED_AT), format_time(PUBLISH_BY), format_time(ANCHOR_BY)
        return ReceiptItem(leaf_index, leaf_hash or hash_leaf(self.entries[leaf_index]), *times)

    def receipt(self, items: Sequence[ReceiptItem], checkpoint: str | None = None) -> LogReceipt:
        return sign_receipt(ORIGIN, items, checkpoint, self.keys.receipt.sign)
