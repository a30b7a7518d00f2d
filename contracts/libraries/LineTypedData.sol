// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Currency, LineId, PeriodId, TableId} from "../types/Ids.sol";
import {Line} from "../types/Lines.sol";
import {BookingTerms} from "../types/Terms.sol";

/// @title What is signed about lines, and the hashes by which the book recognises them
/// @notice Heads of the EIP-712 structs of `RevenueSettlement`: type hash and fields before the common tail.
/// The Python counterpart is `ledger/domain/acts/revenue_settlement.py`.
library LineTypedData {
    /// @notice EIP-712 type hash of a table's opening.
    bytes32 internal constant TABLE_OPENING_TYPE_HASH = keccak256(
        "TableOpening(uint32 nonce,uint32 period,bytes3 currency,bytes32 signer,bytes32 sm2SignatureDigest,"
        "uint256 deadline)"
    );
    /// @notice EIP-712 type hash of a line.
    bytes32 internal constant SETTLEMENT_LINE_TYPE_HASH = keccak256(
        "SettlementLine(uint32 tableId,uint16 tableVersion,bytes32 agreementId,uint8 component,uint32 period,"
        "bytes3 currency,uint16 ordinal,uint8 basis,bytes32 basisHash,uint16 weightsRevision,uint64 gross,"
        "bytes32 corrects,uint64 baseGross,bytes32 ruleVersion,bytes32 priceRuleDigest,bool silenceAccepts,"
        "uint8 payBasis,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice EIP-712 type hash of a credit note.
    bytes32 internal constant CREDIT_NOTE_TYPE_HASH = keccak256(
        "CreditNote(bytes32 lineId,uint64 baseGross,uint64 gross,bytes32 noteDigest,bytes32 signer,"
        "bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `TableOpening`.
    /// @param nonce Number of tables that the platform has opened so far.
    /// @param period Its period.
    /// @param currency Its currency.
    /// @return head Type hash and fields.
    function headOfOpening(uint32 nonce, PeriodId period, Currency currency) internal pure returns (bytes memory head) {
        return abi.encode(TABLE_OPENING_TYPE_HASH, nonce, period, currency);
    }

    /// @notice Head of `SettlementLine`.
    /// @param line The line.
    /// @param terms Its agreement's terms, which the proposer signs with it.
    /// @return head Type hash and fields.
    function headOfLine(Line calldata line, BookingTerms calldata terms) internal pure returns (bytes memory head) {
        return
            bytes.concat(
                abi.encode(SETTLEMENT_LINE_TYPE_HASH, line.tableId, line.tableVersion, line.key),
                abi.encode(line.basis, line.basisHash, line.weightsRevision, line.gross, line.corrects, line.baseGross),
                abi.encode(terms.ruleVersion, terms.priceRuleDigest, terms.silenceAccepts, terms.payBasis)
            );
    }

    /// @notice Head of `CreditNote`.
    /// @param lineId The line that is corrected.
    /// @param baseGross Its gross until now.
    /// @param gross What it becomes.
    /// @param noteDigest Digest of the note.
    /// @return head Type hash and fields.
    function headOfCreditNote(
        LineId lineId,
        uint64 baseGross,
        uint64 gross,
        bytes32 noteDigest
    ) internal pure returns (bytes memory head) {
        return abi.encode(CREDIT_NOTE_TYPE_HASH, lineId, baseGross, gross, noteDigest);
    }

    /// @notice What a booked line is recognised by.
    /// @param line The line.
    /// @param recipientsHash keccak256(abi.encode(recipients)).
    /// @return First 28 bytes of the hash of both.
    function contentHashOf(Line calldata line, bytes32 recipientsHash) internal pure returns (bytes28) {
        return bytes28(keccak256(abi.encode(line, recipientsHash)));
    }

    /// @notice Digest of the lines of a version before the first one, so that it pays no new slot.
    /// @param tableId The table.
    /// @return First 28 bytes of the hash of its number.
    function firstDigestOf(TableId tableId) internal pure returns (bytes28) {
        return bytes28(keccak256(abi.encode(tableId)));
    }

    /// @notice Digest of a version's lines after one more.
    /// @param linesDigest Digest before.
    /// @param lineId The line.
    /// @param contentHash What the line is recognised by.
    /// @return First 28 bytes of the hash of the three.
    function nextDigest(bytes28 linesDigest, LineId lineId, bytes28 contentHash) internal pure returns (bytes28) {
        return bytes28(keccak256(abi.encode(linesDigest, lineId, contentHash)));
    }
}
