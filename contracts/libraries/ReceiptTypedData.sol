// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../interfaces/IDeliveryReceipts.sol";
import {AgreementId, ConnectorId, StreamId} from "../types/Ids.sol";

/// @title What provider and consumer sign about usage
/// @notice EIP-712 heads of the acts of `DeliveryReceipts`: type hash and fields before the common tail, which
/// {PartySignatures} adds.
library ReceiptTypedData {
    /// @notice EIP-712 type hash of a claim. Claim and acknowledgement both nest its struct hash, so that the second
    /// covers exactly what the first says.
    bytes32 internal constant USAGE_CLAIM_TYPE_HASH = keccak256(
        "UsageClaim(bytes32 streamId,uint64 index,uint64 firstSequence,uint64 nextSequence,uint64 units,uint64 records,"
        "uint64 byteCount,bytes32 batchRoot,uint32 servicePeriod)"
    );
    bytes32 private constant _STREAM_TYPE_HASH = keccak256(
        "Stream(bytes32 agreementId,bytes32 connectorId,uint64 firstSequence,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _USAGE_STATEMENT_TYPE_HASH = keccak256(
        "UsageStatement(UsageClaim claim,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
        "UsageClaim(bytes32 streamId,uint64 index,uint64 firstSequence,uint64 nextSequence,uint64 units,uint64 records,"
        "uint64 byteCount,bytes32 batchRoot,uint32 servicePeriod)"
    );
    bytes32 private constant _ACKNOWLEDGEMENT_TYPE_HASH = keccak256(
        "Acknowledgement(UsageClaim claim,uint64 acceptedUnits,bytes32 groundsDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
        "UsageClaim(bytes32 streamId,uint64 index,uint64 firstSequence,uint64 nextSequence,uint64 units,uint64 records,"
        "uint64 byteCount,bytes32 batchRoot,uint32 servicePeriod)"
    );
    bytes32 private constant _GAP_VOID_TYPE_HASH = keccak256(
        "GapVoid(bytes32 streamId,uint64 firstSequence,uint64 nextSequence,bytes32 reasonDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice EIP-712 struct hash of a claim.
    /// @param claim The claim.
    /// @return The struct hash, which the contract keeps as the statement's record of it.
    function hashClaim(IDeliveryReceipts.UsageClaim calldata claim) internal pure returns (bytes32) {
        return keccak256(abi.encode(USAGE_CLAIM_TYPE_HASH, claim));
    }

    /// @notice Head of `Stream`.
    /// @param agreementId The agreement.
    /// @param connectorId The connector.
    /// @param firstSequence Where the first statement must begin.
    /// @return head What comes before the tail.
    function headOfStream(
        AgreementId agreementId,
        ConnectorId connectorId,
        uint64 firstSequence
    ) internal pure returns (bytes memory head) {
        return abi.encode(_STREAM_TYPE_HASH, agreementId, connectorId, firstSequence);
    }

    /// @notice Head of `UsageStatement`.
    /// @param claimHash Struct hash of the claim.
    /// @return head What comes before the tail.
    function headOfUsageStatement(bytes32 claimHash) internal pure returns (bytes memory head) {
        return abi.encode(_USAGE_STATEMENT_TYPE_HASH, claimHash);
    }

    /// @notice Head of `Acknowledgement`.
    /// @param claimHash Struct hash of the claim.
    /// @param acceptedUnits Units accepted.
    /// @param groundsDigest Digest of the grounds, or zero.
    /// @return head What comes before the tail.
    function headOfAcknowledgement(
        bytes32 claimHash,
        uint64 acceptedUnits,
        bytes32 groundsDigest
    ) internal pure returns (bytes memory head) {
        return abi.encode(_ACKNOWLEDGEMENT_TYPE_HASH, claimHash, acceptedUnits, groundsDigest);
    }

    /// @notice Head of `GapVoid`.
    /// @param streamId The stream.
    /// @param firstSequence First missing number.
    /// @param nextSequence Where the next statement will begin.
    /// @param reasonDigest Digest of the reason.
    /// @return head What comes before the tail.
    function headOfGapVoid(
        StreamId streamId,
        uint64 firstSequence,
        uint64 nextSequence,
        bytes32 reasonDigest
    ) internal pure returns (bytes memory head) {
        return abi.encode(_GAP_VOID_TYPE_HASH, streamId, firstSequence, nextSequence, reasonDigest);
    }
}
