// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../interfaces/IDistributionTables.sol";
import {Currency, LineId, ObjectionId, PeriodId, TableId, TableVersion} from "../types/Ids.sol";

/// @title What is signed about distribution tables and objections
/// @notice The EIP-712 type hashes of `DistributionTables`, and for each the "head": `abi.encode` of type hash and
/// fields before the common tail, which `PartySignatures` adds. The Python counterpart reads the same vectors.
library TableTypedData {
    /// @notice Type hash of a proposed table, signed by proposer and second signer.
    bytes32 internal constant TABLE_TYPE_HASH = keccak256(
        "DistributionTable(uint32 tableId,uint16 tableVersion,uint32 period,bytes3 currency,uint16 lineCount,"
        "bytes28 linesDigest,uint32 windowSeconds,bytes32 calendarDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of a publication receipt.
    bytes32 internal constant PUBLICATION_TYPE_HASH = keccak256(
        "Publication(uint32 tableId,uint16 tableVersion,bytes28 linesDigest,bytes32 publicationDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of an objection.
    bytes32 internal constant OBJECTION_TYPE_HASH = keccak256(
        "Objection(uint32 tableId,uint16 tableVersion,bytes32 lineId,uint64 amount,bytes32 groundsDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of the answer to an objection.
    bytes32 internal constant ANSWER_TYPE_HASH = keccak256(
        "ObjectionAnswer(bytes32 objectionId,bool upheld,bytes32 answerDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of a request for review.
    bytes32 internal constant REVIEW_REQUEST_TYPE_HASH = keccak256(
        "ReviewRequest(bytes32 objectionId,bytes32 groundsDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of the decision of a review.
    bytes32 internal constant REVIEW_DECISION_TYPE_HASH = keccak256(
        "ReviewDecision(bytes32 objectionId,bool upheld,bytes32 decisionDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    /// @notice Type hash of the withdrawal of an objection.
    bytes32 internal constant WITHDRAWAL_TYPE_HASH = keccak256(
        "ObjectionWithdrawal(bytes32 objectionId,bytes32 reasonDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `DistributionTable`.
    /// @param proposal What is proposed.
    /// @param period Period of the table.
    /// @param currency Currency of the table.
    /// @return The head.
    function headOfTable(
        IDistributionTables.Proposal calldata proposal,
        PeriodId period,
        Currency currency
    ) internal pure returns (bytes memory) {
        return
            abi.encode(
                TABLE_TYPE_HASH,
                proposal.tableId,
                proposal.tableVersion,
                period,
                currency,
                proposal.lineCount,
                proposal.linesDigest,
                proposal.windowSeconds,
                proposal.calendarDigest
            );
    }

    /// @notice Head of `Publication`.
    /// @param proposal What was published.
    /// @param publicationDigest Digest of the publication.
    /// @return The head.
    function headOfPublication(
        IDistributionTables.Proposal calldata proposal,
        bytes32 publicationDigest
    ) internal pure returns (bytes memory) {
        return
            abi.encode(
                PUBLICATION_TYPE_HASH,
                proposal.tableId,
                proposal.tableVersion,
                proposal.linesDigest,
                publicationDigest
            );
    }

    /// @notice Head of `Objection`.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @param lineId The line.
    /// @param amount Contested amount, in minor units.
    /// @param groundsDigest Digest of the grounds.
    /// @return The head.
    function headOfObjection(
        TableId tableId,
        TableVersion tableVersion,
        LineId lineId,
        uint64 amount,
        bytes32 groundsDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(OBJECTION_TYPE_HASH, tableId, tableVersion, lineId, amount, groundsDigest);
    }

    /// @notice Head of `ObjectionAnswer`.
    /// @param objectionId The objection.
    /// @param upheld Whether the objector is right.
    /// @param answerDigest Digest of the written answer.
    /// @return The head.
    function headOfAnswer(
        ObjectionId objectionId,
        bool upheld,
        bytes32 answerDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(ANSWER_TYPE_HASH, objectionId, upheld, answerDigest);
    }

    /// @notice Head of `ReviewRequest`.
    /// @param objectionId The objection.
    /// @param groundsDigest Digest of the grounds.
    /// @return The head.
    function headOfReviewRequest(ObjectionId objectionId, bytes32 groundsDigest) internal pure returns (bytes memory) {
        return abi.encode(REVIEW_REQUEST_TYPE_HASH, objectionId, groundsDigest);
    }

    /// @notice Head of `ReviewDecision`.
    /// @param objectionId The objection.
    /// @param upheld Whether the objector is right.
    /// @param decisionDigest Digest of the decision.
    /// @return The head.
    function headOfReviewDecision(
        ObjectionId objectionId,
        bool upheld,
        bytes32 decisionDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(REVIEW_DECISION_TYPE_HASH, objectionId, upheld, decisionDigest);
    }

    /// @notice Head of `ObjectionWithdrawal`.
    /// @param objectionId The objection.
    /// @param reasonDigest Digest of the reason.
    /// @return The head.
    function headOfWithdrawal(ObjectionId objectionId, bytes32 reasonDigest) internal pure returns (bytes memory) {
        return abi.encode(WITHDRAWAL_TYPE_HASH, objectionId, reasonDigest);
    }
}
