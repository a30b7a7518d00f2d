// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId} from "./Ids.sol";

/// @notice One party's signature of one act. Every signed type of the suite ends with the same three fields
/// `bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline`, which are taken from here.
/// @param signer The body that acts.
/// @param key The body's key that signed: an address of a secp256k1 key, or a contract that answers ERC-1271.
/// @param sm2SignatureDigest SM3(`cityledger/v1/sm2-signature\n` || public key x || y || r || s) of the same body's SM2
/// signature, whose message is the EIP-712 signing digest of the same act with zero in this field. Zero: none was made.
/// It is checked off chain; here it is fixed by the signature around it.
/// @param deadline Last second in which the act may be relayed, Unix time.
/// @param signature r || s || v, 65 bytes, low s, v 27 or 28; whatever the contract wants when the key is one.
struct PartySignature {
    BodyId signer;
    address key;
    bytes32 sm2SignatureDigest;
    uint256 deadline;
    bytes signature;
}

/// @notice What an act asks of its signer besides the signature.
/// @param roles Bits of {BodyRoles}, any one of which will do; zero when every body may.
/// @param purpose The one bit of {KeyPurposes} that the key must have.
/// @param whileSuspended Whether a suspended body, or one whose qualification has run out, may do it all the same: only
/// what defends its rights (answer, object, dispute, revoke a key, report a payment) and never what makes new duties.
struct Requirement {
    uint32 roles;
    uint8 purpose;
    bool whileSuspended;
}

/// @notice A key and what it may be used for.
/// @param key Address of the key.
/// @param purposes Bits of {KeyPurposes}.
struct KeyGrant {
    address key;
    uint8 purposes;
}
