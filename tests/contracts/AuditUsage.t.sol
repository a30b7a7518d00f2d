// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {UsageFixture} from "./helpers/Usage.sol";

/// @title What a third audit found in usage: the operator moved the basis of a charge by suspending a party
contract UsageAuditTest is UsageFixture {
    StreamId private _streamId;

    function setUp() public override {
        super.setUp();
        target = address(receipts);
        _streamId = openStream(AGREEMENT, CONNECTOR);
    }

    /// @notice Silence was agreed to accept; the operator's suspension of the silent one, before its time is over, is
    /// no way round that, and the consumer has its full time to dispute.
    function test_operatorsSuspension_stopsNoSilence() public {
        stateNext(_streamId);
        stub.suspendBy(idOf("consumer"), IParticipantRegistry.Suspender.OPERATOR);
        uint48 answerUntil = receipts.statementOf(_streamId, 0).answerUntil;
        vm.warp(answerUntil);
        _refuseLapse(answerUntil);
        vm.warp(uint256(answerUntil) + 1);
        receipts.lapse(_streamId, 0);
        _requireSettled(IDeliveryReceipts.StatementStatus.LAPSED, UNITS);
    }

    function test_consumerThatTheOperatorSuspended_disputesAllTheSame() public {
        stateNext(_streamId);
        stub.suspendBy(idOf("consumer"), IParticipantRegistry.Suspender.OPERATOR);
        answerWith(_streamId, 0, 0);
        _requireSettled(IDeliveryReceipts.StatementStatus.DISPUTED, 0);
    }

    /// @notice The operator renews qualifications: whether it does so, and when, moves no charge, and the unqualified
    /// consumer may dispute all the same.
    function test_silence_isJudgedTheSame_whateverBecomesOfTheQualification() public {
        stateNext(_streamId);
        stateNext(_streamId);
        uint48 answerUntil = receipts.statementOf(_streamId, 1).answerUntil;
        stub.setQualifiedUntil(idOf("consumer"), uint64(block.timestamp));
        vm.warp(answerUntil);
        answerWith(_streamId, 0, 0);
        _requireSettled(IDeliveryReceipts.StatementStatus.DISPUTED, 0);
        vm.warp(uint256(answerUntil) + 1);
        receipts.lapse(_streamId, 1);
        IDeliveryReceipts.Statement memory silent = receipts.statementOf(_streamId, 1);
        vm.assertTrue(silent.status == IDeliveryReceipts.StatementStatus.LAPSED && silent.acceptedUnits == UNITS);
    }

    /// @notice What regulator or council stopped, or is gone, accepts nothing by silence; and the refusal says until
    /// when as things stand.
    function test_silence_ofOneStoppedByOthersOrGone_acceptsNothing() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint64 index = receipts.streamOf(_streamId).statements;
            stub.setBody(idOf("consumer"), IParticipantRegistry.BodyStatus.ACTIVE, 2);
            stateNext(_streamId);
            uint48 answerUntil = receipts.statementOf(_streamId, index).answerUntil;
            if (i == 0) {
                stub.suspendBy(idOf("consumer"), IParticipantRegistry.Suspender.REGULATOR);
            } else if (i == 1) {
                stub.suspendBy(idOf("consumer"), IParticipantRegistry.Suspender.COUNCIL);
            } else {
                stub.setBody(idOf("consumer"), IParticipantRegistry.BodyStatus.LEFT, 2);
            }
            vm.warp(uint256(answerUntil) + 1);
            requireRefused(
                abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, index)),
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsNotLapsed.selector,
                    _statementId(index),
                    answerUntil + ANSWER_SECONDS
                )
            );
            vm.warp(uint256(answerUntil) + ANSWER_SECONDS + 1);
            receipts.lapse(_streamId, index);
            IDeliveryReceipts.Statement memory statement = receipts.statementOf(_streamId, index);
            vm.assertTrue(statement.status == IDeliveryReceipts.StatementStatus.UNANSWERED);
        }
    }

    /// @notice The operator suspends the provider until the time to state is over: what both sign is stated for all
    /// that, and what the provider alone claims is not.
    function test_lastUsage_thatBothSign_isStatedLongAfterTheTerm() public {
        stub.suspendBy(idOf("provider"), IParticipantRegistry.Suspender.OPERATOR);
        vm.warp(uint256(VALID_UNTIL) + 400 days);
        stub.setBody(idOf("provider"), IParticipantRegistry.BodyStatus.ACTIVE, 1);
        IDeliveryReceipts.UsageClaim memory claim = nextClaim(_streamId);
        PartySignature memory provider = metered("provider", claimHead(claim));
        requireRefused(abi.encodeCall(IDeliveryReceipts.state, (claim, provider)), _notInForce());
        receipts.stateAcknowledged(claim, provider, consumed(acknowledgementHead(claimHashOf(claim), UNITS, 0)));
        _requireSettled(IDeliveryReceipts.StatementStatus.ACKNOWLEDGED, UNITS);
        // nothing is stated before the term, whoever signs it
        vm.warp(VALID_FROM - 1);
        claim = nextClaim(_streamId);
        provider = metered("provider", claimHead(claim));
        PartySignature memory consumer = consumed(acknowledgementHead(claimHashOf(claim), UNITS, 0));
        requireRefused(abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer)), _notInForce());
    }

    function _refuseLapse(uint48 silentUntil) private {
        requireRefused(
            abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 0)),
            abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsNotLapsed.selector, _statementId(0), silentUntil)
        );
    }

    function _requireSettled(IDeliveryReceipts.StatementStatus status, uint64 units) private view {
        IDeliveryReceipts.Statement memory statement = receipts.statementOf(_streamId, 0);
        vm.assertTrue(statement.status == status);
        vm.assertEq(statement.acceptedUnits, units);
    }

    function _statementId(uint64 index) private view returns (bytes32) {
        return keccak256(abi.encode(keccak256("cityledger/v1/statement"), _streamId, uint256(index)));
    }

    function _notInForce() private pure returns (bytes memory) {
        bytes4 notInForce = IDeliveryReceipts.DeliveryReceiptsAgreementNotInForce.selector;
        return abi.encodeWithSelector(notInForce, AGREEMENT, VALID_FROM, VALID_UNTIL);
    }
}
