// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {AgreementTypedData} from "../libraries/AgreementTypedData.sol";
import {AgreementId, BodyId, DisputeId, LineId, StatementId, StreamId} from "../types/Ids.sol";

/// @title The cases on record, and what they freeze
/// @notice See {IDisputes}. Who may open, extend and end a case is in `Disputes`; here is what they left.
/// @dev Time is compared in days; what a validator can shift its clock by decides nothing.
abstract contract CaseBook is IDisputes {
    /// @dev A case. Eight storage slots, of which those that a case does not need stay zero.
    struct Case {
        AgreementId agreementId;
        BodyId opener;
        DisputeStatus status;
        Subject subject;
        uint64 index;
        uint64 frozenAmount;
        uint64 reviewAt;
        uint32 extensions;
        StreamId streamId;
        LineId lineId;
        BodyId frozenPayee;
        bytes32 rulingDigest;
        uint64 awardedUnits;
        uint64 baseGross;
        uint64 correctedGross;
        bool correctsGross;
        bool isExtendedForGood;
    }

    mapping(DisputeId disputeId => Case record) internal _cases;
    mapping(AgreementId agreementId => mapping(BodyId opener => uint256 count)) internal _caseCount;
    /// @dev Every case that froze it, each opener once; those that are over stay in the list, because an arbitrator may
    /// extend them. Its length is bounded: two parties, four recipients, regulators.
    mapping(LineId lineId => mapping(BodyId payee => DisputeId[] disputeIds)) private _freezing;
    mapping(LineId lineId => mapping(BodyId payee => mapping(BodyId opener => bool hasFrozen))) internal _frozenOnce;
    mapping(StatementId statementId => uint64 units) internal _awardedUnits;

    /// @inheritdoc IDisputes
    function disputeOf(DisputeId disputeId) external view returns (DisputeRecord memory record) {
        Case storage stored = _cases[disputeId];
        record.status = stored.status;
        record.agreementId = stored.agreementId;
        record.opener = stored.opener;
        record.subject = stored.subject;
        record.streamId = stored.streamId;
        record.index = stored.index;
        record.lineId = stored.lineId;
        record.frozenPayee = stored.frozenPayee;
        record.frozenAmount = stored.frozenAmount;
        record.reviewAt = stored.reviewAt;
        record.extensions = stored.extensions;
        record.rulingDigest = stored.rulingDigest;
        record.awardedUnits = stored.awardedUnits;
        record.correctsGross = stored.correctsGross;
        record.baseGross = stored.baseGross;
        record.correctedGross = stored.correctedGross;
    }

    /// @inheritdoc IDisputes
    function awardOf(DisputeId disputeId) external view returns (Award memory) {
        Case storage stored = _cases[disputeId];
        return
            Award({
                status: stored.status,
                agreementId: stored.agreementId,
                lineId: stored.lineId,
                awardedUnits: stored.awardedUnits,
                correctsGross: stored.correctsGross,
                baseGross: stored.baseGross,
                correctedGross: stored.correctedGross
            });
    }

    /// @inheritdoc IDisputes
    function caseCount(AgreementId agreementId, BodyId opener) external view returns (uint256) {
        return _caseCount[agreementId][opener];
    }

    /// @inheritdoc IDisputes
    function frozenAmount(LineId lineId, BodyId payee) external view returns (uint64) {
        DisputeId[] storage disputeIds = _freezing[lineId][payee];
        uint64 greatest = 0;
        for (uint256 i = 0; i < disputeIds.length; ++i) {
            Case storage record = _cases[disputeIds[i]];
            if (record.frozenAmount > greatest && _isFreezing(record)) {
                greatest = record.frozenAmount;
            }
        }
        return greatest;
    }

    /// @inheritdoc IDisputes
    function freezesOf(
        LineId lineId,
        BodyId payee
    ) external view returns (DisputeId[] memory disputeIds, uint64[] memory amounts) {
        disputeIds = _freezing[lineId][payee];
        amounts = new uint64[](disputeIds.length);
        for (uint256 i = 0; i < disputeIds.length; ++i) {
            Case storage record = _cases[disputeIds[i]];
            if (_isFreezing(record)) {
                amounts[i] = record.frozenAmount;
            }
        }
    }

    /// @inheritdoc IDisputes
    function awardedUnits(StreamId streamId, uint64 index) external view returns (uint64) {
        return _awardedUnits[AgreementTypedData.statementIdOf(streamId, index)];
    }

    function _store(DisputeId disputeId, DisputeCase calldata disputeCase, BodyId opener) internal {
        Case storage record = _cases[disputeId];
        record.agreementId = disputeCase.agreementId;
        record.opener = opener;
        record.status = DisputeStatus.OPEN;
        record.subject = disputeCase.subject;
        record.index = disputeCase.index;
        record.frozenAmount = disputeCase.frozenAmount;
        record.reviewAt = disputeCase.reviewAt;
        record.streamId = disputeCase.streamId;
        record.lineId = disputeCase.lineId;
        if (disputeCase.frozenAmount != 0) {
            record.frozenPayee = disputeCase.frozenPayee;
            _freezing[disputeCase.lineId][disputeCase.frozenPayee].push(disputeId);
            _frozenOnce[disputeCase.lineId][disputeCase.frozenPayee][opener] = true;
        }
    }

    function _requireOpen(DisputeId disputeId, Case storage record) internal view {
        if (record.status == DisputeStatus.UNKNOWN) {
            revert DisputesUnknownCase(disputeId);
        }
        if (record.status != DisputeStatus.OPEN) {
            revert DisputesWrongStatus(disputeId, record.status);
        }
    }

    /// @dev A freeze ends by itself when its review date has come, and before that with its case; but for one whose
    /// ruling corrects the gross: until the correction is final, the money that it takes back must stay.
    function _isFreezing(Case storage record) private view returns (bool) {
        // solhint-disable-next-line not-rely-on-time
        bool isOver = block.timestamp >= record.reviewAt;
        return !isOver && (record.status == DisputeStatus.OPEN || record.correctsGross);
    }
}
