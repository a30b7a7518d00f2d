// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {DisputeId, LineId, TableId} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind} from "../../contracts/types/Terms.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";

/// @title What a third audit found in freezes: what a correction took back went on being held until the review date
contract FreezesAuditTest is PayoutsFixture {
    bytes32 private constant _CASE = keccak256("case");
    bytes32 private constant _OTHER = keccak256("other case");

    LineProof private _line;
    LineId private _lineId;

    function setUp() public override {
        super.setUp();
        signFirstAccount("provider", "account");
        _line = creditedLine();
        _lineId = lineIdOf(_line.line);
    }

    /// @notice 750 credited, 150 frozen, 150 taken back: 600 are due at once, and not 450 until the review date.
    function test_freeze_isConsumedByTheCorrectionItWaitsFor() public {
        _freeze(150, _CASE);
        LineProof memory down = _final(1, 800, 1000, _CASE);
        vm.expectEmit(address(payouts));
        emit IPayouts.HoldChanged(claimIdOf(TABLE_1, "provider"), _lineId, 0);
        vm.expectEmit(address(payouts));
        emit IPayouts.ClaimSetOff(
            claimIdOf(TABLE_1, "provider"),
            idOf("provider"),
            150,
            IPayouts.Claim(600, 0, 0, 0),
            0
        );
        credit(down);
        _requireFree(600);
        // the freeze still holds where it was made, and nobody brings it back here
        vm.assertEq(disputes.frozenAmount(_lineId, idOf("provider")), 150);
        payouts.updateHold(_line, 0);
        _requireFree(600);
        instruct(instructionFor("provider", payoutIdOf("all"), 600, NONE));
    }

    /// @notice What another case freezes of the same amount stays, as far as there is that much left.
    function test_freezeOfAnotherCase_staysAfterTheCorrection() public {
        _freeze(200, _CASE);
        _freeze(100, _OTHER);
        credit(_final(1, 800, 1000, _CASE));
        requireClaim(TABLE_1, "provider", 600, 0, 0, 100);
        payouts.updateHold(_line, 0);
        requireClaim(TABLE_1, "provider", 600, 0, 0, 100);
        credit(_final(2, 700, 800, _OTHER));
        payouts.updateHold(_line, 0);
        _requireFree(525);
    }

    /// @notice A credit note takes 600 of 750, and nobody brings the hold up to date before the payout: of the 150 that
    /// are left the frozen 100 stay.
    function test_freeze_outlastsACreditNote_withoutAnyUpdate() public {
        _freeze(100, _CASE);
        credit(_final(1, 200, 1000, 0));
        requireClaim(TABLE_1, "provider", 150, 0, 0, 100);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
        IPayouts.Instruction memory all = instructionFor("provider", payoutIdOf("all"), 51, NONE);
        PartySignature memory platform = signPayout(headOfInstruction(all), "trading", BUSINESS);
        bytes4 exceeds = IPayouts.PayoutsExceedsClaim.selector;
        refuse(
            abi.encodeCall(IPayouts.instruct, (all, platform)),
            abi.encodeWithSelector(exceeds, claimIdOf(TABLE_1, "provider"), 50, 51)
        );
        instruct(instructionFor("provider", payoutIdOf("rest"), 50, NONE));
        requireClaim(TABLE_1, "provider", 150, 0, 50, 100);
    }

    /// @notice More is frozen than a credit note leaves: what is left is held, and the rest pays what is owed.
    function test_freezeOfMoreThanACreditNoteLeaves_holdsWhatIsLeft() public {
        _freeze(700, _CASE);
        credit(_final(1, 200, 1000, 0));
        requireClaim(TABLE_1, "provider", 150, 0, 0, 150);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
    }

    /// @notice Line and correction credited together: nothing is held that is gone already.
    function test_chainWithARuling_holdsNothingForIt() public {
        LineProof memory line = usageLine(TABLE_2, V1, 7, 400);
        LineProof memory down = correctionLine(TABLE_2, line, 8, 200, 400);
        (down.line.basis, down.line.basisHash) = (BasisKind.RULING, _OTHER);
        LineId id = bookLine(line, true);
        bookLine(down, true);
        publishAndWait(TABLE_2);
        finalize(line);
        finalize(down);
        disputes.freezeBy(id, idOf("provider"), 150, DisputeId.wrap(_OTHER));
        payouts.credit(both(line, down));
        requireClaim(TABLE_2, "provider", 150, 0, 0, 0);
        vm.assertEq(payouts.heldOf(id, idOf("provider")), 0);
    }

    /// @notice A credit note took all of it back: what was frozen of it pays that, and other money is not held for it.
    function test_hold_isNeverMoreThanCorrectionsLeft() public {
        _freeze(750, _CASE);
        payouts.updateHold(_line, 0);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 750);
        LineProof memory more = usageLine(TABLE_1, V2, 9, 1000);
        bookLine(more, true);
        publishedTable(TABLE_1, V2);
        vm.warp(block.timestamp + FLOOR + 1);
        finalize(more);
        credit(more);
        credit(_final(1, 0, 1000, 0));
        requireClaim(TABLE_1, "provider", 750, 0, 0, 0);
        payouts.updateHold(_line, 0);
        _requireFree(750);
    }

    /// @notice Of a third of the line a third of the amount can be held, rounded down: 249 of 750, and not the 300 that
    /// are frozen.
    function test_hold_afterACorrectionInPart_isHeldInProportion() public {
        credit(_final(1, 333, 1000, 0)); // -500, which nothing has set off yet
        _freeze(300, _CASE);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 249);
        payouts.setOff(TABLE_1, idOf("provider"), CNY);
        requireClaim(TABLE_1, "provider", 250, 0, 0, 249);
    }

    /// @notice A correction upwards gives no more to hold of the line itself, and is held by its own id.
    function test_hold_afterACorrectionUpwards_isTheLinesOwn() public {
        LineProof memory up = _final(1, 2000, 1000, _OTHER);
        credit(up);
        _freeze(10_000, _CASE);
        payouts.updateHold(_line, 0);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 750);
        disputes.freezeBy(lineIdOf(up.line), idOf("provider"), 700, DisputeId.wrap(_CASE));
        payouts.updateHold(up, 0);
        requireClaim(TABLE_2, "provider", 750, 0, 0, 700);
    }

    function _freeze(uint64 amount, bytes32 case_) private {
        disputes.freezeBy(_lineId, idOf("provider"), amount, DisputeId.wrap(case_));
        payouts.updateHold(_line, 0);
    }

    /// @dev A final correction of the line, in a table of its own; of a ruling unless there is no case.
    function _final(uint16 n, uint64 gross, uint64 base, bytes32 case_) private returns (LineProof memory proof) {
        proof = correctionLine(TABLE_2, _line, n, gross, base);
        if (case_ != 0) {
            (proof.line.basis, proof.line.basisHash) = (BasisKind.RULING, case_);
        }
        if (n != 1) {
            TableId tableId = TableId.wrap(uint32(10 + n));
            openTable(tableId, "trading");
            proof.line.tableId = tableId;
        }
        bookLine(proof, true);
        publishAndWait(proof.line.tableId);
        finalize(proof);
    }

    function _requireFree(uint64 amount) private view {
        requireClaim(TABLE_1, "provider", amount, 0, 0, 0);
        vm.assertEq(payouts.heldOf(_lineId, idOf("provider")), 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
    }
}

/// @title What a third audit found in finality: a correction could be corrected through another booking of its id
contract ChainedCorrectionsAuditTest is PayoutsFixture {
    /// @notice The same id is booked as a line in one table and as a correction in another; the correction is final,
    /// and the booking as a line is only there to be corrected.
    function test_correction_ofACorrection_isRefusedWhateverElseIsBooked() public {
        LineProof memory original = finalLine();
        LineProof memory asCorrection = correctionLine(TABLE_2, original, 1, 800, 1000);
        bookLine(asCorrection, true);
        LineProof memory asLine = usageLine(TABLE_1, V2, 1, 800);
        vm.assertEq(LineId.unwrap(lineIdOf(asLine.line)), LineId.unwrap(lineIdOf(asCorrection.line)));
        bookLine(asLine, true);
        LineProof memory chained = correctionLine(TABLE_2, asLine, 2, 100, 800);
        bookLine(chained, true);
        publishAndWait(TABLE_2);
        finalize(asCorrection);
        vm.assertTrue(tables.finalityOf(lineIdOf(asCorrection.line)).isCorrection);
        vm.assertFalse(tables.finalityOf(lineIdOf(original.line)).isCorrection);
        requireRefused(
            address(tables),
            abi.encodeCall(IDistributionTables.finalizeLine, (chained, noRanges())),
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesCorrectsCorrection.selector,
                lineIdOf(asCorrection.line)
            )
        );
    }
}

/// @title What a third audit found in accounts: cancelled changes made every later payout dearer
contract AccountsAuditTest is PayoutsFixture {
    function test_cancelledChanges_costLaterPayoutsNothing() public {
        signFirstAccount("provider", "account");
        uint256 before = _gasOfAccountAt();
        for (uint32 version = 2; version < 42; ++version) {
            changeAccount("provider", version, "thief");
            bytes memory head = headOfCancellation("provider", version);
            PartySignature memory owner = signPayout(head, "provider", FINANCE);
            payouts.cancelAccount(idOf("provider"), version, FINANCE, owner);
            vm.assertEq(payouts.accountVersion(idOf("provider"), version).previous, 1);
        }
        (, uint32 holding) = payouts.accountAt(idOf("provider"), block.timestamp);
        vm.assertEq(holding, 1);
        // one cancelled version more is read than before, however many there are
        vm.assertTrue(_gasOfAccountAt() < before + 5000);
        changeAccount("provider", 42, "next");
        vm.warp(block.timestamp + COOLING);
        (, holding) = payouts.accountAt(idOf("provider"), block.timestamp);
        vm.assertEq(holding, 42);
        changeAccount("provider", 43, "last");
        vm.assertEq(payouts.accountVersion(idOf("provider"), 43).previous, 42);
        (, holding) = payouts.accountAt(idOf("provider"), block.timestamp);
        vm.assertEq(holding, 42);
    }

    function _gasOfAccountAt() private view returns (uint256 used) {
        used = gasleft();
        payouts.accountAt(idOf("provider"), block.timestamp);
        used -= gasleft();
    }
}
