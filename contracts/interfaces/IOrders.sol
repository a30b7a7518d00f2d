// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, OrderId, ProductId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Orders: what a consumer ordered and a provider confirmed
/// @notice Both sign the same content. The agreement is made from the order afterwards and is set once; a call-off
/// names the framework agreement from the start. Domain name: "CityLedger Orders".
interface IOrders is IPartyActs {
    /// @notice Kind of an order. Numbers never change.
    enum OrderKind {
        SINGLE,
        CALL_OFF
    }

    /// @notice Life of an order. UNKNOWN -> PLACED -> CONFIRMED -> CONTRACTED; PLACED -> REJECTED, WITHDRAWN;
    /// CONFIRMED -> CANCELLED. A call-off goes from PLACED to CONTRACTED at once. Numbers never change.
    enum OrderStatus {
        UNKNOWN,
        PLACED,
        CONFIRMED,
        CONTRACTED,
        REJECTED,
        WITHDRAWN,
        CANCELLED
    }

    /// @notice What both sign. EIP-712 `Order(bytes32 orderId,uint8 kind,bytes32 productId,uint32 productVersion,
    /// bytes32 provider,bytes32 consumer,bytes32 agreementId,uint64 quantity,bytes32 priceRuleDigest,
    /// bytes32 contentDigest,uint64 validUntil,` and the tail.
    /// @param orderId Salted id.
    /// @param kind Single or call-off.
    /// @param productId The product.
    /// @param productVersion Its version.
    /// @param provider Its provider.
    /// @param consumer Who orders.
    /// @param agreementId Framework agreement of a call-off; zero for a single order.
    /// @param quantity Units ordered; zero for no limit.
    /// @param priceRuleDigest The price rule.
    /// @param contentDigest Salted digest of the whole order.
    /// @param validUntil Last second in which it can be confirmed, Unix time.
    struct Order {
        OrderId orderId;
        OrderKind kind;
        ProductId productId;
        uint32 productVersion;
        BodyId provider;
        BodyId consumer;
        AgreementId agreementId;
        uint64 quantity;
        bytes32 priceRuleDigest;
        bytes32 contentDigest;
        uint64 validUntil;
    }

    /// @notice An order on record.
    /// @param status Where it stands.
    /// @param kind Single or call-off.
    /// @param provider The provider.
    /// @param consumer The consumer.
    /// @param agreementId Its agreement, or zero.
    /// @param orderHash keccak256(abi.encode(Order)): what both signed.
    /// @param validUntil Last second in which it can be confirmed, Unix time.
    struct OrderRecord {
        OrderStatus status;
        OrderKind kind;
        BodyId provider;
        BodyId consumer;
        AgreementId agreementId;
        bytes32 orderHash;
        uint64 validUntil;
    }

    /// @notice An order was placed.
    /// @param orderId The order.
    /// @param consumer Who ordered.
    /// @param provider Whose product.
    /// @param order What was signed.
    event OrderPlaced(OrderId indexed orderId, BodyId indexed consumer, BodyId indexed provider, Order order);
    /// @notice The provider confirmed an order.
    /// @param orderId The order.
    event OrderConfirmed(OrderId indexed orderId);
    /// @notice An order has its agreement.
    /// @param orderId The order.
    /// @param agreementId The agreement.
    event OrderContracted(OrderId indexed orderId, AgreementId indexed agreementId);
    /// @notice An order was rejected, withdrawn or cancelled.
    /// @param orderId The order.
    /// @param status Which of them.
    /// @param reasonDigest Digest of the reason.
    event OrderClosed(OrderId indexed orderId, OrderStatus status, bytes32 reasonDigest);

    /// @notice There is no contract at an address that the constructor was given.
    /// @param account The address.
    error OrdersNoCode(address account);
    /// @notice An id or a digest that must be there is zero.
    error OrdersZeroDigest();
    /// @notice The order was placed before.
    /// @param orderId The order.
    error OrdersAlreadyPlaced(OrderId orderId);
    /// @notice The order's state does not allow this.
    /// @param orderId The order.
    /// @param status Where it stands.
    error OrdersWrongStatus(OrderId orderId, OrderStatus status);
    /// @notice This is not the order that was placed.
    /// @param orderId The order.
    /// @param expected Hash of what was placed.
    /// @param actual Hash of what was given.
    error OrdersContentMismatch(OrderId orderId, bytes32 expected, bytes32 actual);
    /// @notice The time to confirm is over.
    /// @param orderId The order.
    /// @param validUntil Its last second, Unix time.
    error OrdersExpired(OrderId orderId, uint64 validUntil);
    /// @notice A single order names no agreement; a call-off names a framework agreement of the same parties and
    /// product, without an order of its own, in force.
    /// @param orderId The order.
    /// @param agreementId The agreement.
    error OrdersWrongAgreement(OrderId orderId, AgreementId agreementId);
    /// @notice The product is another body's, or provider and consumer are the same.
    /// @param orderId The order.
    /// @param provider The provider that is named.
    error OrdersWrongProvider(OrderId orderId, BodyId provider);
    /// @notice The closing state cannot be asked for by this body in this state.
    /// @param orderId The order.
    /// @param status The state that was asked for.
    error OrdersWrongClosing(OrderId orderId, OrderStatus status);

    /// @notice Places an order. Consumer (role CONSUMER), purpose BUSINESS.
    /// @dev Requires a tradable product of this provider. Emits {OrderPlaced}.
    /// @param order What is ordered.
    /// @param consumer `Order`, signed by `order.consumer`.
    function place(Order calldata order, PartySignature calldata consumer) external;

    /// @notice Confirms an order. The provider, still with a role to provide, purpose BUSINESS.
    /// @dev Requires the product to be tradable, and the agreement of a call-off in force, still. Emits
    /// {OrderConfirmed}, and {OrderContracted} for a call-off.
    /// @param order What was placed.
    /// @param provider `Order`, signed by `order.provider`.
    function confirm(Order calldata order, PartySignature calldata provider) external;

    /// @notice Ends an order that has no agreement: REJECTED by the provider, WITHDRAWN by the consumer while it is
    /// placed, CANCELLED by either while it is confirmed.
    /// @dev `OrderClosing(bytes32 orderId,uint8 status,bytes32 reasonDigest,` tail. Emits {OrderClosed}.
    /// @param orderId The order.
    /// @param status The state to end in.
    /// @param reasonDigest Digest of the reason.
    /// @param party The provider's or consumer's signature.
    function close(OrderId orderId, OrderStatus status, bytes32 reasonDigest, PartySignature calldata party) external;

    /// @notice Sets a confirmed order's agreement, once. Anyone: the agreement itself, signed by its parties, names the
    /// order.
    /// @dev Requires the same provider and consumer, and the product version ordered. Emits {OrderContracted}.
    /// @param order What was placed.
    /// @param agreementId The agreement.
    function attachAgreement(Order calldata order, AgreementId agreementId) external;

    /// @notice The registry of products. Fixed at deployment.
    /// @return The address of the `ProductRegistry`.
    function products() external view returns (address);

    /// @notice The registry of agreements. Fixed at deployment.
    /// @return The address of the `DigitalContractRegistry`.
    function agreements() external view returns (address);

    /// @notice An order on record; all zero for an unknown one.
    /// @param orderId The order.
    /// @return The record.
    function orderOf(OrderId orderId) external view returns (OrderRecord memory);
}
