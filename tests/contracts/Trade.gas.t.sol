// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {AgreementHarness} from "../../contracts/mocks/AgreementHarness.sol";
import {AgreementId, BodyId, ProductId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {ComponentTerms, Part, Recipient} from "../../contracts/types/Terms.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Gas of products, orders and agreements, and their sizes
/// @notice Every row has bodies and objects of its own, made in `setUp`, so that their slots are cold. The contracts'
/// addresses are cold in a test's first row only: later rows show up to 7,500 less than a transaction alone. The
/// registry of participants is the stub, which checks signatures for real.
contract TradeGasTest is TradeFixture, GasGolden {
    struct Call {
        string name;
        bytes data;
    }

    Call[] private _productCalls;
    Call[] private _agreementCalls;
    Call[] private _orderCalls;

    function setUp() public override {
        super.setUp();
        _prepareProducts();
        _prepareActs();
        _prepareAgreements();
        _prepareEndings();
        _prepareOrders();
        _prepareClosings();
        _prepareViews();
    }

    function test_gasOfProducts_isGolden() public {
        _measure("ProductRegistry", address(products), _productCalls);
    }

    function test_gasOfAgreements_isGolden() public {
        _measure("DigitalContractRegistry", address(agreements), _agreementCalls);
    }

    function test_gasOfOrders_isGolden() public {
        _measure("Orders", address(orders), _orderCalls);
    }

    function _measure(string memory file, address target, Call[] storage calls) private {
        for (uint256 i = 0; i < calls.length; ++i) {
            recordGas(calls[i].name, target, calls[i].data);
        }
        recordPartyViews(target);
        record("bytes_of_code", target.code.length);
        requireGoldens(file);
    }

    function _prepareProducts() private {
        cast(" register");
        IProductRegistry.ProductVersion memory product = productOf("register", 1, 400_000);
        PartySignature memory signed = signP(headOfVersion(product), "provider");
        _addProduct("register_first", abi.encodeCall(IProductRegistry.register, (product, signed)));

        cast(" register_next");
        product = productOf("register_next", 1, 400_000);
        register(product);
        product = productOf("register_next", 2, 400_000);
        signed = signP(headOfVersion(product), "provider");
        _addProduct("register_next", abi.encodeCall(IProductRegistry.register, (product, signed)));

        for (uint32 weight = 0; weight < 2; ++weight) {
            string memory name = weight == 0 ? "review_private" : "review_public";
            cast(name);
            product = productOf(name, 1, weight);
            register(product);
            bytes memory head = headOfReview(product, true);
            PartySignature[] memory platforms =
                weight == 0 ? one(signP(head, "trading")) : two(signP(head, "trading"), signP(head, "authorisation"));
            _addProduct(name, abi.encodeCall(IProductRegistry.review, (product.productId, 1, true, REVIEW, platforms)));
        }

        cast(" file");
        product = productOf("file", 1, 1);
        register(product);
        review(product, true);
        signed = signP(headOfProductFiling(product, 300), "price");
        _addProduct("file", abi.encodeCall(IProductRegistry.file, (product.productId, 1, FILING, 300, signed)));
    }

    function _prepareActs() private {
        cast(" list");
        IProductRegistry.ProductVersion memory product = productOf("list", 1, 1);
        register(product);
        review(product, true);
        fileProduct(product, 300);
        _addAct("act_list", product, IProductRegistry.ProductAct.LIST, "provider");

        cast(" suspend");
        _addAct("act_suspend", listed("suspend", 1), IProductRegistry.ProductAct.SUSPEND, "trading");

        cast(" resume");
        product = listed("resume", 1);
        act(product, IProductRegistry.ProductAct.SUSPEND, "trading");
        _addAct("act_resume", product, IProductRegistry.ProductAct.RESUME, "trading");

        cast(" delist");
        _addAct("act_delist", listed("delist", 1), IProductRegistry.ProductAct.DELIST, "provider");

        cast(" freeze");
        product = listed("freeze", 1);
        PartySignature memory signed = signP(headOfFreeze(product.productId, true, 0), "regulator");
        _addProduct(
            "setFrozen",
            abi.encodeCall(IProductRegistry.setFrozen, (product.productId, true, REASON, 0, signed))
        );
    }

    function _prepareAgreements() private {
        for (uint256 count = 2; count <= 16; count += 14) {
            string memory name = string.concat("conclude_", vm.toString(count), "_parties");
            cast(name);
            IDigitalContractRegistry.Agreement memory agreement = agreementOf(name, listed(name, 400_000));
            string[] memory names;
            (agreement.parties, names) = manyParties(count);
            _addAgreement(name, _conclusion(agreement, names));
        }
        _prepareRecipients();
        cast("conclude_replacing");
        IDigitalContractRegistry.Agreement memory old = agreementOf("old", listed("replacing", 400_000));
        conclude(old);
        old.replaces = old.agreementId;
        old.agreementId = AgreementId.wrap("new");
        string[] memory two_ = new string[](2);
        (two_[0], two_[1]) = ("provider", "consumer");
        _addAgreement("conclude_replacing", _conclusion(old, two_));
    }

    /// @dev An agreement that pays ten recipients of one component.
    function _prepareRecipients() private {
        string memory name = "conclude_10_recipients";
        cast(name);
        ComponentTerms[] memory components = new ComponentTerms[](1);
        components[0].recipients = new Recipient[](10);
        for (uint256 i = 0; i < 10; ++i) {
            components[0].recipients[i] = Recipient(BodyId.wrap(bytes32(i + 1)), Part.PUBLIC, 100_000, 0, 1_000_000);
        }
        IDigitalContractRegistry.Agreement memory agreement = agreementOf(name, listed(name, 400_000));
        bytes32 hash = AgreementHarness(deployed("AgreementHarness", "")).hashComponentTerms(components[0]);
        agreement.componentsHash = keccak256(abi.encodePacked(hash));
        bytes memory head = headOfAgreement(agreement);
        PartySignature[] memory parties = two(signA(head, "provider"), signA(head, "consumer"));
        _addAgreement(name, abi.encodeCall(IDigitalContractRegistry.conclude, (agreement, components, parties)));
    }

    function _prepareEndings() private {
        IDigitalContractRegistry.Agreement memory agreement = _concluded("file agreement");
        PartySignature memory signed = signA(headOfAgreementFiling(agreement), "authorisation");
        _addAgreement("file", abi.encodeCall(IDigitalContractRegistry.file, (agreement.agreementId, FILING, signed)));

        agreement = _concluded("terminate");
        bytes memory head = headOfTermination(agreement.agreementId, LAST_SECOND, 0);
        PartySignature[] memory signers = two(signA(head, "provider"), signA(head, "consumer"));
        _addTermination("terminate_by_both", agreement, signers);

        agreement = _concluded("terminate by arbitrator");
        head = headOfTermination(agreement.agreementId, LAST_SECOND, 0);
        _addTermination("terminate_by_arbitrator", agreement, one(signA(head, "arbitrator")));
    }

    function _prepareOrders() private {
        cast(" place");
        IOrders.Order memory order = orderOf("place", listed("place", 1));
        PartySignature memory signed = signO(headOfOrder(order), "consumer");
        _addOrder("place_single", abi.encodeCall(IOrders.place, (order, signed)));

        order = _callOff("place call-off");
        signed = signO(headOfOrder(order), "consumer");
        _addOrder("place_call_off", abi.encodeCall(IOrders.place, (order, signed)));

        cast(" confirm");
        order = orderOf("confirm", listed("confirm", 1));
        place(order);
        signed = signO(headOfOrder(order), "provider");
        _addOrder("confirm_single", abi.encodeCall(IOrders.confirm, (order, signed)));

        order = _callOff("confirm call-off");
        place(order);
        signed = signO(headOfOrder(order), "provider");
        _addOrder("confirm_call_off", abi.encodeCall(IOrders.confirm, (order, signed)));
    }

    function _prepareClosings() private {
        cast(" close");
        IOrders.Order memory order = orderOf("close", listed("close", 1));
        place(order);
        IOrders.OrderStatus rejected = IOrders.OrderStatus.REJECTED;
        PartySignature memory signed = signO(headOfClosing(order.orderId, rejected), "provider");
        _addOrder("close", abi.encodeCall(IOrders.close, (order.orderId, rejected, REASON, signed)));

        cast(" attach");
        IProductRegistry.ProductVersion memory product = listed("attach", 1);
        order = orderOf("attach", product);
        place(order);
        confirm(order);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf("attach", product);
        agreement.orderId = order.orderId;
        conclude(agreement);
        _addOrder("attachAgreement", abi.encodeCall(IOrders.attachAgreement, (order, agreement.agreementId)));
    }

    function _prepareViews() private {
        IDigitalContractRegistry.Agreement memory agreement = _concluded("views");
        (ProductId product, AgreementId id) = (agreement.productId, agreement.agreementId);
        _addProduct("product", abi.encodeCall(IProductRegistry.product, (product)));
        _addProduct("productOf", abi.encodeCall(IProductRegistry.productOf, (product, 1)));
        _addProduct("requireNotFrozen", abi.encodeCall(IProductRegistry.requireNotFrozen, (product)));
        _addProduct("requireTradable", abi.encodeCall(IProductRegistry.requireTradable, (product, 1)));
        _addAgreement("agreementOf", abi.encodeCall(IDigitalContractRegistry.agreementOf, (id)));
        _addAgreement("bookingTermsHash", abi.encodeCall(IDigitalContractRegistry.bookingTermsHash, (id)));
        _addAgreement("deliveryTerms", abi.encodeCall(IDigitalContractRegistry.deliveryTerms, (id)));
        _addAgreement("partiesOf", abi.encodeCall(IDigitalContractRegistry.partiesOf, (id)));
        bytes memory call_ = abi.encodeCall(IDigitalContractRegistry.terminationCount, (id, party("provider")));
        _addAgreement("terminationCount", call_);
        _addAgreement("minAnswerSeconds", abi.encodeCall(IDigitalContractRegistry.minAnswerSeconds, ()));
        _addAgreement("products", abi.encodeCall(IDigitalContractRegistry.products, ()));
        _addAgreement("rules", abi.encodeCall(IDigitalContractRegistry.rules, ()));
        IOrders.Order memory order = orderOf("views", listed("views of orders", 1));
        place(order);
        _addOrder("orderOf", abi.encodeCall(IOrders.orderOf, (order.orderId)));
        _addOrder("agreements", abi.encodeCall(IOrders.agreements, ()));
        _addOrder("products", abi.encodeCall(IOrders.products, ()));
    }

    function _concluded(string memory name) private returns (IDigitalContractRegistry.Agreement memory agreement) {
        cast(name);
        agreement = agreementOf(name, listed(name, 1));
        conclude(agreement);
    }

    function _callOff(string memory name) private returns (IOrders.Order memory order) {
        cast(name);
        IProductRegistry.ProductVersion memory product = listed(name, 1);
        IDigitalContractRegistry.Agreement memory agreement = agreementOf(name, product);
        conclude(agreement);
        order = orderOf(name, product);
        order.kind = IOrders.OrderKind.CALL_OFF;
        order.agreementId = agreement.agreementId;
    }

    function _addAct(
        string memory name,
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductAct act_,
        string memory by
    ) private {
        uint256 nonce = products.productOf(product.productId, 1).revision;
        PartySignature memory signed = signP(headOfAct(product, act_, nonce), by);
        _addProduct(name, abi.encodeCall(IProductRegistry.act, (product.productId, 1, act_, REASON, nonce, signed)));
    }

    function _addTermination(
        string memory name,
        IDigitalContractRegistry.Agreement memory agreement,
        PartySignature[] memory signers
    ) private {
        bytes memory data = abi.encodeCall(
            IDigitalContractRegistry.terminate,
            (agreement.agreementId, LAST_SECOND, REASON, 0, signers)
        );
        _addAgreement(name, data);
    }

    function _addProduct(string memory name, bytes memory data) private {
        _productCalls.push(Call(name, data));
    }

    function _addAgreement(string memory name, bytes memory data) private {
        _agreementCalls.push(Call(name, data));
    }

    function _addOrder(string memory name, bytes memory data) private {
        _orderCalls.push(Call(name, data));
    }

    function _conclusion(
        IDigitalContractRegistry.Agreement memory agreement,
        string[] memory names
    ) private view returns (bytes memory) {
        bytes memory head = headOfAgreement(agreement);
        PartySignature[] memory signed = new PartySignature[](names.length);
        for (uint256 i = 0; i < names.length; ++i) {
            signed[i] = signA(head, names[i]);
        }
        return abi.encodeCall(IDigitalContractRegistry.conclude, (agreement, noComponents(), signed));
    }
}
