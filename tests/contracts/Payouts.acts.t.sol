// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayeeAccounts} from "../../contracts/interfaces/IPayeeAccounts.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {LineId, PayoutId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";

/// @title Every signed act of `Payouts`: wrong role, signature, chain, time, standing, and replay
contract PayoutsActsTest is PayoutsFixture, SignedActs {
    bytes32 private constant _DIGEST = "new account";
    LineId private constant _LINE = LineId.wrap("line");
    PayoutId private constant _PAYOUT = PayoutId.wrap("payout");

    IPayouts.PayoutStatus private _status = IPayouts.PayoutStatus.CONFIRMED;
    uint8 private _purpose = FINANCE;

    function setUp() public override(PartiesFixture, PayoutsFixture) {
        PayoutsFixture.setUp();
        creditedLine();
        signFirstAccount("holder", "holder's account");
    }

    function test_signAccount_theFirst() public {
        Act memory act = _act(headOfAccount("provider", 1, _DIGEST), "provider", FINANCE, false);
        act.strangersError = wrongSigner("provider", "stranger");
        checkAct(act, _signFirst, _wrongVersion("provider", 2, 1));
    }

    function test_signAccount_ofAChange_byTheFinanceKey() public {
        Act memory act = _act(headOfAccount("holder", 2, _DIGEST), "holder", FINANCE, false);
        act.strangersError = wrongSigner("holder", "stranger");
        checkAct(act, _changeByFinance, _wrongVersion("holder", 3, 2));
    }

    function test_signAccount_ofAChange_byTheBusinessKey() public {
        Act memory act = _act(headOfAccount("holder", 2, _DIGEST), "holder", BUSINESS, false);
        act.strangersError = wrongSigner("holder", "stranger");
        checkAct(act, _changeByBusiness, _wrongVersion("holder", 3, 2));
    }

    function test_cancelAccount_byEitherKey() public {
        uint8[2] memory purposes = [FINANCE, BUSINESS];
        for (uint32 i = 0; i < 2; ++i) {
            changeAccount("holder", 2 + i, _DIGEST);
            _purpose = purposes[i];
            Act memory act = _act(headOfCancellation("holder", 2 + i), "holder", _purpose, true);
            act.strangersError = wrongSigner("holder", "stranger");
            checkAct(
                act,
                _cancel,
                abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsNothingToCancel.selector, idOf("holder"), 2 + i)
            );
        }
    }

    function test_recordCollection() public {
        Act memory act = _act(headOfCollection(_LINE), "bank", FINANCE, false);
        act.strangersError = missingRole("stranger", BodyRoles.BANK);
        checkAct(act, _collect, abi.encodeWithSelector(IPayouts.PayoutsAlreadyCollected.selector, _LINE));
    }

    function test_instruct() public {
        bytes memory head = headOfInstruction(instructionFor("holder", _PAYOUT, 200, NONE));
        Act memory act = _act(head, "trading", BUSINESS, false);
        act.strangersError = missingRole("stranger", BodyRoles.PLATFORMS);
        string[5] memory others = ["operator", "auditor", "bank", "holder", "regulator"];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory call_ = _instruct(signPayout(head, others[i], BUSINESS));
            requireRefused(address(payouts), call_, missingRole(others[i], BodyRoles.PLATFORMS));
        }
        checkAct(act, _instruct, abi.encodeWithSelector(IPayouts.PayoutsAlreadyInstructed.selector, _PAYOUT));
    }

    function test_instruct_byTheOtherPlatform() public {
        bytes memory head = headOfInstruction(instructionFor("holder", _PAYOUT, 200, NONE));
        Act memory act = _act(head, "authorisation", BUSINESS, false);
        doAct(act, _instruct);
    }

    function test_report_byThePayee() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _checkReport("holder", IPayouts.PayoutStatus.CONFIRMED);
    }

    function test_report_thatNothingCame_isNotThePayees() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _status = IPayouts.PayoutStatus.REJECTED;
        requireRefused(
            address(payouts),
            _report(signPayout(headOfReport(_PAYOUT, _status), "holder", FINANCE)),
            _notConcerned("holder")
        );
        report(_PAYOUT, IPayouts.PayoutStatus.CONFIRMED, "bank");
        _status = IPayouts.PayoutStatus.RETURNED;
        requireRefused(
            address(payouts),
            _report(signPayout(headOfReport(_PAYOUT, _status), "holder", FINANCE)),
            _notConcerned("holder")
        );
    }

    function test_report_byTheBank() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _checkReport("bank", IPayouts.PayoutStatus.CONFIRMED);
        _checkReport("bank", IPayouts.PayoutStatus.RETURNED);
    }

    function test_report_ofARejection() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _checkReport("bank", IPayouts.PayoutStatus.REJECTED);
    }

    function test_report_byNobodyElse() public {
        admit("other bank", BodyRoles.BANK);
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        string[6] memory others = ["trading", "authorisation", "operator", "auditor", "provider", "other bank"];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory call_ = _report(signPayout(headOfReport(_PAYOUT, _status), others[i], FINANCE));
            requireRefused(address(payouts), call_, _notConcerned(others[i]));
        }
    }

    function test_fixRewards_byThePayee() public {
        Act memory act = _act(headOfRewards(rewardsOf("holder", 250)), "holder", FINANCE, false);
        act.strangersError = wrongSigner("holder", "stranger");
        checkAct(act, _rewardsOfPayee, _wrongRewards());
    }

    function test_fixRewards_byTheAuditor() public {
        Act memory act = _act(headOfRewards(rewardsOf("holder", 250)), "auditor", BUSINESS, false);
        act.strangersError = missingRole("stranger", BodyRoles.AUDITOR);
        checkAct(act, _rewardsOfAuditor, _wrongRewards());
    }

    function _checkReport(string memory reporter, IPayouts.PayoutStatus status) private {
        _status = status;
        Act memory act = _act(headOfReport(_PAYOUT, status), reporter, FINANCE, true);
        act.strangersError = _notConcerned("stranger");
        checkAct(act, _report, abi.encodeWithSelector(IPayouts.PayoutsWrongStatus.selector, _PAYOUT, status));
    }

    function _act(
        bytes memory head,
        string memory signer,
        uint8 purpose,
        bool isDefence
    ) private view returns (Act memory) {
        return Act(PAYOUTS, address(payouts), head, signer, purpose, isDefence, "stranger", "");
    }

    function _signFirst(PartySignature memory party) private pure returns (bytes memory) {
        PartySignature[] memory signatures = new PartySignature[](1);
        signatures[0] = party;
        return abi.encodeCall(IPayeeAccounts.signAccount, (idOf("provider"), 1, _DIGEST, signatures));
    }

    function _changeByFinance(PartySignature memory party) private view returns (bytes memory) {
        PartySignature[] memory signatures = bothKeys("holder", 2, _DIGEST);
        signatures[0] = party;
        return abi.encodeCall(IPayeeAccounts.signAccount, (idOf("holder"), 2, _DIGEST, signatures));
    }

    function _changeByBusiness(PartySignature memory party) private view returns (bytes memory) {
        PartySignature[] memory signatures = bothKeys("holder", 2, _DIGEST);
        signatures[1] = party;
        return abi.encodeCall(IPayeeAccounts.signAccount, (idOf("holder"), 2, _DIGEST, signatures));
    }

    function _cancel(PartySignature memory party) private view returns (bytes memory) {
        uint32 version = payouts.accountVersions(idOf("holder"));
        return abi.encodeCall(IPayeeAccounts.cancelAccount, (idOf("holder"), version, _purpose, party));
    }

    function _collect(PartySignature memory party) private pure returns (bytes memory) {
        return abi.encodeCall(IPayouts.recordCollection, (_LINE, "statement", party));
    }

    function _instruct(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IPayouts.instruct, (instructionFor("holder", _PAYOUT, 200, NONE), party));
    }

    function _report(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(IPayouts.report, (_PAYOUT, _status, "statement", party));
    }

    function _rewardsOfPayee(PartySignature memory party) private view returns (bytes memory) {
        IPayouts.Rewards memory rewards = rewardsOf("holder", 250);
        PartySignature memory auditor = signPayout(headOfRewards(rewards), "auditor", BUSINESS);
        return abi.encodeCall(IPayouts.fixRewards, (rewards, party, auditor));
    }

    function _rewardsOfAuditor(PartySignature memory party) private view returns (bytes memory) {
        IPayouts.Rewards memory rewards = rewardsOf("holder", 250);
        PartySignature memory payee = signPayout(headOfRewards(rewards), "holder", FINANCE);
        return abi.encodeCall(IPayouts.fixRewards, (rewards, payee, party));
    }

    function _wrongVersion(string memory name, uint32 expected, uint32 version) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayeeAccounts.PayeeAccountsWrongVersion.selector, idOf(name), expected, version);
    }

    function _notConcerned(string memory name) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayouts.PayoutsNotConcerned.selector, idOf(name));
    }

    function _wrongRewards() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayouts.PayoutsWrongRewards.selector, claimIdOf(TABLE_1, "holder"), 250);
    }
}
