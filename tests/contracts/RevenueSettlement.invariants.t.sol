// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {LineId, TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";
import {Test} from "./helpers/Vm.sol";

/// @notice The tables' proposer at his worst, beside honest business: books whatever passes, in any order, corrects,
/// books again, shows false things; keeps a copy of everything that was ever booked.
contract Bookkeeper is BookFixture {
    struct Kept {
        Line line;
        bytes32 recordHash;
        bytes32 amountsHash;
        int256 sum;
    }

    /// @notice Everything that was ever booked, in order.
    Kept[] internal kept;
    mapping(string action => uint256 count) public done;
    mapping(TableId tableId => mapping(TableVersion tableVersion => uint16 count)) public lineCounts;

    constructor() {
        super.setUp();
        openTable(2, OCTOBER);
        signWeights(weightsOf(OCTOBER, 1));
        _keep(usageLine(999), bookUsage(999));
    }

    error AlreadySetUp();

    /// @dev The constructor did it; a second time would begin another history.
    function setUp() public pure override {
        revert AlreadySetUp();
    }

    /// @notice A usage line in any version of either table.
    function bookUsageLine(uint64 gross, uint8 version, bool isSecondTable) external {
        Line memory line = usageLine(gross % (3 * UNITS + 1));
        line.tableVersion = TableVersion.wrap(uint16(version) % 18);
        if (isSecondTable) {
            (line.tableId, line.key.period) = (TableId.wrap(2), OCTOBER);
        }
        if (_try(line, abi.encodeCall(book.bookLine, (line, usageEvidence(), byProposer(line, usageEvidence()))))) {
            ++done["bookUsageLine"];
        }
    }

    /// @notice A ruling's line, with any ordinal.
    function bookRuling(uint64 gross, uint16 ordinal, uint8 version) external {
        rule("case", resolvedCase(UNITS));
        Line memory line = rulingLine("case", gross % (UNITS + 1), ordinal % 5);
        line.tableVersion = TableVersion.wrap(1 + (uint16(version) % 16));
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        if (_try(line, abi.encodeCall(book.bookLine, (line, evidence, byProposer(line, evidence))))) {
            ++done["bookRuling"];
        }
    }

    /// @notice A correction of anything that was booked, itself a correction or not, by a credit note or a ruling.
    function correct(uint256 which, uint64 gross, uint64 baseGross, uint16 ordinal, bool isNote) external {
        Line memory original = kept[which % kept.length].line;
        Line memory line = abi.decode(abi.encode(original), (Line));
        (line.corrects, line.gross, line.baseGross) = (lineIdOf(original.key), gross >> 17, baseGross >> 17);
        (line.key.ordinal, line.basis) = (ordinal % 20, isNote ? BasisKind.CREDIT_NOTE : BasisKind.RULING);
        line.basisHash = keccak256("correction");
        PartySignature[] memory parties = new PartySignature[](isNote ? 2 : 0);
        if (isNote) {
            parties[0] = byBook(headOfCreditNote(line), PROVIDER);
            parties[1] = byBook(headOfCreditNote(line), CONSUMER);
        } else {
            _order(line);
        }
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        LineProof memory proof = LineProof(original, recipientIds());
        PartySignature memory proposer = byProposer(line, evidence);
        if (_try(line, abi.encodeCall(book.bookCorrection, (line, proof, evidence, proposer, parties)))) {
            ++done["correct"];
        }
    }

    /// @notice Everything once more, with another gross: must never pass.
    function bookAgain(uint256 which, uint64 gross) external {
        Line memory line = kept[which % kept.length].line;
        line.gross = gross % UNITS;
        IRevenueSettlement.BookingEvidence memory evidence =
            line.basis == BasisKind.STATEMENTS ? usageEvidence() : evidenceOf(USAGE);
        (bool success, bytes memory refusal) = address(book).call(
            abi.encodeCall(book.bookLine, (line, evidence, byProposer(line, evidence)))
        );
        vm.assertFalse(success);
        vm.assertEq(refusal, _bookedAlready(line));
        ++done["bookAgain"];
    }

    /// @notice Somebody else signs: must never pass.
    function bookAsAnother(uint64 gross, uint8 version, uint256 who) external {
        string[4] memory others = [AUTHORISATION, REGULATOR, PROVIDER, CONSUMER];
        Line memory line = usageLine(gross % UNITS);
        line.tableVersion = TableVersion.wrap(1 + (uint16(version) % 16));
        PartySignature memory party = byBook(headOfLine(line, bookingTerms()), others[who % 4]);
        (bool success, bytes memory refusal) = address(book).call(
            abi.encodeCall(book.bookLine, (line, usageEvidence(), party))
        );
        vm.assertFalse(success);
        if (keccak256(refusal) != keccak256(_bookedAlready(line))) {
            vm.assertEq(
                refusal,
                abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, idOf(TRADING), party.signer)
            );
        }
        ++done["bookAsAnother"];
    }

    function keptCount() external view returns (uint256) {
        return kept.length;
    }

    /// @notice The booked line must be as it was on its first day.
    function requireUnchanged(uint256 which) external view {
        Kept memory one = kept[which];
        vm.assertEq(_recordHash(one.line), one.recordHash);
        vm.assertEq(_amountsHash(one.line), one.amountsHash);
        vm.assertTrue(one.sum == int256(uint256(one.line.gross)) - int256(uint256(one.line.baseGross)));
        book.requireBooked(LineProof(one.line, recipientIds()));
    }

    /// @notice Every version must count exactly the lines that were booked in it.
    function requireCounts() external view {
        for (uint32 table = 1; table <= 2; ++table) {
            for (uint16 version = 0; version <= 17; ++version) {
                (TableId tableId, TableVersion tableVersion) = (TableId.wrap(table), TableVersion.wrap(version));
                vm.assertEq(book.versionBook(tableId, tableVersion).lineCount, lineCounts[tableId][tableVersion]);
            }
        }
    }

    function _bookedAlready(Line memory line) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementAlreadyBooked.selector, lineIdOf(line.key));
    }

    function _order(Line memory line) private {
        IDisputes.DisputeRecord memory record = resolvedCase(0);
        (record.lineId, record.correctsGross, record.correctedGross) = (line.corrects, true, line.gross);
        record.baseGross = line.baseGross;
        rule("correction", record);
    }

    function _try(Line memory line, bytes memory call_) private returns (bool success) {
        (success, ) = address(book).call(call_);
        if (success) {
            _keep(line, lineIdOf(line.key));
        }
    }

    function _keep(Line memory line, LineId lineId) private {
        int64[] memory amounts = book.amountsOf(lineId, line.tableId, line.tableVersion);
        int256 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            sum += amounts[i];
        }
        kept.push(Kept(line, _recordHash(line), _amountsHash(line), sum));
        ++lineCounts[line.tableId][line.tableVersion];
    }

    function _recordHash(Line memory line) private view returns (bytes32) {
        return keccak256(abi.encode(book.lineOf(lineIdOf(line.key), line.tableId, line.tableVersion)));
    }

    function _amountsHash(Line memory line) private view returns (bytes32) {
        return keccak256(abi.encode(book.amountsOf(lineIdOf(line.key), line.tableId, line.tableVersion)));
    }
}

/// @title Whatever the proposer books, in whatever order: a booking never changes, and its amounts sum to its gross
contract RevenueSettlementInvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Bookkeeper private _bookkeeper;

    function setUp() public {
        _bookkeeper = new Bookkeeper();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_bookkeeper);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = Bookkeeper.bookUsageLine.selector;
        selectors[1] = Bookkeeper.bookRuling.selector;
        selectors[2] = Bookkeeper.correct.selector;
        selectors[3] = Bookkeeper.bookAgain.selector;
        selectors[4] = Bookkeeper.bookAsAnother.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_bookkeeper), selectors);
    }

    /// @notice The bookkeeper is no straw man: what is allowed, he gets.
    function test_theBookkeeper_booksWhatIsAllowed() public {
        _bookkeeper.bookUsageLine(5, 2, true);
        _bookkeeper.bookRuling(7, 3, 4);
        _bookkeeper.correct(0, 1 << 18, 1 << 20, 9, true);
        _bookkeeper.correct(0, 1 << 30, 1 << 20, 10, false);
        vm.assertEq(_bookkeeper.done("bookUsageLine"), 1);
        vm.assertEq(_bookkeeper.done("bookRuling"), 1);
        vm.assertEq(_bookkeeper.done("correct"), 2);
        vm.assertEq(_bookkeeper.keptCount(), 5);
        invariant_bookingsNeverChangeAndSumToTheirGross();
        invariant_versionsCountTheirLines();
    }

    function invariant_bookingsNeverChangeAndSumToTheirGross() public view {
        uint256 count = _bookkeeper.keptCount();
        for (uint256 i = 0; i < count; ++i) {
            _bookkeeper.requireUnchanged(i);
        }
    }

    function invariant_versionsCountTheirLines() public view {
        _bookkeeper.requireCounts();
    }
}
