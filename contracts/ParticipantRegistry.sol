// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {PartyActs} from "./access/PartyActs.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {ParticipantTypedData} from "./libraries/ParticipantTypedData.sol";
import {BodyKeys} from "./participants/BodyKeys.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {BodyId} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";

/// @title ParticipantRegistry
/// @notice See {IParticipantRegistry}. Admission and standing of bodies; their keys are in {BodyKeys}.
contract ParticipantRegistry is BodyKeys {
    /// @notice Most keys that a body is admitted with. Later ones come one by one, without limit.
    uint256 public constant MAX_FIRST_KEYS = 16;

    BodyId private constant _COUNCIL = BodyId.wrap(0);

    /// @notice Places the registry under an access manager.
    /// @param authority_ The `AccessManager`.
    constructor(
        address authority_
    ) PartyActs(IParticipantRegistry(address(this)), "CityLedger ParticipantRegistry") AccessManaged(authority_) {
        if (authority_.code.length == 0) {
            revert ParticipantRegistryNoCode(authority_);
        }
    }

    /// @inheritdoc IParticipantRegistry
    function admit(
        Admission calldata admission,
        PartySignature[] calldata keySignatures,
        PartySignature calldata operator
    ) external {
        _requireAdmissible(admission, keySignatures.length);
        _requireOrdinary(admission.bodyId, admission.roles);
        bytes memory head = ParticipantTypedData.headOfAdmission(admission);
        _requireSigned(head, operator, BodyRoles.OPERATOR, KeyPurposes.BUSINESS, false);
        _enter(admission, head, keySignatures);
    }

    /// @inheritdoc IParticipantRegistry
    function admitReserved(Admission calldata admission, PartySignature[] calldata keySignatures) external restricted {
        _requireAdmissible(admission, keySignatures.length);
        uint32 roles = admission.roles;
        // n & (n - 1) is zero for one bit alone; zero itself is not reserved and is caught by the first test.
        if (!_isReserved(roles) || roles & (roles - 1) != 0) {
            revert ParticipantRegistryRolesNotAllowed(admission.bodyId, roles);
        }
        _enter(admission, ParticipantTypedData.headOfAdmission(admission), keySignatures);
    }

    /// @inheritdoc IParticipantRegistry
    function renewQualification(
        BodyId bodyId,
        bytes32 qualificationDigest,
        uint64 qualifiedUntil,
        uint256 nonce,
        PartySignature calldata authority_
    ) external {
        Body memory body = _requireMember(bodyId);
        _requireOrdinary(bodyId, body.roles);
        _takeNonce(bodyId, authority_.signer, nonce);
        _requireFuture(qualifiedUntil);
        if (qualifiedUntil < body.qualifiedUntil) {
            revert ParticipantRegistryQualificationShortened(bodyId, body.qualifiedUntil, qualifiedUntil);
        }
        bytes memory head = ParticipantTypedData.headOfQualificationRenewal(
            bodyId,
            qualificationDigest,
            qualifiedUntil,
            nonce
        );
        _requireSigned(head, authority_, BodyRoles.REGULATOR | BodyRoles.OPERATOR, KeyPurposes.BUSINESS, false);
        _qualify(bodyId, body, qualificationDigest, qualifiedUntil);
    }

    /// @inheritdoc IParticipantRegistry
    function renewReservedQualification(
        BodyId bodyId,
        bytes32 qualificationDigest,
        uint64 qualifiedUntil
    ) external restricted {
        Body memory body = _requireMember(bodyId);
        _requireFuture(qualifiedUntil);
        _qualify(bodyId, body, qualificationDigest, qualifiedUntil);
    }

    /// @inheritdoc IParticipantRegistry
    function changeRoles(BodyId bodyId, uint32 roles, uint256 nonce, PartySignature calldata authority_) external {
        Body memory body = _requireMember(bodyId);
        _requireOrdinary(bodyId, body.roles);
        _takeNonce(bodyId, authority_.signer, nonce);
        _requireOrdinary(bodyId, roles);
        bytes memory head = ParticipantTypedData.headOfRoleChange(bodyId, roles, nonce);
        // The regulator too: what the operator took away, somebody else can give back.
        _requireSigned(head, authority_, BodyRoles.REGULATOR | BodyRoles.OPERATOR, KeyPurposes.BUSINESS, false);
        body.roles = roles;
        _change(bodyId, body);
        emit RolesChanged(bodyId, roles);
    }

    /// @inheritdoc IParticipantRegistry
    function suspend(BodyId bodyId, bytes32 reasonDigest, uint256 nonce, PartySignature calldata authority_) external {
        Suspender suspender = _suspenderOf(authority_.signer);
        Body memory body = _requireSuspendable(bodyId, suspender);
        _takeNonce(bodyId, authority_.signer, nonce);
        bytes memory head = ParticipantTypedData.headOfSuspension(bodyId, reasonDigest, nonce);
        _requireSigned(head, authority_, _overseersOf(body), KeyPurposes.BUSINESS, false);
        _suspend(bodyId, body, authority_.signer, suspender, reasonDigest);
    }

    /// @inheritdoc IParticipantRegistry
    function reinstate(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata authority_
    ) external {
        Body memory body = _requireStatus(bodyId, BodyStatus.SUSPENDED);
        _takeNonce(bodyId, authority_.signer, nonce);
        if (body.suspendedBy > _suspenderOf(authority_.signer)) {
            revert ParticipantRegistrySuspendedByOther(bodyId, body.suspendedBy);
        }
        bytes memory head = ParticipantTypedData.headOfReinstatement(bodyId, reasonDigest, nonce);
        _requireSigned(head, authority_, BodyRoles.REGULATOR | BodyRoles.OPERATOR, KeyPurposes.BUSINESS, false);
        _reinstate(bodyId, body, authority_.signer, reasonDigest);
    }

    /// @inheritdoc IParticipantRegistry
    function suspendReserved(BodyId bodyId, bytes32 reasonDigest) external restricted {
        Body memory body = _requireSuspendable(bodyId, Suspender.COUNCIL);
        _suspend(bodyId, body, _COUNCIL, Suspender.COUNCIL, reasonDigest);
    }

    /// @inheritdoc IParticipantRegistry
    function reinstateReserved(BodyId bodyId, bytes32 reasonDigest) external restricted {
        _reinstate(bodyId, _requireStatus(bodyId, BodyStatus.SUSPENDED), _COUNCIL, reasonDigest);
    }

    /// @inheritdoc IParticipantRegistry
    function depart(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata body,
        PartySignature calldata countersigner
    ) external {
        Body memory changed = _requireMember(bodyId);
        _takeNonce(bodyId, bodyId, nonce);
        if (countersigner.signer == bodyId) {
            revert ParticipantRegistryOwnCountersignature(bodyId);
        }
        bytes memory head = ParticipantTypedData.headOfDeparture(bodyId, reasonDigest, nonce);
        // Not while suspended: a body ends for ever, and a suspension is what stops a thief of its key.
        _requireSignedBy(bodyId, head, body, KeyPurposes.BUSINESS, false);
        _requireSigned(head, countersigner, _overseersOf(changed), KeyPurposes.BUSINESS, false);
        changed.status = BodyStatus.LEFT;
        _change(bodyId, changed);
        emit BodyLeft(bodyId, reasonDigest);
    }

    /// @inheritdoc IParticipantRegistry
    function bodyOf(BodyId bodyId) external view returns (Body memory) {
        return _bodies[bodyId];
    }

    /// @inheritdoc IParticipantRegistry
    function isMember(BodyId bodyId) external view returns (bool) {
        BodyStatus status = _bodies[bodyId].status;
        return status == BodyStatus.ACTIVE || status == BodyStatus.SUSPENDED;
    }

    /// @inheritdoc IParticipantRegistry
    function isInGoodStanding(BodyId bodyId) external view returns (bool) {
        Body memory body = _bodies[bodyId];
        return body.status == BodyStatus.ACTIVE && _isQualified(body);
    }

    /// @dev Takes in a body whose roles were judged before. Each key is checked when its turn comes, so that one
    /// address cannot stand in the list twice.
    function _enter(Admission calldata admission, bytes memory head, PartySignature[] calldata keySignatures) private {
        BodyId bodyId = admission.bodyId;
        Body memory body;
        body.status = BodyStatus.ACTIVE;
        body.roles = admission.roles;
        body.qualifiedUntil = admission.qualifiedUntil;
        _record(bodyId, body);
        emit BodyAdmitted(bodyId, admission.roles, admission.profileDigest);
        emit QualificationRecorded(bodyId, admission.qualificationDigest, admission.qualifiedUntil);
        for (uint256 i = 0; i < keySignatures.length; ++i) {
            _requireGrantable(admission.keys[i]);
            // Only static calls leave the contract here (ERC-1271), so nothing can come back in between.
            _requirePossession(bodyId, admission.keys[i], head, keySignatures[i]);
            _grantKey(bodyId, admission.keys[i], false);
        }
    }

    function _qualify(BodyId bodyId, Body memory body, bytes32 qualificationDigest, uint64 qualifiedUntil) private {
        body.qualifiedUntil = qualifiedUntil;
        _change(bodyId, body);
        emit QualificationRecorded(bodyId, qualificationDigest, qualifiedUntil);
    }

    function _suspend(BodyId bodyId, Body memory body, BodyId by, Suspender suspender, bytes32 reasonDigest) private {
        body.status = BodyStatus.SUSPENDED;
        body.suspendedBy = suspender;
        _change(bodyId, body);
        emit BodySuspended(bodyId, by, reasonDigest);
    }

    function _reinstate(BodyId bodyId, Body memory body, BodyId by, bytes32 reasonDigest) private {
        body.status = BodyStatus.ACTIVE;
        body.suspendedBy = Suspender.NOBODY;
        _change(bodyId, body);
        emit BodyReinstated(bodyId, by, reasonDigest);
    }

    /// @dev The body, which is active, or was suspended by somebody whom this suspender overrules.
    function _requireSuspendable(BodyId bodyId, Suspender suspender) private view returns (Body memory body) {
        body = _requireMember(bodyId);
        if (body.suspendedBy >= suspender) {
            revert ParticipantRegistryWrongStatus(bodyId, body.status);
        }
    }

    /// @dev The body, in this standing.
    function _requireStatus(BodyId bodyId, BodyStatus status) private view returns (Body memory body) {
        body = _requireMember(bodyId);
        if (body.status != status) {
            revert ParticipantRegistryWrongStatus(bodyId, body.status);
        }
    }

    /// @dev Everything about an admission but its roles and signatures.
    function _requireAdmissible(Admission calldata admission, uint256 signatures) private view {
        BodyId bodyId = admission.bodyId;
        if (bodyId == _COUNCIL) {
            revert ParticipantRegistryUnknownBody(bodyId);
        }
        if (_bodies[bodyId].status != BodyStatus.UNKNOWN) {
            revert ParticipantRegistryAlreadyAdmitted(bodyId);
        }
        _requireFuture(admission.qualifiedUntil);
        uint256 keys = admission.keys.length;
        if (keys == 0 || keys > MAX_FIRST_KEYS || keys != signatures) {
            revert ParticipantRegistryKeyCount(keys, signatures);
        }
        if (admission.keys[0].purposes & KeyPurposes.BUSINESS == 0) {
            revert ParticipantRegistryPurposesNotAllowed(admission.keys[0].key, admission.keys[0].purposes);
        }
    }

    function _requireFuture(uint64 qualifiedUntil) private view {
        // A qualification is a matter of days: what a validator can shift its clock by changes nothing.
        // solhint-disable-next-line not-rely-on-time
        if (qualifiedUntil < block.timestamp) {
            revert ParticipantRegistryQualificationExpired(qualifiedUntil);
        }
    }

    /// @dev As what a body suspends and reinstates; whether it may at all is for its signature to show.
    function _suspenderOf(BodyId bodyId) private view returns (Suspender) {
        return _bodies[bodyId].roles & BodyRoles.REGULATOR == 0 ? Suspender.OPERATOR : Suspender.REGULATOR;
    }

    /// @dev Reverts unless these are roles that the operator may give.
    function _requireOrdinary(BodyId bodyId, uint32 roles) private pure {
        if (roles == 0 || roles & ~BodyRoles.ORDINARY != 0) {
            revert ParticipantRegistryRolesNotAllowed(bodyId, roles);
        }
    }

    /// @dev Roles of those who suspend a body and countersign its departure.
    function _overseersOf(Body memory body) private pure returns (uint32) {
        return _isReserved(body.roles) ? BodyRoles.REGULATOR : BodyRoles.REGULATOR | BodyRoles.OPERATOR;
    }

    function _isReserved(uint32 roles) private pure returns (bool) {
        return roles & BodyRoles.RESERVED != 0;
    }
}
