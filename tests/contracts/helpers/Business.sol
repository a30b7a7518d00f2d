// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../../contracts/interfaces/IObjections.sol";
import {LineId, ObjectionId} from "../../../contracts/types/Ids.sol";
import {TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind, Component, PayBasis} from "../../../contracts/types/Terms.sol";
import {PayoutsFixture} from "./PayoutsFixture.sol";

/// @notice The true business of three tables, in any order: lines booked, adjusted and corrected; tables proposed,
/// signed and published; objections, time, finality. What comes of it is in {MoneyActs}. Statements of
/// different lines overlap on purpose. Keeps its own account of what was final and what was paid.
abstract contract BusinessActs is PayoutsFixture {
    /// @notice A booking, and what it was worth when it became final.
    struct Booked {
        LineProof proof;
        StatementRange[] ranges;
        bool isFinal;
        bool isCredited;
        bytes32 fingerprint;
    }

    uint256 internal constant _TABLES = 3;
    uint64 private constant _STATEMENTS = 600;

    mapping(string action => uint256 count) public done;
    /// @notice How often each statement of each component was settled by a final line.
    mapping(uint256 component => mapping(uint256 statement => uint256 count)) public settled;
    /// @notice Gross of every final line after its final corrections.
    mapping(LineId lineId => uint256 gross) public grossOf;

    Booked[] internal _booked;
    ObjectionId[] private _objections;
    mapping(uint256 table => IDistributionTables.Proposal proposal) private _proposals;
    uint16 internal _ordinal;

    error AlreadySetUp();

    constructor() {
        super.setUp();
        openTable(TableId.wrap(3), "trading");
        for (uint256 i = 0; i < 3; ++i) {
            signFirstAccount(nameOf(i), "account");
        }
    }

    /// @dev The constructor did it; a second time would begin another history.
    function setUp() public pure override {
        revert AlreadySetUp();
    }

    function bookUsage(uint256 table, uint16 first, uint8 count, uint32 gross, uint8 component) external {
        TableId tableId = _tableOf(table);
        LineProof memory proof = usageLine(tableId, _openVersion(tableId), ++_ordinal, gross);
        proof.line.key.component = component % 2 == 0 ? Component.USAGE_SHARE : Component.COMMISSION;
        StatementRange[] memory ranges = new StatementRange[](1);
        uint64 firstIndex = first % _STATEMENTS;
        ranges[0] = StatementRange(STREAM, firstIndex, firstIndex + 1 + (count % 40));
        proof.line.basisHash = keccak256(abi.encode(ranges));
        _book(proof, ranges);
        ++done["bookUsage"];
    }

    function adjust(uint256 which, uint32 gross) external {
        if (_booked.length == 0) {
            return;
        }
        Booked memory old = _booked[which % _booked.length];
        TableVersion version = _openVersion(old.proof.line.tableId);
        if (!(version != old.proof.line.tableVersion) || old.proof.line.basis != BasisKind.STATEMENTS) {
            return;
        }
        old.proof.line.tableVersion = version;
        old.proof.line.gross = gross;
        _book(old.proof, old.ranges);
        ++done["adjust"];
    }

    function correct(uint256 which, uint256 table, uint32 gross, uint32 base) external {
        if (_booked.length == 0) {
            return;
        }
        Booked storage original = _booked[_pick(which, _isCorrectable)];
        if (original.proof.line.basis != BasisKind.STATEMENTS) {
            return;
        }
        TableId tableId = _tableOf(table);
        uint64 baseGross = base % 3 == 0 ? base : tables.finalityOf(lineIdOf(original.proof.line)).currentGross;
        LineProof memory proof = correctionLine(tableId, original.proof, ++_ordinal, gross, baseGross);
        proof.line.key.component = original.proof.line.key.component;
        proof.line.tableVersion = _openVersion(tableId);
        _book(proof, noRanges());
        ++done["correct"];
    }

    function proposeAndSign(uint256 table, bool inAHurry) public {
        TableId tableId = _tableOf(table);
        IDistributionTables.Proposal memory proposal = proposalOf(tableId, _openVersion(tableId));
        if (proposal.lineCount == 0 || !_isReady(tableId)) {
            return;
        }
        propose(proposal, "trading");
        tables.sign(proposal, signTable(headOfTable(proposal), "authorisation"));
        _proposals[TableId.unwrap(tableId)] = proposal;
        ++done["proposeAndSign"];
        if (inAHurry) {
            publishTable(table);
            vm.warp(block.timestamp + FLOOR + 1);
        }
    }

    function publishTable(uint256 table) public {
        TableId tableId = _tableOf(table);
        if (TableVersion.unwrap(tables.signedVersion(tableId)) == 0 || _isReady(tableId)) {
            return;
        }
        IDistributionTables.Proposal memory proposal = _proposals[TableId.unwrap(tableId)];
        publish(proposal, "trading");
        publish(proposal, "authorisation");
        ++done["publishTable"];
    }

    function objectTo(uint256 which, uint256 objector) external {
        if (_booked.length == 0) {
            return;
        }
        which = _pick(which, _isOpen);
        LineProof memory proof = _booked[which].proof;
        PartySignature memory party = signTable(headOfObjection(proof, 1), nameOf(objector % 3));
        try tables.object(proof, 1, "grounds", party) returns (ObjectionId objectionId) {
            _objections.push(objectionId);
            ++done["objectTo"];
        } catch {}
    }

    function moveObjection(uint256 which, bool upheld, uint8 how) external {
        if (_objections.length == 0) {
            return;
        }
        ObjectionId id = _objections[which % _objections.length];
        bytes memory head = how % 4 == 0 ? headOfAnswer(id, upheld) : headOfDecision(id, upheld);
        bytes memory call_;
        if (how % 4 == 0) {
            call_ = abi.encodeCall(
                IObjections.answerObjection,
                (id, upheld, "answer", signTable(head, "trading"), signTable(head, "authorisation"))
            );
        } else if (how % 4 == 1) {
            call_ = abi.encodeCall(IObjections.decideReview, (id, upheld, "decision", signTable(head, "arbitrator")));
        } else {
            call_ = abi.encodeCall(IObjections.advanceObjection, (id));
        }
        _count("moveObjection", address(tables), call_);
    }

    function passTime(uint32 time) external {
        vm.warp(block.timestamp + (time % 2 == 0 ? time % 2 days : FLOOR + (time % 4 days)));
        ++done["passTime"];
    }

    function finalizeAny(uint256 which) external {
        if (_booked.length == 0) {
            return;
        }
        _finalize(_pick(which, _isNotFinal));
    }

    /// @dev Makes a booking final when it can be, and writes down what that settles.
    function _finalize(uint256 which) internal {
        Booked storage one = _booked[which];
        try tables.finalizeLine(one.proof, one.ranges) {
            one.isFinal = true;
            one.fingerprint = fingerprint(which);
            if (one.proof.line.basis == BasisKind.CREDIT_NOTE) {
                vm.assertEq(grossOf[one.proof.line.corrects], one.proof.line.baseGross, "wrong base");
                grossOf[one.proof.line.corrects] = one.proof.line.gross;
                ++done["correctionFinal"];
            }
            grossOf[lineIdOf(one.proof.line)] = one.proof.line.gross;
            for (uint256 i = 0; i < one.ranges.length; ++i) {
                for (uint256 s = one.ranges[i].firstIndex; s < one.ranges[i].nextIndex; ++s) {
                    ++settled[uint256(one.proof.line.key.component)][s];
                }
            }
            ++done["finalizeAny"];
        } catch (bytes memory reason) {
            if (bytes4(reason) == IDistributionTables.DistributionTablesUnitsSettled.selector) {
                ++done["unitsRefused"];
            }
        }
    }

    function bookedCount() external view returns (uint256) {
        return _booked.length;
    }

    function stateOf(uint256 which) external view returns (bool isFinal, bytes32 then, bytes32 now_) {
        Booked storage one = _booked[which];
        return (one.isFinal, one.fingerprint, fingerprint(which));
    }

    /// @notice Gross of a line by its finality, and by this account.
    function grossAt(uint256 which) external view returns (uint256 gross, uint256 expected) {
        LineId lineId = lineIdOf(_booked[which].proof.line);
        return (tables.finalityOf(lineId).currentGross, grossOf[lineId]);
    }

    function nameOf(uint256 payee) public pure returns (string memory) {
        return
            payee == 0
                ? "provider"
                : payee == 1
                    ? "holder"
                    : "consumer";
    }

    /// @notice Everything about a final line that must never change: place of finality, content, amounts. Its current
    /// gross moves with corrections, which are lines of their own.
    function fingerprint(uint256 which) public view returns (bytes32) {
        LineProof memory proof = _booked[which].proof;
        LineId lineId = lineIdOf(proof.line);
        IDistributionTables.Finality memory finality = tables.finalityOf(lineId);
        return
            keccak256(
                abi.encode(
                    finality.tableId,
                    finality.tableVersion,
                    book.lineOf(lineId, finality.tableId, finality.tableVersion),
                    book.amountsOf(lineId, finality.tableId, finality.tableVersion)
                )
            );
    }

    function _book(LineProof memory proof, StatementRange[] memory ranges) internal {
        int64 sum = int64(proof.line.gross) - int64(proof.line.baseGross);
        int64[] memory amounts = new int64[](2);
        amounts[0] = (sum * 3) / 4;
        amounts[1] = sum - amounts[0];
        try book.bookLine(proof, amounts, PayBasis.ACCRUED, true) {
            Booked storage one = _booked.push();
            one.proof = proof;
            for (uint256 i = 0; i < ranges.length; ++i) {
                one.ranges.push(ranges[i]);
            }
        } catch {}
    }

    function _count(string memory name, address target, bytes memory call_) internal {
        (bool success, ) = target.call(call_);
        if (success) {
            ++done[name];
        }
    }

    /// @dev A booking from this one on: seven times of eight the first for which the act may work, else any.
    function _pick(
        uint256 which,
        function(Booked storage) internal view returns (bool) isFit
    ) internal view returns (uint256) {
        which = which % _booked.length;
        for (uint256 i = 0; i < _booked.length && which % 8 != 0; ++i) {
            if (isFit(_booked[(which + i) % _booked.length])) {
                return (which + i) % _booked.length;
            }
        }
        return which;
    }

    function _isOpen(Booked storage one) private view returns (bool) {
        return tables.versionOf(one.proof.line.tableId, one.proof.line.tableVersion).windowEnds >= block.timestamp;
    }

    function _isNotFinal(Booked storage one) private view returns (bool) {
        return !one.isFinal;
    }

    function _isCorrectable(Booked storage one) private view returns (bool) {
        return one.isFinal && one.proof.line.basis == BasisKind.STATEMENTS;
    }

    /// @dev Version that lines are booked in now: the one after the signed one.
    function _openVersion(TableId tableId) internal view returns (TableVersion) {
        return TableVersion.wrap(TableVersion.unwrap(tables.signedVersion(tableId)) + 1);
    }

    function _isReady(TableId tableId) internal view returns (bool) {
        TableVersion signed = tables.signedVersion(tableId);
        return
            TableVersion.unwrap(signed) == 0 ||
            tables.versionOf(tableId, signed).status == IDistributionTables.VersionStatus.PUBLISHED;
    }

    function _tableOf(uint256 number) internal pure returns (TableId) {
        return TableId.wrap(uint32(1 + (number % _TABLES)));
    }
}
