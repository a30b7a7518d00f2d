"""Laws of the Merkle tree: equal to the RFC's definitions, every honest proof verifies, every corruption fails."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import naive_tree as naive

from ledger.errors import InvalidPathError, RootMismatchError, VerificationError
from ledger.log.merkle import CompactRange
from ledger.log.proof import consistency_path, inclusion_path, root_hash
from ledger.log.verify import (
    consistency_path_length,
    inclusion_path_length,
    root_from_consistency_path,
    root_from_inclusion_path,
    verify_consistency,
    verify_inclusion,
)

EVERY_SIZE = 600
ALL_PAIRS = 64
GARBAGE = bytes(range(32))
SIZES = st.integers(1, 2**64 - 1)


def test_root_at_every_size_equals_the_rfc_definition() -> None:
    grown = CompactRange()
    for size in range(EVERY_SIZE):
        assert grown.root_hash() == naive.root(size) == root_hash(size, naive.read_nodes)
        assert CompactRange.decode(size, grown.encode()) == grown
        grown.append(naive.leaf(size))


@given(st.lists(st.integers(0, 300), max_size=8))
@settings(deadline=None)
def test_compact_range_grown_in_any_steps_is_the_same(steps: list[int]) -> None:
    stepwise, at_once = CompactRange(), CompactRange()
    for step in steps:
        stepwise.extend(naive.leaf(stepwise.size + offset) for offset in range(step))
    at_once.extend(map(naive.leaf, range(sum(steps))))
    assert stepwise == at_once
    assert stepwise.root_hash() == naive.root(sum(steps))


def test_inclusion_path_for_every_leaf_equals_the_rfc_definition_and_verifies() -> None:
    for size in [*range(1, ALL_PAIRS + 1), 127, 128, 129, 255, 256, 257, EVERY_SIZE]:
        for leaf_index in range(size):
            path = inclusion_path(leaf_index, size, naive.read_nodes)
            assert path == naive.inclusion_path(leaf_index, 0, size)
            assert naive.root_from_split(naive.leaf(leaf_index), leaf_index, size, path) == naive.root(size)
            verify_inclusion(naive.leaf(leaf_index), leaf_index, size, path, naive.root(size))


def test_consistency_path_for_all_pairs_equals_the_rfc_definition_and_verifies() -> None:
    for size_2 in range(1, ALL_PAIRS + 1):
        for size_1 in range(1, size_2 + 1):
            path = consistency_path(size_1, size_2, naive.read_nodes)
            assert path == naive.consistency_path(size_1, size_2)
            verify_consistency(size_1, size_2, path, naive.root(size_1), naive.root(size_2))
            assert root_from_consistency_path(size_1, size_2, path, naive.root(size_1)) == naive.root(size_2)


@given(st.integers(1, EVERY_SIZE), st.integers(1, EVERY_SIZE))
def test_consistency_path_of_random_pairs_verifies(size_a: int, size_b: int) -> None:
    size_1, size_2 = sorted((size_a, size_b))
    path = consistency_path(size_1, size_2, naive.read_nodes)
    verify_consistency(size_1, size_2, path, naive.root(size_1), naive.root(size_2))


@given(SIZES, st.data())
def test_inclusion_verifier_equals_the_inner_border_split_at_any_size(size: int, data: st.DataObject) -> None:
    leaf_index = data.draw(st.integers(0, size - 1))
    length = sum(naive.split_inclusion(leaf_index, size))
    assert inclusion_path_length(leaf_index, size) == length <= 64
    path = [naive.leaf(position) for position in range(length)]
    computed = root_from_inclusion_path(GARBAGE, leaf_index, size, path)
    assert computed == naive.root_from_split(GARBAGE, leaf_index, size, path)


@given(SIZES, SIZES)
def test_consistency_verifier_equals_the_inner_border_split_at_any_size(size_a: int, size_b: int) -> None:
    size_1, size_2 = sorted((size_a, size_b))
    length = consistency_path_length(size_1, size_2)
    path = [naive.leaf(position) for position in range(length)]
    # An arbitrary path leads to some old root unless the old root is its own first node; use the root it leads to.
    old_root = GARBAGE
    try:
        new_root = root_from_consistency_path(size_1, size_2, path, old_root)
    except RootMismatchError as error:
        old_root = bytes.fromhex(error.facts["computed_root_hash"])
        new_root = root_from_consistency_path(size_1, size_2, path, old_root)
    if size_1 < size_2:
        assert naive.is_consistent_by_split(size_1, size_2, path, old_root, new_root)
        assert not naive.is_consistent_by_split(size_1, size_2, path, old_root, GARBAGE[::-1])
    else:
        assert new_root == old_root


def test_nodes_of_a_proof_are_read_in_one_call() -> None:
    calls: list[Sequence[tuple[int, int]]] = []

    def reader(nodes: Sequence[tuple[int, int]]) -> list[bytes]:
        calls.append(nodes)
        return naive.read_nodes(nodes)

    inclusion_path(5, 100, reader)
    consistency_path(37, 100, reader)
    root_hash(99, reader)
    assert len(calls) == 3
    assert all((index + 1) << level <= 100 for nodes in calls for level, index in nodes)


def _flipped(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big")


def _corrupted_paths(path: list[bytes], roots: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Every path that is wrong whatever the tree: another length, another hash, another order."""
    for extra in (GARBAGE, *roots):
        yield [extra, *path]
        yield [*path, extra]
    for position, node in enumerate(path):
        for bit in (0, 4, 255):
            yield [*path[:position], _flipped(node, bit), *path[position + 1 :]]
        yield path[:position] + path[position + 1 :]
        yield [*path[:position], node[:31], *path[position + 1 :]]
        yield [*path[:position], node + b"\x00", *path[position + 1 :]]
    if len(path) > 1:
        yield path[::-1]
        yield []


def _assert_refused(verify: Callable[..., None], *arguments: object) -> None:
    with pytest.raises(VerificationError):
        verify(*arguments)


@given(st.integers(1, EVERY_SIZE), st.data())
@settings(deadline=None)
def test_inclusion_with_any_corruption_fails(size: int, data: st.DataObject) -> None:
    leaf_index = data.draw(st.integers(0, size - 1))
    leaf, root = naive.leaf(leaf_index), naive.root(size)
    path = inclusion_path(leaf_index, size, naive.read_nodes)
    verify_inclusion(leaf, leaf_index, size, path, root)
    for wrong in _corrupted_paths(path, [root]):
        _assert_refused(verify_inclusion, leaf, leaf_index, size, wrong, root)
    for wrong_index in {leaf_index - 1, leaf_index + 1, leaf_index ^ 2, size, -1} - {leaf_index}:
        _assert_refused(verify_inclusion, leaf, wrong_index, size, path, root)
    _assert_refused(verify_inclusion, _flipped(leaf, 7), leaf_index, size, path, root)
    _assert_refused(verify_inclusion, leaf, leaf_index, size, path, _flipped(root, 7))
    _assert_refused(verify_inclusion, leaf[:31], leaf_index, size, path, root)
    _assert_refused(verify_inclusion, leaf, leaf_index, size, path, b"")


@given(st.integers(1, EVERY_SIZE), st.integers(1, EVERY_SIZE))
@settings(deadline=None)
def test_consistency_with_any_corruption_fails(size_a: int, size_b: int) -> None:
    size_1, size_2 = sorted((size_a, size_b))
    root_1, root_2 = naive.root(size_1), naive.root(size_2)
    path = consistency_path(size_1, size_2, naive.read_nodes)
    for wrong in _corrupted_paths(path, [root_1, root_2]):
        _assert_refused(verify_consistency, size_1, size_2, wrong, root_1, root_2)
    if size_1 < size_2:
        _assert_refused(verify_consistency, size_1, size_2, path, root_2, root_1)
        _assert_refused(verify_consistency, size_2, size_1, path, root_1, root_2)
    _assert_refused(verify_consistency, size_1, size_2, path, _flipped(root_1, 3), root_2)
    _assert_refused(verify_consistency, size_1, size_2, path, root_1, _flipped(root_2, 3))
    _assert_refused(verify_consistency, 0, size_2, path, root_1, root_2)
    _assert_refused(verify_consistency, 0, 0, [], naive.root(0), naive.root(0))


@given(st.integers(1, EVERY_SIZE), st.integers(1, EVERY_SIZE), st.integers(1, EVERY_SIZE))
@settings(deadline=None)
def test_consistency_path_read_for_other_sizes_fails_unless_it_is_the_same_path(a: int, b: int, other: int) -> None:
    """A path says something about one pair of sizes; claiming another pair must not pass with these roots."""
    size_1, size_2 = sorted((a, b))
    path = consistency_path(size_1, size_2, naive.read_nodes)
    if size_1 < other != size_2 and consistency_path_length(size_1, other) != len(path):
        with pytest.raises(InvalidPathError):
            verify_consistency(size_1, other, path, naive.root(size_1), naive.root(size_2))
    if other <= size_2 and other != size_1:
        _assert_refused(verify_consistency, other, size_2, path, naive.root(size_1), naive.root(size_2))
