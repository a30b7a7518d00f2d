// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {SplitVector} from "../../contracts/libraries/SplitVector.sol";
import {PeriodId, RuleVersion, WeightsId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {Component, ComponentTerms, PartWeights} from "../../contracts/types/Terms.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {RulesFixture} from "./helpers/Rules.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Rules are approved by three and never change; weights are signed by two, within their rule
contract SettlementRulesTest is RulesFixture, SignedActs {
    bytes32 private constant _REASON = keccak256("superseded");
    uint256 private immutable _HOME_CHAIN = block.chainid;

    function setUp() public override(PartiesFixture, RulesFixture) {
        RulesFixture.setUp();
    }

    function test_constructor_refusesAnAddressWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlementRules.SettlementRulesNoCode.selector, address(77)));
        deployed("SettlementRules", abi.encode(IParticipantRegistry(address(77))));
        vm.assertEq(rules.participants(), address(stub));
    }

    function test_approveRule_fixesItUnderTheHashOfItsContent() public {
        ISettlementRules.RuleContent memory content = wideRule();
        RuleVersion expected = RuleVersion.wrap(
            keccak256(abi.encode(keccak256("cityledger/v1/rule"), block.chainid, address(rules), content))
        );
        bytes memory head = headOfRule(content);
        PartySignature memory last = byRules(head, REGULATOR);
        vm.expectEmit(address(rules));
        emit ISettlementRules.RuleApproved(expected, content);
        RuleVersion ruleVersion = rules.approveRule(
            content,
            byRules(head, TRADING),
            byRules(head, AUTHORISATION),
            last
        );
        vm.assertEq(RuleVersion.unwrap(ruleVersion), RuleVersion.unwrap(expected));
        vm.assertEq(RuleVersion.unwrap(rules.ruleVersionOf(content)), RuleVersion.unwrap(expected));
        _requireRule(ruleVersion, ISettlementRules.RuleStatus.APPROVED, 202610);
    }

    function test_approveRule_takesTheTradingPlatformsSignature() public {
        _checkApproval("SettlementRules.approveRule.trading", TRADING, _approvedByTrading);
    }

    function test_approveRule_takesTheAuthorisationPlatformsSignature() public {
        _checkApproval("SettlementRules.approveRule.authorisation", AUTHORISATION, _approvedByAuthorisation);
    }

    function test_approveRule_takesTheRegulatorsSignature() public {
        _checkApproval("SettlementRules.approveRule.regulator", REGULATOR, _approvedByRegulator);
    }

    function test_approveRule_happensOnce() public {
        RuleVersion ruleVersion = approve(wideRule());
        PartySignature memory any = byRules(headOfRule(wideRule()), REGULATOR);
        bytes memory again = _approvedByRegulator(any);
        requireRefused(address(rules), again, _wrongStatus(ruleVersion, ISettlementRules.RuleStatus.APPROVED));
        retire(ruleVersion);
        requireRefused(address(rules), again, _wrongStatus(ruleVersion, ISettlementRules.RuleStatus.RETIRED));
    }

    function test_approveRule_refusesMissingDigestsAndNoMonths() public {
        ISettlementRules.RuleContent memory content = wideRule();
        content.formulaDigest = 0;
        _requireNotApproved(content, abi.encodeWithSelector(ISettlementRules.SettlementRulesZeroDigest.selector));
        content = wideRule();
        content.filingDigest = 0;
        _requireNotApproved(content, abi.encodeWithSelector(ISettlementRules.SettlementRulesZeroDigest.selector));
        content = wideRule();
        content.textDigest = 0;
        _requireNotApproved(content, abi.encodeWithSelector(ISettlementRules.SettlementRulesZeroDigest.selector));
        content = wideRule();
        content.firstPeriod = PeriodId.wrap(202613);
        bytes4 wrongPeriod = ISettlementRules.SettlementRulesWrongPeriod.selector;
        _requireNotApproved(content, abi.encodeWithSelector(wrongPeriod, 202613, 202613));
    }

    function test_approveRule_refusesBoundsThatNoWeightsCanKeep() public {
        _requireImpossible(PartWeights(600_000, 400_001, 0), PartWeights(1_000_000, 1_000_000, 0));
        _requireImpossible(PartWeights(0, 0, 0), PartWeights(600_000, 399_999, 0));
        _requireImpossible(PartWeights(2, 0, 0), PartWeights(1, 1_000_000, 1_000_000));
        _requireImpossible(PartWeights(0, 2, 0), PartWeights(1_000_000, 1, 1_000_000));
        _requireImpossible(PartWeights(0, 0, 2), PartWeights(1_000_000, 1_000_000, 1));
        ISettlementRules.RuleContent memory narrow = wideRule();
        narrow.minimum = PartWeights(600_000, 400_000, 0);
        narrow.maximum = narrow.minimum;
        approve(narrow);
    }

    function test_retireRule_closesItForNewAgreements() public {
        RuleVersion ruleVersion = approve(wideRule());
        PartySignature memory regulator = byRules(headOfRetirement(ruleVersion, _REASON), REGULATOR);
        vm.expectEmit(address(rules));
        emit ISettlementRules.RuleRetired(ruleVersion, _REASON);
        rules.retireRule(ruleVersion, _REASON, regulator);
        _requireRule(ruleVersion, ISettlementRules.RuleStatus.RETIRED, 202610);
        bytes memory again = abi.encodeCall(rules.retireRule, (ruleVersion, _REASON, regulator));
        requireRefused(address(rules), again, _wrongStatus(ruleVersion, ISettlementRules.RuleStatus.RETIRED));
    }

    function test_retireRule_isTheRegulatorsAct() public {
        RuleVersion ruleVersion = approve(wideRule());
        bytes memory head = headOfRetirement(ruleVersion, _REASON);
        bytes memory zero = abi.encodeCall(rules.retireRule, (ruleVersion, 0, byRules(head, REGULATOR)));
        requireRefused(
            address(rules),
            zero,
            abi.encodeWithSelector(ISettlementRules.SettlementRulesZeroDigest.selector)
        );
        bytes memory again = _wrongStatus(ruleVersion, ISettlementRules.RuleStatus.RETIRED);
        checkAct(_act("SettlementRules.retireRule.regulator", head, REGULATOR, _retirement, again));
    }

    function test_retireRule_refusesAnUnknownRule() public {
        RuleVersion unknown = RuleVersion.wrap(keccak256("unknown"));
        PartySignature memory regulator = byRules(headOfRetirement(unknown, _REASON), REGULATOR);
        bytes memory call_ = abi.encodeCall(rules.retireRule, (unknown, _REASON, regulator));
        requireRefused(address(rules), call_, _wrongStatus(unknown, ISettlementRules.RuleStatus.UNKNOWN));
    }

    function test_signWeights_recordsTheirHashUnderTheNextRevision() public {
        ISettlementRules.PeriodWeights memory weights = usualWeights(approve(wideRule()));
        WeightsId first = _idOf(1);
        PartySignature memory auditor = byRules(headOfWeights(weights), AUDITOR);
        PartySignature memory platform = byRules(headOfWeights(weights), AUTHORISATION);
        vm.expectEmit(address(rules));
        emit ISettlementRules.PeriodWeightsSigned(first, AGREEMENT, NOVEMBER, weights);
        WeightsId weightsId = rules.signWeights(weights, _terms(), platform, auditor);
        vm.assertEq(WeightsId.unwrap(weightsId), WeightsId.unwrap(first));
        bytes32 agreed = rules.weightsHashOf(first);
        vm.assertEq(agreed, _hashOf(weights));
        (weights.revision, weights.shares) = (2, new uint32[](1));
        weights.shares[0] = 999_999;
        signWeights(weights);
        vm.assertEq(rules.weightsHashOf(_idOf(2)), _hashOf(weights));
        vm.assertEq(rules.weightsHashOf(first), agreed);
        vm.assertEq(rules.revisionOf(AGREEMENT, weights.component, NOVEMBER), 2);
        vm.assertEq(rules.revisionOf(AGREEMENT, weights.component, OCTOBER), 0);
    }

    function test_signWeights_takesTheAuthorisationPlatformsSignature() public {
        _checkWeights("SettlementRules.signWeights.authorisation", AUTHORISATION, _weightsByPlatform);
    }

    function test_signWeights_takesTheAuditorsSignature() public {
        _checkWeights("SettlementRules.signWeights.auditor", AUDITOR, _weightsByAuditor);
    }

    function test_signWeights_refusesARevisionOutOfOrderOrTwice() public {
        ISettlementRules.PeriodWeights memory weights = usualWeights(approve(wideRule()));
        bytes4 wrongRevision = ISettlementRules.SettlementRulesWrongRevision.selector;
        weights.revision = 2;
        _requireNotSigned(weights, abi.encodeWithSelector(wrongRevision, 1, 2));
        weights.revision = 1;
        signWeights(weights);
        _requireNotSigned(weights, abi.encodeWithSelector(wrongRevision, 2, 1));
    }

    function test_signWeights_goesOnUnderARetiredRuleButNotUnderAnUnknownOne() public {
        RuleVersion ruleVersion = approve(wideRule());
        retire(ruleVersion);
        signWeights(usualWeights(ruleVersion));
        RuleVersion unknown = RuleVersion.wrap(keccak256("unknown"));
        ISettlementRules.PeriodWeights memory weights = usualWeights(unknown);
        weights.revision = 2;
        _requireNotSigned(weights, _wrongStatus(unknown, ISettlementRules.RuleStatus.UNKNOWN));
    }

    function test_signWeights_refusesPeriodsBeforeTheRuleAndNoMonths() public {
        ISettlementRules.PeriodWeights memory weights = usualWeights(approve(wideRule()));
        bytes4 wrongPeriod = ISettlementRules.SettlementRulesWrongPeriod.selector;
        weights.period = PeriodId.wrap(202609);
        _requireNotSigned(weights, abi.encodeWithSelector(wrongPeriod, 202609, 202610));
        weights.period = PeriodId.wrap(202700);
        _requireNotSigned(weights, abi.encodeWithSelector(wrongPeriod, 202700, 202610));
        weights.period = OCTOBER;
        signWeights(weights);
    }

    function test_signWeights_refusesWhatIsNoWeightsAtAll() public {
        ISettlementRules.PeriodWeights memory weights = usualWeights(approve(wideRule()));
        weights.evidenceDigest = 0;
        _requireNotSigned(weights, abi.encodeWithSelector(ISettlementRules.SettlementRulesZeroDigest.selector));
        weights = usualWeights(weights.ruleVersion);
        weights.weights.personalWeight = 1;
        bytes4 weightSum = ISettlementRules.SettlementRulesWeightSum.selector;
        _requireNotSigned(weights, abi.encodeWithSelector(weightSum, 1_000_001));
        weights.weights = PartWeights(type(uint32).max, type(uint32).max, type(uint32).max);
        _requireNotSigned(weights, abi.encodeWithSelector(weightSum, 3 * uint256(type(uint32).max)));
        weights = usualWeights(weights.ruleVersion);
        weights.shares = new uint32[](251);
        bytes4 tooMany = ISettlementRules.SettlementRulesTooManyShares.selector;
        _requireNotSigned(weights, abi.encodeWithSelector(tooMany, 251));
        weights.shares = new uint32[](250);
        _requireNotSigned(weights, abi.encodeWithSelector(SplitVector.SplitVectorShareCount.selector, 250, 1));
        weights.shares = new uint32[](1);
        signWeights(weights);
    }

    function test_signWeights_keepsTheRulesBounds() public {
        ISettlementRules.RuleContent memory content = wideRule();
        content.minimum = PartWeights(500_000, 200_000, 50_000);
        content.maximum = PartWeights(700_000, 300_000, 250_000);
        ISettlementRules.PeriodWeights memory weights = usualWeights(approve(content));
        _requireOutOfBounds(weights, PartWeights(499_999, 300_000, 200_001), 0, 499_999, 500_000, 700_000);
        _requireOutOfBounds(weights, PartWeights(700_001, 200_000, 99_999), 0, 700_001, 500_000, 700_000);
        _requireOutOfBounds(weights, PartWeights(700_000, 199_999, 100_001), 1, 199_999, 200_000, 300_000);
        _requireOutOfBounds(weights, PartWeights(600_000, 300_001, 99_999), 1, 300_001, 200_000, 300_000);
        _requireOutOfBounds(weights, PartWeights(700_000, 250_001, 49_999), 2, 49_999, 50_000, 250_000);
        _requireOutOfBounds(weights, PartWeights(500_000, 249_999, 250_001), 2, 250_001, 50_000, 250_000);
        weights.weights = PartWeights(500_000, 250_000, 250_000);
        signWeights(weights);
    }

    function test_weightsHashOf_refusesUnknownWeights() public {
        bytes4 unknown = ISettlementRules.SettlementRulesUnknownWeights.selector;
        bytes memory call_ = abi.encodeCall(rules.weightsHashOf, (_idOf(1)));
        requireRefused(address(rules), call_, abi.encodeWithSelector(unknown, _idOf(1)));
    }

    /// @notice Whatever is signed keeps its rule's bounds and sums to the whole, and whatever does is signed.
    function test_fuzz_signWeights_takesExactlyWhatKeepsTheBounds(
        uint32[3] calldata low,
        uint32[3] calldata spread,
        uint32 first,
        uint32 second
    ) public {
        ISettlementRules.RuleContent memory content = wideRule();
        content.minimum = PartWeights(low[0] % 400_000, low[1] % 300_000, low[2] % 300_000);
        content.maximum = PartWeights(
            content.minimum.publicWeight + 350_000 + (spread[0] % 250_000),
            content.minimum.enterpriseWeight + 350_000 + (spread[1] % 250_000),
            content.minimum.personalWeight + 350_000 + (spread[2] % 250_000)
        );
        ISettlementRules.PeriodWeights memory weights = usualWeights(approve(content));
        first %= 1_000_001;
        second %= (1_000_001 - first);
        weights.weights = PartWeights(first, second, 1_000_000 - first - second);
        bytes memory head = headOfWeights(weights);
        (bool isSigned, ) = address(rules).call(
            abi.encodeCall(rules.signWeights, (weights, _terms(), byRules(head, AUTHORISATION), byRules(head, AUDITOR)))
        );
        bool isWithin =
            _isBetween(first, content.minimum.publicWeight, content.maximum.publicWeight) &&
                _isBetween(second, content.minimum.enterpriseWeight, content.maximum.enterpriseWeight) &&
                _isBetween(1_000_000 - first - second, content.minimum.personalWeight, content.maximum.personalWeight);
        vm.assertTrue(isSigned == isWithin);
    }

    function _isBetween(uint256 value, uint256 minimum, uint256 maximum) private pure returns (bool) {
        return value >= minimum && value <= maximum;
    }

    function _act(
        string memory row,
        bytes memory head,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf,
        bytes memory replayError
    ) private view returns (Act memory) {
        return Act(row, RULES_DOMAIN, address(rules), head, signer, callOf, replayError);
    }

    function _checkApproval(
        string memory row,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) private {
        bytes memory again = _wrongStatus(_approvedHere(), ISettlementRules.RuleStatus.APPROVED);
        checkAct(_act(row, headOfRule(wideRule()), signer, callOf, again));
    }

    function _checkWeights(
        string memory row,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) private {
        bytes memory head = headOfWeights(usualWeights(approve(wideRule())));
        bytes4 wrongRevision = ISettlementRules.SettlementRulesWrongRevision.selector;
        checkAct(_act(row, head, signer, callOf, abi.encodeWithSelector(wrongRevision, 2, 1)));
    }

    function _approvedByTrading(PartySignature memory party) private view returns (bytes memory) {
        bytes memory head = headOfRule(wideRule());
        return
            abi.encodeCall(
                rules.approveRule,
                (wideRule(), party, byRules(head, AUTHORISATION), byRules(head, REGULATOR))
            );
    }

    function _approvedByAuthorisation(PartySignature memory party) private view returns (bytes memory) {
        bytes memory head = headOfRule(wideRule());
        return abi.encodeCall(rules.approveRule, (wideRule(), byRules(head, TRADING), party, byRules(head, REGULATOR)));
    }

    function _approvedByRegulator(PartySignature memory party) private view returns (bytes memory) {
        bytes memory head = headOfRule(wideRule());
        return
            abi.encodeCall(
                rules.approveRule,
                (wideRule(), byRules(head, TRADING), byRules(head, AUTHORISATION), party)
            );
    }

    function _retirement(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(rules.retireRule, (_approvedHere(), _REASON, party));
    }

    function _terms() private view returns (ComponentTerms memory) {
        return termsOf(Component.USAGE_SHARE);
    }

    function _weightsByPlatform(PartySignature memory party) private view returns (bytes memory) {
        ISettlementRules.PeriodWeights memory weights = usualWeights(_approvedHere());
        return abi.encodeCall(rules.signWeights, (weights, _terms(), party, byRules(headOfWeights(weights), AUDITOR)));
    }

    function _weightsByAuditor(PartySignature memory party) private view returns (bytes memory) {
        ISettlementRules.PeriodWeights memory weights = usualWeights(_approvedHere());
        return
            abi.encodeCall(
                rules.signWeights,
                (weights, _terms(), byRules(headOfWeights(weights), AUTHORISATION), party)
            );
    }

    /// @dev The wide rule's version on the chain where it was approved, whatever chain this is now.
    function _approvedHere() private view returns (RuleVersion) {
        return
            RuleVersion.wrap(
                keccak256(abi.encode(keccak256("cityledger/v1/rule"), _HOME_CHAIN, address(rules), wideRule()))
            );
    }

    function _requireNotApproved(ISettlementRules.RuleContent memory content, bytes memory expected) private {
        bytes memory head = headOfRule(content);
        bytes memory call_ = abi.encodeCall(
            rules.approveRule,
            (content, byRules(head, TRADING), byRules(head, AUTHORISATION), byRules(head, REGULATOR))
        );
        requireRefused(address(rules), call_, expected);
    }

    function _requireImpossible(PartWeights memory minimum, PartWeights memory maximum) private {
        ISettlementRules.RuleContent memory content = wideRule();
        (content.minimum, content.maximum) = (minimum, maximum);
        bytes memory expected = abi.encodeWithSelector(
            ISettlementRules.SettlementRulesImpossibleBounds.selector,
            uint256(minimum.publicWeight) + minimum.enterpriseWeight + minimum.personalWeight,
            uint256(maximum.publicWeight) + maximum.enterpriseWeight + maximum.personalWeight
        );
        _requireNotApproved(content, expected);
    }

    function _requireNotSigned(ISettlementRules.PeriodWeights memory weights, bytes memory expected) private {
        bytes memory head = headOfWeights(weights);
        bytes memory call_ = abi.encodeCall(
            rules.signWeights,
            (weights, _terms(), byRules(head, AUTHORISATION), byRules(head, AUDITOR))
        );
        requireRefused(address(rules), call_, expected);
    }

    function _requireOutOfBounds(
        ISettlementRules.PeriodWeights memory weights,
        PartWeights memory parts,
        uint256 part,
        uint256 weight,
        uint256 minimum,
        uint256 maximum
    ) private {
        weights.weights = parts;
        bytes4 outOfBounds = ISettlementRules.SettlementRulesOutOfBounds.selector;
        _requireNotSigned(weights, abi.encodeWithSelector(outOfBounds, part, weight, minimum, maximum));
    }

    function _requireRule(
        RuleVersion ruleVersion,
        ISettlementRules.RuleStatus expected,
        uint256 expectedPeriod
    ) private view {
        (ISettlementRules.RuleStatus status, PeriodId firstPeriod) = rules.ruleOf(ruleVersion);
        vm.assertTrue(status == expected);
        vm.assertEq(PeriodId.unwrap(firstPeriod), expectedPeriod);
    }

    function _wrongStatus(
        RuleVersion ruleVersion,
        ISettlementRules.RuleStatus status
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISettlementRules.SettlementRulesWrongStatus.selector, ruleVersion, status);
    }

    function _idOf(uint16 revision) private view returns (WeightsId id) {
        id = WeightsId.wrap(
            keccak256(abi.encode(keccak256("cityledger/v1/weights"), AGREEMENT, uint256(1), uint256(202611), revision))
        );
        ISettlementRules.PeriodWeights memory usual = usualWeights(RuleVersion.wrap(0));
        WeightsId said = rules.weightsIdOf(AGREEMENT, usual.component, NOVEMBER, revision);
        vm.assertEq(WeightsId.unwrap(said), WeightsId.unwrap(id));
    }

    function _hashOf(ISettlementRules.PeriodWeights memory weights) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    weights.ruleVersion,
                    weights.componentHash,
                    weights.weights.publicWeight,
                    weights.weights.enterpriseWeight,
                    weights.weights.personalWeight,
                    hashOfWords(weights.shares)
                )
            );
    }
}
