// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {LineId, PeriodId, TableId} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {BasisKind, Component, PayBasis} from "../../contracts/types/Terms.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";

/// @title What a second audit found in debts and payouts, each as the attack that no longer works
contract DebtsAuditTest is PayoutsFixture {
    TableId private constant _TABLE_3 = TableId.wrap(3);

    /// @notice Two claims of 600 and a debt of 900, of which no claim alone has more: 300 are due all the same.
    function test_payeeWhoOwesMoreThanEachClaimHas_isPaidTheRest() public {
        _owe900OverTwoClaimsOf600();
        // no payout alone works: what it sets off is undone with it
        _refuse(_for(TABLE_1, 1), TABLE_1, 0, 1);
        _refuse(_for(_TABLE_3, 1), _TABLE_3, 0, 1);
        vm.expectEmit(address(payouts));
        emit IPayouts.ClaimSetOff(
            claimIdOf(TABLE_1, "provider"),
            idOf("provider"),
            600,
            IPayouts.Claim(900, 900, 0, 0),
            300
        );
        vm.prank(address(0xbeef));
        payouts.setOff(TABLE_1, idOf("provider"), CNY);
        instruct(_for(_TABLE_3, 300));
        requireClaim(TABLE_1, "provider", 900, 900, 0, 0);
        requireClaim(_TABLE_3, "provider", 300, 0, 300, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
    }

    function test_setOff_takesOnlyWhatIsOwedAndFree() public {
        _owe900OverTwoClaimsOf600();
        payouts.setOff(TABLE_2, idOf("provider"), CNY);
        payouts.setOff(TABLE_1, idOf("holder"), CNY);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 900);
        payouts.setOff(TABLE_1, idOf("provider"), CNY);
        payouts.setOff(TABLE_1, idOf("provider"), CNY);
        payouts.setOff(_TABLE_3, idOf("provider"), CNY);
        payouts.setOff(_TABLE_3, idOf("provider"), CNY);
        requireClaim(TABLE_1, "provider", 900, 900, 0, 0);
        requireClaim(_TABLE_3, "provider", 300, 0, 0, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
    }

    /// @notice What was set off meanwhile is missing from what came back: the rest of it goes to the new account.
    function test_reissue_ofLessThanCameBack_isTaken() public {
        signFirstAccount("provider", "account");
        LineProof memory proof = creditedLine();
        instruct(instructionFor("provider", payoutIdOf("a"), 750, NONE));
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 800, 1000);
        bookLine(down, true);
        publishAndWait(TABLE_2);
        finalize(down);
        credit(down); // -150, all is pending: owed
        report(payoutIdOf("a"), IPayouts.PayoutStatus.REJECTED, "bank");
        IPayouts.Instruction memory again = instructionFor("provider", payoutIdOf("b"), 750, payoutIdOf("a"));
        _refuse(again, TABLE_1, 600, 750);
        again.amount = 751;
        bytes4 wrong = IPayouts.PayoutsWrongReissue.selector;
        refuse(_call(again), abi.encodeWithSelector(wrong, payoutIdOf("a")));
        again.amount = 600;
        instruct(again);
        requireClaim(TABLE_1, "provider", 600, 0, 600, 0);
        // what was set off is all that is left of it, and nothing is left of the claim to issue that from
        IPayouts.Payout memory old = payouts.payoutOf(payoutIdOf("a"));
        vm.assertTrue(old.status == IPayouts.PayoutStatus.REJECTED && old.amount == 150);
        (again.payoutId, again.amount) = (payoutIdOf("c"), 150);
        _refuse(again, TABLE_1, 0, 150);
    }

    /// @notice A bank that pays itself could say that the money never came, and have it twice.
    function test_payoutToTheBankThatCarriesItOut_isRefused() public {
        signFirstAccount("bank", "account");
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        proof.recipients[1] = idOf("bank");
        bookLine(proof, true);
        publishAndWait(TABLE_1);
        finalize(proof);
        credit(proof);
        IPayouts.Instruction memory one = instructionFor("bank", payoutIdOf("a"), 250, NONE);
        refuse(_call(one), abi.encodeWithSelector(IPayouts.PayoutsBankIsPayee.selector, idOf("bank")));
    }

    function _owe900OverTwoClaimsOf600() private {
        openTable(_TABLE_3, "trading");
        signFirstAccount("provider", "account");
        LineProof memory paid = usageLine(TABLE_1, V1, 0, 1200); // +900 for the provider
        LineProof memory first = usageLine(TABLE_1, V1, 1, 800); // +600
        LineProof memory third = usageLine(_TABLE_3, V1, 2, 800); // +600
        LineProof memory down = correctionLine(TABLE_2, paid, 3, 0, 1200); // -900
        bookLine(paid, true);
        bookLine(first, true);
        bookLine(third, true);
        bookLine(down, true);
        publishedTable(TABLE_1, V1);
        publishedTable(TABLE_2, V1);
        publishAndWait(_TABLE_3);
        finalize(paid);
        credit(paid);
        instruct(instructionFor("provider", payoutIdOf("paid"), 900, NONE));
        report(payoutIdOf("paid"), IPayouts.PayoutStatus.CONFIRMED, "bank");
        finalize(first);
        finalize(third);
        finalize(down);
        credit(first);
        credit(third);
        credit(down);
        requireClaim(TABLE_1, "provider", 1500, 900, 0, 0);
        requireClaim(_TABLE_3, "provider", 600, 0, 0, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 900);
    }

    function _refuse(IPayouts.Instruction memory one, TableId tableId, uint64 available, uint64 amount) private {
        bytes4 exceeds = IPayouts.PayoutsExceedsClaim.selector;
        refuse(_call(one), abi.encodeWithSelector(exceeds, claimIdOf(tableId, "provider"), available, amount));
    }

    function _for(TableId tableId, uint64 amount) private view returns (IPayouts.Instruction memory one) {
        one = instructionFor("provider", payoutIdOf("one"), amount, NONE);
        one.tableId = tableId;
    }

    function _call(IPayouts.Instruction memory one) private view returns (bytes memory) {
        return abi.encodeCall(IPayouts.instruct, (one, signPayout(headOfInstruction(one), "trading", BUSINESS)));
    }
}

/// @title What a second audit found in credits: a line was paid in full although its correction was known
contract CorrectionsAuditTest is PayoutsFixture {
    LineProof private _original;
    LineProof private _down;
    LineId private _lineId;
    PayBasis private _payBasis;

    /// @notice The bank's word, the credit and the payout in one transaction, before anybody credits the correction.
    function test_lineWithAFinalCorrection_isNeverPaidInFull() public {
        signFirstAccount("provider", "account");
        _finalChain(PayBasis.COLLECTED, 600);
        _collect(_lineId);
        _refuseCredit(only(_original), abi.encodeWithSelector(IPayouts.PayoutsCorrected.selector, _lineId, 600));
        payouts.credit(both(_original, _down));
        vm.assertEq(claimOf(TABLE_1, "provider").finalized - payouts.owedBy(idOf("provider"), CNY), 450);
        IPayouts.Instruction memory all = instructionFor("provider", payoutIdOf("a"), 451, NONE);
        bytes memory call_ = abi.encodeCall(
            IPayouts.instruct,
            (all, signPayout(headOfInstruction(all), "trading", BUSINESS))
        );
        bytes4 exceeds = IPayouts.PayoutsExceedsClaim.selector;
        refuse(call_, abi.encodeWithSelector(exceeds, claimIdOf(TABLE_1, "provider"), 450, 451));
        (, , uint64 gross) = payouts.lineState(_lineId);
        vm.assertEq(gross, 600);
    }

    function test_correctionsOutOfOrderTwiceOrOfAnotherLine_areRefused() public {
        _finalChain(PayBasis.ACCRUED, 600);
        LineProof memory further = _correct(2, 300, 600);
        refuse(
            abi.encodeCall(IPayouts.credit, (new LineProof[](0))),
            abi.encodeWithSelector(IPayouts.PayoutsNoLines.selector)
        );
        _refuseCredit(only(_down), abi.encodeWithSelector(IPayouts.PayoutsNotCredited.selector, _lineId));
        bytes4 wrong = IPayouts.PayoutsWrongOrder.selector;
        _refuseCredit(both(_original, further), abi.encodeWithSelector(wrong, _lineId, 1, 1000));
        _refuseCredit(
            both(_original, _original),
            abi.encodeWithSelector(IPayouts.PayoutsAlreadyCredited.selector, _lineId)
        );
        LineProof memory other = usageLine(TABLE_2, V2, 9, 0);
        bookLine(other, true);
        _finalNext(other);
        // another line of nothing fits by its base gross, and by nothing else
        _refuseCredit(both(other, _original), abi.encodeWithSelector(wrong, lineIdOf(other.line), 1, 0));
        LineProof[] memory all = new LineProof[](3);
        (all[0], all[1], all[2]) = (_original, _down, further);
        payouts.credit(all);
        (, , uint64 gross) = payouts.lineState(_lineId);
        vm.assertEq(gross, 300);
    }

    /// @notice As much as is left of the line may be credited before the rest of the chain is.
    function test_chain_isCreditedInPieces_asFarAsItStaysWithinWhatIsLeft() public {
        _finalChain(PayBasis.ACCRUED, 600);
        LineProof memory up = _correct(2, 900, 600);
        _refuseCredit(only(_original), abi.encodeWithSelector(IPayouts.PayoutsCorrected.selector, _lineId, 900));
        payouts.credit(both(_original, _down));
        credit(up);
        vm.assertEq(_due("provider"), 675);
        vm.assertEq(_due("holder"), 225);
    }

    /// @notice What a correction adds and a later one takes back never comes from the consumer: it holds nothing up.
    function test_riseThatIsTakenBack_needsNoCollection() public {
        _finalChain(PayBasis.COLLECTED, 1500);
        LineProof memory back = _correct(2, 900, 1500);
        _collect(_lineId);
        _refuseCredit(both(_original, _down), abi.encodeWithSelector(IPayouts.PayoutsCorrected.selector, _lineId, 900));
        LineProof[] memory all = new LineProof[](3);
        (all[0], all[1], all[2]) = (_original, _down, back);
        payouts.credit(all);
        vm.assertEq(_due("provider"), 675);
        // of this rise something stays, so it must come
        LineProof memory up = _correct(3, 1300, 900);
        LineProof memory less = _correct(4, 1200, 1300);
        LineId upId = lineIdOf(up.line);
        bytes memory missing = abi.encodeWithSelector(IPayouts.PayoutsNotCollected.selector, upId);
        _refuseCredit(both(up, less), missing);
        _collect(upId);
        payouts.credit(both(up, less));
        vm.assertEq(_due("provider"), 900);
    }

    /// @dev A line of 1000 in table 1 and a correction of it in table 2, both final, nothing credited.
    function _finalChain(PayBasis payBasis, uint64 gross) private {
        _original = usageLine(TABLE_1, V1, 0, 1000);
        _down = correctionLine(TABLE_2, _original, 1, gross, 1000);
        _payBasis = payBasis;
        _lineId = book.bookLine(_original, _amounts(1000), payBasis, true);
        book.bookLine(_down, _amounts(int64(gross) - 1000), payBasis, true);
        publishedTable(TABLE_1, V1);
        publishAndWait(TABLE_2);
        finalize(_original);
        finalize(_down);
    }

    /// @dev A further correction in a table of its own, final.
    function _correct(uint16 n, uint64 gross, uint64 base) private returns (LineProof memory proof) {
        proof = correctionLine(TABLE_2, _original, n, gross, base);
        TableId tableId = TableId.wrap(uint32(10 + n));
        openTable(tableId, "trading");
        (proof.line.tableId, proof.line.tableVersion) = (tableId, V1);
        book.bookLine(proof, _amounts(int64(gross) - int64(base)), _payBasis, true);
        publishAndWait(tableId);
        finalize(proof);
    }

    function _finalNext(LineProof memory proof) private {
        publishedTable(TABLE_2, V2);
        vm.warp(block.timestamp + FLOOR + 1);
        finalize(proof);
    }

    function _collect(LineId lineId) private {
        payouts.recordCollection(lineId, "statement", signPayout(headOfCollection(lineId), "bank", FINANCE));
    }

    function _refuseCredit(LineProof[] memory proofs, bytes memory refusal) private {
        refuse(abi.encodeCall(IPayouts.credit, (proofs)), refusal);
    }

    /// @dev What all claims have for a payee, less what it owes.
    function _due(string memory payee) private view returns (uint64 due) {
        for (uint32 table = 1; table < 20; ++table) {
            due += claimOf(TableId.wrap(table), payee).finalized;
        }
        due -= payouts.owedBy(idOf(payee), CNY);
    }

    function _amounts(int64 sum) private pure returns (int64[] memory amounts) {
        amounts = new int64[](2);
        amounts[0] = (sum * 3) / 4;
        amounts[1] = sum - amounts[0];
    }
}

/// @title What a second audit found in scheduled charges: a fee for a time that had not come could become final
contract PeriodsAuditTest is PayoutsFixture {
    /// @dev 2027-12-01, 00:00 in Asia/Shanghai.
    uint64 private constant _DECEMBER_BEGINS = 1_827_590_400;

    function test_scheduledCharge_ofAPeriodThatHasNotBegun_isNotFinal() public {
        LineProof memory fee = _publishedFee();
        vm.warp(_DECEMBER_BEGINS - 1);
        _requireNotBegun(fee, 0);
        vm.warp(_DECEMBER_BEGINS);
        finalize(fee);
    }

    /// @notice The month has begun, the agreement has not: it may still end before it ever holds.
    function test_scheduledCharge_beforeTheAgreementHolds_isNotFinal() public {
        LineProof memory fee = _publishedFee();
        agreements.begin(_DECEMBER_BEGINS + 10 days);
        vm.warp(_DECEMBER_BEGINS + 10 days - 1);
        _requireNotBegun(fee, _DECEMBER_BEGINS + 10 days);
        // ended before it began: it never held, though both ends are in the month
        agreements.end(_DECEMBER_BEGINS + 5 days);
        vm.warp(_DECEMBER_BEGINS + 20 days);
        bytes4 outside = IDistributionTables.DistributionTablesOutsideValidity.selector;
        LineId feeId = lineIdOf(fee.line);
        _refuse(fee, abi.encodeWithSelector(outside, feeId, _DECEMBER_BEGINS + 10 days, _DECEMBER_BEGINS + 5 days));
        agreements.end(_DECEMBER_BEGINS + 10 days);
        finalize(fee);
    }

    function _publishedFee() private returns (LineProof memory fee) {
        fee = usageLine(TABLE_1, V1, 0, 300);
        (fee.line.key.component, fee.line.key.period) = (Component.BASE_FEE, PeriodId.wrap(202712));
        (fee.line.basis, fee.line.basisHash) = (BasisKind.SCHEDULE, 0);
        bookLine(fee, true);
        publishedTable(TABLE_1, V1);
    }

    function _requireNotBegun(LineProof memory fee, uint64 validFrom) private {
        bytes4 notBegun = IDistributionTables.DistributionTablesNotBegun.selector;
        _refuse(fee, abi.encodeWithSelector(notBegun, lineIdOf(fee.line), validFrom));
    }

    function _refuse(LineProof memory fee, bytes memory refusal) private {
        requireRefused(address(tables), abi.encodeCall(IDistributionTables.finalizeLine, (fee, noRanges())), refusal);
    }
}
