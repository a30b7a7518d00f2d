// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {ParticipantHarness} from "../../contracts/mocks/ParticipantHarness.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Heads of the registry's acts against the same spelled out from the type strings
contract ParticipantTypedDataTest is RegistryFixture {
    ParticipantHarness private _harness;

    function setUp() public override {
        super.setUp();
        _harness = ParticipantHarness(deployed("ParticipantHarness", ""));
    }

    function testFuzz_admission(
        bytes32 id,
        uint32 roles,
        uint64 until,
        address[] calldata keys,
        uint8 purposes
    ) public view {
        IParticipantRegistry.Admission memory admission = admissionOf("body", roles);
        admission.bodyId = BodyId.wrap(id);
        admission.qualifiedUntil = until;
        admission.keys = new KeyGrant[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            admission.keys[i] = KeyGrant(keys[i], purposes);
        }
        vm.assertEq(_harness.headOfAdmission(admission), headOfAdmission(admission));
    }

    function testFuzz_standing(bytes32 id_, bytes32 reason, uint256 nonce) public view {
        BodyId id = BodyId.wrap(id_);
        vm.assertEq(_harness.headOfSuspension(id, reason, nonce), headOfStanding("Suspension", id, reason, nonce));
        vm.assertEq(
            _harness.headOfReinstatement(id, reason, nonce),
            headOfStanding("Reinstatement", id, reason, nonce)
        );
        vm.assertEq(_harness.headOfDeparture(id, reason, nonce), headOfStanding("Departure", id, reason, nonce));
    }

    function testFuzz_rolesAndQualification(bytes32 id_, bytes32 report, uint64 number, uint256 nonce) public view {
        BodyId id = BodyId.wrap(id_);
        uint32 roles = uint32(number);
        vm.assertEq(_harness.headOfRoleChange(id, roles, nonce), headOfRoleChange(id, roles, nonce));
        vm.assertEq(
            _harness.headOfQualificationRenewal(id, report, number, nonce),
            headOfRenewal(id, report, number, nonce)
        );
    }

    function testFuzz_keys(bytes32 id_, address key, uint8 purposes, bytes32 reason, uint256 nonce) public view {
        BodyId id = BodyId.wrap(id_);
        KeyGrant memory grant = KeyGrant(key, purposes);
        vm.assertEq(_harness.headOfKeyAddition(id, grant, nonce), headOfKeyAddition(id, grant, nonce));
        vm.assertEq(_harness.headOfKeyRecovery(id, grant, nonce), headOfKeyRecovery(id, grant, nonce));
        vm.assertEq(_harness.headOfKeyRevocation(id, key, reason, nonce), headOfKeyRevocation(id, key, reason, nonce));
    }
}
