// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {PeriodId, TableId} from "../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind, Component, ComponentTerms, Part, PartWeights, Recipient} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";
import {RulesFixture} from "./helpers/Rules.sol";

/// @title What a second audit found in rulings: they did not say from which gross they correct
contract RulingsAuditTest is BookFixture {
    uint64 private constant _GROSS = 1000;
    PeriodId private constant _DECEMBER = PeriodId.wrap(202612);

    function setUp() public override {
        super.setUp();
        bookUsage(_GROSS);
        openTable(2, _DECEMBER);
    }

    /// @notice Ruled down from 1000 to 600, while a later correction went down to 500: 600 would be a rise now.
    function test_rulingThatLowers_neverRaises() public {
        _order(1000, 600);
        _requireRefused(600, 500);
        _requireRefused(600, 600);
        _book(600, 601, 1);
        _book(600, 1000, 2);
        // another correction came between and left more than the ruling knew of: it orders 600 all the same
        _book(600, 1200, 3);
    }

    function test_rulingThatRaises_neverLowers() public {
        _order(1000, 1500);
        _requireRefused(1500, 1501);
        _book(1500, 1000, 1);
        // a credit note of the parties is no way round what was ruled
        _book(1500, 999, 2);
    }

    function _order(uint64 base, uint64 gross) private {
        IDisputes.DisputeRecord memory record = resolvedCase(0);
        (record.lineId, record.correctsGross) = (lineIdOf(usageLine(_GROSS).key), true);
        (record.baseGross, record.correctedGross) = (base, gross);
        rule("case", record);
    }

    function _requireRefused(uint64 gross, uint64 base) private {
        bytes4 wrong = IRevenueSettlement.RevenueSettlementWrongGross.selector;
        requireRefused(address(book), _call(gross, base, 9), abi.encodeWithSelector(wrong, gross, base));
    }

    function _book(uint64 gross, uint64 base, uint16 ordinal) private {
        (bool success, ) = address(book).call(_call(gross, base, ordinal));
        vm.assertTrue(success);
    }

    function _call(uint64 gross, uint64 base, uint16 ordinal) private view returns (bytes memory) {
        LineProof memory original = LineProof(usageLine(_GROSS), recipientIds());
        Line memory line = usageLine(gross);
        (line.key.period, line.key.ordinal, line.tableId) = (_DECEMBER, ordinal, TableId.wrap(2));
        (line.basis, line.basisHash) = (BasisKind.RULING, keccak256("case"));
        (line.corrects, line.baseGross) = (lineIdOf(original.line.key), base);
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        PartySignature memory proposer = byProposer(line, evidence);
        return abi.encodeCall(book.bookCorrection, (line, original, evidence, proposer, new PartySignature[](0)));
    }
}

/// @title What a second audit found in the weights of periods
contract SharesAuditTest is RulesFixture {
    /// @notice Somebody yet to come who gets nothing holds nobody up; with a share it is refused, whoever else is paid.
    function test_recipientWithoutAShare_needsNotBeAdmitted() public {
        ComponentTerms memory terms = _termsWith("somebody to come", Part.ENTERPRISE);
        bytes4 unknown = ISettlementRules.SettlementRulesUnknownRecipient.selector;
        bytes memory refusal = abi.encodeWithSelector(unknown, idOf("somebody to come"));
        ISettlementRules.PeriodWeights memory weights = _weightsFor(terms);
        _requireRefused(weights, terms, refusal);
        // no share in this period, though one is agreed
        weights.shares = new uint32[](2);
        weights.shares[0] = 1_000_000;
        _sign(weights, terms);
        // and a share again in the next revision
        (weights.shares[0], weights.shares[1], weights.revision) = (999_999, 1, 2);
        _requireRefused(weights, terms, refusal);
        // a share of a part without a weight is nothing either
        terms = _termsWith("somebody to come", Part.PERSONAL);
        (weights.componentHash, weights.shares) = (hashOfTerms(terms), new uint32[](0));
        _sign(weights, terms);
        (weights.weights, weights.revision) = (PartWeights(600_000, 399_999, 1), 3);
        _requireRefused(weights, terms, refusal);
    }

    /// @notice Auditor and arbitrator judge lines: none of them pays them.
    function test_auditorOrArbitratorWithAShare_isRefused() public {
        admit("arbitrator", BodyRoles.ARBITRATOR);
        string[2] memory judges = [AUDITOR, "arbitrator"];
        for (uint256 i = 0; i < 2; ++i) {
            ComponentTerms memory terms = _termsWith(judges[i], Part.PUBLIC);
            ISettlementRules.PeriodWeights memory weights = _weightsFor(terms);
            bytes4 dependent = ISettlementRules.SettlementRulesDependentRecipient.selector;
            _requireRefused(weights, terms, abi.encodeWithSelector(dependent, idOf(judges[i])));
        }
        ComponentTerms memory others = _termsWith(AUTHORISATION, Part.PUBLIC);
        _sign(_weightsFor(others), others);
    }

    /// @notice What agreements ask before they are concluded: admitted once, and no judge of lines.
    function test_requireRecipient_takesWhomLinesMayPay() public {
        rules.requireRecipient(termsOf(Component.USAGE_SHARE).recipients[0].recipient);
        bytes4 unknown = ISettlementRules.SettlementRulesUnknownRecipient.selector;
        vm.expectRevert(abi.encodeWithSelector(unknown, idOf("somebody to come")));
        rules.requireRecipient(idOf("somebody to come"));
        bytes4 dependent = ISettlementRules.SettlementRulesDependentRecipient.selector;
        vm.expectRevert(abi.encodeWithSelector(dependent, idOf(AUDITOR)));
        rules.requireRecipient(idOf(AUDITOR));
    }

    function _termsWith(string memory name, Part part) private view returns (ComponentTerms memory terms) {
        terms = termsOf(Component.USAGE_SHARE);
        Recipient[] memory recipients = new Recipient[](2);
        recipients[0] = terms.recipients[0];
        recipients[1] = Recipient(idOf(name), part, 1, 0, 1_000_000);
        terms.recipients = recipients;
    }

    function _weightsFor(ComponentTerms memory terms) private returns (ISettlementRules.PeriodWeights memory weights) {
        ISettlementRules.RuleContent memory content = wideRule();
        content.textDigest = hashOfTerms(terms);
        weights = usualWeights(approve(content));
        weights.componentHash = hashOfTerms(terms);
    }

    function _sign(ISettlementRules.PeriodWeights memory weights, ComponentTerms memory terms) private {
        (bool success, ) = address(rules).call(_call(weights, terms));
        vm.assertTrue(success);
    }

    function _requireRefused(
        ISettlementRules.PeriodWeights memory weights,
        ComponentTerms memory terms,
        bytes memory refusal
    ) private {
        requireRefused(address(rules), _call(weights, terms), refusal);
    }

    function _call(
        ISettlementRules.PeriodWeights memory weights,
        ComponentTerms memory terms
    ) private view returns (bytes memory) {
        bytes memory head = headOfWeights(weights);
        return
            abi.encodeCall(rules.signWeights, (weights, terms, byRules(head, AUTHORISATION), byRules(head, AUDITOR)));
    }
}
