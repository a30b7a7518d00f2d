// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {RFC9162} from "../../contracts/libraries/RFC9162.sol";
import {RFC9162Harness} from "../../contracts/mocks/RFC9162Harness.sol";
import {RememberedTree, Trees} from "./helpers/Trees.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Proofs of trees of up to {SIZE_MAX} leaves, 100,000 times a property (`npm run fuzz`)
abstract contract RFC9162Fixture is Test, RememberedTree {
    uint64 internal constant SIZE_MAX = 40;

    RFC9162Harness internal rfc9162;

    function setUp() public {
        rfc9162 = RFC9162Harness(deployed("RFC9162Harness", ""));
        remember(SIZE_MAX + 1);
    }

    function rootMismatch(bytes32 expected, bytes32 got) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(RFC9162.RFC9162RootMismatch.selector, expected, got);
    }

    function invalidPathLength(uint256 length) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(RFC9162.RFC9162InvalidPathLength.selector, length);
    }

    /// @notice The first none to six of six hashes.
    function someOf(bytes32[6] calldata hashes, uint8 count) internal pure returns (bytes32[] memory path) {
        path = new bytes32[](count % 7);
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = hashes[i];
        }
    }

    /// @notice The smaller first. Half of all pairs are the other way round: more than an assumption may turn away.
    function ordered(uint64 a, uint64 b) internal pure returns (uint64 smaller, uint64 greater) {
        return a < b ? (a, b) : (b, a);
    }

    /// @notice More hashes than any path has: 66 to 97, one time of thirty-two a thousand.
    function tooMany(uint8 length) internal pure returns (bytes32[] memory) {
        return new bytes32[](length % 32 == 0 ? 1000 : 66 + (length % 32));
    }

    function shorter(bytes32[] memory path) internal pure returns (bytes32[] memory cut) {
        cut = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < cut.length; ++i) {
            cut[i] = path[i];
        }
    }
}

contract RFC9162HashingTest is RFC9162Fixture {
    function test_hashLeaf_ofNothing_isTheKnownValue() public view {
        // first leaf of the RFC's reference tree: SHA-256 of the one byte 0x00
        vm.assertEq(rfc9162.hashLeaf(""), 0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d);
    }

    function test_emptyRoot_isTheHashOfNothing() public pure {
        vm.assertEq(RFC9162.EMPTY_ROOT, sha256(""));
    }

    function test_fuzz_hashLeaf_equalsPlainForm(bytes memory entry) public view {
        vm.assertEq(rfc9162.hashLeaf(entry), sha256(abi.encodePacked(hex"00", entry)));
    }

    function test_fuzz_hashChildren_equalsPlainForm(bytes32 left, bytes32 right) public view {
        vm.assertEq(rfc9162.hashChildren(left, right), sha256(abi.encodePacked(hex"01", left, right)));
    }

    /// @notice The assembly writes beyond the free memory pointer: what is allocated before and after is right.
    function test_fuzz_hashChildren_leavesMemoryAlone(bytes32 left, bytes32 right, bytes memory other) public view {
        bytes32 before = keccak256(other);
        bytes32 nodeHash = RFC9162.hashChildren(left, right);
        bytes memory fresh = new bytes(97);
        vm.assertEq(keccak256(fresh), keccak256(abi.encodePacked(bytes32(0), bytes32(0), bytes32(0), bytes1(0))));
        vm.assertEq(keccak256(other), before);
        vm.assertEq(nodeHash, Trees.node(left, right));
    }

    /// @notice A precompile that fails must not leave old memory to pass for a hash.
    function test_hashChildren_whenThePrecompileFails_reverts() public {
        vm.mockCallRevert(address(2), "", "");
        vm.expectRevert(bytes(""));
        rfc9162.hashChildren(bytes32(0), bytes32(0));
    }

    /// @notice No amount of gas gives a wrong hash: a call succeeds rightly or not at all.
    function test_hashChildren_withAnyGas_isRightOrReverts() public {
        bytes memory call_ = abi.encodeCall(RFC9162Harness.hashChildren, (bytes32(0), bytes32(0)));
        bytes32 expected = Trees.node(bytes32(0), bytes32(0));
        bool wasRefused = false;
        for (uint256 gas_ = 100; gas_ < 6000; gas_ += 7) {
            (bool success, bytes memory answer) = address(rfc9162).call{gas: gas_}(call_);
            if (success) {
                vm.assertEq(abi.decode(answer, (bytes32)), expected);
            } else {
                wasRefused = true;
            }
        }
        vm.assertTrue(wasRefused);
        vm.assertEq(rfc9162.hashChildren(bytes32(0), bytes32(0)), expected);
    }
}

contract RFC9162VerifyInclusionTest is RFC9162Fixture {
    function test_everyLeafOfEverySmallTree_isProven() public view {
        for (uint64 treeSize = 1; treeSize <= 17; ++treeSize) {
            bytes32 root = rootOf(treeSize);
            for (uint64 leafIndex = 0; leafIndex < treeSize; ++leafIndex) {
                bytes32[] memory path = inclusionPathOf(leafIndex, treeSize);
                rfc9162.verifyInclusion(leafHashOf(leafIndex), leafIndex, treeSize, path, root);
            }
        }
    }

    function test_fuzz_leafBeyondTheTree_isRefused(uint64 leafIndex, uint64 treeSize) public {
        (treeSize, leafIndex) = ordered(treeSize, leafIndex);
        vm.expectRevert(abi.encodeWithSelector(RFC9162.RFC9162InvalidIndex.selector, leafIndex, treeSize));
        rfc9162.verifyInclusion(bytes32(0), leafIndex, treeSize, new bytes32[](0), bytes32(0));
    }

    /// @notice Whatever index and size of 64 bits and whatever path: a root that is an invention is not proven.
    function test_fuzz_anyPath_provesNoInventedRoot(
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[6] calldata hashes,
        uint8 count
    ) public {
        bytes32[] memory path = someOf(hashes, count);
        bytes memory call_ = abi.encodeCall(
            RFC9162Harness.rootFromInclusionPath,
            (hashes[0], leafIndex, treeSize, path)
        );
        (bool isRoot, bytes memory answer) = address(rfc9162).staticcall(call_);
        bytes32 root = keccak256(abi.encode(hashes));
        if (isRoot) {
            answer = rootMismatch(root, abi.decode(answer, (bytes32)));
        } else if (leafIndex < treeSize) {
            vm.assertEq(answer, invalidPathLength(path.length));
        }
        vm.expectRevert(answer);
        rfc9162.verifyInclusion(hashes[0], leafIndex, treeSize, path, root);
    }

    /// @notice A true proof is taken. Another leaf, another hash in the path, one too many or too few: each is refused.
    /// @dev One property, because to make the true proof costs most of it.
    function test_fuzz_falsifiedProof_isRefused(
        uint64 leafIndex,
        uint64 treeSize,
        uint8 position,
        uint8 bit,
        bytes32 other
    ) public {
        treeSize = 1 + (treeSize % SIZE_MAX);
        leafIndex %= treeSize;
        bytes32 leafHash = leafHashOf(leafIndex);
        bytes32[] memory path = inclusionPathOf(leafIndex, treeSize);
        bytes32 root = rootOf(treeSize);
        rfc9162.verifyInclusion(leafHash, leafIndex, treeSize, path, root);

        if (other != leafHash) {
            _requireMismatch(other, leafIndex, treeSize, path, root);
        }
        _requireLengthMatters(leafIndex, treeSize, Trees.append(path, other), root);
        if (path.length != 0) {
            _requireLengthMatters(leafIndex, treeSize, shorter(path), root);
            path[position % path.length] ^= bytes32(uint256(1) << bit);
            _requireMismatch(leafHash, leafIndex, treeSize, path, root);
        }
    }

    /// @notice Whatever the numbers, a path that nobody bounded ends after at most 64 rounds.
    function test_fuzz_tooManyHashes_areRefusedCheaply(uint64 leafIndex, uint64 treeSize, uint8 length) public {
        (leafIndex, treeSize) = ordered(leafIndex, treeSize);
        vm.assume(leafIndex != treeSize);
        bytes32[] memory path = tooMany(length);
        vm.expectRevert(invalidPathLength(path.length));
        rfc9162.verifyInclusion{gas: 200_000}(bytes32(0), leafIndex, treeSize, path, bytes32(0));
    }

    function _requireMismatch(
        bytes32 leafHash,
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[] memory path,
        bytes32 root
    ) private {
        bytes32 got = rfc9162.rootFromInclusionPath(leafHash, leafIndex, treeSize, path);
        vm.expectRevert(rootMismatch(root, got));
        rfc9162.verifyInclusion(leafHash, leafIndex, treeSize, path, root);
    }

    function _requireLengthMatters(uint64 leafIndex, uint64 treeSize, bytes32[] memory path, bytes32 root) private {
        vm.expectRevert(invalidPathLength(path.length));
        rfc9162.verifyInclusion(leafHashOf(leafIndex), leafIndex, treeSize, path, root);
    }
}

contract RFC9162VerifyConsistencyTest is RFC9162Fixture {
    function test_everyPairOfSmallTrees_isProven() public view {
        for (uint64 treeSize2 = 1; treeSize2 <= 17; ++treeSize2) {
            bytes32 root2 = rootOf(treeSize2);
            for (uint64 treeSize1 = 1; treeSize1 <= treeSize2; ++treeSize1) {
                bytes32[] memory path = consistencyPathOf(treeSize1, treeSize2);
                rfc9162.verifyConsistency(treeSize1, treeSize2, path, rootOf(treeSize1), root2);
            }
        }
    }

    function test_fuzz_sizesOutOfOrderOrZero_areRefused(uint64 treeSize1, uint64 treeSize2) public {
        treeSize1 = treeSize1 > treeSize2 ? treeSize1 : 0;
        vm.expectRevert(abi.encodeWithSelector(RFC9162.RFC9162InvalidSizes.selector, treeSize1, treeSize2));
        rfc9162.verifyConsistency(treeSize1, treeSize2, new bytes32[](0), bytes32(0), bytes32(0));
    }

    function test_fuzz_equalSizesWithAPath_areRefused(uint64 treeSize, bytes32 root) public {
        vm.assume(treeSize != 0);
        vm.expectRevert(invalidPathLength(1));
        rfc9162.verifyConsistency(treeSize, treeSize, new bytes32[](1), root, root);
    }

    function test_fuzz_equalSizesWithOtherRoots_areRefused(uint64 treeSize, bytes32 root1, bytes32 root2) public {
        vm.assume(treeSize != 0 && root1 != root2);
        vm.expectRevert(rootMismatch(root2, root1));
        rfc9162.verifyConsistency(treeSize, treeSize, new bytes32[](0), root1, root2);
    }

    function test_fuzz_otherSizesWithoutAPath_areRefused(uint64 treeSize1, uint64 treeSize2) public {
        (treeSize1, treeSize2) = ordered(treeSize1, treeSize2);
        vm.assume(0 < treeSize1 && treeSize1 < treeSize2);
        vm.expectRevert(invalidPathLength(0));
        rfc9162.verifyConsistency(treeSize1, treeSize2, new bytes32[](0), bytes32(0), bytes32(0));
    }

    /// @notice Whatever sizes of 64 bits and whatever path: roots that are inventions are not consistent.
    function test_fuzz_anyPath_provesNoInventedRoots(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[6] calldata hashes,
        uint8 count
    ) public {
        bytes32[] memory path = someOf(hashes, count);
        bytes32 root2 = keccak256(abi.encode(hashes));
        bytes memory call_ = abi.encodeCall(
            RFC9162Harness.rootFromConsistencyPath,
            (treeSize1, treeSize2, path, hashes[0])
        );
        (bool isRoot, bytes memory answer) = address(rfc9162).staticcall(call_);
        // the path leads to the older root, unless it opens with it
        bool isOpening = treeSize1 == 0 || treeSize1 == treeSize2 || treeSize1 & (treeSize1 - 1) == 0;
        vm.assertTrue(!isRoot || isOpening, "an invented older root");
        vm.expectRevert(isRoot ? rootMismatch(root2, abi.decode(answer, (bytes32))) : answer);
        rfc9162.verifyConsistency(treeSize1, treeSize2, path, hashes[0], root2);
    }

    /// @notice A true proof is taken. Another root, older or newer, another hash in the path, one too many or too few,
    /// a tree that forked before the older head: each is refused.
    /// @dev One property, because to make the true proof costs most of it.
    function test_fuzz_falsifiedProof_isRefused(
        uint64 size1,
        uint64 size2,
        uint8 position,
        uint8 bit,
        bytes32 other,
        uint64 fork
    ) public {
        (size1, size2) = _sizes(size1, size2);
        bytes32[] memory path = consistencyPathOf(size1, size2);
        bytes32 root1 = rootOf(size1);
        bytes32 root2 = rootOf(size2);
        rfc9162.verifyConsistency(size1, size2, path, root1, root2);

        if (other != root1) {
            _requireMismatch(size1, size2, path, other, root2, "another older root");
        }
        if (other != root2) {
            vm.expectRevert(rootMismatch(other, root2));
            rfc9162.verifyConsistency(size1, size2, path, root1, other);
        }
        _requireLengthMatters(size1, size2, Trees.append(path, other), root1, root2);
        _requireLengthMatters(size1, size2, shorter(path), root1, root2);
        path[position % path.length] ^= bytes32(uint256(1) << bit);
        _requireMismatch(size1, size2, path, root1, root2, "another hash in the path");

        seed = 2;
        forkAt = fork % size1;
        _requireMismatch(size1, size2, consistencyPathOf(size1, size2), root1, rootOf(size2), "another tree");
    }

    function test_fuzz_tooManyHashes_areRefusedCheaply(uint64 treeSize1, uint64 treeSize2, uint8 length) public {
        (treeSize1, treeSize2) = ordered(treeSize1, treeSize2);
        vm.assume(0 < treeSize1 && treeSize1 < treeSize2);
        bytes32[] memory path = tooMany(length);
        vm.expectRevert(invalidPathLength(path.length));
        rfc9162.verifyConsistency{gas: 250_000}(treeSize1, treeSize2, path, bytes32(0), bytes32(0));
    }

    function _requireLengthMatters(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[] memory path,
        bytes32 root1,
        bytes32 root2
    ) private {
        vm.expectRevert(invalidPathLength(path.length));
        rfc9162.verifyConsistency(treeSize1, treeSize2, path, root1, root2);
    }

    /// @dev Refused, and because of a root: which of the two depends on the sizes.
    function _requireMismatch(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[] memory path,
        bytes32 root1,
        bytes32 root2,
        string memory law
    ) private view {
        (bool success, bytes memory answer) = address(rfc9162).staticcall(
            abi.encodeCall(RFC9162Harness.verifyConsistency, (treeSize1, treeSize2, path, root1, root2))
        );
        vm.assertTrue(!success, law);
        vm.assertTrue(bytes4(answer) == RFC9162.RFC9162RootMismatch.selector, law);
    }

    /// @dev Maps any two numbers to 0 < size 1 < size 2.
    function _sizes(uint64 a, uint64 b) private pure returns (uint64 treeSize1, uint64 treeSize2) {
        treeSize2 = 2 + (b % SIZE_MAX);
        treeSize1 = 1 + (a % (treeSize2 - 1));
    }
}
