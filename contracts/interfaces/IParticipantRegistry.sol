// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId} from "../types/Ids.sol";
import {KeyGrant, PartySignature, Requirement} from "../types/Parties.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Participant registry: bodies, their roles, their keys and their standing
/// @notice Knows bodies only, never natural persons, by salted ids. A body enters with signatures of all its keys; the
/// operator admits bodies with ordinary roles, the council those with a reserved role (operator, platforms, regulator,
/// auditor, arbitrator, bank, authorities). An address is a key of one body, once, for ever. Nobody but the body gives
/// it keys, except the council when all are lost.
/// Domain name: "CityLedger ParticipantRegistry". `nonce` in a signed type is the number of acts that the signer has
/// done about the body, see {actCount}: nobody else's act outdates a signature.
interface IParticipantRegistry is IPartyActs {
    /// @notice Standing of a body. Numbers never change. UNKNOWN -> ACTIVE <-> SUSPENDED; ACTIVE, SUSPENDED -> LEFT.
    enum BodyStatus {
        UNKNOWN,
        ACTIVE,
        SUSPENDED,
        LEFT
    }

    /// @notice Who suspended a body. Numbers never change. Each may take over from those before it and undo what they
    /// did; what those after it did, it leaves alone.
    enum Suspender {
        NOBODY,
        OPERATOR,
        REGULATOR,
        COUNCIL
    }

    /// @notice What a body is admitted as. EIP-712: `Admission(bytes32 bodyId,uint32 roles,bytes32 profileDigest,
    /// bytes32 qualificationDigest,uint64 qualifiedUntil,KeyGrant[] keys,` and the tail `)KeyGrant(address key,
    /// uint8 purposes)`.
    /// @param bodyId Salted id.
    /// @param roles Bits of `BodyRoles`.
    /// @param profileDigest Salted digest of its profile.
    /// @param qualificationDigest Salted digest of its qualification report.
    /// @param qualifiedUntil Last second of the qualification, Unix time.
    /// @param keys Its first keys, 1 to 16; the first has the purpose BUSINESS.
    struct Admission {
        BodyId bodyId;
        uint32 roles;
        bytes32 profileDigest;
        bytes32 qualificationDigest;
        uint64 qualifiedUntil;
        KeyGrant[] keys;
    }

    /// @notice A body as it is now. One storage slot.
    /// @param status Its standing.
    /// @param suspendedBy Who suspended it; NOBODY unless it is suspended.
    /// @param roles Bits of `BodyRoles`.
    /// @param qualifiedUntil Last second of its qualification, Unix time.
    /// @param revision Number of changes so far, whoever made them.
    /// @param sinceBlock Block of the last change.
    /// @param recoveries Number of keys that the council gave it so far; the `nonce` of the next {recoverKey}.
    struct Body {
        BodyStatus status;
        Suspender suspendedBy;
        uint32 roles;
        uint64 qualifiedUntil;
        uint32 revision;
        uint48 sinceBlock;
        uint32 recoveries;
    }

    /// @notice A key of a body. One storage slot.
    /// @param purposes Bits of `KeyPurposes`.
    /// @param isContract Whether it had code when it was added: then it signs by ERC-1271 for ever, otherwise never.
    /// @param validFrom Block in which it was added; valid from the end of it.
    /// @param validUntil Block in which it was revoked; invalid from then on. Zero while it is valid.
    struct Key {
        uint8 purposes;
        bool isContract;
        uint48 validFrom;
        uint48 validUntil;
    }

    /// @notice A body was admitted.
    /// @param bodyId The body.
    /// @param roles Its roles.
    /// @param profileDigest Digest of its profile.
    event BodyAdmitted(BodyId indexed bodyId, uint32 roles, bytes32 profileDigest);
    /// @notice A body's qualification is now this one.
    /// @param bodyId The body.
    /// @param qualificationDigest Digest of the report.
    /// @param qualifiedUntil Last second, Unix time.
    event QualificationRecorded(BodyId indexed bodyId, bytes32 qualificationDigest, uint64 qualifiedUntil);
    /// @notice A body's roles are now these.
    /// @param bodyId The body.
    /// @param roles The roles.
    event RolesChanged(BodyId indexed bodyId, uint32 roles);
    /// @notice A body may make no new duties until it is reinstated.
    /// @param bodyId The body.
    /// @param by The body that suspended it, zero for the council.
    /// @param reasonDigest Digest of the reason.
    event BodySuspended(BodyId indexed bodyId, BodyId indexed by, bytes32 reasonDigest);
    /// @notice A body may act again.
    /// @param bodyId The body.
    /// @param by The body that reinstated it, zero for the council.
    /// @param reasonDigest Digest of the reason.
    event BodyReinstated(BodyId indexed bodyId, BodyId indexed by, bytes32 reasonDigest);
    /// @notice A body has left for ever.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    event BodyLeft(BodyId indexed bodyId, bytes32 reasonDigest);
    /// @notice A body has a new key.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param purposes Its purposes.
    /// @param byCouncil Whether the council gave it, because the body had lost its keys.
    event KeyAdded(BodyId indexed bodyId, address indexed key, uint8 purposes, bool byCouncil);
    /// @notice A key signs no more.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param reasonDigest Digest of the reason.
    event KeyRevoked(BodyId indexed bodyId, address indexed key, bytes32 reasonDigest);
    /// @notice A body has done one more act about a body, maybe itself.
    /// @param bodyId The body that it was about.
    /// @param signer The body that did it.
    /// @param count Number of its acts about that body so far: the `nonce` of the next one.
    event ActCounted(BodyId indexed bodyId, BodyId indexed signer, uint256 count);

    /// @notice There is no code at the address of the access manager.
    /// @param location The address.
    error ParticipantRegistryNoCode(address location);
    /// @notice No body of this id; zero can be none, because it stands for the council.
    /// @param bodyId The body.
    error ParticipantRegistryUnknownBody(BodyId bodyId);
    /// @notice The body was admitted before.
    /// @param bodyId The body.
    error ParticipantRegistryAlreadyAdmitted(BodyId bodyId);
    /// @notice The body's standing does not allow this.
    /// @param bodyId The body.
    /// @param status Its standing.
    error ParticipantRegistryWrongStatus(BodyId bodyId, BodyStatus status);
    /// @notice The body's qualification has run out.
    /// @param bodyId The body.
    /// @param qualifiedUntil Last second that it held, Unix time.
    error ParticipantRegistryNotQualified(BodyId bodyId, uint64 qualifiedUntil);
    /// @notice The body has none of the roles that this takes.
    /// @param bodyId The body.
    /// @param roles The roles it has.
    /// @param neededRoles The roles any one of which would do.
    error ParticipantRegistryMissingRole(BodyId bodyId, uint32 roles, uint32 neededRoles);
    /// @notice The roles cannot be given like this: none, unknown, reserved from the operator, or not alone.
    /// @param bodyId The body.
    /// @param roles The roles.
    error ParticipantRegistryRolesNotAllowed(BodyId bodyId, uint32 roles);
    /// @notice The key is not a valid key of the body for this purpose.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param purpose The purpose.
    error ParticipantRegistryKeyNotValid(BodyId bodyId, address key, uint8 purpose);
    /// @notice The key did not sign this act.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param signingDigest What it should have signed.
    error ParticipantRegistryInvalidSignature(BodyId bodyId, address key, bytes32 signingDigest);
    /// @notice The address is, or was, a key already.
    /// @param key The address.
    /// @param bodyId The body it belongs to.
    error ParticipantRegistryKeyTaken(address key, BodyId bodyId);
    /// @notice Purposes that no key can have: none, unknown ones, FINANCE with others; or a first key's, not BUSINESS.
    /// @param key The key.
    /// @param purposes The purposes.
    error ParticipantRegistryPurposesNotAllowed(address key, uint8 purposes);
    /// @notice A body has 1 to 16 first keys, each with its own signature.
    /// @param keys Number of keys.
    /// @param signatures Number of signatures.
    error ParticipantRegistryKeyCount(uint256 keys, uint256 signatures);
    /// @notice The act was signed with another number than is its signer's turn.
    /// @param bodyId The body.
    /// @param expected The signer's number of acts about it.
    /// @param nonce The number that was signed.
    error ParticipantRegistryWrongNonce(BodyId bodyId, uint256 expected, uint256 nonce);
    /// @notice The qualification ends in the past.
    /// @param qualifiedUntil Its last second, Unix time.
    error ParticipantRegistryQualificationExpired(uint64 qualifiedUntil);
    /// @notice A renewal takes nothing away: whoever is to stop at once is suspended.
    /// @param bodyId The body.
    /// @param present Last second of the present qualification, Unix time.
    /// @param qualifiedUntil The earlier one that was signed.
    error ParticipantRegistryQualificationShortened(BodyId bodyId, uint64 present, uint64 qualifiedUntil);
    /// @notice The council gives a key only to a body that it suspended itself: nobody else ends that meanwhile.
    /// @param bodyId The body.
    /// @param suspendedBy Who suspended it, NOBODY while it is active.
    error ParticipantRegistryNotSuspendedByCouncil(BodyId bodyId, Suspender suspendedBy);
    /// @notice The body was suspended by somebody whom this signer cannot overrule.
    /// @param bodyId The body.
    /// @param suspendedBy Who suspended it.
    error ParticipantRegistrySuspendedByOther(BodyId bodyId, Suspender suspendedBy);
    /// @notice A body's departure is countersigned by another body.
    /// @param bodyId The body.
    error ParticipantRegistryOwnCountersignature(BodyId bodyId);
    /// @notice The question is about a block that is not over.
    /// @param blockNumber The block.
    error ParticipantRegistryFutureBlock(uint256 blockNumber);

    /// @notice Admits a body with ordinary roles. Signed by every one of its keys and by the operator.
    /// @dev Emits {BodyAdmitted}, {QualificationRecorded} and a {KeyAdded} for each key.
    /// @param admission What it is admitted as.
    /// @param keySignatures `Admission`, signed by each key in the order of `admission.keys`.
    /// @param operator `Admission`, signed by a body with the role OPERATOR, purpose BUSINESS.
    function admit(
        Admission calldata admission,
        PartySignature[] calldata keySignatures,
        PartySignature calldata operator
    ) external;

    /// @notice Admits a body with exactly one reserved role. Governor role; signed by every one of its keys. Emits as
    /// {admit}.
    /// @param admission What it is admitted as.
    /// @param keySignatures `Admission`, signed by each key in the order of `admission.keys`.
    function admitReserved(Admission calldata admission, PartySignature[] calldata keySignatures) external;

    /// @notice Records a renewed qualification of a body with ordinary roles, ending no earlier than the present one.
    /// Operator; or regulator, so that nobody stops a body by not renewing it.
    /// @dev `QualificationRenewal(bytes32 bodyId,bytes32 qualificationDigest,uint64 qualifiedUntil,uint256 nonce,`
    /// tail. Emits {QualificationRecorded}.
    /// @param bodyId The body.
    /// @param qualificationDigest Digest of the report.
    /// @param qualifiedUntil Last second, Unix time.
    /// @param nonce The signer's number of acts about the body.
    /// @param authority The operator's or regulator's signature.
    function renewQualification(
        BodyId bodyId,
        bytes32 qualificationDigest,
        uint64 qualifiedUntil,
        uint256 nonce,
        PartySignature calldata authority
    ) external;

    /// @notice Records a qualification of any body, also one that ends earlier. Governor role. Emits
    /// {QualificationRecorded}.
    /// @param bodyId The body.
    /// @param qualificationDigest Digest of the report.
    /// @param qualifiedUntil Last second, Unix time.
    function renewReservedQualification(BodyId bodyId, bytes32 qualificationDigest, uint64 qualifiedUntil) external;

    /// @notice Replaces the ordinary roles of a body that has no reserved one. Operator or regulator.
    /// @dev `RoleChange(bytes32 bodyId,uint32 roles,uint256 nonce,` tail. Emits {RolesChanged}.
    /// @param bodyId The body.
    /// @param roles The roles.
    /// @param nonce The signer's number of acts about the body.
    /// @param authority The operator's or the regulator's signature.
    function changeRoles(BodyId bodyId, uint32 roles, uint256 nonce, PartySignature calldata authority) external;

    /// @notice Suspends a body: the operator an ordinary one, the regulator any, also one that an operator suspended.
    /// @dev `Suspension(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,` tail. Emits {BodySuspended}.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The signer's number of acts about the body.
    /// @param authority The regulator's or operator's signature.
    function suspend(BodyId bodyId, bytes32 reasonDigest, uint256 nonce, PartySignature calldata authority) external;

    /// @notice Reinstates a body: the operator what operators suspended, the regulator all but what the council did.
    /// @dev `Reinstatement(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,` tail. Emits {BodyReinstated}.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The signer's number of acts about the body.
    /// @param authority The regulator's or operator's signature.
    function reinstate(BodyId bodyId, bytes32 reasonDigest, uint256 nonce, PartySignature calldata authority) external;

    /// @notice Suspends any body, also one that others suspended before. Emergency role, which waits for no delay: the
    /// way to stop an authority whose keys were stolen. Only the council reinstates it. Emits {BodySuspended}.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    function suspendReserved(BodyId bodyId, bytes32 reasonDigest) external;

    /// @notice Reinstates any body. Governor role. Emits {BodyReinstated}.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    function reinstateReserved(BodyId bodyId, bytes32 reasonDigest) external;

    /// @notice Takes a body out for ever. Signed by the body, and by another one that is the operator or the regulator:
    /// one stolen key must not end a body, and the operator alone holds nobody captive. With a reserved role: a
    /// regulator. A suspended or unqualified body does not leave: it is reinstated or qualified first.
    /// @dev `Departure(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,` tail, same for both. Emits {BodyLeft}.
    /// @param bodyId The body.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The body's number of acts about itself.
    /// @param body The body's signature, purpose BUSINESS.
    /// @param countersigner Signature of a regulator or, for ordinary roles, an operator, purpose BUSINESS.
    function depart(
        BodyId bodyId,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata body,
        PartySignature calldata countersigner
    ) external;

    /// @notice Adds a key: signed by a key of the body that has all the new key's purposes, and by the new key.
    /// @dev `KeyAddition(bytes32 bodyId,address key,uint8 purposes,uint256 nonce,` tail. Emits {KeyAdded}.
    /// @param bodyId The body.
    /// @param grant The key and its purposes.
    /// @param nonce The body's number of acts about itself.
    /// @param body Signature of the present key.
    /// @param possession Signature of the new key.
    function addKey(
        BodyId bodyId,
        KeyGrant calldata grant,
        uint256 nonce,
        PartySignature calldata body,
        PartySignature calldata possession
    ) external;

    /// @notice Revokes a key, also while suspended: signed by a key of the body with all its purposes, maybe itself.
    /// @dev `KeyRevocation(bytes32 bodyId,address key,bytes32 reasonDigest,uint256 nonce,` tail. Emits {KeyRevoked}.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The body's number of acts about itself.
    /// @param body The body's signature.
    function revokeKey(
        BodyId bodyId,
        address key,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata body
    ) external;

    /// @notice Revokes keys of a body that lost them and gives it a new one. Governor role; signed by the new key. Only
    /// while the council has suspended the body: whoever has its keys does nothing new until the council reinstates it.
    /// @dev `KeyRecovery(bytes32 bodyId,address key,uint8 purposes,uint256 nonce,` tail, `nonce` being `recoveries`: a
    /// type and a number of its own, so that no thief of a key uses up or outdates what the new key signed. Emits
    /// {KeyRevoked} for each key that was still valid, and {KeyAdded}.
    /// @param bodyId The body.
    /// @param revoked Keys of the body that sign no more; one that was revoked in the meantime does not matter.
    /// @param grant The new key.
    /// @param reasonDigest Digest of the reason.
    /// @param possession Signature of the new key.
    function recoverKey(
        BodyId bodyId,
        address[] calldata revoked,
        KeyGrant calldata grant,
        bytes32 reasonDigest,
        PartySignature calldata possession
    ) external;

    /// @notice Reverts unless the body may do this now and its key signed the digest. Every other contract of the suite
    /// accepts signatures through this one function.
    /// @dev Order of checks: body known; not left; active and qualified unless `requirement.whileSuspended`; has one of
    /// the roles; key valid for the purpose; signature.
    /// @param signingDigest The EIP-712 signing digest.
    /// @param party Body, key and signature; deadline and SM2 digest are the caller's business.
    /// @param requirement What is asked besides.
    function requireSignature(
        bytes32 signingDigest,
        PartySignature calldata party,
        Requirement calldata requirement
    ) external view;

    /// @notice Number of acts that a body has done about a body, maybe itself: the `nonce` of its next one.
    /// @param bodyId The body that they were about.
    /// @param signer The body that did them.
    /// @return The number.
    function actCount(BodyId bodyId, BodyId signer) external view returns (uint256);

    /// @notice A body as it is now; all zero for an unknown one.
    /// @param bodyId The body.
    /// @return The body.
    function bodyOf(BodyId bodyId) external view returns (Body memory);

    /// @notice Whether a body is admitted and has not left.
    /// @param bodyId The body.
    /// @return Whether it is.
    function isMember(BodyId bodyId) external view returns (bool);

    /// @notice Whether a body is active and qualified now.
    /// @param bodyId The body.
    /// @return Whether it is.
    function isInGoodStanding(BodyId bodyId) external view returns (bool);

    /// @notice A body's key, present or past.
    /// @param bodyId The body.
    /// @param key The key.
    /// @return The key; all zero for one that the body never had.
    function keyOf(BodyId bodyId, address key) external view returns (Key memory);

    /// @notice The body that an address is or was a key of; zero for none.
    /// @param key The address.
    /// @return The body.
    function ownerOfKey(address key) external view returns (BodyId);

    /// @notice Whether the key could sign for the body at the end of a block: the answer for evidence of thirty years.
    /// Reverts for a block that is not over.
    /// @param bodyId The body.
    /// @param key The key.
    /// @param blockNumber The block.
    /// @return purposes What the key was valid for then; zero when it was not.
    /// @return body The body as it was then, with its roles and standing.
    function signingStateAt(
        BodyId bodyId,
        address key,
        uint256 blockNumber
    ) external view returns (uint8 purposes, Body memory body);
}
