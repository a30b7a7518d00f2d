// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature, Requirement} from "../../contracts/types/Parties.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {RegistryFixture} from "./helpers/Registry.sol";

/// @title Gas and size of the registry, each function on a body of its own
contract ParticipantRegistryGasTest is RegistryFixture, GasGolden {
    bytes32 private constant _REASON = keccak256("reason");
    uint64 private constant _UNTIL = 1_950_000_000;

    function setUp() public override {
        super.setUp();
        string[9] memory names = [
            "renewed",
            "renewed2",
            "changed",
            "stopped",
            "stopped2",
            "leaver",
            "adder",
            "revoker",
            "loser"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            join(names[i], BodyRoles.PROVIDER);
        }
        join("sleeper", BodyRoles.PROVIDER);
        join("sleeper2", BodyRoles.PROVIDER);
        join("asked", BodyRoles.PROVIDER);
        bytes memory head = headOfStanding("Suspension", idOf("sleeper"), _REASON, 0);
        participants.suspend(idOf("sleeper"), _REASON, 0, signed(head, "regulator", BUSINESS));
        participants.suspendReserved(idOf("sleeper2"), _REASON);
        participants.suspendReserved(idOf("loser"), _REASON);
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        _admissions();
        _standings();
        _councilsActs();
        _keys();
        _views();
        record("bytes_of_participant_registry", address(participants).code.length);
        requireGoldens("ParticipantRegistry");
    }

    function _admissions() private {
        IParticipantRegistry.Admission memory admission = admissionOf("newcomer", BodyRoles.PROVIDER);
        PartySignature memory operator = signed(headOfAdmission(admission), "operator", BUSINESS);
        _record(
            "admit_three_keys",
            abi.encodeCall(participants.admit, (admission, keySignaturesOf("newcomer", admission), operator))
        );
        admission = admissionOf("bank", BodyRoles.BANK);
        _record(
            "admitReserved_three_keys",
            abi.encodeCall(participants.admitReserved, (admission, keySignaturesOf("bank", admission)))
        );
    }

    function _standings() private {
        BodyId id = idOf("renewed");
        PartySignature memory party = signed(headOfRenewal(id, _REASON, _UNTIL, 0), "operator", BUSINESS);
        _record("renewQualification", abi.encodeCall(participants.renewQualification, (id, _REASON, _UNTIL, 0, party)));
        id = idOf("changed");
        party = signed(headOfRoleChange(id, BodyRoles.CONSUMER, 0), "operator", BUSINESS);
        _record("changeRoles", abi.encodeCall(participants.changeRoles, (id, BodyRoles.CONSUMER, 0, party)));
        id = idOf("stopped");
        party = signed(headOfStanding("Suspension", id, _REASON, 0), "regulator", BUSINESS);
        _record("suspend", abi.encodeCall(participants.suspend, (id, _REASON, 0, party)));
        id = idOf("sleeper");
        party = signed(headOfStanding("Reinstatement", id, _REASON, 1), "regulator", BUSINESS);
        _record("reinstate", abi.encodeCall(participants.reinstate, (id, _REASON, 1, party)));
        id = idOf("leaver");
        bytes memory head = headOfStanding("Departure", id, _REASON, 0);
        party = signed(head, "leaver", BUSINESS);
        PartySignature memory operator = signed(head, "operator", BUSINESS);
        _record("depart", abi.encodeCall(participants.depart, (id, _REASON, 0, party, operator)));
    }

    function _councilsActs() private {
        BodyId id = idOf("renewed2");
        _record(
            "renewReservedQualification",
            abi.encodeCall(participants.renewReservedQualification, (id, _REASON, _UNTIL))
        );
        _record("suspendReserved", abi.encodeCall(participants.suspendReserved, (idOf("stopped2"), _REASON)));
        _record("reinstateReserved", abi.encodeCall(participants.reinstateReserved, (idOf("sleeper2"), _REASON)));
        id = idOf("loser");
        KeyGrant memory grant = KeyGrant(vm.addr(1), BUSINESS);
        address[] memory lost = new address[](1);
        lost[0] = vm.addr(keyOf("loser", BUSINESS));
        PartySignature memory possession = possessionBy(1, id, headOfKeyRecovery(id, grant, 0));
        _record("recoverKey_one_lost", abi.encodeCall(participants.recoverKey, (id, lost, grant, _REASON, possession)));
    }

    function _keys() private {
        BodyId id = idOf("adder");
        KeyGrant memory grant = KeyGrant(vm.addr(2), BUSINESS);
        bytes memory head = headOfKeyAddition(id, grant, 0);
        PartySignature memory party = signed(head, "adder", BUSINESS);
        _record("addKey", abi.encodeCall(participants.addKey, (id, grant, 0, party, possessionBy(2, id, head))));
        id = idOf("revoker");
        address key = vm.addr(keyOf("revoker", METERING));
        party = signed(headOfKeyRevocation(id, key, _REASON, 0), "revoker", METERING);
        _record("revokeKey", abi.encodeCall(participants.revokeKey, (id, key, _REASON, 0, party)));
    }

    function _views() private {
        uint256 key = keyOf("asked", BUSINESS);
        BodyId id = idOf("asked");
        PartySignature memory party = PartySignature(id, vm.addr(key), 0, IN_TIME, signatureOf(key, _REASON));
        Requirement memory requirement = Requirement(BodyRoles.PROVIDER, BUSINESS, false);
        _record("requireSignature", abi.encodeCall(participants.requireSignature, (_REASON, party, requirement)));
        _record("bodyOf", abi.encodeCall(participants.bodyOf, (id)));
        _record("actCount", abi.encodeCall(participants.actCount, (id, id)));
        _record("isMember", abi.encodeCall(participants.isMember, (id)));
        _record("isInGoodStanding", abi.encodeCall(participants.isInGoodStanding, (id)));
        _record("keyOf", abi.encodeCall(participants.keyOf, (id, party.key)));
        _record("ownerOfKey", abi.encodeCall(participants.ownerOfKey, (party.key)));
        _record("MAX_FIRST_KEYS", abi.encodeCall(participants.MAX_FIRST_KEYS, ()));
        _record("authority", abi.encodeCall(participants.authority, ()));
        _record("isConsumingScheduledOp", abi.encodeCall(participants.isConsumingScheduledOp, ()));
        recordPartyViews(address(participants));
        address manager = participants.authority();
        vm.prank(manager);
        _record("setAuthority", abi.encodeCall(participants.setAuthority, (address(this))));
        vm.roll(1001);
        _record("signingStateAt", abi.encodeCall(participants.signingStateAt, (id, party.key, 1000)));
    }

    function _record(string memory name, bytes memory call_) private {
        recordGas(name, address(participants), call_);
    }
}
