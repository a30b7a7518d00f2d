// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {PartiesFixture} from "./Parties.sol";

/// @title The behaviour that every signed act has, one row an act
/// @notice The act must be possible: only the signature in question is spoilt, in every way there is, and each refusal
/// is compared with its values. What the act's own state refuses (wrong state, replay) each contract tests itself.
abstract contract RuleActs is PartiesFixture {
    string internal constant STRANGER = "stranger";
    uint256 private constant _OTHER_CHAIN = 99;

    /// @param domain EIP-712 domain's name.
    /// @param target The contract.
    /// @param head Type hash and fields before the tail.
    /// @param signer Who may sign it, and does.
    /// @param roles Roles that may sign it; zero when only `signer` may.
    /// @param callOf The act with this signature in the place in question and good ones in all others.
    struct SignedAct {
        string domain;
        address target;
        bytes head;
        string signer;
        uint32 roles;
        function(PartySignature memory) internal view returns (bytes memory) callOf;
    }

    /// @notice Tries a BUSINESS act, closed to suspended bodies, with every bad signature. Changes nothing.
    function requireGuarded(SignedAct memory act) internal {
        _tryStrangers(act);
        _tryOtherKeys(act);
        _tryOtherWords(act);
        _tryTooLate(act);
        _tryOtherChain(act);
        _tryWithoutStanding(act);
    }

    /// @notice The call must revert with exactly this.
    function requireRefused(address target, bytes memory call_, bytes memory expected) internal {
        (bool success, bytes memory answer) = target.call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer, expected);
    }

    function _tryStrangers(SignedAct memory act) private {
        BodyId stranger = admit(STRANGER, 1);
        PartySignature memory party = _signed(act, STRANGER, BUSINESS);
        bytes memory expected =
            act.roles == 0
                ? abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, idOf(act.signer), stranger)
                : abi.encodeWithSelector(
                    IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                    stranger,
                    uint32(1),
                    act.roles
                );
        requireRefused(act.target, act.callOf(party), expected);
        if (act.roles != 0) {
            party = _signed(act, "unknown", BUSINESS);
            bytes4 unknown = IParticipantRegistry.ParticipantRegistryUnknownBody.selector;
            requireRefused(act.target, act.callOf(party), abi.encodeWithSelector(unknown, idOf("unknown")));
        }
    }

    function _tryOtherKeys(SignedAct memory act) private {
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        PartySignature memory party = _signed(act, act.signer, METERING);
        bytes memory expected = abi.encodeWithSelector(notValid, party.signer, party.key, BUSINESS);
        requireRefused(act.target, act.callOf(party), expected);
        party = _signed(act, act.signer, FINANCE);
        expected = abi.encodeWithSelector(notValid, party.signer, party.key, BUSINESS);
        requireRefused(act.target, act.callOf(party), expected);
    }

    function _tryOtherWords(SignedAct memory act) private {
        PartySignature memory party = _signed(act, act.signer, BUSINESS);
        party.sm2SignatureDigest = keccak256("another SM2 signature");
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
        party = _signed(act, act.signer, BUSINESS);
        ++party.deadline;
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
        party = sign("CityLedger Other", act.target, act.head, act.signer, BUSINESS);
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
        party = sign(act.domain, address(this), act.head, act.signer, BUSINESS);
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
        party = sign(act.domain, act.target, bytes.concat(act.head, bytes32(0)), act.signer, BUSINESS);
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
        party.signature = "";
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
    }

    function _tryTooLate(SignedAct memory act) private {
        uint256 deadline = block.timestamp - 1;
        PartySignature memory party = signUntil(act.domain, act.target, act.head, act.signer, BUSINESS, deadline);
        bytes memory expected = abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, deadline, block.timestamp);
        requireRefused(act.target, act.callOf(party), expected);
    }

    function _tryOtherChain(SignedAct memory act) private {
        uint256 chainId = block.chainid;
        PartySignature memory party = _signed(act, act.signer, BUSINESS);
        vm.chainId(_OTHER_CHAIN);
        requireRefused(act.target, act.callOf(party), _invalid(act, party));
        vm.chainId(chainId);
    }

    function _tryWithoutStanding(SignedAct memory act) private {
        BodyId bodyId = idOf(act.signer);
        uint32 roles = stub.bodyOf(bodyId).roles;
        PartySignature memory party = _signed(act, act.signer, BUSINESS);
        suspend(act.signer);
        bytes4 wrongStatus = IParticipantRegistry.ParticipantRegistryWrongStatus.selector;
        IParticipantRegistry.BodyStatus suspended = IParticipantRegistry.BodyStatus.SUSPENDED;
        requireRefused(act.target, act.callOf(party), abi.encodeWithSelector(wrongStatus, bodyId, suspended));
        stub.setBody(bodyId, IParticipantRegistry.BodyStatus.ACTIVE, roles);
        uint64 yesterday = uint64(block.timestamp) - 1;
        stub.setQualifiedUntil(bodyId, yesterday);
        bytes4 notQualified = IParticipantRegistry.ParticipantRegistryNotQualified.selector;
        requireRefused(act.target, act.callOf(party), abi.encodeWithSelector(notQualified, bodyId, yesterday));
        stub.setQualifiedUntil(bodyId, type(uint64).max);
    }

    function _signed(
        SignedAct memory act,
        string memory name,
        uint8 purpose
    ) private view returns (PartySignature memory) {
        return sign(act.domain, act.target, act.head, name, purpose);
    }

    function _invalid(SignedAct memory act, PartySignature memory party) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                party.signer,
                party.key,
                actDigest(act.domain, act.target, act.head, party)
            );
    }
}
