// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../../contracts/interfaces/IDeliveryReceipts.sol";
import {IDigitalContractRegistry} from "../../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "../../../contracts/interfaces/IRevenueSettlement.sol";
import {ISettlementRules} from "../../../contracts/interfaces/ISettlementRules.sol";
import {StubSources} from "../../../contracts/mocks/StubSources.sol";
import {RevenueSettlement} from "../../../contracts/RevenueSettlement.sol";
import {LineBooking} from "../../../contracts/settlement/LineBooking.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {BodyId, Currency, DisputeId, LineId, PeriodId} from "../../../contracts/types/Ids.sol";
import {RuleVersion, StreamId, TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind, BookingTerms, Component, ComponentProof} from "../../../contracts/types/Terms.sol";
import {ComponentTerms, LineKey, Part, PartWeights, PayBasis, Recipient} from "../../../contracts/types/Terms.sol";
import {RulesFixture} from "./Rules.sol";
import {deployed} from "./Deployed.sol";

/// @title A book with one open table, real rules, and one agreement of three components
/// @notice Base fee by schedule, usage share by everything, commission by statements. Half of the recipients share the
/// public part, the other half the enterprise part. The agreement has one stream of ten statements.
abstract contract BookFixture is RulesFixture {
    string internal constant BOOK_DOMAIN = "CityLedger RevenueSettlement";
    string internal constant PROVIDER = "provider";
    string internal constant CONSUMER = "consumer";
    Currency internal constant CNY = Currency.wrap("CNY");
    TableId internal constant TABLE = TableId.wrap(1);
    TableVersion internal constant FIRST = TableVersion.wrap(1);
    StreamId internal constant STREAM = StreamId.wrap(keccak256("stream"));
    uint64 internal constant UNITS = 1_000_000;
    uint64 internal constant MAX_UNIT_PRICE = 2_000_000;
    uint64 internal constant CEILING = 1_500_000;
    uint64 internal constant BASE_FEE = 50_000;
    uint64 internal constant MAX_GROSS = 2 ** 47 - 1;
    uint256 internal constant USAGE = 1;

    RevenueSettlement internal book;
    StubSources internal agreements;
    StubSources internal receipts;
    StubSources internal disputes;
    RuleVersion internal ruleVersion;
    /// @dev Number of recipients of each component.
    uint256 internal recipientCount = 4;
    bool internal isPublic = true;
    Currency internal ceilingCurrency = CNY;

    function setUp() public virtual override {
        super.setUp();
        agreements = StubSources(deployed("StubSources", ""));
        receipts = StubSources(deployed("StubSources", ""));
        disputes = StubSources(deployed("StubSources", ""));
        Currency[] memory currencies = new Currency[](1);
        currencies[0] = CNY;
        book = RevenueSettlement(deployed("RevenueSettlement", abi.encode(registry(), sources(), currencies)));
        admit(PROVIDER, BodyRoles.PROVIDER);
        admit(CONSUMER, BodyRoles.CONSUMER);
        ruleVersion = approve(wideRule());
        conclude();
        signWeights(weightsOf(NOVEMBER, 1));
        for (uint256 i = 0; i < 10; ++i) {
            receipts.addStatement(STREAM, AGREEMENT, UNITS);
        }
        openTable(1, NOVEMBER);
    }

    function sources() internal view returns (LineBooking.Sources memory) {
        return
            LineBooking.Sources(
                IDigitalContractRegistry(address(agreements)),
                ISettlementRules(address(rules)),
                IDeliveryReceipts(address(receipts)),
                IDisputes(address(disputes))
            );
    }

    /// @notice Puts the agreement, with `recipientCount` recipients, on record.
    function conclude() internal {
        for (uint256 i = 0; i < recipientCount; ++i) {
            stub.setBody(recipientAt(i), IParticipantRegistry.BodyStatus.ACTIVE, BodyRoles.DATA_HOLDER);
        }
        agreements.setAgreement(AGREEMENT, keccak256(abi.encode(bookingTerms())), idOf(PROVIDER), idOf(CONSUMER));
    }

    /// @notice The same with another number of recipients, and weights for them; their revision.
    function agreeWith(uint256 recipientCount_) internal returns (uint16 revision) {
        recipientCount = recipientCount_;
        conclude();
        revision = rules.revisionOf(AGREEMENT, Component.USAGE_SHARE, NOVEMBER) + 1;
        signWeights(weightsOf(NOVEMBER, revision));
    }

    /// @notice The trading platform opens its next table, which must get this number.
    function openTable(uint32 number, PeriodId period) internal {
        uint32 nonce = book.openedBy(idOf(TRADING));
        TableId tableId = book.openTable(nonce, period, CNY, byBook(headOfOpening(nonce, period, CNY), TRADING));
        vm.assertEq(TableId.unwrap(tableId), number);
    }

    function weightsOf(
        PeriodId period,
        uint16 revision
    ) internal view returns (ISettlementRules.PeriodWeights memory weights) {
        weights = usualWeights(ruleVersion);
        (weights.period, weights.revision) = (period, revision);
        weights.weights = partWeights();
    }

    /// @notice A lone recipient is the enterprise part's.
    function partWeights() internal view returns (PartWeights memory) {
        return recipientCount == 1 ? PartWeights(0, 1_000_000, 0) : PartWeights(600_000, 400_000, 0);
    }

    function bookingTerms() internal view returns (BookingTerms memory) {
        return
            BookingTerms(
                ruleVersion,
                keccak256("price rule"),
                true,
                PayBasis.COLLECTED,
                isPublic,
                isPublic ? CEILING : 0,
                ceilingCurrency,
                keccak256(abi.encodePacked(componentHashes()))
            );
    }

    function components() internal view returns (ComponentTerms[] memory all) {
        all = new ComponentTerms[](3);
        all[0] = _component(Component.BASE_FEE, 4, BASE_FEE);
        all[1] = _component(Component.USAGE_SHARE, 15, 0);
        all[2] = _component(Component.COMMISSION, 1, 0);
    }

    /// @notice Terms of one of them, or of one that the agreement does not have.
    function termsOf(Component component) internal view override returns (ComponentTerms memory) {
        ComponentTerms[] memory all = components();
        for (uint256 i = 0; i < all.length; ++i) {
            if (all[i].component == component) {
                return all[i];
            }
        }
        return super.termsOf(component);
    }

    function componentHashes() internal view returns (bytes32[] memory hashes) {
        ComponentTerms[] memory all = components();
        hashes = new bytes32[](all.length);
        for (uint256 i = 0; i < all.length; ++i) {
            hashes[i] = hashOfTerms(all[i]);
        }
    }

    function recipients() internal view returns (Recipient[] memory all) {
        all = new Recipient[](recipientCount);
        uint256 publicCount = recipientCount / 2;
        for (uint256 i = 0; i < recipientCount; ++i) {
            bool isOfPublic = i < publicCount;
            uint256 size = isOfPublic ? publicCount : recipientCount - publicCount;
            uint256 place = isOfPublic ? i : i - publicCount;
            // What does not divide evenly goes to the part's first.
            uint256 share = 1_000_000 / size + (place == 0 ? 1_000_000 % size : 0);
            Part part = isOfPublic ? Part.PUBLIC : Part.ENTERPRISE;
            all[i] = Recipient(recipientAt(i), part, uint32(share), 1, 1_000_000);
        }
    }

    /// @notice Ascending ids without zero bytes worth mentioning: call data costs what it costs with real ones.
    function recipientAt(uint256 place) internal pure returns (BodyId) {
        uint256 low = uint256(keccak256(abi.encode("recipient", place))) >> 8;
        return BodyId.wrap(bytes32(((place + 1) << 248) | low));
    }

    function recipientIds() internal view returns (BodyId[] memory ids) {
        ids = new BodyId[](recipientCount);
        for (uint256 i = 0; i < recipientCount; ++i) {
            ids[i] = recipientAt(i);
        }
    }

    /// @notice The regular usage line of November: the first two statements.
    function usageLine(uint64 gross) internal pure returns (Line memory line) {
        line.key = LineKey(AGREEMENT, Component.USAGE_SHARE, NOVEMBER, CNY, 0);
        (line.tableId, line.tableVersion) = (TABLE, FIRST);
        (line.basis, line.basisHash) = (BasisKind.STATEMENTS, keccak256(abi.encode(rangesOf(0, 2))));
        (line.weightsRevision, line.gross) = (1, gross);
    }

    function usageEvidence() internal view returns (IRevenueSettlement.BookingEvidence memory evidence) {
        evidence = evidenceOf(USAGE);
        evidence.ranges = rangesOf(0, 2);
    }

    function evidenceOf(uint256 place) internal view returns (IRevenueSettlement.BookingEvidence memory evidence) {
        evidence.terms = bookingTerms();
        evidence.component = ComponentProof(componentHashes(), place, components()[place]);
        evidence.weights = partWeights();
    }

    function rangesOf(uint64 first, uint64 next) internal pure returns (StatementRange[] memory ranges) {
        ranges = new StatementRange[](1);
        ranges[0] = StatementRange(STREAM, first, next);
    }

    /// @notice A further line charged by a ruling, which must be on record.
    function rulingLine(string memory dispute, uint64 gross, uint16 ordinal) internal pure returns (Line memory line) {
        line = usageLine(gross);
        (line.basis, line.basisHash) = (BasisKind.RULING, keccak256(bytes(dispute)));
        line.key.ordinal = ordinal;
    }

    function resolvedCase(uint64 awardedUnits) internal pure returns (IDisputes.DisputeRecord memory record) {
        record.status = IDisputes.DisputeStatus.RULED;
        record.agreementId = AGREEMENT;
        record.awardedUnits = awardedUnits;
    }

    function rule(string memory dispute, IDisputes.DisputeRecord memory record) internal {
        disputes.setDispute(DisputeId.wrap(keccak256(bytes(dispute))), record);
    }

    function bookUsage(uint64 gross) internal returns (LineId) {
        return bookIt(usageLine(gross), usageEvidence());
    }

    function bookIt(Line memory line, IRevenueSettlement.BookingEvidence memory evidence) internal returns (LineId) {
        return book.bookLine(line, evidence, byProposer(line, evidence));
    }

    function requireBookingRefused(
        Line memory line,
        IRevenueSettlement.BookingEvidence memory evidence,
        bytes memory expected
    ) internal {
        bytes memory call_ = abi.encodeCall(book.bookLine, (line, evidence, byProposer(line, evidence)));
        requireRefused(address(book), call_, expected);
    }

    function byProposer(
        Line memory line,
        IRevenueSettlement.BookingEvidence memory evidence
    ) internal view returns (PartySignature memory) {
        return byBook(headOfLine(line, evidence.terms), TRADING);
    }

    function byBook(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return sign(BOOK_DOMAIN, address(book), head, name, BUSINESS);
    }

    function lineIdOf(LineKey memory key) internal pure returns (LineId) {
        return
            LineId.wrap(
                keccak256(
                    abi.encode(
                        keccak256("cityledger/v1/line"),
                        key.agreementId,
                        key.component,
                        key.period,
                        key.currency,
                        key.ordinal
                    )
                )
            );
    }

    function contentHashOf(LineProof memory proof) internal pure returns (bytes28) {
        return bytes28(keccak256(abi.encodePacked(abi.encode(proof.line), keccak256(abi.encode(proof.recipients)))));
    }

    function headOfOpening(uint32 nonce, PeriodId period, Currency currency) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "TableOpening(uint32 nonce,uint32 period,bytes3 currency,bytes32 signer,bytes32 sm2SignatureDigest,"
            "uint256 deadline)"
        );
        return abi.encode(typeHash, nonce, period, currency);
    }

    function headOfLine(Line memory line, BookingTerms memory terms) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "SettlementLine(uint32 tableId,uint16 tableVersion,bytes32 agreementId,uint8 component,uint32 period,"
            "bytes3 currency,uint16 ordinal,uint8 basis,bytes32 basisHash,uint16 weightsRevision,uint64 gross,bytes32 "
            "corrects,uint64 baseGross,bytes32 ruleVersion,bytes32 priceRuleDigest,bool silenceAccepts,uint8 payBasis,"
            "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
        );
        return
            abi.encodePacked(
                abi.encode(typeHash, line.tableId, line.tableVersion, line.key.agreementId, line.key.component),
                abi.encode(line.key.period, line.key.currency, line.key.ordinal, line.basis, line.basisHash),
                abi.encode(line.weightsRevision, line.gross, line.corrects, line.baseGross),
                abi.encode(terms.ruleVersion, terms.priceRuleDigest, terms.silenceAccepts, terms.payBasis)
            );
    }

    function headOfCreditNote(Line memory line) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "CreditNote(bytes32 lineId,uint64 baseGross,uint64 gross,bytes32 noteDigest,bytes32 signer,"
            "bytes32 sm2SignatureDigest,uint256 deadline)"
        );
        return abi.encode(typeHash, line.corrects, line.baseGross, line.gross, line.basisHash);
    }

    function _component(
        Component component,
        uint8 bases,
        uint64 fixedAmount
    ) private view returns (ComponentTerms memory) {
        return
            ComponentTerms(
                component,
                bases,
                CNY,
                MAX_UNIT_PRICE,
                fixedAmount,
                OCTOBER,
                PeriodId.wrap(202712),
                recipients()
            );
    }
}
