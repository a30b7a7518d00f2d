"""Whether a head is an earlier state of a published tree, told apart from tiles that are damaged.

Both show as a consistency path that does not verify, and they accuse different people of different things: a head that the newer
tree does not extend is a second history; tiles that do not hash to the signed root prove nothing about any head.
"""

from ledger.errors import MalformedEvidenceError, RootMismatchError, VerificationError
from ledger.log.proof import NodeReader, consistency_path, root_hash
from ledger.log.verify import verify_consistency


def check_earlier_head(
    tree_size_1: int, root_hash_1: bytes, tree_size_2: int, root_hash_2: bytes, read_nodes: NodeReader
) -> list[bytes]:
    """Checks that the tree of size 2, whose nodes are read, extends the head of size 1; gives the consistency path.

    Requires 0 < tree_size_1 <= tree_size_2.

    Raises:
        RootMismatchError: it does not: the nodes are those of the signed root 2, and have another root at size 1. Carries both.
        MalformedEvidenceError: the nodes do not belong to root 2.
    """
    if tree_size_1 == tree_size_2:
        own, path = root_hash_2, list[bytes]()
    else:
        own = root_hash(tree_size_1, read_nodes)
        path = consistency_path(tree_size_1, tree_size_2, read_nodes)
        try:
            verify_consistency(tree_size_1, tree_size_2, path, own, root_hash_2)
        except VerificationError as error:
            raise MalformedEvidenceError(
                f"the published tiles do not hash to the signed root over {tree_size_2} entries"
            ) from error
    if own != root_hash_1:
        raise RootMismatchError(
            f"root hash at size {tree_size_1}: expected {root_hash_1.hex()}, the published tree has {own.hex()}",
            expected_root_hash=root_hash_1.hex(),
            computed_root_hash=own.hex(),
        )
    return path
