// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SuiteChecks} from "./helpers/SuiteChecks.sol";
import {SuitePayments} from "./helpers/SuitePayments.sol";
import {SuiteRobbery} from "./helpers/SuiteRobbery.sol";
import {SuiteThief} from "./helpers/SuiteThief.sol";

/// @notice Here, because Hardhat finds the targets of invariants only in test files.
contract HonestBusiness is SuitePayments {
    constructor(string memory stolen_, string memory sound_) SuitePayments(stolen_, sound_) {}
}

/// @notice Operator, anchor key, one platform, and bodies of its own invention.
contract Thief is SuiteRobbery {
    constructor(SuitePayments business_) SuiteThief(business_) {}
}

/// @title The hard sentence over the real contracts
/// @notice Operator, anchor and one platform key together, in any order of calls, beside the honest business: they
/// cannot change payee, rule, weights or basis, move a finalized amount, or confirm a payment. The business has lived
/// once before the first call, so that everything that could be stolen is there.
abstract contract SuiteInvariants is SuiteChecks {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        (targets[0], targets[1]) = (address(business), address(thief));
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(business), workSelectors());
        targets[1] = FuzzSelector(address(thief), attackSelectors());
    }

    /// @notice Everything that {SuiteChecks} knows, in one: the setting is dear, and each invariant would have its own.
    function invariant_theHardSentence() public view {
        requireAll();
    }

    function _begin(string memory stolen, string memory sound) internal {
        SuitePayments lives = new HonestBusiness(stolen, sound);
        lives.live();
        _watch(lives, new Thief(lives));
    }
}

contract SuiteStolenTradingPlatformTest is SuiteInvariants {
    function setUp() public {
        _begin("trading", "authorisation");
    }
}

contract SuiteStolenAuthorisationPlatformTest is SuiteInvariants {
    function setUp() public {
        _begin("authorisation", "trading");
    }
}
