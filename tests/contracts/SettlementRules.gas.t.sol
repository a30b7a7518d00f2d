// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {AgreementId, BodyId, RuleVersion, WeightsId} from "../../contracts/types/Ids.sol";
import {Component, ComponentTerms, Part, Recipient} from "../../contracts/types/Terms.sol";
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
        recordGas("signWeights", address(rules), _signing(weights, 1));
        (weights.revision, weights.shares) = (2, new uint32[](10));
        recordGas("signWeights_10_shares", address(rules), _signing(weights, 10));
        (weights.revision, weights.shares) = (3, new uint32[](250));
        recordGas("signWeights_250_shares", address(rules), _signing(weights, 250));
        bytes32 reason = keccak256("superseded");
        head = headOfRetirement(ruleVersion, reason);
        call_ = abi.encodeCall(rules.retireRule, (ruleVersion, reason, byRules(head, REGULATOR)));
        recordGas("retireRule", address(rules), call_);
        _recordViews(weights);
        record("bytes_of_settlement_rules", address(rules).code.length);
        requireGoldens("SettlementRules");
    }

    function _recordViews(ISettlementRules.PeriodWeights memory weights) private {
        address target = address(rules);
        (AgreementId agreementId, Component component) = (weights.agreementId, weights.component);
        WeightsId weightsId = rules.weightsIdOf(agreementId, component, weights.period, 1);
        BodyId recipient = idOf("recipient 0");
        recordGas("ruleOf", target, abi.encodeCall(rules.ruleOf, (weights.ruleVersion)));
        recordGas("ruleVersionOf", target, abi.encodeCall(rules.ruleVersionOf, (wideRule())));
        recordGas("weightsHashOf", target, abi.encodeCall(rules.weightsHashOf, (weightsId)));
        recordGas("requireRecipient", target, abi.encodeCall(rules.requireRecipient, (recipient)));
        bytes memory call_ = abi.encodeCall(rules.revisionOf, (agreementId, component, weights.period));
        recordGas("revisionOf", target, call_);
        call_ = abi.encodeCall(rules.weightsIdOf, (agreementId, component, weights.period, 1));
        recordGas("weightsIdOf", target, call_);
        recordPartyViews(target);
    }

    /// @dev Weights for a component of so many recipients, each of whom is asked for.
    function _signing(
        ISettlementRules.PeriodWeights memory weights,
        uint256 recipients
    ) private returns (bytes memory) {
        ComponentTerms memory terms = termsOf(Component.USAGE_SHARE);
        terms.recipients = new Recipient[](recipients);
        for (uint256 i = 0; i < recipients; ++i) {
            BodyId recipient = admit(string.concat("recipient ", vm.toString(i)), BodyRoles.DATA_HOLDER);
            terms.recipients[i] = Recipient(recipient, Part.ENTERPRISE, 0, 0, 1_000_000);
        }
        weights.componentHash = hashOfTerms(terms);
        for (uint256 i = 0; i < weights.shares.length; ++i) {
            weights.shares[i] = uint32(1_000_000 / weights.shares.length);
        }
        bytes memory head = headOfWeights(weights);
        return
            abi.encodeCall(rules.signWeights, (weights, terms, byRules(head, AUTHORISATION), byRules(head, AUDITOR)));
    }
}
