// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPayeeAccounts} from "../../contracts/interfaces/IPayeeAccounts.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId, LineId, PayoutId} from "../../contracts/types/Ids.sol";
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
        bytes memory again = _wrongVersion("provider", 2, 1);
        checkAct(
            _act("Payouts.signAccount.first", headOfAccount("provider", 1, _DIGEST), "provider", _signFirst, again)
        );
    }

    function test_signAccount_ofAChange_byTheFinanceKey() public {
        bytes memory head = headOfAccount("holder", 2, _DIGEST);
        bytes memory again = _wrongVersion("holder", 3, 2);
        checkAct(_act("Payouts.signAccount.changeByFinance", head, "holder", _changeByFinance, again));
    }

    function test_signAccount_ofAChange_byTheBusinessKey() public {
        bytes memory head = headOfAccount("holder", 2, _DIGEST);
        bytes memory again = _wrongVersion("holder", 3, 2);
        checkAct(_act("Payouts.signAccount.changeByBusiness", head, "holder", _changeByBusiness, again));
    }

    function test_cancelAccount_byEitherKey() public {
        uint8[2] memory purposes = [FINANCE, BUSINESS];
        string[2] memory rows = ["Payouts.cancelAccount.byFinance", "Payouts.cancelAccount.byBusiness"];
        for (uint32 i = 0; i < 2; ++i) {
            changeAccount("holder", 2 + i, _DIGEST);
            _purpose = purposes[i];
            bytes4 nothing = IPayeeAccounts.PayeeAccountsNothingToCancel.selector;
            bytes memory again = abi.encodeWithSelector(nothing, idOf("holder"), 2 + i);
            checkAct(_act(rows[i], headOfCancellation("holder", 2 + i), "holder", _cancel, again));
        }
    }

    function test_recordCollection() public {
        bytes memory again = abi.encodeWithSelector(IPayouts.PayoutsAlreadyCollected.selector, _LINE);
        checkAct(_act("Payouts.recordCollection.bank", headOfCollection(_LINE), "bank", _collect, again));
    }

    function test_instruct() public {
        bytes memory head = headOfInstruction(instructionFor("holder", _PAYOUT, 200, NONE));
        bytes memory again = abi.encodeWithSelector(IPayouts.PayoutsAlreadyInstructed.selector, _PAYOUT);
        checkAct(_act("Payouts.instruct.platform", head, "trading", _instruct, again));
    }

    function test_report_byThePayee() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _checkReport("Payouts.report.payee", "holder", IPayouts.PayoutStatus.CONFIRMED);
    }

    /// @notice Platforms instruct payouts, the operator runs the system: that their own came is the bank's to say, or
    /// an auditor's for one that left.
    function test_report_byAPlatformOrTheOperatorOnItsOwnPayout_isRefused() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _status = IPayouts.PayoutStatus.CONFIRMED;
        bytes memory call_ = _report(signPayout(headOfReport(_PAYOUT, _status), "holder", FINANCE));
        for (uint32 role = BodyRoles.OPERATOR; role <= BodyRoles.AUTHORISATION_PLATFORM; role <<= 1) {
            stub.setBody(idOf("holder"), IParticipantRegistry.BodyStatus.ACTIVE, role);
            requireRefused(address(payouts), call_, _notConcerned(idOf("holder")));
        }
        call_ = _report(signPayout(headOfReport(_PAYOUT, _status), "auditor", BUSINESS));
        requireRefused(address(payouts), call_, _bankIsThere());
        _bankLeaves();
        payouts.report(_PAYOUT, _status, "statement", signPayout(headOfReport(_PAYOUT, _status), "auditor", BUSINESS));
        requireClaim(TABLE_1, "holder", 250, 200, 0, 0);
    }

    /// @notice Bank and payee have both left: nobody else could ever say that the money came.
    function test_report_ofWhatCame_toAPayeeThatLeft_isAnAuditors() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        PartySignature memory auditor = signPayout(headOfReport(_PAYOUT, _status), "auditor", BUSINESS);
        stub.setBody(idOf("holder"), IParticipantRegistry.BodyStatus.LEFT, BodyRoles.DATA_HOLDER);
        requireRefused(address(payouts), _report(auditor), _bankIsThere());
        _bankLeaves();
        stub.setBody(idOf("holder"), IParticipantRegistry.BodyStatus.SUSPENDED, BodyRoles.DATA_HOLDER);
        requireRefused(address(payouts), _report(auditor), _notConcerned(idOf("auditor")));
        stub.setBody(idOf("holder"), IParticipantRegistry.BodyStatus.LEFT, BodyRoles.DATA_HOLDER);
        payouts.report(_PAYOUT, _status, "statement", auditor);
        requireClaim(TABLE_1, "holder", 250, 200, 0, 0);
    }

    function test_report_thatNothingCame_isNotThePayees() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _status = IPayouts.PayoutStatus.REJECTED;
        requireRefused(
            address(payouts),
            _report(signPayout(headOfReport(_PAYOUT, _status), "holder", FINANCE)),
            _notConcerned(idOf("holder"))
        );
        report(_PAYOUT, IPayouts.PayoutStatus.CONFIRMED, "bank");
        _status = IPayouts.PayoutStatus.RETURNED;
        requireRefused(
            address(payouts),
            _report(signPayout(headOfReport(_PAYOUT, _status), "holder", FINANCE)),
            _notConcerned(idOf("holder"))
        );
    }

    function test_report_byTheBank() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _checkReport("Payouts.report.bank", "bank", IPayouts.PayoutStatus.CONFIRMED);
        _checkReport("Payouts.report.bank", "bank", IPayouts.PayoutStatus.RETURNED);
    }

    function test_report_ofARejection() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _checkReport("Payouts.report.bank", "bank", IPayouts.PayoutStatus.REJECTED);
    }

    function test_report_inPlaceOfABankThatLeft_isAnAuditors() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _bankLeaves();
        _checkReport("Payouts.report.auditor", "auditor", IPayouts.PayoutStatus.REJECTED);
        requireClaim(TABLE_1, "holder", 250, 0, 0, 0);
    }

    function test_report_ofAReturn_inPlaceOfABankThatLeft_isAnAuditors() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        report(_PAYOUT, IPayouts.PayoutStatus.CONFIRMED, "bank");
        _bankLeaves();
        _checkReport("Payouts.report.auditor", "auditor", IPayouts.PayoutStatus.RETURNED);
        requireClaim(TABLE_1, "holder", 250, 0, 0, 0);
    }

    function test_report_byAnAuditor_whileTheBankIsThere_isRefused() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _status = IPayouts.PayoutStatus.REJECTED;
        bytes memory call_ = _report(signPayout(headOfReport(_PAYOUT, _status), "auditor", BUSINESS));
        requireRefused(address(payouts), call_, _bankIsThere());
        suspend("bank");
        requireRefused(address(payouts), call_, _bankIsThere());
        // that money came is never an auditor's to say
        _bankLeaves();
        _status = IPayouts.PayoutStatus.CONFIRMED;
        call_ = _report(signPayout(headOfReport(_PAYOUT, _status), "auditor", BUSINESS));
        requireRefused(address(payouts), call_, _notConcerned(idOf("auditor")));
    }

    /// @notice An auditor that is paid itself does not say that its own money never came.
    function test_report_byAnAuditorThatIsThePayee_isRefused() public {
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        _bankLeaves();
        stub.setBody(idOf("holder"), IParticipantRegistry.BodyStatus.ACTIVE, BodyRoles.AUDITOR);
        _status = IPayouts.PayoutStatus.REJECTED;
        bytes memory call_ = _report(signPayout(headOfReport(_PAYOUT, _status), "holder", BUSINESS));
        requireRefused(address(payouts), call_, _notConcerned(idOf("holder")));
    }

    function test_report_byNobodyElse() public {
        admit("other bank", BodyRoles.BANK);
        instruct(instructionFor("holder", _PAYOUT, 200, NONE));
        string[6] memory others = ["trading", "authorisation", "operator", "auditor", "provider", "other bank"];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory call_ = _report(signPayout(headOfReport(_PAYOUT, _status), others[i], FINANCE));
            requireRefused(address(payouts), call_, _notConcerned(idOf(others[i])));
        }
    }

    function test_fixRewards_byThePayee() public {
        bytes memory head = headOfRewards(rewardsOf("holder", 250));
        checkAct(_act("Payouts.fixRewards.payee", head, "holder", _rewardsOfPayee, _wrongRewards()));
    }

    function test_fixRewards_byTheAuditor() public {
        bytes memory head = headOfRewards(rewardsOf("holder", 250));
        checkAct(_act("Payouts.fixRewards.auditor", head, "auditor", _rewardsOfAuditor, _wrongRewards()));
    }

    /// @dev Whoever is neither payee nor bank of a payout is told so; an auditor, that the bank is still there.
    function refusalOf(
        Act memory act,
        Signer memory signer,
        BodyId body
    ) internal view override returns (bytes memory) {
        if (keccak256(act.head) == keccak256(headOfReport(_PAYOUT, _status))) {
            bool isAuditor = stub.bodyOf(body).roles & BodyRoles.AUDITOR != 0;
            if (isAuditor && _status != IPayouts.PayoutStatus.CONFIRMED) {
                return _bankIsThere();
            }
            return _notConcerned(body);
        }
        return super.refusalOf(act, signer, body);
    }

    /// @dev A payee that is a platform has a test of its own.
    function isOfAnyRole(Act memory act) internal pure override returns (bool) {
        return keccak256(bytes(act.row)) != keccak256("Payouts.report.payee");
    }

    function _bankLeaves() private {
        stub.setBody(idOf("bank"), IParticipantRegistry.BodyStatus.LEFT, BodyRoles.BANK);
    }

    function _checkReport(string memory row, string memory reporter, IPayouts.PayoutStatus status) private {
        _status = status;
        bytes memory again = abi.encodeWithSelector(IPayouts.PayoutsWrongStatus.selector, _PAYOUT, status);
        checkAct(_act(row, headOfReport(_PAYOUT, status), reporter, _report, again));
    }

    function _act(
        string memory row,
        bytes memory head,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf,
        bytes memory replayError
    ) private view returns (Act memory) {
        return Act(row, PAYOUTS, address(payouts), head, signer, callOf, replayError);
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

    function _bankIsThere() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayouts.PayoutsBankHasNotLeft.selector, idOf("bank"));
    }

    function _notConcerned(BodyId body) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayouts.PayoutsNotConcerned.selector, body);
    }

    function _wrongRewards() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPayouts.PayoutsWrongRewards.selector, claimIdOf(TABLE_1, "holder"), 250);
    }
}
