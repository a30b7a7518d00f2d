// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {DisputeTypedData} from "../libraries/DisputeTypedData.sol";
import {AgreementId, BodyId, DisputeId} from "../types/Ids.sol";

/// @title DisputeTypedData, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract DisputeHarness {
    function disputeIdOf(AgreementId agreementId, BodyId opener, uint256 nonce) external pure returns (DisputeId) {
        return DisputeTypedData.disputeIdOf(agreementId, opener, nonce);
    }

    function headOfCase(IDisputes.DisputeCase calldata disputeCase) external pure returns (bytes memory) {
        return DisputeTypedData.headOfCase(disputeCase);
    }

    function headOfExtension(DisputeId disputeId, uint64 reviewAt, uint256 nonce) external pure returns (bytes memory) {
        return DisputeTypedData.headOfExtension(disputeId, reviewAt, nonce);
    }

    function headOfRuling(
        DisputeId disputeId,
        bytes32 rulingDigest,
        uint64 awardedUnits,
        bool correctsGross,
        uint64 baseGross,
        uint64 correctedGross
    ) external pure returns (bytes memory) {
        return
            DisputeTypedData.headOfRuling(
                disputeId,
                IDisputes.Decision(rulingDigest, awardedUnits, correctsGross, baseGross, correctedGross)
            );
    }

    function headOfWithdrawal(DisputeId disputeId, bytes32 reasonDigest) external pure returns (bytes memory) {
        return DisputeTypedData.headOfWithdrawal(disputeId, reasonDigest);
    }
}
