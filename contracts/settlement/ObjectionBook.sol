// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "../access/PartyActs.sol";
import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {IObjections} from "../interfaces/IObjections.sol";
import {IRevenueSettlement} from "../interfaces/IRevenueSettlement.sol";
import {TableTypedData} from "../libraries/TableTypedData.sol";
import {BodyRoles} from "../types/BodyRoles.sol";
import {BodyId, LineId, ObjectionId, TableId, TableVersion} from "../types/Ids.sol";
import {KeyPurposes} from "../types/KeyPurposes.sol";
import {Line, LineProof} from "../types/Lines.sol";
import {PartySignature} from "../types/Parties.sol";

/// @title The objections of `DistributionTables`
/// @notice See {IObjections}. Windows and second signers are the table's business and come from the contract that
/// inherits this one.
abstract contract ObjectionBook is PartyActs, IObjections {
    /// @dev Objections against one booking of a line. One storage slot. At most 252 bodies are affected by a line and
    /// each objects once, to at most 2^47 minor units: neither number comes near its end.
    struct Against {
        uint16 pending;
        bool upheld;
        uint64 frozen;
    }

    bytes32 private constant _OBJECTION_DOMAIN = keccak256("cityledger/v1/objection");
    uint32 private constant _REVIEWERS = BodyRoles.AUDITOR | BodyRoles.ARBITRATOR;

    IDigitalContractRegistry internal immutable _AGREEMENTS;
    IRevenueSettlement internal immutable _BOOK;
    uint32 private immutable _ANSWER_SECONDS;
    uint32 private immutable _REVIEW_SECONDS;

    mapping(ObjectionId objectionId => Objection objection) private _objections;
    mapping(ObjectionId objectionId => BodyId second) private _answerers;
    mapping(LineId lineId => mapping(TableId tableId => mapping(TableVersion tableVersion => Against against)))
        private _against;

    /// @notice Fixes where agreements and lines are found, and the times.
    /// @param agreements_ The `DigitalContractRegistry`.
    /// @param book_ The `RevenueSettlement`.
    /// @param answerSeconds Time to answer an objection, in seconds.
    /// @param reviewSeconds Time to ask for a review, in seconds.
    constructor(
        IDigitalContractRegistry agreements_,
        IRevenueSettlement book_,
        uint32 answerSeconds,
        uint32 reviewSeconds
    ) {
        _AGREEMENTS = agreements_;
        _BOOK = book_;
        _ANSWER_SECONDS = answerSeconds;
        _REVIEW_SECONDS = reviewSeconds;
    }

    /// @inheritdoc IObjections
    function object(
        LineProof calldata proof,
        uint64 amount,
        bytes32 groundsDigest,
        PartySignature calldata objector
    ) external returns (ObjectionId objectionId) {
        (LineId lineId, IRevenueSettlement.LineRecord memory record) = _BOOK.requireBooked(proof);
        _requireOpenWindow(lineId, proof.line, record.place);
        _requireAmount(proof.line, amount);
        _requireAffected(proof, objector.signer);
        (TableId tableId, TableVersion tableVersion) = (proof.line.tableId, proof.line.tableVersion);
        objectionId = _objectionId(lineId, tableId, tableVersion, objector.signer);
        if (_objections[objectionId].status != ObjectionStatus.UNKNOWN) {
            revert ObjectionsAlreadyFiled(objectionId);
        }
        _requireSigned(
            TableTypedData.headOfObjection(tableId, tableVersion, lineId, amount, groundsDigest),
            objector,
            0,
            KeyPurposes.BUSINESS,
            true
        );
        Objection memory objection = Objection({
            status: ObjectionStatus.OPEN,
            objector: objector.signer,
            lineId: lineId,
            tableId: tableId,
            tableVersion: tableVersion,
            amount: amount,
            answerUntil: _now() + _ANSWER_SECONDS,
            reviewUntil: 0
        });
        _objections[objectionId] = objection;
        Against storage against = _against[lineId][tableId][tableVersion];
        ++against.pending;
        against.frozen += amount;
        emit ObjectionFiled(objectionId, lineId, objector.signer, objection, groundsDigest);
    }

    /// @inheritdoc IObjections
    function answerObjection(
        ObjectionId objectionId,
        bool upheld,
        bytes32 answerDigest,
        PartySignature calldata proposer,
        PartySignature calldata second
    ) external {
        Objection storage objection = _requireStatus(objectionId, ObjectionStatus.OPEN);
        if (_now() > objection.answerUntil) {
            revert ObjectionsWrongTime(objectionId, objection.answerUntil);
        }
        (TableId tableId, TableVersion tableVersion) = (objection.tableId, objection.tableVersion);
        BodyId proposer_ = _BOOK.tableOf(tableId).proposer;
        bytes memory head = TableTypedData.headOfAnswer(objectionId, upheld, answerDigest);
        _requireSignedBy(proposer_, head, proposer, KeyPurposes.BUSINESS, false);
        _requireSigned(head, second, _secondRoles(proposer_, tableId, tableVersion), KeyPurposes.BUSINESS, false);
        if (upheld) {
            _close(objectionId, ObjectionStatus.UPHELD, answerDigest);
            return;
        }
        _answerers[objectionId] = second.signer;
        objection.reviewUntil = _now() + _REVIEW_SECONDS;
        _move(objectionId, ObjectionStatus.ANSWERED, answerDigest);
    }

    /// @inheritdoc IObjections
    function requestReview(ObjectionId objectionId, bytes32 groundsDigest, PartySignature calldata objector) external {
        Objection storage objection = _requireStatus(objectionId, ObjectionStatus.ANSWERED);
        if (_now() > objection.reviewUntil) {
            revert ObjectionsWrongTime(objectionId, objection.reviewUntil);
        }
        _requireSignedBy(
            objection.objector,
            TableTypedData.headOfReviewRequest(objectionId, groundsDigest),
            objector,
            KeyPurposes.BUSINESS,
            true
        );
        _move(objectionId, ObjectionStatus.IN_REVIEW, groundsDigest);
    }

    /// @inheritdoc IObjections
    function decideReview(
        ObjectionId objectionId,
        bool upheld,
        bytes32 decisionDigest,
        PartySignature calldata reviewer
    ) external {
        Objection storage objection = _requireStatus(objectionId, ObjectionStatus.IN_REVIEW);
        BodyId by = reviewer.signer;
        bool isSecond = by == _secondOf(objection.tableId, objection.tableVersion);
        if (isSecond || by == _answerers[objectionId] || by == objection.objector) {
            revert ObjectionsReviewerNotIndependent(by);
        }
        bytes memory head = TableTypedData.headOfReviewDecision(objectionId, upheld, decisionDigest);
        _requireSigned(head, reviewer, _REVIEWERS, KeyPurposes.BUSINESS, false);
        _close(objectionId, upheld ? ObjectionStatus.UPHELD : ObjectionStatus.REJECTED, decisionDigest);
    }

    /// @inheritdoc IObjections
    function withdrawObjection(
        ObjectionId objectionId,
        bytes32 reasonDigest,
        PartySignature calldata objector
    ) external {
        Objection storage objection = _objections[objectionId];
        ObjectionStatus status = objection.status;
        bool isPending =
            status == ObjectionStatus.OPEN || status == ObjectionStatus.ANSWERED || status == ObjectionStatus.IN_REVIEW;
        if (!isPending) {
            _refuse(objectionId, status);
        }
        bytes memory head = TableTypedData.headOfWithdrawal(objectionId, reasonDigest);
        // Not while suspended: it gives a right up, and a suspension is what stops a thief of the objector's key.
        _requireSignedBy(objection.objector, head, objector, KeyPurposes.BUSINESS, false);
        _close(objectionId, ObjectionStatus.WITHDRAWN, reasonDigest);
    }

    /// @inheritdoc IObjections
    function advanceObjection(ObjectionId objectionId) external {
        Objection storage objection = _objections[objectionId];
        ObjectionStatus status = objection.status;
        if (status != ObjectionStatus.OPEN && status != ObjectionStatus.ANSWERED) {
            _refuse(objectionId, status);
        }
        uint48 limit = status == ObjectionStatus.OPEN ? objection.answerUntil : objection.reviewUntil;
        if (_now() <= limit) {
            revert ObjectionsWrongTime(objectionId, limit);
        }
        if (status == ObjectionStatus.OPEN) {
            _move(objectionId, ObjectionStatus.IN_REVIEW, 0);
        } else {
            _close(objectionId, ObjectionStatus.REJECTED, 0);
        }
    }

    /// @inheritdoc IObjections
    function objectionOf(ObjectionId objectionId) external view returns (Objection memory) {
        return _objections[objectionId];
    }

    /// @inheritdoc IObjections
    function objectionPeriods() external view returns (uint32 answerSeconds, uint32 reviewSeconds) {
        return (_ANSWER_SECONDS, _REVIEW_SECONDS);
    }

    /// @dev Reverts unless the window of this booking is open to objections.
    function _requireOpenWindow(LineId lineId, Line calldata line, uint16 place) internal view virtual;

    /// @dev Roles, any one of which makes a body a second signer of this version. Never zero.
    function _secondRoles(
        BodyId proposer,
        TableId tableId,
        TableVersion tableVersion
    ) internal view virtual returns (uint32);

    /// @dev Who signed the version as the second.
    function _secondOf(TableId tableId, TableVersion tableVersion) internal view virtual returns (BodyId);

    /// @dev Objections against one booking.
    function _objectionsTo(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) internal view returns (Against memory) {
        return _against[lineId][tableId][tableVersion];
    }

    /// @dev Time of the block. What a validator can shift its clock by is nothing beside windows of days.
    function _now() internal view returns (uint48) {
        // solhint-disable-next-line not-rely-on-time
        return uint48(block.timestamp);
    }

    /// @dev The objection no longer waits: the line is free of it, or lost to it when it was upheld.
    function _close(ObjectionId objectionId, ObjectionStatus status, bytes32 digest) private {
        Objection storage objection = _objections[objectionId];
        Against storage against = _against[objection.lineId][objection.tableId][objection.tableVersion];
        --against.pending;
        against.frozen -= objection.amount;
        if (status == ObjectionStatus.UPHELD) {
            against.upheld = true;
        }
        _move(objectionId, status, digest);
    }

    function _move(ObjectionId objectionId, ObjectionStatus status, bytes32 digest) private {
        _objections[objectionId].status = status;
        emit ObjectionMoved(objectionId, status, digest);
    }

    function _requireStatus(
        ObjectionId objectionId,
        ObjectionStatus status
    ) private view returns (Objection storage objection) {
        objection = _objections[objectionId];
        if (objection.status != status) {
            _refuse(objectionId, objection.status);
        }
    }

    /// @dev Provider and consumer may object to every line of their agreement, recipients to lines that name them.
    function _requireAffected(LineProof calldata proof, BodyId body) private view {
        (BodyId provider, BodyId consumer) = _AGREEMENTS.partiesOf(proof.line.key.agreementId);
        if (body == provider || body == consumer) {
            return;
        }
        for (uint256 i = 0; i < proof.recipients.length; ++i) {
            if (proof.recipients[i] == body) {
                return;
            }
        }
        revert ObjectionsNotAffected(body);
    }

    function _requireAmount(Line calldata line, uint64 amount) private pure {
        (uint64 gross, uint64 baseGross) = (line.gross, line.baseGross);
        uint64 maximum = gross > baseGross ? gross - baseGross : baseGross - gross;
        // A line of nothing may be wrong too: it takes the least objection.
        if (maximum == 0) {
            maximum = 1;
        }
        if (amount == 0 || amount > maximum) {
            revert ObjectionsWrongAmount(amount, maximum);
        }
    }

    function _refuse(ObjectionId objectionId, ObjectionStatus status) private pure {
        if (status == ObjectionStatus.UNKNOWN) {
            revert ObjectionsUnknownObjection(objectionId);
        }
        revert ObjectionsWrongStatus(objectionId, status);
    }

    function _objectionId(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion,
        BodyId objector
    ) private pure returns (ObjectionId) {
        return ObjectionId.wrap(keccak256(abi.encode(_OBJECTION_DOMAIN, lineId, tableId, tableVersion, objector)));
    }
}
