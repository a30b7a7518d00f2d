// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {BodyId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {PartyActs} from "./PartyActs.sol";

/// @title Acts of provider and consumer
/// @notice What products, orders and agreements share: an act that a named body signs, and only while it has a role.
abstract contract TradeActs is PartyActs {
    /// @notice Fixes the registry and the EIP-712 domain's name.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param domainName Name of the domain.
    constructor(IParticipantRegistry participants_, string memory domainName) PartyActs(participants_, domainName) {}

    /// @dev Reverts unless this very body signed, in good standing and with one of the roles; zero for any role.
    function _requireSignedAs(
        BodyId body,
        uint32 roles,
        bytes memory head,
        PartySignature calldata party,
        uint8 purpose
    ) internal {
        if (party.signer != body) {
            revert PartyActWrongSigner(body, party.signer);
        }
        _requireSigned(head, party, roles, purpose, false);
    }
}
