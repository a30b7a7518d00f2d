// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../interfaces/IPartyActs.sol";
import {PartySignatures} from "../libraries/PartySignatures.sol";
import {BodyId} from "../types/Ids.sol";
import {PartySignature, Requirement} from "../types/Parties.sol";

/// @title Acts signed by parties
/// @notice See {IPartyActs}. The one place where a contract of the suite accepts a signature: deadline and digest here,
/// body, role, key and the signature itself in the registry.
abstract contract PartyActs is IPartyActs {
    IParticipantRegistry internal immutable _PARTICIPANTS;
    bytes32 private immutable _NAME_HASH;

    /// @notice Fixes the registry and the EIP-712 domain's name.
    /// @param participants_ The `ParticipantRegistry`; the registry itself passes its own address.
    /// @param domainName Name of the domain.
    constructor(IParticipantRegistry participants_, string memory domainName) {
        _PARTICIPANTS = participants_;
        _NAME_HASH = keccak256(bytes(domainName));
    }

    /// @inheritdoc IPartyActs
    function participants() external view returns (address) {
        return address(_PARTICIPANTS);
    }

    /// @inheritdoc IPartyActs
    function domainSeparator() external view returns (bytes32) {
        return _separator();
    }

    /// @dev Reverts unless the named body may do this and its key signed it. `head` is `abi.encode` of the type hash
    /// and the fields before the common tail.
    function _requireSigned(
        bytes memory head,
        PartySignature calldata party,
        uint32 roles,
        uint8 purpose,
        bool whileSuspended
    ) internal {
        bytes32 digest = _digest(head, party);
        _PARTICIPANTS.requireSignature(digest, party, Requirement(roles, purpose, whileSuspended));
        emit PartySigned(party.signer, digest, party.key, party.sm2SignatureDigest);
    }

    /// @dev The same for an act that only this one body can do.
    function _requireSignedBy(
        BodyId body,
        bytes memory head,
        PartySignature calldata party,
        uint8 purpose,
        bool whileSuspended
    ) internal {
        if (party.signer != body) {
            revert PartyActWrongSigner(body, party.signer);
        }
        _requireSigned(head, party, 0, purpose, whileSuspended);
    }

    /// @dev What the party signs for this act, in time.
    function _digest(bytes memory head, PartySignature calldata party) internal view returns (bytes32) {
        // A deadline is a day or more away: what a validator can shift its clock by changes nothing.
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > party.deadline) {
            revert PartyActExpired(party.deadline, block.timestamp);
        }
        return PartySignatures.signingDigest(_separator(), head, party);
    }

    function _separator() private view returns (bytes32) {
        return PartySignatures.domainSeparator(_NAME_HASH, block.chainid, address(this));
    }
}
