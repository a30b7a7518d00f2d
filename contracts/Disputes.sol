// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "./access/PartyActs.sol";
import {CaseBook} from "./disputes/CaseBook.sol";
import {CaseMembership} from "./disputes/CaseMembership.sol";
import {IDeliveryReceipts} from "./interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "./interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "./interfaces/IDisputes.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {AgreementTypedData} from "./libraries/AgreementTypedData.sol";
import {DisputeTypedData} from "./libraries/DisputeTypedData.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {AgreementId, BodyId, DisputeId, LineId} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";

/// @title Disputes
/// @notice See {IDisputes}. It moves no money and changes no statement: it holds an amount back until a date, and
/// records what was ruled, which later contracts take as the basis of a line.
/// @dev Time is compared in days; what a validator can shift its clock by decides nothing.
contract Disputes is CaseMembership, CaseBook, PartyActs {
    /// @notice Most recipients that freeze the amount of another one in one line, so that what is frozen can be read.
    /// They may be friends; provider, consumer and regulators are not counted, so nobody can use up their place.
    uint256 public constant MAX_RECIPIENT_FREEZES = 4;

    uint64 private immutable _MAX_FREEZE_SECONDS;

    mapping(LineId lineId => mapping(BodyId payee => uint256 count)) private _frozenByRecipients;

    /// @notice Fixes the contracts that it reads and the longest freeze, for ever.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param agreements_ The `DigitalContractRegistry`.
    /// @param receipts_ The `DeliveryReceipts`.
    /// @param maxFreezeSeconds_ Longest time from an act to the review date that it may set.
    constructor(
        IParticipantRegistry participants_,
        IDigitalContractRegistry agreements_,
        IDeliveryReceipts receipts_,
        uint64 maxFreezeSeconds_
    ) PartyActs(participants_, "CityLedger Disputes") CaseMembership(agreements_, receipts_) {
        _requireCode(address(participants_));
        _MAX_FREEZE_SECONDS = maxFreezeSeconds_;
    }

    /// @inheritdoc IDisputes
    function open(
        DisputeCase calldata disputeCase,
        CaseProof calldata proof,
        PartySignature calldata opener
    ) external returns (DisputeId disputeId) {
        AgreementId agreementId = disputeCase.agreementId;
        uint256 nonce = _caseCount[agreementId][opener.signer];
        if (disputeCase.nonce != nonce) {
            revert DisputesWrongNonce(nonce, disputeCase.nonce);
        }
        if (disputeCase.groundsDigest == bytes32(0)) {
            revert DisputesZeroDigest();
        }
        _requireSubject(disputeCase, proof);
        _requireFreeze(disputeCase, proof, opener.signer);
        bool isRecipient = _requireOpener(disputeCase, proof, opener);
        if (isRecipient && disputeCase.frozenAmount != 0) {
            _takeFreeze(disputeCase.lineId, disputeCase.frozenPayee);
        }
        disputeId = DisputeTypedData.disputeIdOf(agreementId, opener.signer, nonce);
        _caseCount[agreementId][opener.signer] = nonce + 1;
        _store(disputeId, disputeCase, opener.signer);
        emit DisputeOpened(disputeId, agreementId, opener.signer, disputeCase);
    }

    /// @inheritdoc IDisputes
    function extendFreeze(
        DisputeId disputeId,
        uint64 reviewAt,
        uint256 nonce,
        PartySignature calldata arbitrator
    ) external {
        Case storage record = _cases[disputeId];
        // A ruling that corrects a gross freezes until the correction takes its money back, which may need longer:
        // once, since nobody else ends what is resolved, and no arbitrator alone keeps money for ever.
        bool isResolved = record.correctsGross;
        if (!isResolved) {
            _requireOpen(disputeId, record);
        } else if (record.isExtendedForGood) {
            revert DisputesExtendedAlready(disputeId);
        }
        if (nonce != record.extensions) {
            revert DisputesWrongNonce(record.extensions, nonce);
        }
        if (record.frozenAmount == 0) {
            revert DisputesWrongSubject(record.agreementId);
        }
        if (reviewAt <= record.reviewAt) {
            revert DisputesWrongReviewDate(reviewAt, _latestReview());
        }
        _requireReviewDate(reviewAt);
        _requireIndependent(record, arbitrator.signer);
        bytes memory head = DisputeTypedData.headOfExtension(disputeId, reviewAt, nonce);
        _requireSigned(head, arbitrator, BodyRoles.ARBITRATOR, KeyPurposes.BUSINESS, false);
        record.reviewAt = reviewAt;
        if (isResolved) {
            record.isExtendedForGood = true;
        }
        ++record.extensions;
        emit FreezeExtended(disputeId, reviewAt);
    }

    /// @inheritdoc IDisputes
    function resolve(
        DisputeId disputeId,
        bytes32 rulingDigest,
        uint64 awardedUnits_,
        bool correctsGross,
        uint64 baseGross,
        uint64 correctedGross,
        PartySignature[] calldata signers
    ) external {
        Decision memory decision = Decision(rulingDigest, awardedUnits_, correctsGross, baseGross, correctedGross);
        Case storage record = _cases[disputeId];
        _requireOpen(disputeId, record);
        _requireAward(record, decision);
        DisputeStatus status = _requireResolvers(disputeId, record, decision, signers);
        record.status = status;
        record.rulingDigest = decision.rulingDigest;
        if (decision.awardedUnits != 0) {
            record.awardedUnits = decision.awardedUnits;
            _awardedUnits[AgreementTypedData.statementIdOf(record.streamId, record.index)] += decision.awardedUnits;
        }
        if (decision.correctsGross) {
            record.correctsGross = true;
            record.baseGross = decision.baseGross;
            record.correctedGross = decision.correctedGross;
        }
        emit DisputeResolved(
            disputeId,
            status,
            decision.rulingDigest,
            decision.awardedUnits,
            decision.correctsGross,
            decision.baseGross,
            decision.correctedGross
        );
    }

    /// @inheritdoc IDisputes
    function withdraw(DisputeId disputeId, bytes32 reasonDigest, PartySignature calldata opener) external {
        Case storage record = _cases[disputeId];
        _requireOpen(disputeId, record);
        bytes memory head = DisputeTypedData.headOfWithdrawal(disputeId, reasonDigest);
        // Not while suspended: it gives a right up, and a suspension is what stops a thief of the opener's key.
        _requireSignedBy(record.opener, head, opener, KeyPurposes.BUSINESS, false);
        record.status = DisputeStatus.WITHDRAWN;
        emit DisputeWithdrawn(disputeId, reasonDigest);
    }

    /// @inheritdoc IDisputes
    function maxFreezeSeconds() external view returns (uint64) {
        return _MAX_FREEZE_SECONDS;
    }

    /// @dev Reverts unless a concerned body signed the case: provider, consumer or a recipient, also a suspended one;
    /// or the regulator. Whether it was a recipient that is none of the others.
    function _requireOpener(
        DisputeCase calldata disputeCase,
        CaseProof calldata proof,
        PartySignature calldata opener
    ) private returns (bool isRecipient) {
        bytes memory head = DisputeTypedData.headOfCase(disputeCase);
        (BodyId provider, BodyId consumer) = _AGREEMENTS.partiesOf(disputeCase.agreementId);
        bool isParty = opener.signer == provider || opener.signer == consumer;
        if (!isParty && _PARTICIPANTS.bodyOf(opener.signer).roles & BodyRoles.REGULATOR != 0) {
            _requireSigned(head, opener, BodyRoles.REGULATOR, KeyPurposes.BUSINESS, false);
            return false;
        }
        if (!isParty && !_isRecipient(disputeCase, proof, proof.opener, opener.signer)) {
            revert DisputesNotConcerned(opener.signer);
        }
        _requireSigned(head, opener, 0, KeyPurposes.BUSINESS, true);
        return !isParty;
    }

    /// @dev Counts a freeze by a recipient.
    function _takeFreeze(LineId lineId, BodyId payee) private {
        uint256 count = _frozenByRecipients[lineId][payee];
        if (count == MAX_RECIPIENT_FREEZES) {
            revert DisputesTooManyFreezes(lineId, payee);
        }
        _frozenByRecipients[lineId][payee] = count + 1;
    }

    /// @dev Reverts unless one arbitrator, or provider, consumer and any other opener, signed it; which of them it was.
    function _requireResolvers(
        DisputeId disputeId,
        Case storage record,
        Decision memory decision,
        PartySignature[] calldata signers
    ) private returns (DisputeStatus) {
        bytes memory head = DisputeTypedData.headOfRuling(disputeId, decision);
        if (signers.length == 1) {
            _requireIndependent(record, signers[0].signer);
            _requireSigned(head, signers[0], BodyRoles.ARBITRATOR, KeyPurposes.BUSINESS, false);
            return DisputeStatus.RULED;
        }
        (BodyId provider, BodyId consumer) = _AGREEMENTS.partiesOf(record.agreementId);
        BodyId opener = record.opener;
        bool isParties = opener == provider || opener == consumer;
        if (signers.length != (isParties ? 2 : 3)) {
            revert DisputesResolutionSignatures(signers.length);
        }
        _requireSignedBy(provider, head, signers[0], KeyPurposes.BUSINESS, false);
        _requireSignedBy(consumer, head, signers[1], KeyPurposes.BUSINESS, false);
        if (!isParties) {
            _requireSignedBy(opener, head, signers[2], KeyPurposes.BUSINESS, false);
        }
        return DisputeStatus.SETTLED;
    }

    /// @dev Reverts unless the case freezes nothing at all, or an amount of a recipient that this body may freeze now.
    function _requireFreeze(DisputeCase calldata disputeCase, CaseProof calldata proof, BodyId opener) private view {
        BodyId payee = disputeCase.frozenPayee;
        if (disputeCase.frozenAmount == 0) {
            if (BodyId.unwrap(payee) != bytes32(0)) {
                revert DisputesWrongSubject(disputeCase.agreementId);
            }
            if (disputeCase.reviewAt != 0) {
                revert DisputesWrongReviewDate(disputeCase.reviewAt, 0);
            }
            return;
        }
        _requireReviewDate(disputeCase.reviewAt);
        if (payee == opener) {
            revert DisputesOwnAmount(opener);
        }
        if (!_isRecipient(disputeCase, proof, proof.payee, payee)) {
            revert DisputesWrongSubject(disputeCase.agreementId);
        }
        if (_frozenOnce[disputeCase.lineId][payee][opener]) {
            revert DisputesFrozenAlready(disputeCase.lineId, payee);
        }
    }

    /// @dev Reverts unless the award fits the case's subject and takes no unit that is not contested, or awarded.
    function _requireAward(Case storage record, Decision memory decision) private view {
        if (decision.rulingDigest == bytes32(0)) {
            revert DisputesZeroDigest();
        }
        uint64 free = 0;
        if (record.subject == Subject.STATEMENT && decision.awardedUnits != 0) {
            (, uint64 contested) = _RECEIPTS.contestedUnits(record.streamId, record.index);
            free = contested - _awardedUnits[AgreementTypedData.statementIdOf(record.streamId, record.index)];
        }
        bool fitsLine = !decision.correctsGross || record.subject == Subject.LINE;
        bool isChange = decision.correctedGross != decision.baseGross;
        bool fitsGross = decision.correctsGross == isChange && (isChange || decision.correctedGross == 0);
        if (decision.awardedUnits > free || !fitsLine || !fitsGross) {
            revert DisputesWrongAward(decision.awardedUnits, free);
        }
    }

    /// @dev An arbitrator may be a recipient too, and then has no say in its own case.
    function _requireIndependent(Case storage record, BodyId arbitrator) private view {
        if (arbitrator == record.opener || arbitrator == record.frozenPayee) {
            revert DisputesArbitratorNotIndependent(arbitrator);
        }
    }

    function _requireReviewDate(uint64 reviewAt) private view {
        uint256 latest = _latestReview();
        // solhint-disable-next-line not-rely-on-time
        if (reviewAt <= block.timestamp || reviewAt > latest) {
            revert DisputesWrongReviewDate(reviewAt, latest);
        }
    }

    function _latestReview() private view returns (uint256) {
        // solhint-disable-next-line not-rely-on-time
        return block.timestamp + _MAX_FREEZE_SECONDS;
    }
}
