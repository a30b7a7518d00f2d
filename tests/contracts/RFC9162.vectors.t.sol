// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {RFC9162Harness} from "../../contracts/mocks/RFC9162Harness.sol";
import {Base64} from "./helpers/Base64.sol";
import {Test, Vm} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Every published proof case that Solidity's types can hold
/// @notice `tests/vectors/rfc9162` has 196 cases. 53 hold a hash whose length is not 32 bytes and cannot be passed to a
/// function of `bytes32` at all; the other 143 must be judged as `wantErr` says. The Python side judges all 196.
contract RFC9162VectorsTest is Test {
    RFC9162Harness private _rfc9162;

    uint256 private _accepted;
    uint256 private _refused;
    uint256 private _unencodable;

    function setUp() public {
        _rfc9162 = RFC9162Harness(deployed("RFC9162Harness", ""));
    }

    function test_inclusionCases_areJudgedAsMarked() public {
        _judgeAll("./tests/vectors/rfc9162/inclusion", _callOfInclusionCase);
        vm.assertEq(_accepted, 6, "accepted");
        vm.assertEq(_refused, 66, "refused");
        vm.assertEq(_unencodable, 26, "not encodable");
    }

    function test_consistencyCases_areJudgedAsMarked() public {
        _judgeAll("./tests/vectors/rfc9162/consistency", _callOfConsistencyCase);
        vm.assertEq(_accepted, 5, "accepted");
        vm.assertEq(_refused, 66, "refused");
        vm.assertEq(_unencodable, 27, "not encodable");
    }

    function _judgeAll(
        string memory folder,
        function(string memory) pure returns (bool, bytes memory) callOfCase
    ) private {
        Vm.DirEntry[] memory entries = vm.readDir(folder, 3);
        for (uint256 i = 0; i < entries.length; ++i) {
            if (entries[i].isDir) {
                continue;
            }
            string memory json = vm.readFile(entries[i].path);
            (bool isEncodable, bytes memory call_) = callOfCase(json);
            if (!isEncodable) {
                ++_unencodable;
                continue;
            }
            (bool isAccepted, ) = address(_rfc9162).staticcall(call_);
            vm.assertTrue(isAccepted != vm.parseJsonBool(json, ".wantErr"), entries[i].path);
            isAccepted ? ++_accepted : ++_refused;
        }
    }

    function _callOfInclusionCase(string memory json) private pure returns (bool isEncodable, bytes memory call_) {
        (bool isPath, bytes32[] memory path) = _path(json);
        (bool isLeaf, bytes32 leafHash) = Base64.tryDecode32(vm.parseJsonString(json, ".leafHash"));
        (bool isRoot, bytes32 root) = Base64.tryDecode32(vm.parseJsonString(json, ".root"));
        uint64 leafIndex = uint64(vm.parseJsonUint(json, ".leafIdx"));
        uint64 treeSize = uint64(vm.parseJsonUint(json, ".treeSize"));
        isEncodable = isPath && isLeaf && isRoot;
        call_ = abi.encodeCall(RFC9162Harness.verifyInclusion, (leafHash, leafIndex, treeSize, path, root));
    }

    function _callOfConsistencyCase(string memory json) private pure returns (bool isEncodable, bytes memory call_) {
        (bool isPath, bytes32[] memory path) = _path(json);
        (bool isRoot1, bytes32 root1) = Base64.tryDecode32(vm.parseJsonString(json, ".root1"));
        (bool isRoot2, bytes32 root2) = Base64.tryDecode32(vm.parseJsonString(json, ".root2"));
        uint64 treeSize1 = uint64(vm.parseJsonUint(json, ".size1"));
        uint64 treeSize2 = uint64(vm.parseJsonUint(json, ".size2"));
        isEncodable = isPath && isRoot1 && isRoot2;
        call_ = abi.encodeCall(RFC9162Harness.verifyConsistency, (treeSize1, treeSize2, path, root1, root2));
    }

    function _path(string memory json) private pure returns (bool isEncodable, bytes32[] memory path) {
        string[] memory items;
        try vm.parseJsonStringArray(json, ".proof") returns (string[] memory proof) {
            items = proof;
        } catch {
            // "proof": null is an empty path; anything else that cannot be read would change the counts
        }
        path = new bytes32[](items.length);
        isEncodable = true;
        for (uint256 i = 0; i < items.length; ++i) {
            bool isHash;
            (isHash, path[i]) = Base64.tryDecode32(items[i]);
            isEncodable = isEncodable && isHash;
        }
    }
}
