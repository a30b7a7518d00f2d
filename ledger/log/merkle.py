"""The right edge of a growing tree, as peaks: enough to append and to know the root, 32 bytes for each bit of the size.

A tree of ``tree_size`` leaves is a row of complete subtrees (peaks), one for every 1 bit of the size, largest first. Folding
the peaks from the right gives the RFC 9162 root hash.
"""

from collections.abc import Iterable
from typing import Self

from ledger.errors import MalformedEvidenceError
from ledger.log.hashing import EMPTY_ROOT, HASH_BYTES, hash_children, hash_pairs


class CompactRange:
    """The peaks of the tree over the first ``size`` leaves; grows in place.

    Args:
        size: number of leaves.
        hashes: the peaks, largest first; as many as ``size`` has 1 bits, 32 bytes each.

    Raises:
        MalformedEvidenceError: number or length of the peaks does not fit the size.
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self._size = size
        self._hashes = list(hashes)
        if size < 0 or len(self._hashes) != size.bit_count():
            raise MalformedEvidenceError(f"a tree of {size} leaves does not have {len(self._hashes)} peaks")
        if any(len(peak) != HASH_BYTES for peak in self._hashes):
            raise MalformedEvidenceError(f"a peak is {HASH_BYTES} bytes")

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The peaks, largest first."""
        return tuple(self._hashes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompactRange):
            return NotImplemented
        return self._size == other._size and self._hashes == other._hashes

    __hash__ = None  # type: ignore[assignment]  # it changes in place

    def __repr__(self) -> str:
        return f"CompactRange(size={self._size}, root_hash={self.root_hash().hex()})"

    def copy(self) -> Self:
        """An independent copy, to grow without touching this one."""
        return type(self)(self._size, self._hashes)

    def append(self, leaf_hash: bytes) -> None:
        """Append one leaf."""
        self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append leaves in order; the work is one node hash a leaf.

        Level by level: the peak that waits at a level is the left neighbour of the new nodes; a node without a right
        neighbour is the new peak of its level.

        Raises:
            MalformedEvidenceError: a leaf hash is not 32 bytes; nothing was appended.
        """
        nodes = list(leaf_hashes)
        if any(len(node) != HASH_BYTES for node in nodes):
            raise MalformedEvidenceError(f"a leaf hash is {HASH_BYTES} bytes")
        new_size = self._size + len(nodes)
        peaks, new_peaks = self._hashes, []
        size_at_level = self._size
        while nodes:
            if size_at_level & 1:
                nodes.insert(0, peaks.pop())
            if len(nodes) & 1:
                new_peaks.append(nodes.pop())
            nodes = hash_pairs(nodes)
            size_at_level >>= 1
        peaks.extend(reversed(new_peaks))
        self._size = new_size

    def root_hash(self) -> bytes:
        """The RFC 9162 root hash of the leaves so far; ``EMPTY_ROOT`` when there are none."""
        if not self._hashes:
            return EMPTY_ROOT
        root_hash = self._hashes[-1]
        for peak in reversed(self._hashes[:-1]):
            root_hash = hash_children(peak, root_hash)
        return root_hash

    def encode(self) -> bytes:
        """The peaks, largest first, one after the other; the size is kept beside them."""
        return b"".join(self._hashes)

    @classmethod
    def decode(cls, size: int, data: bytes) -> Self:
        """Strict inverse of ``encode``.

        Raises:
            MalformedEvidenceError: the number of bytes is not 32 for each 1 bit of the size.
        """
        if size < 0 or len(data) != size.bit_count() * HASH_BYTES:
            raise MalformedEvidenceError(f"{len(data)} bytes are not the peaks of a tree of {size} leaves")
        return cls(size, split_hashes(data))


def split_hashes(data: bytes) -> list[bytes]:
    """Concatenated 32-byte hashes as a list; the length must be a multiple of 32.

    Raises:
        MalformedEvidenceError: it is not.
    """
    if len(data) % HASH_BYTES:
        raise MalformedEvidenceError(f"{len(data)} bytes are not a whole number of {HASH_BYTES}-byte hashes")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]
