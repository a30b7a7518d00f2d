// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {TradeActs} from "./access/TradeActs.sol";
import {IDigitalContractRegistry} from "./interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "./interfaces/IOrders.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "./interfaces/IProductRegistry.sol";
import {OrderActsTypedData} from "./libraries/OrderActsTypedData.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {AgreementId, BodyId, OrderId, ProductId} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";

/// @title Orders
/// @notice See {IOrders}.
contract Orders is IOrders, TradeActs {
    /// @dev The record of {IOrders}, ordered so that it takes five slots.
    struct State {
        bytes32 orderHash;
        BodyId provider;
        BodyId consumer;
        AgreementId agreementId;
        OrderStatus status;
        OrderKind kind;
        uint64 validUntil;
    }

    IProductRegistry private immutable _PRODUCTS;
    IDigitalContractRegistry private immutable _AGREEMENTS;

    mapping(OrderId orderId => State state) private _orders;

    /// @notice Deploys the registry of orders.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param products_ The `ProductRegistry`.
    /// @param agreements_ The `DigitalContractRegistry`.
    constructor(
        IParticipantRegistry participants_,
        IProductRegistry products_,
        IDigitalContractRegistry agreements_
    ) TradeActs(participants_, "CityLedger Orders") {
        _requireCode(address(participants_));
        _requireCode(address(products_));
        _requireCode(address(agreements_));
        _PRODUCTS = products_;
        _AGREEMENTS = agreements_;
    }

    /// @inheritdoc IOrders
    function place(Order calldata order, PartySignature calldata consumer) external {
        State storage state = _orders[order.orderId];
        if (state.status != OrderStatus.UNKNOWN) {
            revert OrdersAlreadyPlaced(order.orderId);
        }
        _requireComplete(order);
        _requireInTime(order);
        _requireOffered(order);
        _requireAgreement(order);
        _requireSignedAs(
            order.consumer,
            BodyRoles.CONSUMER,
            OrderActsTypedData.headOfOrder(order),
            consumer,
            KeyPurposes.BUSINESS
        );
        state.orderHash = keccak256(abi.encode(order));
        state.provider = order.provider;
        state.consumer = order.consumer;
        state.agreementId = order.agreementId;
        state.status = OrderStatus.PLACED;
        state.kind = order.kind;
        state.validUntil = order.validUntil;
        emit OrderPlaced(order.orderId, order.consumer, order.provider, order);
    }

    /// @inheritdoc IOrders
    function confirm(Order calldata order, PartySignature calldata provider) external {
        State storage state = _shown(order, OrderStatus.PLACED);
        _requireInTime(order);
        _requireOffered(order);
        _requireAgreement(order);
        // A confirmation makes a duty: whoever is no provider any more takes none on.
        _requireSignedAs(
            order.provider,
            BodyRoles.PROVIDERS,
            OrderActsTypedData.headOfOrder(order),
            provider,
            KeyPurposes.BUSINESS
        );
        bool isCallOff = order.kind == OrderKind.CALL_OFF;
        state.status = isCallOff ? OrderStatus.CONTRACTED : OrderStatus.CONFIRMED;
        emit OrderConfirmed(order.orderId);
        if (isCallOff) {
            emit OrderContracted(order.orderId, order.agreementId);
        }
    }

    /// @inheritdoc IOrders
    function close(OrderId orderId, OrderStatus status, bytes32 reasonDigest, PartySignature calldata party) external {
        State storage state = _orders[orderId];
        if (!_mayClose(orderId, state, status, party.signer)) {
            revert OrdersWrongClosing(orderId, status);
        }
        bytes memory head = OrderActsTypedData.headOfClosing(orderId, status, reasonDigest);
        _requireSigned(head, party, 0, KeyPurposes.BUSINESS, true);
        state.status = status;
        emit OrderClosed(orderId, status, reasonDigest);
    }

    /// @inheritdoc IOrders
    function attachAgreement(Order calldata order, AgreementId agreementId) external {
        State storage state = _shown(order, OrderStatus.CONFIRMED);
        IDigitalContractRegistry.AgreementRecord memory agreement = _AGREEMENTS.agreementOf(agreementId);
        if (OrderId.unwrap(agreement.orderId) != OrderId.unwrap(order.orderId) || !_isBetween(agreement, order)) {
            revert OrdersWrongAgreement(order.orderId, agreementId);
        }
        state.agreementId = agreementId;
        state.status = OrderStatus.CONTRACTED;
        emit OrderContracted(order.orderId, agreementId);
    }

    /// @inheritdoc IOrders
    function products() external view returns (address) {
        return address(_PRODUCTS);
    }

    /// @inheritdoc IOrders
    function agreements() external view returns (address) {
        return address(_AGREEMENTS);
    }

    /// @inheritdoc IOrders
    function orderOf(OrderId orderId) external view returns (OrderRecord memory) {
        State storage state = _orders[orderId];
        return
            OrderRecord({
                status: state.status,
                kind: state.kind,
                provider: state.provider,
                consumer: state.consumer,
                agreementId: state.agreementId,
                orderHash: state.orderHash,
                validUntil: state.validUntil
            });
    }

    /// @dev The state of an order that is shown as it was placed and stands where it must.
    function _shown(Order calldata order, OrderStatus expected) private view returns (State storage state) {
        state = _orders[order.orderId];
        if (state.status != expected) {
            revert OrdersWrongStatus(order.orderId, state.status);
        }
        bytes32 actual = keccak256(abi.encode(order));
        if (actual != state.orderHash) {
            revert OrdersContentMismatch(order.orderId, state.orderHash, actual);
        }
    }

    /// @dev Whether this body may end the order in this state now.
    function _mayClose(
        OrderId orderId,
        State storage state,
        OrderStatus asked,
        BodyId signer
    ) private view returns (bool) {
        bool isProvider = signer == state.provider;
        bool isConsumer = signer == state.consumer;
        if (state.status == OrderStatus.PLACED) {
            return (asked == OrderStatus.REJECTED && isProvider) || (asked == OrderStatus.WITHDRAWN && isConsumer);
        }
        if (state.status == OrderStatus.CONFIRMED) {
            return asked == OrderStatus.CANCELLED && (isProvider || isConsumer);
        }
        revert OrdersWrongStatus(orderId, state.status);
    }

    /// @dev The product is on sale now, by the provider that is named, to somebody else.
    function _requireOffered(Order calldata order) private view {
        _PRODUCTS.requireTradable(order.productId, order.productVersion);
        (BodyId provider, , , ) = _PRODUCTS.product(order.productId);
        if (provider != order.provider || order.consumer == order.provider) {
            revert OrdersWrongProvider(order.orderId, order.provider);
        }
    }

    /// @dev A single order names none; a call-off names a framework agreement that is in force.
    function _requireAgreement(Order calldata order) private view {
        bool isRight;
        if (order.kind == OrderKind.SINGLE) {
            isRight = AgreementId.unwrap(order.agreementId) == 0;
        } else {
            IDigitalContractRegistry.AgreementRecord memory agreement = _AGREEMENTS.agreementOf(order.agreementId);
            isRight =
                OrderId.unwrap(agreement.orderId) == 0 &&
                _isBetween(agreement, order) &&
                // A term is days or more: what a validator can shift its clock by changes nothing.
                // solhint-disable-next-line not-rely-on-time
                (agreement.validFrom <= block.timestamp && block.timestamp <= agreement.validUntil);
        }
        if (!isRight) {
            revert OrdersWrongAgreement(order.orderId, order.agreementId);
        }
    }

    function _requireInTime(Order calldata order) private view {
        // An order stands for hours or more: what a validator can shift its clock by changes nothing.
        // solhint-disable-next-line not-rely-on-time
        if (block.timestamp > order.validUntil) {
            revert OrdersExpired(order.orderId, order.validUntil);
        }
    }

    /// @dev Checked at deployment only.
    function _requireCode(address account) private view {
        if (account.code.length == 0) {
            revert OrdersNoCode(account);
        }
    }

    /// @dev Zero is no id: it means "none" wherever an order or an agreement is named.
    function _requireComplete(Order calldata order) private pure {
        if (OrderId.unwrap(order.orderId) == 0 || order.priceRuleDigest == 0 || order.contentDigest == 0) {
            revert OrdersZeroDigest();
        }
    }

    /// @dev Whether the agreement is between the order's two bodies and about its product in its version.
    function _isBetween(
        IDigitalContractRegistry.AgreementRecord memory agreement,
        Order calldata order
    ) private pure returns (bool) {
        return
            agreement.provider == order.provider &&
            agreement.consumer == order.consumer &&
            ProductId.unwrap(agreement.productId) == ProductId.unwrap(order.productId) &&
            agreement.productVersion == order.productVersion;
    }
}
