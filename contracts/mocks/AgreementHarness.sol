// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementTypedData} from "../libraries/AgreementTypedData.sol";
import {AgreementId, ConnectorId, LineId, StatementId, StreamId} from "../types/Ids.sol";
import {BookingTerms, ComponentProof, ComponentTerms, LineKey, Recipient} from "../types/Terms.sol";

/// @title AgreementTypedData, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract AgreementHarness {
    function hashRecipients(Recipient[] calldata recipients) external pure returns (bytes32) {
        return AgreementTypedData.hashRecipients(recipients);
    }

    function hashComponentTerms(ComponentTerms calldata terms) external pure returns (bytes32) {
        return AgreementTypedData.hashComponentTerms(terms);
    }

    function requireComponent(bytes32 componentsHash, ComponentProof calldata proof) external pure {
        AgreementTypedData.requireComponent(componentsHash, proof);
    }

    function hashBookingTerms(BookingTerms calldata terms) external pure returns (bytes32) {
        return AgreementTypedData.hashBookingTerms(terms);
    }

    function lineIdOf(LineKey calldata key) external pure returns (LineId) {
        return AgreementTypedData.lineIdOf(key);
    }

    function streamIdOf(AgreementId agreementId, ConnectorId connectorId) external pure returns (StreamId) {
        return AgreementTypedData.streamIdOf(agreementId, connectorId);
    }

    function statementIdOf(StreamId streamId, uint64 index) external pure returns (StatementId) {
        return AgreementTypedData.statementIdOf(streamId, index);
    }
}
