// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {PartiesFixture} from "../helpers/Parties.sol";
import {Signers} from "../helpers/Signers.sol";

/// @title What every signed act refuses, and that it counts once
/// @notice One row an act: who may sign stands in the table of {Signers}, how it is done in the test. The contract must
/// be in a state in which the act is possible; a refusal changes nothing, and each is compared with its values.
abstract contract SignedActs is PartiesFixture, Signers {
    /// @param row Which row of the table it is.
    /// @param domain Name of the EIP-712 domain.
    /// @param target The contract.
    /// @param head What is signed before the tail.
    /// @param signer Name of a body that may do it.
    /// @param callOf The call with this signature in the place in question and right ones in all others.
    /// @param replayError What the same call is answered a second time.
    struct Act {
        string row;
        string domain;
        address target;
        bytes head;
        string signer;
        function(PartySignature memory) internal view returns (bytes memory) callOf;
        bytes replayError;
    }

    /// @dev What a call would have come to, had it not been taken back.
    error TakenBack(bool success, bytes answer);

    string internal constant STRANGER = "a body that nobody named";

    /// @notice Tries the act in every wrong way and with every role, does it once, and tries it again.
    function checkAct(Act memory act) internal {
        Signer memory signer = signerOf(act.row);
        _tryStrangers(act, signer);
        _tryEveryRole(act, signer);
        _tryOtherKeys(act, signer);
        _tryOtherWords(act, signer);
        _tryTooLate(act, signer);
        _tryOtherChain(act, signer);
        _tryWithoutStanding(act, signer);
        bytes memory call_ = _doInTheLastSecond(act, signer);
        _requireRefused(act, call_, act.replayError, "a second time");
    }

    /// @notice What a body that may not sign is answered. A contract's test overrides it for what its contract says in
    /// other words.
    function refusalOf(Act memory act, Signer memory signer, BodyId body) internal view virtual returns (bytes memory) {
        BodyId named = idOf(act.signer);
        if (signer.isNamed && body != named) {
            return abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, named, body);
        }
        bytes4 missingRole = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
        return abi.encodeWithSelector(missingRole, body, stub.bodyOf(body).roles, signer.roles);
    }

    /// @notice Whether the signer's own role says nothing about who else must sign the same call.
    function isOfAnyRole(Act memory) internal view virtual returns (bool) {
        return true;
    }

    /// @notice Makes a call that never happened. Called by the test itself only.
    function tryAndTakeBack(address target, bytes calldata call_) external {
        (bool success, bytes memory answer) = target.call(call_);
        revert TakenBack(success, answer);
    }

    /// @dev Another body: with every role there is where nobody else may, with none where a role would do.
    function _tryStrangers(Act memory act, Signer memory signer) private {
        BodyId stranger = admit(STRANGER, signer.isNamed ? type(uint32).max : 0);
        bytes memory call_ = act.callOf(_signed(act, STRANGER, signer.purpose));
        bytes memory refusal = refusalOf(act, signer, stranger);
        _requireRefused(act, call_, refusal, "by a stranger");
        stub.setBody(stranger, IParticipantRegistry.BodyStatus.UNKNOWN, 0);
        if (bytes4(refusal) == IParticipantRegistry.ParticipantRegistryMissingRole.selector) {
            bytes4 unknown = IParticipantRegistry.ParticipantRegistryUnknownBody.selector;
            _requireRefused(act, call_, abi.encodeWithSelector(unknown, stranger), "by an unknown body");
        }
    }

    function _tryEveryRole(Act memory act, Signer memory signer) private {
        if (!isOfAnyRole(act)) {
            return;
        }
        BodyId body = idOf(act.signer);
        uint32 right = stub.bodyOf(body).roles;
        bytes memory call_ = act.callOf(_signed(act, act.signer, signer.purpose));
        for (uint32 bit = 1; bit <= HIGHEST_ROLE; bit <<= 1) {
            if (!isRole(bit)) {
                continue;
            }
            stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, bit);
            if (signer.roles == 0 || signer.roles & bit != 0) {
                _requirePossible(act, call_, string.concat("with role ", vm.toString(bit)));
            } else {
                _requireRefused(
                    act,
                    call_,
                    refusalOf(act, signer, body),
                    string.concat("with role ", vm.toString(bit))
                );
            }
        }
        stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, right);
    }

    function _tryOtherKeys(Act memory act, Signer memory signer) private {
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        for (uint8 purpose = BUSINESS; purpose <= FINANCE; purpose <<= 1) {
            if (purpose == signer.purpose) {
                continue;
            }
            PartySignature memory party = _signed(act, act.signer, purpose);
            bytes memory expected = abi.encodeWithSelector(notValid, party.signer, party.key, signer.purpose);
            _requireRefused(act, act.callOf(party), expected, "by a key for other purposes");
        }
    }

    function _tryOtherWords(Act memory act, Signer memory signer) private {
        PartySignature memory party = _signed(act, act.signer, signer.purpose);
        party.signature = signatureOf(keyOf(STRANGER, signer.purpose), _digestOf(act, party));
        _requireInvalid(act, party, "by another's key");
        party = _signed(act, act.signer, signer.purpose);
        party.sm2SignatureDigest = keccak256("another SM2 signature");
        _requireInvalid(act, party, "over another SM2 signature");
        party = _signed(act, act.signer, signer.purpose);
        ++party.deadline;
        _requireInvalid(act, party, "over another deadline");
        party = sign("CityLedger Other", act.target, act.head, act.signer, signer.purpose);
        _requireInvalid(act, party, "for another domain");
        party = sign(act.domain, address(this), act.head, act.signer, signer.purpose);
        _requireInvalid(act, party, "for another contract");
        party = sign(act.domain, act.target, bytes.concat(act.head, bytes32(0)), act.signer, signer.purpose);
        _requireInvalid(act, party, "over other content");
        party.signature = "";
        _requireInvalid(act, party, "without a signature");
    }

    function _tryTooLate(Act memory act, Signer memory signer) private {
        uint256 deadline = block.timestamp - 1;
        PartySignature memory party = _signedUntil(act, signer, deadline);
        bytes memory expected = abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, deadline, block.timestamp);
        _requireRefused(act, act.callOf(party), expected, "after its deadline");
    }

    function _tryOtherChain(Act memory act, Signer memory signer) private {
        uint256 chainId = block.chainid;
        PartySignature memory party = _signed(act, act.signer, signer.purpose);
        vm.chainId(chainId + 1);
        _requireInvalid(act, party, "on another chain");
        vm.chainId(chainId);
    }

    function _tryWithoutStanding(Act memory act, Signer memory signer) private {
        BodyId body = idOf(act.signer);
        uint32 roles = stub.bodyOf(body).roles;
        bytes memory call_ = act.callOf(_signed(act, act.signer, signer.purpose));
        stub.setBody(body, IParticipantRegistry.BodyStatus.LEFT, roles);
        _requireRefused(act, call_, _wrongStatus(body, IParticipantRegistry.BodyStatus.LEFT), "after it left");
        if (!signer.isDefence) {
            suspend(act.signer);
            bytes memory expected = _wrongStatus(body, IParticipantRegistry.BodyStatus.SUSPENDED);
            _requireRefused(act, call_, expected, "while suspended");
            uint64 past = uint64(block.timestamp) - 1;
            stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, roles);
            stub.setQualifiedUntil(body, past);
            bytes4 notQualified = IParticipantRegistry.ParticipantRegistryNotQualified.selector;
            _requireRefused(act, call_, abi.encodeWithSelector(notQualified, body, past), "while unqualified");
        }
        stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, roles);
    }

    /// @dev An act of defence is done while suspended and unqualified.
    function _doInTheLastSecond(Act memory act, Signer memory signer) private returns (bytes memory call_) {
        BodyId body = idOf(act.signer);
        uint32 roles = stub.bodyOf(body).roles;
        if (signer.isDefence) {
            suspend(act.signer);
            stub.setQualifiedUntil(body, 1);
        }
        PartySignature memory party = _signedUntil(act, signer, block.timestamp);
        call_ = act.callOf(party);
        vm.expectEmit(act.target);
        emit IPartyActs.PartySigned(body, _digestOf(act, party), party.key, party.sm2SignatureDigest);
        (bool success, bytes memory answer) = act.target.call(call_);
        _requireAccepted(success, answer, string.concat(act.row, " is refused"));
        stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, roles);
    }

    function _requirePossible(Act memory act, bytes memory call_, string memory how) private {
        try this.tryAndTakeBack(act.target, call_) {
            vm.assertTrue(false, "what is tried is taken back");
        } catch (bytes memory reason) {
            (bool success, bytes memory answer) = _insideOf(reason);
            _requireAccepted(success, answer, string.concat(act.row, " ", how, " is refused"));
        }
    }

    function _requireInvalid(Act memory act, PartySignature memory party, string memory how) private {
        bytes4 invalid = IParticipantRegistry.ParticipantRegistryInvalidSignature.selector;
        bytes memory call_ = act.callOf(party);
        bytes memory expected = abi.encodeWithSelector(invalid, party.signer, party.key, _digestOf(act, party));
        _requireRefused(act, call_, expected, how);
    }

    function _requireRefused(Act memory act, bytes memory call_, bytes memory expected, string memory how) private {
        (bool success, bytes memory answer) = act.target.call(call_);
        vm.assertTrue(!success, string.concat(act.row, " ", how, " is accepted"));
        vm.assertEq(answer, expected, string.concat(act.row, " ", how));
    }

    function _signed(Act memory act, string memory name, uint8 purpose) private view returns (PartySignature memory) {
        return sign(act.domain, act.target, act.head, name, purpose);
    }

    function _signedUntil(
        Act memory act,
        Signer memory signer,
        uint256 deadline
    ) private view returns (PartySignature memory) {
        return signUntil(act.domain, act.target, act.head, act.signer, signer.purpose, deadline);
    }

    function _digestOf(Act memory act, PartySignature memory party) private view returns (bytes32) {
        return actDigest(act.domain, act.target, act.head, party);
    }

    function _wrongStatus(BodyId body, IParticipantRegistry.BodyStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryWrongStatus.selector, body, status);
    }

    /// @dev Shows what a refusal says.
    function _requireAccepted(bool success, bytes memory answer, string memory message) private pure {
        vm.assertEq(success ? bytes("") : answer, bytes(""), message);
        vm.assertTrue(success, message);
    }

    /// @dev What {TakenBack} holds.
    function _insideOf(bytes memory reason) private pure returns (bool success, bytes memory answer) {
        bytes memory words = new bytes(reason.length - 4);
        for (uint256 i = 0; i < words.length; ++i) {
            words[i] = reason[i + 4];
        }
        return abi.decode(words, (bool, bytes));
    }
}
