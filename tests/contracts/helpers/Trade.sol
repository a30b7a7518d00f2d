// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {DigitalContractRegistry} from "../../../contracts/DigitalContractRegistry.sol";
import {Orders} from "../../../contracts/Orders.sol";
import {ProductRegistry} from "../../../contracts/ProductRegistry.sol";
import {IDigitalContractRegistry} from "../../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../../contracts/interfaces/IProductRegistry.sol";
import {ISettlementRules} from "../../../contracts/interfaces/ISettlementRules.sol";
import {StubRules} from "../../../contracts/mocks/StubRules.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {AgreementId, BodyId, Currency, OrderId} from "../../../contracts/types/Ids.sol";
import {ProductId, RuleVersion} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {ComponentTerms, PartWeights, PayBasis} from "../../../contracts/types/Terms.sol";
import {PartiesFixture} from "./Parties.sol";
import {deployed} from "./Deployed.sol";

/// @title Products, orders and agreements, and whoever signs them
/// @notice The three contracts as they are deployed; registry of participants and rules are stubs. Type strings are
/// spelled out here anew. `cast` makes the bodies; a suffix gives a test bodies of its own.
abstract contract TradeFixture is PartiesFixture {
    string internal constant PRODUCTS = "CityLedger ProductRegistry";
    string internal constant AGREEMENTS = "CityLedger DigitalContractRegistry";
    string internal constant ORDERS = "CityLedger Orders";
    string internal constant TAIL = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)";
    uint32 internal constant MIN_ANSWER = 86_400;
    uint64 internal constant LAST_SECOND = 1_900_000_000;
    bytes32 internal constant REASON = keccak256("reason");
    bytes32 internal constant FILING = keccak256("filing");
    bytes32 internal constant REVIEW = keccak256("review");

    ProductRegistry internal products;
    DigitalContractRegistry internal agreements;
    Orders internal orders;
    StubRules internal rules;
    string private _suffix;

    function setUp() public virtual override {
        super.setUp();
        rules = StubRules(deployed("StubRules", ""));
        products = ProductRegistry(deployed("ProductRegistry", abi.encode(registry())));
        agreements = DigitalContractRegistry(
            deployed(
                "DigitalContractRegistry",
                abi.encode(registry(), products, ISettlementRules(address(rules)), MIN_ANSWER)
            )
        );
        orders = Orders(deployed("Orders", abi.encode(registry(), products, agreements)));
        rules.set(rule(), ISettlementRules.RuleStatus.APPROVED);
        cast("");
    }

    /// @notice Admits one body of each kind; from now on `who` names these.
    function cast(string memory suffix) internal {
        _suffix = suffix;
        admit(who("provider"), BodyRoles.PROVIDER);
        admit(who("consumer"), BodyRoles.CONSUMER);
        admit(who("holder"), BodyRoles.DATA_HOLDER);
        admit(who("both"), BodyRoles.PROVIDER | BodyRoles.CONSUMER);
        admit(who("trading"), BodyRoles.TRADING_PLATFORM);
        admit(who("authorisation"), BodyRoles.AUTHORISATION_PLATFORM);
        admit(who("price"), BodyRoles.PRICE_AUTHORITY);
        admit(who("regulator"), BodyRoles.REGULATOR);
        admit(who("arbitrator"), BodyRoles.ARBITRATOR);
        admit(who("operator"), BodyRoles.OPERATOR);
    }

    function who(string memory name) internal view returns (string memory) {
        return string.concat(name, _suffix);
    }

    function party(string memory name) internal view returns (BodyId) {
        return idOf(who(name));
    }

    function rule() internal pure returns (RuleVersion) {
        return RuleVersion.wrap(keccak256("rule"));
    }

    // products

    function productOf(
        string memory name,
        uint32 version,
        uint32 publicWeight
    ) internal view returns (IProductRegistry.ProductVersion memory) {
        return
            IProductRegistry.ProductVersion(
                ProductId.wrap(keccak256(abi.encode("product", name))),
                version,
                party("provider"),
                keccak256(abi.encode("content", name, version)),
                keccak256(abi.encode("price rule", name, version)),
                PartWeights(publicWeight, 1_000_000 - publicWeight, 0),
                Currency.wrap("CNY"),
                250
            );
    }

    function headOfVersion(IProductRegistry.ProductVersion memory product) internal pure returns (bytes memory) {
        return
            abi.encode(
                typed(
                    "ProductVersion(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,"
                    "bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,"
                    "bytes3 currency,uint64 unitPrice,"
                ),
                product
            );
    }

    function headOfReview(
        IProductRegistry.ProductVersion memory product,
        bool approved
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = typed(
            "ProductReview(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,"
            "bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,"
            "bytes3 currency,uint64 unitPrice,bool approved,bytes32 reviewDigest,"
        );
        return abi.encode(typeHash, product, approved, REVIEW);
    }

    function headOfProductFiling(
        IProductRegistry.ProductVersion memory product,
        uint64 ceiling
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = typed(
            "ProductFiling(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,"
            "bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,"
            "bytes3 currency,uint64 unitPrice,bytes32 filingDigest,uint64 ceilingUnitPrice,"
        );
        return abi.encode(typeHash, product, FILING, ceiling);
    }

    function headOfAct(
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductAct act_,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = typed(
            "ProductAct(bytes32 productId,uint32 version,uint8 act,bytes32 reasonDigest,uint256 nonce,"
        );
        return abi.encode(typeHash, product.productId, product.version, act_, REASON, nonce);
    }

    function headOfFreeze(ProductId productId, bool frozen, uint256 nonce) internal pure returns (bytes memory) {
        bytes32 typeHash = typed("ProductFreeze(bytes32 productId,bool frozen,bytes32 reasonDigest,uint256 nonce,");
        return abi.encode(typeHash, productId, frozen, REASON, nonce);
    }

    function register(IProductRegistry.ProductVersion memory product) internal {
        products.register(product, signP(headOfVersion(product), "provider"));
    }

    function review(IProductRegistry.ProductVersion memory product, bool approved) internal {
        bytes memory head = headOfReview(product, approved);
        PartySignature[] memory platforms =
            product.weights.publicWeight == 0
                ? one(signP(head, "trading"))
                : two(signP(head, "trading"), signP(head, "authorisation"));
        products.review(product.productId, product.version, approved, REVIEW, platforms);
    }

    function fileProduct(IProductRegistry.ProductVersion memory product, uint64 ceiling) internal {
        PartySignature memory authority = signP(headOfProductFiling(product, ceiling), "price");
        products.file(product.productId, product.version, FILING, ceiling, authority);
    }

    function act(
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductAct act_,
        string memory name
    ) internal {
        uint256 nonce = products.productOf(product.productId, product.version).revision;
        PartySignature memory signed = signP(headOfAct(product, act_, nonce), name);
        products.act(product.productId, product.version, act_, REASON, nonce, signed);
    }

    function setFrozen(ProductId productId, bool frozen) internal {
        (, , , uint32 nonce) = products.product(productId);
        PartySignature memory signed = signP(headOfFreeze(productId, frozen, nonce), "regulator");
        products.setFrozen(productId, frozen, REASON, nonce, signed);
    }

    /// @notice A product with this public weight, up to its listing.
    function listed(
        string memory name,
        uint32 publicWeight
    ) internal returns (IProductRegistry.ProductVersion memory product) {
        product = productOf(name, 1, publicWeight);
        register(product);
        review(product, true);
        if (publicWeight != 0) {
            fileProduct(product, 300);
        }
        act(product, IProductRegistry.ProductAct.LIST, "provider");
    }

    // orders

    function orderOf(
        string memory name,
        IProductRegistry.ProductVersion memory product
    ) internal view returns (IOrders.Order memory order) {
        order.orderId = OrderId.wrap(keccak256(abi.encode("order", name)));
        order.kind = IOrders.OrderKind.SINGLE;
        order.productId = product.productId;
        order.productVersion = product.version;
        order.provider = party("provider");
        order.consumer = party("consumer");
        order.quantity = 1000;
        order.priceRuleDigest = product.priceRuleDigest;
        order.contentDigest = keccak256(abi.encode("order content", name));
        order.validUntil = LAST_SECOND;
    }

    function headOfOrder(IOrders.Order memory order) internal pure returns (bytes memory) {
        return
            abi.encode(
                typed(
                    "Order(bytes32 orderId,uint8 kind,bytes32 productId,uint32 productVersion,bytes32 provider,"
                    "bytes32 consumer,bytes32 agreementId,uint64 quantity,bytes32 priceRuleDigest,"
                    "bytes32 contentDigest,uint64 validUntil,"
                ),
                order
            );
    }

    function headOfClosing(OrderId orderId, IOrders.OrderStatus status) internal pure returns (bytes memory) {
        return
            abi.encode(
                typed("OrderClosing(bytes32 orderId,uint8 status,bytes32 reasonDigest,"),
                orderId,
                status,
                REASON
            );
    }

    function place(IOrders.Order memory order) internal {
        orders.place(order, signO(headOfOrder(order), "consumer"));
    }

    function confirm(IOrders.Order memory order) internal {
        orders.confirm(order, signO(headOfOrder(order), "provider"));
    }

    function close(OrderId orderId, IOrders.OrderStatus status, string memory name) internal {
        orders.close(orderId, status, REASON, signO(headOfClosing(orderId, status), name));
    }

    // agreements

    function agreementOf(
        string memory name,
        IProductRegistry.ProductVersion memory product
    ) internal view returns (IDigitalContractRegistry.Agreement memory agreement) {
        agreement.agreementId = AgreementId.wrap(keccak256(abi.encode("agreement", name)));
        agreement.productId = product.productId;
        agreement.productVersion = product.version;
        agreement.parties = new BodyId[](2);
        agreement.parties[0] = party("provider");
        agreement.parties[1] = party("consumer");
        agreement.contractDigest = keccak256(abi.encode("contract", name));
        agreement.ruleVersion = rule();
        agreement.priceRuleDigest = product.priceRuleDigest;
        agreement.silenceAccepts = true;
        agreement.answerSeconds = MIN_ANSWER;
        agreement.payBasis = PayBasis.ACCRUED;
        agreement.validFrom = 1_800_000_000;
        agreement.validUntil = LAST_SECOND;
        // no components, nothing to be paid: what those are held to has tests of its own
        agreement.componentsHash = keccak256("");
    }

    function headOfAgreement(IDigitalContractRegistry.Agreement memory a) internal pure returns (bytes memory) {
        bytes memory parties;
        for (uint256 i = 0; i < a.parties.length; ++i) {
            parties = bytes.concat(parties, BodyId.unwrap(a.parties[i]));
        }
        bytes32 typeHash = keccak256(
            "Agreement(bytes32 agreementId,bytes32 orderId,bytes32 productId,uint32 productVersion,bytes32[] parties,"
            "bytes32 contractDigest,bytes32 ruleVersion,bytes32 priceRuleDigest,bool silenceAccepts,"
            "uint32 answerSeconds,uint8 payBasis,uint64 validFrom,uint64 validUntil,bytes32 replaces,"
            "ComponentTerms[] components,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
            "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,"
            "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)"
            "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
        );
        return
            bytes.concat(
                abi.encode(typeHash, a.agreementId, a.orderId, a.productId, a.productVersion),
                abi.encode(keccak256(parties), a.contractDigest, a.ruleVersion, a.priceRuleDigest, a.silenceAccepts),
                abi.encode(a.answerSeconds, a.payBasis, a.validFrom, a.validUntil, a.replaces, a.componentsHash)
            );
    }

    function headOfAgreementFiling(
        IDigitalContractRegistry.Agreement memory agreement
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = typed("AgreementFiling(bytes32 agreementId,bytes32 contractDigest,bytes32 filingDigest,");
        return abi.encode(typeHash, agreement.agreementId, agreement.contractDigest, FILING);
    }

    function headOfTermination(
        AgreementId agreementId,
        uint64 effectiveAt,
        uint256 nonce
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = typed(
            "Termination(bytes32 agreementId,uint64 effectiveAt,bytes32 reasonDigest,uint256 nonce,"
        );
        return abi.encode(typeHash, agreementId, effectiveAt, REASON, nonce);
    }

    function conclude(IDigitalContractRegistry.Agreement memory agreement) internal {
        bytes memory head = headOfAgreement(agreement);
        agreements.conclude(agreement, noComponents(), two(signA(head, "provider"), signA(head, "consumer")));
    }

    function noComponents() internal pure returns (ComponentTerms[] memory) {}

    function terminate(AgreementId agreementId, uint64 effectiveAt) internal {
        uint256 nonce = agreements.terminationCount(agreementId, idOf("arbitrator"));
        bytes memory head = headOfTermination(agreementId, effectiveAt, nonce);
        agreements.terminate(agreementId, effectiveAt, REASON, nonce, one(signA(head, "arbitrator")));
    }

    /// @notice Provider, consumer, and as many others as are missing, by ascending ids; and the names of all.
    function manyParties(uint256 count) internal returns (BodyId[] memory parties, string[] memory names) {
        parties = new BodyId[](count);
        names = new string[](count);
        (parties[0], names[0]) = (party("provider"), "provider");
        (parties[1], names[1]) = (party("consumer"), "consumer");
        for (uint256 i = 2; i < count; ++i) {
            string memory name = string.concat("third ", vm.toString(i));
            BodyId id = admit(who(name), BodyRoles.SERVICE_PARTY);
            uint256 spot = i;
            for (; spot > 2 && BodyId.unwrap(parties[spot - 1]) > BodyId.unwrap(id); --spot) {
                (parties[spot], names[spot]) = (parties[spot - 1], names[spot - 1]);
            }
            (parties[spot], names[spot]) = (id, name);
        }
    }

    // signatures

    function signP(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return sign(PRODUCTS, address(products), head, who(name), BUSINESS);
    }

    function signO(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return sign(ORDERS, address(orders), head, who(name), BUSINESS);
    }

    function signA(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return sign(AGREEMENTS, address(agreements), head, who(name), BUSINESS);
    }

    function typed(string memory fields) internal pure returns (bytes32) {
        return keccak256(bytes(string.concat(fields, TAIL)));
    }

    function one(PartySignature memory a) internal pure returns (PartySignature[] memory list) {
        list = new PartySignature[](1);
        list[0] = a;
    }

    function two(
        PartySignature memory a,
        PartySignature memory b
    ) internal pure returns (PartySignature[] memory list) {
        list = new PartySignature[](2);
        (list[0], list[1]) = (a, b);
    }
}
