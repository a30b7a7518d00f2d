// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {TradeActsBehaviour} from "./behaviours/TradeActs.sol";

/// @title Every signature that orders take
contract OrdersActsTest is TradeActsBehaviour {
    enum Rows {
        PLACE,
        CONFIRM,
        REJECT,
        WITHDRAW,
        CANCEL_BY_PROVIDER,
        CANCEL_BY_CONSUMER
    }

    IProductRegistry.ProductVersion private _product;
    IOrders.Order private _order;

    function setUp() public override {
        super.setUp();
        _product = listed("product", 0);
    }

    function rows() internal pure override returns (uint256) {
        return uint256(type(Rows).max) + 1;
    }

    function target() internal view override returns (address) {
        return address(orders);
    }

    function domain() internal pure override returns (string memory) {
        return ORDERS;
    }

    function prepare(uint256 number) internal override returns (Row memory) {
        Rows row = Rows(number);
        _order = orderOf(vm.toString(number), _product);
        bytes memory head = headOfOrder(_order);
        if (row == Rows.PLACE) {
            return Row("place", "consumer", true, BodyRoles.CONSUMER, false, head);
        }
        place(_order);
        if (row == Rows.CONFIRM) {
            return Row("confirm", "provider", true, 0, false, head);
        }
        if (row >= Rows.CANCEL_BY_PROVIDER) {
            confirm(_order);
        }
        bool isProvider = row == Rows.REJECT || row == Rows.CANCEL_BY_PROVIDER;
        head = headOfClosing(_order.orderId, _statusOf(row));
        return Row("close", isProvider ? "provider" : "consumer", true, 0, true, head);
    }

    function callOf(uint256 number, PartySignature memory signed) internal view override returns (bytes memory) {
        Rows row = Rows(number);
        if (row == Rows.PLACE) {
            return abi.encodeCall(IOrders.place, (_order, signed));
        }
        if (row == Rows.CONFIRM) {
            return abi.encodeCall(IOrders.confirm, (_order, signed));
        }
        return abi.encodeCall(IOrders.close, (_order.orderId, _statusOf(row), REASON, signed));
    }

    function errorOfReplay(uint256 number) internal view override returns (bytes memory) {
        Rows row = Rows(number);
        if (row == Rows.PLACE) {
            return abi.encodeWithSelector(IOrders.OrdersAlreadyPlaced.selector, _order.orderId);
        }
        IOrders.OrderStatus status = row == Rows.CONFIRM ? IOrders.OrderStatus.CONFIRMED : _statusOf(row);
        return abi.encodeWithSelector(IOrders.OrdersWrongStatus.selector, _order.orderId, status);
    }

    function errorForAnother(
        uint256 number,
        Row memory row,
        BodyId signer
    ) internal view override returns (bytes memory) {
        if (Rows(number) >= Rows.REJECT) {
            bytes4 wrongClosing = IOrders.OrdersWrongClosing.selector;
            return abi.encodeWithSelector(wrongClosing, _order.orderId, _statusOf(Rows(number)));
        }
        return super.errorForAnother(number, row, signer);
    }

    function _statusOf(Rows row) private pure returns (IOrders.OrderStatus) {
        if (row == Rows.REJECT) {
            return IOrders.OrderStatus.REJECTED;
        }
        return row == Rows.WITHDRAW ? IOrders.OrderStatus.WITHDRAWN : IOrders.OrderStatus.CANCELLED;
    }
}
