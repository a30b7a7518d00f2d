// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {ParticipantTypedData} from "../libraries/ParticipantTypedData.sol";
import {BodyId} from "../types/Ids.sol";
import {KeyGrant} from "../types/Parties.sol";

/// @title The heads of the registry's acts, callable
/// @notice For tests and vectors only; never deployed.
contract ParticipantHarness {
    function headOfAdmission(
        IParticipantRegistry.Admission calldata admission
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfAdmission(admission);
    }

    function headOfQualificationRenewal(
        BodyId bodyId,
        bytes32 qualificationDigest,
        uint64 qualifiedUntil,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfQualificationRenewal(bodyId, qualificationDigest, qualifiedUntil, nonce);
    }

    function headOfRoleChange(BodyId bodyId, uint32 roles, uint256 nonce) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfRoleChange(bodyId, roles, nonce);
    }

    function headOfSuspension(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfSuspension(bodyId, reasonDigest, nonce);
    }

    function headOfReinstatement(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfReinstatement(bodyId, reasonDigest, nonce);
    }

    function headOfDeparture(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfDeparture(bodyId, reasonDigest, nonce);
    }

    function headOfKeyAddition(
        BodyId bodyId,
        KeyGrant calldata grant,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfKeyAddition(bodyId, grant, nonce);
    }

    function headOfKeyRecovery(
        BodyId bodyId,
        KeyGrant calldata grant,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfKeyRecovery(bodyId, grant, nonce);
    }

    function headOfKeyRevocation(
        BodyId bodyId,
        address key,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory head) {
        return ParticipantTypedData.headOfKeyRevocation(bodyId, key, reasonDigest, nonce);
    }
}
