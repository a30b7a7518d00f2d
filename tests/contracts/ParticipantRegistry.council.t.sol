// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";

/// @title What the council does to bodies: out of turn, with keys that did not sign, and by anybody else
/// @notice The council's own signatures are `Council`'s business; here a key shows only that it is the body's.
contract ParticipantRegistryCouncilTest is RegistryFixture {
    uint256 private constant _NEW = uint256(keccak256("new key"));
    bytes32 private constant _REASON = keccak256("reason");
    uint64 private constant _LATER = QUALIFIED_UNTIL + 1;

    BodyId private _regulator;
    KeyGrant private _grant;

    function setUp() public override {
        super.setUp();
        _regulator = idOf("regulator");
        _grant = KeyGrant(vm.addr(_NEW), BUSINESS);
    }

    function test_suspendReserved_ofASuspendedBody_isRefused() public {
        participants.suspendReserved(_regulator, _REASON);
        vm.expectRevert(_wrongStatus(IParticipantRegistry.BodyStatus.SUSPENDED));
        participants.suspendReserved(_regulator, _REASON);
    }

    function test_reinstateReserved_ofAnActiveBody_isRefused() public {
        vm.expectRevert(_wrongStatus(IParticipantRegistry.BodyStatus.ACTIVE));
        participants.reinstateReserved(_regulator, _REASON);
    }

    function test_everything_ofABodyThatLeft_isRefused() public {
        bytes memory head = headOfStanding("Departure", _regulator, _REASON, 0);
        joinReserved("other regulator", BodyRoles.REGULATOR);
        PartySignature memory other = signed(head, "other regulator", BUSINESS);
        participants.depart(_regulator, _REASON, 0, signed(head, "regulator", BUSINESS), other);
        bytes memory left = _wrongStatus(IParticipantRegistry.BodyStatus.LEFT);
        vm.expectRevert(left);
        participants.suspendReserved(_regulator, _REASON);
        vm.expectRevert(left);
        participants.reinstateReserved(_regulator, _REASON);
        vm.expectRevert(left);
        participants.renewReservedQualification(_regulator, _REASON, _LATER);
        _refuseRecovery(possessionBy(_NEW, _regulator, _headOfRecovery(0)), left);
        _refuseAdmission(
            keySignaturesOf("regulator", admissionOf("regulator", BodyRoles.REGULATOR)),
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryAlreadyAdmitted.selector, _regulator)
        );
    }

    function test_renewReservedQualification_toThePast_isRefused() public {
        uint64 past = uint64(block.timestamp) - 1;
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryQualificationExpired.selector, past)
        );
        participants.renewReservedQualification(_regulator, _REASON, past);
    }

    function test_admitReserved_aSecondTime_isRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("regulator", BodyRoles.REGULATOR);
        _refuseAdmission(
            keySignaturesOf("regulator", admission),
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryAlreadyAdmitted.selector, _regulator)
        );
    }

    function test_admitReserved_withoutTheKeysOwnSignatures_isRefused() public {
        IParticipantRegistry.Admission memory admission = admissionOf("bank", BodyRoles.BANK);
        bytes memory head = headOfAdmission(admission);
        PartySignature[] memory signatures = keySignaturesOf("bank", admission);
        bytes32 digest = digestOf(head, signatures[0]);
        signatures[0].signature = signatureOf(_NEW, digest);
        bytes memory invalid = _invalid(admission.bodyId, admission.keys[0].key, digest);
        vm.expectRevert(invalid);
        participants.admitReserved(admission, signatures);
        uint256 late = block.timestamp - 1;
        signatures[0] = signUntil(DOMAIN, address(participants), head, "bank", BUSINESS, late);
        vm.expectRevert(abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, late, block.timestamp));
        participants.admitReserved(admission, signatures);
        signatures[0] = signed(head, "regulator", BUSINESS);
        vm.expectRevert(abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, admission.bodyId, _regulator));
        participants.admitReserved(admission, signatures);
    }

    function test_recoverKey_withoutTheKeysOwnSignature_isRefused() public {
        participants.suspendReserved(_regulator, _REASON);
        bytes memory head = _headOfRecovery(0);
        PartySignature memory possession = possessionBy(_NEW, _regulator, head);
        bytes32 digest = digestOf(head, possession);
        possession.signature = signatureOf(keyOf("regulator", BUSINESS), digest);
        _refuseRecovery(possession, _invalid(_regulator, _grant.key, digest));
        possession = possessionBy(_NEW, idOf("operator"), head);
        bytes4 wrongSigner = IPartyActs.PartyActWrongSigner.selector;
        _refuseRecovery(possession, abi.encodeWithSelector(wrongSigner, _regulator, idOf("operator")));
        possession = possessionBy(_NEW, _regulator, head);
        vm.chainId(99);
        _refuseRecovery(possession, _invalid(_regulator, _grant.key, digestOf(head, possession)));
    }

    function test_recoverKey_afterItsDeadline_isRefused() public {
        participants.suspendReserved(_regulator, _REASON);
        PartySignature memory possession = possessionBy(_NEW, _regulator, _headOfRecovery(0));
        vm.warp(possession.deadline + 1);
        bytes4 expired = IPartyActs.PartyActExpired.selector;
        _refuseRecovery(possession, abi.encodeWithSelector(expired, possession.deadline, possession.deadline + 1));
    }

    function test_addKey_withAPossessionFromElsewhere_isRefused() public {
        BodyId body = join("provider", BodyRoles.PROVIDER);
        bytes memory head = headOfKeyAddition(body, _grant, 0);
        PartySignature memory possession = possessionBy(_NEW, body, head);
        vm.chainId(99);
        PartySignature memory party = signed(head, "provider", BUSINESS);
        vm.expectRevert(_invalid(body, _grant.key, digestOf(head, possession)));
        participants.addKey(body, _grant, 0, party, possession);
    }

    function test_setAuthority_byAnybodyElse_isRefused() public {
        vm.prank(address(0xbad));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xbad)));
        participants.setAuthority(address(0xbad));
        // not even the council: only the manager itself, when its ADMIN says so
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        participants.setAuthority(address(this));
        vm.assertEq(participants.authority(), address(manager));
    }

    /// @notice Under what has no code nobody could ever be admitted by the council again.
    function test_setAuthority_toWhatIsNoContract_isRefused() public {
        address nothing = address(0x1234);
        vm.prank(address(manager));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedInvalidAuthority.selector, nothing));
        participants.setAuthority(nothing);
        vm.assertEq(participants.authority(), address(manager));
    }

    function _refuseRecovery(PartySignature memory possession, bytes memory expected) private {
        vm.expectRevert(expected);
        participants.recoverKey(_regulator, new address[](0), _grant, _REASON, possession);
    }

    function _refuseAdmission(PartySignature[] memory signatures, bytes memory expected) private {
        IParticipantRegistry.Admission memory admission = admissionOf("regulator", BodyRoles.REGULATOR);
        vm.expectRevert(expected);
        participants.admitReserved(admission, signatures);
    }

    function _headOfRecovery(uint256 nonce) private view returns (bytes memory) {
        return headOfKeyRecovery(_regulator, _grant, nonce);
    }

    function _wrongStatus(IParticipantRegistry.BodyStatus status) private view returns (bytes memory) {
        bytes4 wrongStatus = IParticipantRegistry.ParticipantRegistryWrongStatus.selector;
        return abi.encodeWithSelector(wrongStatus, _regulator, status);
    }

    function _invalid(BodyId body, address key, bytes32 digest) private pure returns (bytes memory) {
        bytes4 invalid = IParticipantRegistry.ParticipantRegistryInvalidSignature.selector;
        return abi.encodeWithSelector(invalid, body, key, digest);
    }
}
