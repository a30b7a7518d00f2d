// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IObjections} from "../../contracts/interfaces/IObjections.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {Currency, DisputeId, LineId, ObjectionId} from "../../contracts/types/Ids.sol";
import {PayoutId, PeriodId, TableId} from "../../contracts/types/Ids.sol";
import {Line, LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind, Component, ComponentTerms, Part, Recipient} from "../../contracts/types/Terms.sol";
import {BookFixture} from "./helpers/Book.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";
import {RulesFixture} from "./helpers/Rules.sol";
import {TradeFixture} from "./helpers/Trade.sol";

/// @title What an audit found in the book of lines, each as the attack that no longer works
contract BookAuditTest is BookFixture {
    /// @dev 2026-11-01 and 2026-12-01, 00:00 in Asia/Shanghai.
    uint64 private constant _NOVEMBER_BEGINS = 1_793_462_400;
    uint64 private constant _DECEMBER_BEGINS = 1_796_054_400;

    function test_schedule_afterTheAgreementsEnd_isRefused() public {
        _signFeeWeights();
        agreements.setValidity(AGREEMENT, 0, _NOVEMBER_BEGINS - 1);
        _requireOutside(0, _NOVEMBER_BEGINS - 1);
        // it held for the month's first second: that is enough, and not prorated
        agreements.setValidity(AGREEMENT, 0, _NOVEMBER_BEGINS);
        bookIt(_feeLine(), evidenceOf(0));
    }

    function test_schedule_beforeTheAgreementsBegin_isRefused() public {
        _signFeeWeights();
        agreements.setValidity(AGREEMENT, _DECEMBER_BEGINS, type(uint64).max);
        _requireOutside(_DECEMBER_BEGINS, type(uint64).max);
        agreements.setValidity(AGREEMENT, _DECEMBER_BEGINS - 1, type(uint64).max);
        bookIt(_feeLine(), evidenceOf(0));
    }

    /// @notice What was used is settled, whenever the agreement ended: statements have a time of their own.
    function test_statements_afterTheAgreementsEnd_areCharged() public {
        agreements.setValidity(AGREEMENT, 0, _NOVEMBER_BEGINS - 1);
        bookUsage(1000);
    }

    function test_ceilingInAnotherCurrency_boundsNothing() public {
        rule("case", resolvedCase(UNITS));
        Currency usd = Currency.wrap("USD");
        ceilingCurrency = usd;
        conclude();
        bytes4 other = IRevenueSettlement.RevenueSettlementCeilingCurrency.selector;
        bytes memory refusal = abi.encodeWithSelector(other, usd, CNY);
        requireBookingRefused(usageLine(1), usageEvidence(), refusal);
        requireBookingRefused(rulingLine("case", 1, 1), evidenceOf(USAGE), refusal);
        // without public data there is no ceiling, and the parties may pay in whatever currency they agreed
        isPublic = false;
        conclude();
        bookUsage(1000);
    }

    function test_settlementOfTheParties_liftsNoLineOfPublicData() public {
        (Line memory line, LineProof memory original) = _settledCorrection(1001, IDisputes.DisputeStatus.SETTLED);
        bytes4 wrong = IRevenueSettlement.RevenueSettlementWrongGross.selector;
        requireRefused(address(book), _correct(line, original), abi.encodeWithSelector(wrong, 1001, 1000));
        (line, original) = _settledCorrection(1001, IDisputes.DisputeStatus.RULED);
        _requireBooked(line, original);
        (line, original) = _settledCorrection(999, IDisputes.DisputeStatus.SETTLED);
        line.key.ordinal = 2;
        _requireBooked(line, original);
    }

    function test_settlementOfTheParties_liftsALineOfTheirOwnData() public {
        isPublic = false;
        conclude();
        (Line memory line, LineProof memory original) = _settledCorrection(1001, IDisputes.DisputeStatus.SETTLED);
        _requireBooked(line, original);
    }

    /// @notice An agreement may name a component twice; a line takes the one that the weights were signed for.
    function test_weightsOfOtherTermsOfTheSameComponent_areRefused() public {
        ISettlementRules.PeriodWeights memory weights = weightsOf(NOVEMBER, 2);
        ComponentTerms memory other = termsOf(Component.USAGE_SHARE);
        other.maxUnitPrice = 1;
        weights.componentHash = hashOfTerms(other);
        bytes memory head = headOfWeights(weights);
        rules.signWeights(weights, other, byRules(head, AUTHORISATION), byRules(head, AUDITOR));
        Line memory line = usageLine(1);
        line.weightsRevision = 2;
        bytes32 component = hashOfTerms(termsOf(Component.USAGE_SHARE));
        requireBookingRefused(
            line,
            usageEvidence(),
            abi.encodeWithSelector(
                IRevenueSettlement.RevenueSettlementWrongWeights.selector,
                rules.weightsIdOf(AGREEMENT, Component.USAGE_SHARE, NOVEMBER, 2),
                keccak256(abi.encode(ruleVersion, weights.componentHash, weights.weights, hashOfWords(weights.shares))),
                keccak256(abi.encode(ruleVersion, component, weights.weights, hashOfWords(weights.shares)))
            )
        );
    }

    /// @dev A correction by a case that ended so, of the usage line of 1000, which is booked the first time.
    function _settledCorrection(
        uint64 gross,
        IDisputes.DisputeStatus status
    ) private returns (Line memory line, LineProof memory original) {
        original = LineProof(usageLine(1000), recipientIds());
        if (book.tableCount() == 1) {
            bookUsage(1000);
            openTable(2, PeriodId.wrap(202612));
        }
        line = usageLine(gross);
        (line.key.period, line.key.ordinal) = (PeriodId.wrap(202612), 1);
        (line.tableId, line.basis) = (TableId.wrap(2), BasisKind.RULING);
        (line.corrects, line.baseGross) = (lineIdOf(original.line.key), 1000);
        IDisputes.DisputeRecord memory record = resolvedCase(0);
        (record.status, record.lineId) = (status, line.corrects);
        (record.correctsGross, record.baseGross, record.correctedGross) = (true, 1000, gross);
        rule("correction", record);
        line.basisHash = keccak256("correction");
    }

    function _requireBooked(Line memory line, LineProof memory original) private {
        (bool success, ) = address(book).call(_correct(line, original));
        vm.assertTrue(success);
    }

    function _signFeeWeights() private {
        ISettlementRules.PeriodWeights memory weights = weightsOf(NOVEMBER, 1);
        weights.component = Component.BASE_FEE;
        weights.componentHash = hashOfTerms(termsOf(Component.BASE_FEE));
        signWeights(weights);
    }

    function _requireOutside(uint64 validFrom, uint64 validUntil) private {
        bytes4 outside = IRevenueSettlement.RevenueSettlementOutsideValidity.selector;
        LineId lineId = lineIdOf(_feeLine().key);
        bytes memory refusal = abi.encodeWithSelector(outside, lineId, validFrom, validUntil);
        requireBookingRefused(_feeLine(), evidenceOf(0), refusal);
    }

    function _correct(Line memory line, LineProof memory original) private view returns (bytes memory) {
        IRevenueSettlement.BookingEvidence memory evidence = evidenceOf(USAGE);
        PartySignature memory proposer = byProposer(line, evidence);
        return abi.encodeCall(book.bookCorrection, (line, original, evidence, proposer, new PartySignature[](0)));
    }

    function _feeLine() private pure returns (Line memory line) {
        line = usageLine(BASE_FEE);
        line.key.component = Component.BASE_FEE;
        (line.basis, line.basisHash) = (BasisKind.SCHEDULE, 0);
    }
}

/// @title What an audit found in the weights of periods, each as the attack that no longer works
contract WeightsAuditTest is RulesFixture {
    function test_recipientThatNobodyAdmitted_getsNoWeights() public {
        ComponentTerms memory terms = termsOf(Component.USAGE_SHARE);
        Recipient[] memory recipients = new Recipient[](2);
        recipients[0] = terms.recipients[0];
        recipients[0].share = 999_999;
        recipients[1] = Recipient(idOf("somebody to come"), Part.ENTERPRISE, 1, 0, 1_000_000);
        terms.recipients = recipients;
        ISettlementRules.PeriodWeights memory weights = _weightsFor(terms);
        bytes4 unknown = ISettlementRules.SettlementRulesUnknownRecipient.selector;
        _requireNotSigned(weights, terms, abi.encodeWithSelector(unknown, idOf("somebody to come")));
        admit("somebody to come", BodyRoles.DEVELOPER);
        _sign(weights, terms);
    }

    /// @notice What a body had earned is still its own when it is suspended or has left: ids are never given again.
    function test_recipientThatLeftOrIsSuspended_keepsItsPart() public {
        ComponentTerms memory terms = termsOf(Component.USAGE_SHARE);
        ISettlementRules.PeriodWeights memory weights = _weightsFor(terms);
        suspend("recipient");
        _sign(weights, terms);
        stub.setBody(idOf("recipient"), IParticipantRegistry.BodyStatus.LEFT, BodyRoles.DATA_HOLDER);
        weights.revision = 2;
        _sign(weights, terms);
    }

    function test_termsThatTheWeightsDoNotName_areRefused() public {
        ComponentTerms memory terms = termsOf(Component.USAGE_SHARE);
        ISettlementRules.PeriodWeights memory weights = _weightsFor(terms);
        terms.recipients[0].maxShare = 1;
        bytes4 wrong = ISettlementRules.SettlementRulesWrongComponent.selector;
        _requireNotSigned(weights, terms, abi.encodeWithSelector(wrong, weights.componentHash, hashOfTerms(terms)));
        // the right hash, of another component than the weights say
        terms = termsOf(Component.BASE_FEE);
        weights.componentHash = hashOfTerms(terms);
        bytes memory refusal = abi.encodeWithSelector(wrong, weights.componentHash, weights.componentHash);
        _requireNotSigned(weights, terms, refusal);
    }

    function _weightsFor(ComponentTerms memory terms) private returns (ISettlementRules.PeriodWeights memory weights) {
        weights = usualWeights(approve(wideRule()));
        weights.componentHash = hashOfTerms(terms);
    }

    function _sign(ISettlementRules.PeriodWeights memory weights, ComponentTerms memory terms) private {
        (bool success, ) = address(rules).call(_signing(weights, terms));
        vm.assertTrue(success);
    }

    function _requireNotSigned(
        ISettlementRules.PeriodWeights memory weights,
        ComponentTerms memory terms,
        bytes memory refusal
    ) private {
        requireRefused(address(rules), _signing(weights, terms), refusal);
    }

    function _signing(
        ISettlementRules.PeriodWeights memory weights,
        ComponentTerms memory terms
    ) private view returns (bytes memory) {
        bytes memory head = headOfWeights(weights);
        return
            abi.encodeCall(rules.signWeights, (weights, terms, byRules(head, AUTHORISATION), byRules(head, AUDITOR)));
    }
}

/// @title What an audit found in disputes and was left of it, each as the attack that no longer works
contract FreezesAuditTest is CasesFixture {
    function setUp() public override {
        super.setUp();
        // four more recipients of the same component
        for (uint256 i = 0; i < 4; ++i) {
            admit(_friend(i), BodyRoles.DEVELOPER);
            proof.component.terms.recipients.push(Recipient(idOf(_friend(i)), Part.ENTERPRISE, 0, 0, 1_000_000));
        }
        proof.component.componentHashes[0] = harness.hashComponentTerms(proof.component.terms);
        proof.bookingTerms.componentsHash = keccak256(abi.encodePacked(proof.component.componentHashes));
        agree(AGREEMENT, true, keccak256(abi.encode(proof.bookingTerms)));
    }

    /// @notice Friends of a recipient may use up the recipients' places; the parties and the regulator have their own.
    function test_freezesByManyRecipients_keepNoPartyAway() public {
        for (uint256 i = 0; i < 4; ++i) {
            proof.opener = 2 + i;
            openCase(_friend(i), lineCase());
        }
        proof.opener = 1;
        bytes4 tooMany = IDisputes.DisputesTooManyFreezes.selector;
        bytes memory refusal = abi.encodeWithSelector(tooMany, lineId(), idOf("holder"));
        requireRefused(openCall("platform", lineCase()), refusal);
        vm.assertEq(disputes.MAX_RECIPIENT_FREEZES(), 4);
        // a case that freezes nothing is not counted, nor is a freeze of somebody else's amount
        openCase("platform", agreementCase());
        IDisputes.DisputeCase memory other = lineCase();
        (other.frozenPayee, proof.payee) = (idOf(_friend(0)), 2);
        openCase("platform", other);
        proof.payee = 0;
        uint64 more = AMOUNT;
        string[3] memory others = ["provider", "consumer", "regulator"];
        for (uint256 i = 0; i < 3; ++i) {
            other = lineCase();
            other.frozenAmount = ++more;
            openCase(others[i], other);
            vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), more);
        }
    }

    function test_freezeOfOnesOwnAmount_isRefused() public {
        proof.opener = 0;
        bytes memory refusal = abi.encodeWithSelector(IDisputes.DisputesOwnAmount.selector, idOf("holder"));
        requireRefused(openCall("holder", lineCase()), refusal);
    }

    /// @notice An arbitrator that is a recipient has no say in the case that it opened, or that freezes its amount.
    function test_arbitratorOfItsOwnCase_isRefused() public {
        stub.setBody(idOf("platform"), IParticipantRegistry.BodyStatus.ACTIVE, BodyRoles.ARBITRATOR);
        _refusesArbitrator(openCase("platform", lineCase()));
        IDisputes.DisputeCase memory against = lineCase();
        (against.frozenPayee, proof.payee) = (idOf("platform"), 1);
        DisputeId other = openCase("consumer", against);
        _refusesArbitrator(other);
        bytes memory head = rulingHead(other, "ruling", 0, false, 0, 0);
        disputes.resolve(other, "ruling", 0, false, 0, 0, ruledBy("arbitrator", head));
    }

    function _refusesArbitrator(DisputeId id) private {
        bytes4 selector = IDisputes.DisputesArbitratorNotIndependent.selector;
        bytes memory refusal = abi.encodeWithSelector(selector, idOf("platform"));
        PartySignature[] memory signers = ruledBy("platform", rulingHead(id, "ruling", 0, false, 0, 0));
        requireRefused(abi.encodeCall(IDisputes.resolve, (id, "ruling", 0, false, 0, 0, signers)), refusal);
        uint64 until = uint64(block.timestamp + 2 days);
        PartySignature memory party = business("platform", extensionHead(id, until, 0));
        requireRefused(abi.encodeCall(IDisputes.extendFreeze, (id, until, 0, party)), refusal);
    }

    function _friend(uint256 i) private pure returns (string memory) {
        return string.concat("friend ", vm.toString(i));
    }
}

/// @title What the fuzzed terminations reach only by luck
contract TerminationAuditTest is TradeFixture {
    function test_endAfterTheAgreedOne_isRefused() public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("a", listed("product", 400_000));
        conclude(agreement);
        bytes memory head = headOfTermination(agreement.agreementId, LAST_SECOND + 1, 0);
        bytes4 wrong = IDigitalContractRegistry.DigitalContractRegistryWrongValidity.selector;
        PartySignature[] memory regulator = one(signA(head, "regulator"));
        vm.expectRevert(abi.encodeWithSelector(wrong, agreement.validFrom, LAST_SECOND + 1));
        agreements.terminate(agreement.agreementId, LAST_SECOND + 1, REASON, 0, regulator);
    }
}

/// @title What an audit found in tables and payouts and was left of it, each as the attack that no longer works
contract TablesAuditTest is PayoutsFixture {
    /// @notice A version that is signed and never published holds no later one up, and stays without effect.
    function test_versionThatIsNeverPublished_blocksNothing() public {
        LineProof memory wrong = usageLine(TABLE_1, V1, 0, 1000);
        LineProof memory right = usageLine(TABLE_1, V1, 1, 500);
        LineId wrongId = bookLine(wrong, true);
        bookLine(right, true);
        signedTable(TABLE_1, V1);
        right.line.tableVersion = V2;
        bookLine(right, true);
        publishedTable(TABLE_1, V2);
        vm.warp(block.timestamp + FLOOR + 1);
        finalize(right);
        requireRefused(
            address(tables),
            abi.encodeCall(IDistributionTables.finalizeLine, (wrong, rangesOf(0))),
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWrongStatus.selector,
                TABLE_1,
                V1,
                IDistributionTables.VersionStatus.SIGNED
            )
        );
        vm.assertEq(tables.finalityOf(wrongId).currentGross, 0);
    }

    /// @notice A fee booked and published ahead of its period falls away when the agreement ends before.
    function test_scheduledCharge_ofAPeriodAfterTheEnd_isNotFinal() public {
        LineProof memory fee = usageLine(TABLE_1, V1, 0, 300);
        fee.line.key.component = Component.BASE_FEE;
        (fee.line.basis, fee.line.basisHash) = (BasisKind.SCHEDULE, 0);
        LineId feeId = bookLine(fee, true);
        publishAndWait(TABLE_1);
        uint64 novemberBegins = 1_793_462_400;
        agreements.end(novemberBegins - 1);
        bytes4 outside = IDistributionTables.DistributionTablesOutsideValidity.selector;
        requireRefused(
            address(tables),
            abi.encodeCall(IDistributionTables.finalizeLine, (fee, noRanges())),
            abi.encodeWithSelector(outside, feeId, 0, novemberBegins - 1)
        );
        agreements.end(novemberBegins);
        finalize(fee);
    }

    function test_finalCorrection_saysWhatTheGrossIsNow() public {
        LineProof memory original = creditedLine();
        LineProof memory down = correctionLine(TABLE_2, original, 1, 400, 1000);
        LineId downId = bookLine(down, true);
        publishAndWait(TABLE_2);
        vm.expectEmit(address(tables));
        emit IDistributionTables.LineCorrected(lineIdOf(original.line), downId, 400);
        finalize(down);
    }

    function test_payoutWithoutAnId_isRefused() public {
        signFirstAccount("provider", "account");
        creditedLine();
        IPayouts.Instruction memory one = instructionFor("provider", NONE, 100, NONE);
        PartySignature memory platform = signPayout(headOfInstruction(one), "trading", BUSINESS);
        bytes memory refusal = abi.encodeWithSelector(IPayouts.PayoutsZeroId.selector);
        refuse(abi.encodeCall(IPayouts.instruct, (one, platform)), refusal);
    }

    /// @notice What is held of another line when a line is taken back does not pay for it, until it is free.
    function test_whatAReleasedHoldLeaves_isSetOffBeforeItIsPaid() public {
        signFirstAccount("provider", "account");
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        LineProof memory other = usageLine(TABLE_1, V1, 1, 1000);
        bookLine(proof, true);
        LineId otherId = bookLine(other, true);
        publishAndWait(TABLE_1);
        finalize(proof);
        finalize(other);
        disputes.freeze(otherId, idOf("provider"), 750);
        credit(proof);
        credit(other);
        instruct(instructionFor("provider", payoutIdOf("gone"), 750, NONE));
        LineProof memory down = correctionLine(TABLE_2, proof, 2, 0, 1000);
        bookLine(down, true);
        publishAndWait(TABLE_2);
        finalize(down);
        credit(down);
        vm.assertEq(payouts.owedBy(idOf("provider"), CNY), 750);
        disputes.freeze(otherId, idOf("provider"), 0);
        payouts.updateHold(other, 0);
        requireClaim(TABLE_1, "provider", 1500, 0, 750, 0);
        PayoutId payoutId = payoutIdOf("a");
        IPayouts.Instruction memory one = instructionFor("provider", payoutId, 1, NONE);
        PartySignature memory platform = signPayout(headOfInstruction(one), "trading", BUSINESS);
        bytes4 exceeds = IPayouts.PayoutsExceedsClaim.selector;
        bytes memory refusal = abi.encodeWithSelector(exceeds, claimIdOf(TABLE_1, "provider"), 0, 1);
        refuse(abi.encodeCall(IPayouts.instruct, (one, platform)), refusal);
    }

    function test_reviewByWhoeverObjected_isRefused() public {
        LineProof memory proof = usageLine(TABLE_1, V1, 0, 1000);
        proof.recipients[1] = idOf("auditor");
        bookLine(proof, true);
        publishedTable(TABLE_1, V1);
        ObjectionId id = object(proof, 100, "auditor");
        answer(id, false);
        tables.requestReview(id, "grounds", signTable(headOfReviewRequest(id), "auditor"));
        bytes4 notIndependent = IObjections.ObjectionsReviewerNotIndependent.selector;
        PartySignature memory party = signTable(headOfDecision(id, true), "auditor");
        requireRefused(
            address(tables),
            abi.encodeCall(IObjections.decideReview, (id, true, "decision", party)),
            abi.encodeWithSelector(notIndependent, idOf("auditor"))
        );
        party = signTable(headOfDecision(id, true), "second auditor");
        tables.decideReview(id, true, "decision", party);
    }
}
