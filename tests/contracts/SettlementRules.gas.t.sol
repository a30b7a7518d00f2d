// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {RuleVersion} from "../../contracts/types/Ids.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {RulesFixture} from "./helpers/Rules.sol";

/// @title Gas of whole transactions that approve rules and sign weights
/// @notice The registry's account counts as cold in the first one only: 2,500 less for each of the others.
contract SettlementRulesGasTest is RulesFixture, GasGolden {
    function setUp() public override {
        super.setUp();
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        bytes memory head = headOfRule(wideRule());
        bytes memory call_ = abi.encodeCall(
            rules.approveRule,
            (wideRule(), byRules(head, TRADING), byRules(head, AUTHORISATION), byRules(head, REGULATOR))
        );
        recordGas("approveRule", address(rules), call_);
        RuleVersion ruleVersion = rules.ruleVersionOf(wideRule());
        ISettlementRules.PeriodWeights memory weights = usualWeights(ruleVersion);
        recordGas("signWeights", address(rules), _signing(weights));
        (weights.revision, weights.shares) = (2, new uint32[](10));
        recordGas("signWeights_10_shares", address(rules), _signing(weights));
        (weights.revision, weights.shares) = (3, new uint32[](250));
        recordGas("signWeights_250_shares", address(rules), _signing(weights));
        bytes32 reason = keccak256("superseded");
        head = headOfRetirement(ruleVersion, reason);
        call_ = abi.encodeCall(rules.retireRule, (ruleVersion, reason, byRules(head, REGULATOR)));
        recordGas("retireRule", address(rules), call_);
        record("bytes_of_settlement_rules", address(rules).code.length);
        requireGoldens("SettlementRules");
    }

    function _signing(ISettlementRules.PeriodWeights memory weights) private view returns (bytes memory) {
        for (uint256 i = 0; i < weights.shares.length; ++i) {
            weights.shares[i] = uint32(1_000_000 / weights.shares.length);
        }
        bytes memory head = headOfWeights(weights);
        return abi.encodeCall(rules.signWeights, (weights, byRules(head, AUTHORISATION), byRules(head, AUDITOR)));
    }
}
