// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SplitHarness} from "../../contracts/mocks/SplitHarness.sol";
import {BodyId, LineId} from "../../contracts/types/Ids.sol";
import {Part, PartWeights, Recipient} from "../../contracts/types/Terms.sol";
import {Test} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Parts and shares flattened and split: the weights sum to 10^12 and the parts to the gross
contract SplitVectorFuzzTest is Test {
    uint256 private constant _WHOLE = 1_000_000;

    SplitHarness private _harness;
    uint32[] private _agreed;

    function setUp() public {
        _harness = SplitHarness(deployed("SplitHarness", ""));
    }

    function test_fuzz_flattenAndSplit_loseNothing(
        uint64 gross,
        uint32[2] calldata cuts,
        uint8[3] calldata sizes
    ) public view {
        Recipient[] memory entries = _entries(sizes);
        (uint256[] memory weights, BodyId[] memory bodies) = _harness.flatten(_weights(cuts), entries, _agreed);
        uint256 total = 0;
        for (uint256 i = 0; i < weights.length; ++i) {
            total += weights[i];
        }
        vm.assertEq(total, _WHOLE ** 2);
        uint64[] memory parts = _harness.split(gross, weights, LineId.wrap(bytes32(uint256(gross))), bodies);
        uint256 sum = 0;
        for (uint256 i = 0; i < parts.length; ++i) {
            sum += parts[i];
            uint256 floor = (uint256(gross) * weights[i]) / total;
            vm.assertTrue(parts[i] == floor || parts[i] == floor + 1);
        }
        vm.assertEq(sum, gross);
    }

    function _weights(uint32[2] calldata cuts) private pure returns (PartWeights memory) {
        uint32 first = uint32(cuts[0] % (_WHOLE + 1));
        uint32 second = uint32(cuts[1] % (_WHOLE + 1 - first));
        return PartWeights(first, second, uint32(_WHOLE) - first - second);
    }

    /// @dev One to four recipients a part, in equal shares; what does not divide is the first one's.
    function _entries(uint8[3] calldata sizes) private pure returns (Recipient[] memory entries) {
        uint256[3] memory counts = [
            1 + (uint256(sizes[0]) % 4),
            1 + (uint256(sizes[1]) % 4),
            1 + (uint256(sizes[2]) % 4)
        ];
        entries = new Recipient[](counts[0] + counts[1] + counts[2]);
        uint256 place = 0;
        for (uint256 part = 0; part < 3; ++part) {
            for (uint256 i = 0; i < counts[part]; ++i) {
                uint256 share = _WHOLE / counts[part] + (i == 0 ? _WHOLE % counts[part] : 0);
                entries[place] = Recipient(BodyId.wrap(bytes32(i + 1)), Part(part), uint32(share), 0, 1_000_000);
                ++place;
            }
        }
    }
}
