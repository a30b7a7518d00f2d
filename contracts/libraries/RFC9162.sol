// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title RFC 9162 Merkle tree hashing and proofs over SHA-256
/// @notice Leaf and node hashes (section 2.1.1), inclusion (2.1.3.2) and consistency (2.1.4.2).
/// Same functions in the same order as `ledger/log/hashing.py` and `ledger/log/verify.py`, so that both can be read in
/// two columns; inside the algorithms the RFC's own names `fn`, `sn`, `fr`, `sr` are kept.
/// @dev Nothing here touches state. Functions are `view`, not `pure`, only because the compiler counts the call of the
/// SHA-256 precompile as reading the environment.
/// Every loop ends after at most 64 rounds: each round halves a 64-bit number, and a path that is longer is refused.
library RFC9162 {
    /// @notice Root of the tree without leaves: SHA-256 of nothing.
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice The leaf is not in a tree of this size.
    /// @param leafIndex 0-based index of the leaf.
    /// @param treeSize Number of leaves.
    error RFC9162InvalidIndex(uint64 leafIndex, uint64 treeSize);

    /// @notice A consistency path exists only for 0 < treeSize1 <= treeSize2.
    /// @param treeSize1 Size of the older tree.
    /// @param treeSize2 Size of the newer tree.
    error RFC9162InvalidSizes(uint64 treeSize1, uint64 treeSize2);

    /// @notice The path has another length than index and size ask for.
    /// @param length Number of hashes that were given.
    error RFC9162InvalidPathLength(uint256 length);

    /// @notice The path leads to another root.
    /// @param expected Root that was to be proven.
    /// @param got Root that the path leads to.
    error RFC9162RootMismatch(bytes32 expected, bytes32 got);

    /// @notice Hash of a leaf: SHA-256(0x00 || entry).
    /// @param entry The entry's bytes.
    /// @return leafHash The leaf hash.
    function hashLeaf(bytes memory entry) internal pure returns (bytes32 leafHash) {
        return sha256(bytes.concat(hex"00", entry));
    }

    /// @notice Hash of an inner node: SHA-256(0x01 || left || right).
    /// @dev Assembly because `sha256(abi.encodePacked(..))` copies and allocates for every node, which costs an anchor
    /// at a million leaves some 10,000 gas. The 65 bytes lie beyond the free memory pointer and are not kept.
    /// Tested against the plain form by `RFC9162.t.sol`.
    /// @param left Hash of the left child.
    /// @param right Hash of the right child.
    /// @return nodeHash Hash of the node.
    function hashChildren(bytes32 left, bytes32 right) internal view returns (bytes32 nodeHash) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore8(input, 0x01)
            mstore(add(input, 0x01), left)
            mstore(add(input, 0x21), right)
            // The precompile at address 2 fails only when gas runs out; a revert must then not pass for a hash.
            if iszero(staticcall(gas(), 0x02, input, 0x41, 0x00, 0x20)) {
                revert(0x00, 0x00)
            }
            nodeHash := mload(0x00)
        }
    }

    /// @notice Root that an inclusion path leads to (section 2.1.3.2, steps 1 to 4).
    /// @dev Requires leafIndex < treeSize, and a path of exactly the length that both ask for.
    /// @param leafHash Hash of the leaf.
    /// @param leafIndex 0-based index of the leaf.
    /// @param treeSize Number of leaves of the tree.
    /// @param path Sibling hashes from the leaf upwards.
    /// @return rootHash The root.
    function rootFromInclusionPath(
        bytes32 leafHash,
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[] calldata path
    ) internal view returns (bytes32 rootHash) {
        if (leafIndex >= treeSize) {
            revert RFC9162InvalidIndex(leafIndex, treeSize);
        }
        unchecked {
            uint256 fn = leafIndex;
            uint256 sn = uint256(treeSize) - 1;
            rootHash = leafHash;
            for (uint256 i = 0; i < path.length; ++i) {
                if (sn == 0) {
                    revert RFC9162InvalidPathLength(path.length);
                }
                if (fn & 1 == 1 || fn == sn) {
                    rootHash = hashChildren(path[i], rootHash);
                    while (fn & 1 == 0 && fn != 0) {
                        fn >>= 1;
                        sn >>= 1;
                    }
                } else {
                    rootHash = hashChildren(rootHash, path[i]);
                }
                fn >>= 1;
                sn >>= 1;
            }
            if (sn != 0) {
                revert RFC9162InvalidPathLength(path.length);
            }
        }
    }

    /// @notice Verifies that the leaf stands at the index in the tree; reverts when it is not proven.
    /// @param leafHash Hash of the leaf.
    /// @param leafIndex 0-based index of the leaf.
    /// @param treeSize Number of leaves of the tree.
    /// @param path Sibling hashes from the leaf upwards.
    /// @param rootHash Root of the tree.
    function verifyInclusion(
        bytes32 leafHash,
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[] calldata path,
        bytes32 rootHash
    ) internal view {
        bytes32 got = rootFromInclusionPath(leafHash, leafIndex, treeSize, path);
        if (got != rootHash) {
            revert RFC9162RootMismatch(rootHash, got);
        }
    }

    /// @notice Root of the newer tree that a consistency path leads to (section 2.1.4.2, steps 1 to 7), after the path
    /// has been shown to lead to the older root too.
    /// @dev Requires 0 < treeSize1 <= treeSize2. Equal sizes have an empty path and the same root. A tree of size 0 is
    /// consistent with every tree and has no path; callers treat it themselves.
    /// @param treeSize1 Size of the older tree.
    /// @param treeSize2 Size of the newer tree.
    /// @param path The consistency path.
    /// @param rootHash1 Root of the older tree.
    /// @return rootHash2 Root of the newer tree.
    function rootFromConsistencyPath(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[] calldata path,
        bytes32 rootHash1
    ) internal view returns (bytes32 rootHash2) {
        if (treeSize1 == 0 || treeSize1 > treeSize2) {
            revert RFC9162InvalidSizes(treeSize1, treeSize2);
        }
        if ((treeSize1 == treeSize2) != (path.length == 0)) {
            revert RFC9162InvalidPathLength(path.length);
        }
        if (treeSize1 == treeSize2) {
            return rootHash1;
        }
        unchecked {
            uint256 fn = uint256(treeSize1) - 1;
            uint256 sn = uint256(treeSize2) - 1;
            while (fn & 1 == 1) {
                fn >>= 1;
                sn >>= 1;
            }
            // A power of two is a complete subtree of the newer tree: its root opens the path and is not sent.
            uint256 i = fn == 0 ? 0 : 1;
            bytes32 fr = fn == 0 ? rootHash1 : path[0];
            bytes32 sr = fr;
            for (; i < path.length; ++i) {
                if (sn == 0) {
                    revert RFC9162InvalidPathLength(path.length);
                }
                bytes32 c = path[i];
                if (fn & 1 == 1 || fn == sn) {
                    fr = hashChildren(c, fr);
                    sr = hashChildren(c, sr);
                    while (fn & 1 == 0 && fn != 0) {
                        fn >>= 1;
                        sn >>= 1;
                    }
                } else {
                    sr = hashChildren(sr, c);
                }
                fn >>= 1;
                sn >>= 1;
            }
            if (sn != 0) {
                revert RFC9162InvalidPathLength(path.length);
            }
            if (fr != rootHash1) {
                revert RFC9162RootMismatch(rootHash1, fr);
            }
            return sr;
        }
    }

    /// @notice Verifies that the newer tree begins with the older one; reverts when it is not proven.
    /// @param treeSize1 Size of the older tree.
    /// @param treeSize2 Size of the newer tree.
    /// @param path The consistency path.
    /// @param rootHash1 Root of the older tree.
    /// @param rootHash2 Root of the newer tree.
    function verifyConsistency(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[] calldata path,
        bytes32 rootHash1,
        bytes32 rootHash2
    ) internal view {
        bytes32 got = rootFromConsistencyPath(treeSize1, treeSize2, path, rootHash1);
        if (got != rootHash2) {
            revert RFC9162RootMismatch(rootHash2, got);
        }
    }
}
