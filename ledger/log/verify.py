"""Verification of Merkle paths: the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2, word for word.

The loop bodies keep the RFC's ``fn``, ``sn``, ``fr``, ``sr`` so that code and text can be read side by side; the Solidity
library has the same functions in the same order. All size and length checks come before the first hash. This module shares
nothing but the node hash with the code that makes proofs.
"""

from collections.abc import Sequence

from ledger.errors import InvalidPathError, RootMismatchError
from ledger.log.hashing import HASH_BYTES, hash_children

MAX_TREE_SIZE = 2**64 - 1


def root_from_inclusion_path(leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes]) -> bytes:
    """The root hash that a leaf and its inclusion path lead to (RFC 9162 section 2.1.3.2).

    Requires 0 <= leaf_index < tree_size.

    Raises:
        InvalidPathError: index or size out of range, a path of another length than this leaf's, or a hash that is not
            32 bytes.
    """
    _check_size("tree_size", tree_size)
    if not 0 <= leaf_index < tree_size:
        raise InvalidPathError(f"leaf index {leaf_index} is not in a tree of size {tree_size}")
    _check_path(path, inclusion_path_length(leaf_index, tree_size))
    _check_hash("leaf_hash", leaf_hash)

    fn, sn = leaf_index, tree_size - 1
    r = leaf_hash
    for p in path:
        if fn & 1 or fn == sn:
            r = hash_children(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hash_children(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "the length was checked"
    return r


def verify_inclusion(
    leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes], root_hash: bytes
) -> None:
    """Verify that the leaf stands at ``leaf_index`` of the tree with this size and root hash.

    Requires 0 <= leaf_index < tree_size.

    Raises:
        InvalidPathError: index, size, length of the path or of a hash is wrong.
        RootMismatchError: the path leads to another root; carries both.
    """
    _check_hash("root_hash", root_hash)
    computed = root_from_inclusion_path(leaf_hash, leaf_index, tree_size, path)
    _check_root(f"root hash at size {tree_size}", expected=root_hash, computed=computed)


def root_from_consistency_path(tree_size_1: int, tree_size_2: int, path: Sequence[bytes], root_hash_1: bytes) -> bytes:
    """The root hash at ``tree_size_2`` that extends ``root_hash_1`` by this path (RFC 9162 section 2.1.4.2).

    Requires 0 < tree_size_1 <= tree_size_2. With equal sizes the path is empty and the root is the same one. Size 0 is
    refused: every tree extends the empty one, so such a proof says nothing.

    Raises:
        InvalidPathError: sizes, length of the path or of a hash are wrong.
        RootMismatchError: the path does not lead to ``root_hash_1``; carries both roots.
    """
    _check_size("tree_size_2", tree_size_2)
    if not 0 < tree_size_1 <= tree_size_2:
        raise InvalidPathError(f"no consistency path leads from size {tree_size_1} to size {tree_size_2}")
    _check_path(path, consistency_path_length(tree_size_1, tree_size_2))
    _check_hash("root_hash_1", root_hash_1)
    if tree_size_1 == tree_size_2:
        return root_hash_1

    nodes = [root_hash_1, *path] if _is_power_of_two(tree_size_1) else list(path)
    fn, sn = tree_size_1 - 1, tree_size_2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = nodes[0]
    for c in nodes[1:]:
        if fn & 1 or fn == sn:
            fr, sr = hash_children(c, fr), hash_children(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hash_children(sr, c)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "the length was checked"
    _check_root(f"root hash at size {tree_size_1}", expected=root_hash_1, computed=fr)
    return sr


def verify_consistency(
    tree_size_1: int, tree_size_2: int, path: Sequence[bytes], root_hash_1: bytes, root_hash_2: bytes
) -> None:
    """Verify that the tree of size 2 extends the tree of size 1 and changes nothing in it.

    Requires 0 < tree_size_1 <= tree_size_2.

    Raises:
        InvalidPathError: sizes, length of the path or of a hash are wrong.
        RootMismatchError: the path leads to another root, at either size; carries both.
    """
    _check_hash("root_hash_2", root_hash_2)
    computed = root_from_consistency_path(tree_size_1, tree_size_2, path, root_hash_1)
    _check_root(f"root hash at size {tree_size_2}", expected=root_hash_2, computed=computed)


def inclusion_path_length(leaf_index: int, tree_size: int) -> int:
    """How many hashes the loop of section 2.1.3.2 takes before ``sn`` is 0; requires 0 <= leaf_index < tree_size."""
    fn, sn = leaf_index, tree_size - 1
    length = 0
    while sn:
        if not fn & 1 and fn == sn:
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
        length += 1
    return length


def consistency_path_length(tree_size_1: int, tree_size_2: int) -> int:
    """How many hashes a consistency path has; requires 0 < tree_size_1 <= tree_size_2.

    After the first hash, section 2.1.4.2 runs the same counters as section 2.1.3.2. The first hash is in the path unless it
    is the old root itself, which the verifier has.
    """
    if tree_size_1 == tree_size_2:
        return 0
    fn, sn = tree_size_1 - 1, tree_size_2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return inclusion_path_length(fn, sn + 1) + (0 if _is_power_of_two(tree_size_1) else 1)


def _is_power_of_two(value: int) -> bool:
    return value.bit_count() == 1


def _check_size(name: str, tree_size: int) -> None:
    if not 0 <= tree_size <= MAX_TREE_SIZE:
        raise InvalidPathError(f"{name} {tree_size} is not an unsigned 64-bit number")


def _check_path(path: Sequence[bytes], length: int) -> None:
    if len(path) != length:
        raise InvalidPathError(f"the path has {len(path)} hashes, expected {length}")
    for position, node in enumerate(path):
        _check_hash(f"hash {position} of the path", node)


def _check_hash(name: str, value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise InvalidPathError(f"{name} has {len(value)} bytes, expected {HASH_BYTES}")


def _check_root(name: str, *, expected: bytes, computed: bytes) -> None:
    if computed != expected:
        raise RootMismatchError(
            f"{name}: expected {expected.hex()}, the path leads to {computed.hex()}",
            expected_root_hash=expected.hex(),
            computed_root_hash=computed.hex(),
        )
