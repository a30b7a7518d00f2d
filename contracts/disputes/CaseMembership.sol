// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {AgreementTypedData} from "../libraries/AgreementTypedData.sol";
import {AgreementId, BodyId, LineId, StreamId} from "../types/Ids.sol";
import {Component, Recipient} from "../types/Terms.sol";

/// @title What and who belongs to a case
/// @notice A line is known by the hash of what names it, a recipient by the terms that the parties signed: so cases
/// need nothing of the contracts that book and pay, which are deployed later.
abstract contract CaseMembership is IDisputes {
    IDigitalContractRegistry internal immutable _AGREEMENTS;
    IDeliveryReceipts internal immutable _RECEIPTS;

    /// @notice Fixes the contracts that are asked.
    /// @param agreements_ The `DigitalContractRegistry`.
    /// @param receipts_ The `DeliveryReceipts`.
    constructor(IDigitalContractRegistry agreements_, IDeliveryReceipts receipts_) {
        _requireCode(address(agreements_));
        _requireCode(address(receipts_));
        _AGREEMENTS = agreements_;
        _RECEIPTS = receipts_;
    }

    /// @inheritdoc IDisputes
    function agreements() external view returns (address) {
        return address(_AGREEMENTS);
    }

    /// @inheritdoc IDisputes
    function receipts() external view returns (address) {
        return address(_RECEIPTS);
    }

    /// @dev Reverts unless statement and line are named exactly where the subject has them, and are the agreement's.
    function _requireSubject(DisputeCase calldata disputeCase, CaseProof calldata proof) internal view {
        bool isStatement = disputeCase.subject == Subject.STATEMENT;
        bool namesLine = LineId.unwrap(disputeCase.lineId) != bytes32(0);
        bool needsLine = disputeCase.subject == Subject.LINE || disputeCase.frozenAmount != 0;
        bool fits = namesLine == needsLine;
        if (isStatement) {
            fits = fits && _isStatementOf(disputeCase);
        } else {
            fits = fits && StreamId.unwrap(disputeCase.streamId) == bytes32(0) && disputeCase.index == 0;
        }
        if (namesLine) {
            bool isOther = disputeCase.lineId != AgreementTypedData.lineIdOf(proof.line);
            fits = fits && !isOther && !(proof.line.agreementId != disputeCase.agreementId);
        }
        if (!fits) {
            revert DisputesWrongSubject(disputeCase.agreementId);
        }
    }

    /// @dev Whether the case's statement exists and is of the case's agreement. Reverts for an unknown stream.
    function _isStatementOf(DisputeCase calldata disputeCase) private view returns (bool) {
        (AgreementId agreementId, ) = _RECEIPTS.contestedUnits(disputeCase.streamId, disputeCase.index);
        return
            !(agreementId != disputeCase.agreementId) &&
            _RECEIPTS.statementOf(disputeCase.streamId, disputeCase.index).status !=
                IDeliveryReceipts.StatementStatus.UNKNOWN;
    }

    /// @dev Whether the body is the recipient at this place of a component that the parties signed; of the line's
    /// component where the case names a line. Reverts when the terms shown are not the agreement's.
    function _isRecipient(
        DisputeCase calldata disputeCase,
        CaseProof calldata proof,
        uint256 place,
        BodyId body
    ) internal view returns (bool) {
        Recipient[] calldata recipients = proof.component.terms.recipients;
        if (place >= recipients.length || recipients[place].recipient != body) {
            return false;
        }
        bytes32 expected = _AGREEMENTS.bookingTermsHash(disputeCase.agreementId);
        bytes32 actual = AgreementTypedData.hashShownTerms(proof.bookingTerms);
        if (actual != expected) {
            revert AgreementTypedData.AgreementTermsMismatch(expected, actual);
        }
        AgreementTypedData.requireComponent(proof.bookingTerms.componentsHash, proof.component);
        if (LineId.unwrap(disputeCase.lineId) == bytes32(0)) {
            return true;
        }
        Component component = proof.component.terms.component;
        bool isOtherCurrency = proof.component.terms.currency != proof.line.currency;
        return component == proof.line.component && !isOtherCurrency;
    }

    function _requireCode(address target) internal view {
        if (target.code.length == 0) {
            revert DisputesNoCode(target);
        }
    }
}
