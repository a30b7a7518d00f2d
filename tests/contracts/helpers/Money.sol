// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {BodyId, LineId, PayoutId, TableId} from "../../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BusinessActs} from "./Business.sol";

/// @notice The true business of three tables from finality to the money: credits, debts, holds, payouts and what
/// becomes of them. Keeps its own account of what was credited and what was paid.
abstract contract MoneyActs is BusinessActs {
    struct Paid {
        PayoutId payoutId;
        uint64 amount;
        uint256 payee;
        TableId tableId;
    }

    /// @notice Net paid by the reports that were accepted, by table and payee.
    mapping(uint256 table => mapping(uint256 payee => uint256 amount)) public netPaid;
    /// @notice What all credited lines added, before they were split.
    int256 public credited;
    /// @notice Sum of the amounts of all credited lines, by payee.
    mapping(uint256 payee => int256 amount) public due;

    Paid[] private _paid;
    uint256 private _payouts;

    error Drained(uint256 owed, uint256 due, uint256 instructed, uint256 owedAfter);

    function creditAny(uint256 which) external {
        if (_booked.length == 0) {
            return;
        }
        _credit(_chainFrom(_pick(which, _isDue), which % 5));
    }

    /// @notice A line from its booking to its correction in the next table, paid before the correction is known, or not
    /// yet credited when it is.
    function liveALine(uint256 table, uint32 gross, uint32 corrected, bool isPaid) external {
        table = table % _TABLES;
        (gross, corrected) = (2 + (gross % 10_000), corrected % (2 + (gross % 10_000)));
        TableId tableId = _tableOf(table);
        LineProof memory proof = usageLine(tableId, _openVersion(tableId), ++_ordinal, gross);
        StatementRange[] memory ranges = rangesOf(10_000 + _ordinal);
        proof.line.basisHash = keccak256(abi.encode(ranges));
        uint256 first = _settle(table, proof, ranges);
        if (!_booked[first].isFinal) {
            return;
        }
        if (isPaid) {
            _credit(_chainFrom(first, 0));
            uint64 left = _available(TableId.unwrap(tableId), 0);
            if (left != 0) {
                instructAny(table, 0, left - 1, 1);
            }
        }
        tableId = _tableOf(table + 1);
        LineProof memory down = correctionLine(tableId, proof, ++_ordinal, corrected, gross);
        down.line.tableVersion = _openVersion(tableId);
        uint256 second = _settle(table + 1, down, noRanges());
        if (!isPaid) {
            _credit(_chainFrom(first, 0));
            _credit(_chainFrom(first, 1));
        } else if (_booked[second].isFinal) {
            _credit(_chainFrom(second, 0));
        }
        ++done["liveALine"];
    }

    /// @dev Books a line, and makes it final when nothing is in the table's way.
    function _settle(uint256 table, LineProof memory proof, StatementRange[] memory ranges) private returns (uint256) {
        _book(proof, ranges);
        proposeAndSign(table, true);
        _finalize(_booked.length - 1);
        return _booked.length - 1;
    }

    /// @dev Credits a chain when that is possible, and writes down what it gave.
    function _credit(uint256[] memory chain) private {
        LineProof[] memory proofs = new LineProof[](chain.length);
        for (uint256 i = 0; i < chain.length; ++i) {
            proofs[i] = _booked[chain[i]].proof;
        }
        try payouts.credit(proofs) {
            for (uint256 i = 0; i < chain.length; ++i) {
                _noteCredit(_booked[chain[i]]);
            }
            Line memory last = proofs[proofs.length - 1].line;
            LineId originalId = LineId.unwrap(last.corrects) == 0 ? lineIdOf(last) : last.corrects;
            vm.assertTrue(last.gross <= grossOf[originalId], "credited more than is left of it");
            if (proofs.length > 1) {
                ++done["creditTogether"];
            }
            ++done["creditAny"];
        } catch (bytes memory reason) {
            if (bytes4(reason) == IPayouts.PayoutsCorrected.selector) {
                ++done["creditRefused"];
            }
        }
    }

    /// @notice Anybody takes what a payee owes off one of its claims: the first one from this table on that has some,
    /// of the other payee when this one owes nothing.
    function setOffAny(uint256 table, uint256 payee) external {
        (table, payee) = (table % _TABLES, payee % 2);
        if (payouts.owedBy(idOf(nameOf(payee)), CNY) == 0) {
            payee = 1 - payee;
        }
        BodyId body = idOf(nameOf(payee));
        uint64 owed = payouts.owedBy(body, CNY);
        for (uint256 i = 0; i < _TABLES && _available(TableId.unwrap(_tableOf(table)), payee) == 0; ++i) {
            ++table;
        }
        TableId tableId = _tableOf(table);
        uint64 before = claimOf(tableId, nameOf(payee)).finalized;
        payouts.setOff(tableId, body, CNY);
        uint64 taken = owed - payouts.owedBy(body, CNY);
        vm.assertEq(before - claimOf(tableId, nameOf(payee)).finalized, taken, "set off something else");
        ++done["setOffAny"];
        if (taken != 0) {
            ++done["setOff"];
        }
    }

    /// @notice Takes what a payee owes off all of its claims and instructs all that is left of each, which must work;
    /// what it still owes then, no claim has. Reverts with what was due before, what was instructed, and what is owed
    /// after it, so that nothing of it happened.
    function drain(uint256 payee) external {
        BodyId body = idOf(nameOf(payee));
        uint64 owed = payouts.owedBy(body, CNY);
        uint256 due_ = 0;
        uint256 instructed = 0;
        for (uint256 table = 1; table <= _TABLES; ++table) {
            due_ += _available(table, payee);
            payouts.setOff(TableId.wrap(uint32(table)), body, CNY);
        }
        for (uint256 table = 1; table <= _TABLES; ++table) {
            uint64 left = _available(table, payee);
            if (left != 0) {
                IPayouts.Instruction memory one = instructionFor(
                    nameOf(payee),
                    PayoutId.wrap(bytes32(++_payouts)),
                    left,
                    NONE
                );
                one.tableId = TableId.wrap(uint32(table));
                payouts.instruct(one, signPayout(headOfInstruction(one), "trading", BUSINESS));
                instructed += left;
            }
        }
        revert Drained(owed, due_, instructed, payouts.owedBy(body, CNY));
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

    function instructAny(uint256 table, uint256 payee, uint64 amount, uint256 reissues) public {
        TableId tableId = _tableOf(table);
        (string memory name, PayoutId old) = (nameOf(payee % 2), NONE);
        IPayouts.Claim memory claim = claimOf(tableId, name);
        // mostly what is possible, sometimes more
        amount = 1 + (amount % (claim.finalized + 1 + claim.finalized / 8));
        if (reissues % 3 == 0 && _paid.length != 0) {
            Paid memory replaced = _paid[reissues % _paid.length];
            // as much as came back, or less
            (old, amount) = (replaced.payoutId, amount % 2 == 0 ? replaced.amount : 1 + (amount % replaced.amount));
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
        bytes memory call_ = abi.encodeCall(IPayouts.report, (payoutId, to, "statement", party));
        (bool success, bytes memory refusal) = address(payouts).call(call_);
        vm.assertFalse(success);
        vm.assertEq(refusal, _refusalOfAPlatform(payoutId, to));
        ++done["platformAlone"];
    }

    function _refusalOfAPlatform(PayoutId payoutId, IPayouts.PayoutStatus to) private view returns (bytes memory) {
        IPayouts.PayoutStatus from = payouts.payoutOf(payoutId).status;
        bool isMove =
            (from == IPayouts.PayoutStatus.INSTRUCTED && to != IPayouts.PayoutStatus.RETURNED) ||
                (from == IPayouts.PayoutStatus.CONFIRMED && to == IPayouts.PayoutStatus.RETURNED);
        return
            isMove
                ? abi.encodeWithSelector(IPayouts.PayoutsNotConcerned.selector, idOf("trading"))
                : abi.encodeWithSelector(IPayouts.PayoutsWrongStatus.selector, payoutId, from);
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

    /// @dev Writes down what a credit of a line gave to its recipients.
    function _noteCredit(Booked storage one) private {
        vm.assertTrue(one.isFinal && !one.isCredited, "credited what is not final, or twice");
        one.isCredited = true;
        credited += int256(uint256(one.proof.line.gross)) - int256(uint256(one.proof.line.baseGross));
        int64[] memory amounts = _amountsOf(one.proof);
        for (uint256 i = 0; i < amounts.length; ++i) {
            due[i] += amounts[i];
        }
    }

    /// @dev This booking and, unless `how` is 0, after it final corrections of its line, each where the one before
    /// ends.
    function _chainFrom(uint256 first, uint256 how) private view returns (uint256[] memory chain) {
        uint256[] memory places = new uint256[](_booked.length);
        Line memory line = _booked[first].proof.line;
        LineId originalId = LineId.unwrap(line.corrects) == 0 ? lineIdOf(line) : line.corrects;
        uint256 count = 1;
        places[0] = first;
        for (uint256 i = 0; i < _booked.length && how != 0; ++i) {
            Line memory next = _booked[i].proof.line;
            bool isNext = !(next.corrects != originalId) && next.baseGross == line.gross && i != first;
            if (isNext && _isDue(_booked[i])) {
                (places[count], line) = (i, next);
                ++count;
            }
        }
        chain = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            chain[i] = places[i];
        }
    }

    function _available(uint256 table, uint256 payee) private view returns (uint64) {
        IPayouts.Claim memory claim = claimOf(TableId.wrap(uint32(table)), nameOf(payee));
        return claim.finalized - claim.paid - claim.pending - claim.held;
    }

    function _isDue(Booked storage one) private view returns (bool) {
        return one.isFinal && !one.isCredited;
    }

    function _isCredited(Booked storage one) private view returns (bool) {
        return one.isCredited;
    }

    function _amountsOf(LineProof memory proof) private view returns (int64[] memory) {
        return book.amountsOf(lineIdOf(proof.line), proof.line.tableId, proof.line.tableVersion);
    }
}
