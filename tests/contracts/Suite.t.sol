// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

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
        _liveLong(150);
    }

    function test_aLongLifeBesideAThiefWithTheAuthorisationPlatform_changesNothing() public {
        _begin("authorisation", "trading");
        _liveLong(150);
    }

    /// @dev One life of honest bodies, and then a thief who finds everything there.
    function _begin(string memory stolen, string memory sound) private {
        SuitePayments lives = new ScriptedBusiness(stolen, sound);
        lives.live();
        _watch(lives, new ScriptedThief(lives));
    }

    function _requireHonestLife() private view {
        _requireDone(
            "approveRule register review fileProduct list place confirm conclude attachAgreement openStream signWeights "
            "signAccount stateAcknowledged state answer open resolve lapse openTable bookUsage bookFee bookRuling "
            "propose sign recordPublication object answerObjection adjust finalizeLine recordCollection credit instruct "
            "report creditNote freeze updateHold "
        );
        requireAll();
    }

    function _liveLong(uint256 acts) private {
        bytes4[] memory work = workSelectors();
        bytes4[] memory attacks = attackSelectors();
        // which arguments of an honest act are a yes or no, one bit an argument
        uint8[27] memory yesOrNo = [
            2, 0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 4
        ];
        for (uint256 i = 0; i < acts; ++i) {
            uint256 random = uint256(keccak256(abi.encode("act", i)));
            uint256 which = (random >> 1) % (random % 2 == 0 ? work.length : attacks.length);
            bytes memory call_ =
                random % 2 == 0
                    ? abi.encodePacked(work[which], _words(random, yesOrNo[which]))
                    : abi.encodePacked(attacks[which], random);
            (bool success, bytes memory answer) = (random % 2 == 0 ? address(business) : address(thief)).call(call_);
            vm.assertTrue(success, string.concat(vm.toString(i), string(answer)));
            if (i % 50 == 0) {
                requireAll();
            }
        }
        requireAll();
        _requireDone(
            "closeCase "
        );
    }

    function _requireDone(string memory names) private view {
        bytes memory text = bytes(names);
        uint256 start = 0;
        for (uint256 i = 0; i < text.length; ++i) {
            if (text[i] == " ") {
                bytes memory name = new bytes(i - start);
                for (uint256 k = 0; k < name.length; ++k) {
                    name[k] = text[start + k];
                }
                vm.assertTrue(business.done(string(name)) != 0, string.concat("never done: ", string(name)));
                start = i + 1;
            }
        }
    }

    /// @dev Arguments of an act: small numbers, and zero or one where the act takes a yes or no.
    function _words(uint256 random, uint8 yesOrNo) private pure returns (bytes memory words) {
        for (uint256 k = 0; k < 4; ++k) {
            uint256 word = uint256(keccak256(abi.encode(random, k)));
            words = bytes.concat(words, abi.encode(word % ((yesOrNo >> k) & 1 == 1 ? 2 : 250)));
        }
    }
}
