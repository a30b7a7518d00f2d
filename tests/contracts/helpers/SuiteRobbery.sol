// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../../contracts/interfaces/IObjections.sol";
import {IPayeeAccounts} from "../../../contracts/interfaces/IPayeeAccounts.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {IRevenueSettlement} from "../../../contracts/interfaces/IRevenueSettlement.sol";
import {BodyId, Currency, LineId, ObjectionId, PayeeAccountId} from "../../../contracts/types/Ids.sol";
import {PayoutId, PeriodId, TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind, Component} from "../../../contracts/types/Terms.sol";
import {SuiteIntrusion} from "./SuiteIntrusion.sol";
import {SuitePayments} from "./SuitePayments.sol";

/// @title The thief against the book, the tables and the money
abstract contract SuiteRobbery is SuiteIntrusion {
    Currency private constant _CNY = Currency.wrap("CNY");

    /// @dev What the thief booked. None of it may ever become final.
    LineProof[] internal _junk;

    function attackBook(uint256 random) external {
        _shuffle(random);
        address at_ = address(suite.book);
        if (draw(5) == 0) {
            uint32 nonce = suite.book.openedBy(idOf(platform));
            PeriodId period = _BUSINESS.periodOf(draw(3));
            bytes memory opening = heads.headOfOpening(nonce, period, _CNY);
            PartySignature memory opener = byThief(suite.book, opening, platform, BUSINESS);
            bytes memory open = abi.encodeCall(IRevenueSettlement.openTable, (nonce, period, _CNY, opener));
            attempt("openTable", at_, open);
            return;
        }
        SuitePayments.Booked memory booked = anyBooked();
        LineProof memory proof = abi.decode(abi.encode(booked.proof), (LineProof));
        IRevenueSettlement.BookingEvidence memory evidence = _BUSINESS.evidenceOf(booked.proof.line, booked.ranges);
        _falsify(proof.line, evidence);
        bool isCorrection = draw(4) == 0;
        if (isCorrection) {
            proof.line.corrects = heads.lineIdOf(booked.proof.line.key);
            proof.line.baseGross = suite.tables.finalityOf(proof.line.corrects).currentGross;
            (proof.line.basis, proof.line.basisHash) = (BasisKind.CREDIT_NOTE, LOOT);
            evidence.ranges = new StatementRange[](0);
        }
        bytes memory head = heads.headOfLine(proof.line, evidence.terms);
        PartySignature memory proposer = byThief(suite.book, head, platform, BUSINESS);
        bytes memory call_ = abi.encodeCall(IRevenueSettlement.bookLine, (proof.line, evidence, proposer));
        if (isCorrection) {
            head = heads.headOfCreditNote(proof.line.corrects, proof.line.baseGross, proof.line.gross, LOOT);
            PartySignature[] memory parties = two(
                inTheNameOf(suite.book, head, "provider", BUSINESS),
                inTheNameOf(suite.book, head, "consumer", BUSINESS)
            );
            call_ = abi.encodeCall(
                IRevenueSettlement.bookCorrection,
                (proof.line, booked.proof, evidence, proposer, parties)
            );
            mustFail("bookCorrection", at_, call_);
        } else if (attempt("bookLine", at_, call_)) {
            LineProof storage one = _junk.push();
            one.line = proof.line;
            one.recipients = proof.recipients;
        }
    }

    function attackTables(uint256 random) external {
        _shuffle(random);
        address at_ = address(suite.tables);
        TableId tableId = TableId.wrap(uint32(1 + draw(suite.book.tableCount())));
        TableVersion version = TableVersion.wrap(
            uint16(TableVersion.unwrap(suite.tables.signedVersion(tableId)) + draw(2))
        );
        IRevenueSettlement.VersionBook memory lines = suite.book.versionBook(tableId, version);
        IDistributionTables.Proposal memory proposal = IDistributionTables.Proposal(
            tableId,
            version,
            lines.lineCount,
            lines.linesDigest,
            uint32(3 days + draw(2)),
            LOOT
        );
        bytes memory head = heads.headOfTable(proposal, suite.book.tableOf(tableId).period, _CNY);
        uint256 which = draw(4);
        if (which == 0) {
            PartySignature memory party = byThief(suite.tables, head, platform, BUSINESS);
            attempt("propose", at_, abi.encodeCall(IDistributionTables.propose, (proposal, party)));
        } else if (which == 1) {
            // its own proposal, signed in the other platform's name, or by an auditor of its invention
            PartySignature memory party = byThief(suite.tables, head, platform, BUSINESS);
            mustFail("sign", at_, abi.encodeCall(IDistributionTables.sign, (proposal, party)));
        } else if (which == 2) {
            PartySignature memory party = byThief(
                suite.tables,
                heads.headOfPublication(proposal, LOOT),
                platform,
                BUSINESS
            );
            mustFail(
                "recordPublication",
                at_,
                abi.encodeCall(IDistributionTables.recordPublication, (proposal, LOOT, party))
            );
        } else {
            _finalizeFalsely();
        }
    }

    function attackObjections(uint256 random) external {
        _shuffle(random);
        address at_ = address(suite.tables);
        ObjectionId id = _BUSINESS.objections(draw(_BUSINESS.objectionsMade()));
        uint256 which = draw(6);
        PartySignature memory party;
        if (which == 0) {
            LineProof memory proof = anyBooked().proof;
            Line memory line = proof.line;
            bytes memory head = heads.headOfObjection(
                line.tableId,
                line.tableVersion,
                heads.lineIdOf(line.key),
                1,
                LOOT
            );
            party = byThief(suite.tables, head, platform, BUSINESS);
            attempt("object", at_, abi.encodeCall(IObjections.object, (proof, 1, LOOT, party)));
        } else if (which == 1) {
            bytes memory head = heads.headOfAnswer(id, false, LOOT);
            party = inTheNameOf(suite.tables, head, _proposerOf(id), BUSINESS);
            PartySignature memory second = byThief(suite.tables, head, platform, BUSINESS);
            bytes memory call_ = abi.encodeCall(IObjections.answerObjection, (id, false, LOOT, party, second));
            mustFail("answerObjection", at_, call_);
        } else if (which == 2) {
            party = byThief(suite.tables, heads.headOfReviewRequest(id, LOOT), platform, BUSINESS);
            mustFail("requestReview", at_, abi.encodeCall(IObjections.requestReview, (id, LOOT, party)));
        } else if (which == 3) {
            party = byThief(suite.tables, heads.headOfReviewDecision(id, false, LOOT), platform, BUSINESS);
            mustFail("decideReview", at_, abi.encodeCall(IObjections.decideReview, (id, false, LOOT, party)));
        } else if (which == 4) {
            party = byThief(suite.tables, heads.headOfWithdrawal(id, LOOT), platform, BUSINESS);
            mustFail("withdrawObjection", at_, abi.encodeCall(IObjections.withdrawObjection, (id, LOOT, party)));
        } else {
            _BUSINESS.advanceAny(draw(100));
            ++tried["advanceObjection"];
        }
    }

    function attackMoney(uint256 random) external {
        _shuffle(random);
        uint256 which = draw(8);
        if (which == 0) {
            _instruct();
        } else if (which < 3) {
            _report();
        } else if (which == 3) {
            _signAccount();
        } else if (which == 4) {
            LineId lineId = heads.lineIdOf(anyBooked().proof.line.key);
            bytes memory head = heads.headOfCollection(lineId, LOOT);
            PartySignature memory party = byThief(suite.payouts, head, "operator", FINANCE);
            bytes memory call_ = abi.encodeCall(IPayouts.recordCollection, (lineId, LOOT, party));
            mustFail("recordCollection", address(suite.payouts), call_);
        } else if (which == 5) {
            _fixRewards();
        } else if (which == 6) {
            _creditFalsely();
        } else if (draw(2) == 0) {
            _BUSINESS.setOffAny(draw(4), draw(100));
            ++tried["setOff"];
        } else {
            _BUSINESS.holdAny(draw(100), draw(4));
            ++tried["updateHold"];
        }
    }

    function junkCount() external view returns (uint256) {
        return _junk.length;
    }

    /// @notice Whether something that the thief booked in this place became final there.
    function isJunkFinal(uint256 which) external view returns (bool) {
        Line memory line = _junk[which].line;
        IDistributionTables.Finality memory finality = suite.tables.finalityOf(heads.lineIdOf(line.key));
        return
            TableId.unwrap(finality.tableId) == TableId.unwrap(line.tableId) &&
            !(finality.tableVersion != line.tableVersion);
    }

    /// @dev Another gross, another place, another weighting, another payee: whatever a thief would like.
    function _falsify(Line memory line, IRevenueSettlement.BookingEvidence memory evidence) private {
        line.tableId = TableId.wrap(uint32(1 + draw(suite.book.tableCount())));
        line.tableVersion = TableVersion.wrap(
            uint16(TableVersion.unwrap(suite.tables.signedVersion(line.tableId)) + draw(3))
        );
        line.key.period = suite.book.tableOf(line.tableId).period;
        uint256 which = draw(6);
        if (which == 0) {
            evidence.component.terms.recipients[0].recipient = idOf(invented(0));
        } else if (which == 1) {
            evidence.weights.publicWeight = 0;
            evidence.weights.enterpriseWeight = 1_000_000;
        } else if (which == 2) {
            evidence.terms.ceilingUnitPrice = type(uint64).max;
            line.gross = 2 ** 40;
        } else if (which == 3) {
            (line.basis, line.basisHash) = (BasisKind.RULING, LOOT);
            evidence.ranges = new StatementRange[](0);
        } else {
            // nothing false in it but that nobody else agreed to book it
            line.key.ordinal = line.key.component == Component.BASE_FEE ? 0 : uint16(20_000 + draw(10_000));
            line.gross = line.key.component == Component.BASE_FEE ? line.gross : uint64(draw(line.gross + 1));
            line.weightsRevision = suite.rules.revisionOf(line.key.agreementId, line.key.component, line.key.period);
            evidence.weights = _BUSINESS.weightsOf(line.weightsRevision);
        }
    }

    /// @dev Its own junk, or an honest line with another payee or other statements.
    function _finalizeFalsely() private {
        address at_ = address(suite.tables);
        if (_junk.length != 0 && draw(2) == 0) {
            LineProof memory junk = _junk[draw(_junk.length)];
            StatementRange[] memory ranges = anyBooked().ranges;
            mustFail("finalizeLine", at_, abi.encodeCall(IDistributionTables.finalizeLine, (junk, ranges)));
            return;
        }
        if (draw(2) == 0) {
            // whoever asks, what is ripe becomes final
            _BUSINESS.finalizeAny(draw(1000));
            return;
        }
        SuitePayments.Booked memory booked = anyBooked();
        if (draw(2) == 0) {
            booked.proof.recipients[draw(4)] = idOf(invented(0));
        } else {
            booked.proof.line.gross += 1 + uint64(draw(100));
        }
        mustFail("finalizeLine", at_, abi.encodeCall(IDistributionTables.finalizeLine, (booked.proof, booked.ranges)));
    }

    function _creditFalsely() private {
        if (draw(2) == 0) {
            _BUSINESS.creditAny(draw(1000));
            return;
        }
        LineProof[] memory proofs = new LineProof[](1 + draw(2));
        proofs[0] = anyBooked().proof;
        if (proofs.length == 2) {
            // the same one twice
            proofs[1] = proofs[0];
        } else {
            proofs[0].recipients[draw(4)] = idOf(invented(0));
        }
        mustFail("credit", address(suite.payouts), abi.encodeCall(IPayouts.credit, (proofs)));
    }

    /// @dev Any payee, any amount, any account. What works is held against the honest books.
    function _instruct() private {
        IPayouts.Instruction memory instruction;
        instruction.payoutId = PayoutId.wrap(fresh());
        instruction.tableId = TableId.wrap(uint32(1 + draw(suite.book.tableCount())));
        instruction.payee = idOf(draw(4) == 0 ? anybody() : _BUSINESS.payees(draw(4)));
        (instruction.currency, instruction.amount) = (_CNY, uint64(1 + draw(500)));
        (instruction.bank, instruction.instructionDigest) = (idOf("bank"), LOOT);
        if (draw(8) == 0) {
            instruction.bank = idOf(invented(0));
        }
        if (_BUSINESS.paidCount() != 0 && draw(4) == 0) {
            instruction.reissues = _BUSINESS.paidAt(draw(_BUSINESS.paidCount())).instruction.payoutId;
            instruction.amount = suite.payouts.payoutOf(instruction.reissues).amount;
        }
        string memory payee = draw(4) == 0 ? _BUSINESS.payees(draw(4)) : _BUSINESS.nameOf(instruction.payee);
        (PayeeAccountId account, ) = suite.payouts.accountAt(idOf(payee), block.timestamp - draw(2) * 5 days);
        instruction.accountId = draw(8) == 0 ? PayeeAccountId.wrap(LOOT) : account;
        PartySignature memory party = byThief(suite.payouts, heads.headOfInstruction(instruction), platform, BUSINESS);
        if (attempt("instruct", address(suite.payouts), abi.encodeCall(IPayouts.instruct, (instruction, party)))) {
            _BUSINESS.noteStolenPayout(instruction);
        }
    }

    /// @dev A payout that it says was paid, or not: nobody's is the thief's to report, neither the
    /// platform's nor the operator's, whose keys it has.
    function _report() private {
        if (_BUSINESS.paidCount() == 0) {
            return;
        }
        IPayouts.Instruction memory instruction =
            draw(4) == 0 ? _BUSINESS.paidAt(draw(_BUSINESS.paidCount())).instruction : _waitingForItself();
        IPayouts.PayoutStatus to = draw(4) == 0 ? IPayouts.PayoutStatus(2 + draw(3)) : IPayouts.PayoutStatus.CONFIRMED;
        bytes memory head = heads.headOfReport(instruction.payoutId, to, LOOT);
        string memory name = draw(4) == 0 ? "bank" : _BUSINESS.nameOf(instruction.payee);
        PartySignature memory party = inTheNameOf(suite.payouts, head, name, FINANCE);
        bytes memory call_ = abi.encodeCall(IPayouts.report, (instruction.payoutId, to, LOOT, party));
        if (isOwn(name) && to == IPayouts.PayoutStatus.CONFIRMED) {
            IPayouts.PayoutStatus from = suite.payouts.payoutOf(instruction.payoutId).status;
            tried[string.concat("confirmOwn ", name)] += from == IPayouts.PayoutStatus.INSTRUCTED ? 1 : 0;
        }
        mustFail("report", address(suite.payouts), call_);
    }

    /// @dev From some payout on the first of sixteen that waits for a body whose keys the thief has; else the last.
    function _waitingForItself() private returns (IPayouts.Instruction memory instruction) {
        uint256 start = draw(_BUSINESS.paidCount());
        for (uint256 i = 0; i < 16; ++i) {
            instruction = _BUSINESS.paidAt((start + i) % _BUSINESS.paidCount()).instruction;
            bool isWaiting = suite.payouts.payoutOf(instruction.payoutId).status == IPayouts.PayoutStatus.INSTRUCTED;
            if (isWaiting && _BUSINESS.isStolen(instruction.payee)) {
                break;
            }
        }
    }

    function _signAccount() private {
        string memory name = draw(2) == 0 ? anybody() : _BUSINESS.payees(draw(4));
        BodyId payee = idOf(name);
        uint32 version = suite.payouts.accountVersions(payee);
        address at_ = address(suite.payouts);
        bool success;
        if (draw(3) == 0) {
            bytes memory cancelling = heads.headOfCancellation(payee, version);
            PartySignature memory party = inTheNameOf(suite.payouts, cancelling, name, FINANCE);
            bytes memory call_ = abi.encodeCall(IPayeeAccounts.cancelAccount, (payee, version, FINANCE, party));
            success = attempt("cancelAccount", at_, call_);
        } else {
            bytes memory head = heads.headOfAccount(payee, version + 1, LOOT);
            PartySignature memory finance = inTheNameOf(suite.payouts, head, name, FINANCE);
            PartySignature memory business = inTheNameOf(suite.payouts, head, name, BUSINESS);
            PartySignature[] memory parties = version == 0 ? one(finance) : two(finance, business);
            bytes memory call_ = abi.encodeCall(IPayeeAccounts.signAccount, (payee, version + 1, LOOT, parties));
            success = attempt("signAccount", at_, call_);
        }
        vm.assertTrue(!success || isOwn(name), "another's account");
    }

    function _fixRewards() private {
        string memory name = _BUSINESS.payees(draw(4));
        IPayouts.Rewards memory rewards = IPayouts.Rewards(TableId.wrap(1), idOf(name), _CNY, LOOT, 1, 1);
        bytes memory head = heads.headOfRewards(rewards);
        PartySignature memory payee = inTheNameOf(suite.payouts, head, name, FINANCE);
        PartySignature memory auditor = byThief(suite.payouts, head, "operator", BUSINESS);
        bytes memory call_ = abi.encodeCall(IPayouts.fixRewards, (rewards, payee, auditor));
        mustFail("fixRewards", address(suite.payouts), call_);
    }

    function _proposerOf(ObjectionId id) private view returns (string memory) {
        return _BUSINESS.proposerOf(suite.tables.objectionOf(id).tableId);
    }
}
