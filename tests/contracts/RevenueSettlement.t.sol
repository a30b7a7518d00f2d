// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {LineBooking} from "../../contracts/settlement/LineBooking.sol";
import {BodyId, Currency, LineId, PeriodId, TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PayBasis} from "../../contracts/types/Terms.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {BookFixture} from "./helpers/Book.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Tables are opened in order; lines are booked once in a version and never change
contract RevenueSettlementTest is BookFixture, SignedActs {
    TableId private constant _NEXT = TableId.wrap(2);
    Currency private constant _USD = Currency.wrap("USD");

    function setUp() public override(BookFixture, PartiesFixture) {
        BookFixture.setUp();
    }

    function test_constructor_refusesAddressesWithoutCode() public {
        IParticipantRegistry participants = registry();
        for (uint160 place = 0; place < 4; ++place) {
            LineBooking.Sources memory wrong = sources();
            address nobody = address(1000 + place);
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                mstore(add(wrong, mul(place, 0x20)), nobody)
            }
            vm.expectRevert(abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementNoCode.selector, nobody));
            deployed("RevenueSettlement", abi.encode(participants, wrong, new Currency[](0)));
        }
        vm.expectRevert(abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementNoCode.selector, address(77)));
        deployed("RevenueSettlement", abi.encode(IParticipantRegistry(address(77)), sources(), new Currency[](0)));
    }

    function test_openTable_recordsProposerPeriodAndCurrency() public {
        PartySignature memory party = byBook(headOfOpening(0, OCTOBER, CNY), AUTHORISATION);
        vm.expectEmit(address(book));
        emit IRevenueSettlement.TableOpened(_NEXT, idOf(AUTHORISATION), OCTOBER, CNY);
        TableId opened = book.openTable(0, OCTOBER, CNY, party);
        vm.assertEq(TableId.unwrap(opened), TableId.unwrap(_NEXT));
        IRevenueSettlement.Table memory table = book.tableOf(_NEXT);
        vm.assertTrue(table.proposer == idOf(AUTHORISATION) && table.period == OCTOBER);
        vm.assertEq(Currency.unwrap(table.currency), "CNY");
        vm.assertEq(book.tableCount(), 2);
        vm.assertEq(book.openedBy(idOf(AUTHORISATION)), 1);
        bytes28 seed = bytes28(keccak256(abi.encode(uint256(2))));
        for (uint16 version = 1; version < 4; ++version) {
            IRevenueSettlement.VersionBook memory lines = book.versionBook(_NEXT, TableVersion.wrap(version));
            vm.assertEq(lines.linesDigest, version > 0 && version < 17 ? seed : bytes28(0));
            vm.assertTrue(lines.lineCount == 0 && !lines.hasPublic);
        }
    }

    function test_openTable_isAPlatformsAct() public {
        bytes memory head = headOfOpening(0, NOVEMBER, CNY);
        bytes memory again = abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementWrongNonce.selector, 1, 0);
        string memory row = "RevenueSettlement.openTable.platform";
        checkAct(Act(row, BOOK_DOMAIN, address(book), head, AUTHORISATION, _firstOpening, again));
        vm.assertEq(book.tableCount(), 2);
    }

    function test_openTable_refusesNoncesOutOfOrder() public {
        PartySignature memory party = byBook(headOfOpening(1, NOVEMBER, CNY), TRADING);
        book.openTable(1, NOVEMBER, CNY, party);
        bytes4 wrongNonce = IRevenueSettlement.RevenueSettlementWrongNonce.selector;
        requireRefused(address(book), _opening(party), abi.encodeWithSelector(wrongNonce, 2, 1));
        bytes memory far = abi.encodeCall(book.openTable, (9, NOVEMBER, CNY, party));
        requireRefused(address(book), far, abi.encodeWithSelector(wrongNonce, 2, 9));
    }

    /// @notice What one platform opens meanwhile changes the number of the other's table, and nothing else.
    function test_openTable_byOnePlatform_spoilsNoSignatureOfTheOther() public {
        PartySignature memory party = byBook(headOfOpening(1, NOVEMBER, CNY), TRADING);
        for (uint32 nonce = 0; nonce < 3; ++nonce) {
            book.openTable(nonce, OCTOBER, CNY, byBook(headOfOpening(nonce, OCTOBER, CNY), AUTHORISATION));
        }
        TableId tableId = book.openTable(1, NOVEMBER, CNY, party);
        vm.assertEq(TableId.unwrap(tableId), 5);
        vm.assertTrue(book.tableOf(tableId).proposer == idOf(TRADING));
        vm.assertEq(book.openedBy(idOf(TRADING)), 2);
    }

    function test_openTable_refusesNoMonthsAndForeignCurrencies() public {
        PeriodId noMonth = PeriodId.wrap(202613);
        PartySignature memory party = byBook(headOfOpening(1, noMonth, CNY), TRADING);
        requireRefused(
            address(book),
            abi.encodeCall(book.openTable, (1, noMonth, CNY, party)),
            _wrongPeriod(noMonth, CNY)
        );
        party = byBook(headOfOpening(1, NOVEMBER, _USD), TRADING);
        requireRefused(
            address(book),
            abi.encodeCall(book.openTable, (1, NOVEMBER, _USD, party)),
            abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementUnknownCurrency.selector, _USD)
        );
    }

    function test_tableOf_refusesAnUnknownTable() public {
        requireRefused(address(book), abi.encodeCall(book.tableOf, (_NEXT)), _unknownTable(_NEXT));
    }

    function test_bookLine_splitsAndRecordsIt() public {
        Line memory line = usageLine(1_000_001);
        LineId lineId = lineIdOf(line.key);
        PartySignature memory party = byProposer(line, usageEvidence());
        int64[] memory expected = _expectedAmounts(lineId);
        vm.expectEmit(address(book));
        emit IRevenueSettlement.LineBooked(lineId, TABLE, AGREEMENT, line, 0, recipientIds(), expected);
        LineId booked = book.bookLine(line, usageEvidence(), party);
        vm.assertFalse(booked != lineId);
        vm.assertFalse(book.lineIdOf(line.key) != lineId);
        IRevenueSettlement.LineRecord memory record = book.lineOf(lineId, TABLE, FIRST);
        vm.assertEq(record.contentHash, contentHashOf(LineProof(line, recipientIds())));
        vm.assertEq(record.place, 0);
        vm.assertEq(record.recipients, 4);
        vm.assertTrue(record.payBasis == PayBasis.COLLECTED);
        vm.assertEq(abi.encode(book.amountsOf(lineId, TABLE, FIRST)), abi.encode(expected));
    }

    function test_bookLine_runsTheVersionsDigestCountAndPublicMark() public {
        isPublic = false;
        conclude();
        Line memory line = usageLine(100);
        LineId first = bookIt(line, usageEvidence());
        bytes32 seed = bytes28(keccak256(abi.encode(uint256(1))));
        bytes28 digest = bytes28(keccak256(abi.encode(seed, first, book.lineOf(first, TABLE, FIRST).contentHash)));
        _requireBook(FIRST, digest, 1, false);
        isPublic = true;
        conclude();
        rule("case", resolvedCase(7));
        LineId second = bookIt(rulingLine("case", 7, 1), evidenceOf(USAGE));
        vm.assertEq(book.lineOf(second, TABLE, FIRST).place, 1);
        digest = bytes28(keccak256(abi.encode(digest, second, book.lineOf(second, TABLE, FIRST).contentHash)));
        _requireBook(FIRST, digest, 2, true);
        isPublic = false;
        conclude();
        LineId third = bookIt(rulingLine("case", 6, 2), evidenceOf(USAGE));
        digest = bytes28(keccak256(abi.encode(digest, third, book.lineOf(third, TABLE, FIRST).contentHash)));
        _requireBook(FIRST, digest, 3, true);
    }

    function test_bookLine_again_standsInAnotherVersionBesideTheFirst() public {
        LineId lineId = bookUsage(100);
        bytes memory before = abi.encode(book.lineOf(lineId, TABLE, FIRST), book.amountsOf(lineId, TABLE, FIRST));
        Line memory line = usageLine(50);
        line.tableVersion = TableVersion.wrap(16);
        LineId again = bookIt(line, usageEvidence());
        vm.assertFalse(again != lineId);
        bytes28 contentHash = book.lineOf(lineId, TABLE, line.tableVersion).contentHash;
        _requireBook(
            line.tableVersion,
            bytes28(keccak256(abi.encode(bytes28(keccak256(abi.encode(TABLE))), lineId, contentHash))),
            1,
            true
        );
        vm.assertEq(_sumOf(book.amountsOf(lineId, TABLE, line.tableVersion)), 50);
        vm.assertEq(abi.encode(book.lineOf(lineId, TABLE, FIRST), book.amountsOf(lineId, TABLE, FIRST)), before);
        vm.assertEq(_sumOf(book.amountsOf(lineId, TABLE, FIRST)), 100);
    }

    function test_bookLine_isTheTablesProposersAct() public {
        bytes memory head = headOfLine(usageLine(1), bookingTerms());
        bytes4 alreadyBooked = IRevenueSettlement.RevenueSettlementAlreadyBooked.selector;
        bytes memory again = abi.encodeWithSelector(alreadyBooked, lineIdOf(usageLine(1).key));
        checkAct(
            Act("RevenueSettlement.bookLine.proposer", BOOK_DOMAIN, address(book), head, TRADING, _booking, again)
        );
    }

    function test_bookLine_twiceInAVersion_isRefused() public {
        LineId lineId = bookUsage(1);
        bytes memory expected = abi.encodeWithSelector(
            IRevenueSettlement.RevenueSettlementAlreadyBooked.selector,
            lineId
        );
        requireBookingRefused(usageLine(1), usageEvidence(), expected);
        requireBookingRefused(usageLine(2), usageEvidence(), expected);
    }

    function test_bookLine_refusesUnknownTablesAndTheirWrongVersions() public {
        Line memory line = usageLine(1);
        line.tableId = _NEXT;
        requireBookingRefused(line, usageEvidence(), _unknownTable(_NEXT));
        bytes4 wrongVersion = IRevenueSettlement.RevenueSettlementWrongVersion.selector;
        line = usageLine(1);
        line.tableVersion = TableVersion.wrap(0);
        requireBookingRefused(line, usageEvidence(), abi.encodeWithSelector(wrongVersion, 0));
        line.tableVersion = TableVersion.wrap(17);
        requireBookingRefused(line, usageEvidence(), abi.encodeWithSelector(wrongVersion, 17));
    }

    function test_bookLine_refusesOtherPeriodsAndCurrenciesThanTheTables() public {
        Line memory line = usageLine(1);
        line.key.period = OCTOBER;
        requireBookingRefused(line, usageEvidence(), _wrongPeriod(OCTOBER, CNY));
        line = usageLine(1);
        line.key.currency = _USD;
        requireBookingRefused(line, usageEvidence(), _wrongPeriod(NOVEMBER, _USD));
    }

    function test_requireBooked_knowsExactlyWhatWasBooked() public {
        LineId lineId = bookUsage(100);
        LineProof memory proof = LineProof(usageLine(100), recipientIds());
        (LineId known, IRevenueSettlement.LineRecord memory record) = book.requireBooked(proof);
        vm.assertFalse(known != lineId);
        vm.assertEq(record.recipients, 4);
        proof.line.gross = 101;
        _requireNotBooked(proof);
        proof.line.gross = 100;
        proof.recipients[0] = proof.recipients[1];
        _requireNotBooked(proof);
        proof = LineProof(usageLine(100), recipientIds());
        proof.line.tableVersion = TableVersion.wrap(2);
        _requireNotBooked(proof);
    }

    function test_views_ofWhatIsNotBooked_areEmpty() public view {
        LineId lineId = lineIdOf(usageLine(1).key);
        vm.assertEq(book.lineOf(lineId, TABLE, FIRST).contentHash, 0);
        vm.assertEq(book.amountsOf(lineId, TABLE, FIRST).length, 0);
        vm.assertEq(book.versionBook(TABLE, TableVersion.wrap(2)).lineCount, 0);
        vm.assertEq(book.MAX_RANGES(), 16);
        vm.assertEq(book.MAX_VERSIONS(), 16);
    }

    function _firstOpening(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(book.openTable, (0, NOVEMBER, CNY, party));
    }

    function _opening(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(book.openTable, (1, NOVEMBER, CNY, party));
    }

    function _booking(PartySignature memory party) private view returns (bytes memory) {
        return abi.encodeCall(book.bookLine, (usageLine(1), usageEvidence(), party));
    }

    function _requireNotBooked(LineProof memory proof) private {
        bytes4 unknown = IRevenueSettlement.RevenueSettlementUnknownLine.selector;
        requireRefused(
            address(book),
            abi.encodeCall(book.requireBooked, (proof)),
            abi.encodeWithSelector(unknown, lineIdOf(proof.line.key), contentHashOf(proof))
        );
    }

    function _requireBook(TableVersion version, bytes28 digest, uint256 lineCount, bool hasPublic) private view {
        IRevenueSettlement.VersionBook memory version_ = book.versionBook(TABLE, version);
        vm.assertEq(version_.linesDigest, digest);
        vm.assertEq(version_.lineCount, lineCount);
        vm.assertTrue(version_.hasPublic == hasPublic);
    }

    /// @dev Exact shares of 1,000,001: twice 300,000.3 and twice 200,000.2; the unit left is one of the first two's.
    function _expectedAmounts(LineId lineId) private pure returns (int64[] memory amounts) {
        amounts = new int64[](4);
        (amounts[0], amounts[1], amounts[2], amounts[3]) = (300_000, 300_000, 200_000, 200_000);
        BodyId one = recipientAt(0);
        BodyId other = recipientAt(1);
        ++amounts[keccak256(abi.encode(lineId, one)) < keccak256(abi.encode(lineId, other)) ? 0 : 1];
    }

    function _sumOf(int64[] memory amounts) private pure returns (uint256) {
        int256 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            sum += amounts[i];
        }
        return uint256(sum);
    }

    function _unknownTable(TableId tableId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementUnknownTable.selector, tableId);
    }

    function _wrongPeriod(PeriodId period, Currency currency) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementWrongPeriod.selector, period, currency);
    }
}
