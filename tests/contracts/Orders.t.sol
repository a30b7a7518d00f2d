// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {AgreementId, BodyId, OrderId, ProductId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The life of orders
contract OrdersTest is TradeFixture {
    IProductRegistry.ProductVersion private _product;

    function setUp() public override {
        super.setUp();
        _product = listed("product", 400_000);
    }

    function test_constructor_withoutCodeAtAnAddress_isRefused() public {
        bytes memory error_ = abi.encodeWithSelector(IOrders.OrdersNoCode.selector, address(7));
        vm.expectRevert(error_);
        deployed("Orders", abi.encode(IParticipantRegistry(address(7)), products, agreements));
        vm.expectRevert(error_);
        deployed("Orders", abi.encode(registry(), IProductRegistry(address(7)), agreements));
        vm.expectRevert(error_);
        deployed("Orders", abi.encode(registry(), products, IDigitalContractRegistry(address(7))));
        vm.assertEq(orders.products(), address(products));
        vm.assertEq(orders.agreements(), address(agreements));
    }

    function test_fuzz_place_keepsWhatWasSigned(uint64 quantity, bytes32 priceRule, uint32 left) public {
        vm.assume(priceRule != 0);
        IOrders.Order memory order = orderOf("a", _product);
        order.quantity = quantity;
        order.priceRuleDigest = priceRule;
        order.validUntil = uint64(block.timestamp + left);
        PartySignature memory signed = signO(headOfOrder(order), "consumer");
        vm.expectEmit(address(orders));
        emit IOrders.OrderPlaced(order.orderId, order.consumer, order.provider, order);
        orders.place(order, signed);
        IOrders.OrderRecord memory record = orders.orderOf(order.orderId);
        vm.assertTrue(record.status == IOrders.OrderStatus.PLACED && record.kind == IOrders.OrderKind.SINGLE);
        vm.assertTrue(record.provider == order.provider && record.consumer == order.consumer);
        vm.assertTrue(AgreementId.unwrap(record.agreementId) == 0 && record.validUntil == order.validUntil);
        vm.assertEq(record.orderHash, keccak256(abi.encode(order)));
    }

    function test_orderOf_anUnknownOne_isZero() public view {
        vm.assertEq(uint256(orders.orderOf(OrderId.wrap("unknown")).status), 0);
    }

    function test_place_withoutAnIdOrDigest_isRefused() public {
        bytes memory error_ = abi.encodeWithSelector(IOrders.OrdersZeroDigest.selector);
        for (uint256 i = 0; i < 3; ++i) {
            IOrders.Order memory order = orderOf("a", _product);
            if (i == 0) order.orderId = OrderId.wrap(0);
            if (i == 1) order.priceRuleDigest = 0;
            if (i == 2) order.contentDigest = 0;
            _refusePlace(order, error_);
        }
    }

    function test_place_afterItsTime_isRefused_inItsLastSecondAccepted() public {
        IOrders.Order memory order = orderOf("a", _product);
        order.validUntil = uint64(block.timestamp);
        uint64 past = order.validUntil - 1;
        place(order);
        order = orderOf("b", _product);
        order.validUntil = past;
        _refusePlace(order, abi.encodeWithSelector(IOrders.OrdersExpired.selector, order.orderId, past));
    }

    function test_place_withAnotherProviderOrItself_isRefused() public {
        IOrders.Order memory order = orderOf("a", _product);
        order.provider = party("both");
        bytes4 error_ = IOrders.OrdersWrongProvider.selector;
        _refusePlace(order, abi.encodeWithSelector(error_, order.orderId, order.provider));
        order = orderOf("a", _product);
        order.consumer = order.provider;
        _refusePlace(order, abi.encodeWithSelector(error_, order.orderId, order.provider));
    }

    function test_placeAndConfirm_ofAProductThatIsNotOnSale_areRefused() public {
        IOrders.Order memory order = orderOf("a", _product);
        place(order);
        IOrders.Order memory next = orderOf("b", _product);
        setFrozen(_product.productId, true);
        bytes memory error_ = abi.encodeWithSelector(
            IProductRegistry.ProductRegistryFrozen.selector,
            _product.productId
        );
        _refusePlace(next, error_);
        _refuseConfirm(order, error_);
        setFrozen(_product.productId, false);
        act(_product, IProductRegistry.ProductAct.SUSPEND, "trading");
        error_ = abi.encodeWithSelector(
            IProductRegistry.ProductRegistryWrongStatus.selector,
            _product.productId,
            1,
            IProductRegistry.ProductStatus.SUSPENDED
        );
        _refusePlace(next, error_);
        _refuseConfirm(order, error_);
    }

    function test_place_ofASingleOrderThatNamesAnAgreement_isRefused() public {
        IOrders.Order memory order = orderOf("a", _product);
        order.agreementId = AgreementId.wrap("agreement");
        _refuseAgreement(order);
    }

    function test_confirm_afterItsTime_isRefused_inItsLastSecondAccepted() public {
        IOrders.Order memory order = orderOf("a", _product);
        IOrders.Order memory late = orderOf("b", _product);
        place(order);
        place(late);
        vm.warp(LAST_SECOND);
        PartySignature memory signed = signO(headOfOrder(order), "provider");
        vm.expectEmit(address(orders));
        emit IOrders.OrderConfirmed(order.orderId);
        orders.confirm(order, signed);
        vm.warp(LAST_SECOND + 1);
        _refuseConfirm(late, abi.encodeWithSelector(IOrders.OrdersExpired.selector, late.orderId, LAST_SECOND));
    }

    function test_confirmAndAttach_ofAnotherContent_areRefused() public {
        IOrders.Order memory order = orderOf("a", _product);
        place(order);
        bytes32 right = keccak256(abi.encode(order));
        ++order.quantity;
        bytes4 error_ = IOrders.OrdersContentMismatch.selector;
        bytes32 wrong = keccak256(abi.encode(order));
        _refuseConfirm(order, abi.encodeWithSelector(error_, order.orderId, right, wrong));
        --order.quantity;
        confirm(order);
        ++order.quantity;
        vm.expectRevert(abi.encodeWithSelector(error_, order.orderId, right, wrong));
        orders.attachAgreement(order, AgreementId.wrap("agreement"));
    }

    function test_attachAgreement_ofTheOrder_contractsItOnce() public {
        IOrders.Order memory order = orderOf("a", _product);
        place(order);
        IDigitalContractRegistry.Agreement memory agreement = _agreementFor("a", order);
        bytes4 wrongStatus = IOrders.OrdersWrongStatus.selector;
        vm.expectRevert(abi.encodeWithSelector(wrongStatus, order.orderId, IOrders.OrderStatus.PLACED));
        orders.attachAgreement(order, agreement.agreementId);
        confirm(order);
        vm.expectEmit(address(orders));
        emit IOrders.OrderContracted(order.orderId, agreement.agreementId);
        orders.attachAgreement(order, agreement.agreementId);
        IOrders.OrderRecord memory record = orders.orderOf(order.orderId);
        vm.assertTrue(record.status == IOrders.OrderStatus.CONTRACTED);
        vm.assertEq(AgreementId.unwrap(record.agreementId), AgreementId.unwrap(agreement.agreementId));
        vm.expectRevert(abi.encodeWithSelector(wrongStatus, order.orderId, IOrders.OrderStatus.CONTRACTED));
        orders.attachAgreement(order, agreement.agreementId);
        bytes memory error_ = abi.encodeWithSelector(wrongStatus, order.orderId, IOrders.OrderStatus.CONTRACTED);
        _refuseClose(order.orderId, IOrders.OrderStatus.CANCELLED, "consumer", error_);
    }

    function test_attachAgreement_ofAnotherOrderPartyOrProduct_isRefused() public {
        IOrders.Order memory order = orderOf("a", _product);
        IOrders.Order memory other = orderOf("b", _product);
        place(order);
        confirm(order);
        _refuseAttach(order, _agreementFor("other order", other).agreementId);
        _refuseAttachOf("another consumer", 1);
        _refuseAttachOf("another version", 2);
        _refuseAttachOf("another product", 3);
        _refuseAttachOf("another provider", 4);
        bytes4 unknown = IDigitalContractRegistry.DigitalContractRegistryUnknownAgreement.selector;
        order = orderOf("a", _product);
        vm.expectRevert(abi.encodeWithSelector(unknown, bytes32("unknown")));
        orders.attachAgreement(order, AgreementId.wrap("unknown"));
    }

    function test_callOff_underAFrameworkInForce_isContractedWhenConfirmed() public {
        IOrders.Order memory order = _callOff("a", _framework("frame"));
        place(order);
        vm.assertEq(
            AgreementId.unwrap(orders.orderOf(order.orderId).agreementId),
            AgreementId.unwrap(order.agreementId)
        );
        PartySignature memory signed = signO(headOfOrder(order), "provider");
        vm.expectEmit(address(orders));
        emit IOrders.OrderConfirmed(order.orderId);
        vm.expectEmit(address(orders));
        emit IOrders.OrderContracted(order.orderId, order.agreementId);
        orders.confirm(order, signed);
        vm.assertTrue(orders.orderOf(order.orderId).status == IOrders.OrderStatus.CONTRACTED);
    }

    function test_callOff_beforeOrAfterTheFramework_isRefused() public {
        IDigitalContractRegistry.Agreement memory frame = agreementOf("frame", _product);
        frame.validFrom = uint64(block.timestamp + 10);
        frame.validUntil = uint64(block.timestamp + 20);
        conclude(frame);
        IOrders.Order memory order = _callOff("a", frame.agreementId);
        IOrders.Order memory late = _callOff("b", frame.agreementId);
        _refuseAgreement(order);
        vm.warp(frame.validFrom);
        place(order);
        vm.warp(frame.validUntil);
        place(late);
        confirm(order);
        vm.warp(frame.validUntil + 1);
        bytes4 error_ = IOrders.OrdersWrongAgreement.selector;
        _refuseConfirm(late, abi.encodeWithSelector(error_, late.orderId, late.agreementId));
    }

    function test_callOff_underAnUnfitAgreement_isRefused() public {
        IOrders.Order memory order = orderOf("single", _product);
        _refuseAgreement(_callOff("a", _agreementFor("of an order", order).agreementId));
        IDigitalContractRegistry.Agreement memory frame = agreementOf("of another consumer", _product);
        frame.parties[1] = party("both");
        bytes memory head = headOfAgreement(frame);
        agreements.conclude(frame, noComponents(), two(signA(head, "provider"), signA(head, "both")));
        _refuseAgreement(_callOff("a", frame.agreementId));
        frame = agreementOf("of another product", listed("other product", 0));
        conclude(frame);
        _refuseAgreement(_callOff("a", frame.agreementId));
        order = _callOff("a", AgreementId.wrap("unknown"));
        bytes4 unknown = IDigitalContractRegistry.DigitalContractRegistryUnknownAgreement.selector;
        _refusePlace(order, abi.encodeWithSelector(unknown, bytes32("unknown")));
    }

    function test_close_asTheTableSays_andNotOtherwise() public {
        for (uint256 present = 1; present <= 6; ++present) {
            for (uint256 asked = 0; asked <= 6; ++asked) {
                _tryClose(IOrders.OrderStatus(present), IOrders.OrderStatus(asked), "provider");
                _tryClose(IOrders.OrderStatus(present), IOrders.OrderStatus(asked), "consumer");
            }
        }
    }

    function test_close_ofAnUnknownOrder_isRefused() public {
        OrderId unknown = OrderId.wrap("unknown");
        bytes4 error_ = IOrders.OrdersWrongStatus.selector;
        bytes memory expected = abi.encodeWithSelector(error_, unknown, IOrders.OrderStatus.UNKNOWN);
        _refuseClose(unknown, IOrders.OrderStatus.CANCELLED, "consumer", expected);
    }

    function _tryClose(IOrders.OrderStatus present, IOrders.OrderStatus asked, string memory name) private {
        bool byProvider = bytes(name)[0] == "p";
        string memory salt = vm.toString((uint256(present) * 7 + uint256(asked)) * 2 + (byProvider ? 1 : 0));
        OrderId orderId = _at(present, salt);
        bool isRight =
            present == IOrders.OrderStatus.PLACED
                ? asked == (byProvider ? IOrders.OrderStatus.REJECTED : IOrders.OrderStatus.WITHDRAWN)
                : present == IOrders.OrderStatus.CONFIRMED && asked == IOrders.OrderStatus.CANCELLED;
        if (isRight) {
            PartySignature memory signed = signO(headOfClosing(orderId, asked), name);
            vm.expectEmit(address(orders));
            emit IOrders.OrderClosed(orderId, asked, REASON);
            orders.close(orderId, asked, REASON, signed);
            vm.assertTrue(orders.orderOf(orderId).status == asked);
            return;
        }
        bool isOpen = present == IOrders.OrderStatus.PLACED || present == IOrders.OrderStatus.CONFIRMED;
        bytes memory error_ =
            isOpen
                ? abi.encodeWithSelector(IOrders.OrdersWrongClosing.selector, orderId, asked)
                : abi.encodeWithSelector(IOrders.OrdersWrongStatus.selector, orderId, present);
        _refuseClose(orderId, asked, name, error_);
        vm.assertTrue(orders.orderOf(orderId).status == present);
    }

    /// @dev An order in this state.
    function _at(IOrders.OrderStatus status, string memory name) private returns (OrderId) {
        IOrders.Order memory order = orderOf(name, _product);
        place(order);
        if (status == IOrders.OrderStatus.REJECTED || status == IOrders.OrderStatus.WITHDRAWN) {
            close(order.orderId, status, status == IOrders.OrderStatus.REJECTED ? "provider" : "consumer");
        } else if (status != IOrders.OrderStatus.PLACED) {
            confirm(order);
        }
        if (status == IOrders.OrderStatus.CANCELLED) {
            close(order.orderId, status, "provider");
        } else if (status == IOrders.OrderStatus.CONTRACTED) {
            orders.attachAgreement(order, _agreementFor(name, order).agreementId);
        }
        return order.orderId;
    }

    function _framework(string memory name) private returns (AgreementId) {
        IDigitalContractRegistry.Agreement memory frame = agreementOf(name, _product);
        conclude(frame);
        return frame.agreementId;
    }

    function _callOff(string memory name, AgreementId frame) private view returns (IOrders.Order memory order) {
        order = orderOf(name, _product);
        order.kind = IOrders.OrderKind.CALL_OFF;
        order.agreementId = frame;
    }

    function _agreementFor(
        string memory name,
        IOrders.Order memory order
    ) private returns (IDigitalContractRegistry.Agreement memory agreement) {
        agreement = agreementOf(name, _product);
        agreement.orderId = order.orderId;
        conclude(agreement);
    }

    /// @dev The registry of agreements is mocked here, so that each field differs alone.
    function _refuseAttachOf(string memory name, uint256 field) private {
        IOrders.Order memory order = orderOf("a", _product);
        AgreementId agreementId = AgreementId.wrap(keccak256(bytes(name)));
        IDigitalContractRegistry.AgreementRecord memory record;
        record.orderId = order.orderId;
        record.provider = field == 4 ? BodyId.wrap("x") : order.provider;
        record.consumer = field == 1 ? BodyId.wrap("x") : order.consumer;
        record.productVersion = field == 2 ? 9 : order.productVersion;
        record.productId = field == 3 ? ProductId.wrap("x") : order.productId;
        vm.mockCall(
            address(agreements),
            abi.encodeCall(IDigitalContractRegistry.agreementOf, (agreementId)),
            abi.encode(record)
        );
        _refuseAttach(order, agreementId);
    }

    function _refuseAttach(IOrders.Order memory order, AgreementId agreementId) private {
        vm.expectRevert(abi.encodeWithSelector(IOrders.OrdersWrongAgreement.selector, order.orderId, agreementId));
        orders.attachAgreement(order, agreementId);
    }

    function _refuseAgreement(IOrders.Order memory order) private {
        bytes4 error_ = IOrders.OrdersWrongAgreement.selector;
        _refusePlace(order, abi.encodeWithSelector(error_, order.orderId, order.agreementId));
    }

    function _refusePlace(IOrders.Order memory order, bytes memory error_) private {
        PartySignature memory signed = signO(headOfOrder(order), "consumer");
        vm.expectRevert(error_);
        orders.place(order, signed);
    }

    function _refuseConfirm(IOrders.Order memory order, bytes memory error_) private {
        PartySignature memory signed = signO(headOfOrder(order), "provider");
        vm.expectRevert(error_);
        orders.confirm(order, signed);
    }

    function _refuseClose(OrderId orderId, IOrders.OrderStatus asked, string memory name, bytes memory error_) private {
        PartySignature memory signed = signO(headOfClosing(orderId, asked), name);
        vm.expectRevert(error_);
        orders.close(orderId, asked, REASON, signed);
    }
}
