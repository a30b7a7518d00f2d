// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../../contracts/interfaces/IObjections.sol";
import {IRevenueSettlement} from "../../../contracts/interfaces/IRevenueSettlement.sol";
import {BodyId, DisputeId, LineId, ObjectionId, TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind, Component, LineKey, Recipient} from "../../../contracts/types/Terms.sol";
import {SuiteTrade} from "./SuiteTrade.sol";

/// @title The honest business from the charge to finality: lines, tables, objections
/// @notice Both platforms still work honestly, also the one whose keys the thief has copied. Whoever signs a table as
/// the other platform checks first that it holds exactly the lines that were booked here.
abstract contract SuiteBusiness is SuiteTrade {
    ObjectionId[] public objections;
    /// @notice Lines that the honest proposer booked in a version.
    mapping(TableId tableId => mapping(TableVersion tableVersion => uint256 count)) public honestLines;
    /// @notice Whether the platform whose keys are safe signed this proposal, as proposer or as second.
    mapping(bytes32 proposalHash => bool isSigned) public soundlySigned;
    /// @notice When that platform published a version.
    mapping(TableId tableId => mapping(TableVersion tableVersion => uint256 time)) public soundlyPublished;

    mapping(TableId tableId => IDistributionTables.Proposal proposal) private _proposals;
    uint16 private _ordinal;

    function openTable(bool isSound) public {
        TableId tableId = TableId.wrap(suite.book.tableCount() + 1);
        uint256 period = TableId.unwrap(tableId) - 1;
        string memory platform = isSound ? sound : stolen;
        uint32 nonce = suite.book.openedBy(idOf(platform));
        bytes memory head = heads.headOfOpening(nonce, periodOf(period), CNY);
        PartySignature memory proposer = signed(suite.book, head, platform, BUSINESS);
        bytes memory call_ = abi.encodeCall(IRevenueSettlement.openTable, (nonce, periodOf(period), CNY, proposer));
        if (_do("openTable", address(suite.book), call_)) {
            _note(address(suite.book), abi.encodeCall(IRevenueSettlement.tableOf, (tableId)));
        }
    }

    /// @notice Books usage: any statements, also such as were charged before, which finality must refuse.
    function bookUsage(uint256 table, uint64 first, uint64 count, uint64 gross) public {
        uint64 statements = suite.receipts.streamOf(streamId).statements;
        first = first % statements;
        count = 1 + (count % 3);
        bookStatements("bookUsage", table, first, first + count > statements ? statements - first : count, gross);
    }

    /// @notice Books the base fee of the table's period.
    function bookFee(uint256 table) public {
        Line memory line = newLine(table, Component.BASE_FEE);
        (line.key.ordinal, line.basis, line.gross) = (0, BasisKind.SCHEDULE, FIXED_AMOUNT);
        book("bookFee", line, noRanges());
    }

    /// @notice Books what a ruling awarded, also a second time, which finality must refuse.
    function bookRuling(uint256 table, uint256 which, uint64 gross) public {
        if (cases.length == 0) {
            return;
        }
        Line memory line = newLine(table, Component.USAGE_SHARE);
        line.basisHash = DisputeId.unwrap(cases[which % cases.length]);
        (line.basis, line.gross) = (BasisKind.RULING, gross % 10_000);
        book("bookRuling", line, noRanges());
    }

    /// @notice Books a line of an earlier version again, with the newest weights and another gross.
    function adjust(uint256 which, uint64 gross) public {
        Booked memory old = _booked[_pick(which, _isOpenAgain)];
        Line memory line = old.proof.line;
        line.tableVersion = openVersion(line.tableId);
        if (LineId.unwrap(line.corrects) == 0) {
            line.weightsRevision = suite.rules.revisionOf(AGREEMENT, line.key.component, line.key.period);
            line.gross = line.basis == BasisKind.SCHEDULE ? line.gross : gross % (line.gross + 1);
            book("adjust", line, old.ranges);
        }
    }

    /// @notice Provider and consumer sign a credit note for a line that is final.
    function creditNote(uint256 which, uint256 table, uint64 gross, bytes32 note) public {
        Booked memory original = _booked[_pick(which, _isFinal)];
        Line memory line = newLine(table, original.proof.line.key.component);
        line.corrects = lineIdOf(original.proof.line);
        line.weightsRevision = original.proof.line.weightsRevision;
        line.baseGross = suite.tables.finalityOf(line.corrects).currentGross;
        line.gross = line.baseGross == 0 ? 0 : gross % line.baseGross;
        (line.basis, line.basisHash) = (BasisKind.CREDIT_NOTE, note);
        bytes memory head = heads.headOfCreditNote(line.corrects, line.baseGross, line.gross, note);
        PartySignature[] memory parties = two(
            signed(suite.book, head, "provider", BUSINESS),
            signed(suite.book, head, "consumer", BUSINESS)
        );
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(line, noRanges());
        PartySignature memory proposer = _byProposer(line);
        bytes memory call_ = abi.encodeCall(
            IRevenueSettlement.bookCorrection,
            (line, original.proof, evidence, proposer, parties)
        );
        _book("creditNote", line, noRanges(), call_);
    }

    /// @notice The proposer proposes, and the other platform signs when the table holds what it should.
    function proposeAndSign(uint256 table, bool isInAHurry) public {
        TableId tableId = tableOf(table);
        TableVersion version = openVersion(tableId);
        IRevenueSettlement.VersionBook memory lines = suite.book.versionBook(tableId, version);
        if (lines.lineCount != honestLines[tableId][version]) {
            // the thief booked into it: nobody honest signs that
            ++done["refuseTable"];
            return;
        }
        IDistributionTables.Proposal memory proposal = IDistributionTables.Proposal(
            tableId,
            version,
            lines.lineCount,
            lines.linesDigest,
            WINDOW_FLOOR,
            keccak256(abi.encode(block.timestamp))
        );
        string memory proposer = proposerOf(tableId);
        bytes memory head = heads.headOfTable(proposal, suite.book.tableOf(tableId).period, CNY);
        PartySignature memory party = signed(suite.tables, head, proposer, BUSINESS);
        address tables = address(suite.tables);
        if (!_do("propose", tables, abi.encodeCall(IDistributionTables.propose, (proposal, party)))) {
            return;
        }
        soundlySigned[keccak256(abi.encode(proposal))] = true;
        party = signed(suite.tables, head, isSame(proposer, sound) ? stolen : sound, BUSINESS);
        if (!_do("sign", tables, abi.encodeCall(IDistributionTables.sign, (proposal, party)))) {
            return;
        }
        _proposals[tableId] = proposal;
        _note(tables, abi.encodeCall(IDistributionTables.signedVersion, (tableId)));
        if (isInAHurry) {
            publish(table);
            vm.warp(block.timestamp + WINDOW_FLOOR + 1);
        }
    }

    /// @notice Both platforms publish what they signed.
    function publish(uint256 table) public {
        TableId tableId = tableOf(table);
        IDistributionTables.Proposal memory proposal = _proposals[tableId];
        string[2] memory platforms = [stolen, sound];
        bytes memory head = heads.headOfPublication(proposal, REASON);
        for (uint256 i = 0; i < 2; ++i) {
            PartySignature memory party = signed(suite.tables, head, platforms[i], BUSINESS);
            bytes memory call_ = abi.encodeCall(IDistributionTables.recordPublication, (proposal, REASON, party));
            if (_do("recordPublication", address(suite.tables), call_) && i == 1) {
                soundlyPublished[tableId][proposal.tableVersion] = block.timestamp;
                _note(
                    address(suite.tables),
                    abi.encodeCall(IDistributionTables.versionOf, (tableId, proposal.tableVersion))
                );
            }
        }
    }

    function objectTo(uint256 which, uint256 who) public {
        LineProof memory proof = _booked[_pick(which, _isOpen)].proof;
        string[3] memory names = ["provider", "consumer", "holder"];
        Line memory line = proof.line;
        bytes memory head = heads.headOfObjection(line.tableId, line.tableVersion, lineIdOf(line), 1, REASON);
        PartySignature memory party = signed(suite.tables, head, names[who % 3], BUSINESS);
        bytes memory call_ = abi.encodeCall(IObjections.object, (proof, 1, REASON, party));
        (bool success, bytes memory answer) = address(suite.tables).call(call_);
        if (success) {
            _keep("object", address(suite.tables), call_);
            objections.push(abi.decode(answer, (ObjectionId)));
            _noteObjection(objections[objections.length - 1]);
        }
    }

    /// @notice The next step of an objection, whichever way.
    function moveObjection(uint256 which, bool upheld, uint8 how) public {
        if (objections.length == 0) {
            return;
        }
        ObjectionId id = objections[which % objections.length];
        address tables = address(suite.tables);
        bytes memory head = heads.headOfAnswer(id, upheld, REASON);
        TableId tableId = suite.tables.objectionOf(id).tableId;
        string memory proposer = proposerOf(tableId);
        string memory second = isSame(proposer, sound) ? stolen : sound;
        PartySignature memory first = signed(suite.tables, head, proposer, BUSINESS);
        PartySignature memory party = signed(suite.tables, head, second, BUSINESS);
        _do("answerObjection", tables, abi.encodeCall(IObjections.answerObjection, (id, upheld, REASON, first, party)));
        _noteObjection(id);
        if (how % 3 == 0) {
            party = _byObjector(id, heads.headOfReviewRequest(id, REASON));
            _do("requestReview", tables, abi.encodeCall(IObjections.requestReview, (id, REASON, party)));
            head = heads.headOfReviewDecision(id, upheld, REASON);
            party = signed(suite.tables, head, "auditor", BUSINESS);
            _do("decideReview", tables, abi.encodeCall(IObjections.decideReview, (id, upheld, REASON, party)));
        } else if (how % 3 == 1) {
            party = _byObjector(id, heads.headOfWithdrawal(id, REASON));
            _do("withdrawObjection", tables, abi.encodeCall(IObjections.withdrawObjection, (id, REASON, party)));
        }
        _noteObjection(id);
    }

    /// @notice Anybody moves an objection on whose time is over: never to UPHELD, and no answer means a review.
    function advanceAny(uint256 which) public {
        if (objections.length == 0) {
            return;
        }
        ObjectionId id = objections[which % objections.length];
        IObjections.Objection memory before = suite.tables.objectionOf(id);
        bytes memory call_ = abi.encodeCall(IObjections.advanceObjection, (id));
        if (_relay("advanceObjection", address(suite.tables), call_)) {
            bool isOpen = before.status == IObjections.ObjectionStatus.OPEN;
            vm.assertTrue(block.timestamp > (isOpen ? before.answerUntil : before.reviewUntil), "advanced too early");
            vm.assertTrue(
                suite.tables.objectionOf(id).status ==
                    (isOpen ? IObjections.ObjectionStatus.IN_REVIEW : IObjections.ObjectionStatus.REJECTED),
                "time alone decided otherwise"
            );
            _noteObjection(id);
        }
    }

    /// @notice Anybody makes a line final: only what the platform with safe keys signed and published, in time, and
    /// only without an objection that is pending or upheld.
    function finalizeAny(uint256 which) public {
        which = _pick(which, _isRipe);
        Booked storage one = _booked[which];
        Line memory line = one.proof.line;
        LineId lineId = lineIdOf(line);
        bytes memory call_ = abi.encodeCall(IDistributionTables.finalizeLine, (one.proof, one.ranges));
        (bool success, bytes memory reason) = address(suite.tables).call(call_);
        if (!success) {
            ++done[string.concat("refused: ", vm.toString(uint256(uint32(bytes4(reason)))))];
            return;
        }
        _keep("finalizeLine", address(suite.tables), call_);
        IDistributionTables.VersionRecord memory version = suite.tables.versionOf(line.tableId, line.tableVersion);
        vm.assertTrue(soundlySigned[version.proposalHash], "final without an honest signature");
        uint256 published = soundlyPublished[line.tableId][line.tableVersion];
        vm.assertTrue(published != 0 && block.timestamp > published + WINDOW_FLOOR, "final before its time");
        (uint16 pending, bool upheld, ) = suite.tables.objectionsAgainst(lineId, line.tableId, line.tableVersion);
        vm.assertTrue(pending == 0 && !upheld, "final against an objection");
        one.isFinal = true;
        if (LineId.unwrap(line.corrects) != 0) {
            vm.assertEq(grossOf[line.corrects], line.baseGross, "corrected from another gross");
            grossOf[line.corrects] = line.gross;
            ++done["correctionFinal"];
        }
        grossOf[lineId] = line.gross;
    }

    function passTime(uint32 time) public {
        vm.warp(block.timestamp + (time % 2 == 0 ? time % 2 days : WINDOW_FLOOR + (time % 4 days)));
        ++done["passTime"];
    }

    function objectionsMade() external view returns (uint256) {
        return objections.length;
    }

    function lineIdOf(Line memory line) public view returns (LineId) {
        return heads.lineIdOf(line.key);
    }

    /// @notice The version of a table that is booked in now: the one after the signed one.
    function openVersion(TableId tableId) public view returns (TableVersion) {
        return TableVersion.wrap(TableVersion.unwrap(suite.tables.signedVersion(tableId)) + 1);
    }

    function evidenceOf(
        Line memory line,
        StatementRange[] memory ranges
    ) public view returns (IRevenueSettlement.BookingEvidence memory evidence) {
        evidence.terms = bookingTerms();
        evidence.component = componentProof(line.key.component);
        evidence.weights = weightsOf(line.weightsRevision);
        evidence.ranges = ranges;
    }

    /// @notice A line of the agreement in the open version of a table, not yet of any basis.
    function newLine(uint256 table, Component component) public returns (Line memory line) {
        line.tableId = tableOf(table);
        line.tableVersion = openVersion(line.tableId);
        line.key = LineKey(AGREEMENT, component, suite.book.tableOf(line.tableId).period, CNY, ++_ordinal);
        line.weightsRevision = suite.rules.revisionOf(AGREEMENT, component, line.key.period);
    }

    /// @notice One of the first three tables or of the newest three.
    function tableOf(uint256 table) public view returns (TableId) {
        uint256 count = suite.book.tableCount();
        uint256 number = 1 + (table % 3);
        return TableId.wrap(uint32(count > 3 && table % 2 == 1 ? count + 1 - number : number));
    }

    function proposerOf(TableId tableId) public view returns (string memory) {
        return BodyId.unwrap(suite.book.tableOf(tableId).proposer) == BodyId.unwrap(idOf(sound)) ? sound : stolen;
    }

    function noRanges() public pure returns (StatementRange[] memory) {
        return new StatementRange[](0);
    }

    function bookStatements(string memory name, uint256 table, uint64 first, uint64 count, uint64 gross) internal {
        Line memory line = newLine(table, Component.USAGE_SHARE);
        StatementRange[] memory ranges = new StatementRange[](1);
        ranges[0] = StatementRange(streamId, first, first + count);
        (line.basis, line.basisHash) = (BasisKind.STATEMENTS, keccak256(abi.encode(ranges)));
        // mostly what the statements are worth or less, sometimes more
        line.gross = gross % 30_000;
        book(name, line, ranges);
    }

    /// @dev Books a line with the signature of the table's proposer.
    function book(string memory name, Line memory line, StatementRange[] memory ranges) internal {
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(line, ranges);
        bytes memory call_ = abi.encodeCall(IRevenueSettlement.bookLine, (line, evidence, _byProposer(line)));
        _book(name, line, ranges, call_);
    }

    /// @dev From this booking on the first for which the act may work, seven times of eight; else this one.
    function _pick(
        uint256 which,
        function(Booked storage) internal view returns (bool) isFit
    ) internal view returns (uint256) {
        uint256 start = (which / 8) % _booked.length;
        for (uint256 i = 0; i < _booked.length && which % 8 != 0; ++i) {
            if (isFit(_booked[(start + i) % _booked.length])) {
                return (start + i) % _booked.length;
            }
        }
        return start;
    }

    function _isFinal(Booked storage one) internal view returns (bool) {
        return one.isFinal && LineId.unwrap(one.proof.line.corrects) == 0;
    }

    function _isRipe(Booked storage one) private view returns (bool) {
        Line storage line = one.proof.line;
        uint256 windowEnds = suite.tables.versionOf(line.tableId, line.tableVersion).windowEnds;
        return !one.isFinal && windowEnds != 0 && windowEnds < block.timestamp;
    }

    function _isOpen(Booked storage one) private view returns (bool) {
        Line storage line = one.proof.line;
        return suite.tables.versionOf(line.tableId, line.tableVersion).windowEnds >= block.timestamp;
    }

    function _isOpenAgain(Booked storage one) private view returns (bool) {
        return !one.isFinal && openVersion(one.proof.line.tableId) != one.proof.line.tableVersion;
    }

    function _book(string memory name, Line memory line, StatementRange[] memory ranges, bytes memory call_) private {
        if (!_do(name, address(suite.book), call_)) {
            return;
        }
        ++honestLines[line.tableId][line.tableVersion];
        Booked storage one = _booked.push();
        one.proof.line = line;
        Recipient[] memory entries = recipients();
        for (uint256 i = 0; i < entries.length; ++i) {
            one.proof.recipients.push(entries[i].recipient);
        }
        for (uint256 i = 0; i < ranges.length; ++i) {
            one.ranges.push(ranges[i]);
        }
        LineId lineId = lineIdOf(line);
        address target = address(suite.book);
        _note(target, abi.encodeCall(IRevenueSettlement.lineOf, (lineId, line.tableId, line.tableVersion)));
        _note(target, abi.encodeCall(IRevenueSettlement.amountsOf, (lineId, line.tableId, line.tableVersion)));
    }

    function _byProposer(Line memory line) private view returns (PartySignature memory) {
        bytes memory head = heads.headOfLine(line, bookingTerms());
        return signed(suite.book, head, proposerOf(line.tableId), BUSINESS);
    }

    function _byObjector(ObjectionId id, bytes memory head) private view returns (PartySignature memory) {
        bytes32 objector = BodyId.unwrap(suite.tables.objectionOf(id).objector);
        string memory name =
            objector == BodyId.unwrap(idOf("provider"))
                ? "provider"
                : objector == BodyId.unwrap(idOf("consumer"))
                    ? "consumer"
                    : "holder";
        return signed(suite.tables, head, name, BUSINESS);
    }

    function _noteObjection(ObjectionId id) private {
        _note(address(suite.tables), abi.encodeCall(IObjections.objectionOf, (id)));
    }
}
