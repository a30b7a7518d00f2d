// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Admission and standing of bodies
contract ParticipantRegistryTest is RegistryFixture {
    bytes32 private constant _REASON = keccak256("reason");
    IParticipantRegistry.Suspender private constant _NOBODY = IParticipantRegistry.Suspender.NOBODY;
    IParticipantRegistry.Suspender private constant _REGULATOR = IParticipantRegistry.Suspender.REGULATOR;
    IParticipantRegistry.Suspender private constant _COUNCIL = IParticipantRegistry.Suspender.COUNCIL;

    function test_registry_underNothing_isRefused() public {
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryNoCode.selector, address(0x1234))
        );
        deployed("ParticipantRegistry", abi.encode(address(0x1234)));
    }

    function test_registry_isItsOwnOracle() public view {
        vm.assertEq(participants.participants(), address(participants));
        vm.assertEq(participants.authority(), address(manager));
    }

    function test_admit_ordinaryBody_isKnownWithItsKeysAndTold() public {
        IParticipantRegistry.Admission memory admission = admissionOf("provider", BodyRoles.PROVIDER);
        PartySignature[] memory signatures = keySignaturesOf("provider", admission);
        PartySignature memory operator = signed(headOfAdmission(admission), "operator", BUSINESS);
        BodyId id = admission.bodyId;
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.BodyAdmitted(id, BodyRoles.PROVIDER, admission.profileDigest);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.QualificationRecorded(id, admission.qualificationDigest, QUALIFIED_UNTIL);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyAdded(id, admission.keys[0].key, BUSINESS, false);
        participants.admit(admission, signatures, operator);

        IParticipantRegistry.Body memory body = participants.bodyOf(id);
        vm.assertTrue(body.status == IParticipantRegistry.BodyStatus.ACTIVE && body.suspendedBy == _NOBODY);
        vm.assertEq(body.roles, BodyRoles.PROVIDER);
        vm.assertEq(body.qualifiedUntil, QUALIFIED_UNTIL);
        vm.assertEq(body.revision, 0);
        vm.assertEq(body.sinceBlock, block.number);
        for (uint256 i = 0; i < 3; ++i) {
            IParticipantRegistry.Key memory key = participants.keyOf(id, admission.keys[i].key);
            vm.assertEq(key.purposes, 1 << i);
            vm.assertEq(key.validFrom, block.number);
            vm.assertTrue(key.validUntil == 0 && !key.isContract);
            vm.assertTrue(participants.ownerOfKey(admission.keys[i].key) == id);
        }
    }

    function test_admit_reservedOrUnknownOrNoRole_isRefused() public {
        uint32[5] memory roles = [
            0,
            BodyRoles.OPERATOR,
            BodyRoles.PROVIDER | BodyRoles.BANK,
            uint32(1 << 6),
            BodyRoles.PROVIDER | (1 << 31)
        ];
        for (uint256 i = 0; i < roles.length; ++i) {
            IParticipantRegistry.Admission memory admission = admissionOf("body", roles[i]);
            _expectAdmitFails(admission, _rolesNotAllowed(admission.bodyId, roles[i]));
        }
    }

    function test_admitReserved_anythingButOneReservedRole_isRefused() public {
        uint32[5] memory roles = [
            0,
            BodyRoles.PROVIDER,
            BodyRoles.PLATFORMS,
            BodyRoles.BANK | BodyRoles.CONSUMER,
            BodyRoles.BANK | (1 << 25)
        ];
        for (uint256 i = 0; i < roles.length; ++i) {
            IParticipantRegistry.Admission memory admission = admissionOf("body", roles[i]);
            PartySignature[] memory signatures = keySignaturesOf("body", admission);
            vm.expectRevert(_rolesNotAllowed(admission.bodyId, roles[i]));
            participants.admitReserved(admission, signatures);
        }
    }

    function testFuzz_roles_areOrdinaryOrOneReserved(uint32 roles) public {
        bool isOrdinary = roles != 0 && roles & ~BodyRoles.ORDINARY == 0;
        uint256 ones = 0;
        for (uint32 rest = roles; rest != 0; rest &= rest - 1) {
            ++ones;
        }
        bool isReserved = ones == 1 && roles & BodyRoles.RESERVED != 0;
        IParticipantRegistry.Admission memory admission = admissionOf("body", roles);
        PartySignature[] memory signatures = keySignaturesOf("body", admission);
        PartySignature memory operator = signed(headOfAdmission(admission), "operator", BUSINESS);
        (bool ordinaryDone, ) = address(participants).call(
            abi.encodeCall(participants.admit, (admission, signatures, operator))
        );
        vm.assertTrue(ordinaryDone == isOrdinary);
        if (!ordinaryDone) {
            (bool reservedDone, ) = address(participants).call(
                abi.encodeCall(participants.admitReserved, (admission, signatures))
            );
            vm.assertTrue(reservedDone == isReserved);
        }
    }

    function test_admit_idZero_isRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("body", BodyRoles.PROVIDER);
        admission.bodyId = BodyId.wrap(0);
        _expectAdmitFails(
            admission,
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryUnknownBody.selector, admission.bodyId)
        );
    }

    function test_admit_lateQualification_isRefusedAfterItsLastSecond() public {
        IParticipantRegistry.Admission memory admission = admissionOf("body", BodyRoles.PROVIDER);
        admission.qualifiedUntil = uint64(block.timestamp - 1);
        bytes4 error_ = IParticipantRegistry.ParticipantRegistryQualificationExpired.selector;
        _expectAdmitFails(admission, abi.encodeWithSelector(error_, admission.qualifiedUntil));
        admission.qualifiedUntil = uint64(block.timestamp);
        _admit(admission);
        vm.assertTrue(participants.isInGoodStanding(admission.bodyId));
        vm.warp(block.timestamp + 1);
        vm.assertFalse(participants.isInGoodStanding(admission.bodyId));
        vm.assertTrue(participants.isMember(admission.bodyId));
    }

    function test_admit_keysThatNoBodyCanHave_areRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("body", BodyRoles.PROVIDER);
        bytes4 wrongPurposes = IParticipantRegistry.ParticipantRegistryPurposesNotAllowed.selector;
        uint8[4] memory purposes = [0, 8, 5, 7];
        for (uint256 i = 0; i < purposes.length; ++i) {
            admission.keys[1].purposes = purposes[i];
            _expectAdmitFails(admission, abi.encodeWithSelector(wrongPurposes, admission.keys[1].key, purposes[i]));
        }
        admission.keys[0].purposes = METERING;
        _expectAdmitFails(admission, abi.encodeWithSelector(wrongPurposes, admission.keys[0].key, METERING));
        admission = admissionOf("body", BodyRoles.PROVIDER);
        admission.keys[2] = KeyGrant(admission.keys[0].key, METERING);
        bytes4 taken = IParticipantRegistry.ParticipantRegistryKeyTaken.selector;
        _expectAdmitFails(admission, abi.encodeWithSelector(taken, admission.keys[0].key, admission.bodyId));
        admission.keys[2] = KeyGrant(vm.addr(keyOf("operator", FINANCE)), FINANCE);
        _expectAdmitFails(admission, abi.encodeWithSelector(taken, admission.keys[2].key, idOf("operator")));
    }

    function test_admit_numberOfKeys_isOneToSixteenEachWithASignature() public {
        IParticipantRegistry.Admission memory admission = admissionOf("body", BodyRoles.PROVIDER);
        bytes4 keyCount = IParticipantRegistry.ParticipantRegistryKeyCount.selector;
        PartySignature[] memory signatures = new PartySignature[](2);
        PartySignature memory operator = signed(headOfAdmission(admission), "operator", BUSINESS);
        vm.expectRevert(abi.encodeWithSelector(keyCount, 3, 2));
        participants.admit(admission, signatures, operator);
        admission.keys = new KeyGrant[](0);
        _expectAdmitFails(admission, abi.encodeWithSelector(keyCount, 0, 0));
        admission.keys = _manyKeys(17);
        _expectAdmitFails(admission, abi.encodeWithSelector(keyCount, 17, 17));
        admission.keys = _manyKeys(16);
        signatures = new PartySignature[](16);
        for (uint256 i = 0; i < 16; ++i) {
            signatures[i] = possessionBy(i + 1, admission.bodyId, headOfAdmission(admission));
        }
        participants.admit(admission, signatures, signed(headOfAdmission(admission), "operator", BUSINESS));
        vm.assertEq(participants.keyOf(admission.bodyId, vm.addr(16)).purposes, BUSINESS);
    }

    function test_admit_withoutEveryKeysOwnSignature_isRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("body", BodyRoles.PROVIDER);
        bytes memory head = headOfAdmission(admission);
        PartySignature memory operator = signed(head, "operator", BUSINESS);
        PartySignature[] memory signatures = keySignaturesOf("body", admission);
        signatures[1] = signed(head, "body", BUSINESS);
        bytes32 digest = digestOf(head, signatures[1]);
        bytes4 invalid = IParticipantRegistry.ParticipantRegistryInvalidSignature.selector;
        vm.expectRevert(abi.encodeWithSelector(invalid, admission.bodyId, admission.keys[1].key, digest));
        participants.admit(admission, signatures, operator);
        signatures[1].key = admission.keys[1].key; // named, but the signature is another key's
        vm.expectRevert(abi.encodeWithSelector(invalid, admission.bodyId, admission.keys[1].key, digest));
        participants.admit(admission, signatures, operator);
        signatures[1] = signed(head, "operator", METERING);
        vm.expectRevert(
            abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, admission.bodyId, idOf("operator"))
        );
        participants.admit(admission, signatures, operator);
        uint256 late = block.timestamp - 1;
        signatures[1] = signUntil(DOMAIN, address(participants), head, "body", METERING, late);
        vm.expectRevert(abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, late, block.timestamp));
        participants.admit(admission, signatures, operator);
    }

    function test_admitReserved_onAnotherChain_isRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("bank", BodyRoles.BANK);
        PartySignature[] memory signatures = keySignaturesOf("bank", admission);
        vm.chainId(99);
        bytes memory expected = abi.encodeWithSelector(
            IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
            admission.bodyId,
            admission.keys[0].key,
            digestOf(headOfAdmission(admission), signatures[0])
        );
        vm.expectRevert(expected);
        participants.admitReserved(admission, signatures);
    }

    function test_reservedBody_isOutOfTheOperatorsHands() public {
        BodyId regulator = idOf("regulator");
        bytes memory refused = _rolesNotAllowed(regulator, BodyRoles.REGULATOR);
        PartySignature memory operator = signed(headOfRenewal(regulator, _REASON, 1_950_000_000, 0), "operator", 1);
        vm.expectRevert(refused);
        participants.renewQualification(regulator, _REASON, 1_950_000_000, 0, operator);
        operator = signed(headOfRoleChange(regulator, BodyRoles.PROVIDER, 0), "operator", BUSINESS);
        vm.expectRevert(refused);
        participants.changeRoles(regulator, BodyRoles.PROVIDER, 0, operator);
        operator = signed(headOfStanding("Suspension", regulator, _REASON, 0), "operator", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                idOf("operator"),
                BodyRoles.OPERATOR,
                BodyRoles.REGULATOR
            )
        );
        participants.suspend(regulator, _REASON, 0, operator);
    }

    function test_changeRoles_toOrdinaryOnes_replacesThem() public {
        BodyId id = join("provider", BodyRoles.PROVIDER | BodyRoles.DATA_HOLDER);
        PartySignature memory operator = signed(headOfRoleChange(id, BodyRoles.BANK, 0), "operator", BUSINESS);
        vm.expectRevert(_rolesNotAllowed(id, BodyRoles.BANK));
        participants.changeRoles(id, BodyRoles.BANK, 0, operator);
        operator = signed(headOfRoleChange(id, BodyRoles.CONSUMER, 0), "operator", BUSINESS);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.RolesChanged(id, BodyRoles.CONSUMER);
        participants.changeRoles(id, BodyRoles.CONSUMER, 0, operator);
        vm.assertEq(participants.bodyOf(id).roles, BodyRoles.CONSUMER);
        vm.assertEq(participants.bodyOf(id).revision, 1);
    }

    function test_renewQualification_recordsItUnlessItEndsInThePast() public {
        BodyId id = join("provider", BodyRoles.PROVIDER);
        uint64 past = uint64(block.timestamp - 1);
        bytes4 expired = IParticipantRegistry.ParticipantRegistryQualificationExpired.selector;
        PartySignature memory operator = signed(headOfRenewal(id, _REASON, past, 0), "operator", BUSINESS);
        vm.expectRevert(abi.encodeWithSelector(expired, past));
        participants.renewQualification(id, _REASON, past, 0, operator);
        vm.expectRevert(abi.encodeWithSelector(expired, past));
        participants.renewReservedQualification(id, _REASON, past);
        operator = signed(headOfRenewal(id, _REASON, 1_950_000_000, 0), "operator", BUSINESS);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.QualificationRecorded(id, _REASON, 1_950_000_000);
        participants.renewQualification(id, _REASON, 1_950_000_000, 0, operator);
        participants.renewReservedQualification(id, _REASON, 1_960_000_000);
        vm.assertEq(participants.bodyOf(id).qualifiedUntil, 1_960_000_000);
        vm.assertEq(participants.bodyOf(id).revision, 2);
        // only the council's ends earlier, and only the present second is too late
        participants.renewReservedQualification(id, _REASON, uint64(block.timestamp));
        vm.assertEq(participants.bodyOf(id).qualifiedUntil, block.timestamp);
    }

    function test_suspend_byOperator_isReinstatedByOperatorOrRegulator() public {
        BodyId id = join("provider", BodyRoles.PROVIDER);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.BodySuspended(id, idOf("operator"), _REASON);
        _suspendBy("operator", id);
        vm.assertFalse(participants.isInGoodStanding(id));
        vm.assertTrue(participants.isMember(id));
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.BodyReinstated(id, idOf("operator"), _REASON);
        _reinstateBy("operator", id);
        vm.assertTrue(participants.isInGoodStanding(id));
        _suspendBy("operator", id);
        _reinstateBy("regulator", id);
        vm.assertTrue(participants.isInGoodStanding(id));
    }

    function test_suspend_byRegulatorOrCouncil_isNotReinstatedByThoseBelow() public {
        BodyId id = join("provider", BodyRoles.PROVIDER);
        _suspendBy("regulator", id);
        _refuseReinstatement("operator", id, _suspendedByOther(id, _REGULATOR));
        _reinstateBy("regulator", id);
        vm.assertTrue(participants.bodyOf(id).suspendedBy == _NOBODY);

        vm.expectEmit(address(participants));
        emit IParticipantRegistry.BodySuspended(id, BodyId.wrap(0), _REASON);
        participants.suspendReserved(id, _REASON);
        _refuseReinstatement("operator", id, _suspendedByOther(id, _COUNCIL));
        _refuseReinstatement("regulator", id, _suspendedByOther(id, _COUNCIL));
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.BodyReinstated(id, BodyId.wrap(0), _REASON);
        participants.reinstateReserved(id, _REASON);
        vm.assertTrue(participants.isInGoodStanding(id));
    }

    function test_suspendedRegulator_cannotReinstateItself() public {
        BodyId regulator = idOf("regulator");
        participants.suspendReserved(regulator, _REASON);
        _refuseReinstatement("regulator", regulator, _suspendedByOther(regulator, _COUNCIL));
        vm.expectRevert(_wrongStatus(regulator, IParticipantRegistry.BodyStatus.SUSPENDED));
        participants.suspendReserved(regulator, _REASON);
        participants.reinstateReserved(regulator, _REASON);
        vm.expectRevert(_wrongStatus(regulator, IParticipantRegistry.BodyStatus.ACTIVE));
        participants.reinstateReserved(regulator, _REASON);
    }

    function test_depart_isForEver() public {
        BodyId id = join("provider", BodyRoles.PROVIDER);
        bytes memory head = headOfStanding("Departure", id, _REASON, 0);
        PartySignature memory party = signed(head, "provider", BUSINESS);
        PartySignature memory operator = signed(head, "operator", BUSINESS);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.BodyLeft(id, _REASON);
        participants.depart(id, _REASON, 0, party, operator);
        vm.assertFalse(participants.isMember(id));
        IParticipantRegistry.Admission memory again = admissionOf("provider", BodyRoles.PROVIDER);
        _expectAdmitFails(
            again,
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryAlreadyAdmitted.selector, id)
        );
        bytes memory left = _wrongStatus(id, IParticipantRegistry.BodyStatus.LEFT);
        vm.expectRevert(left);
        participants.suspendReserved(id, _REASON);
        vm.expectRevert(left);
        participants.renewReservedQualification(id, _REASON, 1_950_000_000);
    }

    function test_depart_withAReservedRole_takesAnotherRegulator() public {
        BodyId id = idOf("regulator");
        bytes memory head = headOfStanding("Departure", id, _REASON, 0);
        PartySignature memory party = signed(head, "regulator", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryOwnCountersignature.selector, id)
        );
        participants.depart(id, _REASON, 0, party, party);
        PartySignature memory other = signed(head, "operator", BUSINESS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                idOf("operator"),
                BodyRoles.OPERATOR,
                BodyRoles.REGULATOR
            )
        );
        participants.depart(id, _REASON, 0, party, other);
        joinReserved("other regulator", BodyRoles.REGULATOR);
        participants.depart(id, _REASON, 0, party, signed(head, "other regulator", BUSINESS));
        vm.assertFalse(participants.isMember(id));
    }

    function test_councilsFunctions_byAnybodyElse_areRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("bank", BodyRoles.BANK);
        PartySignature[] memory signatures = keySignaturesOf("bank", admission);
        BodyId id = idOf("regulator");
        bytes[] memory calls = new bytes[](5);
        calls[0] = abi.encodeCall(participants.admitReserved, (admission, signatures));
        calls[1] = abi.encodeCall(participants.renewReservedQualification, (id, _REASON, 1_950_000_000));
        calls[2] = abi.encodeCall(participants.suspendReserved, (id, _REASON));
        calls[3] = abi.encodeCall(participants.reinstateReserved, (id, _REASON));
        calls[4] = abi.encodeCall(
            participants.recoverKey,
            (id, new address[](0), admission.keys[0], _REASON, signatures[0])
        );
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(address(0xbad));
            (bool success, bytes memory answer) = address(participants).call(calls[i]);
            vm.assertFalse(success);
            vm.assertEq(
                answer,
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xbad))
            );
        }
    }

    function test_councilsFunctions_ofUnknownBodies_areRefused() public {
        BodyId id = idOf("nobody");
        bytes memory unknown = abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryUnknownBody.selector, id);
        vm.expectRevert(unknown);
        participants.suspendReserved(id, _REASON);
        vm.expectRevert(unknown);
        participants.reinstateReserved(id, _REASON);
        vm.expectRevert(unknown);
        participants.renewReservedQualification(id, _REASON, 1_950_000_000);
    }

    function _suspendBy(string memory name, BodyId id) private {
        uint256 nonce = participants.actCount(id, idOf(name));
        bytes memory head = headOfStanding("Suspension", id, _REASON, nonce);
        participants.suspend(id, _REASON, nonce, signed(head, name, BUSINESS));
    }

    function _reinstateBy(string memory name, BodyId id) private {
        uint256 nonce = participants.actCount(id, idOf(name));
        bytes memory head = headOfStanding("Reinstatement", id, _REASON, nonce);
        participants.reinstate(id, _REASON, nonce, signed(head, name, BUSINESS));
    }

    function _refuseReinstatement(string memory name, BodyId id, bytes memory error_) private {
        uint256 nonce = participants.actCount(id, idOf(name));
        PartySignature memory party = signed(headOfStanding("Reinstatement", id, _REASON, nonce), name, BUSINESS);
        vm.expectRevert(error_);
        participants.reinstate(id, _REASON, nonce, party);
    }

    function _admit(IParticipantRegistry.Admission memory admission) private {
        PartySignature memory operator = signed(headOfAdmission(admission), "operator", BUSINESS);
        participants.admit(admission, keySignaturesOf("body", admission), operator);
    }

    /// @dev Each key's signature is by its owner's key as far as "body" has it; what is refused before signatures are
    /// looked at needs no good ones.
    function _expectAdmitFails(IParticipantRegistry.Admission memory admission, bytes memory error_) private {
        bytes memory head = headOfAdmission(admission);
        PartySignature[] memory signatures = new PartySignature[](admission.keys.length);
        for (uint256 i = 0; i < signatures.length; ++i) {
            signatures[i] = possessionBy(keyOf("body", uint8(1 << (i % 3))), admission.bodyId, head);
        }
        PartySignature memory operator = signed(head, "operator", BUSINESS);
        vm.expectRevert(error_);
        participants.admit(admission, signatures, operator);
    }

    function _manyKeys(uint256 count) private pure returns (KeyGrant[] memory keys) {
        keys = new KeyGrant[](count);
        for (uint256 i = 0; i < count; ++i) {
            keys[i] = KeyGrant(vm.addr(i + 1), BUSINESS);
        }
    }

    function _rolesNotAllowed(BodyId id, uint32 roles) private pure returns (bytes memory) {
        bytes4 error_ = IParticipantRegistry.ParticipantRegistryRolesNotAllowed.selector;
        return abi.encodeWithSelector(error_, id, roles);
    }

    function _suspendedByOther(BodyId id, IParticipantRegistry.Suspender by) private pure returns (bytes memory) {
        bytes4 error_ = IParticipantRegistry.ParticipantRegistrySuspendedByOther.selector;
        return abi.encodeWithSelector(error_, id, by);
    }

    function _wrongStatus(BodyId id, IParticipantRegistry.BodyStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryWrongStatus.selector, id, status);
    }
}
