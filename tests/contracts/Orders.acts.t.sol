// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {TradeFixture} from "./helpers/Trade.sol";

/// @title Every signature that orders take
contract OrdersActsTest is TradeFixture, SignedActs {
    enum Rows {
        PLACE,
        CONFIRM,
        REJECT,
        WITHDRAW,
        CANCEL_BY_PROVIDER,
        CANCEL_BY_CONSUMER
    }

    Rows private _row;
    IProductRegistry.ProductVersion private _product;
    IOrders.Order private _order;

    function setUp() public override(PartiesFixture, TradeFixture) {
        TradeFixture.setUp();
        _product = listed("product", 0);
    }

    function test_everySignature_isHeldToTheTable() public {
        for (uint256 i = 0; i <= uint256(type(Rows).max); ++i) {
            _row = Rows(i);
            (string memory name, string memory signer, bytes memory head) = _prepare(vm.toString(i));
            checkAct(Act(name, ORDERS, address(orders), head, signer, _callOf, _errorOfReplay()));
        }
    }

    /// @dev Makes objects of its own for the row, up to the state in which its act is due.
    function _prepare(string memory name) private returns (string memory, string memory, bytes memory) {
        Rows row = _row;
        _order = orderOf(name, _product);
        bytes memory head = headOfOrder(_order);
        if (row == Rows.PLACE) {
            return ("Orders.place.consumer", "consumer", head);
        }
        place(_order);
        if (row == Rows.CONFIRM) {
            return ("Orders.confirm.provider", "provider", head);
        }
        if (row >= Rows.CANCEL_BY_PROVIDER) {
            confirm(_order);
        }
        head = headOfClosing(_order.orderId, _statusOf(row));
        if (row == Rows.REJECT) {
            return ("Orders.close.reject", "provider", head);
        }
        if (row == Rows.WITHDRAW) {
            return ("Orders.close.withdraw", "consumer", head);
        }
        if (row == Rows.CANCEL_BY_PROVIDER) {
            return ("Orders.close.cancelByProvider", "provider", head);
        }
        return ("Orders.close.cancelByConsumer", "consumer", head);
    }

    /// @dev The row's call with this signature in its place.
    function _callOf(PartySignature memory signed) private view returns (bytes memory) {
        Rows row = _row;
        if (row == Rows.PLACE) {
            return abi.encodeCall(IOrders.place, (_order, signed));
        }
        if (row == Rows.CONFIRM) {
            return abi.encodeCall(IOrders.confirm, (_order, signed));
        }
        return abi.encodeCall(IOrders.close, (_order.orderId, _statusOf(row), REASON, signed));
    }

    function _errorOfReplay() private view returns (bytes memory) {
        Rows row = _row;
        if (row == Rows.PLACE) {
            return abi.encodeWithSelector(IOrders.OrdersAlreadyPlaced.selector, _order.orderId);
        }
        IOrders.OrderStatus status = row == Rows.CONFIRM ? IOrders.OrderStatus.CONFIRMED : _statusOf(row);
        return abi.encodeWithSelector(IOrders.OrdersWrongStatus.selector, _order.orderId, status);
    }

    /// @dev Who may close an order, and how, is one question.
    function refusalOf(
        Act memory act,
        Signer memory signer,
        BodyId body
    ) internal view override returns (bytes memory) {
        if (_row >= Rows.REJECT) {
            return abi.encodeWithSelector(IOrders.OrdersWrongClosing.selector, _order.orderId, _statusOf(_row));
        }
        return super.refusalOf(act, signer, body);
    }

    function _statusOf(Rows row) private pure returns (IOrders.OrderStatus) {
        if (row == Rows.REJECT) {
            return IOrders.OrderStatus.REJECTED;
        }
        return row == Rows.WITHDRAW ? IOrders.OrderStatus.WITHDRAWN : IOrders.OrderStatus.CANCELLED;
    }
}
