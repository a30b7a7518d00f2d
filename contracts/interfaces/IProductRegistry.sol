// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, Currency, ProductId} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {PartWeights} from "../types/Terms.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Product registry: versions of data products, by digest
/// @notice A version is written once by its provider and never changed; another price or content is another version.
/// Where the public weight is above zero it needs both platforms' review, a filing number and a ceiling before it can
/// be listed, and its price may not be above the ceiling. The regulator may freeze a product with all its versions.
/// Domain name: "CityLedger ProductRegistry".
interface IProductRegistry is IPartyActs {
    /// @notice Life of a version. Numbers never change. UNKNOWN -> REGISTERED -> REVIEWED | REFUSED;
    /// REVIEWED -> FILED (public weight above zero only); REVIEWED (otherwise), FILED -> LISTED;
    /// LISTED <-> SUSPENDED; REGISTERED, REVIEWED, FILED, LISTED, SUSPENDED -> DELISTED. REFUSED and DELISTED are
    /// final.
    enum ProductStatus {
        UNKNOWN,
        REGISTERED,
        REVIEWED,
        REFUSED,
        FILED,
        LISTED,
        SUSPENDED,
        DELISTED
    }

    /// @notice What `act` does. Numbers never change.
    enum ProductAct {
        LIST,
        SUSPEND,
        RESUME,
        DELIST
    }

    /// @notice What a provider registers. EIP-712: `ProductVersion(bytes32 productId,uint32 version,bytes32 provider,
    /// bytes32 contentDigest,bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,
    /// bytes3 currency,uint64 unitPrice,` and the tail.
    /// @param productId Salted id.
    /// @param version Counted from 1.
    /// @param provider Body that registers it; the same for all versions.
    /// @param contentDigest Salted digest of description, interface and usage policy.
    /// @param priceRuleDigest Digest of the price rule.
    /// @param weights Weights of public, enterprise and personal data.
    /// @param currency Currency of the price.
    /// @param unitPrice Price of a unit, in millionths of a minor unit.
    struct ProductVersion {
        ProductId productId;
        uint32 version;
        BodyId provider;
        bytes32 contentDigest;
        bytes32 priceRuleDigest;
        PartWeights weights;
        Currency currency;
        uint64 unitPrice;
    }

    /// @notice A version on record.
    /// @param status Where it stands.
    /// @param suspendedBy Body that suspended it and alone resumes it, a platform also by taking over what the provider
    /// suspended; zero when it is not suspended.
    /// @param revision Number of calls of `act` that changed it so far; the `nonce` of the next one.
    /// @param weights Weights of the three parts.
    /// @param currency Currency of the prices.
    /// @param unitPrice Price of a unit, in millionths of a minor unit.
    /// @param ceilingUnitPrice Ceiling in the same unit; zero when none is filed.
    /// @param contentDigest Digest of its content.
    /// @param priceRuleDigest Digest of its price rule.
    /// @param filingDigest Digest of its filing number; zero when none is filed.
    struct ProductRecord {
        ProductStatus status;
        BodyId suspendedBy;
        uint32 revision;
        PartWeights weights;
        Currency currency;
        uint64 unitPrice;
        uint64 ceilingUnitPrice;
        bytes32 contentDigest;
        bytes32 priceRuleDigest;
        bytes32 filingDigest;
    }

    /// @notice A version was registered.
    /// @param productId The product.
    /// @param version The version.
    /// @param provider The provider.
    /// @param contentDigest Digest of its content.
    /// @param priceRuleDigest Digest of its price rule.
    /// @param weights Weights of the three parts.
    /// @param currency Currency.
    /// @param unitPrice Price of a unit, in millionths of a minor unit.
    event ProductRegistered(
        ProductId indexed productId,
        uint32 indexed version,
        BodyId indexed provider,
        bytes32 contentDigest,
        bytes32 priceRuleDigest,
        PartWeights weights,
        Currency currency,
        uint64 unitPrice
    );
    /// @notice A version was reviewed.
    /// @param productId The product.
    /// @param version The version.
    /// @param isApproved Whether it may go on.
    /// @param reviewDigest Digest of the review.
    event ProductReviewed(ProductId indexed productId, uint32 indexed version, bool isApproved, bytes32 reviewDigest);
    /// @notice A version has a filing number and a ceiling.
    /// @param productId The product.
    /// @param version The version.
    /// @param filingDigest Digest of the filing number.
    /// @param ceilingUnitPrice Ceiling, in millionths of a minor unit.
    event ProductFiled(
        ProductId indexed productId,
        uint32 indexed version,
        bytes32 filingDigest,
        uint64 ceilingUnitPrice
    );
    /// @notice A version was listed, suspended, resumed or delisted.
    /// @param productId The product.
    /// @param version The version.
    /// @param status Where it stands now.
    /// @param by Body that did it.
    /// @param reasonDigest Digest of the reason.
    event ProductStatusChanged(
        ProductId indexed productId,
        uint32 indexed version,
        ProductStatus status,
        BodyId indexed by,
        bytes32 reasonDigest
    );
    /// @notice The regulator froze a product, or ended that.
    /// @param productId The product.
    /// @param isFrozen Whether it is frozen now.
    /// @param by The regulator.
    /// @param reasonDigest Digest of the reason.
    event ProductFreezeChanged(ProductId indexed productId, bool isFrozen, BodyId indexed by, bytes32 reasonDigest);

    /// @notice There is no contract at an address that the constructor was given.
    /// @param account The address.
    error ProductRegistryNoCode(address account);
    /// @notice No such product version.
    /// @param productId The product.
    /// @param version The version.
    error ProductRegistryUnknownProduct(ProductId productId, uint32 version);
    /// @notice Versions are registered in order, by one provider.
    /// @param productId The product.
    /// @param expected Number of the next version.
    /// @param version Number that was given.
    error ProductRegistryWrongVersion(ProductId productId, uint32 expected, uint32 version);
    /// @notice The product belongs to another provider.
    /// @param productId The product.
    /// @param provider Its provider.
    error ProductRegistryWrongProvider(ProductId productId, BodyId provider);
    /// @notice The version's state does not allow this.
    /// @param productId The product.
    /// @param version The version.
    /// @param status Where it stands.
    error ProductRegistryWrongStatus(ProductId productId, uint32 version, ProductStatus status);
    /// @notice The weights do not sum to 1,000,000.
    /// @param sum What they sum to.
    error ProductRegistryWeightSum(uint256 sum);
    /// @notice An id, a digest or a currency that must be there is zero.
    error ProductRegistryZeroValue();
    /// @notice The price is above the ceiling.
    /// @param unitPrice The price.
    /// @param ceilingUnitPrice The ceiling.
    error ProductRegistryPriceAboveCeiling(uint64 unitPrice, uint64 ceilingUnitPrice);
    /// @notice The review lacks a platform's signature, or has one too many.
    /// @param expected Number of signatures that it takes.
    /// @param actual Number that were given.
    error ProductRegistryReviewSignatures(uint256 expected, uint256 actual);
    /// @notice The signed nonce is not the revision.
    /// @param expected The revision.
    /// @param nonce What was signed.
    error ProductRegistryWrongNonce(uint256 expected, uint256 nonce);
    /// @notice Only the body that suspended a version resumes it.
    /// @param suspendedBy The body.
    error ProductRegistrySuspendedByOther(BodyId suspendedBy);
    /// @notice The product is frozen.
    /// @param productId The product.
    error ProductRegistryFrozen(ProductId productId);
    /// @notice The product is frozen, or not, already.
    /// @param productId The product.
    /// @param isFrozen Which of the two.
    error ProductRegistryFreezeUnchanged(ProductId productId, bool isFrozen);

    /// @notice Registers the next version of a product. Its provider (PROVIDER, DEVELOPER or DATA_HOLDER), purpose
    /// BUSINESS.
    /// @dev Emits {ProductRegistered}.
    /// @param productVersion The version.
    /// @param provider `ProductVersion`, signed by `productVersion.provider`.
    function register(ProductVersion calldata productVersion, PartySignature calldata provider) external;

    /// @notice Records the review of a registered version: by the trading platform, and by the authorisation platform
    /// too where the public weight is above zero.
    /// @dev `ProductReview(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,
    /// bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,bytes3 currency,
    /// uint64 unitPrice,bool approved,bytes32 reviewDigest,` tail, same for both: all of the version as its provider
    /// signed it, so that a review fits no other version under the same id. Emits {ProductReviewed}.
    /// @param productId The product.
    /// @param version The version.
    /// @param approved Whether it may go on.
    /// @param reviewDigest Digest of the review.
    /// @param platforms Trading platform, then, where public, authorisation platform.
    function review(
        ProductId productId,
        uint32 version,
        bool approved,
        bytes32 reviewDigest,
        PartySignature[] calldata platforms
    ) external;

    /// @notice Records filing number and ceiling of a reviewed version whose public weight is above zero. Price
    /// authority: no platform, which reviews and settles, sets the ceiling that it is held against.
    /// @dev `ProductFiling(bytes32 productId,uint32 version,bytes32 provider,bytes32 contentDigest,
    /// bytes32 priceRuleDigest,uint32 publicWeight,uint32 enterpriseWeight,uint32 personalWeight,bytes3 currency,
    /// uint64 unitPrice,bytes32 filingDigest,uint64 ceilingUnitPrice,` tail; the ceiling is in the version's currency.
    /// Emits {ProductFiled}.
    /// @param productId The product.
    /// @param version The version.
    /// @param filingDigest Digest of the filing number, not zero.
    /// @param ceilingUnitPrice Ceiling, in millionths of a minor unit; free products have ceiling and price zero.
    /// @param authority Signature of a price authority.
    function file(
        ProductId productId,
        uint32 version,
        bytes32 filingDigest,
        uint64 ceilingUnitPrice,
        PartySignature calldata authority
    ) external;

    /// @notice Lists, suspends, resumes or delists a version. The provider may do all four; a platform may suspend,
    /// delist, and resume what it suspended itself.
    /// @dev `ProductAct(bytes32 productId,uint32 version,uint8 act,bytes32 reasonDigest,uint256 nonce,` tail.
    /// Listing checks filing and ceiling. Emits {ProductStatusChanged}.
    /// @param productId The product.
    /// @param version The version.
    /// @param act_ What to do.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce The version's revision.
    /// @param party The provider's or platform's signature.
    function act(
        ProductId productId,
        uint32 version,
        ProductAct act_,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata party
    ) external;

    /// @notice Freezes a product or ends that. Regulator.
    /// @dev `ProductFreeze(bytes32 productId,bool frozen,bytes32 reasonDigest,uint256 nonce,` tail; the nonce counts
    /// the product's freezes and thaws. Emits {ProductFreezeChanged}.
    /// @param productId The product.
    /// @param frozen Whether it is to be frozen.
    /// @param reasonDigest Digest of the reason.
    /// @param nonce Number of freezes and thaws so far.
    /// @param regulator The regulator's signature.
    function setFrozen(
        ProductId productId,
        bool frozen,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata regulator
    ) external;

    /// @notice A version on record. Reverts for an unknown one.
    /// @param productId The product.
    /// @param version The version.
    /// @return The record.
    function productOf(ProductId productId, uint32 version) external view returns (ProductRecord memory);

    /// @notice A product over all its versions; all zero for an unknown one.
    /// @param productId The product.
    /// @return provider Its provider.
    /// @return versions Number of versions.
    /// @return isFrozen Whether it is frozen.
    /// @return freezeNonce Number of freezes and thaws so far.
    function product(
        ProductId productId
    ) external view returns (BodyId provider, uint32 versions, bool isFrozen, uint32 freezeNonce);

    /// @notice Reverts unless the version is listed and its product not frozen: whatever makes new duties asks this.
    /// @param productId The product.
    /// @param version The version.
    /// @return record The version.
    function requireTradable(ProductId productId, uint32 version) external view returns (ProductRecord memory record);

    /// @notice Reverts when the product is frozen: what goes on under older duties (delivery) asks this.
    /// @param productId The product.
    function requireNotFrozen(ProductId productId) external view;
}
