// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {PartyActs} from "../access/PartyActs.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {BodyHistory} from "../libraries/BodyHistory.sol";
import {ParticipantTypedData} from "../libraries/ParticipantTypedData.sol";
import {PartySignatures} from "../libraries/PartySignatures.sol";
import {BodyId} from "../types/Ids.sol";
import {KeyPurposes} from "../types/KeyPurposes.sol";
import {KeyGrant, PartySignature, Requirement} from "../types/Parties.sol";

/// @title Keys of bodies, and the one judgement of every signature of the suite
/// @notice See {IParticipantRegistry}. An address is a key of one body, once, for ever; a revoked key stays on record.
abstract contract BodyKeys is IParticipantRegistry, PartyActs, AccessManaged {
    using BodyHistory for Body[];

    uint8 private constant _ALL_PURPOSES = KeyPurposes.BUSINESS | KeyPurposes.METERING | KeyPurposes.FINANCE;

    mapping(BodyId bodyId => Body body) internal _bodies;
    mapping(BodyId bodyId => Body[] history) private _history;
    mapping(BodyId bodyId => mapping(address key => Key state)) private _keys;
    mapping(address key => BodyId bodyId) private _owners;
    /// @dev Each signer counts for itself, so that nobody's act outdates what another one signed.
    mapping(BodyId bodyId => mapping(BodyId signer => uint256 count)) private _actCounts;

    /// @inheritdoc IParticipantRegistry
    function addKey(
        BodyId bodyId,
        KeyGrant calldata grant,
        uint256 nonce,
        PartySignature calldata body,
        PartySignature calldata possession
    ) external {
        Body memory changed = _requireMember(bodyId);
        _takeNonce(bodyId, bodyId, nonce);
        _requireGrantable(grant);
        bytes memory head = ParticipantTypedData.headOfKeyAddition(bodyId, grant, nonce);
        _requireSignedBy(bodyId, head, body, grant.purposes, false);
        _requirePossession(bodyId, grant, head, possession);
        _change(bodyId, changed);
        _grantKey(bodyId, grant, false);
    }

    /// @inheritdoc IParticipantRegistry
    function revokeKey(
        BodyId bodyId,
        address key,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata body
    ) external {
        Body memory changed = _requireMember(bodyId);
        _takeNonce(bodyId, bodyId, nonce);
        uint8 purposes = _requireKey(bodyId, key);
        bytes memory head = ParticipantTypedData.headOfKeyRevocation(bodyId, key, reasonDigest, nonce);
        _requireSignedBy(bodyId, head, body, purposes, true);
        _change(bodyId, changed);
        _endKey(bodyId, key, reasonDigest);
    }

    /// @inheritdoc IParticipantRegistry
    function recoverKey(
        BodyId bodyId,
        address[] calldata revoked,
        KeyGrant calldata grant,
        bytes32 reasonDigest,
        PartySignature calldata possession
    ) external restricted {
        Body memory changed = _requireMember(bodyId);
        if (changed.suspendedBy != Suspender.COUNCIL) {
            revert ParticipantRegistryNotSuspendedByCouncil(bodyId, changed.suspendedBy);
        }
        _requireGrantable(grant);
        _requirePossession(
            bodyId,
            grant,
            ParticipantTypedData.headOfKeyRecovery(bodyId, grant, changed.recoveries),
            possession
        );
        ++changed.recoveries;
        _change(bodyId, changed);
        for (uint256 i = 0; i < revoked.length; ++i) {
            _endKeyIfValid(bodyId, revoked[i], reasonDigest);
        }
        _grantKey(bodyId, grant, true);
    }

    /// @inheritdoc IParticipantRegistry
    function requireSignature(
        bytes32 signingDigest,
        PartySignature calldata party,
        Requirement calldata requirement
    ) external view {
        Body memory body = _requireMember(party.signer);
        if (!requirement.whileSuspended) {
            if (body.status != BodyStatus.ACTIVE) {
                revert ParticipantRegistryWrongStatus(party.signer, body.status);
            }
            if (!_isQualified(body)) {
                revert ParticipantRegistryNotQualified(party.signer, body.qualifiedUntil);
            }
        }
        if (requirement.roles != 0 && body.roles & requirement.roles == 0) {
            revert ParticipantRegistryMissingRole(party.signer, body.roles, requirement.roles);
        }
        Key memory key = _keys[party.signer][party.key];
        // All of the purposes that are asked for: other contracts ask for one, a new key may need several.
        if (key.validUntil != 0 || key.purposes & requirement.purpose != requirement.purpose || key.purposes == 0) {
            revert ParticipantRegistryKeyNotValid(party.signer, party.key, requirement.purpose);
        }
        if (!PartySignatures.isSignedBy(party.key, key.isContract, signingDigest, party.signature)) {
            revert ParticipantRegistryInvalidSignature(party.signer, party.key, signingDigest);
        }
    }

    /// @inheritdoc IParticipantRegistry
    function actCount(BodyId bodyId, BodyId signer) external view returns (uint256) {
        return _actCounts[bodyId][signer];
    }

    /// @inheritdoc IParticipantRegistry
    function keyOf(BodyId bodyId, address key) external view returns (Key memory) {
        return _keys[bodyId][key];
    }

    /// @inheritdoc IParticipantRegistry
    function ownerOfKey(address key) external view returns (BodyId) {
        return _owners[key];
    }

    /// @inheritdoc IParticipantRegistry
    function signingStateAt(
        BodyId bodyId,
        address key,
        uint256 blockNumber
    ) external view returns (uint8 purposes, Body memory body) {
        if (blockNumber >= block.number) {
            revert ParticipantRegistryFutureBlock(blockNumber);
        }
        body = _history[bodyId].stateAt(blockNumber);
        Key memory state = _keys[bodyId][key];
        bool isRevoked = state.validUntil != 0 && state.validUntil <= blockNumber;
        if (state.validFrom <= blockNumber && !isRevoked && body.status != BodyStatus.LEFT) {
            purposes = state.purposes;
        }
    }

    /// @dev Counts the signer's act about the body; reverts unless it was signed with the number whose turn it is.
    /// Whether that body signed at all is for its signature to show.
    function _takeNonce(BodyId bodyId, BodyId signer, uint256 nonce) internal {
        uint256 count = _actCounts[bodyId][signer];
        if (nonce != count) {
            revert ParticipantRegistryWrongNonce(bodyId, count, nonce);
        }
        ++count;
        _actCounts[bodyId][signer] = count;
        emit ActCounted(bodyId, signer, count);
    }

    /// @dev Writes the body with its next revision and keeps it in the history.
    function _change(BodyId bodyId, Body memory body) internal {
        ++body.revision;
        _record(bodyId, body);
    }

    /// @dev Writes the body and keeps it in the history.
    function _record(BodyId bodyId, Body memory body) internal {
        body.sinceBlock = _blockNumber();
        _bodies[bodyId] = body;
        _history[bodyId].push(body);
    }

    /// @dev Gives the body a key that {_requireGrantable} and {_requirePossession} have let pass.
    function _grantKey(BodyId bodyId, KeyGrant calldata grant, bool byCouncil) internal {
        _owners[grant.key] = bodyId;
        _keys[bodyId][grant.key] = Key(grant.purposes, grant.key.code.length != 0, _blockNumber(), 0);
        emit KeyAdded(bodyId, grant.key, grant.purposes, byCouncil);
    }

    /// @dev Reverts unless the key signed the act for this body. The key belongs to nobody yet, so this is not
    /// {requireSignature}'s business.
    function _requirePossession(
        BodyId bodyId,
        KeyGrant calldata grant,
        bytes memory head,
        PartySignature calldata possession
    ) internal {
        if (possession.signer != bodyId) {
            revert PartyActWrongSigner(bodyId, possession.signer);
        }
        bytes32 digest = _digest(head, possession);
        bool isContract = grant.key.code.length != 0;
        if (
            possession.key != grant.key ||
            !PartySignatures.isSignedBy(grant.key, isContract, digest, possession.signature)
        ) {
            revert ParticipantRegistryInvalidSignature(bodyId, grant.key, digest);
        }
        emit PartySigned(bodyId, digest, grant.key, possession.sm2SignatureDigest);
    }

    /// @dev Reverts unless the address was never a key and may have these purposes.
    function _requireGrantable(KeyGrant calldata grant) internal view {
        uint8 purposes = grant.purposes;
        bool isUnknown = purposes == 0 || purposes & ~_ALL_PURPOSES != 0;
        bool isMixed = purposes & KeyPurposes.FINANCE != 0 && purposes != KeyPurposes.FINANCE;
        if (isUnknown || isMixed) {
            revert ParticipantRegistryPurposesNotAllowed(grant.key, purposes);
        }
        BodyId owner = _owners[grant.key];
        if (BodyId.unwrap(owner) != 0) {
            revert ParticipantRegistryKeyTaken(grant.key, owner);
        }
    }

    /// @dev The body, which is admitted and has not left.
    function _requireMember(BodyId bodyId) internal view returns (Body memory body) {
        body = _bodies[bodyId];
        if (body.status == BodyStatus.UNKNOWN) {
            revert ParticipantRegistryUnknownBody(bodyId);
        }
        if (body.status == BodyStatus.LEFT) {
            revert ParticipantRegistryWrongStatus(bodyId, body.status);
        }
    }

    /// @dev Whether the body's qualification has not run out.
    function _isQualified(Body memory body) internal view returns (bool) {
        // A qualification is a matter of days: what a validator can shift its clock by changes nothing.
        // solhint-disable-next-line not-rely-on-time
        return body.qualifiedUntil >= block.timestamp;
    }

    /// @dev For a recovery: whoever holds a key can revoke it before, and must not stop the recovery by that.
    function _endKeyIfValid(BodyId bodyId, address key, bytes32 reasonDigest) private {
        Key memory state = _keys[bodyId][key];
        if (state.purposes == 0) {
            revert ParticipantRegistryKeyNotValid(bodyId, key, state.purposes);
        }
        if (state.validUntil == 0) {
            _endKey(bodyId, key, reasonDigest);
        }
    }

    function _endKey(BodyId bodyId, address key, bytes32 reasonDigest) private {
        _keys[bodyId][key].validUntil = _blockNumber();
        emit KeyRevoked(bodyId, key, reasonDigest);
    }

    /// @dev What a key is valid for now; reverts unless it is a valid key of the body.
    function _requireKey(BodyId bodyId, address key) private view returns (uint8 purposes) {
        Key memory state = _keys[bodyId][key];
        if (state.purposes == 0 || state.validUntil != 0) {
            revert ParticipantRegistryKeyNotValid(bodyId, key, state.purposes);
        }
        return state.purposes;
    }

    /// @dev 48 bits: at a block a second, nine million years.
    function _blockNumber() private view returns (uint48) {
        return uint48(block.number);
    }
}
