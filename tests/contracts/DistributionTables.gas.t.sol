// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../contracts/interfaces/IObjections.sol";
import {LineId, ObjectionId, TableId} from "../../contracts/types/Ids.sol";
import {LineProof, StatementRange} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind} from "../../contracts/types/Terms.sol";
import {Cooling} from "./helpers/Cooling.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {SettlementFixture} from "./helpers/Settlement.sol";

/// @title Gas of every function of `DistributionTables`, and the size of its code
/// @notice Each on a table of its own and with everything cold, as in a transaction of its own. The book and the
/// registry behind it are stubs with the real checks; the real ones read a few slots more.
contract DistributionTablesGasTest is SettlementFixture, GasGolden {
    uint32 private _next = 100;
    TableId private _proposed;
    TableId private _signed;
    TableId private _halfPublished;
    TableId private _published;
    TableId private _scheduled;
    TableId private _correcting;
    TableId[3] private _ripe;
    ObjectionId[6] private _objections;

    function setUp() public override {
        super.setUp();
        _proposed = _table(BasisKind.STATEMENTS, 1);
        propose(proposalOf(_proposed, V1), "trading");
        _signed = _table(BasisKind.STATEMENTS, 1);
        signedTable(_signed, V1);
        _halfPublished = _table(BasisKind.STATEMENTS, 1);
        publish(signedTable(_halfPublished, V1), "trading");
        _ripe = [_table(BasisKind.STATEMENTS, 1), _table(BasisKind.STATEMENTS, 31), _table(BasisKind.STATEMENTS, 1000)];
        for (uint256 i = 0; i < 3; ++i) {
            publishedTable(_ripe[i], V1);
        }
        _scheduled = _table(BasisKind.SCHEDULE, 0);
        publishedTable(_scheduled, V1);
        LineProof memory original = _line(_scheduled, BasisKind.SCHEDULE, 0);
        _correcting = TableId.wrap(++_next);
        openTable(_correcting, "trading");
        bookLine(correctionLine(_correcting, original, 1, 800, 1000), true);
        publishedTable(_correcting, V1);
        for (uint256 i = 0; i < 6; ++i) {
            TableId table = _table(BasisKind.STATEMENTS, 1);
            publishedTable(table, V1);
            _objections[i] = object(_line(table, BasisKind.STATEMENTS, 1), 400, "provider");
        }
        for (uint256 i = 2; i < 5; ++i) {
            answer(_objections[i], false);
        }
        bytes memory head = headOfReviewRequest(_objections[3]);
        tables.requestReview(_objections[3], "grounds", signTable(head, "provider"));
        vm.warp(block.timestamp + FLOOR + 1);
        _published = _table(BasisKind.STATEMENTS, 1);
        publishedTable(_published, V1);
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        _recordTable();
        _recordFinality();
        _recordObjections();
        _recordViews();
        record("bytes_of_distribution_tables", address(tables).code.length);
        requireGoldens("DistributionTables");
    }

    function _recordTable() private {
        IDistributionTables.Proposal memory p = proposalOf(_table(BasisKind.STATEMENTS, 1), V1);
        PartySignature memory party = signTable(headOfTable(p), "trading");
        _record("propose", abi.encodeCall(IDistributionTables.propose, (p, party)));
        p = proposalOf(_proposed, V1);
        party = signTable(headOfTable(p), "authorisation");
        _record("sign", abi.encodeCall(IDistributionTables.sign, (p, party)));
        p = proposalOf(_signed, V1);
        party = signTable(headOfPublication(p), "trading");
        bytes memory call_ = abi.encodeCall(IDistributionTables.recordPublication, (p, "publication", party));
        _record("recordPublication_first", call_);
        p = proposalOf(_halfPublished, V1);
        party = signTable(headOfPublication(p), "authorisation");
        call_ = abi.encodeCall(IDistributionTables.recordPublication, (p, "publication", party));
        _record("recordPublication_second", call_);
    }

    function _recordFinality() private {
        uint16[3] memory statements = [1, 31, 1000];
        for (uint256 i = 0; i < 3; ++i) {
            _record(
                string.concat("finalizeLine_of_", vm.toString(statements[i]), "_statements"),
                abi.encodeCall(
                    IDistributionTables.finalizeLine,
                    (_line(_ripe[i], BasisKind.STATEMENTS, statements[i]), _ranges(_ripe[i], statements[i]))
                )
            );
        }
        LineProof memory original = _line(_scheduled, BasisKind.SCHEDULE, 0);
        _record("finalizeLine_scheduled", abi.encodeCall(IDistributionTables.finalizeLine, (original, noRanges())));
        LineProof memory correction = correctionLine(_correcting, original, 1, 800, 1000);
        _record("finalizeLine_correction", abi.encodeCall(IDistributionTables.finalizeLine, (correction, noRanges())));
    }

    function _recordObjections() private {
        LineProof memory proof = _line(_published, BasisKind.STATEMENTS, 1);
        PartySignature memory party = signTable(headOfObjection(proof, 400), "provider");
        _record("object", abi.encodeCall(IObjections.object, (proof, 400, "grounds", party)));
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory head = headOfAnswer(_objections[i], i == 0);
            (PartySignature memory first, PartySignature memory second) = (
                signTable(head, "trading"),
                signTable(head, "authorisation")
            );
            _record(
                i == 0 ? "answerObjection_upheld" : "answerObjection_rejected",
                abi.encodeCall(IObjections.answerObjection, (_objections[i], i == 0, "answer", first, second))
            );
        }
        party = signTable(headOfReviewRequest(_objections[2]), "provider");
        _record("requestReview", abi.encodeCall(IObjections.requestReview, (_objections[2], "grounds", party)));
        party = signTable(headOfDecision(_objections[3], false), "arbitrator");
        _record("decideReview", abi.encodeCall(IObjections.decideReview, (_objections[3], false, "decision", party)));
        party = signTable(headOfWithdrawal(_objections[4]), "provider");
        _record("withdrawObjection", abi.encodeCall(IObjections.withdrawObjection, (_objections[4], "reason", party)));
        vm.warp(block.timestamp + ANSWER);
        _record("advanceObjection", abi.encodeCall(IObjections.advanceObjection, (_objections[5])));
    }

    function _recordViews() private {
        LineId lineId = lineIdOf(_line(_published, BasisKind.STATEMENTS, 1).line);
        _record("versionOf", abi.encodeCall(IDistributionTables.versionOf, (_published, V1)));
        _record("signedVersion", abi.encodeCall(IDistributionTables.signedVersion, (_published)));
        _record("finalityOf", abi.encodeCall(IDistributionTables.finalityOf, (lineId)));
        _record("objectionsAgainst", abi.encodeCall(IDistributionTables.objectionsAgainst, (lineId, _published, V1)));
        _record("objectionOf", abi.encodeCall(IObjections.objectionOf, (_objections[0])));
        _record("objectionPeriods", abi.encodeCall(IObjections.objectionPeriods, ()));
        _record("windowFloor", abi.encodeCall(IDistributionTables.windowFloor, ()));
        _record("MAX_WINDOW", abi.encodeCall(tables.MAX_WINDOW, ()));
        recordPartyViews(address(tables));
    }

    function _record(string memory name, bytes memory call_) private {
        address[4] memory all = [address(tables), address(book), address(stub), address(agreements)];
        for (uint256 i = 0; i < 4; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
        recordGas(name, address(tables), call_);
    }

    /// @dev A table with one booked line.
    function _table(BasisKind basis, uint16 statements) private returns (TableId table) {
        table = TableId.wrap(++_next);
        openTable(table, "trading");
        bookLine(_line(table, basis, statements), true);
    }

    function _line(TableId table, BasisKind basis, uint16 statements) private pure returns (LineProof memory proof) {
        proof = usageLine(table, V1, uint16(TableId.unwrap(table)), 1000);
        proof.line.basis = basis;
        proof.line.basisHash =
            basis == BasisKind.SCHEDULE ? bytes32(0) : keccak256(abi.encode(_ranges(table, statements)));
    }

    /// @dev Statements that no other table charges for.
    function _ranges(TableId table, uint16 statements) private pure returns (StatementRange[] memory ranges) {
        uint64 first = uint64(TableId.unwrap(table)) * 25_600;
        ranges = new StatementRange[](1);
        ranges[0] = StatementRange(STREAM, first, first + statements);
    }
}
