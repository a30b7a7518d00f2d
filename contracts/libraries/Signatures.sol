// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Recovery of secp256k1 signatures in their one accepted form
/// @notice r || s || v, 65 bytes, low s, v 27 or 28: nobody can make a second valid spelling of a signature.
library Signatures {
    /// @notice Address whose key signed the digest, or the zero address when the signature is not in the one form.
    /// @dev Low s is OpenZeppelin's check; a v other than 27 and 28 is refused by the recovery precompile itself.
    /// @param signingDigest The EIP-712 signing digest.
    /// @param signature r || s || v.
    /// @return signer The signer or zero.
    function recoverSigner(bytes32 signingDigest, bytes calldata signature) internal pure returns (address signer) {
        if (signature.length != 65) {
            return address(0);
        }
        (signer, , ) = ECDSA.tryRecover(
            signingDigest,
            uint8(signature[64]),
            bytes32(signature[0:32]),
            bytes32(signature[32:64])
        );
    }
}
