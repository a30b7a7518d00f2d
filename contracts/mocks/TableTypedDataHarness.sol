// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../interfaces/IDistributionTables.sol";
import {SettledUnits} from "../libraries/SettledUnits.sol";
import {TableTypedData} from "../libraries/TableTypedData.sol";
import {Currency, LineId, ObjectionId, PeriodId, TableId, TableVersion} from "../types/Ids.sol";

/// @title The libraries of distribution tables, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract TableTypedDataHarness {
    using SettledUnits for mapping(uint256 word => uint256 bits);

    mapping(uint256 word => uint256 bits) private _words;

    function take(uint64 firstIndex, uint64 nextIndex) external returns (bool) {
        return _words.take(firstIndex, nextIndex);
    }

    function bitsOf(uint256 word) external view returns (uint256) {
        return _words[word];
    }

    function headOfTable(
        IDistributionTables.Proposal calldata proposal,
        PeriodId period,
        Currency currency
    ) external pure returns (bytes memory) {
        return TableTypedData.headOfTable(proposal, period, currency);
    }

    function headOfPublication(
        IDistributionTables.Proposal calldata proposal,
        bytes32 publicationDigest
    ) external pure returns (bytes memory) {
        return TableTypedData.headOfPublication(proposal, publicationDigest);
    }

    function headOfObjection(
        TableId tableId,
        TableVersion tableVersion,
        LineId lineId,
        uint64 amount,
        bytes32 groundsDigest
    ) external pure returns (bytes memory) {
        return TableTypedData.headOfObjection(tableId, tableVersion, lineId, amount, groundsDigest);
    }

    function headOfAnswer(
        ObjectionId objectionId,
        bool upheld,
        bytes32 answerDigest
    ) external pure returns (bytes memory) {
        return TableTypedData.headOfAnswer(objectionId, upheld, answerDigest);
    }

    function headOfReviewRequest(ObjectionId objectionId, bytes32 groundsDigest) external pure returns (bytes memory) {
        return TableTypedData.headOfReviewRequest(objectionId, groundsDigest);
    }

    function headOfReviewDecision(
        ObjectionId objectionId,
        bool upheld,
        bytes32 decisionDigest
    ) external pure returns (bytes memory) {
        return TableTypedData.headOfReviewDecision(objectionId, upheld, decisionDigest);
    }

    function headOfWithdrawal(ObjectionId objectionId, bytes32 reasonDigest) external pure returns (bytes memory) {
        return TableTypedData.headOfWithdrawal(objectionId, reasonDigest);
    }
}
