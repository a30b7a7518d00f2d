"""The log as C2SP tiles (c2sp.org/tlog-tiles v0.1.0): entry bundles, growing the tiles, and reading nodes from them.

Hash tile n of level l holds the hashes of the complete subtrees of 256^l leaves with the indexes n * 256 up to n * 256 + 255;
bundle n holds the entries themselves of level-0 tile n. Full tiles never change. The right edge is partial tiles, whose width
is part of their name, so a name never means two contents.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ledger.errors import InputError, InvalidPathError, MalformedEvidenceError, TooLargeError
from ledger.log.hashing import HASH_BYTES, hash_pairs
from ledger.log.merkle import CompactRange, split_hashes
from ledger.log.proof import Node
from ledger.log.tile_names import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileAddress,
    TileLevel,
    entry_bundle_path,
    parse_tile_path,
    tile_path,
)
from ledger.log.verify import MAX_TREE_SIZE

__all__ = [
    "ENTRIES",
    "ENTRY_BYTES_MAX",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "TileAddress",
    "TileNodeReader",
    "advance_right_edge",
    "compact_range_from_right_edge",
    "edge_tiles",
    "encode_bundle",
    "entry_bundle_path",
    "grow_tiles",
    "level_size",
    "parse_bundle",
    "parse_tile_path",
    "tile_path",
    "tiles_to_write",
]

ENTRY_BYTES_MAX: Final = 2**16 - 1
"""Longest entry: bundles give it a 16-bit length."""


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: 1 to 256 entries, each after its length as a big-endian uint16.

    Raises:
        InputError: no entry or more than 256.
        TooLargeError: an entry is above 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise InputError(f"a bundle holds 1 to {TILE_WIDTH} entries, got {len(entries)}")
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise TooLargeError(f"an entry is at most {ENTRY_BYTES_MAX} bytes, got {len(entry)}")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Strict inverse of ``encode_bundle`` for a bundle of ``width`` entries.

    Raises:
        MalformedEvidenceError: truncated, or bytes are left over after ``width`` entries.
    """
    entries: list[bytes] = []
    position = 0
    for _ in range(width):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        if start > len(data) or position > len(data):
            raise MalformedEvidenceError(f"an entry bundle ends inside entry {len(entries)} of {width}")
        entries.append(data[start:position])
    if position != len(data):
        raise MalformedEvidenceError(f"{len(data) - position} bytes follow the {width} entries of a bundle")
    return entries


def level_size(tree_size: int, level: int) -> int:
    """How many hashes level ``level`` of the tiles has in a tree of that size: its complete subtrees of 256^level leaves."""
    return tree_size >> (TILE_HEIGHT * level)


def edge_tiles(tree_size: int) -> list[TileAddress]:
    """The partial hash tiles of a tree of that size, lowest level first: what growing it needs to know (its right edge)."""
    addresses: list[TileAddress] = []
    level = 0
    while size := level_size(tree_size, level):
        if size % TILE_WIDTH:
            addresses.append(TileAddress(level, size // TILE_WIDTH, size % TILE_WIDTH))
        level += 1
    return addresses


def tiles_to_write(old_size: int, new_size: int) -> list[TileAddress]:
    """Everything to write when a log grows: entry bundles first, then hash tiles, lowest level first, left to right.

    Requires 0 <= old_size <= new_size. Contains every full tile that became full and the partial tiles of the new size.

    Raises:
        InvalidPathError: the sizes are not in that order.
    """
    if not 0 <= old_size <= new_size <= MAX_TREE_SIZE:
        raise InvalidPathError(f"a log does not grow from size {old_size} to size {new_size}")
    addresses = _tiles_of_level(ENTRIES, old_size, new_size)
    level = 0
    while level_size(old_size, level) < level_size(new_size, level):
        addresses += _tiles_of_level(level, level_size(old_size, level), level_size(new_size, level))
        level += 1
    return addresses


def _tiles_of_level(level: TileLevel, old_count: int, new_count: int) -> list[TileAddress]:
    """The tiles of one level that differ when it grows from ``old_count`` to ``new_count`` hashes (or entries)."""
    if old_count == new_count:
        return []
    full_count, width = divmod(new_count, TILE_WIDTH)
    addresses = [TileAddress(level, index) for index in range(old_count // TILE_WIDTH, full_count)]
    return [*addresses, TileAddress(level, full_count, width)] if width else addresses


def grow_tiles(
    old_size: int, right_edge: Mapping[int, bytes], leaf_hashes: Sequence[bytes]
) -> list[tuple[TileAddress, bytes]]:
    """The hash tiles to write when ``leaf_hashes`` are appended to a tree of ``old_size`` leaves, with their contents.

    They are exactly the hash tiles of ``tiles_to_write(old_size, old_size + len(leaf_hashes))``, in that order. The new right
    edge is ``advance_right_edge(right_edge, these tiles)``. Check an edge read from a store against the known head first:
    ``compact_range_from_right_edge(old_size, right_edge)`` has that head's peaks and root.

    Args:
        old_size: leaves before.
        right_edge: for each level with a partial tile in the old tree (``edge_tiles``), that tile's bytes.
        leaf_hashes: of the new leaves, in order, 32 bytes each.

    Raises:
        MalformedEvidenceError: the edge does not fit ``old_size``, or a leaf hash is not 32 bytes.
    """
    _check_right_edge(old_size, right_edge)
    if any(len(leaf_hash) != HASH_BYTES for leaf_hash in leaf_hashes):
        raise MalformedEvidenceError(f"a leaf hash is {HASH_BYTES} bytes")
    written: list[tuple[TileAddress, bytes]] = []
    new_hashes, level = list(leaf_hashes), 0
    while new_hashes:
        first_index = level_size(old_size, level) // TILE_WIDTH
        row = split_hashes(right_edge.get(level, b"")) + new_hashes
        new_hashes = []
        for start in range(0, len(row), TILE_WIDTH):
            tile = row[start : start + TILE_WIDTH]
            written.append((TileAddress(level, first_index + start // TILE_WIDTH, len(tile)), b"".join(tile)))
            if len(tile) == TILE_WIDTH:
                new_hashes.append(_subtree_root(tile))
        level += 1
    return written


def advance_right_edge(
    right_edge: Mapping[int, bytes], written: Sequence[tuple[TileAddress, bytes]]
) -> dict[int, bytes]:
    """The right edge after ``written`` (the result of ``grow_tiles``): partial tiles replace, a full tile leaves none."""
    edge = dict(right_edge)
    for address, data in written:
        if isinstance(address.level, int):
            edge.pop(address.level, None)
            if not address.is_full:
                edge[address.level] = data
    return edge


def compact_range_from_right_edge(tree_size: int, right_edge: Mapping[int, bytes]) -> CompactRange:
    """The peaks (and with them the root hash) that a right edge stands for.

    Raises:
        MalformedEvidenceError: the edge does not fit ``tree_size``.
    """
    _check_right_edge(tree_size, right_edge)
    peaks: list[bytes] = []
    for level in sorted(right_edge, reverse=True):
        row = CompactRange()
        row.extend(split_hashes(right_edge[level]))
        peaks += row.hashes
    return CompactRange(tree_size, peaks)


def _check_right_edge(tree_size: int, right_edge: Mapping[int, bytes]) -> None:
    if not 0 <= tree_size <= MAX_TREE_SIZE:
        raise InvalidPathError(f"tree size {tree_size} is not an unsigned 64-bit number")
    expected = {address.level: address.width * HASH_BYTES for address in edge_tiles(tree_size)}
    got = {level: len(data) for level, data in right_edge.items()}
    if expected != got:
        raise MalformedEvidenceError(f"the right edge of size {tree_size} has bytes by level {expected}, got {got}")


def _subtree_root(hashes: list[bytes]) -> bytes:
    """The root over 2^k hashes of one level."""
    while len(hashes) > 1:
        hashes = hash_pairs(hashes)
    return hashes[0]


class TileNodeReader:
    """A ``NodeReader`` over tiles: hashes up inside tiles; reads each tile once a call.

    Args:
        read_tile: gives the bytes of hash tile (level, index) at this width, or of the full tile (a log may have dropped the
            partial one); raises what it likes when there is none.
        tree_size: the size whose checkpoint was verified; only tiles that this size has are asked for.
    """

    def __init__(self, read_tile: Callable[[int, int, int], bytes], tree_size: int) -> None:
        self._read_tile = read_tile
        self._tree_size = tree_size

    def tiles_of(self, nodes: Sequence[Node]) -> list[TileAddress]:
        """The tiles that these nodes need, each once, so that a caller can fetch them together.

        Raises:
            InvalidPathError: a node is not complete at the tree size.
        """
        return list(dict.fromkeys(self._address(node) for node in nodes))

    def __call__(self, nodes: Sequence[Node]) -> list[bytes]:
        """The hashes of complete subtrees (level, index), in order.

        Raises:
            InvalidPathError: a node is not complete at the tree size.
            MalformedEvidenceError: a tile has another length than its width.
        """
        tiles = {address: self._hashes(address) for address in self.tiles_of(nodes)}
        hashes: list[bytes] = []
        for node in nodes:
            count, start = _place(node)
            hashes.append(_subtree_root(tiles[self._address(node)][start : start + count]))
        return hashes

    def _address(self, node: Node) -> TileAddress:
        level, index = node
        if level < 0 or index < 0:
            raise InvalidPathError(f"node {node} is not in a tree")
        count, start = _place(node)
        tile_level = level // TILE_HEIGHT
        tile_index = index * count // TILE_WIDTH
        width = min(TILE_WIDTH, level_size(self._tree_size, tile_level) - tile_index * TILE_WIDTH)
        if start + count > width:
            raise InvalidPathError(f"node {node} is not complete in a tree of size {self._tree_size}")
        return TileAddress(tile_level, tile_index, width)

    def _hashes(self, address: TileAddress) -> list[bytes]:
        assert isinstance(address.level, int)
        data = self._read_tile(address.level, address.index, address.width)
        if len(data) not in (address.width * HASH_BYTES, TILE_WIDTH * HASH_BYTES):
            raise MalformedEvidenceError(f"{address.path} has {len(data)} bytes, expected {address.width * HASH_BYTES}")
        return split_hashes(data)


def _place(node: Node) -> tuple[int, int]:
    """Where a node lies in its tile: (number of the tile's hashes under it, first of them)."""
    level, index = node
    count = 1 << (level % TILE_HEIGHT)
    return count, index * count % TILE_WIDTH
