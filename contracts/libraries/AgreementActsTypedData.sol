// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {AgreementId} from "../types/Ids.sol";

/// @title What is signed about agreements
/// @notice Heads of the EIP-712 structs of {IDigitalContractRegistry}: type hash and fields before the common tail. The
/// hashes of an agreement's terms are in {AgreementTypedData}. The Python counterpart is
/// `ledger/domain/acts/digital_contract_registry.py`; both read the same vectors.
library AgreementActsTypedData {
    bytes32 private constant _AGREEMENT_TYPE_HASH = keccak256(
        "Agreement(bytes32 agreementId,bytes32 orderId,bytes32 productId,uint32 productVersion,bytes32[] parties,"
        "bytes32 contractDigest,bytes32 ruleVersion,bytes32 priceRuleDigest,bool silenceAccepts,uint32 answerSeconds,"
        "uint8 payBasis,uint64 validFrom,uint64 validUntil,bytes32 replaces,ComponentTerms[] components,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
        "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,"
        "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)"
        "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
    );
    bytes32 private constant _FILING_TYPE_HASH = keccak256(
        "AgreementFiling(bytes32 agreementId,bytes32 contractDigest,bytes32 filingDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _TERMINATION_TYPE_HASH = keccak256(
        "Termination(bytes32 agreementId,uint64 effectiveAt,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `Agreement`. Its components enter by their EIP-712 array hash, which is all a contract knows of
    /// them until something is booked.
    /// @dev In two halves: sixteen words at once are more than the stack holds.
    /// @param agreement The agreement.
    /// @return The head.
    function headOfAgreement(
        IDigitalContractRegistry.Agreement calldata agreement
    ) internal pure returns (bytes memory) {
        bytes memory first = abi.encode(
            _AGREEMENT_TYPE_HASH,
            agreement.agreementId,
            agreement.orderId,
            agreement.productId,
            agreement.productVersion,
            keccak256(abi.encodePacked(agreement.parties)),
            agreement.contractDigest,
            agreement.ruleVersion
        );
        return
            bytes.concat(
                first,
                abi.encode(
                    agreement.priceRuleDigest,
                    agreement.silenceAccepts,
                    agreement.answerSeconds,
                    agreement.payBasis,
                    agreement.validFrom,
                    agreement.validUntil,
                    agreement.replaces,
                    agreement.componentsHash
                )
            );
    }

    /// @notice Head of `AgreementFiling`.
    /// @param agreementId The agreement.
    /// @param contractDigest Digest of the contract that is filed.
    /// @param filingDigest Digest of the filing.
    /// @return The head.
    function headOfFiling(
        AgreementId agreementId,
        bytes32 contractDigest,
        bytes32 filingDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(_FILING_TYPE_HASH, agreementId, contractDigest, filingDigest);
    }

    /// @notice Head of `Termination`.
    /// @param agreementId The agreement.
    /// @param effectiveAt Last second of delivery, Unix time.
    /// @param reasonDigest Digest of the reason or of the ruling.
    /// @param nonce Number of times that its signers have ended the agreement.
    /// @return The head.
    function headOfTermination(
        AgreementId agreementId,
        uint64 effectiveAt,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        return abi.encode(_TERMINATION_TYPE_HASH, agreementId, effectiveAt, reasonDigest, nonce);
    }
}
