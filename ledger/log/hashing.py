"""Hashes of the Merkle tree (RFC 9162 section 2.1.1): SHA-256, leaves and nodes kept apart by their first byte."""

from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves."""


def hash_leaf(entry: bytes) -> bytes:
    """The leaf hash of an entry: SHA-256(0x00 || entry)."""
    return sha256(LEAF_PREFIX + entry).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right).

    Both children must be 32 bytes; callers that take them from outside check that first, because this function is the
    inner loop of everything and does not.
    """
    return sha256(NODE_PREFIX + left + right).digest()


def hash_pairs(hashes: list[bytes]) -> list[bytes]:
    """The parents of an even number of neighbouring nodes, left to right: one level of the tree at once.

    The same as ``hash_children`` on every pair, without a call for each; this is what makes building fast.
    """
    lefts = iter(hashes)
    return [sha256(NODE_PREFIX + left + right).digest() for left, right in zip(lefts, lefts, strict=True)]
