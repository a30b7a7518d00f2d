// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {DistributionTables} from "../../contracts/DistributionTables.sol";
import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {DisputeId, LineId, PeriodId, TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind, PartWeights, PayBasis} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {deployedTables} from "./helpers/Settlement.sol";

/// @title What an audit found, each as the attack that no longer works
contract PayoutsAuditTest is PayoutsFixture {
    function test_whatAPayeeOwes_isSetOffBeforeItIsPaid() public {
        signFirstAccount("provider", "account");
        LineProof memory proof = creditedLine(); // +750 in table 1
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 0, 1000); // -750 in table 2
        bookLine(down, true);
        publishAndWait(TABLE_2);
        finalize(down);
        credit(down);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 750);
        requireClaim(TABLE_1, "provider", 750, 0, 0, 0);
        IPayouts.Instruction memory one = instructionFor("provider", payoutIdOf("a"), 750, NONE);
        PartySignature memory platform = signPayout(headOfInstruction(one), "trading", BUSINESS);
        bytes memory refusal = abi.encodeWithSelector(
            IPayouts.PayoutsExceedsClaim.selector,
            payouts.claimIdOf(TABLE_1, idOf("provider"), CNY),
            0,
            750
        );
        requireRefused(address(payouts), abi.encodeCall(IPayouts.instruct, (one, platform)), refusal);
    }

    function test_whatAPayeeOwesLess_leavesTheRestToBePaid() public {
        signFirstAccount("provider", "account");
        LineProof memory proof = creditedLine();
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 800, 1000); // -150 of the provider's 750
        bookLine(down, true);
        publishAndWait(TABLE_2);
        finalize(down);
        credit(down);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 150);
        IPayouts.Instruction memory one = instructionFor("provider", payoutIdOf("a"), 600, NONE);
        PartySignature memory platform = signPayout(headOfInstruction(one), "trading", BUSINESS);
        vm.expectEmit(address(payouts));
        emit IPayouts.ClaimSetOff(
            payouts.claimIdOf(TABLE_1, idOf("provider"), CNY),
            idOf("provider"),
            150,
            IPayouts.Claim(600, 0, 0, 0),
            0
        );
        payouts.instruct(one, platform);
        requireClaim(TABLE_1, "provider", 600, 0, 600, 0);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 0);
    }

    function test_writeOffOfWhatWasNeverCollected_takesNobodysMoney() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        book.bookLine(proof, _amounts(750, 250), PayBasis.COLLECTED, true);
        publishAndWait(TABLE_1);
        finalize(proof); // never collected, never credited
        LineProof memory down = correctionLine(TABLE_2, proof, 1, 0, 1000);
        LineProof memory other = usageLine(TABLE_2, V1, 2, 2000);
        book.bookLine(down, _amounts(-750, -250), PayBasis.COLLECTED, true);
        book.bookLine(other, _amounts(1500, 500), PayBasis.ACCRUED, true);
        publishAndWait(TABLE_2);
        finalize(down);
        finalize(other);
        LineId lineId = lineIdOf(proof.line);
        bytes memory refusal = abi.encodeWithSelector(IPayouts.PayoutsNotCredited.selector, lineId);
        requireRefused(address(payouts), abi.encodeCall(IPayouts.credit, (only(down))), refusal);
        credit(other);
        requireClaim(TABLE_2, "holder", 500, 0, 0, 0);
        // collected after all: both are credited, and only together
        PartySignature memory bank = signPayout(headOfCollection(lineId), "bank", FINANCE);
        payouts.recordCollection(lineId, "statement", bank);
        refusal = abi.encodeWithSelector(IPayouts.PayoutsCorrected.selector, lineId, 0);
        requireRefused(address(payouts), abi.encodeCall(IPayouts.credit, (only(proof))), refusal);
        payouts.credit(both(proof, down));
        requireClaim(TABLE_1, "holder", 250, 0, 0, 0);
        requireClaim(TABLE_2, "holder", 250, 0, 0, 0);
    }

    function test_suspendedBank_makesNothingDueAgain() public {
        signFirstAccount("provider", "account");
        creditedLine();
        instruct(instructionFor("provider", payoutIdOf("a"), 750, NONE));
        report(payoutIdOf("a"), IPayouts.PayoutStatus.CONFIRMED, "provider");
        suspend("bank");
        bytes memory head = headOfReport(payoutIdOf("a"), IPayouts.PayoutStatus.RETURNED);
        PartySignature memory bank = signPayout(head, "bank", FINANCE);
        requireRefused(
            address(payouts),
            abi.encodeCall(IPayouts.report, (payoutIdOf("a"), IPayouts.PayoutStatus.RETURNED, "statement", bank)),
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryWrongStatus.selector,
                idOf("bank"),
                IParticipantRegistry.BodyStatus.SUSPENDED
            )
        );
        requireClaim(TABLE_1, "provider", 750, 750, 0, 0);
    }

    function _amounts(int64 first, int64 second) private pure returns (int64[] memory amounts) {
        amounts = new int64[](2);
        (amounts[0], amounts[1]) = (first, second);
    }
}

/// @title What an audit found in disputes, each as the attack that no longer works
contract DisputesAuditTest is CasesFixture {
    function test_smallFreezeOfAFriend_keepsNobodyElseAway() public {
        IDisputes.DisputeCase memory shield = lineCase();
        shield.frozenAmount = 1;
        shield.reviewAt = uint64(block.timestamp) + MAX_FREEZE;
        openCase("platform", shield); // a recipient too, and the holder's friend
        vm.warp(block.timestamp + MAX_FREEZE - 1);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 1);
        openCase("consumer", lineCase());
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        vm.warp(block.timestamp + 1); // the shield is over, the consumer's goes on
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
    }

    function test_rulingThatCorrectsTheGross_keepsTheMoneyUntilTheReviewDate() public {
        DisputeId id = openCase("consumer", lineCase());
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        bytes32 digest = keccak256("ruling");
        disputes.resolve(id, digest, 0, true, 9, 0, ruledBy("arbitrator", rulingHead(id, digest, 0, true, 9, 0)));
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        vm.warp(disputes.disputeOf(id).reviewAt);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
    }
}

/// @title What an audit found in agreements, as the attack that no longer works
contract AgreementsAuditTest is TradeFixture {
    function test_agreedEnd_keepsNoEarlierOneAway() public {
        IProductRegistry.ProductVersion memory product = listed("product", 400_000);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", product);
        conclude(agreement);
        bytes memory head = headOfTermination(agreement.agreementId, LAST_SECOND, 0);
        PartySignature[] memory both = two(signA(head, "provider"), signA(head, "consumer"));
        agreements.terminate(agreement.agreementId, LAST_SECOND, REASON, 0, both);
        head = headOfTermination(agreement.agreementId, 0, 0);
        agreements.terminate(agreement.agreementId, 0, REASON, 0, one(signA(head, "regulator")));
        vm.assertEq(agreements.deliveryTerms(agreement.agreementId).validUntil, block.timestamp);
        // neither the agreed end nor the regulator's own can be relayed again to move it
        bytes memory refusal = abi.encodeWithSelector(
            IDigitalContractRegistry.DigitalContractRegistryWrongStatus.selector,
            agreement.agreementId,
            IDigitalContractRegistry.AgreementStatus.TERMINATED
        );
        vm.expectRevert(refusal);
        agreements.terminate(agreement.agreementId, LAST_SECOND, REASON, 0, both);
        vm.expectRevert(refusal);
        agreements.terminate(agreement.agreementId, 0, REASON, 0, one(signA(head, "regulator")));
    }
}

/// @title What an audit found in corrections, as the attack that no longer works
contract CorrectionAuditTest is BookFixture {
    DistributionTables private _tables;

    function test_correctionByWeightsThatNeverCounted_isNotFinal() public {
        _tables = deployedTables(
            registry(),
            IDigitalContractRegistry(address(agreements)),
            IRevenueSettlement(address(book)),
            1 days,
            1 days,
            1 days
        );
        // final: 600 to the public part, 400 to the enterprise part (revision 1)
        LineId lineId = bookUsage(1_000_000);
        _publish(TABLE, NOVEMBER);
        vm.warp(block.timestamp + 1 days + 1);
        _tables.finalizeLine(LineProof(usageLine(1_000_000), recipientIds()), rangesOf(0, 2));
        // revision 2 of the weights, used by a booking in version 9 that nobody ever proposed
        ISettlementRules.PeriodWeights memory weights = weightsOf(NOVEMBER, 2);
        weights.weights = PartWeights(0, 1_000_000, 0);
        signWeights(weights);
        Line memory ghost = usageLine(1_000_000);
        (ghost.tableVersion, ghost.weightsRevision) = (TableVersion.wrap(9), 2);
        IRevenueSettlement.BookingEvidence memory evidence = usageEvidence();
        evidence.weights = weights.weights;
        bookIt(ghost, evidence);
        // the note is signed by the parties; it does not say by which weights
        PeriodId december = PeriodId.wrap(202612);
        openTable(2, december);
        Line memory line = usageLine(0);
        (line.key.period, line.key.ordinal, line.tableId) = (december, 1, TableId.wrap(2));
        (line.basis, line.basisHash) = (BasisKind.CREDIT_NOTE, keccak256("note"));
        (line.corrects, line.baseGross, line.weightsRevision) = (lineId, 1_000_000, 2);
        evidence.ranges = new StatementRange[](0);
        PartySignature[] memory parties = new PartySignature[](2);
        parties[0] = byBook(headOfCreditNote(line), PROVIDER);
        parties[1] = byBook(headOfCreditNote(line), CONSUMER);
        LineId correction = book.bookCorrection(
            line,
            LineProof(ghost, recipientIds()),
            evidence,
            byProposer(line, evidence),
            parties
        );
        _publish(TableId.wrap(2), december);
        vm.warp(block.timestamp + 1 days + 1);
        vm.assertEq(book.amountsOf(correction, TableId.wrap(2), FIRST).length, 4);
        vm.expectRevert(
            abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongWeights.selector, lineId, 1, 2)
        );
        _tables.finalizeLine(LineProof(line, recipientIds()), new StatementRange[](0));
        vm.assertEq(_tables.finalityOf(lineId).currentGross, 1_000_000);
    }

    function _publish(TableId tableId, PeriodId period) private {
        IRevenueSettlement.VersionBook memory lines = book.versionBook(tableId, FIRST);
        IDistributionTables.Proposal memory p = IDistributionTables.Proposal(
            tableId,
            FIRST,
            lines.lineCount,
            lines.linesDigest,
            1 days,
            keccak256("calendar")
        );
        string memory tail = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)";
        bytes memory head = abi.encode(
            keccak256(
                abi.encodePacked(
                    "DistributionTable(uint32 tableId,uint16 tableVersion,uint32 period,bytes3 currency,",
                    "uint16 lineCount,bytes28 linesDigest,uint32 windowSeconds,bytes32 calendarDigest,",
                    tail
                )
            ),
            tableId,
            FIRST,
            period,
            CNY,
            p.lineCount,
            p.linesDigest,
            p.windowSeconds,
            p.calendarDigest
        );
        _tables.propose(p, _byTables(head, TRADING));
        _tables.sign(p, _byTables(head, AUTHORISATION));
        head = abi.encode(
            keccak256(
                abi.encodePacked(
                    "Publication(uint32 tableId,uint16 tableVersion,bytes28 linesDigest,bytes32 publicationDigest,",
                    tail
                )
            ),
            tableId,
            FIRST,
            p.linesDigest,
            bytes32("publication")
        );
        _tables.recordPublication(p, "publication", _byTables(head, TRADING));
        _tables.recordPublication(p, "publication", _byTables(head, AUTHORISATION));
    }

    function _byTables(bytes memory head, string memory name) private view returns (PartySignature memory) {
        return sign("CityLedger DistributionTables", address(_tables), head, name, BUSINESS);
    }
}
