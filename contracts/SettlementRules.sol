// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "./access/PartyActs.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {ISettlementRules} from "./interfaces/ISettlementRules.sol";
import {AgreementTypedData} from "./libraries/AgreementTypedData.sol";
import {LargestRemainder} from "./libraries/LargestRemainder.sol";
import {Periods} from "./libraries/Periods.sol";
import {RuleTypedData} from "./libraries/RuleTypedData.sol";
import {SplitVector} from "./libraries/SplitVector.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {AgreementId, BodyId, PeriodId, RuleVersion, WeightsId} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";
import {Component, ComponentTerms, Part, PartWeights, Recipient} from "./types/Terms.sol";

/// @title Settlement rules
/// @notice See {ISettlementRules}. Nothing that was approved or signed is ever overwritten: a rule's only change is its
/// retirement, and weights only get further revisions.
contract SettlementRules is ISettlementRules, PartyActs {
    using Periods for PeriodId;

    /// @dev One storage slot. Six numbers instead of two structs, because a struct begins a slot of its own.
    struct Rule {
        RuleStatus status;
        PeriodId firstPeriod;
        uint32 minPublicWeight;
        uint32 maxPublicWeight;
        uint32 minEnterpriseWeight;
        uint32 maxEnterpriseWeight;
        uint32 minPersonalWeight;
        uint32 maxPersonalWeight;
    }

    /// @dev Who judges lines takes nothing out of them. A body with one of these roles has no other, and keeps it.
    uint32 private constant _JUDGES = BodyRoles.AUDITOR | BodyRoles.ARBITRATOR;

    mapping(RuleVersion ruleVersion => Rule rule) private _rules;
    mapping(WeightsId weightsId => bytes32 weightsHash) private _weightHashes;
    mapping(AgreementId agreementId => mapping(Component component => mapping(PeriodId period => uint16 revision)))
        private _revisions;

    /// @notice Deploys the contract beside its registry of bodies.
    /// @param participants_ The `ParticipantRegistry`; must have code already.
    constructor(IParticipantRegistry participants_) PartyActs(participants_, "CityLedger SettlementRules") {
        if (address(participants_).code.length == 0) {
            revert SettlementRulesNoCode(address(participants_));
        }
    }

    /// @inheritdoc ISettlementRules
    function approveRule(
        RuleContent calldata content,
        PartySignature calldata tradingPlatform,
        PartySignature calldata authorisationPlatform,
        PartySignature calldata regulator
    ) external returns (RuleVersion ruleVersion) {
        ruleVersion = ruleVersionOf(content);
        _requireStatus(ruleVersion, RuleStatus.UNKNOWN);
        _requireContent(content);
        bytes memory head = RuleTypedData.headOfRule(content);
        uint8 purpose = KeyPurposes.BUSINESS;
        _requireSigned(head, tradingPlatform, BodyRoles.TRADING_PLATFORM, purpose, false);
        _requireSigned(head, authorisationPlatform, BodyRoles.AUTHORISATION_PLATFORM, purpose, false);
        _requireSigned(head, regulator, BodyRoles.REGULATOR, purpose, false);
        _rules[ruleVersion] = Rule(
            RuleStatus.APPROVED,
            content.firstPeriod,
            content.minimum.publicWeight,
            content.maximum.publicWeight,
            content.minimum.enterpriseWeight,
            content.maximum.enterpriseWeight,
            content.minimum.personalWeight,
            content.maximum.personalWeight
        );
        emit RuleApproved(ruleVersion, content);
    }

    /// @inheritdoc ISettlementRules
    function retireRule(RuleVersion ruleVersion, bytes32 reasonDigest, PartySignature calldata regulator) external {
        _requireStatus(ruleVersion, RuleStatus.APPROVED);
        _requireDigest(reasonDigest);
        bytes memory head = RuleTypedData.headOfRetirement(ruleVersion, reasonDigest);
        _requireSigned(head, regulator, BodyRoles.REGULATOR, KeyPurposes.BUSINESS, false);
        _rules[ruleVersion].status = RuleStatus.RETIRED;
        emit RuleRetired(ruleVersion, reasonDigest);
    }

    /// @inheritdoc ISettlementRules
    function signWeights(
        PeriodWeights calldata weights,
        ComponentTerms calldata terms,
        PartySignature calldata authorisationPlatform,
        PartySignature calldata auditor
    ) external returns (WeightsId weightsId) {
        uint16 expected = revisionOf(weights.agreementId, weights.component, weights.period) + 1;
        if (weights.revision != expected) {
            revert SettlementRulesWrongRevision(expected, weights.revision);
        }
        _requireWithinRule(weights);
        _requireRecipients(weights, terms);
        bytes memory head = RuleTypedData.headOfWeights(weights);
        uint8 purpose = KeyPurposes.BUSINESS;
        _requireSigned(head, authorisationPlatform, BodyRoles.AUTHORISATION_PLATFORM, purpose, false);
        _requireSigned(head, auditor, BodyRoles.AUDITOR, purpose, false);
        weightsId = weightsIdOf(weights.agreementId, weights.component, weights.period, expected);
        _revisions[weights.agreementId][weights.component][weights.period] = expected;
        _weightHashes[weightsId] = RuleTypedData.hashWeights(
            weights.ruleVersion,
            weights.componentHash,
            weights.weights,
            weights.shares
        );
        emit PeriodWeightsSigned(weightsId, weights.agreementId, weights.period, weights);
    }

    /// @inheritdoc ISettlementRules
    function ruleOf(RuleVersion ruleVersion) external view returns (RuleStatus status, PeriodId firstPeriod) {
        Rule storage rule = _rules[ruleVersion];
        return (rule.status, rule.firstPeriod);
    }

    /// @inheritdoc ISettlementRules
    function weightsHashOf(WeightsId weightsId) external view returns (bytes32 weightsHash) {
        weightsHash = _weightHashes[weightsId];
        if (weightsHash == 0) {
            revert SettlementRulesUnknownWeights(weightsId);
        }
    }

    /// @inheritdoc ISettlementRules
    function requireRecipient(BodyId recipient) public view {
        IParticipantRegistry.Body memory body = _PARTICIPANTS.bodyOf(recipient);
        if (body.status == IParticipantRegistry.BodyStatus.UNKNOWN) {
            revert SettlementRulesUnknownRecipient(recipient);
        }
        if (body.roles & _JUDGES != 0) {
            revert SettlementRulesDependentRecipient(recipient);
        }
    }

    /// @inheritdoc ISettlementRules
    function ruleVersionOf(RuleContent calldata content) public view returns (RuleVersion) {
        return RuleTypedData.ruleVersionOf(block.chainid, address(this), content);
    }

    /// @inheritdoc ISettlementRules
    function revisionOf(AgreementId agreementId, Component component, PeriodId period) public view returns (uint16) {
        return _revisions[agreementId][component][period];
    }

    /// @inheritdoc ISettlementRules
    function weightsIdOf(
        AgreementId agreementId,
        Component component,
        PeriodId period,
        uint16 revision
    ) public pure returns (WeightsId) {
        return RuleTypedData.weightsIdOf(agreementId, component, period, revision);
    }

    function _requireStatus(RuleVersion ruleVersion, RuleStatus needed) private view {
        RuleStatus status = _rules[ruleVersion].status;
        if (status != needed) {
            revert SettlementRulesWrongStatus(ruleVersion, status);
        }
    }

    /// @dev A retired rule goes on for the agreements that name it.
    function _requireWithinRule(PeriodWeights calldata weights) private view {
        Rule memory rule = _rules[weights.ruleVersion];
        if (rule.status == RuleStatus.UNKNOWN) {
            revert SettlementRulesWrongStatus(weights.ruleVersion, rule.status);
        }
        if (!weights.period.isMonth() || weights.period < rule.firstPeriod) {
            revert SettlementRulesWrongPeriod(weights.period, rule.firstPeriod);
        }
        _requireDigest(weights.evidenceDigest);
        if (weights.shares.length > LargestRemainder.MAX_RECIPIENTS) {
            revert SettlementRulesTooManyShares(weights.shares.length);
        }
        PartWeights calldata parts = weights.weights;
        uint256 sum = _sum(parts);
        if (sum != SplitVector.WHOLE) {
            revert SettlementRulesWeightSum(sum);
        }
        _requireBetween(Part.PUBLIC, parts.publicWeight, rule.minPublicWeight, rule.maxPublicWeight);
        _requireBetween(Part.ENTERPRISE, parts.enterpriseWeight, rule.minEnterpriseWeight, rule.maxEnterpriseWeight);
        _requireBetween(Part.PERSONAL, parts.personalWeight, rule.minPersonalWeight, rule.maxPersonalWeight);
    }

    /// @dev The terms that the weights are for, and nobody who gets something by them who is yet to come, or a judge.
    /// Who was admitted once keeps its id for ever, also suspended and when it has left.
    function _requireRecipients(PeriodWeights calldata weights, ComponentTerms calldata terms) private view {
        bytes32 shown = AgreementTypedData.hashComponentTerms(terms);
        if (shown != weights.componentHash || terms.component != weights.component) {
            revert SettlementRulesWrongComponent(weights.componentHash, shown);
        }
        Recipient[] calldata recipients = terms.recipients;
        uint256 shares = weights.shares.length;
        if (shares != 0 && shares != recipients.length) {
            revert SplitVector.SplitVectorShareCount(shares, recipients.length);
        }
        PartWeights calldata parts = weights.weights;
        uint32[3] memory byPart = [parts.publicWeight, parts.enterpriseWeight, parts.personalWeight];
        for (uint256 i = 0; i < recipients.length; ++i) {
            uint256 share = shares == 0 ? recipients[i].share : weights.shares[i];
            // Who gets nothing in this period holds nobody else up.
            if (share != 0 && byPart[uint256(recipients[i].part)] != 0) {
                requireRecipient(recipients[i].recipient);
            }
        }
    }

    /// @dev Some weights can keep the bounds exactly when no least is above its greatest and 1,000,000 is between the
    /// two sums.
    function _requireContent(RuleContent calldata content) private pure {
        _requireDigest(content.formulaDigest);
        _requireDigest(content.filingDigest);
        _requireDigest(content.textDigest);
        if (!content.firstPeriod.isMonth()) {
            revert SettlementRulesWrongPeriod(content.firstPeriod, content.firstPeriod);
        }
        PartWeights calldata minimum = content.minimum;
        PartWeights calldata maximum = content.maximum;
        bool isOrdered =
            minimum.publicWeight <= maximum.publicWeight &&
                minimum.enterpriseWeight <= maximum.enterpriseWeight &&
                minimum.personalWeight <= maximum.personalWeight;
        uint256 minimumSum = _sum(minimum);
        uint256 maximumSum = _sum(maximum);
        if (!isOrdered || minimumSum > SplitVector.WHOLE || maximumSum < SplitVector.WHOLE) {
            revert SettlementRulesImpossibleBounds(minimumSum, maximumSum);
        }
    }

    function _requireDigest(bytes32 digest) private pure {
        if (digest == 0) {
            revert SettlementRulesZeroDigest();
        }
    }

    function _requireBetween(Part part, uint256 weight, uint256 minimum, uint256 maximum) private pure {
        if (weight < minimum || weight > maximum) {
            revert SettlementRulesOutOfBounds(uint256(part), weight, minimum, maximum);
        }
    }

    function _sum(PartWeights calldata weights) private pure returns (uint256) {
        return uint256(weights.publicWeight) + weights.enterpriseWeight + weights.personalWeight;
    }
}
