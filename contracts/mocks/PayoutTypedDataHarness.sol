// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayouts} from "../interfaces/IPayouts.sol";
import {PayoutTypedData} from "../libraries/PayoutTypedData.sol";
import {BodyId, LineId, PayoutId} from "../types/Ids.sol";

/// @title What is signed about accounts and payouts, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract PayoutTypedDataHarness {
    function headOfAccount(BodyId payee, uint32 version, bytes32 accountDigest) external pure returns (bytes memory) {
        return PayoutTypedData.headOfAccount(payee, version, accountDigest);
    }

    function headOfCancellation(BodyId payee, uint32 version) external pure returns (bytes memory) {
        return PayoutTypedData.headOfCancellation(payee, version);
    }

    function headOfCollection(LineId lineId, bytes32 statementDigest) external pure returns (bytes memory) {
        return PayoutTypedData.headOfCollection(lineId, statementDigest);
    }

    function headOfInstruction(IPayouts.Instruction calldata instruction) external pure returns (bytes memory) {
        return PayoutTypedData.headOfInstruction(instruction);
    }

    function headOfReport(
        PayoutId payoutId,
        IPayouts.PayoutStatus status,
        bytes32 statementDigest
    ) external pure returns (bytes memory) {
        return PayoutTypedData.headOfReport(payoutId, status, statementDigest);
    }

    function headOfRewards(IPayouts.Rewards calldata rewards) external pure returns (bytes memory) {
        return PayoutTypedData.headOfRewards(rewards);
    }
}
