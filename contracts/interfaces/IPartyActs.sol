// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId} from "../types/Ids.sol";

/// @title What every contract has whose acts are signed by parties
/// @notice The EIP-712 domain has the fields name ("CityLedger " and the contract's name), version ("1"), chain id and
/// this contract; it is computed for the present chain id at every call. Anyone may relay any act: who calls decides
/// nothing, who signed decides everything.
interface IPartyActs {
    /// @notice A party's signature was accepted for an act. With the act's own event it is the evidence of who signed
    /// what with which key, and of which SM2 signature belongs to it.
    /// @param signer The body.
    /// @param signingDigest The EIP-712 signing digest.
    /// @param key The body's key.
    /// @param sm2SignatureDigest Digest of the body's SM2 signature over the same act, zero when it made none.
    event PartySigned(BodyId indexed signer, bytes32 indexed signingDigest, address key, bytes32 sm2SignatureDigest);

    /// @notice The act's time is over.
    /// @param deadline Last second in which it could be relayed, Unix time.
    /// @param timestamp Time of the block.
    error PartyActExpired(uint256 deadline, uint256 timestamp);

    /// @notice Another body must sign here.
    /// @param expected The body that must sign.
    /// @param signer The body that is named as signer.
    error PartyActWrongSigner(BodyId expected, BodyId signer);

    /// @notice The registry that says which keys sign for a body. Fixed at deployment.
    /// @return The address of the `ParticipantRegistry`.
    function participants() external view returns (address);

    /// @notice The EIP-712 domain separator for the present chain.
    /// @return The separator.
    function domainSeparator() external view returns (bytes32);
}
