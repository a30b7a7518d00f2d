// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SplitVector} from "../../contracts/libraries/SplitVector.sol";
import {SplitHarness} from "../../contracts/mocks/SplitHarness.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {Part, PartWeights, Recipient} from "../../contracts/types/Terms.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Part weights and shares as one vector
contract SplitVectorTest is Test {
    SplitHarness private _harness;
    PartWeights private _mixed = PartWeights(600_000, 400_000, 0);
    uint32[] private _agreed;

    function setUp() public {
        _harness = SplitHarness(deployed("SplitHarness", ""));
    }

    function test_flatten_multipliesPartAndShare() public view {
        (uint256[] memory weights, BodyId[] memory recipients) = _harness.flatten(_mixed, _entries(), _agreed);
        vm.assertEq(weights[0], 600_000 * 250_000);
        vm.assertEq(weights[1], 600_000 * 750_000);
        vm.assertEq(weights[2], 400_000 * 1_000_000);
        vm.assertEq(weights[0] + weights[1] + weights[2], 10 ** 12);
        vm.assertEq(BodyId.unwrap(recipients[2]), bytes32(uint256(1)));
    }

    function test_flatten_takesThePeriodsShares() public view {
        uint32[] memory shares = new uint32[](3);
        (shares[0], shares[1], shares[2]) = (300_000, 700_000, 1_000_000);
        (uint256[] memory weights, ) = _harness.flatten(_mixed, _entries(), shares);
        vm.assertEq(weights[0], 600_000 * 300_000);
        vm.assertEq(weights[1], 600_000 * 700_000);
    }

    function test_flatten_refusesSharesOutsideTheAgreedBounds() public {
        uint32[] memory shares = new uint32[](3);
        (shares[0], shares[1], shares[2]) = (300_001, 699_999, 1_000_000);
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorShareOutOfBounds.selector, 0, 300_001));
        _harness.flatten(_mixed, _entries(), shares);
        (shares[0], shares[1]) = (199_999, 800_001);
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorShareOutOfBounds.selector, 0, 199_999));
        _harness.flatten(_mixed, _entries(), shares);
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorShareCount.selector, 1, 3));
        _harness.flatten(_mixed, _entries(), new uint32[](1));
    }

    function test_flatten_refusesSumsThatAreNotWhole() public {
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorPartWeightSum.selector, 1_000_001));
        _harness.flatten(PartWeights(600_000, 400_000, 1), _entries(), _agreed);
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorShareSum.selector, Part.PERSONAL, 0));
        _harness.flatten(PartWeights(500_000, 400_000, 100_000), _entries(), _agreed);
    }

    function test_flatten_refusesRecipientsOutOfOrder() public {
        Recipient[] memory entries = _entries();
        (entries[0], entries[1]) = (entries[1], entries[0]);
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorNotAscending.selector, 1));
        _harness.flatten(_mixed, entries, _agreed);
        entries = _entries();
        entries[1] = entries[0];
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorNotAscending.selector, 1));
        _harness.flatten(_mixed, entries, _agreed);
        entries = _entries();
        entries[2].part = Part.PUBLIC;
        entries[1].part = Part.ENTERPRISE;
        vm.expectRevert(abi.encodeWithSelector(SplitVector.SplitVectorNotAscending.selector, 2));
        _harness.flatten(_mixed, entries, _agreed);
    }

    function _entries() private pure returns (Recipient[] memory entries) {
        entries = new Recipient[](3);
        entries[0] = Recipient(BodyId.wrap(bytes32(uint256(1))), Part.PUBLIC, 250_000, 200_000, 300_000);
        entries[1] = Recipient(BodyId.wrap(bytes32(uint256(2))), Part.PUBLIC, 750_000, 0, 1_000_000);
        entries[2] = Recipient(BodyId.wrap(bytes32(uint256(1))), Part.ENTERPRISE, 1_000_000, 0, 1_000_000);
    }
}
