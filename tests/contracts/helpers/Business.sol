// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../../contracts/interfaces/IObjections.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {LineId, ObjectionId, PayoutId} from "../../../contracts/types/Ids.sol";
import {TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind, Component, PayBasis} from "../../../contracts/types/Terms.sol";
import {PayoutsFixture} from "./PayoutsFixture.sol";

/// @notice The true business of three tables, in any order: lines booked, adjusted and corrected; tables proposed,
/// signed and published; objections, time, finality, credits, holds, payouts and what becomes of them. Statements of
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

    struct Paid {
        PayoutId payoutId;
        uint64 amount;
        uint256 payee;
        TableId tableId;
    }

    uint256 private constant _TABLES = 3;
    uint64 private constant _STATEMENTS = 600;

    mapping(string action => uint256 count) public done;
    /// @notice How often each statement of each component was settled by a final line.
    mapping(uint256 component => mapping(uint256 statement => uint256 count)) public settled;
    /// @notice Net paid by the reports that were accepted, by table and payee.
    mapping(uint256 table => mapping(uint256 payee => uint256 amount)) public netPaid;
    /// @notice Gross of every final line after its final corrections.
    mapping(LineId lineId => uint256 gross) public grossOf;
    /// @notice What all credited lines added, before they were split.
    int256 public credited;
    /// @notice Sum of the amounts of all credited lines, by payee.
    mapping(uint256 payee => int256 amount) public due;

    Booked[] private _booked;
    ObjectionId[] private _objections;
    Paid[] private _paid;
    mapping(uint256 table => IDistributionTables.Proposal proposal) private _proposals;
    uint16 private _ordinal;
    uint256 private _payouts;

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

    function proposeAndSign(uint256 table, bool inAHurry) external {
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
        which = _pick(which, _isNotFinal);
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

    function creditAny(uint256 which) external {
        if (_booked.length == 0) {
            return;
        }
        Booked storage one = _booked[_pick(which, _isDue)];
        try payouts.credit(one.proof) {
            vm.assertTrue(one.isFinal && !one.isCredited, "credited what is not final, or twice");
            one.isCredited = true;
            credited += int256(uint256(one.proof.line.gross)) - int256(uint256(one.proof.line.baseGross));
            int64[] memory amounts = _amountsOf(one.proof);
            for (uint256 i = 0; i < amounts.length; ++i) {
                due[i] += amounts[i];
            }
            ++done["creditAny"];
        } catch {}
    }

    function dispute(uint256 which, uint256 place, uint32 amount, bool only) external {
        if (_booked.length == 0) {
            return;
        }
        which = _pick(which, _isCredited);
        LineProof memory proof = _booked[which].proof;
        disputes.freeze(lineIdOf(proof.line), proof.recipients[place % 2], only ? amount : 0);
        _count("dispute", address(payouts), abi.encodeCall(IPayouts.updateHold, (proof, place % 2)));
    }

    function instructAny(uint256 table, uint256 payee, uint64 amount, uint256 reissues) external {
        TableId tableId = _tableOf(table);
        (string memory name, PayoutId old) = (nameOf(payee % 2), NONE);
        IPayouts.Claim memory claim = claimOf(tableId, name);
        // mostly what is possible, sometimes more
        amount = 1 + (amount % (claim.finalized + 1 + claim.finalized / 8));
        if (reissues % 3 == 0 && _paid.length != 0) {
            Paid memory replaced = _paid[reissues % _paid.length];
            (old, amount) = (replaced.payoutId, replaced.amount);
            (name, tableId, payee) = (nameOf(replaced.payee), replaced.tableId, replaced.payee);
        }
        IPayouts.Instruction memory one = instructionFor(name, PayoutId.wrap(bytes32(++_payouts)), amount, old);
        one.tableId = tableId;
        PartySignature memory party = signPayout(headOfInstruction(one), "trading", BUSINESS);
        try payouts.instruct(one, party) {
            vm.assertEq(payouts.owedBy(one.payee, CNY), 0, "instructed although something is owed");
            _paid.push(Paid(one.payoutId, amount, payee % 2, tableId));
            ++done["instructAny"];
        } catch {}
    }

    function reportAny(uint256 which, uint8 status, bool byBank) external {
        if (_paid.length == 0) {
            return;
        }
        Paid memory one = _paid[which % _paid.length];
        IPayouts.PayoutStatus to = IPayouts.PayoutStatus(2 + (status % 3));
        bytes memory head = headOfReport(one.payoutId, to);
        PartySignature memory party = signPayout(head, byBank ? "bank" : nameOf(one.payee), FINANCE);
        try payouts.report(one.payoutId, to, "statement", party) {
            uint256 table = TableId.unwrap(one.tableId);
            if (to == IPayouts.PayoutStatus.CONFIRMED) {
                netPaid[table][one.payee] += one.amount;
            } else if (to == IPayouts.PayoutStatus.RETURNED) {
                netPaid[table][one.payee] -= one.amount;
            }
            ++done["reportAny"];
        } catch {}
    }

    /// @notice Who signs everything else: a platform alone may report, credit or finalize nothing by itself.
    function platformAlone(uint256 which, uint8 status) external {
        if (_paid.length == 0) {
            return;
        }
        PayoutId payoutId = _paid[which % _paid.length].payoutId;
        IPayouts.PayoutStatus to = IPayouts.PayoutStatus(2 + (status % 3));
        PartySignature memory party = signPayout(headOfReport(payoutId, to), "trading", FINANCE);
        (bool success, ) = address(payouts).call(abi.encodeCall(IPayouts.report, (payoutId, to, "statement", party)));
        vm.assertFalse(success);
        ++done["platformAlone"];
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

    function claimAt(uint256 table, uint256 payee) external view returns (IPayouts.Claim memory) {
        return claimOf(TableId.wrap(uint32(table)), nameOf(payee));
    }

    function owedBy(uint256 payee) external view returns (uint64) {
        return payouts.owedBy(idOf(nameOf(payee)), CNY);
    }

    /// @notice Sum of what is held of all lines of a table for a payee.
    function heldSum(uint256 table, uint256 payee) external view returns (uint256 sum) {
        for (uint256 i = 0; i < _booked.length; ++i) {
            if (_booked[i].isCredited && TableId.unwrap(_booked[i].proof.line.tableId) == table) {
                sum += payouts.heldOf(lineIdOf(_booked[i].proof.line), idOf(nameOf(payee)));
            }
        }
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

    function _book(LineProof memory proof, StatementRange[] memory ranges) private {
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

    function _count(string memory name, address target, bytes memory call_) private {
        (bool success, ) = target.call(call_);
        if (success) {
            ++done[name];
        }
    }

    /// @dev A booking from this one on: seven times of eight the first for which the act may work, else any.
    function _pick(
        uint256 which,
        function(Booked storage) internal view returns (bool) isFit
    ) private view returns (uint256) {
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

    function _isDue(Booked storage one) private view returns (bool) {
        return one.isFinal && !one.isCredited;
    }

    function _isCredited(Booked storage one) private view returns (bool) {
        return one.isCredited;
    }

    function _isCorrectable(Booked storage one) private view returns (bool) {
        return one.isFinal && one.proof.line.basis == BasisKind.STATEMENTS;
    }

    function _amountsOf(LineProof memory proof) private view returns (int64[] memory) {
        return book.amountsOf(lineIdOf(proof.line), proof.line.tableId, proof.line.tableVersion);
    }

    /// @dev Version that lines are booked in now: the one after the signed one.
    function _openVersion(TableId tableId) private view returns (TableVersion) {
        return TableVersion.wrap(TableVersion.unwrap(tables.signedVersion(tableId)) + 1);
    }

    function _isReady(TableId tableId) private view returns (bool) {
        TableVersion signed = tables.signedVersion(tableId);
        return
            TableVersion.unwrap(signed) == 0 ||
            tables.versionOf(tableId, signed).status == IDistributionTables.VersionStatus.PUBLISHED;
    }

    function _tableOf(uint256 number) private pure returns (TableId) {
        return TableId.wrap(uint32(1 + (number % _TABLES)));
    }
}
