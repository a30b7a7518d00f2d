// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../interfaces/IDeliveryReceipts.sol";
import {ReceiptTypedData} from "../libraries/ReceiptTypedData.sol";
import {AgreementId, ConnectorId, StreamId} from "../types/Ids.sol";

/// @title ReceiptTypedData, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract ReceiptHarness {
    function hashClaim(IDeliveryReceipts.UsageClaim calldata claim) external pure returns (bytes32) {
        return ReceiptTypedData.hashClaim(claim);
    }

    function headOfStream(
        AgreementId agreementId,
        ConnectorId connectorId,
        uint64 firstSequence
    ) external pure returns (bytes memory) {
        return ReceiptTypedData.headOfStream(agreementId, connectorId, firstSequence);
    }

    function headOfUsageStatement(bytes32 claimHash) external pure returns (bytes memory) {
        return ReceiptTypedData.headOfUsageStatement(claimHash);
    }

    function headOfAcknowledgement(
        bytes32 claimHash,
        uint64 acceptedUnits,
        bytes32 groundsDigest
    ) external pure returns (bytes memory) {
        return ReceiptTypedData.headOfAcknowledgement(claimHash, acceptedUnits, groundsDigest);
    }

    function headOfGapVoid(
        StreamId streamId,
        uint64 firstSequence,
        uint64 nextSequence,
        bytes32 reasonDigest
    ) external pure returns (bytes memory) {
        return ReceiptTypedData.headOfGapVoid(streamId, firstSequence, nextSequence, reasonDigest);
    }
}
