// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayouts} from "../interfaces/IPayouts.sol";
import {BodyId, LineId, PayoutId} from "../types/Ids.sol";

/// @title What is signed about accounts and payouts
/// @notice The EIP-712 type hashes of `Payouts`, and for each the "head": `abi.encode` of type hash and fields before
/// the common tail, which `PartySignatures` adds. The Python counterpart reads the same vectors.
library PayoutTypedData {
    /// @notice Type hash of a payee's account.
    bytes32 internal constant ACCOUNT_TYPE_HASH = keccak256(
        "PayeeAccount(bytes32 payee,uint32 version,bytes32 accountDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of the cancellation of a change of account.
    bytes32 internal constant CANCELLATION_TYPE_HASH = keccak256(
        "PayeeAccountCancellation(bytes32 payee,uint32 version,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of a bank's word that money was collected.
    bytes32 internal constant COLLECTION_TYPE_HASH = keccak256(
        "Collection(bytes32 lineId,bytes32 statementDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of a payout instruction.
    bytes32 internal constant INSTRUCTION_TYPE_HASH = keccak256(
        "PayoutInstruction(bytes32 payoutId,uint32 tableId,bytes32 payee,bytes3 currency,uint64 amount,"
        "bytes32 accountId,bytes32 bank,bytes32 instructionDigest,bytes32 reissues,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of a report on a payout.
    bytes32 internal constant REPORT_TYPE_HASH = keccak256(
        "PayoutReport(bytes32 payoutId,uint8 status,bytes32 statementDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of the rewards of data subjects.
    bytes32 internal constant REWARDS_TYPE_HASH = keccak256(
        "RewardRoot(uint32 tableId,bytes32 payee,bytes3 currency,bytes32 rewardRoot,uint64 total,uint32 count,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `PayeeAccount`.
    /// @param payee The payee.
    /// @param version Number of the version.
    /// @param accountDigest Salted digest of the bank account.
    /// @return The head.
    function headOfAccount(BodyId payee, uint32 version, bytes32 accountDigest) internal pure returns (bytes memory) {
        return abi.encode(ACCOUNT_TYPE_HASH, payee, version, accountDigest);
    }

    /// @notice Head of `PayeeAccountCancellation`.
    /// @param payee The payee.
    /// @param version Number of the version.
    /// @return The head.
    function headOfCancellation(BodyId payee, uint32 version) internal pure returns (bytes memory) {
        return abi.encode(CANCELLATION_TYPE_HASH, payee, version);
    }

    /// @notice Head of `Collection`.
    /// @param lineId The line.
    /// @param statementDigest Digest of the bank statement.
    /// @return The head.
    function headOfCollection(LineId lineId, bytes32 statementDigest) internal pure returns (bytes memory) {
        return abi.encode(COLLECTION_TYPE_HASH, lineId, statementDigest);
    }

    /// @notice Head of `PayoutInstruction`.
    /// @dev All fields are one word each, so the struct encodes as its fields.
    /// @param instruction The instruction.
    /// @return The head.
    function headOfInstruction(IPayouts.Instruction calldata instruction) internal pure returns (bytes memory) {
        return abi.encode(INSTRUCTION_TYPE_HASH, instruction);
    }

    /// @notice Head of `PayoutReport`.
    /// @param payoutId The payout.
    /// @param status What became of it.
    /// @param statementDigest Digest of the bank statement or the payee's receipt.
    /// @return The head.
    function headOfReport(
        PayoutId payoutId,
        IPayouts.PayoutStatus status,
        bytes32 statementDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(REPORT_TYPE_HASH, payoutId, status, statementDigest);
    }

    /// @notice Head of `RewardRoot`.
    /// @dev All fields are one word each, so the struct encodes as its fields.
    /// @param rewards The rewards.
    /// @return The head.
    function headOfRewards(IPayouts.Rewards calldata rewards) internal pure returns (bytes memory) {
        return abi.encode(REWARDS_TYPE_HASH, rewards);
    }
}
