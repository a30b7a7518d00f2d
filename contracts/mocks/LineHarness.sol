// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {LineTypedData} from "../libraries/LineTypedData.sol";
import {Currency, LineId, PeriodId, TableId} from "../types/Ids.sol";
import {Line} from "../types/Lines.sol";
import {BookingTerms} from "../types/Terms.sol";

/// @title LineTypedData, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract LineHarness {
    function headOfOpening(uint32 nonce, PeriodId period, Currency currency) external pure returns (bytes memory) {
        return LineTypedData.headOfOpening(nonce, period, currency);
    }

    function headOfLine(Line calldata line, BookingTerms calldata terms) external pure returns (bytes memory) {
        return LineTypedData.headOfLine(line, terms);
    }

    function headOfCreditNote(
        LineId lineId,
        uint64 baseGross,
        uint64 gross,
        bytes32 noteDigest
    ) external pure returns (bytes memory) {
        return LineTypedData.headOfCreditNote(lineId, baseGross, gross, noteDigest);
    }

    function contentHashOf(Line calldata line, bytes32 recipientsHash) external pure returns (bytes28) {
        return LineTypedData.contentHashOf(line, recipientsHash);
    }

    function firstDigestOf(TableId tableId) external pure returns (bytes28) {
        return LineTypedData.firstDigestOf(tableId);
    }

    function nextDigest(bytes28 linesDigest, LineId lineId, bytes28 contentHash) external pure returns (bytes28) {
        return LineTypedData.nextDigest(linesDigest, lineId, contentHash);
    }
}
