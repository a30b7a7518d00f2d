// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {AgreementTypedData} from "../../contracts/libraries/AgreementTypedData.sol";
import {AgreementId, BodyId, Currency, DisputeId, LineId} from "../../contracts/types/Ids.sol";
import {StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {Component} from "../../contracts/types/Terms.sol";
import {CasesFixture} from "./helpers/Cases.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Cases, freezes and rulings
contract DisputesTest is CasesFixture {
    bytes32 private constant _RULING = keccak256("ruling");

    function test_constructor_readsContractsOnly() public {
        address nobody = address(0xdead);
        vm.assertEq(disputes.participants(), address(stub));
        vm.assertEq(disputes.agreements(), address(trade));
        vm.assertEq(disputes.receipts(), address(receipts));
        vm.assertEq(disputes.maxFreezeSeconds(), MAX_FREEZE);
        bytes memory expected = abi.encodeWithSelector(IDisputes.DisputesNoCode.selector, nobody);
        vm.expectRevert(expected);
        deployed("Disputes", abi.encode(IParticipantRegistry(nobody), agreementRegistry(), receipts, 1));
        vm.expectRevert(expected);
        deployed("Disputes", abi.encode(registry(), IDigitalContractRegistry(nobody), receipts, 1));
        vm.expectRevert(expected);
        deployed("Disputes", abi.encode(registry(), agreementRegistry(), IDeliveryReceipts(nobody), 1));
    }

    function test_open_tellsAndKeepsWhatWasSigned() public {
        IDisputes.DisputeCase memory disputeCase = lineCase();
        disputeCase.nonce = 0;
        PartySignature memory party = business("platform", caseHead(disputeCase));
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeOpened(disputeIdOf("platform", 0), AGREEMENT, idOf("platform"), disputeCase);
        DisputeId disputeId = disputes.open(disputeCase, proof, party);
        vm.assertEq(DisputeId.unwrap(disputeId), DisputeId.unwrap(disputeIdOf("platform", 0)));
        IDisputes.DisputeRecord memory record = disputes.disputeOf(disputeId);
        vm.assertTrue(record.status == IDisputes.DisputeStatus.OPEN);
        vm.assertTrue(record.subject == IDisputes.Subject.LINE);
        vm.assertEq(AgreementId.unwrap(record.agreementId), AgreementId.unwrap(AGREEMENT));
        vm.assertEq(BodyId.unwrap(record.opener), BodyId.unwrap(idOf("platform")));
        vm.assertEq(LineId.unwrap(record.lineId), LineId.unwrap(lineId()));
        vm.assertEq(BodyId.unwrap(record.frozenPayee), BodyId.unwrap(idOf("holder")));
        vm.assertEq(record.frozenAmount, AMOUNT);
        vm.assertEq(record.reviewAt, disputeCase.reviewAt);
        vm.assertEq(disputes.caseCount(AGREEMENT, idOf("platform")), 1);
        DisputeId next = disputeIdOf("platform", 1);
        vm.assertTrue(disputes.disputeOf(next).status == IDisputes.DisputeStatus.UNKNOWN);
        vm.assertTrue(disputes.awardOf(next).status == IDisputes.DisputeStatus.UNKNOWN);
    }

    function test_open_ofEachSubject_keepsItsPlace() public {
        DisputeId first = openCase("provider", agreementCase());
        DisputeId second = openCase("provider", statementCase());
        vm.assertTrue(disputes.disputeOf(first).subject == IDisputes.Subject.AGREEMENT);
        IDisputes.DisputeRecord memory record = disputes.disputeOf(second);
        vm.assertTrue(record.subject == IDisputes.Subject.STATEMENT);
        vm.assertEq(StreamId.unwrap(record.streamId), StreamId.unwrap(streamId));
        IDisputes.DisputeCase memory disputeCase = agreementCase();
        disputeCase.nonce = 1;
        requireRefused(
            openCall("provider", disputeCase),
            abi.encodeWithSelector(IDisputes.DisputesWrongNonce.selector, 2, 1)
        );
        disputeCase.nonce = 2;
        disputeCase.groundsDigest = 0;
        requireRefused(
            openCall("provider", disputeCase),
            abi.encodeWithSelector(IDisputes.DisputesZeroDigest.selector)
        );
        disputeCase.agreementId = AgreementId.wrap(keccak256("unknown"));
        disputeCase.nonce = 0;
        disputeCase.groundsDigest = keccak256("grounds");
        requireRefused(
            openCall("provider", disputeCase),
            abi.encodeWithSelector(
                IDigitalContractRegistry.DigitalContractRegistryUnknownAgreement.selector,
                disputeCase.agreementId
            )
        );
    }

    /// @notice Each opener counts for itself: what others open meanwhile spoils no signature.
    function test_open_byOne_movesNobodyElsesNonce() public {
        IDisputes.DisputeCase memory mine = agreementCase();
        mine.nonce = 0;
        PartySignature memory party = business("consumer", caseHead(mine));
        for (uint256 i = 0; i < 3; ++i) {
            openCase("platform", agreementCase());
        }
        vm.assertEq(disputes.caseCount(AGREEMENT, idOf("platform")), 3);
        DisputeId disputeId = disputes.open(mine, proof, party);
        vm.assertEq(DisputeId.unwrap(disputeId), DisputeId.unwrap(disputeIdOf("consumer", 0)));
        vm.assertEq(BodyId.unwrap(disputes.disputeOf(disputeId).opener), BodyId.unwrap(idOf("consumer")));
        BodyId other = disputes.disputeOf(disputeIdOf("platform", 0)).opener;
        vm.assertEq(BodyId.unwrap(other), BodyId.unwrap(idOf("platform")));
    }

    function test_open_byARecipientAboutTheAgreement_needsNoLine() public {
        DisputeId disputeId = openCase("platform", agreementCase());
        vm.assertEq(BodyId.unwrap(disputes.disputeOf(disputeId).opener), BodyId.unwrap(idOf("platform")));
    }

    function test_open_ofAStatementElsewhere_isRefused() public {
        IDisputes.DisputeCase memory disputeCase = statementCase();
        disputeCase.index = 1;
        _refusesSubject(disputeCase);
        AgreementId other = AgreementId.wrap(keccak256("other"));
        agree(other, true, 0);
        disputeCase = statementCase();
        disputeCase.streamId = openStream(other, CONNECTOR);
        stateNext(disputeCase.streamId);
        _refusesSubject(disputeCase);
        disputeCase.streamId = StreamId.wrap(keccak256("unknown"));
        requireRefused(
            openCall("provider", disputeCase),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsUnknownStream.selector, disputeCase.streamId)
        );
        disputeCase = agreementCase();
        disputeCase.streamId = streamId;
        _refusesSubject(disputeCase);
        disputeCase = agreementCase();
        disputeCase.index = 1;
        _refusesSubject(disputeCase);
    }

    function test_open_ofALineElsewhere_isRefused() public {
        IDisputes.DisputeCase memory disputeCase = lineCase();
        disputeCase.lineId = LineId.wrap(keccak256("another"));
        _refusesSubject(disputeCase);
        disputeCase.lineId = LineId.wrap(0);
        _refusesSubject(disputeCase);
        disputeCase = agreementCase();
        disputeCase.lineId = lineId();
        _refusesSubject(disputeCase);
        disputeCase = lineCase();
        proof.line.agreementId = AgreementId.wrap(keccak256("other"));
        disputeCase.lineId = lineId();
        _refusesSubject(disputeCase);
    }

    function test_open_withAFreezeOfNobodyOrNothing_isRefused() public {
        IDisputes.DisputeCase memory disputeCase = lineCase();
        disputeCase.frozenPayee = idOf("stranger");
        _refusesSubject(disputeCase);
        disputeCase = lineCase();
        disputeCase.frozenAmount = 0;
        _refusesSubject(disputeCase);
        disputeCase.frozenPayee = BodyId.wrap(0);
        _refusesReview(disputeCase, 0);
        disputeCase = lineCase();
        proof.payee = 2;
        _refusesSubject(disputeCase);
        proof.payee = 0;
        proof.line.component = Component.BASE_FEE;
        disputeCase.lineId = lineId();
        _refusesSubject(disputeCase);
        proof.line.component = Component.USAGE_SHARE;
        proof.line.currency = Currency.wrap("EUR");
        disputeCase.lineId = lineId();
        _refusesSubject(disputeCase);
    }

    function test_open_withTermsThatNobodySigned_isRefused() public {
        IDisputes.DisputeCase memory disputeCase = lineCase();
        bytes32 expected = keccak256(abi.encode(proof.bookingTerms));
        proof.bookingTerms.silenceAccepts = true;
        requireRefused(
            openCall("consumer", disputeCase),
            abi.encodeWithSelector(
                AgreementTypedData.AgreementTermsMismatch.selector,
                expected,
                keccak256(abi.encode(proof.bookingTerms))
            )
        );
        proof.bookingTerms.silenceAccepts = false;
        proof.component.terms.recipients[0].share = 1;
        requireRefused(
            openCall("consumer", disputeCase),
            abi.encodeWithSelector(
                AgreementTypedData.AgreementTermsMismatch.selector,
                proof.bookingTerms.componentsHash,
                harness.hashComponentTerms(proof.component.terms)
            )
        );
    }

    function test_open_withAReviewDateOutOfBounds_isRefused() public {
        IDisputes.DisputeCase memory disputeCase = lineCase();
        uint256 latest = block.timestamp + MAX_FREEZE;
        disputeCase.reviewAt = uint64(block.timestamp);
        _refusesReview(disputeCase, latest);
        disputeCase.reviewAt = uint64(latest + 1);
        _refusesReview(disputeCase, latest);
        disputeCase.reviewAt = uint64(latest);
        openCase("consumer", disputeCase);
    }

    function test_freeze_endsByItself_andIsGivenOncePerBody() public {
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
        openCase("consumer", lineCase());
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("platform")), 0);
        bytes memory frozen = abi.encodeWithSelector(
            IDisputes.DisputesFrozenAlready.selector,
            lineId(),
            idOf("holder")
        );
        requireRefused(openCall("consumer", lineCase()), frozen);
        vm.warp(block.timestamp + 1 days - 1);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        vm.warp(block.timestamp + 1);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
        requireRefused(openCall("consumer", lineCase()), frozen);
        openCase("provider", lineCase());
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
    }

    /// @notice Every case holds its own freeze: none is taken over, ended or kept away by another one.
    function test_freeze_ofSeveralCases_isTheGreatestThatHolds() public {
        DisputeId first = openCase("consumer", lineCase());
        vm.warp(block.timestamp + 1 days);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
        IDisputes.DisputeCase memory greater = lineCase();
        greater.frozenAmount = AMOUNT + 1;
        DisputeId second = openCase("provider", greater);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT + 1);
        uint64 reviewAt = uint64(block.timestamp + 2 days);
        PartySignature memory arbitrator = business("arbitrator", extensionHead(first, reviewAt, 0));
        vm.expectEmit(address(disputes));
        emit IDisputes.FreezeExtended(first, reviewAt);
        disputes.extendFreeze(first, reviewAt, 0, arbitrator);
        vm.assertEq(disputes.disputeOf(first).extensions, 1);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT + 1);
        disputes.withdraw(second, 0, business("provider", withdrawalHead(second, 0)));
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), AMOUNT);
        vm.warp(reviewAt);
        vm.assertEq(disputes.frozenAmount(lineId(), idOf("holder")), 0);
    }

    function test_extendFreeze_withoutFreezeOrOutOfBounds_isRefused() public {
        DisputeId none = openCase("consumer", agreementCase());
        requireRefused(
            _extendCall(none, uint64(block.timestamp + 1), 0),
            abi.encodeWithSelector(IDisputes.DisputesWrongSubject.selector, AGREEMENT)
        );
        DisputeId disputeId = openCase("consumer", lineCase());
        uint64 present = disputes.disputeOf(disputeId).reviewAt;
        uint256 latest = block.timestamp + MAX_FREEZE;
        bytes4 wrong = IDisputes.DisputesWrongReviewDate.selector;
        requireRefused(_extendCall(disputeId, present, 0), abi.encodeWithSelector(wrong, present, latest));
        requireRefused(
            _extendCall(disputeId, uint64(latest + 1), 0),
            abi.encodeWithSelector(wrong, latest + 1, latest)
        );
        vm.warp(block.timestamp + 2 days);
        requireRefused(
            _extendCall(disputeId, present + 1, 0),
            abi.encodeWithSelector(wrong, present + 1, block.timestamp + MAX_FREEZE)
        );
        requireRefused(
            _extendCall(disputeIdOf("consumer", 9), present + 1, 0),
            abi.encodeWithSelector(IDisputes.DisputesUnknownCase.selector, disputeIdOf("consumer", 9))
        );
    }

    function test_ruling_awardsNoUnitTwice() public {
        DisputeId first = openCase("provider", statementCase());
        DisputeId second = openCase("consumer", statementCase());
        uint64 contested = UNITS - ACCEPTED;
        requireRefused(_ruleCall(first, contested + 1, false, 0), _wrongAward(contested + 1, contested));
        PartySignature[] memory signers = ruledBy("arbitrator", rulingHead(first, _RULING, 100, false, 0, 0));
        vm.expectEmit(address(disputes));
        emit IDisputes.DisputeResolved(first, IDisputes.DisputeStatus.RULED, _RULING, 100, false, 0, 0);
        disputes.resolve(first, _RULING, 100, false, 0, 0, signers);
        vm.assertEq(disputes.awardedUnits(streamId, 0), 100);
        vm.assertEq(disputes.disputeOf(first).awardedUnits, 100);
        vm.assertEq(disputes.disputeOf(first).rulingDigest, _RULING);
        requireRefused(_ruleCall(second, contested - 99, false, 0), _wrongAward(contested - 99, contested - 100));
        bytes memory head = rulingHead(second, _RULING, contested - 100, false, 0, 0);
        disputes.resolve(second, _RULING, contested - 100, false, 0, 0, settledBy("provider", "consumer", head));
        vm.assertTrue(disputes.disputeOf(second).status == IDisputes.DisputeStatus.SETTLED);
        vm.assertEq(disputes.awardedUnits(streamId, 0), contested);
    }

    /// @notice What bookings read of a case is what its whole record says.
    function test_awardOf_isThePartOfTheRecordThatBookingsRead() public {
        DisputeId line = openCase("provider", lineCase());
        _requireAwardOf(line);
        disputes.resolve(line, _RULING, 0, true, 7, 5, ruledBy("arbitrator", rulingHead(line, _RULING, 0, true, 7, 5)));
        _requireAwardOf(line);
        vm.assertEq(disputes.awardOf(line).baseGross, 7);
        vm.assertEq(disputes.awardOf(line).correctedGross, 5);
        DisputeId statement = openCase("provider", statementCase());
        bytes memory head = rulingHead(statement, _RULING, 9, false, 0, 0);
        disputes.resolve(statement, _RULING, 9, false, 0, 0, settledBy("provider", "consumer", head));
        _requireAwardOf(statement);
        vm.assertEq(disputes.awardOf(statement).awardedUnits, 9);
    }

    function test_ruling_onAStatementThatWaits_awardsNothing() public {
        stateNext(streamId);
        IDisputes.DisputeCase memory disputeCase = statementCase();
        disputeCase.index = 1;
        DisputeId disputeId = openCase("provider", disputeCase);
        requireRefused(_ruleCall(disputeId, 1, false, 0), _wrongAward(1, 0));
    }

    function test_ruling_thatDoesNotFitTheSubject_isRefused() public {
        DisputeId statement = openCase("provider", statementCase());
        DisputeId agreement = openCase("provider", agreementCase());
        DisputeId line = openCase("provider", lineCase());
        requireRefused(_ruleCall(statement, 0, true, 5), _wrongAward(0, 0));
        requireRefused(_ruleCall(agreement, 1, false, 0), _wrongAward(1, 0));
        requireRefused(_ruleCall(agreement, 0, true, 0), _wrongAward(0, 0));
        requireRefused(_ruleCall(line, 1, true, 5), _wrongAward(1, 0));
        requireRefused(_ruleCall(line, 0, false, 5), _wrongAward(0, 0));
        // from a gross to the same corrects nothing, and without a correction no gross is named
        requireRefused(_ruleCall(line, 0, true, 7), _wrongAward(0, 0));
        bytes memory base = rulingHead(line, _RULING, 0, false, 5, 5);
        requireRefused(
            abi.encodeCall(IDisputes.resolve, (line, _RULING, 0, false, 5, 5, ruledBy("arbitrator", base))),
            _wrongAward(0, 0)
        );
        bytes memory head = rulingHead(line, 0, 0, true, 7, 5);
        requireRefused(
            abi.encodeCall(IDisputes.resolve, (line, 0, 0, true, 7, 5, ruledBy("arbitrator", head))),
            abi.encodeWithSelector(IDisputes.DisputesZeroDigest.selector)
        );
        disputes.resolve(line, _RULING, 0, true, 7, 5, ruledBy("arbitrator", rulingHead(line, _RULING, 0, true, 7, 5)));
        vm.assertTrue(disputes.disputeOf(line).correctsGross);
        vm.assertEq(disputes.disputeOf(line).baseGross, 7);
        vm.assertEq(disputes.disputeOf(line).correctedGross, 5);
    }

    function test_resolution_takesOneOrTwoSignatures() public {
        DisputeId disputeId = openCase("provider", agreementCase());
        bytes4 wrong = IDisputes.DisputesResolutionSignatures.selector;
        PartySignature[] memory none = new PartySignature[](0);
        requireRefused(
            abi.encodeCall(IDisputes.resolve, (disputeId, _RULING, 0, false, 0, 0, none)),
            abi.encodeWithSelector(wrong, 0)
        );
        requireRefused(
            abi.encodeCall(IDisputes.resolve, (disputeId, _RULING, 0, false, 0, 0, new PartySignature[](3))),
            abi.encodeWithSelector(wrong, 3)
        );
    }

    function test_resolveExtendWithdraw_ofACaseThatIsNotOpen_areRefused() public {
        DisputeId unknown = disputeIdOf("provider", 7);
        _refusesEveryAct(unknown, abi.encodeWithSelector(IDisputes.DisputesUnknownCase.selector, unknown));
        DisputeId ruled = openCase("provider", lineCase());
        (bool success, ) = address(disputes).call(_ruleCall(ruled, 0, false, 0));
        vm.assertTrue(success);
        bytes4 wrongStatus = IDisputes.DisputesWrongStatus.selector;
        _refusesEveryAct(ruled, abi.encodeWithSelector(wrongStatus, ruled, IDisputes.DisputeStatus.RULED));
        DisputeId withdrawn = openCase("consumer", agreementCase());
        disputes.withdraw(withdrawn, _RULING, business("consumer", withdrawalHead(withdrawn, _RULING)));
        _refusesEveryAct(withdrawn, abi.encodeWithSelector(wrongStatus, withdrawn, IDisputes.DisputeStatus.WITHDRAWN));
    }

    function test_fuzz_awards_neverExceedWhatIsContested(uint64[4] calldata wishes) public {
        uint256 awarded = 0;
        for (uint256 i = 0; i < wishes.length; ++i) {
            DisputeId disputeId = openCase("provider", statementCase());
            uint64 wish = wishes[i] % (UNITS - ACCEPTED + 50);
            uint256 free = UNITS - ACCEPTED - awarded;
            (bool success, bytes memory refusal) = address(disputes).call(_ruleCall(disputeId, wish, false, 0));
            vm.assertTrue(success == (wish <= free));
            vm.assertEq(refusal, success ? bytes("") : _wrongAward(uint64(wish), uint64(free)));
            awarded += success ? wish : 0;
            vm.assertEq(disputes.awardedUnits(streamId, 0), awarded);
        }
    }

    function _requireAwardOf(DisputeId disputeId) private view {
        IDisputes.DisputeRecord memory record = disputes.disputeOf(disputeId);
        IDisputes.Award memory award = IDisputes.Award(
            record.status,
            record.agreementId,
            record.lineId,
            record.awardedUnits,
            record.correctsGross,
            record.baseGross,
            record.correctedGross
        );
        vm.assertEq(abi.encode(disputes.awardOf(disputeId)), abi.encode(award));
    }

    function _refusesEveryAct(DisputeId disputeId, bytes memory expected) private {
        PartySignature memory opener = business("provider", withdrawalHead(disputeId, _RULING));
        requireRefused(_ruleCall(disputeId, 0, false, 0), expected);
        requireRefused(_extendCall(disputeId, uint64(block.timestamp + 9 days), 0), expected);
        requireRefused(abi.encodeCall(IDisputes.withdraw, (disputeId, _RULING, opener)), expected);
    }

    function _refusesSubject(IDisputes.DisputeCase memory disputeCase) private {
        requireRefused(
            openCall("provider", disputeCase),
            abi.encodeWithSelector(IDisputes.DisputesWrongSubject.selector, AGREEMENT)
        );
    }

    function _refusesReview(IDisputes.DisputeCase memory disputeCase, uint256 latest) private {
        requireRefused(
            openCall("consumer", disputeCase),
            abi.encodeWithSelector(IDisputes.DisputesWrongReviewDate.selector, disputeCase.reviewAt, latest)
        );
    }

    function _extendCall(DisputeId disputeId, uint64 reviewAt, uint256 nonce) private view returns (bytes memory) {
        PartySignature memory arbitrator = business("arbitrator", extensionHead(disputeId, reviewAt, nonce));
        return abi.encodeCall(IDisputes.extendFreeze, (disputeId, reviewAt, nonce, arbitrator));
    }

    function _ruleCall(
        DisputeId disputeId,
        uint64 awarded,
        bool correctsGross,
        uint64 gross
    ) private view returns (bytes memory) {
        uint64 base = correctsGross ? 7 : 0;
        bytes memory head = rulingHead(disputeId, _RULING, awarded, correctsGross, base, gross);
        return
            abi.encodeCall(
                IDisputes.resolve,
                (disputeId, _RULING, awarded, correctsGross, base, gross, ruledBy("arbitrator", head))
            );
    }

    function _wrongAward(uint64 awarded, uint64 free) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDisputes.DisputesWrongAward.selector, awarded, free);
    }
}
