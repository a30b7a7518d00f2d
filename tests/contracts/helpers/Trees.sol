// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Roots and paths by the definitions of RFC 9162, the other half of the text
/// @notice Written from sections 2.1.1, 2.1.3.1 and 2.1.4.1 (recursive definitions), not from the verification
/// algorithms, and with Solidity's own `sha256`: shares nothing with `contracts/libraries/RFC9162.sol`.
/// @dev A tree is known by a function that gives the root over the leaves from `start` to `end` (exclusive).
library Trees {
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }

    /// @notice Largest power of two smaller than n (n > 1).
    function split(uint256 n) internal pure returns (uint256 k) {
        k = 1;
        while (k << 1 < n) {
            k <<= 1;
        }
    }

    /// @notice PATH(m, D_n) of section 2.1.3.1.
    function inclusionPath(
        uint256 m,
        uint256 start,
        uint256 end,
        function(uint256, uint256) view returns (bytes32) root
    ) internal view returns (bytes32[] memory) {
        if (end - start == 1) {
            return new bytes32[](0);
        }
        uint256 k = split(end - start);
        if (m < k) {
            return append(inclusionPath(m, start, start + k, root), root(start + k, end));
        }
        return append(inclusionPath(m - k, start + k, end, root), root(start, start + k));
    }

    /// @notice PROOF(m, D_n) of section 2.1.4.1, for 0 < m <= n.
    function consistencyPath(
        uint256 m,
        uint256 n,
        function(uint256, uint256) view returns (bytes32) root
    ) internal view returns (bytes32[] memory) {
        return _subproof(m, 0, n, true, root);
    }

    function append(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }

    function _subproof(
        uint256 m,
        uint256 start,
        uint256 end,
        bool isKnown,
        function(uint256, uint256) view returns (bytes32) root
    ) private view returns (bytes32[] memory path) {
        if (m == end - start) {
            path = new bytes32[](0);
            return isKnown ? path : append(path, root(start, end));
        }
        uint256 k = split(end - start);
        if (m <= k) {
            return append(_subproof(m, start, start + k, isKnown, root), root(start + k, end));
        }
        return append(_subproof(m - k, start + k, end, false, root), root(start, start + k));
    }
}

/// @title A tree of real leaves: leaf i of seed s is keccak256(s, i)
/// @notice Two trees that share a seed up to some leaf agree up to there: `forkAt` says from which leaf on another
/// seed is used.
abstract contract SeededTree {
    uint256 internal seed = 1;
    uint256 internal forkAt = type(uint256).max;

    function leafHashOf(uint256 leafIndex) internal view returns (bytes32) {
        return keccak256(abi.encode(leafIndex < forkAt ? 1 : seed, leafIndex));
    }

    function rootBetween(uint256 start, uint256 end) internal view virtual returns (bytes32) {
        if (end == start) {
            return sha256("");
        }
        if (end - start == 1) {
            return leafHashOf(start);
        }
        uint256 k = Trees.split(end - start);
        return Trees.node(rootBetween(start, start + k), rootBetween(start + k, end));
    }

    function rootOf(uint256 treeSize) internal view returns (bytes32) {
        return rootBetween(0, treeSize);
    }

    function inclusionPathOf(uint256 leafIndex, uint256 treeSize) internal view returns (bytes32[] memory) {
        return Trees.inclusionPath(leafIndex, 0, treeSize, rootBetween);
    }

    function consistencyPathOf(uint256 treeSize1, uint256 treeSize2) internal view returns (bytes32[] memory) {
        return Trees.consistencyPath(treeSize1, treeSize2, rootBetween);
    }
}

/// @title The same trees up to some size, each root computed once
/// @notice What a tree and its fork have in common, and what they have not, is looked up; only what a fork goes
/// through is computed again, one node a level. So a property of proofs costs little more than the proof.
abstract contract RememberedTree is SeededTree {
    uint256 private _most;
    mapping(uint256 seed_ => mapping(uint256 start => mapping(uint256 end => bytes32 root))) private _roots;

    /// @notice Computes the roots of both seeds over up to so many leaves.
    function remember(uint256 most) internal {
        for (uint256 seed_ = 1; seed_ <= 2; ++seed_) {
            for (uint256 length = 1; length <= most; ++length) {
                uint256 k = length == 1 ? 0 : Trees.split(length);
                for (uint256 start = 0; start + length <= most; ++start) {
                    _roots[seed_][start][start + length] =
                        length == 1
                            ? keccak256(abi.encode(seed_, start))
                            : Trees.node(_roots[seed_][start][start + k], _roots[seed_][start + k][start + length]);
                }
            }
        }
        _most = most;
    }

    function rootBetween(uint256 start, uint256 end) internal view override returns (bytes32) {
        if (end > _most || end == start || (start < forkAt && forkAt < end)) {
            return super.rootBetween(start, end);
        }
        return _roots[end <= forkAt ? 1 : seed][start][end];
    }
}

/// @title A tree of any size whose leaves are all equal
/// @notice The root over n leaves depends on n alone, so trees of a billion leaves have computable roots and paths.
abstract contract EqualLeavesTree {
    bytes32 internal constant LEAF_HASH = keccak256("every leaf");

    function rootBetween(uint256 start, uint256 end) internal view returns (bytes32) {
        uint256 n = end - start;
        if (n & (n - 1) == 0) {
            bytes32 hash = LEAF_HASH;
            for (; n > 1; n >>= 1) {
                hash = Trees.node(hash, hash);
            }
            return hash;
        }
        uint256 k = Trees.split(n);
        return Trees.node(rootBetween(start, start + k), rootBetween(start + k, end));
    }

    function rootOf(uint256 treeSize) internal view returns (bytes32) {
        return rootBetween(0, treeSize);
    }

    function inclusionPathOf(uint256 leafIndex, uint256 treeSize) internal view returns (bytes32[] memory) {
        return Trees.inclusionPath(leafIndex, 0, treeSize, rootBetween);
    }

    function consistencyPathOf(uint256 treeSize1, uint256 treeSize2) internal view returns (bytes32[] memory) {
        return Trees.consistencyPath(treeSize1, treeSize2, rootBetween);
    }
}
