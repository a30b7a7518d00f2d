// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IOrders} from "../../../contracts/interfaces/IOrders.sol";
import {IProductRegistry} from "../../../contracts/interfaces/IProductRegistry.sol";
import {ISettlementRules} from "../../../contracts/interfaces/ISettlementRules.sol";
import {AgreementId, ConnectorId, DisputeId} from "../../../contracts/types/Ids.sol";
import {OrderId, ProductId, StreamId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {Component, LineKey, PartWeights} from "../../../contracts/types/Terms.sol";
import {SuiteThief} from "./SuiteThief.sol";

/// @title The thief against products, orders, agreements, usage, disputes, rules
abstract contract SuiteAttacks is SuiteThief {
    ProductId[] internal _products;
    AgreementId[] internal _agreements;
    StreamId[] internal _streams;

    /// @dev With the trading platform's key the thief trades with itself: a private product of its own, reviewed by
    /// that platform alone, an agreement between its own bodies, a stream. All of it is valid; none of it may pay.
    function _openShop() internal {
        IProductRegistry.ProductVersion memory product;
        (product.productId, product.version) = (ProductId.wrap(fresh()), 1);
        product.provider = idOf(invented(0));
        (product.contentDigest, product.priceRuleDigest) = (LOOT, LOOT);
        product.weights = PartWeights(0, 1_000_000, 0);
        (product.currency, product.unitPrice) = (_BUSINESS.termsOf(Component.BASE_FEE).currency, 1_000_000);
        PartySignature memory party = signed(suite.products, heads.headOfVersion(product), invented(0), BUSINESS);
        suite.products.register(product, party);
        bytes memory head = heads.headOfReview(product, true, LOOT);
        party = signed(suite.products, head, platform, BUSINESS);
        suite.products.review(product.productId, 1, true, LOOT, one(party));
        IProductRegistry.ProductAct list = IProductRegistry.ProductAct.LIST;
        party = signed(suite.products, heads.headOfAct(product.productId, 1, list, LOOT, 0), invented(0), BUSINESS);
        suite.products.act(product.productId, 1, list, LOOT, 0, party);
        _products.push(product.productId);
        _agreeWithItself(product.productId);
    }

    function _agreeWithItself(ProductId productId) private {
        IDigitalContractRegistry.Agreement memory agreement = _BUSINESS.theAgreement();
        (agreement.agreementId, agreement.orderId) = (AgreementId.wrap(fresh()), OrderId.wrap(0));
        (agreement.productId, agreement.priceRuleDigest) = (productId, LOOT);
        (agreement.parties[0], agreement.parties[1]) = (idOf(invented(0)), idOf(invented(2)));
        bytes memory head = heads.headOfAgreement(agreement);
        PartySignature memory provider = signed(suite.agreements, head, invented(0), BUSINESS);
        PartySignature memory consumer = signed(suite.agreements, head, invented(2), BUSINESS);
        suite.agreements.conclude(agreement, _BUSINESS.components(), two(provider, consumer));
        _agreements.push(agreement.agreementId);
        ConnectorId connector = ConnectorId.wrap(fresh());
        head = heads.headOfStream(agreement.agreementId, connector, 0);
        provider = signed(suite.receipts, head, invented(0), METERING);
        consumer = signed(suite.receipts, head, invented(2), METERING);
        _streams.push(suite.receipts.openStream(agreement.agreementId, connector, 0, provider, consumer));
    }

    function attackTrade(uint256 random) external {
        _shuffle(random);
        uint256 which = draw(9);
        if (which < 2) {
            _sell();
        } else if (which < 4) {
            _agreeAlone();
        } else if (which < 6) {
            _attackProducts();
        } else if (which < 8) {
            _attackOrders();
        } else {
            _attackAgreements();
        }
    }

    function attackUsage(uint256 random) external {
        _shuffle(random);
        StreamId id = _streams.length != 0 && draw(2) == 0 ? _streams[draw(_streams.length)] : _BUSINESS.streamId();
        address at_ = address(suite.receipts);
        uint256 which = draw(6);
        uint64 index = uint64(draw(suite.receipts.streamOf(id).statements + 1));
        IDeliveryReceipts.UsageClaim memory claim = _claim(id);
        bytes32 claimHash = heads.hashClaim(claim);
        PartySignature memory provider = _metered(heads.headOfUsageStatement(claimHash), "provider", 0);
        PartySignature memory consumer = _metered(
            heads.headOfAcknowledgement(claimHash, claim.units, 0),
            "consumer",
            2
        );
        if (which == 0) {
            attempt("state", at_, abi.encodeCall(IDeliveryReceipts.state, (claim, provider)));
        } else if (which == 1) {
            bytes memory call_ = abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer));
            attempt("stateAcknowledged", at_, call_);
        } else if (which == 2) {
            (id, index) = _answerable(id, index);
            IDeliveryReceipts.Statement memory statement = suite.receipts.statementOf(id, index);
            uint64 units = uint64(draw(uint256(statement.units) + 1));
            bytes32 grounds = units == statement.units ? bytes32(0) : LOOT;
            consumer = _metered(heads.headOfAcknowledgement(statement.claimHash, units, grounds), "consumer", 2);
            attempt("answer", at_, abi.encodeCall(IDeliveryReceipts.answer, (id, index, units, grounds, consumer)));
        } else if (which == 3) {
            uint64 next = claim.firstSequence;
            bytes memory head = heads.headOfGapVoid(id, next, next + 5, LOOT);
            provider = _metered(head, "provider", 0);
            consumer = _metered(head, "consumer", 2);
            bytes memory call_ = abi.encodeCall(
                IDeliveryReceipts.voidGap,
                (id, next, next + 5, LOOT, provider, consumer)
            );
            attempt("voidGap", at_, call_);
        } else if (which == 4) {
            _lapse(id, index);
        } else {
            _openStream();
        }
    }

    function attackDisputes(uint256 random) external {
        _shuffle(random);
        DisputeId id = _BUSINESS.cases(draw(_BUSINESS.casesOpened()));
        address at_ = address(suite.disputes);
        uint256 which = draw(4);
        if (which == 0) {
            _openCase();
        } else if (which == 1) {
            uint64 until = uint64(block.timestamp + draw(40 days));
            uint256 nonce = suite.disputes.disputeOf(id).extensions;
            bytes memory head = disputeHeads.headOfExtension(id, until, nonce);
            PartySignature memory party = byThief(suite.disputes, head, platform, BUSINESS);
            mustFail("extendFreeze", at_, abi.encodeCall(IDisputes.extendFreeze, (id, until, nonce, party)));
        } else if (which == 2) {
            bytes memory head = disputeHeads.headOfRuling(id, LOOT, 1, false, 0, 0);
            PartySignature memory party = byThief(suite.disputes, head, platform, BUSINESS);
            PartySignature memory other = inTheNameOf(suite.disputes, head, "consumer", BUSINESS);
            PartySignature[] memory signers = draw(2) == 0 ? one(party) : two(party, other);
            mustFail("resolve", at_, abi.encodeCall(IDisputes.resolve, (id, LOOT, 1, false, 0, 0, signers)));
        } else {
            bytes memory head = disputeHeads.headOfWithdrawal(id, LOOT);
            PartySignature memory party = byThief(suite.disputes, head, platform, BUSINESS);
            mustFail("withdraw", at_, abi.encodeCall(IDisputes.withdraw, (id, LOOT, party)));
        }
    }

    function attackRules(uint256 random) external {
        _shuffle(random);
        address at_ = address(suite.rules);
        uint256 which = draw(3);
        if (which == 0) {
            ISettlementRules.RuleContent memory content;
            (content.formulaDigest, content.filingDigest, content.textDigest) = (fresh(), LOOT, LOOT);
            (content.maximum, content.firstPeriod) = (
                PartWeights(1_000_000, 1_000_000, 1_000_000),
                _BUSINESS.periodOf(0)
            );
            bytes memory head = heads.headOfRule(content);
            PartySignature memory trading = inTheNameOf(suite.rules, head, "trading", BUSINESS);
            PartySignature memory authorisation = inTheNameOf(suite.rules, head, "authorisation", BUSINESS);
            PartySignature memory regulator = byThief(suite.rules, head, "operator", BUSINESS);
            bytes memory call_ = abi.encodeCall(
                ISettlementRules.approveRule,
                (content, trading, authorisation, regulator)
            );
            mustFail("approveRule", at_, call_);
        } else if (which == 1) {
            bytes memory head = heads.headOfRetirement(_BUSINESS.ruleVersion(), LOOT);
            PartySignature memory party = byThief(suite.rules, head, platform, BUSINESS);
            mustFail(
                "retireRule",
                at_,
                abi.encodeCall(ISettlementRules.retireRule, (_BUSINESS.ruleVersion(), LOOT, party))
            );
        } else {
            ISettlementRules.PeriodWeights memory weights;
            weights.agreementId = _anyAgreement();
            (weights.component, weights.period) = (Component.USAGE_SHARE, _BUSINESS.periodOf(draw(3)));
            weights.revision = suite.rules.revisionOf(weights.agreementId, weights.component, weights.period) + 1;
            (weights.ruleVersion, weights.evidenceDigest) = (_BUSINESS.ruleVersion(), LOOT);
            weights.weights = PartWeights(400_000, 600_000, 0);
            weights.componentHash = heads.hashComponentTerms(_BUSINESS.termsOf(Component.USAGE_SHARE));
            bytes memory head = heads.headOfWeights(weights);
            PartySignature memory authorisation = inTheNameOf(suite.rules, head, "authorisation", BUSINESS);
            PartySignature memory auditor = byThief(suite.rules, head, "operator", BUSINESS);
            mustFail(
                "signWeights",
                at_,
                abi.encodeCall(
                    ISettlementRules.signWeights,
                    (weights, _BUSINESS.termsOf(Component.USAGE_SHARE), authorisation, auditor)
                )
            );
        }
    }

    /// @dev A product of the thief's own, or one that only looks like the provider's.
    function _sell() private {
        IProductRegistry.ProductVersion memory product;
        product.productId = ProductId.wrap(draw(8) == 0 ? ProductId.unwrap(_BUSINESS.PRODUCT()) : fresh());
        product.version = 1;
        string memory provider = invented(draw(2));
        product.provider = idOf(provider);
        (product.contentDigest, product.priceRuleDigest) = (LOOT, LOOT);
        // mostly private: one stolen platform can review that, when it is the trading platform
        product.weights = draw(4) == 0 ? PartWeights(600_000, 400_000, 0) : PartWeights(0, 1_000_000, 0);
        (product.currency, product.unitPrice) = (_BUSINESS.termsOf(Component.BASE_FEE).currency, 1_000_000);
        bytes memory head = heads.headOfVersion(product);
        PartySignature memory party = inTheNameOf(suite.products, head, provider, BUSINESS);
        bytes memory call_ = abi.encodeCall(IProductRegistry.register, (product, party));
        if (attempt("register", address(suite.products), call_)) {
            _products.push(product.productId);
        }
    }

    function _attackProducts() private {
        address at_ = address(suite.products);
        bool isOwnProduct = _products.length != 0 && draw(4) != 0;
        ProductId id = isOwnProduct ? _products[draw(_products.length)] : _BUSINESS.PRODUCT();
        uint256 which = draw(4);
        if (which == 0) {
            bytes memory head = heads.headOfReview(_versionOf(id), true, LOOT);
            PartySignature memory trading = inTheNameOf(suite.products, head, "trading", BUSINESS);
            PartySignature memory other = inTheNameOf(suite.products, head, "authorisation", BUSINESS);
            PartySignature[] memory platforms = draw(3) == 0 ? two(trading, other) : one(trading);
            attempt("review", at_, abi.encodeCall(IProductRegistry.review, (id, 1, true, LOOT, platforms)));
        } else if (which == 1) {
            PartySignature memory party = byThief(
                suite.products,
                heads.headOfProductFiling(_versionOf(id), LOOT, type(uint64).max),
                platform,
                BUSINESS
            );
            mustFail("fileProduct", at_, abi.encodeCall(IProductRegistry.file, (id, 1, LOOT, type(uint64).max, party)));
        } else if (which == 2) {
            IProductRegistry.ProductAct act = IProductRegistry.ProductAct(isOwnProduct ? 0 : draw(4));
            uint256 nonce = suite.products.productOf(id, 1).revision;
            bytes memory head = heads.headOfAct(id, 1, act, LOOT, nonce);
            PartySignature memory party = byThief(suite.products, head, invented(draw(2)), BUSINESS);
            attempt("actOnProduct", at_, abi.encodeCall(IProductRegistry.act, (id, 1, act, LOOT, nonce, party)));
        } else {
            (, , , uint32 nonce) = suite.products.product(id);
            bytes memory head = heads.headOfFreeze(id, true, LOOT, nonce);
            PartySignature memory party = byThief(suite.products, head, platform, BUSINESS);
            mustFail("setFrozen", at_, abi.encodeCall(IProductRegistry.setFrozen, (id, true, LOOT, nonce, party)));
        }
    }

    /// @dev The first version of a product, as its provider signed it.
    function _versionOf(ProductId id) private view returns (IProductRegistry.ProductVersion memory version) {
        IProductRegistry.ProductRecord memory record = suite.products.productOf(id, 1);
        (version.productId, version.version) = (id, 1);
        (version.provider, , , ) = suite.products.product(id);
        (version.contentDigest, version.priceRuleDigest) = (record.contentDigest, record.priceRuleDigest);
        (version.weights, version.currency, version.unitPrice) = (record.weights, record.currency, record.unitPrice);
    }

    function _attackOrders() private {
        address at_ = address(suite.orders);
        IOrders.Order memory order = _BUSINESS.theOrder();
        uint256 which = draw(4);
        if (draw(2) == 0) {
            order.orderId = OrderId.wrap(fresh());
            order.consumer = idOf(draw(2) == 0 ? "consumer" : invented(2));
        }
        bytes memory head = heads.headOfOrder(order);
        if (which == 0) {
            PartySignature memory party = byThief(suite.orders, head, invented(2), BUSINESS);
            attempt("place", at_, abi.encodeCall(IOrders.place, (order, party)));
        } else if (which == 1) {
            PartySignature memory party = byThief(suite.orders, head, invented(0), BUSINESS);
            attempt("confirm", at_, abi.encodeCall(IOrders.confirm, (order, party)));
        } else if (which == 2) {
            IOrders.OrderStatus to = IOrders.OrderStatus(4 + draw(3));
            bytes memory closing = heads.headOfClosing(order.orderId, to, LOOT);
            PartySignature memory party = byThief(suite.orders, closing, invented(2), BUSINESS);
            attempt("close", at_, abi.encodeCall(IOrders.close, (order.orderId, to, LOOT, party)));
        } else {
            attempt("attachAgreement", at_, abi.encodeCall(IOrders.attachAgreement, (order, _anyAgreement())));
        }
    }

    /// @dev An agreement: of the thief's own bodies, or one that would replace the honest one or pay somebody else.
    function _agreeAlone() private {
        IDigitalContractRegistry.Agreement memory agreement = _BUSINESS.theAgreement();
        string memory provider = invented(draw(2));
        string memory consumer = invented(2 + draw(2));
        if (draw(4) == 0) {
            (provider, consumer) = ("provider", draw(2) == 0 ? "consumer" : consumer);
            agreement.replaces = draw(2) == 0 ? agreement.agreementId : AgreementId.wrap(0);
        } else if (_products.length != 0) {
            agreement.productId = _products[draw(_products.length)];
            (agreement.priceRuleDigest, agreement.orderId) = (LOOT, OrderId.wrap(0));
        }
        if (draw(8) != 0) {
            agreement.agreementId = AgreementId.wrap(fresh());
        }
        (agreement.parties[0], agreement.parties[1]) = (idOf(provider), idOf(consumer));
        (agreement.validFrom, agreement.contractDigest) = (uint64(block.timestamp), LOOT);
        bytes memory head = heads.headOfAgreement(agreement);
        PartySignature[] memory parties = two(
            inTheNameOf(suite.agreements, head, provider, BUSINESS),
            inTheNameOf(suite.agreements, head, consumer, BUSINESS)
        );
        bytes memory call_ = abi.encodeCall(
            IDigitalContractRegistry.conclude,
            (agreement, _BUSINESS.components(), parties)
        );
        if (attempt("conclude", address(suite.agreements), call_)) {
            _agreements.push(agreement.agreementId);
        }
    }

    function _attackAgreements() private {
        AgreementId id = _anyAgreement();
        address at_ = address(suite.agreements);
        if (draw(2) == 0) {
            bytes32 contract_ = suite.agreements.agreementOf(id).contractDigest;
            bytes memory head = heads.headOfAgreementFiling(id, contract_, LOOT);
            PartySignature memory party = byThief(suite.agreements, head, platform, BUSINESS);
            attempt("fileAgreement", at_, abi.encodeCall(IDigitalContractRegistry.file, (id, LOOT, party)));
            return;
        }
        uint64 end = uint64(block.timestamp);
        uint256 nonce = suite.agreements.terminationCount(id, idOf(invented(0)));
        bytes memory termination = heads.headOfTermination(id, end, LOOT, nonce);
        PartySignature memory first = byThief(suite.agreements, termination, invented(0), BUSINESS);
        PartySignature memory second = byThief(suite.agreements, termination, invented(2), BUSINESS);
        PartySignature[] memory signers = draw(2) == 0 ? one(first) : two(first, second);
        attempt("terminate", at_, abi.encodeCall(IDigitalContractRegistry.terminate, (id, end, LOOT, nonce, signers)));
    }

    function _openStream() private {
        AgreementId id = _anyAgreement();
        ConnectorId connector = ConnectorId.wrap(fresh());
        bytes memory head = heads.headOfStream(id, connector, 0);
        PartySignature memory provider = _metered(head, "provider", 0);
        PartySignature memory consumer = _metered(head, "consumer", 2);
        bytes memory call_ = abi.encodeCall(IDeliveryReceipts.openStream, (id, connector, 0, provider, consumer));
        if (attempt("openStream", address(suite.receipts), call_)) {
            _streams.push(heads.streamIdOf(id, connector));
        }
    }

    /// @dev A case about the honest agreement: the platform may be a recipient, and may freeze then, but move nothing.
    function _openCase() private {
        IDisputes.DisputeCase memory case_;
        case_.agreementId = _BUSINESS.AGREEMENT();
        case_.nonce = suite.disputes.caseCount(case_.agreementId, idOf(platform));
        case_.groundsDigest = LOOT;
        LineKey memory key;
        if (draw(2) == 0) {
            (case_.subject, key) = (IDisputes.Subject.LINE, anyBooked().proof.line.key);
            case_.lineId = heads.lineIdOf(key);
            (case_.frozenPayee, case_.frozenAmount) = (idOf("holder"), uint64(1 + draw(1000)));
            case_.reviewAt = uint64(block.timestamp + 1 + draw(29 days));
        }
        IDisputes.CaseProof memory proof = IDisputes.CaseProof(
            key,
            _BUSINESS.bookingTerms(),
            _BUSINESS.componentProof(key.component),
            draw(3),
            draw(3)
        );
        PartySignature memory party = byThief(suite.disputes, disputeHeads.headOfCase(case_), platform, BUSINESS);
        attempt("open", address(suite.disputes), abi.encodeCall(IDisputes.open, (case_, proof, party)));
    }

    function _anyAgreement() internal returns (AgreementId) {
        return _agreements.length != 0 && draw(2) == 0 ? _agreements[draw(_agreements.length)] : _BUSINESS.AGREEMENT();
    }

    /// @dev The next claim of a stream, for whatever number of units the thief likes.
    function _claim(StreamId id) private returns (IDeliveryReceipts.UsageClaim memory claim) {
        IDeliveryReceipts.Stream memory stream = suite.receipts.streamOf(id);
        claim = _BUSINESS.nextClaim(uint64(draw(1_000_000)));
        (claim.streamId, claim.index) = (id, stream.statements);
        (claim.firstSequence, claim.nextSequence) = (stream.nextSequence, stream.nextSequence + 10);
        claim.batchRoot = LOOT;
    }

    /// @dev Mostly an honest statement that waits for its answer, made there and then: the others are answered, or
    /// their time is over, and nobody at all could answer them.
    function _answerable(StreamId id, uint64 index) private returns (StreamId, uint64) {
        uint64 next = suite.receipts.streamOf(_BUSINESS.streamId()).statements;
        if (draw(4) != 0) {
            _BUSINESS.stateUsage(uint64(draw(5000)), false);
        }
        bool isStated = suite.receipts.streamOf(_BUSINESS.streamId()).statements != next;
        return isStated ? (_BUSINESS.streamId(), next) : (id, index);
    }

    /// @dev Anybody lets statements lapse, the thief too, whomever it has suspended before: of the honest ones counts
    /// what their parties agreed about silence, which the business holds against its books.
    function _lapse(StreamId id, uint64 index) private {
        if (StreamId.unwrap(id) == StreamId.unwrap(_BUSINESS.streamId())) {
            _BUSINESS.lapseAny(draw(16));
            ++tried["lapseAny"];
        } else {
            attempt("lapse", address(suite.receipts), abi.encodeCall(IDeliveryReceipts.lapse, (id, index)));
        }
    }

    /// @dev A metering signature: of one of its own two such bodies, or with its own key for an honest party.
    function _metered(bytes memory head, string memory party, uint256 first) private returns (PartySignature memory) {
        string memory name = draw(2) == 0 ? party : invented(first + draw(2));
        return inTheNameOf(suite.receipts, head, name, METERING);
    }
}
