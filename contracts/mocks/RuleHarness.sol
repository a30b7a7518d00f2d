// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../interfaces/ISettlementRules.sol";
import {Periods} from "../libraries/Periods.sol";
import {RuleTypedData} from "../libraries/RuleTypedData.sol";
import {AgreementId, PeriodId, RuleVersion, WeightsId} from "../types/Ids.sol";
import {Component, PartWeights} from "../types/Terms.sol";

/// @title RuleTypedData and Periods, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract RuleHarness {
    function headOfRule(ISettlementRules.RuleContent calldata content) external pure returns (bytes memory) {
        return RuleTypedData.headOfRule(content);
    }

    function headOfRetirement(RuleVersion ruleVersion, bytes32 reasonDigest) external pure returns (bytes memory) {
        return RuleTypedData.headOfRetirement(ruleVersion, reasonDigest);
    }

    function headOfWeights(ISettlementRules.PeriodWeights calldata weights) external pure returns (bytes memory) {
        return RuleTypedData.headOfWeights(weights);
    }

    function ruleVersionOf(
        uint256 chainId,
        address settlementRules,
        ISettlementRules.RuleContent calldata content
    ) external pure returns (RuleVersion) {
        return RuleTypedData.ruleVersionOf(chainId, settlementRules, content);
    }

    function weightsIdOf(
        AgreementId agreementId,
        Component component,
        PeriodId period,
        uint16 revision
    ) external pure returns (WeightsId) {
        return RuleTypedData.weightsIdOf(agreementId, component, period, revision);
    }

    function hashWeights(
        RuleVersion ruleVersion,
        bytes32 componentHash,
        PartWeights calldata weights,
        uint32[] calldata shares
    ) external pure returns (bytes32) {
        return RuleTypedData.hashWeights(ruleVersion, componentHash, weights, shares);
    }

    function overlaps(PeriodId period, uint64 first, uint64 last) external pure returns (bool) {
        return Periods.overlaps(period, first, last);
    }

    function hasBegun(PeriodId period, uint256 time) external pure returns (bool) {
        return Periods.hasBegun(period, time);
    }

    function isMonth(PeriodId period) external pure returns (bool) {
        return Periods.isMonth(period);
    }
}
