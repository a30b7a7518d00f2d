// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SuitePayments} from "./helpers/SuitePayments.sol";
import {Test} from "./helpers/Vm.sol";

contract Life is SuitePayments {
    constructor(string memory stolen_, string memory sound_) SuitePayments(stolen_, sound_) {}
}

contract SuiteLifeTest is Test {
    function test_anHonestLife_reachesFinalityAndPayout() public {
        Life life = new Life("trading", "authorisation");
        life.live();
        string[34] memory acts = [
            "approveRule",
            "register",
            "review",
            "fileProduct",
            "list",
            "place",
            "confirm",
            "conclude",
            "attachAgreement",
            "openStream",
            "signWeights",
            "signAccount",
            "stateAcknowledged",
            "state",
            "answer",
            "open",
            "resolve",
            "lapse",
            "openTable",
            "bookUsage",
            "bookFee",
            "bookRuling",
            "propose",
            "sign",
            "recordPublication",
            "object",
            "answerObjection",
            "adjust",
            "finalizeLine",
            "recordCollection",
            "credit",
            "instruct",
            "report",
            "creditNote"
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.assertTrue(life.done(acts[i]) != 0, string.concat("never done: ", acts[i]));
        }
        vm.assertTrue(life.done("freeze") != 0 && life.done("updateHold") != 0, "no freeze");
    }
}
