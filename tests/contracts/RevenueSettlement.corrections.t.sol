// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {AgreementId, LineId, PeriodId, WeightsId} from "../../contracts/types/Ids.sol";
import {TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind, Component} from "../../contracts/types/Terms.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {BookFixture} from "./helpers/Book.sol";
import {PartiesFixture} from "./helpers/Parties.sol";

/// @title A correction pays or takes back the difference of two splits, and needs a ruling or both parties
contract RevenueSettlementCorrectionsTest is BookFixture, SignedActs {
    PeriodId private constant _DECEMBER = PeriodId.wrap(202612);
    TableId private constant _LATER = TableId.wrap(2);
    uint64 private constant _GROSS = 1_000_001;

    Line private _original;
    LineId private _originalId;

    function setUp() public override(BookFixture, PartiesFixture) {
        BookFixture.setUp();
        _original = usageLine(_GROSS);
        _originalId = bookUsage(_GROSS);
        openTable(2, _DECEMBER);
    }

    function test_creditNote_takesBackTheDifferenceOfTwoSplits() public {
        Line memory line = _noteLine(999_999);
        LineId lineId = lineIdOf(line.key);
        int64[] memory expected = _difference(999_999);
        bytes memory call_ = _call(line, byProposer(line, evidenceOf(USAGE)));
        vm.expectEmit(address(book));
        emit IRevenueSettlement.LineBooked(lineId, _LATER, AGREEMENT, line, 0, recipientIds(), expected);
        (bool success, bytes memory answer) = address(book).call(call_);
        vm.assertTrue(success);
        vm.assertEq(abi.decode(answer, (bytes32)), LineId.unwrap(lineId));
        vm.assertEq(abi.encode(book.amountsOf(lineId, _LATER, FIRST)), abi.encode(expected));
        vm.assertEq(book.lineOf(lineId, _LATER, FIRST).contentHash, contentHashOf(LineProof(line, recipientIds())));
        vm.assertTrue(_sum(expected) == -2);
        vm.assertTrue(_sum(book.amountsOf(_originalId, TABLE, FIRST)) == int256(uint256(_GROSS)));
    }

    function test_ruling_correctsToAnyGross() public {
        _bookCorrection(_rulingCorrection("up", _GROSS + 500));
        Line memory down = _rulingCorrection("down", 0);
        down.key.ordinal = 2;
        LineId lineId = _bookCorrection(down);
        int64[] memory amounts = book.amountsOf(lineId, _LATER, FIRST);
        int64[] memory first = book.amountsOf(_originalId, TABLE, FIRST);
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.assertTrue(amounts[i] == -first[i]);
        }
    }

    function test_correction_mayFollowACorrectionOfTheSameLine() public {
        _bookCorrection(_noteLine(900_000));
        Line memory line = _noteLine(800_000);
        (line.key.ordinal, line.baseGross) = (2, 900_000);
        LineId lineId = _bookCorrection(line);
        vm.assertTrue(_sum(book.amountsOf(lineId, _LATER, FIRST)) == -100_000);
    }

    function test_correction_afterTheTermsLastPeriod_isTaken() public {
        openTable(3, PeriodId.wrap(202812));
        Line memory line = _noteLine(1);
        (line.tableId, line.key.period) = (TableId.wrap(3), PeriodId.wrap(202812));
        _bookCorrection(line);
    }

    function test_bookCorrection_isTheTablesProposersAct() public {
        _checkNote("RevenueSettlement.bookCorrection.proposer", TRADING, _proposed);
    }

    function test_creditNote_isSignedByTheProvider() public {
        _checkNote("RevenueSettlement.bookCorrection.provider", PROVIDER, _notedByProvider);
    }

    function test_creditNote_isSignedByTheConsumer() public {
        _checkNote("RevenueSettlement.bookCorrection.consumer", CONSUMER, _notedByConsumer);
    }

    function test_creditNote_takesExactlyTwoSignatures() public {
        Line memory line = _noteLine(1);
        PartySignature[] memory parties = new PartySignature[](1);
        parties[0] = byBook(headOfCreditNote(line), PROVIDER);
        _requireRefused(line, parties, _wrongCorrection(_originalId));
        _requireRefused(line, new PartySignature[](0), _wrongCorrection(_originalId));
        _requireRefused(line, new PartySignature[](3), _wrongCorrection(_originalId));
        _requireRefused(_rulingCorrection("case", 1), _parties(line), _wrongCorrection(_originalId));
    }

    function test_creditNote_lowersAndHasADigest() public {
        bytes4 wrongGross = IRevenueSettlement.RevenueSettlementWrongGross.selector;
        _requireRefused(_noteLine(_GROSS), abi.encodeWithSelector(wrongGross, _GROSS, _GROSS));
        Line memory line = _noteLine(1);
        line.basisHash = 0;
        _requireRefused(line, _notAllowed(line));
    }

    function test_correction_onAnotherBasis_isRefused() public {
        Line memory line = _noteLine(1);
        line.basis = BasisKind.STATEMENTS;
        _requireRefused(line, new PartySignature[](0), _notAllowed(line));
        line.basis = BasisKind.SCHEDULE;
        _requireRefused(line, new PartySignature[](0), _notAllowed(line));
    }

    function test_ruling_thatOrdersSomethingElse_isRefused() public {
        Line memory line = _rulingCorrection("case", 500);
        line.gross = 501;
        _requireNoAward(line, "case");
        line = _rulingCorrection("units only", 500);
        rule("units only", resolvedCase(500));
        _requireNoAward(line, "units only");
        IDisputes.DisputeRecord memory record = _ordered(500);
        record.lineId = LineId.wrap(keccak256("another line"));
        rule("case", record);
        _requireNoAward(_withBasis(line, "case"), "case");
        record = _ordered(500);
        record.status = IDisputes.DisputeStatus.OPEN;
        rule("case", record);
        _requireNoAward(_withBasis(line, "case"), "case");
        record = _ordered(500);
        record.agreementId = AgreementId.wrap(keccak256("another agreement"));
        rule("case", record);
        _requireNoAward(_withBasis(line, "case"), "case");
    }

    function test_correction_ofWhatWasNotBookedSo_isRefused() public {
        _original.gross = 5;
        LineProof memory shown = LineProof(_original, recipientIds());
        bytes4 unknown = IRevenueSettlement.RevenueSettlementUnknownLine.selector;
        _requireRefused(_noteLine(1), abi.encodeWithSelector(unknown, _originalId, contentHashOf(shown)));
    }

    function test_correction_thatDoesNotFitItsOriginal_isRefused() public {
        Line memory line = _noteLine(1);
        line.corrects = LineId.wrap(keccak256("another line"));
        _requireRefused(line, _wrongCorrection(line.corrects));
        line = _noteLine(1);
        line.key.agreementId = AgreementId.wrap(keccak256("another agreement"));
        _requireRefused(line, _wrongCorrection(_originalId));
        line = _noteLine(1);
        line.key.component = Component.COMMISSION;
        _requireRefused(line, _wrongCorrection(_originalId));
        line = _noteLine(1);
        line.weightsRevision = 2;
        _requireRefused(line, _wrongCorrection(_originalId));
        line = _noteLine(1);
        line.key.ordinal = 0;
        _requireRefused(line, _wrongCorrection(_originalId));
    }

    function test_correction_ofACorrection_isRefused() public {
        Line memory first = _noteLine(900_000);
        LineId firstId = _bookCorrection(first);
        Line memory line = _noteLine(800_000);
        (line.key.ordinal, line.baseGross, line.corrects) = (2, 900_000, firstId);
        _original = first;
        _requireRefused(line, _wrongCorrection(firstId));
    }

    function test_correction_inTheOriginalsOwnPlace_isRefused() public {
        rule("case", resolvedCase(UNITS));
        _original = rulingLine("case", 500, 1);
        _originalId = bookIt(_original, evidenceOf(USAGE));
        Line memory line = _noteLine(1);
        (line.tableId, line.tableVersion, line.key.period) = (TABLE, TableVersion.wrap(2), NOVEMBER);
        line.baseGross = 500;
        _requireRefused(line, _wrongCorrection(_originalId));
    }

    /// @notice A second component of the same kind and currency is no way around: the original's weights are not its.
    function test_correction_amongOtherRecipients_isRefused() public {
        recipientCount = 2;
        conclude();
        Line memory line = _noteLine(1);
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        PartySignature memory proposer = byProposer(line, evidence);
        bytes32 component = hashOfTerms(evidence.component.terms);
        recipientCount = 4;
        LineProof memory proof = LineProof(_original, recipientIds());
        bytes memory call_ = abi.encodeCall(book.bookCorrection, (line, proof, evidence, proposer, _parties(line)));
        requireRefused(address(book), call_, _wrongWeights(component, evidence));
    }

    function test_correction_withRangesOrUnderOtherTermsOrWeights_isRefused() public {
        Line memory line = _noteLine(1);
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        bytes4 wrongRanges = IRevenueSettlement.RevenueSettlementWrongRanges.selector;
        _requireEvidenceRefused(line, evidence, abi.encodeWithSelector(wrongRanges, lineIdOf(line.key)));
        evidence = evidenceOf(USAGE);
        evidence.terms.silenceAccepts = false;
        bytes4 wrongTerms = IRevenueSettlement.RevenueSettlementWrongTerms.selector;
        bytes32 signed = keccak256(abi.encode(bookingTerms()));
        bytes32 shown = keccak256(abi.encode(evidence.terms));
        _requireEvidenceRefused(line, evidence, abi.encodeWithSelector(wrongTerms, AGREEMENT, signed, shown));
        evidence = evidenceOf(USAGE);
        evidence.weights.publicWeight = 0;
        _requireEvidenceRefused(line, evidence, _wrongWeights(hashOfTerms(evidence.component.terms), evidence));
    }

    function test_correction_ofMoreThan47Bits_isRefused() public {
        bytes4 tooHigh = IRevenueSettlement.RevenueSettlementGrossTooHigh.selector;
        Line memory line = _rulingCorrection("case", MAX_GROSS + 1);
        PartySignature[] memory none = new PartySignature[](0);
        _requireRefused(line, none, abi.encodeWithSelector(tooHigh, MAX_GROSS + 1, MAX_GROSS));
        line = _noteLine(1);
        line.baseGross = MAX_GROSS + 1;
        _requireRefused(line, abi.encodeWithSelector(tooHigh, MAX_GROSS + 1, MAX_GROSS));
    }

    /// @notice By the weights of the original's period, whatever was signed for the correction's own.
    function test_correction_usesTheOriginalsWeights() public {
        ISettlementRules.PeriodWeights memory weights = weightsOf(_DECEMBER, 1);
        (weights.weights.publicWeight, weights.weights.enterpriseWeight) = (1_000_000, 0);
        signWeights(weights);
        LineId lineId = _bookCorrection(_noteLine(1));
        vm.assertEq(abi.encode(book.amountsOf(lineId, _LATER, FIRST)), abi.encode(_difference(1)));
    }

    /// @notice After any correction the recipients have exactly what the corrected gross would have given them.
    function test_fuzz_correction_endsWhereTheCorrectedGrossBegins(uint64 gross, uint64 corrected, uint8 count) public {
        (gross, corrected) = (gross % (3 * UNITS + 1), corrected % (3 * UNITS + 1));
        uint16 revision = agreeWith(2 + (count % 20));
        // the line as it was, and as it should have been, in further versions of its table
        _original = usageLine(gross);
        (_original.tableVersion, _original.weightsRevision) = (TableVersion.wrap(2), revision);
        bookIt(_original, usageEvidence());
        Line memory direct = usageLine(corrected);
        (direct.tableVersion, direct.weightsRevision) = (TableVersion.wrap(3), revision);
        bookIt(direct, usageEvidence());
        Line memory line = _rulingCorrection("case", corrected);
        IDisputes.DisputeRecord memory record = _ordered(corrected);
        record.baseGross = gross;
        rule("case", record);
        (line.baseGross, line.weightsRevision) = (gross, revision);
        LineId lineId = _bookCorrection(line);
        int64[] memory moved = book.amountsOf(lineId, _LATER, FIRST);
        int64[] memory before = book.amountsOf(_originalId, TABLE, TableVersion.wrap(2));
        int64[] memory expected = book.amountsOf(_originalId, TABLE, TableVersion.wrap(3));
        for (uint256 i = 0; i < moved.length; ++i) {
            vm.assertTrue(before[i] + moved[i] == expected[i]);
        }
    }

    function _noteLine(uint64 gross) private view returns (Line memory line) {
        line = usageLine(gross);
        line.key.period = _DECEMBER;
        line.key.ordinal = 1;
        line.tableId = _LATER;
        (line.basis, line.basisHash) = (BasisKind.CREDIT_NOTE, keccak256("credit note"));
        (line.corrects, line.baseGross) = (_originalId, _GROSS);
    }

    function _rulingCorrection(string memory dispute, uint64 gross) private returns (Line memory line) {
        rule(dispute, _ordered(gross));
        line = _noteLine(gross);
        line.basis = BasisKind.RULING;
        return _withBasis(line, dispute);
    }

    function _ordered(uint64 gross) private view returns (IDisputes.DisputeRecord memory record) {
        record = resolvedCase(0);
        (record.lineId, record.correctsGross, record.correctedGross) = (_originalId, true, gross);
        record.baseGross = _GROSS;
    }

    function _withBasis(Line memory line, string memory dispute) private pure returns (Line memory) {
        line.basisHash = keccak256(bytes(dispute));
        return line;
    }

    function _parties(Line memory line) private view returns (PartySignature[] memory parties) {
        if (line.basis != BasisKind.CREDIT_NOTE) {
            return parties;
        }
        parties = new PartySignature[](2);
        parties[0] = byBook(headOfCreditNote(line), PROVIDER);
        parties[1] = byBook(headOfCreditNote(line), CONSUMER);
    }

    function _bookCorrection(Line memory line) private returns (LineId) {
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        LineProof memory proof = LineProof(_original, recipientIds());
        return book.bookCorrection(line, proof, evidence, byProposer(line, evidence), _parties(line));
    }

    function _call(Line memory line, PartySignature memory proposer) private view returns (bytes memory) {
        LineProof memory proof = LineProof(_original, recipientIds());
        return abi.encodeCall(book.bookCorrection, (line, proof, evidenceOf(USAGE), proposer, _parties(line)));
    }

    function _checkNote(
        string memory row,
        string memory signer,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) private {
        Line memory line = _noteLine(1);
        bool isProposer = keccak256(bytes(signer)) == keccak256(bytes(TRADING));
        bytes memory head = isProposer ? headOfLine(line, bookingTerms()) : headOfCreditNote(line);
        bytes4 alreadyBooked = IRevenueSettlement.RevenueSettlementAlreadyBooked.selector;
        bytes memory again = abi.encodeWithSelector(alreadyBooked, lineIdOf(line.key));
        checkAct(Act(row, BOOK_DOMAIN, address(book), head, signer, callOf, again));
    }

    function _proposed(PartySignature memory party) private view returns (bytes memory) {
        return _call(_noteLine(1), party);
    }

    function _notedByProvider(PartySignature memory party) private view returns (bytes memory) {
        return _noted(0, party);
    }

    function _notedByConsumer(PartySignature memory party) private view returns (bytes memory) {
        return _noted(1, party);
    }

    function _noted(uint256 place, PartySignature memory party) private view returns (bytes memory) {
        Line memory line = _noteLine(1);
        PartySignature[] memory parties = _parties(line);
        parties[place] = party;
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        LineProof memory proof = LineProof(_original, recipientIds());
        return abi.encodeCall(book.bookCorrection, (line, proof, evidence, byProposer(line, evidence), parties));
    }

    function _requireRefused(Line memory line, bytes memory expected) private {
        _requireRefused(line, _parties(line), expected);
    }

    function _requireRefused(Line memory line, PartySignature[] memory parties, bytes memory expected) private {
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        LineProof memory proof = LineProof(_original, recipientIds());
        PartySignature memory proposer = byProposer(line, evidence);
        bytes memory call_ = abi.encodeCall(book.bookCorrection, (line, proof, evidence, proposer, parties));
        requireRefused(address(book), call_, expected);
    }

    function _requireEvidenceRefused(
        Line memory line,
        IRevenueSettlement.BookingEvidence memory evidence,
        bytes memory expected
    ) private {
        LineProof memory proof = LineProof(_original, recipientIds());
        PartySignature memory proposer = byProposer(line, evidence);
        bytes memory call_ = abi.encodeCall(book.bookCorrection, (line, proof, evidence, proposer, _parties(line)));
        requireRefused(address(book), call_, expected);
    }

    function _requireNoAward(Line memory line, string memory dispute) private {
        bytes4 noAward = IRevenueSettlement.RevenueSettlementRulingDoesNotAward.selector;
        bytes32 disputeId = keccak256(bytes(dispute));
        _requireRefused(line, new PartySignature[](0), abi.encodeWithSelector(noAward, disputeId));
    }

    /// @dev Weights of the original's first revision, held against these and this component.
    function _wrongWeights(
        bytes32 component,
        IRevenueSettlement.BookingEvidence memory evidence
    ) private view returns (bytes memory) {
        WeightsId weightsId = rules.weightsIdOf(AGREEMENT, Component.USAGE_SHARE, NOVEMBER, 1);
        return
            abi.encodeWithSelector(
                IRevenueSettlement.RevenueSettlementWrongWeights.selector,
                weightsId,
                rules.weightsHashOf(weightsId),
                keccak256(abi.encode(ruleVersion, component, evidence.weights, hashOfWords(evidence.shares)))
            );
    }

    function _notAllowed(Line memory line) private pure returns (bytes memory) {
        bytes4 notAllowed = IRevenueSettlement.RevenueSettlementBasisNotAllowed.selector;
        return abi.encodeWithSelector(notAllowed, lineIdOf(line.key), line.basis);
    }

    function _wrongCorrection(LineId lineId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementWrongCorrection.selector, lineId);
    }

    /// @dev What `gross` gives by the original's weights and ties, minus what the original gave.
    function _difference(uint64 gross) private view returns (int64[] memory amounts) {
        amounts = _handSplit(gross);
        int64[] memory before = _handSplit(_GROSS);
        for (uint256 i = 0; i < 4; ++i) {
            amounts[i] -= before[i];
        }
    }

    /// @dev 30, 30, 20 and 20 %: floors, and the units left to the largest remainders, equal ones by hash.
    function _handSplit(uint64 gross) private view returns (int64[] memory amounts) {
        amounts = new int64[](4);
        uint256[4] memory remainders;
        uint256 left = gross;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 tenths = i < 2 ? 3 : 2;
            amounts[i] = int64(uint64((gross * tenths) / 10));
            remainders[i] = (gross * tenths) % 10;
            left -= (gross * tenths) / 10;
        }
        for (; left != 0; --left) {
            uint256 best = 0;
            for (uint256 i = 1; i < 4; ++i) {
                bool isSmaller = _tieOf(i) < _tieOf(best);
                if (remainders[i] > remainders[best] || (remainders[i] == remainders[best] && isSmaller)) {
                    best = i;
                }
            }
            ++amounts[best];
            remainders[best] = 0;
        }
    }

    function _tieOf(uint256 place) private view returns (bytes32) {
        return keccak256(abi.encode(_originalId, recipientAt(place)));
    }

    function _sum(int64[] memory amounts) private pure returns (int256 sum) {
        for (uint256 i = 0; i < amounts.length; ++i) {
            sum += amounts[i];
        }
    }
}
