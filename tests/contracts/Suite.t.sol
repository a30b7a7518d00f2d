// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {TableId} from "../../contracts/types/Ids.sol";
import {SuiteChecks} from "./helpers/SuiteChecks.sol";
import {SuitePayments} from "./helpers/SuitePayments.sol";
import {SuiteRobbery} from "./helpers/SuiteRobbery.sol";
import {SuiteThief} from "./helpers/SuiteThief.sol";

contract ScriptedBusiness is SuitePayments {
    constructor(string memory stolen_, string memory sound_) SuitePayments(stolen_, sound_) {}
}

contract ScriptedThief is SuiteRobbery {
    constructor(SuitePayments business_) SuiteThief(business_) {}
}

/// @title Fixed lives of the whole suite: what the invariants look at really happens
contract SuiteTest is SuiteChecks {
    string private _unitsSettled;

    function setUp() public {
        _unitsSettled = string.concat(
            "refused: ",
            vm.toString(uint256(uint32(IDistributionTables.DistributionTablesUnitsSettled.selector)))
        );
    }

    function test_anHonestLife_reachesFinalityAndPayout() public {
        _begin("trading", "authorisation");
        _requireHonestLife();
        _begin("authorisation", "trading");
        _requireHonestLife();
    }

    /// @notice Long lives with the thief in the middle: every function is tried, the business goes on, and after each
    /// act everything holds.
    function test_aLongLifeBesideAThiefWithTheTradingPlatform_changesNothing() public {
        _begin("trading", "authorisation");
        _liveLong(1_500);
    }

    function test_aLongLifeBesideAThiefWithTheAuthorisationPlatform_changesNothing() public {
        _begin("authorisation", "trading");
        _liveLong(1_500);
    }

    /// @dev One life of honest bodies, and then a thief who finds everything there.
    function _begin(string memory stolen, string memory sound) private {
        SuitePayments lives = new ScriptedBusiness(stolen, sound);
        lives.live();
        _watch(lives, new ScriptedThief(lives));
    }

    function _requireHonestLife() private view {
        string[] memory acts = _words(
            "approveRule register review fileProduct list place confirm conclude attachAgreement openStream "
            "signWeights signAccount stateAcknowledged state answer open resolve lapse openTable bookUsage bookFee "
            "bookRuling propose sign recordPublication object answerObjection requestReview decideReview "
            "withdrawObjection adjust finalizeLine recordCollection credit instruct report creditNote "
            "correctionFinal freeze updateHold "
        );
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.assertTrue(business.done(acts[i]) != 0, string.concat("never done: ", acts[i]));
        }
        IPayouts.Claim memory claim = business.claimOf(TableId.wrap(1), idOf("operator"));
        vm.assertTrue(claim.pending != 0 && claim.paid == 0, "no payment of the operator's own waits for the bank");
        requireAll();
    }

    /// @dev What has never happened yet in a long life; nothing when both sides were busy with everything.
    function _firstNever() private view returns (string memory) {
        string[] memory acts = _words("withdraw restore cancelAccount reissue ");
        for (uint256 i = 0; i < acts.length; ++i) {
            if (business.done(acts[i]) == 0) {
                return string.concat("never done: ", acts[i]);
            }
        }
        if (business.done(_unitsSettled) == 0) {
            return "never refused: units that are settled";
        }
        acts = _words(
            "admit renewQualification changeRoles suspend reinstate addKey revokeKey depart register review "
            "fileProduct actOnProduct setFrozen place confirm close attachAgreement conclude fileAgreement terminate "
            "openStream state stateAcknowledged answer voidGap open extendFreeze resolve withdraw approveRule "
            "retireRule signWeights admitReserved renewReservedQualification suspendReserved reinstateReserved "
            "recoverKey setAuthority list grantRole setTargetFunctionRole updateAuthority setTargetClosed setRoleAdmin "
            "schedule execute cancel councilExecute changeMembership openLog closeLog anchor rewrite growWithoutProof "
            "anchorSound reportFork openTable bookLine bookCorrection propose sign recordPublication finalizeLine "
            "object answerObjection requestReview decideReview withdrawObjection advanceObjection signAccount "
            "cancelAccount recordCollection credit setOff updateHold instruct report fixRewards relayAgain "
        );
        for (uint256 i = 0; i < acts.length; ++i) {
            if (thief.tried(acts[i]) == 0) {
                return string.concat("never tried: ", acts[i]);
            }
        }
        // its own payouts, that wait for the bank's word, it says are paid, with the right key
        if (thief.tried("confirmOwn operator") == 0) {
            return "never confirmed: the operator's own";
        }
        if (business.isStolen(idOf("authorisation")) && thief.tried("confirmOwn authorisation") == 0) {
            return "never confirmed: the platform's own";
        }
        // and what is the thief's to do works: its signatures are valid, only never enough
        acts = _words("admit register anchor rewrite openTable ");
        for (uint256 i = 0; i < acts.length; ++i) {
            if (thief.done(acts[i]) == 0) {
                return string.concat("never worked: ", acts[i]);
            }
        }
        return "";
    }

    /// @dev So many acts, and more until everything has happened, at most twice as many.
    function _liveLong(uint256 acts) private {
        for (uint256 i = 0; i < acts || (i < 2 * acts && bytes(_firstNever()).length != 0);) {
            for (uint256 next = i + 150; i < next; ++i) {
                _liveOnce(i);
            }
            requireAll();
        }
        vm.assertEq(_firstNever(), "", "in a long life");
    }

    function _liveOnce(uint256 number) private {
        bytes4[] memory work = workSelectors();
        bytes4[] memory attacks = attackSelectors();
        // which arguments of an honest act are a yes or no, one bit an argument
        uint8[28] memory yesOrNo = [2, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 4, 0];
        uint256 random = uint256(keccak256(abi.encode("act", number)));
        uint256 which = (random >> 1) % (random % 2 == 0 ? work.length : attacks.length);
        bytes memory call_ =
            random % 2 == 0
                ? abi.encodePacked(work[which], _arguments(random, yesOrNo[which]))
                : abi.encodePacked(attacks[which], random);
        (bool success, bytes memory answer) = (random % 2 == 0 ? address(business) : address(thief)).call(call_);
        vm.assertTrue(success, string.concat(vm.toString(number), string(answer)));
    }

    /// @dev The words of a text, each with a space behind it.
    function _words(string memory text) private pure returns (string[] memory words) {
        bytes memory letters = bytes(text);
        uint256 count = 0;
        for (uint256 i = 0; i < letters.length; ++i) {
            count += letters[i] == " " ? 1 : 0;
        }
        words = new string[](count);
        uint256 start = 0;
        count = 0;
        for (uint256 i = 0; i < letters.length; ++i) {
            if (letters[i] == " ") {
                bytes memory word = new bytes(i - start);
                for (uint256 k = 0; k < word.length; ++k) {
                    word[k] = letters[start + k];
                }
                words[count] = string(word);
                ++count;
                start = i + 1;
            }
        }
    }

    /// @dev Arguments of an act: small numbers, and zero or one where the act takes a yes or no.
    function _arguments(uint256 random, uint8 yesOrNo) private pure returns (bytes memory words) {
        for (uint256 k = 0; k < 4; ++k) {
            uint256 word = uint256(keccak256(abi.encode(random, k)));
            words = bytes.concat(words, abi.encode(word % ((yesOrNo >> k) & 1 == 1 ? 2 : 250)));
        }
    }
}
