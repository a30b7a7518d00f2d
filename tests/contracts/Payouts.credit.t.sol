// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {LineId} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {PayBasis} from "../../contracts/types/Terms.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";

/// @title What final lines do to claims, debts and holds
contract PayoutsCreditTest is PayoutsFixture {
    function test_credit_byAnyone_once() public {
        LineProof memory proof = finalLine();
        LineId lineId = lineIdOf(proof.line);
        vm.expectEmit(address(payouts));
        emit IPayouts.ClaimCredited(
            claimIdOf(TABLE_1, "provider"),
            lineId,
            idOf("provider"),
            750,
            IPayouts.Claim(750, 0, 0, 0),
            0
        );
        vm.expectEmit(address(payouts));
        emit IPayouts.ClaimCredited(
            claimIdOf(TABLE_1, "holder"),
            lineId,
            idOf("holder"),
            250,
            IPayouts.Claim(250, 0, 0, 0),
            0
        );
        vm.prank(address(0xbeef));
        credit(proof);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 0);
        (bool isCollected, bool isCredited, uint64 gross) = payouts.lineState(lineId);
        vm.assertTrue(!isCollected && isCredited);
        vm.assertEq(gross, 1000);
        _refuseCredit(proof, abi.encodeWithSelector(IPayouts.PayoutsAlreadyCredited.selector, lineId));
    }

    function test_credit_ofWhatIsNotFinalHere_isRefused() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        LineProof memory elsewhere = usageLine(TABLE_2, V1, 0, 900);
        LineProof memory again = usageLine(TABLE_1, V2, 0, 800);
        LineId lineId = bookLine(proof, true);
        bookLine(elsewhere, true);
        bookLine(again, true);
        bytes memory refusal = abi.encodeWithSelector(IPayouts.PayoutsNotFinal.selector, lineId);
        _refuseCredit(proof, refusal);
        publishAndWait(TABLE_1);
        finalize(proof);
        _refuseCredit(elsewhere, refusal);
        _refuseCredit(again, refusal);
        credit(proof);
        proof.line.gross = 1001;
        _refuseCredit(
            proof,
            abi.encodeWithSelector(
                IRevenueSettlement.RevenueSettlementUnknownLine.selector,
                lineId,
                bytes28(keccak256(abi.encode(proof.line, keccak256(abi.encode(proof.recipients)))))
            )
        );
    }

    function test_credit_ofWhatPaysWhenCollected_waitsForABank() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        LineProof memory down = correctionLine(TABLE_1, proof, 1, 600, 1000);
        LineId lineId = book.bookLine(proof, _amounts(750, 250), PayBasis.COLLECTED, true);
        book.bookLine(down, _amounts(-300, -100), PayBasis.COLLECTED, true);
        publishAndWait(TABLE_1);
        finalize(proof);
        _refuseCredit(proof, abi.encodeWithSelector(IPayouts.PayoutsNotCollected.selector, lineId));
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
        vm.expectEmit(address(payouts));
        emit IPayouts.LineCollected(lineId, idOf("bank"), "statement");
        _collect(lineId);
        credit(proof);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 0);
        // what a correction takes back needs no collection of its own
        finalize(down);
        credit(down);
        requireClaim(TABLE_1, "provider", 450, 0, 0, 0);
        (bool isCollected, , uint64 gross) = payouts.lineState(lineId);
        vm.assertTrue(isCollected);
        vm.assertEq(gross, 600);
    }

    function test_correction_takesOffWhatIsUnpaid_theRestIsOwedAndSetOff() public {
        signFirstAccount("provider", "account");
        LineProof memory proof = creditedLine();
        instruct(instructionFor("provider", payoutIdOf("a"), 700, NONE));
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 0, 1000);
        LineProof memory next = usageLine(TABLE_2, V1, 2, 400);
        LineProof memory more = usageLine(TABLE_2, V1, 3, 2000);
        bookLine(down, true);
        bookLine(next, true);
        bookLine(more, true);
        publishAndWait(TABLE_2);
        finalize(down);
        finalize(next);
        finalize(more);
        credit(next);
        requireClaim(TABLE_2, "provider", 300, 0, 0, 0);
        credit(down);
        // 300 of the 750 were still there in this table's claim, 450 are owed
        requireClaim(TABLE_2, "provider", 0, 0, 0, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 450);
        requireClaim(TABLE_1, "provider", 750, 0, 700, 0);
        credit(more);
        requireClaim(TABLE_2, "provider", 1050, 0, 0, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
    }

    function test_credit_smallerThanTheDebt_lowersIt() public {
        LineProof memory proof = creditedLine();
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 0, 1000);
        LineProof memory next = usageLine(TABLE_2, V1, 2, 400);
        bookLine(down, true);
        bookLine(next, true);
        publishAndWait(TABLE_2);
        finalize(down);
        finalize(next);
        credit(down);
        credit(next);
        requireClaim(TABLE_2, "provider", 0, 0, 0, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 450);
    }

    function test_credit_holdsWhatIsFrozen_andNothingElse() public {
        LineProof memory proof = finalLine();
        LineId lineId = lineIdOf(proof.line);
        disputes.freeze(lineId, idOf("holder"), 100);
        disputes.freeze(lineId, idOf("provider"), 10_000);
        vm.expectEmit(address(payouts));
        emit IPayouts.HoldChanged(claimIdOf(TABLE_1, "provider"), lineId, 750);
        credit(proof);
        requireClaim(TABLE_1, "holder", 250, 0, 0, 100);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 750);
        vm.assertEq(payouts.heldOf(lineId, idOf("holder")), 100);
        signFirstAccount("holder", "account");
        IPayouts.Instruction memory instruction = instructionFor("holder", payoutIdOf("a"), 151, NONE);
        refuse(
            abi.encodeCall(
                IPayouts.instruct,
                (instruction, signPayout(headOfInstruction(instruction), "trading", BUSINESS))
            ),
            abi.encodeWithSelector(IPayouts.PayoutsExceedsClaim.selector, claimIdOf(TABLE_1, "holder"), 150, 151)
        );
        instruction.amount = 150;
        instruct(instruction);
    }

    function test_credit_ofOneBodyInTwoParts_holdsItsAmountOnce() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        proof.recipients[1] = idOf("provider");
        LineId lineId = bookLine(proof, true);
        publishAndWait(TABLE_1);
        finalize(proof);
        disputes.freeze(lineId, idOf("provider"), 900);
        credit(proof);
        requireClaim(TABLE_1, "provider", 1000, 0, 0, 900);
        vm.assertEq(payouts.heldOf(lineId, idOf("provider")), 900);
        disputes.freeze(lineId, idOf("provider"), 800);
        payouts.updateHold(proof, 1);
        requireClaim(TABLE_1, "provider", 1000, 0, 0, 800);
    }

    function test_updateHold_followsTheDispute_butNeverTakesWhatIsPaidOrPending() public {
        signFirstAccount("holder", "account");
        LineProof memory proof = creditedLine();
        LineId lineId = lineIdOf(proof.line);
        instruct(instructionFor("holder", payoutIdOf("a"), 100, NONE));
        report(payoutIdOf("a"), IPayouts.PayoutStatus.CONFIRMED, "bank");
        instruct(instructionFor("holder", payoutIdOf("b"), 50, NONE));
        disputes.freeze(lineId, idOf("holder"), 200);
        vm.expectEmit(address(payouts));
        emit IPayouts.HoldChanged(claimIdOf(TABLE_1, "holder"), lineId, 100);
        payouts.updateHold(proof, 1);
        requireClaim(TABLE_1, "holder", 250, 100, 50, 100);
        report(payoutIdOf("b"), IPayouts.PayoutStatus.REJECTED, "bank");
        payouts.updateHold(proof, 1);
        requireClaim(TABLE_1, "holder", 250, 100, 0, 150);
        payouts.updateHold(proof, 1);
        disputes.freeze(lineId, idOf("holder"), 30);
        payouts.updateHold(proof, 1);
        requireClaim(TABLE_1, "holder", 250, 100, 0, 30);
        disputes.freeze(lineId, idOf("holder"), 0);
        payouts.updateHold(proof, 1);
        requireClaim(TABLE_1, "holder", 250, 100, 0, 0);
        vm.assertEq(payouts.heldOf(lineId, idOf("holder")), 0);
    }

    function test_updateHold_ofWhatWasTakenBack_holdsNothing() public {
        LineProof memory proof = creditedLine();
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 500, 1000);
        LineProof memory other = usageLine(TABLE_2, V1, 2, 4000);
        LineId downId = bookLine(down, true);
        bookLine(other, true);
        publishAndWait(TABLE_2);
        finalize(down);
        finalize(other);
        credit(down);
        credit(other);
        disputes.freeze(downId, idOf("provider"), 100);
        payouts.updateHold(down, 0);
        vm.assertEq(payouts.heldOf(downId, idOf("provider")), 0);
    }

    function test_updateHold_ofWhatIsNotFinalNotCreditedOrNobodys_isRefused() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        LineId lineId = bookLine(proof, true);
        _refuseHold(proof, 0, abi.encodeWithSelector(IPayouts.PayoutsNotFinal.selector, lineId));
        publishAndWait(TABLE_1);
        finalize(proof);
        _refuseHold(proof, 0, abi.encodeWithSelector(IPayouts.PayoutsNotCredited.selector, lineId));
        credit(proof);
        _refuseHold(proof, 2, abi.encodeWithSelector(IPayouts.PayoutsWrongPlace.selector, lineId, 2));
    }

    function test_credit_skipsWhoGetsNothing() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        book.bookLine(proof, _amounts(1000, 0), PayBasis.ACCRUED, true);
        publishAndWait(TABLE_1);
        finalize(proof);
        credit(proof);
        requireClaim(TABLE_1, "provider", 1000, 0, 0, 0);
        requireClaim(TABLE_1, "holder", 0, 0, 0, 0);
    }

    /// @notice Whatever lines of either sign are credited in whatever order: what is due and what is owed differ by
    /// their sum, and one of the two is nothing as long as nothing was paid.
    function test_fuzz_credit_keepsTheSum(int40[6] calldata amounts, bool paysInBetween) public {
        signFirstAccount("provider", "account");
        int64 sum = 0;
        LineProof[] memory proofs = new LineProof[](6);
        for (uint16 i = 0; i < 6; ++i) {
            proofs[i] = usageLine(TABLE_1, V1, i, 1);
            book.bookLine(proofs[i], _amounts(amounts[i], 0), PayBasis.ACCRUED, true);
            sum += amounts[i];
        }
        publishAndWait(TABLE_1);
        uint64 paid = 0;
        for (uint16 i = 0; i < 6; ++i) {
            finalize(proofs[i]);
            credit(proofs[i]);
            IPayouts.Claim memory claim = claimOf(TABLE_1, "provider");
            if (paysInBetween && i == 2 && claim.finalized != 0) {
                paid = claim.finalized;
                instruct(instructionFor("provider", payoutIdOf("a"), paid, NONE));
            }
        }
        IPayouts.Claim memory last = claimOf(TABLE_1, "provider");
        uint64 owed = payouts.owedBy(idOf("provider"), CNY);
        vm.assertTrue(int64(last.finalized) - int64(owed) == sum);
        vm.assertTrue(last.finalized >= paid && last.pending == paid);
        vm.assertTrue(owed == 0 || last.finalized == paid);
    }

    function _amounts(int64 first, int64 second) private pure returns (int64[] memory amounts) {
        amounts = new int64[](2);
        (amounts[0], amounts[1]) = (first, second);
    }

    function _collect(LineId lineId) private {
        payouts.recordCollection(lineId, "statement", signPayout(headOfCollection(lineId), "bank", FINANCE));
    }

    function _refuseCredit(LineProof memory proof, bytes memory refusal) private {
        refuse(abi.encodeCall(IPayouts.credit, (only(proof))), refusal);
    }

    function _refuseHold(LineProof memory proof, uint256 place, bytes memory refusal) private {
        refuse(abi.encodeCall(IPayouts.updateHold, (proof, place)), refusal);
    }
}
