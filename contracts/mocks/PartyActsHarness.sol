// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "../access/PartyActs.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {BodyId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";

/// @title One act of each kind, callable
/// @notice For tests and vectors only; never deployed.
contract PartyActsHarness is PartyActs {
    bytes32 private constant _NOTE_TYPE_HASH = keccak256(
        "Note(bytes32 content,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    constructor(IParticipantRegistry participants_) PartyActs(participants_, "CityLedger Harness") {}

    function note(bytes32 content, PartySignature calldata party, uint32 roles, uint8 purpose) external {
        _requireSigned(abi.encode(_NOTE_TYPE_HASH, content), party, roles, purpose, false);
    }

    function noteOf(BodyId body, bytes32 content, PartySignature calldata party, uint8 purpose) external {
        _requireSignedBy(body, abi.encode(_NOTE_TYPE_HASH, content), party, purpose, true);
    }
}
