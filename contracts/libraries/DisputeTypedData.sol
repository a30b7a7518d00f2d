// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {AgreementId, BodyId, DisputeId} from "../types/Ids.sol";

/// @title What is signed about disputes
/// @notice EIP-712 heads of the acts of `Disputes`: type hash and fields before the common tail, which
/// {PartySignatures} adds; and the id of a case.
library DisputeTypedData {
    bytes32 private constant _DISPUTE_DOMAIN = keccak256("cityledger/v1/dispute");
    bytes32 private constant _DISPUTE_CASE_TYPE_HASH = keccak256(
        "DisputeCase(bytes32 agreementId,uint256 nonce,uint8 subject,bytes32 streamId,uint64 index,bytes32 lineId,"
        "bytes32 frozenPayee,uint64 frozenAmount,uint64 reviewAt,bytes32 groundsDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _FREEZE_EXTENSION_TYPE_HASH = keccak256(
        "FreezeExtension(bytes32 disputeId,uint64 reviewAt,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _RULING_TYPE_HASH = keccak256(
        "Ruling(bytes32 disputeId,bytes32 rulingDigest,uint64 awardedUnits,bool correctsGross,"
        "uint64 baseGross,uint64 correctedGross,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _DISPUTE_WITHDRAWAL_TYPE_HASH = keccak256(
        "DisputeWithdrawal(bytes32 disputeId,bytes32 reasonDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Id of a case.
    /// @param agreementId The agreement.
    /// @param opener Who opens it.
    /// @param nonce Number of cases that the opener opened about the agreement before it.
    /// @return The id.
    function disputeIdOf(AgreementId agreementId, BodyId opener, uint256 nonce) internal pure returns (DisputeId) {
        return DisputeId.wrap(keccak256(abi.encode(_DISPUTE_DOMAIN, agreementId, opener, nonce)));
    }

    /// @notice Head of `DisputeCase`.
    /// @param disputeCase The case.
    /// @return head What comes before the tail.
    function headOfCase(IDisputes.DisputeCase calldata disputeCase) internal pure returns (bytes memory head) {
        return abi.encode(_DISPUTE_CASE_TYPE_HASH, disputeCase);
    }

    /// @notice Head of `FreezeExtension`.
    /// @param disputeId The case.
    /// @param reviewAt New review date, Unix time.
    /// @param nonce Number of extensions so far.
    /// @return head What comes before the tail.
    function headOfExtension(
        DisputeId disputeId,
        uint64 reviewAt,
        uint256 nonce
    ) internal pure returns (bytes memory head) {
        return abi.encode(_FREEZE_EXTENSION_TYPE_HASH, disputeId, reviewAt, nonce);
    }

    /// @notice Head of `Ruling`.
    /// @param disputeId The case.
    /// @param decision What it says; one word each, so the struct encodes as its fields.
    /// @return head What comes before the tail.
    function headOfRuling(
        DisputeId disputeId,
        IDisputes.Decision memory decision
    ) internal pure returns (bytes memory head) {
        return abi.encode(_RULING_TYPE_HASH, disputeId, decision);
    }

    /// @notice Head of `DisputeWithdrawal`.
    /// @param disputeId The case.
    /// @param reasonDigest Digest of the reason.
    /// @return head What comes before the tail.
    function headOfWithdrawal(DisputeId disputeId, bytes32 reasonDigest) internal pure returns (bytes memory head) {
        return abi.encode(_DISPUTE_WITHDRAWAL_TYPE_HASH, disputeId, reasonDigest);
    }
}
