// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../interfaces/IOrders.sol";
import {IProductRegistry} from "../interfaces/IProductRegistry.sol";
import {AgreementActsTypedData} from "../libraries/AgreementActsTypedData.sol";
import {OrderActsTypedData} from "../libraries/OrderActsTypedData.sol";
import {PartySignatures} from "../libraries/PartySignatures.sol";
import {ProductActsTypedData} from "../libraries/ProductActsTypedData.sol";
import {AgreementId, OrderId, ProductId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";

/// @title What is signed about products, agreements and orders, callable
/// @notice For tests and vectors only; never deployed.
contract TypedActsHarness {
    function domainSeparator(
        string calldata name,
        uint256 chainId,
        address verifyingContract
    ) external pure returns (bytes32) {
        return PartySignatures.domainSeparator(keccak256(bytes(name)), chainId, verifyingContract);
    }

    function signingDigest(
        bytes32 separator,
        bytes calldata head,
        PartySignature calldata party
    ) external pure returns (bytes32) {
        return PartySignatures.signingDigest(separator, head, party);
    }

    function isSignedBy(address key, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return PartySignatures.isSignedBy(key, false, digest, signature);
    }

    function headOfVersion(IProductRegistry.ProductVersion calldata product) external pure returns (bytes memory) {
        return ProductActsTypedData.headOfVersion(product);
    }

    function headOfReview(
        IProductRegistry.ProductVersion calldata product,
        bool approved,
        bytes32 reviewDigest
    ) external pure returns (bytes memory) {
        return ProductActsTypedData.headOfReview(product, approved, reviewDigest);
    }

    function headOfProductFiling(
        IProductRegistry.ProductVersion calldata product,
        bytes32 filingDigest,
        uint64 ceilingUnitPrice
    ) external pure returns (bytes memory) {
        return ProductActsTypedData.headOfFiling(product, filingDigest, ceilingUnitPrice);
    }

    function headOfAct(
        ProductId productId,
        uint32 version,
        IProductRegistry.ProductAct act,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory) {
        return ProductActsTypedData.headOfAct(productId, version, act, reasonDigest, nonce);
    }

    function headOfFreeze(
        ProductId productId,
        bool frozen,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory) {
        return ProductActsTypedData.headOfFreeze(productId, frozen, reasonDigest, nonce);
    }

    function headOfAgreement(
        IDigitalContractRegistry.Agreement calldata agreement
    ) external pure returns (bytes memory) {
        return AgreementActsTypedData.headOfAgreement(agreement);
    }

    function headOfAgreementFiling(
        AgreementId agreementId,
        bytes32 contractDigest,
        bytes32 filingDigest
    ) external pure returns (bytes memory) {
        return AgreementActsTypedData.headOfFiling(agreementId, contractDigest, filingDigest);
    }

    function headOfTermination(
        AgreementId agreementId,
        uint64 effectiveAt,
        bytes32 reasonDigest,
        uint256 nonce
    ) external pure returns (bytes memory) {
        return AgreementActsTypedData.headOfTermination(agreementId, effectiveAt, reasonDigest, nonce);
    }

    function headOfOrder(IOrders.Order calldata order) external pure returns (bytes memory) {
        return OrderActsTypedData.headOfOrder(order);
    }

    function headOfClosing(
        OrderId orderId,
        IOrders.OrderStatus status,
        bytes32 reasonDigest
    ) external pure returns (bytes memory) {
        return OrderActsTypedData.headOfClosing(orderId, status, reasonDigest);
    }
}
