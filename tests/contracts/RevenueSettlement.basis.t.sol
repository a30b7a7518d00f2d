// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {AgreementTypedData} from "../../contracts/libraries/AgreementTypedData.sol";
import {SplitVector} from "../../contracts/libraries/SplitVector.sol";
import {StubSources} from "../../contracts/mocks/StubSources.sol";
import {AgreementId, DisputeId, LineId, PeriodId} from "../../contracts/types/Ids.sol";
import {StreamId, TableId, WeightsId} from "../../contracts/types/Ids.sol";
import {Line, StatementRange} from "../../contracts/types/Lines.sol";
import {BasisKind, Component, PartWeights} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";

/// @title A line is booked only under what was signed: terms, component, charge basis, bounds, weights
contract RevenueSettlementBasisTest is BookFixture {
    AgreementId private constant _OTHER = AgreementId.wrap(keccak256("another agreement"));
    StreamId private constant _HIGHER = StreamId.wrap(bytes32(type(uint256).max));

    function test_terms_otherThanSigned_areRefused() public {
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        bytes32 expected = keccak256(abi.encode(evidence.terms));
        evidence.terms.silenceAccepts = false;
        bytes4 wrongTerms = IRevenueSettlement.RevenueSettlementWrongTerms.selector;
        bytes32 actual = keccak256(abi.encode(evidence.terms));
        requireBookingRefused(usageLine(1), evidence, abi.encodeWithSelector(wrongTerms, AGREEMENT, expected, actual));
        Line memory line = usageLine(1);
        line.key.agreementId = _OTHER;
        requireBookingRefused(
            line,
            usageEvidence(),
            abi.encodeWithSelector(StubSources.UnknownAgreement.selector, _OTHER)
        );
    }

    function test_component_thatIsNotTheAgreements_isRefused() public {
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        bytes32 all = evidence.terms.componentsHash;
        bytes4 mismatch = AgreementTypedData.AgreementTermsMismatch.selector;
        evidence.component.terms.recipients[0].share = 1;
        bytes32 shown = hashOfTerms(evidence.component.terms);
        requireBookingRefused(usageLine(1), evidence, abi.encodeWithSelector(mismatch, all, shown));
        evidence = usageEvidence();
        evidence.component.componentHashes[0] = keccak256("another");
        shown = keccak256(abi.encodePacked(evidence.component.componentHashes));
        requireBookingRefused(usageLine(1), evidence, abi.encodeWithSelector(mismatch, all, shown));
    }

    function test_component_ofAnotherKindOrPeriod_isRefused() public {
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(2);
        evidence.ranges = rangesOf(0, 2);
        _requireWrongComponent(usageLine(1), evidence);
        _requireOutsideTerm(2, 202609);
        _requireOutsideTerm(3, 202801);
    }

    function test_component_isChargedFromItsFirstToItsLastPeriod() public {
        _bookIn(2, 202610);
        _bookIn(3, 202712);
    }

    function test_statements_worthTheGross_areTaken() public {
        // two statements at the filed ceiling of 1.5 minor units
        bookUsage(3 * UNITS);
    }

    function test_statements_boundTheGrossByCeilingAndPrice() public {
        _requireTooHigh(3 * UNITS + 1, 3 * UNITS);
        isPublic = false;
        conclude();
        _requireTooHigh(4 * UNITS + 1, 4 * UNITS);
        bookUsage(4 * UNITS);
    }

    function test_statements_boundIsRoundedUp() public {
        StreamId small = StreamId.wrap(keccak256("small stream"));
        receipts.addStatement(small, AGREEMENT, 1);
        Line memory line = usageLine(2);
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.ranges[0] = StatementRange(small, 0, 1);
        line.basisHash = keccak256(abi.encode(evidence.ranges));
        // one unit at 1.5
        bookIt(line, evidence);
        line.key.ordinal = 1;
        line.gross = 3;
        bytes4 tooHigh = IRevenueSettlement.RevenueSettlementGrossTooHigh.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(tooHigh, 3, 2));
    }

    function test_gross_ofMoreThan47Bits_isRefused() public {
        receipts.addStatement(STREAM, AGREEMENT, type(uint64).max);
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.ranges = rangesOf(0, 11);
        Line memory line = usageLine(MAX_GROSS + 1);
        line.basisHash = keccak256(abi.encode(evidence.ranges));
        bytes4 tooHigh = IRevenueSettlement.RevenueSettlementGrossTooHigh.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(tooHigh, MAX_GROSS + 1, MAX_GROSS));
        line.gross = MAX_GROSS;
        bookIt(line, evidence);
    }

    function test_ranges_apartAndAscending_areTaken() public {
        StatementRange[] memory ranges = new StatementRange[](3);
        ranges[0] = StatementRange(STREAM, 0, 1);
        ranges[1] = StatementRange(STREAM, 1, 3);
        ranges[2] = StatementRange(_HIGHER, 0, 1);
        receipts.addStatement(_HIGHER, AGREEMENT, UNITS);
        _bookRanges(ranges, 6 * UNITS);
    }

    function test_ranges_thatAreNotNamedNoneOrTooMany_areRefused() public {
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.ranges = rangesOf(0, 3);
        _requireWrongRanges(usageLine(1), evidence);
        _requireRangesRefused(new StatementRange[](0));
        StatementRange[] memory many = new StatementRange[](17);
        for (uint64 i = 0; i < 17; ++i) {
            many[i] = StatementRange(STREAM, i, i + 1);
            if (i > 8) {
                receipts.addStatement(STREAM, AGREEMENT, 1);
            }
        }
        _requireRangesRefused(many);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(many, 16)
        }
        _bookRanges(many, 1);
    }

    function test_ranges_thatOverlapDescendOrAreEmpty_areRefused() public {
        receipts.addStatement(_HIGHER, AGREEMENT, UNITS);
        StatementRange[] memory ranges = new StatementRange[](2);
        (ranges[0], ranges[1]) = (StatementRange(STREAM, 0, 2), StatementRange(STREAM, 1, 3));
        _requireRangesRefused(ranges);
        (ranges[0], ranges[1]) = (StatementRange(STREAM, 0, 2), StatementRange(STREAM, 0, 2));
        _requireRangesRefused(ranges);
        (ranges[0], ranges[1]) = (StatementRange(STREAM, 2, 3), StatementRange(STREAM, 0, 1));
        _requireRangesRefused(ranges);
        (ranges[0], ranges[1]) = (StatementRange(_HIGHER, 0, 1), StatementRange(STREAM, 2, 3));
        _requireRangesRefused(ranges);
        (ranges[0], ranges[1]) = (StatementRange(STREAM, 0, 1), StatementRange(STREAM, 1, 1));
        _requireRangesRefused(ranges);
    }

    function test_ranges_ofAnotherAgreementsStream_areRefused() public {
        receipts.addStatement(_HIGHER, _OTHER, UNITS);
        StatementRange[] memory ranges = new StatementRange[](1);
        ranges[0] = StatementRange(_HIGHER, 0, 1);
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.ranges = ranges;
        Line memory line = usageLine(1);
        line.basisHash = keccak256(abi.encode(ranges));
        bytes4 foreign = IRevenueSettlement.RevenueSettlementForeignStream.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(foreign, _HIGHER, _OTHER));
    }

    function test_ruling_chargesWhatItAwardsBesideTheRegularLine() public {
        rule("ruled", resolvedCase(UNITS));
        IDisputes.DisputeRecord memory settled = resolvedCase(1);
        settled.status = IDisputes.DisputeStatus.SETTLED;
        rule("settled", settled);
        bytes4 tooHigh = IRevenueSettlement.RevenueSettlementGrossTooHigh.selector;
        bytes memory expected = abi.encodeWithSelector(tooHigh, 1_500_001, 1_500_000);
        requireBookingRefused(rulingLine("ruled", 1_500_001, 1), evidenceOf(USAGE), expected);
        bookIt(rulingLine("ruled", 1_500_000, 1), evidenceOf(USAGE));
        bookIt(rulingLine("settled", 2, 2), evidenceOf(USAGE));
        Line memory regular = rulingLine("ruled", 1, 0);
        _requireNotAllowed(regular, evidenceOf(USAGE));
        _requireWrongRanges(rulingLine("ruled", 1, 3), usageEvidence());
    }

    function test_ruling_thatAwardsNothingHere_isRefused() public {
        _requireNoAward("unknown");
        IDisputes.DisputeRecord memory record = resolvedCase(1);
        record.status = IDisputes.DisputeStatus.OPEN;
        rule("open", record);
        _requireNoAward("open");
        record.status = IDisputes.DisputeStatus.WITHDRAWN;
        rule("withdrawn", record);
        _requireNoAward("withdrawn");
        record = resolvedCase(1);
        record.agreementId = _OTHER;
        rule("foreign", record);
        _requireNoAward("foreign");
        record = resolvedCase(0);
        (record.correctsGross, record.correctedGross) = (true, 1);
        rule("a correction", record);
        _requireNoAward("a correction");
    }

    function test_schedule_chargesExactlyTheFixedAmount() public {
        ISettlementRules.PeriodWeights memory weights = weightsOf(NOVEMBER, 1);
        weights.component = Component.BASE_FEE;
        weights.componentHash = hashOfTerms(termsOf(Component.BASE_FEE));
        signWeights(weights);
        bytes4 wrongGross = IRevenueSettlement.RevenueSettlementWrongGross.selector;
        Line memory line = _feeLine();
        line.gross = BASE_FEE - 1;
        requireBookingRefused(line, evidenceOf(0), abi.encodeWithSelector(wrongGross, BASE_FEE - 1, BASE_FEE));
        line = _feeLine();
        line.key.ordinal = 1;
        _requireNotAllowed(line, evidenceOf(0));
        line = _feeLine();
        line.basisHash = keccak256("something");
        _requireNotAllowed(line, evidenceOf(0));
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(0);
        evidence.ranges = rangesOf(0, 1);
        _requireWrongRanges(_feeLine(), evidence);
        bookIt(_feeLine(), evidenceOf(0));
    }

    function test_basis_thatThePartiesDidNotSign_isRefused() public {
        Line memory line = usageLine(1);
        line.key.component = Component.BASE_FEE;
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(0);
        evidence.ranges = rangesOf(0, 2);
        _requireNotAllowed(line, evidence);
        line = usageLine(1);
        line.basis = BasisKind.CREDIT_NOTE;
        _requireNotAllowed(line, evidenceOf(USAGE));
    }

    function test_bookLine_ofACorrection_isRefused() public {
        Line memory line = usageLine(1);
        line.corrects = LineId.wrap(keccak256("a line"));
        _requireNotAllowed(line, usageEvidence());
        line = usageLine(1);
        line.baseGross = 1;
        _requireNotAllowed(line, usageEvidence());
    }

    function test_weights_notSigned_areRefused() public {
        Line memory line = usageLine(1);
        line.weightsRevision = 2;
        bytes4 unknown = ISettlementRules.SettlementRulesUnknownWeights.selector;
        requireBookingRefused(line, usageEvidence(), abi.encodeWithSelector(unknown, _weightsId(2)));
    }

    function test_weights_otherThanSigned_areRefused() public {
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.weights = PartWeights(400_000, 600_000, 0);
        _requireWrongWeights(evidence);
        evidence = usageEvidence();
        evidence.shares = new uint32[](4);
        _requireWrongWeights(evidence);
    }

    /// @notice The very same numbers, signed within another rule than the agreement names.
    function test_weights_signedUnderAnotherRule_areRefused() public {
        ISettlementRules.RuleContent memory content = wideRule();
        content.textDigest = keccak256("another text");
        ISettlementRules.PeriodWeights memory weights = weightsOf(NOVEMBER, 2);
        weights.ruleVersion = approve(content);
        signWeights(weights);
        Line memory line = usageLine(1);
        line.weightsRevision = 2;
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        requireBookingRefused(
            line,
            evidence,
            abi.encodeWithSelector(
                IRevenueSettlement.RevenueSettlementWrongWeights.selector,
                _weightsId(2),
                rules.weightsHashOf(_weightsId(2)),
                _weightsHashOf(evidence)
            )
        );
    }

    function test_shares_ofThePeriod_areTakenWithinTheAgreedBounds() public {
        ISettlementRules.PeriodWeights memory weights = weightsOf(NOVEMBER, 2);
        weights.shares = new uint32[](4);
        (weights.shares[0], weights.shares[1]) = (900_000, 100_000);
        (weights.shares[2], weights.shares[3]) = (1_000_000, 0);
        signWeights(weights);
        Line memory line = usageLine(1000);
        line.weightsRevision = 2;
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.shares = weights.shares;
        bytes4 outOfBounds = SplitVector.SplitVectorShareOutOfBounds.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(outOfBounds, 3, 0));
        weights.revision = 3;
        (weights.shares[2], weights.shares[3]) = (999_999, 1);
        signWeights(weights);
        line.weightsRevision = 3;
        LineId lineId = bookIt(line, evidence);
        int64[] memory amounts = book.amountsOf(lineId, TABLE, FIRST);
        vm.assertTrue(amounts[0] == 540 && amounts[1] == 60 && amounts[2] == 400 && amounts[3] == 0);
    }

    function test_component_withoutRecipients_cannotBeSplit() public {
        Line memory line = usageLine(1);
        line.weightsRevision = agreeWith(0);
        bytes4 noShares = SplitVector.SplitVectorShareSum.selector;
        requireBookingRefused(line, usageEvidence(), abi.encodeWithSelector(noShares, 0, 0));
    }

    /// @notice Whatever is charged, the parts sum to it.
    function test_fuzz_bookLine_amountsSumToTheGross(uint64 gross, uint8 count) public {
        gross %= (3 * UNITS + 1);
        Line memory line = usageLine(gross);
        line.weightsRevision = agreeWith(2 + (count % 60));
        LineId lineId = bookIt(line, usageEvidence());
        int64[] memory amounts = book.amountsOf(lineId, TABLE, FIRST);
        vm.assertEq(amounts.length, recipientCount);
        int256 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.assertTrue(amounts[i] >= 0);
            sum += amounts[i];
        }
        vm.assertTrue(sum == int256(uint256(gross)));
    }

    function _lineIn(uint32 table, uint32 period) private returns (Line memory line) {
        openTable(table, PeriodId.wrap(period));
        line = usageLine(1);
        (line.tableId, line.key.period) = (TableId.wrap(table), PeriodId.wrap(period));
    }

    function _bookIn(uint32 table, uint32 period) private {
        signWeights(weightsOf(PeriodId.wrap(period), 1));
        bookIt(_lineIn(table, period), usageEvidence());
    }

    function _requireOutsideTerm(uint32 table, uint32 period) private {
        _requireWrongComponent(_lineIn(table, period), usageEvidence());
    }

    function _feeLine() private pure returns (Line memory line) {
        line = usageLine(BASE_FEE);
        line.key.component = Component.BASE_FEE;
        (line.basis, line.basisHash) = (BasisKind.SCHEDULE, 0);
    }

    function _bookRanges(StatementRange[] memory ranges, uint64 gross) private {
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.ranges = ranges;
        Line memory line = usageLine(gross);
        line.basisHash = keccak256(abi.encode(ranges));
        bookIt(line, evidence);
    }

    function _requireRangesRefused(StatementRange[] memory ranges) private {
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.ranges = ranges;
        Line memory line = usageLine(1);
        line.basisHash = keccak256(abi.encode(ranges));
        _requireWrongRanges(line, evidence);
    }

    function _requireWrongRanges(Line memory line, IRevenueSettlement.BookingEvidence memory evidence) private {
        bytes4 wrongRanges = IRevenueSettlement.RevenueSettlementWrongRanges.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(wrongRanges, lineIdOf(line.key)));
    }

    function _requireWrongComponent(Line memory line, IRevenueSettlement.BookingEvidence memory evidence) private {
        bytes4 wrongComponent = IRevenueSettlement.RevenueSettlementWrongComponent.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(wrongComponent, lineIdOf(line.key)));
    }

    function _requireNotAllowed(Line memory line, IRevenueSettlement.BookingEvidence memory evidence) private {
        bytes4 notAllowed = IRevenueSettlement.RevenueSettlementBasisNotAllowed.selector;
        requireBookingRefused(line, evidence, abi.encodeWithSelector(notAllowed, lineIdOf(line.key), line.basis));
    }

    function _requireNoAward(string memory dispute) private {
        bytes4 noAward = IRevenueSettlement.RevenueSettlementRulingDoesNotAward.selector;
        DisputeId disputeId = DisputeId.wrap(keccak256(bytes(dispute)));
        bytes memory expected = abi.encodeWithSelector(noAward, disputeId);
        requireBookingRefused(rulingLine(dispute, 0, 1), evidenceOf(USAGE), expected);
    }

    function _requireTooHigh(uint64 gross, uint256 maximum) private {
        bytes4 tooHigh = IRevenueSettlement.RevenueSettlementGrossTooHigh.selector;
        requireBookingRefused(usageLine(gross), usageEvidence(), abi.encodeWithSelector(tooHigh, gross, maximum));
    }

    function _requireWrongWeights(IRevenueSettlement.BookingEvidence memory evidence) private {
        requireBookingRefused(
            usageLine(1),
            evidence,
            abi.encodeWithSelector(
                IRevenueSettlement.RevenueSettlementWrongWeights.selector,
                _weightsId(1),
                rules.weightsHashOf(_weightsId(1)),
                _weightsHashOf(evidence)
            )
        );
    }

    /// @dev As `signWeights` would have stored them, under the agreement's rule and for the component shown.
    function _weightsHashOf(IRevenueSettlement.BookingEvidence memory evidence) private view returns (bytes32) {
        bytes32 component = hashOfTerms(evidence.component.terms);
        return keccak256(abi.encode(ruleVersion, component, evidence.weights, hashOfWords(evidence.shares)));
    }

    function _weightsId(uint16 revision) private view returns (WeightsId) {
        return rules.weightsIdOf(AGREEMENT, Component.USAGE_SHARE, NOVEMBER, revision);
    }
}
