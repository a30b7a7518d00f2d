// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "./access/PartyActs.sol";
import {IDeliveryReceipts} from "./interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "./interfaces/IDigitalContractRegistry.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "./interfaces/IProductRegistry.sol";
import {AgreementTypedData} from "./libraries/AgreementTypedData.sol";
import {ReceiptTypedData} from "./libraries/ReceiptTypedData.sol";
import {AgreementId, BodyId, ConnectorId, StatementId, StreamId} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";

/// @title Delivery receipts
/// @notice See {IDeliveryReceipts}. There is one way to an acknowledged statement: a claim signed by the provider's
/// metering key, and its acknowledgement signed by the consumer's. Nobody else has a call that leads there.
/// @dev Time is compared in hours and days; what a validator can shift its clock by decides nothing.
contract DeliveryReceipts is IDeliveryReceipts, PartyActs {
    /// @notice Most statements that {chargeableUnits} adds up at once.
    uint64 public constant MAX_RANGE = 64;

    IDigitalContractRegistry private immutable _AGREEMENTS;
    IProductRegistry private immutable _PRODUCTS;

    mapping(StreamId streamId => Stream stream) private _streams;
    mapping(StatementId statementId => Statement statement) private _statements;

    /// @notice Fixes the contracts that it reads, for ever.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param agreements_ The `DigitalContractRegistry`.
    /// @param products_ The `ProductRegistry`.
    constructor(
        IParticipantRegistry participants_,
        IDigitalContractRegistry agreements_,
        IProductRegistry products_
    ) PartyActs(participants_, "CityLedger DeliveryReceipts") {
        _requireCode(address(participants_));
        _requireCode(address(agreements_));
        _requireCode(address(products_));
        _AGREEMENTS = agreements_;
        _PRODUCTS = products_;
    }

    /// @inheritdoc IDeliveryReceipts
    function openStream(
        AgreementId agreementId,
        ConnectorId connectorId,
        uint64 firstSequence,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) external returns (StreamId streamId) {
        streamId = AgreementTypedData.streamIdOf(agreementId, connectorId);
        Stream storage stream = _streams[streamId];
        if (stream.isOpen) {
            revert DeliveryReceiptsAlreadyOpened(streamId);
        }
        _requireInForce(agreementId, _AGREEMENTS.deliveryTerms(agreementId), 0);
        _PRODUCTS.requireNotFrozen(_AGREEMENTS.agreementOf(agreementId).productId);
        bytes memory head = ReceiptTypedData.headOfStream(agreementId, connectorId, firstSequence);
        _requireBothSigned(agreementId, head, provider, consumer);
        stream.agreementId = agreementId;
        stream.nextSequence = firstSequence;
        stream.isOpen = true;
        emit StreamOpened(streamId, agreementId, connectorId, firstSequence);
    }

    /// @inheritdoc IDeliveryReceipts
    function state(
        UsageClaim calldata claim,
        PartySignature calldata provider
    ) external returns (StatementId statementId) {
        (bytes32 claimHash, IDigitalContractRegistry.DeliveryTerms memory terms) = _requireStated(
            claim,
            provider,
            false
        );
        statementId = _record(claim, claimHash, StatementStatus.CLAIMED, 0, _answerUntil(terms.answerSeconds));
    }

    /// @inheritdoc IDeliveryReceipts
    function stateAcknowledged(
        UsageClaim calldata claim,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) external returns (StatementId statementId) {
        (bytes32 claimHash, IDigitalContractRegistry.DeliveryTerms memory terms) = _requireStated(
            claim,
            provider,
            true
        );
        bytes memory head = ReceiptTypedData.headOfAcknowledgement(claimHash, claim.units, bytes32(0));
        _requireSignedBy(terms.consumer, head, consumer, KeyPurposes.METERING, false);
        uint48 answerUntil = _answerUntil(terms.answerSeconds);
        statementId = _record(claim, claimHash, StatementStatus.ACKNOWLEDGED, claim.units, answerUntil);
        emit StatementAnswered(statementId, StatementStatus.ACKNOWLEDGED, claim.units, bytes32(0));
    }

    /// @inheritdoc IDeliveryReceipts
    function answer(
        StreamId streamId,
        uint64 index,
        uint64 acceptedUnits,
        bytes32 groundsDigest,
        PartySignature calldata consumer
    ) external {
        StatementId statementId = AgreementTypedData.statementIdOf(streamId, index);
        Statement storage statement = _claimed(statementId);
        // Compared in seconds of a window of days, see the contract's note.
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > statement.answerUntil) {
            revert DeliveryReceiptsAnswerTooLate(statementId, statement.answerUntil);
        }
        uint64 units = statement.units;
        bool acceptsAll = acceptedUnits == units;
        if (acceptedUnits > units || acceptsAll != (groundsDigest == bytes32(0))) {
            revert DeliveryReceiptsWrongAnswer(units, acceptedUnits);
        }
        (, BodyId body) = _AGREEMENTS.partiesOf(_streams[streamId].agreementId);
        bytes memory head = ReceiptTypedData.headOfAcknowledgement(statement.claimHash, acceptedUnits, groundsDigest);
        // To accept makes a duty to pay; to accept less than all defends against one.
        _requireSignedBy(body, head, consumer, KeyPurposes.METERING, !acceptsAll);
        StatementStatus status = acceptsAll ? StatementStatus.ACKNOWLEDGED : StatementStatus.DISPUTED;
        _settle(statementId, statement, status, acceptedUnits, groundsDigest);
    }

    /// @inheritdoc IDeliveryReceipts
    function lapse(StreamId streamId, uint64 index) external {
        StatementId statementId = AgreementTypedData.statementIdOf(streamId, index);
        Statement storage statement = _claimed(statementId);
        IDigitalContractRegistry.DeliveryTerms memory terms = _AGREEMENTS.deliveryTerms(_streams[streamId].agreementId);
        bool canAccept = _acceptsBySilence(terms.consumer);
        // Who was stopped or is gone accepts nothing by silence; after the same time again the statement is open to a
        // ruling, so that nobody escapes a charge by losing its standing.
        uint48 silentUntil = statement.answerUntil + (canAccept ? 0 : terms.answerSeconds);
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp <= silentUntil) {
            revert DeliveryReceiptsNotLapsed(statementId, silentUntil);
        }
        if (canAccept && terms.silenceAccepts) {
            _settle(statementId, statement, StatementStatus.LAPSED, statement.units, bytes32(0));
        } else {
            _settle(statementId, statement, StatementStatus.UNANSWERED, 0, bytes32(0));
        }
    }

    /// @inheritdoc IDeliveryReceipts
    function voidGap(
        StreamId streamId,
        uint64 firstSequence,
        uint64 nextSequence,
        bytes32 reasonDigest,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) external {
        Stream storage stream = _knownStream(streamId);
        _requireNextRange(streamId, stream.nextSequence, firstSequence, nextSequence);
        bytes memory head = ReceiptTypedData.headOfGapVoid(streamId, firstSequence, nextSequence, reasonDigest);
        _requireBothSigned(stream.agreementId, head, provider, consumer);
        stream.nextSequence = nextSequence;
        emit GapVoided(streamId, firstSequence, nextSequence, reasonDigest);
    }

    /// @inheritdoc IDeliveryReceipts
    function streamOf(StreamId streamId) external view returns (Stream memory) {
        return _streams[streamId];
    }

    /// @inheritdoc IDeliveryReceipts
    function statementOf(StreamId streamId, uint64 index) external view returns (Statement memory) {
        return _statements[AgreementTypedData.statementIdOf(streamId, index)];
    }

    /// @inheritdoc IDeliveryReceipts
    function chargeableUnits(
        StreamId streamId,
        uint64 firstIndex,
        uint64 nextIndex
    ) external view returns (AgreementId agreementId, uint256 units) {
        // Every booking asks this: of the stream only one slot is read, and the number of its statements only to say
        // what is wrong. An open stream has an agreement, and its statements leave no number out.
        Stream storage stream = _streams[streamId];
        agreementId = stream.agreementId;
        if (AgreementId.unwrap(agreementId) == 0) {
            revert DeliveryReceiptsUnknownStream(streamId);
        }
        if (nextIndex <= firstIndex || nextIndex - firstIndex > MAX_RANGE) {
            revert DeliveryReceiptsWrongRange(streamId, firstIndex, nextIndex);
        }
        for (uint64 index = firstIndex; index < nextIndex; ++index) {
            Statement storage statement = _statements[AgreementTypedData.statementIdOf(streamId, index)];
            if (statement.status <= StatementStatus.CLAIMED) {
                if (nextIndex > stream.statements) {
                    revert DeliveryReceiptsWrongRange(streamId, firstIndex, nextIndex);
                }
                revert DeliveryReceiptsNotAnswered(streamId, index);
            }
            units += statement.acceptedUnits;
        }
    }

    /// @inheritdoc IDeliveryReceipts
    function contestedUnits(
        StreamId streamId,
        uint64 index
    ) external view returns (AgreementId agreementId, uint64 units) {
        Statement storage statement = _statements[AgreementTypedData.statementIdOf(streamId, index)];
        agreementId = _knownStream(streamId).agreementId;
        if (statement.status != StatementStatus.CLAIMED) {
            units = statement.units - statement.acceptedUnits;
        }
    }

    /// @inheritdoc IDeliveryReceipts
    function partiesOf(StreamId streamId) external view returns (BodyId provider, BodyId consumer) {
        return _AGREEMENTS.partiesOf(_knownStream(streamId).agreementId);
    }

    /// @inheritdoc IDeliveryReceipts
    function agreements() external view returns (address) {
        return address(_AGREEMENTS);
    }

    /// @inheritdoc IDeliveryReceipts
    function products() external view returns (address) {
        return address(_PRODUCTS);
    }

    /// @dev Reverts unless the claim is the stream's next one and its provider signed it.
    function _requireStated(
        UsageClaim calldata claim,
        PartySignature calldata provider,
        bool isAcknowledged
    ) private returns (bytes32 claimHash, IDigitalContractRegistry.DeliveryTerms memory terms) {
        Stream storage stream = _knownStream(claim.streamId);
        if (claim.index != stream.statements) {
            revert DeliveryReceiptsWrongIndex(claim.streamId, stream.statements, claim.index);
        }
        _requireNextRange(claim.streamId, stream.nextSequence, claim.firstSequence, claim.nextSequence);
        terms = _AGREEMENTS.deliveryTerms(stream.agreementId);
        // The last statement of a term comes after it: there is as much time to state it as to answer one. What the
        // consumer acknowledges at once may come at any time: whoever keeps a party from signing until then, by
        // suspending it, takes away none of what the two agree on.
        _requireInForce(stream.agreementId, terms, isAcknowledged ? type(uint64).max : terms.answerSeconds);
        claimHash = ReceiptTypedData.hashClaim(claim);
        bytes memory head = ReceiptTypedData.headOfUsageStatement(claimHash);
        _requireSignedBy(terms.provider, head, provider, KeyPurposes.METERING, false);
    }

    /// @dev Reverts unless provider and consumer of the agreement both signed the act.
    function _requireBothSigned(
        AgreementId agreementId,
        bytes memory head,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) private {
        (BodyId providerId, BodyId consumerId) = _AGREEMENTS.partiesOf(agreementId);
        _requireSignedBy(providerId, head, provider, KeyPurposes.METERING, false);
        _requireSignedBy(consumerId, head, consumer, KeyPurposes.METERING, false);
    }

    /// @dev Stores the claim as the stream's next statement. The claim is the next one already.
    function _record(
        UsageClaim calldata claim,
        bytes32 claimHash,
        StatementStatus status,
        uint64 acceptedUnits,
        uint48 answerUntil
    ) private returns (StatementId statementId) {
        statementId = AgreementTypedData.statementIdOf(claim.streamId, claim.index);
        Stream storage stream = _streams[claim.streamId];
        stream.nextSequence = claim.nextSequence;
        stream.statements = claim.index + 1;
        _statements[statementId] = Statement(claimHash, status, answerUntil, claim.units, acceptedUnits);
        emit UsageClaimed(statementId, claim.streamId, claim.index, claim, answerUntil);
    }

    /// @dev Writes down what became of a claimed statement.
    function _settle(
        StatementId statementId,
        Statement storage statement,
        StatementStatus status,
        uint64 acceptedUnits,
        bytes32 groundsDigest
    ) private {
        statement.status = status;
        statement.acceptedUnits = acceptedUnits;
        emit StatementAnswered(statementId, status, acceptedUnits, groundsDigest);
    }

    /// @dev Whether silence binds this consumer: unless regulator or council stopped it, or it has left. A suspension
    /// by the operator, whose key alone it takes, moves nobody's charge, and neither does a qualification that it
    /// renews or lets run out: the consumer may dispute all the same, and what it does not dispute in time counts as
    /// agreed.
    function _acceptsBySilence(BodyId consumer) private view returns (bool) {
        IParticipantRegistry.Body memory body = _PARTICIPANTS.bodyOf(consumer);
        bool isStopped = body.suspendedBy > IParticipantRegistry.Suspender.OPERATOR;
        return !isStopped && body.status != IParticipantRegistry.BodyStatus.LEFT;
    }

    /// @dev The stream, which must be open.
    function _knownStream(StreamId streamId) private view returns (Stream storage stream) {
        stream = _streams[streamId];
        if (!stream.isOpen) {
            revert DeliveryReceiptsUnknownStream(streamId);
        }
    }

    /// @dev The statement, which must wait for its answer.
    function _claimed(StatementId statementId) private view returns (Statement storage statement) {
        statement = _statements[statementId];
        if (statement.status != StatementStatus.CLAIMED) {
            revert DeliveryReceiptsWrongStatus(statementId, statement.status);
        }
    }

    /// @dev Reverts unless the agreement is in force, or ended no more than `graceSeconds` ago.
    function _requireInForce(
        AgreementId agreementId,
        IDigitalContractRegistry.DeliveryTerms memory terms,
        uint256 graceSeconds
    ) private view {
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp < terms.validFrom || block.timestamp > uint256(terms.validUntil) + graceSeconds) {
            revert DeliveryReceiptsAgreementNotInForce(agreementId, terms.validFrom, terms.validUntil);
        }
    }

    /// @dev Last second to answer a statement that is made now. 48 bits of seconds are nine million years.
    function _answerUntil(uint32 answerSeconds) private view returns (uint48) {
        // solhint-disable-next-line not-rely-on-time
        return uint48(block.timestamp + answerSeconds);
    }

    function _requireCode(address target) private view {
        if (target.code.length == 0) {
            revert DeliveryReceiptsNoCode(target);
        }
    }

    /// @dev Reverts unless the range begins exactly where the stream stands, and is not empty.
    function _requireNextRange(
        StreamId streamId,
        uint64 expected,
        uint64 firstSequence,
        uint64 nextSequence
    ) private pure {
        if (firstSequence < expected) {
            revert DeliveryReceiptsOverlap(streamId, expected, firstSequence);
        }
        if (firstSequence > expected) {
            revert DeliveryReceiptsGap(streamId, expected, firstSequence);
        }
        if (nextSequence <= firstSequence) {
            revert DeliveryReceiptsEmptyRange(firstSequence, nextSequence);
        }
    }
}
