// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../interfaces/ISettlementRules.sol";
import {AgreementId, PeriodId, RuleVersion, WeightsId} from "../types/Ids.sol";
import {Component, PartWeights} from "../types/Terms.sol";

/// @title What is signed about settlement rules, and the ids and hashes that follow from it
/// @notice Heads of the EIP-712 structs of `SettlementRules`: type hash and fields before the common tail.
/// The Python counterpart is `ledger/domain/acts/settlement_rules.py`.
library RuleTypedData {
    /// @notice EIP-712 type hash of a rule.
    bytes32 internal constant RULE_TYPE_HASH = keccak256(
        "Rule(bytes32 formulaDigest,bytes32 filingDigest,bytes32 textDigest,uint32 minPublicWeight,"
        "uint32 maxPublicWeight,uint32 minEnterpriseWeight,uint32 maxEnterpriseWeight,uint32 minPersonalWeight,"
        "uint32 maxPersonalWeight,uint32 firstPeriod,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice EIP-712 type hash of a rule's retirement.
    bytes32 internal constant RULE_RETIREMENT_TYPE_HASH = keccak256(
        "RuleRetirement(bytes32 ruleVersion,bytes32 reasonDigest,bytes32 signer,bytes32 sm2SignatureDigest,"
        "uint256 deadline)"
    );
    /// @notice EIP-712 type hash of the weights of a period.
    bytes32 internal constant PERIOD_WEIGHTS_TYPE_HASH = keccak256(
        "PeriodWeights(bytes32 agreementId,uint8 component,uint32 period,uint16 revision,bytes32 ruleVersion,"
        "bytes32 componentHash,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,uint32[] shares,"
        "bytes32 evidenceDigest,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _RULE_DOMAIN = keccak256("cityledger/v1/rule");
    bytes32 private constant _WEIGHTS_DOMAIN = keccak256("cityledger/v1/weights");

    /// @notice Head of `Rule`.
    /// @dev The signed type has the bounds part by part; the struct has all least before all greatest.
    /// @param content The rule.
    /// @return head Type hash and fields.
    function headOfRule(ISettlementRules.RuleContent calldata content) internal pure returns (bytes memory head) {
        PartWeights calldata minimum = content.minimum;
        PartWeights calldata maximum = content.maximum;
        return
            bytes.concat(
                abi.encode(RULE_TYPE_HASH, content.formulaDigest, content.filingDigest, content.textDigest),
                abi.encode(minimum.publicWeight, maximum.publicWeight),
                abi.encode(minimum.enterpriseWeight, maximum.enterpriseWeight),
                abi.encode(minimum.personalWeight, maximum.personalWeight, content.firstPeriod)
            );
    }

    /// @notice Head of `RuleRetirement`.
    /// @param ruleVersion The rule.
    /// @param reasonDigest Digest of the reason.
    /// @return head Type hash and fields.
    function headOfRetirement(RuleVersion ruleVersion, bytes32 reasonDigest) internal pure returns (bytes memory head) {
        return abi.encode(RULE_RETIREMENT_TYPE_HASH, ruleVersion, reasonDigest);
    }

    /// @notice Head of `PeriodWeights`.
    /// @param weights The weights.
    /// @return head Type hash and fields.
    function headOfWeights(ISettlementRules.PeriodWeights calldata weights) internal pure returns (bytes memory head) {
        return
            bytes.concat(
                abi.encode(PERIOD_WEIGHTS_TYPE_HASH, weights.agreementId, weights.component, weights.period),
                abi.encode(weights.revision, weights.ruleVersion, weights.componentHash, weights.weights),
                abi.encode(hashShares(weights.shares), weights.evidenceDigest)
            );
    }

    /// @notice Version of a rule: the hash of its content on this chain and in this contract.
    /// @param chainId The chain.
    /// @param settlementRules The contract.
    /// @param content The content.
    /// @return The version.
    function ruleVersionOf(
        uint256 chainId,
        address settlementRules,
        ISettlementRules.RuleContent calldata content
    ) internal pure returns (RuleVersion) {
        return RuleVersion.wrap(keccak256(abi.encode(_RULE_DOMAIN, chainId, settlementRules, content)));
    }

    /// @notice Id of weights.
    /// @param agreementId The agreement.
    /// @param component The component.
    /// @param period The period.
    /// @param revision The revision.
    /// @return The id.
    function weightsIdOf(
        AgreementId agreementId,
        Component component,
        PeriodId period,
        uint16 revision
    ) internal pure returns (WeightsId) {
        return WeightsId.wrap(keccak256(abi.encode(_WEIGHTS_DOMAIN, agreementId, component, period, revision)));
    }

    /// @notice What a booking holds shown weights against.
    /// @param ruleVersion The rule whose bounds they keep.
    /// @param componentHash EIP-712 hash of the component's terms.
    /// @param weights Weights of the three parts.
    /// @param shares Shares of the recipients, or none.
    /// @return The hash that is stored.
    function hashWeights(
        RuleVersion ruleVersion,
        bytes32 componentHash,
        PartWeights calldata weights,
        uint32[] calldata shares
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ruleVersion, componentHash, weights, hashShares(shares)));
    }

    /// @notice EIP-712 hash of an array of shares.
    /// @param shares The shares.
    /// @return keccak256 over the shares, each as one word.
    function hashShares(uint32[] calldata shares) internal pure returns (bytes32) {
        // Elements of a packed array are padded to a word each, as EIP-712 wants them.
        return keccak256(abi.encodePacked(shares));
    }
}
