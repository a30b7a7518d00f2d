// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {AgreementId, BodyId, DisputeId, StreamId} from "../types/Ids.sol";

/// @title Agreements, receipts and disputes as `RevenueSettlement` asks for them
/// @notice Believes whatever tests tell it, and reads as many storage slots for an answer as the real contracts, so
/// that gas is measured and not guessed. Deploy it once for each of the three. Never deployed for real.
contract StubSources {
    struct Parties {
        BodyId provider;
        BodyId consumer;
        uint64 validFrom;
        uint64 validUntil;
    }

    mapping(AgreementId agreementId => bytes32 termsHash) private _termsHashes;
    mapping(AgreementId agreementId => Parties parties) private _parties;
    mapping(StreamId streamId => IDeliveryReceipts.Stream stream) private _streams;
    mapping(StreamId streamId => mapping(uint64 index => IDeliveryReceipts.Statement statement)) private _statements;
    mapping(DisputeId disputeId => IDisputes.DisputeRecord record) private _disputes;

    error UnknownAgreement(AgreementId agreementId);

    function setAgreement(AgreementId agreementId, bytes32 termsHash, BodyId provider, BodyId consumer) external {
        _termsHashes[agreementId] = termsHash;
        _parties[agreementId] = Parties(provider, consumer, 0, type(uint64).max);
    }

    function setValidity(AgreementId agreementId, uint64 validFrom, uint64 validUntil) external {
        (_parties[agreementId].validFrom, _parties[agreementId].validUntil) = (validFrom, validUntil);
    }

    function addStatement(StreamId streamId, AgreementId agreementId, uint64 units) external {
        IDeliveryReceipts.Stream storage stream = _streams[streamId];
        (stream.agreementId, stream.isOpen) = (agreementId, true);
        _statements[streamId][stream.statements] = IDeliveryReceipts.Statement(
            keccak256("claim"),
            IDeliveryReceipts.StatementStatus.ACKNOWLEDGED,
            1,
            units,
            units
        );
        ++stream.statements;
    }

    function setDispute(DisputeId disputeId, IDisputes.DisputeRecord calldata record) external {
        _disputes[disputeId] = record;
    }

    function bookingTermsHash(AgreementId agreementId) external view returns (bytes32 termsHash) {
        termsHash = _termsHashes[agreementId];
        if (termsHash == 0) {
            revert UnknownAgreement(agreementId);
        }
    }

    function partiesOf(AgreementId agreementId) external view returns (BodyId provider, BodyId consumer) {
        Parties storage parties = _parties[agreementId];
        return (parties.provider, parties.consumer);
    }

    function deliveryTerms(
        AgreementId agreementId
    ) external view returns (IDigitalContractRegistry.DeliveryTerms memory) {
        Parties memory parties = _parties[agreementId];
        return
            IDigitalContractRegistry.DeliveryTerms(
                parties.provider,
                parties.consumer,
                parties.validFrom,
                parties.validUntil,
                1 days,
                true
            );
    }

    function chargeableUnits(
        StreamId streamId,
        uint64 firstIndex,
        uint64 nextIndex
    ) external view returns (AgreementId agreementId, uint256 units) {
        IDeliveryReceipts.Stream storage stream = _streams[streamId];
        if (nextIndex <= firstIndex || nextIndex - firstIndex > 64 || nextIndex > stream.statements) {
            revert IDeliveryReceipts.DeliveryReceiptsWrongRange(streamId, firstIndex, nextIndex);
        }
        for (uint64 index = firstIndex; index < nextIndex; ++index) {
            units += _statements[streamId][index].acceptedUnits;
        }
        return (stream.agreementId, units);
    }

    function awardOf(DisputeId disputeId) external view returns (IDisputes.Award memory) {
        IDisputes.DisputeRecord storage record = _disputes[disputeId];
        return
            IDisputes.Award(
                record.status,
                record.agreementId,
                record.lineId,
                record.awardedUnits,
                record.correctsGross,
                record.baseGross,
                record.correctedGross
            );
    }
}
