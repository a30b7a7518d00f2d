// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {BodyId} from "../types/Ids.sol";
import {KeyGrant} from "../types/Parties.sol";

/// @title EIP-712 types of `ParticipantRegistry`
/// @notice Each function gives the head of an act: type hash and fields before the common tail, see
/// `PartySignatures`. The strings are part of the interface and never change.
library ParticipantTypedData {
    bytes32 private constant _KEY_GRANT_TYPE_HASH = keccak256("KeyGrant(address key,uint8 purposes)");
    bytes32 private constant _ADMISSION_TYPE_HASH = keccak256(
        "Admission(bytes32 bodyId,uint32 roles,bytes32 profileDigest,bytes32 qualificationDigest,uint64 qualifiedUntil,"
        "KeyGrant[] keys,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
        "KeyGrant(address key,uint8 purposes)"
    );
    bytes32 private constant _QUALIFICATION_RENEWAL_TYPE_HASH = keccak256(
        "QualificationRenewal(bytes32 bodyId,bytes32 qualificationDigest,uint64 qualifiedUntil,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _ROLE_CHANGE_TYPE_HASH = keccak256(
        "RoleChange(bytes32 bodyId,uint32 roles,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _SUSPENSION_TYPE_HASH = keccak256(
        "Suspension(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _REINSTATEMENT_TYPE_HASH = keccak256(
        "Reinstatement(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _DEPARTURE_TYPE_HASH = keccak256(
        "Departure(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _KEY_ADDITION_TYPE_HASH = keccak256(
        "KeyAddition(bytes32 bodyId,address key,uint8 purposes,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _KEY_RECOVERY_TYPE_HASH = keccak256(
        "KeyRecovery(bytes32 bodyId,address key,uint8 purposes,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _KEY_REVOCATION_TYPE_HASH = keccak256(
        "KeyRevocation(bytes32 bodyId,address key,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `Admission`.
    /// @param admission What the body is admitted as.
    /// @return head The head.
    function headOfAdmission(
        IParticipantRegistry.Admission calldata admission
    ) internal pure returns (bytes memory head) {
        return
            abi.encode(
                _ADMISSION_TYPE_HASH,
                admission.bodyId,
                admission.roles,
                admission.profileDigest,
                admission.qualificationDigest,
                admission.qualifiedUntil,
                hashKeys(admission.keys)
            );
    }

    /// @notice Head of `QualificationRenewal`.
    /// @param bodyId The body.
    /// @param qualificationDigest Digest of the report.
    /// @param qualifiedUntil Last second, Unix time.
    /// @param nonce The signer's number of acts about the body.
    /// @return head The head.
    function headOfQualificationRenewal(
        BodyId bodyId,
        bytes32 qualificationDigest,
        uint64 qualifiedUntil,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_QUALIFICATION_RENEWAL_TYPE_HASH, bodyId, qualificationDigest, qualifiedUntil, nonce);
    }

    /// @notice Head of `RoleChange`.
    /// @param bodyId The body.
    /// @param roles The new roles.
    /// @param nonce The signer's number of acts about the body.
    /// @return head The head.
    function headOfRoleChange(BodyId bodyId, uint32 roles, uint256 nonce) internal pure returns (bytes memory head) {
        return abi.encode(_ROLE_CHANGE_TYPE_HASH, bodyId, roles, nonce);
    }

    /// @notice Head of `Suspension`.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The signer's number of acts about the body.
    /// @return head The head.
    function headOfSuspension(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_SUSPENSION_TYPE_HASH, bodyId, reasonDigest, nonce);
    }

    /// @notice Head of `Reinstatement`.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The signer's number of acts about the body.
    /// @return head The head.
    function headOfReinstatement(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_REINSTATEMENT_TYPE_HASH, bodyId, reasonDigest, nonce);
    }

    /// @notice Head of `Departure`.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The body's number of acts about itself.
    /// @return head The head.
    function headOfDeparture(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_DEPARTURE_TYPE_HASH, bodyId, reasonDigest, nonce);
    }

    /// @notice Head of `KeyAddition`.
    /// @param bodyId The body.
    /// @param grant The new key and its purposes.
    /// @param nonce The body's number of acts about itself.
    /// @return head The head.
    function headOfKeyAddition(
        BodyId bodyId,
        KeyGrant calldata grant,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_KEY_ADDITION_TYPE_HASH, bodyId, grant.key, grant.purposes, nonce);
    }

    /// @notice Head of `KeyRecovery`.
    /// @param bodyId The body.
    /// @param grant The new key and its purposes.
    /// @param nonce The body's number of recoveries.
    /// @return head The head.
    function headOfKeyRecovery(
        BodyId bodyId,
        KeyGrant calldata grant,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_KEY_RECOVERY_TYPE_HASH, bodyId, grant.key, grant.purposes, nonce);
    }

    /// @notice Head of `KeyRevocation`.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The body's number of acts about itself.
    /// @return head The head.
    function headOfKeyRevocation(
        BodyId bodyId,
        address key,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_KEY_REVOCATION_TYPE_HASH, bodyId, key, reasonDigest, nonce);
    }

    /// @notice EIP-712 hash of an array of `KeyGrant`.
    /// @param keys The keys.
    /// @return keysHash Hash of the hashes of its elements.
    function hashKeys(KeyGrant[] calldata keys) internal pure returns (bytes32 keysHash) {
        bytes32[] memory hashes = new bytes32[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            hashes[i] = keccak256(abi.encode(_KEY_GRANT_TYPE_HASH, keys[i].key, keys[i].purposes));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
