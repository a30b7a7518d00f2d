// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";

/// @title Everything that can be done to bodies, in any order, by whoever holds the keys
/// @notice Keeps beside the registry what was really done. An act that the registry refuses changes nothing here.
contract RegistryHandler is RegistryFixture {
    string[4] public names = ["alpha", "beta", "gamma", "delta"];
    mapping(address key => BodyId owner) public ownerOf;
    mapping(address key => uint8 purposes) public purposesOf;
    mapping(address key => bool isRevoked) public revoked;
    mapping(BodyId body => mapping(BodyId signer => uint256 count)) public countOf;
    mapping(BodyId body => uint64 until) public qualifiedUntilOf;
    address[] public everyKey;
    uint256 public done;
    uint256 private _next = 1000;

    constructor() {
        setUp();
        for (uint256 i = 0; i < names.length; ++i) {
            IParticipantRegistry.Admission memory admission = admissionOf(names[i], BodyRoles.PROVIDER);
            join(names[i], BodyRoles.PROVIDER);
            qualifiedUntilOf[admission.bodyId] = admission.qualifiedUntil;
            for (uint256 k = 0; k < 3; ++k) {
                _note(admission.bodyId, admission.keys[k]);
            }
        }
    }

    function addKey(uint8 who, uint8 giver, uint8 purposes, uint8 by, bool reuse) external {
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        uint256 secret = reuse ? 1000 : ++_next;
        KeyGrant memory grant = KeyGrant(vm.addr(secret), purposes % 9);
        bytes memory head = headOfKeyAddition(id, grant, nonceOf(name));
        PartySignature memory party = signed(head, names[giver % 4], uint8(1 << (by % 3)));
        PartySignature memory possession = possessionBy(secret, id, head);
        try participants.addKey(id, grant, nonceOf(name), party, possession) {
            // what must have been true for it
            vm.assertTrue(giver % 4 == who % 4);
            vm.assertTrue(purposesOf[party.key] & grant.purposes == grant.purposes && !revoked[party.key]);
            ++countOf[id][id];
            _note(id, grant);
        } catch {}
    }

    function revokeKey(uint8 who, uint8 place, uint8 purpose) external {
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        address key = everyKey[place % everyKey.length];
        bytes memory head = headOfKeyRevocation(id, key, 0, nonceOf(name));
        PartySignature memory party = signed(head, name, uint8(1 << (purpose % 3)));
        try participants.revokeKey(id, key, 0, nonceOf(name), party) {
            vm.assertTrue(ownerOf[key] == id && !revoked[key] && !revoked[party.key]);
            vm.assertTrue(purposesOf[party.key] & purposesOf[key] == purposesOf[key]);
            revoked[key] = true;
            ++countOf[id][id];
            ++done;
        } catch {}
    }

    function suspend(uint8 who, bool byRegulator) external {
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        uint256 nonce = nonceOf(name, byRegulator ? "regulator" : "operator");
        bytes memory head = headOfStanding("Suspension", id, 0, nonce);
        PartySignature memory party = signed(head, byRegulator ? "regulator" : "operator", BUSINESS);
        try participants.suspend(id, 0, nonce, party) {
            ++countOf[id][party.signer];
            ++done;
        } catch {}
    }

    function reinstate(uint8 who, bool byRegulator) external {
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        uint256 nonce = nonceOf(name, byRegulator ? "regulator" : "operator");
        IParticipantRegistry.Suspender suspendedBy = participants.bodyOf(id).suspendedBy;
        bytes memory head = headOfStanding("Reinstatement", id, 0, nonce);
        PartySignature memory party = signed(head, byRegulator ? "regulator" : "operator", BUSINESS);
        try participants.reinstate(id, 0, nonce, party) {
            vm.assertTrue(byRegulator || suspendedBy == IParticipantRegistry.Suspender.OPERATOR);
            vm.assertTrue(suspendedBy != IParticipantRegistry.Suspender.COUNCIL);
            ++countOf[id][party.signer];
            ++done;
        } catch {}
    }

    function councilSuspends(uint8 who) external {
        BodyId id = idOf(names[who % 4]);
        try participants.suspendReserved(id, 0) {
            vm.assertTrue(participants.bodyOf(id).suspendedBy == IParticipantRegistry.Suspender.COUNCIL);
            ++done;
        } catch {}
    }

    function councilReinstates(uint8 who) external {
        try participants.reinstateReserved(idOf(names[who % 4]), 0) {
            ++done;
        } catch {}
    }

    function changeRoles(uint8 who, uint32 roles) external {
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        uint256 nonce = nonceOf(name, "operator");
        PartySignature memory party = signed(headOfRoleChange(id, roles, nonce), "operator", BUSINESS);
        try participants.changeRoles(id, roles, nonce, party) {
            ++countOf[id][party.signer];
            ++done;
        } catch {}
    }

    function renew(uint8 who, uint8 days_, bool byRegulator) external {
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        uint256 nonce = nonceOf(name, byRegulator ? "regulator" : "operator");
        // as often shorter as longer
        uint64 until = qualifiedUntilOf[id] - 10 days + uint64(days_ % 21) * 1 days;
        bytes memory head = headOfRenewal(id, 0, until, nonce);
        PartySignature memory party = signed(head, byRegulator ? "regulator" : "operator", BUSINESS);
        try participants.renewQualification(id, 0, until, nonce, party) {
            vm.assertTrue(until >= qualifiedUntilOf[id]);
            qualifiedUntilOf[id] = until;
            ++countOf[id][party.signer];
            ++done;
        } catch {}
    }

    function councilRecovers(uint8 who, uint8 place) external {
        BodyId id = idOf(names[who % 4]);
        IParticipantRegistry.Body memory body = participants.bodyOf(id);
        KeyGrant memory grant = KeyGrant(vm.addr(++_next), BUSINESS);
        address[] memory lost = new address[](1);
        lost[0] = everyKey[place % everyKey.length];
        PartySignature memory possession = possessionBy(_next, id, headOfKeyRecovery(id, grant, body.recoveries));
        try participants.recoverKey(id, lost, grant, 0, possession) {
            vm.assertTrue(body.suspendedBy == IParticipantRegistry.Suspender.COUNCIL);
            vm.assertTrue(ownerOf[lost[0]] == id);
            revoked[lost[0]] = true;
            _note(id, grant);
        } catch {}
    }

    function depart(uint8 who, uint8 chance, bool byRegulator) external {
        if (chance % 16 != 0) {
            return;
        }
        string memory name = names[who % 4];
        BodyId id = idOf(name);
        uint256 nonce = nonceOf(name);
        bytes memory head = headOfStanding("Departure", id, 0, nonce);
        PartySignature memory other = signed(head, byRegulator ? "regulator" : "operator", BUSINESS);
        bool wasInGoodStanding = participants.isInGoodStanding(id);
        try participants.depart(id, 0, nonce, signed(head, name, BUSINESS), other) {
            vm.assertTrue(wasInGoodStanding);
            ++countOf[id][id];
            ++done;
        } catch {}
    }

    function passBlocks(uint8 count) external {
        vm.roll(block.number + (count % 4));
    }

    function keysEver() external view returns (uint256) {
        return everyKey.length;
    }

    function registryOf() external view returns (IParticipantRegistry) {
        return participants;
    }

    function _note(BodyId id, KeyGrant memory grant) private {
        vm.assertTrue(BodyId.unwrap(ownerOf[grant.key]) == 0);
        ownerOf[grant.key] = id;
        purposesOf[grant.key] = grant.purposes;
        everyKey.push(grant.key);
        ++done;
    }
}

/// @title What no order of acts breaks
contract ParticipantRegistryInvariants is RegistryFixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    RegistryHandler private _handler;

    function setUp() public override {
        _handler = new RegistryHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = RegistryHandler.addKey.selector;
        selectors[1] = RegistryHandler.revokeKey.selector;
        selectors[2] = RegistryHandler.suspend.selector;
        selectors[3] = RegistryHandler.reinstate.selector;
        selectors[4] = RegistryHandler.changeRoles.selector;
        selectors[5] = RegistryHandler.depart.selector;
        selectors[6] = RegistryHandler.passBlocks.selector;
        selectors[7] = RegistryHandler.councilSuspends.selector;
        selectors[8] = RegistryHandler.councilReinstates.selector;
        selectors[9] = RegistryHandler.renew.selector;
        selectors[10] = RegistryHandler.councilRecovers.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), selectors);
    }

    /// @dev The handler does what it says, so that the invariants are about something.
    function test_handler_everyAct_isPossible() public {
        uint256 before = _handler.done();
        _handler.addKey(0, 0, 1, 0, false); // a BUSINESS key by the BUSINESS key
        _handler.addKey(0, 0, 4, 2, false); // a FINANCE key by the FINANCE key
        _handler.revokeKey(0, 0, 0);
        _handler.suspend(1, true);
        _handler.reinstate(1, false); // refused
        _handler.reinstate(1, true);
        _handler.suspend(1, false);
        _handler.councilRecovers(1, 3); // refused
        _handler.councilSuspends(1);
        _handler.councilRecovers(1, 3);
        _handler.suspend(1, true); // refused
        _handler.reinstate(1, true); // refused
        _handler.depart(1, 0, true); // refused
        _handler.councilReinstates(1);
        _handler.renew(2, 9, true); // refused
        _handler.renew(2, 10, false);
        _handler.renew(2, 20, true);
        _handler.changeRoles(2, BodyRoles.CONSUMER);
        _handler.changeRoles(2, BodyRoles.BANK); // refused
        _handler.depart(3, 0, false);
        _handler.depart(2, 0, true);
        vm.assertEq(_handler.done(), before + 14);
    }

    /// @dev A key is its first body's for ever, with its first purposes, and valid until that body's key revoked it.
    function invariant_keys_areWhatTheirBodiesMadeThem() public view {
        IParticipantRegistry registry_ = _handler.registryOf();
        for (uint256 i = 0; i < _handler.keysEver(); ++i) {
            address key = _handler.everyKey(i);
            BodyId owner = _handler.ownerOf(key);
            vm.assertTrue(registry_.ownerOfKey(key) == owner);
            IParticipantRegistry.Key memory state = registry_.keyOf(owner, key);
            vm.assertEq(state.purposes, _handler.purposesOf(key));
            vm.assertTrue((state.validUntil != 0) == _handler.revoked(key));
            vm.assertTrue(state.purposes & FINANCE == 0 || state.purposes == FINANCE);
        }
    }

    /// @dev The operator's bodies stay ordinary, reserved ones keep their one role, whoever signs what.
    function invariant_roles_stayOnTheirSide() public view {
        IParticipantRegistry registry_ = _handler.registryOf();
        for (uint256 i = 0; i < 4; ++i) {
            uint32 roles = registry_.bodyOf(idOf(_handler.names(i))).roles;
            vm.assertTrue(roles != 0 && roles & ~BodyRoles.ORDINARY == 0);
        }
        vm.assertEq(registry_.bodyOf(idOf("operator")).roles, BodyRoles.OPERATOR);
        vm.assertEq(registry_.bodyOf(idOf("regulator")).roles, BodyRoles.REGULATOR);
    }

    /// @dev Each signer's count is the number of its own acts, and nobody but the council takes qualification away.
    function invariant_counts_areEachSignersOwn() public view {
        IParticipantRegistry registry_ = _handler.registryOf();
        BodyId[2] memory authorities = [idOf("operator"), idOf("regulator")];
        for (uint256 i = 0; i < 4; ++i) {
            BodyId id = idOf(_handler.names(i));
            vm.assertEq(registry_.actCount(id, id), _handler.countOf(id, id));
            for (uint256 j = 0; j < authorities.length; ++j) {
                vm.assertEq(registry_.actCount(id, authorities[j]), _handler.countOf(id, authorities[j]));
            }
            vm.assertEq(registry_.bodyOf(id).qualifiedUntil, _handler.qualifiedUntilOf(id));
        }
    }

    /// @dev Whoever suspended a body is on record as long as it is suspended, and no longer.
    function invariant_suspender_isKnownWhileThereIsOne() public view {
        IParticipantRegistry registry_ = _handler.registryOf();
        for (uint256 i = 0; i < 4; ++i) {
            IParticipantRegistry.Body memory body = registry_.bodyOf(idOf(_handler.names(i)));
            bool isSuspended = body.status == IParticipantRegistry.BodyStatus.SUSPENDED;
            vm.assertTrue(isSuspended == (body.suspendedBy != IParticipantRegistry.Suspender.NOBODY));
        }
    }

    /// @dev The history's last entry is the body as it is.
    function invariant_history_endsWithTheBodyAsItIs() public {
        IParticipantRegistry registry_ = _handler.registryOf();
        uint256 now_ = block.number;
        vm.roll(now_ + 1_000_000);
        for (uint256 i = 0; i < 4; ++i) {
            BodyId id = idOf(_handler.names(i));
            (, IParticipantRegistry.Body memory body) = registry_.signingStateAt(id, address(1), block.number - 1);
            vm.assertEq(abi.encode(body), abi.encode(registry_.bodyOf(id)));
        }
        vm.roll(now_);
    }
}
