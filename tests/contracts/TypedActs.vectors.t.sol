// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {AgreementHarness} from "../../contracts/mocks/AgreementHarness.sol";
import {AgreementId, BodyId, Currency, OrderId} from "../../contracts/types/Ids.sol";
import {PeriodId, ProductId, RuleVersion} from "../../contracts/types/Ids.sol";
import {Component, ComponentTerms, Part, PartWeights, PayBasis, Recipient} from "../../contracts/types/Terms.sol";
import {ActVectors} from "./helpers/ActVectors.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Products
contract ProductActsVectorsTest is ActVectors {
    function test_vectors_ofProducts_areWhatTheLibraryBuilds() public {
        vm.assertEq(checkAll("ProductRegistry"), 15);
    }

    function headOf(string memory primaryType) internal view override returns (bytes memory) {
        ProductId productId = ProductId.wrap(word("productId"));
        if (isType(primaryType, "ProductFreeze")) {
            return harness.headOfFreeze(productId, flag("frozen"), word("reasonDigest"), number("nonce"));
        }
        uint32 version = uint32(number("version"));
        if (isType(primaryType, "ProductVersion")) {
            return harness.headOfVersion(_version(productId, version));
        }
        if (isType(primaryType, "ProductReview")) {
            return harness.headOfReview(_version(productId, version), flag("approved"), word("reviewDigest"));
        }
        if (isType(primaryType, "ProductFiling")) {
            uint64 ceiling = uint64(number("ceilingUnitPrice"));
            return harness.headOfProductFiling(_version(productId, version), word("filingDigest"), ceiling);
        }
        IProductRegistry.ProductAct act = IProductRegistry.ProductAct(number("act"));
        return harness.headOfAct(productId, version, act, word("reasonDigest"), number("nonce"));
    }

    function _version(
        ProductId productId,
        uint32 version
    ) private view returns (IProductRegistry.ProductVersion memory) {
        return
            IProductRegistry.ProductVersion(
                productId,
                version,
                BodyId.wrap(word("provider")),
                word("contentDigest"),
                word("priceRuleDigest"),
                PartWeights(
                    uint32(number("publicWeight")),
                    uint32(number("enterpriseWeight")),
                    uint32(number("personalWeight"))
                ),
                Currency.wrap(bytes3(bytesOf("currency"))),
                uint64(number("unitPrice"))
            );
    }
}

/// @title Orders
contract OrderActsVectorsTest is ActVectors {
    function test_vectors_ofOrders_areWhatTheLibraryBuilds() public {
        vm.assertEq(checkAll("Orders"), 6);
    }

    function headOf(string memory primaryType) internal view override returns (bytes memory) {
        OrderId orderId = OrderId.wrap(word("orderId"));
        if (isType(primaryType, "OrderClosing")) {
            return harness.headOfClosing(orderId, IOrders.OrderStatus(number("status")), word("reasonDigest"));
        }
        IOrders.Order memory order;
        order.orderId = orderId;
        order.kind = IOrders.OrderKind(number("kind"));
        order.productId = ProductId.wrap(word("productId"));
        order.productVersion = uint32(number("productVersion"));
        order.provider = BodyId.wrap(word("provider"));
        order.consumer = BodyId.wrap(word("consumer"));
        order.agreementId = AgreementId.wrap(word("agreementId"));
        order.quantity = uint64(number("quantity"));
        order.priceRuleDigest = word("priceRuleDigest");
        order.contentDigest = word("contentDigest");
        order.validUntil = uint64(number("validUntil"));
        return harness.headOfOrder(order);
    }
}

/// @title Agreements, and the hashes of their terms
contract AgreementActsVectorsTest is ActVectors {
    AgreementHarness private _terms;

    function setUp() public override {
        super.setUp();
        _terms = AgreementHarness(deployed("AgreementHarness", ""));
    }

    function test_vectors_ofAgreements_areWhatTheLibraryBuilds() public {
        vm.assertEq(checkAll("DigitalContractRegistry"), 9);
    }

    function headOf(string memory primaryType) internal view override returns (bytes memory) {
        AgreementId agreementId = AgreementId.wrap(word("agreementId"));
        if (isType(primaryType, "AgreementFiling")) {
            return harness.headOfAgreementFiling(agreementId, word("contractDigest"), word("filingDigest"));
        }
        if (isType(primaryType, "Termination")) {
            return
                harness.headOfTermination(
                    agreementId,
                    uint64(number("effectiveAt")),
                    word("reasonDigest"),
                    number("nonce")
                );
        }
        IDigitalContractRegistry.Agreement memory agreement;
        agreement.agreementId = agreementId;
        agreement.orderId = OrderId.wrap(word("orderId"));
        agreement.productId = ProductId.wrap(word("productId"));
        agreement.productVersion = uint32(number("productVersion"));
        agreement.parties = new BodyId[](countOf("parties"));
        for (uint256 i = 0; i < agreement.parties.length; ++i) {
            agreement.parties[i] = BodyId.wrap(word(item("parties", i)));
        }
        agreement.contractDigest = word("contractDigest");
        agreement.ruleVersion = RuleVersion.wrap(word("ruleVersion"));
        agreement.priceRuleDigest = word("priceRuleDigest");
        agreement.silenceAccepts = flag("silenceAccepts");
        agreement.answerSeconds = uint32(number("answerSeconds"));
        agreement.payBasis = PayBasis(number("payBasis"));
        agreement.validFrom = uint64(number("validFrom"));
        agreement.validUntil = uint64(number("validUntil"));
        agreement.replaces = AgreementId.wrap(word("replaces"));
        agreement.componentsHash = _componentsHash();
        vm.assertEq(agreement.componentsHash, vm.parseJsonBytes32(json, string.concat(prefix, ".componentsHash")));
        return harness.headOfAgreement(agreement);
    }

    function _componentsHash() private view returns (bytes32) {
        bytes memory hashes;
        for (uint256 i = 0; i < countOf("components"); ++i) {
            hashes = bytes.concat(hashes, _terms.hashComponentTerms(_component(item("components", i))));
        }
        return keccak256(hashes);
    }

    function _component(string memory path) private view returns (ComponentTerms memory terms) {
        terms.component = Component(number(string.concat(path, ".component")));
        terms.bases = uint8(number(string.concat(path, ".bases")));
        terms.currency = Currency.wrap(bytes3(bytesOf(string.concat(path, ".currency"))));
        terms.maxUnitPrice = uint64(number(string.concat(path, ".maxUnitPrice")));
        terms.fixedAmount = uint64(number(string.concat(path, ".fixedAmount")));
        terms.firstPeriod = PeriodId.wrap(uint32(number(string.concat(path, ".firstPeriod"))));
        terms.lastPeriod = PeriodId.wrap(uint32(number(string.concat(path, ".lastPeriod"))));
        string memory recipients = string.concat(path, ".recipients");
        terms.recipients = new Recipient[](countOf(recipients));
        for (uint256 i = 0; i < terms.recipients.length; ++i) {
            string memory one = item(recipients, i);
            terms.recipients[i] = Recipient(
                BodyId.wrap(word(string.concat(one, ".recipient"))),
                Part(number(string.concat(one, ".part"))),
                uint32(number(string.concat(one, ".share"))),
                uint32(number(string.concat(one, ".minShare"))),
                uint32(number(string.concat(one, ".maxShare")))
            );
        }
    }
}

/// @title The other contracts: type string, tail, domain, digest and signature
/// @notice The head is taken as stated here; whoever has its library compares the head too, as above.
contract OtherActsVectorsTest is ActVectors {
    function test_vectors_ofTheOthers_areDigestedAndSignedAsStated() public {
        vm.assertEq(checkAll("ParticipantRegistry"), 27);
        vm.assertEq(checkAll("SettlementRules"), 9);
        vm.assertEq(checkAll("DeliveryReceipts"), 12);
        vm.assertEq(checkAll("Disputes"), 12);
        vm.assertEq(checkAll("RevenueSettlement"), 9);
        vm.assertEq(checkAll("DistributionTables"), 21);
        vm.assertEq(checkAll("Payouts"), 18);
    }

    function headOf(string memory) internal view override returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(prefix, ".head"));
    }
}
