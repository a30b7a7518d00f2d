// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {CheckpointTypedData} from "../libraries/CheckpointTypedData.sol";
import {RFC9162} from "../libraries/RFC9162.sol";

/// @title Makes the internal libraries callable from tests
/// @notice Never deployed. One function per library function, same name, same arguments.
contract RFC9162Harness {
    function hashLeaf(bytes calldata entry) external pure returns (bytes32) {
        return RFC9162.hashLeaf(entry);
    }

    function hashChildren(bytes32 left, bytes32 right) external view returns (bytes32) {
        return RFC9162.hashChildren(left, right);
    }

    function rootFromInclusionPath(
        bytes32 leafHash,
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[] calldata path
    ) external view returns (bytes32) {
        return RFC9162.rootFromInclusionPath(leafHash, leafIndex, treeSize, path);
    }

    function verifyInclusion(
        bytes32 leafHash,
        uint64 leafIndex,
        uint64 treeSize,
        bytes32[] calldata path,
        bytes32 rootHash
    ) external view {
        RFC9162.verifyInclusion(leafHash, leafIndex, treeSize, path, rootHash);
    }

    function rootFromConsistencyPath(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[] calldata path,
        bytes32 rootHash1
    ) external view returns (bytes32) {
        return RFC9162.rootFromConsistencyPath(treeSize1, treeSize2, path, rootHash1);
    }

    function verifyConsistency(
        uint64 treeSize1,
        uint64 treeSize2,
        bytes32[] calldata path,
        bytes32 rootHash1,
        bytes32 rootHash2
    ) external view {
        RFC9162.verifyConsistency(treeSize1, treeSize2, path, rootHash1, rootHash2);
    }

    function hashLogId(
        uint256 chainId,
        address evidenceLog,
        string calldata origin,
        bytes32 checkpointKey,
        address anchorKey
    ) external pure returns (bytes32) {
        return CheckpointTypedData.hashLogId(chainId, evidenceLog, origin, checkpointKey, anchorKey);
    }

    function signingDigest(
        uint256 chainId,
        address evidenceLog,
        bytes32 logId,
        uint64 treeSize,
        bytes32 rootHash
    ) external pure returns (bytes32) {
        bytes32 separator = CheckpointTypedData.domainSeparator(chainId, evidenceLog);
        return CheckpointTypedData.signingDigest(separator, logId, treeSize, rootHash);
    }
}
