// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, PeriodId, RuleVersion, WeightsId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {Component, ComponentTerms, PartWeights} from "../types/Terms.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Settlement rules and the weights of periods
/// @notice A rule version is the hash of its content, so it cannot be changed, only succeeded. It takes three
/// signatures: trading platform, authorisation platform, regulator. The weights of a period are signed by authorisation
/// platform and auditor, within the rule's bounds. Domain name: "CityLedger SettlementRules".
interface ISettlementRules is IPartyActs {
    /// @notice Life of a rule version. UNKNOWN -> APPROVED -> RETIRED. Numbers never change.
    enum RuleStatus {
        UNKNOWN,
        APPROVED,
        RETIRED
    }

    /// @notice Content of a rule. EIP-712 `Rule(bytes32 formulaDigest,bytes32 filingDigest,bytes32 textDigest,
    /// uint32 minPublicWeight,uint32 maxPublicWeight,uint32 minEnterpriseWeight,uint32 maxEnterpriseWeight,
    /// uint32 minPersonalWeight,uint32 maxPersonalWeight,uint32 firstPeriod,` and the tail. Its version is
    /// keccak256(abi.encode(keccak256("cityledger/v1/rule"), chain id, contract, content)).
    /// @param formulaDigest Digest of the machine-readable formula that the recomputation runs.
    /// @param filingDigest Digest of the filing with the authorisation platform.
    /// @param textDigest Digest of the published text.
    /// @param minimum Least weight of each part, in millionths.
    /// @param maximum Greatest weight of each part, in millionths.
    /// @param firstPeriod First period that it holds for.
    struct RuleContent {
        bytes32 formulaDigest;
        bytes32 filingDigest;
        bytes32 textDigest;
        PartWeights minimum;
        PartWeights maximum;
        PeriodId firstPeriod;
    }

    /// @notice Weights of one agreement and component for one period. EIP-712 `PeriodWeights(bytes32 agreementId,
    /// uint8 component,uint32 period,uint16 revision,bytes32 ruleVersion,bytes32 componentHash,uint32 publicWeight,
    /// uint32 enterpriseWeight,uint32 personalWeight,uint32[] shares,bytes32 evidenceDigest,` and the tail.
    /// @param agreementId The agreement.
    /// @param component The component.
    /// @param period The period.
    /// @param revision Counted from 1; a line names the one it was booked under.
    /// @param ruleVersion The rule whose bounds they keep.
    /// @param componentHash EIP-712 hash of the {ComponentTerms} that they split; a line by other terms fits no
    /// weights.
    /// @param weights Weights of the three parts, in millionths.
    /// @param shares Shares of the recipients instead of the agreed ones, in the agreement's order; empty when the
    /// agreed ones hold. The bounds that the parties signed for each are checked when a line is booked.
    /// @param evidenceDigest Digest of the contribution indicators that they follow from.
    struct PeriodWeights {
        AgreementId agreementId;
        Component component;
        PeriodId period;
        uint16 revision;
        RuleVersion ruleVersion;
        bytes32 componentHash;
        PartWeights weights;
        uint32[] shares;
        bytes32 evidenceDigest;
    }

    /// @notice A rule was approved.
    /// @param ruleVersion Its version.
    /// @param content Its content.
    event RuleApproved(RuleVersion indexed ruleVersion, RuleContent content);
    /// @notice No new agreement may name the rule; those that do keep it.
    /// @param ruleVersion The rule.
    /// @param reasonDigest Digest of the reason.
    event RuleRetired(RuleVersion indexed ruleVersion, bytes32 reasonDigest);
    /// @notice Weights were signed.
    /// @param weightsId Their id.
    /// @param agreementId The agreement.
    /// @param period The period.
    /// @param weights The weights.
    event PeriodWeightsSigned(
        WeightsId indexed weightsId,
        AgreementId indexed agreementId,
        PeriodId indexed period,
        PeriodWeights weights
    );

    /// @notice There is no contract at this address.
    /// @param target The address.
    error SettlementRulesNoCode(address target);
    /// @notice The rule's state does not allow this.
    /// @param ruleVersion The rule.
    /// @param status Where it stands.
    error SettlementRulesWrongStatus(RuleVersion ruleVersion, RuleStatus status);
    /// @notice A digest that must be there is zero.
    error SettlementRulesZeroDigest();
    /// @notice Bounds that no weights can keep.
    /// @param minimumSum Sum of the least weights.
    /// @param maximumSum Sum of the greatest weights.
    error SettlementRulesImpossibleBounds(uint256 minimumSum, uint256 maximumSum);
    /// @notice The weights do not sum to 1,000,000.
    /// @param sum What they sum to.
    error SettlementRulesWeightSum(uint256 sum);
    /// @notice A weight is outside the rule's bounds.
    /// @param part Number of the part.
    /// @param weight The weight.
    /// @param minimum Least weight.
    /// @param maximum Greatest weight.
    error SettlementRulesOutOfBounds(uint256 part, uint256 weight, uint256 minimum, uint256 maximum);
    /// @notice The period is before the rule's first, or is no month.
    /// @param period The period.
    /// @param firstPeriod The rule's first.
    error SettlementRulesWrongPeriod(PeriodId period, PeriodId firstPeriod);
    /// @notice Revisions are signed in order.
    /// @param expected Number of the next revision.
    /// @param revision Number that was given.
    error SettlementRulesWrongRevision(uint16 expected, uint16 revision);
    /// @notice More shares than a component can have recipients.
    /// @param shares Number of shares.
    error SettlementRulesTooManyShares(uint256 shares);
    /// @notice The shown terms are not those that the weights name, or are another component's.
    /// @param expected Hash that the weights name.
    /// @param actual Hash of the terms that were shown.
    error SettlementRulesWrongComponent(bytes32 expected, bytes32 actual);
    /// @notice A recipient with a share was never admitted: whoever is admitted under its id later would be paid.
    /// @param recipient The recipient.
    error SettlementRulesUnknownRecipient(BodyId recipient);
    /// @notice A recipient with a share is an auditor or arbitrator: it would judge lines that pay it.
    /// @param recipient The recipient.
    error SettlementRulesDependentRecipient(BodyId recipient);
    /// @notice Nobody signed such weights.
    /// @param weightsId The id.
    error SettlementRulesUnknownWeights(WeightsId weightsId);

    /// @notice Approves a rule. Three signatures over the same `Rule`.
    /// @dev Emits {RuleApproved}.
    /// @param content Its content.
    /// @param tradingPlatform Signature of a trading platform.
    /// @param authorisationPlatform Signature of an authorisation platform.
    /// @param regulator Signature of a regulator.
    /// @return ruleVersion Its version.
    function approveRule(
        RuleContent calldata content,
        PartySignature calldata tradingPlatform,
        PartySignature calldata authorisationPlatform,
        PartySignature calldata regulator
    ) external returns (RuleVersion ruleVersion);

    /// @notice Closes a rule for new agreements. Regulator.
    /// @dev `RuleRetirement(bytes32 ruleVersion,bytes32 reasonDigest,` tail. Emits {RuleRetired}.
    /// @param ruleVersion The rule.
    /// @param reasonDigest Digest of the reason.
    /// @param regulator The regulator's signature.
    function retireRule(RuleVersion ruleVersion, bytes32 reasonDigest, PartySignature calldata regulator) external;

    /// @notice Records the weights of a period. Authorisation platform and auditor.
    /// @dev Emits {PeriodWeightsSigned}. A revision never replaces another: lines name theirs. Every recipient to whom
    /// they give a share must have been admitted by now, so nobody is admitted under an id that has claims already, and
    /// none is an auditor or arbitrator, so none judges what pays it. Signed shares are one for each recipient; what
    /// else makes them fit, as that the terms are the agreement's, is asked when a line is booked.
    /// @param weights The weights.
    /// @param terms The component whose recipients share.
    /// @param authorisationPlatform `PeriodWeights`, signed by an authorisation platform.
    /// @param auditor `PeriodWeights`, signed by an auditor.
    /// @return weightsId Their id.
    function signWeights(
        PeriodWeights calldata weights,
        ComponentTerms calldata terms,
        PartySignature calldata authorisationPlatform,
        PartySignature calldata auditor
    ) external returns (WeightsId weightsId);

    /// @notice Reverts unless a body may be paid by lines: it was admitted once, and is no auditor or arbitrator.
    /// @param recipient The body.
    function requireRecipient(BodyId recipient) external view;

    /// @notice Where a rule stands.
    /// @param ruleVersion The rule.
    /// @return status Its status.
    /// @return firstPeriod First period that it holds for.
    function ruleOf(RuleVersion ruleVersion) external view returns (RuleStatus status, PeriodId firstPeriod);

    /// @notice Version of a rule with this content.
    /// @param content The content.
    /// @return The version.
    function ruleVersionOf(RuleContent calldata content) external view returns (RuleVersion);

    /// @notice Id of weights: keccak256(abi.encode(keccak256("cityledger/v1/weights"), agreement, component, period,
    /// revision)).
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
    ) external pure returns (WeightsId);

    /// @notice Newest revision of the weights; zero when none was signed.
    /// @param agreementId The agreement.
    /// @param component The component.
    /// @param period The period.
    /// @return The revision.
    function revisionOf(AgreementId agreementId, Component component, PeriodId period) external view returns (uint16);

    /// @notice What a booking holds shown weights against; one storage slot. Reverts for unknown ones.
    /// @param weightsId Their id.
    /// @return keccak256(abi.encode(rule version, component hash, weights, keccak256(abi.encodePacked(shares)))), each
    /// share as one word.
    function weightsHashOf(WeightsId weightsId) external view returns (bytes32);
}
