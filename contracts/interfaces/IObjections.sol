// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, LineId, ObjectionId, TableId, TableVersion} from "../types/Ids.sol";
import {LineProof} from "../types/Lines.sol";
import {PartySignature} from "../types/Parties.sol";

/// @title Objections against published lines
/// @notice A part of `DistributionTables`. Whoever is affected (provider, consumer or recipient) may object while the
/// line's window is open; the line then cannot become final, all others can. Both platforms answer jointly. A rejection
/// may be reviewed once, by an auditor or arbitrator; so may an answer that did not come in time. An upheld objection
/// means that this booking of the line never becomes final: it is booked again in the next version.
interface IObjections {
    /// @notice Life of an objection. Numbers never change. UNKNOWN -> OPEN -> UPHELD | ANSWERED | IN_REVIEW |
    /// WITHDRAWN; ANSWERED (rejected by the platforms) -> IN_REVIEW | REJECTED; IN_REVIEW -> UPHELD | REJECTED |
    /// WITHDRAWN; ANSWERED -> WITHDRAWN. The line is blocked in OPEN, ANSWERED and IN_REVIEW, and for ever when UPHELD.
    enum ObjectionStatus {
        UNKNOWN,
        OPEN,
        ANSWERED,
        IN_REVIEW,
        UPHELD,
        REJECTED,
        WITHDRAWN
    }

    /// @notice An objection on record.
    /// @param status Where it stands.
    /// @param objector Who objected.
    /// @param lineId The line.
    /// @param tableId The table.
    /// @param tableVersion The version in which the line stands.
    /// @param amount Contested amount, in minor units.
    /// @param answerUntil Last second for the platforms' answer, Unix time.
    /// @param reviewUntil Last second to ask for a review, Unix time; zero before the answer.
    struct Objection {
        ObjectionStatus status;
        BodyId objector;
        LineId lineId;
        TableId tableId;
        TableVersion tableVersion;
        uint64 amount;
        uint48 answerUntil;
        uint48 reviewUntil;
    }

    /// @notice Somebody objected; the amount is frozen with its line.
    /// @param objectionId The objection.
    /// @param lineId The line.
    /// @param objector Who objected.
    /// @param objection The objection.
    /// @param groundsDigest Digest of the grounds.
    event ObjectionFiled(
        ObjectionId indexed objectionId,
        LineId indexed lineId,
        BodyId indexed objector,
        Objection objection,
        bytes32 groundsDigest
    );
    /// @notice An objection moved on.
    /// @param objectionId The objection.
    /// @param status Where it stands now.
    /// @param digest Digest of answer, request, decision or reason; zero when only time passed.
    event ObjectionMoved(ObjectionId indexed objectionId, ObjectionStatus status, bytes32 digest);

    /// @notice No such objection.
    /// @param objectionId The objection.
    error ObjectionsUnknownObjection(ObjectionId objectionId);
    /// @notice This body objected to this booking before.
    /// @param objectionId Its objection.
    error ObjectionsAlreadyFiled(ObjectionId objectionId);
    /// @notice The objection's state does not allow this.
    /// @param objectionId The objection.
    /// @param status Where it stands.
    error ObjectionsWrongStatus(ObjectionId objectionId, ObjectionStatus status);
    /// @notice The body is neither provider, consumer nor recipient of the line.
    /// @param body The body.
    error ObjectionsNotAffected(BodyId body);
    /// @notice Whoever signed the table, the objection or the answer to it does not review it.
    /// @param reviewer The body.
    error ObjectionsReviewerNotIndependent(BodyId reviewer);
    /// @notice The amount is zero or more than the line's.
    /// @param amount The amount.
    /// @param maximum The line's, without sign; 1 for a line of nothing, which may be wrong by being nothing.
    error ObjectionsWrongAmount(uint64 amount, uint64 maximum);
    /// @notice The line's window is not open: not published yet, over, or replaced.
    /// @param lineId The line.
    /// @param windowEnds Its last second, Unix time; zero before publication.
    error ObjectionsWindowClosed(LineId lineId, uint48 windowEnds);
    /// @notice The time for this is over, or has not come.
    /// @param objectionId The objection.
    /// @param limit The time that counts, Unix time.
    error ObjectionsWrongTime(ObjectionId objectionId, uint48 limit);

    /// @notice Objects to a published line. Provider, consumer or recipient, purpose BUSINESS; also while suspended.
    /// @dev `Objection(uint32 tableId,uint16 tableVersion,bytes32 lineId,uint64 amount,bytes32 groundsDigest,` tail.
    /// objectionId = keccak256(abi.encode(keccak256("cityledger/v1/objection"), line id, table, version, objector)).
    /// Emits {ObjectionFiled}.
    /// @param proof The line as it was booked.
    /// @param amount Contested amount, in minor units, 1 up to the line's; 1 for a line of nothing.
    /// @param groundsDigest Digest of the grounds.
    /// @param objector The objector's signature.
    /// @return objectionId The objection.
    function object(
        LineProof calldata proof,
        uint64 amount,
        bytes32 groundsDigest,
        PartySignature calldata objector
    ) external returns (ObjectionId objectionId);

    /// @notice Answers an objection in time. Both second signers of the table's kind: the two platforms, or for a table
    /// without public data its proposer and another platform or an auditor.
    /// @dev `ObjectionAnswer(bytes32 objectionId,bool upheld,bytes32 answerDigest,` tail, same for both.
    /// Emits {ObjectionMoved}: UPHELD or ANSWERED.
    /// @param objectionId The objection.
    /// @param upheld Whether the objector is right.
    /// @param answerDigest Digest of the written answer.
    /// @param proposer Signature of the table's proposer.
    /// @param second Signature of the other platform (or auditor).
    function answerObjection(
        ObjectionId objectionId,
        bool upheld,
        bytes32 answerDigest,
        PartySignature calldata proposer,
        PartySignature calldata second
    ) external;

    /// @notice Asks for the one review of a rejection. The objector, in time, also while suspended.
    /// @dev `ReviewRequest(bytes32 objectionId,bytes32 groundsDigest,` tail. Emits {ObjectionMoved}.
    /// @param objectionId The objection.
    /// @param groundsDigest Digest of the grounds.
    /// @param objector The objector's signature.
    function requestReview(ObjectionId objectionId, bytes32 groundsDigest, PartySignature calldata objector) external;

    /// @notice Decides a review. Auditor or arbitrator, but neither the version's nor the answer's second signer, nor
    /// the objector.
    /// @dev `ReviewDecision(bytes32 objectionId,bool upheld,bytes32 decisionDigest,` tail. Emits {ObjectionMoved}.
    /// @param objectionId The objection.
    /// @param upheld Whether the objector is right.
    /// @param decisionDigest Digest of the decision.
    /// @param reviewer The auditor's or arbitrator's signature.
    function decideReview(
        ObjectionId objectionId,
        bool upheld,
        bytes32 decisionDigest,
        PartySignature calldata reviewer
    ) external;

    /// @notice Withdraws an objection. The objector, not while it is suspended: withdrawing gives a right up.
    /// @dev `ObjectionWithdrawal(bytes32 objectionId,bytes32 reasonDigest,` tail. Emits {ObjectionMoved}.
    /// @param objectionId The objection.
    /// @param reasonDigest Digest of the reason.
    /// @param objector The objector's signature.
    function withdrawObjection(
        ObjectionId objectionId,
        bytes32 reasonDigest,
        PartySignature calldata objector
    ) external;

    /// @notice Lets time do what it does. Anyone: an objection that was not answered in time goes into review; one that
    /// was rejected and not taken further in time is rejected for good.
    /// @dev Emits {ObjectionMoved}.
    /// @param objectionId The objection.
    function advanceObjection(ObjectionId objectionId) external;

    /// @notice An objection on record; all zero for an unknown one.
    /// @param objectionId The objection.
    /// @return The objection.
    function objectionOf(ObjectionId objectionId) external view returns (Objection memory);

    /// @notice How long the platforms may take to answer, and an objector to ask for a review. Fixed at deployment.
    /// @return answerSeconds Time to answer, in seconds.
    /// @return reviewSeconds Time to ask for a review, in seconds.
    function objectionPeriods() external view returns (uint32 answerSeconds, uint32 reviewSeconds);
}
