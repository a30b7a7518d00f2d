// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {PartiesFixture} from "./Parties.sol";

/// @title The contract under test, called as bytes
abstract contract Refusals is PartiesFixture {
    /// @dev Fixed by the test's setUp.
    string internal domainName;
    address internal target;

    /// @notice Makes a call, which must revert with exactly this.
    function requireRefused(bytes memory call_, bytes memory expected) internal {
        (bool success, bytes memory answer) = target.call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer, expected);
    }
}

/// @title What every signed act must refuse, and must accept once
/// @notice A test contract names its acts, one for each signature of each function, and calls {checkAct} for each.
abstract contract SignedActs is Refusals {
    /// @param head Type hash and fields before the tail, spelled out by the test.
    /// @param signer Name of the body that signs.
    /// @param purpose Purpose of its key.
    /// @param roles Roles, any of which will do; zero where only this one body may.
    /// @param isDefence Whether a suspended body may.
    /// @param replayError What a second use reverts with.
    struct Act {
        bytes head;
        string signer;
        uint8 purpose;
        uint32 roles;
        bool isDefence;
        bytes replayError;
    }

    /// @notice The call of an act with this signature in its place, and right ones in all others.
    function callOf(uint256 number, PartySignature memory party) internal view virtual returns (bytes memory);

    function actOf(uint256 number) internal view virtual returns (Act memory);

    /// @notice Wrong signer or role, key of another purpose, foreign signature, expired, other chain, suspended and
    /// unqualified are refused with their values; then the act succeeds, and succeeds once only.
    function checkAct(uint256 number) internal {
        Act memory act = actOf(number);
        _refusesStrangers(number, act, idOf(act.signer));
        checkSigner(number);
    }

    /// @notice The same without the stranger, whom some functions refuse in a way of their own.
    function checkSigner(uint256 number) internal {
        Act memory act = actOf(number);
        BodyId signer = idOf(act.signer);
        _refusesWrongSignatures(number, act, signer);
        _refusesLate(number, act);
        _refusesOtherChains(number, act, signer);
        _respectsStanding(number, act, signer);
        bytes memory call_ = callOf(number, _signed(act));
        _requireAccepted(call_);
        requireRefused(call_, act.replayError);
    }

    function _refusesStrangers(uint256 number, Act memory act, BodyId signer) private {
        PartySignature memory party = sign(domainName, target, act.head, "stranger", act.purpose);
        bytes memory expected = abi.encodeWithSelector(
            IPartyActs.PartyActWrongSigner.selector,
            signer,
            idOf("stranger")
        );
        if (act.roles != 0) {
            expected = abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                idOf("stranger"),
                stub.bodyOf(idOf("stranger")).roles,
                act.roles
            );
        }
        requireRefused(callOf(number, party), expected);
    }

    function _refusesWrongSignatures(uint256 number, Act memory act, BodyId signer) private {
        PartySignature memory party = sign(domainName, target, act.head, act.signer, FINANCE);
        requireRefused(
            callOf(number, party),
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryKeyNotValid.selector,
                signer,
                party.key,
                act.purpose
            )
        );
        party = _signed(act);
        bytes32 digest = actDigest(domainName, target, act.head, party);
        party.signature = signatureOf(keyOf("stranger", act.purpose), digest);
        requireRefused(callOf(number, party), _invalid(signer, party.key, digest));
        party.signature = "";
        requireRefused(callOf(number, party), _invalid(signer, party.key, digest));
    }

    function _refusesLate(uint256 number, Act memory act) private {
        uint256 deadline = block.timestamp - 1;
        PartySignature memory party = signUntil(domainName, target, act.head, act.signer, act.purpose, deadline);
        requireRefused(
            callOf(number, party),
            abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, deadline, block.timestamp)
        );
    }

    function _refusesOtherChains(uint256 number, Act memory act, BodyId signer) private {
        uint256 home = block.chainid;
        PartySignature memory party = _signed(act);
        vm.chainId(home + 1);
        bytes32 digest = actDigest(domainName, target, act.head, party);
        requireRefused(callOf(number, party), _invalid(signer, party.key, digest));
        vm.chainId(home);
    }

    function _respectsStanding(uint256 number, Act memory act, BodyId signer) private {
        uint32 roles = stub.bodyOf(signer).roles;
        stub.setBody(signer, IParticipantRegistry.BodyStatus.LEFT, roles);
        bytes memory call_ = callOf(number, _signed(act));
        requireRefused(call_, _wrongStatus(signer, IParticipantRegistry.BodyStatus.LEFT));
        stub.setBody(signer, IParticipantRegistry.BodyStatus.SUSPENDED, roles);
        if (act.isDefence) {
            // stays suspended: the act itself shows that it may
            return;
        }
        requireRefused(call_, _wrongStatus(signer, IParticipantRegistry.BodyStatus.SUSPENDED));
        stub.setBody(signer, IParticipantRegistry.BodyStatus.ACTIVE, roles);
        uint64 past = uint64(block.timestamp - 1);
        stub.setQualifiedUntil(signer, past);
        requireRefused(
            call_,
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryNotQualified.selector, signer, past)
        );
        stub.setQualifiedUntil(signer, type(uint64).max);
    }

    function _requireAccepted(bytes memory call_) private {
        (bool success, bytes memory answer) = target.call(call_);
        vm.assertTrue(success, string(answer));
    }

    function _signed(Act memory act) private view returns (PartySignature memory) {
        return sign(domainName, target, act.head, act.signer, act.purpose);
    }

    function _wrongStatus(BodyId signer, IParticipantRegistry.BodyStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryWrongStatus.selector, signer, status);
    }

    function _invalid(BodyId signer, address key, bytes32 digest) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                signer,
                key,
                digest
            );
    }
}
