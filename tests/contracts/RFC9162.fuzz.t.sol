// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {RFC9162Harness} from "../../contracts/mocks/RFC9162Harness.sol";
import {Trees} from "./helpers/Trees.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Proofs of small trees, 100,000 times a property
/// @notice Every tree of up to twelve leaves, in every shape that its sizes give, with its roots computed once. What is
/// changed in a proof is drawn: the leaf, one bit of any hash, one hash more or less, another root. The wide properties
/// (large trees, cheap refusals, exact errors) are in `RFC9162.t.sol`.
contract RFC9162FuzzTest is Test {
    uint256 private constant _LEAVES = 12;

    RFC9162Harness private _rfc9162;
    mapping(uint256 place => bytes32 root) private _roots;

    function setUp() public {
        _rfc9162 = RFC9162Harness(deployed("RFC9162Harness", ""));
        for (uint256 length = 1; length <= _LEAVES; ++length) {
            for (uint256 start = 0; start + length <= _LEAVES; ++start) {
                uint256 k = length == 1 ? 0 : Trees.split(length);
                _roots[start * 100 + start + length] =
                    length == 1
                        ? keccak256(abi.encode("leaf", start))
                        : Trees.node(_root(start, start + k), _root(start + k, start + length));
            }
        }
    }

    function test_fuzz_inclusion_isProvenAndNothingElseIs(uint8 index, uint8 size, uint8 what, bytes32 word) public {
        uint64 treeSize = 1 + (size % uint64(_LEAVES));
        uint64 leafIndex = index % treeSize;
        bytes32[] memory path = Trees.inclusionPath(leafIndex, 0, treeSize, _root);
        bytes32 leaf = _root(leafIndex, leafIndex + 1);
        bytes32 root = _root(0, treeSize);
        _rfc9162.verifyInclusion(leaf, leafIndex, treeSize, path, root);
        if (what % 4 == 0) {
            leaf ^= _bit(word);
        } else if (what % 4 == 1) {
            root ^= _bit(word);
        } else {
            path = _change(path, what, word);
        }
        vm.expectRevert();
        _rfc9162.verifyInclusion(leaf, leafIndex, treeSize, path, root);
    }

    function test_fuzz_consistency_isProvenAndNothingElseIs(
        uint8 first,
        uint8 second,
        uint8 what,
        bytes32 word
    ) public {
        uint64 size2 = 2 + (second % uint64(_LEAVES - 1));
        uint64 size1 = 1 + (first % (size2 - 1));
        bytes32[] memory path = Trees.consistencyPath(size1, size2, _root);
        (bytes32 root1, bytes32 root2) = (_root(0, size1), _root(0, size2));
        _rfc9162.verifyConsistency(size1, size2, path, root1, root2);
        if (what % 4 == 0) {
            root1 ^= _bit(word);
        } else if (what % 4 == 1) {
            root2 ^= _bit(word);
        } else {
            path = _change(path, what, word);
        }
        vm.expectRevert();
        _rfc9162.verifyConsistency(size1, size2, path, root1, root2);
    }

    /// @notice Whatever sizes of 64 bits and whatever path, a root that is somebody's invention is refused.
    function test_fuzz_anything_provesNothing(uint64 a, uint64 b, bytes32[6] calldata hashes, uint8 count) public {
        bytes32[] memory path = new bytes32[](count % 7);
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = hashes[i];
        }
        bytes32 root = keccak256(abi.encode(hashes));
        vm.expectRevert();
        _rfc9162.verifyInclusion(hashes[0], a, b, path, root);
        vm.expectRevert();
        _rfc9162.verifyConsistency(a, b, path, hashes[0], root);
    }

    function test_fuzz_hashes_areThePlainForms(bytes32 left, bytes32 right, bytes32[3] calldata entry) public view {
        vm.assertEq(_rfc9162.hashChildren(left, right), sha256(abi.encodePacked(hex"01", left, right)));
        bytes memory leaf = abi.encodePacked(entry);
        vm.assertEq(_rfc9162.hashLeaf(leaf), sha256(bytes.concat(hex"00", leaf)));
    }

    /// @dev One bit of one hash changed, or one hash more, or one less.
    function _change(bytes32[] memory path, uint8 what, bytes32 word) private pure returns (bytes32[] memory changed) {
        if (path.length == 0 || what % 4 == 2) {
            return Trees.append(path, word);
        }
        if (what % 8 == 3) {
            path[uint256(word) % path.length] ^= _bit(word);
            return path;
        }
        changed = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < changed.length; ++i) {
            changed[i] = path[i];
        }
    }

    function _root(uint256 start, uint256 end) private view returns (bytes32) {
        return _roots[start * 100 + end];
    }

    function _bit(bytes32 word) private pure returns (bytes32) {
        return bytes32(1 << (uint256(word) >> 248));
    }
}
