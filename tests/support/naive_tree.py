"""The definitions of RFC 9162 section 2.1 as recursive functions, and a second verifier: oracles, slow and plain on purpose."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256


def leaf(index: int) -> bytes:
    """A leaf hash that differs for every index."""
    return sha256(b"\x00" + index.to_bytes(8, "big")).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _largest_power_of_two_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@cache
def range_hash(start: int, end: int) -> bytes:
    """MTH over the leaves ``leaf(start)`` up to, not including, ``leaf(end)`` (section 2.1.1)."""
    n = end - start
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return leaf(start)
    k = _largest_power_of_two_below(n)
    return _node(range_hash(start, start + k), range_hash(start + k, end))


def root(tree_size: int) -> bytes:
    """MTH(D_n)."""
    return range_hash(0, tree_size)


def read_nodes(nodes: Sequence[tuple[int, int]]) -> list[bytes]:
    """A NodeReader over the endless sequence of leaves ``leaf(0)``, ``leaf(1)`` and so on."""
    return [range_hash(index << level, (index + 1) << level) for level, index in nodes]


def inclusion_path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]) (section 2.1.3.1)."""
    n = end - start
    if n == 1:
        return []
    k = _largest_power_of_two_below(n)
    if m < k:
        return [*inclusion_path(m, start, start + k), range_hash(start + k, end)]
    return [*inclusion_path(m - k, start + k, end), range_hash(start, start + k)]


def consistency_path(m: int, n: int) -> list[bytes]:
    """PROOF(m, D_n) (section 2.1.4.1)."""
    return _subproof(m, 0, n, known=True)


def _subproof(m: int, start: int, end: int, *, known: bool) -> list[bytes]:
    n = end - start
    if m == n:
        return [] if known else [range_hash(start, end)]
    k = _largest_power_of_two_below(n)
    if m <= k:
        return [*_subproof(m, start, start + k, known=known), range_hash(start + k, end)]
    return [*_subproof(m - k, start + k, end, known=False), range_hash(start, start + k)]


def split_inclusion(leaf_index: int, tree_size: int) -> tuple[int, int]:
    """Lengths of the inner and the border part of an inclusion path (the split of transparency-dev/merkle)."""
    inner = (leaf_index ^ (tree_size - 1)).bit_length()
    return inner, (leaf_index >> inner).bit_count()


def root_from_split(leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes]) -> bytes | None:
    """The root a path leads to, by the inner / border split; None when the length is wrong."""
    inner, border = split_inclusion(leaf_index, tree_size)
    if len(path) != inner + border:
        return None
    result = leaf_hash
    for level, sibling in enumerate(path[:inner]):
        result = _node(sibling, result) if leaf_index >> level & 1 else _node(result, sibling)
    for sibling in path[inner:]:
        result = _node(sibling, result)
    return result


def is_consistent_by_split(m: int, n: int, path: Sequence[bytes], root_1: bytes, root_2: bytes) -> bool:
    """Whether the path proves n over m, by the inner / border split; requires 0 < m < n."""
    inner, border = split_inclusion(m - 1, n)
    shift = (m & -m).bit_length() - 1
    inner -= shift
    if m == 1 << shift:
        seed, rest = root_1, list(path)
    elif path:
        seed, *rest = path
    else:
        return False
    if len(rest) != inner + border:
        return False
    mask = (m - 1) >> shift
    old = new = seed
    for level, sibling in enumerate(rest[:inner]):
        if mask >> level & 1:
            old, new = _node(sibling, old), _node(sibling, new)
        else:
            new = _node(new, sibling)
    for sibling in rest[inner:]:
        old, new = _node(sibling, old), _node(sibling, new)
    return old == root_1 and new == root_2
