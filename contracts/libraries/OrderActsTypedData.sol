// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IOrders} from "../interfaces/IOrders.sol";
import {OrderId} from "../types/Ids.sol";

/// @title What is signed about orders
/// @notice Heads of the EIP-712 structs of {IOrders}: type hash and fields before the common tail. The Python
/// counterpart is `ledger/domain/acts/orders.py`; both read the same vectors.
library OrderActsTypedData {
    bytes32 private constant _ORDER_TYPE_HASH = keccak256(
        "Order(bytes32 orderId,uint8 kind,bytes32 productId,uint32 productVersion,bytes32 provider,bytes32 consumer,"
        "bytes32 agreementId,uint64 quantity,bytes32 priceRuleDigest,bytes32 contentDigest,uint64 validUntil,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );
    bytes32 private constant _CLOSING_TYPE_HASH = keccak256(
        "OrderClosing(bytes32 orderId,uint8 status,bytes32 reasonDigest,"
        "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    /// @notice Head of `Order`.
    /// @param order The order.
    /// @return The head.
    function headOfOrder(IOrders.Order calldata order) internal pure returns (bytes memory) {
        return abi.encode(_ORDER_TYPE_HASH, order);
    }

    /// @notice Head of `OrderClosing`.
    /// @param orderId The order.
    /// @param status The state to end in.
    /// @param reasonDigest Digest of the reason.
    /// @return The head.
    function headOfClosing(
        OrderId orderId,
        IOrders.OrderStatus status,
        bytes32 reasonDigest
    ) internal pure returns (bytes memory) {
        return abi.encode(_CLOSING_TYPE_HASH, orderId, status, reasonDigest);
    }
}
