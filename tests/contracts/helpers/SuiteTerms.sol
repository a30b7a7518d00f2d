// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IOrders} from "../../../contracts/interfaces/IOrders.sol";
import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../../contracts/interfaces/IProductRegistry.sol";
import {ISettlementRules} from "../../../contracts/interfaces/ISettlementRules.sol";
import {AgreementId, BodyId, ConnectorId, OrderId} from "../../../contracts/types/Ids.sol";
import {PeriodId, ProductId, RuleVersion, StreamId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BookingTerms, Component, ComponentProof, ComponentTerms} from "../../../contracts/types/Terms.sol";
import {Part, PartWeights, PayBasis, Recipient} from "../../../contracts/types/Terms.sol";
import {SuiteGhost} from "./SuiteGhost.sol";

/// @title What the honest parties agree upon: rule, product, order, agreement, stream
/// @notice One product of public and enterprise data, one agreement of three components with four recipients, one of
/// whom is a platform and one the operator.
abstract contract SuiteTerms is SuiteGhost {
    AgreementId public constant AGREEMENT = AgreementId.wrap(keccak256("agreement"));
    ProductId public constant PRODUCT = ProductId.wrap(keccak256("product"));
    OrderId public constant ORDER = OrderId.wrap(keccak256("order"));
    ConnectorId public constant CONNECTOR = ConnectorId.wrap(keccak256("connector"));
    bytes32 internal constant REASON = keccak256("reason");
    bytes32 internal constant PRICE_RULE = keccak256("price rule");
    uint64 internal constant UNIT_PRICE = 5_000_000;
    uint64 internal constant CEILING = 6_000_000;
    uint64 internal constant FIXED_AMOUNT = 100_001;
    uint256 internal constant PERIODS = 3;
    uint32 private constant _FIRST_PERIOD = 202701;

    RuleVersion public ruleVersion;
    StreamId public streamId;

    function theOrder() public pure returns (IOrders.Order memory) {
        return
            IOrders.Order(
                ORDER,
                IOrders.OrderKind.SINGLE,
                PRODUCT,
                1,
                idOf("provider"),
                idOf("consumer"),
                AgreementId.wrap(0),
                1000,
                PRICE_RULE,
                REASON,
                QUALIFIED_UNTIL
            );
    }

    function theAgreement() public view returns (IDigitalContractRegistry.Agreement memory agreement) {
        (agreement.agreementId, agreement.orderId, agreement.productId) = (AGREEMENT, ORDER, PRODUCT);
        agreement.productVersion = 1;
        agreement.parties = new BodyId[](2);
        (agreement.parties[0], agreement.parties[1]) = (idOf("provider"), idOf("consumer"));
        (agreement.contractDigest, agreement.ruleVersion) = (keccak256("contract"), ruleVersion);
        (agreement.priceRuleDigest, agreement.silenceAccepts) = (PRICE_RULE, true);
        (agreement.answerSeconds, agreement.payBasis) = (ANSWER_SECONDS, PayBasis.COLLECTED);
        (agreement.validFrom, agreement.validUntil) = (1_800_000_000, QUALIFIED_UNTIL);
        agreement.componentsHash = componentsHash();
    }

    function bookingTerms() public view returns (BookingTerms memory) {
        return BookingTerms(ruleVersion, PRICE_RULE, true, PayBasis.COLLECTED, true, CEILING, CNY, componentsHash());
    }

    function components() public pure returns (ComponentTerms[] memory all) {
        all = new ComponentTerms[](3);
        all[0] = termsOf(Component.BASE_FEE);
        all[1] = termsOf(Component.USAGE_SHARE);
        all[2] = termsOf(Component.COMMISSION);
    }

    function componentProof(Component component) public view returns (ComponentProof memory proof) {
        proof.componentHashes = new bytes32[](3);
        proof.componentHashes[0] = heads.hashComponentTerms(termsOf(Component.BASE_FEE));
        proof.componentHashes[1] = heads.hashComponentTerms(termsOf(Component.USAGE_SHARE));
        proof.componentHashes[2] = heads.hashComponentTerms(termsOf(Component.COMMISSION));
        proof.place = component == Component.BASE_FEE ? 0 : 1;
        proof.terms = termsOf(component);
    }

    function componentsHash() public view returns (bytes32) {
        return keccak256(abi.encodePacked(componentProof(Component.BASE_FEE).componentHashes));
    }

    function termsOf(Component component) public pure returns (ComponentTerms memory) {
        bool isFee = component == Component.BASE_FEE;
        return
            ComponentTerms(
                component,
                isFee ? 12 : 11,
                CNY,
                UNIT_PRICE,
                isFee ? FIXED_AMOUNT : 0,
                periodOf(0),
                periodOf(PERIODS - 1),
                recipients()
            );
    }

    /// @notice Holder and authorisation platform share the public part, provider and operator the enterprises'.
    function recipients() public pure virtual returns (Recipient[] memory entries) {
        entries = new Recipient[](4);
        (entries[0], entries[1]) = _inOrder(
            Recipient(idOf("holder"), Part.PUBLIC, 700_000, 0, 1_000_000),
            Recipient(idOf("authorisation"), Part.PUBLIC, 300_000, 0, 1_000_000)
        );
        (entries[2], entries[3]) = _inOrder(
            Recipient(idOf("provider"), Part.ENTERPRISE, 800_000, 0, 1_000_000),
            Recipient(idOf("operator"), Part.ENTERPRISE, 200_000, 0, 1_000_000)
        );
    }

    function weightsOf(uint16 revision) public pure returns (PartWeights memory) {
        uint32 publicWeight = 500_000 + (revision % 3) * 100_000;
        return PartWeights(publicWeight, 1_000_000 - publicWeight, 0);
    }

    function periodOf(uint256 number) public pure returns (PeriodId) {
        return PeriodId.wrap(_FIRST_PERIOD + uint32(number % PERIODS));
    }

    function _beginTrade() internal {
        _approveRule();
        _offer();
        _agree();
        _openStream();
        _noteBodies();
    }

    function _inOrder(
        Recipient memory a,
        Recipient memory b
    ) private pure returns (Recipient memory first, Recipient memory second) {
        return BodyId.unwrap(a.recipient) < BodyId.unwrap(b.recipient) ? (a, b) : (b, a);
    }

    function _approveRule() private {
        ISettlementRules.RuleContent memory content = ISettlementRules.RuleContent(
            REASON,
            REASON,
            REASON,
            PartWeights(400_000, 200_000, 0),
            PartWeights(800_000, 600_000, 0),
            periodOf(0)
        );
        bytes memory head = heads.headOfRule(content);
        PartySignature memory trading = signed(suite.rules, head, "trading", BUSINESS);
        PartySignature memory authorisation = signed(suite.rules, head, "authorisation", BUSINESS);
        PartySignature memory regulator = signed(suite.rules, head, "regulator", BUSINESS);
        bytes memory call_ = abi.encodeCall(ISettlementRules.approveRule, (content, trading, authorisation, regulator));
        _must("approveRule", address(suite.rules), call_);
        ruleVersion = suite.rules.ruleVersionOf(content);
        _note(address(suite.rules), abi.encodeCall(ISettlementRules.ruleOf, (ruleVersion)));
    }

    function _offer() private {
        IProductRegistry.ProductVersion memory product = IProductRegistry.ProductVersion(
            PRODUCT,
            1,
            idOf("provider"),
            keccak256("content"),
            PRICE_RULE,
            PartWeights(600_000, 400_000, 0),
            CNY,
            UNIT_PRICE
        );
        bytes memory head = heads.headOfVersion(product);
        PartySignature memory provider = signed(suite.products, head, "provider", BUSINESS);
        _offering("register", abi.encodeCall(IProductRegistry.register, (product, provider)));
        head = heads.headOfReview(product, true, REASON);
        PartySignature[] memory platforms = two(
            signed(suite.products, head, "trading", BUSINESS),
            signed(suite.products, head, "authorisation", BUSINESS)
        );
        _offering("review", abi.encodeCall(IProductRegistry.review, (PRODUCT, 1, true, REASON, platforms)));
        head = heads.headOfProductFiling(product, REASON, CEILING);
        PartySignature memory authority = signed(suite.products, head, "price", BUSINESS);
        _offering("fileProduct", abi.encodeCall(IProductRegistry.file, (PRODUCT, 1, REASON, CEILING, authority)));
        IProductRegistry.ProductAct list = IProductRegistry.ProductAct.LIST;
        provider = signed(suite.products, heads.headOfAct(PRODUCT, 1, list, REASON, 0), "provider", BUSINESS);
        _offering("list", abi.encodeCall(IProductRegistry.act, (PRODUCT, 1, list, REASON, 0, provider)));
    }

    function _offering(string memory name, bytes memory call_) private {
        _must(name, address(suite.products), call_);
    }

    function _agree() private {
        IOrders.Order memory order = theOrder();
        bytes memory head = heads.headOfOrder(order);
        PartySignature memory consumer = signed(suite.orders, head, "consumer", BUSINESS);
        PartySignature memory provider = signed(suite.orders, head, "provider", BUSINESS);
        address orders = address(suite.orders);
        _must("place", orders, abi.encodeCall(IOrders.place, (order, consumer)));
        _must("confirm", orders, abi.encodeCall(IOrders.confirm, (order, provider)));
        IDigitalContractRegistry.Agreement memory agreement = theAgreement();
        head = heads.headOfAgreement(agreement);
        consumer = signed(suite.agreements, head, "consumer", BUSINESS);
        provider = signed(suite.agreements, head, "provider", BUSINESS);
        address agreements = address(suite.agreements);
        PartySignature[] memory parties = two(provider, consumer);
        bytes memory call_ = abi.encodeCall(IDigitalContractRegistry.conclude, (agreement, components(), parties));
        _must("conclude", agreements, call_);
        _must("attachAgreement", orders, abi.encodeCall(IOrders.attachAgreement, (order, AGREEMENT)));
        _note(orders, abi.encodeCall(IOrders.orderOf, (ORDER)));
        _note(agreements, abi.encodeCall(IDigitalContractRegistry.bookingTermsHash, (AGREEMENT)));
        _note(agreements, abi.encodeCall(IDigitalContractRegistry.deliveryTerms, (AGREEMENT)));
    }

    function _openStream() private {
        bytes memory head = heads.headOfStream(AGREEMENT, CONNECTOR, 0);
        PartySignature memory provider = signed(suite.receipts, head, "provider", METERING);
        PartySignature memory consumer = signed(suite.receipts, head, "consumer", METERING);
        bytes memory call_ = abi.encodeCall(
            IDeliveryReceipts.openStream,
            (AGREEMENT, CONNECTOR, 0, provider, consumer)
        );
        _must("openStream", address(suite.receipts), call_);
        streamId = heads.streamIdOf(AGREEMENT, CONNECTOR);
        _note(address(suite.receipts), abi.encodeCall(IDeliveryReceipts.streamOf, (streamId)));
    }

    /// @dev Keys of all honest bodies; and all of what only the council, and nobody else, may say of reserved ones.
    function _noteBodies() private {
        string[6] memory reserved = [sound, "price", "regulator", "auditor", "arbitrator", "bank"];
        for (uint256 i = 0; i < reserved.length; ++i) {
            bytes memory call_ = abi.encodeCall(IParticipantRegistry.bodyOf, (idOf(reserved[i])));
            _note(address(suite.participants), call_);
            _noteKeys(reserved[i]);
        }
        _noteKeys("provider");
        _noteKeys("consumer");
        _noteKeys("holder");
    }

    function _noteKeys(string memory name) private {
        for (uint256 i = 0; i < 3; ++i) {
            address key = vm.addr(keyOf(name, uint8(1 << i)));
            _note(address(suite.participants), abi.encodeCall(IParticipantRegistry.keyOf, (idOf(name), key)));
            _note(address(suite.participants), abi.encodeCall(IParticipantRegistry.ownerOfKey, (key)));
        }
    }
}
