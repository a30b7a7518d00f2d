"""Making Merkle paths (RFC 9162 sections 2.1.3.1 and 2.1.4.1) from stored nodes.

Only complete subtrees are ever stored, because they never change. Every hash of a path covers a range of leaves that is one
complete subtree, or, at the right edge, a row of them that is folded. All nodes of a proof are asked for in one call, so that a
reader can fetch what it needs at once.
"""

from collections.abc import Callable, Sequence

from ledger.errors import InvalidPathError, MisuseError
from ledger.log.hashing import EMPTY_ROOT, hash_children
from ledger.log.verify import MAX_TREE_SIZE

Node = tuple[int, int]
"""(level, index): the complete subtree over the leaves index * 2^level up to, not including, (index + 1) * 2^level."""

NodeReader = Callable[[Sequence[Node]], list[bytes]]
"""Gives the hashes of the asked nodes in the asked order. It is asked only for subtrees complete at the given tree size."""


def inclusion_path(leaf_index: int, tree_size: int, read_nodes: NodeReader) -> list[bytes]:
    """The hashes that lead from a leaf to the root at ``tree_size``, leaf side first; PATH(m, D_n) of section 2.1.3.1.

    Raises:
        InvalidPathError: the leaf is not in a tree of that size.
    """
    if not 0 <= leaf_index < tree_size <= MAX_TREE_SIZE:
        raise InvalidPathError(f"leaf index {leaf_index} is not in a tree of size {tree_size}")
    siblings: list[tuple[int, int]] = []
    start, end = 0, tree_size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf_index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    siblings.reverse()
    return _hash_ranges(siblings, read_nodes)


def consistency_path(tree_size_1: int, tree_size_2: int, read_nodes: NodeReader) -> list[bytes]:
    """The hashes that prove that the second tree extends the first; PROOF(m, D_n) of section 2.1.4.1.

    Empty for equal sizes, and for ``tree_size_1`` 0, which is the empty path of a log's first anchor (formats.md section 6);
    no verifier takes the latter for a proof.

    Raises:
        InvalidPathError: not 0 <= tree_size_1 <= tree_size_2.
    """
    if not 0 <= tree_size_1 <= tree_size_2 <= MAX_TREE_SIZE:
        raise InvalidPathError(f"no consistency path leads from size {tree_size_1} to size {tree_size_2}")
    if tree_size_1 in (0, tree_size_2):
        return []
    ranges: list[tuple[int, int]] = []
    start, end = 0, tree_size_2
    while end != tree_size_1:
        middle = start + _split(end - start)
        if tree_size_1 <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # otherwise this subtree is the whole first tree, whose root the verifier has
        ranges.append((start, end))
    ranges.reverse()
    return _hash_ranges(ranges, read_nodes)


def root_hash(tree_size: int, read_nodes: NodeReader) -> bytes:
    """The root hash at ``tree_size`` from stored nodes; ``EMPTY_ROOT`` at 0.

    Raises:
        InvalidPathError: the size is negative or above 2^64 - 1.
    """
    if not 0 <= tree_size <= MAX_TREE_SIZE:
        raise InvalidPathError(f"tree size {tree_size} is not an unsigned 64-bit number")
    return _hash_ranges([(0, tree_size)], read_nodes)[0] if tree_size else EMPTY_ROOT


def range_nodes(start: int, end: int) -> list[Node]:
    """The complete subtrees that make up the leaves from ``start`` to ``end``, left to right, largest first.

    Requires start < end, and ``start`` a multiple of a power of two that is not below end - start; every range that the RFC's
    recursion meets is like that.
    """
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _split(size: int) -> int:
    """The largest power of two below ``size`` (the RFC's k); requires size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def _hash_ranges(ranges: Sequence[tuple[int, int]], read_nodes: NodeReader) -> list[bytes]:
    """One hash for every range of leaves, all nodes read in one call."""
    rows = [range_nodes(start, end) for start, end in ranges]
    wanted = [node for row in rows for node in row]
    if not wanted:
        return []
    hashes = read_nodes(wanted)
    if len(hashes) != len(wanted):
        raise MisuseError(f"the node reader gave {len(hashes)} hashes for {len(wanted)} nodes")
    folded: list[bytes] = []
    position = len(wanted)
    for row in reversed(rows):  # from the end, so that every row folds from its right side
        position -= len(row)
        peaks = hashes[position : position + len(row)]
        result = peaks.pop()
        while peaks:
            result = hash_children(peaks.pop(), result)
        folded.append(result)
    folded.reverse()
    return folded
