// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IRevenueSettlement} from "../interfaces/IRevenueSettlement.sol";
import {AgreementTypedData} from "../libraries/AgreementTypedData.sol";
import {BodyId, LineId, TableId, TableVersion} from "../types/Ids.sol";
import {LineProof} from "../types/Lines.sol";
import {PayBasis} from "../types/Terms.sol";

/// @notice The book of lines as tables and payouts see it: hashes, places and digests are real, amounts are whatever a
/// test says. Bookings never change.
contract StubBook {
    struct Booking {
        IRevenueSettlement.LineRecord record;
        int64[] amounts;
    }

    mapping(TableId tableId => IRevenueSettlement.Table table) private _tables;
    mapping(TableId tableId => mapping(TableVersion tableVersion => IRevenueSettlement.VersionBook book))
        private _books;
    mapping(LineId lineId => mapping(TableId tableId => mapping(TableVersion tableVersion => Booking booking)))
        private _bookings;

    function openTable(TableId tableId, IRevenueSettlement.Table calldata table) external {
        _tables[tableId] = table;
        for (uint16 version = 1; version <= 16; ++version) {
            _books[tableId][TableVersion.wrap(version)].linesDigest = bytes28(keccak256(abi.encode(tableId)));
        }
    }

    function bookLine(
        LineProof calldata proof,
        int64[] calldata amounts,
        PayBasis payBasis,
        bool isPublic
    ) external returns (LineId lineId) {
        (TableId tableId, TableVersion tableVersion) = (proof.line.tableId, proof.line.tableVersion);
        lineId = AgreementTypedData.lineIdOf(proof.line.key);
        Booking storage booking = _bookings[lineId][tableId][tableVersion];
        if (booking.record.contentHash != 0) {
            revert IRevenueSettlement.RevenueSettlementAlreadyBooked(lineId);
        }
        IRevenueSettlement.VersionBook storage book = _books[tableId][tableVersion];
        bytes28 contentHash = _contentHash(proof);
        booking.record = IRevenueSettlement.LineRecord(contentHash, book.lineCount, uint8(amounts.length), payBasis);
        booking.amounts = amounts;
        book.linesDigest = bytes28(keccak256(abi.encode(book.linesDigest, lineId, contentHash)));
        ++book.lineCount;
        book.hasPublic = book.hasPublic || isPublic;
    }

    function tableOf(TableId tableId) external view returns (IRevenueSettlement.Table memory) {
        if (BodyId.unwrap(_tables[tableId].proposer) == 0) {
            revert IRevenueSettlement.RevenueSettlementUnknownTable(tableId);
        }
        return _tables[tableId];
    }

    function versionBook(
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (IRevenueSettlement.VersionBook memory) {
        return _books[tableId][tableVersion];
    }

    function lineOf(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (IRevenueSettlement.LineRecord memory) {
        return _bookings[lineId][tableId][tableVersion].record;
    }

    function amountsOf(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (int64[] memory) {
        return _bookings[lineId][tableId][tableVersion].amounts;
    }

    function requireBooked(
        LineProof calldata proof
    ) external view returns (LineId lineId, IRevenueSettlement.LineRecord memory record) {
        lineId = AgreementTypedData.lineIdOf(proof.line.key);
        record = _bookings[lineId][proof.line.tableId][proof.line.tableVersion].record;
        bytes28 contentHash = _contentHash(proof);
        if (record.contentHash != contentHash) {
            revert IRevenueSettlement.RevenueSettlementUnknownLine(lineId, contentHash);
        }
    }

    function _contentHash(LineProof calldata proof) private pure returns (bytes28) {
        return bytes28(keccak256(abi.encode(proof.line, keccak256(abi.encode(proof.recipients)))));
    }
}
