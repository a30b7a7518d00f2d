// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {PartiesFixture} from "../helpers/Parties.sol";

/// @title What every signed act refuses, and that it counts once
/// @notice One row an act. The contract must be in a state in which the act is possible.
abstract contract SignedActs is PartiesFixture {
    /// @param domain Name of the EIP-712 domain.
    /// @param target The contract.
    /// @param head What is signed before the tail.
    /// @param signer Name of the body that may do it.
    /// @param purpose Purpose that its key must have.
    /// @param isDefence Whether it may be done while suspended and unqualified.
    /// @param stranger Name of a body that may not.
    /// @param strangersError What it is answered.
    struct Act {
        string domain;
        address target;
        bytes head;
        string signer;
        uint8 purpose;
        bool isDefence;
        string stranger;
        bytes strangersError;
    }

    /// @notice Tries the act in every wrong way, does it once, and tries it again.
    /// @param act The act.
    /// @param callOf The call with a signature put in.
    /// @param replayError What the same call is answered afterwards.
    function checkAct(
        Act memory act,
        function(PartySignature memory) internal view returns (bytes memory) callOf,
        bytes memory replayError
    ) internal {
        checkRefusals(act, callOf);
        bytes memory call_ = doAct(act, callOf);
        requireRefused(act.target, call_, replayError);
    }

    /// @notice Every wrong way: none of them changes anything.
    function checkRefusals(
        Act memory act,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) internal {
        BodyId body = idOf(act.signer);
        _refuseExpired(act, callOf);
        PartySignature memory party = _signed(act, act.signer, act.purpose);
        bytes32 digest = actDigest(act.domain, act.target, act.head, party);
        party.signature = signatureOf(keyOf(act.stranger, act.purpose), digest);
        requireRefused(act.target, callOf(party), _invalid(body, party.key, digest));
        uint8 wrong = act.purpose == METERING ? BUSINESS : METERING;
        party = _signed(act, act.signer, wrong);
        requireRefused(
            act.target,
            callOf(party),
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryKeyNotValid.selector,
                body,
                party.key,
                act.purpose
            )
        );
        requireRefused(act.target, callOf(_signed(act, act.stranger, act.purpose)), act.strangersError);
        _refuseOtherChain(act, callOf);
        _refuseWithoutStanding(act, callOf);
    }

    /// @notice Does the act in the last second; an act of defence while suspended and unqualified.
    function doAct(
        Act memory act,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) internal returns (bytes memory call_) {
        uint32 roles = stub.bodyOf(idOf(act.signer)).roles;
        if (act.isDefence) {
            suspend(act.signer);
            stub.setQualifiedUntil(idOf(act.signer), 1);
        }
        PartySignature memory party = signUntil(
            act.domain,
            act.target,
            act.head,
            act.signer,
            act.purpose,
            block.timestamp
        );
        call_ = callOf(party);
        bytes32 digest = actDigest(act.domain, act.target, act.head, party);
        vm.expectEmit(act.target);
        emit IPartyActs.PartySigned(party.signer, digest, party.key, party.sm2SignatureDigest);
        (bool success, bytes memory answer) = act.target.call(call_);
        vm.assertTrue(success, string(abi.encodePacked("refused: ", vm.toString(uint256(bytes32(answer))))));
        stub.setBody(party.signer, IParticipantRegistry.BodyStatus.ACTIVE, roles);
    }

    function requireRefused(address target, bytes memory call_, bytes memory expected) internal {
        (bool success, bytes memory answer) = target.call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer, expected);
    }

    function missingRole(string memory name, uint32 needed) internal view returns (bytes memory) {
        BodyId body = idOf(name);
        return
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                body,
                stub.bodyOf(body).roles,
                needed
            );
    }

    function wrongSigner(string memory expected, string memory signer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, idOf(expected), idOf(signer));
    }

    function _refuseExpired(
        Act memory act,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) private {
        uint256 deadline = block.timestamp - 1;
        PartySignature memory party = signUntil(act.domain, act.target, act.head, act.signer, act.purpose, deadline);
        requireRefused(
            act.target,
            callOf(party),
            abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, deadline, block.timestamp)
        );
    }

    function _refuseOtherChain(
        Act memory act,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) private {
        uint256 chainId = block.chainid;
        PartySignature memory party = _signed(act, act.signer, act.purpose);
        vm.chainId(chainId + 1);
        bytes32 digest = actDigest(act.domain, act.target, act.head, party);
        bytes memory call_ = callOf(party);
        requireRefused(act.target, call_, _invalid(party.signer, party.key, digest));
        vm.chainId(chainId);
    }

    function _refuseWithoutStanding(
        Act memory act,
        function(PartySignature memory) internal view returns (bytes memory) callOf
    ) private {
        if (act.isDefence) {
            return;
        }
        BodyId body = idOf(act.signer);
        uint32 roles = stub.bodyOf(body).roles;
        bytes memory call_ = callOf(_signed(act, act.signer, act.purpose));
        suspend(act.signer);
        requireRefused(
            act.target,
            call_,
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryWrongStatus.selector,
                body,
                IParticipantRegistry.BodyStatus.SUSPENDED
            )
        );
        stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, roles);
        stub.setQualifiedUntil(body, 1);
        requireRefused(
            act.target,
            call_,
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryNotQualified.selector, body, 1)
        );
        stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, roles);
    }

    function _signed(Act memory act, string memory name, uint8 purpose) private view returns (PartySignature memory) {
        return sign(act.domain, act.target, act.head, name, purpose);
    }

    function _invalid(BodyId body, address key, bytes32 digest) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                body,
                key,
                digest
            );
    }
}
