// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {TradeActsBehaviour} from "./behaviours/TradeActs.sol";

/// @title Every signature that the product registry takes
contract ProductRegistryActsTest is TradeActsBehaviour {
    enum Rows {
        REGISTER,
        REVIEW,
        REVIEW_PUBLIC_BY_TRADING,
        REVIEW_PUBLIC_BY_AUTHORISATION,
        FILE,
        LIST,
        SUSPEND,
        SUSPEND_OWN,
        RESUME,
        DELIST,
        FREEZE,
        THAW
    }

    IProductRegistry.ProductVersion private _product;

    function rows() internal pure override returns (uint256) {
        return uint256(type(Rows).max) + 1;
    }

    function target() internal view override returns (address) {
        return address(products);
    }

    function domain() internal pure override returns (string memory) {
        return PRODUCTS;
    }

    function prepare(uint256 number) internal override returns (Row memory) {
        Rows row = Rows(number);
        string memory name = vm.toString(number);
        bool isPublic = row >= Rows.REVIEW_PUBLIC_BY_TRADING && row <= Rows.FILE;
        if (row >= Rows.LIST) {
            return _prepareListed(row, name);
        }
        _product = productOf(name, 1, isPublic ? 400_000 : 0);
        if (row == Rows.REGISTER) {
            return Row("register", "provider", true, 1 | 4 | 16, false, headOfVersion(_product));
        }
        register(_product);
        bytes memory head = headOfReview(_product, true);
        if (row == Rows.FILE) {
            review(_product, true);
            uint32 roles = BodyRoles.AUTHORISATION_PLATFORM | BodyRoles.PRICE_AUTHORITY;
            return Row("file", "price", false, roles, false, headOfProductFiling(_product, 300));
        }
        if (row == Rows.REVIEW_PUBLIC_BY_AUTHORISATION) {
            return Row("review", "authorisation", false, BodyRoles.AUTHORISATION_PLATFORM, false, head);
        }
        return Row("review", "trading", false, BodyRoles.TRADING_PLATFORM, false, head);
    }

    function callOf(uint256 number, PartySignature memory signed) internal view override returns (bytes memory) {
        Rows row = Rows(number);
        if (row == Rows.REGISTER) {
            return abi.encodeCall(IProductRegistry.register, (_product, signed));
        }
        if (row == Rows.FILE) {
            return abi.encodeCall(IProductRegistry.file, (_product.productId, 1, FILING, 300, signed));
        }
        if (row >= Rows.FREEZE) {
            bool frozen = row == Rows.FREEZE;
            return
                abi.encodeCall(
                    IProductRegistry.setFrozen,
                    (_product.productId, frozen, REASON, frozen ? 0 : 1, signed)
                );
        }
        if (row >= Rows.LIST) {
            return
                abi.encodeCall(
                    IProductRegistry.act,
                    (_product.productId, 1, _actOf(row), REASON, _nonceOf(row), signed)
                );
        }
        bytes memory head = headOfReview(_product, true);
        PartySignature[] memory platforms = one(signed);
        if (row == Rows.REVIEW_PUBLIC_BY_TRADING) {
            platforms = two(signed, signP(head, "authorisation"));
        } else if (row == Rows.REVIEW_PUBLIC_BY_AUTHORISATION) {
            platforms = two(signP(head, "trading"), signed);
        }
        return abi.encodeCall(IProductRegistry.review, (_product.productId, 1, true, REVIEW, platforms));
    }

    function errorOfReplay(uint256 number) internal view override returns (bytes memory) {
        Rows row = Rows(number);
        if (row == Rows.REGISTER) {
            bytes4 wrongVersion = IProductRegistry.ProductRegistryWrongVersion.selector;
            return abi.encodeWithSelector(wrongVersion, _product.productId, 2, 1);
        }
        if (row >= Rows.FREEZE) {
            bytes4 unchanged = IProductRegistry.ProductRegistryFreezeUnchanged.selector;
            return abi.encodeWithSelector(unchanged, _product.productId, row == Rows.FREEZE);
        }
        bytes4 wrongStatus = IProductRegistry.ProductRegistryWrongStatus.selector;
        return abi.encodeWithSelector(wrongStatus, _product.productId, 1, _statusAfter(row));
    }

    function _prepareListed(Rows row, string memory name) private returns (Row memory) {
        if (row == Rows.LIST) {
            _product = productOf(name, 1, 0);
            register(_product);
            review(_product, true);
        } else {
            _product = listed(name, 0);
        }
        if (row == Rows.RESUME) {
            act(_product, IProductRegistry.ProductAct.SUSPEND, "trading");
        }
        if (row >= Rows.FREEZE) {
            bool frozen = row == Rows.FREEZE;
            if (!frozen) {
                setFrozen(_product.productId, true);
            }
            bytes memory freeze = headOfFreeze(_product.productId, frozen, frozen ? 0 : 1);
            return Row("setFrozen", "regulator", false, BodyRoles.REGULATOR, false, freeze);
        }
        bytes memory head = headOfAct(_product, _actOf(row), _nonceOf(row));
        if (row == Rows.LIST) {
            return Row("act: list", "provider", true, 0, false, head);
        }
        if (row == Rows.SUSPEND_OWN) {
            return Row("act: suspend own", "provider", false, 0, false, head);
        }
        return Row("act by a platform", "trading", false, BodyRoles.PLATFORMS, false, head);
    }

    function _actOf(Rows row) private pure returns (IProductRegistry.ProductAct) {
        if (row == Rows.LIST) {
            return IProductRegistry.ProductAct.LIST;
        }
        if (row == Rows.RESUME) {
            return IProductRegistry.ProductAct.RESUME;
        }
        return row == Rows.DELIST ? IProductRegistry.ProductAct.DELIST : IProductRegistry.ProductAct.SUSPEND;
    }

    function _nonceOf(Rows row) private pure returns (uint256) {
        return
            row == Rows.LIST
                ? 0
                : row == Rows.RESUME
                    ? 2
                    : 1;
    }

    function _statusAfter(Rows row) private pure returns (IProductRegistry.ProductStatus) {
        if (row < Rows.FILE) {
            return IProductRegistry.ProductStatus.REVIEWED;
        }
        if (row == Rows.FILE) {
            return IProductRegistry.ProductStatus.FILED;
        }
        if (row == Rows.LIST || row == Rows.RESUME) {
            return IProductRegistry.ProductStatus.LISTED;
        }
        return row == Rows.DELIST ? IProductRegistry.ProductStatus.DELISTED : IProductRegistry.ProductStatus.SUSPENDED;
    }
}
