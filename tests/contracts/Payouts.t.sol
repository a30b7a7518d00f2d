// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {PayeeAccountId, PayoutId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Instructions, reports and rewards
contract PayoutsTest is PayoutsFixture {
    PayoutId private constant _FIRST = PayoutId.wrap("first");
    PayoutId private constant _SECOND = PayoutId.wrap("second");
    PayoutId private constant _THIRD = PayoutId.wrap("third");

    function setUp() public override {
        super.setUp();
        signFirstAccount("holder", "first account");
        creditedLine();
    }

    function test_instruct_isRecordedAndPending() public {
        IPayouts.Instruction memory instruction = instructionFor("holder", _FIRST, 200, NONE);
        PartySignature memory party = signPayout(headOfInstruction(instruction), "trading", BUSINESS);
        vm.expectEmit(address(payouts));
        emit IPayouts.PayoutInstructed(_FIRST, claimIdOf(TABLE_1, "holder"), idOf("trading"), instruction);
        payouts.instruct(instruction, party);
        requireClaim(TABLE_1, "holder", 250, 0, 200, 0);
        IPayouts.Payout memory payout = payouts.payoutOf(_FIRST);
        vm.assertTrue(payout.status == IPayouts.PayoutStatus.INSTRUCTED && payout.amount == 200);
        vm.assertTrue(payout.payee == idOf("holder") && payout.bank == idOf("bank"));
    }

    function test_instruct_ofMoreThanIsLeftOrNothing_isRefused() public {
        _refuseInstruct(instructionFor("holder", _FIRST, 251, NONE), _exceeds("holder", 250, 251));
        _refuseInstruct(instructionFor("holder", _FIRST, 0, NONE), _exceeds("holder", 250, 0));
        instruct(instructionFor("holder", _FIRST, 200, NONE));
        _refuseInstruct(instructionFor("holder", _SECOND, 51, NONE), _exceeds("holder", 50, 51));
        report(_FIRST, IPayouts.PayoutStatus.CONFIRMED, "bank");
        _refuseInstruct(instructionFor("holder", _SECOND, 51, NONE), _exceeds("holder", 50, 51));
        instruct(instructionFor("holder", _SECOND, 50, NONE));
    }

    function test_instruct_toAnotherAccount_isRefused() public {
        IPayouts.Instruction memory instruction = instructionFor("holder", _FIRST, 200, NONE);
        PayeeAccountId expected = instruction.accountId;
        instruction.accountId = changeAccount("holder", 2, "second account");
        vm.warp(block.timestamp + COOLING);
        // the table was proposed before the change: it binds the account of that time
        _refuseInstruct(
            instruction,
            abi.encodeWithSelector(IPayouts.PayoutsWrongAccount.selector, expected, instruction.accountId)
        );
    }

    function test_instruct_throughWhatIsNoBank_isRefused() public {
        IPayouts.Instruction memory instruction = instructionFor("holder", _FIRST, 200, NONE);
        instruction.bank = idOf("stranger");
        _refuseInstruct(
            instruction,
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                instruction.bank,
                BodyRoles.PROVIDER,
                BodyRoles.BANK
            )
        );
        instruction.bank = idOf("bank");
        suspend("bank");
        _refuseInstruct(
            instruction,
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryWrongStatus.selector,
                instruction.bank,
                IParticipantRegistry.BodyStatus.SUSPENDED
            )
        );
    }

    function test_report_movesTheClaim() public {
        instruct(instructionFor("holder", _FIRST, 200, NONE));
        instruct(instructionFor("holder", _SECOND, 50, NONE));
        vm.expectEmit(address(payouts));
        emit IPayouts.PayoutReported(_SECOND, IPayouts.PayoutStatus.REJECTED, idOf("bank"), "statement");
        // expectations hold for the next call, so the signature is made before
        _doReport(_SECOND, IPayouts.PayoutStatus.REJECTED, "bank");
        requireClaim(TABLE_1, "holder", 250, 0, 200, 0);
        report(_FIRST, IPayouts.PayoutStatus.CONFIRMED, "holder");
        requireClaim(TABLE_1, "holder", 250, 200, 0, 0);
        report(_FIRST, IPayouts.PayoutStatus.RETURNED, "bank");
        requireClaim(TABLE_1, "holder", 250, 0, 0, 0);
    }

    function test_report_everyOtherTransition_isRefused() public {
        IPayouts.PayoutStatus[6] memory reached = [
            IPayouts.PayoutStatus.UNKNOWN,
            IPayouts.PayoutStatus.INSTRUCTED,
            IPayouts.PayoutStatus.CONFIRMED,
            IPayouts.PayoutStatus.REJECTED,
            IPayouts.PayoutStatus.RETURNED,
            IPayouts.PayoutStatus.REISSUED
        ];
        uint8[6] memory allowed = [0, 12, 16, 0, 0, 0]; // bit n: to status n
        for (uint256 from = 0; from < 6; ++from) {
            PayoutId payoutId = PayoutId.wrap(bytes32(from + 1));
            _reach(payoutId, reached[from]);
            vm.assertTrue(payouts.payoutOf(payoutId).status == reached[from]);
            for (uint8 to = 0; to < 6; ++to) {
                if ((allowed[from] >> to) & 1 == 0) {
                    _refuseReport(payoutId, IPayouts.PayoutStatus(to), reached[from]);
                }
            }
        }
    }

    function test_reissue_replacesWhatCameBack_andFollowsTheAccount() public {
        instruct(instructionFor("holder", _FIRST, 200, NONE));
        report(_FIRST, IPayouts.PayoutStatus.CONFIRMED, "bank");
        report(_FIRST, IPayouts.PayoutStatus.RETURNED, "bank");
        PayeeAccountId second = changeAccount("holder", 2, "second account");
        vm.warp(block.timestamp + COOLING);
        IPayouts.Instruction memory instruction = instructionFor("holder", _SECOND, 200, _FIRST);
        vm.assertEq(PayeeAccountId.unwrap(instruction.accountId), PayeeAccountId.unwrap(second));
        PartySignature memory party = signPayout(headOfInstruction(instruction), "authorisation", BUSINESS);
        vm.expectEmit(address(payouts));
        emit IPayouts.PayoutReported(_FIRST, IPayouts.PayoutStatus.REISSUED, idOf("authorisation"), 0);
        payouts.instruct(instruction, party);
        vm.assertTrue(payouts.payoutOf(_FIRST).status == IPayouts.PayoutStatus.REISSUED);
        requireClaim(TABLE_1, "holder", 250, 0, 200, 0);
        report(_SECOND, IPayouts.PayoutStatus.CONFIRMED, "holder");
        requireClaim(TABLE_1, "holder", 250, 200, 0, 0);
    }

    /// @notice What is issued again of a returned payout counts down what is left of it: a reissue of 1 does not bind
    /// the other 199 to the account that they came back from.
    function test_reissue_ofAPart_leavesTheRestToBeReissued() public {
        instruct(instructionFor("holder", _FIRST, 200, NONE));
        report(_FIRST, IPayouts.PayoutStatus.CONFIRMED, "bank");
        report(_FIRST, IPayouts.PayoutStatus.RETURNED, "bank");
        changeAccount("holder", 2, "second account");
        vm.warp(block.timestamp + COOLING);
        instruct(instructionFor("holder", _SECOND, 1, _FIRST));
        IPayouts.Payout memory old = payouts.payoutOf(_FIRST);
        vm.assertTrue(old.status == IPayouts.PayoutStatus.RETURNED && old.amount == 199);
        bytes memory refusal = abi.encodeWithSelector(IPayouts.PayoutsWrongReissue.selector, _FIRST);
        _refuseInstruct(instructionFor("holder", _THIRD, 200, _FIRST), refusal);
        instruct(instructionFor("holder", _THIRD, 199, _FIRST));
        old = payouts.payoutOf(_FIRST);
        vm.assertTrue(old.status == IPayouts.PayoutStatus.REISSUED && old.amount == 0);
        requireClaim(TABLE_1, "holder", 250, 0, 200, 0);
        report(_THIRD, IPayouts.PayoutStatus.CONFIRMED, "bank");
        requireClaim(TABLE_1, "holder", 250, 199, 1, 0);
    }

    function test_reissue_ofWhatDidNotComeBack_isRefused() public {
        instruct(instructionFor("holder", _FIRST, 100, NONE));
        IPayouts.Instruction memory instruction = instructionFor("holder", _SECOND, 100, _FIRST);
        _refuseInstruct(instruction, _wrongStatus(_FIRST, IPayouts.PayoutStatus.INSTRUCTED));
        report(_FIRST, IPayouts.PayoutStatus.CONFIRMED, "bank");
        _refuseInstruct(instruction, _wrongStatus(_FIRST, IPayouts.PayoutStatus.CONFIRMED));
        report(_FIRST, IPayouts.PayoutStatus.RETURNED, "bank");
        instruct(instruction);
        instruction.payoutId = _THIRD;
        _refuseInstruct(instruction, _wrongStatus(_FIRST, IPayouts.PayoutStatus.REISSUED));
        instruction.reissues = PayoutId.wrap("unknown");
        _refuseInstruct(instruction, _wrongStatus(instruction.reissues, IPayouts.PayoutStatus.UNKNOWN));
    }

    function test_reissue_ofAnotherAmountOrClaim_isRefused() public {
        signFirstAccount("provider", "provider's account");
        instruct(instructionFor("holder", _FIRST, 100, NONE));
        report(_FIRST, IPayouts.PayoutStatus.REJECTED, "bank");
        bytes memory refusal = abi.encodeWithSelector(IPayouts.PayoutsWrongReissue.selector, _FIRST);
        _refuseInstruct(instructionFor("holder", _SECOND, 101, _FIRST), refusal);
        _refuseInstruct(instructionFor("provider", _SECOND, 100, _FIRST), refusal);
    }

    function test_reissue_ofWhatWasInstructedAnewMeanwhile_exceedsTheClaim() public {
        instruct(instructionFor("holder", _FIRST, 250, NONE));
        report(_FIRST, IPayouts.PayoutStatus.REJECTED, "bank");
        instruct(instructionFor("holder", _SECOND, 250, NONE));
        _refuseInstruct(instructionFor("holder", _THIRD, 250, _FIRST), _exceeds("holder", 0, 250));
    }

    function test_rewards_areFixedOnceWithinTheClaim() public {
        IPayouts.Rewards memory rewards = rewardsOf("holder", 251);
        _refuseRewards(rewards);
        rewards.total = 0;
        _refuseRewards(rewards);
        rewards.total = 250;
        rewards.count = 0;
        _refuseRewards(rewards);
        rewards.count = 12;
        rewards.rewardRoot = 0;
        _refuseRewards(rewards);
        rewards.rewardRoot = "root";
        (PartySignature memory payee, PartySignature memory auditor) = _signRewards(rewards);
        vm.expectEmit(address(payouts));
        emit IPayouts.RewardsFixed(claimIdOf(TABLE_1, "holder"), rewards);
        payouts.fixRewards(rewards, payee, auditor);
        rewards.total = 100;
        _refuseRewards(rewards);
        requireClaim(TABLE_1, "holder", 250, 0, 0, 0);
    }

    function test_claimId_isTheDocumentedHash() public view {
        vm.assertTrue(
            keccak256(abi.encode(payouts.claimIdOf(TABLE_1, idOf("holder"), CNY))) ==
                keccak256(abi.encode(claimIdOf(TABLE_1, "holder")))
        );
    }

    function test_construction_withoutContracts_isRefused() public {
        address[4] memory locations = [address(stub), address(book), address(tables), address(disputes)];
        for (uint256 i = 0; i < 4; ++i) {
            address location = locations[i];
            locations[i] = address(0xdead);
            vm.expectRevert(abi.encodeWithSelector(IPayouts.PayoutsNoCode.selector, address(0xdead)));
            deployed(
                "Payouts",
                abi.encode(
                    IParticipantRegistry(locations[0]),
                    IRevenueSettlement(locations[1]),
                    IDistributionTables(locations[2]),
                    IDisputes(locations[3]),
                    COOLING
                )
            );
            locations[i] = location;
        }
    }

    function _reach(PayoutId payoutId, IPayouts.PayoutStatus status) private {
        if (status == IPayouts.PayoutStatus.UNKNOWN) {
            return;
        }
        instruct(instructionFor("holder", payoutId, 10, NONE));
        if (status == IPayouts.PayoutStatus.INSTRUCTED) {
            return;
        }
        if (status == IPayouts.PayoutStatus.REJECTED || status == IPayouts.PayoutStatus.REISSUED) {
            report(payoutId, IPayouts.PayoutStatus.REJECTED, "bank");
        } else {
            report(payoutId, IPayouts.PayoutStatus.CONFIRMED, "bank");
        }
        if (status == IPayouts.PayoutStatus.RETURNED) {
            report(payoutId, status, "bank");
        } else if (status == IPayouts.PayoutStatus.REISSUED) {
            instruct(instructionFor("holder", _THIRD, 10, payoutId));
        }
    }

    function _doReport(PayoutId payoutId, IPayouts.PayoutStatus status, string memory reporter) private {
        PartySignature memory party = signPayout(headOfReport(payoutId, status), reporter, FINANCE);
        payouts.report(payoutId, status, "statement", party);
    }

    function _refuseReport(PayoutId payoutId, IPayouts.PayoutStatus to, IPayouts.PayoutStatus present) private {
        PartySignature memory party = signPayout(headOfReport(payoutId, to), "holder", FINANCE);
        refuse(abi.encodeCall(IPayouts.report, (payoutId, to, "statement", party)), _wrongStatus(payoutId, present));
    }

    function _refuseInstruct(IPayouts.Instruction memory instruction, bytes memory refusal) private {
        PartySignature memory party = signPayout(headOfInstruction(instruction), "trading", BUSINESS);
        refuse(abi.encodeCall(IPayouts.instruct, (instruction, party)), refusal);
    }

    function _refuseRewards(IPayouts.Rewards memory rewards) private {
        (PartySignature memory payee, PartySignature memory auditor) = _signRewards(rewards);
        refuse(
            abi.encodeCall(IPayouts.fixRewards, (rewards, payee, auditor)),
            abi.encodeWithSelector(IPayouts.PayoutsWrongRewards.selector, claimIdOf(TABLE_1, "holder"), rewards.total)
        );
    }

    function _signRewards(
        IPayouts.Rewards memory rewards
    ) private view returns (PartySignature memory payee, PartySignature memory auditor) {
        bytes memory head = headOfRewards(rewards);
        return (signPayout(head, "holder", FINANCE), signPayout(head, "auditor", BUSINESS));
    }

    function _exceeds(string memory payee, uint64 available, uint64 amount) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(IPayouts.PayoutsExceedsClaim.selector, claimIdOf(TABLE_1, payee), available, amount);
    }

    function _wrongStatus(PayoutId payoutId, IPayouts.PayoutStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayouts.PayoutsWrongStatus.selector, payoutId, status);
    }
}
