// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {PartySignature} from "../types/Parties.sol";
import {Signatures} from "./Signatures.sol";

/// @title EIP-712 signatures of parties: what is signed, and whether a key signed it
/// @notice Every signed type ends with `bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline`. A contract encodes
/// what comes before (type hash and fields, the "head"); this library adds the tail and the domain.
/// The Python counterpart is `ledger/domain/typed_acts.py`; both read the same vectors.
library PartySignatures {
    bytes32 private constant _DOMAIN_TYPE_HASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant _VERSION_HASH = keccak256("1");

    /// @notice EIP-712 domain separator, version "1".
    /// @dev Chain id and contract are arguments: the caller passes the present ones, so that a signature dies with the
    /// chain it was made for.
    /// @param nameHash keccak256 of the domain's name.
    /// @param chainId The chain.
    /// @param verifyingContract The contract.
    /// @return separator The domain separator.
    function domainSeparator(
        bytes32 nameHash,
        uint256 chainId,
        address verifyingContract
    ) internal pure returns (bytes32 separator) {
        return keccak256(abi.encode(_DOMAIN_TYPE_HASH, nameHash, _VERSION_HASH, chainId, verifyingContract));
    }

    /// @notice What a party signs.
    /// @param separator The domain separator.
    /// @param head `abi.encode` of the type hash and of all fields before the tail, each one word.
    /// @param party Whose tail it is; key and signature do not enter.
    /// @return digest The EIP-712 signing digest.
    function signingDigest(
        bytes32 separator,
        bytes memory head,
        PartySignature calldata party
    ) internal pure returns (bytes32 digest) {
        bytes32 structHash = keccak256(
            bytes.concat(head, abi.encode(party.signer, party.sm2SignatureDigest, party.deadline))
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// @notice Whether the key signed the digest: by ERC-1271 when it is a contract, by secp256k1 otherwise.
    /// @dev Which of the two it is was fixed when the key was registered, so that no later code at the address changes
    /// how its signatures are read. A contract's answer may change later; what counts is its answer in the block of the
    /// act.
    /// @param key The key.
    /// @param isContract Whether there was code at the address when the key was registered.
    /// @param digest The EIP-712 signing digest.
    /// @param signature r || s || v in the one accepted form, or what the contract wants.
    /// @return Whether it did.
    function isSignedBy(
        address key,
        bool isContract,
        bytes32 digest,
        bytes calldata signature
    ) internal view returns (bool) {
        if (isContract) {
            return SignatureChecker.isValidERC1271SignatureNow(key, digest, signature);
        }
        // A malformed signature recovers to zero, which is never a key.
        return key != address(0) && Signatures.recoverSigner(digest, signature) == key;
    }
}
