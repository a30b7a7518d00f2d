// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {AgreementId, BodyId, OrderId, ProductId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {Test} from "./helpers/Vm.sol";

/// @notice Everybody trades with valid signatures of their own: often the right body, often not, in any order. What is
/// refused is ignored; what succeeds is compared with what stood there before.
contract EveryTrader is TradeFixture {
    uint256 private constant _PRODUCTS = 2;
    uint256 private constant _VERSIONS = 2;
    uint256 private constant _NAMES = 4;

    /// @notice First rule that was broken, in words; empty for ever, one hopes.
    string public broken;
    mapping(string action => uint256 count) public done;

    mapping(bytes32 what => bytes32 content) private _content;
    mapping(bytes32 what => uint256 status) private _status;
    mapping(bytes32 what => uint256 last) private _last;

    /// @dev One version is on sale from the start, one with public data is reviewed, so that orders, agreements and
    /// filings are tried from the first call on.
    constructor() {
        super.setUp();
        listed("0", 0);
        IProductRegistry.ProductVersion memory product = productOf("1", 1, 1);
        register(product);
        review(product, true);
        _observeFirst();
    }

    error AlreadySetUp();

    /// @dev The constructor did it.
    function setUp() public pure override {
        revert AlreadySetUp();
    }

    function registerProduct(uint256 seed, uint64 price, bool isPublic) external {
        IProductRegistry.ProductVersion memory product = _product(seed);
        product.weights.publicWeight = isPublic ? 1 : 0;
        product.weights.enterpriseWeight = 1_000_000 - product.weights.publicWeight;
        product.unitPrice = price % 1000;
        PartySignature memory signed = signP(headOfVersion(product), _name(seed, "provider"));
        _try("register", address(products), abi.encodeCall(IProductRegistry.register, (product, signed)));
    }

    function reviewProduct(uint256 seed, bool approved, uint8 signatures) external {
        IProductRegistry.ProductVersion memory product = _registered(seed);
        bytes memory head = headOfReview(product, approved || seed % 2 == 0);
        PartySignature[] memory platforms =
            _isPublic(product) == (signatures % 8 == 0)
                ? one(signP(head, _name(seed, "trading")))
                : two(signP(head, "trading"), signP(head, _name(seed, "authorisation")));
        bytes memory data = abi.encodeCall(
            IProductRegistry.review,
            (product.productId, product.version, approved || seed % 2 == 0, REVIEW, platforms)
        );
        _try("review", address(products), data);
    }

    function fileProductVersion(uint256 seed, uint64 ceiling) external {
        IProductRegistry.ProductVersion memory product = _registered(seed);
        ceiling = ceiling % 2000;
        PartySignature memory signed = signP(headOfProductFiling(product, ceiling), _name(seed, "price"));
        bytes memory data = abi.encodeCall(
            IProductRegistry.file,
            (product.productId, product.version, FILING, ceiling, signed)
        );
        _try("fileProduct", address(products), data);
    }

    function actOnProduct(uint256 seed, uint8 kind) external {
        IProductRegistry.ProductVersion memory product = _product(seed);
        uint256 status = _statusOfProduct(product);
        IProductRegistry.ProductAct act_ = IProductRegistry.ProductAct(kind % 4);
        // what fits is asked for more often than the rest, or little would ever be on sale
        if (kind < 192) {
            bool isListed = status == uint256(IProductRegistry.ProductStatus.LISTED);
            bool isSuspended = status == uint256(IProductRegistry.ProductStatus.SUSPENDED);
            act_ = IProductRegistry.ProductAct(
                isListed
                    ? 1
                    : isSuspended
                        ? 2
                        : 0
            );
        }
        uint256 nonce = status == 0 ? 0 : products.productOf(product.productId, product.version).revision;
        PartySignature memory signed = signP(headOfAct(product, act_, nonce), _name(seed, "provider"));
        bytes memory data = abi.encodeCall(
            IProductRegistry.act,
            (product.productId, product.version, act_, REASON, nonce, signed)
        );
        _try(vm.toString(uint256(act_)), address(products), data);
    }

    function freezeProduct(uint256 seed) external {
        ProductId productId = _product(seed).productId;
        (, , bool isFrozen, uint32 nonce) = products.product(productId);
        PartySignature memory signed = signP(headOfFreeze(productId, !isFrozen, nonce), _name(seed, "regulator"));
        bytes memory data = abi.encodeCall(IProductRegistry.setFrozen, (productId, !isFrozen, REASON, nonce, signed));
        _try("setFrozen", address(products), data);
    }

    function placeOrder(uint256 seed, bool callOff) external {
        IOrders.Order memory order = _order(seed, callOff);
        PartySignature memory signed = signO(headOfOrder(order), _name(seed, "consumer"));
        _try("place", address(orders), abi.encodeCall(IOrders.place, (order, signed)));
    }

    function confirmOrder(uint256 seed, bool callOff) public {
        IOrders.Order memory order = _order(seed, callOff);
        PartySignature memory signed = signO(headOfOrder(order), _name(seed, "provider"));
        _try("confirm", address(orders), abi.encodeCall(IOrders.confirm, (order, signed)));
    }

    function closeOrder(uint256 seed, uint8 status) external {
        OrderId orderId = _order(seed, false).orderId;
        IOrders.OrderStatus asked = IOrders.OrderStatus(status % 7);
        PartySignature memory signed = signO(headOfClosing(orderId, asked), _name(seed, "consumer"));
        _try("close", address(orders), abi.encodeCall(IOrders.close, (orderId, asked, REASON, signed)));
    }

    /// @dev Tries to confirm the order and to conclude its agreement first: alone, the three rarely meet.
    function attach(uint256 seed, bool callOff, uint256 agreement) external {
        confirmOrder(seed, callOff);
        concludeAgreement(seed, true, 0);
        IOrders.Order memory order = _order(seed, callOff);
        AgreementId agreementId = _agreementId(agreement % 4 == 0 ? agreement / 4 : seed);
        _try("attach", address(orders), abi.encodeCall(IOrders.attachAgreement, (order, agreementId)));
    }

    function concludeAgreement(uint256 seed, bool ofOrder, uint8 replaces) public {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("", _product(seed % _PRODUCTS));
        agreement.agreementId = _agreementId(seed);
        agreement.orderId = ofOrder ? _order(seed, false).orderId : OrderId.wrap(0);
        agreement.replaces = replaces < 200 ? AgreementId.wrap(0) : _agreementId(replaces);
        agreement.validUntil = uint64(block.timestamp + (seed % 1_000_000));
        agreement.validFrom = agreement.validUntil - uint64(seed % 500_000);
        bytes memory head = headOfAgreement(agreement);
        PartySignature[] memory parties = two(signA(head, "provider"), signA(head, _name(seed, "consumer")));
        bytes memory call_ = abi.encodeCall(IDigitalContractRegistry.conclude, (agreement, noComponents(), parties));
        _try("conclude", address(agreements), call_);
    }

    function fileAgreement(uint256 seed) external {
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("", _product(0));
        agreement.agreementId = _agreementId(seed);
        PartySignature memory signed = signA(headOfAgreementFiling(agreement), _name(seed, "trading"));
        bytes memory data = abi.encodeCall(IDigitalContractRegistry.file, (agreement.agreementId, FILING, signed));
        _try("fileAgreement", address(agreements), data);
    }

    function endAgreement(uint256 seed, uint64 effectiveAt, bool byParties) external {
        AgreementId agreementId = _agreementId(seed);
        effectiveAt = uint64(block.timestamp - 1000 + (effectiveAt % 2_000_000));
        uint256 nonce = agreements.terminationCount(agreementId, idOf(byParties ? "provider" : "arbitrator"));
        bytes memory head = headOfTermination(agreementId, effectiveAt, nonce);
        PartySignature[] memory signers =
            byParties
                ? two(signA(head, "provider"), signA(head, _name(seed, "consumer")))
                : one(signA(head, _name(seed, "arbitrator")));
        bytes memory data = abi.encodeCall(
            IDigitalContractRegistry.terminate,
            (agreementId, effectiveAt, REASON, nonce, signers)
        );
        _try("terminate", address(agreements), data);
    }

    function pass(uint32 time) external {
        vm.warp(block.timestamp + (time % 100_000));
    }

    function _try(string memory action, address target, bytes memory data) private {
        (bool success, ) = target.call(data);
        if (success) {
            ++done[action];
            _observe();
        }
    }

    /// @dev What the constructor made, from where the table goes on.
    function _observeFirst() private {
        _status[keccak256(abi.encode("product", _product(0).productId, uint32(1)))] = 2;
        _status[keccak256(abi.encode("product", _product(1).productId, uint32(1)))] = 1;
        _observe();
    }

    function _observe() private {
        for (uint256 i = 0; i < _PRODUCTS * _VERSIONS; ++i) {
            _observeProduct(_product(i));
        }
        for (uint256 i = 0; i < _NAMES; ++i) {
            _observeAgreement(_agreementId(i));
            _observeOrder(_order(i, false).orderId);
        }
    }

    function _observeProduct(IProductRegistry.ProductVersion memory product) private {
        uint256 status = _statusOfProduct(product);
        if (status == 0) {
            return;
        }
        IProductRegistry.ProductRecord memory record = products.productOf(product.productId, product.version);
        bytes32 what = keccak256(abi.encode("product", product.productId, product.version));
        (BodyId provider, , , ) = products.product(product.productId);
        bytes memory content = abi.encode(provider, record.weights, record.currency, record.unitPrice);
        content = bytes.concat(content, record.contentDigest, record.priceRuleDigest);
        _keep(what, keccak256(content), "a version's content changed");
        if (status >= 4 && record.filingDigest != 0) {
            bytes32 filing = keccak256(abi.encode(record.filingDigest, record.ceilingUnitPrice));
            _keep(keccak256(abi.encode(what, "filing")), filing, "a filing changed");
        }
        // REGISTERED, REVIEWED, REFUSED, FILED, LISTED, SUSPENDED, DELISTED: bit n of a row allows to go to n
        uint256[8] memory next = [uint256(0x02), 0x8c, 0xb0, 0, 0xa0, 0xc0, 0xa0, 0];
        _move(what, status, next[_status[what]], "a version moved past its table");
        if (status == uint256(IProductRegistry.ProductStatus.LISTED) && record.weights.publicWeight != 0) {
            bool isFiled = record.filingDigest != 0 && record.unitPrice <= record.ceilingUnitPrice;
            _must(isFiled, "public data is on sale without filing or above its ceiling");
        }
        bool isSuspended = status == uint256(IProductRegistry.ProductStatus.SUSPENDED);
        _must(isSuspended == (record.suspendedBy != BodyId.wrap(0)), "suspended by nobody, or by a ghost");
    }

    function _observeAgreement(AgreementId agreementId) private {
        try agreements.agreementOf(agreementId) returns (IDigitalContractRegistry.AgreementRecord memory record) {
            bytes32 what = keccak256(abi.encode("agreement", agreementId));
            bytes memory content = abi.encode(record.provider, record.consumer, record.productId, record.orderId);
            content = bytes.concat(content, record.bookingTermsHash, record.contractDigest, bytes8(record.validFrom));
            _keep(what, keccak256(content), "an agreement's terms changed");
            uint256 status = uint256(record.status);
            uint256[4] memory next = [uint256(0x02), 0x0c, 0x08, 0];
            _move(what, status, next[_status[what]], "an agreement moved past its table");
            _must(_last[what] == 0 || record.validUntil <= _last[what], "an agreement's end moved away");
            _last[what] = record.validUntil;
        } catch {
            _must(_status[keccak256(abi.encode("agreement", agreementId))] == 0, "an agreement is gone");
        }
    }

    function _observeOrder(OrderId orderId) private {
        IOrders.OrderRecord memory record = orders.orderOf(orderId);
        bytes32 what = keccak256(abi.encode("order", orderId));
        uint256 status = uint256(record.status);
        // PLACED 1, CONFIRMED 2, CONTRACTED 3, REJECTED 4, WITHDRAWN 5, CANCELLED 6
        uint256[7] memory next = [uint256(0x02), 0x3c, 0x48, 0, 0, 0, 0];
        _move(what, status, next[_status[what]], "an order moved past its table");
        if (status == 0) {
            return;
        }
        bytes memory content = abi.encode(record.orderHash, record.provider, record.consumer, record.kind);
        _keep(what, keccak256(content), "an order's content changed");
        bool isContracted = status == uint256(IOrders.OrderStatus.CONTRACTED);
        bool isCallOff = record.kind == IOrders.OrderKind.CALL_OFF;
        bool named = AgreementId.unwrap(record.agreementId) != 0;
        _must(named == (isContracted || isCallOff), "an order has an agreement too early, or none");
    }

    /// @dev What was seen once is seen for ever.
    function _keep(bytes32 what, bytes32 content, string memory rule_) private {
        _must(_content[what] == 0 || _content[what] == content, rule_);
        _content[what] = content;
    }

    function _move(bytes32 what, uint256 status, uint256 allowed, string memory rule_) private {
        _must(status == _status[what] || (allowed >> status) & 1 == 1, rule_);
        _status[what] = status;
    }

    function _must(bool holds, string memory rule_) private {
        if (!holds && bytes(broken).length == 0) {
            broken = rule_;
        }
    }

    function _statusOfProduct(IProductRegistry.ProductVersion memory product) private view returns (uint256) {
        (, uint32 versions, , ) = products.product(product.productId);
        return product.version > versions ? 0 : uint256(products.productOf(product.productId, product.version).status);
    }

    function _product(uint256 seed) private view returns (IProductRegistry.ProductVersion memory) {
        string memory name = vm.toString(seed % _PRODUCTS);
        return productOf(name, uint32(1 + ((seed / _PRODUCTS) % _VERSIONS)), 0);
    }

    /// @dev As `_product`, with what was registered under it.
    function _registered(uint256 seed) private view returns (IProductRegistry.ProductVersion memory product) {
        product = _product(seed);
        if (_statusOfProduct(product) != 0) {
            IProductRegistry.ProductRecord memory record = products.productOf(product.productId, product.version);
            product.weights = record.weights;
            product.unitPrice = record.unitPrice;
        }
    }

    function _isPublic(IProductRegistry.ProductVersion memory product) private view returns (bool) {
        return
            _statusOfProduct(product) != 0 &&
            products.productOf(product.productId, product.version).weights.publicWeight != 0;
    }

    function _order(uint256 seed, bool callOff) private view returns (IOrders.Order memory order) {
        order = orderOf(vm.toString(seed % _NAMES), _product(seed % _PRODUCTS));
        if (callOff) {
            order.kind = IOrders.OrderKind.CALL_OFF;
            order.agreementId = _agreementId(seed);
        }
    }

    function _agreementId(uint256 seed) private pure returns (AgreementId) {
        return AgreementId.wrap(keccak256(abi.encode("agreement", seed % _NAMES)));
    }

    /// @dev The right body in seven cases of eight, otherwise any.
    function _name(uint256 seed, string memory right) private pure returns (string memory) {
        string[6] memory names = ["provider", "consumer", "trading", "authorisation", "regulator", "operator"];
        uint256 random = uint256(keccak256(abi.encode(seed)));
        return random % 8 == 0 ? names[(random >> 8) % 6] : right;
    }
}

/// @notice What holds after every sequence of acts of trade.
contract TradeInvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    EveryTrader private _traders;

    function setUp() public {
        _traders = new EveryTrader();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_traders);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[13] memory all = [
            EveryTrader.registerProduct.selector,
            EveryTrader.reviewProduct.selector,
            EveryTrader.fileProductVersion.selector,
            EveryTrader.actOnProduct.selector,
            EveryTrader.freezeProduct.selector,
            EveryTrader.placeOrder.selector,
            EveryTrader.confirmOrder.selector,
            EveryTrader.closeOrder.selector,
            EveryTrader.attach.selector,
            EveryTrader.concludeAgreement.selector,
            EveryTrader.fileAgreement.selector,
            EveryTrader.endAgreement.selector,
            EveryTrader.pass.selector
        ];
        bytes4[] memory selectors = new bytes4[](all.length);
        for (uint256 i = 0; i < all.length; ++i) {
            selectors[i] = all[i];
        }
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_traders), selectors);
    }

    /// @notice Every act succeeds in a long life: otherwise the invariant holds of nothing.
    function test_aLongLife_doesEverything() public {
        for (uint256 i = 0; i < 250; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            bool isEven = seed % 2 == 0;
            _traders.registerProduct(seed, uint64(seed >> 8), isEven);
            _traders.reviewProduct(seed, isEven, uint8(seed >> 8));
            _traders.fileProductVersion(seed, uint64(seed >> 16));
            _traders.actOnProduct(seed, uint8(seed >> 24));
            _traders.placeOrder(seed, seed % 4 == 0);
            _traders.closeOrder(seed, i % 3 == 0 ? 5 : uint8(seed >> 40)); // WITHDRAWN, before it is confirmed
            _traders.attach(seed, seed % 4 == 0, seed >> 32);
            _traders.concludeAgreement(seed, isEven, uint8(seed >> 48));
            _traders.fileAgreement(seed >> 4);
            _traders.endAgreement(seed >> 2, uint64(seed >> 56), isEven);
            _traders.pass(uint32(seed >> 64));
            if (i > 200) {
                _traders.freezeProduct(seed);
            }
        }
        string[15] memory names = [
            "register",
            "review",
            "fileProduct",
            "0",
            "1",
            "2",
            "3",
            "setFrozen",
            "place",
            "confirm",
            "close",
            "attach",
            "conclude",
            "fileAgreement",
            "terminate"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.assertTrue(_traders.done(names[i]) != 0, string.concat("never done: ", names[i]));
        }
        invariant_whatWasSignedStays();
    }

    /// @notice Versions, agreements and orders keep their content and move as their tables say.
    function invariant_whatWasSignedStays() public view {
        vm.assertEq(_traders.broken(), "", "broken rule");
    }
}
