// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {AgreementId, BodyId, ConnectorId, StatementId, StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {UsageFixture} from "./helpers/Usage.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The life of streams and statements
contract DeliveryReceiptsTest is UsageFixture {
    ConnectorId private constant _OTHER_CONNECTOR = ConnectorId.wrap(keccak256("other connector"));
    AgreementId private constant _SILENT = AgreementId.wrap(keccak256("silence does not accept"));

    StreamId private _streamId;

    function setUp() public override {
        super.setUp();
        agree(_SILENT, false, 0);
        target = address(receipts);
        _streamId = openStream(AGREEMENT, CONNECTOR);
    }

    function test_constructor_readsContractsOnly() public {
        address nobody = address(0xdead);
        vm.assertEq(receipts.participants(), address(stub));
        vm.assertEq(receipts.agreements(), address(trade));
        vm.assertEq(receipts.products(), address(trade));
        bytes memory expected = abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsNoCode.selector, nobody);
        IProductRegistry products = IProductRegistry(address(trade));
        vm.expectRevert(expected);
        deployed("DeliveryReceipts", abi.encode(IParticipantRegistry(nobody), agreementRegistry(), products));
        vm.expectRevert(expected);
        deployed("DeliveryReceipts", abi.encode(registry(), IDigitalContractRegistry(nobody), products));
        vm.expectRevert(expected);
        deployed("DeliveryReceipts", abi.encode(registry(), agreementRegistry(), IProductRegistry(nobody)));
    }

    function test_openStream_tellsAndKeepsWhatWasSigned() public {
        bytes memory head = streamHead(AGREEMENT, _OTHER_CONNECTOR, 7);
        PartySignature memory provider = metered("provider", head);
        PartySignature memory consumer = consumed(head);
        StreamId expected = StreamId.wrap(
            keccak256(abi.encode(keccak256("cityledger/v1/stream"), AGREEMENT, _OTHER_CONNECTOR))
        );
        vm.expectEmit(address(receipts));
        emit IDeliveryReceipts.StreamOpened(expected, AGREEMENT, _OTHER_CONNECTOR, 7);
        StreamId streamId = receipts.openStream(AGREEMENT, _OTHER_CONNECTOR, 7, provider, consumer);
        vm.assertEq(StreamId.unwrap(streamId), StreamId.unwrap(expected));
        IDeliveryReceipts.Stream memory stream = receipts.streamOf(streamId);
        vm.assertEq(AgreementId.unwrap(stream.agreementId), AgreementId.unwrap(AGREEMENT));
        vm.assertEq(stream.nextSequence, 7);
        vm.assertEq(stream.statements, 0);
        vm.assertTrue(stream.isOpen);
        (BodyId providerId, BodyId consumerId) = receipts.partiesOf(streamId);
        vm.assertEq(BodyId.unwrap(providerId), BodyId.unwrap(idOf("provider")));
        vm.assertEq(BodyId.unwrap(consumerId), BodyId.unwrap(idOf("consumer")));
    }

    function test_openStream_outsideTheTermUnknownOrFrozen_isRefused() public {
        bytes memory call_ = _openCall(AGREEMENT);
        bytes memory outside = abi.encodeWithSelector(
            IDeliveryReceipts.DeliveryReceiptsAgreementNotInForce.selector,
            AGREEMENT,
            VALID_FROM,
            VALID_UNTIL
        );
        vm.warp(VALID_FROM - 1);
        requireRefused(call_, outside);
        vm.warp(VALID_UNTIL + 1);
        requireRefused(call_, outside);
        vm.warp(VALID_UNTIL);
        trade.setFrozen(PRODUCT, true);
        requireRefused(call_, abi.encodeWithSelector(IProductRegistry.ProductRegistryFrozen.selector, PRODUCT));
        AgreementId unknown = AgreementId.wrap(keccak256("unknown"));
        requireRefused(
            _openCall(unknown),
            abi.encodeWithSelector(IDigitalContractRegistry.DigitalContractRegistryUnknownAgreement.selector, unknown)
        );
    }

    function test_state_tellsAndKeepsTheClaim() public {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(_streamId);
        PartySignature memory provider = metered("provider", claimHead(claim));
        uint48 answerUntil = uint48(block.timestamp + ANSWER_SECONDS);
        vm.expectEmit(address(receipts));
        emit IDeliveryReceipts.UsageClaimed(_statementId(0), _streamId, 0, claim, answerUntil);
        StatementId statementId = receipts.state(claim, provider);
        vm.assertEq(StatementId.unwrap(statementId), StatementId.unwrap(_statementId(0)));
        IDeliveryReceipts.Statement memory statement = receipts.statementOf(_streamId, 0);
        vm.assertEq(statement.claimHash, claimHashOf(claim));
        vm.assertEq(statement.units, UNITS);
        vm.assertEq(statement.acceptedUnits, 0);
        vm.assertEq(statement.answerUntil, answerUntil);
        _requireStatus(0, IDeliveryReceipts.StatementStatus.CLAIMED);
        vm.assertEq(receipts.streamOf(_streamId).nextSequence, claim.nextSequence);
        vm.assertEq(receipts.streamOf(_streamId).statements, 1);
    }

    function test_state_numbersAndRangesOutOfOrder_areRefused() public {
        stateNext(_streamId);
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(_streamId);
        claim.index = 0;
        _refuses(claim, abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsWrongIndex.selector, _streamId, 1, 0));
        claim.index = 2;
        _refuses(claim, abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsWrongIndex.selector, _streamId, 1, 2));
        claim.index = 1;
        uint64 next = claim.firstSequence;
        claim.firstSequence = next - 1;
        _refuses(
            claim,
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsOverlap.selector, _streamId, next, next - 1)
        );
        claim.firstSequence = next + 1;
        _refuses(
            claim,
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsGap.selector, _streamId, next, next + 1)
        );
        claim.firstSequence = next;
        claim.nextSequence = next;
        _refuses(claim, abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsEmptyRange.selector, next, next));
        claim.streamId = StreamId.wrap(keccak256("unknown"));
        _refuses(
            claim,
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsUnknownStream.selector, claim.streamId)
        );
    }

    function test_state_isPossibleWhileFrozenAndShortlyAfterTheTerm() public {
        trade.setFrozen(PRODUCT, true);
        stateNext(_streamId);
        vm.warp(uint256(VALID_UNTIL) + ANSWER_SECONDS);
        stateNext(_streamId);
        vm.warp(uint256(VALID_UNTIL) + ANSWER_SECONDS + 1);
        _refuses(
            nextClaim(_streamId),
            abi.encodeWithSelector(
                IDeliveryReceipts.DeliveryReceiptsAgreementNotInForce.selector,
                AGREEMENT,
                VALID_FROM,
                VALID_UNTIL
            )
        );
    }

    function test_stateAcknowledged_isBothActsInOne() public {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(_streamId);
        PartySignature memory provider = metered("provider", claimHead(claim));
        PartySignature memory consumer = consumed(acknowledgementHead(claimHashOf(claim), UNITS, 0));
        vm.expectEmit(address(receipts));
        emit IDeliveryReceipts.StatementAnswered(
            _statementId(0),
            IDeliveryReceipts.StatementStatus.ACKNOWLEDGED,
            UNITS,
            0
        );
        receipts.stateAcknowledged(claim, provider, consumer);
        _requireStatus(0, IDeliveryReceipts.StatementStatus.ACKNOWLEDGED);
        vm.assertEq(receipts.statementOf(_streamId, 0).acceptedUnits, UNITS);
    }

    function test_acknowledgement_ofAnotherClaim_isRefused() public {
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(_streamId);
        PartySignature memory consumer = consumed(acknowledgementHead(claimHashOf(claim), UNITS, 0));
        claim.batchRoot = keccak256("other batches");
        PartySignature memory provider = metered("provider", claimHead(claim));
        bytes memory head = acknowledgementHead(claimHashOf(claim), UNITS, 0);
        bytes32 digest = actDigest(RECEIPTS_DOMAIN, address(receipts), head, consumer);
        requireRefused(
            abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer)),
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                idOf("consumer"),
                consumer.key,
                digest
            )
        );
    }

    function test_answer_inTheLastSecond_isInTime() public {
        stateNext(_streamId);
        stateNext(_streamId);
        uint48 answerUntil = receipts.statementOf(_streamId, 0).answerUntil;
        vm.warp(answerUntil);
        answerWith(_streamId, 0, UNITS);
        _requireStatus(0, IDeliveryReceipts.StatementStatus.ACKNOWLEDGED);
        vm.warp(uint256(answerUntil) + 1);
        requireRefused(
            _answerCall(1, UNITS, 0),
            abi.encodeWithSelector(
                IDeliveryReceipts.DeliveryReceiptsAnswerTooLate.selector,
                _statementId(1),
                answerUntil
            )
        );
    }

    function test_answer_ofMoreOrWithWrongGrounds_isRefused() public {
        stateNext(_streamId);
        bytes4 wrong = IDeliveryReceipts.DeliveryReceiptsWrongAnswer.selector;
        bytes32 grounds = keccak256("grounds");
        requireRefused(_answerCall(0, UNITS + 1, grounds), abi.encodeWithSelector(wrong, UNITS, UNITS + 1));
        requireRefused(_answerCall(0, UNITS + 1, 0), abi.encodeWithSelector(wrong, UNITS, UNITS + 1));
        requireRefused(_answerCall(0, UNITS, grounds), abi.encodeWithSelector(wrong, UNITS, UNITS));
        requireRefused(_answerCall(0, UNITS - 1, 0), abi.encodeWithSelector(wrong, UNITS, UNITS - 1));
    }

    function test_answer_ofNoClaim_isRefused() public {
        requireRefused(
            _answerCall(0, UNITS, 0),
            abi.encodeWithSelector(
                IDeliveryReceipts.DeliveryReceiptsWrongStatus.selector,
                _statementId(0),
                IDeliveryReceipts.StatementStatus.UNKNOWN
            )
        );
    }

    function test_answer_ofAPart_leavesTheRestToARuling() public {
        stateNext(_streamId);
        bytes memory call_ = _answerCall(0, 200, keccak256("grounds"));
        vm.expectEmit(address(receipts));
        emit IDeliveryReceipts.StatementAnswered(
            _statementId(0),
            IDeliveryReceipts.StatementStatus.DISPUTED,
            200,
            keccak256("grounds")
        );
        (bool success, ) = target.call(call_);
        vm.assertTrue(success);
        (, uint64 contested) = receipts.contestedUnits(_streamId, 0);
        vm.assertEq(contested, UNITS - 200);
        (AgreementId agreementId, uint256 units) = receipts.chargeableUnits(_streamId, 0, 1);
        vm.assertEq(AgreementId.unwrap(agreementId), AgreementId.unwrap(AGREEMENT));
        vm.assertEq(units, 200);
    }

    function test_lapse_followsTheAgreement() public {
        StreamId silent = openStream(_SILENT, CONNECTOR);
        stateNext(_streamId);
        stateNext(silent);
        uint48 answerUntil = receipts.statementOf(_streamId, 0).answerUntil;
        vm.warp(answerUntil);
        requireRefused(abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 0)), _notLapsed(answerUntil));
        vm.warp(uint256(answerUntil) + 1);
        vm.expectEmit(address(receipts));
        emit IDeliveryReceipts.StatementAnswered(_statementId(0), IDeliveryReceipts.StatementStatus.LAPSED, UNITS, 0);
        receipts.lapse(_streamId, 0);
        receipts.lapse(silent, 0);
        vm.assertEq(receipts.statementOf(_streamId, 0).acceptedUnits, UNITS);
        vm.assertEq(receipts.statementOf(silent, 0).acceptedUnits, 0);
        vm.assertTrue(receipts.statementOf(silent, 0).status == IDeliveryReceipts.StatementStatus.UNANSWERED);
        (, uint64 contested) = receipts.contestedUnits(silent, 0);
        vm.assertEq(contested, UNITS);
        requireRefused(
            abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 0)),
            abi.encodeWithSelector(
                IDeliveryReceipts.DeliveryReceiptsWrongStatus.selector,
                _statementId(0),
                IDeliveryReceipts.StatementStatus.LAPSED
            )
        );
    }

    function test_lapse_whileSuspended_acceptsNothingAndComesLater() public {
        stateNext(_streamId);
        uint48 answerUntil = receipts.statementOf(_streamId, 0).answerUntil;
        suspend("consumer");
        bytes memory call_ = abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 0));
        vm.warp(uint256(answerUntil) + ANSWER_SECONDS);
        requireRefused(call_, _notLapsed(answerUntil + ANSWER_SECONDS));
        vm.warp(uint256(answerUntil) + ANSWER_SECONDS + 1);
        receipts.lapse(_streamId, 0);
        _requireStatus(0, IDeliveryReceipts.StatementStatus.UNANSWERED);
        vm.assertEq(receipts.statementOf(_streamId, 0).acceptedUnits, 0);
    }

    function test_lapse_ofAReinstatedConsumer_isAsAgreed() public {
        stateNext(_streamId);
        uint48 answerUntil = receipts.statementOf(_streamId, 0).answerUntil;
        suspend("consumer");
        vm.warp(uint256(answerUntil) + 1);
        bytes memory refusal = _notLapsed(answerUntil + ANSWER_SECONDS);
        requireRefused(abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 0)), refusal);
        stub.setBody(idOf("consumer"), IParticipantRegistry.BodyStatus.ACTIVE, 2);
        receipts.lapse(_streamId, 0);
        _requireStatus(0, IDeliveryReceipts.StatementStatus.LAPSED);
    }

    function test_gap_stopsItsStreamOnlyUntilBothSignItVoid() public {
        StreamId other = openStream(AGREEMENT, _OTHER_CONNECTOR);
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(_streamId);
        uint64 next = claim.firstSequence;
        claim.firstSequence = next + 3;
        _refuses(
            claim,
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsGap.selector, _streamId, next, next + 3)
        );
        stateNext(other);
        bytes memory call_ = _voidCall(_streamId, next, next + 3);
        vm.expectEmit(address(receipts));
        emit IDeliveryReceipts.GapVoided(_streamId, next, next + 3, keccak256("reason"));
        (bool success, ) = target.call(call_);
        vm.assertTrue(success);
        receipts.state(claim, metered("provider", claimHead(claim)));
    }

    function test_voidGap_elsewhereOrEmpty_isRefused() public {
        StreamId unknown = StreamId.wrap(keccak256("unknown"));
        uint64 next = FIRST_SEQUENCE;
        requireRefused(
            _voidCall(unknown, next, next + 1),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsUnknownStream.selector, unknown)
        );
        requireRefused(
            _voidCall(_streamId, next - 1, next + 1),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsOverlap.selector, _streamId, next, next - 1)
        );
        requireRefused(
            _voidCall(_streamId, next + 1, next + 2),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsGap.selector, _streamId, next, next + 1)
        );
        requireRefused(
            _voidCall(_streamId, next, next),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsEmptyRange.selector, next, next)
        );
    }

    function test_fuzz_chargeableUnits_areTheSumOfWhatWasAccepted(uint8 count, uint256 seed) public {
        uint64 statements = 1 + (count % 8);
        uint256 sum = 0;
        for (uint64 index = 0; index < statements; ++index) {
            stateNext(_streamId);
            uint64 accepted = uint64(uint256(keccak256(abi.encode(seed, index))) % (UNITS + 1));
            answerWith(_streamId, index, accepted);
            sum += accepted;
        }
        (, uint256 units) = receipts.chargeableUnits(_streamId, 0, statements);
        vm.assertEq(units, sum);
    }

    function test_chargeableUnits_ofWrongRangesOrWaitingStatements_revert() public {
        stateNext(_streamId);
        stateNext(_streamId);
        answerWith(_streamId, 0, UNITS);
        _refusesRange(0, 0);
        _refusesRange(1, 0);
        _refusesRange(0, 3);
        requireRefused(
            abi.encodeCall(IDeliveryReceipts.chargeableUnits, (_streamId, 0, 2)),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsNotAnswered.selector, _streamId, 1)
        );
        (, uint64 contested) = receipts.contestedUnits(_streamId, 1);
        vm.assertEq(contested, 0);
        StreamId unknown = StreamId.wrap(keccak256("unknown"));
        bytes memory expected = abi.encodeWithSelector(
            IDeliveryReceipts.DeliveryReceiptsUnknownStream.selector,
            unknown
        );
        requireRefused(abi.encodeCall(IDeliveryReceipts.chargeableUnits, (unknown, 0, 1)), expected);
        requireRefused(abi.encodeCall(IDeliveryReceipts.contestedUnits, (unknown, 0)), expected);
        requireRefused(abi.encodeCall(IDeliveryReceipts.partiesOf, (unknown)), expected);
    }

    function test_chargeableUnits_ofMoreThan64_revert() public {
        for (uint256 i = 0; i < 65; ++i) {
            stateNext(_streamId);
            answerWith(_streamId, uint64(i), UNITS);
        }
        _refusesRange(0, 65);
        (, uint256 units) = receipts.chargeableUnits(_streamId, 1, 65);
        vm.assertEq(units, 64 * uint256(UNITS));
    }

    function _refuses(IDeliveryReceipts.UsageClaim memory claim, bytes memory expected) private {
        PartySignature memory provider = metered("provider", claimHead(claim));
        requireRefused(abi.encodeCall(IDeliveryReceipts.state, (claim, provider)), expected);
    }

    function _refusesRange(uint64 firstIndex, uint64 nextIndex) private {
        requireRefused(
            abi.encodeCall(IDeliveryReceipts.chargeableUnits, (_streamId, firstIndex, nextIndex)),
            abi.encodeWithSelector(
                IDeliveryReceipts.DeliveryReceiptsWrongRange.selector,
                _streamId,
                firstIndex,
                nextIndex
            )
        );
    }

    function _openCall(AgreementId agreementId) private view returns (bytes memory) {
        bytes memory head = streamHead(agreementId, _OTHER_CONNECTOR, 0);
        return
            abi.encodeCall(
                IDeliveryReceipts.openStream,
                (agreementId, _OTHER_CONNECTOR, 0, metered("provider", head), consumed(head))
            );
    }

    function _answerCall(uint64 index, uint64 accepted, bytes32 grounds) private view returns (bytes memory) {
        bytes32 claimHash = receipts.statementOf(_streamId, index).claimHash;
        PartySignature memory party = consumed(acknowledgementHead(claimHash, accepted, grounds));
        return abi.encodeCall(IDeliveryReceipts.answer, (_streamId, index, accepted, grounds, party));
    }

    function _voidCall(StreamId streamId, uint64 first, uint64 next) private view returns (bytes memory) {
        bytes32 reason = keccak256("reason");
        bytes memory head = gapHead(streamId, first, next, reason);
        return
            abi.encodeCall(
                IDeliveryReceipts.voidGap,
                (streamId, first, next, reason, metered("provider", head), consumed(head))
            );
    }

    function _requireStatus(uint64 index, IDeliveryReceipts.StatementStatus status) private view {
        vm.assertTrue(receipts.statementOf(_streamId, index).status == status);
    }

    function _statementId(uint64 index) private view returns (StatementId) {
        return StatementId.wrap(keccak256(abi.encode(keccak256("cityledger/v1/statement"), _streamId, uint256(index))));
    }

    function _notLapsed(uint48 silentUntil) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsNotLapsed.selector, _statementId(0), silentUntil);
    }
}
