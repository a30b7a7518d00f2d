// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {TradeActs} from "./access/TradeActs.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "./interfaces/IProductRegistry.sol";
import {ProductActsTypedData} from "./libraries/ProductActsTypedData.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {BodyId, Currency, ProductId} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";
import {PartWeights} from "./types/Terms.sol";

/// @title Product registry
/// @notice See {IProductRegistry}.
contract ProductRegistry is IProductRegistry, TradeActs {
    /// @dev A product over its versions. Two slots.
    struct Product {
        BodyId provider;
        uint32 versions;
        bool isFrozen;
        uint32 freezeNonce;
    }

    /// @dev A version: the record of {IProductRegistry}, ordered so that it takes six slots.
    struct Version {
        ProductStatus status;
        uint32 revision;
        uint32 publicWeight;
        uint32 enterpriseWeight;
        uint32 personalWeight;
        Currency currency;
        uint64 unitPrice;
        uint64 ceilingUnitPrice;
        BodyId suspendedBy;
        bytes32 contentDigest;
        bytes32 priceRuleDigest;
        bytes32 filingDigest;
    }

    /// @dev Weights are millionths.
    uint256 private constant _WHOLE = 1_000_000;

    mapping(ProductId productId => Product product) private _products;
    mapping(ProductId productId => mapping(uint32 version => Version state)) private _versions;

    /// @notice Deploys the registry.
    /// @param participants_ The `ParticipantRegistry`.
    constructor(IParticipantRegistry participants_) TradeActs(participants_, "CityLedger ProductRegistry") {
        if (address(participants_).code.length == 0) {
            revert ProductRegistryNoCode(address(participants_));
        }
    }

    /// @inheritdoc IProductRegistry
    function register(ProductVersion calldata product_, PartySignature calldata provider) external {
        Product storage state = _products[product_.productId];
        _requireNext(state, product_);
        _requireComplete(product_);
        _requireSignedAs(
            product_.provider,
            BodyRoles.PROVIDERS,
            ProductActsTypedData.headOfVersion(product_),
            provider,
            KeyPurposes.BUSINESS
        );
        state.provider = product_.provider;
        state.versions = product_.version;
        _store(product_);
        emit ProductRegistered(
            product_.productId,
            product_.version,
            product_.provider,
            product_.contentDigest,
            product_.priceRuleDigest,
            product_.weights,
            product_.currency,
            product_.unitPrice
        );
    }

    /// @inheritdoc IProductRegistry
    function review(
        ProductId productId,
        uint32 version,
        bool approved,
        bytes32 reviewDigest,
        PartySignature[] calldata platforms
    ) external {
        Version storage state = _known(productId, version);
        _requireStatus(state.status == ProductStatus.REGISTERED, productId, version, state);
        _requireNotZero(reviewDigest);
        uint256 expected = state.publicWeight == 0 ? 1 : 2;
        if (platforms.length != expected) {
            revert ProductRegistryReviewSignatures(expected, platforms.length);
        }
        bytes memory head = ProductActsTypedData.headOfReview(_registered(productId, version), approved, reviewDigest);
        _requireSigned(head, platforms[0], BodyRoles.TRADING_PLATFORM, KeyPurposes.BUSINESS, false);
        if (expected == 2) {
            _requireSigned(head, platforms[1], BodyRoles.AUTHORISATION_PLATFORM, KeyPurposes.BUSINESS, false);
        }
        state.status = approved ? ProductStatus.REVIEWED : ProductStatus.REFUSED;
        emit ProductReviewed(productId, version, approved, reviewDigest);
    }

    /// @inheritdoc IProductRegistry
    function file(
        ProductId productId,
        uint32 version,
        bytes32 filingDigest,
        uint64 ceilingUnitPrice,
        PartySignature calldata authority
    ) external {
        Version storage state = _known(productId, version);
        bool isDue = state.status == ProductStatus.REVIEWED && state.publicWeight != 0;
        _requireStatus(isDue, productId, version, state);
        _requireNotZero(filingDigest);
        _requireSigned(
            ProductActsTypedData.headOfFiling(_registered(productId, version), filingDigest, ceilingUnitPrice),
            authority,
            BodyRoles.PRICE_AUTHORITY,
            KeyPurposes.BUSINESS,
            false
        );
        state.status = ProductStatus.FILED;
        state.filingDigest = filingDigest;
        state.ceilingUnitPrice = ceilingUnitPrice;
        emit ProductFiled(productId, version, filingDigest, ceilingUnitPrice);
    }

    /// @inheritdoc IProductRegistry
    function act(
        ProductId productId,
        uint32 version,
        ProductAct act_,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata party
    ) external {
        Version storage state = _known(productId, version);
        ProductStatus status = _statusAfter(productId, version, state, act_, party.signer);
        if (nonce != state.revision) {
            revert ProductRegistryWrongNonce(state.revision, nonce);
        }
        uint32 roles = _rolesToAct(_products[productId].provider, state.suspendedBy, act_, party.signer);
        bytes memory head = ProductActsTypedData.headOfAct(productId, version, act_, reasonDigest, nonce);
        _requireSigned(head, party, roles, KeyPurposes.BUSINESS, false);
        state.status = status;
        state.suspendedBy = act_ == ProductAct.SUSPEND ? party.signer : BodyId.wrap(0);
        ++state.revision;
        emit ProductStatusChanged(productId, version, status, party.signer, reasonDigest);
    }

    /// @inheritdoc IProductRegistry
    function setFrozen(
        ProductId productId,
        bool frozen,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature calldata regulator
    ) external {
        Product storage state = _products[productId];
        if (state.versions == 0) {
            revert ProductRegistryUnknownProduct(productId, 0);
        }
        if (state.isFrozen == frozen) {
            revert ProductRegistryFreezeUnchanged(productId, frozen);
        }
        if (nonce != state.freezeNonce) {
            revert ProductRegistryWrongNonce(state.freezeNonce, nonce);
        }
        _requireSigned(
            ProductActsTypedData.headOfFreeze(productId, frozen, reasonDigest, nonce),
            regulator,
            BodyRoles.REGULATOR,
            KeyPurposes.BUSINESS,
            false
        );
        state.isFrozen = frozen;
        ++state.freezeNonce;
        emit ProductFreezeChanged(productId, frozen, regulator.signer, reasonDigest);
    }

    /// @inheritdoc IProductRegistry
    function product(
        ProductId productId
    ) external view returns (BodyId provider, uint32 versions, bool isFrozen, uint32 freezeNonce) {
        Product storage state = _products[productId];
        return (state.provider, state.versions, state.isFrozen, state.freezeNonce);
    }

    /// @inheritdoc IProductRegistry
    function requireTradable(ProductId productId, uint32 version) external view returns (ProductRecord memory record) {
        record = productOf(productId, version);
        requireNotFrozen(productId);
        if (record.status != ProductStatus.LISTED) {
            revert ProductRegistryWrongStatus(productId, version, record.status);
        }
    }

    /// @inheritdoc IProductRegistry
    function productOf(ProductId productId, uint32 version) public view returns (ProductRecord memory) {
        Version storage state = _known(productId, version);
        return
            ProductRecord({
                status: state.status,
                suspendedBy: state.suspendedBy,
                revision: state.revision,
                weights: PartWeights(state.publicWeight, state.enterpriseWeight, state.personalWeight),
                currency: state.currency,
                unitPrice: state.unitPrice,
                ceilingUnitPrice: state.ceilingUnitPrice,
                contentDigest: state.contentDigest,
                priceRuleDigest: state.priceRuleDigest,
                filingDigest: state.filingDigest
            });
    }

    /// @inheritdoc IProductRegistry
    function requireNotFrozen(ProductId productId) public view {
        if (_products[productId].isFrozen) {
            revert ProductRegistryFrozen(productId);
        }
    }

    function _store(ProductVersion calldata product_) private {
        Version storage state = _versions[product_.productId][product_.version];
        state.status = ProductStatus.REGISTERED;
        state.publicWeight = product_.weights.publicWeight;
        state.enterpriseWeight = product_.weights.enterpriseWeight;
        state.personalWeight = product_.weights.personalWeight;
        state.currency = product_.currency;
        state.unitPrice = product_.unitPrice;
        state.contentDigest = product_.contentDigest;
        state.priceRuleDigest = product_.priceRuleDigest;
    }

    /// @dev The version as its provider signed it. Reviewers and authorities sign all of it, so that their signatures
    /// fit no version that somebody else registers under the same id.
    function _registered(ProductId productId, uint32 version) private view returns (ProductVersion memory) {
        Version storage state = _versions[productId][version];
        return
            ProductVersion({
                productId: productId,
                version: version,
                provider: _products[productId].provider,
                contentDigest: state.contentDigest,
                priceRuleDigest: state.priceRuleDigest,
                weights: PartWeights(state.publicWeight, state.enterpriseWeight, state.personalWeight),
                currency: state.currency,
                unitPrice: state.unitPrice
            });
    }

    /// @dev Where the act leads, when it may be done to the version as it stands.
    function _statusAfter(
        ProductId productId,
        uint32 version,
        Version storage state,
        ProductAct act_,
        BodyId signer
    ) private view returns (ProductStatus) {
        ProductStatus status = state.status;
        if (act_ == ProductAct.LIST) {
            _requireListable(productId, version, state);
            return ProductStatus.LISTED;
        }
        if (act_ == ProductAct.SUSPEND) {
            // A provider's own suspension, which it would end itself, keeps no platform away.
            BodyId provider = _products[productId].provider;
            bool isOwn = status == ProductStatus.SUSPENDED && state.suspendedBy == provider;
            bool takesOver = isOwn && signer != provider;
            _requireStatus(status == ProductStatus.LISTED || takesOver, productId, version, state);
            return ProductStatus.SUSPENDED;
        }
        if (act_ == ProductAct.RESUME) {
            _requireStatus(status == ProductStatus.SUSPENDED, productId, version, state);
            requireNotFrozen(productId);
            return ProductStatus.LISTED;
        }
        bool isOver = status == ProductStatus.REFUSED || status == ProductStatus.DELISTED;
        _requireStatus(!isOver, productId, version, state);
        return ProductStatus.DELISTED;
    }

    /// @dev Public data: filed, and not dearer than its ceiling. Otherwise reviewed.
    function _requireListable(ProductId productId, uint32 version, Version storage state) private view {
        bool isPublic = state.publicWeight != 0;
        ProductStatus due = isPublic ? ProductStatus.FILED : ProductStatus.REVIEWED;
        _requireStatus(state.status == due, productId, version, state);
        requireNotFrozen(productId);
        if (isPublic && state.unitPrice > state.ceilingUnitPrice) {
            revert ProductRegistryPriceAboveCeiling(state.unitPrice, state.ceilingUnitPrice);
        }
    }

    /// @dev The state of a version that was registered; a status other than UNKNOWN says that it was.
    function _known(ProductId productId, uint32 version) private view returns (Version storage state) {
        state = _versions[productId][version];
        if (state.status == ProductStatus.UNKNOWN) {
            revert ProductRegistryUnknownProduct(productId, version);
        }
    }

    /// @dev The next version, by the provider of those before.
    function _requireNext(Product storage state, ProductVersion calldata product_) private view {
        uint32 versions = state.versions;
        if (versions != 0 && state.provider != product_.provider) {
            revert ProductRegistryWrongProvider(product_.productId, state.provider);
        }
        if (product_.version != versions + 1) {
            revert ProductRegistryWrongVersion(product_.productId, versions + 1, product_.version);
        }
    }

    function _requireStatus(bool isRight, ProductId productId, uint32 version, Version storage state) private view {
        if (!isRight) {
            revert ProductRegistryWrongStatus(productId, version, state.status);
        }
    }

    /// @dev Roles that the signer needs for the act: none when it is the provider. Listing is the provider's alone,
    /// resuming is of the body that suspended.
    function _rolesToAct(
        BodyId provider,
        BodyId suspendedBy,
        ProductAct act_,
        BodyId signer
    ) private pure returns (uint32) {
        if (act_ == ProductAct.RESUME && signer != suspendedBy) {
            revert ProductRegistrySuspendedByOther(suspendedBy);
        }
        if (signer == provider) {
            return 0;
        }
        if (act_ == ProductAct.LIST) {
            revert PartyActWrongSigner(provider, signer);
        }
        return BodyRoles.PLATFORMS;
    }

    /// @dev A price of zero is a price: of free use, or of a product that is paid by period.
    function _requireComplete(ProductVersion calldata product_) private pure {
        _requireNotZero(ProductId.unwrap(product_.productId));
        _requireNotZero(product_.contentDigest);
        _requireNotZero(product_.priceRuleDigest);
        _requireNotZero(Currency.unwrap(product_.currency));
        PartWeights calldata weights = product_.weights;
        uint256 sum = uint256(weights.publicWeight) + weights.enterpriseWeight + weights.personalWeight;
        if (sum != _WHOLE) {
            revert ProductRegistryWeightSum(sum);
        }
    }

    function _requireNotZero(bytes32 value) private pure {
        if (value == 0) {
            revert ProductRegistryZeroValue();
        }
    }
}
