// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {TableTypedDataHarness} from "../../contracts/mocks/TableTypedDataHarness.sol";
import {LineId, ObjectionId, StreamId, TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {LineProof, StatementRange} from "../../contracts/types/Lines.sol";
import {BasisKind, Component} from "../../contracts/types/Terms.sol";
import {SettlementFixture} from "./helpers/Settlement.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title When a line is final, and what it uses up
contract DistributionTablesFinalityTest is SettlementFixture {
    LineProof private _proof;
    LineId private _lineId;

    function setUp() public override {
        super.setUp();
        _proof = usageLine(TABLE_1, V1, 0, 1000);
        _lineId = bookLine(_proof, true);
    }

    function test_finalizeLine_afterTheWindow_byAnyone() public {
        publishedTable(TABLE_1, V1);
        uint48 windowEnds = tables.versionOf(TABLE_1, V1).windowEnds;
        vm.warp(windowEnds);
        _refuse(
            _proof,
            rangesOf(0),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesWindowOpen.selector, _lineId, windowEnds)
        );
        vm.warp(uint256(windowEnds) + 1);
        vm.prank(address(0xbeef));
        vm.expectEmit(address(tables));
        emit IDistributionTables.LineFinalized(_lineId, TABLE_1, V1);
        tables.finalizeLine(_proof, rangesOf(0));
        IDistributionTables.Finality memory finality = tables.finalityOf(_lineId);
        vm.assertEq(TableId.unwrap(finality.tableId), 1);
        vm.assertFalse(finality.tableVersion != V1);
        vm.assertEq(finality.currentGross, 1000);
        _refuse(
            _proof,
            rangesOf(0),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesAlreadyFinal.selector, _lineId)
        );
    }

    function test_finalizeLine_inEveryEarlierStatus_isRefused() public {
        vm.warp(block.timestamp + 1);
        _refuse(_proof, rangesOf(0), _wrongStatus(IDistributionTables.VersionStatus.UNKNOWN));
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        propose(proposal, "trading");
        _refuse(_proof, rangesOf(0), _wrongStatus(IDistributionTables.VersionStatus.PROPOSED));
        tables.sign(proposal, signTable(headOfTable(proposal), "authorisation"));
        publish(proposal, "trading");
        vm.warp(block.timestamp + 365 days);
        _refuse(_proof, rangesOf(0), _wrongStatus(IDistributionTables.VersionStatus.SIGNED));
    }

    function test_finalizeLine_ofOtherContent_isRefused() public {
        _publishAndWait(TABLE_1, V1);
        _proof.line.gross = 2000;
        bytes28 contentHash = bytes28(keccak256(abi.encode(_proof.line, keccak256(abi.encode(_proof.recipients)))));
        _refuse(
            _proof,
            rangesOf(0),
            abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementUnknownLine.selector, _lineId, contentHash)
        );
    }

    function test_finalizeLine_bookedAfterTheProposal_isNotCovered() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        propose(proposal, "trading");
        LineProof memory late = usageLine(TABLE_1, V1, 1, 500);
        LineId lateId = bookLine(late, false);
        tables.sign(proposal, signTable(headOfTable(proposal), "authorisation"));
        publish(proposal, "trading");
        publish(proposal, "authorisation");
        vm.warp(block.timestamp + FLOOR + 1);
        _refuse(
            late,
            rangesOf(1),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesNotCovered.selector, lateId)
        );
        tables.finalizeLine(_proof, rangesOf(0));
    }

    function test_finalizeLine_bookedAgainInASignedVersion_waitsForThatOne() public {
        LineProof memory untouched = usageLine(TABLE_1, V1, 1, 500);
        bookLine(untouched, false);
        _publishAndWait(TABLE_1, V1);
        LineProof memory again = usageLine(TABLE_1, V2, 0, 900);
        bookLine(again, true);
        IDistributionTables.Proposal memory proposal = signedTable(TABLE_1, V2);
        bytes memory refusal = abi.encodeWithSelector(
            IDistributionTables.DistributionTablesReplaced.selector,
            _lineId,
            V2
        );
        _refuse(_proof, rangesOf(0), refusal);
        tables.finalizeLine(untouched, rangesOf(1));
        publish(proposal, "trading");
        publish(proposal, "authorisation");
        _refuse(again, rangesOf(0), _windowOpen(V2));
        vm.warp(block.timestamp + FLOOR + 1);
        _refuse(_proof, rangesOf(0), refusal);
        tables.finalizeLine(again, rangesOf(0));
        vm.assertFalse(tables.finalityOf(_lineId).tableVersion != V2);
        vm.assertEq(tables.finalityOf(_lineId).currentGross, 900);
    }

    function test_finalizeLine_bookedAgainButNotSignedOrNotCovered_isNotReplaced() public {
        _publishAndWait(TABLE_1, V1);
        bookLine(usageLine(TABLE_1, V2, 1, 10), false);
        propose(proposalOf(TABLE_1, V2), "trading");
        // booked after the proposal of version 2, so not part of it
        bookLine(usageLine(TABLE_1, V2, 0, 900), true);
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V2);
        vm.assertEq(proposal.lineCount, 2);
        tables.finalizeLine(_proof, rangesOf(0));
    }

    function test_finalizeLine_bookedAgainAfterTheSignature_isNotReplaced() public {
        _publishAndWait(TABLE_1, V1);
        bookLine(usageLine(TABLE_1, V2, 1, 10), false);
        signedTable(TABLE_1, V2);
        bookLine(usageLine(TABLE_1, V2, 0, 900), true);
        tables.finalizeLine(_proof, rangesOf(0));
    }

    function test_finalizeLine_underObjection_waitsOrIsLost() public {
        publishedTable(TABLE_1, V1);
        ObjectionId first = object(_proof, 400, "provider");
        ObjectionId second = object(_proof, 1, "holder");
        vm.warp(block.timestamp + FLOOR + 1);
        _refuse(_proof, rangesOf(0), _objected(2, false));
        bytes memory head = headOfWithdrawal(first);
        tables.withdrawObjection(first, "reason", signTable(head, "provider"));
        _refuse(_proof, rangesOf(0), _objected(1, false));
        answer(second, true);
        _refuse(_proof, rangesOf(0), _objected(0, true));
    }

    function test_finalizeLine_withOtherRangesThanBooked_isRefused() public {
        _publishAndWait(TABLE_1, V1);
        bytes memory refusal = abi.encodeWithSelector(
            IDistributionTables.DistributionTablesWrongRanges.selector,
            _lineId
        );
        _refuse(_proof, rangesOf(1), refusal);
        _refuse(_proof, noRanges(), refusal);
    }

    function test_finalizeLine_ofAScheduledCharge_takesNoRanges() public {
        LineProof memory fee = usageLine(TABLE_2, V1, 0, 300);
        fee.line.key.component = Component.BASE_FEE;
        (fee.line.basis, fee.line.basisHash) = (BasisKind.SCHEDULE, 0);
        LineId feeId = bookLine(fee, false);
        _publishAndWait(TABLE_2, V1);
        _refuse(
            fee,
            rangesOf(0),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongRanges.selector, feeId)
        );
        tables.finalizeLine(fee, noRanges());
    }

    function test_units_areSettledOnceAComponent() public {
        // same statements: once more in the next table, and for another component
        LineProof memory twice = usageLine(TABLE_2, V1, 7, 1000);
        LineProof memory commission = usageLine(TABLE_2, V1, 8, 100);
        commission.line.key.component = Component.COMMISSION;
        StatementRange[] memory ranges = new StatementRange[](2);
        ranges[0] = StatementRange(StreamId.wrap("another stream"), 0, 5);
        ranges[1] = StatementRange(STREAM, 9, 12);
        twice.line.basisHash = keccak256(abi.encode(ranges));
        commission.line.basisHash = twice.line.basisHash;
        LineId twiceId = bookLine(twice, false);
        bookLine(commission, false);
        _publishAndWait(TABLE_1, V1);
        _publishAndWait(TABLE_2, V1);
        tables.finalizeLine(_proof, rangesOf(0));
        _refuse(
            twice,
            ranges,
            abi.encodeWithSelector(IDistributionTables.DistributionTablesUnitsSettled.selector, twiceId, 1)
        );
        vm.assertEq(TableId.unwrap(tables.finalityOf(twiceId).tableId), 0);
        tables.finalizeLine(commission, ranges);
    }

    function test_ruling_isUsedOnceAComponent() public {
        LineProof memory first = _ruling(TABLE_1, 1, Component.USAGE_SHARE);
        LineProof memory second = _ruling(TABLE_2, 2, Component.USAGE_SHARE);
        LineProof memory other = _ruling(TABLE_2, 3, Component.COMMISSION);
        bookLine(first, false);
        bookLine(second, false);
        bookLine(other, false);
        _publishAndWait(TABLE_1, V1);
        _publishAndWait(TABLE_2, V1);
        tables.finalizeLine(first, noRanges());
        _refuse(
            second,
            noRanges(),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesBasisUsed.selector, bytes32("ruling"))
        );
        tables.finalizeLine(other, noRanges());
    }

    function test_correction_startsFromTheFinalGrossAndMovesItOnce() public {
        LineProof memory first = correctionLine(TABLE_1, _proof, 1, 800, 1000);
        LineProof memory rival = correctionLine(TABLE_2, _proof, 2, 700, 1000);
        LineProof memory next = correctionLine(TABLE_2, _proof, 3, 750, 800);
        bookLine(first, false);
        bookLine(rival, false);
        bookLine(next, false);
        _publishAndWait(TABLE_1, V1);
        _publishAndWait(TABLE_2, V1);
        _refuse(first, noRanges(), _wrongBase(0));
        tables.finalizeLine(_proof, rangesOf(0));
        _refuse(next, noRanges(), _wrongBase(1000));
        tables.finalizeLine(first, noRanges());
        vm.assertEq(tables.finalityOf(_lineId).currentGross, 800);
        vm.assertEq(tables.finalityOf(lineIdOf(first.line)).currentGross, 800);
        _refuse(rival, noRanges(), _wrongBase(800));
        tables.finalizeLine(next, noRanges());
        vm.assertEq(tables.finalityOf(_lineId).currentGross, 750);
        vm.assertFalse(tables.finalityOf(_lineId).tableVersion != V1);
    }

    function test_correction_ofALineOfNothing_needsItsFinality() public {
        LineProof memory nothing = usageLine(TABLE_1, V1, 5, 0);
        bookLine(nothing, false);
        LineProof memory correction = correctionLine(TABLE_1, nothing, 6, 100, 0);
        LineId nothingId = lineIdOf(nothing.line);
        bookLine(correction, false);
        _publishAndWait(TABLE_1, V1);
        _refuse(
            correction,
            noRanges(),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongBase.selector, nothingId, 0)
        );
        tables.finalizeLine(nothing, rangesOf(5));
        tables.finalizeLine(correction, noRanges());
    }

    function test_creditNote_isUsedOnceALine_andSaysNothingOfOthers() public {
        LineProof memory other = usageLine(TABLE_1, V1, 1, 500);
        bookLine(other, false);
        LineProof memory down = correctionLine(TABLE_1, _proof, 2, 800, 1000);
        LineProof memory up = correctionLine(TABLE_1, _proof, 3, 1000, 800);
        LineProof memory downAgain = correctionLine(TABLE_1, _proof, 4, 800, 1000);
        LineProof memory foreign = correctionLine(TABLE_1, other, 5, 400, 500);
        up.line.basisHash = "up";
        (downAgain.line.basisHash, foreign.line.basisHash) = (down.line.basisHash, down.line.basisHash);
        bookLine(down, false);
        bookLine(up, false);
        bookLine(downAgain, false);
        bookLine(foreign, false);
        _publishAndWait(TABLE_1, V1);
        tables.finalizeLine(_proof, rangesOf(0));
        tables.finalizeLine(other, rangesOf(1));
        tables.finalizeLine(down, noRanges());
        tables.finalizeLine(up, noRanges());
        _refuse(
            downAgain,
            noRanges(),
            abi.encodeWithSelector(IDistributionTables.DistributionTablesBasisUsed.selector, down.line.basisHash)
        );
        tables.finalizeLine(foreign, noRanges());
    }

    function test_fuzz_settledUnits_areTakenOnceAndAllOrNothingIsSeen(uint64 first, uint16 count, uint16 again) public {
        TableTypedDataHarness harness = TableTypedDataHarness(deployed("TableTypedDataHarness", ""));
        first = first % (type(uint64).max - 2000);
        count = 1 + (count % 999);
        vm.assertTrue(harness.take(first, first + count));
        uint256 seen = 0;
        for (uint256 word = first / 256; word <= (uint256(first) + count) / 256; ++word) {
            for (uint256 bits = harness.bitsOf(word); bits != 0; bits &= bits - 1) {
                ++seen;
            }
        }
        vm.assertEq(seen, count);
        uint64 inside = first + (again % count);
        vm.assertFalse(harness.take(inside, inside + 1));
        vm.assertTrue(harness.take(first + count, first + count + 1));
        vm.assertTrue(harness.take(first, first));
    }

    function _ruling(TableId table, uint16 n, Component component) private pure returns (LineProof memory proof) {
        proof = usageLine(table, V1, n, 100);
        proof.line.key.component = component;
        (proof.line.basis, proof.line.basisHash) = (BasisKind.RULING, "ruling");
    }

    function _publishAndWait(TableId table, TableVersion version) private {
        publishedTable(table, version);
        vm.warp(block.timestamp + FLOOR + 1);
    }

    function _refuse(LineProof memory proof, StatementRange[] memory ranges, bytes memory refusal) private {
        (bool success, bytes memory answer) = address(tables).call(
            abi.encodeCall(IDistributionTables.finalizeLine, (proof, ranges))
        );
        vm.assertFalse(success);
        vm.assertEq(answer, refusal);
    }

    function _windowOpen(TableVersion version) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWindowOpen.selector,
                _lineId,
                tables.versionOf(TABLE_1, version).windowEnds
            );
    }

    function _wrongBase(uint64 currentGross) private view returns (bytes memory) {
        return abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongBase.selector, _lineId, currentGross);
    }

    function _objected(uint16 pending, bool upheld) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IDistributionTables.DistributionTablesObjected.selector, _lineId, pending, upheld);
    }

    function _wrongStatus(IDistributionTables.VersionStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongStatus.selector, TABLE_1, V1, status);
    }
}
