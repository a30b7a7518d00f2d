"""The right edge of the tree: what it refuses, and that it grows in one piece."""

import pytest
from support import naive_tree as naive

from ledger.errors import InvalidPathError, MalformedEvidenceError, MisuseError
from ledger.log import hashing
from ledger.log.merkle import CompactRange, split_hashes
from ledger.log.proof import consistency_path, inclusion_path, range_nodes, root_hash
from ledger.log.verify import verify_inclusion


def test_hashes_of_rfc_9162_are_domain_separated() -> None:
    assert hashing.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    # RFC 6962 test data of the public Certificate Transparency code: the leaf without bytes, and the leaf 00
    assert hashing.hash_leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert hashing.hash_leaf(b"\x00").hex() == "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    assert (
        hashing.hash_children(hashing.hash_leaf(b""), hashing.hash_leaf(b"\x00")).hex()
        == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


def test_hash_pairs_of_an_odd_row_raises() -> None:
    assert hashing.hash_pairs([b"a" * 32, b"b" * 32]) == [hashing.hash_children(b"a" * 32, b"b" * 32)]
    with pytest.raises(ValueError, match="shorter"):
        hashing.hash_pairs([b"a" * 32])


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, []), (0, [bytes(32)]), (1, []), (3, [bytes(32)]), (2, [bytes(32), bytes(32)]), (1, [bytes(31)])],
)
def test_compact_range_with_peaks_of_another_size_is_refused(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(MalformedEvidenceError):
        CompactRange(size, hashes)


@pytest.mark.parametrize(("size", "data"), [(1, b""), (1, bytes(31)), (1, bytes(64)), (0, bytes(32)), (-2, bytes(32))])
def test_decode_of_other_bytes_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(MalformedEvidenceError):
        CompactRange.decode(size, data)


def test_extend_with_a_malformed_leaf_hash_changes_nothing() -> None:
    tree = CompactRange()
    tree.extend(map(naive.leaf, range(5)))
    before = tree.copy()
    with pytest.raises(MalformedEvidenceError):
        tree.extend([naive.leaf(5), b"short"])
    assert tree == before
    assert tree.size == 5


def test_copy_grows_apart_from_its_original() -> None:
    tree = CompactRange(1, [naive.leaf(0)])
    other = tree.copy()
    other.append(naive.leaf(1))
    assert tree.root_hash() == naive.root(1)
    assert other.root_hash() == naive.root(2)
    assert tree != other
    assert tree.hashes == (naive.leaf(0),)
    assert repr(other) == f"CompactRange(size=2, root_hash={naive.root(2).hex()})"
    assert tree != "a tree"


def test_split_hashes_of_a_partial_hash_is_refused() -> None:
    assert split_hashes(b"") == []
    with pytest.raises(MalformedEvidenceError):
        split_hashes(bytes(33))


@pytest.mark.parametrize(("leaf_index", "tree_size"), [(0, 0), (-1, 3), (3, 3), (0, 2**64)])
def test_inclusion_path_out_of_range_is_refused(leaf_index: int, tree_size: int) -> None:
    with pytest.raises(InvalidPathError):
        inclusion_path(leaf_index, tree_size, naive.read_nodes)
    with pytest.raises(InvalidPathError):
        verify_inclusion(naive.leaf(0), leaf_index, tree_size, [], naive.leaf(0))


@pytest.mark.parametrize(("size_1", "size_2"), [(-1, 3), (4, 3), (1, 2**64)])
def test_consistency_path_out_of_range_is_refused(size_1: int, size_2: int) -> None:
    with pytest.raises(InvalidPathError):
        consistency_path(size_1, size_2, naive.read_nodes)


def test_consistency_path_from_nothing_or_to_itself_is_empty() -> None:
    assert consistency_path(0, 9, naive.read_nodes) == []
    assert consistency_path(9, 9, naive.read_nodes) == []


def test_root_hash_of_a_size_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidPathError):
        root_hash(-1, naive.read_nodes)


def test_node_reader_that_gives_too_few_hashes_is_misuse() -> None:
    with pytest.raises(MisuseError, match="1 hashes for 2 nodes"):
        root_hash(3, lambda _: [bytes(32)])


def test_range_nodes_of_the_right_edge_are_largest_first() -> None:
    assert range_nodes(0, 7) == [(2, 0), (1, 2), (0, 6)]
    assert range_nodes(8, 11) == [(1, 4), (0, 10)]
