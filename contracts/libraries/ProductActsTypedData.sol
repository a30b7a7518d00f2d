// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IProductRegistry} from "../interfaces/IProductRegistry.sol";
import {ProductId} from "../types/Ids.sol";

/// @title What is signed about products
/// @notice Heads of the EIP-712 structs of {IProductRegistry}: type hash and fields before the common tail. The Python
/// counterpart is `ledger/domain/acts/product_registry.py`; both read the same vectors.
library ProductActsTypedData {
    bytes32 private constant _VERSION_TYPE_HASH = keccak256(
        "ProductVersion(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,"
        "bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,bytes3 currency,"
        "uint64 unitPrice,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _REVIEW_TYPE_HASH = keccak256(
        "ProductReview(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,"
        "bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,bytes3 currency,"
        "uint64 unitPrice,bool approved,bytes32 reviewDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _FILING_TYPE_HASH = keccak256(
        "ProductFiling(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,"
        "bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,bytes3 currency,"
        "uint64 unitPrice,bytes32 filingDigest,uint64 ceilingUnitPrice,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _ACT_TYPE_HASH = keccak256(
        "ProductAct(bytes32 productId,uint32 version,uint8 act,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _FREEZE_TYPE_HASH = keccak256(
        "ProductFreeze(bytes32 productId,bool frozen,bytes32 reasonDigest,uint256 nonce,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `ProductVersion`.
    /// @param product The version; its weights stand in line with its other fields.
    /// @return The head.
    function headOfVersion(IProductRegistry.ProductVersion calldata product) internal pure returns (bytes memory) {
        return abi.encode(_VERSION_TYPE_HASH, product);
    }

    /// @notice Head of `ProductReview`: the version as its provider signed it, then what the reviewer says.
    /// @param product The version that was reviewed.
    /// @param approved Whether it may go on.
    /// @param reviewDigest Digest of the review.
    /// @return The head.
    function headOfReview(
        IProductRegistry.ProductVersion memory product,
        bool approved,
        bytes32 reviewDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(_REVIEW_TYPE_HASH, product, approved, reviewDigest);
    }

    /// @notice Head of `ProductFiling`: the version as its provider signed it, then what is filed.
    /// @param product The version that is filed.
    /// @param filingDigest Digest of the filing number.
    /// @param ceilingUnitPrice Ceiling, in millionths of a minor unit.
    /// @return The head.
    function headOfFiling(
        IProductRegistry.ProductVersion memory product,
        bytes32 filingDigest,
        uint64 ceilingUnitPrice
    ) internal pure returns (bytes memory) {
        return abi.encode(_FILING_TYPE_HASH, product, filingDigest, ceilingUnitPrice);
    }

    /// @notice Head of `ProductAct`.
    /// @param productId The product.
    /// @param version The version.
    /// @param act What to do.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The version's revision.
    /// @return The head.
    function headOfAct(
        ProductId productId,
        uint32 version,
        IProductRegistry.ProductAct act,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        return abi.encode(_ACT_TYPE_HASH, productId, version, act, reasonDigest, nonce);
    }

    /// @notice Head of `ProductFreeze`.
    /// @param productId The product.
    /// @param frozen Whether it is to be frozen.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce Number of freezes and thaws so far.
    /// @return The head.
    function headOfFreeze(
        ProductId productId,
        bool frozen,
        bytes32 reasonDigest,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        return abi.encode(_FREEZE_TYPE_HASH, productId, frozen, reasonDigest, nonce);
    }
}
