// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PackedAmounts} from "../../contracts/libraries/PackedAmounts.sol";
import {SplitHarness} from "../../contracts/mocks/SplitHarness.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Amounts come back from storage as they went in
contract PackedAmountsTest is Test {
    int64 private constant _MAX = int64(2 ** 47 - 1);

    SplitHarness private _harness;

    function setUp() public {
        _harness = SplitHarness(deployed("SplitHarness", ""));
    }

    function test_fuzz_store_overWhateverStoodThere(int48[7] calldata first, int48[7] calldata second) public {
        int64[] memory amounts = new int64[](7);
        for (uint256 round = 0; round < 2; ++round) {
            for (uint256 i = 0; i < 7; ++i) {
                int48 amount = round == 0 ? first[i] : second[i];
                amounts[i] = amount == type(int48).min ? -_MAX : int64(amount);
            }
            _harness.store(amounts);
            int64[] memory stored = _harness.loadAll(7);
            for (uint256 i = 0; i < 7; ++i) {
                vm.assertTrue(stored[i] == amounts[i] && _harness.load(i) == amounts[i]);
            }
            vm.assertTrue(_harness.load(7) == 0);
        }
    }

    function test_store_takesTheGreatestAndRefusesOneMore() public {
        int64[] memory amounts = new int64[](2);
        (amounts[0], amounts[1]) = (_MAX, -_MAX);
        _harness.store(amounts);
        vm.assertTrue(_harness.load(0) == _MAX && _harness.load(1) == -_MAX);
        amounts[1] = -_MAX - 1;
        vm.expectRevert(abi.encodeWithSelector(PackedAmounts.PackedAmountsTooLarge.selector, 1, -_MAX - 1));
        _harness.store(amounts);
        amounts[0] = _MAX + 1;
        vm.expectRevert(abi.encodeWithSelector(PackedAmounts.PackedAmountsTooLarge.selector, 0, _MAX + 1));
        _harness.store(amounts);
    }
}
