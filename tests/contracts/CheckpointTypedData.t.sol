// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Council} from "../../contracts/Council.sol";
import {EvidenceLog} from "../../contracts/EvidenceLog.sol";
import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {RFC9162Harness} from "../../contracts/mocks/RFC9162Harness.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The worked examples of `tests/vectors/formats`, made by a second implementation of the formats
/// @notice Log id and signing digest are recomputed by the library; then the contract itself, put at the examples'
/// address, opens the examples' log and takes the examples' signatures.
contract CheckpointTypedDataVectorsTest is Test {
    string private constant _FOLDER = "./tests/vectors/formats/";

    RFC9162Harness private _library;
    string private _keys;
    string private _checkpoints;
    address private _evidenceLog;
    address private _anchorAddress;
    bytes32 private _logId;

    function setUp() public {
        _library = RFC9162Harness(deployed("RFC9162Harness", ""));
        _keys = vm.readFile(string.concat(_FOLDER, "keys.json"));
        _checkpoints = vm.readFile(string.concat(_FOLDER, "checkpoints.json"));
        _evidenceLog = vm.parseJsonAddress(_keys, ".evidence_log");
        _anchorAddress = vm.parseJsonAddress(_keys, ".anchor_address");
        _logId = vm.parseJsonBytes32(_keys, ".log_id");
    }

    function test_logId_isThePublishedOne() public view {
        bytes32 logId = _library.hashLogId(
            vm.parseJsonUint(_keys, ".chain_id"),
            _evidenceLog,
            vm.parseJsonString(_keys, ".origin"),
            vm.parseJsonBytes32(_keys, ".checkpoint_public_key"),
            _anchorAddress
        );
        vm.assertEq(logId, _logId);
    }

    function test_everyPublishedSignature_isTheAnchorKeys() public view {
        uint256 count = _count();
        vm.assertTrue(count >= 4, "no checkpoints");
        for (uint256 i = 0; i < count; ++i) {
            bytes32 digest = _library.signingDigest(
                vm.parseJsonUint(_keys, ".chain_id"),
                _evidenceLog,
                _logId,
                _treeSize(i),
                _rootHash(i)
            );
            bytes memory signature = _signature(i);
            (bytes32 r, bytes32 s, uint8 v) = _split(signature);
            vm.assertEq(ecrecover(digest, v, r, s), _anchorAddress);
        }
    }

    function test_contractAtThePublishedAddress_takesEveryPublishedHead() public {
        address[] memory bodies = new address[](1);
        bodies[0] = address(1);
        Council council = Council(deployed("Council", abi.encode(bodies, 1)));
        vm.chainId(vm.parseJsonUint(_keys, ".chain_id"));
        vm.etch(_evidenceLog, address(EvidenceLog(deployed("EvidenceLog", abi.encode(address(council))))).code);
        IEvidenceLog evidenceLog = IEvidenceLog(_evidenceLog);
        string memory origin = vm.parseJsonString(_keys, ".origin");
        bytes32 checkpointKey = vm.parseJsonBytes32(_keys, ".checkpoint_public_key");
        vm.prank(address(council));
        vm.assertEq(evidenceLog.openLog(origin, checkpointKey, _anchorAddress), _logId);
        bytes32[] memory noPath = new bytes32[](0);
        uint256 last = _count() - 1;
        IEvidenceLog.Outcome outcome = evidenceLog.anchor(
            _logId,
            0,
            _treeSize(last),
            _rootHash(last),
            noPath,
            _signature(last)
        );
        vm.assertEq(uint256(outcome), uint256(IEvidenceLog.Outcome.ANCHORED));
        for (uint256 i = 0; i < last; ++i) {
            outcome = evidenceLog.anchor(_logId, 0, _treeSize(i), _rootHash(i), noPath, _signature(i));
            vm.assertEq(uint256(outcome), uint256(IEvidenceLog.Outcome.STALE));
        }
    }

    function _count() private view returns (uint256 count) {
        while (vm.keyExistsJson(_checkpoints, string.concat("$[", vm.toString(count), "].tree_size"))) {
            ++count;
        }
    }

    function _treeSize(uint256 i) private view returns (uint64) {
        return uint64(vm.parseJsonUint(_checkpoints, _key(i, "tree_size")));
    }

    function _rootHash(uint256 i) private view returns (bytes32) {
        return vm.parseJsonBytes32(_checkpoints, _key(i, "root_hash"));
    }

    function _signature(uint256 i) private view returns (bytes memory) {
        return vm.parseJsonBytes(_checkpoints, _key(i, "eip712_signature"));
    }

    function _key(uint256 i, string memory name) private pure returns (string memory) {
        return string.concat("$[", vm.toString(i), "].", name);
    }

    function _split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        vm.assertEq(signature.length, 65);
        (r, s) = abi.decode(signature, (bytes32, bytes32));
        v = uint8(signature[64]);
    }
}
