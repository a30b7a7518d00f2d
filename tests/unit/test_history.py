"""An earlier head is in the signed tree, or of another history, or cannot be told because the tree's nodes are not the signed ones."""

import pytest
from support import naive_tree

from ledger.errors import MalformedEvidenceError, RootMismatchError
from ledger.log.history import check_earlier_head

SIZES = [(size_1, size_2) for size_2 in (*range(1, 20), 255, 256, 257, 600) for size_1 in (1, size_2 // 2, size_2 - 1, size_2) if size_1]  # fmt: skip


@pytest.mark.parametrize(("size_1", "size_2"), SIZES)
def test_earlier_head_of_the_signed_tree_is_accepted_with_its_path(size_1, size_2):
    path = check_earlier_head(size_1, naive_tree.root(size_1), size_2, naive_tree.root(size_2), naive_tree.read_nodes)
    assert path == naive_tree.consistency_path(size_1, size_2)


@pytest.mark.parametrize(("size_1", "size_2"), SIZES)
def test_earlier_head_with_another_root_is_another_history(size_1, size_2):
    with pytest.raises(RootMismatchError) as caught:
        check_earlier_head(size_1, b"\x07" * 32, size_2, naive_tree.root(size_2), naive_tree.read_nodes)
    assert caught.value.facts["computed_root_hash"] == naive_tree.root(size_1).hex()


@pytest.mark.parametrize("given", [naive_tree.root, lambda _size: b"\x07" * 32])
@pytest.mark.parametrize(("size_1", "size_2"), [sizes for sizes in SIZES if sizes[0] != sizes[1]])
def test_earlier_head_under_altered_nodes_accuses_the_nodes_only(size_1, size_2, given):
    def altered(nodes):
        return [bytes([node[0] ^ 1]) + node[1:] for node in naive_tree.read_nodes(nodes)]

    with pytest.raises(MalformedEvidenceError, match="do not hash to the signed root"):
        check_earlier_head(size_1, given(size_1), size_2, naive_tree.root(size_2), altered)
