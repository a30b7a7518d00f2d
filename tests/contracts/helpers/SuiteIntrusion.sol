// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouncil} from "../../../contracts/interfaces/ICouncil.sol";
import {IDirectory} from "../../../contracts/interfaces/IDirectory.sol";
import {IEvidenceLog} from "../../../contracts/interfaces/IEvidenceLog.sol";
import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../../contracts/types/Parties.sol";
import {SuiteAttacks} from "./SuiteAttacks.sol";

/// @title The thief against bodies and their keys, the council, the access manager, the evidence logs
abstract contract SuiteIntrusion is SuiteAttacks {
    /// @notice Head of the log whose anchor key the thief has, as it brought it there.
    uint64 public treeSize;
    bytes32 public rootHash;

    constructor() {
        for (uint256 i = 0; i < 4; ++i) {
            _admit(invented(i), i < 2 ? BodyRoles.PROVIDER : BodyRoles.CONSUMER);
        }
        if (isSame(platform, "trading")) {
            _openShop();
        }
    }

    function attackBodies(uint256 random) external {
        _shuffle(random);
        BodyId id = idOf(_target());
        uint256 nonce = suite.participants.actCount(id, idOf("operator"));
        address at_ = address(suite.participants);
        uint256 which = draw(7);
        if (which == 0) {
            uint32 role = uint32(1 << draw(25));
            _admit(string.concat("recruit ", vm.toString(draw(1000))), role);
        } else if (which == 1) {
            uint64 until = draw(2) == 0 ? _soon() : suite.participants.bodyOf(id).qualifiedUntil + uint64(draw(2));
            bytes memory head = heads.headOfQualificationRenewal(id, LOOT, until, nonce);
            PartySignature memory party = byThief(suite.participants, head, "operator", BUSINESS);
            bytes memory call_ = abi.encodeCall(
                IParticipantRegistry.renewQualification,
                (id, LOOT, until, nonce, party)
            );
            attempt("renewQualification", at_, call_);
        } else if (which == 2) {
            uint32 roles = uint32(1 << draw(25));
            PartySignature memory party = byThief(
                suite.participants,
                heads.headOfRoleChange(id, roles, nonce),
                "operator",
                BUSINESS
            );
            attempt("changeRoles", at_, abi.encodeCall(IParticipantRegistry.changeRoles, (id, roles, nonce, party)));
        } else if (which == 3) {
            bytes memory head = heads.headOfSuspension(id, LOOT, nonce);
            PartySignature memory party = byThief(suite.participants, head, "operator", BUSINESS);
            attempt("suspend", at_, abi.encodeCall(IParticipantRegistry.suspend, (id, LOOT, nonce, party)));
        } else if (which == 4) {
            bytes memory head = heads.headOfReinstatement(id, LOOT, nonce);
            PartySignature memory party = byThief(suite.participants, head, "operator", BUSINESS);
            attempt("reinstate", at_, abi.encodeCall(IParticipantRegistry.reinstate, (id, LOOT, nonce, party)));
        } else {
            _attackKeys(which == 5);
        }
    }

    /// @notice Everything that only council, manager or guardian may call, straight from the thief.
    function attackGovernance(uint256 random) external {
        _shuffle(random);
        (IParticipantRegistry.Admission memory admission, PartySignature[] memory keys) = _admission(
            string.concat("recruit ", vm.toString(draw(1000))),
            BodyRoles.AUDITOR
        );
        BodyId id = idOf(anybody());
        KeyGrant memory grant = KeyGrant(vm.addr(1 + draw(1000)), 1);
        bytes[13] memory calls = [
            abi.encodeCall(IParticipantRegistry.admitReserved, (admission, keys)),
            abi.encodeCall(IParticipantRegistry.renewReservedQualification, (id, LOOT, _soon())),
            abi.encodeCall(IParticipantRegistry.suspendReserved, (id, LOOT)),
            abi.encodeCall(IParticipantRegistry.reinstateReserved, (id, LOOT)),
            abi.encodeCall(IParticipantRegistry.recoverKey, (id, new address[](0), grant, LOOT, keys[0])),
            abi.encodeCall(IAccessManaged.setAuthority, (address(this))),
            abi.encodeCall(IDirectory.list, (LOOT, address(this))),
            abi.encodeCall(IAccessManaged.setAuthority, (address(this))),
            abi.encodeCall(AccessManager.grantRole, (uint64(draw(4)), address(this), 0)),
            abi.encodeCall(AccessManager.setTargetFunctionRole, (address(suite.participants), new bytes4[](1), 3)),
            abi.encodeCall(AccessManager.updateAuthority, (address(suite.participants), address(this))),
            abi.encodeCall(AccessManager.setTargetClosed, (address(suite.participants), true)),
            abi.encodeCall(AccessManager.setRoleAdmin, (1, 3))
        ];
        string[13] memory names = [
            "admitReserved",
            "renewReservedQualification",
            "suspendReserved",
            "reinstateReserved",
            "recoverKey",
            "setAuthority",
            "list",
            "setAuthority",
            "grantRole",
            "setTargetFunctionRole",
            "updateAuthority",
            "setTargetClosed",
            "setRoleAdmin"
        ];
        uint256 first = draw(13);
        for (uint256 i = first; i < first + 3; ++i) {
            uint256 which = i % 13;
            address target =
                which < 6
                    ? address(suite.participants)
                    : which < 8
                        ? address(suite.directory)
                        : address(suite.manager);
            mustFail(names[which], target, calls[which]);
            _throughOthers(target, calls[which]);
        }
    }

    /// @notice The log whose anchor key is the thief's grows by its hand, and is never rewritten; the other log stays.
    function attackLogs(uint256 random) external {
        _shuffle(random);
        address at_ = address(suite.evidenceLog);
        bytes32 id = _BUSINESS.stolenLog();
        uint256 which = draw(5);
        bytes32[] memory path = new bytes32[](treeSize == 0 ? 0 : 1);
        if (which == 0) {
            mustFail("openLog", at_, abi.encodeCall(IEvidenceLog.openLog, ("loot", LOOT, vm.addr(1))));
            mustFail("closeLog", at_, abi.encodeCall(IEvidenceLog.closeLog, (draw(2) == 0 ? id : _sound(), LOOT)));
        } else if (which == 1 && treeSize < 2 ** 30) {
            uint64 size = treeSize == 0 ? 1 : 2 * treeSize;
            bytes32 root = fresh();
            if (treeSize != 0) {
                path[0] = root;
                root = sha256(abi.encodePacked(hex"01", rootHash, path[0]));
            }
            if (attempt("anchor", at_, _anchor(id, treeSize, size, root, path))) {
                (treeSize, rootHash) = (size, root);
            }
        } else if (which == 2) {
            // another history of the same size: the call succeeds, marks the log, and changes no head
            attempt("rewrite", at_, _anchor(id, treeSize, treeSize, fresh(), new bytes32[](0)));
        } else if (which == 3 && treeSize != 0) {
            path[0] = fresh();
            uint64 size = treeSize + 1 + uint64(draw(100));
            mustFail("growWithoutProof", at_, _anchor(id, treeSize, size, fresh(), path));
        } else {
            (uint64 size, , , ) = suite.evidenceLog.head(_sound());
            mustFail("anchorSound", at_, _anchor(_sound(), size, size + 1, fresh(), new bytes32[](0)));
            IEvidenceLog.SignedHead memory one = IEvidenceLog.SignedHead(1, LOOT, _headSignature(_sound(), 1, LOOT));
            IEvidenceLog.SignedHead memory other = IEvidenceLog.SignedHead(1, "a", _headSignature(_sound(), 1, "a"));
            bytes memory call_ = abi.encodeCall(IEvidenceLog.reportFork, (_sound(), one, other, "a", new bytes32[](0)));
            mustFail("reportFork", at_, call_);
        }
    }

    /// @dev The same call through the manager, and as an act of the council with the thief's signatures.
    function _throughOthers(address target, bytes memory data) private {
        address manager = address(suite.manager);
        mustFail("schedule", manager, abi.encodeCall(AccessManager.schedule, (target, data, 0)));
        mustFail("execute", manager, abi.encodeCall(AccessManager.execute, (target, data)));
        mustFail("cancel", manager, abi.encodeCall(AccessManager.cancel, (address(suite.council), target, data)));
        address council = address(suite.council);
        bytes32 digest = keccak256(abi.encode(target, data, suite.council.nonce()));
        bytes[] memory signatures = new bytes[](2);
        for (uint256 i = 0; i < 2; ++i) {
            signatures[i] = _signatureOf(keyOf(i == 0 ? "operator" : platform, BUSINESS), digest);
        }
        mustFail("councilExecute", council, abi.encodeCall(ICouncil.execute, (target, data, IN_TIME, signatures)));
        address[] memory bodies = new address[](1);
        bodies[0] = address(this);
        mustFail("changeMembership", council, abi.encodeCall(ICouncil.changeMembership, (bodies, 1)));
    }

    function _attackKeys(bool isAddition) private {
        string memory name = _target();
        BodyId id = idOf(name);
        uint256 nonce = suite.participants.actCount(id, id);
        address at_ = address(suite.participants);
        if (isAddition) {
            uint256 key = uint256(fresh());
            KeyGrant memory grant = KeyGrant(vm.addr(key), uint8(1 << draw(3)));
            bytes memory head = heads.headOfKeyAddition(id, grant, nonce);
            PartySignature memory body = inTheNameOf(suite.participants, head, name, grant.purposes);
            PartySignature memory possession = signedAs(suite.participants, head, id, key);
            bytes memory call_ = abi.encodeCall(IParticipantRegistry.addKey, (id, grant, nonce, body, possession));
            bool success = attempt("addKey", at_, call_);
            vm.assertTrue(!success || isOwn(name), "a key for somebody else");
        } else if (isSame(name, "operator") || isSame(name, platform)) {
            // The thief could take these two out of its own hands; then there would be nothing left to try.
            return;
        } else {
            address key = vm.addr(keyOf(name, METERING));
            bytes memory head = heads.headOfKeyRevocation(id, key, LOOT, nonce);
            PartySignature memory body = inTheNameOf(suite.participants, head, name, METERING);
            bool success = attempt(
                "revokeKey",
                at_,
                abi.encodeCall(IParticipantRegistry.revokeKey, (id, key, LOOT, nonce, body))
            );
            vm.assertTrue(!success || isOwn(name), "somebody else's key");
            nonce = suite.participants.actCount(id, id);
            head = heads.headOfDeparture(id, LOOT, nonce);
            body = inTheNameOf(suite.participants, head, name, BUSINESS);
            PartySignature memory operator = signed(suite.participants, head, "operator", BUSINESS);
            success =
                draw(2) == 0 &&
                attempt("depart", at_, abi.encodeCall(IParticipantRegistry.depart, (id, LOOT, nonce, body, operator)));
            vm.assertTrue(!success || isOwn(name), "somebody else departed");
        }
    }

    /// @dev Any body but the two through which the thief trades with itself: without them there is little left to try.
    function _target() private returns (string memory name) {
        name = anybody();
        if (isSame(name, invented(0))) {
            return invented(1);
        }
        return isSame(name, invented(2)) ? invented(3) : name;
    }

    /// @dev Bodies of the thief's invention, with ordinary roles and with others.
    function _admit(string memory name, uint32 roles) private {
        (IParticipantRegistry.Admission memory admission, PartySignature[] memory keys) = _admission(name, roles);
        bytes memory head = heads.headOfAdmission(admission);
        PartySignature memory operator = signed(suite.participants, head, "operator", BUSINESS);
        bytes memory call_ = abi.encodeCall(IParticipantRegistry.admit, (admission, keys, operator));
        if (attempt("admit", address(suite.participants), call_)) {
            vm.assertTrue(roles & BodyRoles.RESERVED == 0, "the operator gave a reserved role");
        }
    }

    function _admission(
        string memory name,
        uint32 roles
    ) private view returns (IParticipantRegistry.Admission memory admission, PartySignature[] memory signatures) {
        KeyGrant[] memory keys = new KeyGrant[](3);
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = KeyGrant(vm.addr(keyOf(name, uint8(1 << i))), uint8(1 << i));
        }
        admission = IParticipantRegistry.Admission(idOf(name), roles, LOOT, LOOT, 1_990_000_000, keys);
        bytes memory head = heads.headOfAdmission(admission);
        signatures = new PartySignature[](3);
        for (uint256 i = 0; i < 3; ++i) {
            signatures[i] = signed(suite.participants, head, name, uint8(1 << i));
        }
    }

    function _soon() private view returns (uint64) {
        return uint64(block.timestamp + 1 days);
    }

    function _sound() private view returns (bytes32) {
        return _BUSINESS.soundLog();
    }

    function _anchor(
        bytes32 id,
        uint64 oldSize,
        uint64 newSize,
        bytes32 root,
        bytes32[] memory path
    ) private view returns (bytes memory) {
        bytes memory signature = _headSignature(id, newSize, root);
        return abi.encodeCall(IEvidenceLog.anchor, (id, oldSize, newSize, root, path, signature));
    }

    /// @dev A head signed with the thief's anchor key, whatever log it names.
    function _headSignature(bytes32 id, uint64 size, bytes32 root) private view returns (bytes memory) {
        bytes32 digest = _LOG_HEADS.signingDigest(block.chainid, address(suite.evidenceLog), id, size, root);
        return _signatureOf(ANCHOR_KEY, digest);
    }

    function _signatureOf(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
