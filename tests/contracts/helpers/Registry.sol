// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {ParticipantRegistry} from "../../../contracts/ParticipantRegistry.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../../contracts/types/Parties.sol";
import {PartiesFixture} from "./Parties.sol";
import {deployed} from "./Deployed.sol";

/// @title The real registry under a real access manager, with an operator and a regulator
/// @notice The test itself is the council: it has the roles GOVERNOR and EMERGENCY, without delay. Type strings are
/// written out again here, so that a wrong one in the contract shows.
abstract contract RegistryFixture is PartiesFixture {
    uint64 internal constant GOVERNOR = 1;
    uint64 internal constant EMERGENCY = 2;
    uint64 internal constant QUALIFIED_UNTIL = 1_900_000_000;
    string internal constant DOMAIN = "CityLedger ParticipantRegistry";
    string private constant _TAIL = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)";

    AccessManager internal manager;
    ParticipantRegistry internal participants;

    function setUp() public virtual override {
        super.setUp();
        vm.roll(1000);
        manager = AccessManager(deployed("AccessManager", abi.encode(address(this))));
        participants = ParticipantRegistry(deployed("ParticipantRegistry", abi.encode(address(manager))));
        bytes4[] memory governed = new bytes4[](4);
        governed[0] = IParticipantRegistry.admitReserved.selector;
        governed[1] = IParticipantRegistry.renewReservedQualification.selector;
        governed[2] = IParticipantRegistry.reinstateReserved.selector;
        governed[3] = IParticipantRegistry.recoverKey.selector;
        manager.setTargetFunctionRole(address(participants), governed, GOVERNOR);
        bytes4[] memory urgent = new bytes4[](1);
        urgent[0] = IParticipantRegistry.suspendReserved.selector;
        manager.setTargetFunctionRole(address(participants), urgent, EMERGENCY);
        manager.grantRole(GOVERNOR, address(this), 0);
        manager.grantRole(EMERGENCY, address(this), 0);
        joinReserved("operator", BodyRoles.OPERATOR);
        joinReserved("regulator", BodyRoles.REGULATOR);
    }

    function joinReserved(string memory name, uint32 roles) internal returns (BodyId bodyId) {
        IParticipantRegistry.Admission memory admission = admissionOf(name, roles);
        participants.admitReserved(admission, keySignaturesOf(name, admission));
        return admission.bodyId;
    }

    function join(string memory name, uint32 roles) internal returns (BodyId bodyId) {
        IParticipantRegistry.Admission memory admission = admissionOf(name, roles);
        participants.admit(
            admission,
            keySignaturesOf(name, admission),
            signed(headOfAdmission(admission), "operator", BUSINESS)
        );
        return admission.bodyId;
    }

    /// @notice Nonce of the body's next act about itself.
    function nonceOf(string memory name) internal view returns (uint256) {
        return nonceOf(name, name);
    }

    /// @notice Nonce of the next act of `by` about the body.
    function nonceOf(string memory name, string memory by) internal view returns (uint256) {
        return participants.actCount(idOf(name), idOf(by));
    }

    function signed(
        bytes memory head,
        string memory name,
        uint8 purpose
    ) internal view returns (PartySignature memory) {
        return sign(DOMAIN, address(participants), head, name, purpose);
    }

    function digestOf(bytes memory head, PartySignature memory party) internal view returns (bytes32) {
        return actDigest(DOMAIN, address(participants), head, party);
    }

    /// @notice Signature of a key that is in nobody's name yet.
    function possessionBy(
        uint256 key,
        BodyId bodyId,
        bytes memory head
    ) internal view returns (PartySignature memory party) {
        party = PartySignature(bodyId, vm.addr(key), 0, IN_TIME, "");
        party.signature = signatureOf(key, digestOf(head, party));
    }

    function keySignaturesOf(
        string memory name,
        IParticipantRegistry.Admission memory admission
    ) internal view returns (PartySignature[] memory signatures) {
        signatures = new PartySignature[](admission.keys.length);
        for (uint256 i = 0; i < signatures.length; ++i) {
            signatures[i] = signed(headOfAdmission(admission), name, admission.keys[i].purposes);
        }
    }

    /// @notice An admission with one key for each purpose.
    function admissionOf(
        string memory name,
        uint32 roles
    ) internal pure returns (IParticipantRegistry.Admission memory admission) {
        KeyGrant[] memory keys = new KeyGrant[](3);
        keys[0] = KeyGrant(vm.addr(keyOf(name, BUSINESS)), BUSINESS);
        keys[1] = KeyGrant(vm.addr(keyOf(name, METERING)), METERING);
        keys[2] = KeyGrant(vm.addr(keyOf(name, FINANCE)), FINANCE);
        bytes32 profile = keccak256(abi.encode("profile", name));
        bytes32 report = keccak256(abi.encode("qualification", name));
        return IParticipantRegistry.Admission(idOf(name), roles, profile, report, QUALIFIED_UNTIL, keys);
    }

    function headOfAdmission(IParticipantRegistry.Admission memory admission) internal pure returns (bytes memory) {
        bytes memory hashes;
        for (uint256 i = 0; i < admission.keys.length; ++i) {
            hashes = bytes.concat(
                hashes,
                keccak256(
                    abi.encode(
                        keccak256("KeyGrant(address key,uint8 purposes)"),
                        admission.keys[i].key,
                        admission.keys[i].purposes
                    )
                )
            );
        }
        return
            abi.encode(
                keccak256(
                    bytes.concat(
                        "Admission(bytes32 bodyId,uint32 roles,bytes32 profileDigest,bytes32 qualificationDigest,",
                        "uint64 qualifiedUntil,KeyGrant[] keys,",
                        bytes(_TAIL),
                        "KeyGrant(address key,uint8 purposes)"
                    )
                ),
                admission.bodyId,
                admission.roles,
                admission.profileDigest,
                admission.qualificationDigest,
                admission.qualifiedUntil,
                keccak256(hashes)
            );
    }

    function headOfRenewal(
        BodyId bodyId,
        bytes32 report,
        uint64 until,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        string memory fields =
            "QualificationRenewal(bytes32 bodyId,bytes32 qualificationDigest,uint64 qualifiedUntil,"
            "uint256 nonce,";
        return abi.encode(_typeHash(fields), bodyId, report, until, nonce);
    }

    function headOfRoleChange(BodyId bodyId, uint32 roles, uint256 nonce) internal pure returns (bytes memory) {
        return abi.encode(_typeHash("RoleChange(bytes32 bodyId,uint32 roles,uint256 nonce,"), bodyId, roles, nonce);
    }

    /// @notice Head of `Suspension`, `Reinstatement` or `Departure`.
    function headOfStanding(
        string memory typeName,
        BodyId bodyId,
        bytes32 reason,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        string memory fields = string.concat(typeName, "(bytes32 bodyId,bytes32 reasonDigest,uint256 nonce,");
        return abi.encode(_typeHash(fields), bodyId, reason, nonce);
    }

    function headOfKeyAddition(
        BodyId bodyId,
        KeyGrant memory grant,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = _typeHash("KeyAddition(bytes32 bodyId,address key,uint8 purposes,uint256 nonce,");
        return abi.encode(typeHash, bodyId, grant.key, grant.purposes, nonce);
    }

    function headOfKeyRecovery(
        BodyId bodyId,
        KeyGrant memory grant,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = _typeHash("KeyRecovery(bytes32 bodyId,address key,uint8 purposes,uint256 nonce,");
        return abi.encode(typeHash, bodyId, grant.key, grant.purposes, nonce);
    }

    function headOfKeyRevocation(
        BodyId bodyId,
        address key,
        bytes32 reason,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = _typeHash("KeyRevocation(bytes32 bodyId,address key,bytes32 reasonDigest,uint256 nonce,");
        return abi.encode(typeHash, bodyId, key, reason, nonce);
    }

    function _typeHash(string memory fields) private pure returns (bytes32) {
        return keccak256(bytes.concat(bytes(fields), bytes(_TAIL)));
    }
}
