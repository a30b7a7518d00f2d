// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {PartySignatures} from "../libraries/PartySignatures.sol";
import {BodyId} from "../types/Ids.sol";
import {PartySignature, Requirement} from "../types/Parties.sol";

/// @title A registry that believes whatever tests tell it, and checks signatures for real
/// @notice Answers what other contracts ask of `ParticipantRegistry`, with its errors, so that each contract can be
/// tested alone. Never deployed.
contract StubParticipants {
    mapping(BodyId bodyId => IParticipantRegistry.Body body) private _bodies;
    mapping(BodyId bodyId => mapping(address key => IParticipantRegistry.Key state)) private _keys;

    function setBody(BodyId bodyId, IParticipantRegistry.BodyStatus status, uint32 roles) external {
        _bodies[bodyId].status = status;
        _bodies[bodyId].roles = roles;
        _bodies[bodyId].qualifiedUntil = type(uint64).max;
        bool isSuspended = status == IParticipantRegistry.BodyStatus.SUSPENDED;
        _bodies[bodyId].suspendedBy =
            isSuspended ? IParticipantRegistry.Suspender.REGULATOR : IParticipantRegistry.Suspender.NOBODY;
    }

    function suspendBy(BodyId bodyId, IParticipantRegistry.Suspender suspender) external {
        _bodies[bodyId].status = IParticipantRegistry.BodyStatus.SUSPENDED;
        _bodies[bodyId].suspendedBy = suspender;
    }

    function setQualifiedUntil(BodyId bodyId, uint64 qualifiedUntil) external {
        _bodies[bodyId].qualifiedUntil = qualifiedUntil;
    }

    function setKey(BodyId bodyId, address key, uint8 purposes) external {
        _keys[bodyId][key] = IParticipantRegistry.Key(purposes, key.code.length != 0, 1, 0);
    }

    function requireSignature(
        bytes32 signingDigest,
        PartySignature calldata party,
        Requirement calldata requirement
    ) external view {
        IParticipantRegistry.Body memory body = _bodies[party.signer];
        if (body.status == IParticipantRegistry.BodyStatus.UNKNOWN) {
            revert IParticipantRegistry.ParticipantRegistryUnknownBody(party.signer);
        }
        bool isLeft = body.status == IParticipantRegistry.BodyStatus.LEFT;
        if (isLeft || (!requirement.whileSuspended && body.status != IParticipantRegistry.BodyStatus.ACTIVE)) {
            revert IParticipantRegistry.ParticipantRegistryWrongStatus(party.signer, body.status);
        }
        if (!requirement.whileSuspended && body.qualifiedUntil < block.timestamp) {
            revert IParticipantRegistry.ParticipantRegistryNotQualified(party.signer, body.qualifiedUntil);
        }
        if (requirement.roles != 0 && body.roles & requirement.roles == 0) {
            revert IParticipantRegistry.ParticipantRegistryMissingRole(party.signer, body.roles, requirement.roles);
        }
        IParticipantRegistry.Key memory key = _keys[party.signer][party.key];
        if (key.purposes & requirement.purpose == 0) {
            revert IParticipantRegistry.ParticipantRegistryKeyNotValid(party.signer, party.key, requirement.purpose);
        }
        if (!PartySignatures.isSignedBy(party.key, key.isContract, signingDigest, party.signature)) {
            revert IParticipantRegistry.ParticipantRegistryInvalidSignature(party.signer, party.key, signingDigest);
        }
    }

    function bodyOf(BodyId bodyId) external view returns (IParticipantRegistry.Body memory) {
        return _bodies[bodyId];
    }

    function isMember(BodyId bodyId) external view returns (bool) {
        IParticipantRegistry.BodyStatus status = _bodies[bodyId].status;
        return status == IParticipantRegistry.BodyStatus.ACTIVE || status == IParticipantRegistry.BodyStatus.SUSPENDED;
    }

    function isInGoodStanding(BodyId bodyId) external view returns (bool) {
        IParticipantRegistry.Body memory body = _bodies[bodyId];
        return body.status == IParticipantRegistry.BodyStatus.ACTIVE && body.qualifiedUntil >= block.timestamp;
    }
}
