// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, ConnectorId, PeriodId, StatementId, StreamId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Delivery receipts: usage statements of provider and consumer
/// @notice A stream is the usage of one agreement through one connector, opened by both parties. Its provider states
/// usage in consecutive statements; the consumer acknowledges exactly that claim, accepts a part of it, or lets the
/// time to answer pass. Sequence ranges never overlap; a gap stops its own stream until both parties declare it void.
/// Nobody but the two parties can make an acknowledged statement. Domain name: "CityLedger DeliveryReceipts".
interface IDeliveryReceipts is IPartyActs {
    /// @notice Life of a statement. Numbers never change. UNKNOWN -> CLAIMED -> ACKNOWLEDGED | DISPUTED | LAPSED |
    /// UNANSWERED. ACKNOWLEDGED: all units count. DISPUTED: the accepted ones count, the rest waits for a ruling.
    /// LAPSED: no answer in time, and the parties agreed that silence accepts: all count. UNANSWERED: no answer, and
    /// silence does not accept: none counts until a ruling.
    enum StatementStatus {
        UNKNOWN,
        CLAIMED,
        ACKNOWLEDGED,
        DISPUTED,
        LAPSED,
        UNANSWERED
    }

    /// @notice What a provider claims. EIP-712 `UsageClaim(bytes32 streamId,uint64 index,uint64 firstSequence,
    /// uint64 nextSequence,uint64 units,uint64 records,uint64 byteCount,bytes32 batchRoot,uint32 servicePeriod)`.
    /// @param streamId The stream.
    /// @param index Place of the statement in its stream, from 0.
    /// @param firstSequence First sequence number that it covers; where the statement before, or a voided gap, ended.
    /// @param nextSequence First sequence number that it does not cover; above `firstSequence`.
    /// @param units Chargeable units.
    /// @param records Records delivered.
    /// @param byteCount Bytes delivered.
    /// @param batchRoot RFC 9162 root over the usage batches.
    /// @param servicePeriod Month of the usage, whose prices hold.
    struct UsageClaim {
        StreamId streamId;
        uint64 index;
        uint64 firstSequence;
        uint64 nextSequence;
        uint64 units;
        uint64 records;
        uint64 byteCount;
        bytes32 batchRoot;
        PeriodId servicePeriod;
    }

    /// @notice A stream. Two storage slots.
    /// @param agreementId Its agreement.
    /// @param nextSequence Where the next statement must begin.
    /// @param statements Number of statements.
    /// @param isOpen Whether both parties opened it; keeps its slot from being zero.
    struct Stream {
        AgreementId agreementId;
        uint64 nextSequence;
        uint64 statements;
        bool isOpen;
    }

    /// @notice A statement. Two storage slots.
    /// @param claimHash EIP-712 struct hash of the claim.
    /// @param status Where it stands.
    /// @param answerUntil Last second to answer, Unix time.
    /// @param units Units claimed.
    /// @param acceptedUnits Units that count.
    struct Statement {
        bytes32 claimHash;
        StatementStatus status;
        uint48 answerUntil;
        uint64 units;
        uint64 acceptedUnits;
    }

    /// @notice Both parties opened a stream.
    /// @param streamId The stream.
    /// @param agreementId Its agreement.
    /// @param connectorId Its connector.
    /// @param firstSequence Where its first statement must begin.
    event StreamOpened(
        StreamId indexed streamId,
        AgreementId indexed agreementId,
        ConnectorId indexed connectorId,
        uint64 firstSequence
    );
    /// @notice The provider stated usage.
    /// @param statementId The statement.
    /// @param streamId Its stream.
    /// @param index Its place in the stream.
    /// @param claim What is claimed.
    /// @param answerUntil Last second to answer, Unix time.
    event UsageClaimed(
        StatementId indexed statementId,
        StreamId indexed streamId,
        uint64 indexed index,
        UsageClaim claim,
        uint48 answerUntil
    );
    /// @notice A statement is answered, or the time to answer is over.
    /// @param statementId The statement.
    /// @param status What became of it.
    /// @param acceptedUnits Units that count.
    /// @param groundsDigest Digest of the consumer's grounds when it accepted a part; zero otherwise.
    event StatementAnswered(
        StatementId indexed statementId,
        StatementStatus status,
        uint64 acceptedUnits,
        bytes32 groundsDigest
    );
    /// @notice Both parties declared a gap void.
    /// @param streamId The stream.
    /// @param firstSequence First missing sequence number.
    /// @param nextSequence Where the next statement must begin.
    /// @param reasonDigest Digest of the reason.
    event GapVoided(StreamId indexed streamId, uint64 firstSequence, uint64 nextSequence, bytes32 reasonDigest);

    /// @notice A contract that it is to read does not exist.
    /// @param target Its address.
    error DeliveryReceiptsNoCode(address target);
    /// @notice The stream was opened before.
    /// @param streamId The stream.
    error DeliveryReceiptsAlreadyOpened(StreamId streamId);
    /// @notice No such stream.
    /// @param streamId The stream.
    error DeliveryReceiptsUnknownStream(StreamId streamId);
    /// @notice The agreement is not in force now.
    /// @param agreementId The agreement.
    /// @param validFrom Its first second, Unix time.
    /// @param validUntil Its last second, Unix time.
    error DeliveryReceiptsAgreementNotInForce(AgreementId agreementId, uint64 validFrom, uint64 validUntil);
    /// @notice Statements are numbered one after the other.
    /// @param streamId The stream.
    /// @param expected The next number.
    /// @param index The number that was claimed.
    error DeliveryReceiptsWrongIndex(StreamId streamId, uint64 expected, uint64 index);
    /// @notice The range begins inside what is stated already.
    /// @param streamId The stream.
    /// @param nextSequence Where it must begin.
    /// @param firstSequence Where it begins.
    error DeliveryReceiptsOverlap(StreamId streamId, uint64 nextSequence, uint64 firstSequence);
    /// @notice The range begins after a gap. The stream waits until both parties declare it void; others do not.
    /// @param streamId The stream.
    /// @param nextSequence Where it must begin.
    /// @param firstSequence Where it begins.
    error DeliveryReceiptsGap(StreamId streamId, uint64 nextSequence, uint64 firstSequence);
    /// @notice The range is empty.
    /// @param firstSequence Where it begins.
    /// @param nextSequence Where it ends.
    error DeliveryReceiptsEmptyRange(uint64 firstSequence, uint64 nextSequence);
    /// @notice The statement's state does not allow this.
    /// @param statementId The statement.
    /// @param status Where it stands.
    error DeliveryReceiptsWrongStatus(StatementId statementId, StatementStatus status);
    /// @notice The time to answer is over.
    /// @param statementId The statement.
    /// @param answerUntil Its last second, Unix time.
    error DeliveryReceiptsAnswerTooLate(StatementId statementId, uint48 answerUntil);
    /// @notice The time to answer is not over; or the consumer's silence accepts nothing, and not the same time again.
    /// @param statementId The statement.
    /// @param silentUntil Last second before it may lapse as things stand, Unix time.
    error DeliveryReceiptsNotLapsed(StatementId statementId, uint48 silentUntil);
    /// @notice More units accepted than claimed; or all accepted with grounds, or a part accepted without.
    /// @param units Units claimed.
    /// @param acceptedUnits Units accepted.
    error DeliveryReceiptsWrongAnswer(uint64 units, uint64 acceptedUnits);
    /// @notice A statement of the range waits for its answer.
    /// @param streamId The stream.
    /// @param index The statement.
    error DeliveryReceiptsNotAnswered(StreamId streamId, uint64 index);
    /// @notice The range of statements is empty, too long (64), or goes beyond the stream's end.
    /// @param streamId The stream.
    /// @param firstIndex First statement.
    /// @param nextIndex First statement that is not part of it.
    error DeliveryReceiptsWrongRange(StreamId streamId, uint64 firstIndex, uint64 nextIndex);

    /// @notice Opens a stream. Provider and consumer, purpose METERING.
    /// @dev `Stream(bytes32 agreementId,bytes32 connectorId,uint64 firstSequence,` tail. Emits {StreamOpened}.
    /// @param agreementId The agreement, in force; its product not frozen.
    /// @param connectorId The connector.
    /// @param firstSequence Where its first statement must begin.
    /// @param provider The provider's signature.
    /// @param consumer The consumer's signature.
    /// @return streamId The stream.
    function openStream(
        AgreementId agreementId,
        ConnectorId connectorId,
        uint64 firstSequence,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) external returns (StreamId streamId);

    /// @notice States usage. Provider, purpose METERING. A frozen product is no bar: what was used before is stated,
    /// but no later after the agreement's end than an answer may take.
    /// @dev `UsageStatement(UsageClaim claim,` tail `)UsageClaim(...)`. Emits {UsageClaimed}.
    /// @param claim What is claimed.
    /// @param provider The provider's signature.
    /// @return statementId The statement.
    function state(
        UsageClaim calldata claim,
        PartySignature calldata provider
    ) external returns (StatementId statementId);

    /// @notice States usage that the consumer has acknowledged already: both signatures in one act, at any time from
    /// the agreement's first second on, also long after its end.
    /// @dev Types of {state} and {answer}. Emits {UsageClaimed} and {StatementAnswered}.
    /// @param claim What is claimed.
    /// @param provider `UsageStatement`, signed by the provider.
    /// @param consumer `Acknowledgement` of all units, signed by the consumer.
    /// @return statementId The statement.
    function stateAcknowledged(
        UsageClaim calldata claim,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) external returns (StatementId statementId);

    /// @notice Answers a statement: all units, or a part with grounds. Consumer, purpose METERING. Accepting takes a
    /// body in good standing; accepting less than all is a defence and open to a suspended one.
    /// @dev `Acknowledgement(UsageClaim claim,uint64 acceptedUnits,bytes32 groundsDigest,` tail `)UsageClaim(...)`; the
    /// chain takes the claim's struct hash from its record. Emits {StatementAnswered}.
    /// @param streamId The stream.
    /// @param index The statement.
    /// @param acceptedUnits Units that the consumer accepts.
    /// @param groundsDigest Digest of its grounds; zero exactly when it accepts all.
    /// @param consumer The consumer's signature.
    function answer(
        StreamId streamId,
        uint64 index,
        uint64 acceptedUnits,
        bytes32 groundsDigest,
        PartySignature calldata consumer
    ) external;

    /// @notice Records that the time to answer passed. Anyone. The silence of a consumer that is unqualified, gone, or
    /// suspended by a regulator or the council accepts nothing: its statement becomes UNANSWERED when the same time has
    /// passed once more. So standing that comes back in time changes nothing, and losing it is no way out of a charge:
    /// a ruling can award it. A suspension by the operator changes nothing at all: a suspended consumer may dispute.
    /// @dev Emits {StatementAnswered}: LAPSED where the agreement says that silence accepts and this consumer's does,
    /// UNANSWERED otherwise.
    /// @param streamId The stream.
    /// @param index The statement.
    function lapse(StreamId streamId, uint64 index) external;

    /// @notice Declares a gap void. Provider and consumer, purpose METERING.
    /// @dev `GapVoid(bytes32 streamId,uint64 firstSequence,uint64 nextSequence,bytes32 reasonDigest,` tail.
    /// Emits {GapVoided}.
    /// @param streamId The stream.
    /// @param firstSequence First missing number: where the next statement would have to begin.
    /// @param nextSequence Where the next statement will begin.
    /// @param reasonDigest Digest of the reason.
    /// @param provider The provider's signature.
    /// @param consumer The consumer's signature.
    function voidGap(
        StreamId streamId,
        uint64 firstSequence,
        uint64 nextSequence,
        bytes32 reasonDigest,
        PartySignature calldata provider,
        PartySignature calldata consumer
    ) external;

    /// @notice A stream; all zero for an unknown one.
    /// @param streamId The stream.
    /// @return The stream.
    function streamOf(StreamId streamId) external view returns (Stream memory);

    /// @notice A statement; all zero for an unknown one.
    /// @param streamId The stream.
    /// @param index The statement.
    /// @return The statement.
    function statementOf(StreamId streamId, uint64 index) external view returns (Statement memory);

    /// @notice Units that count in statements [firstIndex, nextIndex) of a stream. Reverts while one of them waits for
    /// its answer.
    /// @param streamId The stream.
    /// @param firstIndex First statement.
    /// @param nextIndex First statement that is not part of it; at most 64 further on.
    /// @return agreementId The stream's agreement.
    /// @return units The sum.
    function chargeableUnits(
        StreamId streamId,
        uint64 firstIndex,
        uint64 nextIndex
    ) external view returns (AgreementId agreementId, uint256 units);

    /// @notice Units of a statement that a ruling may still award. Zero while it waits for its answer.
    /// @param streamId The stream.
    /// @param index The statement.
    /// @return agreementId The stream's agreement.
    /// @return units The units that the consumer did not accept.
    function contestedUnits(
        StreamId streamId,
        uint64 index
    ) external view returns (AgreementId agreementId, uint64 units);

    /// @notice The bodies whose signatures count in a stream. Reverts for an unknown one.
    /// @param streamId The stream.
    /// @return provider Its provider.
    /// @return consumer Its consumer.
    function partiesOf(StreamId streamId) external view returns (BodyId provider, BodyId consumer);

    /// @notice The registry of agreements. Fixed at deployment.
    /// @return The address of the `DigitalContractRegistry`.
    function agreements() external view returns (address);

    /// @notice The registry of products. Fixed at deployment.
    /// @return The address of the `ProductRegistry`.
    function products() external view returns (address);
}
