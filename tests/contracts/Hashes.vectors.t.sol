// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IOrders} from "../../contracts/interfaces/IOrders.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../contracts/interfaces/ISettlementRules.sol";
import {AgreementHarness} from "../../contracts/mocks/AgreementHarness.sol";
import {DisputeHarness} from "../../contracts/mocks/DisputeHarness.sol";
import {LineHarness} from "../../contracts/mocks/LineHarness.sol";
import {RuleHarness} from "../../contracts/mocks/RuleHarness.sol";
import {Payouts} from "../../contracts/Payouts.sol";
import {AgreementId, BodyId, ClaimId, ConnectorId, Currency, DisputeId, LineId} from "../../contracts/types/Ids.sol";
import {OrderId, PeriodId, ProductId, RuleVersion, StatementId} from "../../contracts/types/Ids.sol";
import {StreamId, TableId, TableVersion, WeightsId} from "../../contracts/types/Ids.sol";
import {Line, StatementRange} from "../../contracts/types/Lines.sol";
import {BasisKind, BookingTerms, Component, LineKey, PartWeights, PayBasis} from "../../contracts/types/Terms.sol";
import {VectorCases} from "./helpers/VectorCases.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Ids and hashes that contracts compute, against `tests/vectors/acts/hashes.json`, which Python reads too
/// @notice What a library or a contract answers is asked of it. The rest is `abi.encode` of the contracts' own structs,
/// which `Objections.t.sol` and `PayeeAccounts.t.sol` hold the contracts against.
contract HashVectorsTest is VectorCases {
    AgreementHarness private _agreements;
    LineHarness private _lines;
    RuleHarness private _rules;
    DisputeHarness private _disputes;
    Payouts private _payouts;

    error NoSuchHash(string kind);

    function setUp() public {
        _agreements = AgreementHarness(deployed("AgreementHarness", ""));
        _lines = LineHarness(deployed("LineHarness", ""));
        _rules = RuleHarness(deployed("RuleHarness", ""));
        _disputes = DisputeHarness(deployed("DisputeHarness", ""));
        address some = address(_disputes);
        _payouts = Payouts(
            deployed(
                "Payouts",
                abi.encode(
                    IParticipantRegistry(some),
                    IRevenueSettlement(some),
                    IDistributionTables(some),
                    IDisputes(some),
                    1
                )
            )
        );
        json = vm.readFile("./tests/vectors/acts/hashes.json");
    }

    function test_vectors_ofHashes_areWhatTheContractsCompute() public {
        uint256 count = 0;
        for (; ; ++count) {
            prefix = string.concat(".hashes[", vm.toString(count), "]");
            if (!vm.keyExistsJson(json, string.concat(prefix, ".name"))) {
                break;
            }
            bytes memory stated = vm.parseJsonBytes(json, string.concat(prefix, ".value"));
            string memory name = vm.parseJsonString(json, string.concat(prefix, ".name"));
            bytes memory made = _made(vm.parseJsonString(json, string.concat(prefix, ".kind")));
            vm.assertTrue(keccak256(made) == keccak256(stated), name);
        }
        vm.assertEq(count, 54);
    }

    function _made(string memory kind) private view returns (bytes memory) {
        (bool isShort, bytes28 short) = _shortHash(kind);
        return isShort ? abi.encodePacked(short) : abi.encodePacked(_idOrHash(kind));
    }

    /// @dev Hashes of 28 bytes.
    function _shortHash(string memory kind) private view returns (bool isShort, bytes28 made) {
        if (isType(kind, "contentHash")) {
            return (true, _lines.contentHashOf(_line(), keccak256(abi.encode(_bodies()))));
        }
        if (isType(kind, "firstLinesDigest")) {
            return (true, _lines.firstDigestOf(_tableId()));
        }
        if (isType(kind, "nextLinesDigest")) {
            bytes28 before = bytes28(bytesOf("linesDigest"));
            LineId lineId = LineId.wrap(word("line"));
            return (true, _lines.nextDigest(before, lineId, bytes28(bytesOf("content"))));
        }
    }

    function _idOrHash(string memory kind) private view returns (bytes32) {
        if (isType(kind, "lineId")) {
            return LineId.unwrap(_agreements.lineIdOf(_key("")));
        }
        if (isType(kind, "streamId")) {
            ConnectorId connectorId = ConnectorId.wrap(word("connectorId"));
            return StreamId.unwrap(_agreements.streamIdOf(_agreementId(), connectorId));
        }
        if (isType(kind, "statementId")) {
            StreamId streamId = StreamId.wrap(word("stream"));
            return StatementId.unwrap(_agreements.statementIdOf(streamId, uint64(number("index"))));
        }
        if (isType(kind, "bookingTermsHash")) {
            return _agreements.hashBookingTerms(_bookingTerms());
        }
        if (isType(kind, "disputeId")) {
            return
                DisputeId.unwrap(_disputes.disputeIdOf(_agreementId(), BodyId.wrap(word("opener")), number("nonce")));
        }
        if (isType(kind, "statementRangesHash")) {
            return keccak256(abi.encode(_ranges()));
        }
        if (isType(kind, "recipientsHash")) {
            return keccak256(abi.encode(_bodies()));
        }
        if (isType(kind, "orderHash")) {
            return keccak256(abi.encode(_order()));
        }
        return _ofRulesAndTables(kind);
    }

    function _ofRulesAndTables(string memory kind) private view returns (bytes32) {
        if (isType(kind, "ruleVersion")) {
            address rules = vm.parseJsonAddress(json, string.concat(prefix, ".fields.settlementRules"));
            return RuleVersion.unwrap(_rules.ruleVersionOf(number("chainId"), rules, _rule()));
        }
        if (isType(kind, "weightsId")) {
            (Component component, PeriodId period) = (Component(number("component")), _period("period"));
            uint16 revision = uint16(number("revision"));
            return WeightsId.unwrap(_rules.weightsIdOf(_agreementId(), component, period, revision));
        }
        if (isType(kind, "weightsHash")) {
            PartWeights memory weights = PartWeights(
                _u32("publicWeight"),
                _u32("enterpriseWeight"),
                _u32("personalWeight")
            );
            uint32[] memory shares = new uint32[](countOf("shares"));
            for (uint256 i = 0; i < shares.length; ++i) {
                shares[i] = _u32(item("shares", i));
            }
            return _rules.hashWeights(RuleVersion.wrap(word("ruleVersion")), word("componentHash"), weights, shares);
        }
        if (isType(kind, "proposalHash")) {
            return keccak256(abi.encode(_proposal()));
        }
        if (isType(kind, "claimId")) {
            BodyId payee = BodyId.wrap(word("payee"));
            return ClaimId.unwrap(_payouts.claimIdOf(_tableId(), payee, _currency("currency")));
        }
        bytes32 domain = keccak256("cityledger/v1/objection");
        if (isType(kind, "objectionId")) {
            return keccak256(abi.encode(domain, word("line"), _tableId(), _tableVersion(), word("objector")));
        }
        domain = keccak256("cityledger/v1/account");
        if (isType(kind, "accountId")) {
            return keccak256(abi.encode(domain, word("payee"), _u32("version"), word("accountDigest")));
        }
        revert NoSuchHash(kind);
    }

    function _line() private view returns (Line memory line) {
        line.key = _key("key.");
        (line.tableId, line.tableVersion) = (_tableId(), _tableVersion());
        (line.basis, line.basisHash) = (BasisKind(number("basis")), word("basisHash"));
        line.weightsRevision = uint16(number("weightsRevision"));
        (line.gross, line.baseGross) = (uint64(number("gross")), uint64(number("baseGross")));
        line.corrects = LineId.wrap(word("corrects"));
    }

    function _key(string memory place) private view returns (LineKey memory) {
        return
            LineKey(
                AgreementId.wrap(word(string.concat(place, "agreementId"))),
                Component(number(string.concat(place, "component"))),
                _period(string.concat(place, "period")),
                _currency(string.concat(place, "currency")),
                uint16(number(string.concat(place, "ordinal")))
            );
    }

    function _bookingTerms() private view returns (BookingTerms memory) {
        return
            BookingTerms(
                RuleVersion.wrap(word("ruleVersion")),
                word("priceRuleDigest"),
                flag("silenceAccepts"),
                PayBasis(number("payBasis")),
                flag("isPublic"),
                uint64(number("ceilingUnitPrice")),
                _currency("ceilingCurrency"),
                word("componentsHash")
            );
    }

    function _rule() private view returns (ISettlementRules.RuleContent memory content) {
        content.formulaDigest = word("rule.formulaDigest");
        content.filingDigest = word("rule.filingDigest");
        content.textDigest = word("rule.textDigest");
        content.minimum.publicWeight = _u32("rule.minPublicWeight");
        content.minimum.enterpriseWeight = _u32("rule.minEnterpriseWeight");
        content.minimum.personalWeight = _u32("rule.minPersonalWeight");
        content.maximum.publicWeight = _u32("rule.maxPublicWeight");
        content.maximum.enterpriseWeight = _u32("rule.maxEnterpriseWeight");
        content.maximum.personalWeight = _u32("rule.maxPersonalWeight");
        content.firstPeriod = _period("rule.firstPeriod");
    }

    function _order() private view returns (IOrders.Order memory order) {
        order.orderId = OrderId.wrap(word("orderId"));
        order.kind = IOrders.OrderKind(number("kind"));
        order.productId = ProductId.wrap(word("productId"));
        order.productVersion = _u32("productVersion");
        order.provider = BodyId.wrap(word("provider"));
        order.consumer = BodyId.wrap(word("consumer"));
        order.agreementId = _agreementId();
        order.quantity = uint64(number("quantity"));
        order.priceRuleDigest = word("priceRuleDigest");
        order.contentDigest = word("contentDigest");
        order.validUntil = uint64(number("validUntil"));
    }

    function _proposal() private view returns (IDistributionTables.Proposal memory) {
        return
            IDistributionTables.Proposal(
                _tableId(),
                _tableVersion(),
                uint16(number("lineCount")),
                bytes28(bytesOf("linesDigest")),
                _u32("windowSeconds"),
                word("calendarDigest")
            );
    }

    function _ranges() private view returns (StatementRange[] memory ranges) {
        ranges = new StatementRange[](countOf("ranges"));
        for (uint256 i = 0; i < ranges.length; ++i) {
            string memory one = item("ranges", i);
            ranges[i] = StatementRange(
                StreamId.wrap(word(string.concat(one, ".streamId"))),
                uint64(number(string.concat(one, ".firstIndex"))),
                uint64(number(string.concat(one, ".nextIndex")))
            );
        }
    }

    function _bodies() private view returns (BodyId[] memory bodies) {
        bodies = new BodyId[](countOf("recipients"));
        for (uint256 i = 0; i < bodies.length; ++i) {
            bodies[i] = BodyId.wrap(word(item("recipients", i)));
        }
    }

    function _agreementId() private view returns (AgreementId) {
        return AgreementId.wrap(word("agreementId"));
    }

    function _tableId() private view returns (TableId) {
        return TableId.wrap(_u32("tableId"));
    }

    function _tableVersion() private view returns (TableVersion) {
        return TableVersion.wrap(uint16(number("tableVersion")));
    }

    function _period(string memory name) private view returns (PeriodId) {
        return PeriodId.wrap(_u32(name));
    }

    function _currency(string memory name) private view returns (Currency) {
        return Currency.wrap(bytes3(bytesOf(name)));
    }

    function _u32(string memory name) private view returns (uint32) {
        return uint32(number(name));
    }
}
