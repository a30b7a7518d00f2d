// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId, Currency, ProductId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PartWeights} from "../../contracts/types/Terms.sol";
import {TradeFixture} from "./helpers/Trade.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The life of product versions
contract ProductRegistryTest is TradeFixture {
    function test_constructor_withoutARegistry_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IProductRegistry.ProductRegistryNoCode.selector, address(7)));
        deployed("ProductRegistry", abi.encode(IParticipantRegistry(address(7))));
    }

    function test_register_keepsEverythingAndTells() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 400_000);
        PartySignature memory signed = signP(headOfVersion(product), "provider");
        vm.expectEmit(address(products));
        emit IProductRegistry.ProductRegistered(
            product.productId,
            1,
            product.provider,
            product.contentDigest,
            product.priceRuleDigest,
            product.weights,
            product.currency,
            product.unitPrice
        );
        products.register(product, signed);
        (BodyId provider, uint32 versions, bool isFrozen, uint32 freezeNonce) = products.product(product.productId);
        vm.assertTrue(provider == product.provider && versions == 1 && !isFrozen && freezeNonce == 0);
        _requireRecord(product, IProductRegistry.ProductStatus.REGISTERED, 0);
    }

    function test_fuzz_register_keepsTheFields(uint32 publicWeight, uint32 other, uint64 price, bytes32 digest) public {
        vm.assume(digest != 0);
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 0);
        uint32 first = publicWeight % 1_000_001;
        uint32 second = other % (1_000_001 - first);
        product.weights = PartWeights(first, second, 1_000_000 - first - second);
        product.unitPrice = price;
        product.contentDigest = digest;
        register(product);
        _requireRecord(product, IProductRegistry.ProductStatus.REGISTERED, 0);
    }

    function test_fuzz_register_ofWeightsThatAreNotOne_isRefused(PartWeights memory weights) public {
        uint256 sum = uint256(weights.publicWeight) + weights.enterpriseWeight + weights.personalWeight;
        vm.assume(sum != 1_000_000);
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 0);
        product.weights = weights;
        _expect(abi.encodeWithSelector(IProductRegistry.ProductRegistryWeightSum.selector, sum), product);
    }

    function test_register_ofADeveloperOrDataHolder_isAccepted() public {
        admit("developer", BodyRoles.DEVELOPER);
        string[2] memory names = ["developer", "holder"];
        for (uint256 i = 0; i < names.length; ++i) {
            IProductRegistry.ProductVersion memory product = productOf(names[i], 1, 0);
            product.provider = idOf(names[i]);
            products.register(product, signP(headOfVersion(product), names[i]));
        }
    }

    function test_register_withoutAnIdDigestOrCurrency_isRefused() public {
        for (uint256 i = 0; i < 4; ++i) {
            IProductRegistry.ProductVersion memory product = productOf("a", 1, 0);
            if (i == 0) product.productId = ProductId.wrap(0);
            if (i == 1) product.contentDigest = 0;
            if (i == 2) product.priceRuleDigest = 0;
            if (i == 3) product.currency = Currency.wrap(0);
            _expect(abi.encodeWithSelector(IProductRegistry.ProductRegistryZeroValue.selector), product);
        }
    }

    function test_register_outOfOrderOrByAnotherProvider_isRefused() public {
        bytes4 wrongVersion = IProductRegistry.ProductRegistryWrongVersion.selector;
        IProductRegistry.ProductVersion memory product = productOf("a", 2, 0);
        _expect(abi.encodeWithSelector(wrongVersion, product.productId, 1, 2), product);
        product.version = 0;
        _expect(abi.encodeWithSelector(wrongVersion, product.productId, 1, 0), product);
        product.version = 1;
        register(product);
        product.version = 3;
        _expect(abi.encodeWithSelector(wrongVersion, product.productId, 2, 3), product);
        product.version = 2;
        product.provider = idOf("both");
        bytes4 wrongProvider = IProductRegistry.ProductRegistryWrongProvider.selector;
        _expect(abi.encodeWithSelector(wrongProvider, product.productId, idOf("provider")), product);
        product.provider = idOf("provider");
        register(product);
        (, uint32 versions, , ) = products.product(product.productId);
        vm.assertEq(versions, 2);
    }

    function test_review_ofTheTradingPlatform_decidesWithoutPublicData() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 0);
        register(product);
        review(product, true);
        _requireRecord(product, IProductRegistry.ProductStatus.REVIEWED, 0);
        product.version = 2;
        register(product);
        PartySignature[] memory platforms = one(signP(headOfReview(product, false), "trading"));
        vm.expectEmit(address(products));
        emit IProductRegistry.ProductReviewed(product.productId, 2, false, REVIEW);
        products.review(product.productId, 2, false, REVIEW, platforms);
        _requireRecord(product, IProductRegistry.ProductStatus.REFUSED, 0);
    }

    function test_review_withTooFewOrTooManySignatures_isRefused() public {
        bytes4 error_ = IProductRegistry.ProductRegistryReviewSignatures.selector;
        for (uint32 weight = 0; weight < 2; ++weight) {
            IProductRegistry.ProductVersion memory product = productOf(weight == 0 ? "a" : "b", 1, weight);
            register(product);
            PartySignature memory signed = signP(headOfReview(product, true), "trading");
            PartySignature[] memory platforms = weight == 0 ? two(signed, signed) : one(signed);
            vm.expectRevert(abi.encodeWithSelector(error_, weight + 1, platforms.length));
            products.review(product.productId, 1, true, REVIEW, platforms);
            vm.expectRevert(abi.encodeWithSelector(error_, weight + 1, 0));
            products.review(product.productId, 1, true, REVIEW, new PartySignature[](0));
        }
    }

    function test_review_ofPublicDataByOnePlatformTwice_isRefused() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 1);
        register(product);
        PartySignature memory signed = signP(headOfReview(product, true), "trading");
        bytes4 error_ = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
        vm.expectRevert(
            abi.encodeWithSelector(
                error_,
                idOf("trading"),
                BodyRoles.TRADING_PLATFORM,
                BodyRoles.AUTHORISATION_PLATFORM
            )
        );
        products.review(product.productId, 1, true, REVIEW, two(signed, signed));
    }

    function test_zeroDigests_ofReviewAndFiling_areRefused() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 1);
        register(product);
        PartySignature memory signed = signP("", "trading");
        bytes4 error_ = IProductRegistry.ProductRegistryZeroValue.selector;
        vm.expectRevert(abi.encodeWithSelector(error_));
        products.review(product.productId, 1, true, 0, two(signed, signed));
        review(product, true);
        vm.expectRevert(abi.encodeWithSelector(error_));
        products.file(product.productId, 1, 0, 300, signed);
    }

    function test_file_byThePriceAuthority_isRecorded() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 1);
        register(product);
        review(product, true);
        PartySignature memory signed = signP(headOfProductFiling(product, 300), "price");
        vm.expectEmit(address(products));
        emit IProductRegistry.ProductFiled(product.productId, 1, FILING, 300);
        products.file(product.productId, 1, FILING, 300, signed);
        IProductRegistry.ProductRecord memory record = products.productOf(product.productId, 1);
        vm.assertEq(record.filingDigest, FILING);
        vm.assertEq(record.ceilingUnitPrice, 300);
    }

    function test_file_withoutPublicData_isRefused() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 0);
        register(product);
        review(product, true);
        PartySignature memory signed = signP(headOfProductFiling(product, 300), "price");
        vm.expectRevert(_wrongStatus(product, IProductRegistry.ProductStatus.REVIEWED));
        products.file(product.productId, 1, FILING, 300, signed);
    }

    function test_list_abovePriceCeiling_isRefused_atItAccepted() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 1);
        register(product);
        review(product, true);
        fileProduct(product, 249);
        PartySignature memory signed = signP(headOfAct(product, IProductRegistry.ProductAct.LIST, 0), "provider");
        vm.expectRevert(abi.encodeWithSelector(IProductRegistry.ProductRegistryPriceAboveCeiling.selector, 250, 249));
        products.act(product.productId, 1, IProductRegistry.ProductAct.LIST, REASON, 0, signed);
        product = productOf("b", 1, 1);
        register(product);
        review(product, true);
        fileProduct(product, 250);
        act(product, IProductRegistry.ProductAct.LIST, "provider");
        product = productOf("free", 1, 1);
        product.unitPrice = 0;
        register(product);
        review(product, true);
        fileProduct(product, 0);
        act(product, IProductRegistry.ProductAct.LIST, "provider");
        products.requireTradable(product.productId, 1);
    }

    function test_list_ofPublicDataWithoutFiling_isRefused() public {
        IProductRegistry.ProductVersion memory product = productOf("a", 1, 1);
        register(product);
        review(product, true);
        _refuseAct(
            product,
            IProductRegistry.ProductAct.LIST,
            "provider",
            _wrongStatus(product, IProductRegistry.ProductStatus.REVIEWED)
        );
    }

    function test_act_tellsWhoAndWhy_andCounts() public {
        IProductRegistry.ProductVersion memory product = listed("a", 1);
        _requireRecord(product, IProductRegistry.ProductStatus.LISTED, 1);
        PartySignature memory signed = signP(headOfAct(product, IProductRegistry.ProductAct.SUSPEND, 1), "trading");
        vm.expectEmit(address(products));
        emit IProductRegistry.ProductStatusChanged(
            product.productId,
            1,
            IProductRegistry.ProductStatus.SUSPENDED,
            idOf("trading"),
            REASON
        );
        products.act(product.productId, 1, IProductRegistry.ProductAct.SUSPEND, REASON, 1, signed);
        _requireRecord(product, IProductRegistry.ProductStatus.SUSPENDED, 2);
        vm.assertTrue(products.productOf(product.productId, 1).suspendedBy == idOf("trading"));
    }

    function test_act_withAnotherNonce_isRefused() public {
        IProductRegistry.ProductVersion memory product = listed("a", 0);
        PartySignature memory signed = signP(headOfAct(product, IProductRegistry.ProductAct.SUSPEND, 0), "provider");
        vm.expectRevert(abi.encodeWithSelector(IProductRegistry.ProductRegistryWrongNonce.selector, 1, 0));
        products.act(product.productId, 1, IProductRegistry.ProductAct.SUSPEND, REASON, 0, signed);
    }

    function test_resume_isOfTheBodyThatSuspended() public {
        IProductRegistry.ProductVersion memory product = listed("a", 0);
        string[3] memory names = ["trading", "authorisation", "provider"];
        for (uint256 i = 0; i < names.length; ++i) {
            act(product, IProductRegistry.ProductAct.SUSPEND, names[i]);
            bytes4 error_ = IProductRegistry.ProductRegistrySuspendedByOther.selector;
            _refuseAct(
                product,
                IProductRegistry.ProductAct.RESUME,
                names[(i + 1) % 3],
                abi.encodeWithSelector(error_, idOf(names[i]))
            );
            act(product, IProductRegistry.ProductAct.RESUME, names[i]);
            products.requireTradable(product.productId, 1);
            vm.assertTrue(products.productOf(product.productId, 1).suspendedBy == BodyId.wrap(0));
        }
    }

    function test_delist_isFinal_fromAnywhereBefore() public {
        for (uint256 status = 1; status <= 7; ++status) {
            IProductRegistry.ProductVersion memory product = _at(IProductRegistry.ProductStatus(status));
            bool isOver =
                status == uint256(IProductRegistry.ProductStatus.REFUSED) ||
                    status == uint256(IProductRegistry.ProductStatus.DELISTED);
            if (!isOver) {
                act(product, IProductRegistry.ProductAct.DELIST, "provider");
                vm.assertTrue(products.productOf(product.productId, 1).suspendedBy == BodyId.wrap(0));
            }
            IProductRegistry.ProductStatus last = products.productOf(product.productId, 1).status;
            for (uint256 i = 0; i < 4; ++i) {
                _refuseAct(product, IProductRegistry.ProductAct(i), "provider", _wrongStatus(product, last));
            }
        }
    }

    /// @dev Every act in every state: what the enum's table does not name is refused.
    function test_acts_areAllowedInTheStatesOfTheTableOnly() public {
        IProductRegistry.ProductStatus[3] memory right = [
            IProductRegistry.ProductStatus.FILED,
            IProductRegistry.ProductStatus.LISTED,
            IProductRegistry.ProductStatus.SUSPENDED
        ];
        for (uint256 status = 1; status <= 7; ++status) {
            IProductRegistry.ProductVersion memory product = _at(IProductRegistry.ProductStatus(status));
            IProductRegistry.ProductStatus present = IProductRegistry.ProductStatus(status);
            for (uint256 i = 0; i < 3; ++i) {
                if (present != right[i]) {
                    _refuseAct(product, IProductRegistry.ProductAct(i), "provider", _wrongStatus(product, present));
                }
            }
            PartySignature memory signed = signP("", "trading");
            if (present != IProductRegistry.ProductStatus.REGISTERED) {
                vm.expectRevert(_wrongStatus(product, present));
                products.review(product.productId, 1, true, REVIEW, two(signed, signed));
            }
            if (present != IProductRegistry.ProductStatus.REVIEWED) {
                vm.expectRevert(_wrongStatus(product, present));
                products.file(product.productId, 1, FILING, 300, signed);
            }
        }
    }

    function test_freeze_stopsListingResumingAndTrade() public {
        IProductRegistry.ProductVersion memory product = listed("a", 0);
        IProductRegistry.ProductVersion memory next = productOf("a", 2, 0);
        register(next);
        review(next, true);
        PartySignature memory signed = signP(headOfFreeze(product.productId, true, 0), "regulator");
        vm.expectEmit(address(products));
        emit IProductRegistry.ProductFreezeChanged(product.productId, true, idOf("regulator"), REASON);
        products.setFrozen(product.productId, true, REASON, 0, signed);
        bytes memory frozen = abi.encodeWithSelector(
            IProductRegistry.ProductRegistryFrozen.selector,
            product.productId
        );
        vm.expectRevert(frozen);
        products.requireTradable(product.productId, 1);
        vm.expectRevert(frozen);
        products.requireNotFrozen(product.productId);
        _refuseAct(next, IProductRegistry.ProductAct.LIST, "provider", frozen);
        act(product, IProductRegistry.ProductAct.SUSPEND, "provider");
        _refuseAct(product, IProductRegistry.ProductAct.RESUME, "provider", frozen);
        setFrozen(product.productId, false);
        products.requireNotFrozen(product.productId);
        act(product, IProductRegistry.ProductAct.RESUME, "provider");
        products.requireTradable(product.productId, 1);
    }

    function test_setFrozen_withAnotherNonceOrOfAnUnknownProduct_isRefused() public {
        IProductRegistry.ProductVersion memory product = listed("a", 0);
        setFrozen(product.productId, true);
        setFrozen(product.productId, false);
        PartySignature memory signed = signP(headOfFreeze(product.productId, true, 0), "regulator");
        vm.expectRevert(abi.encodeWithSelector(IProductRegistry.ProductRegistryWrongNonce.selector, 2, 0));
        products.setFrozen(product.productId, true, REASON, 0, signed);
        ProductId unknown = ProductId.wrap("unknown");
        vm.expectRevert(abi.encodeWithSelector(IProductRegistry.ProductRegistryUnknownProduct.selector, unknown, 0));
        products.setFrozen(unknown, true, REASON, 0, signed);
    }

    function test_unknownVersions_areRefusedEverywhere() public {
        IProductRegistry.ProductVersion memory product = listed("a", 0);
        ProductId id = product.productId;
        bytes memory unknown = abi.encodeWithSelector(IProductRegistry.ProductRegistryUnknownProduct.selector, id, 2);
        PartySignature memory signed = signP("", "trading");
        vm.expectRevert(unknown);
        products.review(id, 2, true, REVIEW, one(signed));
        vm.expectRevert(unknown);
        products.file(id, 2, FILING, 300, signed);
        vm.expectRevert(unknown);
        products.act(id, 2, IProductRegistry.ProductAct.DELIST, REASON, 0, signed);
        vm.expectRevert(unknown);
        products.productOf(id, 2);
        vm.expectRevert(unknown);
        products.requireTradable(id, 2);
    }

    function test_requireTradable_ofWhatIsNotListed_isRefused() public {
        for (uint256 status = 1; status <= 7; ++status) {
            IProductRegistry.ProductVersion memory product = _at(IProductRegistry.ProductStatus(status));
            if (status != uint256(IProductRegistry.ProductStatus.LISTED)) {
                vm.expectRevert(_wrongStatus(product, IProductRegistry.ProductStatus(status)));
            }
            products.requireTradable(product.productId, 1);
        }
    }

    /// @dev A product with public data in this state.
    function _at(
        IProductRegistry.ProductStatus status
    ) private returns (IProductRegistry.ProductVersion memory product) {
        product = productOf(vm.toString(uint256(status)), 1, 1);
        register(product);
        if (status == IProductRegistry.ProductStatus.REGISTERED) {
            return product;
        }
        review(product, status != IProductRegistry.ProductStatus.REFUSED);
        if (status <= IProductRegistry.ProductStatus.REFUSED) {
            return product;
        }
        fileProduct(product, 300);
        if (status == IProductRegistry.ProductStatus.FILED) {
            return product;
        }
        act(product, IProductRegistry.ProductAct.LIST, "provider");
        if (status == IProductRegistry.ProductStatus.SUSPENDED) {
            act(product, IProductRegistry.ProductAct.SUSPEND, "provider");
        } else if (status == IProductRegistry.ProductStatus.DELISTED) {
            act(product, IProductRegistry.ProductAct.DELIST, "provider");
        }
    }

    function _requireRecord(
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductStatus status,
        uint32 revision
    ) private view {
        IProductRegistry.ProductRecord memory record = products.productOf(product.productId, product.version);
        vm.assertTrue(record.status == status && record.revision == revision);
        vm.assertEq(abi.encode(record.weights), abi.encode(product.weights));
        vm.assertTrue(!(record.currency != product.currency) && record.unitPrice == product.unitPrice);
        vm.assertEq(record.contentDigest, product.contentDigest);
        vm.assertEq(record.priceRuleDigest, product.priceRuleDigest);
    }

    function _expect(bytes memory error_, IProductRegistry.ProductVersion memory product) private {
        PartySignature memory signed = signP(headOfVersion(product), "provider");
        vm.expectRevert(error_);
        products.register(product, signed);
    }

    function _refuseAct(
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductAct act_,
        string memory name,
        bytes memory error_
    ) private {
        uint256 nonce = products.productOf(product.productId, product.version).revision;
        PartySignature memory signed = signP(headOfAct(product, act_, nonce), name);
        vm.expectRevert(error_);
        products.act(product.productId, product.version, act_, REASON, nonce, signed);
    }

    function _wrongStatus(
        IProductRegistry.ProductVersion memory product,
        IProductRegistry.ProductStatus status
    ) private pure returns (bytes memory) {
        bytes4 error_ = IProductRegistry.ProductRegistryWrongStatus.selector;
        return abi.encodeWithSelector(error_, product.productId, product.version, status);
    }
}
