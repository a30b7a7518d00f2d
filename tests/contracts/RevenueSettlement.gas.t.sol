// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {LineId, PeriodId, TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind, Component} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";
import {GasGolden} from "./helpers/GasGolden.sol";

/// @notice Makes the slots of an account cold again, as they are at the beginning of a transaction.
interface Cooling {
    function cool(address target) external;
}

/// @title Gas of whole booking transactions, with real signatures and as many cold slots as on the chain
/// @notice Hardhat's `cool` makes slots cold, not accounts; so every account is touched first, and what the first touch
/// of each other contract costs is added. That this is right one test shows that touches nothing beforehand.
contract RevenueSettlementGasTest is BookFixture, GasGolden {
    string private constant _GOLDENS = "./tests/contracts/goldens/RevenueSettlement.json";
    uint256 private constant _BAR = 250_000;
    /// @dev EIP-2929: 2,600 for the first touch of an account, 100 for the next.
    uint256 private constant _COLD_ACCOUNT = 2_500;
    TableId private constant _LATER = TableId.wrap(2);

    bytes private _untouched;

    function setUp() public override {
        super.setUp();
        openTable(2, PeriodId.wrap(202612));
        _untouched = _lineOf(10);
    }

    /// @notice The bar of the suite: a line of ten recipients in two parts, of three components, with two statements.
    function test_gas_ofTenRecipientsInAFreshTransaction_isUnderTheBar() public {
        uint256 total = recordGas("fresh", address(book), _untouched);
        vm.assertTrue(total < _BAR, "a line of ten recipients costs too much");
        vm.assertEq(total, vm.parseJsonUint(vm.readFile(_GOLDENS), ".bookLine_10_recipients"));
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        _touch();
        bytes memory opening = headOfOpening(2, NOVEMBER, CNY);
        PartySignature memory platform = byBook(opening, TRADING);
        _measure("openTable", abi.encodeCall(book.openTable, (2, NOVEMBER, CNY, platform)), 1);
        _measure("bookLine_10_recipients", _untouched, 4);
        uint16[4] memory counts = [uint16(1), 4, 50, 250];
        for (uint256 i = 0; i < counts.length; ++i) {
            string memory name = string.concat("bookLine_", vm.toString(counts[i]), "_recipients");
            _measure(name, _lineOf(counts[i]), 4);
        }
        _measureOtherBases();
        _measureCorrections();
        _measureViews();
        record("bytes_of_revenue_settlement", address(book).code.length);
        requireGoldens("RevenueSettlement");
    }

    /// @dev The usage line of an agreement with this many recipients, in a version of its own, behind another line, so
    /// that the version's slot is in use.
    function _lineOf(uint256 count) private returns (bytes memory) {
        uint16 revision = agreeWith(count);
        rule("before", resolvedCase(UNITS));
        (Line memory before, Line memory line) = (rulingLine("before", 1, uint16(count)), usageLine(1_234_567));
        before.weightsRevision = revision;
        line.weightsRevision = revision;
        before.tableVersion = TableVersion.wrap(_versionFor(count));
        line.tableVersion = before.tableVersion;
        bookIt(before, evidenceOf(USAGE));
        return abi.encodeCall(book.bookLine, (line, usageEvidence(), byProposer(line, usageEvidence())));
    }

    function _measureOtherBases() private {
        agreeWith(10);
        Line memory line = usageLine(1_234_567);
        line.tableVersion = TableVersion.wrap(9);
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        line.weightsRevision = _newestRevision();
        bytes memory call_ = abi.encodeCall(book.bookLine, (line, evidence, byProposer(line, evidence)));
        uint256 total = _measure("bookLine_10_recipients_first_of_a_later_version", call_, 4);
        vm.assertTrue(total < _BAR, "the first line of a later version costs too much");
        rule("case", resolvedCase(UNITS));
        line = rulingLine("case", 1_234_567, 77);
        (line.tableVersion, line.weightsRevision) = (TableVersion.wrap(9), _newestRevision());
        evidence = evidenceOf(USAGE);
        call_ = abi.encodeCall(book.bookLine, (line, evidence, byProposer(line, evidence)));
        _measure("bookLine_10_recipients_ruling", call_, 4);
    }

    function _measureCorrections() private {
        Line memory original = usageLine(1_234_567);
        (original.tableVersion, original.weightsRevision) = (TableVersion.wrap(9), _newestRevision());
        LineProof memory proof = LineProof(original, recipientIds());
        Line memory line = abi.decode(abi.encode(original), (Line));
        (line.key.period, line.key.ordinal) = (PeriodId.wrap(202612), 1);
        (line.tableId, line.tableVersion) = (_LATER, FIRST);
        (line.basis, line.basisHash) = (BasisKind.CREDIT_NOTE, keccak256("credit note"));
        (line.corrects, line.baseGross, line.gross) = (lineIdOf(original.key), 1_234_567, 1_000_003);
        PartySignature[] memory parties = new PartySignature[](2);
        parties[0] = byBook(headOfCreditNote(line), PROVIDER);
        parties[1] = byBook(headOfCreditNote(line), CONSUMER);
        _measure("bookCorrection_10_recipients_credit_note", _correction(line, proof, parties), 3);
        IDisputes.DisputeRecord memory record = resolvedCase(0);
        (record.lineId, record.correctsGross, record.correctedGross) = (line.corrects, true, line.gross);
        record.baseGross = line.baseGross;
        rule("correction", record);
        (line.basis, line.basisHash, line.key.ordinal) = (BasisKind.RULING, keccak256("correction"), 2);
        _measure("bookCorrection_10_recipients_ruling", _correction(line, proof, new PartySignature[](0)), 4);
    }

    function _measureViews() private {
        Line memory line = usageLine(1_234_567);
        (line.tableVersion, line.weightsRevision) = (TableVersion.wrap(9), _newestRevision());
        LineProof memory proof = LineProof(line, recipientIds());
        (LineId id, TableId table, TableVersion version) = (lineIdOf(line.key), line.tableId, line.tableVersion);
        _measure("requireBooked_10_recipients", abi.encodeCall(book.requireBooked, (proof)), 0);
        _measure("amountsOf_10_recipients", abi.encodeCall(book.amountsOf, (id, table, version)), 0);
        _measure("lineOf", abi.encodeCall(book.lineOf, (id, table, version)), 0);
        _measure("lineIdOf", abi.encodeCall(book.lineIdOf, (line.key)), 0);
        _measure("tableOf", abi.encodeCall(book.tableOf, (table)), 0);
        _measure("versionBook", abi.encodeCall(book.versionBook, (table, version)), 0);
        _measure("openedBy", abi.encodeCall(book.openedBy, (idOf(TRADING))), 0);
        _measure("tableCount", abi.encodeCall(book.tableCount, ()), 0);
        _measure("MAX_RANGES", abi.encodeCall(book.MAX_RANGES, ()), 0);
        _measure("MAX_VERSIONS", abi.encodeCall(book.MAX_VERSIONS, ()), 0);
        recordPartyViews(address(book));
    }

    function _correction(
        Line memory line,
        LineProof memory proof,
        PartySignature[] memory parties
    ) private view returns (bytes memory) {
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        return abi.encodeCall(book.bookCorrection, (line, proof, evidence, byProposer(line, evidence), parties));
    }

    function _newestRevision() private view returns (uint16) {
        return rules.revisionOf(AGREEMENT, Component.USAGE_SHARE, NOVEMBER);
    }

    function _versionFor(uint256 count) private pure returns (uint16) {
        return
            count == 10
                ? 1
                : count == 1
                    ? 2
                    : count == 4
                        ? 3
                        : count == 50
                            ? 4
                            : 5;
    }

    function _measure(string memory name, bytes memory call_, uint256 otherContracts) private returns (uint256 total) {
        address[6] memory all = _everybody();
        for (uint256 i = 0; i < all.length; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
        (bool success, bytes memory answer) = address(book).call(call_);
        total = 21_000 + vm.lastCallGas().gasTotalUsed + otherContracts * _COLD_ACCOUNT;
        vm.assertTrue(success, string.concat(name, " reverts: ", string(answer)));
        for (uint256 i = 0; i < call_.length; ++i) {
            total += call_[i] == 0 ? 4 : 16;
        }
        record(name, total);
    }

    function _touch() private view {
        address[6] memory all = _everybody();
        for (uint256 i = 0; i < all.length; ++i) {
            vm.assertTrue(all[i].balance == 0);
        }
    }

    function _everybody() private view returns (address[6] memory) {
        return
            [address(stub), address(agreements), address(receipts), address(disputes), address(rules), address(book)];
    }
}
