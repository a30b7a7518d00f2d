// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {LineHarness} from "../../contracts/mocks/LineHarness.sol";
import {RuleHarness} from "../../contracts/mocks/RuleHarness.sol";
import {AgreementId, Currency, LineId, PeriodId} from "../../contracts/types/Ids.sol";
import {RuleVersion, TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line} from "../../contracts/types/Lines.sol";
import {BasisKind, BookingTerms, Component, LineKey, PartWeights, PayBasis} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Typed data of rules and lines against EIP-712 spelled out; accounting months
contract SettlementTypedDataTest is BookFixture {
    RuleHarness private _rules;
    LineHarness private _lines;

    function setUp() public override {
        super.setUp();
        _rules = RuleHarness(deployed("RuleHarness", ""));
        _lines = LineHarness(deployed("LineHarness", ""));
    }

    function test_fuzz_headOfRule_hasTheBoundsPartByPart(
        bytes32[3] calldata digests,
        uint32[7] calldata n
    ) public view {
        ISettlementRules.RuleContent memory content = ISettlementRules.RuleContent(
            digests[0],
            digests[1],
            digests[2],
            PartWeights(n[0], n[1], n[2]),
            PartWeights(n[3], n[4], n[5]),
            PeriodId.wrap(n[6])
        );
        vm.assertEq(_rules.headOfRule(content), headOfRule(content));
        bytes32 version = keccak256(abi.encode(keccak256("cityledger/v1/rule"), 7, address(9), content));
        vm.assertEq(RuleVersion.unwrap(_rules.ruleVersionOf(7, address(9), content)), version);
    }

    function test_fuzz_headOfWeights_hashesItsShares(
        uint16 revision,
        uint32[3] calldata parts,
        bytes32 seed
    ) public view {
        ISettlementRules.PeriodWeights memory weights = usualWeights(RuleVersion.wrap(seed));
        (weights.revision, weights.componentHash) = (revision, ~seed);
        weights.weights = PartWeights(parts[0], parts[1], parts[2]);
        weights.shares = new uint32[](uint256(seed) % 30);
        for (uint256 i = 0; i < weights.shares.length; ++i) {
            weights.shares[i] = uint32(uint256(keccak256(abi.encode(seed, i))));
        }
        vm.assertEq(_rules.headOfWeights(weights), headOfWeights(weights));
        vm.assertEq(
            _rules.hashWeights(weights.ruleVersion, weights.componentHash, weights.weights, weights.shares),
            keccak256(abi.encode(seed, ~seed, parts[0], parts[1], parts[2], hashOfWords(weights.shares)))
        );
    }

    function test_fuzz_headOfLine_isTheSpelledOutOne(bytes32[5] calldata hashes, uint64[9] calldata n) public view {
        Line memory line = usageLine(n[0]);
        (line.basisHash, line.corrects, line.baseGross) = (hashes[0], LineId.wrap(hashes[1]), n[1]);
        (line.basis, line.weightsRevision) = (BasisKind(n[2] % 4), uint16(n[3]));
        (line.tableId, line.tableVersion) = (TableId.wrap(uint32(n[4])), TableVersion.wrap(uint16(n[5])));
        line.key = LineKey(
            AgreementId.wrap(hashes[2]),
            Component(n[6] % 6),
            PeriodId.wrap(uint32(n[7])),
            Currency.wrap(bytes3(hashes[3])),
            uint16(n[8])
        );
        BookingTerms memory terms = bookingTerms();
        (terms.ruleVersion, terms.priceRuleDigest) = (RuleVersion.wrap(hashes[3]), hashes[4]);
        (terms.silenceAccepts, terms.payBasis) = (n[0] % 2 == 0, PayBasis(n[1] % 2));
        vm.assertEq(_lines.headOfLine(line, terms), headOfLine(line, terms));
        vm.assertEq(
            _lines.headOfCreditNote(line.corrects, line.baseGross, line.gross, line.basisHash),
            headOfCreditNote(line)
        );
        vm.assertEq(
            _lines.headOfOpening(uint32(n[4]), line.key.period, line.key.currency),
            headOfOpening(uint32(n[4]), line.key.period, line.key.currency)
        );
        bytes32 words = keccak256(abi.encodePacked(abi.encode(line), line.basisHash));
        vm.assertEq(_lines.contentHashOf(line, line.basisHash), bytes28(words));
    }

    function test_headOfRetirement_andDigests_areTheSpelledOutOnes() public view {
        RuleVersion version = RuleVersion.wrap(keccak256("rule"));
        vm.assertEq(_rules.headOfRetirement(version, "why"), headOfRetirement(version, "why"));
        vm.assertEq(_lines.firstDigestOf(TableId.wrap(5)), bytes28(keccak256(abi.encode(uint256(5)))));
        LineId lineId = LineId.wrap(keccak256("line"));
        bytes28 before = bytes28(keccak256("before"));
        bytes28 content = bytes28(keccak256("content"));
        vm.assertEq(
            _lines.nextDigest(before, lineId, content),
            bytes28(keccak256(abi.encode(before, lineId, content)))
        );
    }

    function test_isMonth_fromJanuary1900ToDecember9999() public view {
        uint32[5] memory months = [uint32(190001), 202601, 202611, 202612, 999912];
        uint32[7] memory others = [uint32(0), 189912, 190000, 202600, 202613, 1000001, type(uint32).max];
        for (uint256 i = 0; i < months.length; ++i) {
            vm.assertTrue(_rules.isMonth(PeriodId.wrap(months[i])));
        }
        for (uint256 i = 0; i < others.length; ++i) {
            vm.assertFalse(_rules.isMonth(PeriodId.wrap(others[i])));
        }
    }

    /// @notice Months as a calendar of Asia/Shanghai has them: the first second of each, and the last before it.
    function test_overlaps_beginsAndEndsAtMidnightInShanghai() public view {
        uint32[14] memory months = [
            uint32(197002),
            199912,
            200002,
            200003,
            202402,
            202403,
            202601,
            202611,
            202612,
            202701,
            210002,
            210003,
            240003,
            999912
        ];
        uint64[14] memory begins = [
            uint64(2_649_600),
            943_977_600,
            949_334_400,
            951_840_000,
            1_706_716_800,
            1_709_222_400,
            1_767_196_800,
            1_793_462_400,
            1_796_054_400,
            1_798_732_800,
            4_105_094_400,
            4_107_513_600,
            13_574_620_800,
            253_399_593_600
        ];
        for (uint256 i = 0; i < months.length; ++i) {
            PeriodId month = PeriodId.wrap(months[i]);
            vm.assertTrue(_rules.overlaps(month, begins[i], begins[i]));
            vm.assertFalse(_rules.overlaps(month, 0, begins[i] - 1));
            PeriodId before = PeriodId.wrap(months[i] % 100 == 1 ? months[i] - 89 : months[i] - 1);
            vm.assertTrue(_rules.overlaps(before, begins[i] - 1, type(uint64).max));
            vm.assertFalse(_rules.overlaps(before, begins[i], type(uint64).max));
            vm.assertTrue(_rules.hasBegun(month, begins[i]));
            vm.assertFalse(_rules.hasBegun(month, begins[i] - 1));
        }
        // a span that ends before it begins has no second at all, however near its ends are
        vm.assertFalse(_rules.overlaps(PeriodId.wrap(202611), 1_793_462_401, 1_793_462_400));
        // long before there was a clock: the month is over, or the span begins at its first second
        vm.assertFalse(_rules.overlaps(PeriodId.wrap(190001), 0, type(uint64).max));
        vm.assertTrue(_rules.overlaps(PeriodId.wrap(197001), 0, 0));
    }

    /// @notice Every second is in exactly one month of those around it.
    function test_fuzz_overlaps_putsEverySecondIntoOneMonth(uint32 time, uint16 month) public view {
        uint32 year = 1970 + uint32(uint256(time) / 31_556_952);
        uint256 count = 0;
        for (uint32 m = year * 12 - 12; m < year * 12 + 24; ++m) {
            count += _rules.overlaps(PeriodId.wrap((m / 12) * 100 + (m % 12) + 1), time, time) ? 1 : 0;
        }
        vm.assertEq(count, 1);
        PeriodId any = PeriodId.wrap((1900 + uint32(month) / 12) * 100 + (uint32(month) % 12) + 1);
        vm.assertTrue(_rules.overlaps(any, 0, type(uint64).max) == (month >= 70 * 12));
    }
}
