// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {AgreementId, BodyId} from "../types/Ids.sol";

/// @notice Every agreement is between the same two.
contract StubAgreements {
    BodyId private immutable _PROVIDER;
    BodyId private immutable _CONSUMER;
    uint64 public validFrom;
    uint64 public validUntil = type(uint64).max;

    constructor(BodyId provider, BodyId consumer) {
        (_PROVIDER, _CONSUMER) = (provider, consumer);
    }

    function begin(uint64 time) external {
        validFrom = time;
    }

    function end(uint64 time) external {
        validUntil = time;
    }

    function deliveryTerms(AgreementId) external view returns (IDigitalContractRegistry.DeliveryTerms memory) {
        return IDigitalContractRegistry.DeliveryTerms(_PROVIDER, _CONSUMER, validFrom, validUntil, 1 days, true);
    }

    function partiesOf(AgreementId) external view returns (BodyId provider, BodyId consumer) {
        return (_PROVIDER, _CONSUMER);
    }
}
