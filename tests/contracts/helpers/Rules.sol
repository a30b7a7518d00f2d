// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../../../contracts/interfaces/ISettlementRules.sol";
import {SettlementRules} from "../../../contracts/SettlementRules.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {AgreementId, Currency, PeriodId, RuleVersion} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {Component, ComponentTerms, Part, PartWeights, Recipient} from "../../../contracts/types/Terms.sol";
import {PartiesFixture} from "./Parties.sol";
import {deployed} from "./Deployed.sol";

/// @title Settlement rules with everybody who signs them, and their typed data spelled out from EIP-712
abstract contract RulesFixture is PartiesFixture {
    string internal constant RULES_DOMAIN = "CityLedger SettlementRules";
    string internal constant TRADING = "trading platform";
    string internal constant AUTHORISATION = "authorisation platform";
    string internal constant REGULATOR = "regulator";
    string internal constant AUDITOR = "auditor";
    PeriodId internal constant OCTOBER = PeriodId.wrap(202610);
    PeriodId internal constant NOVEMBER = PeriodId.wrap(202611);
    AgreementId internal constant AGREEMENT = AgreementId.wrap(keccak256("agreement"));

    SettlementRules internal rules;

    function setUp() public virtual override {
        super.setUp();
        rules = SettlementRules(deployed("SettlementRules", abi.encode(registry())));
        admit(TRADING, BodyRoles.TRADING_PLATFORM);
        admit(AUTHORISATION, BodyRoles.AUTHORISATION_PLATFORM);
        admit(REGULATOR, BodyRoles.REGULATOR);
        admit(AUDITOR, BodyRoles.AUDITOR);
        admit("recipient", BodyRoles.DATA_HOLDER);
    }

    /// @notice A rule that leaves public data 0 to 100 %, the rest to enterprises and people.
    function wideRule() internal pure returns (ISettlementRules.RuleContent memory) {
        return
            ISettlementRules.RuleContent(
                keccak256("formula"),
                keccak256("filing"),
                keccak256("text"),
                PartWeights(0, 0, 0),
                PartWeights(1_000_000, 1_000_000, 1_000_000),
                OCTOBER
            );
    }

    function approve(ISettlementRules.RuleContent memory content) internal returns (RuleVersion) {
        bytes memory head = headOfRule(content);
        return
            rules.approveRule(content, byRules(head, TRADING), byRules(head, AUTHORISATION), byRules(head, REGULATOR));
    }

    function retire(RuleVersion ruleVersion) internal {
        bytes32 reason = keccak256("superseded");
        rules.retireRule(ruleVersion, reason, byRules(headOfRetirement(ruleVersion, reason), REGULATOR));
    }

    function signWeights(ISettlementRules.PeriodWeights memory weights) internal {
        bytes memory head = headOfWeights(weights);
        rules.signWeights(weights, termsOf(weights.component), byRules(head, AUTHORISATION), byRules(head, AUDITOR));
    }

    /// @notice First weights of the usage share in November: 60 % public, 40 % enterprise, agreed shares.
    function usualWeights(RuleVersion ruleVersion) internal view returns (ISettlementRules.PeriodWeights memory) {
        return
            ISettlementRules.PeriodWeights(
                AGREEMENT,
                Component.USAGE_SHARE,
                NOVEMBER,
                1,
                ruleVersion,
                hashOfTerms(termsOf(Component.USAGE_SHARE)),
                PartWeights(600_000, 400_000, 0),
                new uint32[](0),
                keccak256("indicators")
            );
    }

    /// @notice Terms of a component, with one recipient.
    function termsOf(Component component) internal view virtual returns (ComponentTerms memory terms) {
        terms.component = component;
        terms.currency = Currency.wrap("CNY");
        (terms.firstPeriod, terms.lastPeriod) = (OCTOBER, NOVEMBER);
        terms.recipients = new Recipient[](1);
        terms.recipients[0] = Recipient(idOf("recipient"), Part.ENTERPRISE, 1_000_000, 0, 1_000_000);
    }

    function byRules(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return sign(RULES_DOMAIN, address(rules), head, name, BUSINESS);
    }

    function headOfRule(ISettlementRules.RuleContent memory content) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "Rule(bytes32 formulaDigest,bytes32 filingDigest,bytes32 textDigest,uint32 minPublicWeight,"
            "uint32 maxPublicWeight,uint32 minEnterpriseWeight,uint32 maxEnterpriseWeight,"
            "uint32 minPersonalWeight,uint32 maxPersonalWeight,uint32 firstPeriod,bytes32 signer,"
            "bytes32 sm2SignatureDigest,uint256 deadline)"
        );
        return
            abi.encodePacked(
                abi.encode(typeHash, content.formulaDigest, content.filingDigest, content.textDigest),
                abi.encode(content.minimum.publicWeight, content.maximum.publicWeight),
                abi.encode(content.minimum.enterpriseWeight, content.maximum.enterpriseWeight),
                abi.encode(content.minimum.personalWeight, content.maximum.personalWeight),
                abi.encode(content.firstPeriod)
            );
    }

    function headOfRetirement(RuleVersion ruleVersion, bytes32 reasonDigest) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "RuleRetirement(bytes32 ruleVersion,bytes32 reasonDigest,bytes32 signer,bytes32 sm2SignatureDigest,"
            "uint256 deadline)"
        );
        return abi.encode(typeHash, ruleVersion, reasonDigest);
    }

    function headOfWeights(ISettlementRules.PeriodWeights memory weights) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "PeriodWeights(bytes32 agreementId,uint8 component,uint32 period,uint16 revision,bytes32 ruleVersion,"
            "bytes32 componentHash,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,uint32[] shares,"
            "bytes32 evidenceDigest,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
        );
        return
            abi.encodePacked(
                abi.encode(typeHash, weights.agreementId, weights.component, weights.period, weights.revision),
                abi.encode(weights.ruleVersion, weights.componentHash),
                abi.encode(weights.weights.publicWeight, weights.weights.enterpriseWeight),
                abi.encode(weights.weights.personalWeight, hashOfWords(weights.shares), weights.evidenceDigest)
            );
    }

    function hashOfTerms(ComponentTerms memory terms) internal pure returns (bytes32) {
        string memory recipient =
            "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)";
        bytes32 typeHash = keccak256(
            abi.encodePacked(
                "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,",
                "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)",
                recipient
            )
        );
        bytes memory hashes;
        for (uint256 i = 0; i < terms.recipients.length; ++i) {
            hashes = bytes.concat(hashes, keccak256(abi.encode(keccak256(bytes(recipient)), terms.recipients[i])));
        }
        return
            keccak256(
                abi.encodePacked(
                    abi.encode(typeHash, terms.component, terms.bases, terms.currency, terms.maxUnitPrice),
                    abi.encode(terms.fixedAmount, terms.firstPeriod, terms.lastPeriod, keccak256(hashes))
                )
            );
    }

    /// @notice An array in EIP-712: each element a word.
    function hashOfWords(uint32[] memory numbers) internal pure returns (bytes32) {
        bytes memory words;
        for (uint256 i = 0; i < numbers.length; ++i) {
            words = bytes.concat(words, bytes32(uint256(numbers[i])));
        }
        return keccak256(words);
    }
}
