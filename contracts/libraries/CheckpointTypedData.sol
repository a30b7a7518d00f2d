// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title The bytes behind a log id and behind the anchor key's signature of a checkpoint
/// @notice EIP-712 typed data as `formats.md` section 5 fixes it; the same as `ledger/log/typed_data.py`.
/// @dev Chain id and contract are arguments, never read here: the caller passes the present ones, so that a signature
/// dies with the chain it was made for, and tests can recompute published examples.
library CheckpointTypedData {
    bytes32 private constant _LOG_ID_TYPE_HASH = keccak256(
        "CityLedgerLog(uint256 chainId,address evidenceLog,string origin,bytes32 checkpointKey,address anchorKey)"
    );
    bytes32 private constant _DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant _NAME_HASH = keccak256("CityLedger EvidenceLog");
    bytes32 private constant _VERSION_HASH = keccak256("1");
    bytes32 private constant _CHECKPOINT_TYPE_HASH = keccak256(
        "Checkpoint(bytes32 logId,uint64 treeSize,bytes32 rootHash)"
    );

    /// @notice Id of a log: one hash over everything that names it.
    /// @param chainId Chain of the contract.
    /// @param evidenceLog The contract.
    /// @param origin Origin line of the log's checkpoints.
    /// @param checkpointKey Ed25519 public key of the log's notes.
    /// @param anchorKey Address of the log's secp256k1 key.
    /// @return logId The log id.
    function hashLogId(
        uint256 chainId,
        address evidenceLog,
        string calldata origin,
        bytes32 checkpointKey,
        address anchorKey
    ) internal pure returns (bytes32 logId) {
        return
            keccak256(
                abi.encode(_LOG_ID_TYPE_HASH, chainId, evidenceLog, keccak256(bytes(origin)), checkpointKey, anchorKey)
            );
    }

    /// @notice EIP-712 domain separator of an evidence log contract.
    /// @param chainId Chain of the contract.
    /// @param evidenceLog The contract.
    /// @return separator The domain separator.
    function domainSeparator(uint256 chainId, address evidenceLog) internal pure returns (bytes32 separator) {
        return keccak256(abi.encode(_DOMAIN_TYPE_HASH, _NAME_HASH, _VERSION_HASH, chainId, evidenceLog));
    }

    /// @notice What the anchor key signs for a head.
    /// @param separator The domain separator.
    /// @param logId The log.
    /// @param treeSize Number of entries.
    /// @param rootHash Root of the tree.
    /// @return digest The EIP-712 signing digest.
    function signingDigest(
        bytes32 separator,
        bytes32 logId,
        uint64 treeSize,
        bytes32 rootHash
    ) internal pure returns (bytes32 digest) {
        bytes32 structHash = keccak256(abi.encode(_CHECKPOINT_TYPE_HASH, logId, treeSize, rootHash));
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }
}
