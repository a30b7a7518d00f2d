// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "../../contracts/interfaces/IProductRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {TradeFixture} from "./helpers/Trade.sol";

/// @title Every signature that the product registry takes
contract ProductRegistryActsTest is TradeFixture, SignedActs {
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
        RESUME_OWN,
        DELIST,
        DELIST_OWN,
        FREEZE,
        THAW
    }

    Rows private _row;
    IProductRegistry.ProductVersion private _product;

    function setUp() public override(PartiesFixture, TradeFixture) {
        TradeFixture.setUp();
    }

    function test_everySignature_isHeldToTheTable() public {
        for (uint256 i = 0; i <= uint256(type(Rows).max); ++i) {
            _row = Rows(i);
            (string memory name, string memory signer, bytes memory head) = _prepare(vm.toString(i));
            checkAct(Act(name, PRODUCTS, address(products), head, signer, _callOf, _errorOfReplay()));
        }
    }

    /// @dev Makes objects of its own for the row, up to the state in which its act is due.
    function _prepare(string memory name) private returns (string memory, string memory, bytes memory) {
        Rows row = _row;
        bool isPublic = row >= Rows.REVIEW_PUBLIC_BY_TRADING && row <= Rows.FILE;
        if (row >= Rows.LIST) {
            return _prepareListed(row, name);
        }
        _product = productOf(name, 1, isPublic ? 400_000 : 0);
        if (row == Rows.REGISTER) {
            return ("ProductRegistry.register.provider", "provider", headOfVersion(_product));
        }
        register(_product);
        bytes memory head = headOfReview(_product, true);
        if (row == Rows.FILE) {
            review(_product, true);
            return ("ProductRegistry.file.authority", "price", headOfProductFiling(_product, 300));
        }
        if (row == Rows.REVIEW_PUBLIC_BY_AUTHORISATION) {
            return ("ProductRegistry.review.authorisation", "authorisation", head);
        }
        return ("ProductRegistry.review.trading", "trading", head);
    }

    /// @dev The row's call with this signature in its place.
    function _callOf(PartySignature memory signed) private view returns (bytes memory) {
        Rows row = _row;
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

    function _errorOfReplay() private view returns (bytes memory) {
        Rows row = _row;
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

    /// @dev Who may act is answered by what is asked: the suspender resumes, the provider lists, a platform may too.
    function refusalOf(
        Act memory act,
        Signer memory signer,
        BodyId body
    ) internal view override returns (bytes memory) {
        if (_row == Rows.RESUME || _row == Rows.RESUME_OWN) {
            if (body != idOf(act.signer)) {
                bytes4 byOther = IProductRegistry.ProductRegistrySuspendedByOther.selector;
                return abi.encodeWithSelector(byOther, idOf(act.signer));
            }
        }
        if (_row == Rows.SUSPEND_OWN || _row == Rows.DELIST_OWN) {
            bytes4 missingRole = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
            return abi.encodeWithSelector(missingRole, body, stub.bodyOf(body).roles, BodyRoles.PLATFORMS);
        }
        return super.refusalOf(act, signer, body);
    }

    function _prepareListed(Rows row, string memory name) private returns (string memory, string memory, bytes memory) {
        if (row == Rows.LIST) {
            _product = productOf(name, 1, 0);
            register(_product);
            review(_product, true);
        } else {
            _product = listed(name, 0);
        }
        if (row == Rows.RESUME || row == Rows.RESUME_OWN) {
            act(_product, IProductRegistry.ProductAct.SUSPEND, row == Rows.RESUME ? "trading" : "provider");
        }
        if (row == Rows.FREEZE) {
            return ("ProductRegistry.setFrozen.freeze", "regulator", headOfFreeze(_product.productId, true, 0));
        }
        if (row == Rows.THAW) {
            setFrozen(_product.productId, true);
            return ("ProductRegistry.setFrozen.thaw", "regulator", headOfFreeze(_product.productId, false, 1));
        }
        bool isOwn = row == Rows.LIST || row == Rows.SUSPEND_OWN || row == Rows.RESUME_OWN || row == Rows.DELIST_OWN;
        return (_nameOf(row), isOwn ? "provider" : "trading", headOfAct(_product, _actOf(row), _nonceOf(row)));
    }

    function _nameOf(Rows row) private pure returns (string memory) {
        if (row == Rows.LIST) {
            return "ProductRegistry.act.list";
        }
        if (row == Rows.SUSPEND) {
            return "ProductRegistry.act.suspend";
        }
        if (row == Rows.SUSPEND_OWN) {
            return "ProductRegistry.act.suspendOwn";
        }
        if (row == Rows.RESUME) {
            return "ProductRegistry.act.resume";
        }
        if (row == Rows.RESUME_OWN) {
            return "ProductRegistry.act.resumeOwn";
        }
        return row == Rows.DELIST ? "ProductRegistry.act.delist" : "ProductRegistry.act.delistOwn";
    }

    function _actOf(Rows row) private pure returns (IProductRegistry.ProductAct) {
        if (row == Rows.LIST) {
            return IProductRegistry.ProductAct.LIST;
        }
        if (row == Rows.RESUME || row == Rows.RESUME_OWN) {
            return IProductRegistry.ProductAct.RESUME;
        }
        return row >= Rows.DELIST ? IProductRegistry.ProductAct.DELIST : IProductRegistry.ProductAct.SUSPEND;
    }

    function _nonceOf(Rows row) private pure returns (uint256) {
        return
            row == Rows.LIST
                ? 0
                : row == Rows.RESUME || row == Rows.RESUME_OWN
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
        if (row == Rows.LIST || row == Rows.RESUME || row == Rows.RESUME_OWN) {
            return IProductRegistry.ProductStatus.LISTED;
        }
        return row >= Rows.DELIST ? IProductRegistry.ProductStatus.DELISTED : IProductRegistry.ProductStatus.SUSPENDED;
    }
}
