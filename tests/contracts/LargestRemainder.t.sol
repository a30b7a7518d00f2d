// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {LargestRemainder} from "../../contracts/libraries/LargestRemainder.sol";
import {SplitHarness} from "../../contracts/mocks/SplitHarness.sol";
import {BodyId, LineId} from "../../contracts/types/Ids.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title The split is exact, fair to one unit, and the same for everybody
contract LargestRemainderTest is Test {
    LineId private constant _LINE = LineId.wrap(keccak256("line"));

    SplitHarness private _harness;

    function setUp() public {
        _harness = SplitHarness(deployed("SplitHarness", ""));
    }

    function test_split_givesTheUnitsLeftToTheLargestRemainders() public view {
        uint256[] memory weights = new uint256[](3);
        (weights[0], weights[1], weights[2]) = (50, 29, 21);
        uint64[] memory parts = _harness.split(10, weights, _LINE, _recipients(3));
        // exact shares 5.0, 2.9, 2.1
        vm.assertEq(parts[0], 5);
        vm.assertEq(parts[1], 3);
        vm.assertEq(parts[2], 2);
    }

    function test_split_ordersEqualRemaindersByHash() public view {
        uint256[] memory weights = new uint256[](2);
        (weights[0], weights[1]) = (1, 1);
        BodyId[] memory recipients = _recipients(2);
        uint64[] memory parts = _harness.split(1, weights, _LINE, recipients);
        bool isFirst = keccak256(abi.encode(_LINE, recipients[0])) < keccak256(abi.encode(_LINE, recipients[1]));
        vm.assertEq(parts[0], isFirst ? 1 : 0);
        vm.assertEq(parts[1], isFirst ? 0 : 1);
    }

    function test_split_ordersTheSameRecipientByPlace() public view {
        uint256[] memory weights = new uint256[](2);
        (weights[0], weights[1]) = (1, 1);
        BodyId[] memory recipients = _recipients(2);
        recipients[1] = recipients[0];
        uint64[] memory parts = _harness.split(1, weights, _LINE, recipients);
        vm.assertEq(parts[0], 1);
        vm.assertEq(parts[1], 0);
    }

    function test_split_refusesNobodyTooManyAndUnequalLengths() public {
        uint256[] memory weights = new uint256[](251);
        vm.expectRevert(abi.encodeWithSelector(LargestRemainder.LargestRemainderRecipientCount.selector, 0));
        _harness.split(1, weights, _LINE, _recipients(0));
        vm.expectRevert(abi.encodeWithSelector(LargestRemainder.LargestRemainderRecipientCount.selector, 251));
        _harness.split(1, weights, _LINE, _recipients(251));
        vm.expectRevert(abi.encodeWithSelector(LargestRemainder.LargestRemainderLengthMismatch.selector, 251, 2));
        _harness.split(1, weights, _LINE, _recipients(2));
    }

    function test_split_refusesWeightsOfZeroAndBeyond64Bits() public {
        uint256[] memory weights = new uint256[](2);
        vm.expectRevert(abi.encodeWithSelector(LargestRemainder.LargestRemainderTotalWeight.selector, 0));
        _harness.split(1, weights, _LINE, _recipients(2));
        weights[1] = 2 ** 64;
        vm.expectRevert(abi.encodeWithSelector(LargestRemainder.LargestRemainderTotalWeight.selector, 2 ** 64));
        _harness.split(1, weights, _LINE, _recipients(2));
        (weights[0], weights[1]) = (2 ** 63, 2 ** 63);
        vm.expectRevert(abi.encodeWithSelector(LargestRemainder.LargestRemainderTotalWeight.selector, 2 ** 64));
        _harness.split(1, weights, _LINE, _recipients(2));
    }

    /// @notice Sum exact; every part within one unit of its exact share; who got a unit was before who got none,
    /// by remainder, then by hash, then by place. One time of sixteen among up to 250 recipients.
    function test_fuzz_split_isExactAndFair(uint64 total, uint64[12] calldata raw, uint8 size) public view {
        uint256 count = 1 + (size < 240 ? size % 12 : raw[0] % 250);
        uint256[] memory weights = _weights(raw, count, size % 2 == 0 ? 2 : 56);
        uint256 totalWeight = 0;
        for (uint256 i = 0; i < count; ++i) {
            totalWeight += weights[i];
        }
        BodyId[] memory recipients = _recipients(count);
        uint64[] memory parts = _harness.split(total, weights, _LINE, recipients);
        uint256 sum = 0;
        uint256 leastServed = type(uint256).max;
        uint256 mostUnserved = 0;
        for (uint256 i = 0; i < count; ++i) {
            sum += parts[i];
            uint256 floor = (uint256(total) * weights[i]) / totalWeight;
            uint256 remainder = (uint256(total) * weights[i]) % totalWeight;
            uint256 rank = _rankOf(remainder, recipients[i], i);
            if (parts[i] == floor) {
                mostUnserved = rank > mostUnserved ? rank : mostUnserved;
            } else {
                vm.assertEq(parts[i], floor + 1);
                vm.assertTrue(remainder != 0);
                leastServed = rank < leastServed ? rank : leastServed;
            }
        }
        vm.assertEq(sum, total);
        vm.assertTrue(mostUnserved < leastServed, "served before its turn");
    }

    /// @dev Numbers of two bits, among which remainders are often equal, or of fifty-six; the first is never zero.
    function _weights(
        uint64[12] calldata raw,
        uint256 count,
        uint256 bits
    ) private pure returns (uint256[] memory weights) {
        weights = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            weights[i] = (uint256(raw[i % 12]) >> (i / 12)) % 2 ** bits;
        }
        ++weights[0];
    }

    /// @dev Greater is sooner. The first 23 bytes of the hash decide, smallest first; then the place.
    function _rankOf(uint256 remainder, BodyId recipient, uint256 place) private pure returns (uint256) {
        uint256 tie = type(uint184).max - uint184(bytes23(keccak256(abi.encode(_LINE, recipient))));
        return remainder * 2 ** 192 + tie * 2 ** 8 + (255 - place);
    }

    function _recipients(uint256 count) private pure returns (BodyId[] memory recipients) {
        recipients = new BodyId[](count);
        for (uint256 i = 0; i < count; ++i) {
            recipients[i] = BodyId.wrap(keccak256(abi.encode("recipient", i)));
        }
    }
}
