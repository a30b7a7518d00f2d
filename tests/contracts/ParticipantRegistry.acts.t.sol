// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";
import {Signers} from "./helpers/Signers.sol";

/// @title What every signed act of the registry refuses, one table for all
/// @notice Every act is done to "provider", who is suspended for a reinstatement and a newcomer for an admission.
contract ParticipantRegistryActsTest is RegistryFixture, Signers {
    enum Act {
        ADMIT,
        RENEW,
        CHANGE_ROLES,
        SUSPEND,
        REINSTATE,
        DEPART,
        COUNTERSIGN,
        ADD_KEY,
        REVOKE_KEY
    }

    bytes32 private constant _REASON = keccak256("reason");
    uint256 private constant _NEW_KEY = uint256(keccak256("new key"));
    uint64 private constant _RENEWED_UNTIL = 1_950_000_000;

    function setUp() public override {
        super.setUp();
    }

    function test_act_asItShouldBe_isDoneOnce() public {
        _forEachAct(this.checkReplay);
    }

    function checkReplay(Act act) external {
        bytes memory call_ = _callOf(act, _party(act));
        _requireDone(act, call_);
        BodyId body = idOf("provider");
        uint256 count = nonceOf("provider", _counterOf(act));
        bytes memory expected = abi.encodeWithSelector(
            IParticipantRegistry.ParticipantRegistryWrongNonce.selector,
            body,
            count,
            count - (act == Act.ADMIT ? 0 : 1)
        );
        if (act == Act.ADMIT) {
            expected = abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryAlreadyAdmitted.selector, body);
        } else if (act == Act.SUSPEND || act == Act.REINSTATE || _isDeparture(act)) {
            expected = _wrongStatus("provider", participants.bodyOf(body).status);
        }
        _requireRefused(act, call_, expected);
    }

    function test_act_ofAnUnknownBody_isRefused() public {
        for (uint8 i = uint8(Act.RENEW); i <= uint8(type(Act).max); ++i) {
            bytes memory expected = abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryUnknownBody.selector,
                idOf("provider")
            );
            _requireRefused(Act(i), _callOf(Act(i), _party(Act(i))), expected);
        }
    }

    function test_act_ofABodyThatLeft_isRefused() public {
        join("provider", BodyRoles.PROVIDER);
        _requireDone(Act.DEPART, _callOf(Act.DEPART, _party(Act.DEPART)));
        for (uint8 i = uint8(Act.RENEW); i <= uint8(type(Act).max); ++i) {
            bytes memory expected = _wrongStatus("provider", IParticipantRegistry.BodyStatus.LEFT);
            _requireRefused(Act(i), _callOf(Act(i), _party(Act(i))), expected);
        }
    }

    function test_act_signedForAnotherTurn_isRefused() public {
        _forEachAct(this.checkNonce);
    }

    function checkNonce(Act act) external {
        if (act == Act.ADMIT) {
            return;
        }
        uint256 nonce = nonceOf("provider", _counterOf(act));
        bytes memory call_ = _callWithNonce(act, _partyWith(act, _headWithNonce(act, nonce + 1)), nonce + 1);
        bytes memory expected = abi.encodeWithSelector(
            IParticipantRegistry.ParticipantRegistryWrongNonce.selector,
            idOf("provider"),
            nonce,
            nonce + 1
        );
        _requireRefused(act, call_, expected);
    }

    function test_act_byABodyOfEachRole_isHeldToTheTable() public {
        for (uint32 bit = 1; bit <= HIGHEST_ROLE; bit <<= 1) {
            if (isRole(bit)) {
                string memory name = string.concat("body of role ", vm.toString(bit));
                bit & BodyRoles.RESERVED != 0 ? joinReserved(name, bit) : join(name, bit);
            }
        }
        _forEachAct(this.checkRole);
    }

    function checkRole(Act act) external {
        Signer memory signer = signerOf(_rowOf(act));
        bytes4 missingRole = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
        bytes4 wrongSigner = IPartyActs.PartyActWrongSigner.selector;
        for (uint32 bit = 1; bit <= HIGHEST_ROLE; bit <<= 1) {
            if (!isRole(bit)) {
                continue;
            }
            string memory name = string.concat("body of role ", vm.toString(bit));
            uint256 nonce = nonceOf("provider", _isOfTheBody(act) ? "provider" : name);
            bytes memory call_ = _callWithNonce(act, signed(_headWithNonce(act, nonce), name, BUSINESS), nonce);
            if (signer.isNamed) {
                _requireRefused(act, call_, abi.encodeWithSelector(wrongSigner, idOf("provider"), idOf(name)));
            } else if (signer.roles & bit == 0) {
                _requireRefused(act, call_, abi.encodeWithSelector(missingRole, idOf(name), bit, signer.roles));
            } else {
                _requirePossible(act, call_);
            }
        }
    }

    error TakenBack(bool success, bytes answer);

    function tryAndTakeBack(bytes calldata call_) external {
        (bool success, bytes memory answer) = address(participants).call(call_);
        revert TakenBack(success, answer);
    }

    function test_act_byAKeyForOtherPurposes_isRefused() public {
        _forEachAct(this.checkPurpose);
    }

    function checkPurpose(Act act) external {
        PartySignature memory party = signed(_head(act), _signerOf(act), FINANCE);
        bytes memory expected = abi.encodeWithSelector(
            IParticipantRegistry.ParticipantRegistryKeyNotValid.selector,
            party.signer,
            party.key,
            _purposeOf(act)
        );
        _requireRefused(act, _callOf(act, party), expected);
    }

    function test_act_withASignatureOfSomethingElse_isRefused() public {
        _forEachAct(this.checkSignature);
    }

    function checkSignature(Act act) external {
        PartySignature memory party = _party(act);
        party.sm2SignatureDigest = keccak256("another SM2 signature");
        _requireRefused(act, _callOf(act, party), _invalidSignature(act, party));
        party = _party(act);
        party.signature[64] = party.signature[64] == bytes1(uint8(27)) ? bytes1(uint8(28)) : bytes1(uint8(27));
        _requireRefused(act, _callOf(act, party), _invalidSignature(act, party));
    }

    function test_act_onAnotherChain_isRefused() public {
        _forEachAct(this.checkChain);
    }

    function checkChain(Act act) external {
        PartySignature memory party = _party(act);
        uint256 here = block.chainid;
        vm.chainId(99);
        bytes memory call_ = this.callHere(act, party);
        bytes memory expected = this.invalidSignatureHere(act, party);
        _requireRefused(act, call_, expected);
        vm.chainId(here);
    }

    /// @dev External, so that the compiler reads the chain id anew: all other signatures are right.
    function callHere(Act act, PartySignature calldata party) external view returns (bytes memory) {
        return _callOf(act, party);
    }

    /// @dev External for the same reason.
    function invalidSignatureHere(Act act, PartySignature calldata party) external view returns (bytes memory) {
        return _invalidSignature(act, party);
    }

    function test_act_afterItsDeadline_isRefused() public {
        _forEachAct(this.checkDeadline);
    }

    function checkDeadline(Act act) external {
        uint256 deadline = block.timestamp - 1;
        PartySignature memory party = signUntil(
            DOMAIN,
            address(participants),
            _head(act),
            _signerOf(act),
            _purposeOf(act),
            deadline
        );
        bytes memory expected = abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, deadline, block.timestamp);
        _requireRefused(act, _callOf(act, party), expected);
    }

    function test_act_bySuspendedBody_isRefusedUnlessItDefends() public {
        _forEachAct(this.checkSuspendedSigner);
    }

    function checkSuspendedSigner(Act act) external {
        participants.suspendReserved(idOf(_signerOf(act)), _REASON);
        bytes memory call_ = _callOf(act, _party(act));
        if (_isDefence(act)) {
            _requireDone(act, call_);
        } else {
            _requireRefused(act, call_, _wrongStatus(_signerOf(act), IParticipantRegistry.BodyStatus.SUSPENDED));
        }
    }

    function test_act_byBodyWhoseQualificationRanOut_isRefusedUnlessItDefends() public {
        _forEachAct(this.checkUnqualifiedSigner);
    }

    function checkUnqualifiedSigner(Act act) external {
        vm.warp(QUALIFIED_UNTIL + 1);
        if (act == Act.COUNTERSIGN) {
            participants.renewReservedQualification(idOf("provider"), _REASON, QUALIFIED_UNTIL + 1);
        }
        bytes memory call_ = _callOf(act, _party(act));
        if (_isDefence(act)) {
            _requireDone(act, call_);
        } else if (act == Act.ADMIT) {
            bytes memory late = abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryQualificationExpired.selector,
                QUALIFIED_UNTIL
            );
            _requireRefused(act, call_, late);
        } else {
            bytes memory expected = abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryNotQualified.selector,
                idOf(_signerOf(act)),
                QUALIFIED_UNTIL
            );
            _requireRefused(act, call_, expected);
        }
    }

    /// @dev Makes the state that the act needs, runs the check, and takes all of it back by a revert.
    function _forEachAct(function(Act) external check) private {
        for (uint8 i = 0; i <= uint8(type(Act).max); ++i) {
            try this.runInABubble(Act(i), check) {
                vm.assertTrue(false, "the bubble always bursts");
            } catch (bytes memory reason) {
                vm.assertEq(reason, abi.encodeWithSelector(Passed.selector, i));
            }
        }
    }

    error Passed(uint8 act);

    function runInABubble(Act act, function(Act) external check) external {
        if (act != Act.ADMIT) {
            join("provider", BodyRoles.PROVIDER);
        }
        if (act == Act.REINSTATE) {
            _requireDone(Act.SUSPEND, _callOf(Act.SUSPEND, _party(Act.SUSPEND)));
        }
        uint256 now_ = block.timestamp;
        check(act);
        vm.warp(now_);
        revert Passed(uint8(act));
    }

    function _requirePossible(Act act, bytes memory call_) private {
        try this.tryAndTakeBack(call_) {
            vm.assertTrue(false, "what is tried is taken back");
        } catch (bytes memory reason) {
            // nothing that is asked here answers anything
            vm.assertEq(reason, abi.encodeWithSelector(TakenBack.selector, true, ""), _rowOf(act));
        }
    }

    function _requireDone(Act act, bytes memory call_) private {
        (bool success, bytes memory answer) = address(participants).call(call_);
        vm.assertTrue(success, string.concat("act ", vm.toString(uint256(act)), " reverts: ", string(answer)));
    }

    function _requireRefused(Act act, bytes memory call_, bytes memory expected) private {
        (bool success, bytes memory answer) = address(participants).call(call_);
        vm.assertFalse(success);
        vm.assertEq(keccak256(answer), keccak256(expected), string.concat("act ", vm.toString(uint256(act))));
    }

    function _invalidSignature(Act act, PartySignature memory party) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                party.signer,
                party.key,
                digestOf(_head(act), party)
            );
    }

    function _wrongStatus(
        string memory name,
        IParticipantRegistry.BodyStatus status
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryWrongStatus.selector, idOf(name), status);
    }

    function _party(Act act) private view returns (PartySignature memory) {
        return _partyWith(act, _head(act));
    }

    function _partyWith(Act act, bytes memory head) private view returns (PartySignature memory) {
        return signed(head, _signerOf(act), _purposeOf(act));
    }

    function _callOf(Act act, PartySignature memory party) private view returns (bytes memory) {
        return _callWithNonce(act, party, nonceOf("provider", _counterOf(act)));
    }

    function _callWithNonce(Act act, PartySignature memory party, uint256 nonce) private view returns (bytes memory) {
        BodyId body = idOf("provider");
        if (act == Act.ADMIT) {
            IParticipantRegistry.Admission memory admission = admissionOf("provider", BodyRoles.PROVIDER);
            return abi.encodeCall(participants.admit, (admission, keySignaturesOf("provider", admission), party));
        }
        if (act == Act.RENEW) {
            return abi.encodeCall(participants.renewQualification, (body, _REASON, _RENEWED_UNTIL, nonce, party));
        }
        if (act == Act.CHANGE_ROLES) {
            return abi.encodeCall(participants.changeRoles, (body, BodyRoles.DEVELOPER, nonce, party));
        }
        if (act == Act.SUSPEND) {
            return abi.encodeCall(participants.suspend, (body, _REASON, nonce, party));
        }
        if (act == Act.REINSTATE) {
            return abi.encodeCall(participants.reinstate, (body, _REASON, nonce, party));
        }
        if (act == Act.DEPART) {
            PartySignature memory other = signed(_headWithNonce(act, nonce), "operator", BUSINESS);
            return abi.encodeCall(participants.depart, (body, _REASON, nonce, party, other));
        }
        if (act == Act.COUNTERSIGN) {
            PartySignature memory leaver = signed(_headWithNonce(act, nonce), "provider", BUSINESS);
            return abi.encodeCall(participants.depart, (body, _REASON, nonce, leaver, party));
        }
        if (act == Act.ADD_KEY) {
            PartySignature memory possession = possessionBy(_NEW_KEY, body, _headWithNonce(act, nonce));
            return abi.encodeCall(participants.addKey, (body, _grant(), nonce, party, possession));
        }
        return abi.encodeCall(participants.revokeKey, (body, _metering(), _REASON, nonce, party));
    }

    function _head(Act act) private view returns (bytes memory) {
        return _headWithNonce(act, nonceOf("provider", _counterOf(act)));
    }

    function _headWithNonce(Act act, uint256 nonce) private pure returns (bytes memory) {
        BodyId body = idOf("provider");
        if (act == Act.ADMIT) {
            return headOfAdmission(admissionOf("provider", BodyRoles.PROVIDER));
        }
        if (act == Act.RENEW) {
            return headOfRenewal(body, _REASON, _RENEWED_UNTIL, nonce);
        }
        if (act == Act.CHANGE_ROLES) {
            return headOfRoleChange(body, BodyRoles.DEVELOPER, nonce);
        }
        if (act == Act.ADD_KEY) {
            return headOfKeyAddition(body, _grant(), nonce);
        }
        if (act == Act.REVOKE_KEY) {
            return headOfKeyRevocation(body, _metering(), _REASON, nonce);
        }
        string memory typeName =
            act == Act.SUSPEND
                ? "Suspension"
                : act == Act.REINSTATE
                    ? "Reinstatement"
                    : "Departure";
        return headOfStanding(typeName, body, _REASON, nonce);
    }

    function _rowOf(Act act) private pure returns (string memory) {
        string[9] memory rows = [
            "ParticipantRegistry.admit.operator",
            "ParticipantRegistry.renewQualification.authority",
            "ParticipantRegistry.changeRoles.authority",
            "ParticipantRegistry.suspend.authority",
            "ParticipantRegistry.reinstate.authority",
            "ParticipantRegistry.depart.body",
            "ParticipantRegistry.depart.countersigner",
            "ParticipantRegistry.addKey.body",
            "ParticipantRegistry.revokeKey.body"
        ];
        return rows[uint256(act)];
    }

    function _signerOf(Act act) private view returns (string memory) {
        return signerOf(_rowOf(act)).isNamed ? "provider" : "operator";
    }

    /// @dev Whose acts about the body are counted for it.
    function _counterOf(Act act) private pure returns (string memory) {
        return _isOfTheBody(act) ? "provider" : "operator";
    }

    function _purposeOf(Act act) private view returns (uint8) {
        return signerOf(_rowOf(act)).purpose;
    }

    function _isDefence(Act act) private view returns (bool) {
        return signerOf(_rowOf(act)).isDefence;
    }

    function _isOfTheBody(Act act) private pure returns (bool) {
        return _isDeparture(act) || act == Act.ADD_KEY || act == Act.REVOKE_KEY;
    }

    function _isDeparture(Act act) private pure returns (bool) {
        return act == Act.DEPART || act == Act.COUNTERSIGN;
    }

    function _metering() private pure returns (address) {
        return vm.addr(keyOf("provider", METERING));
    }

    function _grant() private pure returns (KeyGrant memory) {
        return KeyGrant(vm.addr(_NEW_KEY), BUSINESS);
    }
}
