// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IPayeeAccounts} from "../../../contracts/interfaces/IPayeeAccounts.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {BodyId, ClaimId, LineId, PayeeAccountId} from "../../../contracts/types/Ids.sol";
import {PayoutId, TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {SuiteBusiness} from "./SuiteBusiness.sol";

/// @title The honest business from finality to the money, and the beginning of everything
abstract contract SuitePayments is SuiteBusiness {
    string[4] public payees = ["holder", "authorisation", "provider", "operator"];
    uint256 private _numbers;

    /// @param stolen_ Platform whose keys the thief has copied.
    /// @param sound_ The other one.
    constructor(string memory stolen_, string memory sound_) {
        (stolen, sound) = (stolen_, sound_);
        deploy();
        _admitRecipients();
        _beginTrade();
        for (uint256 i = 0; i < PERIODS; ++i) {
            signWeights(0, i);
            signWeights(1, i);
        }
        for (uint256 i = 0; i < payees.length; ++i) {
            changeAccount(i, false);
        }
    }

    /// @notice One life from the first statement to the last payment, so that whatever comes next finds everything:
    /// statements of every kind, a case, final lines, a correction, an objection, paid and returned payouts.
    function live() external {
        stateUsage(4_000, true);
        stateUsage(3_000, false);
        stateUsage(2_000, false);
        stateUsage(1_000, false);
        answerUsage(1, 1_000);
        ruleOnUsage(1, 500);
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        lapseAny(2);
        openTable(true);
        openTable(false);
        openTable(true);
        bookUsage(0, 0, 2, 19_999);
        bookFee(0);
        bookRuling(0, 0, 1_111);
        bookUsage(1, 2, 0, 9_999);
        proposeAndSign(0, false);
        publish(0);
        objectTo(0, 0);
        objectTo(9, 1);
        moveObjection(0, true, 2);
        moveObjection(1, false, 0);
        objectTo(10, 2);
        moveObjection(2, false, 1);
        adjust(0, 18_000);
        proposeAndSign(0, true);
        proposeAndSign(1, true);
        for (uint256 i = 0; i < _booked.length; ++i) {
            finalizeAny(i * 8);
            collectAny(i * 8);
            creditAny(i * 8);
        }
        for (uint256 i = 0; i < payees.length; ++i) {
            instructAny(i, 0, 500, 1);
            reportAny(i * 8, 0, i % 2 == 0);
        }
        reportAny(0, 2, true);
        // one more to the platform; like the operator's it waits for the bank's word
        instructAny(1, 0, 10, 1);
        changeAccount(0, false);
        creditNote(9, 2, 5_000, "note");
        freeze(1, 2, 700);
        holdAny(1, 2);
        proposeAndSign(2, true);
        for (uint256 i = 0; i < _booked.length; ++i) {
            finalizeAny(i * 8);
            creditAny(i * 8);
        }
    }

    /// @notice The bank says that the money of a line is there.
    function collectAny(uint256 which) public {
        collectLine(_booked[_pick(which, _isFinal)].proof.line);
    }

    function collectLine(Line memory line) public {
        LineId lineId = lineIdOf(line);
        PartySignature memory bank = signed(suite.payouts, heads.headOfCollection(lineId, REASON), "bank", FINANCE);
        bytes memory call_ = abi.encodeCall(IPayouts.recordCollection, (lineId, REASON, bank));
        if (_do("recordCollection", address(suite.payouts), call_)) {
            isCollected[lineId] = true;
        }
    }

    /// @notice Anybody credits a line with its final corrections, mostly: only what is final and not credited yet; with
    /// the collected money that its net gross asks for; and never more than its final corrections leave.
    function creditAny(uint256 which) public {
        uint256[] memory chain = _chainFrom(_pick(which, _isDue), which % 4 == 3 ? 1 : type(uint256).max);
        LineProof[] memory proofs = new LineProof[](chain.length);
        for (uint256 i = 0; i < chain.length; ++i) {
            proofs[i] = _booked[chain[i]].proof;
        }
        if (!_relay("credit", address(suite.payouts), abi.encodeCall(IPayouts.credit, (proofs)))) {
            return;
        }
        Line memory last = proofs[proofs.length - 1].line;
        LineId originalId = LineId.unwrap(last.corrects) == 0 ? lineIdOf(last) : last.corrects;
        vm.assertTrue(last.gross <= grossOf[originalId], "credited more than is left of it");
        vm.assertTrue(
            proofs.length != 1 || isCollected[lineIdOf(last)] || last.gross <= last.baseGross,
            "credited what is not collected"
        );
        for (uint256 i = 0; i < chain.length; ++i) {
            _noteCredit(_booked[chain[i]]);
        }
    }

    /// @notice Anybody takes what a payee owes off one of its claims.
    function setOffAny(uint256 which, uint256 table) public {
        BodyId payee = idOf(payees[which % 4]);
        uint64 owed = suite.payouts.owedBy(payee, CNY);
        uint64 finalized = claimOf(tableOf(table), payee).finalized;
        _relay("setOff", address(suite.payouts), abi.encodeCall(IPayouts.setOff, (tableOf(table), payee, CNY)));
        uint64 taken = owed - suite.payouts.owedBy(payee, CNY);
        vm.assertEq(finalized - claimOf(tableOf(table), payee).finalized, taken, "set off something else");
    }

    /// @dev Writes down what a credit of a line gave to its recipients.
    function _noteCredit(Booked storage one) private {
        Line memory line = one.proof.line;
        LineId lineId = lineIdOf(line);
        vm.assertTrue(one.isFinal && !one.isCredited, "credited what is not final, or twice");
        one.isCredited = true;
        int64[] memory amounts = suite.book.amountsOf(lineId, line.tableId, line.tableVersion);
        int256 sum = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            due[one.proof.recipients[i]] += amounts[i];
            sum += amounts[i];
        }
        vm.assertTrue(sum == int256(uint256(line.gross)) - int256(uint256(line.baseGross)), "parts are not the gross");
    }

    /// @notice The consumer freezes one recipient's amount of a line.
    function freeze(uint256 which, uint256 place, uint64 amount) public {
        LineProof memory proof = _booked[_pick(which, _isFinal)].proof;
        IDisputes.DisputeCase memory case_;
        (case_.agreementId, case_.nonce) = (AGREEMENT, suite.disputes.caseCount(AGREEMENT, idOf("consumer")));
        (case_.subject, case_.lineId) = (IDisputes.Subject.LINE, lineIdOf(proof.line));
        (case_.frozenPayee, case_.frozenAmount) = (proof.recipients[place % 4], 1 + (amount % 10_000));
        (case_.reviewAt, case_.groundsDigest) = (uint64(block.timestamp) + MAX_FREEZE, REASON);
        if (_openCase(case_, proof.line.key, place % 4, "consumer")) {
            ++done["freeze"];
        }
    }

    /// @notice Anybody brings what is held of a line in line with the freezes that there are.
    function holdAny(uint256 which, uint256 place) public {
        LineProof memory proof = _booked[_pick(which, _isFinal)].proof;
        _relay("updateHold", address(suite.payouts), abi.encodeCall(IPayouts.updateHold, (proof, place % 4)));
    }

    /// @notice A payee's next account, or its cancelling while it cools.
    function changeAccount(uint256 which, bool isCancelled) public {
        string memory name = payees[which % 4];
        BodyId payee = idOf(name);
        address payouts = address(suite.payouts);
        uint32 version = suite.payouts.accountVersions(payee);
        if (isCancelled) {
            bytes memory cancelling = heads.headOfCancellation(payee, version);
            PartySignature memory party = signed(suite.payouts, cancelling, name, FINANCE);
            bytes memory call_ = abi.encodeCall(IPayeeAccounts.cancelAccount, (payee, version, FINANCE, party));
            _do("cancelAccount", payouts, call_);
        } else {
            bytes32 digest = keccak256(abi.encode(name, ++_numbers));
            bytes memory head = heads.headOfAccount(payee, version + 1, digest);
            PartySignature memory finance = signed(suite.payouts, head, name, FINANCE);
            PartySignature[] memory parties =
                version == 0 ? one(finance) : two(finance, signed(suite.payouts, head, name, BUSINESS));
            bytes memory call_ = abi.encodeCall(IPayeeAccounts.signAccount, (payee, version + 1, digest, parties));
            if (_do("signAccount", payouts, call_)) {
                ++version;
                accountOwner[_accountId(payee, version, digest)] = BodyId.unwrap(payee);
            }
        }
        if (!isStolen(payee)) {
            _note(payouts, abi.encodeCall(IPayeeAccounts.accountVersions, (payee)));
            _note(payouts, abi.encodeCall(IPayeeAccounts.accountVersion, (payee, version)));
        }
    }

    /// @notice A platform instructs a payout, mostly of what is possible; or one that replaces what came back.
    function instructAny(uint256 which, uint256 table, uint64 amount, uint256 reissues) public {
        IPayouts.Instruction memory instruction;
        BodyId payee = idOf(payees[which % 4]);
        TableId tableId = tableOf(table);
        uint256 time = suite.tables.versionOf(tableId, TableVersion.wrap(1)).proposedAt;
        uint64 finalized = claimOf(tableId, payee).finalized;
        amount = 1 + (amount % (finalized + 1 + finalized / 8));
        if (reissues % 3 == 0 && _paid.length != 0) {
            IPayouts.Instruction memory old = _paid[reissues % _paid.length].instruction;
            (instruction.reissues, amount, payee, tableId) = (old.payoutId, old.amount, old.payee, old.tableId);
            time = block.timestamp;
        }
        (PayeeAccountId accountId, ) = suite.payouts.accountAt(payee, time);
        instruction.payoutId = PayoutId.wrap(keccak256(abi.encode("payout", ++_numbers)));
        (instruction.tableId, instruction.payee, instruction.currency) = (tableId, payee, CNY);
        (instruction.amount, instruction.accountId) = (amount, accountId);
        (instruction.bank, instruction.instructionDigest) = (idOf("bank"), REASON);
        PartySignature memory platform = signed(suite.payouts, heads.headOfInstruction(instruction), sound, BUSINESS);
        bytes memory call_ = abi.encodeCall(IPayouts.instruct, (instruction, platform));
        bool isReissue = PayoutId.unwrap(instruction.reissues) != 0;
        if (_do(isReissue ? "reissue" : "instruct", address(suite.payouts), call_)) {
            _notePayout(instruction, true);
        }
    }

    /// @notice Payee or bank reports on a payout: 0 confirmed, 1 rejected, 2 returned.
    function reportAny(uint256 which, uint8 status, bool byBank) public {
        if (_paid.length == 0) {
            return;
        }
        IPayouts.Instruction memory instruction = _paid[which % _paid.length].instruction;
        IPayouts.PayoutStatus to = IPayouts.PayoutStatus(2 + (status % 3));
        bytes memory head = heads.headOfReport(instruction.payoutId, to, REASON);
        string memory name = byBank ? "bank" : nameOf(instruction.payee);
        PartySignature memory party = signed(suite.payouts, head, name, FINANCE);
        bytes memory call_ = abi.encodeCall(IPayouts.report, (instruction.payoutId, to, REASON, party));
        if (!_do("report", address(suite.payouts), call_)) {
            return;
        }
        noteReport(instruction, to);
        _note(address(suite.payouts), abi.encodeCall(IPayouts.payoutOf, (instruction.payoutId)));
    }

    function claimOf(TableId tableId, BodyId payee) public view returns (IPayouts.Claim memory) {
        ClaimId claimId = suite.payouts.claimIdOf(tableId, payee, CNY);
        return suite.payouts.claimOf(claimId);
    }

    function nameOf(BodyId payee) public view returns (string memory) {
        for (uint256 i = 0; i < payees.length; ++i) {
            if (BodyId.unwrap(payee) == BodyId.unwrap(idOf(payees[i]))) {
                return payees[i];
            }
        }
        return payees[0];
    }

    /// @dev What a report makes of what is paid.
    function noteReport(IPayouts.Instruction memory instruction, IPayouts.PayoutStatus to) internal {
        if (to == IPayouts.PayoutStatus.CONFIRMED) {
            netPaid[instruction.tableId][instruction.payee] += instruction.amount;
        } else if (to == IPayouts.PayoutStatus.RETURNED) {
            netPaid[instruction.tableId][instruction.payee] -= instruction.amount;
        }
    }

    /// @dev Recipients that are nobody else in the business.
    function _admitRecipients() internal virtual {}

    function _accountId(BodyId payee, uint32 version, bytes32 digest) private pure returns (PayeeAccountId) {
        bytes32 domain = keccak256("cityledger/v1/account");
        return PayeeAccountId.wrap(keccak256(abi.encode(domain, payee, version, digest)));
    }

    /// @dev This booking, and after it all final corrections, each where the one before ends, at most so many in all.
    function _chainFrom(uint256 first, uint256 most) private view returns (uint256[] memory chain) {
        uint256[] memory places = new uint256[](_booked.length);
        Line memory line = _booked[first].proof.line;
        LineId originalId = LineId.unwrap(line.corrects) == 0 ? lineIdOf(line) : line.corrects;
        uint256 count = 1;
        places[0] = first;
        for (uint256 i = 0; i < _booked.length && count < most; ++i) {
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

    function _isDue(Booked storage one) private view returns (bool) {
        return one.isFinal && !one.isCredited;
    }
}
