// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {IProductRegistry} from "../interfaces/IProductRegistry.sol";
import {AgreementId, BodyId, ProductId} from "../types/Ids.sol";

/// @title Registries of agreements and products that believe whatever tests tell them
/// @notice Answers what usage and disputes ask of them, with their errors and from as many storage slots, so that gas
/// is counted as it will be. Never deployed.
contract StubTrade {
    /// @dev Three slots for what deliveries ask, as the interface promises.
    struct Stored {
        BodyId provider;
        BodyId consumer;
        IDigitalContractRegistry.AgreementStatus status;
        uint64 validFrom;
        uint64 validUntil;
        uint32 answerSeconds;
        bool silenceAccepts;
        bytes32 bookingTermsHash;
        ProductId productId;
    }

    mapping(AgreementId agreementId => Stored stored) private _agreements;
    mapping(ProductId productId => bool isFrozen) private _isFrozen;

    function setAgreement(
        AgreementId agreementId,
        IDigitalContractRegistry.DeliveryTerms calldata terms,
        bytes32 bookingTermsHash_,
        ProductId productId
    ) external {
        _agreements[agreementId] = Stored(
            terms.provider,
            terms.consumer,
            IDigitalContractRegistry.AgreementStatus.CONCLUDED,
            terms.validFrom,
            terms.validUntil,
            terms.answerSeconds,
            terms.silenceAccepts,
            bookingTermsHash_,
            productId
        );
    }

    function setFrozen(ProductId productId, bool isFrozen) external {
        _isFrozen[productId] = isFrozen;
    }

    function deliveryTerms(
        AgreementId agreementId
    ) external view returns (IDigitalContractRegistry.DeliveryTerms memory) {
        Stored storage stored = _known(agreementId);
        return
            IDigitalContractRegistry.DeliveryTerms(
                stored.provider,
                stored.consumer,
                stored.validFrom,
                stored.validUntil,
                stored.answerSeconds,
                stored.silenceAccepts
            );
    }

    function agreementOf(
        AgreementId agreementId
    ) external view returns (IDigitalContractRegistry.AgreementRecord memory record) {
        Stored storage stored = _known(agreementId);
        record.status = stored.status;
        record.provider = stored.provider;
        record.consumer = stored.consumer;
        record.productId = stored.productId;
        record.bookingTermsHash = stored.bookingTermsHash;
    }

    function bookingTermsHash(AgreementId agreementId) external view returns (bytes32) {
        return _known(agreementId).bookingTermsHash;
    }

    function partiesOf(AgreementId agreementId) external view returns (BodyId provider, BodyId consumer) {
        Stored storage stored = _known(agreementId);
        return (stored.provider, stored.consumer);
    }

    function requireNotFrozen(ProductId productId) external view {
        if (_isFrozen[productId]) {
            revert IProductRegistry.ProductRegistryFrozen(productId);
        }
    }

    function _known(AgreementId agreementId) private view returns (Stored storage stored) {
        stored = _agreements[agreementId];
        if (stored.status == IDigitalContractRegistry.AgreementStatus.UNKNOWN) {
            revert IDigitalContractRegistry.DigitalContractRegistryUnknownAgreement(agreementId);
        }
    }
}
