// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, Currency, PeriodId, RuleVersion} from "./Ids.sol";

/// @notice Which data a share is paid for. Numbers never change.
enum Part {
    PUBLIC,
    ENTERPRISE,
    PERSONAL
}

/// @notice What is paid for. Numbers never change.
enum Component {
    BASE_FEE,
    USAGE_SHARE,
    SUBSCRIPTION,
    COMMISSION,
    MATCHING_FEE,
    SERVICE_FEE
}

/// @notice What a line charges for. Numbers never change; bit n of `ComponentTerms.bases` allows number n.
enum BasisKind {
    STATEMENTS,
    RULING,
    SCHEDULE,
    CREDIT_NOTE
}

/// @notice When money counts as distributable. Numbers never change.
enum PayBasis {
    COLLECTED,
    ACCRUED
}

/// @notice How much of a sum belongs to which kind of data, in millionths; the three sum to 1,000,000.
/// @param publicWeight Public data.
/// @param enterpriseWeight Data of enterprises.
/// @param personalWeight Personal data.
struct PartWeights {
    uint32 publicWeight;
    uint32 enterpriseWeight;
    uint32 personalWeight;
}

/// @notice One recipient's share of one part of a component, as the parties signed it.
/// @param recipient The body that is paid.
/// @param part The part that it has a share of.
/// @param share Share in millionths of the part; the shares of a part sum to 1,000,000.
/// @param minShare Least share that signed period weights may set instead.
/// @param maxShare Greatest share that signed period weights may set instead.
struct Recipient {
    BodyId recipient;
    Part part;
    uint32 share;
    uint32 minShare;
    uint32 maxShare;
}

/// @notice What the parties agreed about one component. EIP-712: `ComponentTerms(uint8 component,uint8 bases,
/// bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,uint32 firstPeriod,uint32 lastPeriod,Recipient[]
/// recipients)`.
/// @param component The component; every agreement names each at most once per currency.
/// @param bases Bits: which kinds of {BasisKind} may be charged. No bit, no charge.
/// @param currency The currency.
/// @param maxUnitPrice Most that one metered unit may cost, in millionths of a minor unit.
/// @param fixedAmount What each period costs when charged by schedule, in minor units.
/// @param firstPeriod First period that may be charged.
/// @param lastPeriod Last period that may be charged.
/// @param recipients Who is paid, strictly ascending by (part, recipient), at most 250.
struct ComponentTerms {
    Component component;
    uint8 bases;
    Currency currency;
    uint64 maxUnitPrice;
    uint64 fixedAmount;
    PeriodId firstPeriod;
    PeriodId lastPeriod;
    Recipient[] recipients;
}

/// @notice What every booking under an agreement is held against; the agreement stores its hash.
/// @param ruleVersion The settlement rule.
/// @param priceRuleDigest The price rule.
/// @param silenceAccepts Whether an unanswered usage statement counts as accepted.
/// @param payBasis When money counts as distributable.
/// @param isPublic Whether the product's public weight is above zero.
/// @param ceilingUnitPrice Ceiling filed for the product version, in millionths of a minor unit; zero when there is
/// none.
/// @param ceilingCurrency Currency of the product's prices, and so of the ceiling.
/// @param componentsHash EIP-712 hash of the agreement's array of {ComponentTerms}.
struct BookingTerms {
    RuleVersion ruleVersion;
    bytes32 priceRuleDigest;
    bool silenceAccepts;
    PayBasis payBasis;
    bool isPublic;
    uint64 ceilingUnitPrice;
    Currency ceilingCurrency;
    bytes32 componentsHash;
}

/// @notice One component's terms and the hashes of all, which prove that it is one of the agreement's.
/// @param componentHashes EIP-712 hashes of all of the agreement's {ComponentTerms}, in its order.
/// @param place Place of `terms` among them.
/// @param terms The component's terms.
struct ComponentProof {
    bytes32[] componentHashes;
    uint256 place;
    ComponentTerms terms;
}

/// @notice What names a line. Its id is the hash of these.
/// @param agreementId The agreement.
/// @param component The component.
/// @param period The accounting period.
/// @param currency The currency.
/// @param ordinal 0 for the regular line; further lines of the same four (rulings, corrections) are counted from 1.
struct LineKey {
    AgreementId agreementId;
    Component component;
    PeriodId period;
    Currency currency;
    uint16 ordinal;
}
